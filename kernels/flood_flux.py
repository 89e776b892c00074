"""What runs across single edges of a flood's cells: no raster is brought over for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.device import to_device
from kernels.flood_parts import RING, UNIT, Parts

#: Units that a flux of 1 m²/s moves: up to 2,000 m²/s in steps of 1 mm²/s.
_K = 2.0**20


def across(now: tuple[Any, Any, Any], parts: Parts, here: Any, there: Any) -> np.ndarray:
    """(k,) float64 m²/s on the host, from cells to neighbours across an edge.

    The preview keeps it as it is, the first order computes it again as its next step does. The second order takes the
    mean of both sides, or one side alone where the other's water does not reach up to the edge.

    Parameters
    ----------
    now : h, qx, qy with their ring, NumPy or CuPy
    here, there : (k, 2) rows and columns; `there` may lie a cell outside
    """
    a, b = (np.asarray(one, np.int64).reshape(-1, 2) + RING for one in (here, there))
    step, shape = b - a, parts.shape
    if (np.abs(step).sum(axis=1) != 1).any():
        raise ValueError("cells that share no edge: give neighbours in a row or a column")
    if (a < RING).any() or (a - RING >= shape).any():
        raise ValueError(f"an edge lies outside the {shape[0]} × {shape[1]} cells: move it inside")
    left, right = (_cells(now, parts.z, at) for at in (a, b))
    sign, along = step.sum(axis=1), step[:, 0] == 0
    if parts.preview:  # which keeps discharges at the east and south edges of its cells
        found = np.where(sign > 0, _normal(left, along), _normal(right, along))
    elif parts.second:
        found = _mean(left, right, along)
    else:
        back = (sign < 0)[:, None]
        low, high = np.where(back, right.T, left.T).T, np.where(back, left.T, right.T).T
        found = _first_order(low, high, along, parts.size)
    out: np.ndarray = np.where((left[0] >= 0) & (right[0] >= 0), sign * found, 0.0)
    return out


def _cells(now: tuple[Any, Any, Any], z: Any, at: np.ndarray) -> np.ndarray:
    """(4, k) float64 units of depth, discharges, ground."""
    return np.stack([to_device(one[at[:, 0], at[:, 1]]).astype(np.float64) for one in (*now, z)])


def _normal(cells: np.ndarray, along: np.ndarray) -> np.ndarray:
    """The discharge in the direction of the pair."""
    out: np.ndarray = np.where(along, cells[1], cells[2])
    return out


def _mean(a: np.ndarray, b: np.ndarray, along: np.ndarray) -> np.ndarray:
    top = np.maximum(a[3], b[3])
    over_a, over_b = ((one[0] > 0) & (one[3] + one[0] * UNIT > top) for one in (a, b))
    qa, qb = np.where(over_a, _normal(a, along), 0.0), np.where(over_b, _normal(b, along), 0.0)
    out: np.ndarray = (qa + qb) / np.maximum(over_a.astype(np.float64) + over_b, 1.0)
    return out


def _first_order(a: np.ndarray, b: np.ndarray, along: np.ndarray, size: tuple[float, float]) -> np.ndarray:
    """The scheme's own flux, from the western or northern cell to the other."""
    from kernels.cpu import flow

    found = np.zeros(a.shape[1])
    for pick, turned, steepest in ((along, True, size[0]), (~along, False, size[1])):
        rows = []
        for cells in (a[:, pick], b[:, pick]):
            h, qx, qy, z = np.ascontiguousarray(cells[0], np.int32), *cells[1:].astype(np.float32)
            state = np.zeros((3, h.size), np.float32)
            flow.primitive(h, *((qy, qx) if turned else (qx, qy)), state[0], state[1], state[2])
            rows.append((h, z, state))
        moved, out = np.zeros(pick.sum(), np.int32), np.zeros((3, pick.sum()), np.float32)
        (h, z, state), (h1, z1, state1) = rows
        flow.faces_across(
            h, z, state, h1, z1, state1, np.float32(steepest), np.float32(_K), moved, out[0], out[1], out[2]
        )
        found[pick] = moved / _K
    return found
