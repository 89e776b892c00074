"""A simulated airborne laser scan: pulses, hidden places, tree returns, water gaps and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from citymodel.sample.city import City
from citymodel.sample.greenery import Trees
from citymodel.sample.terrain import F8, SIZE, WATER_LEVEL

DX, DY = 0.5, 0.25
GROUND, VEGETATION, BUILDING, NOISE, WATER, BRIDGE, OTHER = 2, 5, 6, 7, 9, 17, 1
_ALTITUDE = 720.0
_LINES = (168.0, 500.0, 832.0)
_REACH = 174.0
_STEP = 0.46
F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Grids (nx, ny), cell DX by DY: what stops a pulse, its class, and the top of the leaves (−inf where none)."""

    solid: F4
    kind: U1
    leaves: F4


@dataclass(frozen=True, slots=True)
class Scan:
    """Columns of n returns in the order of flight; ``xyz`` in local metres, angles in degrees, time in seconds."""

    xyz: F8
    kind: U1
    intensity: NDArray[np.uint16]
    number: U1
    returns: U1
    angle: F4
    time: F8
    line: NDArray[np.uint16]


def _stamp(grid: F4, kind: U1, ring: F8, code: int) -> None:
    """Raise the grid to a convex planar ring (n, 3), at the cell centres inside it."""
    i0, i1 = max(0, int(ring[:, 0].min() / DX)), min(grid.shape[0], int(ring[:, 0].max() / DX) + 1)
    j0, j1 = max(0, int(ring[:, 1].min() / DY)), min(grid.shape[1], int(ring[:, 1].max() / DY) + 1)
    normal = np.zeros(3)
    for a, b in zip(ring[1:-1] - ring[0], ring[2:] - ring[0], strict=True):
        normal += np.cross(a, b)
    if i1 <= i0 or j1 <= j0 or normal[2] <= 1e-6:
        return
    x, y = (np.arange(i0, i1) + 0.5)[:, None] * DX, (np.arange(j0, j1) + 0.5)[None, :] * DY
    inside = np.ones((i1 - i0, j1 - j0), dtype=bool)
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        inside &= (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= -1e-9
    z = ring[0, 2] - (normal[0] * (x - ring[0, 0]) + normal[1] * (y - ring[0, 1])) / normal[2]
    view, labels = grid[i0:i1, j0:j1], kind[i0:i1, j0:j1]
    higher = inside & (z > view)
    view[higher] = z[higher]
    labels[higher] = code


def _crowns(trees: Trees, solid: F4) -> F4:
    """The top of the leaves: an ellipsoid a tree."""
    leaves = np.full_like(solid, -np.inf)
    for (x, y, z), h, r, t in zip(trees.foot, trees.height, trees.radius, trees.trunk, strict=True):
        i0, i1 = max(0, int((x - r) / DX)), min(solid.shape[0], int((x + r) / DX) + 1)
        j0, j1 = max(0, int((y - r) / DY)), min(solid.shape[1], int((y + r) / DY) + 1)
        d = ((np.arange(i0, i1)[:, None] + 0.5) * DX - x) ** 2 + ((np.arange(j0, j1)[None, :] + 0.5) * DY - y) ** 2
        half = (h - t) / 2
        top = z + t + half + half * np.sqrt(np.clip(1 - d / r**2, 0, None))
        view = leaves[i0:i1, j0:j1]
        np.maximum(view, np.where(d < r * r, top, -np.inf), out=view)
    return leaves


def surfaces(city: City, cars: F8) -> Surfaces:
    """Everything a pulse can meet, as grids; ``cars`` (n, 4, 2) stand on the ground."""
    terrain = city.terrain
    coarse = terrain.raster(1.0)[::-1].T
    nx, ny = int(SIZE / DX), int(SIZE / DY)
    at = np.meshgrid((np.arange(nx) + 0.5) * DX - 0.5, (np.arange(ny) + 0.5) * DY - 0.5, indexing="ij")
    solid = map_coordinates(coarse, at, order=1, mode="nearest", output=np.float32)
    kind = np.full(solid.shape, GROUND, dtype=np.uint8)
    wet = solid < WATER_LEVEL
    solid[wet], kind[wet] = WATER_LEVEL, WATER
    for ring in cars:
        z = float(terrain.height(*ring.mean(axis=0)[:, None])[0]) + 1.45
        _stamp(solid, kind, np.column_stack([ring, np.full(4, z)]), OTHER)
    for b in city.bridges:
        for f in b.shell:
            if f.kind == "OuterFloor":
                _stamp(solid, kind, f.ring, BRIDGE)
    for house in city.buildings:
        for part in house.parts:
            for f in part.shell:
                if f.kind == "Roof":
                    _stamp(solid, kind, f.ring, BUILDING)
    return Surfaces(solid, kind, _crowns(city.trees, solid))


def _first_hit(z: F4, tangents: F8) -> tuple[F8, NDArray[np.int64]]:
    """Height and cell where each pulse meets a profile.

    Parameters
    ----------
    z : (columns, m) heights of the cells outwards from below the sensor, spaced DY
    tangents : (columns, k) tangent of each pulse's angle, rising along a row

    The first cell whose own tangent reaches the pulse's stops it; between a cell in sight and the
    next one the surface is taken as straight, so slopes and walls come out without steps.
    """
    columns, m = z.shape
    out = (np.arange(m) + 0.5) * DY
    own = out / (_ALTITUDE - z)
    seen = np.maximum.accumulate(own, axis=1)
    lane = 4.0 * np.arange(columns)[:, None]
    index = np.searchsorted((seen + lane).ravel(), (tangents + lane).ravel()).reshape(tangents.shape)
    index -= np.arange(columns)[:, None] * m
    index = np.clip(index, 0, m - 1)
    before = np.maximum(index - 1, 0)
    row = np.arange(columns)[:, None]
    t0, t1, top = own[row, before], own[row, index], seen[row, before]
    share = np.clip((tangents - t0) / np.maximum(t1 - t0, 1e-12), 0.0, 1.0)
    straight = (t0 >= top) & (index > 0)
    height = np.where(straight, z[row, before] + share * (z[row, index] - z[row, before]), z[row, index])
    return height, index


def _side(s: Surfaces, y: float, sign: int, rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    """All pulses of one line to one side: its returns as flat columns, ordered by scan line."""
    start = round(y / DY)
    cells = (
        slice(start, start + round(_REACH / DY)) if sign > 0 else slice(start - 1, start - 1 - round(_REACH / DY), -1)
    )
    if sign < 0 and start - 1 - round(_REACH / DY) < 0:
        cells = slice(start - 1, None, -1)
    solid, kind, leaves = s.solid[:, cells], s.kind[:, cells], s.leaves[:, cells]
    columns, m = solid.shape
    top = m * DY / (_ALTITUDE - 184.0)
    step = _STEP / (_ALTITUDE - 184.0)
    k = int(top / step)
    tangents = (np.arange(k) + rng.uniform(0.1, 0.9, (columns, k))) * step
    row = np.broadcast_to(np.arange(columns)[:, None], tangents.shape)
    z, index = _first_hit(solid, tangents)
    upper, leaf_index = _first_hit(np.maximum(solid, leaves), tangents)
    code = kind[row, index].copy()
    code[(code == BUILDING) & (z < solid[row, index] - 0.5)] = OTHER
    crown = (leaves[row, leaf_index] > solid[row, leaf_index]) & (upper > z + 1.0)
    lost = (code == WATER) & (rng.random(z.shape) < np.where(tangents < 0.05, 0.35, 0.93))
    lost |= rng.random(z.shape) < 0.004
    through = crown & (rng.random(z.shape) < 0.42)
    middle = through & (upper - z > 4.0) & (rng.random(z.shape) < 0.5)
    first = np.where(crown, np.maximum(upper - rng.exponential(0.35, z.shape), z + 0.8), z)
    between = z + (first - z) * rng.uniform(0.35, 0.85, z.shape)
    returns = 1 + through.astype(np.uint8) + middle
    keep = ~lost
    flat: dict[str, list[NDArray[np.generic]]] = {
        name: [] for name in ("z", "t", "row", "kind", "number", "returns", "pulse")
    }
    pulse = np.arange(z.size).reshape(z.shape)
    for mask, height, label, number in (
        (keep, first, np.where(crown, VEGETATION, code), np.ones_like(returns)),
        (keep & middle, between, np.full_like(code, VEGETATION), np.full_like(returns, 2)),
        (keep & through, z, code, returns),
    ):
        for name, column in (("z", height), ("t", tangents), ("row", row), ("kind", label), ("number", number),
                             ("returns", returns), ("pulse", pulse)):  # fmt: skip
            flat[name].append(column[mask])
    columns_of = {name: np.concatenate(parts) for name, parts in flat.items()}
    order = np.lexsort((columns_of["number"], columns_of["pulse"]))
    return {name: column[order] for name, column in columns_of.items()}


def fly(s: Surfaces, seed: int) -> Scan:
    """Scan the city in three lines from west to east."""
    parts: list[Scan] = []
    for number, y in enumerate(_LINES):
        for sign in (1, -1):
            rng = np.random.default_rng([seed, 7, number, sign + 1])
            parts.append(_returns(_side(s, y, sign, rng), number, y, sign, rng))
    columns = [np.concatenate([getattr(p, name) for p in parts]) for name in Scan.__slots__]
    order = np.argsort(columns[Scan.__slots__.index("time")], kind="stable")
    return Scan(*(c[order] for c in columns))


def _returns(c: dict[str, NDArray[np.generic]], number: int, y: float, sign: int, rng: np.random.Generator) -> Scan:
    z, t, row = (np.asarray(c[name], dtype=np.float64) for name in ("z", "t", "row"))
    kind = np.asarray(c["kind"], dtype=np.uint8)
    n = len(z)
    z = z + rng.normal(0.0, 0.025, n)
    bad = (np.asarray(c["returns"]) == 1) & (rng.random(n) < 1.2e-4)
    z = np.where(bad, z + np.where(rng.random(n) < 0.7, rng.uniform(25, 110, n), -rng.uniform(2, 9, n)), z)
    kind = np.where(bad, NOISE, kind).astype(np.uint8)
    x = (row + 0.5) * DX + rng.normal(0.0, 0.03, n) + (t * sign * 0.12 % DX)
    across = y + sign * t * (_ALTITUDE - z) + rng.normal(0.0, 0.03, n)
    xyz = np.column_stack([np.clip(x, 0.0, SIZE), np.clip(across, 0.0, SIZE), z])
    level = np.array([0, 900, 1500, 0, 0, 1100, 1900, 300, 250] + [0] * 9)
    level[9], level[17] = 250, 1300
    intensity = (level[kind] * rng.normal(1.0, 0.16, n) / np.asarray(c["returns"])).clip(1, 65535).astype(np.uint16)
    angle = (sign * np.degrees(np.arctan(t))).astype(np.float32)
    time = 4.0e8 + number * 60.0 + (row + (0.5 + sign * t) * 0.9) * 0.008
    return Scan(xyz, kind, intensity, np.asarray(c["number"], dtype=np.uint8), np.asarray(c["returns"], dtype=np.uint8),
                angle, time, np.full(n, number + 1, dtype=np.uint16))  # fmt: skip
