"""Maps and tables of a flood: maxima and their change, gauges, sections, and where every cubic metre went."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from citymodel import legends_flood as legends
from citymodel.results import Field, LegendClass

if TYPE_CHECKING:
    from citymodel.surface import Grid

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]
Table = dict[str, list[Any]]
NAN = math.nan


class State(Protocol):
    """The water of one state, wherever it was kept.

    name : "base" or "scenario"; maps : as in `citymodel.flood.run.Outcome`; hazard, class_au : of their maxima
    readings : as `citymodel.frames.Frames.readings`, with "places" and "lines" of gauges and sections
    balance : m³ by name
    """

    @property
    def name(self) -> str: ...
    @property
    def grid(self) -> Grid: ...
    @property
    def maps(self) -> Mapping[str, F4]: ...
    @property
    def hazard(self) -> F4: ...
    @property
    def class_au(self) -> U1: ...
    @property
    def readings(self) -> Mapping[str, Any]: ...
    @property
    def balance(self) -> Mapping[str, float]: ...


BALANCE = {
    "volume_initial": "held at the start",
    "volume_stored": "held at the end",
    "volume_error": "lost by the computation",
}
"""Names of volumes in words."""


def maps_of(states: Sequence[State], after: str, thresholds: Sequence[float]) -> dict[str, Field]:
    """The maps of one state or of two with their change; after : the name of the scenario."""
    rows: tuple[tuple[str, str, str, Any, Sequence[LegendClass], Sequence[LegendClass]], ...] = (
        ("max_depth", "Greatest depth", "m", _map("max_depth"), legends.DEPTH, legends.DEPTH_DIFFERENCE),
        ("hazard", "Danger to people, at most", "m²/s", lambda one: one.hazard, legends.hazard(thresholds),
         legends.HAZARD_DIFFERENCE),
        ("max_speed", "Greatest speed", "m/s", _map("max_speed"), legends.SPEED, legends.SPEED_DIFFERENCE),
        ("max_unit_discharge", "Greatest speed × depth", "m²/s", _map("max_unit_discharge"), legends.FLOW,
         legends.FLOW_DIFFERENCE),
        ("arrival_time", "Water is there after", "min", _arrival, legends.ARRIVAL,
         legends.ARRIVAL_DIFFERENCE),
        ("wet_duration", "Water stands for", "min", _minutes("wet_duration"), legends.DURATION,
         legends.DURATION_DIFFERENCE),
        ("hazard_class_au", "Class of danger H1 to H6, at most", "", _class_au, legends.AUSTRALIA,
         legends.AUSTRALIA_DIFFERENCE),
    )  # fmt: skip
    found: dict[str, Field] = {}
    for name, title, unit, of, legend, change in rows[::-1]:  # studies end with what is asked most
        values = [np.asarray(of(one), np.float32) for one in states]
        if len(states) == 1:
            found[name] = _field(states[0], name, title, unit, values[0], legend)
            continue
        found[f"{name}_base"] = _field(states[0], f"{name}_base", f"{title}, as it is", unit, values[0], legend)
        key = f"{name}_scenario"
        found[key] = _field(states[1], key, f"{title}, {after}", unit, values[1], legend)
        key, words = f"{name}_difference", f"Change: {title[:1].lower()}{title[1:]}, {after}"
        found[key] = _field(states[1], key, words, unit, values[1] - values[0], change)
    return found


def _map(name: str) -> Any:
    return lambda one: one.maps[name]


def _minutes(name: str) -> Any:
    return lambda one: one.maps[name] / np.float32(60.0)


def _arrival(one: State) -> F4:
    """Minutes until the water is there, `legends.NEVER` for ground that stays dry."""
    minutes = one.maps["arrival_time"] / np.float32(60.0)
    dry = np.isnan(minutes) & np.isfinite(one.maps["max_depth"])
    return np.where(dry, np.float32(legends.NEVER), minutes)


def _class_au(one: State) -> F4:
    return np.where(np.isfinite(one.maps["max_depth"]), one.class_au, np.nan).astype(np.float32)


def _field(state: State, name: str, title: str, unit: str, values: F4, legend: Sequence[LegendClass]) -> Field:
    return Field(name, title, unit, state.grid.raster(values, title.lower(), unit), legend)


def by_gauge(states: Sequence[State]) -> Table:
    """What each gauge read at most, and when."""
    gauges = states[0].readings["places"]
    table: Table = {
        "id": [one.name for one in gauges], "x": [one.x for one in gauges], "y": [one.y for one in gauges],
    }  # fmt: skip
    for state in states:
        time = np.asarray(state.readings["time"]) / 60.0
        depth, level, speed = (np.asarray(state.readings[name]) for name in ("depth", "level", "speed"))
        at = [_highest(depth[:, k]) for k in range(len(gauges))]
        table[f"depth_most_{state.name}"] = [_at(depth[:, k], i) for k, i in enumerate(at)]
        table[f"level_most_{state.name}"] = [_at(level[:, k], i) for k, i in enumerate(at)]
        table[f"most_after_{state.name}"] = [_at(time, i) for i in at]
        table[f"speed_most_{state.name}"] = [
            _at(speed[:, k], _highest(speed[:, k])) for k in range(len(gauges))
        ]  # fmt: skip
    changed(table, states, ("depth_most", "level_most", "most_after", "speed_most"))
    table["geometry"] = [f"POINT ({one.x!r} {one.y!r})" for one in gauges]
    return table


def by_section(states: Sequence[State]) -> Table:
    """The greatest discharge through each section, when, and all that ran through it."""
    lines = states[0].readings["lines"]
    table: Table = {"id": [one.name for one in lines]}
    for state in states:
        seconds, flow = np.asarray(state.readings["time"]), np.asarray(state.readings["discharge"])
        at = [_highest(np.abs(flow[:, k])) for k in range(len(lines))]
        table[f"discharge_most_{state.name}"] = [_at(flow[:, k], i) for k, i in enumerate(at)]
        table[f"most_after_{state.name}"] = [_at(seconds / 60.0, i) for i in at]
        table[f"through_m3_{state.name}"] = [
            float(np.trapezoid(np.nan_to_num(flow[:, k]), seconds)) for k in range(len(lines))
        ]
    changed(table, states, ("discharge_most", "most_after", "through_m3"))
    table["geometry"] = [
        "LINESTRING (" + ", ".join(f"{x!r} {y!r}" for x, y in one.line) + ")" for one in lines
    ]  # fmt: skip
    return table


def _highest(values: Any) -> int:
    """Where the highest known value stands, −1 where none is known."""
    known = np.isfinite(values)
    return int(np.argmax(np.where(known, values, -np.inf))) if known.any() else -1


def _at(values: Any, place: int) -> float:
    return float(values[place]) if place >= 0 else NAN


def changed(table: Table, states: Sequence[State], names: Sequence[str]) -> None:
    if len(states) == 2:
        for name in names:
            pairs = zip(table[f"{name}_base"], table[f"{name}_scenario"], strict=True)
            table[f"{name}_difference"] = [b - a for a, b in pairs]


def balance(states: Sequence[State], held_back: Mapping[str, float]) -> Table:
    """Where every cubic metre came from and went: below 0 is what left; start and what moved add up to the end.

    held_back : m³ of rain by state that a curve number kept from running off, shown beside the balance
    """
    names = [name for name in states[0].balance if name not in ("volume_in", "volume_out")]
    names += [name for one in states[1:] for name in one.balance if name not in (*names, "volume_in", "volume_out")]
    last = ("volume_stored", "volume_error")
    order = [*(one for one in names if one not in last), *last]
    order = [name for name in order if name in last or any(abs(one.balance.get(name, 0.0)) > 0 for one in states)]
    table: Table = {"id": [_words(name) for name in order], "kind": [_kind(name, states) for name in order]}
    for one in states:
        table[f"volume_m3_{one.name}"] = [one.balance.get(name, 0.0) for name in order]
    if any(held_back.values()):
        table["id"].insert(-2, "rain that the ground kept by its curve number, not in the balance")
        table["kind"].insert(-2, "beside the balance")
        for one in states:
            table[f"volume_m3_{one.name}"].insert(-2, held_back.get(one.name, 0.0))
    changed(table, states, ("volume_m3",))
    return everywhere(table, states[0])


def _words(name: str) -> str:
    return BALANCE.get(name) or moved_words(name)


def _kind(name: str, states: Sequence[State]) -> str:
    if name in ("volume_stored", "volume_initial", "volume_error"):
        return {"volume_stored": "held", "volume_initial": "held", "volume_error": "error"}[name]
    total = sum(one.balance.get(name, 0.0) for one in states)
    return "came" if total > 0 else "left"


def moved_words(name: str) -> str:
    """A source, a side or the changed ground of such a table in words."""
    kind, _, rest = name.partition("_")
    return _MOVED.get(name) or (f"over the {rest} edge" if kind == "side" else rest)


_MOVED = {
    "source_infiltration": "into the soil",
    "source_sewer": "into the drains",
    "source_culverts": "through culverts",
    "volume_changed": "by ground that changed",
}


def everywhere(table: Table, state: State) -> Table:
    """The table with the whole area as the place of each row."""
    x0, y0, x1, y1 = state.grid.bounds
    box = f"POLYGON (({x0} {y0}, {x1} {y0}, {x1} {y1}, {x0} {y1}, {x0} {y0}))"
    return {**table, "geometry": [box] * len(table["id"])}
