"""One surface made ready for many suns on the CPU: its masks, and bits of masks for sums over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kernels.cpu import cores, cores_for
from kernels.cpu.canopy import split, sweep_canopy
from kernels.cpu.casters import sweep_casters, tally
from kernels.cpu.record import pack
from kernels.cpu.sweep import HOLE, fixed, sweep_bits, sweep_mask, turned

if TYPE_CHECKING:
    from kernels.canopy import Canopy
    from kernels.lines import Lines


def converted(raster: np.ndarray, transposed: bool, name: str) -> np.ndarray:
    """Heights in 1/65536 m, (rows, cols + 2) int32 with a column of holes on either side, turned when `transposed`."""
    rows, cols = raster.shape[::-1] if transposed else raster.shape
    out = np.empty((rows, cols + 2), np.int32)
    out[:, 0] = out[:, -1] = HOLE
    with cores(raster.size):
        fits = fixed(raster, transposed, out)
    if not fits:
        raise ValueError(f"{name} holds heights beyond 8000 m: mark missing cells as NaN")
    return out


def _table(lines: Lines) -> tuple[np.ndarray, ...]:
    """What the sweeps need of each step."""
    return lines.offset, lines.side, lines.fraction, lines.drop, lines.decides


class Sweep:
    """One surface made ready for sweeps: heights in whole units, by rows and, when asked for, by columns."""

    #: Positions whose bits are held at once: three bytes a cell, so that a day stays within three rasters.
    batch = 24

    def __init__(self, dsm: np.ndarray, wall: int, canopy: Canopy | None = None) -> None:
        self.dsm = np.ascontiguousarray(dsm)
        self._wall, self._canopy = np.int32(wall), canopy
        self._heights: dict[bool, np.ndarray] = {}
        self._crowns: dict[bool, tuple[np.ndarray, np.ndarray]] = {}
        self._bits = np.empty(0, np.uint8)

    def _by(self, transposed: bool) -> np.ndarray:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        if transposed not in self._heights:
            self._heights[transposed] = converted(self.dsm, transposed, "surface")
        return self._heights[transposed]

    def _leaves(self, canopy: Canopy, transposed: bool) -> tuple[np.ndarray, np.ndarray]:
        """Undersides and tops like the heights, for one main direction at a time: a day turns but a few times."""
        if transposed not in self._crowns:
            self._crowns.clear()
            self._crowns[transposed] = (
                converted(np.ascontiguousarray(canopy.base), transposed, "canopy"),
                converted(np.ascontiguousarray(canopy.top), transposed, "canopy"),
            )
        return self._crowns[transposed]

    def dark(self) -> np.ndarray:
        """The mask of a night."""
        return np.where(np.isnan(self.dsm), np.uint8(255), np.uint8(1))

    def _codes(self, lines: Lines, lift: int, out: np.ndarray) -> None:
        """Write the mask of one position in its lines' own layout."""
        z = self._by(lines.transposed)
        with cores(self.dsm.size):
            for comb in lines.combs:
                if self._canopy is None:
                    sweep_mask(z, lines.reverse, *_table(comb), self._wall, np.int32(lift), out)
                else:
                    crowns, fall = self._leaves(self._canopy, lines.transposed), np.cumsum(lines.drop, dtype=np.int64)
                    sweep_canopy(z, *crowns, lines.reverse, *_table(comb), fall, self._wall, np.int32(lift), out)

    def mask(self, lines: Lines, lift: int, out: np.ndarray | None = None) -> np.ndarray:
        """0 sun, 1 shade, 2 shade of leaves only, 255 no data: (rows, cols) uint8."""
        out = np.empty(self.dsm.shape, np.uint8) if out is None else out
        if not lines.transposed:
            self._codes(lines, lift, out)
            return out
        lying = np.empty(self.dsm.shape[::-1], np.uint8)
        self._codes(lines, lift, lying)
        with cores(self.dsm.size):
            turned(lying, out)
        return out

    def masks(self, batch: list[Lines], lift: int, places: np.ndarray, out: np.ndarray) -> None:
        """Write the mask of each position of the batch at its place in `out`."""
        for lines, place in zip(batch, places, strict=True):
            self.mask(lines, lift, out[place])

    def planes(self, batch: list[Lines], lift: int) -> tuple[np.ndarray, np.ndarray]:
        """Bit i % 8 of plane i // 8 is set where position i is lit, in the lines' own layout; the same for leaves."""
        flat = self.dsm.shape[::-1] if batch[0].transposed else self.dsm.shape
        kinds, count = (1 if self._canopy is None else 2), -(-len(batch) // 8)
        if self._bits.size < kinds * count * self.dsm.size:
            self._bits = np.empty(kinds * count * self.dsm.size, np.uint8)
        planes = self._bits[: kinds * count * self.dsm.size].reshape(kinds, count, *flat)
        lit, thin = planes[0], planes[1] if kinds == 2 else np.empty((0, 0, 0), np.uint8)
        codes = np.empty(flat, np.uint8) if kinds == 2 else None
        for i, lines in enumerate(batch):
            bit, place = np.uint8(1 << i % 8), i // 8
            if codes is not None:
                self._codes(lines, lift, codes)
                with cores(self.dsm.size):
                    split(codes, bit, lit[place], thin[place])
                continue
            z = self._by(lines.transposed)
            with cores(self.dsm.size):
                for comb in lines.combs:
                    sweep_bits(z, lines.reverse, *_table(comb), self._wall, np.int32(lift), bit, lit[place])
        return lit, thin

    def pack(self, batch: list[Lines], lift: int, bits: np.ndarray, plane: np.ndarray) -> None:
        """Set each position's bit in `plane` where it lights the cell; no more than eight positions."""
        lit, _ = self.planes(batch, lift)
        with cores(self.dsm.size):
            pack(lit, batch[0].transposed, bits.astype(np.uint8), plane)

    def lying(self, raster: np.ndarray, transposed: bool) -> np.ndarray:
        """The raster turned into the layout of such lines, or back."""
        if not transposed:
            return np.ascontiguousarray(raster)
        out = np.empty(raster.shape[::-1], raster.dtype)
        with cores(self.dsm.size):
            turned(np.ascontiguousarray(raster), out)
        return out

    def casters(self, batch: list[Lines], lift: int, owner: np.ndarray) -> np.ndarray:
        """The owner that shades each cell, -1 nobody, -2 lit, -3 no data: (n, …) int32 in the lines' own layout."""
        out = np.empty((len(batch), *owner.shape), np.int32)
        for lines, here in zip(batch, out, strict=True):
            z = self._by(lines.transposed)
            with cores(self.dsm.size):
                for comb in lines.combs:
                    sweep_casters(z, owner, lines.reverse, *_table(comb), self._wall, np.int32(lift), here)
        return out

    def table(self, size: int) -> np.ndarray:
        """Counters, one row for each core as long as they stay small."""
        return np.zeros((max(1, min(cores_for(self.dsm.size), 2**22 // max(1, size))), size), np.int64)

    def count(self, casters: np.ndarray, zone: np.ndarray, zones: int, table: np.ndarray) -> None:
        """Count each owner's shaded cells by zone."""
        with cores(self.dsm.size):
            for one in casters:
                tally(one, zone, zones, table)

    def drained(self, table: np.ndarray) -> np.ndarray:
        """What was counted, (size,) int64; the counters go back to zero."""
        found: np.ndarray = table.sum(axis=0)
        table[...] = 0
        return found
