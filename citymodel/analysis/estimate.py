"""What a study will take on this machine: seconds and memory, before it starts."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.errors import ResourceError

if TYPE_CHECKING:
    from citymodel.analysis.registry import Study
    from citymodel.document import Document
    from citymodel.layers import Layer

SIDE = 500
"""Rows and columns of the raster on which a machine is measured."""
BYTES_A_CELL = 150
"""Bytes a cell and state that a sun study holds at once, measured on the sample city."""
ROUND_CELLS = (0.5, 1.0, 2.0, 4.0, 5.0, 10.0, 20.0)
"""Metres offered as a coarser setting."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one core, seconds: a cell and sun in the open, a cell and sun where there are trees, a cell for the rest.

    The rest is surfaces, maps and tables.
    """

    sun: float
    crowns: float
    cell: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a study takes.

    cells, suns, states : its size; seconds : expected duration; memory, free : bytes it takes, and bytes to be had
    coarser : metres of a coarser cell, and the seconds it would take; None where that saves nothing worth having
    what : what is counted as cells: those of a map, or points on façades
    """

    cells: int
    suns: int
    states: int
    seconds: float
    memory: int
    free: int
    coarser: tuple[float, float] | None = None
    what: str = "cells"

    @property
    def fits(self) -> bool:
        """Whether the memory holds it."""
        return self.memory <= self.free

    def refusal(self) -> str:
        """Why it is not begun, "" where it fits."""
        if self.fits:
            return ""
        return (
            f"{self.cells:,} cells need about {self.memory / 1e9:.1f} GB, {self.free / 1e9:.1f} GB are to be had; "
            "take larger cells or a part of the city"
        )


@lru_cache(maxsize=1)
def rates() -> Rates:
    """One core of this machine, measured once on a small town, on which no other core is waited for."""
    from kernels.shadow import Canopy, sun_record

    rng = np.random.default_rng(3)
    z = np.zeros((SIDE, SIDE), dtype=np.float32)
    crown = np.full_like(z, np.nan)
    for _ in range(100):
        row, column = rng.integers(0, SIDE - 30, 2)
        z[row : row + 20, column : column + 15] = rng.uniform(4.0, 25.0)
        row, column = rng.integers(0, SIDE - 30, 2)
        crown[row : row + 10, column : column + 10] = rng.uniform(30.0, 40.0)
    trees = Canopy(crown, (crown - 10.0).astype(np.float32), 0.1)
    azimuth, altitude, clock = np.linspace(100.0, 250.0, 16), np.full(16, 30.0), np.linspace(8.0, 16.0, 16)

    def sweep(canopy: Any) -> float:
        seconds = best_of(lambda: sun_record(z, 1.0, azimuth, altitude, clock, 0.5, canopy=canopy))
        return float(seconds / (16 * z.size))

    # a sort touches memory as tables and rasterising do: 1.3 µs a cell where it takes 0.1 µs
    return Rates(sweep(None), sweep(trees), 12.0 * best_of(lambda: np.argsort(z, axis=None)) / z.size)


def best_of(work: Any) -> float:
    """Seconds that the work takes; the first go compiles, or loads what was compiled."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def estimate(document: Document, study: Study, parameters: Any) -> Estimate | None:
    """What the study takes with these parameters; its own module's ``estimate`` where it has one, None for unknown."""
    import importlib

    own = getattr(importlib.import_module(study.run.partition(":")[0]), "estimate", None)
    if own is not None:
        found: Estimate = own(document, parameters)
        return found
    if study.name == "shadow":
        return _shadow(document, parameters)
    from citymodel.analysis import estimate_light

    if study.name == "facades":
        return estimate_light.facades(document, parameters)
    return estimate_light.horizons(document, parameters, study.name) if study.name in estimate_light.PASSES else None


def check(document: Document, study: Study, parameters: Any) -> None:
    """Refuse a study larger than memory, with the number."""
    found = estimate(document, study, parameters)
    if found is not None and not found.fits:
        raise ResourceError(found.refusal())


def _shadow(document: Document, parameters: Any) -> Estimate:
    from citymodel.analysis.part import part_of_city, relief_of
    from citymodel.analysis.question import SOURCES, grid_of, scenario_of
    from citymodel.analysis.suns import suns_of
    from kernels.cpu import cores_for

    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    grid = grid_of(document, layers, parameters.bounds, max(parameters.cell, 10.0))
    all_suns = suns_of(grid, parameters)
    suns = all_suns.above
    states = 2 if scenario_of(document, parameters.scenario) else 1
    box = part_of_city(grid, layers, relief_of(layers), (all_suns.azimuth, all_suns.altitude)).grid.bounds
    area = (box[2] - box[0]) * (box[3] - box[1])
    speed = rates()
    passes = 2 + (2 if parameters.height_error else 0)  # the record, the light by the hour, and twice for the error
    trees = parameters.trees not in ("none", "solid") and any(_has_trees(one) for one in layers)
    sweep = speed.crowns if trees else speed.sun

    returns = sum(len(one.data) for one in layers if one.kind == "points")

    def seconds(cell: float) -> float:
        cells = area / cell**2
        cores = cores_for(int(cells))
        shared = cores if cores == 1 else 0.75 * cores
        return states * cells * (passes * suns * sweep / shared + speed.cell) + returns * speed.cell + 0.3

    return sized(area, parameters.cell, suns, states, seconds, BYTES_A_CELL)


def _has_trees(layer: Layer) -> bool:
    if layer.kind == "city":
        return any("Vegetation" in name or "PlantCover" in name for name in layer.data.objects.type_names)
    return layer.kind == "points"


def sized(area: float, cell: float, suns: int, states: int, seconds: Any, bytes_a_cell: int) -> Estimate:
    """The estimate of a raster study over ``area`` m²; ``seconds`` tells the duration by the cell's width."""
    from citymodel.analysis.strips import free_memory

    cells = math.ceil(area / cell**2)
    took = seconds(cell)
    coarser = next((one for one in ROUND_CELLS if one >= 2.0 * cell), None)
    offer = None if coarser is None or took < 2.0 else (coarser, seconds(coarser))
    return Estimate(cells, suns, states, took, int(cells * bytes_a_cell * states), free_memory(), offer)
