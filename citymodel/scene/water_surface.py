"""The surface of water as triangles: level over the ground, cut at the waterline, at walls carried on into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from citymodel.frames import Moment
    from citymodel.surface import Grid

F4 = NDArray[np.float32]

WET = 0.01
"""Metres of water from which a place is shown wet."""
FULL, QUICK = 500_000, 90_000
"""Quads of the picture at rest, and while the camera moves."""
_TRUST = 0.02  # metres of water from which a neighbour's level counts wholly
_NONE = np.float32(-1.0)


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """Water on a grid of at most so many quads.

    points, normals : (n, 3) float32 local; triangles : (t, 3) int32
    film : (n,) float32, metres of water above ``WET``; below zero beyond the waterline, which lies where it is 0
    speed : (n,) float32 m/s, 0 where no velocities are kept
    """

    points: F4
    normals: F4
    triangles: NDArray[np.int32]
    film: F4
    speed: F4


@dataclass(frozen=True, eq=False, slots=True)
class Field:
    """A moment's water on the grid that is drawn, which may be coarser than the flood's own.

    x, y : (cols,), (rows,) float32 local metres, y falling; cell : metres
    level : (rows, cols) float32 local metres, of the water, carried on beyond the waterline; film as in `Sheet`
    ground : (rows, cols) float32 local metres, NaN on walls; east, north : m/s or None
    """

    x: F4
    y: F4
    cell: float
    level: F4
    film: F4
    ground: F4
    east: F4 | None
    north: F4 | None


def field_of(ground: F4, moment: Moment, grid: Grid, origin: tuple[float, float, float], most: int) -> Field:
    """A moment's water, in blocks of cells where more than ``most`` quads would be wet."""
    wet = np.asarray(moment.depth) >= WET
    each = 1
    while np.count_nonzero(_any_in(wet, each)) > most:
        each *= 2
    parts = [ground, moment.depth, *(one for one in (moment.east, moment.north) if one is not None)]
    low, depth, *flow = (np.asarray(one, dtype=np.float32) for one in parts)
    x, y = grid.x - origin[0], grid.y - origin[1]
    if each > 1:
        low, depth, *flow = (_blocks(one, each) for one in (low, depth, *flow))
        x, y = _middles(x, each), _middles(y, each)
    level, film = carried(low - np.float32(origin[2]), depth)
    east, north = flow if len(flow) == 2 else (None, None)
    place = np.asarray(x, dtype=np.float32), np.asarray(y, dtype=np.float32)
    return Field(*place, grid.cell * each, level, film, low - np.float32(origin[2]), east, north)


def carried(ground: F4, depth: F4) -> tuple[F4, F4]:
    """Level and film of the water, carried on one cell beyond it.

    Beyond a shore the level stays flat and the ground rises through it, so that the waterline lies where the two meet
    between cell centres; at the front of a thin film it lies near the dry cell. Walls get their neighbours' water: it
    ends at the wall's face and not half a cell before.

    ground, depth : (rows, cols) float32 metres, NaN on walls
    """
    wall = ~(np.isfinite(ground) & np.isfinite(depth))
    held: F4 = np.where(wall, np.float32(0.0), depth)
    base: F4 = np.where(wall, np.float32(0.0), ground)
    weight = np.clip(held / np.float32(_TRUST), 0.0, 1.0).astype(np.float32)
    weight[held < 1e-4] = 0.0
    total = _around(weight)
    some = total > 0.0
    share = np.divide(np.float32(1.0), total, out=np.zeros_like(total), where=some)
    beside = _around(weight * (base + held)) * share
    # what the level lacks to the ground counts the less the more water stands there: nothing jumps as a cell gets wet
    lack = np.minimum(beside - base, 0.0) * np.clip(1.0 - held / np.float32(WET), 0.0, 1.0)
    film = np.where(some, held + lack, np.float32(0.0)) - np.float32(WET)
    level = base + film + np.float32(WET)
    deep = _around(weight * held) * share
    film = np.where(wall, np.where(some, deep - np.float32(WET), _NONE), film)
    level = np.where(wall, beside, level)
    return np.asarray(level, dtype=np.float32), np.asarray(film, dtype=np.float32)


def sheet_of(field: Field, lift: float) -> Sheet:
    """Triangles of every quad of cell centres that water touches, ``lift`` metres above its level."""
    rows, cols = field.film.shape
    speed = np.zeros(field.film.shape, np.float32)
    if field.east is not None and field.north is not None:
        speed = np.nan_to_num(np.hypot(field.east, field.north), copy=False)
    corner = np.flatnonzero(_touched(field.film))
    a = corner + corner // max(cols - 1, 1)  # of the quad's upper left point
    used = np.zeros(rows * cols, dtype=bool)
    for step in (0, 1, cols, cols + 1):
        used[a + step] = True
    chosen = np.flatnonzero(used)
    number = np.zeros(rows * cols, dtype=np.int32)
    number[chosen] = np.arange(len(chosen), dtype=np.int32)
    quads = [number[a + step] for step in (0, cols, 1, cols + 1)]
    one, two, three, four = quads
    triangles = np.concatenate([np.stack([one, two, three], axis=1), np.stack([three, two, four], axis=1)])
    level = field.level.ravel()[chosen]
    place = np.stack([field.x[chosen % cols], field.y[chosen // cols], level + np.float32(lift)], axis=1)
    return Sheet(place, _normals(field, chosen), triangles, field.film.ravel()[chosen], speed.ravel()[chosen])


def _normals(field: Field, chosen: NDArray[np.int64]) -> F4:
    """(n, 3) float32 normals of the level at points, from neighbours that hold water."""
    rows, cols = field.film.shape
    level, wet = field.level.ravel(), field.film.ravel() > 0.0
    row, col = np.divmod(chosen, cols)
    out = np.zeros((len(chosen), 3), dtype=np.float32)
    for axis, at, step, most, sign in ((0, col, 1, cols, -1.0), (1, row, cols, rows, 1.0)):
        after = np.where(at + 1 < most, chosen + step, chosen)
        before = np.where(at > 0, chosen - step, chosen)
        after, before = np.where(wet[after], after, chosen), np.where(wet[before], before, chosen)
        out[:, axis] = sign * (level[after] - level[before]) / np.float32(field.cell * 2.0)
    out[:, 2] = 1.0
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), dtype=np.float32)


def _touched(film: F4) -> NDArray[np.bool_]:
    """(rows − 1, cols − 1): whether one of a quad's corners is wet."""
    wet = film > 0.0
    down = wet[:-1] | wet[1:]
    return np.asarray(down[:, :-1] | down[:, 1:])


def _around(values: F4) -> F4:
    """The sum over a cell and its eight neighbours."""
    down = values.copy()
    down[1:] += values[:-1]
    down[:-1] += values[1:]
    out = down.copy()
    out[:, 1:] += down[:, :-1]
    out[:, :-1] += down[:, 1:]
    return out


def _any_in(wet: NDArray[np.bool_], each: int) -> NDArray[np.bool_]:
    """Which blocks hold a wet cell."""
    if each == 1:
        return wet
    rows, cols = (-(-size // each) for size in wet.shape)
    padded = np.zeros((rows * each, cols * each), dtype=bool)
    padded[: wet.shape[0], : wet.shape[1]] = wet
    return np.asarray(padded.reshape(rows, each, cols, each).any(axis=(1, 3)))


def _blocks(values: F4, each: int) -> F4:
    """Means over blocks of the cells that have a value; not-a-number where less than half have one."""
    rows, cols = (-(-size // each) for size in values.shape)
    total, count = np.zeros((rows, cols), np.float32), np.zeros((rows, cols), np.float32)
    for i in range(each):
        for j in range(each):
            part = values[i::each, j::each]
            known = np.isfinite(part)
            total[: part.shape[0], : part.shape[1]] += np.where(known, part, np.float32(0.0))
            count[: part.shape[0], : part.shape[1]] += known
    return np.where(count * 2 >= each * each, total / np.maximum(count, 1.0), np.float32(np.nan))


def _middles(places: NDArray[np.float64], each: int) -> NDArray[np.float64]:
    """Middles of blocks of places."""
    step = places[1] - places[0] if len(places) > 1 else 1.0
    return np.asarray(places[::each] + step * (each - 1) / 2.0)
