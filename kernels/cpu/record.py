"""Bits of many sun positions added up on the CPU: hours, and the day's first, last and longest sun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, prange

from kernels.cpu import cores

if TYPE_CHECKING:
    from kernels.cpu.shadow import Sweep
    from kernels.lines import Lines

#: A tile of bits is turned upright in the first cache; its rows are the vectors of the sums.
_HIGH, _WIDE = 64, 128
_LOW = np.uint32(0xFFFF)


@njit(inline="always")
def _upright(planes: Any, transposed: bool, r0: int, high: int, c0: int, wide: int, tile: Any) -> None:
    """Fill `tile` with the planes' bytes of upright rows r0… and columns c0…, whichever way the planes lie."""
    for p in range(planes.shape[0]):
        if transposed:
            for c in range(wide):
                line = planes[p, c0 + c, r0 : r0 + high]
                for r in range(high):
                    tile[p, r, c] = line[r]
        else:
            for r in range(high):
                tile[p, r, :wide] = planes[p, r0 + r, c0 : c0 + wide]


@njit(cache=True, parallel=True)
def pack(planes: Any, transposed: bool, bits: Any, out: Any) -> None:
    """Set bit `bits[i]` of `out` where bit i of the one plane is set."""
    rows, cols = out.shape
    for band in prange((rows + _HIGH - 1) // _HIGH):
        r0 = band * _HIGH
        high = min(_HIGH, rows - r0)
        tile = np.empty((1, _HIGH, _WIDE), np.uint8)
        for c0 in range(0, cols, _WIDE):
            wide = min(_WIDE, cols - c0)
            _upright(planes, transposed, r0, high, c0, wide, tile)
            for r in range(high):
                target, here = out[r0 + r, c0 : c0 + wide], tile[0, r]
                for i in range(bits.size):
                    old, new = np.uint8(i), bits[i]
                    for c in range(wide):
                        target[c] |= np.uint8(np.uint8(np.uint8(here[c] >> old) & np.uint8(1)) << new)


@njit(cache=True, parallel=True)
def weigh(lit: Any, thin: Any, transposed: bool, weights: Any, thins: Any, out: Any) -> None:
    """Add `weights[i]` where position i lights the cell, `thins[i]` where it does so through a canopy."""
    rows, cols = out.shape
    leafy = thin.size > 0
    for band in prange((rows + _HIGH - 1) // _HIGH):
        r0 = band * _HIGH
        high = min(_HIGH, rows - r0)
        open_sky = np.empty((lit.shape[0], _HIGH, _WIDE), np.uint8)
        leaves = np.empty((thin.shape[0], _HIGH, _WIDE), np.uint8)
        for c0 in range(0, cols, _WIDE):
            wide = min(_WIDE, cols - c0)
            _upright(lit, transposed, r0, high, c0, wide, open_sky)
            _upright(thin, transposed, r0, high, c0, wide, leaves)
            for r in range(high):
                target = out[r0 + r, c0 : c0 + wide]
                for i in range(weights.size):
                    bit = np.uint8(1 << i % 8)
                    here, weight = open_sky[i // 8, r], weights[i]
                    for c in range(wide):
                        target[c] += weight if np.uint8(here[c] & bit) != 0 else np.float32(0.0)
                    if leafy:
                        here, weight = leaves[i // 8, r], thins[i]
                        for c in range(wide):
                            target[c] += weight if np.uint8(here[c] & bit) != 0 else np.float32(0.0)


@njit(cache=True, parallel=True)
def scaled(dsm: Any, scale: float, out: Any) -> None:
    """Multiply the sums by `scale`, NaN where there is no data."""
    rows, cols = out.shape
    for r in prange(rows):
        here, there = dsm[r], out[r]
        for c in range(cols):
            there[c] = np.float32(np.float64(there[c]) * scale) if here[c] == here[c] else np.float32(np.nan)


@njit(cache=True, parallel=True)
def follow(
    lit: Any, thin: Any, transposed: bool, joins: Any, start: int, count: Any, runs: Any, first: Any, last: Any
) -> None:
    """Carry the record over more positions; `start` is the number of the first, `joins` 0 where a run breaks.

    `count` holds two numbers of 16 bits: positions lit, and lit through a canopy; `runs` the longest run and the
    present one; `first` and `last` the number of a lit position plus one, 0 for none.
    """
    rows, cols = count.shape
    leafy = thin.size > 0
    for band in prange((rows + _HIGH - 1) // _HIGH):
        r0 = band * _HIGH
        high = min(_HIGH, rows - r0)
        open_sky = np.empty((lit.shape[0], _HIGH, _WIDE), np.uint8)
        leaves = np.empty((thin.shape[0], _HIGH, _WIDE), np.uint8)
        run, longest = np.empty(_WIDE, np.uint32), np.empty(_WIDE, np.uint32)
        for c0 in range(0, cols, _WIDE):
            wide = min(_WIDE, cols - c0)
            _upright(lit, transposed, r0, high, c0, wide, open_sky)
            _upright(thin, transposed, r0, high, c0, wide, leaves)
            for r in range(high):
                number, both = count[r0 + r, c0 : c0 + wide], runs[r0 + r, c0 : c0 + wide]
                begin, end = first[r0 + r, c0 : c0 + wide], last[r0 + r, c0 : c0 + wide]
                for c in range(wide):
                    longest[c] = both[c] & _LOW
                    run[c] = np.uint32(both[c] >> np.uint32(16))
                for i in range(joins.size):
                    here, shift = open_sky[i // 8, r], np.uint32(i % 8)
                    join, place = np.uint32(joins[i]), np.uint32(start + i + 1)
                    for c in range(wide):
                        on = np.uint32(np.uint32(np.uint32(here[c]) >> shift) & np.uint32(1))
                        run[c] = np.uint32(np.uint32(np.uint32(run[c] * join) + np.uint32(1)) * on)
                        longest[c] = max(longest[c], run[c])
                        number[c] = np.uint32(number[c] + on)
                        begin[c] = place if (begin[c] == 0) & (on == 1) else begin[c]
                        end[c] = place if on == 1 else end[c]
                    if leafy:
                        here = leaves[i // 8, r]
                        for c in range(wide):
                            on = np.uint32(np.uint32(np.uint32(here[c]) >> shift) & np.uint32(1))
                            number[c] = np.uint32(number[c] + np.uint32(on << np.uint32(16)))
                for c in range(wide):
                    both[c] = np.uint32(longest[c] | np.uint32(run[c] << np.uint32(16)))


@njit(cache=True, parallel=True)
def written(dsm: Any, step: float, thin: float, begins: Any, ends: Any, state: Any, out: Any) -> None:
    """Turn the record's four numbers into hours; `out` may share the memory of `state`."""
    rows, cols = dsm.shape
    nan = np.float32(np.nan)
    for r in prange(rows):
        number, both, first, last = state[0][r].copy(), state[1][r].copy(), state[2][r].copy(), state[3][r].copy()
        hours, longest, begin, end = out[0][r], out[1][r], out[2][r], out[3][r]
        for c in range(cols):
            known = dsm[r, c] == dsm[r, c]
            lit, through = np.float64(number[c] & _LOW), np.float64(number[c] >> np.uint32(16))
            hours[c] = np.float32(lit * step + through * thin) if known else nan
            longest[c] = np.float32(np.float64(both[c] & _LOW) * step) if known else nan
            begin[c] = begins[first[c]] if known else nan
            end[c] = ends[last[c]] if known else nan


class Tally:
    """Hours of sun, added up position by position."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._sum = np.zeros(sweep.dsm.shape, np.float32)

    def add(self, batch: list[Lines], lift: int, weights: np.ndarray, thins: np.ndarray) -> None:
        """Add each position's hours to the cells that it lights, `thins` to those behind leaves."""
        lit, thin = self._sweep.planes(batch, lift)
        with cores(self._sweep.dsm.size):
            weigh(lit, thin, batch[0].transposed, weights, thins, self._sum)

    def hours(self, scale: float) -> np.ndarray:
        """The sums times `scale`: (rows, cols) float32, NaN no data."""
        with cores(self._sweep.dsm.size):
            scaled(self._sweep.dsm, scale, self._sum)
        return self._sum


class Diary:
    """What a record needs of every cell, in the memory of its four results: see `follow`."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._out = tuple(np.zeros(sweep.dsm.shape, np.float32) for _ in range(4))
        self._state = tuple(one.view(np.uint32) for one in self._out)

    def add(self, batch: list[Lines], lift: int, joins: np.ndarray, start: int) -> None:
        """Carry the record over more positions; `start` is the number of the first, `joins` 0 where a run breaks."""
        lit, thin = self._sweep.planes(batch, lift)
        with cores(self._sweep.dsm.size):
            follow(lit, thin, batch[0].transposed, joins, start, *self._state)

    def finish(self, step: float, thin: float, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, ...]:
        """Hours, longest, first and last; `begins` and `ends` by a position's number plus one, NaN at 0."""
        with cores(self._sweep.dsm.size):
            written(self._sweep.dsm, step, thin, begins, ends, self._state, self._out)
        return self._out
