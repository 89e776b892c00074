"""Who casts each shadow, on the CPU: the sweep with the owner of the running maximum beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu.sweep import HOLE, edge_of, reach_of, step

_BLOCK = 1024


@njit(cache=True, parallel=True)
def sweep_casters(
    z: Any, owner: Any, reverse: bool, offset: Any, side: Any, fraction: Any, drop: Any, decides: Any,
    wall: Any, lift: Any, out: Any,
) -> None:  # fmt: skip
    """Write the owner of the cell that stands highest above each shaded cell's ray; -2 lit, -3 no data."""
    rows, cols = out.shape
    first = -offset.max()
    count = cols - offset.min() - first
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        m0 = first + block * _BLOCK
        highest, before = np.full(_BLOCK, HOLE, np.int32), np.full(_BLOCK, HOLE, np.int32)
        caster, edge_owner = np.full(_BLOCK, -1, np.int32), np.full(_BLOCK, -1, np.int32)
        for k in range(rows):
            a = max(m0 + offset[k], 0)
            b = min(m0 + _BLOCK + offset[k], cols)
            if a >= b:
                continue
            r = rows - 1 - k if reverse else k
            here, beside = z[r, a + 1 : b + 1], z[r, a + 1 + side[k] : b + 1 + side[k]]
            m1 = a - m0 - offset[k]
            top, last, who, whose = highest[m1:], before[m1:], caster[m1:], edge_owner[m1:]
            mine, target = owner[r, a:b], out[r, a:b]
            f, d, reach = fraction[k], drop[k], reach_of(decides[k], fraction[k], wall)
            # Short loops that write little: LLVM makes vectors of those whose arrays it can tell apart cheaply.
            # The last one stays a loop: Numba 0.68 loses the assignment of a whole slice here.
            for i in range(b - a):
                edge = edge_of(here, beside, f, d, wall, reach, last, i)
                new, old = whose[i], who[i]
                who[i] = new if edge > top[i] else old
            if decides[k] == 0:
                # A wall beside the line that stands in its way belongs to whoever owns the cell beside.
                neighbour = owner[r, max(a + side[k], 0) : b + side[k]]
                shift = a + side[k] - max(a + side[k], 0)
                for i in range(b - a):
                    jumps = np.int32(beside[i] - here[i]) > reach
                    at = i + shift
                    whose[i] = neighbour[at] if jumps and 0 <= at < neighbour.size else mine[i]
                    step(here, beside, f, d, wall, reach, top, last, i)
                continue
            for i in range(b - a):
                hole = here[i] == HOLE
                above = step(here, beside, f, d, wall, reach, top, last, i)
                target[i] = np.int32(-3) if hole else (np.int32(-2) if np.int32(above + lift) >= 0 else np.int32(-1))
            for i in range(b - a):
                code, name = target[i], who[i]
                target[i] = name if code == np.int32(-1) else code
            for i in range(b - a):
                whose[i] = mine[i]


@njit(cache=True, parallel=True)
def tally(casters: Any, zone: Any, zones: int, tables: Any) -> None:
    """Count each owner's shaded cells by zone: one table of (owners × zones) for each share of the rows."""
    rows, cols = casters.shape
    shares = tables.shape[0]
    for share in prange(shares):
        table = tables[share]
        for r in range(rows * share // shares, rows * (share + 1) // shares):
            for c in range(cols):
                if zone[r, c] >= 0 and casters[r, c] >= 0:
                    table[np.int64(casters[r, c]) * zones + zone[r, c]] += 1
