"""The line sweep on the GPU: one thread a line, a batch of sun positions in one launch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kernels.device import array_module, free_memory, launch

if TYPE_CHECKING:
    from kernels.shadow import Lines

HOLE = -(2**29)
_THREADS = 128


def _blocks(count: int) -> int:
    """Blocks that hold `count` threads."""
    return -(-count // _THREADS)


class Sweep:
    """One surface made ready for sweeps: heights in whole units, by rows and, when asked for, by columns."""

    def __init__(self, dsm: Any, wall: int, lift: int) -> None:
        self._xp = array_module(dsm)
        self._dsm = self._xp.ascontiguousarray(dsm)
        self._wall, self._lift = np.int32(wall), np.int32(lift)
        self._heights: dict[bool, Any] = {}
        self._sums: dict[bool, Any] = {}
        # Masks of a batch are a byte a cell; a third of the free memory leaves room for the heights and the sums.
        self.batch = int(max(1, min(128, free_memory("gpu") // 3 // dsm.size)))

    def _by(self, transposed: bool) -> Any:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        if transposed not in self._heights:
            rows, cols = self._dsm.shape
            shape = (cols, rows + 2) if transposed else (rows, cols + 2)
            out = self._xp.full(shape, HOLE, np.int32)
            bad = self._xp.zeros(1, np.int32)
            arguments = (self._dsm, np.int32(rows), np.int32(cols), np.int32(transposed), out, bad)
            launch("shadow", "cm_shadow_fixed", (_blocks(self._dsm.size),), (_THREADS,), arguments)
            if int(bad[0]):
                raise ValueError("surface holds heights beyond 8000 m: mark missing cells as NaN")
            self._heights[transposed] = out
        return self._heights[transposed]

    def _masks(self, batch: list[Lines]) -> Any:
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
            self._wall, self._lift, out,
        )  # fmt: skip
        launch("shadow", "cm_shadow_sweep", (_blocks(int(lines[:, 1].max())), len(batch)), (_THREADS,), arguments)
        return out

    def dark(self) -> Any:
        """The mask of a night."""
        return self._xp.where(self._xp.isnan(self._dsm), np.uint8(255), np.uint8(1))

    def mask(self, lines: Lines) -> Any:
        """0 sun, 1 shade, 255 no data: (rows, cols) uint8."""
        out = self._masks([lines])[0]
        return self._xp.ascontiguousarray(out.T) if lines.transposed else out

    def add(self, batch: list[Lines], weights: np.ndarray) -> None:
        """Add each position's hours to the cells that it lights."""
        for transposed in (False, True):
            chosen = [i for i, one in enumerate(batch) if one.transposed == transposed]
            if not chosen:
                continue
            masks = self._masks([batch[i] for i in chosen])
            total = self._sums.setdefault(transposed, self._xp.zeros(masks.shape[1:], np.float32))
            hours = self._xp.asarray(weights[chosen], np.float32)
            arguments = (masks, np.int32(len(chosen)), hours, np.int64(total.size), total)
            launch("shadow", "cm_shadow_sum", (_blocks(total.size),), (_THREADS,), arguments)

    def hours(self) -> Any:
        """Hours of sun so far: (rows, cols) float32, NaN no data."""
        xp = self._xp
        out = self._sums.get(False)
        out = xp.zeros(self._dsm.shape, np.float32) if out is None else out.copy()
        if True in self._sums:
            out += self._sums[True].T
        return xp.where(xp.isnan(self._dsm), np.float32(np.nan), out)
