"""The sun study: light on a day, as it is, as proposed, and the difference, on maps and in tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.areas import area_zones, chosen_areas, in_file_order
from citymodel.analysis.part import part_of_city, relief_of
from citymodel.analysis.provenance import provenance
from citymodel.analysis.question import SOURCES, grid_of, scenario_of
from citymodel.analysis.shadow_notes import notes
from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.analysis.sun_casters import caster_columns
from citymodel.analysis.sun_state import Light, State, state_of
from citymodel.analysis.sun_tables import Counts, Hours, area_columns, means
from citymodel.analysis.suns import suns_of
from citymodel.analysis.zones import (
    Zones,
    building_zones,
    identity,
    joined,
    open_space_zones,
    strip_around,
)
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Layer
from citymodel.legends import FIRST_SUN, HOURS, HOURS_DIFFERENCE, LAST_SUN, NO_SUN
from citymodel.results import Field, Result
from citymodel.scenario import Scenario, apply
from citymodel.surface import Grid

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project

Mask = NDArray[np.bool_]

STRIP = 3.0
"""Metres around a building that count as the ground before it."""
BATCH = 64
"""Suns whose bit planes are held at once: 8 bytes a cell and state."""


def run(project: Project | Document, parameters: ShadowParameters, job: Progress = silent) -> Result:
    """Sun on a day over the project's data: hours, longest spell, first and last sun, for base and scenario.

    The scenario's fields and the difference are there where the scenario changes something.
    """
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    scenario = scenario_of(document, parameters.scenario)
    grid = grid_of(document, layers, parameters.bounds, parameters.cell)
    suns = suns_of(grid, parameters)
    after = apply(scenario, layers) if scenario else layers
    relief = max(relief_of(layers), relief_of(after)) + max(-parameters.receiver_height, 0.0)
    place = part_of_city(grid, layers, relief, (suns.azimuth, suns.altitude))
    states: list[State] = []
    lights: list[Light] = []
    records: list[Any] = []
    hours: list[Hours] = []
    wanted: list[Scenario | None] = [None] + ([scenario] if scenario else [])
    for number, one in enumerate(wanted):
        part = part_of(job, 0.8 * number / len(wanted), 0.8 / len(wanted))
        state = state_of(layers, one, place.grid, parameters.trees, part_of(part, 0.0, 0.4))
        light = Light(state, suns, parameters, part=place)
        record = light.record(part_of(part, 0.4, 0.2))
        states.append(state)
        lights.append(light)
        records.append(record)
        hours.append(_with_error(light, record.hours, part_of(part, 0.6, 0.4)))
    grounds = [place.of(state.ground) for state in states]
    given = chosen_areas(document, parameters.areas)
    counted = _areas(given, layers, grid, grounds)
    counts = counts_of(lights, [zones for _, zones in counted], len(suns.clock), part_of(job, 0.8, 0.1))
    owners = building_zones(after, place.grid)
    spaces = [zones for name, zones in counted if name == "by_area"] or [counted[0][1]]
    casters = caster_columns(lights[-1], owners, spaces, part_of(job, 0.9, 0.05)) if owners.ids else {}
    job(0.95, "tables")
    fields = _rasters(grid, records, scenario)
    fields |= _buildings(owners if place.grid == grid else building_zones(after, grid), grid, hours, grounds)
    by_name: dict[str, list[Any]] = {}
    for (name, zones), count in zip(counted, counts, strict=True):
        by_name.setdefault(name, []).append(area_columns(zones, grid, hours, count, suns, parameters))
    titles = {"by_open_space": "Sun on open spaces", "by_area": "Sun on areas"}
    tables = {name: joined(parts) for name, parts in by_name.items()}
    if "by_area" in tables:
        tables["by_area"] = in_file_order(tables["by_area"], given)
    fields |= {name: Field(name, titles[name], "h", table) for name, table in tables.items()}
    if casters:
        fields["by_caster"] = Field("by_caster", "Who casts the shade", "m² h", casters)
    job(1.0)
    facts = provenance(parameters, (*layers, *given), scenario, grid, lights[0].device, time.perf_counter() - began)
    facts |= {
        "time_step_minutes": parameters.step,
        "suns": len(suns.times),
        "suns_above_horizon": suns.above,
        "convergence_degrees": round(suns.convergence, 6),
        "sun": "NREL SPA with refraction, at the middle of the area, turned by the meridian convergence",
        "surface_model": "terrain, highest returns without noise, and model polygons, exact at the cells' centres",
    }
    title = f"Hours of sun on {parameters.date.isoformat()}"
    return Result("shadow", title, fields, facts, notes(parameters, layers, scenario, states[0], suns, place))


def _with_error(light: Light, value: Any, job: Progress) -> Hours:
    """The hours, and those with everything that stands taken higher and lower by the error of heights."""
    error = light.parameters.height_error
    if not error:
        return Hours(value, value, value)
    low = light.with_heights(error).hours(part_of(job, 0.0, 0.5))
    high = light.with_heights(-error).hours(part_of(job, 0.5, 0.5))
    return Hours(value, np.fmin(low, value), np.fmax(high, value))


def _areas(
    given: Sequence[Layer], layers: tuple[Layer, ...], grid: Grid, grounds: Sequence[Mask]
) -> list[tuple[str, Zones]]:  # fmt: skip
    """The zones to report on, by the table they go to: all open ground, the model's open spaces, given areas."""
    free = np.logical_and.reduce(list(grounds))
    buildings = building_zones(layers, grid).number >= 0
    whole = np.where(free & ~buildings, 0, -1).astype(np.int32)
    found = [("by_open_space", Zones(["all open ground"], [""], ["total"], whole))]
    spaces = open_space_zones(layers, grid, buildings)
    if spaces.ids:
        found.append(("by_open_space", spaces.only(free)))
    found += [("by_area", zones.only(free)) for layer in given for zones in area_zones(layer, grid)]
    return found


def counts_of(lights: list[Light], zones: list[Zones], steps: int, job: Progress = silent) -> list[Counts]:
    """Lit, newly shaded and newly lit cells of each zone at each step."""
    from kernels.device import to_device
    from kernels.zones import count_by_zone

    device = lights[0].device
    numbers = [to_device(np.ascontiguousarray(one.number), device) for one in zones]
    rows: list[list[list[Any]]] = [[[] for _ in range(4)] for _ in zones]
    for start in range(0, steps, BATCH):
        job(start / steps, "light by the hour")
        chosen = slice(start, min(start + BATCH, steps))
        planes = [light.planes(chosen) for light in lights]
        stacks = [*planes, planes[0] & ~planes[1], planes[1] & ~planes[0]] if len(planes) == 2 else planes
        for at, (number, one) in enumerate(zip(numbers, zones, strict=True)):
            for which, stack in enumerate(stacks):
                found = to_device(count_by_zone(stack, number, len(one.ids)), "cpu")
                rows[at][which].append(found[: chosen.stop - start])
    total = [[np.concatenate(part) for part in parts if part] for parts in rows]
    if len(lights) == 1:
        return [Counts(one, None, None) for one in total]
    return [Counts(one[:2], one[2], one[3]) for one in total]


def _rasters(grid: Grid, records: list[Any], scenario: Scenario | None) -> dict[str, Field]:
    """The maps: of each state, and the difference in hours."""
    words = [", as it is" if scenario else ""] + ([f", {scenario.name}"] if scenario else [])
    fields: dict[str, Field] = {}
    for key, title, unit, legend, part in (
        ("longest_sun", "Longest uninterrupted sun", "h", HOURS, "longest"),
        ("first_sun", "First sun", "h after midnight", FIRST_SUN, "first"),
        ("last_sun", "Last sun", "h after midnight", LAST_SUN, "last"),
        ("sun_hours", "Hours of sun", "h", HOURS, "hours"),
    ):
        for name, word, record in zip(("base", "scenario"), words, records, strict=False):
            values = np.asarray(getattr(record, part), dtype=np.float32)
            if part in ("first", "last"):
                never = NO_SUN if part == "first" else 0.0
                lost = np.isnan(values) & np.isfinite(record.hours)
                values = np.where(lost, np.float32(never), values).astype(np.float32)
            said = f"{title}{word}"
            fields[f"{key}_{name}"] = Field(
                f"{key}_{name}", said, unit, grid.raster(values, said.lower(), unit), legend
            )  # fmt: skip
    if scenario:
        title = f"Change in hours of sun, {scenario.name}"
        change = grid.raster(records[1].hours - records[0].hours, title.lower(), "h")
        fields["sun_hours_difference"] = Field("sun_hours_difference", title, "h", change, HOURS_DIFFERENCE)
    return fields


def _buildings(zones: Zones, grid: Grid, hours: list[Hours], grounds: Sequence[Mask]) -> dict[str, Field]:
    """Means on roofs and on the ground before them, of the state on the table; both states' hours."""
    if not zones.ids:
        return {}
    strip = strip_around(zones.number, max(1, round(STRIP / grid.cell)))
    strip[~np.logical_and.reduce(list(grounds))] = -1
    values = [one.value for one in hours]
    columns = identity(zones, grid)
    columns |= means("roof", values, zones.number, len(zones.ids))
    columns |= means("ground_beside", values, strip, len(zones.ids))
    return {"by_building": Field("by_building", "Hours of sun by building", "h", columns)}
