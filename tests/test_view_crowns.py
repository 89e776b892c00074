"""Crowns that only the laser saw: blocks with closed sides, none beside buildings or where a model has the tree."""

import numpy as np
import pytest
from boxtown import CRS, ORIGIN, box, city, document, plain

from citymodel.analysis.facade.crowns import CELL, crowns
from citymodel.analysis.landmark.parameters import LandmarkParameters
from citymodel.analysis.landmark.study import run
from citymodel.analysis.outlook.parameters import OutlookParameters
from citymodel.analysis.outlook.study import run as look
from citymodel.layers import Layer
from citymodel.legends_view import GREEN
from citymodel.points import PointCloud
from citymodel.scenario import AddBox, Scenario
from kernels.rays import RayMesh

X, Y = ORIGIN[:2]


def town(b):
    plain(b, 300.0)
    box(b, "house", (0, 0, 0), (12, 9, 9))
    box(b, "church", (0, 100, 0), (12, 112, 40))


def returns(low, high, top=16.0, code=5):
    """A layer of vegetation returns over a rectangle, metres from the town's middle."""
    x, y = (np.arange(a + 0.25, b, 0.5) for a, b in zip(low, high, strict=True))
    xx, yy = (one.ravel() for one in np.meshgrid(x, y))
    xyz = np.stack([xx, yy, np.full(len(xx), top)], axis=1)
    cloud = PointCloud(
        np.round(xyz * 100).astype(np.int32), np.full(3, 0.01), np.array([X, Y, 0.0]),
        {"classification": np.full(len(xx), code, np.uint8)}, crs=CRS,
    )  # fmt: skip
    return Layer("points", "points", "points", cloud)


def origin_mesh(found):
    xyz = found.common
    index = np.arange(3 * len(xyz), dtype=np.int32).reshape(-1, 3)
    return RayMesh(xyz.reshape(-1, 3).astype(np.float32), index)


def test_a_crown_is_a_closed_block_from_a_quarter_of_its_height_up():
    found = crowns([city(town), returns((-40, 40), (-20, 60))], None, ORIGIN)
    xyz = found.common.reshape(-1, 3)
    assert xyz.min(axis=0) == pytest.approx([-40, 40, 4.0], abs=1e-3)
    assert xyz.max(axis=0) == pytest.approx([-20, 60, 16.0], abs=1e-3)
    a, b, c = (found.common[:, k] for k in range(3))
    edges = np.round(np.concatenate([np.stack(pair, axis=1) for pair in ((a, b), (b, c), (c, a))]), 3)
    key = np.sort(edges.reshape(-1, 2, 3).view([("x", "f8"), ("y", "f8"), ("z", "f8")])[..., 0], axis=1)
    _, count = np.unique(key, axis=0, return_counts=True)
    assert (count % 2 == 0).mean() > 0.9  # closed, but for where one long side meets many short ones
    mesh = origin_mesh(found)
    towards = np.array([0, 1, 0], np.float32)
    places = np.array([[-30, 0, 2], [-30, 0, 10], [-30, 0, 18], [0, 0, 10]], np.float32)
    assert mesh.occluded(places, towards).tolist() == [False, True, False, False]


def test_beside_buildings_no_crown_stands_and_other_classes_are_none():
    beside = crowns([city(town), returns((-6, -6), (18, 15))], None, ORIGIN)
    xyz = beside.common.reshape(-1, 3)
    near = (xyz[:, 0] > -CELL + 0.01) & (xyz[:, 0] < 12 + CELL - 0.01) & (xyz[:, 1] > -CELL + 0.01)
    assert len(xyz)
    assert not (near & (xyz[:, 1] < 9 + CELL - 0.01)).any()
    assert len(crowns([city(town), returns((-40, 40), (-20, 60), code=1)], None, ORIGIN).common) == 0
    assert len(crowns([city(town)], None, ORIGIN).common) == 0


def test_a_row_of_crowns_takes_the_view_and_a_house_in_its_place_fells_it():
    asked = LandmarkParameters(objects=("church",), part="whole", kinds=("wall",), samples=100)
    layers = (city(town), returns((-40, 40), (60, 60), top=60.0))
    table = run(document(*layers), asked).fields["facade_points"].data
    open_ = run(document(layers[0]), asked).fields["facade_points"].data
    north = [row for row, ny in enumerate(table["ny"]) if ny > 0.99 and table["building"][row] == "house"]
    for row in north:
        assert table["landmark_share_base"][row] < 0.6 < open_["landmark_share_base"][row]
    ring = tuple((X + x, Y + y) for x, y in ((-40, 40), (60, 40), (60, 60), (-40, 60)))
    cleared = crowns(layers, Scenario("s", "Low", (AddBox("b", "Low", ring, 3.0, 0.0),)), ORIGIN)
    assert len(cleared.common) == 0
    assert len(cleared.base) > 0


def test_crowns_of_points_are_green_in_a_view():
    asked = OutlookParameters(places=((X, Y + 20, 1.7),), towards=0.0)
    bare = look(document(city(town)), asked)
    grown = look(document(city(town), returns((-40, 40), (60, 60))), asked)
    before, after = (one.fields["summary"].data["share_of_view_base"][GREEN] for one in (bare, grown))
    assert before == 0
    assert after > 0.1
    assert any("laser" in note for note in grown.notes)
    assert not any("laser" in note for note in bare.notes)
    assert {"points"} <= {one["kind"] for one in grown.provenance["inputs"]}
