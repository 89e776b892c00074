"""Places on walls, windows and roofs: level lines cut through triangles, joined along each façade, and divided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.triangulate import _spread

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

EYE = 1.6
"""Metres above a storey's floor at which light is asked for."""
SHORTEST = 0.5
"""Metres of façade below which a piece gets no point."""
_TOUCH = 0.05  # metres between pieces of one façade that count as touching
_BINS = (1.0, 0.2)  # degrees and metres within which polygons of an object are one façade
_LEVEL = 0.999  # rise of a unit normal above which a roof is level
_PAIRS = 2_000_000


class Places(NamedTuple):
    """Points on faces, not yet off them.

    xyz : (n, 3); face : (n,) row of the face each lies on; storey : (n,) counted from the given foot
    width, low, high : (n,) metres of the patch each stands for: along the face, and up it from the point
    turn : (n,) grid azimuth, degrees, in which the patch's width runs
    """

    xyz: F8
    face: I8
    storey: I8
    width: F8
    low: F8
    high: F8
    turn: F8


class _Pieces(NamedTuple):
    """Where level lines cross triangles: triangle, level, and (n, 2, c) coordinates of both ends."""

    triangle: I8
    level: I8
    ends: F8


def on_walls(corners: F8, face: I8, object_row: I8, normal: F8, foot: F8, each: F8, most: I8, spacing: float) -> Places:
    """A point for every ``spacing`` metres of façade and storey, EYE above the floor.

    Polygons of an object that lie in one plane are one façade, however they are cut.

    Parameters
    ----------
    corners : (t, 3, 3) triangles of walls, metres; face : (t,) each one's face
    object_row, normal, foot, each, most : by face; foot is the lowest floor's height, each the metres
    of a storey, most the number of storeys at the most
    """
    azimuth = np.round(np.degrees(np.arctan2(normal[face, 1], normal[face, 0])) / _BINS[0]).astype(np.int64)
    turn = np.radians(azimuth * _BINS[0])
    out = np.stack([np.cos(turn), np.sin(turn), np.zeros(len(turn))], axis=1)
    along = np.stack([-out[:, 1], out[:, 0], out[:, 2]], axis=1)
    key = np.stack(
        [object_row[face], azimuth % round(360 / _BINS[0]), _offset(corners, face, out, len(normal))], axis=1
    )
    u = np.einsum("tki,ti->tk", corners, along)
    z = corners[:, :, 2]
    return _divided(corners, face, _numbered(key), u, z, along, foot[face], each[face], most[face], EYE, spacing)


def on_roofs(corners: F8, face: I8, object_row: I8, normal: F8, spacing: float) -> tuple[Places, F8]:
    """A point for every ``spacing`` metres along and up each roof plane, and (n,) the m² it stands for.

    Level roofs are divided along their longest edge.

    corners : (t, 3, 3) triangles of roofs, metres; face : (t,); object_row, normal : by face
    """
    level = normal[face, 2] > _LEVEL
    lean = np.where(level[:, None], [0.0, 0.0, 1.0], normal[face])
    azimuth = np.where(level, 0.0, np.degrees(np.arctan2(lean[:, 1], lean[:, 0])) / (2 * _BINS[0]))
    tilt = np.degrees(np.arccos(np.clip(lean[:, 2], -1, 1))) / (2 * _BINS[0])
    bins = [object_row[face], np.round(azimuth) % round(180 / _BINS[0]), np.round(tilt)]
    group = _numbered(np.stack([*bins, _offset(corners, face, lean, len(normal))], axis=1).astype(np.int64))
    n = int(group.max(initial=-1)) + 1
    edges = np.roll(corners, -1, axis=1) - corners
    area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1) / 2
    mean = np.stack([np.bincount(group, lean[:, k] * area, n) for k in range(3)], axis=1)
    mean = mean / np.maximum(np.linalg.norm(mean, axis=1), 1e-12)[:, None]
    along = np.where((mean[:, 2] > _LEVEL)[:, None], _longest(corners, group, n), mean[:, 1::-1] * [-1.0, 1.0])
    along = np.append(along / np.maximum(np.linalg.norm(along, axis=1), 1e-12)[:, None], np.zeros((n, 1)), axis=1)
    up = np.cross(mean, along)
    u, v = (np.einsum("tki,ti->tk", corners, axis[group]) for axis in (along, up))
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, group, v.min(axis=1))
    np.maximum.at(high, group, v.max(axis=1))
    rows = np.maximum(1, np.rint((high - low) / spacing)).astype(np.int64)
    each = (high - low) / rows
    places = _divided(corners, face, group, u, v, along[group], low[group], each[group], rows[group], None, spacing)
    size = places.width * np.maximum(places.high - places.low, 0.0)
    of = np.zeros(len(normal), dtype=np.int64)
    of[face] = group
    share = np.bincount(of[places.face], size, n)[of[places.face]]
    whole = np.bincount(group, area, n)[of[places.face]]
    return places, np.divide(size * whole, share, out=np.zeros_like(size), where=share > 0)


def _numbered(key: I8) -> I8:
    """The number of each row among the distinct ones."""
    _, number = np.unique(key, axis=0, return_inverse=True)
    return np.asarray(number.ravel(), dtype=np.int64)


def _longest(corners: F8, group: I8, count: int) -> F8:
    """(count, 2) direction in plan of each group's longest outer edge; edges between its triangles do not count."""
    begin, end = np.round(corners * 1000), np.round(np.roll(corners, -1, axis=1) * 1000)
    key = np.concatenate([np.minimum(begin, end), np.maximum(begin, end)], axis=2).reshape(-1, 6).astype(np.int64)
    owner = np.repeat(group, 3)
    number = _numbered(np.concatenate([owner[:, None], key], axis=1))
    outer = np.flatnonzero(np.bincount(number)[number] == 1)
    edge = (np.roll(corners, -1, axis=1) - corners)[:, :, :2].reshape(-1, 2)[outer]
    order = np.argsort(np.hypot(edge[:, 0], edge[:, 1]), kind="stable")  # the longest is written last
    longest = np.tile([1.0, 0.0], (count, 1))
    longest[owner[outer][order]] = edge[order]
    return longest


def _offset(corners: F8, face: I8, out: F8, count: int) -> I8:
    """The bin of each triangle's plane, by the first triangle of its face."""
    first = np.zeros(count, dtype=np.int64)
    first[face[::-1]] = np.arange(len(face))[::-1]
    middle = corners[first[face]].mean(axis=1)
    return np.asarray(np.round(np.einsum("ij,ij->i", middle, out) / _BINS[1]), dtype=np.int64)


def _divided(
    corners: F8, face: I8, group: I8, u: F8, v: F8, along: F8, foot: F8, each: F8, most: I8, eye: float | None,
    spacing: float,
) -> Places:  # fmt: skip
    """Divide groups of coplanar triangles into rows of ``each`` metres from ``foot``, and rows into points.

    u, v : (t, 3) corners along and up the plane; along : (t, 3); foot, each, most : (t,)
    eye : metres above a row's foot where its points stand, None for the row's middle
    """
    stand = 0.5 * each if eye is None else np.full(len(each), eye)
    pieces = _cut(v, np.concatenate([u[:, :, None], v[:, :, None], corners], axis=2), foot + stand, each, most)
    line = group[pieces.triangle] * (int(pieces.level.max(initial=0)) + 1) + pieces.level
    order, segment, start, end = _joined(line, pieces.ends[:, 0, 0], pieces.ends[:, 1, 0])
    count = np.where(end - start >= SHORTEST, np.maximum(1, np.rint((end - start) / spacing)), 0).astype(np.int64)
    place, of = _spread(np.zeros(len(count), dtype=np.int64), count)
    width = ((end - start) / np.maximum(count, 1))[of]
    at = start[of] + (place + 0.5) * width
    reach = float((end - start).max(initial=0.0)) + 1.0
    begins = segment * reach + pieces.ends[order, 0, 0] - start[segment]
    chosen = order[np.maximum(np.searchsorted(begins, of * reach + at - start[of], side="right") - 1, 0)]
    ends, triangle = pieces.ends[chosen], pieces.triangle[chosen]
    length = ends[:, 1, 0] - ends[:, 0, 0]
    share = np.clip(np.divide(at - ends[:, 0, 0], length, out=np.zeros_like(at), where=length > 0), 0.0, 1.0)
    met = ends[:, 0, 1:] + share[:, None] * (ends[:, 1, 1:] - ends[:, 0, 1:])
    row, height = pieces.level[chosen], met[:, 0]
    low = foot[triangle] + row * each[triangle]
    high = low + each[triangle]
    for aside in (0.0, -0.4, 0.4):
        below, above = _reach(u, v, group, group[triangle], at + aside * width, height)
        low, high = np.fmax(low, below), np.fmin(high, above)
    turn = np.degrees(np.arctan2(along[triangle, 0], along[triangle, 1]))
    return Places(met[:, 1:], face[triangle], row, width, low - height, high - height, turn)


def on_windows(
    corners: F8, face: I8, surface: I8, normal: F8, area: F8, spacing: float, storey_height: float
) -> tuple[Places, F8, F8]:
    """A point at each window's middle, more where it is wider than ``spacing`` or higher than a storey.

    A window is all the faces of one surface; frames, panes and reveals count by their area, and the point
    lies on the outermost plane that looks the window's way.

    Returns
    -------
    places, normal (n, 3), area (n,) m² of the window that each stands for
    """
    windows, number = np.unique(surface, return_inverse=True)
    number = number.ravel()
    n = len(windows)
    main = np.stack([np.bincount(number, normal[:, k] * area, n) for k in range(3)], axis=1)
    length = np.linalg.norm(main, axis=1)
    main = np.divide(main, length[:, None], out=np.zeros_like(main), where=length[:, None] > 1e-6)
    forward = np.einsum("ij,ij->i", normal, main[number]) > 0.9
    glass = np.bincount(number[forward], area[forward], n)
    largest = np.zeros(n, dtype=np.int64)
    ranked = np.flatnonzero(forward)[np.argsort(area[forward], kind="stable")]
    largest[number[ranked]] = ranked
    flat = np.hypot(main[:, 0], main[:, 1]) < 1e-3
    along = np.where(flat[:, None], [1.0, 0.0, 0.0], np.cross([0.0, 0.0, 1.0], main))
    along /= np.maximum(np.linalg.norm(along, axis=1), 1e-12)[:, None]
    axes = np.stack([along, np.cross(main, along), main], axis=1)
    keep = forward[face]
    of = number[face[keep]]
    local = np.einsum("tij,tkj->tki", axes[of], corners[keep])
    low, high = np.full((n, 3), np.inf), np.full((n, 3), -np.inf)
    np.minimum.at(low, of, local.min(axis=1))
    np.maximum.at(high, of, local.max(axis=1))
    seen = np.isfinite(low).all(axis=1)
    low, high = np.where(seen[:, None], low, 0.0), np.where(seen[:, None], high, 0.0)
    wide = np.maximum(1, np.rint((high[:, 0] - low[:, 0]) / spacing)).astype(np.int64)
    tall = np.maximum(1, np.rint((high[:, 1] - low[:, 1]) / storey_height)).astype(np.int64)
    cell, one = _spread(np.zeros(n, dtype=np.int64), np.where(seen, wide * tall, 0))
    size = np.stack([(high[:, 0] - low[:, 0]) / wide, (high[:, 1] - low[:, 1]) / tall], axis=1)[one]
    at = np.stack([(cell % wide[one] + 0.5) * size[:, 0], (cell // wide[one] + 0.5) * size[:, 1]], axis=1)
    place = np.concatenate([low[one, :2] + at, high[one, 2:]], axis=1)
    xyz = np.einsum("nji,nj->ni", axes[one], place)
    half = size[:, 1] / 2
    turn = np.degrees(np.arctan2(along[one, 0], along[one, 1]))
    places = Places(xyz, largest[one], np.zeros(len(one), dtype=np.int64), size[:, 0], -half, half, turn)
    return places, main[one], (glass / (wide * tall))[one]


def _cut(scan: F8, values: F8, start: F8, step: F8, most: I8 | None) -> _Pieces:
    """Cut triangles by levels start + k · step of a coordinate, k from 0 below ``most`` where given.

    A level crosses an edge that holds its lower end and not its upper one, so neighbours share no piece.

    scan : (t, 3) the coordinate at the corners; values : (t, 3, c) what is wanted of the lines' ends, sorted by the
    first of them
    """
    a, b = scan, np.roll(scan, -1, axis=1)
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.ceil((low - start[:, None]) / step[:, None]).astype(np.int64)
    last = np.ceil((high - start[:, None]) / step[:, None]).astype(np.int64)
    if most is not None:
        first, last = np.maximum(first, 0), np.minimum(last, most[:, None])
    level, edge = _spread(first.ravel(), np.maximum(last - first, 0).ravel())
    triangle, corner = edge // 3, edge % 3
    at = start[triangle] + step[triangle] * level
    z0, z1 = a[triangle, corner], b[triangle, corner]
    share = np.clip((at - z0) / (z1 - z0), 0.0, 1.0)[:, None]
    begin, end = values[triangle, corner], values[triangle, (corner + 1) % 3]
    met = begin + share * (end - begin)
    order = np.lexsort((met[:, 0], level, triangle))
    pair = order.reshape(-1, 2)
    return _Pieces(triangle[pair[:, 0]], level[pair[:, 0]], met[pair])


def _joined(line: I8, start: F8, end: F8) -> tuple[I8, I8, F8, F8]:
    """Pieces of each line joined where they touch.

    Returns
    -------
    order : the pieces by line and start; segment : each sorted piece's; start, end : each segment's
    """
    order = np.lexsort((start, line))
    if not len(order):
        return order, order, start[:0], end[:0]
    low = float(start.min())
    far = float(end.max()) - low + 1.0
    _, number = np.unique(line[order], return_inverse=True)
    lift = number.ravel() * far
    reach = np.maximum.accumulate(end[order] - low + lift)
    fresh = np.append(True, start[order][1:] - low + lift[1:] > reach[:-1] + _TOUCH)
    segment = np.cumsum(fresh) - 1
    last = np.append(np.flatnonzero(fresh)[1:] - 1, len(order) - 1)
    begin = start[order][fresh]
    return order, segment, begin, np.maximum(reach[last] - lift[last] + low, begin)


def _reach(u: F8, z: F8, group: I8, wanted: I8, at: F8, height: F8) -> tuple[F8, F8]:
    """How far a façade goes down and up from a height on it, at a place along it; NaN beside it.

    u, z : (t, 3) corners along and up; group : (t,); wanted, at, height : (n,)
    """
    order = np.argsort(group, kind="stable")
    count = np.bincount(group, minlength=int(max(group.max(initial=0), wanted.max(initial=0))) + 1)
    start = np.cumsum(count) - count
    low, high = np.full(len(at), np.nan), np.full(len(at), np.nan)
    per = count[wanted]
    block = np.cumsum(per) // _PAIRS
    for number in np.unique(block):
        rows = np.flatnonzero(block == number)
        flat, of = _spread(start[wanted[rows]], per[rows])
        triangle, point = order[flat], rows[of]
        uu, zz, here = u[triangle], z[triangle], at[point][:, None]
        nu, nz = np.roll(uu, -1, axis=1), np.roll(zz, -1, axis=1)
        crosses = (np.minimum(uu, nu) <= here) & (here < np.maximum(uu, nu))
        hit = crosses.any(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            met = zz + (here - uu) / (nu - uu) * (nz - zz)
        below = np.where(crosses, met, np.inf).min(axis=1)[hit]
        above = np.where(crosses, met, -np.inf).max(axis=1)[hit]
        sorted_, segment, begin, end = _joined(point[hit], below, above)
        owner = np.zeros(len(begin), dtype=np.int64)
        owner[segment] = point[hit][sorted_]
        holds = (begin <= height[owner] + _TOUCH) & (end >= height[owner] - _TOUCH)
        low[owner[holds]], high[owner[holds]] = begin[holds], end[holds]
    return low, high
