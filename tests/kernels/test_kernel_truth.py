"""Shadow on a raster against rays on the triangles that the raster came from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numba import njit, prange
from towns import SIDE, houses

from kernels.march import march_mask
from kernels.rasterize import rasterize_triangles
from kernels.shadow import SHADE, compass, shadow_mask


@njit(parallel=True)
def any_hit(origins: Any, towards: Any, first: Any, e: Any, g: Any, hit: Any) -> None:
    """Whether a ray from each origin meets any triangle (Möller and Trumbore's test)."""
    for i in prange(origins.shape[0]):
        for f in range(first.shape[0]):
            px = towards[1] * g[f, 2] - towards[2] * g[f, 1]
            py = towards[2] * g[f, 0] - towards[0] * g[f, 2]
            pz = towards[0] * g[f, 1] - towards[1] * g[f, 0]
            det = e[f, 0] * px + e[f, 1] * py + e[f, 2] * pz
            if abs(det) < 1e-12:
                continue
            x, y, z = origins[i, 0] - first[f, 0], origins[i, 1] - first[f, 1], origins[i, 2] - first[f, 2]
            u = (x * px + y * py + z * pz) / det
            if u < 0 or u > 1:
                continue
            qx, qy, qz = y * e[f, 2] - z * e[f, 1], z * e[f, 0] - x * e[f, 2], x * e[f, 1] - y * e[f, 0]
            v = (towards[0] * qx + towards[1] * qy + towards[2] * qz) / det
            if v >= 0 and u + v <= 1 and (g[f, 0] * qx + g[f, 1] * qy + g[f, 2] * qz) / det > 1e-3:
                hit[i] = True
                break


@pytest.mark.parametrize(("cell", "wrong", "bias"), [(1.0, 0.008, 0.005), (0.5, 0.004, 0.0025)])
def test_few_cells_differ_from_rays_on_the_triangles(cell: float, wrong: float, bias: float) -> None:
    faces = houses()
    n = round(SIDE / cell)
    corners = np.arange(faces.size // 3, dtype=np.int32).reshape(-1, 3)
    dsm, _ = rasterize_triangles(faces.reshape(-1, 3), corners, 0.0, SIDE, cell, (n, n))
    row, col = np.mgrid[0:n, 0:n]
    origins = np.column_stack([(col.ravel() + 0.5) * cell, SIDE - (row.ravel() + 0.5) * cell, dsm.ravel() + 1e-3])
    first = faces[:, 0].copy()
    edges = (faces[:, 1] - first, faces[:, 2] - first)
    differ, more, march = [], [], []
    for azimuth, altitude in ((180.0, 62.0), (127.0, 35.0), (232.0, 25.0), (95.0, 12.0)):
        east, north = compass(azimuth)
        flat, up = math.cos(math.radians(altitude)), math.sin(math.radians(altitude))
        truth = np.zeros(n * n, np.bool_)
        any_hit(origins, np.array([east * flat, north * flat, up]), first, *edges, truth)
        shade = shadow_mask(dsm, cell, azimuth, altitude) == SHADE
        differ.append((shade.ravel() != truth).mean())
        march.append(((march_mask(dsm, cell, azimuth, altitude) == SHADE).ravel() != truth).mean())
        more.append(shade.mean() - truth.mean())
    assert np.mean(differ) <= wrong
    assert np.mean(differ) <= np.mean(march)
    assert abs(np.mean(more)) <= bias
