"""The line sweep through crowns on the CPU: the surface as vectors, then the few lines that meet leaves one by one.

With the fall of the ray so far added to every height, rays are level: a crown is an interval that stays where it is,
and a receiver asks whether its own height lies in one. Whatever lies below the surface's ray is in full shade already.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu.sweep import HOLE, reach_of, step

#: Intervals that a line remembers; one more closes the narrowest gap between two, so that shade is never lost.
CAPACITY = 8
_BLOCK = 512


@njit(cache=True)
def remember(lows: Any, highs: Any, line: int, n: int, low: int, high: int) -> int:
    """Add an interval to the line's `n` disjoint ones in ascending order; returns how many there are now."""
    i = 0
    while i < n and highs[line, i] < low:
        i += 1
    j = i
    while j < n and lows[line, j] <= high:
        low, high = min(low, lows[line, j]), max(high, highs[line, j])
        j += 1
    if j == i:
        for g in range(n, i, -1):
            lows[line, g], highs[line, g] = lows[line, g - 1], highs[line, g - 1]
        n += 1
    else:
        for g in range(j, n):
            lows[line, g - j + i + 1], highs[line, g - j + i + 1] = lows[line, g], highs[line, g]
        n -= j - i - 1
    lows[line, i], highs[line, i] = low, high
    if n > CAPACITY:
        g = 0
        for i in range(1, n - 1):
            if lows[line, i + 1] - highs[line, i] < lows[line, g + 1] - highs[line, g]:
                g = i
        highs[line, g] = highs[line, g + 1]
        for i in range(g + 1, n - 1):
            lows[line, i], highs[line, i] = lows[line, i + 1], highs[line, i + 1]
        n -= 1
    return n


@njit(cache=True, parallel=True)
def sweep_canopy(
    z: Any, base: Any, top: Any, reverse: bool, offset: Any, side: Any, fraction: Any, drop: Any, decides: Any,
    fall: Any, wall: Any, lift: Any, out: Any,
) -> None:  # fmt: skip
    """Write 0 sun, 1 shade, 2 shade of leaves only, 255 no data for one sun position."""
    rows, cols = out.shape
    first = -offset.max()
    count = cols - offset.min() - first
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        m0 = first + block * _BLOCK
        highest, before = np.full(_BLOCK, HOLE, np.int32), np.full(_BLOCK, HOLE, np.int32)
        above = np.empty(_BLOCK, np.int32)
        # The crown being passed: underside and top of its last sample, and its interval so far.
        under, over = np.full(_BLOCK, HOLE, np.int32), np.full(_BLOCK, HOLE, np.int32)
        low, high = np.zeros(_BLOCK, np.int64), np.zeros(_BLOCK, np.int64)
        lows, highs = np.zeros((_BLOCK, CAPACITY + 1), np.int64), np.zeros((_BLOCK, CAPACITY + 1), np.int64)
        known = np.zeros(_BLOCK, np.int32)
        for k in range(rows):
            a = max(m0 + offset[k], 0)
            b = min(m0 + _BLOCK + offset[k], cols)
            if a >= b:
                continue
            r = rows - 1 - k if reverse else k
            here, beside = z[r, a + 1 : b + 1], z[r, a + 1 + side[k] : b + 1 + side[k]]
            m1 = a - m0 - offset[k]
            ray, last = highest[m1:], before[m1:]
            target = out[r, a:b]
            f, d, reach = fraction[k], drop[k], reach_of(decides[k], fraction[k], wall)
            bottom, crown_before, some = base[r, a + 1 : b + 1], under[m1:], known[m1:]
            busy = np.int32(0)
            for i in range(b - a):
                above[i] = step(here, beside, f, d, wall, reach, ray, last, i)
            for i in range(b - a if decides[k] else 0):
                hole = here[i] == HOLE
                target[i] = 255 if hole else (0 if np.int32(above[i] + lift) >= 0 else 1)
            for i in range(b - a):
                leaves = np.int32(bottom[i] != HOLE) | np.int32(crown_before[i] != HOLE)
                busy = np.int32(busy | np.int32(leaves | some[i]))
            if busy == 0:
                continue
            half, so_far = np.int64(d >> 1), fall[k]
            for i in range(b - a):
                m, j = m1 + i, a + 1 + i
                low_leaf, high_leaf = np.int64(base[r, j]), np.int64(top[r, j])
                leafy = low_leaf != HOLE and high_leaf >= low_leaf
                passing = under[m] != HOLE
                if not (leafy or passing or known[m] > 0):
                    continue
                if leafy:
                    low_aside, high_aside = np.int64(base[r, j + side[k]]), np.int64(top[r, j + side[k]])
                    crown = low_aside != HOLE and high_aside >= low_aside
                    if crown and high_aside >= low_leaf and low_aside <= high_leaf:
                        low_leaf, high_leaf = (
                            low_leaf + ((low_aside - low_leaf) * f >> 10),
                            high_leaf + ((high_aside - high_leaf) * f >> 10),
                        )
                if passing and not (leafy and over[m] >= low_leaf and under[m] <= high_leaf):
                    end = max(high[m], over[m] + so_far - d + half)
                    known[m] = remember(lows, highs, m, known[m], low[m], end)
                    passing = False
                if leafy:
                    low[m] = min(low[m], low_leaf + so_far) if passing else low_leaf + so_far - half
                    high[m] = max(high[m], high_leaf + so_far) if passing else high_leaf + so_far
                    under[m], over[m] = low_leaf, high_leaf
                else:
                    under[m] = HOLE
                floor, n = ray[i] + so_far, known[m]
                gone = 0
                while gone < n and highs[m, gone] < floor:
                    gone += 1
                if gone > 0:
                    for g in range(gone, n):
                        lows[m, g - gone], highs[m, g - gone] = lows[m, g], highs[m, g]
                    known[m] = n = n - gone
                if decides[k] and target[i] == 0:
                    eye = floor + above[i] + lift
                    shaded = leafy and low[m] <= eye <= high[m]
                    for g in range(n):
                        shaded |= lows[m, g] <= eye <= highs[m, g]
                    if shaded:
                        target[i] = 2


@njit(cache=True, parallel=True)
def split(codes: Any, bit: Any, lit: Any, thin: Any) -> None:
    """Set `bit` in `lit` where the code is 0 and in `thin` where it is 2; the first bit, 1, clears the bytes."""
    rows, cols = codes.shape
    old = np.uint8(0) if bit == 1 else np.uint8(255)
    for r in prange(rows):
        here, sun, leaves = codes[r], lit[r], thin[r]
        for c in range(cols):
            sun[c] = (sun[c] & old) | (bit if here[c] == 0 else np.uint8(0))
            leaves[c] = (leaves[c] & old) | (bit if here[c] == 2 else np.uint8(0))
