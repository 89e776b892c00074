"""Triangles to a raster: the height of the highest (or lowest) triangle at every cell's centre, and which one it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu

REDUCTIONS = ("max", "min")


def rasterize_triangles(
    vertices: Any,
    triangles: Any,
    x0: float,
    y0: float,
    cell: float | tuple[float, float],
    shape: tuple[int, int],
    reduce: str = "max",
) -> tuple[Any, Any]:
    """Heights of triangles, exact at the cells' centres.

    A centre on an edge belongs to both triangles that share it, so neighbours leave no gap; equal heights go to the
    lower index. Upright and empty triangles cover no centre; triangles with a corner that is not finite are left out.

    Parameters
    ----------
    vertices : (n, 3) float64 NumPy or CuPy array, metres, absolute coordinates
    triangles : (t, 3) integers, rows of `vertices`
    x0, y0 : the raster's top left corner
    cell : cell size in metres, or (width, height)
    shape : rows and columns
    reduce : "max" or "min"

    Returns
    -------
    height : (rows, cols) float32 metres, NaN where no triangle is
    index : (rows, cols) int32 triangle, −1 where none is
    """
    width, height = cell_size(cell)
    rows, cols = grid_shape(shape)
    if reduce not in REDUCTIONS:
        raise ValueError(f"reduce {reduce!r}: give max or min")
    xp = array_module(vertices)
    points = xp.asarray(vertices, np.float64).reshape(-1, 3)
    corners = xp.ascontiguousarray(xp.asarray(triangles).reshape(-1, 3), np.int32)
    if corners.shape[0] and not (int(corners.min()) >= 0 and int(corners.max()) < points.shape[0]):
        raise ValueError(f"triangles name vertices beyond the {points.shape[0]} given")
    # Relative to the raster, in cells, rows counted southwards: one set of numbers for every device.
    place = xp.empty(points.shape, np.float64)
    place[:, 0] = (points[:, 0] - x0) / width
    place[:, 1] = (y0 - points[:, 1]) / height
    place[:, 2] = points[:, 2]
    if is_on_gpu(place):
        from kernels.cuda import rasterize as twin
    else:
        from kernels.cpu import rasterize as twin  # type: ignore[no-redef]
    result: tuple[Any, Any] = twin.rasterize(place, corners, rows, cols, reduce == "min")
    return result


def cell_size(cell: float | tuple[float, float]) -> tuple[float, float]:
    """Width and height of a cell in metres, both above zero."""
    width, height = cell if isinstance(cell, tuple | list) else (cell, cell)
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError(f"cell size {cell} is not a length above zero: give metres")
    return float(width), float(height)


def grid_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns as whole numbers of at least 1, the raster small enough for its counters."""
    rows, cols = (int(n) for n in shape)
    if rows < 1 or cols < 1 or rows * cols >= 2**40:
        raise ValueError(f"raster of {rows} × {cols} cells: give at least one row and one column")
    return rows, cols
