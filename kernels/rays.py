"""Mesh rays: which rays meet a triangle, and which triangle each ray meets first."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu, to_device

BACKENDS = ("auto", "open3d", "embreex", "bvh")
_MOST = 2**28


class RayMesh:
    """Triangles made ready for rays: Embree on the CPU where it is installed, a linear BVH of our own elsewhere.

    Parameters
    ----------
    vertices : (n, 3) float32, metres from a local origin; within some 10 km a place is known to a millimetre
    triangles : (m, 3) int32 rows of vertices
    device : "cpu", "gpu" or "gpu:N"; rays have to lie there too, and the answers do
    backend : on the CPU "open3d", "embreex" or "bvh"; "auto" takes the first that is installed

    Attributes
    ----------
    backend : what answers: "open3d", "embreex", "bvh" or "cuda", "" for a mesh without triangles
    """

    def __init__(self, vertices: Any, triangles: Any, device: str = "cpu", backend: str = "auto") -> None:
        if backend not in BACKENDS:
            raise ValueError(f"backend {backend!r}: give one of {', '.join(BACKENDS)}")
        on_cpu = device == "cpu"
        v, t = to_device(vertices, device), to_device(triangles, device)
        self._gpu = is_on_gpu(v)
        xp = array_module(v)
        v, t = xp.ascontiguousarray(v, np.float32), xp.ascontiguousarray(t, np.int32)
        self._checked(xp, v, t)
        self.triangles = len(t)
        self.backend = ""
        if not len(t):
            return
        if len(t) == 1:  # a tree has two leaves at the least
            t = xp.ascontiguousarray(xp.concatenate([t, t]))
        if on_cpu and not self._gpu and backend != "bvh":
            from kernels.cpu import rays

            name = backend if backend != "auto" else next(iter(rays.installed()), "bvh")
            if name != "bvh":
                self.backend, self._tree = name, rays.scene(name, v, t)
                return
        if self._gpu:
            from kernels.cuda import rays as twin
        else:
            from kernels.cpu import bvh as twin  # type: ignore[no-redef]
        used = v[t.ravel()]
        low, high = (to_device(one, "cpu").astype(np.float32) for one in (used.min(axis=0), used.max(axis=0)))
        scale = np.float32(2097151.0 / max(float((high - low).max()), 1e-6))
        self.backend = "cuda" if self._gpu else "bvh"
        self._tree = twin.Tree(v, t, low, scale)

    def occluded(self, origins: Any, directions: Any, near: float = 1e-3, far: float = math.inf) -> Any:
        """Whether anything lies on each ray between ``near`` and ``far``.

        Parameters
        ----------
        origins : (k, 3), metres from the mesh's origin
        directions : (k, 3), or (3,) for all rays; distances count in lengths of the direction
        near, far : 0 ≤ near ≤ far

        Returns
        -------
        (k,) bool on the mesh's device
        """
        xp, start, towards = self._rays(origins, directions, near, far)
        if not self.backend or not len(start):
            return xp.zeros(len(start), np.bool_)
        return self._tree.occluded(start, towards, near, far)

    def first(self, origins: Any, directions: Any, near: float = 1e-3, far: float = math.inf) -> tuple[Any, Any]:
        """The first triangle on each ray, its front or its back.

        Parameters are those of ``occluded``.

        Returns
        -------
        distance : (k,) float32, infinite where there is none
        triangle : (k,) int32 row of ``triangles``, −1 where there is none
        """
        xp, start, towards = self._rays(origins, directions, near, far)
        if not self.backend or not len(start):
            return xp.full(len(start), np.inf, np.float32), xp.full(len(start), -1, np.int32)
        distance, triangle = self._tree.cast(start, towards, near, far, False)
        if self.triangles == 1:
            triangle[triangle > 0] = 0
        distance[triangle < 0] = np.inf
        return distance, triangle

    def _rays(self, origins: Any, directions: Any, near: float, far: float) -> tuple[Any, Any, Any]:
        """The array module, origins (k, 3) and directions (k, 3) or (1, 3), checked."""
        if is_on_gpu(origins) != self._gpu:
            raise ValueError("rays and mesh lie on two devices: bring the rays to the mesh's with to_device")
        xp = array_module(origins)
        start, towards = (xp.ascontiguousarray(one, np.float32) for one in (origins, directions))
        if start.ndim != 2 or start.shape[1] != 3 or towards.shape not in ((3,), start.shape):
            raise ValueError(
                f"rays of shapes {start.shape} and {towards.shape}: give origins (k, 3), directions (k, 3) or (3,)"
            )
        if not 0.0 <= near <= far:
            raise ValueError(f"rays from {near} to {far}: give 0 ≤ near ≤ far")
        return xp, start, towards.reshape(-1, 3)

    @staticmethod
    def _checked(xp: Any, vertices: Any, triangles: Any) -> None:
        """Refuse what has no answer, in one plain line."""
        for name, array in (("vertices", vertices), ("triangles", triangles)):
            if array.ndim != 2 or array.shape[1] != 3:
                raise ValueError(f"{name} of shape {array.shape}: give three columns")
        if len(triangles) >= _MOST:
            raise ValueError(f"{len(triangles)} triangles at once: give fewer than {_MOST}")
        if len(triangles) and not 0 <= int(triangles.min()) <= int(triangles.max()) < len(vertices):
            raise ValueError(f"triangles name vertices beyond the {len(vertices)} that there are")
        if not bool(xp.isfinite(vertices).all()):
            raise ValueError("vertices hold values that are not finite: leave those triangles out")
