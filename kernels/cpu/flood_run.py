"""The flood's state on the CPU and the loop that carries it through time."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.cpu import cores, flood_preview
from kernels.cpu import flood as scheme
from kernels.cpu import flood_sources as sources
from kernels.flood_clock import LOSSES_EVERY, Segment, step_length
from kernels.flood_parts import Part, Parts

#: Cells that make another core worth waiting for.
_SHARE = 60_000
#: Seconds between two reports of progress.
_REPORT = 0.1


def _copies(state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Arrays of their own with the same values."""
    return state[0].copy(), state[1].copy(), state[2].copy()


class Run:
    """Water on a raster with a ring around it.

    Attributes
    ----------
    now : h, qx, qy; then : what the next step writes; whole, real : the record, see `kernels.cpu.flood.step`
    fastest : float32, the quickest wave of the last step; sides, owed : units counted by the steps
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        rows, cols = parts.shape
        self.now: tuple[Any, Any, Any] = parts.state
        self.then: tuple[Any, Any, Any] = _copies(parts.state)
        high, wide = scheme.TILE
        across = -(-cols // wide)
        self._grid = -(-rows // high), across
        cuts = [round(k * cols / across) for k in range(across + 1)]
        ring = scheme.RING
        self._tiles = np.array(
            [
                (r + ring, min(r + high, rows) + ring, cuts[k] + ring, cuts[k + 1] + ring)
                for r in range(0, rows, high)
                for k in range(across)
            ],
            np.int64,
        )
        self._cuts = cuts
        self._stale = np.zeros(self._grid, np.bool_)
        self.wake()
        self._reported = clock.monotonic()
        self.time, self.steps = 0.0, 0
        self.fastest, self.pending = np.float32(0), 0.0
        self.sides, self.owed = np.zeros(4, np.int64), 0

    def wake(self) -> None:
        """Take every tile for wet and both buffers for different, after a change by hand."""
        self._wet = np.ones(self._grid, np.bool_)
        for here, there in zip(self.now, self.then, strict=True):
            there[...] = here

    def _active(self) -> np.ndarray:
        """Which tiles to step: those with water and their neighbours."""
        wet = self._wet
        if wet.all():
            return wet
        wide = np.pad(wet, 1)
        out = np.zeros_like(wet)
        for i in range(3):
            for j in range(3):
                out |= wide[i : i + wet.shape[0], j : j + wet.shape[1]]
        return out

    def run(self, segment: Segment, report: Callable[[float], None] | None) -> tuple[int, int] | None:
        """Step until the segment's stop; None or the row and column where the water blew up, with the state before
        that step kept."""
        while self.time < segment.stop:
            trouble = self._step(segment)
            if trouble:
                return trouble
            if report and clock.monotonic() - self._reported > _REPORT:
                self._reported = clock.monotonic()
                report(self.time)
        return None

    def _step(self, segment: Segment) -> tuple[int, int] | None:
        """One step and what the sources do in it."""
        parts, ring = self.parts, scheme.RING
        z, kinds = parts.z, parts.edges
        waves = np.float32(0)
        if kinds.any():
            levels = segment.levels_at(self.time)
            waves = scheme.edges(z, *self.now, kinds, levels)
            self._wet_edges(kinds)
        active = self._active()
        if not active.any() and segment.sleeps() and not (kinds == 2).any():
            self.time = segment.stop
            return None
        left = segment.stop - self.time
        dt = step_length(float(max(self.fastest, waves)), left, parts.reach, segment.longest)
        then = segment.stop if dt == left else self.time + dt
        for gone in self._tiles[(self._stale & ~active).ravel()]:
            box = slice(gone[0], gone[1]), slice(gone[2], gone[3])
            for here, there in zip(self.now, self.then, strict=True):
                there[box] = here[box]
        tiles = self._tiles[active.ravel()]
        most, sums = np.zeros(len(tiles), np.float32), np.zeros((len(tiles), 5), np.int64)
        rates = tuple(np.float32(one) for one in parts.rates(dt))
        ticks = np.int32(int(then * parts.ticks) - int(self.time * parts.ticks))
        record = parts.whole, parts.real, np.int32(parts.wet), np.float32(then), ticks
        step = flood_preview.step if parts.preview else scheme.step
        with cores(int(active.sum()) * (self._tiles[0, 1] - ring) * (self._tiles[0, 3] - ring), _SHARE):
            step(z, self.now, self.then, parts.rough, rates, tiles, parts.second, record, most, sums)
        fastest = most.max(initial=np.float32(0))
        if not fastest < parts.too_fast:
            return self._worst(tiles)
        self.fastest = fastest
        self.now, self.then = self.then, self.now
        self._stale = active
        self._wet = np.zeros_like(active)
        self._wet[active] = most > 0
        self._count(tiles, sums)
        self.pending += dt
        self.time, self.steps = then, self.steps + 1
        self._sources(segment, dt)
        return None

    def _wet_edges(self, kinds: np.ndarray) -> None:
        """Tiles along an edge that holds water are active."""
        sides = self._wet[:, 0], self._wet[:, -1], self._wet[0], self._wet[-1]
        for kind, tiles in zip(kinds, sides, strict=True):
            if kind == 2:
                tiles[:] = True

    def _count(self, tiles: np.ndarray, sums: np.ndarray) -> None:
        """Units through the raster's sides, inward positive, and units owed."""
        rows, cols = self.parts.shape
        ring = scheme.RING
        outer = (tiles[:, 2] == ring, tiles[:, 3] == cols + ring, tiles[:, 0] == ring, tiles[:, 1] == rows + ring)
        for side, sign in enumerate((1, -1, 1, -1)):
            self.sides[side] += sign * int(sums[outer[side], side].sum())
        self.owed += int(sums[:, 4].sum())

    def _worst(self, tiles: np.ndarray) -> tuple[int, int]:
        """Row and column where the step that failed went wrong."""
        parts = self.parts
        h, qx, qy = (one[parts.inner] for one in self.then)
        with np.errstate(all="ignore"):
            speed = np.hypot(qx, qy) / np.maximum(h * parts.unit, 1e-6) + np.sqrt(9.81 * np.maximum(h, 0) * parts.unit)
        speed[~np.isfinite(speed)] = np.inf
        r, c = np.unravel_index(int(np.argmax(speed)), speed.shape)
        return int(r), int(c)

    def _sources(self, segment: Segment, dt: float) -> None:
        """Add and take what the sources say for the step that ends now."""
        parts = self.parts
        if not parts.parts:
            return
        total = segment.totals(self.time)
        losses = self.pending >= LOSSES_EVERY
        seconds = self.pending
        for part in parts.parts:
            if part.kind in ("take", "soak") and not losses:
                continue
            before = part.given
            now = total[part.first : part.first + part.count]
            part.given = now if part.kind == "pour" else np.maximum(now, before)
            part.moved += self._do(part, before, seconds, dt)
        if losses:
            self.pending = 0.0

    def _do(self, part: Part, before: np.ndarray, seconds: float, dt: float) -> int:
        """Let one source act, which had given `before`; the units that it brought."""
        h, more = self.now[0], part.given - before
        tiles, units = self._tiles, more.astype(np.int32)
        with cores(h.size, _SHARE):
            if part.kind == "rain":
                if not more.any():
                    return 0
                touched = np.zeros(len(tiles), np.bool_)
                sources.rain(h, part.zones, part.share, units, tiles, touched)
                self._wet |= touched.reshape(self._grid)
                return int((more * part.weight).sum())
            if part.kind == "pour":
                n = len(part.cells)
                each = (part.given[0] + part.rank) // n - (before[0] + part.rank) // n
                if not each.any():
                    return 0
                self._touch(part.cells)
                return int(sources.pour(h, part.cells, each))
            if part.kind == "link":
                if sources.link(self.parts.z, h, part.links, part.sizes, dt, self.parts.area):
                    self._touch(part.links.ravel())
                return 0
            tiles = tiles[self._wet.ravel()]
            taken = np.zeros(len(tiles), np.int64)
            if part.kind == "take":
                sources.take(h, part.zones, units, tiles, taken)
            else:
                sources.soak(h, part.soaked, part.zones, part.soils, seconds, tiles, taken)
            return -int(taken.sum())

    def _touch(self, cells: np.ndarray) -> None:
        """Mark the tiles of flat cells as wet."""
        wide = self.parts.z.shape[1]
        rows, cols = cells // wide - scheme.RING, cells % wide - scheme.RING
        self._wet[rows // scheme.TILE[0], np.searchsorted(self._cuts, cols, side="right") - 1] = True
