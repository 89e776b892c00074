"""Rays on triangles: any hit and first hit by every tree that is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from kernels.bench.measure import Row, row, timed
from kernels.bench.towns import SEED
from kernels.device import to_device
from kernels.rays import RayMesh

SUN = np.array([0.5, -0.7, 0.4], np.float32)


def boxes_and_places(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices and triangles of seeded boxes on a plane, and places before their southern walls, float32."""
    rng = np.random.default_rng(SEED)
    count = max(size * size // 1500, 1)
    x, y, (w, d, h) = *(rng.random((2, count)) * size), rng.uniform(6, 30, (3, count))
    corner = np.array([[i, j, k] for k in (0, 1) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))])
    boxes = np.stack([x, y, np.zeros(count)], axis=1)[:, None] + corner * np.stack([w, d, h], axis=1)[:, None]
    sides = np.array([[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]])
    faces = np.concatenate([sides, [[4, 5, 6], [4, 6, 7]]])
    vertices = np.concatenate([boxes.reshape(-1, 3), [[-size, -size, 0], [3 * size, -size, 0], [-size, 3 * size, 0]]])
    triangles = (faces + 8 * np.arange(count)[:, None, None]).reshape(-1, 3)
    triangles = np.concatenate([triangles, 8 * count + np.arange(3)[None]]).astype(np.int32)
    share = rng.random((size * size // 4, 2))
    at = np.stack([share[:, 0], np.full(len(share), -0.01), share[:, 1]], axis=1)  # before the southern walls
    which = np.sort(rng.integers(0, count, len(share)))
    places = boxes[which, 0] + at * np.stack([w, d, h], axis=1)[which]
    return vertices.astype(np.float32), triangles, places.astype(np.float32)


def rays(size: int, device: str, runs: int) -> Iterator[Row]:
    """From the façades of seeded boxes on a plane to one sun, and to the first thing in any direction."""
    vertices, triangles, places = boxes_and_places(size)
    origins = to_device(places, device)
    towards = np.random.default_rng(SEED).normal(size=places.shape).astype(np.float32)
    towards[:, 1] = -np.abs(towards[:, 1])
    sun, anywhere = to_device(SUN, device), to_device(towards, device)
    if device == "cpu":
        from kernels.cpu.rays import installed

        backends = [*installed(), "bvh"]
    else:
        backends = ["auto"]
    for backend in backends:
        mesh = RayMesh(vertices, triangles, device, backend)
        name = f"{mesh.backend}, {len(triangles)} triangles"
        seconds = timed(partial(mesh.occluded, origins, sun), device, runs)
        yield row("rays", f"any hit, {name}", (size, size), seconds, len(origins), 13)
        if mesh.backend == "open3d":
            yield from by_hand(vertices, triangles, places, size, runs)
        seconds = timed(partial(mesh.first, origins, anywhere), device, runs)
        yield row("rays", f"first hit, {name}", (size, size), seconds, len(origins), 32)


def by_hand(vertices: np.ndarray, triangles: np.ndarray, places: np.ndarray, size: int, runs: int) -> Iterator[Row]:
    """The same rays by Open3D alone: its array of rays there already, and made for the call."""
    import open3d

    tensor = open3d.core.Tensor.from_numpy
    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(tensor(vertices), tensor(triangles.astype(np.uint32)))

    def made() -> np.ndarray:
        return np.concatenate([places, np.broadcast_to(SUN, places.shape)], axis=1)

    ready = tensor(made())
    calls: dict[str, Callable[[], Any]] = {
        "by hand": lambda: scene.test_occlusions(ready).numpy(),
        "by hand, rays made": lambda: scene.test_occlusions(tensor(made())).numpy(),
    }
    for how, call in calls.items():
        seconds = timed(call, "cpu", runs)
        yield row("rays", f"any hit, open3d {how}", (size, size), seconds, len(places), 13)
