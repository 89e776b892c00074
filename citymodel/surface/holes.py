"""Holes of rasters: which lie inside the data, and heights for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F4 = NDArray[np.float32]
Mask = NDArray[np.bool_]

REACH = 100.0
"""Metres: no cell farther than this from a measurement gets a height."""
MARGIN = 20.0
"""Metres beyond the convex hull of the measurements that still get a height."""


def inside_the_data(known: Mask, cell: float, margin: float = MARGIN) -> Mask:
    """Cells within the convex hull of the known ones, or ``margin`` beyond it, and no farther than REACH from one.

    known : (rows, columns) bool; cell : metres
    """
    import shapely
    from affine import Affine
    from rasterio.features import geometry_mask
    from scipy.ndimage import distance_transform_edt

    if not known.any():
        return known.copy()
    near = np.asarray(distance_transform_edt(~known)) * cell <= REACH
    rows = np.flatnonzero(known.any(axis=1))
    first = known[rows].argmax(axis=1)
    last = known.shape[1] - 1 - known[rows, ::-1].argmax(axis=1)
    corners = np.concatenate([np.column_stack([first, rows]), np.column_stack([last, rows])])
    hull = shapely.MultiPoint(corners + 0.5).convex_hull.buffer(max(margin / cell, 0.5))
    within = geometry_mask([hull], known.shape, Affine.identity(), invert=True)
    return np.asarray(known | (near & within), dtype=bool)


def smooth_fill(z: F4) -> F4:
    """Heights for all NaN cells: averages of coarser and coarser levels, relaxed on the way back.

    z : (rows, columns) float32 with one known cell at least; known cells stay exactly as they are
    """
    known = np.isfinite(z)
    if known.all() or not known.any():
        return z
    if min(z.shape) == 1:
        flat = z.ravel()
        at = np.flatnonzero(known.ravel())
        return np.interp(np.arange(flat.size), at, flat[at]).astype(np.float32).reshape(z.shape)
    rows, columns = (-(-n // 2) for n in z.shape)
    padded = np.full((2 * rows, 2 * columns), np.nan, dtype=np.float32)
    padded[: z.shape[0], : z.shape[1]] = z
    blocks = padded.reshape(rows, 2, columns, 2)
    count = np.isfinite(blocks).sum(axis=(1, 3))
    with np.errstate(invalid="ignore", divide="ignore"):
        coarse = (np.nansum(blocks, axis=(1, 3)) / np.where(count, count, np.nan)).astype(np.float32)
    guess = _refine(smooth_fill(coarse), z.shape)
    filled = np.where(known, z, guess).astype(np.float32)
    for _ in range(8):
        edge = np.pad(filled, 1, mode="edge")
        mean = 0.25 * (edge[:-2, 1:-1] + edge[2:, 1:-1] + edge[1:-1, :-2] + edge[1:-1, 2:])
        filled = np.where(known, z, mean).astype(np.float32)
    return filled


def _refine(coarse: F4, shape: tuple[int, int]) -> F4:
    """Bilinear values of cells half as large."""
    for axis in (0, 1):
        edge = np.concatenate([coarse.take([0], axis), coarse, coarse.take([-1], axis)], axis)
        n = coarse.shape[axis]
        before, here, after = (edge.take(range(k, k + n), axis) for k in (0, 1, 2))
        pair = np.stack([0.25 * before + 0.75 * here, 0.75 * here + 0.25 * after], axis + 1)
        coarse = pair.reshape([2 * n if k == axis else s for k, s in enumerate(coarse.shape)]).astype(np.float32)
    return coarse[: shape[0], : shape[1]]


def close_gaps(z: F4) -> F4:
    """Single missing cells amid five or more known neighbours take the median of those."""
    row, column = np.nonzero(np.isnan(z))
    edge = np.pad(z, 1, constant_values=np.nan)
    steps = [(r, c) for r in (0, 1, 2) for c in (0, 1, 2) if (r, c) != (1, 1)]
    around = np.sort(np.stack([edge[row + r, column + c] for r, c in steps], axis=1), axis=1)  # NaN last
    count = np.isfinite(around).sum(axis=1)
    fit = count >= 5
    closed = z.copy()
    closed[row[fit], column[fit]] = around[fit, count[fit] // 2]
    return closed


def low_edges(z: F4, cell: float) -> F4:
    """Only the rims of holes, at the lowest height within 8 m, so that a hole beside a roof fills from the ground."""
    from scipy.ndimage import binary_dilation, minimum_filter

    known = np.isfinite(z)
    rim = known & binary_dilation(~known)
    size = 2 * min(max(int(np.ceil(8.0 / cell)), 2), 40) + 1
    low = minimum_filter(np.where(known, z, np.inf), size=size)
    return np.where(rim, low, np.nan).astype(np.float32)
