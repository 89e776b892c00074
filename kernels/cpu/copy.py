"""A plain copy by all cores: the yardstick for every other kernel."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import njit, prange

from kernels.cpu import GUARD


@njit(cache=True, parallel=True)
def _copy(here: Any, there: Any, parts: int) -> None:
    """Copy in as many parts as there are cores."""
    share = (here.size + parts - 1) // parts
    for part in prange(parts):
        there[part * share : (part + 1) * share] = here[part * share : (part + 1) * share]


def copy(here: np.ndarray, there: np.ndarray) -> None:
    """Copy one flat array into another of the same size and type."""
    with GUARD:
        _copy(here, there, numba.get_num_threads())
