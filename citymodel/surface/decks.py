"""Bridge decks on a terrain: where they lie, and the ground that runs on below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.surface.from_model import model_triangles, rasterise
from citymodel.surface.grid import Grid

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]
Ring = Sequence[tuple[float, float]]

BRIDGE_RETURNS = 17
"""LAS 1.4 class of bridge decks."""
DUTCH_RETURNS = 26
"""Class of bridges and other structures in the Dutch national flights, which are older than class 17."""
BRIDGE_TYPES = frozenset({"Bridge", "BridgePart", "BridgeConstructiveElement", "BridgeInstallation"})

DIRECTIONS = 72
REACH = 150.0
"""Metres from a deck's cell within which open ground is looked for."""
UNEVEN, LONG = 0.5, 0.004
"""Metres that a line counts as higher for each metre between the heights of its ends, and for each metre of length."""
RIM, DROP = 0.75, 1.0
"""Metres: a cell beside a deck, no lower than RIM below it, beyond which the ground falls by DROP, is deck as well."""
_CHUNK = 40_000


def deck_cells(layers: Sequence[Layer], grid: Grid, given: Sequence[Ring] = ()) -> Mask:
    """(rows, columns) bool: cells under bridges of models, bridge returns of points, and given outlines."""
    from scipy.ndimage import binary_closing

    decks = np.zeros(grid.shape, dtype=bool)
    for layer in layers:
        if layer.kind == "city":
            triangles = model_triangles(layer.data)
            names = layer.data.objects.type_names
            bridge = np.array([name in BRIDGE_TYPES for name in names] + [False])
            of_type = np.append(layer.data.objects.type, -1)[triangles.object_row]
            decks |= np.isfinite(rasterise(triangles, bridge[of_type], grid)[0])
        elif layer.kind == "points":
            hit = _bridge_returns(layer, grid)
            decks |= np.asarray(binary_closing(np.pad(hit, 2), np.ones((3, 3)), iterations=2))[2:-2, 2:-2] | hit
    for ring in given:
        import shapely

        x, y = np.meshgrid(grid.x, grid.y)
        decks |= np.asarray(shapely.contains_xy(shapely.Polygon(ring), x, y), dtype=bool)
    return decks


def _bridge_returns(layer: Layer, grid: Grid) -> Mask:
    from kernels.binning import bin_points

    codes = layer.data.columns.get("classification")
    if codes is None:
        return np.zeros(grid.shape, dtype=bool)
    chosen = np.asarray(codes) == BRIDGE_RETURNS
    if not chosen.any() and (grid.crs or "").startswith(("EPSG:28992", "EPSG:7415")):
        chosen = np.asarray(codes) == DUTCH_RETURNS
    if not chosen.any():
        return np.zeros(grid.shape, dtype=bool)
    x, y, z = (np.ascontiguousarray(part) for part in layer.data.coordinates(np.flatnonzero(chosen)).T)
    return np.asarray(bin_points(x, y, z, grid.x0, grid.y0, grid.cell, grid.shape, reduce="count") > 0)


def without_decks(terrain: F8, decks: Mask, grid: Grid, progress: Progress = silent) -> F8:
    """The ground as it is below bridges, so that no deck dams a river.

    Each cell of a deck takes the height between the open ground at the two ends of a straight line through it: of all
    directions the one whose higher end is the lowest, the way the water takes; of two alike the one with the evener
    ends, then the shorter. So the bed of a channel runs on, whichever way a deck crosses it, and banks join banks.
    Ground that is known to lie lower stays, and so does all that is no deck: abutments stand.

    terrain : (rows, columns) metres, NaN where unknown; decks : (rows, columns) bool
    """
    if not decks.any():
        return terrain.copy()
    decks = _with_rims(terrain, decks, grid)
    row, column = np.nonzero(decks)
    known = np.isfinite(terrain) & ~decks
    whole = known[:-1, :-1] & known[:-1, 1:] & known[1:, :-1] & known[1:, 1:]
    below = np.empty(len(row))
    for k in range(0, len(row), _CHUNK):
        part = slice(k, k + _CHUNK)

        def step(fraction: float, text: str = "", done: int = k) -> None:
            progress((done + fraction * min(_CHUNK, len(row) - done)) / len(row), text)

        below[part] = _below(terrain, whole, row[part], column[part], grid.cell, step)
    out = terrain.copy()
    out[row, column] = np.where(np.isfinite(below), np.fmin(below, terrain[row, column]), terrain[row, column])
    return out


def _with_rims(terrain: F8, decks: Mask, grid: Grid) -> Mask:
    """Decks and the cells beside them that hold a deck's height too: its edge rarely follows the cells."""
    for _ in range(int(np.clip(np.ceil(1.0 / grid.cell), 1, 3))):
        open_ground = np.where(decks, np.nan, terrain)
        more = np.zeros_like(decks)
        for side in ((0, 1), (0, -1), (1, 0), (-1, 0)):  # across the deck's edge: along it the road goes on
            back = (-side[0], -side[1])
            top = np.where(_moved(decks, side, False), _moved(terrain, side, np.nan), np.nan)
            low = np.fmin(_moved(open_ground, back, np.nan), _moved(open_ground, back, np.nan, 2))
            with np.errstate(invalid="ignore"):
                more |= ~decks & (terrain > top - RIM) & (terrain > low + DROP)
        if not more.any():
            break
        decks = decks | more
    return decks


def _moved(cells: NDArray[Any], step: tuple[int, int], beyond: Any, times: int = 1) -> NDArray[Any]:
    """The array moved by whole rows and columns, ``beyond`` where nothing comes from."""
    out = np.full_like(cells, beyond)
    r, c = step[0] * times, step[1] * times
    rows, columns = cells.shape
    out[max(r, 0) : rows + min(r, 0), max(c, 0) : columns + min(c, 0)] = cells[
        max(-r, 0) : rows + min(-r, 0), max(-c, 0) : columns + min(-c, 0)
    ]
    return out


def _below(terrain: F8, whole: Mask, row: I8, column: I8, cell: float, progress: Progress) -> F8:
    """(n,) height below each of these cells, NaN where no open ground is found.

    whole : (rows - 1, columns - 1) bool, where a cell and its three neighbours to the lower right are open ground
    """
    found, least = np.full(len(row), np.nan), np.full(len(row), np.inf)
    single = np.full(len(row), np.inf)
    for k in range(DIRECTIONS):
        progress(k / DIRECTIONS)
        angle = np.pi * k / DIRECTIONS
        step = (np.sin(angle), np.cos(angle))
        (za, ta), (zb, tb) = (
            _open_ground(terrain, whole, row, column, (sign * step[0], sign * step[1]), REACH / cell)
            for sign in (1, -1)
        )
        single = np.fmin(single, np.fmin(za, zb))
        both = np.isfinite(za) & np.isfinite(zb)
        cost = np.maximum(za, zb) + UNEVEN * np.abs(za - zb) + LONG * cell * (ta + tb)
        better = both & (cost < least)
        found[better] = ((za * tb + zb * ta) / (ta + tb))[better]
        least[better] = cost[better]
    return np.where(np.isfinite(found), found, np.where(np.isfinite(single), single, np.nan))


def _open_ground(
    terrain: F8, whole: Mask, row: I8, column: I8, step: tuple[float, float], reach: float
) -> tuple[F8, F8]:
    """(n,) height of the first open ground in a direction, NaN for none, and how many cells off it is."""
    z, off = np.full(len(row), np.nan), np.full(len(row), np.nan)
    active = np.arange(len(row))
    for t in np.arange(1.0, reach + 1.0):
        r, c = row[active] + t * step[0], column[active] + t * step[1]
        r0, c0 = np.floor(r + 1e-9).astype(np.int64), np.floor(c + 1e-9).astype(np.int64)
        inside = (r0 >= 0) & (c0 >= 0) & (r0 < whole.shape[0]) & (c0 < whole.shape[1])
        active, r, c, r0, c0 = (one[inside] for one in (active, r, c, r0, c0))
        there = whole[r0, c0]
        at, fr, fc, r1, c1 = active[there], (r - r0)[there], (c - c0)[there], r0[there], c0[there]
        z[at] = (1 - fr) * ((1 - fc) * terrain[r1, c1] + fc * terrain[r1, c1 + 1]) + fr * (
            (1 - fc) * terrain[r1 + 1, c1] + fc * terrain[r1 + 1, c1 + 1]
        )
        off[at] = t
        active = active[~there]
        if not len(active):
            break
    return z, off
