"""One state of the city under a study's suns: surface, crowns, and the light on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.on_device import placed
from citymodel.analysis.part import Part
from citymodel.analysis.sun_study import heights
from citymodel.analysis.suns import Suns, in_leaf
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.scenario import Scenario
from citymodel.surface import Grid, analysis_surface, crowns

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.analysis.shadow_parameters import ShadowParameters

F4 = NDArray[np.float32]

ON_THE_GROUND = 1.0
"""Metres above the terrain below which a cell counts as open ground."""


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """The city as it is, or as a scenario has it.

    name : "base" or "scenario"; dsm, dtm : metres; crown : (rows, columns) float32 metres, None without trees apart
    """

    name: str
    grid: Grid
    dsm: DataArray
    dtm: DataArray
    crown: F4 | None

    @property
    def ground(self) -> NDArray[np.bool_]:
        """Cells on which nothing stands; crowns leave the ground free."""
        return np.asarray(self.dsm - self.dtm) < ON_THE_GROUND


def state_of(
    layers: tuple[Layer, ...], scenario: Scenario | None, grid: Grid, trees: str, job: Progress = silent
) -> State:
    """Surface, terrain and crowns; ``trees`` as in ShadowParameters."""
    apart = trees != "solid"
    dsm, dtm = analysis_surface(layers, scenario, grid, job, trees=not apart)
    crown = crowns(layers, scenario, grid, dtm) if apart and trees != "none" else None
    return State("scenario" if scenario else "base", grid, dsm, dtm, crown)


def transmissivity(parameters: ShadowParameters, latitude: float) -> float:
    """Part of the light that a crown lets through on the study's day."""
    leaves = parameters.trees == "leaves" or (parameters.trees == "season" and in_leaf(parameters.date, latitude))
    return parameters.transmissivity_leaves if leaves else parameters.transmissivity_bare


class Light:
    """The kernels' answers for one state, on one device, of the reported part of it.

    raised : metres by which all that stands on the ground is taken higher, for the error of heights
    part : the reported part of the state's grid, None for all
    """

    def __init__(
        self, state: State, suns: Suns, parameters: ShadowParameters, raised: float = 0.0, part: Part | None = None
    ) -> None:
        self.state, self.suns, self.parameters = state, suns, parameters
        self.part = part or Part.all_of(state.grid)
        z = heights(state.dsm)
        if raised:
            z = z + np.where(state.ground, np.float32(0.0), np.float32(raised))
        self.surface, self.device = placed(z, parameters.device)
        self.canopy = self._canopy(raised)

    def with_heights(self, raised: float) -> Light:
        """The same with all that stands on the ground so many metres higher."""
        return Light(self.state, self.suns, self.parameters, raised, self.part)

    def _canopy(self, raised: float) -> Any:
        if self.state.crown is None:
            return None
        from kernels.shadow import Canopy

        top = self.state.crown + np.float32(raised)
        ground = np.asarray(self.state.dtm, dtype=np.float32)
        base = ground + np.float32(self.parameters.trunk_share) * (top - ground)
        through = transmissivity(self.parameters, self.suns.latitude)
        return Canopy(placed(top, self.device)[0], placed(base, self.device)[0], through)

    def record(self, job: Progress = silent) -> Any:
        """Hours, longest spell, first and last sun: kernels.shadow.SunRecord of NumPy arrays."""
        from kernels.device import to_device
        from kernels.shadow import SunRecord, sun_record

        found = sun_record(
            self.surface, self.state.grid.cell, self.suns.azimuth, self.suns.altitude, self.suns.clock,
            self.parameters.step / 60.0, self.parameters.receiver_height, lambda share: job(share, "sun"),
            canopy=self.canopy,
        )  # fmt: skip
        maps = (found.hours, found.longest, found.first, found.last)
        return SunRecord(*(to_device(self.part.of(one), "cpu") for one in maps))

    def hours(self, job: Progress = silent) -> F4:
        """Hours of sun alone."""
        from kernels.device import to_device
        from kernels.shadow import sun_hours

        lit = sun_hours(
            self.surface, self.state.grid.cell, self.suns.azimuth, self.suns.altitude, self.parameters.step / 60.0,
            self.parameters.receiver_height, lambda share: job(share, "error of heights"), canopy=self.canopy,
        )  # fmt: skip
        found: F4 = np.asarray(to_device(self.part.of(lit), "cpu"), dtype=np.float32)
        return found

    def planes(self, chosen: slice) -> Any:
        """Bit planes of the chosen suns, on the device."""
        from kernels.shadow import shadow_masks

        planes = shadow_masks(
            self.surface, self.state.grid.cell, self.suns.azimuth[chosen], self.suns.altitude[chosen],
            self.parameters.receiver_height, packed=True, canopy=self.canopy,
        )  # fmt: skip
        return self.part.of(planes)
