"""The sun of a year: hours, their share of all there could be, and energy on ground and roofs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel import legends_year as legends
from citymodel.analysis.on_device import fetched, placed
from citymodel.analysis.part import Part
from citymodel.analysis.sun_study import heights
from citymodel.analysis.two_states import States, columns, prepare
from citymodel.analysis.year.parameters import SunlightParameters, light_of
from citymodel.analysis.year.tables import hours_tables, light_vectors, seasons
from citymodel.analysis.zones import Zones, identity
from citymodel.jobs import Progress, part_of, silent
from citymodel.results import Field, Result
from citymodel.sky import Light

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project

F4 = NDArray[np.float32]


class YearOfSun(NamedTuple):
    """Maps of one surface, (rows, columns) float32, NaN no data.

    hours : by span of months, and ``total``, all of them; beam, diffuse, reflected : kWh a square metre of the
    sloping surface; tilted : area of the surface over a square metre of the plan
    """

    hours: dict[str, F4]
    beam: F4
    diffuse: F4
    reflected: F4
    tilted: F4
    device: str

    @property
    def energy(self) -> F4:
        """All light, kWh/m²."""
        total: F4 = self.beam + self.diffuse + self.reflected
        return total

    def of(self, place: Part) -> YearOfSun:
        """The maps of the reported part."""
        hours = {name: place.of(values) for name, values in self.hours.items()}
        beam, diffuse, reflected, tilted = map(place.of, (self.beam, self.diffuse, self.reflected, self.tilted))
        return YearOfSun(hours, beam, diffuse, reflected, tilted, self.device)


def hours_of_year(
    dsm: F4, cell: float, light: Light, parameters: SunlightParameters, progress: Progress = silent
) -> tuple[dict[str, F4], str]:
    """Hours of sun by season, where all of its months are asked for, and in ``total``; and the device."""
    from kernels.horizon import hours_above_horizons, sector_centres

    surface, used = placed(dsm, parameters.device)
    spans = {name: months for name, months in seasons(light).items() if set(months) <= set(parameters.months)}
    rest = tuple(set(parameters.months).difference(*spans.values()))
    parts = [*spans.values(), rest] if rest else list(spans.values())
    tables = hours_tables(light, parameters.directions, parts, parameters.lowest_sun)
    towards = sector_centres(parameters.directions)
    found = fetched(
        hours_above_horizons(
            surface, cell, towards, tables, parameters.receiver_height, lambda share: progress(share, "sun hours")
        )
    )
    hours = np.asarray(found, dtype=np.float32)
    total = hours.sum(0, dtype=np.float32)
    return dict(zip(spans, hours, strict=False)) | {"total": total}, used


def energy_of_year(
    dsm: F4, cell: float, light: Light, parameters: SunlightParameters, progress: Progress = silent
) -> tuple[F4, F4, F4, str]:
    """Beam, diffuse and reflected energy, kWh a square metre of the sloping surface; and the device."""
    from kernels.horizon import irradiation_above_horizons, sector_centres

    surface, used = placed(dsm, parameters.device)
    vectors, towards = light_vectors(light, parameters.directions), sector_centres(parameters.directions)
    found = fetched(
        irradiation_above_horizons(
            surface, cell, towards, vectors, parameters.receiver_height, lambda share: progress(share, "energy")
        )
    )
    beam, diffuse = np.asarray(found, dtype=np.float32)
    level = light.level
    unseen = np.clip(1.0 - diffuse / max(level[1], 1e-9), 0.0, 1.0)
    return beam, diffuse, (parameters.albedo * sum(level) * unseen).astype(np.float32), used


def tilted_area(dsm: F4, cell: float) -> F4:
    """Square metres of the sloping surface over one of the plan, walls left out."""
    from kernels.horizon import gradients

    east, north = (np.asarray(one) for one in gradients(dsm, cell))
    area: F4 = np.sqrt(1.0 + east**2 + north**2).astype(np.float32)
    return area


def map_of(
    what: str, dsm: F4, cell: float, light: Light, parameters: SunlightParameters, progress: Progress = silent
) -> tuple[F4, str]:
    """One map and its device: hours, share, beam, diffuse or total."""
    if what in ("hours", "share"):
        hours, used = hours_of_year(dsm, cell, light, parameters, progress)
        return (hours["total"] if what == "hours" else _share(hours["total"], light, parameters)), used
    beam, diffuse, reflected, used = energy_of_year(dsm, cell, light, parameters, progress)
    return {"beam": beam, "diffuse": diffuse, "total": beam + diffuse + reflected}[what], used


def _study(dsm: F4, cell: float, light: Light, parameters: SunlightParameters, progress: Progress) -> YearOfSun:
    """All maps of one surface."""
    hours, used = hours_of_year(dsm, cell, light, parameters, part_of(progress, 0.0, 0.4))
    beam, diffuse, reflected, _ = energy_of_year(dsm, cell, light, parameters, part_of(progress, 0.4, 0.6))
    return YearOfSun(hours, beam, diffuse, reflected, tilted_area(dsm, cell), used)


def _share(hours: F4, light: Light, parameters: SunlightParameters) -> F4:
    share: F4 = np.minimum(hours / max(_possible(light, parameters), 1e-9), 1.0).astype(np.float32)
    return share


def run(project: Project | Document, parameters: SunlightParameters, job: Progress = silent) -> Result:
    """A year's sun over the project's data, base and scenario."""
    began = time.perf_counter()
    states = prepare(project, parameters, part_of(job, 0.0, 0.3))
    ground = float(np.nanmedian(states.place.of(np.asarray(states.surfaces[0]))))
    light = light_of(states.grid, parameters, ground)
    count = len(states.surfaces)
    found = [
        _study(
            heights(dsm), states.grid.cell, light, parameters, part_of(job, 0.3 + 0.6 * number / count, 0.6 / count)
        ).of(states.place)
        for number, dsm in enumerate(states.surfaces)
    ]
    job(0.9, "tables")
    fields = _maps(states, found, light, parameters)
    fields |= _tables(states, found, light, parameters)
    job(1.0)
    facts = states.provenance(parameters, found[0].device, time.perf_counter() - began)
    facts |= dict(light.facts)
    title = f"Sun of {span_of(parameters)}"
    return Result("sunlight", title, fields, facts, [*notes_of(light, parameters, states.grid.cell), *states.notes()])


def span_of(parameters: SunlightParameters) -> str:
    """The year and its months in words."""
    if len(parameters.months) == 12:
        return f"{parameters.year}"
    return f"the months {', '.join(map(str, parameters.months))} of {parameters.year}"


def _maps(states: States, found: list[YearOfSun], light: Light, parameters: SunlightParameters) -> dict[str, Field]:
    span = span_of(parameters)
    hours = [one.hours["total"] for one in found]
    share = [_share(one, light, parameters) for one in hours]
    fields = states.fields(
        "hours", f"Hours of sun in {span}", "h", hours, (legends.YEAR_HOURS, legends.YEAR_HOURS_DIFFERENCE)
    )
    fields |= states.fields(
        "share", f"Share of the possible sun of {span}", "", share, (legends.SHARE, legends.SHARE_DIFFERENCE)
    )
    for name in found[0].hours:
        if name != "total" and set(seasons(light)[name]) != set(parameters.months):
            values = [one.hours[name] for one in found]
            both = legends.SEASON_HOURS, legends.SEASON_HOURS_DIFFERENCE
            fields |= states.fields(f"hours_{name}", f"Hours of sun in {name}", "h", values, both)
    energy = legends.ENERGY, legends.ENERGY_DIFFERENCE
    unit = "kWh/m²"
    fields |= states.fields("beam", f"Energy of direct sun in {span}", unit, [one.beam for one in found], energy)
    diffuse = legends.DIFFUSE, legends.DIFFUSE_DIFFERENCE
    fields |= states.fields("diffuse", f"Energy of the sky in {span}", unit, [one.diffuse for one in found], diffuse)
    fields |= states.fields("energy", f"Energy of all light in {span}", unit, [one.energy for one in found], energy)
    return fields


def _tables(states: States, found: list[YearOfSun], light: Light, parameters: SunlightParameters) -> dict[str, Field]:
    """Roofs by building with their energy, and open spaces and areas with their hours."""
    grid = states.grid
    buildings, strip, spaces = states.zones()
    hours = [one.hours["total"] for one in found]
    share = [_share(one, light, parameters) for one in hours]

    def of(zones: Zones) -> dict[str, list[Any]]:
        more = columns("mean_hours", hours, zones) | columns("share_of_possible", share, zones)
        return more | columns("mean_kwh_m2", [one.energy for one in found], zones)

    fields = states.by_place(f"Sun of {span_of(parameters)}", "", buildings, spaces, of)
    if buildings.ids:
        table = identity(buildings, grid) | columns("roof_hours", hours, buildings)
        table |= columns("roof_share_of_possible", share, buildings)
        table |= _roofs(grid.cell, found, buildings) | columns("ground_beside_hours", hours, strip)
        title = f"Sun of {span_of(parameters)} on roofs by building"
        fields["by_building"] = Field("by_building", title, "", table)
    return fields


def _roofs(cell: float, found: Sequence[YearOfSun], zones: Any) -> dict[str, list[Any]]:
    """Sloping area, mean energy a square metre of it and the sum in MWh of each roof."""

    def total(values: F4, number: NDArray[np.int32], count: int) -> tuple[Any]:
        use = (number >= 0) & np.isfinite(values)
        return (np.bincount(number[use], weights=values[use].astype(np.float64), minlength=count) * cell**2,)

    table = columns("roof_area_m2", [one.tilted for one in found], zones, total)
    sums = columns("roof_total_mwh", [one.energy * one.tilted / np.float32(1000) for one in found], zones, total)
    beams = columns("roof_beam_mwh", [one.beam * one.tilted / np.float32(1000) for one in found], zones, total)
    mean = {
        name.replace("total_mwh", "mean_kwh_m2"): _over(sums[name], table[name.replace("total_mwh", "area_m2")])
        for name in sums
        if not name.endswith("difference")
    }
    if len(found) == 2:
        now, then = mean.values()
        mean["roof_mean_kwh_m2_difference"] = [b - a for a, b in zip(now, then, strict=True)]
    return table | mean | beams | sums


def _over(mwh: Sequence[float], area: Sequence[float]) -> list[float]:
    """kWh/m² of each roof, NaN where there is none."""
    return [1000.0 * energy / size if size > 0 else float("nan") for energy, size in zip(mwh, area, strict=True)]


def _possible(light: Light, parameters: SunlightParameters) -> float:
    """Hours of sun on an open plain."""
    return float(light.hours[light.altitude > max(0.0, parameters.lowest_sun)].sum())


def notes_of(light: Light, parameters: SunlightParameters, cell: float) -> list[str]:
    """Plain lines to print beside the result."""
    above = f" above {parameters.lowest_sun:g}°" if parameters.lowest_sun else ""
    beam, diffuse = light.level
    where = f"cells of {cell:g} m; {parameters.receiver_height:g} m above the surface"
    steps = f"every {light.facts['time_step_minutes']:g} min, {parameters.directions} directions"
    notes = [
        f"{span_of(parameters)}, {steps}; {where}; the sun{above} can shine {_possible(light, parameters):.0f} h here",
        f"Light: {light.facts['light']}; an open level place gets {beam:.0f} direct + {diffuse:.0f} diffuse kWh/m².",
        "What stands outside the data casts no shadow here.",
    ]
    if "turbidity" in light.facts:
        notes.append("Energy without clouds is more than any real year brings; give a weather series for a yield.")
    lost = float(light.facts.get("direct_light_by_night", 0.0))
    if lost > 0.005:
        notes.append(f"{lost:.1%} of the series' direct light falls when the sun is down; check its zone and year.")
    if parameters.albedo:
        notes.append(
            f"Light from the ground: {parameters.albedo:g} of what an open place gets, from all that is not sky; in "
            "narrow streets that is too much."
        )
    return notes
