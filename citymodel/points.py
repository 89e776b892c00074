"""PointCloud: the columns of a LiDAR file, coordinates exact."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.report import Report

_revisions = itertools.count(1)


@dataclass(frozen=True, eq=False, slots=True)
class PointCloud:
    """Points in their own CRS.

    xyz : (n, 3) int32; metres (or the CRS's unit) are ``xyz * scale + offset``, exact, 12 B a point
    scale, offset : (3,) float64
    columns : name → (n,) or (n, k) array; ``classification`` uint8, ``intensity`` uint16,
    ``return_number``, ``number_of_returns`` uint8, ``rgb`` (n, 3) uint16, extra dimensions by name
    """

    xyz: NDArray[np.int32]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    columns: Mapping[str, NDArray[Any]]
    crs: str | None = None
    format: str = "LAS"
    version: str = ""
    point_format: int = -1
    metadata: Mapping[str, Any] = field(default_factory=dict)
    report: Report = field(default_factory=Report)
    revision: int = field(default_factory=lambda: next(_revisions))

    def __len__(self) -> int:
        return len(self.xyz)

    def coordinates(self, rows: Any = slice(None)) -> NDArray[np.float64]:
        """(m, 3) float64 coordinates of the chosen rows."""
        return np.asarray(self.xyz[rows] * self.scale + self.offset, dtype=np.float64)

    def bounds(self) -> tuple[float, ...] | None:
        """(xmin, ymin, zmin, xmax, ymax, zmax), None for no points."""
        if not len(self.xyz):
            return None
        low = self.xyz.min(axis=0) * self.scale + self.offset
        high = self.xyz.max(axis=0) * self.scale + self.offset
        return (*map(float, low), *map(float, high))
