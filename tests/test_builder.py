"""The builder: equal positions merge in order of first use, members may be filled in later."""

from __future__ import annotations

import numpy as np

from citymodel import builder as builder_module
from citymodel.builder import CityModelBuilder


def _two_squares() -> CityModelBuilder:
    build = CityModelBuilder("test", "1")
    build.add_object("a", "Building")
    build.add_polygon([[0.0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]], "p", ["r"])
    build.add_polygon([[1.0, 0, 0, 2, 0, 0, 2, 1, 0, 1, 1, -0.0], [1.2, 0.2, 0, 1.4, 0.2, 0, 1.2, 0.4, 0]], "q")
    return build


def test_shared_corners_are_one_vertex_in_order_of_first_use() -> None:
    model = _two_squares().build()
    assert len(model.vertices) == 9
    assert model.ring_vertices.tolist() == [0, 1, 2, 3, 1, 4, 5, 2, 6, 7, 8]
    assert model.vertices[4].tolist() == [2, 0, 0]
    assert (model.n_polygons, model.n_holes, model.n_triangles) == (2, 1, 2 + 7)


def test_every_position_finds_its_own_vertex() -> None:
    expected = _two_squares().build()
    xyz = np.random.default_rng(1).integers(0, 4, (500, 3)).astype(float)
    vertices, index, _ = builder_module._distinct(xyz, np.zeros(500, bool))
    assert np.array_equal(vertices[index], xyz)
    assert len(vertices) == len(np.unique(xyz, axis=0))
    assert np.array_equal(_two_squares().build().vertices, expected.vertices)


def test_members_keep_their_order_and_unfound_ones_drop_out() -> None:
    build = _two_squares()
    solid = build.add_node("Solid")
    shell = build.add_node("Shell")
    late = build.add_member(shell, -1, by_xlink=True)
    build.add_member(solid, shell, is_node=True)
    build.add_member(shell, 0, reversed=True)
    lost = build.add_member(shell, -1, by_xlink=True)
    build.set_member(late, 1, is_node=False)
    build.set_member(lost, -1, is_node=False)
    nodes = build.build().nodes
    assert nodes.offsets.tolist() == [0, 1, 3]
    assert nodes.target.tolist() == [1, 1, 0]
    assert nodes.is_node.tolist() == [True, False, False]
    assert nodes.reversed.tolist() == [False, False, True]
    assert nodes.by_xlink.tolist() == [False, True, False]


def test_a_template_corner_is_no_part_of_the_bounds() -> None:
    build = _two_squares()
    build.add_polygon([[0.0, 0, 0, 1, 0, 0, 99, 99, 99]], template=True)
    model = build.build()
    assert model.bounds() == (0.0, 0.0, 0.0, 2.0, 1.0, 0.0)
    assert int(model.template_vertices.sum()) == 3
    assert build.rings_of(1) == [("", 4), ("", 3)]


def test_an_empty_model_is_a_model() -> None:
    model = CityModelBuilder("test", "1").build()
    assert (model.n_polygons, len(model.vertices), model.bounds()) == (0, 0, None)
