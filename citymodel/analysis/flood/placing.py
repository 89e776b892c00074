"""Rasters, lines and places of a case file on the grid of its terrain."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.formats.flood_case_keys import Line
    from citymodel.surface import Grid

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]

_ON_EDGE = 1e-6
"""Share of a cell by which a centre may lie beyond half a cell and still count as within."""


def place(grid: Grid, row: int, column: int) -> str:
    """x y of a cell's centre, in words."""
    x, y = grid.centre(row, column)
    return f"{x:.10g} {y:.10g}"


def first(grid: Grid, cells: Mask) -> str:
    """x y of the first of some cells."""
    row, column = np.argwhere(cells)[0]
    return place(grid, int(row), int(column))


def box(grid: Grid) -> str:
    """The grid's edges, in words."""
    return "x {:.10g} to {:.10g}, y {:.10g} to {:.10g}".format(*(grid.bounds[k] for k in (0, 2, 1, 3)))


def cells_along(grid: Grid, line: Line) -> I8:
    """(k, 2) rows and columns of the cells whose centres lie within half a cell of a line; those that contain its
    places where there are none."""
    near = (0.5 + _ON_EDGE) * grid.cell
    found: set[tuple[int, int]] = set()
    for (ax, ay), (bx, by) in pairwise(line):
        left, right = sorted(int((one - grid.x0) // grid.cell) for one in (ax, bx))
        top, low = sorted(int((grid.y0 - one) // grid.cell) for one in (ay, by))
        rows = np.arange(max(top - 1, 0), min(low + 2, grid.shape[0]))
        columns = np.arange(max(left - 1, 0), min(right + 2, grid.shape[1]))
        x = grid.x0 + (columns + 0.5) * grid.cell - ax
        y = (grid.y0 - (rows + 0.5) * grid.cell - ay)[:, None]
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        share = np.clip((x * dx + y * dy) / length, 0.0, 1.0) if length else np.zeros((len(rows), len(columns)))
        within = np.hypot(x - share * dx, y - share * dy) <= near
        found |= {(int(rows[r]), int(columns[c])) for r, c in np.argwhere(within)}
    if not found:
        found = {at for at in (grid.cell_at(*point) for point in line) if at is not None}
    return np.array(sorted(found), np.int64).reshape(-1, 2)


def length_inside(grid: Grid, line: Line) -> float:
    """Share of a line's length that lies over the grid."""
    from shapely import LineString, box

    whole = LineString(line)
    over = whole.intersection(box(*grid.bounds)).length
    return float(over / whole.length) if whole.length else float(over > 0)


def read_raster(path: Path, grid: Grid) -> DataArray:
    """A raster in the terrain's coordinate system; ParameterError where it is in another."""
    from citymodel.formats import raster
    from citymodel.geo import crs_text_of_raster, horizontal

    data = raster.read(path)
    own = crs_text_of_raster(data)
    if own is not None and grid.crs is not None and horizontal(own) != horizontal(grid.crs):
        target = horizontal(grid.crs)
        raise ParameterError(
            f"{path}: is in {own}, the terrain in {grid.crs}; run: citymodel convert {path} OUT.tif --to-crs {target}"
        )
    return data


def smooth(path: Path, grid: Grid) -> F8:
    """(rows, cols) float64 of a raster at the grid's centres: its own cells where they are the same, else bilinear,
    the outermost cells with their values up to their edges; NaN outside."""
    from xarray import DataArray

    data = read_raster(path, grid)
    x, y = np.asarray(data["x"], np.float64), np.asarray(data["y"], np.float64)
    if np.array_equal(x, grid.x) and np.array_equal(y, grid.y):
        return np.asarray(data, np.float64)
    if min(len(x), len(y)) < 2:
        return _nearest(data, grid)
    wider = np.pad(np.asarray(data, np.float32), 1, mode="edge")
    axes = [np.concatenate([[2 * a[0] - a[1]], a, [2 * a[-1] - a[-2]]]) for a in (y, x)]
    found = grid.sample(DataArray(wider, {"y": axes[0], "x": axes[1]}, ("y", "x"))).astype(np.float64)
    rows, columns = pixels(data, grid)
    found[rows < 0] = np.nan
    found[:, columns < 0] = np.nan
    return found


def nearest(path: Path, grid: Grid) -> F8:
    """(rows, cols) float64 of the raster's cell at each of the grid's centres, NaN outside: for classes and zones."""
    return _nearest(read_raster(path, grid), grid)


def _nearest(data: DataArray, grid: Grid) -> F8:
    rows, columns = pixels(data, grid)
    inside = (rows >= 0)[:, None] & (columns >= 0)[None, :]
    found = np.asarray(data, np.float64)[np.ix_(np.maximum(rows, 0), np.maximum(columns, 0))]
    return np.where(inside, found, np.nan)


def pixels(data: DataArray, grid: Grid) -> tuple[I8, I8]:
    """(rows,) row and (cols,) column of the raster that holds each of the grid's centres, −1 outside."""
    x, y = np.asarray(data["x"], np.float64), np.asarray(data["y"], np.float64)
    dx = (x[-1] - x[0]) / (len(x) - 1) if len(x) > 1 else grid.cell
    dy = (y[0] - y[-1]) / (len(y) - 1) if len(y) > 1 else grid.cell
    column = np.floor((grid.x - (x[0] - dx / 2)) / dx).astype(np.int64)
    row = np.floor(((y[0] + dy / 2) - grid.y) / dy).astype(np.int64)
    column[(column < 0) | (column >= len(x))] = -1
    row[(row < 0) | (row >= len(y))] = -1
    return row, column


def whole_numbers(values: F8, free: Mask, path: Path, grid: Grid, what: str) -> I8:
    """Classes of all free cells as whole numbers, 0 elsewhere; ParameterError where one has none."""
    missing = free & ~np.isfinite(values)
    if missing.any():
        raise ParameterError(
            f"{path}: {int(missing.sum()):,} cells of the terrain have no {what}, the first at "
            f"{first(grid, missing)}; give a raster that covers all of it"
        )
    odd = free & (values != np.round(values))
    if odd.any():
        raise ParameterError(f"{path}: {values[odd][0]:g} at {first(grid, odd)} is no {what}; give whole numbers")
    return np.where(free, np.nan_to_num(values), 0.0).astype(np.int64)
