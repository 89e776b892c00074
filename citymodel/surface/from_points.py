"""Terrain and surface rasters from LiDAR points, robust to noise, with holes filled and marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.points import PointCloud
from citymodel.surface.grid import Grid
from citymodel.surface.holes import close_gaps, inside_the_data, low_edges, smooth_fill

if TYPE_CHECKING:
    from xarray import DataArray

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]

GROUND, WATER, NOISE, TREES = 2, 9, (7, 18), (3, 4, 5)
SPIKE = 5.0
"""Metres a lone return stands above all eight cells around it to be taken for noise."""
_CHUNK = 4_000_000


WATER_GAP = 6.0
"""Metres from a water return within which a lower cell counts as water."""


def terrain_from_points(points: PointCloud | Sequence[PointCloud], grid: Grid) -> DataArray:
    """Mean height of ground returns (class 2) and water (9); holes filled smoothly and marked in ``filled``."""
    clouds = _clouds(points)
    total, count = np.zeros(grid.shape), np.zeros(grid.shape, dtype=np.int64)
    from kernels.binning import bin_points

    for x, y, z in _chunks(clouds, (GROUND, WATER)):
        mean = bin_points(x, y, z, grid.x0, grid.y0, grid.cell, grid.shape, reduce="mean")
        n = bin_points(x, y, z, grid.x0, grid.y0, grid.cell, grid.shape, reduce="count")
        total += np.where(n > 0, mean, 0.0).astype(np.float64) * n
        count += n
    if not count.any():
        raise ParameterError(
            "the points hold no ground (class 2) in this area; classify them first, or give a terrain raster"
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_height = np.where(count > 0, total / count, np.nan).astype(np.float32)
    filled = smooth_fill(mean_height)
    filled[~inside_the_data(count > 0, grid.cell)] = np.nan
    return grid.raster(filled, "terrain", source="points: ground and water", filled=(count == 0) & np.isfinite(filled))


def water_from_points(points: PointCloud | Sequence[PointCloud], grid: Grid) -> F4:
    """Height of the water between its returns (class 9), NaN farther than WATER_GAP from one.

    Water sends few returns back; without this the gaps between them would be pits down to the bed.
    """
    from scipy.ndimage import distance_transform_edt

    from kernels.binning import bin_points

    z = np.full(grid.shape, np.nan, dtype=np.float32)
    for x, y, height in _chunks(_clouds(points), (WATER,)):
        z = np.fmin(z, bin_points(x, y, height, grid.x0, grid.y0, grid.cell, grid.shape, reduce="min"))
    known = np.isfinite(z)
    if not known.any():
        return z
    near = np.asarray(distance_transform_edt(~known)) * grid.cell <= WATER_GAP
    return np.where(near, smooth_fill(z), np.nan).astype(np.float32)


def surface_from_points(
    points: PointCloud | Sequence[PointCloud], grid: Grid, terrain: DataArray | None = None, *, trees: bool = True
) -> DataArray:
    """Highest return of each cell without noise; holes filled from neighbours or ``terrain``, marked in ``filled``.

    Classes 7 and 18 are left out, and so is a lone return that stands 5 m above all cells around
    it, or lies 5 m below them; without ``trees`` vegetation (classes 3 to 5) is left out as well.
    """
    clouds = _clouds(points)
    out = NOISE if trees else (*NOISE, *TREES)
    z, count = _highest(clouds, grid, out)
    z = _without_spikes(z, clouds, grid, out)
    z = _without_pits(z, count)
    measured = np.isfinite(z)
    z = close_gaps(z)
    z = _spread(z, count, grid)
    if terrain is not None:
        z = np.where(np.isfinite(z), z, grid.sample(terrain)).astype(np.float32)
    elif measured.any():
        inside = inside_the_data(measured, grid.cell)
        z = np.where(np.isfinite(z) | ~inside, z, smooth_fill(low_edges(z, grid.cell))).astype(np.float32)
    return grid.raster(z, "surface", source="points: highest return", filled=~measured & np.isfinite(z))


def _clouds(points: PointCloud | Sequence[PointCloud]) -> list[PointCloud]:
    return [points] if isinstance(points, PointCloud) else list(points)


def crowns_from_points(points: PointCloud | Sequence[PointCloud], grid: Grid) -> F4:
    """Highest return of vegetation (classes 3 to 5) of each cell, gaps within crowns closed; NaN where none is."""
    z, _ = _highest(_clouds(points), grid, keep=TREES)
    return close_gaps(z) if np.isfinite(z).any() else z


def _chunks(
    clouds: Sequence[PointCloud], classes: Sequence[int] | None, out: Sequence[int] = NOISE
) -> Iterator[tuple[F8, F8, F8]]:
    """x, y, z of the points of these classes, of all but those left ``out`` for None, some millions at a time."""
    for cloud in clouds:
        codes = cloud.columns.get("classification")
        for start in range(0, len(cloud), _CHUNK):
            part = slice(start, start + _CHUNK)
            xyz = cloud.coordinates(part)
            if codes is not None:
                keep = np.isin(codes[part], out, invert=True) if classes is None else np.isin(codes[part], classes)
                xyz = xyz[keep]
            elif classes is not None:
                continue
            yield (*np.ascontiguousarray(xyz.T),)


def _highest(
    clouds: Sequence[PointCloud], grid: Grid, out: Sequence[int] = NOISE, keep: Sequence[int] | None = None
) -> tuple[F4, NDArray[np.int64]]:
    """Height of the highest return and number of returns of each cell."""
    from kernels.binning import bin_points

    z = np.full(grid.shape, np.nan, dtype=np.float32)
    count = np.zeros(grid.shape, dtype=np.int64)
    for x, y, heights in _chunks(clouds, keep, out):
        place = (x, y, heights, grid.x0, grid.y0, grid.cell, grid.shape)
        z = np.fmax(z, bin_points(*place, reduce="max"))
        count += bin_points(*place, reduce="count")
    return z, count


def _around(z: F4, best: str) -> F4:
    """Highest ("max") or lowest ("min") of the eight cells around each; ±inf where all are unknown."""
    from scipy.ndimage import maximum_filter

    sign = 1.0 if best == "max" else -1.0
    ring = np.ones((3, 3), dtype=bool)
    ring[1, 1] = False
    known = np.where(np.isfinite(z), sign * z, -np.inf).astype(np.float32)
    near = maximum_filter(known, footprint=ring, mode="constant", cval=-np.inf)
    far = maximum_filter(known, size=15, mode="constant", cval=-np.inf)
    lone = np.isneginf(near) & (far > known)
    return np.asarray(sign * np.where(lone, far, near), dtype=np.float32)


def _without_spikes(z: F4, clouds: Sequence[PointCloud], grid: Grid, out: Sequence[int] = NOISE) -> F4:
    """Cells whose height rests on fewer than three returns, far above all around, take the next lower one."""
    limit = _around(z, "max") + SPIKE
    row, column = np.nonzero((z > limit) & np.isfinite(limit))
    if not len(row):
        return z
    suspect = np.full(grid.shape, -1, dtype=np.int64)
    suspect[row, column] = np.arange(len(row))
    cells, heights = [], []
    for x, y, h in _chunks(clouds, None, out):
        c = np.floor((x - grid.x0) / grid.cell)
        r = np.floor((grid.y0 - y) / grid.cell)
        inside = (c >= 0) & (c < grid.shape[1]) & (r >= 0) & (r < grid.shape[0])
        number = suspect[r[inside].astype(int), c[inside].astype(int)]
        cells.append(number[number >= 0])
        heights.append(h[inside][number >= 0])
    cell, height = np.concatenate(cells), np.concatenate(heights)
    top = z[row, column][cell]
    support = np.bincount(cell[height > top - 2.0], minlength=len(row))
    lower = np.full(len(row), -np.inf)
    below = height <= limit[row, column][cell]
    np.maximum.at(lower, cell[below], height[below])
    noise = support < 3
    clean = z.copy()
    clean[row[noise], column[noise]] = np.where(np.isfinite(lower[noise]), lower[noise], np.nan)
    return clean


def _without_pits(z: F4, count: NDArray[np.int64]) -> F4:
    """Cells of one or two returns far below all around hold none."""
    pit = (z < _around(z, "min") - SPIKE) & (count < 3)
    return np.where(pit, np.nan, z).astype(np.float32)


def _spread(z: F4, count: NDArray[np.int64], grid: Grid) -> F4:
    """Where points are sparser than cells, holes up to 1.5 times their spacing take the nearest height."""
    from scipy.ndimage import distance_transform_edt

    known = np.isfinite(z)
    if not known.any():
        return z
    covered = max(int(inside_the_data(known, grid.cell).sum()), 1)
    spacing = float(np.sqrt(covered / max(int(count.sum()), 1)))
    if spacing <= 0.8:  # in cells; denser points leave holes for a reason
        return z
    distance, nearest = distance_transform_edt(~known, return_indices=True)
    return np.where(distance <= 1.5 * spacing, z[tuple(nearest)], np.nan).astype(np.float32)
