"""One step of the flood, tile by tile: those that hold water or lie beside one that does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import flow

#: Rows and columns of a tile, such that its rows of scratch stay in the first cache.
TILE = (64, 256)
#: Cells around the raster that no step writes.
RING = 2


@njit(error_model="numpy")
def _slopes(h: Any, z: Any, r: Any, c0: Any, c1: Any, p: Any, kx: Any, ky: Any, m: Any, s: Any, half: Any) -> None:
    """Half slopes of row r and its state half a step on; p : depth, u, v of the rows around it by r % 3."""
    a, b, c = p[(r + 2) % 3], p[r % 3], p[(r + 1) % 3]
    h0, h1, h2 = h[r - 1, c0:c1], h[r, c0:c1], h[r + 1, c0:c1]
    z0, z1, z2 = z[r - 1, c0:c1], z[r, c0:c1], z[r + 1, c0:c1]
    flow.sides(h0, h1, h2, b[0], m[0], m[1], m[2], m[3])
    flow.level_along(h1, z1, m[0], m[1], s[0])
    flow.level_across(h0, z0, h1, z1, h2, z2, m[2], m[3], s[4])
    for k in range(3):
        flow.slope_along(b[k], m[0], m[1], s[1 + k])
        flow.slope_across(a[k], b[k], c[k], m[2], m[3], s[5 + k])
    flow.half_depth(b[0], b[1], b[2], s[1], s[2], s[5], s[7], kx, ky, half[0], half[3])
    flow.half_speed(b[1], b[2], s[2], s[0], s[6], kx, ky, half[1])
    flow.half_speed(b[2], b[1], s[7], s[4], s[3], ky, kx, half[2])


@njit(error_model="numpy")
def _tile(
    z: Any, h: Any, qx: Any, qy: Any, out_h: Any, out_x: Any, out_y: Any, rough: Any, dt: Any, kx: Any, ky: Any,
    units_x: Any, units_y: Any, r0: Any, r1: Any, c0: Any, c1: Any, second: Any, sums: Any,
) -> Any:  # fmt: skip
    """Step the rows r0 … r1 of the columns c0 … c1; the fastest wave, 0 where no water is left.

    sums : (5,) int64, units through the tile's west, east, north and south faces, and units owed
    """
    left, right = c0 - RING, c1 + RING
    wide = right - left
    p = np.empty((3, 3, wide), np.float32)
    m, slopes, half = np.zeros((4, wide), np.float32), np.zeros((2, 8, wide), np.float32), np.zeros((2, 4, wide), np.float32)
    x = np.zeros((3, wide + 1), np.float32)  # ahead, behind, along of the faces in the row
    y, free = np.zeros((2, 3, wide), np.float32), np.zeros((2, c1 - c0), np.float32)
    row, column = np.zeros(wide, np.int32), np.zeros((2, wide), np.int32)
    fastest, debt, none = np.zeros(c1 - c0, np.float32), np.zeros(c1 - c0, np.int32), np.zeros(wide, np.float32)
    inner = slice(RING, wide - RING)
    most = np.float32(0)
    first = r0 - 1
    for r in range(first - 1 if second else first, first + 1):
        a = r % 3
        flow.primitive(h[r, left:right], qx[r, left:right], qy[r, left:right], p[a, 0], p[a, 1], p[a, 2])
    for r in range(first, r1 + 1):
        this, last = r % 2, 1 - r % 2
        n = r + 1 if second else r
        if second or r > first:
            flow.primitive(h[n, left:right], qx[n, left:right], qy[n, left:right], p[n % 3, 0], p[n % 3, 1], p[n % 3, 2])
        if second:
            _slopes(h, z, r, left, right, p, kx, ky, m, slopes[this], half[this])
        if r == first:
            continue
        b = r - 1  # the row that this one's upper faces complete
        hb, zb, hr, zr = h[b, left:right], z[b, left:right], h[r, left:right], z[r, left:right]
        ys, through = y[this], column[this]
        if second:
            flow.tilted_across(
                hb, zb, half[last], slopes[last], hr, zr, half[this], slopes[this], units_y,
                through, ys[0], ys[1], ys[2],
            )  # fmt: skip
        else:
            flow.faces_across(hb, zb, p[b % 3], hr, zr, p[r % 3], units_y, through, ys[0], ys[1], ys[2])
        if r == r0:
            sums[2] += through[RING : wide - RING].sum()
        else:
            above, ya = column[last], y[last]
            oh, ox, oy = out_h[b, c0:c1], out_x[b, c0:c1], out_y[b, c0:c1]
            flow.update_depth(hb[inner], row[1 : wide - 3], row[inner], above[inner], through[inner], oh, debt)
            sums[4] += debt.sum()
            depth, lx, ly = (half[last, 0], slopes[last, 0], slopes[last, 4]) if second else (none, none, none)
            flow.update_flow(
                qx[b, c0:c1], kx, x[0, inner], x[1, inner], ky, ya[2, inner], ys[2, inner], depth[inner], lx[inner],
                free[0],
            )  # fmt: skip
            flow.update_flow(
                qy[b, c0:c1], ky, ys[0, inner], ya[1, inner], kx, x[2, inner], x[2, 3 : wide - 1], depth[inner],
                ly[inner], free[1],
            )  # fmt: skip
            flow.friction(oh, rough[b % rough.shape[0], c0:c1], dt, free[0], free[1], ox, oy, fastest)
            most = max(most, flow.greatest(fastest))
        if r == r1:
            sums[3] += through[RING : wide - RING].sum()
        else:
            if second:
                flow.tilted_along(hr, zr, half[this], slopes[this], units_x, row, x[0], x[1, 1:], x[2, 1:])
            else:
                flow.faces_along(hr, zr, p[r % 3, 0], p[r % 3, 1], p[r % 3, 2], units_x, row, x[0], x[1, 1:], x[2, 1:])
            sums[0] += row[RING - 1]
            sums[1] += row[wide - RING - 1]
    return most


@njit(cache=True, parallel=True, error_model="numpy")
def step(
    z: Any, h: Any, qx: Any, qy: Any, out_h: Any, out_x: Any, out_y: Any, rough: Any, dt: Any, kx: Any, ky: Any,
    units_x: Any, units_y: Any, tiles: Any, second: Any, most: Any, sums: Any,
) -> None:  # fmt: skip
    """Step the tiles of the list; all arrays have a ring of RING cells around the raster.

    z : float32 metres above the datum; h : int32 units, negative for walls; qx, qy : float32 m²/s to the east (columns)
    and south (rows); out_… : what they become
    rough : 4 g n² of every cell, or one row of it for all; dt : seconds; kx, ky : dt / cell; units_… : the same in units
    tiles : (n, 4) int64 first and last rows and columns, in the arrays' own count
    most : (n,) float32 out, the fastest wave of each tile; sums : (n, 5) int64 out, as of `_tile`
    """
    for k in prange(len(tiles)):
        sums[k] = 0
        most[k] = _tile(
            z, h, qx, qy, out_h, out_x, out_y, rough, dt, kx, ky, units_x, units_y,
            tiles[k, 0], tiles[k, 1], tiles[k, 2], tiles[k, 3], second, sums[k],
        )  # fmt: skip
