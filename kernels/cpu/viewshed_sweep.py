"""Viewsheds by a sweep on the CPU: rays fanned out from the eye keep their horizon, and bound it in between.

An eighth of the raster is swept line by line, away from the eye. Seen from there every piece of the surface between
two neighbouring centres is a straight line over the slope s of a ray (cells across for each line), so between two rays
the horizon, the highest of all pieces so far, is held from above and from below:

- above: the two rays' horizons joined by a line, and the most by which a centre between them has risen over it;
- below: the one piece spanning both rays that lies highest.

A target above the upper bound is seen and one below the lower bound is hidden, both for certain; the few in between
are left to the exact walk. Curvature bends every piece by the same small amount, which the margin holds.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange

from kernels.cpu.turns import take_turn
from kernels.cpu.viewshed_walk import outwards, within
from kernels.sight import HIDDEN, NO_DATA, VISIBLE, Question

JUDGE, AGAIN, GUESS, TALLY, LIFT = 0, 1, 2, 3, 4
UNSURE = 2
#: Rays in a wedge: what is kept for each of them stays in the first cache.
WEDGE = 256
#: Heights are slopes here, metres a line; no horizon is lower than this one.
_LOW = -1e4
#: Share of a slope that rounding may amount to.
_EXACT = 1e-10
#: A lower bound before there is any.
_NOTHING = -1e300
#: Height of a surface without data where holes block.
WALL = np.float32(1e30)
#: Metres in which two heights are the same.
_SAME = 2e-6
#: Lines after which a wedge asks whether anything can still be seen in it, and rooms worth to be left out.
_ASK, _WORTH = 16, 16

# What is kept for each ray or for the room between it and the next one, one after the other in one array: the
# compiler then knows that they do not overlap, and takes several rays at a time.
_STRIDE = WEDGE + 16
_SLOPE, _FLAT, _BEND = 0, _STRIDE, 2 * _STRIDE  # s, 1 / s, bend of a line of the length 1
_HORIZON, _RISEN = 3 * _STRIDE, 4 * _STRIDE  # the ray's horizon, and by how much it rose on this line
_EXCESS = 5 * _STRIDE  # by how much a centre between the rays rises over their horizons
_LEFT, _RIGHT = 6 * _STRIDE, 7 * _STRIDE  # the piece that bounds the horizon from below, at both rays
_CELL, _PART, _BEFORE = 8 * _STRIDE, 9 * _STRIDE, 10 * _STRIDE  # cell across, place in it, cell one line before
_NEAR, _FAR, _CORNER = 11 * _STRIDE, 12 * _STRIDE, 13 * _STRIDE  # heights: of it, the next, the next one line before
_HERE = 14 * _STRIDE  # slope of the surface where the ray crosses this line
_KEPT = 15 * _STRIDE


class Fan(NamedTuple):
    """A wedge of rays.

    Attributes
    ----------
    begin, rays, rooms : the first ray's number, rays from the slope 0 to 1, rooms between the rays of the wedge
    aside : how far the eye stands beyond the cell across that is its base
    datum, lift : the eye's height, and what to add to the surface for the target's height above the eye
    along, side : bend times the square of a step along and across
    bent : slope by which the bend may raise a piece between two rays
    """

    begin: Any
    rays: Any
    rooms: Any
    aside: Any
    datum: Any
    lift: Any
    along: Any
    side: Any
    bent: Any


@njit(cache=True, error_model="numpy")
def _spread(w: Any, f: Fan, corner: Any) -> None:
    """Start the rays at the eye; `corner`: height of the first cell across on the eye's own line."""
    for b in range(f.rooms + 1):
        slope = (f.begin + b) / f.rays
        w[_SLOPE + b] = slope
        w[_FLAT + b] = 1.0 / slope if slope > 0 else 0.0
        w[_BEND + b] = f.along + slope * slope * f.side
        w[_HORIZON + b] = _LOW
        w[_EXCESS + b] = 0.0
        w[_LEFT + b] = _NOTHING
        w[_RIGHT + b] = _NOTHING
        w[_CELL + b] = math.floor(f.aside)
        w[_FAR + b] = corner


@njit(cache=True, error_model="numpy")
def _advance(w: Any, z: Any, f: Fan, count: Any, row: Any, step: Any, first: Any, last: Any, n: Any) -> None:
    """Move the first `count` rays to the line at the distance `n` and raise their horizons.

    `row`, `step` : place in `z` of the base across, and from cell to cell; `first`, `last` : cells the raster has
    """
    inverse = 1.0 / n
    for b in range(count):
        w[_CORNER + b] = w[_FAR + b]
        w[_BEFORE + b] = w[_CELL + b]
        place = f.aside + w[_SLOPE + b] * n
        cell = math.floor(place)
        w[_CELL + b] = cell
        w[_PART + b] = place - cell
    if first <= 0:
        for b in range(count):
            cell = np.int64(w[_CELL + b])
            w[_NEAR + b] = z[np.uintp(row + step * cell)]
            w[_FAR + b] = z[np.uintp(row + step * min(cell + 1, last))]
    else:
        for b in range(count):
            cell = np.int64(w[_CELL + b])
            w[_NEAR + b] = z[np.uintp(row + step * cell)] if cell >= first else np.nan
            w[_FAR + b] = z[np.uintp(row + step * min(cell + 1, last))] if cell + 1 >= first else np.nan
    for b in range(count):
        a = w[_NEAR + b]
        rise = w[_FAR + b] - a if w[_PART + b] > 0 else 0.0
        here = (a + rise * w[_PART + b] - f.datum) * inverse - w[_BEND + b] * n
        w[_HERE + b] = here
        before = w[_HORIZON + b]
        horizon = here if here > before else before
        # Between the lines a ray crosses a column where its cell changes.
        away = (w[_CELL + b] - f.aside) * w[_FLAT + b]
        corner = w[_CORNER + b]
        side = (corner + (a - corner) * (away - n + 1.0) - f.datum) / away - w[_BEND + b] * away
        side = side if w[_CELL + b] > w[_BEFORE + b] else _LOW
        horizon = side if side > horizon else horizon
        w[_RISEN + b] = horizon - before
        w[_HORIZON + b] = horizon


@njit(cache=True, error_model="numpy")
def _bound(w: Any, f: Fan, count: Any, n: Any) -> None:
    """Bring the bounds between the first `count` rays and their next ones up to this line."""
    inverse = 1.0 / n
    for b in range(count):
        excess = w[_EXCESS + b] - min(w[_RISEN + b], w[_RISEN + 1 + b])
        excess = excess if excess > 0.0 else 0.0
        left, right = w[_HERE + b], w[_HERE + 1 + b]
        # A centre between the rays; at most one, for rays lie no farther apart than cells.
        slope = (w[_CELL + 1 + b] - f.aside) * inverse
        share = slope * f.rays - (f.begin + b)
        centre = (w[_NEAR + 1 + b] - f.datum) * inverse - (f.along + slope * slope * f.side) * n
        between = w[_CELL + 1 + b] > w[_CELL + b]
        over = centre - (w[_HORIZON + b] + (w[_HORIZON + 1 + b] - w[_HORIZON + b]) * share)
        over = over if between else 0.0
        w[_EXCESS + b] = over if over > excess else excess
        dip = left + (right - left) * share - centre
        dip = dip if between and dip > 0.0 else 0.0
        left, right = left - dip, right - dip
        better = left + right > w[_LEFT + b] + w[_RIGHT + b] and dip < -_LOW
        w[_LEFT + b] = left if better else w[_LEFT + b]
        w[_RIGHT + b] = right if better else w[_RIGHT + b]


@njit(cache=True, error_model="numpy")
def _bound_border(w: Any, z: Any, f: Fan, b: Any, at: Any, last: Any, n: Any) -> None:
    """Raise the upper bound beside the last ray on the raster, `b`, to the outermost centre, at `at` in `z`."""
    slope = (last - f.aside) / n
    share = slope * f.rays - (f.begin + b)
    centre = (np.float64(z[np.uintp(at)]) - f.datum) / n - (f.along + slope * slope * f.side) * n
    over = centre - (w[_HORIZON + b] + (w[_HORIZON + 1 + b] - w[_HORIZON + b]) * share)
    if over > w[_EXCESS + b]:
        w[_EXCESS + b] = over


@njit(cache=True, error_model="numpy")
def _dead(w: Any, b: Any, top: Any, bounded: bool) -> bool:
    """Whether the horizon in a room between two rays hides all that is no higher than the slope `top`."""
    low = min(w[_LEFT + b], w[_RIGHT + b]) if bounded else min(w[_HORIZON + b], w[_HORIZON + 1 + b])
    return low - _EXACT * (1.0 + abs(low)) > top


@njit(cache=True, error_model="numpy")
def _alive(w: Any, rooms: Any, top: Any, bounded: bool) -> tuple[Any, Any]:
    """The first room that is not dead, and the one after the last."""
    first, last = np.int64(0), np.int64(rooms)
    while first < last and _dead(w, first, top, bounded):
        first += 1
    while first < last and _dead(w, last - 1, top, bounded):
        last -= 1
    return first, last


@njit(cache=True, error_model="numpy")
def _leave_out(w: Any, f: Fan, first: Any, last: Any) -> Fan:
    """The wedge without its dead rooms at either end."""
    if first > 0:
        for kept in range(0, _KEPT, _STRIDE):
            for b in range(last - first + 1):
                w[kept + b] = w[kept + first + b]
    return Fan(f.begin + first, f.rays, last - first, f.aside, f.datum, f.lift, f.along, f.side, f.bent)


@njit(inline="always")
def _room(f: Fan, row: Any, step: Any, inverse: Any, c: Any) -> tuple[Any, Any, Any, Any]:
    """Of a target `c` cells across: cells from the eye, place in `z`, the ray before it, and how far beyond that."""
    x = c - f.aside
    share = x * inverse * f.rays - f.begin
    ray = min(max(np.int64(share), np.int64(0)), f.rooms - 1)
    return x, np.uintp(row + step * c), np.uintp(ray), share - ray


@njit(inline="always")
def _bounds(w: Any, f: Fan, b: Any, share: Any) -> tuple[Any, Any]:
    """The horizon between two rays lies above the first and not above the second, with room for rounding."""
    near, far, excess = w[_HORIZON + b], w[_HORIZON + 1 + b], w[_EXCESS + b]
    left, right = w[_LEFT + b], w[_RIGHT + b]
    lower = left + (right - left) * share - (_EXACT * (1.0 + abs(left) + abs(right)) + f.bent)
    upper = near + (far - near) * share + excess + (_EXACT * (1.0 + abs(near) + abs(far) + excess) + f.bent)
    return lower, upper


@njit(cache=True, error_model="numpy")
def _judge(w: Any, z: Any, out: Any, f: Fan, row: Any, step: Any, c0: Any, c1: Any, n: Any, open_from: Any) -> None:
    """Write for the targets c0…c1 - 1 of a line: seen, hidden or unsure; codes below `open_from` and limits stay."""
    inverse, drop = 1.0 / n, n * n * f.along
    for c in range(c0, c1):
        x, at, b, share = _room(f, row, step, inverse, c)
        here = (np.float64(z[at]) + f.lift - x * x * f.side - drop) * inverse
        lower, upper = _bounds(w, f, b, share)
        code = VISIBLE if here > upper else (HIDDEN if here < lower else UNSURE)
        before = out[at]
        out[at] = code if open_from <= before < NO_DATA else before


@njit(cache=True, error_model="numpy")
def _guess(w: Any, z: Any, out: Any, f: Fan, row: Any, step: Any, c0: Any, c1: Any, n: Any) -> None:
    """Write for the targets of a line what the horizons of the two nearest rays, joined by a line, say."""
    inverse, drop = 1.0 / n, n * n * f.along
    for c in range(c0, c1):
        x, at, b, share = _room(f, row, step, inverse, c)
        here = (np.float64(z[at]) + f.lift - x * x * f.side - drop) * inverse
        near, far = w[_HORIZON + b], w[_HORIZON + 1 + b]
        code = VISIBLE if here + _EXACT > near + (far - near) * share else HIDDEN
        before = out[at]
        out[at] = code if before < NO_DATA else before


@njit(cache=True, error_model="numpy")
def _tally(
    w: Any, z: Any, out: Any, f: Fan, row: Any, step: Any, c0: Any, c1: Any, n: Any,
    q: Question, limited: bool, by_rows: bool, ahead: Any, aside: Any,
) -> None:  # fmt: skip
    """Count what `_guess` says of the targets of a line, `ahead` metres off; `aside`: metres of a cell across."""
    inverse, drop = 1.0 / n, n * n * f.along
    for c in range(c0, c1):
        x, at, b, share = _room(f, row, step, inverse, c)
        level = np.float64(z[at]) + f.lift
        here = (level - x * x * f.side - drop) * inverse
        near, far = w[_HORIZON + b], w[_HORIZON + 1 + b]
        seen = here + _EXACT > near + (far - near) * share
        if limited:
            south, east = (ahead, x * aside) if by_rows else (x * aside, ahead)
            seen = seen and level < WALL / 1e6 and within(q, south, east, south * south + east * east, level)
        out[at] += np.uint32(1) if seen else np.uint32(0)


@njit(cache=True, error_model="numpy")
def _lift(w: Any, ground: Any, out: Any, f: Fan, row: Any, step: Any, c0: Any, c1: Any, n: Any) -> None:
    """Write for the cells of a line the least height over the ground that is seen, or less than its negative."""
    inverse, drop = 1.0 / n, n * n * f.along
    for c in range(c0, c1):
        x, at, b, share = _room(f, row, step, inverse, c)
        fall = np.float64(ground[at]) - f.datum - x * x * f.side - drop
        lower, upper = _bounds(w, f, b, share)
        if fall * inverse > upper:
            height = 0.0
        elif fall * inverse < lower and (upper - lower) * n < _SAME:
            height = 0.5 * (upper + lower) * n - fall
        else:
            height = min(fall - lower * n, -_SAME)
        height = height if height < WALL / 1e6 else math.inf
        before = out[at]
        out[at] = height if before == before else before


@njit(cache=True, error_model="numpy")
def _wedge(
    z: Any, out: Any, mode: int, q: Question, ground: Any, rows: int, cols: int, by_rows: bool, down: bool, right: bool,
    begin: int, count: int, rays: int, stop: int, top: Any, limited: bool,
) -> None:  # fmt: skip
    """Sweep one wedge of rays, from the eye outwards.

    Parameters
    ----------
    by_rows : the rays go on from row to row, else from column to column
    down, right : towards higher rows and columns
    begin, count, rays : the first ray, how many rooms between rays, rays from the slope 0 to 1
    stop : the last line
    top : height of the highest cell
    """
    base, way, off = outwards(q.row, down) if by_rows else outwards(q.col, right)
    across, turn, aside = outwards(q.col, right) if by_rows else outwards(q.row, down)
    size, room = (rows, cols) if by_rows else (cols, rows)
    stride, pitch = (np.int64(cols), np.int64(1)) if by_rows else (np.int64(1), np.int64(cols))
    long, wide = (q.length, q.width) if by_rows else (q.width, q.length)
    side = q.bend * wide * wide
    f = Fan(np.int64(begin), np.float64(rays), np.int64(count), aside, q.height, q.target - q.height,
            q.bend * long * long, side, side * stop / (2.0 * rays * rays))  # fmt: skip
    first, last = (-across, room - 1 - across) if turn > 0 else (across - (room - 1), across)
    step = turn * pitch
    corner = np.nan
    if 0 <= base < size and first <= 1 <= last:
        corner = np.float64(z[base * stride + (across + turn) * pitch])
    w = np.empty(_KEPT)
    _spread(w, f, corner)
    start = max(np.int64(1), -base if way > 0 else base - (size - 1))
    for k in range(start, stop + 1):
        n = k - off
        row = (base + way * k) * stride + across * pitch
        c0 = np.int64(math.ceil(aside + f.begin / f.rays * n))
        if c0 <= aside and turn < 0:
            c0 += 1  # a line straight ahead belongs to one wedge only
        if f.begin + f.rooms == rays:
            c1 = np.int64(math.floor(aside + n)) + 2
            # A diagonal belongs to the wedge that goes by rows.
            while c1 - 1 - aside > n or (c1 - 1 - aside == n and not by_rows):
                c1 -= 1
        else:
            c1 = np.int64(math.ceil(aside + (f.begin + f.rooms) / f.rays * n))
        c0, c1 = max(c0, first), min(c1, last + 1)
        if c0 > last:
            break
        if mode <= AGAIN:
            _judge(w, z, out, f, row, step, c0, c1, n, UNSURE if mode == AGAIN else HIDDEN)
        elif mode == GUESS:
            _guess(w, z, out, f, row, step, c0, c1, n)
        elif mode == TALLY:
            _tally(w, z, out, f, row, step, c0, c1, n, q, limited, by_rows, way * n * long, turn * wide)
        else:
            _lift(w, ground, out, f, row, step, c0, c1, n)
        out_there = np.int64(math.floor((last - aside) / n * rays))  # the last ray on the raster
        if k % _ASK == 0 and mode != LIFT:
            above = top + f.lift
            rooms = min(f.rooms, out_there - f.begin + 1)
            alive, end = _alive(w, rooms, max(above / n, above / stop), mode <= AGAIN)
            if alive == end:
                break
            if alive >= _WORTH or f.rooms - end >= _WORTH:
                f = _leave_out(w, f, alive, end)
        on = min(f.rooms, out_there - f.begin)
        _advance(w, z, f, on + 1, row, step, first, last, n)
        if mode <= AGAIN or mode == LIFT:
            _bound(w, f, on, n)
            if 0 <= on < f.rooms:
                _bound_border(w, z, f, on, row + step * last, last, n)


@njit(cache=True, parallel=True)
def sweep(
    z: Any, out: Any, mode: int, q: Question, ground: Any, rows: int, cols: int, tasks: Any, top: Any, limited: bool,
    threads: int, counter: Any,
) -> None:  # fmt: skip
    """Sweep wedges as `wedges` lists them; `counter` holds the first one's number."""
    for _ in prange(threads):
        t = take_turn(counter)
        while t < tasks.shape[0]:
            one = tasks[t]
            _wedge(
                z, out, mode, q, ground, rows, cols, one[0] & 1 == 0, one[0] & 2 == 0, one[0] & 4 == 0,
                one[1], np.int64(WEDGE), one[2], one[3], top, limited,
            )  # fmt: skip
            t = take_turn(counter)


def wedges(q: Question, rows: int, cols: int, density: float) -> tuple[np.ndarray, np.ndarray]:
    """The wedges of an eye with `density` rays for each cell of the outermost line.

    Returns
    -------
    tasks : (n, 4) int64: eighth, first ray, rays from the slope 0 to 1, last line; the dearest first
    steps : (n,) float64, about how many steps of a ray each takes
    """
    tasks, steps = [], []
    for eighth in range(8):
        by_rows, down, right = eighth & 1 == 0, eighth & 2 == 0, eighth & 4 == 0
        (eye, size, cell, ahead), (aside, room, sideways) = (
            ((q.row, rows, q.length, down), (q.col, cols, right))
            if by_rows
            else ((q.col, cols, q.width, right), (q.row, rows, down))
        )
        stop = size - 1 - math.floor(eye) if ahead else math.ceil(eye)
        stop = min(stop, math.floor(math.sqrt(q.most) / cell + 1e-6) + 1 if math.isfinite(q.most) else stop)
        across = room - 1 - aside if sideways else aside
        if stop < 1 or across < 0:
            continue
        rays = -(-max(1, math.ceil(density * stop)) // WEDGE) * WEDGE
        for begin in range(0, rays, WEDGE):
            if _in_sector(q, by_rows, down, right, begin / rays, (begin + WEDGE) / rays):
                tasks.append((eighth, begin, rays, stop))
                steps.append(WEDGE * min(stop, across * rays / (begin + WEDGE / 2) + 1))
    order = np.argsort(-np.array(steps), kind="stable")
    return np.array(tasks, np.int64).reshape(-1, 4)[order], np.array(steps)[order]


def _in_sector(q: Question, by_rows: bool, down: bool, right: bool, low: float, high: float) -> bool:
    """Whether any ray with slopes from `low` to `high` may lie in the sector of the sight."""
    if q.turn == 0:
        return True
    sides = []
    for slope in (low, high):
        south, east = (1.0, slope) if by_rows else (slope, 1.0)
        sides.append((south * q.length * (1 if down else -1), east * q.width * (1 if right else -1)))
    limits = [(-q.from_north, q.from_east), (-q.to_north, q.to_east)]

    def turned(a: tuple[float, float], b: tuple[float, float]) -> float:
        return a[1] * b[0] - a[0] * b[1]

    for south, east in sides:
        if within(q._replace(pitched=False, most=math.inf, least=0.0), south, east, south * south + east * east, 0.0):
            return True
    sense = turned(*sides)
    for one in limits:
        ahead = one[0] * (sides[0][0] + sides[1][0]) + one[1] * (sides[0][1] + sides[1][1]) > 0
        if ahead and turned(sides[0], one) * sense >= 0 and turned(one, sides[1]) * sense >= 0:
            return True
    return False
