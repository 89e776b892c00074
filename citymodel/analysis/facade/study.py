"""The sun on façades, windows and roofs: hours of a day, annual shares, sky component and kWh, base and scenario."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade import exposure as light
from citymodel.analysis.facade.matched import covered, device_of, points_of_both
from citymodel.analysis.facade.occluders import Occluders, Origin, occluders
from citymodel.analysis.facade.parameters import FacadeParameters
from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.report import notes_of, provenance
from citymodel.analysis.facade.tables import group_table, point_table
from citymodel.analysis.question import scenario_of
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.legends import HOURS
from citymodel.results import Field, Result
from citymodel.sun import grid_positions, midpoints
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

TITLES = {
    "hours": ("Hours of direct sun", "h"),
    "annual_hours": ("Hours of direct sun a year, clear sky", "h"),
    "apsh": ("Share of the year's sunlight hours", "%"),
    "apsh_winter": ("Share of the year's sunlight hours, 21 September to 21 March", "%"),
    "vsc": ("Vertical sky component", "%"),
    "kwh_m2": ("Irradiation a year, clear sky", "kWh/m²"),
}


def run(project: Project | Document, parameters: FacadeParameters, job: Progress = silent) -> Result:
    """Sun on the points of all façades, windows and roofs, base and scenario."""
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    layers = tuple(one for one in document.layers if one.kind in ("city", "terrain"))
    if not any(one.kind == "city" for one in layers):
        raise ParameterError("there is no city model, so there are no façades; add one with buildings")
    scenario = scenario_of(document, parameters.scenario)
    frame = document.frame
    if frame is None or frame.crs is None:
        raise CrsError("the project has no coordinate system, so the sun's place is unknown; open the data with one")
    box = extent(layers)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    origin: Origin = (round(middle[0], -3), round(middle[1], -3), 0.0)
    asked = parameters.kinds, parameters.spacing, parameters.storey_height
    points, present = points_of_both(layers, scenario, origin, *asked, job=part_of(job, 0.0, 0.15))
    device = device_of(parameters.device)
    job(0.15, "triangles for the rays")
    meshes = occluders(layers, scenario, origin, device)
    times = midpoints(parameters.date, parameters.start, parameters.end, parameters.step, parameters.zone)
    sun = grid_positions(times, frame.crs, *middle)
    measures, facts = _measures(
        points, present, meshes, parameters, sun, (frame.crs, *middle), origin, device, part_of(job, 0.2, 0.7)
    )
    job(0.9, "tables")
    wanted = {
        "hours": parameters.hours_wanted, "apsh": parameters.apsh_wanted, "apsh_winter": parameters.winter_wanted,
        "vsc": parameters.vsc_wanted,
    }  # fmt: skip
    rule = (parameters.share_wanted, parameters.step / 60.0)
    result_fields = {
        "facade_points": Field("facade_points", TITLES["hours"][0], "h", point_table(points, measures), HOURS),
        "by_building": Field(
            "by_building", "Sun by building", "h", group_table(points, measures, wanted, rule, by_storey=False)
        ),
        "by_storey": Field(
            "by_storey", "Sun by storey", "h", group_table(points, measures, wanted, rule, by_storey=True)
        ),
    }
    job(1.0)
    facts |= provenance(parameters, layers, scenario, meshes, device, points, sun, time.perf_counter() - began)
    facts |= {"crs": frame.crs, "columns": {name: list(TITLES[name]) for name in measures}}
    title = f"Sun on façades on {parameters.date.isoformat()}"
    notes = notes_of(parameters, layers, scenario, points, present, sun, facts)
    return Result("facade_sun", title, result_fields, facts, notes)


def _measures(
    points: FacadePoints, present: list[Mask], meshes: Occluders, parameters: FacadeParameters, sun: tuple[F8, F8],
    where: tuple[str, float, float], origin: Origin, device: str, job: Progress,
) -> tuple[dict[str, list[F8]], dict[str, Any]]:  # fmt: skip
    """Each measure by state, and facts of how it was made."""
    places = (points.xyz - np.asarray(origin)).astype(np.float32)
    sky_asked = parameters.vsc or parameters.irradiation
    shares = [1.0, 6.0 * (parameters.annual or parameters.irradiation), 4.0 * sky_asked]
    begins = np.cumsum([0.0, *shares]) / sum(shares)

    def summed(number: int, towards: light.Directions, text: str) -> list[F8]:
        part = part_of(job, float(begins[number]), float(begins[number + 1] - begins[number]))
        return light.exposure(places, points.normal, meshes.states(), present, towards, device, part, text)

    day = light.of_day(*sun, parameters.min_altitude)
    found = {"hours": [one[:, 0] * parameters.step / 60.0 for one in summed(0, day, "hours of sun")]}
    facts: dict[str, Any] = {"suns_used": len(day.towards)}
    if parameters.annual or parameters.irradiation:
        year = light.of_year(parameters.date.year, *where)
        sums = summed(1, year.directions, "the year's suns")
        facts |= {"year_suns": len(year.directions.towards), "year_sun_hours": round(year.hours, 1)}
        if parameters.annual:
            found["annual_hours"] = [one[:, 0] for one in sums]
            found["apsh"] = [100 * one[:, 0] / year.hours for one in sums]
            found["apsh_winter"] = [100 * one[:, 1] / year.hours for one in sums]
    if sky_asked:
        dome = light.of_sky()
        seen = summed(2, dome, "the sky")
        facts["sky_patches"] = len(dome.towards)
        if parameters.vsc:
            found["vsc"] = [one[:, 0] for one in seen]
        if parameters.irradiation:
            found["kwh_m2"] = [a[:, 2] + year.diffuse * b[:, 1] for a, b in zip(sums, seen, strict=True)]
            facts["clear_sky_kwh_m2_horizontal"] = round(year.globe, 1)
    gone = covered(points, present)
    return {name: [values[0], *(_covered(one, gone) for one in values[1:])] for name, values in found.items()}, facts


def _covered(values: F8, gone: Mask | None) -> F8:
    """No light at all where a neighbour now stands against the face."""
    return values if gone is None else np.where(gone, 0.0, values)
