"""Making rasters: triangles to heights, points to cells."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from kernels.bench.measure import Row, row, timed
from kernels.bench.towns import SEED
from kernels.binning import bin_points
from kernels.device import to_device
from kernels.rasterize import rasterize_triangles


def rasterize(size: int, device: str, runs: int) -> Iterator[Row]:
    """A terrain of triangles of 4.5 cells, and one of 450."""
    for step in (3, 30):
        n = size // step + 2
        y, x = np.mgrid[0:n, 0:n]
        vertices = np.column_stack([x.ravel() * step, size - y.ravel() * step, np.sin(x + y).ravel()]).astype(float)
        a = (y[:-1, :-1] * n + x[:-1, :-1]).ravel()
        faces = np.concatenate([np.stack([a, a + n, a + 1], 1), np.stack([a + 1, a + n, a + n + 1], 1)])
        v, t = to_device(vertices, device), to_device(faces.astype(np.int32), device)
        seconds = timed(partial(rasterize_triangles, v, t, 0.0, size, 1.0, (size, size)), device, runs)
        yield row("rasterize", f"{len(faces)} triangles", (size, size), seconds, size * size, 8)


def binning(size: int, device: str, runs: int) -> Iterator[Row]:
    """Four points a cell: in flight order, and shuffled."""
    rng = np.random.default_rng(SEED)
    count = 4 * size * size
    order = np.arange(count) / count * size
    z = to_device(rng.random(count, np.float32), device)
    x = to_device(rng.random(count) * size, device)
    for name, y in (("in flight order", order), ("shuffled", rng.permutation(order))):
        y = to_device(y, device)
        for reduce in ("max", "mean"):
            call = partial(bin_points, x, y, z, 0.0, size, 1.0, (size, size), reduce)
            yield row("binning", f"{reduce}, {name}", (size, size), timed(call, device, runs), count, 40)
