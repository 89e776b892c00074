"""How quick this machine computes floods: measured once on a small one that is wet all over."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kernels.flood import COURANT, Flood
from kernels.flood_sources import Rain

if TYPE_CHECKING:
    from citymodel.analysis.flood.parameters import FloodParameters

SIDE = 300
WAVE = 6.0
"""Metres a second of the quickest wave of a cloudburst over a city, of water 2 to 3 m deep; a guess."""
THE_REST = 6e-6
"""Seconds a cell and state for ground, maps and tables, on two cores."""
GPU = 60.0
"""Times that a GPU is quicker at the least."""


@lru_cache(maxsize=4)
def seconds_a_cell(scheme: str) -> float:
    """Of one step of a wet cell."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    ground = 0.01 * rows + 0.2 * np.sin(columns / 7.0)
    flood = Flood(ground, 2.0, scheme=scheme, sources=(Rain([0.0, 3600.0], [50.0, 0.0]),))
    flood.set_depth(0.05)
    flood.advance(1.0)
    began, steps = time.perf_counter(), flood.steps
    until = 1.0
    while flood.steps < steps + 30:
        until += 2.0
        flood.advance(until)
    return (time.perf_counter() - began) / ((flood.steps - steps) * SIDE**2)


def seconds_of(area: float, cell: float, duration: float, parameters: FloodParameters) -> float:
    """Of one state over ``area`` m² for so many seconds of flood."""
    from citymodel.analysis.on_device import gpu_is_used

    cells = area / cell**2
    courant = parameters.courant or COURANT[parameters.scheme]
    steps = math.ceil(duration * WAVE / (courant * cell))
    quick = GPU if gpu_is_used(parameters.device) else 1.0
    return cells * (steps * seconds_a_cell(parameters.scheme) / quick + THE_REST) + 0.5
