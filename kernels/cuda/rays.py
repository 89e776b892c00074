"""Rays against triangles on the GPU: the tree is built there, one thread a triangle, and walked, one thread a ray."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.device import array_module, launch

_THREADS = 128


def _start(kernel: str, count: int, arguments: tuple[Any, ...]) -> None:
    """Launch with one thread a triangle or ray."""
    launch("rays", kernel, (-(-count // _THREADS),), (_THREADS,), arguments)


class Tree:
    """A linear BVH of two triangles or more.

    Parameters
    ----------
    vertices : (n, 3) float32; triangles : (m, 3) int32, on the GPU
    low : least coordinates; scale : cells a metre of the Morton grid
    """

    def __init__(self, vertices: Any, triangles: Any, low: np.ndarray, scale: np.float32) -> None:
        xp = array_module(vertices)
        count = len(triangles)
        code = xp.empty(count, np.uint64)
        _start("cm_ray_code", count, (vertices, triangles, np.int32(count), low[0], low[1], low[2], scale, code))
        self._order = xp.argsort(code, kind="stable").astype(np.int32)
        code = xp.ascontiguousarray(code[self._order])
        self._child, parent = xp.empty((count - 1, 2), np.int32), xp.empty(2 * count - 1, np.int32)
        _start("cm_ray_tree", count - 1, (code, np.int32(count), self._child, parent))
        self._box, self._corners = xp.empty((count - 1, 12), np.float32), xp.empty((count, 9), np.float32)
        seen = xp.zeros(count - 1, np.int32)
        given = (vertices, triangles, self._order, np.int32(count), parent, seen, self._box, self._corners)
        _start("cm_ray_boxes", count, given)

    def occluded(self, origins: Any, directions: Any, near: float, far: float) -> Any:
        """Whether each ray meets anything: (k,) bool."""
        return self.cast(origins, directions, near, far, True)[1] >= 0

    def cast(self, origins: Any, directions: Any, near: float, far: float, any_hit: bool) -> tuple[Any, Any]:
        """Distance and triangle (−1 none) of each ray: (k,) float32 and int32; directions (k, 3) or (1, 3)."""
        xp = array_module(origins)
        count = len(origins)
        distance, triangle = xp.empty(count, np.float32), xp.empty(count, np.int32)
        one = np.int32(len(directions) == 1)
        limits = np.float32(near), np.float32(far), np.int32(any_hit)
        tree = self._box, self._child, self._corners, self._order
        _start("cm_ray_cast", count, (origins, directions, one, np.int64(count), *limits, *tree, distance, triangle))
        return distance, triangle
