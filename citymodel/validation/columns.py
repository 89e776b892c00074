"""A model of a surface raster to compare with: every cell a column with a flat top."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from kernels.cpu import GUARD
from kernels.shadow import compass


def column_shade(dsm: NDArray[np.float32], cell: float, azimuth: float, altitude: float) -> NDArray[np.bool_]:
    """Shade when every cell is a column with a flat top: all cells that the ray crosses, at its lower end there."""
    east, north = compass(azimuth)
    slope = math.tan(math.radians(altitude)) * cell
    farthest = _reach(dsm, slope)
    crossings: list[NDArray[Any]] = [np.zeros(1)]
    for part in (abs(east), abs(north)):
        if part > 1e-12:
            crossings.append((np.arange(math.ceil(farthest * part) + 1) + 0.5) / part)
    enter = np.sort(np.concatenate(crossings))
    middle = (enter[1:] + enter[:-1]) / 2
    kept = np.diff(enter) > 1e-9
    rows, cols = -np.rint(middle * north).astype(np.int64)[kept], np.rint(middle * east).astype(np.int64)[kept]
    return _shifted(dsm, rows[1:], cols[1:], (enter[:-1] * slope)[kept][1:])


def _reach(dsm: NDArray[np.float32], rise: float) -> int:
    """Steps after which a ray stands above all that the raster holds, or has left it."""
    relief = float(np.nanmax(dsm) - np.nanmin(dsm))
    return min(max(map(int, dsm.shape)) - 1, math.ceil(relief / rise))


def _any_higher(
    dsm: NDArray[np.float32], rows: NDArray[np.int64], cols: NDArray[np.int64], rises: NDArray[Any], shade: Any
) -> None:
    """Mark cells for which any of the cells so many rows and columns away stands above the ray there."""
    height, width = dsm.shape
    top = dsm.max()
    for r in prange(height):
        for c in range(width):
            z = dsm[r, c]
            for k in range(rows.size):
                i, j = r + rows[k], c + cols[k]
                if not (0 <= i < height and 0 <= j < width) or z + rises[k] > top:
                    break
                if dsm[i, j] > z + rises[k]:
                    shade[r, c] = True
                    break


_compiled = njit(cache=True, parallel=True)(_any_higher)


def _shifted(
    dsm: NDArray[np.float32], rows: NDArray[np.int64], cols: NDArray[np.int64], rises: NDArray[Any]
) -> NDArray[np.bool_]:
    """The same, as a new mask."""
    shade = np.zeros(dsm.shape, np.bool_)
    with GUARD:
        _compiled(dsm, rows, cols, rises, shade)
    return shade
