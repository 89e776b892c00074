"""Points to a raster on the CPU: each core owns a band of cells and takes the points in order."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import njit, prange

from kernels.cpu import GUARD

_UNITS = 65536.0


@njit(cache=True, parallel=True)
def _cells(
    x: Any, y: Any, z: Any, x0: float, y0: float, width: float, height: float, rows: int, cols: int, out: Any
) -> None:
    """Number of each point's cell, −1 outside."""
    for i in prange(x.size):
        c = np.floor((x[i] - x0) / width)
        r = np.floor((y0 - y[i]) / height)
        inside = c >= 0 and c < cols and r >= 0 and r < rows and abs(z[i]) < np.inf
        out[i] = np.int64(r) * cols + np.int64(c) if inside else -1


@njit(cache=True, parallel=True)
def _extreme(cells: Any, z: Any, lowest: bool, bands: int, height: Any, index: Any) -> None:
    """Highest or lowest height of each cell and the first point that has it."""
    share = (height.size + bands - 1) // bands
    for band in prange(bands):
        first, last = band * share, min((band + 1) * share, height.size)
        for i in range(cells.size):
            c = cells[i]
            if c < first or c >= last:
                continue
            # Adding zero turns −0 into 0: the GPU compares bits.
            h = z[i] + np.float32(0.0)
            if not (h >= height[c] if lowest else h <= height[c]):
                height[c] = h
                index[c] = i


@njit(cache=True, parallel=True)
def _total(cells: Any, z: Any, bands: int, total: Any, number: Any) -> None:
    """Sum of heights in 1/65536 m, so that no order of adding changes it, and number of points."""
    share = (number.size + bands - 1) // bands
    for band in prange(bands):
        first, last = band * share, min((band + 1) * share, number.size)
        for i in range(cells.size):
            c = cells[i]
            if c >= first and c < last:
                number[c] += 1
                if total.size:
                    total[c] += np.int64(np.floor(np.float64(z[i]) * _UNITS + 0.5))


def cells(
    x: np.ndarray, y: np.ndarray, z: np.ndarray, x0: float, y0: float, width: float, height: float, rows: int, cols: int
) -> np.ndarray:
    """Number of each point's cell: (n,) int64, −1 outside."""
    out = np.empty(x.size, np.int64)
    with GUARD:
        _cells(x, y, z, float(x0), float(y0), width, height, rows, cols, out)
    return out


def extreme(cell: np.ndarray, rows: int, cols: int, z: np.ndarray, lowest: bool) -> tuple[np.ndarray, np.ndarray]:
    """Height and point of each cell: (rows, cols) float32 and int32."""
    height = np.full(rows * cols, np.nan, np.float32)
    index = np.full(rows * cols, -1, np.int32)
    with GUARD:
        _extreme(cell, z, lowest, numba.get_num_threads(), height, index)
    return height.reshape(rows, cols), index.reshape(rows, cols)


def count(cell: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Points in each cell: (rows, cols) int32."""
    number = np.zeros(rows * cols, np.int32)
    with GUARD:
        _total(cell, np.empty(0, np.float32), numba.get_num_threads(), np.empty(0, np.int64), number)
    return number.reshape(rows, cols)


def mean(cell: np.ndarray, rows: int, cols: int, z: np.ndarray) -> np.ndarray:
    """Mean height of each cell's points: (rows, cols) float32."""
    number = np.zeros(rows * cols, np.int32)
    total = np.zeros(rows * cols, np.int64)
    with GUARD:
        _total(cell, z, numba.get_num_threads(), total, number)
    filled = np.maximum(number, 1)
    return np.where(number > 0, total / filled / _UNITS, np.nan).astype(np.float32).reshape(rows, cols)
