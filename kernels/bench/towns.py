"""What the measurements run on: seeded surfaces, trees, and the suns of a day."""

from __future__ import annotations

import numpy as np

SEED = 20


def town(size: int) -> np.ndarray:
    """A seeded surface of blocks on sloping ground, (size, size) float32 metres at 1 m."""
    rng = np.random.default_rng(SEED)
    z = np.add.outer(np.linspace(0, 30, size), np.linspace(0, 10, size))
    blocks = size * size // 1500
    corners, extents = rng.integers(0, size, (2, blocks)), rng.integers(6, 40, (3, blocks))
    for r, c, h, w, up in zip(*corners, *extents, strict=True):
        z[r : r + h, c : c + w] = z[r, c] + up * 0.8
    return z.astype(np.float32)


def wood(surface: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tops and undersides of crowns on a tenth of the surface, (rows, cols) float32 metres, NaN where none stands."""
    rng = np.random.default_rng(SEED)
    top, base = np.full(surface.shape, np.nan, np.float32), np.full(surface.shape, np.nan, np.float32)
    trees = surface.size // 500
    for r, c, wide in zip(*rng.integers(0, surface.shape[0], (2, trees)), rng.integers(4, 11, trees), strict=True):
        part = slice(r, r + wide), slice(c, c + wide)
        base[part], top[part] = surface[r, c] + 3, surface[r, c] + 4 + wide
    return top, base


def day(positions: int) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth and altitude of a summer's day from sunrise to sunset, degrees."""
    t = np.linspace(-1, 1, positions + 2)[1:-1]
    return 180 + 125 * t, 62 * np.cos(t * np.pi / 2)
