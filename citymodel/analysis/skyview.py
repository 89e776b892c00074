"""The share of the sky that each place sees, as it is, as proposed, and the change, on maps and in tables."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from citymodel.analysis.on_device import fetched, placed
from citymodel.analysis.sun_study import heights
from citymodel.analysis.two_states import States, columns, prepare
from citymodel.analysis.zones import Zones, identity
from citymodel.jobs import Progress, part_of, silent
from citymodel.legends_year import SKY, SKY_DIFFERENCE
from citymodel.parameters import DEVICES, Asks
from citymodel.results import Field as ResultField
from citymodel.results import Result

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.project import Project

F4 = NDArray[np.float32]

DIRECTIONS = 72


class SkyViewParameters(BaseModel):
    """A study of the open sky, of the base and of the scenario on the table.

    cell, receiver_height : metres; directions : of horizons around each cell
    bounds : xmin, ymin, xmax, ymax in the frame's CRS, None for the whole of the data
    areas : id of the layer of areas to report on, None for all of them
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    directions: Annotated[int, Asks("count", "Directions", "Horizons around each cell.", detail=True)] = Field(
        default=DIRECTIONS, ge=8, le=720
    )
    cell: Annotated[float, Asks("length", "Cell", "Width of a cell of the map.")] = Field(default=1.0, gt=0, le=100)
    receiver_height: Annotated[
        float, Asks("length", "Above ground", "Height above the surface from which the sky is seen.")
    ] = Field(default=0.0, ge=-10, le=500)
    areas: Annotated[str | None, Asks("layer", "Areas", "Parks and squares to report on.")] = None
    bounds: Annotated[
        tuple[float, float, float, float] | None, Asks("extent", "Part of the city", option="--bbox", detail=True)
    ] = None
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"


def sky_view(
    dsm: F4, cell: float, directions: int = DIRECTIONS, receiver_height: float = 0.0, device: str = "auto",
    progress: Progress = silent,
) -> tuple[F4, str]:  # fmt: skip
    """Sky view factor of each cell, 0–1, NaN no data; and the device that computed it.

    dsm : (rows, columns) float32, metres
    """
    from kernels.horizon import sky_view_factor

    surface, used = placed(dsm, device)
    sky = sky_view_factor(surface, cell, directions, receiver_height, lambda share: progress(share, "open sky"))
    return np.asarray(fetched(sky), dtype=np.float32), used


def run(project: Project | Document, parameters: SkyViewParameters, job: Progress = silent) -> Result:
    """Sky view factors over the project's data, base and scenario."""
    began = time.perf_counter()
    states = prepare(project, parameters, part_of(job, 0.0, 0.4))
    found: list[F4] = []
    device = "cpu"
    count = len(states.surfaces)
    for number, dsm in enumerate(states.surfaces):
        step = part_of(job, 0.4 + 0.5 * number / count, 0.5 / count)
        sky, device = sky_view(
            heights(dsm), states.grid.cell, parameters.directions, parameters.receiver_height, parameters.device, step
        )
        found.append(np.ascontiguousarray(states.place.of(sky)))
    job(0.9, "tables")
    fields = states.fields("sky_view", "Sky view factor", "", found, (SKY, SKY_DIFFERENCE))
    fields |= _tables(states, found)
    job(1.0)
    facts = states.provenance(parameters, device, time.perf_counter() - began)
    facts["method"] = (
        "mean of cos² of the horizons by upper hulls (Timonen & Westerholm 2010), even sky, level receiver"
    )
    where = f"cells of {states.grid.cell:g} m; {parameters.receiver_height:g} m above the surface"
    notes = [
        f"{parameters.directions} directions; {where}; an even sky over a level receiver",
        "What stands outside the data hides no sky: near its edges the sky view is too high.",
        *states.notes(),
    ]
    return Result("skyview", "Sky view factor", fields, facts, notes)


def _tables(states: States, found: list[F4]) -> dict[str, ResultField]:
    """Means by building, by open space and by area."""
    buildings, strip, spaces = states.zones()

    def of(zones: Zones) -> dict[str, list[Any]]:
        return columns("mean_sky_view", found, zones)

    fields = states.by_place("Sky view factor", "", buildings, spaces, of)
    if buildings.ids:
        table = identity(buildings, states.grid) | columns("roof_sky_view", found, buildings)
        table |= columns("ground_beside_sky_view", found, strip)
        fields["by_building"] = ResultField("by_building", "Sky view factor by building", "", table)
    return fields
