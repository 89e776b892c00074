"""Rays against triangles by Embree, through Open3D or embreex, whichever is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np

#: Rays in one call: 3 MB of them stay in the cache between filling and tracing.
CHUNK = 1 << 17
BACKENDS = {"open3d": "open3d", "embreex": "embreex"}


def installed() -> list[str]:
    """Names of the Embree back-ends that can be imported, the fastest first."""
    return [name for name, module in BACKENDS.items() if importlib.util.find_spec(module)]


class Open3DScene:
    """Embree in Open3D: rays as (k, 6) float32."""

    def __init__(self, vertices: np.ndarray, triangles: np.ndarray) -> None:
        import numba

        numba.get_num_threads()  # Numba starts its threads now: after Open3D it would find that one's old TBB and warn
        import open3d

        self._tensor = open3d.core.Tensor.from_numpy
        self._scene = open3d.t.geometry.RaycastingScene()
        self._scene.add_triangles(self._tensor(vertices), self._tensor(triangles.astype(np.uint32)))

    def occluded(self, origins: np.ndarray, directions: np.ndarray, near: float, far: float) -> np.ndarray:
        """Whether each ray meets anything: (k,) bool."""
        hit = np.empty(len(origins), np.bool_)
        for part, rays in self._parts(origins, directions):
            hit[part] = self._scene.test_occlusions(self._tensor(rays), tnear=near, tfar=far).numpy()
        return hit

    def cast(
        self, origins: np.ndarray, directions: np.ndarray, near: float, far: float, any_hit: bool
    ) -> tuple[Any, Any]:
        """Distance and triangle of each ray."""
        distance, triangle = np.full(len(origins), far, np.float32), np.full(len(origins), -1, np.int32)
        for part, rays in self._parts(origins, directions):
            rays[:, :3] += np.float32(near) * rays[:, 3:]  # cast_rays knows no nearest distance
            found = self._scene.cast_rays(self._tensor(rays))
            met = found["t_hit"].numpy() + np.float32(near)
            within = met <= far
            distance[part] = np.where(within, met, np.float32(far))
            triangle[part] = np.where(within, found["primitive_ids"].numpy().view(np.int32), -1)
        return distance, triangle

    def _parts(self, origins: np.ndarray, directions: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """The rays as Open3D takes them, in one buffer that is filled again and again."""
        count, single = len(origins), len(directions) == 1
        buffer = np.empty((min(count, CHUNK), 6), np.float32)
        buffer[:, 3:] = directions[0] if single else 0.0
        for start in range(0, count, CHUNK):
            part = slice(start, min(start + CHUNK, count))
            rays = buffer[: part.stop - start]
            for k in range(3):  # a column at a time: NumPy copies rows of three four times as slowly
                rays[:, k] = origins[part, k]
                if not single:
                    rays[:, 3 + k] = directions[part, k]
            yield part, rays


class EmbreexScene:
    """Embree in embreex; it takes neither limits nor a choice of any hit, so both are seen to here."""

    def __init__(self, vertices: np.ndarray, triangles: np.ndarray) -> None:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh

        self._scene = rtcore_scene.EmbreeScene()
        self._mesh = TriangleMesh(self._scene, vertices[triangles])

    def occluded(self, origins: np.ndarray, directions: np.ndarray, near: float, far: float) -> np.ndarray:
        """Whether each ray meets anything: (k,) bool."""
        hit: np.ndarray = self.cast(origins, directions, near, far, True)[1] >= 0
        return hit

    def cast(
        self, origins: np.ndarray, directions: np.ndarray, near: float, far: float, any_hit: bool
    ) -> tuple[Any, Any]:
        """Distance and triangle of each ray; any hit is asked like the first one."""
        towards = np.ascontiguousarray(np.broadcast_to(directions, origins.shape), np.float32)
        start = np.ascontiguousarray(origins + np.float32(near) * towards, np.float32)
        found = self._scene.run(start, towards, output=True)
        triangle = np.asarray(found["primID"], np.int32)
        met = np.asarray(found["tfar"], np.float32) + np.float32(near)
        within = (triangle >= 0) & (met <= far)
        return np.where(within, met, np.float32(far)), np.where(within, triangle, -1).astype(np.int32)


def scene(name: str, vertices: np.ndarray, triangles: np.ndarray) -> Any:
    """The Embree scene of a back-end by its name."""
    return (Open3DScene if name == "open3d" else EmbreexScene)(vertices, triangles)
