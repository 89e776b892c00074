"""Who sees a proposal: the ground, façades and homes that it is visible from, how much of it, and what it hides."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.estimate import Estimate
from citymodel.analysis.facade import addresses
from citymodel.analysis.facade import groups as grouped
from citymodel.analysis.facade import homes as homes_
from citymodel.analysis.facade.matched import device_of
from citymodel.analysis.facade.occluders import occluders
from citymodel.analysis.facade.place import Place, place_of
from citymodel.analysis.facade.points import FacadePoints, facade_points
from citymodel.analysis.facade.report import made_of
from citymodel.analysis.facade.sight import Seen, seen
from citymodel.analysis.facade.target import target
from citymodel.analysis.impact import report, tables
from citymodel.analysis.impact.ground import SeenFrom, columns_of, seen_from
from citymodel.analysis.impact.hidden import newly_hidden, viewpoints
from citymodel.analysis.impact.parameters import REFRACTION, ImpactParameters
from citymodel.analysis.impact.proposal import Body, body_of
from citymodel.analysis.impact.report import title_of
from citymodel.analysis.provenance import provenance
from citymodel.analysis.question import SOURCES, grid_of, scenario_of
from citymodel.analysis.sun_state import ON_THE_GROUND
from citymodel.analysis.zones import building_zones, outlines
from citymodel.errors import ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.legends_view import ANGLE, HIDES, METRES
from citymodel.results import Field, Result
from citymodel.scenario import Scenario
from citymodel.surface import Grid, analysis_surface
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.layers import Layer
    from citymodel.project import Project
    from kernels.viewshed import Sight

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]


class Surfaces(NamedTuple):
    """Rasters of one grid: the base, the city without the proposal's bodies, with them, and the terrain."""

    grid: Grid
    base: F4
    without: F4
    with_it: F4
    terrain: F4


def run(project: Project | Document, parameters: ImpactParameters, job: Progress = silent) -> Result:
    """Who sees what a scenario adds, on the ground and from façades."""
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    scenario = scenario_of(document, parameters.scenario)
    if scenario is None:
        raise ParameterError("there is no proposal to be seen; draw a building, or choose a scenario that changes some")
    place = place_of(document, parameters.scenario, part_of(job, 0.0, 0.1))
    body = body_of(scenario, place.layers, place.origin)
    device = device_of(parameters.device)
    made = _surfaces(document, scenario, body, parameters, place, part_of(job, 0.1, 0.1))
    eyes = viewpoints(made.terrain, made.with_it, made.grid, parameters.places, parameters.eye)
    sight = _sight(parameters)
    columns = columns_of(made.without, made.with_it, parameters.columns)
    maps = [
        seen_from(one, made.grid.cell, columns, sight, device, part_of(job, start, 0.2), text)
        for one, start, text in (
            (made.without, 0.2, "who sees it, on the ground"), (made.terrain, 0.4, "who would see it over bare earth")
        )
    ]  # fmt: skip
    closed = ~(made.without - made.terrain < ON_THE_GROUND) | (np.abs(made.with_it - made.without) > ON_THE_GROUND)
    for one in maps:
        for raster in (one.metres, one.vertical, one.horizontal):
            raster[closed] = np.nan
    middle = body.corners.reshape(-1, 3).mean(axis=0) + np.asarray(place.origin)
    mark = f"POINT Z ({middle[0]:.2f} {middle[1]:.2f} {middle[2]:.2f})"
    fields: dict[str, Field] = {}
    facts: dict[str, Any] = {}
    notes: list[str] = []
    if parameters.facades:
        fields, facts, notes = _facades(place, body, parameters, made.grid, device, mark, part_of(job, 0.6, 0.3))
    ground = tables.ground_table(maps[0].metres, maps[1].metres, made.grid.cell**2, mark)
    fields["by_ground"] = Field("by_ground", "Open ground that sees it", "m²", ground, METRES)
    if eyes:
        code, rows = newly_hidden(
            (made.base, made.with_it), made.grid, eyes, sight, device, part_of(job, 0.9, 0.1)
        )  # fmt: skip
        fields["by_viewpoint"] = Field("by_viewpoint", "Newly hidden from viewpoints", "m²", rows, HIDES)
        fields["hides"] = _map(made.grid, "hides", "What it hides from the viewpoints", "", code, HIDES)
    fields |= _maps(made.grid, maps, scenario)
    job(1.0)
    seconds = time.perf_counter() - began
    whole = provenance(parameters, _sources(document), scenario, made.grid, device, seconds) | facts
    whole |= {"seconds": round(seconds, 3)} | report.facts(body, columns, place, parameters, scenario)
    notes = report.notes(parameters, scenario, columns, ground, fields, made.grid) + notes
    return Result("impact", f"Who sees {scenario.name}", fields, whole, notes)


def _sources(document: Document) -> tuple[Layer, ...]:
    return tuple(one for one in document.layers if one.kind in SOURCES)


def _sight(parameters: ImpactParameters) -> Sight:
    from kernels.viewshed import Sight

    return Sight(target=parameters.eye, reach=parameters.reach, refraction=REFRACTION[parameters.refraction])


def _surfaces(
    document: Document, scenario: Scenario, body: Body, parameters: ImpactParameters, place: Place, job: Progress
) -> Surfaces:
    """The surfaces of the part and of what lies between it and the proposal."""
    layers = _sources(document)
    left, low, right, high = parameters.bounds or extent(layers)
    x0, y0, x1, y1 = (one + place.origin[k % 2] for k, one in enumerate(body.box))
    edge = 2 * parameters.cell
    bounds = (min(left, x0 - edge), min(low, y0 - edge), max(right, x1 + edge), max(high, y1 + edge))
    grid = grid_of(document, layers, bounds, parameters.cell)
    found: list[F4] = []
    terrain: F4 = np.zeros(0, np.float32)
    for k, state in enumerate((None, body.without, scenario)):
        if k == 1 and not body.without.changes:
            found.append(found[0])
            continue
        dsm, dtm = analysis_surface(layers, state, grid, part_of(job, k / 3, 1 / 3))
        found.append(np.asarray(dsm, dtype=np.float32))
        terrain = np.asarray(dtm, dtype=np.float32) if k == 0 else terrain
    return Surfaces(grid, found[0], found[1], found[2], terrain)


def _facades(
    place: Place, body: Body, parameters: ImpactParameters, grid: Grid, device: str, mark: str, job: Progress
) -> tuple[dict[str, Field], dict[str, Any], list[str]]:
    """The fields of the façades of the scenario, facts and notes."""
    after = place.states[-1]
    points = facade_points(
        after, place.origin, parameters.kinds, parameters.spacing, parameters.storey_height, part_of(job, 0.0, 0.4)
    )
    homes = homes_.by_storey(points, after)
    keep, away = _asked(points, body, parameters, place)
    points, away, each = points.take(keep), away[keep], homes.each[keep]
    meshes = occluders(place.layers, place.scenario, place.origin, device, crowns=place.crowns)
    thing = target(body.corners, np.zeros((0, 4)), -np.inf, parameters.samples, True)
    if thing is None:
        raise ParameterError("the proposal has no surfaces that could be seen; draw it again")
    found: Seen = seen(
        points.xyz - np.asarray(place.origin), points.normal, thing, [meshes.states()[-1]],
        [np.ones(len(points), dtype=bool)], device, part_of(job, 0.4, 0.55), "who sees it, from façades",
    )[0]  # fmt: skip
    job(0.95, "tables")
    known = addresses.by_building(points, after)
    made = {
        "summary": ("Who sees it, in short", tables.summary(points, found, each, mark)),
        "facade_points": ("What each place sees of it", tables.points_of(points, found, away, each)),
    }
    for name, groups, title in (
        ("by_building", grouped.buildings(points), "Who sees it, by building"),
        ("by_storey", grouped.storeys(points), "Who sees it, by storey"),
    ):
        table = tables.group_table(
            points, groups, found, away, each, parameters.counts_from, known, by_storey=name == "by_storey"
        )
        made[name] = (title, table if name == "by_storey" else table | {"geometry": _outlines(place, grid, table)})
    fields = {name: Field(name, title, "", table, METRES) for name, (title, table) in made.items()}
    facts = made_of(parameters, place.sources, place.scenario, meshes, device, points, 0.0)
    facts = {name: facts[name] for name in ("rays", "triangles", "points", "points_dropped")}
    return fields, facts, [report.facade_note(place, parameters, len(thing)), homes.note()]


def _asked(
    points: FacadePoints, body: Body, parameters: ImpactParameters, place: Place
) -> tuple[NDArray[np.int64], F8]:
    """Rows of the points that are asked, and (n,) metres of all in plan from the proposal's box."""
    x0, y0, x1, y1 = (one + place.origin[k % 2] for k, one in enumerate(body.box))
    x, y = points.xyz[:, 0], points.xyz[:, 1]
    away = np.hypot(np.maximum(np.maximum(x0 - x, x - x1), 0), np.maximum(np.maximum(y0 - y, y - y1), 0))
    mine = np.array([one in body.buildings for one in zip(points.layer, points.building, strict=True)], dtype=bool)
    keep = ~mine & (away <= parameters.reach)
    if parameters.bounds is not None:
        left, low, right, high = parameters.bounds
        keep &= (x >= left) & (x <= right) & (y >= low) & (y <= high)
    if not keep.any():
        raise ParameterError("there are no façades of other buildings within the reach and the part; widen them")
    return np.flatnonzero(keep), away


def _outlines(place: Place, grid: Grid, table: dict[str, list[Any]]) -> list[str]:
    """The cells that each building of a table holds, as WKT."""
    zones = building_zones(place.states[-1], grid)
    found = dict(zip(zip(zones.layer_ids, zones.ids, strict=True), outlines(zones, grid), strict=True))
    return [found.get(key, "MULTIPOLYGON EMPTY") for key in zip(table["layer"], table["id"], strict=True)]


def _maps(grid: Grid, maps: list[SeenFrom], scenario: Scenario) -> dict[str, Field]:
    """The maps, what is asked most last."""
    city, bare = maps
    rows = (
        ("bare_metres", f"Height of {scenario.name} seen over the bare earth", "m", bare.metres, METRES),
        ("horizontal", title_of("horizontal", scenario), "°", city.horizontal, ANGLE),
        ("vertical", title_of("vertical", scenario), "°", city.vertical, ANGLE),
        ("metres", title_of("metres", scenario), "m", city.metres, METRES),
    )
    return {name: _map(grid, name, title, unit, values, legend) for name, title, unit, values, legend in rows}


def _map(grid: Grid, name: str, title: str, unit: str, values: F4, legend: Any) -> Field:
    return Field(name, title, unit, grid.raster(values, title.lower(), unit), legend)


BYTES_A_CELL = 60


def estimate(document: Document, parameters: ImpactParameters) -> Estimate:
    """What the study takes, before it starts."""
    from citymodel.analysis import estimate_light as light
    from citymodel.analysis.estimate import rates
    from citymodel.analysis.landmark.study import BUILDING, POINTS, WORK
    from citymodel.analysis.strips import free_memory
    from citymodel.analysis.viewshed.rate import seconds_a_cell

    left, low, right, high = parameters.bounds or extent(_sources(document))
    cells = int((right - left) * (high - low) / parameters.cell**2)
    views = 2 * (parameters.columns + 1) + 2 * len(parameters.places)
    seconds = cells * (views * seconds_a_cell(height=True) + 6 * rates().cell) + 0.5
    returns = sum(len(one.data) for one in document.layers if one.kind == "points")
    seconds += 2 * returns * rates().cell
    if parameters.facades:
        buildings = sum(light._buildings(one.data) for one in document.layers if one.kind == "city")
        points = buildings * POINTS * 3.0 / parameters.spacing
        seconds += (buildings * BUILDING + points * parameters.samples * WORK) * rates().cell
    return Estimate(cells, 0, 2, seconds, cells * BYTES_A_CELL + 300_000_000, free_memory())
