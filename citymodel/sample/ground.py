"""What lies on the ground: carriageways, land use and water as polygons draped over the terrain."""

from __future__ import annotations

import itertools

import numpy as np

from citymodel.sample.plan import Block, Street
from citymodel.sample.shapes import rounded
from citymodel.sample.terrain import F8, SIZE, WATER_HALF, WATER_LEVEL, Terrain, river, river_slope

LAND_USE = {
    "church": "churchyard", "perimeter": "residential", "villas": "residential", "rows": "residential",
    "slabs": "residential", "offices": "commercial", "school": "school", "works": "industrial", "site": "building site",
}  # fmt: skip
PLANTED = {"wood": ("wood", 17.0), "park": ("park", 0.1), "green": ("park", 0.1)}
SQUARES = {"square": "Marktplatz", "hall": "Rathausplatz"}


def _triangles(rows: list[F8]) -> list[F8]:
    """Triangles between rows of 3-D points of equal length."""
    found: list[F8] = []
    for low, high in itertools.pairwise(rows):
        for i in range(len(low) - 1):
            found += [np.array([low[i], low[i + 1], high[i + 1]]), np.array([low[i], high[i + 1], high[i]])]
    return found


def street_surface(street: Street, terrain: Terrain) -> list[F8]:
    """The carriageway as triangles (3, 3), a hand's breadth above the terrain; a footpath over the lawn it crosses."""
    lift = 0.12 if street.width > 4.0 else 0.22
    left, right = terrain.drape(street.left, lift), terrain.drape(street.right, lift)
    triangles = _triangles([np.round(right, 3), np.round(left, 3)])
    return [_upward(t) for t in triangles]


def block_surface(block: Block, terrain: Terrain) -> list[F8]:
    """The block's ground as triangles (3, 3), just above the terrain; finer where it is green."""
    step = 8.0 if block.kind in PLANTED else 13.0
    c = block.corners
    nx = max(2, int(np.hypot(*(c[1] - c[0])) / step))
    ny = max(2, int(np.hypot(*(c[3] - c[0])) / step))
    u = np.linspace(0.0, 1.0, nx + 1)[:, None]
    rows = []
    for v in np.linspace(0.0, 1.0, ny + 1):
        a, b = c[0] + (c[3] - c[0]) * v, c[1] + (c[2] - c[1]) * v
        rows.append(np.round(terrain.drape(a + (b - a) * u, 0.06), 3))
    return [_upward(t) for t in _triangles(rows)]


def bank_surface(side: float, terrain: Terrain) -> list[F8]:
    """The meadow on one bank (1 north, −1 south) as triangles, from the water's edge to the quay street."""
    x = np.linspace(0.0, SIZE, 64)
    slope = river_slope(x)
    across = np.column_stack([-slope, np.ones_like(x)]) / np.sqrt(1 + slope**2)[:, None]
    rows = []
    for d in np.arange(29.0, 42.1, 1.9):
        points = np.clip(np.column_stack([x, river(x)]) + across * side * d, 0.0, SIZE)
        rows.append(rounded(terrain.drape(points, 0.06)))
    return [_upward(t) for t in _triangles(rows)]


def _upward(triangle: F8) -> F8:
    a, b = triangle[1] - triangle[0], triangle[2] - triangle[0]
    return triangle if a[0] * b[1] - a[1] * b[0] > 0 else triangle[::-1].copy()


def water_surface() -> F8:
    """The river's surface as one level ring (n, 3)."""
    x = np.linspace(0.0, SIZE, 126)
    slope = river_slope(x)
    across = WATER_HALF * np.sqrt(1 + slope**2)
    south = np.column_stack([x, river(x) - across, np.full_like(x, WATER_LEVEL)])
    north = np.column_stack([x, river(x) + across, np.full_like(x, WATER_LEVEL)])[::-1]
    return rounded(np.vstack([south, north]))
