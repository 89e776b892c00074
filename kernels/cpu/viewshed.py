"""Exact viewsheds on the CPU: from every target the sight line is followed over the rows and the columns it crosses.

Places are measured from the eye outwards, in the direction's own sign, so that mirrors and quarter turns of a raster
give the same bits. A line of N rows meets row n at the share n / N, between two cells of which the farther one weighs
P / N. All is multiplied by N: with an eye at a centre, or at any binary fraction of a cell, no place is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import cores
from kernels.sight import HIDDEN, NO_DATA, OUT_OF_RANGE, VISIBLE, Question

CODES, ANGLE, HEIGHT, RISE = 0, 1, 2, 3
#: Cells that a core must get to be worth the waiting for it.
_SHARE = 10_000
#: Crossings between two calls of progress.
_CHUNK = 100_000_000


@njit(inline="always")
def _within(q: Any, south: Any, east: Any, far: Any, level: Any) -> bool:
    """Whether a target lies within the limits: metres south and east of the eye, distance squared, metres above it."""
    if far > q.most or far < q.least:
        return False
    if far == 0:
        return True
    if q.turn != 0:
        after = q.from_north * east + q.from_east * south >= 0
        before = -south * q.to_east - east * q.to_north >= 0
        if not ((after and before) if q.turn == 1 else (after or before)):
            return False
    if q.pitched:
        rise, away = level - q.bend * far, math.sqrt(far)
        return q.low * away <= rise <= q.high * away
    return True


@njit(inline="always")
def _outwards(eye: Any, target: int) -> tuple[Any, Any, Any]:
    """The centre at or behind the eye, the step towards the target, and how far the eye stands beyond that centre."""
    if target >= eye:
        base = math.floor(eye)
        return np.int64(base), np.int64(1), eye - base
    base = math.ceil(eye)
    return np.int64(base), np.int64(-1), base - eye


@njit(inline="always")
def _first(base: Any, step: Any, size: int) -> Any:
    """The first line beyond the base that the raster has."""
    return max(np.int64(1), -base if step > 0 else base - (size - 1))


@njit(inline="always")
def _family(
    z: Any, q: Any, kind: int, base: Any, step: Any, stride: Any, off: Any, count: Any, first: Any,
    across: Any, turn: Any, pitch: Any, aside: Any, wide: Any, size: Any, level: Any, far: Any,
) -> Any:  # fmt: skip
    """The greatest need of a sight line at its crossings with one family of grid lines, -inf for none.

    Parameters
    ----------
    base, step, stride, off, count : the line of cells behind the eye, the step to the next, its distance in `z`, how
        far the eye stands beyond that line, and how many lines away the target is
    first : the first line that the raster has
    across, turn, pitch, aside, wide, size : the same across: cell behind the eye, step, distance in `z`, how far the
        eye stands beyond it, how many cells the sight line runs across, and how many the raster has
    level, far : metres of the target above the eye, and its distance squared
    """
    most = -math.inf
    span = count - off
    datum = q.height + level if kind == RISE else q.height
    for k in range(first, count):
        n = k - off
        place = aside * span + wide * n
        cell = math.floor(place / span)
        part = place - cell * span
        if part < 0:
            cell, part = cell - 1.0, part + span
        elif part >= span:
            cell, part = cell + 1.0, part - span
        c = across + turn * np.int64(cell)
        if c < 0 or c >= size:
            continue
        at = (base + step * k) * stride + c * pitch
        a = np.float64(z[at])
        above = (a - datum) * span
        if part > 0:
            if c + turn < 0 or c + turn >= size:
                continue
            above += (np.float64(z[at + turn * pitch]) - a) * part
        if above != above:
            if q.holes_block:
                return math.inf
            continue
        rest = span - n
        if kind == RISE:
            most = max(most, above / rest + q.bend * far * (n / span))
        elif above > level * n - q.bend * far * n * rest / span:
            if kind != HEIGHT:
                return math.inf
            most = max(most, above / n + q.bend * far * (rest / span))
    return most


@njit(inline="always")
def _need(z: Any, q: Any, kind: int, rows: int, cols: int, i: int, j: int, level: Any, far: Any) -> Any:
    """The greatest need of the sight line to a cell: above -inf it is hidden; metres above the eye or the target."""
    base, step, off = _outwards(q.row, i)
    across, turn, aside = _outwards(q.col, j)
    down, right = abs(i - base), abs(j - across)
    by_rows = _family(
        z, q, kind, base, step, np.int64(cols), off, down, _first(base, step, rows),
        across, turn, np.int64(1), aside, right - aside, np.int64(cols), level, far,
    )  # fmt: skip
    if kind <= ANGLE and by_rows > 0:
        return by_rows
    by_cols = _family(
        z, q, kind, across, turn, np.int64(1), aside, right, _first(across, turn, cols),
        base, step, np.int64(cols), off, down - off, np.int64(rows), level, far,
    )  # fmt: skip
    return max(by_rows, by_cols)


@njit(cache=True, parallel=True)
def _codes(z: Any, q: Any, rows: int, cols: int, first: int, out: Any) -> None:
    """Codes of some rows from `first` on."""
    for r in prange(out.shape[0]):
        i = first + r
        for j in range(cols):
            surface = np.float64(z[i * cols + j])
            south, east = (i - q.row) * q.length, (j - q.col) * q.width
            far = south * south + east * east
            level = surface + q.target - q.height
            if surface != surface:
                out[r, j] = NO_DATA
            elif not _within(q, south, east, far, level):
                out[r, j] = OUT_OF_RANGE
            else:
                out[r, j] = HIDDEN if _need(z, q, CODES, rows, cols, i, j, level, far) > 0 else VISIBLE


@njit(cache=True, parallel=True)
def _heights(z: Any, q: Any, rows: int, cols: int, first: int, ground: Any, out: Any) -> None:
    """Least visible heights above the ground of some rows from `first` on."""
    for r in prange(out.shape[0]):
        i = first + r
        for j in range(cols):
            surface, floor = np.float64(z[i * cols + j]), np.float64(ground[i * cols + j])
            south, east = (i - q.row) * q.length, (j - q.col) * q.width
            far = south * south + east * east
            if surface != surface or floor != floor or not _within(q, south, east, far, surface + q.target - q.height):
                out[r, j] = np.nan
            else:
                need = _need(z, q, HEIGHT, rows, cols, i, j, floor - q.height, far)
                out[r, j] = max(need - (floor - q.height), 0.0)


@njit(cache=True, parallel=True)
def _rises(z: Any, q: Any, rows: int, cols: int, first: int, floor: Any, out: Any) -> None:
    """Least heights of an eye that sees the targets of some rows from `first` on."""
    for r in prange(out.shape[0]):
        i = first + r
        for j in range(cols):
            target = np.float64(z[i * cols + j]) + q.target
            south, east = (i - q.row) * q.length, (j - q.col) * q.width
            far = south * south + east * east
            if target != target or not _within(q, south, east, far, 0.0):
                out[r, j] = np.nan
            else:
                out[r, j] = max(target + _need(z, q, RISE, rows, cols, i, j, target - q.height, far), floor)


@njit(cache=True, parallel=True)
def _angles(z: Any, q: Any, codes: Any, out: Any) -> None:
    """Degrees above the horizontal of the lines to the targets that are seen."""
    rows, cols = codes.shape
    for i in prange(rows):
        for j in range(cols):
            if codes[i, j] == VISIBLE:
                south, east = (i - q.row) * q.length, (j - q.col) * q.width
                far = south * south + east * east
                rise = np.float64(z[i * cols + j]) + q.target - q.height - q.bend * far
                out[i, j] = math.degrees(math.atan2(rise, math.sqrt(far)))
            else:
                out[i, j] = np.nan


class View:
    """A surface, (rows, cols) float32 in one piece, and the passes over it."""

    def __init__(self, dsm: np.ndarray) -> None:
        self._shape = dsm.shape
        self._z = dsm.ravel()

    def visible(self, q: Question, progress: Callable[[float], Any] | None = None) -> np.ndarray:
        """Codes of all cells."""
        return self._passes(np.empty(self._shape, np.uint8), _codes, q, (), progress)

    def preview(self, q: Question) -> np.ndarray:
        """Codes of all cells; exact ones until there is a quicker way."""
        return self.visible(q)

    def angle(self, q: Question, progress: Callable[[float], Any] | None = None) -> np.ndarray:
        """Degrees above the horizontal where the target is seen."""
        out = np.empty(self._shape, np.float32)
        codes = self.visible(q, progress)
        with cores(out.size):
            _angles(self._z, q, codes, out)
        return out

    def height(self, q: Question, ground: np.ndarray, progress: Callable[[float], Any] | None = None) -> np.ndarray:
        """Least visible heights above the ground."""
        return self._passes(np.empty(self._shape, np.float32), _heights, q, (ground.ravel(),), progress)

    def rise(self, q: Question, floor: float, progress: Callable[[float], Any] | None = None) -> np.ndarray:
        """Least heights of an eye that sees the targets."""
        return self._passes(np.empty(self._shape, np.float32), _rises, q, (float(floor),), progress)

    def count(self, asked: list[Question], progress: Callable[[float], Any] | None, preview: bool) -> np.ndarray:
        """How many see each cell."""
        total = np.zeros(self._shape, np.uint32)
        for done, q in enumerate(asked):
            if progress is not None:
                progress(done / len(asked))
            total += (self.preview(q) if preview else self.visible(q)) == VISIBLE
        if progress is not None:
            progress(1.0)
        return total

    def _passes(self, out: np.ndarray, kernel: Any, q: Question, more: tuple[Any, ...], progress: Any) -> np.ndarray:
        """Fill all rows of `out`, some at a time."""
        rows, cols = self._shape
        step = max(2, _CHUNK // (cols * (rows + cols)))
        for first in range(0, rows, step):
            if progress is not None:
                progress(first / rows)
            with cores(out.size, _SHARE):
                kernel(self._z, q, rows, cols, first, *more, out[first : first + step])
        if progress is not None:
            progress(1.0)
        return out
