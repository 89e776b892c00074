"""What a scenario builds, as objects of a city model: boxes for buildings, strips for walls and dikes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from citymodel.builder import CityModelBuilder
from citymodel.changes import AddBox, AddWall

F8 = NDArray[np.float64]

STATION = 4.0
"""Metres between two places at which a wall follows the ground."""
MOST_STATIONS = 4000
SHARPEST = 3.0
"""Half widths that the corner of a bend may stand off the line."""

Faces = list[tuple[str, list[list[float]]]]
"""A surface's type and the polygons of it, x y z x y z …"""


def add_box(builder: CityModelBuilder, box: AddBox) -> None:
    """A Building with ground, walls and roof as surfaces, and an LoD2 solid that refers to them."""
    ring = np.asarray(box.footprint, dtype=np.float64)
    following = np.roll(ring, -1, axis=0)
    if np.sum(ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]) < 0:
        ring = ring[::-1]
        following = np.roll(ring, -1, axis=0)
    low = float(box.base or 0.0)
    high = low + box.height
    walls = [
        [a[0], a[1], low, b[0], b[1], low, b[0], b[1], high, a[0], a[1], high]
        for a, b in zip(ring.tolist(), following.tolist(), strict=True)
    ]
    ground = [v for x, y in ring[::-1].tolist() for v in (x, y, low)]
    roof = [v for x, y in ring.tolist() for v in (x, y, high)]
    faces: Faces = [("GroundSurface", [ground]), *(("WallSurface", [one]) for one in walls), ("RoofSurface", [roof])]
    _add_solid(builder, box.id, "Building", {"name": box.name, "measuredHeight": box.height, "proposed": True}, faces)


def stations(wall: AddWall) -> F8:
    """(n, 2) places along a wall's line, its corners among them; a ring's last is its first again."""
    line = np.asarray(wall.line, dtype=np.float64)
    apart = max(STATION, wall.length / MOST_STATIONS)
    parts = [line[:1]]
    for a, b in pairwise(line):
        steps = max(1, int(np.ceil(np.linalg.norm(b - a) / apart)))
        parts.append(a + (b - a) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(parts)


def crest(wall: AddWall, ground: F8) -> F8:
    """(n,) height of a wall's top over ground of these heights, metres; a level one never dips below the ground."""
    return ground + wall.height if wall.base is None else np.maximum(ground, wall.base + wall.height)


def add_wall(builder: CityModelBuilder, wall: AddWall, places: F8, ground: F8) -> None:
    """An OtherConstruction that stands on ``ground``, (n,) metres at the (n, 2) places along its line."""
    top = crest(wall, ground)
    left, right = _sides(places, wall.width / 2.0)
    lows, highs = [np.column_stack([side, ground]) for side in (left, right)], [
        np.column_stack([side, top]) for side in (left, right)
    ]  # fmt: skip
    before, after = slice(None, -1), slice(1, None)
    roof = _quads(highs[0][before], highs[1][before], highs[1][after], highs[0][after])
    floor = _quads(lows[0][before], lows[0][after], lows[1][after], lows[1][before])
    walls = [
        *_quads(lows[0][after], lows[0][before], highs[0][before], highs[0][after]),
        *_quads(lows[1][before], lows[1][after], highs[1][after], highs[1][before]),
    ]
    if not np.array_equal(places[0], places[-1]):
        first, last = slice(0, 1), slice(-1, None)
        walls += _quads(lows[0][first], lows[1][first], highs[1][first], highs[0][first])
        walls += _quads(lows[1][last], lows[0][last], highs[0][last], highs[1][last])
    told = {"name": wall.name, "height": wall.height, "width": wall.width, "proposed": True}
    faces: Faces = [("GroundSurface", floor), ("WallSurface", walls), ("RoofSurface", roof)]
    _add_solid(builder, wall.id, "OtherConstruction", told, faces)


def _sides(places: F8, half: float) -> tuple[F8, F8]:
    """(n, 2) places left and right of a line, half a width off it, mitred where it bends."""
    along = np.diff(places, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    ring = np.array_equal(places[0], places[-1])
    before = np.concatenate([along[-1:] if ring else along[:1], along])
    after = np.concatenate([along, along[:1] if ring else along[-1:]])
    middle = before + after
    length = np.linalg.norm(middle, axis=1)
    back = length < 1e-9  # the line turns about; no mitre exists
    middle[back], length[back] = after[back], 1.0
    middle /= length[:, None]
    reach = half * np.minimum(1.0 / np.maximum(np.sum(middle * after, axis=1), 1e-9), SHARPEST)
    off = np.column_stack([-middle[:, 1], middle[:, 0]]) * reach[:, None]
    return places + off, places - off


def _quads(a: F8, b: F8, c: F8, d: F8) -> list[list[float]]:
    return [one.tolist() for one in np.concatenate([a, b, c, d], axis=1)]


def _add_solid(builder: CityModelBuilder, id: str, kind: str, told: dict[str, object], faces: Faces) -> None:
    """An object with boundary surfaces, and an LoD2 solid that refers to them."""
    owner = builder.add_object(id, kind, attributes=told)
    shell = builder.add_node("Shell")
    solid = builder.add_node("Solid")
    builder.add_member(solid, shell, is_node=True)
    for number, (name, outlines) in enumerate(faces):
        surface = builder.add_object(f"{id}-face-{number}", name, owner, is_surface=True)
        node = builder.add_node("MultiSurface")
        for at, outline in enumerate(outlines):
            suffix = f"{number}" if len(outlines) == 1 else f"{number}-{at}"
            polygon = builder.add_polygon([outline], f"{id}-polygon-{suffix}")
            builder.add_member(node, polygon)
            builder.add_member(shell, polygon, by_xlink=True)
        builder.add_geometry(owner, "MultiSurface", node, surface=surface, lod="2", role="lod2MultiSurface")
    builder.add_geometry(owner, "Solid", solid, lod="2", role="lod2Solid")
