"""Local inertia on the CPU (Bates et al. 2010, de Almeida et al. 2012): a preview, quick where water is slow.

It leaves out how water carries its own momentum: dam breaks do not converge and no water runs over a hump. qx and qy
stand at faces, to the east and to the south of their cell.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import flow
from kernels.cpu.flood import RING, _note

#: Weight of a face's own flow against its neighbours' (de Almeida et al. 2012).
_OWN = np.float32(0.8)
_SIDE = np.float32(0.1)
#: What critical flow over a sill, (2/3)^1.5 √g H^1.5, is less than √g H^1.5.
_LESS = np.float32(1.0 - (2.0 / 3.0) ** 1.5)
_EIGHTH, _FOUR = np.float32(0.125), np.int32(4)


@njit(**flow._VECTOR)
def _opening(h: Any, h1: Any, z: Any, z1: Any, deep: Any, rise: Any) -> None:
    """Depth of the water that can pass between two rows of cells, 0 at walls, and the rise of the level."""
    for i in range(h.size):
        a, b = np.float32(max(h[i], flow._NONE)) * flow.UNIT, np.float32(max(h1[i], flow._NONE)) * flow.UNIT
        dz = z1[i] - z[i]
        wall = (h[i] < flow._NONE) | (h1[i] < flow._NONE)
        deep[i] = flow.ZERO if wall else max(a - max(dz, flow.ZERO), b + min(dz, flow.ZERO))
        rise[i] = np.float32(np.int32(h1[i] - h[i])) * flow.UNIT + dz


@njit(**flow._VECTOR)
def _push(
    q: Any, before: Any, after: Any, n: Any, n1: Any, deep: Any, rise: Any, dt: Any, k: Any, out: Any
) -> None:  # fmt: skip
    """The flow of a step later, m²/s; n : 4 g n² on both sides."""
    for i in range(q.size):
        d = max(deep[i], flow.DRY)
        pushed = _OWN * q[i] + _SIDE * (before[i] + after[i]) - flow.GRAVITY * d * k * rise[i]
        rough = _EIGHTH * (n[i] + n1[i]) * dt * abs(q[i]) / (d * d * flow.cube_root(d))
        now = pushed / (flow.ONE + rough)
        out[i] = now if deep[i] > flow.DRY else flow.ZERO


@njit(**flow._VECTOR)
def _hold(z: Any, z1: Any, deep: Any, q: Any) -> None:
    """Keep a flow to a wave of its own depth, and onto a sill as high as the water over it to critical flow."""
    for i in range(q.size):
        d = max(deep[i], flow.DRY)
        up = z1[i] - z[i] if q[i] > flow.ZERO else z[i] - z1[i]
        most = d * np.sqrt(flow.GRAVITY * d) * (flow.ONE - _LESS * min(max(up, flow.ZERO) / d, flow.ONE))
        q[i] = min(max(q[i], -most), most)


@njit(**flow._VECTOR)
def _limit(h: Any, h1: Any, q: Any, k: Any, inverse: Any, moved: Any, out: Any) -> None:
    """Units that move, a quarter of what the giving cell holds at the most, and the flow that this is."""
    for i in range(h.size):
        wanted = np.int32(q[i] * k)
        most, least = max(h[i], flow._NONE) // _FOUR, -(max(h1[i], flow._NONE) // _FOUR)
        units = np.int32(max(min(wanted, most), least))
        moved[i] = units
        out[i] = q[i] if units == wanted else np.float32(units) * inverse


@njit(**flow._VECTOR)
def _waves(h: Any, x: Any, y: Any, out: Any) -> None:
    """Speed of the quickest wave; x, y : mean flows."""
    for i in range(h.size):
        metres = np.float32(max(h[i], flow._NONE)) * flow.UNIT
        wave = np.sqrt(flow.GRAVITY * metres)
        speed = min(max(abs(x[i]), abs(y[i])) / max(metres, flow.THIN), wave) + wave
        out[i] = flow.TOO_FAST if metres > flow.DEEPEST else speed


@njit(**flow._VECTOR)
def _mean(a: Any, b: Any, out: Any) -> None:
    """Of two rows."""
    for i in range(a.size):
        out[i] = flow.HALF * (a[i] + b[i])


@njit(error_model="numpy")
def _tile(z: Any, state: Any, out: Any, rough: Any, rates: Any, tile: Any, record: Any, sums: Any) -> Any:
    """Step a tile; the fastest wave, 0 where no water is left. The arguments are those of `step`."""
    h, qx, qy = state
    out_h, out_x, out_y = out
    dt, kx, ky, units_x, units_y = rates[0], rates[1], rates[2], rates[3], rates[4]
    r0, r1, c0, c1 = tile
    n, same = c1 - c0, rough.shape[0] == 1
    deep, rise, pushed = np.empty(n + 1, np.float32), np.empty(n + 1, np.float32), np.empty(n + 1, np.float32)
    xs, ys = np.zeros(n + 1, np.float32), np.zeros((2, n), np.float32)
    row, column = np.zeros(n + 1, np.int32), np.zeros((2, n), np.int32)
    fastest, debt, mean = np.zeros(n, np.float32), np.zeros(n, np.int32), np.zeros((2, n), np.float32)
    most = np.float32(0)
    for r in range(r0 - 1, r1):
        this, last = r % 2, 1 - r % 2
        n0, n1 = rough[0 if same else r], rough[0 if same else r + 1]
        _opening(h[r, c0:c1], h[r + 1, c0:c1], z[r, c0:c1], z[r + 1, c0:c1], deep, rise)
        above = qy[r - 1, c0:c1]
        _push(qy[r, c0:c1], above, qy[r + 1, c0:c1], n0[c0:c1], n1[c0:c1], deep, rise, dt, ky, pushed)
        _hold(z[r, c0:c1], z[r + 1, c0:c1], deep[: c1 - c0], pushed[: c1 - c0])
        inverse = flow.ONE / units_y
        _limit(h[r, c0:c1], h[r + 1, c0:c1], pushed, units_y, inverse, column[this], ys[this])
        if r < r0:
            sums[2] += column[this].sum()
            continue
        left, right = slice(c0 - 1, c1), slice(c0, c1 + 1)
        _opening(h[r, left], h[r, right], z[r, left], z[r, right], deep, rise)
        _push(qx[r, left], qx[r, c0 - 2 : c1 - 1], qx[r, right], n0[left], n0[right], deep, rise, dt, kx, pushed)
        _hold(z[r, left], z[r, right], deep, pushed)
        _limit(h[r, left], h[r, right], pushed, units_x, flow.ONE / units_x, row, xs)
        oh, ox, oy = out_h[r, c0:c1], out_x[r, c0:c1], out_y[r, c0:c1]
        flow.update_depth(h[r, c0:c1], row[:n], row[1:], column[last], column[this], oh, debt)
        sums[4] += debt.sum()
        ox[:] = xs[1:]
        oy[:] = ys[this]
        _mean(xs[:n], xs[1:], mean[0])
        _mean(ys[last], ys[this], mean[1])
        _waves(oh, mean[0], mean[1], fastest)
        most = max(most, _note(oh, mean[0], mean[1], flow.greatest(fastest), record, r, c0, c1))
        sums[0] += row[0]
        sums[1] += row[n]
    sums[3] += column[(r1 - 1) % 2].sum()
    return most


@njit(cache=True, parallel=True, error_model="numpy")
def step(
    z: Any, state: Any, out: Any, rough: Any, rates: Any, tiles: Any, second: Any, record: Any, most: Any, sums: Any
) -> None:
    """Step the tiles of the list: see `kernels.cpu.flood.step`."""
    # The faces in the west and the north ring have no flow of their own: the next ones' stands for it.
    h, qx, qy = state
    for r in range(h.shape[0]):
        qx[r, RING - 1] = qx[r, RING] if h[r, RING - 1] >= 0 else flow.ZERO
    for c in range(h.shape[1]):
        qy[RING - 1, c] = qy[RING, c] if h[RING - 1, c] >= 0 else flow.ZERO
    for k in prange(len(tiles)):
        sums[k] = 0
        tile = (tiles[k, 0], tiles[k, 1], tiles[k, 2], tiles[k, 3])
        most[k] = _tile(z, state, out, rough, rates, tile, record, sums[k])
