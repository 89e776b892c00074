"""Small cities of boxes for façade tests: walls of stated or unstated kind, with attributes and windows."""

from __future__ import annotations

import numpy as np

from citymodel.builder import CityModelBuilder
from citymodel.document import Document
from citymodel.geo import Frame
from citymodel.layers import Layer

CRS = "EPSG:32631"
ORIGIN = (500_000.0, 5_750_000.0, 0.0)


def box(builder, name, low, high, *, attributes=None, stated=True, windows=(), parent=-1, inverted=False):
    """A closed box from corner to corner, metres from ORIGIN; windows as (side, u0, z0, u1, z1) on side 0 (south) …"""
    (x0, y0, z0), (x1, y1, z1) = np.add(ORIGIN, low), np.add(ORIGIN, high)
    row = builder.add_object(name, "Building" if parent < 0 else "BuildingPart", parent, attributes=attributes or {})
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    faces = [
        ("GroundSurface", [(*p, z0) for p in ring[::-1]]),
        ("RoofSurface", [(*p, z1) for p in ring]),
        *(
            ("WallSurface", [(*ring[k], z0), (*ring[(k + 1) % 4], z0), (*ring[(k + 1) % 4], z1), (*ring[k], z1)])
            for k in range(4)
        ),
    ]
    for number, (kind, outline) in enumerate(faces):
        surface = builder.add_object(f"{name}-{number}", kind, row, is_surface=True) if stated else -1
        put(builder, row, surface, outline[::-1] if inverted else outline, "2" if stated else "1")
        for k, (side, u0, w0, u1, w1) in enumerate(windows):
            if number == side + 2:
                a, b = np.array(ring[side]), np.array(ring[(side + 1) % 4])
                along = (b - a) / np.linalg.norm(b - a)
                pane = [(*(a + u * along), z0 + w) for u, w in ((u0, w0), (u1, w0), (u1, w1), (u0, w1))]
                put(builder, row, builder.add_object(f"{name}-w{k}", "Window", surface, is_surface=True), pane, "2")
    return row


def put(builder, row, surface, outline, lod):
    node = builder.add_node("MultiSurface")
    builder.add_member(node, builder.add_polygon([np.array(outline).ravel().tolist()]))
    builder.add_geometry(row, "MultiSurface", node, surface=surface, lod=lod)


def plain(builder, size=500.0, z=0.0):
    """A square of land around ORIGIN."""
    row = builder.add_object("plain", "LandUse")
    corners = [(-size, -size, z), (size, -size, z), (size, size, z), (-size, size, z)]
    put(builder, row, -1, np.add(ORIGIN, corners), "2")


def city(make, name="city"):
    """A layer of what ``make(builder)`` adds."""
    builder = CityModelBuilder("CityGML", "2.0")
    builder.crs = CRS
    make(builder)
    return Layer(name, name, "city", builder.build())


def document(*layers):
    return Document(frame=Frame(CRS, ORIGIN), layers=layers)
