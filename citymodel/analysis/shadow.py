"""The sun study: hours of sun on a day, as it is, as proposed, and the difference, on maps and in tables."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.analysis.sun_study import heights, hours_of_sun, sun_over
from citymodel.analysis.zones import (
    Zones,
    building_zones,
    mean_by_zone,
    open_space_zones,
    outlines,
    strip_around,
)
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.legends import HOURS, HOURS_DIFFERENCE
from citymodel.results import Field, Result
from citymodel.scenario import Scenario, apply, missing
from citymodel.sun import clock, midpoints
from citymodel.surface import Grid, analysis_surface
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project

F4 = NDArray[np.float32]

STRIP = 3.0
"""Metres around a building that count as the ground before it."""
ON_THE_GROUND = 1.0
"""Metres above the terrain below which a cell counts as open ground."""
LOW_SUN = 10.0
"""Degrees at which the reach of shadows from outside the data is stated."""


def run(project: Project | Document, parameters: ShadowParameters, job: Progress = silent) -> Result:
    """Hours of sun on a day over the project's data, base and scenario.

    The scenario's fields and the difference are there where the scenario changes something.
    """
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    layers = tuple(one for one in document.layers if one.kind in ("city", "points", "terrain", "surface"))
    scenario = _scenario(document, parameters)
    crs = document.frame.crs if document.frame else None
    if crs is None:
        raise CrsError("the project has no coordinate system, so the sun's place is unknown; open the data with one")
    grid = Grid.around(parameters.bounds or extent(layers), parameters.cell, crs)
    times = midpoints(parameters.date, parameters.start, parameters.end, parameters.step, parameters.zone)
    sun = sun_over(grid, times)
    states: list[Scenario | None] = [None] + ([scenario] if scenario else [])
    share = 0.9 / len(states)
    hours: list[F4] = []
    grounds: list[NDArray[np.bool_]] = []
    device = "cpu"
    for number, state in enumerate(states):
        step = _part(job, number * share, share)
        dsm, dtm = analysis_surface(layers, state, grid, _part(step, 0.0, 0.4))
        lit, device = hours_of_sun(
            heights(dsm), grid.cell, sun, parameters.step / 60.0, parameters.receiver_height, parameters.device,
            _part(step, 0.4, 0.6),
        )  # fmt: skip
        hours.append(lit)
        grounds.append(np.asarray(dsm - dtm) < ON_THE_GROUND)
        if number == 0:
            base_dsm = dsm
    job(0.9, "tables")
    fields = _rasters(grid, hours, scenario)
    fields |= _tables(layers, scenario, grid, hours, grounds)
    job(1.0)
    facts = _provenance(parameters, layers, scenario, grid, device, sun, times, time.perf_counter() - began)
    title = f"Hours of sun on {parameters.date.isoformat()}"
    notes = _notes(parameters, layers, scenario, base_dsm, grid, sun)
    return Result("shadow", title, fields, facts, notes)


def _scenario(document: Document, parameters: ShadowParameters) -> Scenario | None:
    """The scenario to compare with the base, None where it changes nothing."""
    wanted = document.active_scenario if parameters.scenario is None else parameters.scenario
    if not wanted:
        return None
    for one in document.scenarios:
        if one.id == wanted:
            return one if one.changes else None
    raise ParameterError(f"there is no scenario {wanted!r}; the scenarios are {[one.id for one in document.scenarios]}")


def _part(job: Progress, start: float, share: float) -> Progress:
    return lambda fraction, text="": job(start + share * fraction, text)


def _rasters(grid: Grid, hours: list[F4], scenario: Scenario | None) -> dict[str, Field]:
    """The maps: hours now, hours then, and the difference."""
    names = [("sun_hours_base", "Hours of sun")]
    if scenario:
        names = [("sun_hours_base", "Hours of sun, as it is"), ("sun_hours_scenario", f"Hours of sun, {scenario.name}")]
    fields = {
        name: Field(name, title, "h", grid.raster(lit, title.lower(), "h"), HOURS)
        for (name, title), lit in zip(names, hours, strict=True)
    }
    if scenario:
        title = f"Change in hours of sun, {scenario.name}"
        change = grid.raster(hours[1] - hours[0], title.lower(), "h")
        fields["sun_hours_difference"] = Field("sun_hours_difference", title, "h", change, HOURS_DIFFERENCE)
    return fields


def _tables(
    layers: tuple[Layer, ...],
    scenario: Scenario | None,
    grid: Grid,
    hours: list[F4],
    grounds: list[NDArray[np.bool_]],
) -> dict[str, Field]:
    """Means by building and by open space, of the state on the table; both states' hours."""
    after = apply(scenario, layers) if scenario else layers
    zones = building_zones(after, grid)
    free = np.logical_and.reduce(grounds)
    strip = strip_around(zones.number, max(1, round(STRIP / grid.cell)))
    strip[~free] = -1
    fields = {}
    if zones.ids:
        columns = _identity(zones, grid)
        columns |= _means("roof", hours, zones.number, zones)
        columns |= _means("ground_beside", hours, strip, zones)
        fields["by_building"] = Field("by_building", "Hours of sun by building", "h", columns)
    spaces = open_space_zones(layers, grid, zones.number >= 0)
    number = np.where(free, spaces.number, -1)
    whole = np.where(free & (zones.number < 0), 0, -1).astype(np.int32)
    total = Zones(["all open ground"], [""], ["total"], whole)
    columns = _open_columns(total, grid, hours)
    if spaces.ids:
        more = _open_columns(spaces._replace(number=number.astype(np.int32)), grid, hours)
        columns = {name: [*column, *more[name]] for name, column in columns.items()}
    fields["by_open_space"] = Field("by_open_space", "Hours of sun by open space", "h", columns)
    return fields


def _identity(zones: Zones, grid: Grid) -> dict[str, list[Any]]:
    cells = np.bincount(zones.number[zones.number >= 0], minlength=len(zones.ids))
    return {
        "id": list(zones.ids),
        "layer": list(zones.layer_ids),
        "type": list(zones.kinds),
        "area_m2": [float(n) * grid.cell**2 for n in cells],
        "geometry": outlines(zones, grid),
    }


def _means(what: str, hours: list[F4], number: NDArray[np.int32], zones: Zones) -> dict[str, list[float]]:
    """Mean hours over each zone, a column a state, and the change."""
    names = ("base", "scenario")[: len(hours)]
    found = {
        f"{what}_hours_{name}": mean_by_zone(lit, number, len(zones.ids))[0]
        for name, lit in zip(names, hours, strict=True)
    }
    if len(hours) == 2:
        found[f"{what}_hours_difference"] = mean_by_zone(hours[1] - hours[0], number, len(zones.ids))[0]
    return {name: [float(v) for v in column] for name, column in found.items()}


def _open_columns(zones: Zones, grid: Grid, hours: list[F4]) -> dict[str, list[Any]]:
    """The columns of open spaces: means, and the share of the area with two hours or more."""
    columns = _identity(zones, grid) | _means("mean", hours, zones.number, zones)
    for name, lit in zip(("base", "scenario"), hours, strict=False):
        enough = np.where(np.isfinite(lit), lit >= 2.0 - 1e-6, np.nan).astype(np.float32)
        share, _ = mean_by_zone(enough, zones.number, len(zones.ids))
        columns[f"share_2h_{name}"] = [float(v) for v in share]
    return columns


def _provenance(
    parameters: ShadowParameters, layers: tuple[Layer, ...], scenario: Scenario | None, grid: Grid, device: str,
    sun: tuple[Any, Any], times: list[Any], seconds: float,
) -> Mapping[str, Any]:  # fmt: skip
    """What the study was made of, so that anybody can make it again."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version()}
    for name in ("citymodel", "numpy", "numba", "pvlib", "pyproj"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "parameters": parameters.model_dump(mode="json"),
        "inputs": [
            {"layer": one.name, "kind": one.kind, "source": one.source, "licence": one.licence} for one in layers
        ],
        "scenario": scenario.to_dict() if scenario else None,
        "versions": versions,
        "device": device,
        "seconds": round(seconds, 3),
        "cell_m": grid.cell,
        "size": list(grid.shape),
        "crs": grid.crs,
        "time_step_minutes": parameters.step,
        "suns": len(times),
        "suns_above_horizon": int((sun[1] > 0).sum()),
        "sun": "NREL SPA with refraction, at the middle of the area, turned by the meridian convergence",
        "surface_model": "terrain, highest returns without noise, and model polygons, exact at the cells' centres",
    }


def _notes(
    parameters: ShadowParameters, layers: tuple[Layer, ...], scenario: Scenario | None, dsm: Any, grid: Grid,
    sun: tuple[Any, Any],
) -> list[str]:  # fmt: skip
    """Plain lines to print beside the result."""
    span = f"{clock(parameters.start)} to {clock(parameters.end)} {parameters.zone}"
    settings = (
        f"{parameters.date.isoformat()}, {span}, every {parameters.step} min; cells of {grid.cell:g} m; "
        f"light {parameters.receiver_height:g} m above the surface; direct sun only, sky taken as clear"
    )
    notes = [settings]
    if not (sun[1] > 0).any():
        notes.append("The sun does not rise above the horizon in this span.")
    relief = float(dsm.max() - dsm.min())
    reach = relief / np.tan(np.radians(LOW_SUN))
    notes.append(
        f"What stands outside the data casts no shadow here: with the sun {LOW_SUN:g}° high, cells within {reach:.0f} "
        "m of an edge may get less sun than shown."
    )
    filled = float(np.asarray(dsm["filled"]).mean())
    if filled > 0.005:
        notes.append(f"{filled:.0%} of the surface holds no measurement and was filled from its surroundings.")
    if scenario:
        notes.append("Inside a changed footprint the difference compares what lies on top: a roof with the ground.")
    gone = missing(scenario, layers) if scenario else []
    if gone:
        notes.append(f"{len(gone)} changes of the scenario name objects that are not in the data; they were left out.")
    return notes
