"""The viewshed of a project: what is seen from points, a path or an area, as it is, as proposed, and the change."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.areas import chosen_areas
from citymodel.analysis.facade.occluders import Origin, occluders
from citymodel.analysis.on_device import placed
from citymodel.analysis.part import Part, with_margin
from citymodel.analysis.question import SOURCES, scenario_of
from citymodel.analysis.sun_state import ON_THE_GROUND
from citymodel.analysis.sun_study import heights
from citymodel.analysis.two_states import States
from citymodel.analysis.viewshed.eyes import Places, Standing, State, inside, places_of, standing
from citymodel.analysis.viewshed.look import Seen, look, views_over
from citymodel.analysis.viewshed.notes import notes_of
from citymodel.analysis.viewshed.parameters import ViewshedParameters
from citymodel.analysis.viewshed.tables import maps_of, tables_of
from citymodel.analysis.viewshed.walls import Walls, meshes_of, neglected
from citymodel.analysis.zones import building_zones
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Layer
from citymodel.results import Result
from citymodel.scenario import Scenario, apply
from citymodel.surface import Grid, analysis_surface
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.analysis.estimate import Estimate
    from citymodel.document import Document
    from citymodel.project import Project

F8 = NDArray[np.float64]

BYTES_A_CELL = 130
"""Bytes a cell and state that the study holds at once, measured on the sample city."""
TITLES = {"points": "Seen from {n} places", "path": "Seen along a path", "area": "Seen from an area"}


def run(project: Project | Document, parameters: ViewshedParameters, job: Progress = silent) -> Result:
    """What is seen over the project's data, base and scenario."""
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    asked = _asked(document, parameters)
    states, made = _states(document, asked, parameters, part_of(job, 0.0, 0.3))
    stood = standing(asked.places, states, asked.part.grid, parameters)
    segments = _segments(stood.places, parameters)
    seen: list[Seen] = []
    device = "cpu"
    walls = _walls(asked, parameters) if parameters.surface == "walls" else None
    for number, state in enumerate(states):
        step = part_of(job, 0.3 + 0.6 * number / len(states), 0.6 / len(states))
        dsm, device = placed(state.dsm, parameters.device)
        dtm = placed(state.dtm, parameters.device)[0]
        make = None
        if walls is not None:
            make = partial(walls, number, state, device)
        views, surface = views_over(dsm, dtm, asked.part.grid.cell, make)
        heights_of = surface if parameters.least and parameters.surface == "raster" else None
        seen.append(look(views, stood.eyes[number], parameters.sight(), asked.part, segments, heights_of, step))
    job(0.9, "tables")
    count = len(stood.places)
    title = (
        TITLES[parameters.kind].format(n=count) if parameters.kind != "points" or count > 1 else "Seen from one place"
    )
    fields = maps_of(made, seen, count, title) | tables_of(made, seen, stood, segments, parameters)
    job(1.0)
    facts = made.provenance(parameters, device, time.perf_counter() - began)
    facts |= _facts(asked, stood, seen, parameters)
    return Result("viewshed", title, fields, facts, notes_of(parameters, made, stood, seen, facts))


class Asked(NamedTuple):
    """The question before anything is computed.

    outside : places beyond the data; part : the map, and the grid that holds the eyes too
    """

    layers: tuple[Layer, ...]
    scenario: Scenario | None
    places: Places
    outside: int
    part: Part


def _asked(document: Document, parameters: ViewshedParameters) -> Asked:
    from citymodel.geo import definition

    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    scenario = scenario_of(document, parameters.scenario)
    crs = document.frame.crs if document.frame else None
    if crs is None:
        raise CrsError("the project has no coordinate system, so lengths are unknown; open the data with one")
    if definition(crs).is_geographic:
        raise CrsError(f"{crs} counts in degrees; a viewshed needs metres, open the data in a projected system")
    if parameters.surface == "walls" and not any(one.kind == "city" for one in layers):
        raise ParameterError("there is no city model, so no upright walls are known; choose the surface raster")
    whole = extent(layers)
    places, outside = inside(places_of(parameters), whole, parameters.kind)
    low, high = places.xy.min(axis=0), places.xy.max(axis=0)
    box = parameters.bounds
    if box is None:
        reach = math.inf if parameters.reach is None else parameters.reach
        box = (
            max(whole[0], low[0] - reach), max(whole[1], low[1] - reach),
            min(whole[2], high[0] + reach), min(whole[3], high[1] + reach),
        )  # fmt: skip
    shown = Grid.around(box, parameters.cell, crs)
    x0, y0, x1, y1 = shown.bounds
    room = tuple(
        max(0.0, away) + 2 * parameters.cell if away > -2 * parameters.cell else 0.0
        for away in (x0 - low[0], high[1] - y1, high[0] - x1, y0 - low[1])
    )
    wide = tuple(max(a, b) if k > 1 else min(a, b) for k, (a, b) in enumerate(zip(whole, shown.bounds, strict=True)))
    return Asked(layers, scenario, places, outside, with_margin(shown, wide, room))  # type: ignore[arg-type]


def _states(
    document: Document, asked: Asked, parameters: ViewshedParameters, job: Progress
) -> tuple[list[State], States]:
    """Surfaces of the base and of the scenario."""
    grid, solid = asked.part.grid, parameters.trees == "solid"
    wanted: list[Scenario | None] = [None] + ([asked.scenario] if asked.scenario else [])
    found, surfaces, grounds = [], [], []
    for number, one in enumerate(wanted):
        step = part_of(job, number / len(wanted), 1.0 / len(wanted))
        dsm, dtm = analysis_surface(asked.layers, one, grid, step, trees=solid)
        buildings = building_zones(apply(one, asked.layers) if one else asked.layers, grid)
        bare = np.ascontiguousarray(dtm, dtype=np.float32)
        found.append(State(heights(dsm), bare, buildings, f" of {one.name}" if one else ""))
        surfaces.append(dsm)
        grounds.append(asked.part.of(np.asarray(dsm - dtm)) < ON_THE_GROUND)
    areas = tuple(chosen_areas(document, parameters.areas))
    return found, States(asked.layers, asked.scenario, asked.part, tuple(surfaces), tuple(grounds), areas)


def _walls(asked: Asked, parameters: ViewshedParameters) -> Any:
    """Makes the walls of a state of terrain and surface; the triangles are made ready once."""
    left, low, right, high = asked.part.grid.bounds
    origin: Origin = (round((left + right) / 2, -3), round((low + high) / 2, -3), 0.0)
    ready: dict[str, Any] = {}

    def of(number: int, state: State, device: str, terrain: Any, surface: Any) -> Walls:
        if device not in ready:
            trees = parameters.trees == "solid"
            ready[device] = occluders(asked.layers, asked.scenario, origin, device, ground=False, trees=trees)
        meshes = meshes_of(ready[device], number)
        return Walls(meshes, terrain, surface, state.dsm, state.dtm, asked.part.grid, origin, device)

    return of


def _segments(places: Places, parameters: ViewshedParameters) -> NDArray[np.int64] | None:
    """The segment of the path that each eye belongs to; the last eye to the last one."""
    if parameters.kind != "path":
        return None
    last = max(0, math.ceil(places.shape.length / parameters.segment - 1e-9) - 1)
    number = np.floor(places.along / parameters.segment + 1e-9).astype(np.int64)
    return np.asarray(np.minimum(number, last))


def _facts(asked: Asked, stood: Standing, seen: list[Seen], parameters: ViewshedParameters) -> dict[str, Any]:
    """What the view was made of, beyond what every study says."""
    sight = parameters.sight()
    cell = asked.part.shown.cell
    x, y = stood.places.xy.T
    left, low, right, high = asked.part.shown.bounds
    far = np.hypot(np.maximum(abs(x - left), abs(x - right)), np.maximum(abs(y - low), abs(y - high))).max()
    far = min(float(far), sight.reach)
    facts: dict[str, Any] = {
        "surface": dict(_surfaces())[parameters.surface], "mode": "exact (R3)", "eyes": len(stood.places),
        "eye_m": parameters.eye, "target_m": parameters.target, "reach_m": parameters.reach,
        "refraction_k": parameters.k if parameters.curvature else None, "earth_curvature": parameters.curvature,
        "places_outside": asked.outside, "left_out": dict(stood.left_out), "on_roofs": stood.on_roof,
        "under_trees": stood.under_trees,
        "seen_m2": [int((one.union == 1).sum()) * cell**2 for one in seen],
    }  # fmt: skip
    if parameters.surface == "walls":
        facts["rays_too_high_by_at_most_m"] = round(neglected(sight, far), 4)
        either = [int(((one.union == 1) | (one.raster == 1)).sum()) for one in seen]
        both = [int(((one.union == 1) & (one.raster == 1)).sum()) for one in seen]
        facts["raster_seen_m2"] = [int((one.raster == 1).sum()) * cell**2 for one in seen]
        facts["overlap_with_raster"] = [round(b / a, 4) if a else 1.0 for a, b in zip(either, both, strict=True)]
    return facts


def _surfaces() -> tuple[tuple[str, str], ...]:
    from citymodel.analysis.viewshed.parameters import SURFACES

    return SURFACES


def estimate(document: Document, parameters: ViewshedParameters) -> Estimate:
    """What the study takes on this machine."""
    from citymodel.analysis.estimate import rates, sized
    from citymodel.analysis.viewshed.rate import seconds_a_cell

    coarse = parameters.model_copy(update={"cell": max(parameters.cell, 10.0)})
    asked = _asked(document, coarse)
    left, low, right, high = asked.part.grid.bounds
    area, eyes, states = (right - left) * (high - low), len(asked.places), 2 if asked.scenario else 1
    reached = area if parameters.reach is None else min(area, math.pi * parameters.reach**2)
    look_rate = seconds_a_cell()
    if parameters.surface == "walls":
        look_rate += seconds_a_cell() + RAY
    elif parameters.least:
        look_rate += seconds_a_cell(height=True)
    returns = sum(len(one.data) for one in asked.layers if one.kind == "points")
    rest = rates().cell

    def seconds(cell: float) -> float:
        each = eyes * reached / cell**2 * look_rate
        return float(states * (each + area / cell**2 * rest) + returns * rest + 0.3)

    return sized(area, parameters.cell, 0, states, seconds, BYTES_A_CELL)


RAY = 1.5e-7
"""Seconds of a ray past the walls, on two cores."""
