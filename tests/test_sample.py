"""The sample city: closed shells, files that open, the same bytes for the same seed."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from citymodel.sample import SEED, write
from citymodel.sample.buildings import Building
from citymodel.sample.city import City, build
from citymodel.sample.shapes import Shell
from citymodel.sample.terrain import CRS, ORIGIN, SIZE, Terrain

GML = "{http://www.opengis.net/gml}"
BLDG = "{http://www.opengis.net/citygml/building/2.0}"
XLINK = "{http://www.w3.org/1999/xlink}"


@pytest.fixture(scope="module")
def city() -> City:
    return build(SEED)


@pytest.fixture(scope="module")
def buildings(city: City) -> list[Building]:
    return list(city.buildings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample")
    write(path)
    return path


def _is_closed(shell: Shell) -> bool:
    edges: Counter[tuple[tuple[float, ...], tuple[float, ...]]] = Counter()
    for face in shell:
        corners = [tuple(p) for p in face.ring.tolist()]
        edges.update(zip(corners, corners[1:] + corners[:1], strict=True))
    return all(count == 1 and edges[b, a] == 1 for (a, b), count in edges.items())


def _volume(shell: Shell) -> float:
    total = 0.0
    middle = shell[0].ring[0]
    for face in shell:
        ring = face.ring - middle
        for a, b in itertools.pairwise(ring):
            total += float(np.dot(ring[0], np.cross(a, b))) / 6
    return total


def test_every_shell_is_closed_and_faces_outwards(city: City) -> None:
    shells = [p.shell for b in [*city.buildings, city.tower] for p in b.parts]
    shells += [b.shell for b in city.bridges]
    assert len(shells) > 1000
    assert all(_is_closed(s) for s in shells)
    assert all(_volume(s) > 1.0 for s in shells)


def test_every_face_is_planar_to_a_centimetre(buildings: list[Building]) -> None:
    for building in buildings:
        for face in (f for p in building.parts for f in p.shell):
            centred = face.ring - face.ring.mean(axis=0)
            assert np.linalg.svd(centred)[1][2] < 0.01, building.id


def test_buildings_stand_on_the_ground_and_not_in_each_other(city: City) -> None:
    shapes = []
    for building in [*city.buildings, city.tower]:
        for part in building.parts:
            ground = city.terrain.height(part.footprint[:, 0], part.footprint[:, 1])
            assert part.base <= ground.min() + 0.001
            assert part.eave > ground.max() + 1.5
            shapes.append(shapely.Polygon(part.footprint))
    assert all(s.is_valid for s in shapes)
    assert sum(s.area for s in shapes) - shapely.union_all(shapes).area < 1.0


def test_the_planned_tower_is_a_proposal_that_stands_on_free_ground(city: City) -> None:
    from citymodel.sample.project import proposal

    scenario = proposal(city)
    boxes = scenario.boxes()
    assert max(box.height + (box.base or 0.0) for box in boxes) == pytest.approx(max(p.top for p in city.tower.parts))
    taken = shapely.union_all([shapely.Polygon(p.footprint + ORIGIN) for b in city.buildings for p in b.parts])
    assert not any(shapely.intersects(taken, shapely.Polygon(box.footprint)) for box in boxes)


def test_who_lives_somewhere_has_a_home(buildings: list[Building]) -> None:
    assert all((b.dwellings > 0) == (b.people > 0) for b in buildings)
    assert sum(b.dwellings for b in buildings) > 4000
    assert next(b for b in buildings if b.id == "bldg-church").dwellings == 0


def test_another_seed_makes_another_sound_city() -> None:
    for seed in (1, 2):
        other = build(seed)
        assert len(other.buildings) > 700
        assert all(_is_closed(p.shell) for b in other.buildings for p in b.parts)
        named = {b.name for b in other.buildings}
        assert {"St. Laurentius", "Rathaus", "Markthalle", "Laueblick"} <= named


@pytest.mark.slow
def test_the_city_model_has_unique_ids_and_links_that_lead_somewhere(folder: Path) -> None:
    from lxml import etree

    root = etree.parse(folder / "city.gml").getroot()
    ids = [e.get(f"{GML}id") for e in root.iter() if e.get(f"{GML}id")]
    links = [e.get(f"{XLINK}href")[1:] for e in root.iter() if e.get(f"{XLINK}href")]
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)
    kinds = Counter(etree.QName(m[0]).localname for m in root if etree.QName(m).localname == "cityObjectMember")
    assert kinds["Building"] > 800
    assert kinds["SolitaryVegetationObject"] > 800
    assert kinds["Bridge"] == 2
    assert kinds["WaterBody"] == 1
    assert {"Road", "Square", "LandUse", "PlantCover"} <= set(kinds)
    heights = [float(e.text) for e in root.iter(f"{BLDG}measuredHeight")]
    assert 2.0 < min(heights) < max(heights) == 64.0


@pytest.mark.slow
def test_the_points_are_a_plausible_flight(folder: Path) -> None:
    import laspy

    with laspy.open(folder / "points.laz") as file:
        header, points = file.header, file.read()
    assert (str(header.version), header.point_format.id) == ("1.4", 6)
    assert header.parse_crs().to_authority() is None or header.parse_crs().sub_crs_list
    assert header.point_count > 4 * SIZE * SIZE
    classes = dict(zip(*np.unique(np.asarray(points.classification), return_counts=True), strict=True))
    assert {1, 2, 5, 6, 7, 9} <= set(classes)
    assert classes[2] > 1_000_000
    assert classes[7] < 1000
    assert int(points.return_number.max()) == 3
    assert (np.asarray(points.return_number) <= np.asarray(points.number_of_returns)).all()
    assert (np.diff(points.gps_time) >= 0).all()
    ground = np.asarray(points.classification) == 2
    x, y, z = (np.asarray(v)[ground] for v in (points.x, points.y, points.z))
    error = z - Terrain(SEED).height(x - ORIGIN[0], y - ORIGIN[1])
    assert abs(np.median(error)) < 0.02
    assert np.percentile(np.abs(error), 99) < 0.25


@pytest.mark.slow
def test_terrain_and_footprints_open_with_their_coordinates(folder: Path) -> None:
    import pyogrio
    import rasterio

    with rasterio.open(folder / "terrain.tif") as file:
        assert file.shape == (1000, 1000)
        assert file.res == (1.0, 1.0)
        heights = file.read(1)
    x, y = 500.5, 700.5
    assert heights[299, 500] == pytest.approx(float(Terrain(SEED).height(np.array(x), np.array(y))), abs=1e-3)
    info = pyogrio.read_info(folder / "footprints.gpkg")
    assert info["crs"] == "EPSG:25832"
    assert info["features"] > 800


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    facts = write(tmp_path)
    assert json.loads((tmp_path / "sample.json").read_text(encoding="utf-8")) == facts
    assert facts["crs"] == CRS
    names = sorted(p.name for p in folder.iterdir())
    assert names == sorted(p.name for p in tmp_path.iterdir())
    for name in names:
        first, second = (hashlib.sha256((d / name).read_bytes()).hexdigest() for d in (folder, tmp_path))
        assert first == second, name


@pytest.mark.slow
def test_our_own_readers_understand_every_element(folder: Path) -> None:
    from citymodel.formats import info

    for name in ("city.gml", "planned_tower.gml", "points.laz", "terrain.tif", "footprints.gpkg"):
        assert info(folder / name)["warnings"] == [], name
    found = info(folder / "city.gml")
    assert found["crs"] == CRS
    assert found["holes"] == 0
    assert found["bounds"][0] >= ORIGIN[0]
    assert found["bounds"][4] <= ORIGIN[1] + SIZE


def test_a_city_drawn_otherwise_has_another_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from citymodel import sample

    before = sample.edition()
    assert before == sample.edition()
    (tmp_path / "plan.py").write_text("WIDTH = 3", encoding="utf-8")
    monkeypatch.setattr(sample, "__file__", str(tmp_path / "__init__.py"))
    drawn = sample.edition()
    (tmp_path / "plan.py").write_text("WIDTH = 4", encoding="utf-8")
    assert len({before, drawn, sample.edition()}) == 3


def test_the_cloudburst_is_a_case_whose_rain_is_the_table_s_hundred_year_hour(folder: Path, city: City) -> None:
    from citymodel.formats.flood_case import inputs_of, read
    from citymodel.formats.rain_table import read_rain_table
    from citymodel.formats.series import read_series

    case = read(folder / "cloudburst.toml")
    assert all(one.path.is_file() for one in inputs_of(case))
    table = read_rain_table(folder / "rain_statistics.csv")
    of_an_hour = table.depths[list(table.minutes).index(60), list(table.years).index(100)]
    rain = read_series(folder / "cloudburst_rain.csv", "rain")
    assert float((rain.one[:-1] * np.diff(rain.times)).sum()) / 3600 == pytest.approx(of_an_hour, abs=0.05)
    assert (np.diff(table.depths, axis=0) > 0).all()
    assert (np.diff(table.depths, axis=1) > 0).all()
    footprints = shapely.union_all([shapely.Polygon(p.footprint + ORIGIN) for b in city.buildings for p in b.parts])
    for gauge in case.gauges:
        assert footprints.distance(shapely.Point(gauge.x, gauge.y)) > 2.0, gauge.name


def test_the_water_square_lies_in_the_market_square_clear_of_its_hall(city: City) -> None:
    from citymodel.sample.cloudburst import water_square

    (dug,) = water_square().changes
    basin = shapely.Polygon(dug.outline)
    square = next(block for block in city.plan.blocks if block.kind == "square")
    assert shapely.Polygon(square.corners + ORIGIN).buffer(0.5).contains(basin)
    assert all(basin.disjoint(shapely.Polygon(p.footprint + ORIGIN)) for b in city.buildings for p in b.parts)
    x, y = (np.array(basin.exterior.coords) - ORIGIN).T
    assert (city.terrain.height(x, y) > dug.level + 1.0).all()
