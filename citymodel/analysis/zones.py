"""Who holds each cell of a raster: buildings, the strip around each, and open spaces; and means over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.layers import Layer
from citymodel.surface.from_model import ModelTriangles, model_triangles, rasterise
from citymodel.surface.grid import Grid

F4 = NDArray[np.float32]
I4 = NDArray[np.int32]
Mask = NDArray[np.bool_]


class Zones(NamedTuple):
    """Numbered zones of a raster.

    ids, layer_ids, kinds : one a zone; number : (rows, columns) int32 zone of each cell, −1 none
    """

    ids: list[str]
    layer_ids: list[str]
    kinds: list[str]
    number: I4

    def only(self, where: Mask) -> Zones:
        """The zones without the cells elsewhere."""
        return self._replace(number=np.where(where, self.number, -1).astype(np.int32))


def building_zones(layers: Sequence[Layer], grid: Grid) -> Zones:
    """Cells by the building on them, the highest where many are; parts belong to their building."""
    return _zones(layers, grid, lambda triangles: triangles.building, to_root=True)


def open_space_zones(layers: Sequence[Layer], grid: Grid, buildings: Mask) -> Zones:
    """Cells by the road, green, water or relief on them, without those that ``buildings`` cover."""
    zones = _zones(layers, grid, lambda triangles: triangles.terrain, to_root=False)
    number = zones.number.copy()
    number[buildings] = -1
    return zones._replace(number=number)


def strip_around(number: I4, reach: int) -> I4:
    """The zones' cells grown outwards by ``reach`` cells over free ground; −1 on the zones themselves."""
    from scipy.ndimage import distance_transform_edt

    if not (number >= 0).any():
        return np.full_like(number, -1)
    distance, nearest = distance_transform_edt(number < 0, return_indices=True)
    ring = (distance > 0) & (distance <= reach)
    return np.where(ring, number[tuple(nearest)], -1).astype(np.int32)


def mean_by_zone(values: F4, number: I4, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean of the finite values of each zone (NaN for none) and the number of those cells."""
    use = (number >= 0) & np.isfinite(values)
    cells = np.bincount(number[use], minlength=count)
    total = np.bincount(number[use], weights=values[use].astype(np.float64), minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(cells > 0, total / cells, np.nan), cells


def outlines(zones: Zones, grid: Grid) -> list[str]:
    """WKT of the cells of each zone, merged."""
    import shapely
    from affine import Affine
    from rasterio.features import shapes

    place = Affine(grid.cell, 0.0, grid.x0, 0.0, -grid.cell, grid.y0)
    parts: dict[int, list[Any]] = {}
    for outline, zone in shapes(zones.number, mask=zones.number >= 0, transform=place):
        parts.setdefault(int(zone), []).append(shapely.geometry.shape(outline))
    return [shapely.MultiPolygon(parts.get(zone, [])).wkt for zone in range(len(zones.ids))]


def identity(zones: Zones, grid: Grid) -> dict[str, list[Any]]:
    """Which zones they are, how large, and their outlines."""
    cells = np.bincount(zones.number[zones.number >= 0], minlength=len(zones.ids))
    return {
        "id": list(zones.ids),
        "layer": list(zones.layer_ids),
        "type": list(zones.kinds),
        "area_m2": [float(n) * grid.cell**2 for n in cells],
        "geometry": outlines(zones, grid),
    }


def joined(tables: Sequence[Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
    """Tables of the same columns, one below the other."""
    return {name: [value for table in tables for value in table[name]] for name in tables[0]}


def _zones(layers: Sequence[Layer], grid: Grid, chosen: Any, *, to_root: bool) -> Zones:
    ids: list[str] = []
    layer_ids: list[str] = []
    kinds: list[str] = []
    height = np.full(grid.shape, -np.inf, dtype=np.float32)
    number = np.full(grid.shape, -1, dtype=np.int32)
    for layer in layers:
        if layer.kind != "city":
            continue
        triangles: ModelTriangles = model_triangles(layer.data)
        z, row = rasterise(triangles, chosen(triangles), grid)
        objects = layer.data.objects
        owner = _roots(objects.parent) if to_root else np.arange(len(objects))
        cells = np.append(owner, -1)[row]
        held = np.zeros(len(owner) + 1, dtype=bool)
        held[cells] = True
        rows = np.flatnonzero(held[:-1])
        local = np.full(len(owner) + 1, -1, dtype=np.int32)
        local[rows] = np.arange(len(rows)) + len(ids)
        better = np.where(np.isfinite(z), z, -np.inf) > height
        height[better] = z[better]
        number[better] = local[cells][better]
        for one in rows:
            ids.append(objects.ids[int(one)])
            kinds.append(objects.type_of(int(one)))
            layer_ids.append(layer.id)
    return Zones(ids, layer_ids, kinds, number)


def _roots(parent: I4) -> NDArray[np.int64]:
    """Each object's topmost ancestor."""
    owner = np.arange(len(parent))
    while True:
        up = np.where(parent[owner] >= 0, parent[owner], owner)
        if np.array_equal(up, owner):
            return owner
        owner = up
