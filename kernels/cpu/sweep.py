"""The line sweep on the CPU: every row of lines is one vector, blocks of lines are shared among the cores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels import lines

HOLE = np.int32(-(2**29))
_LIMIT = 8000.0
_UNITS = 65536.0
#: Lines in a block: the running maximum and the row before stay in the first cache.
_BLOCK = 1024
_TILE = 64
CORNER = np.int32(lines.CORNER)
NEVER = np.int32(2**30)


@njit(cache=True, parallel=True)
def fixed(dsm: Any, transposed: bool, out: Any) -> bool:
    """Fill `out` with heights in 1/65536 m, one column of holes on either side; True when all fit."""
    rows, cols = dsm.shape
    bands = (rows + _TILE - 1) // _TILE
    bad = np.zeros(bands, np.int64)
    for band in prange(bands):
        r0 = band * _TILE
        high = min(_TILE, rows - r0)
        tile = np.empty((_TILE, _TILE), np.int32)
        for c0 in range(0, cols, _TILE):
            wide = min(_TILE, cols - c0)
            for r in range(high):
                here, units = dsm[r0 + r, c0 : c0 + wide], tile[r]
                for c in range(wide):
                    z = here[c]
                    z = z if abs(z) < _LIMIT else np.float32(0.0)
                    units[c] = np.int32(np.floor(np.float64(z) * _UNITS + 0.5))
                wrong = np.int32(0)
                for c in range(wide):
                    fits = abs(here[c]) < _LIMIT
                    units[c] = units[c] if fits else HOLE
                    wrong += np.int32(here[c] == here[c]) - np.int32(fits)
                bad[band] += wrong
            if transposed:
                for c in range(wide):
                    there = out[c0 + c, r0 + 1 : r0 + 1 + high]
                    for r in range(high):
                        there[r] = tile[r, c]
            else:
                for r in range(high):
                    out[r0 + r, c0 + 1 : c0 + 1 + wide] = tile[r, :wide]
    return bad.sum() == 0


@njit(inline="always")
def reach_of(decides: Any, fraction: Any, wall: Any) -> Any:
    """The least wall beside a passing line that stands in its way: `wall` near a corner, else more than any."""
    return wall if decides == 0 and fraction > CORNER else NEVER


@njit(inline="always")
def _place(here: Any, beside: Any, fraction: Any, wall: Any, reach: Any, i: Any) -> Any:
    """The height where line `i` passes this row, between two cells unless a wall parts them."""
    z = here[i]
    aside = np.int32(beside[i] - z)
    slope = np.int32(0) if abs(aside) > wall else np.int32(np.int32(aside * fraction) >> np.int32(10))
    return np.int32(z + (aside if aside > reach else slope))


@njit(inline="always")
def edge_of(here: Any, beside: Any, fraction: Any, drop: Any, wall: Any, reach: Any, before: Any, i: Any) -> Any:
    """The height that the row before puts in the way of line `i`: at a wall half a step nearer."""
    z, edge = _place(here, beside, fraction, wall, reach, i), before[i]
    bonus = np.int32(drop >> np.int32(1)) if np.int32(edge - z) > wall else np.int32(0)
    return np.int32(edge + bonus)


@njit(inline="always")
def step(
    here: Any, beside: Any, fraction: Any, drop: Any, wall: Any, reach: Any, highest: Any, before: Any, i: Any
) -> Any:
    """Move line `i` one step on: its height here less the ray's, 1/65536 m."""
    edge = edge_of(here, beside, fraction, drop, wall, reach, before, i)
    z = _place(here, beside, fraction, wall, reach, i)
    ray = np.int32(max(highest[i], edge) - drop)
    highest[i] = ray
    before[i] = z
    return np.int32(z - ray)


@njit(cache=True, parallel=True)
def sweep_mask(
    z: Any, reverse: bool, offset: Any, side: Any, fraction: Any, drop: Any, decides: Any, wall: Any,
    lift: Any, out: Any,
) -> None:  # fmt: skip
    """Write 0 sun, 1 shade, 255 no data for one sun position in the rows that the lines decide."""
    rows, cols = out.shape
    first = -offset.max()
    count = cols - offset.min() - first
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        m0 = first + block * _BLOCK
        highest = np.full(_BLOCK, HOLE, np.int32)
        before = np.full(_BLOCK, HOLE, np.int32)
        for k in range(rows):
            a = max(m0 + offset[k], 0)
            b = min(m0 + _BLOCK + offset[k], cols)
            if a >= b:
                continue
            r = rows - 1 - k if reverse else k
            here, beside = z[r, a + 1 : b + 1], z[r, a + 1 + side[k] : b + 1 + side[k]]
            top = highest[a - m0 - offset[k] :]
            last = before[a - m0 - offset[k] :]
            target = out[r, a:b]
            f, d, reach = fraction[k], drop[k], reach_of(decides[k], fraction[k], wall)
            if decides[k] == 0:
                for i in range(b - a):
                    step(here, beside, f, d, wall, reach, top, last, i)
                continue
            for i in range(b - a):
                hole = here[i] == HOLE
                above = step(here, beside, f, d, wall, reach, top, last, i)
                target[i] = 255 if hole else (0 if np.int32(above + lift) >= 0 else 1)


@njit(cache=True, parallel=True)
def sweep_bits(
    z: Any, reverse: bool, offset: Any, side: Any, fraction: Any, drop: Any, decides: Any, wall: Any,
    lift: Any, bit: Any, out: Any,
) -> None:  # fmt: skip
    """Set `bit` in the byte of every cell in the sun; the first bit, 1, writes over what was there."""
    rows, cols = out.shape
    first = -offset.max()
    count = cols - offset.min() - first
    old = np.uint8(0) if bit == 1 else np.uint8(255)
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        m0 = first + block * _BLOCK
        highest = np.full(_BLOCK, HOLE, np.int32)
        before = np.full(_BLOCK, HOLE, np.int32)
        for k in range(rows):
            a = max(m0 + offset[k], 0)
            b = min(m0 + _BLOCK + offset[k], cols)
            if a >= b:
                continue
            r = rows - 1 - k if reverse else k
            here, beside = z[r, a + 1 : b + 1], z[r, a + 1 + side[k] : b + 1 + side[k]]
            top = highest[a - m0 - offset[k] :]
            last = before[a - m0 - offset[k] :]
            target = out[r, a:b]
            f, d, reach = fraction[k], drop[k], reach_of(decides[k], fraction[k], wall)
            if decides[k] == 0:
                for i in range(b - a):
                    step(here, beside, f, d, wall, reach, top, last, i)
                continue
            for i in range(b - a):
                hole = here[i] == HOLE
                above = step(here, beside, f, d, wall, reach, top, last, i)
                lit = bit if np.int32(above + lift) >= 0 else np.uint8(0)
                target[i] = (target[i] & old) | (np.uint8(0) if hole else lit)


@njit(cache=True, parallel=True)
def turned(mask: Any, out: Any) -> None:
    """Write the transposed mask, tile by tile."""
    rows, cols = out.shape
    for band in prange((rows + _TILE - 1) // _TILE):
        r0 = band * _TILE
        high = min(_TILE, rows - r0)
        for c0 in range(0, cols, _TILE):
            for r in range(r0, r0 + high):
                for c in range(c0, min(cols, c0 + _TILE)):
                    out[r, c] = mask[c, r]
