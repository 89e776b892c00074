"""Tables of a flood that a study alone can make: whom the danger meets, the rain, and the land cover's values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from citymodel.analysis.flood.buildings import at_walls, facts_of
from citymodel.analysis.flood.states import Water
from citymodel.analysis.flood.storms import Storm
from citymodel.flood import hazard
from citymodel.flood.tables import NAN, Table, changed, everywhere


def by_threshold(states: Sequence[Water]) -> Table:
    """Ground, buildings, homes and people by class of danger; without the rivers that stood there at the start."""
    rows = [(number, words, "UK") for number, words in enumerate(hazard.UK_CLASSES, 1)]
    rows += [(number, words, "Australia") for number, words in enumerate(hazard.AUSTRALIA_CLASSES, 1)]
    table: Table = {"id": [words for _, words, _ in rows], "kind": [kind for _, _, kind in rows]}
    facts = [facts_of(one.layers) for one in states]
    known = [any(name in one for some in facts for one in some.values()) for name in ("homes_in", "people")]
    for state, told in zip(states, facts, strict=True):
        walls = at_walls(state)
        cell = state.grid.cell**2
        ground = {"UK": state.class_uk[state.counted], "Australia": state.class_au[state.counted]}
        held = [
            [key for key, one in walls.items() if (one.class_uk if kind == "UK" else one.class_au) == number]
            for number, _, kind in rows
        ]
        table[f"ground_m2_{state.name}"] = [float((ground[kind] == number).sum()) * cell for number, _, kind in rows]
        table[f"buildings_{state.name}"] = [len(keys) for keys in held]
        for name, there in zip(("homes_in", "people"), known, strict=True):
            if there:
                sums = [_sum(told.get(key, {}).get(name, NAN) for key in keys) for keys in held]
                table[f"{name}_{state.name}"] = sums
    names = ["ground_m2", "buildings", *(n for n, there in zip(("homes_in", "people"), known, strict=True) if there)]
    changed(table, states, names)
    return everywhere(table, states[0])


def _sum(values: Any) -> float:
    return math.fsum(one for one in values if one == one)


def rain_table(storm: Storm, state: Water) -> Table:
    """The rain that was used, a row a step."""
    minutes, fallen = storm.times / 60.0, storm.rates[:-1] * np.diff(storm.times) / 3600.0
    table: Table = {
        "id": [f"{a:g} to {b:g} min" for a, b in pairwise(minutes)],
        "from_min": minutes[:-1].tolist(), "to_min": minutes[1:].tolist(), "mm_per_hour": storm.rates[:-1].tolist(),
        "mm": fallen.tolist(), "mm_so_far": np.cumsum(fallen).tolist(),
    }  # fmt: skip
    return everywhere(table, state)


def losses_table(table: Table, state: Water) -> Table:
    """The values of land cover that were used."""
    return everywhere(table, state)
