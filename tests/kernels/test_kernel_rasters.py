"""Triangles and points on a raster: exact planes, no gap along an edge, ties to the lower index, tiles that fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay

from kernels.binning import bin_points, bin_points_index
from kernels.rasterize import rasterize_triangles

X0, Y0 = 393_000.0, 5_819_000.0


def sheet(seed: int = 1, count: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """A triangulated tilted plane over 100 × 80 m; half of the corners lie on cell centres and cell corners."""
    rng = np.random.default_rng(seed)
    xy = rng.random((count, 2)) * [100, 80]
    xy[: count // 2] = np.round(xy[: count // 2] * 2) / 2
    xy = np.unique(np.vstack([xy, [[0, 0], [100, 0], [0, 80], [100, 80]]]), axis=0)
    z = 3 + 0.25 * xy[:, 0] - 0.5 * xy[:, 1]
    return np.column_stack([xy[:, 0] + X0, Y0 - xy[:, 1], z]), Delaunay(xy).simplices.astype(np.int32)


def test_a_triangulated_plane_is_exact_at_every_centre_and_has_no_gap() -> None:
    vertices, triangles = sheet()
    height, index = rasterize_triangles(vertices, triangles, X0, Y0, 1.0, (80, 100))
    y, x = np.mgrid[0:80, 0:100] + 0.5
    assert np.abs(height - (3 + 0.25 * x - 0.5 * y)).max() < 1e-5
    assert index.min() >= 0


def test_heights_are_those_of_the_named_triangle() -> None:
    rng = np.random.default_rng(5)
    vertices = rng.random((90, 3)) * [60, 60, 30]
    triangles = rng.integers(0, 90, (60, 3))
    height, index = rasterize_triangles(vertices, triangles, 0.0, 60.0, 1.0, (60, 60))
    best = np.full((60, 60), -np.inf)
    row, col = np.mgrid[0:60, 0:60]
    x, y = col + 0.5, 59.5 - row
    for a, b, c in vertices[triangles]:
        across = np.array([b - a, c - a])[:, :2].T
        if abs(np.linalg.det(across)) < 1e-9:
            continue
        s, t = np.linalg.solve(across, np.array([x.ravel() - a[0], y.ravel() - a[1]])).reshape(2, 60, 60)
        inside = (s >= 0) & (t >= 0) & (s + t <= 1)
        best = np.where(inside, np.maximum(best, a[2] + s * (b[2] - a[2]) + t * (c[2] - a[2])), best)
    covered = np.isfinite(best)
    assert np.array_equal(covered, index >= 0)
    assert np.array_equal(covered, ~np.isnan(height))
    assert np.abs(height[covered] - best[covered]).max() < 1e-4
    single, _ = rasterize_triangles(vertices, triangles[index[30, 30] : index[30, 30] + 1], 0.0, 60.0, 1.0, (60, 60))
    assert single[30, 30] == height[30, 30]


def test_equal_heights_go_to_the_lower_index_and_reduce_chooses_the_side() -> None:
    square = np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0]], float)
    vertices = np.vstack([square + np.array([0, 0, h]) for h in (7, 7, 2)])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    triangles = np.vstack([faces + 4, faces, faces + 8])
    high, top = rasterize_triangles(vertices, triangles, 0, 4, 1.0, (4, 4))
    low, bottom = rasterize_triangles(vertices, triangles, 0, 4, 1.0, (4, 4), "min")
    assert (high == 7).all()
    assert set(np.unique(top)) == {0, 1}
    assert top[0, 3] == top[1, 2] == top[3, 0] == 0
    assert (low == 2).all()
    assert bottom.min() == 4


def test_both_windings_cover_the_same_cells() -> None:
    vertices, triangles = sheet(2, 50)
    one = rasterize_triangles(vertices, triangles, X0, Y0, 0.5, (160, 200))
    other = rasterize_triangles(vertices, triangles[:, ::-1], X0, Y0, 0.5, (160, 200))
    assert np.array_equal(one[1], other[1])
    assert np.abs(one[0] - other[0]).max() < 1e-5


def test_a_tile_of_whole_cells_equals_the_same_part_of_the_whole() -> None:
    vertices, triangles = sheet(3, 400)
    whole, names = rasterize_triangles(vertices, triangles, X0, Y0, 1.0, (80, 100))
    tile, tile_names = rasterize_triangles(vertices, triangles, X0 + 32, Y0 - 16, 1.0, (40, 50))
    assert np.array_equal(tile, whole[16:56, 32:82])
    assert np.array_equal(tile_names, names[16:56, 32:82])


def test_upright_empty_and_unfinished_triangles_cover_nothing() -> None:
    vertices = np.array([[0, 0, 0], [4, 0, 0], [4, 0, 9], [2, 2, 0], [np.nan, 4, 0]])
    height, index = rasterize_triangles(vertices, [[0, 1, 2], [3, 3, 3], [0, 1, 4]], 0, 4, 1.0, (4, 4))
    assert np.isnan(height).all()
    assert (index == -1).all()
    nothing, _ = rasterize_triangles(np.empty((0, 3)), np.empty((0, 3), int), 0, 4, 1.0, (4, 4))
    assert np.isnan(nothing).all()


def test_triangles_that_name_no_vertex_are_refused() -> None:
    with pytest.raises(ValueError, match="beyond the 3"):
        rasterize_triangles(np.zeros((3, 3)), [[0, 1, 3]], 0, 4, 1.0, (4, 4))


def points(count: int = 30_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points in and around a raster of 40 × 50 cells of 2 m."""
    rng = np.random.default_rng(8)
    x, y = rng.random((2, count)) * 120 - 10
    return x + X0, Y0 - y, np.round(rng.normal(5, 2, count), 1)


def by_hand(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> dict[tuple[int, int], list[int]]:
    """Numbers of the points in each cell."""
    cells: dict[tuple[int, int], list[int]] = {}
    for i, (c, r) in enumerate(zip(np.floor((x - X0) / 2), np.floor((Y0 - y) / 2), strict=True)):
        if 0 <= r < 40 and 0 <= c < 50:
            cells.setdefault((int(r), int(c)), []).append(i)
    return cells


def test_points_are_binned_as_by_hand() -> None:
    x, y, z = points()
    grid = (X0, Y0, 2.0, (40, 50))
    low, high, mean, count = (bin_points(x, y, z, *grid, reduce=r) for r in ("min", "max", "mean", "count"))
    assert np.array_equal(bin_points_index(x, y, z, *grid)[0], high)
    index = bin_points_index(x, y, z, *grid)[1]
    cells = by_hand(x, y, z)
    assert count.sum() == sum(map(len, cells.values()))
    for (r, c), members in cells.items():
        heights = z[members].astype(np.float32)
        assert (low[r, c], high[r, c], count[r, c]) == (heights.min(), heights.max(), len(members))
        assert mean[r, c] == pytest.approx(heights.mean(), abs=2e-5)
        assert index[r, c] == members[int(np.argmax(heights))]


def test_order_of_points_changes_no_height_and_no_mean() -> None:
    x, y, z = points()
    turned = np.random.default_rng(9).permutation(x.size)
    for reduce in ("max", "min", "mean", "count"):
        one = bin_points(x, y, z, X0, Y0, 2.0, (40, 50), reduce)
        other = bin_points(x[turned], y[turned], z[turned], X0, Y0, 2.0, (40, 50), reduce)
        assert np.array_equal(one, other, equal_nan=True)


def test_tiles_share_no_point_and_unfinished_points_are_left_out() -> None:
    x, y = np.meshgrid(np.arange(9.0), np.arange(9.0))
    whole = bin_points(x, y, x, 0, 8, 1.0, (8, 8), "count")
    left, right = (bin_points(x, y, x, c, 8, 1.0, (8, 4), "count") for c in (0, 4))
    assert np.array_equal(np.hstack([left, right]), whole)
    assert bin_points([0.5, np.nan, 0.5], [0.5] * 3, [1.0, 2.0, np.nan], 0, 1, 1.0, (1, 1), "count")[0, 0] == 1
    assert np.isnan(bin_points([], [], [], 0, 1, 1.0, (1, 1), "mean")[0, 0])


def test_unknown_reductions_are_refused() -> None:
    with pytest.raises(ValueError, match="median"):
        bin_points([0.5], [0.5], [1.0], 0, 1, 1.0, (1, 1), "median")
