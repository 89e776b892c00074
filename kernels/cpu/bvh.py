"""Rays against triangles without Embree: the GPU's linear BVH (Morton order; Karras 2012) in Numba, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from kernels.cpu import GUARD

LEAF = 4
_STACK = 100
_RAYS = 256  # rays of a task
_ZERO, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_TINY, _NONE, _WIDER, _CELLS = np.float32(1e-20), np.float32(1e30), np.float32(1.0000004), np.float32(2097151.0)


@njit(inline="always")
def _least(a: Any, b: Any) -> Any:
    return b if b < a else a


@njit(inline="always")
def _most(a: Any, b: Any) -> Any:
    return b if b > a else a


@njit(cache=True)
def _every_third(v: Any) -> Any:
    """The lower 21 bits at every third place."""
    v &= np.uint64(0x1FFFFF)
    v = (v | v << np.uint64(32)) & np.uint64(0x1F00000000FFFF)
    v = (v | v << np.uint64(16)) & np.uint64(0x1F0000FF0000FF)
    v = (v | v << np.uint64(8)) & np.uint64(0x100F00F00F00F00F)
    v = (v | v << np.uint64(4)) & np.uint64(0x10C30C30C30C30C3)
    return (v | v << np.uint64(2)) & np.uint64(0x1249249249249249)


@njit(cache=True, parallel=True)
def _codes(v: Any, t: Any, low: Any, scale: Any, code: Any) -> None:
    """Morton code of the middle of each triangle's box, 21 bits an axis."""
    for i in prange(t.shape[0]):
        total = np.uint64(0)
        for k in range(3):
            a, b, c = v[t[i, 0], k], v[t[i, 1], k], v[t[i, 2], k]
            middle = _HALF * (_least(_least(a, b), c) + _most(_most(a, b), c))
            cell = _least(_most((middle - low[k]) * scale, _ZERO), _CELLS)
            total |= _every_third(np.uint64(cell)) << np.uint64(k)
        code[i] = total


@njit(cache=True)
def _leading(v: Any) -> int:
    n = 0
    for width in (32, 16, 8, 4, 2, 1):
        if (v >> np.uint64(64 - width)) == np.uint64(0):
            n += width
            v = v << np.uint64(width)
    return n


@njit(cache=True)
def _shared(code: Any, i: int, j: int) -> int:
    """Leading bits that two sorted codes share; equal codes go on with their places."""
    if j < 0 or j >= code.shape[0]:
        return -1
    differ = code[i] ^ code[j]
    return _leading(differ) if differ != np.uint64(0) else 64 + _leading(np.uint64(i ^ j))


@njit(cache=True)
def _node(code: Any, i: int, child: Any, parent: Any) -> None:
    """Children of one inner node, and that it is their parent, as in rays.cu."""
    count = code.shape[0]
    d = 1 if _shared(code, i, i + 1) > _shared(code, i, i - 1) else -1
    least_shared = _shared(code, i, i - d)
    reach = 2
    while _shared(code, i, i + reach * d) > least_shared:
        reach *= 2
    length, step = 0, reach // 2
    while step >= 1:
        if _shared(code, i, i + (length + step) * d) > least_shared:
            length += step
        step //= 2
    j = i + length * d
    own = _shared(code, i, j)
    cut, step = 0, length
    while True:
        step = (step + 1) // 2
        if _shared(code, i, i + (cut + step) * d) > own:
            cut += step
        if step <= 1:
            break
    middle = i + cut * d + min(d, 0)
    first, last = min(i, j), max(i, j)
    left, right = middle - first + 1, last - middle
    child[i, 0] = ~(first * LEAF + left - 1) if left <= LEAF else middle
    child[i, 1] = ~((middle + 1) * LEAF + right - 1) if right <= LEAF else middle + 1
    parent[count - 1 + middle if first == middle else middle] = 2 * i
    parent[count + middle if last == middle + 1 else middle + 1] = 2 * i + 1


@njit(cache=True, parallel=True)
def _tree(code: Any, child: Any, parent: Any) -> None:
    """All inner nodes."""
    parent[0] = -1
    for i in prange(code.shape[0] - 1):
        _node(code, np.int64(i), child, parent)  # prange counts without sign, which Numba mixes into floats


@njit(cache=True)
def _boxes(v: Any, t: Any, order: Any, parent: Any, seen: Any, box: Any, corners: Any) -> None:
    """Boxes of both children in each inner node, from the triangles upwards."""
    count = order.shape[0]
    own = np.empty(6, np.float32)
    for i in range(count):
        for k in range(3):
            a, b, c = v[t[order[i], 0], k], v[t[order[i], 1], k], v[t[order[i], 2], k]
            corners[i, k], corners[i, 3 + k], corners[i, 6 + k] = a, b, c
            own[k], own[3 + k] = _least(_least(a, b), c), _most(_most(a, b), c)
        up = parent[count - 1 + i]
        while up >= 0:
            node, side = up >> 1, up & 1
            for k in range(6):
                box[node, 6 * side + k] = own[k]
            seen[node] += 1
            if seen[node] == 1:
                break
            for k in range(3):
                own[k] = _least(own[k], box[node, 6 * (1 - side) + k])
                own[3 + k] = _most(own[3 + k], box[node, 6 * (1 - side) + 3 + k])
            up = parent[node]


@njit(inline="always")
def _entry(box: Any, node: int, at: int, o: Any, inverse: Any, near: Any, far: Any) -> Any:
    """Where a ray enters a box, 1e30 where it passes by; the exit is widened against rounding (Ize 2013)."""
    enter, leave = near, far
    for k in range(3):
        s, e = (box[node, at + k] - o[k]) * inverse[k], (box[node, at + 3 + k] - o[k]) * inverse[k]
        enter = _most(enter, _least(s, e))
        leave = _least(leave, _most(s, e) * _WIDER)
    return enter if enter <= leave else _NONE


@njit(inline="always")
def _meet(c: Any, n: int, o: Any, ax: int, ay: int, az: int, sx: Any, sy: Any, sz: Any) -> Any:
    """Distance to a triangle, −1 where it is missed: watertight (Woop, Benthin & Wald 2013), both sides."""
    pz, qz, rz = c[n, az] - o[az], c[n, 3 + az] - o[az], c[n, 6 + az] - o[az]
    px, py = (c[n, ax] - o[ax]) - sx * pz, (c[n, ay] - o[ay]) - sy * pz
    qx, qy = (c[n, 3 + ax] - o[ax]) - sx * qz, (c[n, 3 + ay] - o[ay]) - sy * qz
    rx, ry = (c[n, 6 + ax] - o[ax]) - sx * rz, (c[n, 6 + ay] - o[ay]) - sy * rz
    u, w, s = rx * qy - ry * qx, px * ry - py * rx, qx * py - qy * px
    if u == _ZERO or w == _ZERO or s == _ZERO:
        u = np.float32(np.float64(rx) * np.float64(qy) - np.float64(ry) * np.float64(qx))
        w = np.float32(np.float64(px) * np.float64(ry) - np.float64(py) * np.float64(rx))
        s = np.float32(np.float64(qx) * np.float64(py) - np.float64(qy) * np.float64(px))
    if (u < _ZERO or w < _ZERO or s < _ZERO) and (u > _ZERO or w > _ZERO or s > _ZERO):
        return -_ONE
    area = u + w + s
    if area == _ZERO:
        return -_ONE
    return (u * (sz * pz) + w * (sz * qz) + s * (sz * rz)) / area


@njit(cache=True)
def _walk(o: Any, d: Any, near: Any, far: Any, any_hit: bool, tree: Any, stack: Any, enters: Any, inverse: Any) -> Any:
    """Distance and triangle of one ray."""
    box, child, corners, order = tree
    for k in range(3):
        part = d[k] if abs(d[k]) > _TINY else (-_TINY if d[k] < _ZERO else _TINY)
        inverse[k] = _ONE / part
    x, y, z = abs(d[0]), abs(d[1]), abs(d[2])
    az = (0 if x > z else 2) if x > y else (1 if y > z else 2)
    ax, ay = (az + 1) % 3, (az + 2) % 3
    sx, sy, sz = d[ax] / d[az], d[ay] / d[az], _ONE / d[az]
    top, found, best = 1, np.int32(-1), far
    stack[0], enters[0] = 0, near
    while top > 0:
        top -= 1
        if enters[top] > best:
            continue
        node = stack[top]
        if node >= 0:
            a = _entry(box, node, 0, o, inverse, near, best)
            b = _entry(box, node, 6, o, inverse, near, best)
            farther = 1 if b >= a else 0
            for k in range(2):
                side = farther if k == 0 else 1 - farther
                enter = b if side else a
                if enter < _NONE:
                    stack[top], enters[top] = child[node, side], enter
                    top += 1
            continue
        first = ~node // LEAF
        for k in range(first, first + ~node % LEAF + 1):
            t = _meet(corners, k, o, ax, ay, az, sx, sy, sz)
            if not (t >= near and t <= best) or (t == best and found >= 0 and order[k] > found):
                continue
            best, found = t, order[k]
        if any_hit and found >= 0:
            break
    return best, found


@njit(cache=True, parallel=True, error_model="numpy")
def _cast(o: Any, d: Any, near: Any, far: Any, any_hit: bool, tree: Any, distance: Any, triangle: Any) -> None:
    """All rays, in tasks of _RAYS."""
    count = o.shape[0]
    for task in prange((count + _RAYS - 1) // _RAYS):
        stack, enters = np.empty(_STACK, np.int32), np.empty(_STACK, np.float32)
        inverse = np.empty(3, np.float32)
        for i in range(np.int64(task) * _RAYS, min(count, (np.int64(task) + 1) * _RAYS)):
            towards = d[0] if d.shape[0] == 1 else d[i]
            best, found = _walk(o[i], towards, near, far, any_hit, tree, stack, enters, inverse)
            distance[i], triangle[i] = best, found


class Tree:
    """A linear BVH of two triangles or more; the parameters are those of the GPU's twin."""

    def __init__(self, vertices: np.ndarray, triangles: np.ndarray, low: np.ndarray, scale: np.float32) -> None:
        count = len(triangles)
        code = np.empty(count, np.uint64)
        child, parent = np.empty((count - 1, 2), np.int32), np.empty(2 * count - 1, np.int32)
        box, corners = np.empty((count - 1, 12), np.float32), np.empty((count, 9), np.float32)
        with GUARD:
            _codes(vertices, triangles, low, scale, code)
            order = np.argsort(code, kind="stable").astype(np.int32)
            _tree(code[order], child, parent)
            _boxes(vertices, triangles, order, parent, np.zeros(count - 1, np.int32), box, corners)
        self._tree = box, child, corners, order

    def occluded(self, origins: np.ndarray, directions: np.ndarray, near: float, far: float) -> Any:
        """Whether each ray meets anything: (k,) bool."""
        return self.cast(origins, directions, near, far, True)[1] >= 0

    def cast(
        self, origins: np.ndarray, directions: np.ndarray, near: float, far: float, any_hit: bool
    ) -> tuple[Any, Any]:
        """Distance and triangle (−1 none) of each ray: (k,) float32 and int32; directions (k, 3) or (1, 3)."""
        distance, triangle = np.empty(len(origins), np.float32), np.empty(len(origins), np.int32)
        with GUARD:
            _cast(origins, directions, np.float32(near), np.float32(far), any_hit, self._tree, distance, triangle)
        return distance, triangle
