"""Places to look from: along a path every so many metres, and over an area on a grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError

F8 = NDArray[np.float64]

MOST = 100_000
"""Places at the most."""


def along(line: Any, spacing: float) -> F8:
    """(n, 2) evenly spaced places on a line, its ends among them, ``spacing`` metres apart at the most."""
    import shapely

    length = float(line.length)
    if length <= 0.0:
        return np.asarray(shapely.get_coordinates(line)[:1], dtype=np.float64)
    parts = max(1, math.ceil(length / spacing - 1e-9))
    check_count(parts + 1, spacing)
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0.0, length, parts + 1)))
    )


def within(area: Any, spacing: float) -> F8:
    """(n, 2) places of a grid inside a polygon, ``spacing`` metres apart; one inside it where it is smaller."""
    import shapely

    left, low, right, high = area.bounds
    check_count((right - left) * (high - low) / spacing**2, spacing)
    columns, rows = (max(1, round((far - near) / spacing)) for near, far in ((left, right), (low, high)))
    x = (left + right) / 2 + (np.arange(columns) - (columns - 1) / 2) * spacing
    y = (low + high) / 2 - (np.arange(rows) - (rows - 1) / 2) * spacing
    places = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    shapely.prepare(area)
    inside = places[shapely.contains_xy(area, places[:, 0], places[:, 1])]
    return inside if len(inside) else np.asarray(shapely.get_coordinates(area.representative_point()))


def check_count(count: float, spacing: float) -> None:
    """Refuse more places than anybody waits for."""
    if count > MOST:
        raise ParameterError(
            f"places every {spacing:g} m would be {count:,.0f}, more than {MOST:,}; set them farther apart"
        )
