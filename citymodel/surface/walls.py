"""Walls on a raster: the cells that a line passes, side by side without a gap, and the heights of their tops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.bilinear import heights_at
from citymodel.built import crest
from citymodel.changes import AddWall
from citymodel.surface.grid import Grid

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


def wall_crests(walls: Sequence[AddWall], terrain: NDArray[Any], grid: Grid) -> F8:
    """(rows, columns) float64 metres: the tops of walls over a terrain, NaN where there is none.

    A wall holds every cell that its line passes, so that no water finds a way between two of them however thin it is,
    and the cells whose centres lie under its width. Its top follows the terrain under its line, not under each cell's
    centre, unless its crest is level.
    """
    tops = np.full(grid.shape, np.nan)
    for wall in walls:
        row, column, at = cells_along(wall.line, grid)
        line_x, line_y = _places(wall, at)
        ground = heights_at(line_x, line_y, terrain, grid.x, grid.y)
        known = np.isfinite(ground)
        if not known.any():
            if wall.base is None:
                continue
            ground, known = np.full(len(at), -np.inf), np.ones(len(at), dtype=bool)
        top = crest(wall, np.interp(at, at[known], ground[known]))
        inside = (row >= 0) & (row < grid.shape[0]) & (column >= 0) & (column < grid.shape[1])
        np.fmax.at(tops, (row[inside], column[inside]), top[inside])
        if wall.width > grid.cell:
            rows, columns, along = _under_width(wall, grid)
            np.fmax.at(tops, (rows, columns), np.interp(along, at, top))
    return tops


def cells_along(line: Sequence[tuple[float, float]], grid: Grid) -> tuple[I8, I8, F8]:
    """Rows, columns and metres along the line of the cells it passes, each beside the next by a whole edge.

    Cells beyond the grid are told too, by numbers outside it.
    """
    rows, columns, along, run = [], [], [], 0.0
    for (ax, ay), (bx, by) in pairwise(line):
        x = (np.array([ax, bx]) - grid.x0) / grid.cell
        y = (grid.y0 - np.array([ay, by])) / grid.cell
        share, across, down = _steps(x, y)
        columns.append(np.floor(x[0]) + np.cumsum(across))
        rows.append(np.floor(y[0]) + np.cumsum(down))
        length = float(np.hypot(bx - ax, by - ay))
        middle = 0.5 * (share + np.append(share[1:], 1.0))
        along.append(run + length * middle)
        run += length
    return (
        np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64), np.concatenate(along)
    )  # fmt: skip


def _steps(x: F8, y: F8) -> tuple[F8, I8, I8]:
    """Of each cell on the way: the share of the way at which it is entered, and the step across and down into it."""
    found = [(np.zeros(1), 0)]
    for axis, (a, b) in enumerate((x, y)):
        low, high = sorted((np.floor(a), np.floor(b)))
        edges = np.arange(low + 1, high + 1)
        found.append(((edges - a) / (b - a) if len(edges) else np.zeros(0), axis + 1))
    share = np.concatenate([one for one, _ in found])
    kind = np.concatenate([np.full(len(one), code) for one, code in found])
    order = np.lexsort((kind, share))
    share, kind = np.clip(share[order], 0.0, 1.0), kind[order]
    across = np.where(kind == 1, np.sign(x[1] - x[0]), 0).astype(np.int64)
    down = np.where(kind == 2, np.sign(y[1] - y[0]), 0).astype(np.int64)
    return share, across, down


def _places(wall: AddWall, at: F8) -> tuple[F8, F8]:
    """x and y of places by metres along a wall's line."""
    line = np.asarray(wall.line)
    run = np.append(0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T)))
    return np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 1])


def _under_width(wall: AddWall, grid: Grid) -> tuple[I8, I8, F8]:
    """Cells whose centres lie under a wall's width, and how far along its line."""
    import shapely

    path = shapely.LineString(wall.line)
    body = path.buffer(wall.width / 2.0, cap_style="flat", join_style="mitre")
    low_x, low_y, high_x, high_y = body.bounds
    rows = np.flatnonzero((grid.y >= low_y) & (grid.y <= high_y))
    columns = np.flatnonzero((grid.x >= low_x) & (grid.x <= high_x))
    x, y = np.meshgrid(grid.x[columns], grid.y[rows])
    shapely.prepare(body)
    held = shapely.contains_xy(body, x, y)
    r, c = np.nonzero(held)
    along = shapely.line_locate_point(path, shapely.points(x[held], y[held]))
    return rows[r], columns[c], np.asarray(along, dtype=np.float64)
