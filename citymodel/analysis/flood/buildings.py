"""Whom the water reaches: each building by what stands at its walls, with its storeys, homes and people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.homes import MOST, homes_of
from citymodel.analysis.facade.storeys import _bare, _number, _plain
from citymodel.analysis.flood.states import Water
from citymodel.analysis.zones import _roots, identity
from citymodel.layers import Layer

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]
Key = tuple[str, str]
Table = dict[str, list[Any]]

PEOPLE = (
    "people", "inhabitants", "residents", "population", "numberofresidents", "numberofinhabitants", "occupants",
    "numberofoccupants", "einwohner", "bewohner", "inwoners", "habitants", "habitantes",
)  # fmt: skip
"""Names of attributes, without prefix and in lower case, that count the people of a building."""
NAN = math.nan


@dataclass(frozen=True, slots=True)
class AtWall:
    """What stood at a building's walls.

    depth, level : the greatest, m, 0 and NaN where none; hazard, class_uk, class_au : the highest there
    arrival : minutes until the first water, NaN if never
    """

    depth: float
    level: float
    hazard: float
    class_uk: int
    class_au: int
    arrival: float


def at_walls(water: Water) -> dict[Key, AtWall]:
    """Each building's walls: the cells beside its footprint that hold no other building and no river at the start."""
    number = water.zones.number
    count = len(water.zones.ids)
    level = water.ground + water.maps["max_depth"]
    open_ground = (number < 0) & np.isfinite(water.maps["max_depth"]) & ~water.standing
    zone, cell = _beside(number, open_ground)
    depth = water.maps["max_depth"].ravel()[cell]
    wet = depth >= water.wet
    zone, cell, depth = zone[wet], cell[wet], depth[wet]
    found = {
        "depth": _most(zone, depth, count, 0.0),
        "level": _most(zone, level.ravel()[cell], count, -np.inf),
        "hazard": _most(zone, water.hazard.ravel()[cell], count, 0.0),
        "uk": _most(zone, water.class_uk.ravel()[cell], count, 0),
        "au": _most(zone, water.class_au.ravel()[cell], count, 0),
        "arrival": -_most(zone, -water.maps["arrival_time"].ravel()[cell], count, -np.inf) / 60.0,
    }
    return {
        (layer, id): AtWall(
            float(found["depth"][k]), _known(found["level"][k]), float(found["hazard"][k]), int(found["uk"][k]),
            int(found["au"][k]), _known(found["arrival"][k]),
        )
        for k, (layer, id) in enumerate(zip(water.zones.layer_ids, water.zones.ids, strict=True))
    }  # fmt: skip


def _beside(number: NDArray[np.int32], free: Mask) -> tuple[I8, I8]:
    """Pairs of a building and a free cell beside its footprint, corners too."""
    rows, columns = number.shape
    padded = np.pad(number, 1, constant_values=-1)
    flat = np.arange(rows * columns).reshape(rows, columns)
    zones, cells = [], []
    for dr in (0, 1, 2):
        for dc in (0, 1, 2):
            near = padded[dr : dr + rows, dc : dc + columns]
            pair = free & (near >= 0)
            zones.append(near[pair].astype(np.int64))
            cells.append(flat[pair])
    return np.concatenate(zones), np.concatenate(cells)


def _most(zone: I8, values: Any, count: int, least: float) -> F8:
    found = np.full(count, least, np.float64)
    np.maximum.at(found, zone, np.nan_to_num(np.asarray(values, np.float64), nan=-np.inf))
    return found


def _known(value: float) -> float:
    return float(value) if np.isfinite(value) else NAN


def by_building(states: Sequence[Water], affected: float) -> Table:
    """A row a building of any state; a building that a state has not got has no numbers there.

    affected : metres at the wall from which its ground floor counts as reached
    """
    keys: dict[Key, tuple[Water, int]] = {}
    outlines = [identity(one.zones, one.grid) for one in states]
    for state in states:
        for k, key in enumerate(zip(state.zones.layer_ids, state.zones.ids, strict=True)):
            keys.setdefault(key, (state, k))
    shapes = {state.name: table for state, table in zip(states, outlines, strict=True)}
    facts = {key: one for state in states for key, one in facts_of(state.layers).items()}
    table: Table = {name: [] for name in ("id", "layer", "type")}
    for name in ("area_m2", "geometry"):
        table[name] = [shapes[state.name][name][k] for state, k in keys.values()]
    for layer, id in keys:
        state, k = keys[(layer, id)]
        table["id"].append(id)
        table["layer"].append(layer)
        table["type"].append(state.zones.kinds[k])
    for name in ("storeys", "homes_in", "people"):
        values = [facts.get(key, {}).get(name, NAN) for key in keys]
        if any(value == value for value in values):
            table[name] = values
    for state in states:
        _columns(table, keys, state, affected)
    if len(states) == 2:
        for name in ("depth_wall", "level_wall", "hazard_wall", "arrival", "affected_m2"):
            before, after = table[f"{name}_base"], table[f"{name}_scenario"]
            table[f"{name}_difference"] = [b - a for a, b in zip(before, after, strict=True)]
    table["geometry"] = table.pop("geometry")
    return table


def _columns(table: Table, keys: Mapping[Key, Any], state: Water, affected: float) -> None:
    """What one state does to the buildings."""
    walls = at_walls(state)
    found = [walls.get(key) for key in keys]
    words = ("not reached", *state.words_uk)
    table[f"depth_wall_{state.name}"] = [one.depth if one else NAN for one in found]
    table[f"level_wall_{state.name}"] = [one.level if one else NAN for one in found]
    table[f"hazard_wall_{state.name}"] = [one.hazard if one else NAN for one in found]
    table[f"class_uk_{state.name}"] = [words[one.class_uk].partition(":")[0] if one else "not there" for one in found]
    table[f"class_au_{state.name}"] = [f"H{one.class_au}" if one and one.class_au else "" for one in found]
    table[f"arrival_{state.name}"] = [one.arrival if one else NAN for one in found]
    table[f"affected_m2_{state.name}"] = [
        NAN if one is None else area if one.depth >= affected else 0.0
        for one, area in zip(found, table["area_m2"], strict=True)
    ]


def facts_of(layers: Sequence[Layer]) -> dict[Key, dict[str, float]]:
    """What attributes say of each building, or of its parts together: storeys, homes_in and people; NaN for unknown."""
    found: dict[Key, dict[str, float]] = {}
    for layer in layers:
        if layer.kind != "city":
            continue
        objects = layer.data.objects
        root = _roots(objects.parent)
        for row, attributes in enumerate(objects.attributes):
            if not attributes or objects.is_surface[row]:
                continue
            own = root[row] == row
            mine = found.setdefault((layer.id, str(objects.ids[int(root[row])])), {})
            for name, value in _said(attributes).items():
                if own:  # a building's own word counts before its parts'
                    mine[name] = value
                    mine[f"own {name}"] = 1.0
                elif f"own {name}" not in mine:
                    whole = max(mine.get(name, 0.0), value) if name == "storeys" else mine.get(name, 0.0) + value
                    mine[name] = whole
    return found


def _said(attributes: Mapping[str, Any]) -> dict[str, float]:
    homes, storeys, people = homes_of(attributes), _number(attributes)[0], _people(attributes)
    found = {"homes_in": homes.number} if homes.source else {}
    found |= {"storeys": float(storeys)} if storeys else {}
    return found | ({"people": people} if people == people else {})


def _people(attributes: Mapping[str, Any]) -> float:
    known = [(PEOPLE.index(_bare(name)), value) for name, value in _plain(attributes) if _bare(name) in PEOPLE]
    for _, value in sorted(known, key=lambda one: one[0]):
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if not isinstance(value, bool) and math.isfinite(number) and 0 <= number <= MOST:
            return number
    return NAN
