"""The ground of the sample city: a plain, a river bend with banks, and a hill at one corner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]

SIZE = 1000.0
ORIGIN = np.array([548000.0, 5530000.0])
CRS = "EPSG:25832+7837"
WATER_LEVEL = 178.0
WATER_HALF = 28.0
_BED, _PLAIN = 175.2, 181.9
_WAVE, _BEND, _MID = 2 * np.pi / 950.0, 55.0, 215.0
HILL_TOP = (955.0, 950.0)


def river(x: F8) -> F8:
    """Northing of the river's centre line at easting ``x`` (local metres)."""
    y: F8 = _MID + _BEND * np.sin(_WAVE * (x - 80.0))
    return y


def river_slope(x: F8) -> F8:
    """Slope dy/dx of the river's centre line."""
    slope: F8 = _BEND * _WAVE * np.cos(_WAVE * (x - 80.0))
    return slope


def river_distance(x: F8, y: F8) -> F8:
    """Distance to the river's centre line, metres, exact to first order in its curvature."""
    distance: F8 = np.abs(y - river(x)) / np.sqrt(1.0 + river_slope(x) ** 2)
    return distance


def _smooth(t: F8) -> F8:
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


class Terrain:
    """Height of the ground at any place; the waves of the plain come from the seed."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 1])
        self._waves = [
            (rng.uniform(0.008, 0.02), rng.uniform(0.008, 0.02), rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.35))
            for _ in range(5)
        ]

    def height(self, x: F8, y: F8) -> F8:
        """Ground height, metres above the datum, at local ``x``, ``y`` (any shape); the river bed under water."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        d = river_distance(x, y)
        plain = _PLAIN + 5.0 * _smooth((d - 40.0) / 700.0)
        for kx, ky, phase, amplitude in self._waves:
            plain = plain + amplitude * np.sin(kx * x + ky * y + phase) * _smooth((d - 40.0) / 120.0)
        z: F8 = _BED + (plain + self.hill(x, y) - _BED) * _smooth((d - 17.0) / 23.0)
        return z

    @staticmethod
    def hill(x: F8, y: F8) -> F8:
        """How far the hill lifts the ground above the plain, metres."""
        hx, hy = (x - HILL_TOP[0]) / 165.0, (y - HILL_TOP[1]) / 150.0
        lift: F8 = 46.0 * np.exp(-0.5 * (hx * hx + hy * hy + 0.5 * hx * hy))
        return lift

    def drape(self, xy: F8, lift: float) -> F8:
        """Points (n, 2) as (n, 3) on the ground, ``lift`` metres above it."""
        return np.column_stack([xy, self.height(xy[:, 0], xy[:, 1]) + lift])

    def raster(self, cell: float) -> NDArray[np.float32]:
        """(ny, nx) heights at cell centres, row 0 in the north."""
        centres = np.arange(cell / 2, SIZE, cell)
        x, y = np.meshgrid(centres, centres[::-1])
        return self.height(x, y).astype(np.float32)
