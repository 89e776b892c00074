"""What is looked at: objects of the city or posts at places, as triangles and samples spread over their surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.occluders import Origin, ground_mesh
from citymodel.analysis.zones import _roots
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.patch import family
from citymodel.surface.from_model import model_triangles

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Found = tuple[str, str]

AROUND = 150.0
"""Metres around a landmark whose roofs count as those around it."""
BELOW = 75.0
"""Per cent of the roofs around a landmark that stay below what stands above them."""
FLOOR = 0.1
"""Metres above its foot below which a level face is a landmark's floor, which nobody sees."""
_HIGH = 9000.0  # metres above any ground
POST = 1.0
"""Metres of width of a landmark that is only a place."""


class Target(NamedTuple):
    """A thing to look at, metres from an origin.

    corners : (t, 3, 3) its triangles; xyz : (s, 3) samples on it; normal : (s, 3) unit normal of either sense, 0 of
    a post; weight : (s,) m² that each stands for; upper : (s,) whether it lies above ``cut``
    cut : the height above which the upper part begins, −inf where nothing around is lower
    """

    corners: F8
    xyz: F8
    normal: F8
    weight: F8
    upper: Mask
    cut: float

    def __len__(self) -> int:
        return len(self.xyz)

    @property
    def middle(self) -> F8:
        """(3,) the middle of its upper part."""
        found: F8 = np.average(self.xyz[self.upper], axis=0, weights=self.weight[self.upper])
        return found

    def same_as(self, other: Target) -> bool:
        """Whether the samples are the same ones."""
        return self.cut == other.cut and all(
            np.array_equal(one, two) for one, two in zip(self[:5], other[:5], strict=True)
        )


def named(layers: Sequence[Layer], wanted: Sequence[str]) -> list[Found]:
    """(layer id, object id) of the wanted ids, or names; those that are not there are left out."""
    found: dict[Found, None] = {}
    for layer in layers:
        if layer.kind != "city":
            continue
        objects = layer.data.objects
        ids = set(objects.ids)
        for one in wanted:
            if one in ids:
                found[layer.id, one] = None
                continue
            for row, attributes in enumerate(objects.attributes):
                if attributes and not objects.is_surface[row] and str(attributes.get("name", "")) == one:
                    found[layer.id, str(objects.ids[row])] = None
    return list(found)


def check_named(states: Sequence[Sequence[Layer]], wanted: Sequence[str], what: str) -> None:
    """Refuse an id or name that no state holds."""
    for one in wanted:
        if not any(named(layers, [one]) for layers in states):
            raise ParameterError(
                f"there is no object {one!r} in the city to be the {what}; give its id or name, as a click on it shows"
            )


def triangles_of(layers: Sequence[Layer], found: Sequence[Found], origin: Origin) -> F8:
    """(t, 3, 3) triangles of objects with all their parts."""
    parts = [np.zeros((0, 3, 3))]
    for layer in layers:
        ids = {id for of, id in found if of == layer.id}
        if layer.kind != "city" or not ids:
            continue
        rows = [row for row, id in enumerate(layer.data.objects.ids) if id in ids]
        triangles = model_triangles(layer.data)
        mine = np.append(family(layer.data, rows), False)[triangles.object_row]
        parts.append(layer.data.vertices[triangles.corners[mine]] - np.asarray(origin))
    return np.concatenate(parts)


def roots_of(layers: Sequence[Layer], found: Sequence[Found]) -> set[Found]:
    """The buildings that the objects are, or are parts of."""
    roots: set[Found] = set()
    for layer in layers:
        ids = {id for of, id in found if of == layer.id}
        if layer.kind == "city" and ids:
            objects = layer.data.objects
            root = _roots(objects.parent)
            roots |= {(layer.id, str(objects.ids[root[row]])) for row, id in enumerate(objects.ids) if id in ids}
    return roots


def target(corners: F8, posts: F8, cut: float, samples: int, whole: bool) -> Target | None:
    """Samples spread over triangles and posts by their area, the same each time; None where there is nothing.

    Half of the samples lie above ``cut``, where there is something on both sides of it.

    posts : (p, 4) x, y, foot and top; whole : the part above the cut is the whole
    """
    parts = clipped(corners, cut)
    size = [float(_areas(one).sum()) for one in parts]
    lines = [_lines_within(posts, -np.inf, cut), _lines_within(posts, cut, np.inf)]
    room = [a + POST * float((b[:, 3] - b[:, 2]).sum()) for a, b in zip(size, lines, strict=True)]
    if sum(room) <= 0:
        return None
    upper_from = 0 if whole or room[1] <= 1e-3 else 1
    count = [samples // 2, samples - samples // 2]
    if min(room) <= 1e-3:
        count = [samples if one > 1e-3 else 0 for one in room]
    found = []
    for k in (0, 1):
        if not count[k]:
            continue
        flat = round(count[k] * size[k] / room[k])
        xyz, normal = _on_triangles(parts[k], flat)
        post = _on_lines(lines[k], count[k] - flat)
        xyz, normal = np.concatenate([xyz, post]), np.concatenate([normal, np.zeros_like(post)])
        weight = np.concatenate([
            np.full(flat, size[k] / max(flat, 1)), np.full(len(post), (room[k] - size[k]) / max(len(post), 1))
        ])  # fmt: skip
        found.append((xyz, normal, weight, np.full(len(xyz), k >= upper_from)))
    xyz, normal, weight, upper = (np.concatenate(one) for one in zip(*found, strict=True))
    return Target(corners, xyz, normal, weight, upper, -np.inf if upper_from == 0 else cut)


def roofs_around(layers: Sequence[Layer], corners: F8, but: set[Found], origin: Origin) -> float:
    """The height that BELOW per cent of the roofs within AROUND stay below, from the origin; −inf without any.

    corners : (t, 3, 3) of what stands in the middle; but : buildings that do not count
    """
    low, high = corners.reshape(-1, 3).min(axis=0) - AROUND, corners.reshape(-1, 3).max(axis=0) + AROUND
    tops: list[float] = []
    for layer in layers:
        if layer.kind != "city":
            continue
        triangles, objects = model_triangles(layer.data), layer.data.objects
        rows = triangles.object_row[triangles.building]
        if not len(rows):
            continue
        root = _roots(objects.parent)[rows]
        xyz = layer.data.vertices[triangles.corners[triangles.building]] - np.asarray(origin)
        top = np.full(len(objects), -np.inf)
        near = np.zeros(len(objects), dtype=bool)
        np.maximum.at(top, root, xyz[:, :, 2].max(axis=1))
        inside = ((xyz[:, :, :2] >= low[:2]) & (xyz[:, :, :2] <= high[:2])).all(axis=(1, 2))
        near[root[inside]] = True
        for row in np.flatnonzero(near & np.isfinite(top)):
            if (layer.id, str(objects.ids[row])) not in but:
                tops.append(float(top[row]))
    return float(np.percentile(tops, BELOW)) if tops else -np.inf


def posts_at(places: Sequence[Sequence[float]], height: float, layers: Sequence[Layer], origin: Origin) -> F8:
    """(p, 4) x, y, foot and top of posts at places; one with a height of its own ends there."""
    if not places:
        return np.zeros((0, 4))
    xy = np.array([one[:2] for one in places], dtype=np.float64) - np.asarray(origin[:2])
    ground = ground_below(xy, layers, origin)
    if not np.isfinite(ground).all():
        x, y = places[int(np.flatnonzero(~np.isfinite(ground))[0])][:2]
        raise ParameterError(f"there is no ground at {x:g} {y:g}; choose a place on the terrain, or add a terrain")
    top = np.array([one[2] - origin[2] if len(one) == 3 else np.nan for one in places])
    top = np.where(np.isnan(top), ground + height, top)
    if (top <= ground).any():
        x, y = places[int(np.flatnonzero(top <= ground)[0])][:2]
        raise ParameterError(f"the landmark at {x:g} {y:g} ends below the ground; give a height above it")
    return np.column_stack([xy, ground, top])


def ground_below(xy: F8, layers: Sequence[Layer], origin: Origin) -> F8:
    """(n,) height of the ground at (n, 2) places, all from the origin; not finite where there is none."""
    start = np.concatenate([xy, np.full((len(xy), 1), _HIGH)], axis=1).astype(np.float32)
    distance, _ = ground_mesh(layers, origin).first(start, np.array([0, 0, -1], np.float32))
    return _HIGH - np.asarray(distance, dtype=np.float64)


def _areas(corners: F8) -> F8:
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(np.linalg.norm(np.cross(a, b), axis=1) / 2, dtype=np.float64)


def clipped(corners: F8, cut: float) -> tuple[F8, F8]:
    """The triangles below and above a height, those that reach over it cut in two; the landmark's floor left out."""
    if not len(corners):
        return corners, corners
    z = corners[:, :, 2]
    seen = z.max(axis=1) > float(z.min()) + FLOOR
    corners, z = corners[seen], z[seen]
    over, under = z.min(axis=1) >= cut, z.max(axis=1) <= cut
    below, above = [corners[under & ~over]], [corners[over]]
    for one in corners[~over & ~under]:
        for part, side in ((below, -1.0), (above, 1.0)):
            part.append(_side(one, cut, side))
    return np.concatenate(below), np.concatenate(above)


def _side(corner: F8, cut: float, side: float) -> F8:
    """(1 or 2, 3, 3) what a triangle has above (side 1) or below (side −1) a height that it reaches over."""
    ring: list[F8] = []
    for a, b in zip(corner, np.roll(corner, -1, axis=0), strict=True):
        here, there = side * (a[2] - cut), side * (b[2] - cut)
        if here >= 0:
            ring.append(a)
        if here * there < 0:
            ring.append(a + (b - a) * (here / (here - there)))
    return np.array([[ring[0], ring[k], ring[k + 1]] for k in range(1, len(ring) - 1)]).reshape(-1, 3, 3)


def _on_triangles(corners: F8, count: int) -> tuple[F8, F8]:
    """Points at even steps of the area, and in each triangle by a sequence of even spread (Roberts 2018, R2)."""
    if not count:
        return np.zeros((0, 3)), np.zeros((0, 3))
    area = _areas(corners)
    total = np.cumsum(area)
    row = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1])
    step = np.arange(1, count + 1)
    u, v = (step * 0.7548776662466927) % 1.0, (step * 0.5698402909980532) % 1.0
    over = u + v > 1.0
    u, v = np.where(over, 1.0 - u, u)[:, None], np.where(over, 1.0 - v, v)[:, None]
    a, b, c = corners[row, 0], corners[row, 1], corners[row, 2]
    normal = np.cross(b - a, c - a)
    return a + u * (b - a) + v * (c - a), normal / np.linalg.norm(normal, axis=1)[:, None]


def _lines_within(posts: F8, low: float, high: float) -> F8:
    """The parts of posts between two heights."""
    found = posts.copy()
    found[:, 2], found[:, 3] = np.maximum(posts[:, 2], low), np.minimum(posts[:, 3], high)
    return found[found[:, 3] > found[:, 2]]


def _on_lines(posts: F8, count: int) -> F8:
    """(count, 3) points at even steps of the posts' length."""
    if not count or not len(posts):
        return np.zeros((0, 3))
    length = posts[:, 3] - posts[:, 2]
    ends = np.cumsum(length)
    at = (np.arange(count) + 0.5) / count * ends[-1]
    row = np.searchsorted(ends, at)
    z = posts[row, 3] - (ends[row] - at)
    return np.column_stack([posts[row, 0], posts[row, 1], z])
