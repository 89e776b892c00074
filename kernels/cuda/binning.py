"""Points to a raster on the GPU: one thread a point."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cuda.rasterize import unpack
from kernels.device import array_module, launch

_THREADS = 256
_UNITS = 65536.0


def _start(kernel: str, points: int, arguments: tuple[Any, ...]) -> None:
    """Launch with one thread a point."""
    launch("binning", kernel, (-(-points // _THREADS),), (_THREADS,), arguments)


def cells(x: Any, y: Any, z: Any, x0: float, y0: float, width: float, height: float, rows: int, cols: int) -> Any:
    """Number of each point's cell: (n,) int64, −1 outside."""
    out = array_module(x).empty(x.size, np.int64)
    frame = (np.float64(x0), np.float64(y0), np.float64(width), np.float64(height), np.int32(rows), np.int32(cols))
    _start("cm_bin_cells", x.size, (x, y, z, np.int64(x.size), *frame, out))
    return out


def extreme(cell: Any, rows: int, cols: int, z: Any, lowest: bool) -> tuple[Any, Any]:
    """Height and point of each cell: (rows, cols) float32 and int32."""
    keys = array_module(cell).zeros((rows, cols), np.uint64)
    _start("cm_bin_extreme", cell.size, (cell, z, np.int64(cell.size), np.int32(lowest), keys))
    return unpack(keys, lowest)


def count(cell: Any, rows: int, cols: int) -> Any:
    """Points in each cell: (rows, cols) int32."""
    xp = array_module(cell)
    number = xp.zeros((rows, cols), np.int32)
    unused = xp.empty(1, np.uint64), xp.empty(1, np.float32)
    _start("cm_bin_total", cell.size, (cell, unused[1], np.int64(cell.size), np.int32(0), unused[0], number))
    return number


def mean(cell: Any, rows: int, cols: int, z: Any) -> Any:
    """Mean height of each cell's points: (rows, cols) float32."""
    xp = array_module(cell)
    number, total = xp.zeros((rows, cols), np.int32), xp.zeros((rows, cols), np.uint64)
    _start("cm_bin_total", cell.size, (cell, z, np.int64(cell.size), np.int32(1), total, number))
    filled = xp.maximum(number, 1)
    return xp.where(number > 0, total.view(np.int64) / filled / _UNITS, np.nan).astype(np.float32)
