"""What a run will cost: its steps, seconds and bytes, from this machine's rate and the waves to be expected."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.rim import SIDES
from citymodel.analysis.on_device import placed
from citymodel.flood.run import frame_times, gauge_times
from kernels.flood import COURANT, GRAVITY, Flood
from kernels.flood_sources import Inflow, Rain

_PONDS = 10.0  # times the rain, metres of the deepest water that it gathers
_SHALLOW = 0.5  # metres of water over which an inflow spreads
_MEASURED = (64, 384)  # cells along the sides of two lakes; their difference is the cost of a cell
_STEPS = 24


@dataclass(frozen=True, slots=True)
class Cost:
    """What is to be expected, within a factor of three or so.

    steps : of time; seconds : of computation; bytes : of the file
    wave : m/s of the quickest wave; wet : share of the cells that are computed
    """

    steps: float
    seconds: float
    bytes: int
    wave: float
    wet: float


def cost(case: Case, device: str = "auto") -> Cost:
    """The cost of a case on a device."""
    wave, wet = expected_wave(case), expected_wet(case)
    steps = _steps(case, wave)
    fixed, each = step_seconds(case.scheme, device)
    cells = case.grid.shape[0] * case.grid.shape[1]
    return Cost(steps, steps * (fixed + each * cells * wet), file_size(case), wave, wet)


def is_quick(case: Case) -> bool:
    """Whether a run takes moments on any machine, so that measuring one would take longer."""
    steps = _steps(case, expected_wave(case))
    return steps * (2e-4 + case.grid.shape[0] * case.grid.shape[1] / 1.5e7) < 8.0


def words(case: Case, cost: Cost, left: float = 1.0) -> str:
    """Time, steps and bytes in words; left : share of the run that is not done yet."""
    rows, columns = case.grid.shape
    return (
        f"about {spoken(cost.seconds * left)} ({cost.steps * left:,.0f} steps of {rows:,} × {columns:,} cells), "
        f"{cost.bytes / 1e6:,.0f} MB on the disk"
    )


def cheaper(case: Case, cost: Cost, left: float = 1.0) -> str:
    """What would cost less."""
    said = f"Cells of {2 * case.grid.cell:g} m would take about {spoken(cost.seconds * left / 8)}"
    if case.scheme == "second-order":
        said += ", --scheme first-order about 60 % of the time"
    return said


def _steps(case: Case, wave: float) -> float:
    """Steps of a run whose quickest wave runs so many m/s."""
    reach = (case.courant or COURANT[case.scheme]) * case.grid.cell
    step = min(reach / wave, 3.0 * math.sqrt(reach / GRAVITY)) if wave > 0 else math.inf
    return max(case.duration / step, len(frame_times(case)) + len(gauge_times(case)))


def expected_wave(case: Case) -> float:
    """m/s of the quickest wave: twice √(g·depth) over the deepest water that the forcing makes likely."""
    depths = [0.05]
    free = np.isfinite(case.terrain) if case.blocked is None else np.isfinite(case.terrain) & ~case.blocked
    if case.depth is not None:
        depths.append(float(np.nanmax(np.where(free, case.depth, 0.0))))
    if case.level is not None:
        depths.append(float(np.nanmax(np.where(free, case.level - case.terrain, 0.0))))
    for source in case.sources:
        if isinstance(source, Rain):
            depths.append(min(_PONDS * _fallen(source, case.duration), 2.0))
        elif isinstance(source, Inflow):
            width = len(np.atleast_2d(source.cells)) * case.grid.cell
            most = max(float(np.max(source.flows)), 0.0) / width
            depths.append(min(2.0 * (most * most / GRAVITY) ** (1.0 / 3.0), 15.0))  # it spreads from its cells
    for side, part in SIDES.items():
        edge, ground = getattr(case.edges, side), np.where(free, case.terrain, np.nan)[part]
        if not isinstance(edge, str) and np.isfinite(ground).any():
            level = float(np.max(edge[1])) if isinstance(edge, tuple) else float(edge)
            depths.append(level - float(np.nanmin(ground)))
    return 2.0 * math.sqrt(GRAVITY * max(depths))


def expected_wet(case: Case) -> float:
    """Share of the cells that hold water, on average over the run."""
    whole = float(case.grid.shape[0] * case.grid.shape[1])
    known = float(np.isfinite(case.terrain).sum()) / whole
    held = 0.0
    if (
        case.depth is not None
        or case.level is not None
        or any(not isinstance(getattr(case.edges, s), str) for s in SIDES)
    ):
        held = known
    water = 0.0
    for source in case.sources:
        if isinstance(source, Rain) and _fallen(source, case.duration) > 0:
            return known
        if isinstance(source, Inflow):
            t, q = np.asarray(source.times, float), np.maximum(np.asarray(source.flows, float), 0.0)
            t, q = np.append(t[t < case.duration], case.duration), np.append(q[t < case.duration], 0.0)
            water += float((q[:-1] * np.diff(t)).sum())
    spread = water / _SHALLOW / (whole * case.grid.cell**2)
    return min(known, max(held, spread, 0.02))


def _fallen(rain: Rain, duration: float) -> float:
    """Metres that fall where most falls."""
    t, r = np.asarray(rain.times, float), np.asarray(rain.rates, float).reshape(len(np.asarray(rain.times)), -1)
    steps = np.diff(np.minimum(t, duration))
    return float((r[:-1] * steps[:, None]).sum(axis=0).max(initial=0.0)) / 3.6e6


_ONE_BY_ONE = threading.Lock()


def step_seconds(scheme: str, device: str = "auto") -> tuple[float, float]:
    """Seconds of a step, and more for each of its cells, measured once on two small lakes with waves.

    Who asks while it is measured waits for what is found: two at a time would each be slow, and find so.
    """
    with _ONE_BY_ONE:
        return _measured(scheme, device)


@lru_cache(maxsize=8)
def _measured(scheme: str, device: str) -> tuple[float, float]:
    taken = []
    for side in _MEASURED:
        rows, columns = np.mgrid[:side, :side]
        ground, _ = placed(np.zeros((side, side)), device)
        water = Flood(ground, 10.0, scheme=scheme)
        depth, _ = placed(1.0 + 0.2 * np.sin(rows / 5.0) * np.cos(columns / 7.0), device)
        water.set_depth(depth)
        water.advance(1.0)  # compiles, or loads what was compiled
        began, before = time.perf_counter(), water.steps
        while water.steps - before < _STEPS:
            water.advance(water.time + 10.0)
        taken.append((time.perf_counter() - began) / (water.steps - before))
    small, large = (side * side for side in _MEASURED)
    each = max(taken[1] - taken[0], 0.2 * taken[1]) / (large - small)
    return max(taken[0] - each * small, 1e-6), each


def file_size(case: Case) -> int:
    """Bytes of the file: frames, maps, readings."""
    cells = case.grid.shape[0] * case.grid.shape[1]
    frame = cells * (8 if case.velocities else 4) + 8
    readings = len(gauge_times(case)) * (8 + 24 * len(case.gauges) + 8 * len(case.sections))
    return len(frame_times(case)) * frame + cells * 34 + readings + 30_000


def spoken(seconds: float) -> str:
    """A time to wait, in words."""
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            count = seconds / size
            return f"{count:.0f} {unit}" if count >= 10 else f"{count:.1f} {unit}"
    return f"{max(seconds, 1):.0f} s"
