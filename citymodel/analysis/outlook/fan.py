"""Directions of a view in patches of equal solid angle, and those of a picture's pixels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


class Fan(NamedTuple):
    """A view about a heading: width and height in degrees, about the horizontal."""

    width: float
    tall: float

    @property
    def steradians(self) -> float:
        """The solid angle: width × 2 sin(height / 2), half a sphere being 180° × 180°."""
        return math.radians(self.width) * 2 * math.sin(math.radians(self.tall / 2))

    def directions(self, rays: int) -> F8:
        """(about ``rays``, 3) unit vectors about the north, each in the middle of a patch of one same solid angle.

        Equal steps of azimuth by equal steps of the sine of the pitch (Lambert's cylinder).
        """
        wide, high = math.radians(self.width), 2 * math.sin(math.radians(self.tall / 2))
        columns = max(8, round(math.sqrt(rays * wide / high)))
        rows = 2 * max(2, round(rays / columns / 2))  # even, so that none lies in the horizon itself
        azimuth = wide * ((np.arange(columns) + 0.5) / columns - 0.5)
        rise = high * (0.5 - (np.arange(rows) + 0.5) / rows)
        a, s = (one.ravel() for one in np.meshgrid(azimuth, rise))
        flat = np.sqrt(1.0 - s * s)
        return np.stack([np.sin(a) * flat, np.cos(a) * flat, s], axis=1)


def turned(directions: F8, heading: F8) -> F8:
    """(n, r, 3) directions about the north turned to n headings, radians clockwise."""
    x, y = directions[None, :, 0], directions[None, :, 1]
    sin, cos = np.sin(heading)[:, None], np.cos(heading)[:, None]
    up = np.broadcast_to(directions[None, :, 2], (len(heading), len(directions)))
    return np.stack([x * cos + y * sin, y * cos - x * sin, up], axis=2)


def pixels(width: float, tall: float, rows: int) -> tuple[F8, tuple[int, int]]:
    """(rows · columns, 3) directions about the north through a picture's pixels, and its rows and columns.

    width, tall : degrees from edge to edge, below 180
    """
    high, wide = math.tan(math.radians(tall / 2)), math.tan(math.radians(width / 2))
    columns = round(rows * wide / high)
    x = wide * ((np.arange(columns) + 0.5) / columns * 2 - 1)
    z = high * (1 - (np.arange(rows) + 0.5) / rows * 2)
    xx, zz = (one.ravel() for one in np.meshgrid(x, z))
    found = np.stack([xx, np.ones_like(xx), zz], axis=1)
    return found / np.linalg.norm(found, axis=1)[:, None], (rows, columns)
