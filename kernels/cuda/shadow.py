"""The line sweep on the GPU: one thread a line, a batch of sun positions in one launch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kernels.cuda.record import pack
from kernels.device import array_module, free_memory, launch

if TYPE_CHECKING:
    from kernels.lines import Lines

HOLE = -(2**29)
_THREADS = 128


def _blocks(count: int) -> int:
    """Blocks that hold `count` threads."""
    return -(-count // _THREADS)


class Sweep:
    """One surface made ready for sweeps: heights in whole units, by rows and, when asked for, by columns."""

    def __init__(self, dsm: Any, wall: int) -> None:
        self._xp = array_module(dsm)
        self.dsm = self._xp.ascontiguousarray(dsm)
        self._wall = np.int32(wall)
        self._heights: dict[bool, Any] = {}
        # Masks of a batch are a byte a cell; a third of the free memory leaves room for the heights and the sums.
        self.batch = int(max(1, min(128, free_memory("gpu") // 3 // dsm.size)))

    def _by(self, transposed: bool) -> Any:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        if transposed not in self._heights:
            rows, cols = self.dsm.shape
            shape = (cols, rows + 2) if transposed else (rows, cols + 2)
            out = self._xp.full(shape, HOLE, np.int32)
            bad = self._xp.zeros(1, np.int32)
            arguments = (self.dsm, np.int32(rows), np.int32(cols), np.int32(transposed), out, bad)
            launch("shadow", "cm_shadow_fixed", (_blocks(self.dsm.size),), (_THREADS,), arguments)
            if int(bad[0]):
                raise ValueError("surface holds heights beyond 8000 m: mark missing cells as NaN")
            self._heights[transposed] = out
        return self._heights[transposed]

    def codes(self, batch: list[Lines], lift: int) -> Any:
        """Masks of positions with one main direction: (n, rows, cols) uint8 in that direction's layout."""
        z = self._by(batch[0].transposed)
        rows, cols = z.shape[0], z.shape[1] - 2
        table = np.array([(one.offset, one.side, one.fraction, one.drop) for one in batch], np.int32)
        lines = np.empty((len(batch), 3), np.int32)
        for row, one in zip(lines, batch, strict=True):
            row[0] = -one.offset.max()
            row[1:] = cols - one.offset.min() - row[0], one.reverse
        out = self._xp.empty((len(batch), rows, cols), np.uint8)
        arguments = (
            z, np.int32(rows), np.int32(cols), self._xp.asarray(table), self._xp.asarray(lines),
            self._wall, np.int32(lift), out,
        )  # fmt: skip
        launch("shadow", "cm_shadow_sweep", (_blocks(int(lines[:, 1].max())), len(batch)), (_THREADS,), arguments)
        return out

    def dark(self) -> Any:
        """The mask of a night."""
        return self._xp.where(self._xp.isnan(self.dsm), np.uint8(255), np.uint8(1))

    def mask(self, lines: Lines, lift: int) -> Any:
        """0 sun, 1 shade, 255 no data: (rows, cols) uint8."""
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
