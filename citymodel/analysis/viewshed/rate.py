"""How fast this machine sees: seconds a cell and observer, measured once on a small town."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np

SIDE = 500


@lru_cache(maxsize=4)
def seconds_a_cell(preview: bool = False, height: bool = False) -> float:
    """Of one observer at street level on the CPU, all its cores together.

    height : of the least height seen instead of the mask
    """
    from kernels.viewshed import Eye, prepare_view

    rng = np.random.default_rng(3)
    z = np.zeros((SIDE, SIDE), dtype=np.float32)
    for _ in range(150):
        row, column = rng.integers(0, SIDE - 30, 2)
        z[row : row + 20, column : column + 15] = rng.uniform(4.0, 25.0)
    z[240:260] = 0.0
    view = prepare_view(z, 1.0)
    eye = Eye(250.0, 250.0, 1.7)

    def look() -> Any:
        if height:
            return view.height(eye)
        return view.preview(eye) if preview else view.visible(eye)

    look()  # the first one compiles, or loads what was compiled
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        look()
        taken.append(time.perf_counter() - began)
    return min(taken) / z.size


def duration(seconds: float) -> str:
    """A time to wait, in words."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
