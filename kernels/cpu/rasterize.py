"""Triangles to a raster on the CPU: bands of rows are shared among the cores, each takes its triangles in order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import GUARD

#: Rows in a band.
_BAND = 32


@njit(inline="always")
def _edge(ax: float, ay: float, bx: float, by: float) -> tuple[float, float, float, float, float]:
    """Start, direction and sign of an edge in one fixed order of its ends: neighbours get the same numbers."""
    if ax < bx or (ax == bx and ay < by):
        return ax, ay, bx - ax, by - ay, 1.0
    return bx, by, ax - bx, ay - by, -1.0


@njit(cache=True)
def _span(v: Any, t: Any, i: int, rows: int, cols: int) -> tuple[int, int, int, int]:
    """First and last row and column whose centres the triangle's box can hold; empty when it covers none."""
    a, b, c = t[i, 0], t[i, 1], t[i, 2]
    total = 0.0
    for j in range(3):
        total += v[a, j] + v[b, j] + v[c, j]
    if not abs(total) < 1e300:
        return 0, -1, 0, -1
    lo_c = max(np.ceil(min(v[a, 0], v[b, 0], v[c, 0]) - 0.5), 0.0)
    hi_c = min(np.floor(max(v[a, 0], v[b, 0], v[c, 0]) - 0.5), cols - 1.0)
    lo_r = max(np.ceil(min(v[a, 1], v[b, 1], v[c, 1]) - 0.5), 0.0)
    hi_r = min(np.floor(max(v[a, 1], v[b, 1], v[c, 1]) - 0.5), rows - 1.0)
    if lo_c > hi_c or lo_r > hi_r:
        return 0, -1, 0, -1
    return int(lo_r), int(hi_r), int(lo_c), int(hi_c)


@njit(cache=True)
def _bands(v: Any, t: Any, rows: int, cols: int) -> tuple[Any, Any]:
    """Triangles of each band in order: starts (bands + 1,) and triangle numbers."""
    starts = np.zeros((rows + _BAND - 1) // _BAND + 1, np.int64)
    for i in range(t.shape[0]):
        lo, hi, _, _ = _span(v, t, i, rows, cols)
        for band in range(lo // _BAND, hi // _BAND + 1):
            starts[band + 1] += 1
    for band in range(starts.size - 1):
        starts[band + 1] += starts[band]
    members = np.empty(starts[-1], np.int32)
    filled = starts.copy()
    for i in range(t.shape[0]):
        lo, hi, _, _ = _span(v, t, i, rows, cols)
        for band in range(lo // _BAND, hi // _BAND + 1):
            members[filled[band]] = i
            filled[band] += 1
    return starts, members


@njit(cache=True)
def _draw(v: Any, t: Any, i: int, first: int, last: int, lowest: bool, height: Any, index: Any) -> None:
    """Draw triangle `i` into rows first…last."""
    lo, hi, c0, c1 = _span(v, t, i, height.shape[0], height.shape[1])
    ax, ay, az = v[t[i, 0], 0], v[t[i, 0], 1], v[t[i, 0], 2]
    bx, by, bz = v[t[i, 1], 0], v[t[i, 1], 1], v[t[i, 1], 2]
    cx, cy, cz = v[t[i, 2], 0], v[t[i, 2], 1], v[t[i, 2], 2]
    low, high = min(az, bz, cz), max(az, bz, cz)
    ux, uy, udx, udy, us = _edge(bx, by, cx, cy)
    wx, wy, wdx, wdy, ws = _edge(cx, cy, ax, ay)
    sx, sy, sdx, sdy, ss = _edge(ax, ay, bx, by)
    for r in range(max(lo, first), min(hi, last) + 1):
        y = r + 0.5
        u_row, w_row, s_row = udx * (y - uy), wdx * (y - wy), sdx * (y - sy)
        for c in range(c0, c1 + 1):
            x = c + 0.5
            u = us * (u_row - udy * (x - ux))
            w = ws * (w_row - wdy * (x - wx))
            s = ss * (s_row - sdy * (x - sx))
            if not ((u >= 0 and w >= 0 and s >= 0) or (u <= 0 and w <= 0 and s <= 0)):
                continue
            area = u + w + s
            if area == 0:
                continue
            z = np.float32(min(max((u * az + w * bz + s * cz) / area, low), high)) + np.float32(0.0)
            if index[r, c] < 0 or (z < height[r, c] if lowest else z > height[r, c]):
                height[r, c] = z
                index[r, c] = i


@njit(cache=True, parallel=True)
def _draw_all(v: Any, t: Any, starts: Any, members: Any, lowest: bool, height: Any, index: Any) -> None:
    """Draw all triangles, band by band."""
    for band in prange(starts.size - 1):
        for n in range(starts[band], starts[band + 1]):
            _draw(v, t, members[n], band * _BAND, band * _BAND + _BAND - 1, lowest, height, index)


def rasterize(place: np.ndarray, corners: np.ndarray, rows: int, cols: int, lowest: bool) -> tuple[Any, Any]:
    """Height and triangle at each centre; `place` is (n, 3) float64 in columns, rows and metres."""
    height = np.full((rows, cols), np.nan, np.float32)
    index = np.full((rows, cols), -1, np.int32)
    with GUARD:
        starts, members = _bands(place, corners, rows, cols)
        _draw_all(place, corners, starts, members, lowest, height, index)
    return height, index
