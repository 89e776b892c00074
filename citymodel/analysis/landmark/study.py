"""The view of a landmark from façades: what each sees of it, and which homes lose, keep or gain it by a proposal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.estimate import Estimate
from citymodel.analysis.facade import addresses
from citymodel.analysis.facade import groups as grouped
from citymodel.analysis.facade import homes as homes_
from citymodel.analysis.facade.matched import covered, device_of, points_of_both
from citymodel.analysis.facade.occluders import Origin, occluders
from citymodel.analysis.facade.place import Place, place_of
from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.report import made_of
from citymodel.analysis.facade.sight import Seen, nothing_seen, seen
from citymodel.analysis.facade.target import (
    Target,
    check_named,
    named,
    posts_at,
    roofs_around,
    roots_of,
    target,
    triangles_of,
)
from citymodel.analysis.landmark import report
from citymodel.analysis.landmark.parameters import LandmarkParameters
from citymodel.analysis.landmark.tables import group_table, points_of, summary
from citymodel.analysis.question import scenario_of
from citymodel.errors import ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.legends_view import OUTCOME, SHARE
from citymodel.results import Field, Result

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project
    from kernels.rays import RayMesh

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]


def run(project: Project | Document, parameters: LandmarkParameters, job: Progress = silent) -> Result:
    """The view of a landmark from façades, of the base and of the scenario."""
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    if not parameters.objects and not parameters.places:
        raise ParameterError("no landmark is chosen; click the church, say, or give its id or a place")
    place = place_of(document, parameters.scenario, part_of(job, 0.0, 0.1))
    check_named(place.states, parameters.objects, "landmark")
    things = _targets(place, parameters)
    points, present = points_of_both(
        place.layers, place.scenario, place.origin, parameters.kinds, parameters.spacing, parameters.storey_height,
        job=part_of(job, 0.1, 0.3),
    )  # fmt: skip
    homes = homes_.by_storey(points, [one for state in place.states for one in state])
    middle = next(one for one in things if one is not None).middle + np.asarray(place.origin)
    keep, distance = _asked(points, place, parameters, middle)
    points, present, far = points.take(keep), [one[keep] for one in present], distance[keep]
    device = device_of(parameters.device)
    job(0.4, "triangles for the rays")
    meshes = occluders(place.layers, place.scenario, place.origin, device, crowns=place.crowns)
    found = views(points, present, things, meshes.states(), place.origin, device, part_of(job, 0.45, 0.5))
    job(0.95, "tables")
    known = addresses.by_building(points, [one for state in place.states for one in state])
    each, enough = homes.each[keep], parameters.counts_from / 100.0
    mark = f"POINT Z ({middle[0]:.2f} {middle[1]:.2f} {middle[2]:.2f})"
    shares = [one.share for one in found]
    tables = {
        "summary": ("The view in short", summary(points, shares, each, enough, mark)),
        "facade_points": ("What each place sees of it", points_of(points, found, far, each, enough)),
    }
    for name, groups, title in (
        ("by_building", grouped.buildings(points), "The view by building"),
        ("by_storey", grouped.storeys(points), "The view by storey"),
    ):
        table = group_table(points, groups, found, far, each, enough, known, by_storey=name == "by_storey")
        tables[name] = (title, table)
    legend = SHARE if len(found) == 1 else OUTCOME
    fields = {name: Field(name, title, "", table, legend) for name, (title, table) in tables.items()}
    job(1.0)
    title = f"View of {report.name_of(place, parameters)}"
    facts = made_of(parameters, place.sources, place.scenario, meshes, device, points, time.perf_counter() - began)
    facts |= report.facts(title, things, place, document, points)
    notes = report.notes(parameters, things, place, points, far, homes, tables["summary"][1])
    return Result("landmark", title, fields, facts, notes)


def views(
    points: FacadePoints, present: Sequence[Mask], things: Sequence[Target | None],
    states: Sequence[Sequence[RayMesh]], origin: Origin, device: str, job: Progress,
) -> list[Seen]:  # fmt: skip
    """What the points see of the target in each state; a wall that is built over sees nothing."""
    local, text = points.xyz - np.asarray(origin), "rays to the landmark"
    first = things[0]
    if first is not None and all(one is not None and one.same_as(first) for one in things):
        found = seen(local, points.normal, first, states, present, device, job, text)
    else:
        found = []
        for k, (thing, meshes, there) in enumerate(zip(things, states, present, strict=True)):
            part = part_of(job, k / len(things), 1.0 / len(things))
            some = seen(local, points.normal, thing, [meshes], [there], device, part, text) if thing else None
            found.append(some[0] if some else nothing_seen(there))
    over = covered(points, list(present))
    if over is None:
        return found
    return [found[0], *(Seen(*(np.where(over, 0.0, value) for value in one)) for one in found[1:])]


def _targets(place: Place, parameters: LandmarkParameters) -> list[Target | None]:
    """The landmark in each state, None where it is not there; what is above the roofs is the base's."""
    posts = posts_at(parameters.places, parameters.height, place.layers, place.origin)
    shapes, cut = [], -np.inf
    for state in place.states:
        chosen = named(state, parameters.objects)
        corners = triangles_of(state, chosen, place.origin)
        shapes.append(corners)
        if not np.isfinite(cut) and (len(corners) or len(posts)):
            ends = np.concatenate([corners.reshape(-1, 3), posts[:, [0, 1, 2]], posts[:, [0, 1, 3]]])
            cut = roofs_around(place.layers, ends, roots_of(state, chosen), place.origin)
    found = [target(one, posts, cut, parameters.samples, parameters.part == "whole") for one in shapes]
    if all(one is None for one in found):
        raise ParameterError("the landmark has no surfaces that could be seen; choose a building, or another object")
    return found


def _asked(
    points: FacadePoints, place: Place, parameters: LandmarkParameters, middle: F8
) -> tuple[NDArray[np.int64], F8]:
    """Rows of the points that are asked, and (n,) metres of all in plan from the landmark's middle."""
    distance = np.hypot(points.xyz[:, 0] - middle[0], points.xyz[:, 1] - middle[1])
    own = {one for state in place.states for one in roots_of(state, named(state, parameters.objects))}
    mine = np.array([one in own for one in zip(points.layer, points.building, strict=True)], dtype=bool)
    keep = ~mine & (distance <= parameters.reach)
    if parameters.bounds is not None:
        x0, y0, x1, y1 = parameters.bounds
        keep &= (points.xyz[:, 0] >= x0) & (points.xyz[:, 0] <= x1)
        keep &= (points.xyz[:, 1] >= y0) & (points.xyz[:, 1] <= y1)
    if not keep.any():
        raise ParameterError("there are no façades of other buildings within the reach and the part; widen them")
    return np.flatnonzero(keep), distance


POINTS, WORK, BUILDING = 45, 0.11, 1_000
"""Points on walls of a building where they stand 3 m apart; work of a ray, and on a building's faces, in cells of
surfaces, maps and tables; measured on the sample city."""


def estimate(document: Document, parameters: LandmarkParameters) -> Estimate:
    """What the study takes, before it starts."""
    from citymodel.analysis import estimate_light as light
    from citymodel.analysis.estimate import rates
    from citymodel.analysis.strips import free_memory

    buildings = sum(light._buildings(one.data) for one in document.layers if one.kind == "city")
    states = 2 if scenario_of(document, parameters.scenario) else 1
    points = round(buildings * POINTS * 3.0 / parameters.spacing)
    work = states * buildings * BUILDING + (1 + states) / 2 * points * parameters.samples * WORK
    memory = light.BYTES_A_POINT * points * states + light.BYTES_A_BUILDING * buildings
    return Estimate(points, 0, states, work * rates().cell + 0.3, memory, free_memory(), what="points")
