"""Trees of the sample city: along streets, in parks, yards and gardens, and in the wood on the hill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from citymodel.sample.buildings import Building
from citymodel.sample.landmarks import Bridge
from citymodel.sample.plan import Block, Plan
from citymodel.sample.shapes import Face
from citymodel.sample.terrain import F8, SIZE, Terrain, river, river_distance, river_slope

SPECIES = (
    "Tilia cordata",
    "Acer platanoides",
    "Aesculus hippocastanum",
    "Quercus robur",
    "Fagus sylvatica",
    "Salix alba",
)


@dataclass(frozen=True, slots=True)
class Trees:
    """Columns of n trees: foot (n, 3), height, crown radius and clear trunk in metres, species code."""

    foot: F8
    height: F8
    radius: F8
    trunk: F8
    species: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.height)


_PER_100_M2 = {
    "wood": 1.7, "park": 0.5, "green": 0.45, "church": 0.0, "hall": 0.0, "square": 0.0, "perimeter": 0.5,
    "villas": 0.34, "rows": 0.36, "slabs": 0.30, "offices": 0.1, "school": 0.2, "works": 0.05, "site": 0.05,
}  # fmt: skip


def _along(plan: Plan, rng: np.random.Generator) -> list[F8]:
    found = []
    for street in plan.streets:
        if street.trees <= 0:
            continue
        for edge, out in ((street.left, 1.4), (street.right, -1.4)):
            steps = np.hypot(*np.diff(edge, axis=0).T)
            at = np.arange(rng.uniform(3, 8), steps.sum() - 3, street.trees)
            run = np.concatenate([[0.0], np.cumsum(steps)])
            points = np.column_stack([np.interp(at, run, edge[:, k]) for k in (0, 1)])
            middle = (street.left + street.right) / 2
            axis = np.column_stack([np.interp(at, run, middle[:, k]) for k in (0, 1)])
            away = (points - axis) / np.linalg.norm(points - axis, axis=1)[:, None]
            found.append(points + away * abs(out) + rng.normal(0, 0.25, points.shape))
    return found


def _banks(rng: np.random.Generator) -> F8:
    """Willows on both banks, in loose groups."""
    x = rng.uniform(5, SIZE - 5, 190)
    x = x[np.sin(x * 0.045) + 0.6 * np.sin(x * 0.013 + 1) > rng.uniform(-0.9, 0.6, len(x))]
    side = rng.choice([-1.0, 1.0], len(x))
    slope = river_slope(x)
    across = np.column_stack([-slope, np.ones_like(x)]) / np.sqrt(1 + slope**2)[:, None]
    points: F8 = np.column_stack([x, river(x)]) + across * (side * rng.uniform(33, 39, len(x)))[:, None]
    return points


def _inside(block: Block, rng: np.random.Generator) -> F8:
    """Trees spread over a block by best candidates, so that they keep a distance."""
    c = block.corners
    if block.kind in ("square", "church", "hall"):
        return _edge_rows(c, rng)
    area = float(shapely.Polygon(c).area)
    count = int(area / 100.0 * _PER_100_M2.get(block.kind, 0.0))
    u, v = rng.uniform(0.04, 0.96, (2, count * 2))
    points = (1 - v)[:, None] * (np.outer(1 - u, c[0]) + np.outer(u, c[1])) + v[:, None] * (
        np.outer(1 - u, c[3]) + np.outer(u, c[2])
    )
    if block.kind in ("park", "green"):
        points = points[np.hypot(*(points - block.centre).T) > 17.0]
    chosen: F8 = points[:count]
    return chosen


def _edge_rows(c: F8, rng: np.random.Generator) -> F8:
    """A row of trees along each side of a square, a few metres within."""
    inner = c + (c.mean(axis=0) - c) * 0.13
    rows = [a + (b - a) * np.arange(0.0, 0.97, 8.5 / np.hypot(*(b - a)))[:, None]
            for a, b in zip(inner, np.roll(inner, -1, axis=0), strict=True)]  # fmt: skip
    points: F8 = np.vstack(rows) + rng.normal(0.0, 0.2, (sum(map(len, rows)), 2))
    return points


def _spread(points: F8, gap: F8) -> NDArray[np.bool_]:
    """Which points stay when each needs ``gap`` metres to those kept before it."""
    from scipy.spatial import cKDTree

    keep = np.ones(len(points), dtype=bool)
    for a, b in sorted(cKDTree(points).query_pairs(float(gap.max()))):
        if keep[a] and keep[b] and np.hypot(*(points[a] - points[b])) < gap[b]:
            keep[b] = False
    return keep


def plant(plan: Plan, terrain: Terrain, buildings: list[Building], bridges: list[Bridge], seed: int) -> Trees:
    """All trees, none in a house, on a carriageway, on a bridge or in the river."""
    rng = np.random.default_rng([seed, 5])
    street = np.vstack(_along(plan, rng))
    bank = _banks(rng)
    yards = [_inside(b, rng) for b in plan.blocks]
    wooded = np.concatenate(
        [np.full(len(y), b.kind in ("wood", "park", "green")) for y, b in zip(yards, plan.blocks, strict=True)]
    )
    xy = np.vstack([street, bank, *yards])
    n, first = len(xy), len(street) + len(bank)
    height = rng.uniform(6.5, 12.5, n)
    height[: len(street)] = rng.normal(10.5, 1.0, len(street))
    height[first:][wooded] = rng.normal(17.0, 3.0, int(wooded.sum())).clip(9, 25)
    radius = height * rng.uniform(0.2, 0.29, n)
    species = rng.integers(0, 5, n)
    species[len(street) : first] = 5
    gap = np.where(np.arange(n) < first, 5.0, radius * 1.5)
    solid = [shapely.Polygon(p.footprint) for b in buildings for p in b.parts] + [
        shapely.Polygon(b.deck).buffer(2.0) for b in bridges
    ]
    roads = [shapely.Polygon(np.vstack([s.left, s.right[::-1]])).buffer(0.5) for s in plan.streets]
    spots = shapely.points(xy)
    near_house = shapely.STRtree(solid).query(shapely.buffer(spots, radius * 0.75 + 0.6), predicate="intersects")[0]
    on_road = shapely.STRtree(roads).query(spots, predicate="intersects")[0]
    keep = _spread(xy, gap) & (river_distance(xy[:, 0], xy[:, 1]) > 32.0) & ((xy > 3) & (xy < SIZE - 3)).all(axis=1)
    keep[near_house] = False
    keep[on_road] = False
    foot = np.round(terrain.drape(xy[keep], 0.0), 3)
    h = height[keep].clip(5, 26)
    return Trees(foot, h, radius[keep], h * rng.uniform(0.2, 0.3, len(h)), species[keep])


def tree_faces(foot: F8, height: float, radius: float, trunk: float, turn: float) -> list[Face]:
    """A three-sided trunk and a crown of three six-sided tiers."""
    t = turn + np.arange(6) * np.pi / 3
    ring = np.column_stack([np.cos(t), np.sin(t), np.zeros(6)])
    up = np.array([0.0, 0.0, 1.0])
    crown = height - trunk
    stem = foot + ring[::2] * max(0.12, radius * 0.09)
    low, high = trunk + crown * 0.22, trunk + crown * 0.68
    wide, narrow = foot + ring * radius + up * low, foot + ring * radius * 0.72 + up * high
    bottom, tip = foot + up * trunk, foot + up * height
    faces = [
        ("Trunk", [stem[i], stem[(i + 1) % 3], stem[(i + 1) % 3] + up * low, stem[i] + up * low]) for i in range(3)
    ]
    for i in range(6):
        j = (i + 1) % 6
        faces += [
            ("Crown", [bottom, wide[j], wide[i]]),
            ("Crown", [wide[i], wide[j], narrow[j], narrow[i]]),
            ("Crown", [narrow[i], narrow[j], tip]),
        ]
    return [Face(kind, np.array(points)) for kind, points in faces]
