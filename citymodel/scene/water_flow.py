"""Where water runs: arrows and streaks on its surface, drawn from its velocities alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene.water_surface import WET, Field

F4 = NDArray[np.float32]

SLOWEST, FULL_SPEED = 0.05, 2.0
"""Metres a second: below the first nothing is drawn, from the second on the sign is as long as it gets."""
DARK = 0.4
"""Metres of water whose colour is so dark that white is seen best on it."""
MOST = 4000
"""Arrows or streaks of a picture."""
WAY = 9.0
"""Blocks that the quickest particle drifts through; a third of its way is seen at a time."""
_STEPS = 28  # places along a streak's way
_TAIL = 0.35  # of the way, that is seen behind a particle
_OUTLINE = np.array(  # a slim arrow of length 1 that points along x, its middle at 0
    [(-0.5, 0.045), (0.08, 0.06), (0.04, 0.2), (0.5, 0.0), (0.04, -0.2), (0.08, -0.06), (-0.5, -0.045)]
)


@dataclass(frozen=True, eq=False, slots=True)
class Arrows:
    """Flat polygons of seven corners: points (7 n, 3) float32 local, rim the same a little larger, drawn beneath.

    deep : (n,) bool, over water so deep that its colour is dark
    """

    points: F4
    rim: F4
    deep: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Streaks:
    """Ways of particles.

    points : (n, steps, 3) float32 local; strength : (n, steps) float32 0–1, how much is seen
    deep : (n, steps) bool, over water so deep that its colour is dark
    """

    points: F4
    strength: F4
    deep: NDArray[np.bool_]


def apart(field: Field, metres: float) -> int:
    """Cells between two signs that should be so many metres apart: a power of two, so that they stay where they are."""
    each = 2 ** max(round(math.log2(max(metres / field.cell, 1.0))), 0)
    rows, cols = field.film.shape
    while (rows // each) * (cols // each) > 16 * MOST:  # most places are dry
        each *= 2
    return int(each)


def arrows_of(field: Field, each: int, lift: float) -> Arrows | None:
    """An arrow in each block of cells that carries water on, None without velocities or where nothing moves."""
    found = _carried_on(field, each)
    if found is None:
        return None
    place, along, speed, film = found
    share = length_share(speed)
    length = (0.95 * each * field.cell * share)[:, None, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)

    def laid(outline: NDArray[np.float64], height: float) -> F4:
        flat = outline[None, :, :1] * along[:, None, :] + outline[None, :, 1:] * across[:, None, :]
        points = np.zeros((len(place), len(outline), 3), dtype=np.float32)
        points[:, :, :2] = place[:, None, :2] + flat * length
        points[:, :, 2] = place[:, 2:] + np.float32(height)
        return points.reshape(-1, 3)

    return Arrows(laid(_OUTLINE, lift + 0.04), laid(_rim(), lift + 0.02), film > DARK)


def length_share(speed: F4) -> F4:
    """0.35 to 1: how long an arrow is of the longest."""
    share = np.sqrt(np.clip(speed, SLOWEST, FULL_SPEED) / FULL_SPEED)
    low = math.sqrt(SLOWEST / FULL_SPEED)
    return np.asarray(0.35 + 0.65 * (share - low) / (1.0 - low), dtype=np.float32)


def streaks_of(field: Field, each: int, lift: float, turn: float) -> Streaks | None:
    """Ways of particles that drift from where they were put and begin anew when they have gone far enough.

    turn : how often a particle has begun anew since the start, any number; each has a place of its own in its turn
    """
    if field.east is None or field.north is None:
        return None
    rows, cols = field.film.shape
    down, right = np.meshgrid(np.arange(each // 2, rows, each), np.arange(each // 2, cols, each), indexing="ij")
    chance = np.random.default_rng(7).random((3, down.size))
    row = down.ravel() + each * (chance[0] - 0.5)
    col = right.ravel() + each * (chance[1] - 0.5)
    speed = np.hypot(*_velocity(field, row, col))
    moving = (speed >= SLOWEST) & (_picked(field.film, row, col) > 0.0)
    row, col, phase = row[moving][:MOST], col[moving][:MOST], (turn + chance[2][moving][:MOST]) % 1.0
    if not len(row):
        return None
    way = _ways(field, row, col, WAY * each)
    # the head has gone a share of the way; the tail follows it and both fade in and out
    share = np.linspace(0.0, 1.0, way.shape[1])[None, :]
    behind = (phase[:, None] * (1.0 + _TAIL) - share) / _TAIL
    strength = np.where((behind >= 0.0) & (behind <= 1.0), 1.0 - behind, 0.0)
    strength = strength * np.sqrt(length_share(speed[moving][:MOST]))[:, None]
    level = _picked(field.level, way[..., 0], way[..., 1])
    film = _picked(field.film, way[..., 0], way[..., 1])
    inside = ((way > -0.5) & (way < np.array([rows, cols]) - 0.5)).all(axis=2)
    wet = np.logical_and.accumulate((film > 0.0) & inside, axis=1)
    x = field.x[0] + way[..., 1] * field.cell
    y = field.y[0] - way[..., 0] * field.cell
    points = np.stack([x, y, level + lift + 0.03], axis=2).astype(np.float32)
    return Streaks(points, (strength * wet).astype(np.float32), film > DARK)


def _ways(field: Field, row: NDArray[np.float64], col: NDArray[np.float64], cells: float) -> NDArray[np.float64]:
    """(n, steps, 2) rows and columns along the flow, the quickest ``cells`` long (midpoint rule)."""
    way = np.zeros((len(row), _STEPS, 2))
    way[:, 0] = np.stack([row, col], axis=1)
    step = cells / (_STEPS - 1)

    def ahead(at: NDArray[np.float64]) -> NDArray[Any]:
        east, north = _velocity(field, at[:, 0], at[:, 1])
        speed = np.hypot(east, north)
        pace = np.where(speed > 1e-3, length_share(speed) / np.maximum(speed, 1e-3), 0.0)
        return np.stack([-north * pace, east * pace], axis=1) * step

    for k in range(1, _STEPS):
        half = way[:, k - 1] + 0.5 * ahead(way[:, k - 1])
        way[:, k] = way[:, k - 1] + ahead(half)
    return way


def _velocity(field: Field, row: NDArray[np.float64], col: NDArray[np.float64]) -> tuple[F4, F4]:
    """East and north at places in cells, 0 outside and on walls."""
    assert field.east is not None
    assert field.north is not None
    return np.nan_to_num(_picked(field.east, row, col)), np.nan_to_num(_picked(field.north, row, col))


def _picked(values: F4, row: NDArray[Any], col: NDArray[Any]) -> F4:
    rows, cols = values.shape
    r = np.clip(np.rint(row).astype(np.int64), 0, rows - 1)
    c = np.clip(np.rint(col).astype(np.int64), 0, cols - 1)
    return np.asarray(values[r, c])


def _carried_on(field: Field, each: int) -> tuple[F4, F4, F4, F4] | None:
    """Places (n, 3) local in the middle of each block's flow, directions (n, 2), speeds (n,) and films (n,)."""
    if field.east is None or field.north is None:
        return None
    deep = np.where(field.film > 0.0, field.film + np.float32(WET), np.float32(0.0))
    deep = np.where(np.isfinite(field.east), deep, np.float32(0.0))
    flow = [np.nan_to_num(one) * deep for one in (field.east, field.north)]
    carried = np.hypot(*flow)
    sums = [_sums(one, each) for one in (deep, *flow, carried, (deep > 0.0).astype(np.float32))]
    total, east, north, strong, count = (one.ravel() for one in sums)
    row, col = np.meshgrid(
        np.arange(field.film.shape[0], dtype=np.float32), np.arange(field.film.shape[1], dtype=np.float32),
        indexing="ij",
    )  # fmt: skip
    rows, cols = (_sums(carried * one, each).ravel() for one in (row, col))
    net = np.hypot(east, north)
    speed = np.divide(net, total, out=np.zeros_like(net), where=total > 0)
    # water that runs both ways has no arrow, nor has a puddle: a stream through the block wets a row of it
    kept = (speed >= SLOWEST) & (net > 0.5 * strong) & (count >= 0.75 * each)
    if not kept.any():
        return None
    if np.count_nonzero(kept) > MOST:
        kept &= net >= np.partition(net[kept], -MOST)[-MOST]
    rows, cols, strong = rows[kept], cols[kept], strong[kept]
    r, c = rows / strong, cols / strong
    film = _picked(field.film, r, c)
    inside = film > 0.0
    r, c, film = r[inside], c[inside], film[inside]
    if not len(r):
        return None
    place = np.stack([field.x[0] + c * field.cell, field.y[0] - r * field.cell, _picked(field.level, r, c)], axis=1)
    along = np.stack([east[kept][inside], north[kept][inside]], axis=1) / net[kept][inside][:, None]
    return place.astype(np.float32), along.astype(np.float32), speed[kept][inside].astype(np.float32), film


def _sums(values: F4, each: int) -> F4:
    """Sums over blocks of cells."""
    rows, cols = (-(-size // each) for size in values.shape)
    padded = np.zeros((rows * each, cols * each), dtype=np.float32)
    padded[: values.shape[0], : values.shape[1]] = values
    return np.asarray(padded.reshape(rows, each, cols, each).sum(axis=(1, 3)), dtype=np.float32)


def _rim() -> NDArray[np.float64]:
    """The arrow's outline a little larger all around, for a dark edge."""
    centre = np.array([0.06, 0.0])
    wide = _OUTLINE + np.sign(_OUTLINE) * np.array([0.0, 0.045])
    wide[0, 0] = wide[-1, 0] = -0.55
    wide[3, 0] = 0.62
    wide[2, 0] = wide[4, 0] = -0.03
    return np.asarray(centre + (wide - centre))
