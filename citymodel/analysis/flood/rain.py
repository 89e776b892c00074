"""The water that a study brings: its storm from the parameters, and hydrographs at places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.statistics import FromTable, Reinhold, Statistic, depth_of
from citymodel.analysis.flood.storms import Storm, storm
from citymodel.analysis.viewshed.eyes import letters
from citymodel.errors import ParameterError
from kernels.flood_sources import Inflow

if TYPE_CHECKING:
    from citymodel.analysis.flood.parameters import FloodParameters
    from citymodel.formats.series import Series
    from citymodel.surface import Grid

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

SPREAD = 0.25
"""m³/s that a square metre of the place takes in; a larger inflow comes through more cells."""


@dataclass(frozen=True, eq=False, slots=True)
class Forcing:
    """storm : the rain, None for none; inflows : name, x, y, times in seconds and m³/s
    ends : seconds at which all of it is over; notes, facts : for the reader and the proof"""

    storm: Storm | None
    inflows: tuple[tuple[str, float, float, F8, F8], ...]
    ends: float
    notes: tuple[str, ...]
    facts: Mapping[str, Any]


def forcing_of(parameters: FloodParameters) -> Forcing:
    """What rains and runs in."""
    rain, notes, facts = _storm(parameters)
    if rain is not None and parameters.uplift:
        rain = rain.stronger(parameters.uplift)
        facts |= {"uplift_percent": parameters.uplift}
        change = f"{abs(parameters.uplift):g} % {'more' if parameters.uplift > 0 else 'less'}"
        notes.append(f"The rain is {change} than the statistic or series has it: a climate uplift that was given.")
    if rain is not None:
        facts |= {"storm": rain.name, "rain_mm": round(rain.depth, 3), "rain_peak_mm_per_hour": round(rain.peak, 2)}
    inflows, more = _inflows(parameters)
    ends = max([0.0, *([float(rain.times[-1])] if rain else []), *(float(one[3][-1]) for one in inflows)])
    return Forcing(rain, inflows, ends, (*notes, *more), facts)


def _storm(parameters: FloodParameters) -> tuple[Storm | None, list[str], dict[str, Any]]:
    if parameters.rain == "none":
        return None, [], {}
    if parameters.rain == "series":
        series = _read(str(parameters.series), "rain", parameters)
        rates = series.one.copy()
        rates[-1] = 0.0
        return Storm(series.times, rates, f"series {series.path.name}"), list(series.notes), {}
    statistic, curve, notes, facts = _statistic(parameters), None, [], dict[str, Any]()
    minutes = float(parameters.duration)
    if parameters.rain == "return-period":
        depth = depth_of(statistic, minutes, parameters.years)
        curve, notes = statistic.curve(parameters.years), statistic.doubts(minutes, parameters.years)
        facts = {"statistic": statistic.source, "return_period_years": parameters.years}
    else:
        depth = parameters.depth
        if isinstance(statistic, FromTable):  # the shape between durations, of the table's rarest rain
            curve = statistic.curve(float(statistic.table.years[-1]))
            facts = {"shape_of": statistic.source}
    if parameters.shape.startswith("scs") and minutes < 1440:
        notes.append("SCS curves are of 24 h; of this shorter storm the part around the steepest was taken.")
    made = storm(parameters.shape, depth, minutes, float(parameters.storm_step), curve, parameters.peak)
    return made, notes, facts


def _read(path: str, quantity: str, parameters: FloodParameters) -> Series:
    from citymodel.formats.series import read_series

    return read_series(path, quantity, parameters.moment())


def _statistic(parameters: FloodParameters) -> Statistic:
    if parameters.table:
        from citymodel.formats.rain_table import read_rain_table

        return FromTable(read_rain_table(parameters.table))
    return Reinhold(parameters.r15)


def _inflows(parameters: FloodParameters) -> tuple[tuple[tuple[str, float, float, F8, F8], ...], list[str]]:
    notes: list[str] = []
    if not parameters.inflows:
        return (), notes
    series = None
    if parameters.inflow_series:
        series = _read(parameters.inflow_series, "inflow", parameters)
        notes += series.notes
    found = []
    for name, place in zip(map(letters, range(len(parameters.inflows))), parameters.inflows, strict=True):
        peak = place[2] if len(place) > 2 else parameters.inflow_peak
        rise, fall = 60.0 * parameters.inflow_rise, 60.0 * parameters.inflow_fall
        times, flows = np.array([0.0, rise, rise + fall]), np.array([0.0, peak, 0.0])
        if series is not None:
            times, flows = series.times, series.one
        found.append((f"inflow {name}", place[0], place[1], times, flows))
    return tuple(found), notes


def sources_of(forcing: Forcing, grid: Grid, free: Mask) -> tuple[Inflow, ...]:
    """The inflows on a grid, each through as many free cells around its place as it needs."""
    return tuple(
        Inflow(_cells(name, x, y, float(np.abs(flows).max()), grid, free), times, flows, name=name)
        for name, x, y, times, flows in forcing.inflows
    )


def _cells(name: str, x: float, y: float, peak: float, grid: Grid, free: Mask) -> NDArray[np.int64]:
    cell = grid.cell_at(x, y)
    if cell is None:
        raise ParameterError(f"{name} at {x:.1f} {y:.1f} lies outside the area; put it inside, or take a larger area")
    row, column = cell
    if not free[cell]:
        raise ParameterError(f"{name} at {x:.1f} {y:.1f} lies on a building or where no ground is known; move it")
    wanted = max(1, round(peak / SPREAD / grid.cell**2))
    reach = int(np.ceil(np.sqrt(wanted))) + 1
    rows = np.arange(max(row - reach, 0), min(row + reach + 1, grid.shape[0]))
    columns = np.arange(max(column - reach, 0), min(column + reach + 1, grid.shape[1]))
    r, c = (one.ravel() for one in np.meshgrid(rows, columns, indexing="ij"))
    away = np.hypot(r - row, c - column)
    order = np.argsort(np.where(free[r, c], away, np.inf), kind="stable")[:wanted]
    order = order[free[r[order], c[order]]]
    return np.stack([r[order], c[order]], axis=1).astype(np.int64)
