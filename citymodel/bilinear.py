"""Values between the centres of a raster's cells, bilinear among those that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


def bilinear(z: NDArray[Any], rows: F8, columns: F8) -> tuple[F8, F8]:
    """Values at places, NaN where none of the four cells around is known, and the known cells' share of the weights.

    z : (rows, columns), NaN for unknown; rows, columns : places counted from the first cell's centre, two arrays that
    broadcast; beyond the outermost centres their values hold on
    """
    high, wide = z.shape
    rows, columns = np.clip(rows, 0, high - 1), np.clip(columns, 0, wide - 1)
    r0, c0 = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    fr, fc = rows - r0, columns - c0
    shape = np.broadcast_shapes(rows.shape, columns.shape)
    total, known = np.zeros(shape), np.zeros(shape)
    for dr, wr in ((0, 1 - fr), (1, fr)):
        for dc, wc in ((0, 1 - fc), (1, fc)):
            part = z[np.minimum(r0 + dr, high - 1), np.minimum(c0 + dc, wide - 1)].astype(np.float64)
            there = np.isfinite(part)
            total += np.where(there, part, 0.0) * (wr * wc)
            known += there * (wr * wc)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known > 1e-9, total / known, np.nan), known


def heights_at(x: F8, y: F8, z: NDArray[Any], columns_x: F8, rows_y: F8) -> F8:
    """(n,) heights between the centres of a raster's cells, bilinear among those known; NaN beyond.

    z : (rows, columns); columns_x : (columns,) and rows_y : (rows,) centres, evenly apart, either way up
    """
    rows, columns = z.shape
    across = (x - columns_x[0]) / (columns_x[1] - columns_x[0]) if columns > 1 else np.zeros_like(x)
    down = (y - rows_y[0]) / (rows_y[1] - rows_y[0]) if rows > 1 else np.zeros_like(y)
    inside = (across >= -0.5) & (across <= columns - 0.5) & (down >= -0.5) & (down <= rows - 0.5)
    return np.where(inside, bilinear(z, down, across)[0], np.nan)
