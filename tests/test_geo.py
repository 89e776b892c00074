"""Coordinate systems: names, axis order, transforms and the frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest

from citymodel import geo
from citymodel.builder import CityModelBuilder
from citymodel.errors import CrsError
from citymodel.points import PointCloud
from citymodel.surface import Grid

NAMES = {
    "EPSG:32632": ("EPSG:32632", False),
    "25833": ("EPSG:25833", False),
    "EPSG:25833+5783": ("EPSG:25833+5783", False),
    "urn:ogc:def:crs,crs:EPSG:6.12:25833,crs:EPSG:6.12:5783": ("EPSG:25833+5783", False),
    "urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::5783": ("EPSG:25832+5783", False),
    "urn:ogc:def:crs,crs:EPSG:6.12:3068,crs:EPSG:6.12:5783": ("EPSG:3068+5783", False),
    "http://www.opengis.net/def/crs/EPSG/6.12/3068": ("EPSG:3068", False),
    "http://www.opengis.net/def/crs/EPSG/0/6697": ("EPSG:6668+6695", True),
    "https://www.opengis.net/def/crs/EPSG/0/7415": ("EPSG:28992+5709", False),
    "urn:ogc:def:crs:EPSG::4326": ("EPSG:4326", True),
    "EPSG:4326": ("EPSG:4326", False),
    "urn:ogc:def:crs:OGC:1.3:CRS84": ("EPSG:4326", False),
    "http://www.opengis.net/gml/srs/epsg.xml#31467": ("EPSG:31467", False),
    "urn:adv:crs:DE_DHDN_3GK4*DE_DHHN92_NH": ("EPSG:31468+5783", False),
    "urn:adv:crs:ETRS89_UTM32*DE_DHHN92_NH": ("EPSG:25832+5783", False),
    "IGNF:LAMB93": ("EPSG:2154", False),
    "#local-CRS-1": (None, False),
    "EPSG:5783": (None, False),
    "EPSG:999999": (None, False),
    "no such thing": (None, False),
    "": (None, False),
}


@pytest.mark.parametrize("name", NAMES)
def test_each_style_of_name_gives_codes_and_order(name: str) -> None:
    assert geo.normalise_crs(name) == NAMES[name]


@pytest.mark.parametrize("version", ["WKT2_2019", "WKT1_GDAL"])
def test_wkt_of_a_compound_system_gives_both_codes(version: str) -> None:
    assert geo.normalise_crs(pyproj.CRS.from_epsg(7415).to_wkt(version))[0] == "EPSG:28992+5709"


def test_coordinates_that_fit_one_order_only_decide_it() -> None:
    assert geo.file_order("EPSG:31467", True, [[3_500_000.0, 5_400_000.0, 1.0]]) is False
    assert geo.file_order("EPSG:31467", False, [[5_400_000.0, 3_500_000.0, 1.0]]) is True
    assert geo.file_order("EPSG:3068", False, [[0.0, 0.0], [100.0, 100.0]]) is False
    assert geo.file_order("EPSG:6668", True, [[35.0, 139.0]]) is True


def test_a_transform_there_and_back_is_exact_to_a_micrometre() -> None:
    rng = np.random.default_rng(7)
    xyz = rng.uniform((366_000, 5_807_000, 0), (368_000, 5_809_000, 90), (50, 3))
    there = geo.transform(xyz, "EPSG:25833+5783", "EPSG:4326")
    assert np.abs(geo.transform(there, "EPSG:4326", "EPSG:25833") - xyz).max() < 1e-6
    assert np.array_equal(there[:, 2], xyz[:, 2])


def test_earth_centred_points_become_places_with_ellipsoid_heights() -> None:
    centred = geo.transform([[7.0, 52.0, 100.0]], "EPSG:4979", "EPSG:4978")
    assert np.linalg.norm(centred) == pytest.approx(6_365_000, abs=5_000)
    back = geo.transform(centred, "EPSG:4978", "EPSG:4979")
    assert np.allclose(back, [[7.0, 52.0, 100.0]], atol=1e-8)


def test_feet_become_metres_in_height_too() -> None:
    assert geo.transform([[636_000.0, 848_000.0, 400.0]], "EPSG:2992", "EPSG:32610")[0, 2] == pytest.approx(121.92)


def test_a_raster_whose_heights_are_feet_comes_into_a_project_in_metres() -> None:
    grid = Grid(400_000.0, 200_000.0, 1.0, (5, 5), "EPSG:6487+6360")
    feet = grid.raster(np.full((5, 5), 100.0, np.float32), "terrain").rio.write_crs(grid.crs)
    for frame in (geo.Frame.around((400_000, 199_995, 400_005, 200_000), grid.crs), geo.Frame("EPSG:32618", (0, 0, 0))):
        assert "+" not in str(frame.crs)
        metres = frame.bring(feet)
        assert float(metres.max()) == pytest.approx(100 * 1200 / 3937)
        assert geo.crs_text_of_raster(metres) == frame.crs
        np.testing.assert_array_equal(frame.bring(metres), metres)


def test_a_place_outside_the_system_or_without_one_is_an_error() -> None:
    with pytest.raises(CrsError, match="outside"):
        geo.transform([[10.0, 95.0, 0.0]], "EPSG:4326", "EPSG:25832")
    with pytest.raises(CrsError, match="--crs"):
        geo.transform([[1.0, 1.0, 0.0]], None, "EPSG:4326")
    with pytest.raises(CrsError, match="EPSG"):
        geo.parse_crs("EPSG:5783")


def test_a_frame_is_metric_and_its_origin_is_whole_kilometres() -> None:
    degrees = geo.Frame.around((139.7, 35.2, 0, 139.8, 35.3, 9), "EPSG:6668+6695")
    assert degrees.crs == "EPSG:32654+6695"
    assert all(value % 1000 == 0 for value in degrees.origin)
    assert geo.Frame.around((84808, 447412, 0, 85072, 447641, 10), "EPSG:28992").crs == "EPSG:28992"
    assert geo.Frame.around((636000, 848000, 636100, 848100), "EPSG:2992").crs == "EPSG:32610"
    assert geo.Frame.around((1500, 2600, 0, 1600, 2700, 3), None) == geo.Frame(None, (2000.0, 3000.0, 0.0))


def test_local_coordinates_keep_half_a_millimetre_at_ten_kilometres() -> None:
    frame = geo.Frame("EPSG:25832", (690_000.0, 5_330_000.0, 0.0))
    xyz = np.array([[699_999.9994, 5_339_999.1236, 512.7]])
    assert np.abs(frame.to_world(frame.to_local(xyz)) - xyz).max() <= 0.0005


def test_bring_moves_a_model_and_warns_when_it_is_far() -> None:
    builder = CityModelBuilder("test", "")
    builder.crs = "EPSG:4326"
    builder.add_polygon([[7.0, 52.0, 1.0, 7.1, 52.0, 1.0, 7.1, 52.1, 1.0]])
    model = builder.build()
    near = geo.Frame.around(model.bounds() or (), model.crs).bring(model)
    assert near.crs == "EPSG:32632"
    assert near.revision != model.revision
    assert near.report.counts == {}
    far = geo.Frame("EPSG:32632", (690_000.0, 5_330_000.0, 0.0)).bring(model)
    assert far.report.counts == {"far-from-origin": 1}
    assert model.report.counts == {}


def test_every_name_in_the_real_files_is_understood_or_local(data: Path) -> None:
    import re

    names = set()
    for file in data.rglob("*.gml"):
        with file.open("rb") as stream:
            names |= set(re.findall(rb'srsName="([^"]*)"', stream.read(1_000_000)))
    assert len(names) >= 5
    unknown = {name for name in names if geo.normalise_crs(name.decode())[0] is None}
    assert unknown <= {b"#local-CRS-1"}


def cloud(xyz: np.ndarray, crs: str) -> PointCloud:
    offset = np.floor(xyz.min(axis=0))
    steps = np.rint((xyz - offset) * 1000).astype(np.int32)
    return PointCloud(steps, np.full(3, 0.001), offset, {}, crs)


def test_points_move_to_a_millimetre_and_keep_their_integers_where_only_heights_change_name() -> None:
    rng = np.random.default_rng(3)
    points = cloud(rng.uniform((84_000, 447_000, -1), (85_000, 448_000, 90), (100, 3)), "EPSG:28992")
    named = geo.reproject_points(points, "EPSG:28992+5709")
    assert named.xyz is points.xyz
    for crs in ("EPSG:25831", "EPSG:4326"):
        there = geo.reproject_points(points, crs)
        back = geo.transform(there.coordinates(), crs, "EPSG:28992")
        assert np.abs(back - points.coordinates()).max() < 0.001
        assert there.report.counts == {}


def test_earth_centred_points_far_from_the_ground_are_doubted() -> None:
    wrong = cloud(np.array([[515_368.0, 4_918_340.0, 2_322.0], [515_369.0, 4_918_341.0, 2_323.0]]), "EPSG:4978")
    assert geo.reproject_points(wrong, "EPSG:32612").report.counts == {"wrong-crs": 1}
    right = cloud(geo.transform([[7.0, 52.0, 80.0], [7.0, 52.0, 81.0]], "EPSG:4979", "EPSG:4978"), "EPSG:4978")
    assert geo.reproject_points(right, "EPSG:32632").report.counts == {}


def test_web_mercator_s_metres_are_longer_than_the_ground_s_and_a_frame_leaves_them() -> None:
    x, y = 743_000.0, 6_866_000.0  # 52.37 degrees north
    assert geo.length_scale("EPSG:3857", x, y) == pytest.approx(1.64, abs=0.01)
    assert geo.length_scale("EPSG:25832", 500_000.0, 5_800_000.0) == 1.0
    assert geo.projected_for((x, y, x + 10, y + 10), "EPSG:3857") == "EPSG:32632"
    assert geo.projected_for((x, 0.0, x + 10, 10.0), "EPSG:3857") == "EPSG:3857"
