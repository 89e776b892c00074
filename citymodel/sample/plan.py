"""The plan of the sample city: streets that follow the river, and the blocks between them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from citymodel.sample.terrain import F8, HILL_TOP, SIZE, Terrain, river

BRIDGE_X = 452.0
FOOTBRIDGE_X = 812.0
AVENUE = 22.0
_NORTH_DEPTHS = (78.0, 92.0, 86.0, 74.0, 100.0, 82.0, 92.0, 84.0)
_NORTH_WIDTHS = (20.0, 11.0, 14.0, 12.0, 26.0, 13.0, 12.0, 14.0, 12.0)
_NORTH_NAMES = (
    "Uferstraße", "Fischergasse", "Marktstraße", "Gerbergasse", "Ringallee",
    "Schulstraße", "Gartenweg", "Obere Straße", "Waldrand",
)  # fmt: skip
_CROSS_NAMES = (
    "Mühlgasse", "Kirchgasse", "Salzgasse", "Lindenstraße", "Webergasse", "Postgasse", "Brunnengasse", "Rosenweg",
    "Töpfergasse", "Ahornweg", "Steinweg", "Amselweg", "Turmgasse", "Hopfenweg", "Kastanienweg", "Apothekergasse",
)  # fmt: skip


class Street(NamedTuple):
    """A street: its name, its carriageway's left and right edge as (n, 2) points, and its trees' spacing."""

    name: str
    left: F8
    right: F8
    width: float
    trees: float


@dataclass(frozen=True, slots=True)
class Block:
    """A block: four corners (4, 2) counter-clockwise from the south-west, what it holds, its streets' names."""

    corners: F8
    kind: str
    strip: int
    streets: tuple[str, str, str, str]

    @property
    def centre(self) -> F8:
        middle: F8 = self.corners.mean(axis=0)
        return middle


@dataclass(frozen=True, slots=True)
class Plan:
    streets: tuple[Street, ...]
    blocks: tuple[Block, ...]


class _Line(NamedTuple):
    """A street along the river: y = base + weight · river(x), and its full width."""

    base: float
    weight: float
    width: float
    name: str
    trees: float

    def y(self, x: F8 | float, side: float = 0.0) -> F8:
        at: F8 = self.base + self.weight * river(np.asarray(x, dtype=np.float64)) + side * self.width / 2
        return at


class _Cross(NamedTuple):
    low: float
    high: float
    width: float
    name: str


def _lines() -> tuple[list[_Line], list[_Line]]:
    """Streets along the river, from the quay outwards: north bank, south bank."""
    total = sum(_NORTH_DEPTHS)
    top, north, done = SIZE - 8.0, [], 0.0
    for k, (width, name) in enumerate(zip(_NORTH_WIDTHS, _NORTH_NAMES, strict=True)):
        f = done / total
        trees = {0: 9.0, 4: 8.5}.get(k, 0.0)
        north.append(_Line(f * top + (1 - f) * 54.0, 1 - f, width, name, trees))
        done += _NORTH_DEPTHS[k] if k < len(_NORTH_DEPTHS) else 0.0
    south = [
        _Line(-52.0, 1.0, 16.0, "Südufer", 10.0),
        _Line(-22.0, 0.5, 11.0, "Weidenweg", 14.0),
        _Line(7.0, 0.0, 10.0, "Feldstraße", 0.0),
    ]
    return north, south


def _crossings(rng: np.random.Generator, block: float, avenue: bool, lean: float, quiet: bool) -> list[_Cross]:
    """Cross streets of one strip from west to east, of its own rhythm, the avenue always among them."""
    names = list(rng.permutation(_CROSS_NAMES))
    fixed = [(6.0, 10.0, "Westring"), (SIZE - 6.0, 10.0, "Ostring")]
    if avenue:
        fixed.insert(1, (BRIDGE_X, AVENUE, "Brückenallee"))
    found = [_Cross(fixed[0][0], fixed[0][0], fixed[0][1], fixed[0][2])]
    for (a, _, _), (b, width, name) in itertools.pairwise(fixed):
        parts = max(1, round((b - a) / block))
        shares = rng.uniform(0.78, 1.25, parts)
        for at in a + (b - a) * np.cumsum(shares / shares.sum())[:-1]:
            tilt = lean + rng.normal(0.0, 4.0)
            street, name = float(rng.choice([8.0, 9.0, 10.0, 12.0, 14.0])), str(names.pop())
            if quiet and at > 740:
                street, name = 6.0, "Waldweg"
            found.append(_Cross(at - tilt, at + tilt, street, name))
        found.append(_Cross(b, b, width, name))
    return found


def _ribbon(line: _Line) -> Street:
    x = np.linspace(0.0, SIZE, 101)
    half = line.width / 2 - (3.6 if line.width > 15 else 1.8)
    middle = np.column_stack([x, line.y(x)])
    across = np.column_stack([-np.gradient(middle[:, 1], x), np.ones_like(x)])
    across /= np.linalg.norm(across, axis=1)[:, None]
    left, right = middle + half * across, middle - half * across
    for edge in (left, right):
        np.clip(edge, 0.0, SIZE, out=edge)
    return Street(line.name, left, right, line.width, line.trees)


def _cross_street(low: _Line, high: _Line, cross: _Cross) -> Street:
    half = cross.width / 2 - (3.4 if cross.width > 15 else 1.5)
    edges = []
    for side in (-half, half):
        inset_low = low.width / 2 - (3.6 if low.width > 15 else 1.8)
        inset_high = high.width / 2 - (3.6 if high.width > 15 else 1.8)
        p = np.array([cross.low + side, float(low.y(cross.low + side)) + inset_low])
        q = np.array([cross.high + side, float(high.y(cross.high + side)) - inset_high])
        steps = max(2, int(np.hypot(*(q - p)) / 11.0) + 1)
        edges.append(p + (q - p) * np.linspace(0.0, 1.0, steps)[:, None])
    count = min(len(e) for e in edges)
    left, right = (e[0] + (e[-1] - e[0]) * np.linspace(0.0, 1.0, count)[:, None] for e in edges)
    return Street(cross.name, left, right, cross.width, 9.0 if cross.width > 15 else 0.0)


def _corners(low: _Line, high: _Line, west: _Cross, east: _Cross) -> F8:
    points = []
    for cross, line, side, at in ((west, low, 1, "low"), (east, low, -1, "low"), (east, high, -1, "high"),
                                  (west, high, 1, "high")):  # fmt: skip
        x = getattr(cross, at) + side * cross.width / 2
        points.append((x, float(line.y(x, 1.0 if line is low else -1.0))))
    return np.array(points)


def _kind(rng: np.random.Generator, strip: int, centre: F8, rise: float) -> str:
    """What a block holds, by where it lies; ``rise`` is how far the hill lifts it above the plain, metres."""
    x, y = centre
    if rise > 15.0 or np.hypot(x - HILL_TOP[0], y - HILL_TOP[1]) < 120:
        return "wood"
    if rise > 3.0 or strip < 0:
        return "rows" if strip == -1 and rng.random() < 0.75 else "villas"
    if x > 720 and strip in (0, 1):
        return "offices"
    if x < 330 and strip >= 6:
        return "slabs"
    if x < 150 and strip in (3, 4, 5):
        return "works"
    if strip >= 6:
        return "rows" if rng.random() < 0.6 else "villas"
    return "perimeter"


_SPECIAL = {
    "square": (1, (400.0, 390.0)),
    "church": (2, (330.0, 480.0)),
    "hall": (2, (520.0, 470.0)),
    "park": (4, (640.0, 690.0)),
    "park2": (4, (730.0, 690.0)),
    "school": (5, (500.0, 780.0)),
    "site": (0, (690.0, 270.0)),
    "green": (3, (220.0, 560.0)),
}


def make_plan(seed: int, terrain: Terrain) -> Plan:
    """Streets and blocks of the city for a seed."""
    rng = np.random.default_rng([seed, 2])
    north, south = _lines()
    strips = [(k, north[k], north[k + 1]) for k in range(len(north) - 1)]
    strips += [(-1, south[1], south[0]), (-2, south[2], south[1])]
    streets = [_ribbon(line) for line in north + south]
    found: list[tuple[int, F8, tuple[str, str, str, str]]] = []
    for k, low, high in strips:
        span = 78.0 if k in (1, 2, 3) else 96.0
        crosses = _crossings(rng, span, -1 <= k <= 4, float(rng.normal(0, 5)), k >= 6)
        streets += [_cross_street(low, high, cross) for cross in crosses]
        for west, east in itertools.pairwise(crosses):
            found.append((k, _corners(low, high, west, east), (low.name, east.name, high.name, west.name)))
    kinds = [_kind(rng, k, c.mean(axis=0), _rise(terrain, c.mean(axis=0))) for k, c, _ in found]
    for kind, (strip, at) in _SPECIAL.items():
        taken = [i for i, (k, _, _) in enumerate(found) if k == strip and kinds[i] not in _SPECIAL]
        best = min(taken, key=lambda i: float(np.hypot(*(found[i][1].mean(axis=0) - at))))
        kinds[best] = kind
    kinds = ["park" if kind == "park2" else kind for kind in kinds]
    blocks = tuple(Block(c, kind, k, names) for (k, c, names), kind in zip(found, kinds, strict=True))
    for block in blocks:
        if block.kind in ("park", "green"):
            streets += _paths(block.corners)
    return Plan(tuple(streets), blocks)


def _paths(c: F8) -> list[Street]:
    """Two footpaths across a park, swung a little so that they do not look ruled."""
    found = []
    for a, b, swing in ((c[0], c[2], 7.0), (c[1], c[3], -6.0)):
        t = np.linspace(0.02, 0.98, 15)[:, None]
        along = (b - a) / np.hypot(*(b - a))
        across = np.array([-along[1], along[0]])
        middle = a + (b - a) * t + across * swing * np.sin(2 * np.pi * t)
        found.append(Street("Parkweg", middle + across * 1.5, middle - across * 1.5, 3.0, 0.0))
    return found


def _rise(terrain: Terrain, at: F8) -> float:
    return float(terrain.hill(np.array([at[0]]), np.array([at[1]]))[0])
