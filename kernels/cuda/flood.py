"""The flood's state on the GPU: its clock runs there too, and the host looks in once in many steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.device import array_module, launch, to_device
from kernels.flood_clock import LOSSES_EVERY, Segment
from kernels.flood_parts import RING, Part, Parts

_THREADS = 128
_TILE = (16, 128)
#: Steps between two looks at the clock.
_BATCH = 64
_MODES = {"rain": 0, "pour": 1, "take": 2}


def _blocks(count: int) -> int:
    """Blocks that hold `count` threads."""
    return -(-count // _THREADS)


class Run:
    """Water on a raster with a ring around it: the counterpart of `kernels.cpu.flood_run.Run`."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._xp = xp = array_module(parts.z)
        rows, cols = parts.shape
        self._down, self._across = -(-rows // _TILE[0]), -(-cols // _TILE[1])
        self._buffers = [parts.state, tuple(one.copy() for one in parts.state)]
        self._wets = [xp.ones(self._down * self._across, np.int32) for _ in range(2)]
        self._work = xp.zeros(self._down * self._across, np.int32)
        self._flip = 0
        self._kinds = xp.asarray(parts.edges.astype(np.int32))
        self._clock, self._counts = xp.zeros(5, np.float64), xp.zeros(11, np.int64)
        self._most, self._rates = xp.zeros(3, np.uint32), xp.zeros(8, np.float32)
        self._planes = xp.zeros((12, *parts.z.shape), np.float32) if parts.second else None
        channels = sum(part.count for part in parts.parts)
        self._channels = channels
        modes = np.zeros(max(channels, 1), np.int32)
        for part in parts.parts:
            modes[part.first : part.first + part.count] = _MODES.get(part.kind, 0)
        self._modes = xp.asarray(modes)
        self._given, self._before = (xp.zeros(max(channels, 1), np.int64) for _ in range(2))
        self._moved = xp.zeros(max(len(parts.parts), 1), np.int64)
        self.time, self.steps, self.fastest, self.pending = 0.0, 0, np.float32(0), 0.0
        self.sides, self.owed = np.zeros(4, np.int64), 0

    @property
    def now(self) -> Any:
        """h, qx, qy."""
        return self._buffers[self._flip]

    def wake(self) -> None:
        """Take every tile for wet and both buffers for different, after a change by hand."""
        for here, there in zip(self.now, self._buffers[1 - self._flip], strict=True):
            there[...] = here
        for wet in self._wets:
            wet[...] = 1

    def run(self, segment: Segment, report: Callable[[float], None] | None) -> tuple[int, int] | None:
        """Step until the segment's stop; None or the row and column where the water blew up, with the state before
        that step kept."""
        plan, curves = self._upload(segment)
        guess = _BATCH
        while self.time < segment.stop:
            begun, steps = self.time, self.steps
            for k in range(guess):
                self._step((self._flip + k) % 2, plan, curves)
            if self._download(steps):
                return self._worst()
            took = self.steps - steps
            if took and self.time < segment.stop:
                left = (segment.stop - self.time) / max(self.time - begun, 1e-12) * took
                guess = int(min(_BATCH, max(2, left + 2)))
            if report:
                report(self.time)
        return None

    def _upload(self, segment: Segment) -> tuple[Any, Any]:
        """What holds in the segment, and the clock and the totals as they stand."""
        parts, xp = self.parts, self._xp
        levels = segment.levels
        plan = [segment.stop, segment.longest, parts.reach, segment.begin, *parts.size, parts.ticks, parts.too_fast]
        plan += [float(segment.sleeps()), *levels[:, 0], *levels[:, 1]]
        self._clock[...] = xp.asarray(np.array([self.time, self.time, 0.0, self.pending, 0.0]))
        counts = np.zeros(11, np.int64)
        counts[0], counts[4:8], counts[8] = self.steps, self.sides, self.owed
        self._counts[...] = xp.asarray(counts)
        self._most[...] = xp.asarray(np.array([self.fastest, 0, 0], np.float32).view(np.uint32))
        given = np.concatenate([*(part.given for part in parts.parts), np.zeros(1, np.int64)])[: max(self._channels, 1)]
        self._given[...] = xp.asarray(given)
        self._before[...] = self._given
        self._moved[...] = 0
        curves = segment.curves if self._channels else np.zeros((1, 3))
        return xp.asarray(np.array(plan, np.float64)), xp.asarray(np.ascontiguousarray(curves))

    def _download(self, steps: int) -> bool:
        """Read the clock and the counters; whether the water blew up."""
        clock, counts = to_device(self._clock), to_device(self._counts)
        self.time, self.pending, self.steps = float(clock[0]), float(clock[3]), int(counts[0])
        self.fastest = to_device(self._most)[:1].view(np.float32)[0]
        self.sides, self.owed = counts[4:8].copy(), int(counts[8])
        self._flip = (self._flip + self.steps - steps) % 2
        given, moved = to_device(self._given).copy(), to_device(self._moved).copy()
        self._moved[...] = 0
        for k, part in enumerate(self.parts.parts):
            now = given[part.first : part.first + part.count]
            part.moved += int(((now - part.given) * part.weight).sum()) if part.kind == "rain" else int(moved[k])
            part.given = now
        return bool(counts[2])

    def _step(self, here: int, plan: Any, curves: Any) -> None:
        """Launch one step from buffer `here` into the other."""
        parts, (rows, cols) = self.parts, self.parts.shape
        now, then = self._buffers[here], self._buffers[1 - here]
        wet, wet_next = self._wets[here], self._wets[1 - here]
        size, one, clock, counts = (np.int32(rows), np.int32(cols)), ((1,), (1,)), self._clock, self._counts
        block, grid = (_THREADS,), (_blocks(cols), rows)
        if parts.edges.any():
            given = parts.z, *now, *size, self._kinds, plan, clock, counts, self._most
            launch("flood", "cm_flood_edges", (_blocks(max(rows, cols)), 4), block, given)
        down, across = np.int32(self._down), np.int32(self._across)
        tiles = down, across, self._kinds, wet, wet_next, self._work, plan, clock, counts
        launch("flood", "cm_flood_tiles", (_blocks(self._down * self._across),), block, tiles)
        launch("flood", "cm_flood_begin", *one, (plan, clock, counts, self._most, self._rates))
        rough = parts.rough, np.int32(parts.rough.shape[0]), self._rates
        record = np.int32(parts.wet), parts.whole, parts.real, np.float32(parts.too_fast)
        step = (parts.z, *now, *then, *rough, *size, self._work, wet_next, *record, counts, self._most)
        if parts.preview:
            ring = now[0], now[1], now[2], *size, counts
            launch("flood", "cm_flood_preview_ring", (_blocks(max(rows, cols) + 2 * RING), 2), block, ring)
            launch("flood", "cm_flood_preview", grid, block, step)
        elif parts.second:
            slopes = parts.z, *now, *rough, *size, counts, self._planes
            launch("flood", "cm_flood_slopes", (_blocks(cols + 2), rows + 2), block, slopes)
            launch("flood", "cm_flood_second", grid, block, (*step, self._planes))
        else:
            launch("flood", "cm_flood_first", grid, block, step)
        totals = self._modes, np.int32(self._channels), np.float64(LOSSES_EVERY), clock, counts, self._most
        launch("flood", "cm_flood_end", *one, (plan, curves, *totals, self._given, self._before))
        for k, part in enumerate(parts.parts):
            self._source(part, then[0], wet_next, self._moved[k : k + 1])

    def _source(self, part: Part, h: Any, wet: Any, moved: Any) -> None:
        """Launch what one source does at the end of a step."""
        parts, (rows, cols) = self.parts, self.parts.shape
        block, grid = (_THREADS,), (_blocks(cols), rows)
        size, clock, counts = (np.int32(rows), np.int32(cols)), self._clock, self._counts
        last = part.first + part.count
        totals = self._given[part.first : last], self._before[part.first : last]
        if part.kind == "pour":
            number = len(part.cells)
            pour = (h, part.cells, np.int32(number), np.int32(cols), *totals, wet, counts, moved)
            launch("flood_sources", "cm_flood_pour", (_blocks(number),), block, pour)
            return
        if part.kind == "link":
            number, area = len(part.links), np.float64(parts.area)
            link = (parts.z, h, part.links, part.sizes, np.int32(number), np.int32(cols), area, clock, counts, wet)
            launch("flood_sources", "cm_flood_link", (1,), (1,), link)
            return
        by_zone = h, part.zones, np.int32(part.zones.shape[0])
        if part.kind == "rain":
            launch("flood_sources", "cm_flood_rain", grid, block, (*by_zone, part.share, *size, *totals, wet, counts))
        elif part.kind == "take":
            launch("flood_sources", "cm_flood_take", grid, block, (*by_zone, *size, *totals, counts, moved))
        else:
            soak = (*by_zone, part.soils, part.soaked, *size, clock, counts, moved)
            launch("flood_sources", "cm_flood_soak", grid, block, soak)

    def _worst(self) -> tuple[int, int]:
        """Row and column where the step that failed went wrong."""
        xp, parts = self._xp, self.parts
        h, qx, qy = (one[parts.inner] for one in self._buffers[1 - self._flip])
        metres = xp.maximum(h, 0) * parts.unit
        speed = xp.hypot(qx, qy) / xp.maximum(metres, 1e-6) + xp.sqrt(9.81 * metres)
        speed = xp.where(xp.isfinite(speed), speed, xp.inf)
        r, c = divmod(int(speed.argmax()), parts.shape[1])
        return r, c
