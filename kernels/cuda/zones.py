"""Counts by zone on the GPU."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.device import launch

_THREADS = 128


def count(planes: Any, cells: Any, owner: Any, counts: Any) -> None:
    """Add to `counts` the set bits of `cells`, whose zones are `owner`."""
    grid = (-(-int(cells.size) // _THREADS), planes.shape[0])
    arguments = (
        planes, np.int64(planes.shape[1]), cells.astype(np.int64), owner, np.int64(cells.size),
        np.int32(counts.shape[1]), counts,
    )  # fmt: skip
    launch("zones", "cm_zones_count", grid, (_THREADS,), arguments)
