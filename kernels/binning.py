"""Points to a raster: highest, lowest, mean height or number of the points in every cell, and which point it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu
from kernels.rasterize import cell_size, grid_shape

REDUCTIONS = ("max", "min", "mean", "count")


def bin_points(
    x: Any,
    y: Any,
    z: Any,
    x0: float,
    y0: float,
    cell: float | tuple[float, float],
    shape: tuple[int, int],
    reduce: str = "max",
) -> Any:
    """One number for the points of each cell.

    A cell holds its western and northern edge, not its eastern and southern one, so tiles share no point. Points
    outside the raster or with a coordinate that is not finite are left out.

    Parameters
    ----------
    x, y : (n,) float64 NumPy or CuPy arrays, metres
    z : (n,) heights, metres; within ±8000 m for "mean"
    x0, y0 : the raster's top left corner
    cell : cell size in metres, or (width, height)
    shape : rows and columns
    reduce : "max", "min", "mean" or "count"

    Returns
    -------
    (rows, cols) float32 metres, NaN where no point is; for "count" int32
    """
    if reduce not in REDUCTIONS:
        raise ValueError(f"reduce {reduce!r}: give max, min, mean or count")
    twin, cells, heights = _prepared(x, y, z, x0, y0, cell, shape)
    if reduce == "count":
        return twin.count(*cells)
    if reduce == "mean":
        return twin.mean(*cells, heights)
    return twin.extreme(*cells, heights, reduce == "min")[0]


def bin_points_index(
    x: Any,
    y: Any,
    z: Any,
    x0: float,
    y0: float,
    cell: float | tuple[float, float],
    shape: tuple[int, int],
    reduce: str = "max",
) -> tuple[Any, Any]:
    """Highest or lowest point of each cell, equal heights go to the lower number.

    Parameters are those of `bin_points`, `reduce` is "max" or "min".

    Returns
    -------
    height : (rows, cols) float32 metres, NaN where no point is
    index : (rows, cols) int32 point, −1 where none is
    """
    if reduce not in REDUCTIONS[:2]:
        raise ValueError(f"reduce {reduce!r}: give max or min")
    twin, cells, heights = _prepared(x, y, z, x0, y0, cell, shape)
    result: tuple[Any, Any] = twin.extreme(*cells, heights, reduce == "min")
    return result


def _prepared(
    x: Any, y: Any, z: Any, x0: float, y0: float, cell: float | tuple[float, float], shape: tuple[int, int]
) -> tuple[Any, tuple[Any, ...], Any]:
    """The twin for the points' device, its arguments (x, y, z, corner, cell, shape → cell numbers), and heights."""
    width, height = cell_size(cell)
    rows, cols = grid_shape(shape)
    xp = array_module(x)
    px, py = (xp.ascontiguousarray(xp.asarray(a).ravel(), np.float64) for a in (x, y))
    pz = xp.ascontiguousarray(xp.asarray(z).ravel(), np.float32)
    if not px.size == py.size == pz.size:
        raise ValueError(f"points: {px.size} x, {py.size} y and {pz.size} z: give as many of each")
    if px.size >= 2**31:
        raise ValueError(f"{px.size} points at once: give them in parts of fewer than 2 147 483 648")
    if is_on_gpu(px):
        from kernels.cuda import binning as twin
    else:
        from kernels.cpu import binning as twin  # type: ignore[no-redef]
    return twin, (twin.cells(px, py, pz, x0, y0, width, height, rows, cols), rows, cols), pz
