"""The line sweep on the GPU: one thread a line, a batch of sun positions in one launch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kernels.cuda.record import pack
from kernels.device import array_module, free_memory, launch

if TYPE_CHECKING:
    from kernels.canopy import Canopy
    from kernels.lines import Lines

HOLE = -(2**29)
_THREADS = 128


def _blocks(count: int) -> int:
    """Blocks that hold `count` threads."""
    return -(-count // _THREADS)


class Sweep:
    """One surface made ready for sweeps: heights in whole units, by rows and, when asked for, by columns."""

    def __init__(self, dsm: Any, wall: int, canopy: Canopy | None = None) -> None:
        self._xp = array_module(dsm)
        self.dsm = self._xp.ascontiguousarray(dsm)
        self._wall, self._canopy = np.int32(wall), canopy
        self._heights: dict[bool, Any] = {}
        self._crowns: dict[bool, tuple[Any, Any]] = {}
        # Masks of a batch are a byte a cell; a third of the free memory leaves room for the heights and the sums.
        self.batch = int(max(1, min(128, free_memory("gpu") // 3 // dsm.size)))

    def _converted(self, raster: Any, transposed: bool, name: str) -> Any:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        rows, cols = raster.shape
        shape = (cols, rows + 2) if transposed else (rows, cols + 2)
        out = self._xp.full(shape, HOLE, np.int32)
        bad = self._xp.zeros(1, np.int32)
        arguments = (self._xp.ascontiguousarray(raster), np.int32(rows), np.int32(cols), np.int32(transposed), out, bad)
        launch("shadow", "cm_shadow_fixed", (_blocks(raster.size),), (_THREADS,), arguments)
        if int(bad[0]):
            raise ValueError(f"{name} holds heights beyond 8000 m: mark missing cells as NaN")
        return out

    def _by(self, transposed: bool) -> Any:
        """The surface's heights in the layout of such lines."""
        if transposed not in self._heights:
            self._heights[transposed] = self._converted(self.dsm, transposed, "surface")
        return self._heights[transposed]

    def _leaves(self, canopy: Canopy, transposed: bool) -> tuple[Any, Any]:
        """Undersides and tops like the heights, for one main direction at a time: a day turns but a few times."""
        if transposed not in self._crowns:
            self._crowns.clear()
            self._crowns[transposed] = (
                self._converted(canopy.base, transposed, "canopy"),
                self._converted(canopy.top, transposed, "canopy"),
            )
        return self._crowns[transposed]

    def _tables(self, batch: list[Lines]) -> tuple[Any, Any, tuple[int, int]]:
        """The steps of the batch's combs, (n, 5, k) int32, their lines, (n, 4) int32, and the grid that holds them."""
        cols = self.dsm.shape[0] if batch[0].transposed else self.dsm.shape[1]
        combs = [(comb, position) for position, one in enumerate(batch) for comb in one.combs]
        table = np.array([(one.offset, one.side, one.fraction, one.drop, one.decides) for one, _ in combs], np.int32)
        lines = np.empty((len(combs), 4), np.int32)
        for row, (one, position) in zip(lines, combs, strict=True):
            row[0] = -one.offset.max()
            row[1:] = cols - one.offset.min() - row[0], one.reverse, position
        grid = _blocks(int(lines[:, 1].max())), len(combs)
        return self._xp.asarray(table), self._xp.asarray(lines), grid

    def codes(self, batch: list[Lines], lift: int) -> Any:
        """Masks of positions with one main direction: (n, rows, cols) uint8 in that direction's layout."""
        z = self._by(batch[0].transposed)
        rows, cols = z.shape[0], z.shape[1] - 2
        table, lines, grid = self._tables(batch)
        out = self._xp.empty((len(batch), rows, cols), np.uint8)
        size, limits = (np.int32(rows), np.int32(cols)), (self._wall, np.int32(lift))
        if self._canopy is None:
            launch("shadow", "cm_shadow_sweep", grid, (_THREADS,), (z, *size, table, lines, *limits, out))
        else:
            crowns = self._leaves(self._canopy, batch[0].transposed)
            drops = [comb.drop for one in batch for comb in one.combs]
            fall = self._xp.asarray(np.cumsum(drops, axis=1, dtype=np.int64))
            arguments = (z, *crowns, *size, table, fall, lines, *limits, out)
            launch("shadow", "cm_shadow_canopy", grid, (_THREADS,), arguments)
        return out

    def dark(self) -> Any:
        """The mask of a night."""
        return self._xp.where(self._xp.isnan(self.dsm), np.uint8(255), np.uint8(1))

    def mask(self, lines: Lines, lift: int) -> Any:
        """0 sun, 1 shade, 2 shade of leaves only, 255 no data: (rows, cols) uint8."""
        out = self.codes([lines], lift)[0]
        return self._xp.ascontiguousarray(out.T) if lines.transposed else out

    def masks(self, batch: list[Lines], lift: int, places: np.ndarray, out: Any) -> None:
        """Write the mask of each position of the batch at its place in `out`."""
        codes = self.codes(batch, lift)
        out[self._xp.asarray(places)] = codes.transpose(0, 2, 1) if batch[0].transposed else codes

    def pack(self, batch: list[Lines], lift: int, bits: np.ndarray, plane: Any) -> None:
        """Set each position's bit in `plane` where it lights the cell; no more than eight positions."""
        codes = self.codes(batch, lift)
        here = self._xp.zeros(codes.shape[1:], np.uint8)
        pack(codes, bits, here)
        plane |= here.T if batch[0].transposed else here

    def lying(self, raster: Any, transposed: bool) -> Any:
        """The raster turned into the layout of such lines, or back."""
        return self._xp.ascontiguousarray(raster.T if transposed else raster)

    def casters(self, batch: list[Lines], lift: int, owner: Any) -> Any:
        """The owner that shades each cell, -1 nobody, -2 lit, -3 no data: (n, …) int32 in the lines' own layout."""
        z = self._by(batch[0].transposed)
        table, lines, grid = self._tables(batch)
        out = self._xp.empty((len(batch), *owner.shape), np.int32)
        size = np.int32(owner.shape[0]), np.int32(owner.shape[1])
        arguments = (z, owner, *size, table, lines, self._wall, np.int32(lift), out)
        launch("shadow", "cm_shadow_casters", grid, (_THREADS,), arguments)
        return out

    def table(self, size: int) -> Any:
        """Counters; sums of whole numbers are the same in any order."""
        return self._xp.zeros(size, np.uint64)

    def count(self, casters: Any, zone: Any, zones: int, table: Any) -> None:
        """Count each owner's shaded cells by zone."""
        cells = zone.size
        arguments = (casters, np.int32(len(casters)), zone, np.int32(zones), np.int64(cells), table)
        launch("shadow", "cm_shadow_count", (_blocks(cells),), (_THREADS,), arguments)

    def drained(self, table: Any) -> Any:
        """What was counted, (size,) uint64; the counters go back to zero."""
        found = table.copy()
        table[...] = 0
        return found
