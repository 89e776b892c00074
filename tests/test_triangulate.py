"""Triangles, owners, shown polygons and footprints."""

from __future__ import annotations

import numpy as np
import pytest

from citymodel.builder import CityModelBuilder
from citymodel.model import CityModel, Triangles
from citymodel.triangulate import _fans, display_polygons, footprints, normals, owner_of_polygons, triangulate

Ring = list[tuple[float, float, float]]
UTM = np.array([690_123.456, 5_336_789.012, 512.3])


def model_of(*polygons: list[Ring], shift: np.ndarray | None = None) -> CityModel:
    builder = CityModelBuilder("test", "")
    row = builder.add_object("a", "Building")
    node = builder.add_node("MultiSurface")
    for rings in polygons:
        flat = [(np.array(ring) + (0.0 if shift is None else shift)).ravel().tolist() for ring in rings]
        builder.add_member(node, builder.add_polygon(flat))
    builder.add_geometry(row, "MultiSurface", node, lod="2")
    return builder.build()


def area_of(model: CityModel, triangles: Triangles) -> np.ndarray:
    """(n_polygons, 3) sum of the triangles' normals, length twice the area."""
    p = model.vertices[triangles.index]
    cross = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    return np.stack([np.bincount(triangles.polygon, cross[:, k], model.n_polygons) for k in range(3)], axis=1)


def circle(n: int, radius: float, z: float = 0.0) -> Ring:
    angle = np.arange(n) * 2 * np.pi / n
    return [(radius * np.cos(a), radius * np.sin(a), z) for a in angle]


L_SHAPE: Ring = [(0, 0, 0), (4, 0, 0), (4, 1, 0), (1, 1, 0), (1, 4, 0), (0, 4, 0)]
ARROW: Ring = [(0, 0, 0), (2, 1, 0), (0, 2, 0), (0.5, 1, 0)]
STAR: Ring = [circle(5, 2.0)[(2 * k) % 5] for k in range(5)]
WALL: Ring = [(0, 0, 0), (3, 4, 0), (3, 4, 6), (0, 0, 6)]


@pytest.mark.parametrize("shift", [np.zeros(3), UTM])
@pytest.mark.parametrize("ring", [L_SHAPE, ARROW, WALL, circle(3, 2), circle(4, 2), circle(9, 2)])
def test_triangles_cover_the_polygon_and_turn_as_it_does(ring: Ring, shift: np.ndarray) -> None:
    for turned in (ring, ring[::-1]):
        model = model_of([turned], [turned], shift=shift)
        triangles = triangulate(model)
        assert len(triangles.index) == 2 * (len(ring) - 2)
        normal = area_of(model, triangles)
        assert np.allclose(normal, normals(model), atol=1e-7)
        p = model.vertices[triangles.index]
        each = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]) @ normal[0]
        assert (each > 0).all()


def test_holes_stay_open() -> None:
    hole = circle(6, 1.0)[::-1]
    model = model_of([circle(8, 3.0), hole], shift=UTM)
    triangles = triangulate(model)
    assert len(triangles.index) == model.n_triangles == 14
    ring_area = 0.5 * (8 * 9 * np.sin(2 * np.pi / 8) - 6 * np.sin(2 * np.pi / 6))
    assert np.linalg.norm(area_of(model, triangles)[0]) / 2 == pytest.approx(ring_area, abs=1e-6)


def test_a_star_that_crosses_itself_is_not_taken_for_convex() -> None:
    rows = np.arange(2)
    assert _fans(model_of([STAR], [circle(5, 2.0)]), rows, 5)[1].tolist() == [False, True]


def test_polygons_without_area_or_corners_give_nothing() -> None:
    line: Ring = [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)]
    model = model_of([line], [[(0, 0, 0), (1, 0, 0)]], [L_SHAPE])
    assert set(triangulate(model).polygon.tolist()) == {2}
    assert len(triangulate(CityModelBuilder("test", "").build()).index) == 0


def test_the_surface_that_holds_a_polygon_owns_it() -> None:
    builder = CityModelBuilder("test", "")
    house = builder.add_object("house", "Building")
    roof = builder.add_object("roof", "RoofSurface", house, is_surface=True)
    polygon = builder.add_polygon([np.ravel(L_SHAPE).tolist()])
    solid, shell, multi = builder.add_node("Solid"), builder.add_node("Shell"), builder.add_node("MultiSurface")
    builder.add_member(multi, polygon)
    builder.add_member(solid, shell, is_node=True)
    builder.add_member(shell, polygon, by_xlink=True, reversed=True)
    builder.add_geometry(house, "Solid", solid, lod="2")
    builder.add_geometry(house, "MultiSurface", multi, surface=roof, lod="2")
    owners = owner_of_polygons(builder.build())
    assert (owners.object_row.tolist(), owners.surface_row.tolist()) == ([house], [roof])
    assert owners.lods[owners.lod[0]] == "2"


def test_the_highest_level_is_shown_and_parts_hide_their_whole() -> None:
    builder = CityModelBuilder("test", "")
    whole = builder.add_object("whole", "Building")
    part = builder.add_object("part", "BuildingPart", whole)
    alone = builder.add_object("alone", "Building")
    for row, lod in ((whole, "0"), (part, "1.3"), (part, "2.2"), (alone, "1"), (alone, "")):
        node = builder.add_node("MultiSurface")
        builder.add_member(node, builder.add_polygon([np.ravel(L_SHAPE).tolist()]))
        builder.add_geometry(row, "MultiSurface", node, lod=lod)
    assert display_polygons(builder.build()).tolist() == [2, 3]


def test_a_footprint_is_the_ground_under_roofs_with_its_heights() -> None:
    top = [(x, y, 9.0) for x, y, _ in L_SHAPE]
    found = footprints(model_of([top], [WALL], shift=UTM))
    assert len(found) == 1
    assert found[0].area.area == pytest.approx(7.0, abs=1e-3)
    assert (found[0].zmin, found[0].zmax) == pytest.approx((UTM[2], UTM[2] + 9.0))
