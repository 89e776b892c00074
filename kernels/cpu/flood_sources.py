"""Sources of a flood on the CPU: whole units of depth added to cells and taken from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import flow

_UNITS = 16777216.0
#: Units that no cell exceeds: a step that starts with more than it should ends the flood.
_FULL = 127 * 2**24


@njit(**flow._VECTOR)
def _add_row(h: Any, share: Any, units: Any) -> None:
    """The same for every cell, times its share; 0 for walls."""
    for i in range(h.size):
        h[i] = h[i] + units * share[i]


@njit(error_model="numpy")
def _add_zones(h: Any, zones: Any, share: Any, units: Any) -> Any:
    """By zone; whether anything fell."""
    most = np.int32(0)
    for i in range(h.size):
        more = units[zones[i]] * share[i]
        h[i] += more
        most = max(most, more)
    return most > 0


@njit(cache=True, parallel=True, error_model="numpy")
def rain(h: Any, zones: Any, share: Any, units: Any, tiles: Any, touched: Any) -> None:
    """Add rain to all tiles; zones is (1, 1) where there is but one; touched : (n,) bool, set where some fell."""
    for k in prange(len(tiles)):
        r0, r1, c0, c1 = tiles[k, 0], tiles[k, 1], tiles[k, 2], tiles[k, 3]
        for r in range(r0, r1):
            if zones.shape[0] == 1:
                _add_row(h[r, c0:c1], share[r, c0:c1], units[0])
                touched[k] |= units[0] > 0
            else:
                touched[k] |= _add_zones(h[r, c0:c1], zones[r, c0:c1], share[r, c0:c1], units)


@njit(cache=True, parallel=True, error_model="numpy")
def take(h: Any, zones: Any, units: Any, tiles: Any, taken: Any) -> None:
    """Take up to the units of its zone from each cell; taken : (n,) int64 out."""
    for k in prange(len(tiles)):
        total = np.int64(0)
        for r in range(tiles[k, 0], tiles[k, 1]):
            for c in range(tiles[k, 2], tiles[k, 3]):
                zone = zones[0, 0] if zones.shape[0] == 1 else zones[r, c]
                less = min(max(h[r, c], np.int32(0)), units[zone])
                h[r, c] -= less
                total += less
        taken[k] = total


@njit(cache=True, parallel=True, error_model="numpy")
def soak(h: Any, soaked: Any, zones: Any, soils: Any, seconds: Any, tiles: Any, taken: Any) -> None:
    """Green & Ampt's infiltration over some seconds; soaked : float64 units so far."""
    for k in prange(len(tiles)):
        total = np.int64(0)
        for r in range(tiles[k, 0], tiles[k, 1]):
            for c in range(tiles[k, 2], tiles[k, 3]):
                if h[r, c] <= 0:
                    continue
                zone = zones[0, 0] if zones.shape[0] == 1 else zones[r, c]
                there, before = np.float64(h[r, c]), soaked[r, c]
                most = soils[zone, 0] * seconds
                a = most - 2.0 * before
                room = (soils[zone, 1] + there) * soils[zone, 2] + before
                after = before + min(0.5 * (a + np.sqrt(a * a + 8.0 * most * room)), there)
                less = min(np.int32(np.floor(after) - np.floor(before)), h[r, c])
                soaked[r, c] = after
                h[r, c] -= less
                total += less
        taken[k] = total


@njit(cache=True, error_model="numpy")
def pour(h: Any, cells: Any, units: Any) -> Any:
    """Add units to flat cells up to what a cell can hold, or take what is there at most; the sum."""
    flat, total = h.reshape(-1), np.int64(0)
    for k in range(len(cells)):
        here = np.int64(max(flat[cells[k]], np.int32(0)))
        more = min(max(units[k], -here), _FULL - here)
        flat[cells[k]] = here + more
        total += more
    return total


@njit(cache=True, error_model="numpy")
def link(z: Any, h: Any, cells: Any, sizes: Any, seconds: Any, area: Any) -> Any:
    """Let water run through links from flat cell to flat cell; returns the units that moved.

    cells : (n, 2) int64; sizes : (n, 5) float64 width, invert above the datum, height, capacity, coefficient

    Over the invert the flow is critical until the water below stands above two thirds of the depth before it, then what
    the difference of levels drives, through the opening's height at the most. A step moves a quarter of what would make
    the levels even, at the most.
    """
    ground, flat, moved = z.reshape(-1), h.reshape(-1), np.int64(0)
    for k in range(len(cells)):
        a, b = cells[k, 0], cells[k, 1]
        if flat[a] < 0 or flat[b] < 0:
            continue
        over_a = np.float64(ground[a]) + flat[a] / _UNITS - sizes[k, 1]
        over_b = np.float64(ground[b]) + flat[b] / _UNITS - sizes[k, 1]
        if over_b > over_a:
            a, b, over_a, over_b = b, a, over_b, over_a
        if over_a <= 0.0:
            continue
        below = max(over_b, over_a * (2.0 / 3.0))
        free = below < sizes[k, 2]  # else the opening runs full
        opening = below if free else sizes[k, 2]
        drop = over_a - (below if free else max(over_b, opening))
        flow = sizes[k, 4] * sizes[k, 0] * opening * np.sqrt(2.0 * 9.81 * drop)
        flow = min(flow, sizes[k, 3])
        limit = min(0.25 * (over_a - max(over_b, 0.0)) * _UNITS, 0.5 * flat[a])
        units = np.int32(min(flow * seconds / area * _UNITS, limit))
        flat[a] -= units
        flat[b] += units
        moved += units
    return moved
