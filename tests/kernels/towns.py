"""Surfaces and suns that the kernel tests share."""

from __future__ import annotations

import math

import numpy as np

from kernels.shadow import Canopy

SUNS = [(180.0, 45.0), (135.0, 30.0), (160.0, 20.0), (247.3, 12.0), (101.7, 35.0), (12.5, 50.0), (315.0, 8.0)]

SIDE = 160.0


def box(cell: float) -> np.ndarray:
    """A box of 40 × 30 m and 20 m height on a plane."""
    n = round(300 / cell)
    y, x = np.mgrid[0:n, 0:n]
    inside = (abs((x + 0.5) * cell - 150) < 20) & (abs((y + 0.5) * cell - 150) < 15)
    return np.where(inside, 20, 0).astype(np.float32)


def town(rows: int, cols: int, seed: int = 7) -> np.ndarray:
    """Blocks on sloping ground; heights in 1/1024 m, below 128 m."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols]
    z = 20 + 0.03 * x + 0.02 * y + 0.5 * np.sin(x / 17) * np.cos(y / 23)
    for _ in range(rows * cols // 900):
        r, c, h, w = rng.integers(0, rows), rng.integers(0, cols), *rng.integers(4, 20, 2)
        z[r : r + h, c : c + w] = 25 + rng.random() * 60
    return (np.round(z * 1024) / 1024).astype(np.float32)


def day(positions: int) -> list[tuple[float, float]]:
    """Azimuth and altitude of a made-up day from east to west."""
    t = np.linspace(-0.9, 0.9, positions)
    return [(180 + 110 * float(x), 50 * float(np.cos(x * np.pi / 2))) for x in t]


def houses(count: int = 28, seed: int = 11) -> np.ndarray:
    """Turned houses, two in five with a gable, on sloping ground: (t, 3, 3) float64 corners."""
    rng = np.random.default_rng(seed)
    faces = [
        [[-1e3, -1e3, -60.0], [2e3, -1e3, 0.0], [2e3, 2e3, 60.0]],
        [[-1e3, -1e3, -60.0], [2e3, 2e3, 60.0], [-1e3, 2e3, 0.0]],
    ]
    for _ in range(count):
        turn, (length, width) = rng.random() * math.pi, rng.uniform(8, 24, 2)
        centre, eaves = rng.uniform(10, SIDE - 10, 2), rng.uniform(5, 25)
        ahead = np.array([math.cos(turn), math.sin(turn)])
        aside = np.array([-ahead[1], ahead[0]])
        ground = 0.02 * (centre.sum() - 2e3) - 3
        top = ground + 3 + eaves
        ring = [
            centre + i * ahead * length / 2 + j * aside * width / 2 for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        low, high = [[*p, ground] for p in ring], [[*p, top] for p in ring]
        for i in range(4):
            k = (i + 1) % 4
            faces += [[low[i], low[k], high[k]], [low[i], high[k], high[i]]]
        if rng.random() < 0.4:
            ridge = top + width / 2 * math.tan(math.radians(35))
            a, b = ([*(centre + s * ahead * length / 2), ridge] for s in (-1, 1))
            faces += [[high[0], high[1], b], [high[0], b, a], [high[2], high[3], a], [high[2], a, b]]
            faces += [[high[3], high[0], a], [high[1], high[2], b]]
        else:
            faces += [[high[0], high[1], high[2]], [high[0], high[2], high[3]]]
    return np.array(faces)


def forest(rows: int, cols: int, dsm: np.ndarray, seed: int = 5, trees: int = 60) -> Canopy:
    """Round trees of all sizes on the surface, heights in 1/1024 m."""
    rng = np.random.default_rng(seed)
    top, base = (np.full((rows, cols), np.nan) for _ in range(2))
    y, x = np.indices((rows, cols))
    for _ in range(trees):
        r, c, radius = rng.integers(0, rows), rng.integers(0, cols), rng.uniform(1, 7)
        far = np.hypot(y - r, x - c)
        ground, trunk, height = np.nan_to_num(dsm[r, c]), rng.uniform(0, 5), rng.uniform(2, 15)
        inside = far < radius
        top[inside] = (ground + trunk + height * np.sqrt(np.clip(1 - (far / (radius + 1)) ** 2, 0, 1)))[inside]
        base[inside] = ground + trunk
    return Canopy(*((np.round(h * 1024) / 1024).astype(np.float32) for h in (top, base)), 0.25)
