"""The table of a protected view: each building's room below the threshold, as it is and as proposed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from citymodel.analysis.vista.corridor import PARTS, Corridor
from citymodel.analysis.vista.masses import Key, Masses, Worst

CLEAR, TOUCHES, PENETRATES, NOT_THERE = "clear", "touches", "penetrates", "not there"
Found = Mapping[tuple[Key, int], Worst]


def verdict(room: float, error: float) -> str:
    """In a word; within the error of heights a building touches the threshold, and nobody knows on which side."""
    if math.isnan(room):
        return NOT_THERE
    return CLEAR if room > error else PENETRATES if room < -error else TOUCHES


def clearance_table(
    states: Sequence[tuple[Masses, Found]], touched: set[Key], corridor: Corridor, error: float
) -> dict[str, list[Any]]:
    """A row for each object and part it reaches into: the least room in the later state first, what is gone last.

    states : of the base, and of the scenario where there is one
    """
    names = ("base", "scenario")[: len(states)]
    keys = sorted({key for _, found in states for key in found})
    rows = []
    for key in keys:
        mine = [found.get(key) for _, found in states]
        rooms = [math.nan if one is None else one.room for one in mine]
        last = next(one for one in reversed(mine) if one is not None)
        at = len(mine) - 1 - next(k for k, one in enumerate(reversed(mine)) if one is not None)
        x, y = corridor.world(last.along, last.aside)
        row: dict[str, Any] = {"id": key[0][1], "layer": key[0][0], "type": "", "part": PARTS[key[1]]}
        row |= {f"verdict_view_{name}": verdict(room, error) for name, room in zip(names, rooms, strict=True)}
        row |= {f"clearance_{name}": room for name, room in zip(names, rooms, strict=True)}
        if len(states) == 2:
            row["clearance_difference"] = rooms[1] - rooms[0]
            row["change"] = _change(key, states, touched)
        row |= {
            "x": float(x), "y": float(y), "z": last.z, "distance_m": last.along, "threshold_m": last.allowed,
        }  # fmt: skip
        rows.append((row, key[0], at, rooms[at]))
    rows.sort(key=lambda one: (-one[2], one[3]))
    kinds = {one: kind for masses, _ in states for one, kind in zip(masses.keys, masses.kinds, strict=True)}
    shapes = [outlines(masses, {owner for _, owner, at, _ in rows if at == k}) for k, (masses, _) in enumerate(states)]
    for row, owner, at, _ in rows:
        row |= {"type": kinds[owner], "geometry": shapes[at][owner]}
    return {name: [row[name] for row, *_ in rows] for name in rows[0][0]} if rows else {}


def _change(key: tuple[Key, int], states: Sequence[tuple[Masses, Found]], touched: set[Key]) -> str:
    """What the scenario does to an object, in a word; "" for nothing."""
    (_, before), (_, after) = states
    if key[0] not in touched:
        return ""
    if key not in before:
        return "added"
    if key not in after:
        return "removed"
    return "raised" if after[key].room < before[key].room else "lowered"


def outlines(masses: Masses, chosen: set[Key]) -> dict[Key, str]:
    """WKT of the ground that each of these objects covers."""
    import shapely

    order = np.argsort(masses.owner, kind="stable")
    owner = masses.owner[order]
    found = {}
    for number, key in enumerate(masses.keys):
        rows = order[np.searchsorted(owner, number) : np.searchsorted(owner, number, side="right")]
        if key not in chosen or not len(rows):
            continue
        flat = np.asarray(shapely.polygons(masses.corners[rows][..., :2]))
        flat = flat[shapely.area(flat) > 1e-6]
        shape = shapely.union_all(shapely.make_valid(flat), grid_size=1e-4)
        found[key] = str(shape.wkt)
    return found


def counted(table: Mapping[str, Sequence[Any]], state: str, part: str | None = None) -> tuple[int, float, str]:
    """How many objects penetrate in a state, the largest penetration in metres, and whose it is."""
    column = table.get(f"verdict_view_{state}", ())
    rows = [k for k, one in enumerate(column) if one == PENETRATES and part in (None, table["part"][k])]
    if not rows:
        return 0, 0.0, ""
    room = table[f"clearance_{state}"]
    worst = min(rows, key=lambda k: room[k])
    return len({(table["layer"][k], table["id"][k]) for k in rows}), -float(room[worst]), str(table["id"][worst])
