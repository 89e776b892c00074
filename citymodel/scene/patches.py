"""Patches: the points of a façade result as small quads on their walls and roofs, in the colours of the legend."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.legends import HOURS, HOURS_DIFFERENCE
from citymodel.legends_view import FACADES
from citymodel.results import Field, LegendClass, Result
from citymodel.scene import colours, picking
from citymodel.scene.legend import Legend, numeric

F4 = NDArray[np.float32]

TABLE = "facade_points"
NORMAL = ("nx", "ny", "nz")
PATCH = ("patch_width", "patch_low", "patch_high", "patch_turn")
STATES = ("_base", "_scenario", "_difference")
OFF = 0.05
"""Metres by which a patch lies before its point, which itself stands a little before the wall."""
FILLED = 0.97
"""Share of a point's part of the wall that its patch covers, so that points can be told apart."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Patches:
    """Quads: points (4 n, 3) float32 local, corners in a row; row (n,) of the table; value (n,) what is shown."""

    points: F4
    row: NDArray[np.int64]
    value: NDArray[np.float64]


def table_of(result: Result) -> Field | None:
    """The field with the façade points, None where there is none."""
    found = result.fields.get(TABLE)
    return found if found is not None and isinstance(found.data, Mapping) and "nx" in found.data else None


def columns_of(result: Result) -> list[str]:
    """The columns that can be shown."""
    field = table_of(result)
    return [] if field is None else [name for name in field.data if name.endswith(STATES)]


def column_of(result: Result, colour_by: str) -> str:
    """The column that a style asks for, else the one that says the same as the map it asks for, else the first."""
    known = columns_of(result)
    if colour_by in known:
        return colour_by
    like = [one for one in known if one.rpartition("_")[0].endswith(f"_{colour_by}")]
    return like[0] if like else known[0]


def patches_of(result: Result, colour_by: str, origin: tuple[float, float, float]) -> Patches:
    """Quads of the points that have a value in the column."""
    field = table_of(result)
    table: Mapping[str, Any] = field.data if field is not None else {}
    value = np.asarray(table[column_of(result, colour_by)], dtype=np.float64)
    row = np.flatnonzero(np.isfinite(value))
    place, normal, patch = (
        np.stack([np.asarray(table[name], dtype=np.float64)[row] for name in names], axis=1)
        for names in ("xyz", NORMAL, PATCH)
    )
    width, low, high, turn = patch.T
    along = np.stack([np.sin(np.radians(turn)), np.cos(np.radians(turn)), np.zeros(len(row))], axis=1)
    up = np.cross(normal, along)
    middle, half = 0.5 * (low + high), 0.5 * FILLED * (high - low)
    place = place - np.asarray(origin) + OFF * normal + middle[:, None] * up
    side, rise = 0.5 * FILLED * width[:, None] * along, half[:, None] * up
    corners = np.stack([place - side - rise, place + side - rise, place + side + rise, place - side + rise], axis=1)
    return Patches(corners.reshape(-1, 3).astype(np.float32), row, value[row])


def colours_of(patches: Patches, result: Result, colour_by: str) -> NDArray[np.uint8]:
    """(n, 3) uint8 colours by the legend's classes."""
    classes = classes_of(result, column_of(result, colour_by))
    if not classes:
        return colours.by_class(patches.value, _breaks(patches.value))
    out = np.full((len(patches.value), 3), 215, dtype=np.uint8)
    for one in classes:
        out[(patches.value >= one.lower) & (patches.value < one.upper)] = colours.rgb(one.colour)
    return out


def legend_of(result: Result, colour_by: str) -> Legend:
    """The legend of the column that is shown."""
    field = table_of(result)
    if field is None:
        return Legend("")
    column = column_of(result, colour_by)
    measure, state = column.rpartition("_")[::2]
    title, unit = result.provenance.get("columns", {}).get(measure, (field.title, field.unit))
    words = {"base": "", "scenario": ", as proposed", "difference": ", change"}[state]
    if measure.endswith("_outcome") or f"{measure}_base" not in field.data:  # it says so itself, or has one state only
        words = ""
    classes = classes_of(result, column)
    notes = tuple(result.notes)[:1]
    if classes:
        return Legend(title + words, unit, tuple((one.colour, one.label) for one in classes), notes)
    value = np.asarray(field.data[column], dtype=np.float64)
    known = value[np.isfinite(value)]
    return dataclasses.replace(numeric(title + words, unit, _breaks(known)), notes=notes)


def classes_of(result: Result, column: str) -> tuple[LegendClass, ...]:
    """Classes of views and of hours of a day; none for other measures, which get round limits."""
    if column in FACADES:
        return tuple(FACADES[column])
    if column == "hours_difference":
        return HOURS_DIFFERENCE
    field = table_of(result)
    return tuple(field.legend) or HOURS if column.startswith("hours_") and field is not None else ()


def _breaks(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return colours.breaks(float(value.min()), float(value.max())) if len(value) else np.array([0.0, 1.0])


class PatchTarget(picking.Target):
    """Patches that rays can meet: the pick names the point, and its building in the city's own layer."""

    def __init__(self, layer_id: str, mesh: Any, result: Result, patches: Patches) -> None:
        super().__init__(layer_id, mesh, None, ())
        field = table_of(result)
        self._table: Mapping[str, Any] = field.data if field is not None else {}
        self._point = patches.row

    def _named(self, cell: int, pick: picking.Pick) -> picking.Pick:
        row = int(self._point[cell])
        building, layer = str(self._table["building"][row]), str(self._table["layer"][row])
        return dataclasses.replace(pick, layer_id=layer, object_id=building, point=row)
