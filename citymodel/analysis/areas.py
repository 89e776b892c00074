"""Layers of areas, parks and squares for instance: which are asked for, and which cells each area holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.analysis.zones import Zones
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.surface.grid import Grid

if TYPE_CHECKING:
    from citymodel.document import Document


def chosen_areas(document: Document, wanted: str | None) -> list[Layer]:
    """The layer of areas of that id or name, all of them for None."""
    layers = [one for one in document.layers if one.kind == "areas"]
    chosen = [one for one in layers if wanted in (None, "", one.id, one.name)]
    if wanted and not chosen:
        names = [one.id for one in layers]
        raise ParameterError(f"there is no layer of areas {wanted!r}; there are {names or 'none'}")
    return chosen


def area_zones(layer: Layer, grid: Grid) -> list[Zones]:
    """Cells whose centres lie in the polygons of a layer of areas; areas that overlap come in different zones.

    So each area has all its cells. One without outline or outside the grid keeps its row and has no cells.
    """
    from affine import Affine
    from rasterio.features import rasterize

    place = Affine(grid.cell, 0.0, grid.x0, 0.0, -grid.cell, grid.y0)
    ids, shapes = np.array(names(layer), dtype=object), layer.data.geometry
    group = _apart(shapes, grid.cell**2)
    found = []
    for one in range(int(group.max(initial=-1)) + 1):
        rows = np.flatnonzero(group == one)
        cells = [(shapes[row], number) for number, row in enumerate(rows) if _is_area(shapes[row])]
        number = np.full(grid.shape, -1, dtype=np.int32)
        if cells:
            number = rasterize(cells, grid.shape, fill=-1, transform=place, dtype="int32")
        found.append(Zones(ids[rows].tolist(), [layer.id] * len(rows), ["area"] * len(rows), number))
    return found


def in_file_order(table: Mapping[str, list[Any]], layers: Sequence[Layer]) -> dict[str, list[Any]]:
    """A table of areas with its rows as they stand in their layers."""
    place = {key: at for at, key in enumerate((one.id, name) for one in layers for name in names(one))}
    order = sorted(range(len(table["id"])), key=lambda row: place[(table["layer"][row], table["id"][row])])
    return {name: [column[row] for row in order] for name, column in table.items()}


def names(layer: Layer) -> list[str]:
    """A name for each feature: a column called name or id, else its number; a name that comes twice is numbered."""
    table = layer.data
    column = next((table.columns[key] for key in table.columns if key.lower() in ("name", "id", "title")), None)
    raw = [str(v) if v is not None else "" for v in column] if column is not None else [""] * len(table)
    found: dict[str, None] = {}
    for number, one in enumerate(raw, 1):
        name = one or f"area {number}"
        while name in found:
            name = f"{name} ({number})"
        found[name] = None
    return list(found)


def _is_area(shape: Any) -> bool:
    import shapely

    return shape is not None and not shape.is_empty and bool(shapely.get_dimensions(shape) == 2)


def _apart(shapes: Sequence[Any], least: float) -> Any:
    """(n,) group of each shape, such that none of a group overlap by more than ``least`` m²; group 0 holds most."""
    import shapely

    whole = np.array([shapely.make_valid(one) if _is_area(one) else shapely.Polygon() for one in shapes], dtype=object)
    one, other = shapely.STRtree(whole).query(whole, predicate="intersects")
    one, other = one[one > other], other[one > other]
    shared = shapely.area(shapely.intersection(whole[one], whole[other])) > least
    before: dict[int, list[int]] = {}
    for a, b in zip(one[shared].tolist(), other[shared].tolist(), strict=True):
        before.setdefault(a, []).append(b)
    group = np.zeros(len(whole), dtype=np.int64)
    for row in sorted(before):
        taken = {int(group[k]) for k in before[row]}
        group[row] = next(k for k in range(len(taken) + 1) if k not in taken)
    return group
