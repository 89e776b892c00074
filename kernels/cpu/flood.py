"""One step of the flood on the CPU, tile by tile: those that hold water or lie beside one that does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import flow

#: Rows and columns of a tile: a core's rows of scratch stay in its cache, and a loop along a row is long enough to pay.
TILE = (64, 512)
#: Cells around the raster that no step writes.
RING = 2


@njit(error_model="numpy")
def _slopes(
    h: Any, z: Any, rough: Any, r: Any, c0: Any, c1: Any, p: Any, dt: Any, kx: Any, ky: Any, m: Any, s: Any, half: Any
) -> None:
    """Half slopes of row r and its state half a step on; p : depth, u, v of the rows around it by r % 3."""
    a, b, c = p[(r + 2) % 3], p[r % 3], p[(r + 1) % 3]
    h0, h1, h2 = h[r - 1, c0:c1], h[r, c0:c1], h[r + 1, c0:c1]
    z0, z1, z2 = z[r - 1, c0:c1], z[r, c0:c1], z[r + 1, c0:c1]
    flow.sides_along(h1, z1, b[0], m[0], m[1])
    flow.side_across(h1, z1, b[0], h0, z0, a[0], m[2])
    flow.side_across(h1, z1, b[0], h2, z2, c[0], m[3])
    for k in range(3):
        flow.slope_along(b[k], m[0], m[1], s[1 + k])
        flow.slope_across(a[k], b[k], c[k], m[2], m[3], s[5 + k])
    flow.level_along(h1, z1, m[0], m[1], s[0])
    flow.level_across(h0, z0, h1, z1, h2, z2, m[2], m[3], s[4])
    flow.lean_along(z1, m[0], m[1], s[1], b[0], s[0])
    flow.lean_across(z0, z1, z2, m[2], m[3], s[5], b[0], s[4])
    flow.half_depth(b[0], b[1], b[2], s[1], s[2], s[5], s[7], kx, ky, half[0], half[3])
    flow.half_speed(b[1], b[2], s[2], s[0], s[6], kx, ky, m[0])
    flow.half_speed(b[2], b[1], s[7], s[4], s[3], ky, kx, m[1])
    flow.half_friction(half[0], m[0], m[1], rough[r % rough.shape[0], c0:c1], dt, half[1], half[2])


@njit(error_model="numpy")
def _tile(z: Any, state: Any, out: Any, rough: Any, rates: Any, tile: Any, second: Any, record: Any, sums: Any) -> Any:
    """Step a tile; the fastest wave, 0 where no water is left. The arguments are those of `step`."""
    h, qx, qy = state
    out_h, out_x, out_y = out
    dt, kx, ky, units_x, units_y, steep_x, steep_y = rates
    r0, r1, c0, c1 = tile
    left, right = c0 - RING, c1 + RING
    wide = right - left
    p = np.empty((3, 3, wide), np.float32)
    m, slopes = np.zeros((4, wide), np.float32), np.zeros((2, 8, wide), np.float32)
    half = np.zeros((2, 4, wide), np.float32)
    x = np.zeros((3, wide + 1), np.float32)  # ahead, behind, along of the faces in the row
    y, free = np.zeros((2, 3, wide), np.float32), np.zeros((2, c1 - c0), np.float32)
    row, column = np.zeros(wide, np.int32), np.zeros((2, wide), np.int32)
    fastest, debt = np.zeros(c1 - c0, np.float32), np.zeros(c1 - c0, np.int32)
    none = np.zeros(wide, np.float32)
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
            a = n % 3
            flow.primitive(h[n, left:right], qx[n, left:right], qy[n, left:right], p[a, 0], p[a, 1], p[a, 2])
        if second:
            _slopes(h, z, rough, r, left, right, p, dt, kx, ky, m, slopes[this], half[this])
        if r == first:
            continue
        b = r - 1  # the row that this one's upper faces complete
        hb, zb, hr, zr = h[b, left:right], z[b, left:right], h[r, left:right], z[r, left:right]
        ys, through = y[this], column[this]
        if second:
            flow.tilted_across(
                hb, zb, half[last], slopes[last], hr, zr, half[this], slopes[this], steep_y, units_y,
                through, ys[0], ys[1], ys[2],
            )  # fmt: skip
        else:
            flow.faces_across(hb, zb, p[b % 3], hr, zr, p[r % 3], steep_y, units_y, through, ys[0], ys[1], ys[2])
        if r == r0:
            sums[2] += through[inner].sum()
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
            most = max(most, _note(oh, ox, oy, flow.greatest(fastest), record, b, c0, c1))
        if r == r1:
            sums[3] += through[inner].sum()
        else:
            if second:
                flow.tilted_along(
                    hr, zr, half[this], slopes[this], steep_x, units_x, row, x[0], x[1, 1:], x[2, 1:]
                )  # fmt: skip
            else:
                a = r % 3
                flow.faces_along(
                    hr, zr, p[a, 0], p[a, 1], p[a, 2], steep_x, units_x, row, x[0], x[1, 1:], x[2, 1:]
                )  # fmt: skip
            sums[0] += row[RING - 1]
            sums[1] += row[wide - RING - 1]
    return most


@njit(error_model="numpy")
def _note(h: Any, qx: Any, qy: Any, fastest: Any, record: Any, r: Any, c0: Any, c1: Any) -> Any:
    """Keep the record of a row up to date, where one is kept and no cell blew up; the row's quickest wave."""
    whole, real, wet, now, ticks = record
    if wet > 0 and fastest < flow.BLOWN:
        flow.record_depth(h, wet, now, ticks, whole[0, r, c0:c1], whole[1, r, c0:c1], real[0, r, c0:c1])
        flow.record_flow(h, qx, qy, wet, real[1, r, c0:c1], real[2, r, c0:c1], real[3, r, c0:c1])
    return fastest


@njit(cache=True, parallel=True, error_model="numpy")
def step(
    z: Any, state: Any, out: Any, rough: Any, rates: Any, tiles: Any, second: Any, record: Any, most: Any, sums: Any
) -> None:
    """Step the tiles of the list; all rasters have a ring of RING cells around them.

    z : float32 metres above the datum
    state : h, int32 units, negative for walls; qx, qy, float32 m²/s to the east (columns) and south (rows)
    out : arrays for what they become
    rough : 4 g n² of every cell, or one row of it for all
    rates : float32 dt in seconds; dt / width and dt / height; the same in units; most fall along and across
    tiles : (n, 4) int64 first and last rows and columns, in the arrays' own count
    record : whole, (2, …) int32; real, (4, …) float32; wet in units, 0 for no record; now, float32; ticks, int32
    most : (n,) float32 out, the fastest wave of each tile
    sums : (n, 5) int64 out, units through the tile's west, east, north and south faces, and units owed
    """
    for k in prange(len(tiles)):
        sums[k] = 0
        tile = (tiles[k, 0], tiles[k, 1], tiles[k, 2], tiles[k, 3])
        most[k] = _tile(z, state, out, rough, rates, tile, second, record, sums[k])


@njit(cache=True, error_model="numpy")
def edges(z: Any, h: Any, qx: Any, qy: Any, kinds: Any, levels: Any) -> Any:
    """Lay the ring before a step; the fastest wave that stands in it.

    kinds : west, east, north, south, 0 wall, 1 open, 2 level; levels : float64 metres above the datum
    """
    rows, cols = h.shape[0] - 2 * RING, h.shape[1] - 2 * RING
    most = np.float32(0)
    for side in range(4):
        if kinds[side] == 0:
            continue
        for k in range(rows if side < 2 else cols):
            r = k + RING if side < 2 else (RING if side == 2 else rows + RING - 1)
            c = k + RING if side >= 2 else (RING if side == 0 else cols + RING - 1)
            outward = qx[r, c] if side < 2 else qy[r, c]
            outward = outward if side % 2 else -outward
            units, u, v = np.int32(-1), flow.ZERO, flow.ZERO
            if h[r, c] >= 0 and kinds[side] == 1:
                units = np.int32(0) if outward >= flow.ZERO else np.int32(-1)
            elif h[r, c] >= 0:
                metres = min(max(levels[side] - np.float64(z[r, c]), 0.0), np.float64(flow.DEEPEST))
                units = np.int32(np.floor(metres * 16777216.0 + 0.5))
                deep = np.float32(units) * flow.UNIT
                inverse = flow.ONE / max(np.float32(h[r, c]) * flow.UNIT, flow.DRY)
                u, v = qx[r, c] * inverse * deep, qy[r, c] * inverse * deep
                most = max(most, np.sqrt(flow.GRAVITY * deep))
            for ring in range(RING):
                i = r if side < 2 else (RING - 1 - ring if side == 2 else rows + RING + ring)
                j = c if side >= 2 else (RING - 1 - ring if side == 0 else cols + RING + ring)
                h[i, j] = units
                qx[i, j] = u
                qy[i, j] = v
    return most
