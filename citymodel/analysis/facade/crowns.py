"""Crowns of trees that only the laser saw, as blocks of a grid that rays can meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.zones import building_zones
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.scenario import Scenario, apply
from citymodel.surface import Grid, analysis_surface
from citymodel.surface.from_model import model_triangles, rasterise
from citymodel.surface.from_points import crowns_from_points
from citymodel.surface.grid import extent

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Origin = tuple[float, float, float]

CELL = 2.0
"""Metres of a block, more over a large area; a façade's points stand clear of blocks by as much."""
CELLS = 4_000_000
TRUNK = 0.25
"""Share of a tree below its crown."""
LEAST = 2.0
"""Metres above the ground from which vegetation hides anything."""
NOTE = (
    f"Crowns that only the laser saw (classes 3 to 5) stand as blocks of {CELL:g} m from a quarter of their height up, "
    "save beside buildings, where returns of walls and crowns mix."
)


class Crowns(NamedTuple):
    """Triangles (t, 3, 3) from an origin: of crowns that stand in base and scenario, and of those only in the base."""

    common: F8
    base: F8


def has_crowns(layers: Sequence[Layer]) -> bool:
    """Whether there are points with classes of vegetation."""
    return any(
        one.kind == "points" and np.isin(one.data.columns.get("classification", np.zeros(0)), (3, 4, 5)).any()
        for one in layers
    )


def crowns(layers: Sequence[Layer], scenario: Scenario | None, origin: Origin, progress: Progress = silent) -> Crowns:
    """The crowns of the points among the layers that no modelled tree stands for."""
    empty = np.zeros((0, 3, 3))
    clouds = [one.data for one in layers if one.kind == "points"]
    if not has_crowns(layers):
        return Crowns(empty, empty)
    box = extent([one for one in layers if one.kind == "points"])
    area = (box[2] - box[0]) * (box[3] - box[1])
    grid = Grid.around(box, max(CELL, float(np.sqrt(area / CELLS))), None)
    ground = np.asarray(analysis_surface(tuple(layers), None, grid, progress)[1], dtype=np.float32)
    top = crowns_from_points(clouds, grid)
    top[~(top > ground + LEAST)] = np.nan
    top[_near(_modelled(layers, grid))] = np.nan
    built = _near(building_zones(layers, grid).number >= 0)
    top[built] = np.nan
    low = ground + TRUNK * (top - ground)
    blocked = np.zeros(grid.shape, dtype=bool)
    if scenario is not None:
        blocked = _near(building_zones(apply(scenario, tuple(layers)), grid).number >= 0)
    stays, goes = (np.where(one, top, np.float32(np.nan)) for one in (~blocked, blocked))
    return Crowns(_blocks(stays, low, grid, origin), _blocks(goes, low, grid, origin))


def _modelled(layers: Sequence[Layer], grid: Grid) -> Mask:
    """Cells with a tree of a model."""
    found = np.zeros(grid.shape, dtype=bool)
    for layer in layers:
        if layer.kind == "city":
            triangles = model_triangles(layer.data)
            found |= np.isfinite(rasterise(triangles, triangles.tree, grid)[0])
    return found


def _near(cells: Mask) -> Mask:
    """The cells and the eight around each."""
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(cells, np.ones((3, 3), dtype=bool)))


def _blocks(top: F4, low: F4, grid: Grid, origin: Origin) -> F8:
    """The outer faces of blocks between two heights, NaN for none; (t, 3, 3) from the origin."""
    rows, columns = np.nonzero(np.isfinite(top))
    x0 = np.asarray(grid.x0 + columns * grid.cell - origin[0], dtype=np.float64)
    y1 = np.asarray(grid.y0 - rows * grid.cell - origin[1], dtype=np.float64)
    x1, y0 = (np.asarray(one, dtype=np.float64) for one in (x0 + grid.cell, y1 - grid.cell))
    high, foot = (one[rows, columns].astype(np.float64) - origin[2] for one in (top, low))
    found = [_quads(x0, y0, x1, y0, x1, y1, x0, y1, z, z) for z in (high, foot)]
    around = np.pad(top.astype(np.float64) - origin[2], 1, constant_values=np.nan)
    under = np.pad(low.astype(np.float64) - origin[2], 1, constant_values=np.nan)
    sides = (
        ((-1, 0), (x0, y1, x1, y1)), ((1, 0), (x0, y0, x1, y0)),
        ((0, -1), (x0, y0, x0, y1)), ((0, 1), (x1, y0, x1, y1)),
    )  # fmt: skip
    for (down, right), (ax, ay, bx, by) in sides:
        above, below = (one[rows + 1 + down, columns + 1 + right] for one in (around, under))
        free = np.isnan(above)
        for begin, end in (
            (np.where(free, foot, np.maximum(foot, above)), high), (foot, np.where(free, foot, np.minimum(high, below)))
        ):  # fmt: skip
            use = end > begin
            found.append(_wall(ax[use], ay[use], bx[use], by[use], begin[use], end[use]))
    return np.concatenate(found)


def _quads(ax: F8, ay: F8, bx: F8, by: F8, cx: F8, cy: F8, dx: F8, dy: F8, z0: F8, z1: F8) -> F8:
    """Two triangles each of four corners, the first two at one height and the others at another."""
    a, b = np.stack([ax, ay, z0], axis=1), np.stack([bx, by, z0], axis=1)
    c, d = np.stack([cx, cy, z1], axis=1), np.stack([dx, dy, z1], axis=1)
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def _wall(ax: F8, ay: F8, bx: F8, by: F8, low: F8, high: F8) -> F8:
    return _quads(ax, ay, bx, by, bx, by, ax, ay, low, high)
