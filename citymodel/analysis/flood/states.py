"""The water of one state after its run: maps, hazard and classes, beside the ground and the buildings it met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.losses import NAMES
from citymodel.analysis.flood.parameters import FloodParameters
from citymodel.analysis.flood.setup import Prepared
from citymodel.analysis.zones import Zones
from citymodel.flood.hazard import UK_CLASSES, classes_au, classes_uk, limits_of, rating
from citymodel.layers import Layer
from citymodel.surface import Grid

if TYPE_CHECKING:
    from citymodel.flood.run import Outcome

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Water:
    """What a run of one state came to.

    name : "base" or "scenario"; maps : of the outcome; hazard, class_uk, class_au : of their maxima
    standing : cells of rivers and ponds, and where water stood at the start
    readings : of gauges and sections, as `Frames.readings`
    words_uk : of its classes 1 to 4
    """

    name: str
    grid: Grid
    layers: tuple[Layer, ...]
    zones: Zones
    ground: F8
    standing: Mask
    wet: float
    maps: Mapping[str, F4]
    hazard: F4
    class_uk: U1
    class_au: U1
    balance: Mapping[str, float]
    readings: Mapping[str, Any]
    words_uk: tuple[str, ...] = UK_CLASSES

    @property
    def counted(self) -> Mask:
        """Open ground that no water stood on at the start."""
        return np.isfinite(self.maps["max_depth"]) & ~self.standing


def water_of(made: Prepared, outcome: Outcome, readings: Mapping[str, Any], parameters: FloodParameters) -> Water:
    """The state's water, its hazard by the study's thresholds."""
    maps = outcome.maps
    rated = rating(maps["max_depth"], maps["max_speed"], maps["max_danger"], parameters.debris, parameters.wet)
    limits = limits_of(parameters.hazard_au)
    au = classes_au(maps["max_depth"], maps["max_speed"], maps["max_unit_discharge"], limits, parameters.wet)
    standing = (made.water >= parameters.wet) | (made.losses.classes == NAMES.index("water"))
    return Water(
        made.name, made.case.grid, made.layers, made.zones, made.case.terrain, standing,
        parameters.wet, maps, rated, classes_uk(rated, parameters.hazard), au, outcome.balance, readings,
    )  # fmt: skip
