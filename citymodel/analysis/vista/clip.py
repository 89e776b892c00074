"""Triangles cut by the parts of a corridor, and the least room between what is left and the threshold: exact."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.vista.corridor import NEXT_TO_NOTHING, Corridor

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


class Pieces(NamedTuple):
    """Convex polygons in space, length, offset and height in the corridor.

    points : (n, k, 3), of which the first ``used`` of each row count; triangle : (n,) where each comes from
    """

    points: F8
    used: I8
    triangle: I8

    def edges(self) -> tuple[F8, F8, I8]:
        """(m, 3) starts and ends of all edges, and (m,) the row of each."""
        slot = np.arange(self.points.shape[1])
        real = slot < self.used[:, None]
        following = np.where(slot + 1 < self.used[:, None], slot + 1, 0)
        ends = np.take_along_axis(self.points, following[..., None], axis=1)
        row = np.nonzero(real)[0]
        return self.points[real], ends[real], row


def cut(corners: F8, planes: F8) -> Pieces:
    """The part of each triangle within all half planes; upright triangles become lines in plan and keep their heights.

    Sutherland & Hodgman (1974), all triangles at once.

    corners : (t, 3, 3) length, offset, height; planes : (p, 3) as from ``Corridor.regions``
    """
    away = np.einsum("tkc,pc->ptk", corners[..., :2], planes[:, :2]) - planes[:, 2, None, None]
    near = np.flatnonzero((away <= NEXT_TO_NOTHING).any(axis=2).all(axis=0))
    points, count = corners[near], np.full(len(near), 3, dtype=np.int64)
    for u, v, w in planes:
        points, count = _cut_once(points, count, (float(u), float(v), float(w)))
        held = count > 0
        points, count, near = points[held], count[held], near[held]
    return Pieces(points, count, near)


def _cut_once(points: F8, count: I8, plane: tuple[float, float, float]) -> tuple[F8, I8]:
    u, v, w = plane
    rows, most = points.shape[:2]
    slot = np.arange(most)
    real = slot < count[:, None]
    following = np.where(slot + 1 < count[:, None], slot + 1, 0)
    away = u * points[..., 0] + v * points[..., 1] - w
    then = np.take_along_axis(away, following, axis=1)
    inside = real & (away <= NEXT_TO_NOTHING)
    crosses = real & ((away <= NEXT_TO_NOTHING) != (then <= NEXT_TO_NOTHING))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(np.where(crosses, away / (away - then), 0.0), 0.0, 1.0)
    met = points + share[..., None] * (np.take_along_axis(points, following[..., None], axis=1) - points)
    keep = np.stack([inside, crosses], axis=2).reshape(rows, 2 * most)
    every = np.stack([points, met], axis=2).reshape(rows, 2 * most, 3)
    left = keep.sum(axis=1)
    found = np.zeros((rows, int(left.max(initial=0)), 3))
    row, column = np.nonzero(keep)
    place = np.cumsum(keep, axis=1)[row, column] - 1
    found[row, place] = every[row, column]
    return found, left.astype(np.int64)


class Least(NamedTuple):
    """For each group the place with the least room below the threshold.

    group : (g,) ascending; room : (g,) metres, below 0 where it rises above; place : (g, 3) length, offset, height
    """

    group: I8
    room: F8
    place: F8


def least_room(pieces: Pieces, group: I8, corridor: Corridor) -> Least:
    """The exact least of threshold − height over the pieces of each group.

    The room is linear on a piece, or convex where the threshold follows the earth, and along a line of equal length
    it is linear always: so its least lies on an edge, at an end or where the edge runs parallel to the threshold.

    group : (t,) of each triangle
    """
    start, end, row = pieces.edges()
    step = end - start
    places = [start]
    owners = [group[pieces.triangle[row]]]
    if corridor.bend > 0:
        curve = corridor.bend * step[:, 0] ** 2
        falls = (corridor.slope() + 2 * corridor.bend * start[:, 0]) * step[:, 0] - step[:, 2]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = -falls / (2 * curve)
        between = (share > 0) & (share < 1)
        places.append(start[between] + share[between, None] * step[between])
        owners.append(owners[0][between])
    place, owner = np.concatenate(places), np.concatenate(owners)
    room = corridor.allowed(place[:, 0]) - place[:, 2]
    order = np.lexsort((place[:, 0], room, owner))
    found, first = np.unique(owner[order], return_index=True)
    chosen = order[first]
    return Least(found, room[chosen], place[chosen])
