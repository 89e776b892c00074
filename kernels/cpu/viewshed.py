"""Viewsheds on the CPU: a sweep settles nearly every cell, the exact walk the few that it leaves open."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
from numba import njit, prange

from kernels.cpu import cores
from kernels.cpu.turns import take_turn
from kernels.cpu.viewshed_sweep import AGAIN, GUESS, JUDGE, LIFT, TALLY, UNSURE, WALL, sweep, wedges
from kernels.cpu.viewshed_walk import CODES, HEIGHT, greatest_need, need_at, pyramid, within
from kernels.sight import HIDDEN, NO_DATA, OUT_OF_RANGE, VISIBLE, Question

#: Cells that a core must get to be worth the waiting for it.
_SHARE = 50_000
#: Rays for each cell of the outermost line: in a sweep that leaves few cells open, in a second one, in a quick one.
_RAYS = {JUDGE: 2.0, AGAIN: 8.0, LIFT: 2.0, GUESS: 1.0, TALLY: 1.0}
#: Share of cells left open above which a second sweep costs less than to walk to them.
_MANY = 0.025
#: Steps of rays, and cells that are walked to, between two calls of progress.
_STEPS, _CELLS = 50_000_000, 1_000_000
#: Cells looked through at once for open ones.
_BLOCK = 64
Progress = Callable[[float], Any] | None


@njit(cache=True, parallel=True)
def _blank(z: Any, q: Question, limited: bool, out: Any) -> None:
    """What needs no sight line: no data, out of range, and hidden for all others."""
    rows, cols = out.shape
    for i in prange(rows):
        line, codes = z[i * cols : (i + 1) * cols], out[i]
        for j in range(cols):
            codes[j] = HIDDEN if line[j] == line[j] else NO_DATA
        if limited:
            south = (i - q.row) * q.length
            for j in range(cols):
                east, level = (j - q.col) * q.width, np.float64(line[j]) + q.target - q.height
                if codes[j] == HIDDEN and not within(q, south, east, south * south + east * east, level):
                    codes[j] = OUT_OF_RANGE


@njit(cache=True)
def _settle_row(z: Any, tops: Any, levels: Any, q: Question, i: int, out: Any) -> None:
    """Follow the sight lines to the cells of a row that are left open."""
    rows, cols = out.shape
    codes = out[i]
    for block in range(0, cols, _BLOCK):
        end, some = min(block + _BLOCK, cols), 0
        for j in range(block, end):
            some += codes[j] == UNSURE
        for j in range(block, end if some else block):
            if codes[j] != UNSURE:
                continue
            south, east = (i - q.row) * q.length, (j - q.col) * q.width
            level = np.float64(z[i * cols + j]) + q.target - q.height
            need = greatest_need(
                z, tops, levels, (rows, cols), q.holes_block, q.bend, CODES, (q.row, q.col),
                (np.float64(i), np.float64(j)), south * south + east * east, q.height, level, -math.inf,
            )[0]  # fmt: skip
            codes[j] = HIDDEN if need > -math.inf else VISIBLE


@njit(cache=True)
def _raise_row(z: Any, tops: Any, levels: Any, q: Question, i: int, ground: Any, out: Any) -> None:
    """Follow the sight lines to the cells of a row whose height is left open: it is more than its negative."""
    rows, cols = out.shape
    for j in range(cols):
        if out[i, j] < 0:
            south, east = (i - q.row) * q.length, (j - q.col) * q.width
            level = np.float64(ground[i * cols + j]) - q.height
            known = level - np.float64(out[i, j]) * (1 - 1e-6) - 1e-6
            need = greatest_need(
                z, tops, levels, (rows, cols), q.holes_block, q.bend, HEIGHT, (q.row, q.col),
                (np.float64(i), np.float64(j)), south * south + east * east, q.height, level, known,
            )[0]  # fmt: skip
            out[i, j] = max(need - level, 0.0)


@njit(cache=True)
def _rise_row(z: Any, tops: Any, levels: Any, q: Question, i: int, floor: float, out: Any) -> None:
    """Least heights of an eye that sees the targets of a row: sight lines back from them to the place."""
    rows, cols = out.shape
    by = np.int64(-1)
    for j in range(cols):
        if out[i, j] == out[i, j]:
            south, east = (i - q.row) * q.length, (j - q.col) * q.width
            target = np.float64(z[i * cols + j]) + q.target
            here, far = (np.float64(i), np.float64(j)), south * south + east * east
            # What stood in the way of the neighbour mostly stands in this one's too.
            known = need_at(
                z, (rows, cols), q.holes_block, q.bend, here, (q.row, q.col), far, target, floor - target, by
            )
            need, by = greatest_need(
                z, tops, levels, (rows, cols), q.holes_block, q.bend, HEIGHT, here, (q.row, q.col), far, target,
                floor - target, known,
            )  # fmt: skip
            out[i, j] = max(target + need, floor)


@njit(cache=True, parallel=True)
def _settle(
    z: Any, tops: Any, levels: Any, q: Question, threads: int, counter: Any, first: int, last: int, out: Any
) -> None:
    """Settle the rows first…last - 1."""
    for _ in prange(threads):
        i = first + take_turn(counter)
        while i < last:
            _settle_row(z, tops, levels, q, i, out)
            i = first + take_turn(counter)


@njit(cache=True, parallel=True)
def _raise(
    z: Any, tops: Any, levels: Any, q: Question, threads: int, counter: Any, first: int, last: int,
    ground: Any, out: Any,
) -> None:  # fmt: skip
    """Raise the rows first…last - 1."""
    for _ in prange(threads):
        i = first + take_turn(counter)
        while i < last:
            _raise_row(z, tops, levels, q, i, ground, out)
            i = first + take_turn(counter)


@njit(cache=True, parallel=True)
def _rises(
    z: Any, tops: Any, levels: Any, q: Question, threads: int, counter: Any, first: int, last: int,
    floor: float, out: Any,
) -> None:  # fmt: skip
    """Least heights of an eye, for the rows first…last - 1."""
    for _ in prange(threads):
        i = first + take_turn(counter)
        while i < last:
            _rise_row(z, tops, levels, q, i, floor, out)
            i = first + take_turn(counter)


@njit(cache=True, parallel=True)
def _angles(z: Any, q: Question, codes: Any, out: Any) -> None:
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
        self._shape: tuple[int, int] = dsm.shape
        self._z = dsm.ravel()
        self._top = float(np.fmax.reduce(self._z))
        self._made: dict[bool, tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]] = {}

    def visible(self, q: Question, progress: Progress = None) -> np.ndarray:
        """Codes of all cells."""
        out, begin = self._codes(q), _begin(progress)
        begin(0.0)
        swept, (tops, levels) = self._surface(q)
        self._sweep(swept, out.ravel(), JUDGE, q, self._z, lambda share: begin(0.6 * share))
        if np.count_nonzero(out == UNSURE) > _MANY * out.size:
            self._sweep(swept, out.ravel(), AGAIN, q, self._z, lambda share: begin(0.6))
        for first, last in self._rows():
            begin(0.6 + 0.4 * first / self._shape[0])
            with cores(out.size, _SHARE):
                _settle(self._z, tops, levels, q, *_turns(), first, last, out)
        begin(1.0)
        return out

    def preview(self, q: Question) -> np.ndarray:
        """Codes of all cells, as the nearest rays say."""
        out = self._codes(q)
        self._sweep(self._surface(q)[0], out.ravel(), GUESS, q, self._z, _begin(None))
        return out

    def angle(self, q: Question, progress: Progress = None) -> np.ndarray:
        """Degrees above the horizontal where the target is seen."""
        out = np.empty(self._shape, np.float32)
        codes = self.visible(q, progress)
        with cores(out.size, _SHARE):
            _angles(self._z, q, codes, out)
        return out

    def height(self, q: Question, ground: np.ndarray, progress: Progress = None) -> np.ndarray:
        """Least visible heights above the ground."""
        begin, bare = _begin(progress), ground.ravel()
        begin(0.0)
        swept, (tops, levels) = self._surface(q)
        out = np.where((self._codes(q) < NO_DATA) & ~np.isnan(ground), np.float32(0), np.float32(np.nan))
        self._sweep(swept, out.ravel(), LIFT, q, bare, lambda share: begin(0.3 * share))
        for first, last in self._rows():
            begin(0.3 + 0.7 * first / self._shape[0])
            with cores(out.size, _SHARE):
                _raise(self._z, tops, levels, q, *_turns(), first, last, bare, out)
        begin(1.0)
        return out

    def rise(self, q: Question, floor: float, progress: Progress = None) -> np.ndarray:
        """Least heights of an eye that sees the targets."""
        begin = _begin(progress)
        _, (tops, levels) = self._surface(q)
        out = np.where(self._codes(q) < NO_DATA, np.float32(0), np.float32(np.nan))
        for first, last in self._rows():
            begin(first / self._shape[0])
            with cores(out.size, _SHARE):
                _rises(self._z, tops, levels, q, *_turns(), first, last, float(floor), out)
        begin(1.0)
        return out

    def count(self, asked: list[Question], progress: Progress, preview: bool) -> np.ndarray:
        """How many see each cell."""
        total, begin = np.zeros(self._shape, np.uint32), _begin(progress)
        for done, q in enumerate(asked):
            begin(done / len(asked))
            if preview:
                own = self._own(q)
                before = 0 if own is None else total[own]
                self._sweep(self._surface(q)[0], total.ravel(), TALLY, q, self._z, _begin(None))
                if own is not None:
                    total[own] = before + 1
            else:
                total += self.visible(q) == VISIBLE
        begin(1.0)
        return total

    def _codes(self, q: Question) -> np.ndarray:
        """NO_DATA and OUT_OF_RANGE where they hold, else HIDDEN; VISIBLE where the eye stands."""
        out = np.empty(self._shape, np.uint8)
        with cores(out.size, _SHARE):
            _blank(self._z, q, _limited(q), out)
        if (own := self._own(q)) is not None:
            out[own] = VISIBLE
        return out

    def _own(self, q: Question) -> tuple[int, int] | None:
        """The cell in which the eye stands: it is seen, and no ray may lead there."""
        row, col = math.floor(q.row + 0.5), math.floor(q.col + 0.5)
        if q.least > 0 or not (0 <= row < self._shape[0] and 0 <= col < self._shape[1]):
            return None
        return None if np.isnan(self._z[row * self._shape[1] + col]) else (row, col)

    def _surface(self, q: Question) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Heights for the sweep and the pyramid for the walk, made when they are first asked for."""
        if q.holes_block not in self._made:
            swept = self._z
            if q.holes_block:
                swept = np.where(np.isnan(swept), WALL, swept)
            with cores(self._z.size, _SHARE):
                self._made[q.holes_block] = swept, pyramid(self._z, *self._shape, q.holes_block)
        return self._made[q.holes_block]

    def _sweep(self, z: np.ndarray, out: np.ndarray, mode: int, q: Question, ground: np.ndarray, begin: Any) -> None:
        """Sweep all wedges, some at a time."""
        tasks, steps = wedges(q, *self._shape, _RAYS[mode])
        parts = np.searchsorted(np.cumsum(steps), np.arange(0, steps.sum(), _STEPS)) if steps.size else np.empty(0)
        parts = np.unique(np.append(parts, len(tasks))).astype(int)
        for first, last in itertools.pairwise(parts):
            begin(float(steps[:first].sum() / steps.sum()))
            with cores(int(steps[first:last].sum()), _SHARE):
                hard = _limited(q) or q.holes_block
                sweep(z, out, mode, q, ground, *self._shape, tasks[first:last], self._top, hard, *_turns())

    def _rows(self) -> Iterator[tuple[int, int]]:
        """First and last rows of the parts in which cells are walked to."""
        rows, cols = self._shape
        step = max(2, _CELLS // cols)
        return ((first, min(first + step, rows)) for first in range(0, rows, step))


def _limited(q: Question) -> bool:
    """Whether anything is out of range."""
    return q.turn != 0 or q.pitched or q.least > 0 or math.isfinite(q.most)


def _turns() -> tuple[int, np.ndarray]:
    """The cores of a pass, and a counter from which they take their turns."""
    return numba.get_num_threads(), np.zeros(1, np.int64)


def _begin(progress: Progress) -> Callable[[float], Any]:
    """The progress, or nothing."""
    return progress if progress is not None else lambda share: None
