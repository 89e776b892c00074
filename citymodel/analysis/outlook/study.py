"""The view from a window: what part of it is sky, green, water, buildings and ground, base and scenario."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.estimate import Estimate
from citymodel.analysis.facade.matched import covered, device_of, points_of_both
from citymodel.analysis.facade.place import Place, place_of
from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.target import check_named, ground_below, named, roots_of
from citymodel.analysis.outlook import report, tables
from citymodel.analysis.outlook.classes import Views, first_classes, views_of
from citymodel.analysis.outlook.fan import Fan, turned
from citymodel.analysis.outlook.parameters import OutlookParameters
from citymodel.analysis.question import scenario_of
from citymodel.errors import ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.legends_view import OF_VIEW, SIGHTS
from citymodel.results import Field, Result
from citymodel.versions import versions

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

CHUNK = 200_000  # rays between two looks at the cancel button
WITHIN = 0.3
"""Metres above the eye within which a roof over it says that it stands inside a building."""


class Eyes(NamedTuple):
    """Where one looks from: xyz (n, 3) in the frame's CRS, and headings (n,), radians from grid north."""

    xyz: F8
    heading: F8


def run(project: Project | Document, parameters: OutlookParameters, job: Progress = silent) -> Result:
    """Shares of the view from places or from the façades of buildings, by solid angle."""
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    if bool(parameters.places) == bool(parameters.objects):
        raise ParameterError("choose a place to look from, or buildings whose façades are asked, and not both")
    place = place_of(document, parameters.scenario, part_of(job, 0.0, 0.1))
    check_named(place.states, parameters.landmark, "landmark")
    check_named(place.states, parameters.objects, "building to look from")
    device = device_of(parameters.device)
    job(0.1, "what there is to see")
    landmark = [one for state in place.states for one in named(state, parameters.landmark)]
    views = views_of(place.layers, place.scenario, landmark, place.origin, device, place.crowns, part_of(job, 0.1, 0.1))
    points: FacadePoints | None = None
    if parameters.objects:
        points, present = _points(place, parameters, part_of(job, 0.2, 0.3))
        eyes = Eyes(points.xyz, np.arctan2(points.normal[:, 0], points.normal[:, 1]))
    else:
        eyes = _eyes(place, parameters)
        present = [np.ones(len(eyes.xyz), dtype=bool)] * len(place.states)
    fan = fan_of(parameters)
    found = shares(eyes, views, present, fan, parameters, device, part_of(job, 0.5, 0.45))
    if points is not None:
        over = covered(points, list(present))
        if over is not None:
            found[1][over] = 0.0
    job(0.95, "tables")
    made = tables.of_places(eyes.xyz, eyes.heading, found, fan) if points is None else tables.of_points(points, found)
    fields = {name: Field(name, title, "", table, OF_VIEW) for name, (title, table) in made.items()}
    job(1.0)
    facts: dict[str, Any] = {
        "parameters": parameters.model_dump(mode="json"),
        "inputs": [{"layer": o.name, "kind": o.kind, "source": o.source, "licence": o.licence} for o in place.sources],
        "scenario": place.scenario.to_dict() if place.scenario else None,
        "versions": versions(),
        "device": device,
        "rays": views.states[0][0].mesh.backend,
        "triangles": views.triangles,
        "seconds": round(time.perf_counter() - began, 3),
        "crs": document.frame.crs if document.frame else None,
        "columns": {
            f"outlook_{name}": [f"{title[:1].upper()}{title[1:]} in the view", "%"] for name, title, _ in SIGHTS
        }
        | {"outlook_open": [f"Open for {parameters.far:g} m or more", "%"]},
        "rays_each": len(fan.directions(parameters.rays)),
        "picture": _picture(eyes, found, fan, place, parameters),
    }
    title = f"View from {report.name_of(place, parameters)}"
    return Result("outlook", title, fields, facts, report.notes(parameters, fan, place, made, facts["rays_each"]))


def fan_of(parameters: OutlookParameters) -> Fan:
    """What counts of the view."""
    if parameters.places and parameters.towards is None:
        return Fan(360.0, 180.0 if parameters.looks == "half" else parameters.tall)
    return Fan(180.0, 180.0) if parameters.looks == "half" else Fan(parameters.width, parameters.tall)


def shares(
    eyes: Eyes, views: Views, present: Sequence[Mask], fan: Fan, parameters: OutlookParameters, device: str,
    job: Progress = silent,
) -> list[F8]:  # fmt: skip
    """(n, classes + 1) shares of the view by state, the last that which is open; NaN where a point is not there."""
    towards = fan.directions(parameters.rays)
    local = eyes.xyz - np.asarray(views.origin)
    n, width = len(local), len(SIGHTS) + 1
    found = [np.full((n, width), np.nan) for _ in present]
    each = max(1, CHUNK // len(towards))
    for state, there in enumerate(present):
        rows = np.flatnonzero(there)
        for begin in range(0, len(rows), each):
            job((state + begin / len(rows)) / len(present), "what is seen")
            some = rows[begin : begin + each]
            ray = turned(towards, eyes.heading[some]).reshape(-1, 3).astype(np.float32)
            start = np.repeat(local[some], len(towards), axis=0).astype(np.float32)
            code, far = first_classes(views, state, start, ray, device)
            owner = np.repeat(np.arange(len(some)), len(towards))
            count = np.bincount(owner * len(SIGHTS) + code, minlength=len(some) * len(SIGHTS))
            found[state][some, :-1] = count.reshape(len(some), len(SIGHTS)) / len(towards)
            found[state][some, -1] = np.bincount(owner[far >= parameters.far], minlength=len(some)) / len(towards)
    job(1.0, "what is seen")
    return found


def _points(place: Place, parameters: OutlookParameters, job: Progress) -> tuple[FacadePoints, list[Mask]]:
    """The points of the buildings that are asked."""
    points, present = points_of_both(
        place.layers, place.scenario, place.origin, parameters.kinds, parameters.spacing, parameters.storey_height, job
    )
    wanted = {one for state in place.states for one in roots_of(state, named(state, parameters.objects))}
    mine = np.array([one in wanted for one in zip(points.layer, points.building, strict=True)], dtype=bool)
    if not mine.any():
        raise ParameterError(f"{', '.join(parameters.objects)}: has no free façades to look from; choose a building")
    keep = np.flatnonzero(mine)
    return points.take(keep), [one[keep] for one in present]


def _eyes(place: Place, parameters: OutlookParameters) -> Eyes:
    """The eyes at the places, those without a height above the ground."""
    xy = np.array([one[:2] for one in parameters.places], dtype=np.float64)
    ground = ground_below(xy - np.asarray(place.origin[:2]), place.layers, place.origin)
    z = [one[2] if len(one) == 3 else at + parameters.eye for one, at in zip(parameters.places, ground, strict=True)]
    xyz = np.column_stack([xy, z])
    if not np.isfinite(xyz).all():
        x, y, _ = xyz[int(np.flatnonzero(~np.isfinite(xyz[:, 2]))[0])]
        raise ParameterError(
            f"there is no ground at {x:.1f} {y:.1f}; choose a place on the terrain, or give its height"
        )
    low = xyz[:, 2] < ground
    if low.any():
        x, y, z0 = xyz[int(np.flatnonzero(low)[0])]
        raise ParameterError(f"the place {x:.1f} {y:.1f} {z0:.1f} lies below the ground; give a height above it")
    _check_outside(place, xyz)
    heading = np.full(len(xyz), np.radians(parameters.towards or 0.0))
    return Eyes(xyz, heading)


def _check_outside(place: Place, xyz: F8) -> None:
    """Refuse an eye inside a building, by how often the building winds around it."""
    from citymodel.analysis.facade.solids import faces_and_solids, inside_another

    for state in place.states:
        _, solids = faces_and_solids(state, place.origin)
        inside = inside_another(solids, xyz - np.asarray(place.origin), np.full(len(xyz), -1))
        if inside.any():
            x, y, z = xyz[int(np.flatnonzero(inside)[0])]
            raise ParameterError(
                f"the place {x:.1f} {y:.1f} {z:.1f} is inside a building; stand before it, or choose it as a building"
            )


def _picture(eyes: Eyes, found: Sequence[F8], fan: Fan, place: Place, parameters: OutlookParameters) -> dict[str, Any]:
    """Where the picture is taken: the first place, or the façade point whose view changes most, or is most open.

    With the shares of that place by state, and the view they are of: a picture is flat, and holds other corners.
    """
    change = np.abs(found[1] - found[0]).sum(axis=1) if len(found) == 2 else found[0][:, -1]
    row = 0 if parameters.places else int(np.nanargmax(np.where(np.isfinite(change), change, -1.0)))
    heading = float(np.degrees(eyes.heading[row]) % 360.0)
    if parameters.places and parameters.towards is None:
        heading = report.heading_to(place, parameters, eyes.xyz[row])
    width = 120.0 if parameters.looks == "half" else min(parameters.width, 120.0)
    tall = 60.0 if parameters.looks == "half" else min(parameters.tall, 90.0)
    return {
        "eye": [round(float(v), 3) for v in eyes.xyz[row]], "heading": round(heading, 2), "width": width, "tall": tall,
        "view": [fan.width, fan.tall], "shares": [[round(float(v), 6) for v in one[row, :-1]] for one in found],
    }  # fmt: skip


def estimate(document: Document, parameters: OutlookParameters) -> Estimate:
    """What the study takes, before it starts."""
    from citymodel.analysis import estimate_light as light
    from citymodel.analysis.estimate import rates
    from citymodel.analysis.landmark.study import BUILDING, POINTS, WORK
    from citymodel.analysis.strips import free_memory

    states = 2 if scenario_of(document, parameters.scenario) else 1
    buildings = sum(light._buildings(one.data) for one in document.layers if one.kind == "city")
    points = len(parameters.places) or round(len(parameters.objects) * POINTS * 3.0 / parameters.spacing)
    work = points * parameters.rays * states * 2 * WORK + buildings * BUILDING * (states if parameters.objects else 0.3)
    memory = light.BYTES_A_BUILDING * buildings + light.BYTES_A_POINT * points
    return Estimate(points, 0, states, work * rates().cell + 1.0, memory, free_memory(), what="points")
