"""Counts by zone on the CPU: planes are shared among the cores, each writes its own eight rows."""

from __future__ import annotations

from typing import Any

from numba import njit, prange

from kernels.cpu import cores


@njit(cache=True, parallel=True)
def _count(planes: Any, cells: Any, owner: Any, counts: Any) -> None:
    """Add the set bits of the chosen cells."""
    for p in prange(planes.shape[0]):
        plane = planes[p]
        for i in range(cells.size):
            bits = plane[cells[i]]
            if bits:
                for k in range(8):
                    counts[8 * p + k, owner[i]] += (bits >> k) & 1


def count(planes: Any, cells: Any, owner: Any, counts: Any) -> None:
    """Add to `counts` the set bits of `cells`, whose zones are `owner`."""
    with cores(planes.shape[0] * cells.size):
        _count(planes, cells, owner, counts)
