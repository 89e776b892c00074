"""Land of city models where a proposal changes the ground: cut away above a changed terrain, else moved itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.changes import ChangeGround
from citymodel.earthworks import raised
from citymodel.model import CityModel
from citymodel.scene import values
from citymodel.scene.meshes import Tile

F4 = NDArray[np.float32]
Ring = tuple[tuple[float, float], ...]

LAND = ("terrain", "landuse", "road")
STEEPEST = 0.05
"""Metres that a bank runs at least for each metre it rises in the picture: an upright one would be a gap."""
BANDS = 4
"""Strips of which a bank is made, so that one that meets itself before its full depth has a form too."""
COVER = "PlantCover"
"""Vegetation that lies on the ground; trees stand."""


def without_land(tiles: list[Tile], model: CityModel, outlines: tuple[Ring, ...]) -> list[Tile]:
    """The tiles without the level land inside the outlines, local metres; the others stay the same objects."""
    return _each(tiles, model, tuple((ring, None) for ring in outlines))


def with_moved_land(tiles: list[Tile], model: CityModel, grounds: tuple[ChangeGround, ...]) -> list[Tile]:
    """The tiles with the level land inside the outlines raised or lowered, banks and all.

    grounds : in local metres, levels too
    """
    return _each(tiles, model, tuple((one.outline, one) for one in grounds))


def _each(tiles: list[Tile], model: CityModel, holes: tuple[tuple[Ring, ChangeGround | None], ...]) -> list[Tile]:
    """The tiles after each change in its turn; the others stay the same objects."""
    if not holes:
        return tiles
    names = model.objects.type_names
    flat = np.array([values.object_category(name) in LAND or name == COVER for name in names] + [False])
    type_of = np.append(model.objects.type, -1)
    found = []
    for tile in tiles:
        for ring, ground in holes:
            tile = _cut(tile, flat[type_of[tile.object]] & tile.level, ring, ground)
        if len(tile):
            found.append(tile)
    return found


def _cut(tile: Tile, land: NDArray[np.bool_], ring: Ring, ground: ChangeGround | None) -> Tile:
    """The tile with its marked triangles only where they lie outside the ring; inside as ``ground`` has them."""
    import shapely

    outline = shapely.Polygon(ring)
    low_x, low_y, high_x, high_y = outline.bounds
    corners = tile.points.reshape(-1, 3, 3)
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
    near = land & (low[:, 0] < high_x) & (high[:, 0] > low_x) & (low[:, 1] < high_y) & (high[:, 1] > low_y)
    rows = np.flatnonzero(near)
    if not len(rows):
        return tile
    shapes = shapely.polygons(corners[rows, :, :2].astype(np.float64))
    rest = np.asarray(shapely.difference(shapes, outline))
    touched = shapely.area(rest) < shapely.area(shapes) - 1e-6
    if not touched.any():
        return tile
    pieces = [_pieces(corners[row], left) for row, left in zip(rows[touched], rest[touched], strict=True)]
    if ground is not None:
        ground = replace(ground, slope=max(ground.slope, STEEPEST))
        bands = _bands(ground, corners[rows[touched], :, 2])
        pieces = [
            np.concatenate([left, *(_moved(corners[row], band, ground) for band in bands)])
            for row, left in zip(rows[touched], pieces, strict=True)
        ]
    keep = np.ones(len(tile), dtype=bool)
    keep[rows[touched]] = False
    source = np.concatenate([np.flatnonzero(keep), np.repeat(rows[touched], [len(one) for one in pieces])])
    points = np.concatenate([corners[keep], *pieces]).astype(np.float32)
    return replace(
        tile,
        points=points.reshape(-1, 3),
        category=tile.category[source],
        object=tile.object[source],
        surface=tile.surface[source],
        polygon=tile.polygon[source],
        level=tile.level[source],
    )


def _bands(ground: ChangeGround, heights: F4) -> list[Any]:
    """The inside of an outline in strips along its banks, and what is left in the middle."""
    import shapely

    deep = abs(ground.by) if ground.by is not None else float(np.abs(heights - float(ground.level or 0.0)).max())
    found, around = [], shapely.Polygon(ground.outline)
    for step in range(1, BANDS + 1):
        within = shapely.Polygon(ground.outline).buffer(-ground.slope * deep * step / BANDS, join_style="mitre")
        found.append(around.difference(within))
        around = within
    return [one for one in (*found, around) if not one.is_empty]


def _moved(corners: F4, band: Any, ground: ChangeGround) -> F4:
    """(k, 3, 3) triangles of what of one lies in a strip, at the height that the change gives it."""
    import shapely

    flat = shapely.polygons(corners[:, :2].astype(np.float64))
    made = _pieces(corners, shapely.intersection(flat, band))
    x, y, z = made.astype(np.float64).reshape(-1, 3).T
    return np.column_stack([x, y, raised(z, x, y, (ground,))]).reshape(-1, 3, 3).astype(np.float32)


def _pieces(corners: F4, left: Any) -> F4:
    """(k, 3, 3) triangles that are left of one, in its plane and with its turn."""
    import shapely
    from mapbox_earcut import triangulate_float64

    a, b, c = corners.astype(np.float64)
    u, v = b - a, c - a
    normal = np.cross(u, v)
    found = [np.zeros((0, 3, 3))]
    for part in shapely.get_parts(left):
        if part.geom_type != "Polygon" or part.area < 1e-4:
            continue
        rings = [shapely.get_coordinates(one)[:-1] for one in (part.exterior, *part.interiors)]
        flat = np.concatenate(rings)
        index = triangulate_float64(flat, np.cumsum([len(one) for one in rings]).astype(np.uint32)).reshape(-1, 3)
        z = a[2] - ((flat[:, 0] - a[0]) * normal[0] + (flat[:, 1] - a[1]) * normal[1]) / normal[2]
        made = np.column_stack([flat, z])[index.astype(np.int64)]
        turn = np.cross(made[:, 1] - made[:, 0], made[:, 2] - made[:, 0])[:, 2] * normal[2] < 0
        made[turn] = made[turn][:, ::-1]
        found.append(made)
    return np.concatenate(found).astype(np.float32)
