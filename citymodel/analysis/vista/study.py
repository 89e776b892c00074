"""Protected views: the room below the threshold of a corridor, building by building and on maps, base and scenario."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.provenance import provenance
from citymodel.analysis.question import scenario_of
from citymodel.analysis.vista.corridor import Corridor
from citymodel.analysis.vista.landmark import Landmark, corridor_of, landmark_of
from citymodel.analysis.vista.legends import CLEARANCE, CLEARANCE_DIFFERENCE, ROOM
from citymodel.analysis.vista.masses import Masses, masses_after, masses_of, worst_of
from citymodel.analysis.vista.parameters import VistaParameters
from citymodel.analysis.vista.profile import profile_table
from citymodel.analysis.vista.tables import clearance_table, outlines
from citymodel.analysis.vista.words import notes_of
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Layer
from citymodel.results import Field, Result
from citymodel.scenario import Scenario, apply
from citymodel.surface import Grid, analysis_surface

if TYPE_CHECKING:
    from citymodel.analysis.estimate import Estimate
    from citymodel.document import Document
    from citymodel.project import Project

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]

KINDS = ("city", "points", "terrain")
CELLS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Metres, of which the first that gives the maps at most SIDE cells along a side is taken."""
SIDE = 1500
AROUND = 60
"""Cells of a metre around the assessment point from which its ground is known."""
BYTES_A_CELL = 80


def run(project: Project | Document, parameters: VistaParameters, job: Progress = silent) -> Result:
    """The protected view over the project's model and ground."""
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    layers, crs = _sources(document)
    scenario = scenario_of(document, parameters.scenario)
    job(0.0, "the assessment point")
    landmark, corridor, facts = placed(layers, scenario, parameters, crs)
    grid = _grid(layers, corridor, parameters, crs)
    _, dtm = analysis_surface(layers, None, grid, part_of(job, 0.05, 0.35), trees=False)
    states = [masses_of(layers, landmark.own)]
    touched: set[tuple[str, str]] = set()
    if scenario:
        after, touched = masses_after(states[0], layers, scenario, landmark.own)
        states.append(after)
    fields = _maps(corridor, grid, np.asarray(dtm, dtype=np.float32), states, scenario, part_of(job, 0.4, 0.3), facts)
    tables = {}
    for number, (name, title, trees) in enumerate((
        ("by_building", "Room below the threshold by building", False), ("by_tree", "The same by tree", True),
    )):  # fmt: skip
        part = part_of(job, 0.7 + 0.1 * number, 0.1)
        found = [(one, worst_of(one, corridor, part)) for one in (one.standing(trees) for one in states)]
        tables[name] = clearance_table(found, touched, corridor, parameters.height_error)
        if tables[name]:
            fields[name] = Field(name, title, "m", tables[name])
    job(0.9, "section")
    own = None if landmark.corners is None else masses_of(_all(layers, scenario)).of(set(landmark.own))
    solids = [one.standing(False) for one in states]
    if own is not None:
        facts["landmark"]["outlines"] = list(outlines(own, set(landmark.own)).values())
    section = profile_table(corridor, solids, own, lambda x, y: _bilinear(dtm, x, y))
    fields["section"] = Field("section", "Section along the axis", "m", section)
    facts["touched"] = touched
    notes = notes_of(parameters, corridor, landmark, tables, layers, scenario, facts)
    record = provenance(parameters, layers, scenario, grid, "cpu", time.perf_counter() - began)
    record["view"] = {"corridor": corridor.to_dict(), **facts, "touched": sorted(touched)}
    record["method"] = "least of threshold − height over the triangles cut by each part of the view, in float64"
    job(1.0)
    return Result("vista", f"Protected view of {landmark.name}", fields, record, notes)


def estimate(document: Document, parameters: VistaParameters) -> Estimate:
    """What the study takes on this machine."""
    from citymodel.analysis.estimate import rates, sized

    layers, crs = _sources(document)
    scenario = scenario_of(document, parameters.scenario)
    _, corridor, _ = placed(layers, scenario, parameters, crs)
    grid = _grid(layers, corridor, parameters, crs)
    states = 2 if scenario else 1
    area = grid.shape[0] * grid.shape[1] * grid.cell**2
    speed = rates().cell

    def seconds(cell: float) -> float:
        return 0.5 + states * 0.5 * area / cell**2 * speed

    return sized(area, grid.cell, 0, states, seconds, BYTES_A_CELL)


def _sources(document: Document) -> tuple[tuple[Layer, ...], str]:
    """The layers that are measured, and their CRS."""
    from citymodel.geo import definition

    crs = document.frame.crs if document.frame else None
    if crs is None:
        raise CrsError("the project has no coordinate system, so lengths are unknown; open the data with one")
    if definition(crs).is_geographic:
        raise CrsError(f"{crs} counts in degrees; a protected view needs metres, open the data in a projected system")
    layers = tuple(one for one in document.layers if one.kind in KINDS)
    if not any(one.kind == "city" for one in layers):
        raise ParameterError("there is no city model, so nothing is known to stand in the view; add one with buildings")
    return layers, crs


def _all(layers: tuple[Layer, ...], scenario: Scenario | None) -> tuple[Layer, ...]:
    """The layers, and what the scenario adds to them."""
    return (*layers, *(one for one in apply(scenario, layers)[len(layers) :])) if scenario else layers


def placed(
    layers: tuple[Layer, ...], scenario: Scenario | None, parameters: VistaParameters, crs: str
) -> tuple[Landmark, Corridor, dict[str, Any]]:
    """Landmark and corridor, and what is known of the assessment point."""
    if not parameters.point:
        raise ParameterError("a protected view has one assessment point, none is given; write x y, or x y and a height")
    x, y, *height = parameters.point[0]
    landmark = landmark_of(_all(layers, scenario), parameters)
    dsm, ground = _at_point(layers, (x, y), crs)
    if not height and math.isnan(ground):
        raise ParameterError(
            f"no ground is known at the assessment point {x:g} {y:g}; give the eye's height as a third number, or "
            "check the coordinates"
        )
    eye = height[0] if height else ground + parameters.eye
    corridor = corridor_of(landmark, parameters, (x, y), eye)
    facts = {
        "eye": eye, "ground_at_point": ground, "roof_at_point": dsm if dsm > ground + 1.0 else math.nan,
        "landmark": {"name": landmark.name, "foot": landmark.foot, "top": landmark.top, "own": sorted(landmark.own)},
    }  # fmt: skip
    return landmark, corridor, facts


def _at_point(layers: tuple[Layer, ...], point: tuple[float, float], crs: str) -> tuple[float, float]:
    """Heights of what lies on top and of the ground at a place, NaN unknown."""
    size = 2 * AROUND + 1
    grid = Grid(point[0] - size / 2, point[1] + size / 2, 1.0, (size, size), crs)
    try:
        dsm, dtm = analysis_surface(layers, None, grid, trees=False)
    except ParameterError:
        return math.nan, math.nan
    return float(dsm[AROUND, AROUND]), float(dtm[AROUND, AROUND])


def _grid(layers: Sequence[Layer], corridor: Corridor, parameters: VistaParameters, crs: str) -> Grid:
    """The grid over the view as far as there are data."""
    box, data = corridor.box(), _data_box(layers)
    shared = (max(box[0], data[0]), max(box[1], data[1]), min(box[2], data[2]), min(box[3], data[3]))
    if shared[0] >= shared[2] or shared[1] >= shared[3]:
        raise ParameterError(
            f"the view from {corridor.point[0]:g} {corridor.point[1]:g} lies outside the data, which reach from "
            f"{data[0]:.0f} {data[1]:.0f} to {data[2]:.0f} {data[3]:.0f}; check the coordinates and their system"
        )
    side = max(shared[2] - shared[0], shared[3] - shared[1])
    cell = parameters.cell or next((one for one in CELLS if side / one <= SIDE), CELLS[-1])
    return Grid.around(shared, cell, crs)


def _data_box(layers: Sequence[Layer]) -> tuple[float, float, float, float]:
    """xmin, ymin, xmax, ymax of all data."""
    boxes = [one.data.bounds() for one in layers if one.kind in ("city", "points")]
    flat = [(one[0], one[1], one[3], one[4]) for one in boxes if one is not None]
    flat += [Grid.of(one.data).bounds for one in layers if one.kind == "terrain"]
    low, high = np.min(flat, axis=0), np.max(flat, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _maps(
    corridor: Corridor, grid: Grid, ground: F4, states: Sequence[Masses], scenario: Scenario | None, job: Progress,
    facts: dict[str, Any],
) -> dict[str, Field]:  # fmt: skip
    """Room for buildings above the ground, and room above what stands there; facts on the ground go into ``facts``."""
    x, y = np.meshgrid(grid.x, grid.y)
    local = corridor.local(np.stack([x, y, np.zeros_like(x)], axis=2))
    within = corridor.part_at(local[..., 0], local[..., 1]) >= 0
    allowed = np.where(within, corridor.allowed(local[..., 0]), np.nan)
    room = allowed - ground
    known = np.isfinite(room)
    facts["unknown_share"] = 1.0 - float(known.sum()) / max(int(within.sum()), 1)
    facts["ground_above"] = max(-float(room[known].min()), 0.0) if known.any() else 0.0
    fields = {"room": _map(grid, "room", "Room for buildings below the threshold", room, ROOM)}
    tops = []
    for number, masses in enumerate(states):
        job(number / len(states), "what stands in the view")
        tops.append(allowed - np.fmax(ground, _top(masses.standing(False), grid)))
    title = "Room above what stands there"
    if scenario is None:
        return fields | {"clearance": _map(grid, "clearance", title, tops[0], CLEARANCE)}
    named = (("base", "as it is", tops[0]), ("scenario", scenario.name, tops[1]))
    fields |= {
        f"clearance_{name}": _map(grid, f"clearance_{name}", f"{title}, {words}", top, CLEARANCE)
        for name, words, top in named
    }
    change = _map(
        grid, "clearance_difference", f"Change: what stands there, {scenario.name}", tops[1] - tops[0],
        CLEARANCE_DIFFERENCE,
    )  # fmt: skip
    return fields | {"clearance_difference": change}


def _top(masses: Masses, grid: Grid) -> F4:
    """Heights of the masses at the cells' centres, NaN where none stands."""
    from kernels.rasterize import rasterize_triangles

    if not len(masses.corners):
        return np.full(grid.shape, np.nan, dtype=np.float32)
    index = np.arange(3 * len(masses.corners), dtype=np.int32).reshape(-1, 3)
    top, _ = rasterize_triangles(masses.corners.reshape(-1, 3), index, grid.x0, grid.y0, grid.cell, grid.shape)
    found: F4 = np.asarray(top, dtype=np.float32)
    return found


def _map(grid: Grid, name: str, title: str, values: F4 | F8, legend: Any) -> Field:
    return Field(name, title, "m", grid.raster(np.asarray(values, dtype=np.float32), title.lower(), "m"), legend)


def _bilinear(raster: Any, x: F8, y: F8) -> F8:
    """Heights of a raster at places, NaN outside and beside holes."""
    from scipy.ndimage import map_coordinates

    grid = Grid.of(raster)
    row, column = (grid.y0 - y) / grid.cell - 0.5, (x - grid.x0) / grid.cell - 0.5
    values = np.asarray(raster, dtype=np.float64)
    return np.asarray(map_coordinates(values, [row, column], order=1, mode="constant", cval=np.nan), dtype=np.float64)
