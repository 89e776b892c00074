"""Viewsheds on the GPU: one thread a target walks its sight line past a pyramid of maxima.

Codes and counts are in float32 where the eye stands on a multiple of 1/256 cell: at most a few cells in a million then
differ from the exact ones, by less than a millimetre between target and line. `View.exact` asks for exact ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.device import array_module, launch
from kernels.sight import VISIBLE, Question

_THREADS = 128
#: Eyes in a launch: between two of them progress is told.
_EYES = 16
_UNITS = 256
_NONE = np.float32(-1e30)
Progress = Callable[[float], Any] | None


class View:
    """A surface, (rows, cols) float32 in one piece on the GPU, and the passes over it.

    Attributes
    ----------
    exact : codes and counts in double, equal to the CPU's
    """

    exact = False

    def __init__(self, dsm: Any) -> None:
        self._xp = array_module(dsm)
        self._dsm = dsm
        self._made: dict[bool, tuple[Any, ...]] = {}

    def visible(self, q: Question, progress: Progress = None) -> Any:
        """Codes of all cells."""
        _tell(progress, 0.0)
        out = self._xp.empty(self._dsm.shape, np.uint8)
        exact = np.int32(self._needs_double(q))
        self._start("cm_view_codes", q, (self._table([q]), np.int32(q.turn), np.int32(q.pitched), exact, out))
        _tell(progress, 1.0)
        return out

    def preview(self, q: Question) -> Any:
        """Codes of all cells; here the walk is the quick way too."""
        return self.visible(q)

    def angle(self, q: Question, progress: Progress = None) -> Any:
        """Degrees above the horizontal where the target is seen."""
        xp, (rows, cols) = self._xp, self._dsm.shape
        seen = self.visible(q, progress) == VISIBLE
        south = ((xp.arange(rows) - q.row) * q.length)[:, None]
        east = ((xp.arange(cols) - q.col) * q.width)[None]
        far = south * south + east * east
        rise = self._dsm.astype(np.float64) + q.target - q.height - q.bend * far
        return xp.where(seen, xp.degrees(xp.arctan2(rise, xp.sqrt(far))), np.nan).astype(np.float32)

    def height(self, q: Question, ground: Any, progress: Progress = None) -> Any:
        """Least visible heights above the ground."""
        _tell(progress, 0.0)
        out = self._within(q)
        out[self._xp.isnan(ground)] = np.nan
        self._start("cm_view_height", q, (self._table([q]), ground, out))
        _tell(progress, 1.0)
        return out

    def rise(self, q: Question, floor: float, progress: Progress = None) -> Any:
        """Least heights of an eye that sees the targets."""
        _tell(progress, 0.0)
        out = self._within(q)
        self._start("cm_view_rise", q, (self._table([q]), np.float64(floor), out))
        _tell(progress, 1.0)
        return out

    def count(self, asked: list[Question], progress: Progress, preview: bool) -> Any:
        """How many see each cell."""
        total = self._xp.zeros(self._dsm.shape, np.uint32)
        for first in range(0, len(asked), _EYES):
            _tell(progress, first / len(asked))
            some = asked[first : first + _EYES]
            exact = self._xp.asarray(np.array([self._needs_double(q) for q in some], np.int32))
            one = some[0]
            limits = np.int32(one.turn), np.int32(one.pitched)
            self._start("cm_view_count", one, (self._table(some), *limits, exact, np.int32(len(some)), total))
        _tell(progress, 1.0)
        return total

    def _needs_double(self, q: Question) -> bool:
        """Whether whole numbers of 1/256 cell cannot say where the eye stands, or exact codes are asked for."""
        return self.exact or not ((q.row * _UNITS).is_integer() and (q.col * _UNITS).is_integer())

    def _within(self, q: Question) -> Any:
        """0 where there is data within the limits, NaN elsewhere: (rows, cols) float32."""
        out = self._xp.empty(self._dsm.shape, np.float32)
        rows, cols = (np.int32(n) for n in out.shape)
        limits = np.int32(q.turn), np.int32(q.pitched)
        _start("cm_view_limits", out.size, (self._dsm, rows, cols, self._table([q]), *limits, out))
        return out

    def _table(self, asked: list[Question]) -> Any:
        """The numbers of the questions, (n, 15) float64 on the device."""
        rows = [
            (
                q.row, q.col, q.height, q.target, q.width, q.length, q.bend, q.most, q.least,
                q.from_east, q.from_north, q.to_east, q.to_north, q.low, q.high,
            )
            for q in asked
        ]  # fmt: skip
        return self._xp.asarray(np.array(rows, np.float64))

    def _pyramid(self, holes_block: bool) -> tuple[Any, Any, np.int32]:
        """Maxima of ever larger blocks, place and width of each level, and the highest level; made when asked for."""
        if holes_block not in self._made:
            xp, (rows, cols) = self._xp, self._dsm.shape
            sizes = [(max(rows - 1, 1), max(cols - 1, 1))]
            while len(sizes) == 1 or max(sizes[-1]) > 1:
                sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
            levels = np.zeros((len(sizes), 2), np.int64)
            levels[1:, 1] = [size[1] for size in sizes[1:]]
            levels[2:, 0] = np.cumsum([size[0] * size[1] for size in sizes[1:-1]])
            tops = xp.empty(sum(high * wide for high, wide in sizes[1:]), np.float32)
            holes = -_NONE if holes_block else _NONE
            below, shape = self._dsm, (rows, cols)
            for level, (high, wide) in enumerate(sizes[1:], 1):
                part = tops[int(levels[level, 0]) : int(levels[level, 0]) + high * wide]
                size = tuple(np.int32(n) for n in (*shape, high, wide))
                if level == 1:
                    _start("cm_view_lowest", part.size, (below, *size[:2], holes, *size[2:], part))
                else:
                    _start("cm_view_higher", part.size, (below, *size, part))
                below, shape = part, (high, wide)
            self._made[holes_block] = tops, xp.asarray(levels), np.int32(len(sizes) - 1)
        return self._made[holes_block]

    def _start(self, kernel: str, q: Question, more: tuple[Any, ...]) -> None:
        """Launch with one thread a cell."""
        tops, levels, top = self._pyramid(q.holes_block)
        rows, cols = (np.int32(n) for n in self._dsm.shape)
        _start(kernel, self._dsm.size, (self._dsm, tops, levels, top, rows, cols, np.int32(q.holes_block), *more))


def _start(kernel: str, count: int, arguments: tuple[Any, ...]) -> None:
    """Launch with one thread a cell or block."""
    launch("viewshed", kernel, (-(-int(count) // _THREADS),), (_THREADS,), arguments)


def _tell(progress: Progress, share: float) -> None:
    """Tell the progress, if anyone asks."""
    if progress is not None:
        progress(share)
