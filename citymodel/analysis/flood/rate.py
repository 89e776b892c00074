"""How long a flood study takes here, before its ground is known: by its cells, time and likely waves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kernels.flood import COURANT

if TYPE_CHECKING:
    from citymodel.analysis.flood.parameters import FloodParameters

WAVE = 6.0
"""Metres a second of the quickest wave of a cloudburst over a city, of water 2 to 3 m deep; a guess."""
THE_REST = 6e-6
"""Seconds a cell and state for ground, maps and tables, on two cores."""


def seconds_of(area: float, cell: float, duration: float, parameters: FloodParameters) -> float:
    """Of one state over ``area`` m² for so many seconds of flood."""
    from citymodel.analysis.flood.estimate import step_seconds

    cells = area / cell**2
    courant = parameters.courant or COURANT[parameters.scheme]
    steps = math.ceil(duration * WAVE / (courant * cell))
    fixed, each = step_seconds(parameters.scheme, parameters.device)
    return steps * (fixed + each * cells) + THE_REST * cells + 0.5
