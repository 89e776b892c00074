"""Small floods whose truth is known, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from citymodel.analysis.flood.case import Case
from citymodel.flood.run import Gauge, Section
from citymodel.surface import Grid
from kernels.flood import Edges
from kernels.flood_sources import Inflow, Rain


class Kept:
    """What a run hands over, in lists."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.frames_kept: list[Any] = []
        self.velocities: list[Any] = []
        self.read: list[tuple[float, Any, Any, Any, Any]] = []
        self.balances: list[Mapping[str, float]] = []
        self.all_maps: list[Mapping[str, Any]] = []
        self.outcome: Any = None
        self.start = -1.0

    def begin(self, case: Case, start: float) -> None:
        self.start = start

    def frame(self, time: float, depth: Any, east: Any, north: Any) -> None:
        self.times.append(time)
        self.frames_kept.append(depth)
        self.velocities.append((east, north))

    def readings(self, time: float, level: Any, depth: Any, speed: Any, discharge: Any) -> None:
        self.read.append((time, level, depth, speed, discharge))

    def maps(self, maps: Mapping[str, Any], balance: Mapping[str, float]) -> None:
        self.all_maps.append(maps)
        self.balances.append(balance)

    def end(self, outcome: Any) -> None:
        self.outcome = outcome


def grid(rows: int = 20, cols: int = 30, cell: float = 2.0, crs: str | None = "EPSG:25833") -> Grid:
    return Grid(390000.0, 5820000.0, cell, (rows, cols), crs)


def rained_on(**more: Any) -> Case:
    """A walled bowl under half an hour of rain of 60 mm/h, with a gauge in its middle; an hour of it."""
    where = grid()
    y, x = np.mgrid[-1 : 1 : where.shape[0] * 1j, -1 : 1 : where.shape[1] * 1j]
    terrain = 30.0 + x**2 + y**2
    case = Case(
        "bowl", where, terrain, duration=3600.0, every=900.0,
        sources=(Rain([0.0, 1800.0], [60.0, 0.0]),), gauges=(Gauge("middle", 390030.5, 5819979.5),),
    )  # fmt: skip
    return replace(case, **more)


def channel(scheme: str = "second-order", **more: Any) -> Case:
    """A straight channel with walls, 12 m wide, that carries 6 m³/s from west to east down a slope of 1 in 500."""
    where = grid(6, 60)
    terrain = np.tile(10.0 - np.arange(60) * 2.0 / 500.0, (6, 1))
    x0, y0 = where.x0, where.y0
    case = Case(
        "channel", where, terrain, duration=1800.0, every=600.0, scheme=scheme, edges=Edges(east="open"),
        sources=(Inflow([[r, 0] for r in range(6)], [0.0, 1e5], [6.0, 6.0]),),
        sections=(
            Section("across", ((x0 + 60, y0), (x0 + 60, y0 - 12))),
            Section("back", ((x0 + 60, y0 - 12), (x0 + 60, y0))),
            Section("slanted", ((x0 + 90, y0 - 12), (x0 + 70, y0))),
            Section("edge", ((x0 + 120, y0), (x0 + 120, y0 - 12))),
        ),
    )  # fmt: skip
    return replace(case, **more)
