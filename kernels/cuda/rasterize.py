"""Triangles to a raster on the GPU: one block a triangle, the winner by one 64-bit maximum a cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.device import array_module, launch

_THREADS = 128
#: Threads that share one triangle's box; most triangles of a city cover few cells.
_SHARE = 32


def rasterize(place: Any, corners: Any, rows: int, cols: int, lowest: bool) -> tuple[Any, Any]:
    """Height and triangle at each centre; `place` is (n, 3) float64 in columns, rows and metres."""
    keys = array_module(place).zeros((rows, cols), np.uint64)
    count = corners.shape[0]
    arguments = (place, corners, np.int32(count), np.int32(rows), np.int32(cols), np.int32(lowest), keys)
    launch("rasterize", "cm_raster_draw", (count,), (_SHARE,), arguments)
    return unpack(keys, lowest)


def unpack(keys: Any, lowest: bool) -> tuple[Any, Any]:
    """Height and index behind each key: float32 and int32 in the keys' shape."""
    xp = array_module(keys)
    height, index = xp.empty(keys.shape, np.float32), xp.empty(keys.shape, np.int32)
    grid = (-(-keys.size // _THREADS),)
    arguments = (keys, np.int64(keys.size), np.int32(lowest), height, index)
    launch("rasterize", "cm_raster_unpack", grid, (_THREADS,), arguments)
    return height, index
