"""Mesh rays: limits, both sides, no leak at edges, refusals, and our own tree against Embree."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from towns import SIDE, houses

from kernels.rays import RayMesh

BACKENDS = ["bvh", *(name for name in ("open3d", "embreex") if importlib.util.find_spec(name))]
SQUARE = np.array([[0, 0, 5], [10, 0, 5], [10, 10, 5], [0, 10, 5]], np.float32)
HALVES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


@pytest.fixture(params=BACKENDS)
def square(request: pytest.FixtureRequest) -> RayMesh:
    return RayMesh(SQUARE, HALVES, backend=request.param)


def test_a_ray_meets_a_square_from_both_sides_and_misses_beside_it(square: RayMesh) -> None:
    origins = np.array([[3, 2, 0], [3, 2, 9], [11, 2, 0], [3, 2, 6]], np.float32)
    towards = np.array([[0, 0, 1], [0, 0, -1], [0, 0, 1], [0, 0, 1]], np.float32)
    assert square.occluded(origins, towards).tolist() == [True, True, False, False]
    distance, triangle = square.first(origins, towards)
    assert distance.tolist() == pytest.approx([5, 4, np.inf, np.inf])
    assert triangle.tolist() == [0, 0, -1, -1]


def test_near_and_far_bound_the_ray_in_lengths_of_its_direction(square: RayMesh) -> None:
    origin = np.array([[3, 2, 0]], np.float32)
    double = np.array([0, 0, 2], np.float32)
    assert square.first(origin, double)[0].tolist() == pytest.approx([2.5])
    assert not square.occluded(origin, double, far=2.4).any()
    assert not square.occluded(origin, double, near=2.6).any()
    assert square.first(origin, double, far=2.4)[1].tolist() == [-1]
    assert square.first(origin, double, near=2.6)[1].tolist() == [-1]


def test_no_ray_slips_through_the_diagonal_or_a_shared_corner(square: RayMesh) -> None:
    t = np.linspace(0.001, 9.999, 4001, dtype=np.float32)
    origins = np.stack([t, t, np.zeros_like(t)], axis=1)
    assert square.occluded(origins, np.array([0, 0, 1], np.float32)).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_single_triangle_and_none_at_all(backend: str) -> None:
    origins = np.array([[6, 2, 0], [2, 6, 0]], np.float32)
    up = np.array([0, 0, 1], np.float32)
    assert RayMesh(SQUARE, HALVES[:1], backend=backend).first(origins, up)[1].tolist() == [0, -1]
    empty = RayMesh(SQUARE, HALVES[:0], backend=backend)
    assert not empty.occluded(origins, up).any()
    assert np.isinf(empty.first(origins, up)[0]).all()
    assert RayMesh(SQUARE, HALVES, backend=backend).occluded(origins[:0], up).shape == (0,)


@pytest.mark.skipif(len(BACKENDS) == 1, reason="Embree is not installed: install open3d or embreex")
def test_our_tree_agrees_with_embree_but_for_grazed_edges() -> None:
    faces = houses(120)
    vertices = faces.reshape(-1, 3).astype(np.float32)
    triangles = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    rng = np.random.default_rng(2)
    origins = (rng.random((60_000, 3)) * [SIDE, SIDE, 40]).astype(np.float32)
    towards = rng.normal(size=origins.shape).astype(np.float32)
    ours, embree = (RayMesh(vertices, triangles, backend=name) for name in ("bvh", BACKENDS[1]))
    differ = ours.occluded(origins, towards) != embree.occluded(origins, towards)
    assert differ.mean() <= 1e-4
    (d0, t0), (d1, t1) = ours.first(origins, towards), embree.first(origins, towards)
    both = (t0 >= 0) & (t1 >= 0)
    assert both.mean() > 0.3
    assert ((t0 >= 0) != (t1 >= 0)).mean() <= 1e-4
    # Another triangle is first only where two meet: at the same distance.
    other = both & (t0 != t1)
    assert other.mean() <= 1e-3
    assert np.abs(d0[other] - d1[other]).max(initial=0.0) < 1e-2
    assert np.abs(d0[both] - d1[both]).max() < 2e-2


@pytest.mark.parametrize(
    ("vertices", "triangles", "text"),
    [
        (SQUARE[:, :2], HALVES, "three columns"),
        (SQUARE, HALVES + 3, "beyond the 4"),
        (SQUARE * np.float32(np.nan), HALVES, "finite"),
    ],
)
def test_unfit_meshes_are_refused_in_one_line(vertices: np.ndarray, triangles: np.ndarray, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        RayMesh(vertices, triangles)


def test_unfit_rays_are_refused_in_one_line(square: RayMesh) -> None:
    up = np.array([0, 0, 1], np.float32)
    with pytest.raises(ValueError, match="shapes"):
        square.occluded(np.zeros(3, np.float32), up)
    with pytest.raises(ValueError, match="near"):
        square.occluded(SQUARE, up, near=-1.0)
