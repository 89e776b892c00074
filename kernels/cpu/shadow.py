"""The line sweep on the CPU: every row of lines is one vector, blocks of lines are shared among the cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, prange

from kernels.cpu import GUARD

if TYPE_CHECKING:
    from kernels.shadow import Lines

HOLE = np.int32(-(2**29))
_LIMIT = 8000.0
_UNITS = 65536.0
#: Lines in a block: the running maximum and the row before stay in the first cache.
_BLOCK = 1024
_TILE = 64


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
def _step(here: Any, beside: Any, fraction: Any, drop: Any, wall: Any, highest: Any, before: Any, i: Any) -> Any:
    """Move line `i` one step on: its height here less the ray's, 1/65536 m."""
    z = here[i]
    aside = np.int32(beside[i] - z)
    if abs(aside) > wall:
        aside = np.int32(0)
    z = np.int32(z + np.int32(np.int32(aside * fraction) >> np.int32(10)))
    edge = before[i]
    bonus = np.int32(drop >> np.int32(1)) if np.int32(edge - z) > wall else np.int32(0)
    ray = np.int32(max(highest[i], np.int32(edge + bonus)) - drop)
    highest[i] = ray
    before[i] = z
    return np.int32(z - ray)


@njit(cache=True, parallel=True)
def sweep_mask(
    z: Any, reverse: bool, offset: Any, side: Any, fraction: Any, drop: Any, wall: Any, lift: Any, out: Any
) -> None:
    """Write 0 sun, 1 shade, 255 no data for one sun position."""
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
            f, d = fraction[k], drop[k]
            for i in range(b - a):
                hole = here[i] == HOLE
                above = _step(here, beside, f, d, wall, top, last, i)
                target[i] = 255 if hole else (0 if np.int32(above + lift) >= 0 else 1)


@njit(cache=True, parallel=True)
def sweep_add(
    z: Any, reverse: bool, offset: Any, side: Any, fraction: Any, drop: Any, wall: Any, lift: Any, weight: Any, out: Any
) -> None:
    """Add `weight` to every cell in the sun."""
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
            f, d = fraction[k], drop[k]
            for i in range(b - a):
                above = _step(here, beside, f, d, wall, top, last, i)
                target[i] += weight if np.int32(above + lift) >= 0 else np.float32(0.0)


@njit(cache=True, parallel=True)
def turned(mask: Any, out: Any) -> None:
    """Write the transposed mask, tile by tile."""
    rows, cols = out.shape
    for band in prange((rows + _TILE - 1) // _TILE):
        for c0 in range(0, cols, _TILE):
            for r in range(band * _TILE, min(rows, (band + 1) * _TILE)):
                for c in range(c0, min(cols, c0 + _TILE)):
                    out[r, c] = mask[c, r]


@njit(cache=True, parallel=True)
def joined(dsm: Any, by_rows: Any, by_columns: Any, out: Any) -> None:
    """Write the two sums added up, NaN where there is no data; an empty sum stands for zeros."""
    rows, cols = out.shape
    with_rows, with_columns = by_rows.size > 0, by_columns.size > 0
    for band in prange((rows + _TILE - 1) // _TILE):
        for c0 in range(0, cols, _TILE):
            wide = min(_TILE, cols - c0)
            for r in range(band * _TILE, min(rows, (band + 1) * _TILE)):
                here, there = dsm[r, c0 : c0 + wide], out[r, c0 : c0 + wide]
                if with_columns:
                    for c in range(wide):
                        there[c] = by_columns[c0 + c, r]
                else:
                    there[:] = np.float32(0.0)
                if with_rows:
                    more = by_rows[r, c0 : c0 + wide]
                    for c in range(wide):
                        there[c] += more[c]
                for c in range(wide):
                    there[c] = there[c] if here[c] == here[c] else np.float32(np.nan)


class Sweep:
    """One surface made ready for sweeps: heights in whole units, by rows and, when asked for, by columns."""

    batch = 1

    def __init__(self, dsm: np.ndarray, wall: int, lift: int) -> None:
        self._dsm = np.ascontiguousarray(dsm)
        self._wall, self._lift = np.int32(wall), np.int32(lift)
        self._heights: dict[bool, np.ndarray] = {}
        self._sums: dict[bool, np.ndarray] = {}

    def _by(self, transposed: bool) -> np.ndarray:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        if transposed not in self._heights:
            rows, cols = self._dsm.shape[::-1] if transposed else self._dsm.shape
            out = np.empty((rows, cols + 2), np.int32)
            out[:, 0] = out[:, -1] = HOLE
            with GUARD:
                fits = fixed(self._dsm, transposed, out)
            if not fits:
                raise ValueError("surface holds heights beyond 8000 m: mark missing cells as NaN")
            self._heights[transposed] = out
        return self._heights[transposed]

    def dark(self) -> np.ndarray:
        """The mask of a night."""
        return np.where(np.isnan(self._dsm), np.uint8(255), np.uint8(1))

    def mask(self, lines: Lines) -> np.ndarray:
        """0 sun, 1 shade, 255 no data: (rows, cols) uint8."""
        z = self._by(lines.transposed)
        out = np.empty((z.shape[0], z.shape[1] - 2), np.uint8)
        with GUARD:
            sweep_mask(
                z, lines.reverse, lines.offset, lines.side, lines.fraction, lines.drop, self._wall, self._lift, out
            )
        if not lines.transposed:
            return out
        upright = np.empty(self._dsm.shape, np.uint8)
        with GUARD:
            turned(out, upright)
        return upright

    def add(self, batch: list[Lines], weights: np.ndarray) -> None:
        """Add each position's hours to the cells that it lights."""
        for lines, weight in zip(batch, weights, strict=True):
            z = self._by(lines.transposed)
            if lines.transposed not in self._sums:
                self._sums[lines.transposed] = np.zeros((z.shape[0], z.shape[1] - 2), np.float32)
            with GUARD:
                sweep_add(
                    z, lines.reverse, lines.offset, lines.side, lines.fraction, lines.drop,
                    self._wall, self._lift, np.float32(weight), self._sums[lines.transposed],
                )  # fmt: skip

    def hours(self) -> np.ndarray:
        """Hours of sun so far: (rows, cols) float32, NaN no data."""
        none = np.empty((0, 0), np.float32)
        out = np.empty(self._dsm.shape, np.float32)
        with GUARD:
            joined(self._dsm, self._sums.get(False, none), self._sums.get(True, none), out)
        return out
