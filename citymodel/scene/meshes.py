"""Triangles for the screen: models and rasters as float32 arrays local to the frame, in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.model import CityModel
from citymodel.scene import values
from citymodel.scene.colours import CODE

F4 = NDArray[np.float32]
I4 = NDArray[np.int32]

TILE = 200_000
UPRIGHT = 0.30  # a triangle whose unit normal rises less than this is a wall
BUILT = ("roof", "wall", "ground", "opening", "bridge", "other", "furniture")
LAND = ("terrain", "landuse", "road", "vegetation")
MAX_CELLS = 1_500_000

# Metres by which flat things lie above the terrain, so that coplanar polygons do not flicker.
LIFT = {
    "landuse": 0.04,
    "vegetation": 0.08,
    "water": 0.06,
    "road": 0.12,
    "other": 0.05,
    "terrain": 0.0,
    "ground": -0.10,
}


@dataclass(frozen=True, eq=False, slots=True)
class Tile:
    """Part of a layer's triangles; vertices are not shared, so every face is flat.

    points : (3 t, 3) float32 metres, local
    category : (t,) uint8 rows of colours.CATEGORIES
    object, surface, polygon : (t,) int32 rows of the model, −1 none
    level : (t,) bool, True where a drape lies on the triangle
    """

    points: F4
    category: NDArray[np.uint8]
    object: I4
    surface: I4
    polygon: I4
    level: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.category)


def city_tiles(model: CityModel, origin: tuple[float, float, float]) -> list[Tile]:
    """The triangles of each object's finest geometry, a tile at most TILE triangles."""
    from citymodel.triangulate import display_polygons, owner_of_polygons, triangulate

    triangles = triangulate(model)
    chosen = np.zeros(model.n_polygons + 1, dtype=bool)
    chosen[np.asarray(display_polygons(model), dtype=np.int64)] = True
    keep = chosen[triangles.polygon]
    index, polygon = triangles.index[keep], triangles.polygon[keep]
    owner = owner_of_polygons(model)
    object_row = np.asarray(owner[0], dtype=np.int32)[polygon]
    surface_row = np.asarray(owner[1], dtype=np.int32)[polygon]
    corners = (model.vertices - np.asarray(origin)).astype(np.float32)[index]
    rise = upward(corners)
    category = categories(model, object_row, surface_row, rise)
    corners[:, :, 2] += _lifts()[category][:, None]
    level = np.abs(rise) > UPRIGHT
    return [
        Tile(
            corners[rows].reshape(-1, 3),
            category[rows],
            object_row[rows],
            surface_row[rows],
            polygon[rows].astype(np.int32),
            level[rows],
        )
        for rows in split(corners[:, :, :2].mean(axis=1), object_row)
    ]


def upward(corners: F4) -> F4:
    """(t,) z of the unit normals of (t, 3, 3) triangles; 0 for those without area."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    return np.asarray(np.divide(normal[:, 2], length, out=np.zeros_like(length), where=length > 0), dtype=np.float32)


def categories(model: CityModel, object_row: I4, surface_row: I4, rise: F4) -> NDArray[np.uint8]:
    """(t,) codes: by the boundary surface's type, else by the object's, a building's by slope."""
    objects = model.objects
    by_object = [values.object_category(name) for name in objects.type_names]
    by_surface = [values.surface_category(name) for name in objects.type_names]
    solid = np.array([name in ("building", "bridge", "furniture", "other") for name in by_object] or [False])
    building = np.array([name == "building" for name in by_object] or [False])
    own = np.array([CODE.get(name, CODE["other"]) for name in by_object] or [0], dtype=np.uint8)
    face = np.array([CODE[name] if name else 255 for name in by_surface] or [255], dtype=np.uint8)

    type_of = objects.type[np.maximum(object_row, 0)] if len(objects) else np.zeros(len(rise), dtype=np.int32)
    out = own[type_of]
    slope = np.where(np.abs(rise) > UPRIGHT, CODE["roof"], CODE["wall"]).astype(np.uint8)
    out = np.where(building[type_of], slope, out)
    if len(objects):
        stated = np.where(surface_row >= 0, face[objects.type[np.maximum(surface_row, 0)]], 255).astype(np.uint8)
        split_by_surface = building[type_of] | (solid[type_of] & (stated == CODE["opening"]))
        out = np.where((stated < 255) & split_by_surface, stated, out)
    return out.astype(np.uint8)


def split(centres: F4, owner: I4) -> Iterator[NDArray[np.int64]]:
    """Rows of triangles in tiles of at most TILE, near ones together, an object's together where it fits."""
    if len(centres) <= TILE:
        if len(centres):
            yield np.arange(len(centres))
        return
    pending = [np.arange(len(centres))]
    while pending:
        rows = pending.pop()
        if len(rows) <= TILE:
            yield rows
            continue
        part = centres[rows]
        axis = int(np.argmax(np.ptp(part, axis=0)))
        order = rows[np.argsort(part[:, axis], kind="stable")]
        pending += [order[: len(order) // 2], order[len(order) // 2 :]]


def _lifts() -> F4:
    table = np.zeros(len(CODE), dtype=np.float32)
    for name, height in LIFT.items():
        table[CODE[name]] = height
    return table


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """A raster as a smooth surface with shared vertices.

    points, normals : (n, 3) float32; triangles : (t, 3) int32
    """

    points: F4
    normals: F4
    triangles: I4


def raster_sheets(raster: Any, origin: tuple[float, float, float]) -> list[Sheet]:
    """Surfaces of a height raster in blocks; coarser than the raster where it has more than MAX_CELLS cells."""
    height = np.asarray(raster.values, dtype=np.float32)
    x = np.asarray(raster.x, dtype=np.float64) - origin[0]
    y = np.asarray(raster.y, dtype=np.float64) - origin[1]
    stride = max(int(np.ceil(np.sqrt(height.size / MAX_CELLS))), 1)
    height, x, y = height[::stride, ::stride] - np.float32(origin[2]), x[::stride], y[::stride]
    normals = slopes(height, x, y)
    block = 300
    sheets = []
    for top in range(0, len(y) - 1, block):
        for left in range(0, len(x) - 1, block):
            rows, cols = slice(top, top + block + 1), slice(left, left + block + 1)
            sheet = _sheet(height[rows, cols], x[cols], y[rows], normals[rows, cols])
            if len(sheet.triangles):
                sheets.append(sheet)
    return sheets


def slopes(height: F4, x: NDArray[np.float64], y: NDArray[np.float64]) -> F4:
    """(rows, cols, 3) unit normals by central differences; upright beside no data."""
    normal = np.zeros((*height.shape, 3), dtype=np.float32)
    normal[..., 2] = 1.0
    if min(height.shape) > 1:
        normal[..., 0] = -np.nan_to_num(np.gradient(height, x, axis=1))
        normal[..., 1] = -np.nan_to_num(np.gradient(height, y, axis=0))
    return np.asarray(normal / np.linalg.norm(normal, axis=2, keepdims=True), dtype=np.float32)


def _sheet(height: F4, x: NDArray[np.float64], y: NDArray[np.float64], normals: F4) -> Sheet:
    rows, cols = height.shape
    grid_x, grid_y = np.meshgrid(x, y)
    points = np.stack([grid_x, grid_y, np.nan_to_num(height)], axis=2).reshape(-1, 3).astype(np.float32)
    known = np.isfinite(height)
    a = (np.arange(rows - 1)[:, None] * cols + np.arange(cols - 1)).ravel()
    whole = (known[:-1, :-1] & known[:-1, 1:] & known[1:, :-1] & known[1:, 1:]).ravel()
    a = a[whole]
    triangles = np.concatenate(
        [np.stack([a, a + cols, a + 1], axis=1), np.stack([a + 1, a + cols, a + cols + 1], axis=1)]
    ).astype(np.int32)
    return Sheet(points, normals.reshape(-1, 3), triangles)


def chosen_points(
    cloud: Any, hidden: tuple[int, ...], budget: int, cover: Cover | None = None, origin: tuple[float, ...] = (0, 0, 0)
) -> NDArray[np.int64]:
    """Rows of at most ``budget`` returns, evenly thinned, without the hidden classes (on ``cover`` where given)."""
    classes = cloud.columns.get("classification")
    if classes is None or not hidden:
        rows = np.arange(len(cloud))
    else:
        gone = np.isin(np.asarray(classes), hidden)
        if cover is not None:
            doubtful = np.flatnonzero(gone)
            gone[doubtful] = cover.holds(cloud.coordinates(doubtful)[:, :2] - np.asarray(origin[:2]))
        rows = np.flatnonzero(~gone)
    if len(rows) > budget > 0:
        rows = rows[np.linspace(0, len(rows) - 1, budget).astype(np.int64)]
    return rows


@dataclass(frozen=True, eq=False, slots=True)
class Cover:
    """The ground that models cover, seen from above, in cells of a metre or more.

    mask : (rows, cols) bool, row 0 at the lowest y
    """

    low: tuple[float, float]
    cell: float
    mask: NDArray[np.bool_]

    def holds(self, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) True for the local points on the cover."""
        cells = np.floor((xy - np.asarray(self.low)) / self.cell).astype(np.int64)
        rows, cols = self.mask.shape
        inside = (cells[:, 0] >= 0) & (cells[:, 0] < cols) & (cells[:, 1] >= 0) & (cells[:, 1] < rows)
        found = np.zeros(len(xy), dtype=bool)
        found[inside] = self.mask[cells[inside, 1], cells[inside, 0]]
        return found


def cover_of(tiles: list[Tile]) -> Cover | None:
    """What the level triangles of tiles cover; None where there are none."""
    from PIL import Image, ImageDraw

    level = [tile.points.reshape(-1, 3, 3)[tile.level][:, :, :2] for tile in tiles]
    corners = np.concatenate(level) if level else np.zeros((0, 3, 2))
    if not len(corners):
        return None
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    cell = max(1.0, float(np.max(high - low)) / 4000.0)
    cols, rows = (int(part) + 2 for part in (high - low) / cell)
    image = Image.new("1", (cols, rows))
    pen = ImageDraw.Draw(image)
    for triangle in ((corners - low) / cell).reshape(-1, 6).tolist():
        pen.polygon(triangle, fill=1)
    return Cover((float(low[0]), float(low[1])), cell, np.array(image, dtype=bool))


def spacing(points: F4) -> float:
    """Metres between neighbours of points seen from above."""
    if len(points) < 2:
        return 1.0
    cells = np.unique(np.floor(points[:, :2] / 2.0).astype(np.int64) @ np.array([1, 1 << 24]))
    return float(np.sqrt(4.0 * len(cells) / len(points)))


def box_of(tile: Tile, names: tuple[str, ...]) -> tuple[F4, F4] | None:
    """Lowest and highest corner of the triangles of some categories."""
    chosen = np.isin(tile.category, [CODE[name] for name in names])
    points = tile.points.reshape(-1, 9)[chosen].reshape(-1, 3)
    return (points.min(axis=0), points.max(axis=0)) if len(points) else None


def table_top(low: tuple[float, float], high: tuple[float, float], z: float) -> Sheet:
    """The plain sheet on which a model without terrain stands, a little wider than the model."""
    room = 0.06 * max(high[0] - low[0], high[1] - low[1], 10.0)
    x = np.array([low[0] - room, high[0] + room])
    y = np.array([high[1] + room, low[1] - room])
    height = np.full((2, 2), z, dtype=np.float32)
    return _sheet(height, x, y, slopes(height, x, y))
