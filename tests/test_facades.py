"""The façade sampler: a point a storey and 3 m, outward, on outer faces only, storeys from what attributes say."""

import collections

import boxtown
import numpy as np
import pytest
from boxtown import ORIGIN, box, city, plain

from citymodel.analysis.facade.points import KINDS, ROOF, WALL, WINDOW, facade_points
from citymodel.analysis.facade.storeys import ESTIMATED, storeys_of


def points_of(*makes, **options):
    return facade_points([city(lambda b: [make(b) for make in makes])], ORIGIN, **options)


def house(**options):
    return lambda b: box(b, "house", (0, 0, 0), (12, 9, 9), **options)


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("inverted", [True, False])
def test_a_box_has_a_point_for_every_3_m_of_every_storey_on_the_outside(stated, inverted):
    found = points_of(house(stated=stated, inverted=inverted))
    walls = found.take(found.kind == WALL)
    assert len(walls) == 3 * (4 + 3 + 4 + 3)
    local = walls.xyz - ORIGIN
    assert sorted(set(np.round(local[:, 2], 6))) == [1.6, 4.6, 7.6]
    assert collections.Counter(walls.storey.tolist()) == {0: 14, 1: 14, 2: 14}
    south = local[walls.normal[:, 1] < -0.99]
    assert np.allclose(south[:, 1], -0.05)
    assert sorted(set(np.round(south[:, 0], 6))) == [1.5, 4.5, 7.5, 10.5]
    assert walls.area.sum() == pytest.approx(2 * (12 + 9) * 9)
    assert (np.round(walls.high + 1.6, 6) == 3.0).all()
    assert set(walls.source) == {ESTIMATED}
    roof = found.take(found.kind == ROOF)
    assert len(roof) == 4 * 3
    assert roof.area.sum() == pytest.approx(12 * 9)
    assert np.allclose(roof.xyz[:, 2], 9.05)
    assert (roof.storey == -1).all()
    assert set(found.building) == {"house"}
    assert set(found.surface) == ({f"house-{k}" for k in range(1, 6)} if stated else {""})


def test_walls_cut_into_triangles_get_the_points_of_whole_walls():
    def triangles(builder):
        row = builder.add_object("house", "Building")
        for a, b, c in (((0, 0), (12, 0), (12, 9)), ((0, 0), (12, 9), (0, 9))):
            boxtown.put(builder, row, -1, np.add(ORIGIN, [(x, 0.0, z) for x, z in (a, b, c)]), "1")

    found = points_of(triangles, kinds=("wall",))
    assert len(found) == 12
    assert found.area.sum() == pytest.approx(12 * 9)


def test_storeys_come_from_the_attributes_and_part_takes_its_buildings():
    def complex_(builder):
        whole = builder.add_object("whole", "Building", attributes={"storeysAboveGround": 4})
        box(builder, "part", (0, 0, 0), (10, 10, 14), parent=whole)

    found = points_of(complex_, kinds=("wall",))
    assert set(found.building) == {"whole"}
    assert set(found.source) == {"storeysAboveGround"}
    assert sorted(set(np.round(found.xyz[:, 2], 6))) == [1.6, 5.1, 8.6, 12.1]
    assert sorted(set(found.floor)) == [0, 3.5, 7, 10.5]


@pytest.mark.parametrize(
    ("attributes", "height", "expected"),
    [
        ({"storeysAboveGround": "3"}, 9.9, (3, 3.3, "storeysAboveGround")),
        ({"bldg:storeysAboveGround": 2, "measuredHeight": 7.0}, 6.0, (2, 3.0, "bldg:storeysAboveGround")),
        ({"storeysAboveGround": 9999}, 9.0, (3, 3.0, ESTIMATED)),
        ({"storeysAboveGround": 0}, 2.0, (1, 3.0, ESTIMATED)),
        ({"storeysAboveGround": 30}, 9.0, (3, 3.0, ESTIMATED)),
        ({"storeysAboveGround": 1}, 14.0, (1, 14.0, "storeysAboveGround")),
        ({"storeysAboveGround": 2, "storeyHeightsAboveGround": "4.0 3.0"}, 20.0, (2, 3.5, "storeysAboveGround")),
        ({"b3_bouwlagen": 5}, 15.0, (5, 3.0, "b3_bouwlagen")),
        ({"総建物階数": 2}, 6.4, (2, 3.2, "総建物階数")),
        ({"総建物階数": 3, "storeysAboveGround": 2}, 6.4, (2, 3.2, "storeysAboveGround")),
        ({"detail": {"storeysAboveGround": 4}}, 12.0, (4, 3.0, "storeysAboveGround")),
        ({"measuredHeight": 12.4}, 12.4, (4, 3.0, ESTIMATED)),
        ({"storeysAboveGround": "many"}, 6.0, (2, 3.0, ESTIMATED)),
    ],
)
def test_storeys_of_attributes(attributes, height, expected):
    number, each, source = storeys_of(attributes, height)
    assert (number, source) == (expected[0], expected[2])
    assert each == pytest.approx(expected[1])


def test_windows_stand_for_the_walls_of_their_building_and_large_ones_get_several_points():
    windows = ((0, 1, 1, 2, 2.4), (0, 3, 4, 10, 8.5))
    found = points_of(house(windows=windows), lambda b: box(b, "shed", (40, 0, 0), (46, 6, 3)))
    panes = found.take(found.kind == WINDOW)
    assert len(panes) == 1 + 2 * 2
    first = panes.take(panes.surface == "house-w0")
    assert np.allclose(first.xyz - ORIGIN, [[1.5, -0.05, 1.7]])
    assert first.area == pytest.approx([1.4])
    assert first.storey.tolist() == [0]
    assert set(panes.take(panes.surface == "house-w1").storey) == {1, 2}
    assert panes.area.sum() == pytest.approx(1.4 + 7 * 4.5)
    walls = found.take(found.kind == WALL)
    assert set(walls.building) == {"shed"}
    only_walls = points_of(house(windows=windows), kinds=("wall",))
    assert set(only_walls.building) == {"house"}


def test_party_walls_faces_below_ground_and_covered_roofs_are_dropped_and_counted():
    found = points_of(
        house(), lambda b: box(b, "next", (12, 0, 0), (24, 9, 6)), lambda b: box(b, "on top", (12, 0, 6), (24, 9, 9)),
        lambda b: plain(b, z=2.0),
    )  # fmt: skip
    local = found.xyz - ORIGIN
    assert not ((abs(local[:, 0] - 12) < 0.2) & (found.kind == WALL)).any()
    assert not ((local[:, 2] < 7) & (found.kind == ROOF)).any()
    assert local[:, 2].min() > 2.0
    assert found.dropped["party walls"] == 3 * 3 + 2 * 3 + 3 + 4 * 3
    assert found.dropped["below ground"] == 2 * (4 + 4 + 3)


def test_a_gable_keeps_its_points_and_patches_inside_the_wall():
    def gabled(builder):
        row = builder.add_object("house", "Building")
        outline = [(0, 0, 0), (9, 0, 0), (9, 0, 5), (4.5, 0, 9.5), (0, 0, 5)]
        boxtown.put(builder, row, -1, np.add(ORIGIN, outline), "1")

    found = points_of(gabled, kinds=("wall",))
    x, z = (found.xyz - ORIGIN)[:, 0], found.xyz[:, 2]
    eaves = 5 + np.minimum(x, 9 - x)
    assert collections.Counter(found.storey.tolist()) == {0: 3, 1: 3, 2: 1}
    assert (z + found.high <= eaves + 1e-6).all()


def test_points_do_not_move_when_another_building_goes():
    far = lambda b: box(b, "far", (60, 60, 0), (70, 75, 20))  # noqa: E731
    alone, both = points_of(house()), points_of(far, house())
    rows = np.flatnonzero(both.building == "house")
    assert np.array_equal(both.take(rows).xyz, alone.xyz)


def test_a_district_has_its_outer_faces_only(data):
    from citymodel import read

    path = data / "place_denhaag" / "DenHaag_01.city.json"
    model = read(path)
    layer = boxtown.Layer("hague", "Den Haag", "city", model)
    found = facade_points([layer], (78_000.0, 458_000.0, 0.0))
    counts = {kind: int((found.kind == code).sum()) for code, kind in enumerate(KINDS)}
    assert counts["wall"] == pytest.approx(18_000, rel=0.1)
    assert counts["roof"] == pytest.approx(11_000, rel=0.1)
    assert len(set(found.building)) >= 830
    assert found.dropped["party walls"] > 10_000
    assert np.allclose(np.linalg.norm(found.normal, axis=1), 1.0)


def test_every_window_of_a_detailed_building_has_its_point(data):
    from citymodel import read

    for name, windows in (("4018106", 32), ("4018115", 54), ("4018133", 16)):
        model = read(data / "ingolstadt_lod3" / name / f"{name}.xml")
        layer = boxtown.Layer(name, name, "city", model)
        box_ = model.bounds()
        found = facade_points([layer], (round(box_[0], -3), round(box_[1], -3), 0.0), kinds=("window",))
        assert len(set(found.surface)) == windows
        assert (np.abs(found.normal[:, 2]) < 0.5).mean() > 0.9
