"""From a project and a study's parameters to the cases of the base and of the scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.cover import classes_of
from citymodel.analysis.flood.edges import edges_with, outfall
from citymodel.analysis.flood.losses import NAMES, Losses, losses
from citymodel.analysis.flood.parameters import FloodParameters
from citymodel.analysis.flood.rain import Forcing, forcing_of, sources_of
from citymodel.analysis.question import SOURCES, grid_of, scenario_of
from citymodel.analysis.viewshed.eyes import letters
from citymodel.analysis.zones import Zones, building_zones
from citymodel.errors import CrsError, ParameterError
from citymodel.flood.run import Gauge, Section
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Layer
from citymodel.scenario import Scenario, apply
from citymodel.surface import Grid
from citymodel.surface.flow import FlowSurface, flow_surface
from citymodel.surface.from_model import model_triangles, rasterise
from citymodel.surface.grid import extent
from kernels.flood_sources import Culverts

if TYPE_CHECKING:
    from citymodel.document import Document

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """The question before anything is computed; whole : the box of all data."""

    layers: tuple[Layer, ...]
    scenario: Scenario | None
    grid: Grid
    forcing: Forcing
    duration: float
    whole: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """One state made ready.

    name : "base" or "scenario"; zones : its buildings; water : (rows, columns) metres of depth at the start
    """

    name: str
    layers: tuple[Layer, ...]
    case: Case
    surface: FlowSurface
    zones: Zones
    losses: Losses
    water: F8


def asked(document: Document, parameters: FloodParameters) -> Asked:
    """What is asked of this document."""
    from citymodel.geo import definition

    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    scenario = scenario_of(document, parameters.scenario)
    crs = document.frame.crs if document.frame else None
    if crs is not None and definition(crs).is_geographic:
        raise CrsError(f"{crs} counts in degrees; a flood needs metres, open the data in a projected system")
    grid = grid_of(document, layers, parameters.bounds, parameters.cell)
    forcing = forcing_of(parameters)
    duration = forcing.ends + 3600.0 * parameters.after
    if duration <= 0:
        raise ParameterError("the run would last no time; give rain, an inflow or hours to go on for")
    return Asked(layers, scenario, grid, forcing, duration, extent(layers))


def prepared(question: Asked, parameters: FloodParameters, job: Progress = silent) -> list[Prepared]:
    """The cases of the base and, where there is one, of the scenario."""
    wanted: list[tuple[str, Scenario | None]] = [("base", None)]
    if question.scenario is not None:
        wanted.append(("scenario", question.scenario))
    found = []
    for number, (name, scenario) in enumerate(wanted):
        step = part_of(job, number / len(wanted), 1.0 / len(wanted))
        found.append(_prepared(name, scenario, question, parameters, step))
    return found


def _prepared(
    name: str, scenario: Scenario | None, question: Asked, parameters: FloodParameters, job: Progress
) -> Prepared:
    job(0.0, "the ground that water runs on")
    grid = question.grid
    surface = flow_surface(question.layers, scenario, grid, parameters.buildings, part_of(job, 0.0, 0.8))
    job(0.8, "the buildings of each cell")
    after = apply(scenario, question.layers) if scenario else question.layers
    zones = building_zones(after, grid)
    ground = np.asarray(surface.terrain, np.float64)
    free = np.isfinite(ground) & (~surface.blocked if surface.blocked is not None else True)
    if not free.any():
        raise ParameterError("nothing tells the ground here; add a terrain raster, ground points or a terrain model")
    job(0.86, "land cover")
    classes, facts, notes = classes_of(after, grid, parameters.cover, zones.number >= 0)
    known, blocked, rough = np.isfinite(ground), surface.blocked, surface.rough
    roofs = known & (classes == NAMES.index("building"))
    if not zones.ids and roofs.any() and parameters.buildings != "raised":
        blocked, rough = (roofs, None) if parameters.buildings == "blocked" else (None, roofs)
        free = known if blocked is None else known & ~roofs
        notes.append("No model tells the buildings: those of the land cover stand in the water's way.")
    job(0.92, "soil and drains")
    found = losses(classes, parameters, question.forcing.storm, rough, (~free, known & ~free))
    job(0.96, "water at the start")
    water = _first_water(after, ground, free, grid, parameters)
    edges, said, told = edges_with(parameters.edges, np.where(free, ground, np.nan), water, parameters.wet)
    end = outfall(parameters.edges, free, known, water >= parameters.wet)
    links = surface.links(grid) if surface.openings else ()
    case = Case(
        scenario.name if scenario else "as it is", grid, ground, question.duration, 60.0 * parameters.every,
        blocked, found.manning,
        (*found.sources, *sources_of(question.forcing, grid, free), *((Culverts(links),) if links else ()),
         *((end,) if end is not None else ())),
        edges, water if (water > 0).any() else None, scheme=parameters.scheme, courant=parameters.courant,
        wet=parameters.wet, gauges=_gauges(parameters), sections=_sections(parameters),
        gauge_every=parameters.gauge_every, velocities=parameters.velocities, begins=parameters.moment(),
        facts={**question.forcing.facts, **found.facts, **facts, **told},
        notes=(*surface.notes, *notes, *found.notes, *said),
    )  # fmt: skip
    job(1.0)
    return Prepared(name, after, case, surface, zones, found, water)


def _first_water(layers: tuple[Layer, ...], ground: F8, free: Mask, grid: Grid, parameters: FloodParameters) -> F8:
    """Metres of water at the start: of rivers and ponds up to their surface in the model, or up to a level."""
    if parameters.initial == "dry":
        return np.zeros(grid.shape)
    level: Any = np.full(grid.shape, np.nan)
    if parameters.initial == "level":
        level = np.full(grid.shape, parameters.initial_level)
    else:
        for layer in layers:
            if layer.kind == "city":
                triangles = model_triangles(layer.data)
                level = np.fmax(level, rasterise(triangles, triangles.water, grid)[0].astype(np.float64))
    depth = np.nan_to_num(level - ground)
    return np.where(free & (depth > 0), depth, 0.0)


def _gauges(parameters: FloodParameters) -> tuple[Gauge, ...]:
    return tuple(Gauge(letters(k), one[0], one[1]) for k, one in enumerate(parameters.gauges))


def _sections(parameters: FloodParameters) -> tuple[Section, ...]:
    ends = parameters.sections
    return tuple(
        Section(letters(k), ((a[0], a[1]), (b[0], b[1])))
        for k, (a, b) in enumerate(zip(ends[::2], ends[1::2], strict=True))
    )
