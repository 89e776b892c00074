"""Closed building shells: walls, ground and the roof forms, each a list of typed rings."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from citymodel.sample.terrain import F8


class Face(NamedTuple):
    """One planar polygon: ``kind`` Ground, Wall, Roof, OuterFloor; ``ring`` (n, 3) open, outward by the right hand."""

    kind: str
    ring: F8


Shell = list[Face]


def _at(xy: F8, z: float) -> F8:
    return np.array([xy[0], xy[1], z])


def face(kind: str, *points: F8) -> Face:
    """A face of 3-D points, rounded to the millimetre so that neighbours share their corners."""
    return Face(kind, rounded(np.array(points)))


def rounded(points: F8) -> F8:
    """Coordinates to the millimetre, as they are written."""
    result: F8 = np.round(points, 3).astype(np.float64)
    return result


def ground(ring: F8, base: float) -> Face:
    return face("Ground", *[_at(p, base) for p in ring[::-1]])


def band(kind: str, low: F8, low_z: float, high: F8, high_z: float) -> Shell:
    """Quads between two rings of equal length, the lower and the upper edge of a wall or a roof slope."""
    n = len(low)
    return [
        face(kind, _at(low[i], low_z), _at(low[(i + 1) % n], low_z), _at(high[(i + 1) % n], high_z),
             _at(high[i], high_z))
        for i in range(n)
    ]  # fmt: skip


def cap(ring: F8, z: float) -> Face:
    return face("Roof", *[_at(p, z) for p in ring])


def prism(ring: F8, base: float, top: float) -> Shell:
    """A flat-roofed body over any simple ring (n, 2)."""
    return [ground(ring, base), *band("Wall", ring, base, ring, top), cap(ring, top)]


def spire(ring: F8, base: float, eave: float, peak: float) -> Shell:
    """A body with a pointed roof over the middle of a convex ring."""
    tip = _at(ring.mean(axis=0), peak)
    n = len(ring)
    roof = [face("Roof", _at(ring[i], eave), _at(ring[(i + 1) % n], eave), tip) for i in range(n)]
    return [ground(ring, base), *band("Wall", ring, base, ring, eave), *roof]


def shrunk(ring: F8, share: float) -> F8:
    """The ring drawn towards its middle; 0 leaves it, 1 makes it a point."""
    smaller: F8 = ring + (ring.mean(axis=0) - ring) * share
    return smaller


def setback(ring: F8, base: float, eave: float, top: float, share: float) -> Shell:
    """A flat roof with a smaller top storey that stands back from the edge."""
    inner = shrunk(ring, share)
    return [
        ground(ring, base), *band("Wall", ring, base, ring, eave), *band("Roof", ring, eave, inner, eave),
        *band("Wall", inner, eave, inner, top), cap(inner, top),
    ]  # fmt: skip


def dome(ring: F8, base: float, eave: float, rise: float, rings: int = 5) -> Shell:
    """A faceted dome over a regular ring."""
    shell = [ground(ring, base), *band("Wall", ring, base, ring, eave)]
    angles = np.linspace(0.0, np.pi / 2 * 0.86, rings)
    for a, b in itertools.pairwise(angles):
        low, high = shrunk(ring, 1 - float(np.cos(a))), shrunk(ring, 1 - float(np.cos(b)))
        shell += band("Roof", low, eave + rise * float(np.sin(a)), high, eave + rise * float(np.sin(b)))
    last = shrunk(ring, 1 - float(np.cos(angles[-1])))
    z, tip = eave + rise * float(np.sin(angles[-1])), _at(ring.mean(axis=0), eave + rise * 1.12)
    n = len(ring)
    return shell + [face("Roof", _at(last[i], z), _at(last[(i + 1) % n], z), tip) for i in range(n)]


def pitched(quad: F8, base: float, eave: float, ridge: float, hips: tuple[float, float]) -> Shell:
    """A pitched roof with its ridge along the first edge.

    Parameters
    ----------
    quad : (4, 2) counter-clockwise, first and third edge parallel
    hips : share of the length by which the ridge stands back at either end; 0 is a gable.
        The first belongs to the side from corner 3 to 0, the second to that from 1 to 2.
    """
    f0, f1, b1, b0 = quad
    m0, m1 = (f0 + b0) / 2, (f1 + b1) / 2
    r0, r1 = _at(m0 + (m1 - m0) * hips[0], ridge), _at(m1 + (m0 - m1) * hips[1], ridge)
    e = [_at(p, eave) for p in quad]
    g = [_at(p, base) for p in quad]
    shell = [
        ground(quad, base),
        face("Wall", g[0], g[1], e[1], e[0]), face("Wall", g[2], g[3], e[3], e[2]),
        face("Roof", e[0], e[1], r1, r0), face("Roof", e[2], e[3], r0, r1),
    ]  # fmt: skip
    for a, b, tip, hip in ((1, 2, r1, hips[1]), (3, 0, r0, hips[0])):
        if hip > 0:
            shell += [face("Wall", g[a], g[b], e[b], e[a]), face("Roof", e[a], e[b], tip)]
        else:
            shell.append(face("Wall", g[a], g[b], e[b], tip, e[a]))
    return shell


def mansard(quad: F8, base: float, eave: float, knee: float, ridge: float, step: float) -> Shell:
    """Steep slopes to the knee line, ``step`` (share of the depth) behind the eaves, then a shallow gable."""
    f0, f1, b1, b0 = quad
    k = [f0 + (b0 - f0) * step, f1 + (b1 - f1) * step, b1 + (f1 - b1) * step, b0 + (f0 - b0) * step]
    knees = [_at(p, knee) for p in k]
    r0, r1 = _at((f0 + b0) / 2, ridge), _at((f1 + b1) / 2, ridge)
    e = [_at(p, eave) for p in quad]
    g = [_at(p, base) for p in quad]
    return [
        ground(quad, base),
        face("Wall", g[0], g[1], e[1], e[0]), face("Wall", g[2], g[3], e[3], e[2]),
        face("Wall", g[1], g[2], e[2], knees[2], r1, knees[1], e[1]),
        face("Wall", g[3], g[0], e[0], knees[0], r0, knees[3], e[3]),
        face("Roof", e[0], e[1], knees[1], knees[0]), face("Roof", e[2], e[3], knees[3], knees[2]),
        face("Roof", knees[0], knees[1], r1, r0), face("Roof", knees[2], knees[3], r0, r1),
    ]  # fmt: skip


def shed(quad: F8, base: float, low: float, high: float) -> Shell:
    """One slope that rises from the first edge to the third."""
    f0, f1, b1, b0 = quad
    g = [_at(p, base) for p in quad]
    e = [_at(f0, low), _at(f1, low), _at(b1, high), _at(b0, high)]
    walls = [face("Wall", g[i], g[(i + 1) % 4], e[(i + 1) % 4], e[i]) for i in range(4)]
    return [ground(quad, base), *walls, face("Roof", *e)]


def box(centre: F8, along: F8, length: float, width: float) -> F8:
    """A rectangle (4, 2), counter-clockwise, its first edge along the unit vector ``along``."""
    across = np.array([-along[1], along[0]])
    a, b = along * length / 2, across * width / 2
    return np.array([centre - a - b, centre + a - b, centre + a + b, centre - a + b])


def polygon(centre: F8, radius: float, corners: int, turn: float = 0.0) -> F8:
    """A regular polygon (corners, 2), counter-clockwise."""
    t = turn + np.arange(corners) * 2 * np.pi / corners
    ring: F8 = centre + radius * np.column_stack([np.cos(t), np.sin(t)])
    return ring
