"""Ground that a scenario raises or lowers: what becomes of heights inside the outlines, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from citymodel.changes import ChangeGround

F8 = NDArray[np.float64]
Heights = TypeVar("Heights", bound=NDArray[Any])


def raised(z: F8, x: F8, y: F8, grounds: Sequence[ChangeGround]) -> F8:
    """(n,) heights of the ground at places, metres, as the changes leave it, one after the other."""
    for one in grounds:
        z = np.where(_holds(one, x, y), z + _shift(one, x, y, z), z)
    return z


def raised_raster(z: Heights, x: F8, y: F8, grounds: Sequence[ChangeGround]) -> Heights:
    """A raster's ground as the changes leave it: the array itself where no cell's centre lies in an outline.

    z : (rows, columns) metres; x : (columns,); y : (rows,), both of the cells' centres. NaN stays NaN, and cells
    outside all outlines keep their value to the last bit.
    """
    copied = False
    for one in grounds:
        ring = np.asarray(one.outline)
        low, high = ring.min(axis=0), ring.max(axis=0)
        rows = np.flatnonzero((y >= low[1]) & (y <= high[1]))
        columns = np.flatnonzero((x >= low[0]) & (x <= high[0]))
        if not len(rows) or not len(columns):
            continue
        grid_x, grid_y = np.meshgrid(x[columns], y[rows])
        inside = _holds(one, grid_x.ravel(), grid_y.ravel()).reshape(grid_x.shape)
        if not inside.any():
            continue
        if not copied:
            z, copied = z.copy(), True
        at = np.ix_(rows, columns)
        part = z[at]
        before = part[inside].astype(np.float64)
        part[inside] = (before + _shift(one, grid_x[inside], grid_y[inside], before)).astype(z.dtype)
        z[at] = part
    return z


def _holds(one: ChangeGround, x: F8, y: F8) -> NDArray[np.bool_]:
    """(n,) whether places lie inside the outline."""
    import shapely

    outline = shapely.Polygon(one.outline)
    shapely.prepare(outline)
    return np.asarray(shapely.contains_xy(outline, x, y), dtype=bool)


def _shift(one: ChangeGround, x: F8, y: F8, z: F8) -> F8:
    """(n,) metres that the ground at places inside the outline rises, no quicker from the outline than the banks."""
    shift = np.full(len(z), one.by, dtype=np.float64) if one.by is not None else float(one.level or 0.0) - z
    if one.slope > 0:
        import shapely

        room = shapely.distance(shapely.Polygon(one.outline).exterior, shapely.points(x, y)) / one.slope
        shift = np.clip(shift, -room, room)
    return np.asarray(shift)
