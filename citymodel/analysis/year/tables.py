"""A year's light as tables over the horizon's angle: what the kernels need to add it up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from citymodel.sky import Light

F8 = NDArray[np.float64]

BINS = 181
"""Edges of the horizon's bins from 0 to 90°, half a degree apart."""
SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
"""Months of the seasons on the northern half of the globe."""


def seasons(light: Light) -> dict[str, tuple[int, ...]]:
    """Months of the seasons where the light falls."""
    names = list(SEASONS)
    turn = 2 if light.facts.get("latitude", 0.0) < 0 else 0
    return {name: SEASONS[names[(at + turn) % 4]] for at, name in enumerate(names)}


def hours_tables(light: Light, directions: int, spans: Sequence[Sequence[int]], lowest: float = 0.0) -> F8:
    """(spans, directions, bins) hours with the sun in each sector and above each edge, of spans of months.

    A sun between the middles of two sectors counts in both by its nearness. lowest : degrees, suns below are left out
    """
    tables = []
    for months in spans:
        part = light.of(months)
        hours = np.where(part.altitude > lowest, part.hours, 0.0)
        tables.append(_above(part, directions, hours))
    return np.stack(tables)


def light_vectors(light: Light, directions: int) -> F8:
    """(2, directions, bins, 2) kWh/m² of the beam and of an even sky, level towards the sector and upwards."""
    from kernels.horizon import even_sky

    altitude = np.radians(light.altitude)
    energy = light.dni * light.hours / 1000.0
    beam = np.stack([_above(light, directions, energy * one(altitude)) for one in (np.cos, np.sin)], -1)
    return np.stack([beam, even_sky(directions, BINS) * light.level[1]])


def _above(light: Light, directions: int, amounts: F8) -> F8:
    """(directions, bins): amounts of suns that stand above each edge; within a bin they count as evenly spread."""
    up = light.altitude > 0
    place = light.azimuth[up] / (360.0 / directions) - 0.5
    low = np.floor(place).astype(np.int64)
    row = np.minimum(light.altitude[up] * ((BINS - 1) / 90.0), BINS - 1).astype(np.int64)
    counts = np.zeros((directions, BINS))
    for sector, share in ((low, 1.0 - (place - low)), (low + 1, place - low)):
        np.add.at(counts, (sector % directions, row), share * amounts[up])
    return counts[:, ::-1].cumsum(1)[:, ::-1]
