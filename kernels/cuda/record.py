"""Masks of many sun positions added up on the GPU: hours, and the day's first, last and longest sun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kernels.device import array_module, launch

if TYPE_CHECKING:
    from kernels.cuda.shadow import Sweep
    from kernels.lines import Lines

_THREADS = 128


def _each(kernel: str, cells: int, arguments: tuple[Any, ...]) -> None:
    """Start a thread for each cell."""
    launch("record", kernel, (-(-cells // _THREADS),), (_THREADS,), arguments)


def pack(masks: Any, bits: np.ndarray, plane: Any) -> None:
    """Set bit `bits[p]` of `plane` where position p of `masks` lights the cell."""
    bits = array_module(plane).asarray(bits.astype(np.int32))
    _each("cm_record_pack", plane.size, (masks, np.int32(len(masks)), bits, np.int64(plane.size), plane))


class Tally:
    """Hours of sun, added up position by position, in the layout of the batch at hand."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep, self._xp = sweep, array_module(sweep.dsm)
        self._sum, self._transposed = self._xp.zeros(sweep.dsm.shape, np.float32), False

    def _turn(self, transposed: bool) -> None:
        """Bring the sums into a batch's layout."""
        if transposed != self._transposed:
            self._sum, self._transposed = self._xp.ascontiguousarray(self._sum.T), transposed

    def add(self, batch: list[Lines], lift: int, weights: np.ndarray, thins: np.ndarray) -> None:
        """Add each position's hours to the cells that it lights, `thins` to those behind leaves."""
        self._turn(batch[0].transposed)
        masks, cells = self._sweep.codes(batch, lift), self._sum.size
        hours, thin = (self._xp.asarray(np.ascontiguousarray(w, np.float32)) for w in (weights, thins))
        _each("cm_record_weigh", cells, (masks, np.int32(len(batch)), hours, thin, np.int64(cells), self._sum))

    def hours(self, scale: float) -> Any:
        """The sums times `scale`: (rows, cols) float32, NaN no data."""
        self._turn(False)
        cells = self._sum.size
        _each("cm_record_scale", cells, (self._sweep.dsm, np.float64(scale), np.int64(cells), self._sum))
        return self._sum


class Diary:
    """What a record needs of every cell, in four rasters that become its results: see `cm_record_follow`."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep, self._xp = sweep, array_module(sweep.dsm)
        self._state = [self._xp.zeros(sweep.dsm.shape, np.uint32) for _ in range(4)]
        self._transposed = False

    def _turn(self, transposed: bool) -> None:
        """Bring the four rasters into a batch's layout, one after the other."""
        if transposed != self._transposed:
            for i in range(4):
                self._state[i] = self._xp.ascontiguousarray(self._state[i].T)
            self._transposed = transposed

    def add(self, batch: list[Lines], lift: int, joins: np.ndarray, start: int) -> None:
        """Carry the record over more positions; `start` is the number of the first, `joins` 0 where a run breaks."""
        self._turn(batch[0].transposed)
        masks, cells = self._sweep.codes(batch, lift), self._sweep.dsm.size
        given = masks, np.int32(len(batch)), self._xp.asarray(joins), np.int32(start), np.int64(cells)
        _each("cm_record_follow", cells, (*given, *self._state))

    def finish(self, step: float, thin: float, begins: np.ndarray, ends: np.ndarray) -> tuple[Any, ...]:
        """Hours, longest, first and last; `begins` and `ends` by a position's number plus one, NaN at 0."""
        self._turn(False)
        cells, edges = self._sweep.dsm.size, (self._xp.asarray(begins), self._xp.asarray(ends))
        given = self._sweep.dsm, np.float64(step), np.float64(thin), *edges, np.int64(cells)
        _each("cm_record_write", cells, (*given, *self._state))
        return tuple(one.view(np.float32) for one in self._state)
