"""The horizon sweep on the GPU: one thread a line, a batch of sectors in one launch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kernels.device import array_module, free_memory, launch

if TYPE_CHECKING:
    from kernels.horizon import Sector

HOLE = -(2**29)
SKY, HOURS, ENERGY = 1, 2, 3
_THREADS = 128


def _blocks(count: int) -> tuple[int]:
    """Blocks that hold `count` threads."""
    return (-(-count // _THREADS),)


class Sweep:
    """One surface swept in batches of sectors that share a main direction."""

    def __init__(self, dsm: Any, wall: int, lift: int) -> None:
        self._xp = array_module(dsm)
        self._dsm = self._xp.ascontiguousarray(dsm)
        self._wall, self._lift = np.int32(wall), np.int32(lift)
        rows, cols = dsm.shape
        # A sector's tangents are 4 bytes a cell; its hulls at most 8 for each step of rows + cols lines. Half of the
        # free memory leaves room for heights, sums and what CuPy keeps.
        share = 4 * rows * cols + 8 * (max(rows, cols) + 1) * (rows + cols)
        self.batch = int(max(1, min(64, free_memory("gpu") // 2 // share)))

    def _heights(self, transposed: bool) -> Any:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        rows, cols = self._dsm.shape
        out = self._xp.full((cols, rows + 2) if transposed else (rows, cols + 2), HOLE, np.int32)
        bad = self._xp.zeros(1, np.int32)
        arguments = (self._dsm, np.int32(rows), np.int32(cols), np.int32(transposed), out, bad)
        launch("shadow", "cm_shadow_fixed", _blocks(self._dsm.size), (_THREADS,), arguments)
        if int(bad[0]):
            raise ValueError("surface holds heights beyond 8000 m: mark missing cells as NaN")
        return out

    def _tangents(self, z: Any, sectors: list[Sector]) -> Any:
        """Tangents of the horizons: (n, rows, cols) float32 in the layout of `z`."""
        xp, rows, cols = self._xp, z.shape[0], z.shape[1] - 2
        table = np.array([(one.lines.offset, one.lines.side, one.lines.fraction) for one in sectors], np.int32)
        lines = np.empty((len(sectors), 3), np.int32)
        for row, one in zip(lines, sectors, strict=True):
            row[0] = -one.lines.offset.max()
            row[1:] = cols - one.lines.offset.min() - row[0], one.lines.reverse
        most = int(lines[:, 1].max())
        high = xp.empty((len(sectors), rows + 1, most), np.int32)
        place, out = xp.empty_like(high), xp.empty((len(sectors), rows, cols), np.float32)
        scales = xp.asarray(np.array([one.scale for one in sectors], np.float32))
        arguments = (
            z, np.int32(rows), np.int32(cols), xp.asarray(table), xp.asarray(lines), scales, self._wall, self._lift,
            np.int32(most), high, place, out,
        )  # fmt: skip
        launch("horizon", "cm_horizon_sweep", (*_blocks(most), len(sectors)), (_THREADS,), arguments)
        return out

    def _batches(self, sectors: list[Sector], tick: Any) -> Any:
        """For each main direction: its heights, and the sectors' numbers in batches."""
        for transposed in (False, True):
            chosen = [i for i, one in enumerate(sectors) if one.lines.transposed == transposed]
            z = self._heights(transposed) if chosen else None
            for start in range(0, len(chosen), self.batch):
                part = chosen[start : start + self.batch]
                tick(len(part))
                yield transposed, z, part

    def angles(self, sectors: list[Sector], tick: Any) -> Any:
        """(n, rows, cols) float32 degrees, NaN no data."""
        out = self._xp.empty((len(sectors), *self._dsm.shape), np.float32)
        hole = self._xp.isnan(self._dsm)
        for transposed, z, part in self._batches(sectors, tick):
            found = self._tangents(z, [sectors[i] for i in part])
            arguments = (found, np.int64(found.size))
            launch("horizon", "cm_horizon_degrees", _blocks(found.size), (_THREADS,), arguments)
            for i, one in zip(part, found, strict=True):
                out[i] = self._xp.where(hole, np.float32(np.nan), one.T if transposed else one)
        return out

    def total(self, sectors: list[Sector], kind: int, tables: np.ndarray, factor: float, tick: Any) -> Any:
        """The sum over the sectors: (m, rows, cols) float32, NaN no data; tables : (n, m, bins, 1 or 2)."""
        xp, many = self._xp, tables.shape[1]
        sums: dict[bool, Any] = {}
        for transposed, z, part in self._batches(sectors, tick):
            chosen = [sectors[i] for i in part]
            if transposed not in sums:
                sums[transposed] = xp.zeros((many, z.shape[0], z.shape[1] - 2), np.float32)
            self._add(z, chosen, self._tangents(z, chosen), kind, tables[part], sums[transposed])
        out = sums.get(False)
        out = xp.zeros((many, *self._dsm.shape), np.float32) if out is None else out
        if True in sums:
            out += sums[True].transpose(0, 2, 1)
        return xp.where(xp.isnan(self._dsm), np.float32(np.nan), out * np.float32(factor))

    def _add(self, z: Any, sectors: list[Sector], tangents: Any, kind: int, tables: np.ndarray, total: Any) -> None:
        """Add up a batch by its tangents."""
        xp, count, cells = self._xp, np.int32(len(sectors)), np.int64(tangents[0].size)
        many, bins = np.int32(tables.shape[1]), np.int32(tables.shape[2])
        scale = np.float32((tables.shape[2] - 1) / 90.0)
        grid, block = _blocks(int(cells)), (_THREADS,)
        if kind == SKY:
            launch("horizon", "cm_horizon_sky", grid, block, (tangents, count, cells, total))
            return
        given = xp.asarray(np.ascontiguousarray(tables))
        if kind == HOURS:
            hours = (tangents, count, cells, given, many, bins, scale, total)
            launch("horizon", "cm_horizon_hours", grid, block, hours)
            return
        rows, cols = np.int32(z.shape[0]), np.int32(z.shape[1] - 2)
        tilts = xp.asarray(np.array([one.tilt for one in sectors], np.float32))
        energy = (z, rows, cols, self._wall, tangents, count, tilts, given, many, bins, scale, total)
        launch("horizon", "cm_horizon_energy", grid, block, energy)
