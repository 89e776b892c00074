"""What a study of base and scenario shares: both surfaces, maps and zone tables with the change, and provenance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.areas import area_zones, chosen_areas, in_file_order
from citymodel.analysis.part import LOWEST, Part, part_of_city, relief_of
from citymodel.analysis.provenance import provenance
from citymodel.analysis.question import SOURCES, grid_of, scenario_of
from citymodel.analysis.sun_state import ON_THE_GROUND
from citymodel.analysis.zones import (
    Zones,
    building_zones,
    identity,
    joined,
    mean_by_zone,
    open_space_zones,
    strip_around,
)
from citymodel.jobs import Progress, part_of
from citymodel.layers import Layer
from citymodel.results import Field, LegendClass
from citymodel.scenario import Scenario, apply, missing
from citymodel.surface import Grid, analysis_surface

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.document import Document
    from citymodel.project import Project

F4 = NDArray[np.float32]
Mask = NDArray[np.bool_]

STRIP = 3.0
"""Metres around a building that count as the ground before it."""
NAMES = ("base", "scenario")


@dataclass(frozen=True, eq=False, slots=True)
class States:
    """The base, and the scenario where it changes something, on one grid.

    surfaces : rasters of all that is computed, metres; grounds : reported cells that are open ground
    place : the reported part of the computed grid; areas : layers of areas to report on
    """

    layers: tuple[Layer, ...]
    scenario: Scenario | None
    place: Part
    surfaces: tuple[DataArray, ...]
    grounds: tuple[Mask, ...]
    areas: tuple[Layer, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid of what is reported."""
        return self.place.shown

    def fields(
        self, name: str, title: str, unit: str, values: Sequence[F4], legends: tuple[Sequence[LegendClass], ...]
    ) -> dict[str, Field]:
        """The maps of one quantity: now, then, and the change; legends : of the quantity and of its change."""
        if self.scenario is None:
            return {name: _map(self.grid, name, title, unit, values[0], legends[0])}
        after = self.scenario.name
        return {
            f"{name}_base": _map(self.grid, f"{name}_base", f"{title}, as it is", unit, values[0], legends[0]),
            f"{name}_scenario": _map(self.grid, f"{name}_scenario", f"{title}, {after}", unit, values[1], legends[0]),
            f"{name}_difference": _map(
                self.grid, f"{name}_difference", f"Change: {title}, {after}", unit, values[1] - values[0], legends[1]
            ),
        }

    def zones(self) -> tuple[Zones, Zones, Zones]:
        """Buildings, the ground beside each, and open spaces (all of them together first), of the later state."""
        after = apply(self.scenario, self.layers) if self.scenario else self.layers
        buildings = building_zones(after, self.grid)
        free = np.logical_and.reduce(self.grounds)
        strip = strip_around(buildings.number, max(1, round(STRIP / self.grid.cell)))
        strip[~free] = -1
        spaces = open_space_zones(self.layers, self.grid, buildings.number >= 0)
        return buildings, buildings._replace(number=strip), spaces.only(free)

    def by_place(
        self, title: str, unit: str, buildings: Zones, spaces: Zones, of: Callable[[Zones], dict[str, list[Any]]]
    ) -> dict[str, Field]:
        """The tables of open ground, open spaces and areas; of : the columns of some zones, beside who they are."""
        free = np.logical_and.reduce(self.grounds)

        def table(zones: Sequence[Zones]) -> dict[str, list[Any]]:
            return joined([identity(one, self.grid) | of(one) for one in zones])

        open_ground = [self.all_open(buildings), *([spaces] if spaces.ids else [])]
        fields = {"by_open_space": Field("by_open_space", f"{title} by open space", unit, table(open_ground))}
        areas = [zones.only(free) for layer in self.areas for zones in area_zones(layer, self.grid)]
        if areas:
            rows = in_file_order(table(areas), self.areas)
            fields["by_area"] = Field("by_area", f"{title} by area", unit, rows)
        return fields

    def all_open(self, buildings: Zones) -> Zones:
        """All open ground as one zone."""
        free = np.logical_and.reduce(self.grounds) & (buildings.number < 0)
        return Zones(["all open ground"], [""], ["total"], np.where(free, 0, -1).astype(np.int32))

    def notes(self) -> list[str]:
        """Plain lines on the surface and the scenario."""
        found = ["Trees stand as solid bodies, as measured or modelled."]
        if self.place.grid != self.place.shown:
            found.append(
                f"What stands around the part counts, as far as there are data and it rises above {LOWEST:g}° there."
            )
        return found + self.doubts()

    def doubts(self) -> list[str]:
        """What is not known of the surface, and what of the scenario is not as it seems."""
        found = []
        filled = float(np.asarray(self.surfaces[0]["filled"]).mean())
        if filled > 0.005:
            found.append(f"{filled:.0%} of the surface holds no measurement and was filled from its surroundings.")
        if self.scenario:
            found.append("Inside a changed footprint the difference compares what lies on top: a roof with the ground.")
            gone = missing(self.scenario, self.layers)
            if gone:
                found.append(f"{len(gone)} changes of the scenario name objects that are not in the data.")
        return found

    def provenance(self, parameters: Any, device: str, seconds: float) -> dict[str, Any]:
        """What the study was made of, so that anybody can make it again."""
        facts = provenance(parameters, (*self.layers, *self.areas), self.scenario, self.grid, device, seconds)
        model = "terrain, highest returns without noise, and model polygons, exact at the cells' centres"
        return facts | {"surface_model": model, "trees": "solid, as measured or modelled"}


def prepare(project: Project | Document, parameters: Any, job: Progress) -> States:
    """The surfaces that a study asks for by its bounds, cell and scenario."""
    document: Document = project.document if hasattr(project, "document") else project
    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    scenario = scenario_of(document, parameters.scenario)
    grid = grid_of(document, layers, parameters.bounds, parameters.cell)
    after = apply(scenario, layers) if scenario else layers
    relief = max(relief_of(layers), relief_of(after)) + max(-parameters.receiver_height, 0.0)
    place = part_of_city(grid, layers, relief)
    states: list[Scenario | None] = [None] + ([scenario] if scenario else [])
    made = [
        analysis_surface(layers, state, place.grid, part_of(job, k / len(states), 1.0 / len(states)))
        for k, state in enumerate(states)
    ]
    grounds = tuple(place.of(np.asarray(dsm - dtm)) < ON_THE_GROUND for dsm, dtm in made)
    areas = tuple(chosen_areas(document, parameters.areas))
    return States(layers, scenario, place, tuple(dsm for dsm, _ in made), grounds, areas)


def columns(
    name: str, values: Sequence[F4], zones: Zones, of: Callable[..., Any] = mean_by_zone
) -> dict[str, list[Any]]:
    """A column a state by zone, and the change; of : values, numbers, count -> (one a zone, …)."""
    found = [np.asarray(of(one, zones.number, len(zones.ids))[0], dtype=np.float64) for one in values]
    table = {f"{name}_{state}": list(map(float, one)) for state, one in zip(NAMES, found, strict=False)}
    if len(found) == 2:
        table[f"{name}_difference"] = list(map(float, found[1] - found[0]))
    return table


def _map(grid: Grid, name: str, title: str, unit: str, values: F4, legend: Sequence[LegendClass]) -> Field:
    return Field(name, title, unit, grid.raster(values, title.lower(), unit), legend)
