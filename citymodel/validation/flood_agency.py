"""Tests 1 to 4 of the UK Environment Agency's benchmark, built from their published words."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from citymodel.validation.flood_runs import F8, depth, middles
from kernels.flood import Edges, Flood
from kernels.flood_sources import Inflow

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Pond:
    """Test 1: a level at one end floods a pond behind a sill; 700 × 100 m, cells of 10 m, n = 0.03."""

    hold: float = 10.35
    sill: float = 10.25
    low: float = 9.7
    hours: float = 20.0

    def bed(self) -> F8:
        """Our own profile: up to the sill at 250 m, down into the pond, up to the far end."""
        x = middles(70, 700.0)
        return np.interp(x, [0, 245, 255, 450, 700], [9.5, self.sill, self.sill, 9.6, 10.3])

    def run(self, scheme: str, every: float = 600.0) -> tuple[F8, F8, Flood]:
        """Hours, levels at 405 m and 605 m, and the flood at the end."""
        series = ([0.0, HOUR, 11 * HOUR, 12 * HOUR], [self.low, self.hold, self.hold, self.low])
        flood = Flood(self.bed()[None], (10.0, 100.0), manning=0.03, scheme=scheme, edges=Edges(west=series), wet=None)
        flood.set_level(self.low)
        return series_at(flood, [[0, 40], [0, 60]], self.hours * HOUR, every, 1)


@dataclass(frozen=True, slots=True)
class Hollows:
    """Test 2: 16 hollows of 0.5 m on a plane that falls 1:1500 south and 1:3000 east; 2 × 2 km, n = 0.03."""

    cells: int = 100
    hours: float = 10.0
    peak: float = 20.0

    def bed(self) -> F8:
        """Our own smooth hollows, one in each of 4 × 4 squares."""
        at = middles(self.cells, 2000.0)
        x, y = np.meshgrid(at, at)
        hollow = np.sin(np.pi * x / 500) ** 2 * np.sin(np.pi * y / 500) ** 2
        return np.asarray(2.0 - y / 1500 - x / 3000 - 0.5 * hollow)

    def run(self, scheme: str) -> Flood:
        """Water through 100 m at the north-western corner, for 85 min, up to 20 m³/s."""
        side = [[k, 0] for k in range(max(1, self.cells // 20))]
        poured = Inflow(side, [0, 600, 4200, 5100], [0, self.peak, self.peak, 0])
        flood = Flood(self.bed(), 2000.0 / self.cells, manning=0.03, scheme=scheme, sources=[poured])
        flood.advance(self.hours * HOUR)
        return flood


@dataclass(frozen=True, slots=True)
class Obstruction:
    """Test 3: as much water as the first hollow holds runs down 1:200 at a sill before a second one; n = 0.01."""

    seconds: float = 900.0
    crest: float = 9.7

    def bed(self) -> F8:
        """Our own profile: 1:200 for 100 m, a hollow at 150 m, the sill at 200 m, a hollow at 250 m; cells of 5 m."""
        x = middles(60, 300.0)
        return np.interp(x, [0, 100, 140, 160, 200, 240, 260, 300], [10, 9.5, 9.3, 9.3, 9.7, 9.3, 9.3, 10])

    def holds(self) -> float:
        """Cubic metres of the first hollow up to the sill."""
        x = middles(60, 300.0)
        return float(np.maximum(self.crest - self.bed(), 0)[x < 200].sum()) * 5.0 * 100.0

    def run(self, scheme: str) -> tuple[F8, F8, Flood]:
        """Seconds, levels at 150 m and 250 m, and the flood at the end: a short pulse of 65.5 m³/s."""
        peak = 65.5
        lasts = self.holds() / peak
        poured = Inflow([[r, 0] for r in range(20)], [0, 5, lasts, lasts + 5], [0, peak, peak, 0])
        flood = Flood(np.repeat(self.bed()[None], 20, axis=0), 5.0, manning=0.01, scheme=scheme, sources=[poured])
        return series_at(flood, [[10, 30], [10, 50]], self.seconds, 10.0, 1)

    def beyond(self, flood: Flood) -> float:
        """Share of the water that ended in the second hollow."""
        h = depth(flood)
        return float(h[:, 40:].sum() / h.sum())


@dataclass(frozen=True, slots=True)
class Plain:
    """Test 4: water through 20 m of the western side of a level plain of 1 × 2 km, up to 20 m³/s; n = 0.05."""

    cell: float = 10.0
    hours: float = 5.0
    points: tuple[tuple[float, float], ...] = ((50, 1000), (100, 1000), (200, 1000), (300, 1000), (400, 1000),
                                               (300, 1300))  # fmt: skip

    def places(self) -> list[list[int]]:
        """Rows and columns of the six points."""
        return [[int((2000 - y) / self.cell - 0.5), int(x / self.cell - 0.5)] for x, y in self.points]

    def run(self, scheme: str, snaps: tuple[float, ...] = (1.0, 3.0)) -> tuple[F8, F8, dict[float, F8], Flood]:
        """Hours, depths at the points, depths of the plain at some hours, and the flood."""
        rows, cols = round(2000 / self.cell), round(1000 / self.cell)
        half = max(1, round(10 / self.cell))
        side = [[r, 0] for r in range(rows // 2 - half, rows // 2 + half)]
        poured = Inflow(side, [0, HOUR, 4 * HOUR, 5 * HOUR], [0.0, 20.0, 20.0, 0.0])
        flood = Flood(np.zeros((rows, cols)), self.cell, manning=0.05, scheme=scheme, sources=[poured])
        times, found, seen = [], [], {}
        for time in np.arange(120.0, self.hours * HOUR + 1, 120.0):
            flood.advance(float(time))
            times.append(time / HOUR)
            found.append(flood.probe(self.places())[:, 0])
            if any(abs(time - snap * HOUR) < 1 for snap in snaps):
                seen[time / HOUR] = depth(flood)
        return np.array(times), np.array(found), seen, flood


def series_at(flood: Flood, cells: list[list[int]], until: float, every: float, which: int) -> tuple[F8, F8, Flood]:
    """Seconds and what a probe finds in cells from time to time: 0 depth, 1 level, 2 speed."""
    times = np.arange(0.0, until + every / 2, every)
    found = []
    for time in times:
        flood.advance(float(time))
        found.append(flood.probe(cells)[:, which])
    return times, np.array(found), flood


def brims(bed: F8) -> F8:
    """Level to which each cell can be filled before it spills to the lowest way out of the raster's lowest cell.

    The least highest ground on a way through cells' sides to the raster's lowest cell (Barnes et al. 2014's flood from
    there instead of from the edge): walls stand around.
    """
    start = tuple(int(k) for k in np.unravel_index(int(np.argmin(bed)), bed.shape))
    out = np.full(bed.shape, np.inf)
    out[start] = bed[start]
    queue = [(float(bed[start]), start)]
    while queue:
        level, (r, c) = heapq.heappop(queue)
        if level > out[r, c]:
            continue
        for i, j in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= i < bed.shape[0] and 0 <= j < bed.shape[1]:
                then = max(level, float(bed[i, j]))
                if then < out[i, j]:
                    out[i, j] = then
                    heapq.heappush(queue, (then, (i, j)))
    return out
