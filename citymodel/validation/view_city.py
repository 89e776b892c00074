"""A city of equal blocks on a plane, and what an eye sees of it by the cutting of a line with boxes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.document import Document
from citymodel.geo import Frame
from citymodel.layers import Layer

CRS, ORIGIN = "EPSG:32631", (500_000.0, 5_750_000.0)
BLOCK, STREET, HIGH = 40.0, 20.0, 20.0
_NEAR = 1e-6  # share of a sight line next to its target, at which a box that the target lies on is no obstacle

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]


def blocks(size: float) -> tuple[Document, F8]:
    """The city in a square of so many metres around ORIGIN, and its boxes.

    Returns
    -------
    document : with a layer of the blocks and one of the level field
    boxes : (n, 4) xmin, ymin, xmax, ymax, metres from ORIGIN
    """
    from citymodel.builder import CityModelBuilder
    from citymodel.scenario import AddBox, Scenario, apply

    pitch, half = BLOCK + STREET, size / 2
    count = int(half // pitch)
    lows = (np.arange(-count, count) * pitch + STREET / 2).tolist()
    boxes = np.array([(x, y, x + BLOCK, y + BLOCK) for x in lows for y in lows])
    plan = tuple(
        AddBox(f"b{k}", f"Block {k}", tuple((ORIGIN[0] + box[a], ORIGIN[1] + box[b]) for a, b in _CORNERS), HIGH, 0.0)
        for k, box in enumerate(boxes.tolist())
    )
    field = CityModelBuilder("validation", "1")
    row = field.add_object("field", "LandUse")
    node = field.add_node("MultiSurface")
    outline = [v for x, y in _CORNERS_OF_ALL for v in (ORIGIN[0] + x * half, ORIGIN[1] + y * half, 0.0)]
    field.add_member(node, field.add_polygon([outline]))
    field.add_geometry(row, "MultiSurface", node, lod="2")
    town = apply(Scenario("town", "Town", plan), ())[0].data
    layers = tuple(
        Layer(name, name, "city", dataclasses.replace(model, crs=CRS))
        for name, model in (("town", town), ("field", field.build()))
    )
    return Document(frame=Frame(CRS, (*ORIGIN, 0.0)), layers=layers), boxes


_CORNERS = ((0, 1), (2, 1), (2, 3), (0, 3))
_CORNERS_OF_ALL = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def seen(raster: Any, eye: tuple[float, float, float], boxes: F8) -> Mask:
    """Which cells' centres, on the field or on a roof, an eye sees past the boxes: each line against each box.

    raster : gives the places; eye : metres from ORIGIN
    """
    x = np.asarray(raster.x, np.float64) - ORIGIN[0]
    y = np.asarray(raster.y, np.float64) - ORIGIN[1]
    across, up = np.meshgrid(x, y)
    roof = np.zeros(across.shape, dtype=bool)
    for left, low, right, high in boxes:
        roof |= (across >= left) & (across <= right) & (up >= low) & (up <= high)
    ends = (across, up, np.where(roof, HIGH, 0.0))
    found = np.ones(across.shape, dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for left, low, right, high in boxes:
            enters, leaves = np.zeros(across.shape), np.full(across.shape, 1.0 - _NEAR)
            for start, end, near, far in zip(eye, ends, (left, low, 0.0), (right, high, HIGH), strict=True):
                one, other = (near - start) / (end - start), (far - start) / (end - start)
                enters = np.fmax(enters, np.fmin(one, other))
                leaves = np.fmin(leaves, np.fmax(one, other))
            found &= ~(enters < leaves)
    return found
