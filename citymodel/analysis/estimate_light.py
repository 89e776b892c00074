"""What the studies of a year's light, of the open sky and of façades will take, before they start."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.analysis.estimate import SIDE, Estimate, best_of, rates, sized

if TYPE_CHECKING:
    from citymodel.document import Document

DIRECTIONS = 24
PASSES = {"skyview": 1.0, "sunlight": 3.6}
"""Sweeps of horizons a direction, in those of the open sky, measured on the sample city."""
BYTES_A_CELL = {"skyview": 80, "sunlight": 260}
POINTS = 58
"""Points on façades and roofs of a building where they stand 3 m apart, in the sample city."""
CELLS_A_BUILDING = 12_000
CELLS_A_RAY = 1.0
"""Work on a building's faces, and on a ray, in cells of surfaces, maps and tables; measured on the sample city."""
BYTES_A_POINT, BYTES_A_BUILDING = 2_000, 400_000
YEAR, SKY = 6.0, 4.0
"""A year's sun and the sky of a point, in days of sun."""


@lru_cache(maxsize=1)
def sky_rate() -> float:
    """Seconds a cell and direction of the open sky on this machine, all its cores together."""
    from kernels.horizon import sky_view_factor

    rng = np.random.default_rng(3)
    z = np.repeat(np.repeat(rng.uniform(0.0, 20.0, (SIDE // 20, SIDE // 20)), 20, 0), 20, 1).astype(np.float32)
    seconds: float = best_of(lambda: sky_view_factor(z, 1.0, DIRECTIONS))
    return seconds / float(z.size * DIRECTIONS)


def horizons(document: Document, parameters: Any, study: str) -> Estimate:
    """Of a study by the horizons around each cell."""
    from citymodel.analysis.question import SOURCES, grid_of, scenario_of

    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    grid = grid_of(document, layers, parameters.bounds, max(parameters.cell, 10.0))
    left, low, right, high = grid.bounds if parameters.bounds is None else parameters.bounds
    area, states = (right - left) * (high - low), 2 if scenario_of(document, parameters.scenario) else 1
    sweep, rest = sky_rate() * PASSES[study] * parameters.directions, rates().cell
    returns = sum(len(one.data) for one in layers if one.kind == "points")

    def seconds(cell: float) -> float:
        return float(states * area / cell**2 * (sweep + rest) + returns * rest + 0.3)

    return sized(area, parameters.cell, 0, states, seconds, BYTES_A_CELL[study])


def facades(document: Document, parameters: Any) -> Estimate:
    """Of a study by rays from façades."""
    from citymodel.analysis.question import scenario_of
    from citymodel.analysis.strips import free_memory

    buildings = sum(_buildings(one.data) for one in document.layers if one.kind == "city")
    states = 2 if scenario_of(document, parameters.scenario) else 1
    points = round(buildings * POINTS * 3.0 / parameters.spacing)
    suns = max((parameters.end - parameters.start) // parameters.step // 2, 1)
    days = 1.0 + YEAR * (parameters.annual or parameters.irradiation) + SKY * (parameters.vsc or parameters.irradiation)
    work = states * (buildings * CELLS_A_BUILDING + points * suns * days * CELLS_A_RAY)
    memory = BYTES_A_POINT * points * states + BYTES_A_BUILDING * buildings
    return Estimate(points, 0, states, work * rates().cell + 0.3, memory, free_memory(), what="points")


def _buildings(model: Any) -> int:
    codes = [code for code, name in enumerate(model.objects.type_names) if name == "Building"]
    return int(np.isin(model.objects.type, codes).sum())
