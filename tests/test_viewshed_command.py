"""``citymodel viewshed`` as the contract of the command line says, and what it refuses in one plain line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from click.testing import CliRunner

from citymodel.cli import app, main
from citymodel.formats import geopackage, raster
from citymodel.surface import Grid

GRID = Grid(677000.0, 5403100.0, 1.0, (100, 100), "EPSG:32632")
EYE = (677010.5, 5403050.5)
VIRTUAL = (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>a.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
)
"""What GDAL would follow to another file, whatever the name says it is."""
LINES = [[[0.0, k * 1e-4], [0.05, k * 1e-4]] for k in range(200)]
"""Each short enough for one line's limit of observers every 10 m."""
WALL, DISTANCE, OVER = 10.0, 20, 30.0
"""A wall's height, its distance from the eye at EYE in cells, and an eye above it; metres."""


def write(path: Path, z: np.ndarray, grid: Grid = GRID) -> Path:
    raster.write(grid.raster(z.astype(np.float32), "surface"), path)
    return path


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """A plane with a wall 10 m high from north to south, 20 m east of the eye."""
    z = np.zeros(GRID.shape)
    z[:, 10 + DISTANCE] = WALL
    return write(tmp_path / "wall.tif", z)


def run(*words: object):
    return CliRunner().invoke(app, [str(w) for w in words])


def refused(capsys, *words: object) -> str:
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    text = capsys.readouterr().err
    assert stop.value.code == 1, text
    assert text.splitlines()[-1].startswith("error: ")
    assert text.count("error: ") == 1
    return text


def cells(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def test_a_wall_hides_what_the_formula_says(wall, tmp_path):
    out = tmp_path / "o.tif"
    done = run("viewshed", wall, "-o", out, "--observer", *EYE, "--eye", OVER, "--curvature", "none", "--json")
    assert done.exit_code == 0, done.output
    row = cells(out)[49]
    hidden = DISTANCE * WALL / (OVER - WALL)
    behind = np.flatnonzero(row[31:] == 0)
    assert row[:31].tolist() == [1] * 31
    assert len(behind) == pytest.approx(hidden, abs=1)
    assert row[31 + len(behind) :].all()
    facts = json.loads(done.stdout)
    assert facts["visible_cells"] == (cells(out) == 1).sum()
    assert facts["mode"] == "exact (R3)"


def test_the_least_height_that_is_seen_behind_a_wall_is_the_formula_s(wall, tmp_path):
    out = tmp_path / "h.tif"
    words = ("--observer", *EYE, "--eye", 2.0, "--output", "height", "--curvature", "none")
    assert run("viewshed", wall, "-o", out, *words).exit_code == 0
    distance = np.arange(DISTANCE + 1, 89)
    assert cells(out)[49, 31:99] == pytest.approx(2.0 + (WALL - 2.0) * distance / DISTANCE, rel=1e-5)
    with rasterio.open(out) as file:
        assert (file.dtypes[0], file.tags()["units"], file.crs.to_epsg()) == ("float32", "m", 32632)


def test_codes_are_four_values_and_the_grid_is_the_input_s(wall, tmp_path):
    z = cells(wall)
    z[20:24, 5:8] = np.nan
    holes = write(tmp_path / "holes.tif", z)
    out = tmp_path / "o.tif"
    assert run("viewshed", holes, "-o", out, "--observer", *EYE, "--range", 40).exit_code == 0
    seen = cells(out)
    assert set(np.unique(seen)) == {0, 1, 254, 255}
    assert (seen[20:24, 5:8] == 254).all()
    assert seen[49, 50] == 0
    assert seen[49, 51] == 255
    with rasterio.open(out) as file, rasterio.open(holes) as source:
        assert file.transform == source.transform
        assert (file.dtypes[0], file.nodata) == ("uint8", 254)
        assert json.loads(file.tags()["provenance"])["range"] == 40.0


def test_several_observers_see_the_union_and_are_counted(wall, tmp_path):
    other = (677060.5, 5403050.5)
    both = ("--observer", *EYE, "--observer", *other)
    for name, words in (("a", both[:3]), ("b", both[3:]), ("u", both)):
        assert run("viewshed", wall, "-o", tmp_path / f"{name}.tif", *words).exit_code == 0
    assert run("viewshed", wall, "-o", tmp_path / "c.tif", *both, "--output", "count").exit_code == 0
    a, b, union, count = (cells(tmp_path / f"{name}.tif") for name in "abuc")
    assert count.dtype == np.uint32
    assert ((a == 1) | (b == 1)).sum() > max((a == 1).sum(), (b == 1).sum())
    np.testing.assert_array_equal(union == 1, (a == 1) | (b == 1))
    np.testing.assert_array_equal(count, (a == 1).astype(int) + (b == 1))


def test_out_of_range_of_one_is_hidden_of_another_in_the_union(wall, tmp_path):
    words = ("--observer", *EYE, "--observer", 677060.5, 5403050.5, "--range", 45)
    assert run("viewshed", wall, "-o", tmp_path / "u.tif", *words).exit_code == 0
    row = cells(tmp_path / "u.tif")[49]
    assert row[10] == 1
    assert row[45] == 1
    assert row[99] == 1
    assert cells(tmp_path / "u.tif")[0, 0] == 255


def test_angles_are_those_of_the_lines_to_what_is_seen(wall, tmp_path):
    words = ("--observer", *EYE, "--eye", 2.0, "--output", "angle", "--curvature", "none")
    assert run("viewshed", wall, "-o", tmp_path / "a.tif", *words).exit_code == 0
    found = cells(tmp_path / "a.tif")[49]
    assert found[30] == pytest.approx(np.degrees(np.arctan(8.0 / DISTANCE)), rel=1e-5)
    assert found[20] == pytest.approx(-np.degrees(np.arctan(2.0 / 10)), rel=1e-5)
    assert np.isnan(found[60])


def test_limits_of_azimuth_pitch_and_nearness_are_kept(wall, tmp_path):
    for name, words in {
        "az": ("--azimuth", 350, 20),
        "pitch": ("--pitch", 0, 45),
        "near": ("--nearest", 5),
    }.items():
        assert run("viewshed", wall, "-o", tmp_path / f"{name}.tif", "--observer", *EYE, *words).exit_code == 0, name
    north = cells(tmp_path / "az.tif")
    assert north[20, 10] == 1
    assert north[80, 10] == 255
    assert set(np.unique(cells(tmp_path / "pitch.tif")[49, 11:31])) == {1, 255}  # the wall's top alone is above the eye
    assert (cells(tmp_path / "near.tif")[49, 6:15] == 255).all()


def test_refraction_lessens_the_curvature_and_none_keeps_it(tmp_path):
    grid = Grid(300000.0, 5400000.0, 100.0, (3, 300), "EPSG:32632")
    plane = write(tmp_path / "p.tif", np.zeros(grid.shape), grid)
    seen = {}
    for name, words in {"air": (), "void": ("--refraction", "none"), "flat": ("--curvature", "none")}.items():
        out = tmp_path / f"{name}.tif"
        words = (*words, "--observer", 300050, 5399850, "--eye", 10)
        assert run("viewshed", plane, "-o", out, *words).exit_code == 0
        seen[name] = int((cells(out)[1] == 1).sum())
    assert seen["flat"] == 300
    for name, k in (("air", 1 / 7), ("void", 0.0)):
        assert seen[name] == pytest.approx(1 + np.sqrt(2 * 6378137.0 * 10 / (1 - k)) / 100, abs=1)


def test_observers_come_from_tables_and_layers_of_geometry(wall, tmp_path):
    x, y = EYE
    (tmp_path / "a.csv").write_text(f"name,x,y,eye\nSquare,{x},{y},30\nCorner,{x + 1},{y},\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"{x} {y}\n\n{x + 1} {y}\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text(f"{x};{y};1.5;here\n", encoding="utf-8")
    shapes = np.array([shapely.LineString([(x, y), (x + 15, y)]), shapely.box(x, y, x + 9, y + 9)], dtype=object)
    geopackage.write(
        geopackage.Table("way", shapes, {"id": np.array(["a", "b"], object)}, "EPSG:32632"), tmp_path / "d.gpkg"
    )
    points = {"type": "MultiPoint", "coordinates": [[x, y], [x + 3, y]]}
    crs = {"type": "name", "properties": {"name": "EPSG:32632"}}
    collection = {
        "type": "FeatureCollection",
        "crs": crs,
        "features": [{"type": "Feature", "geometry": points, "properties": {}}],
    }
    (tmp_path / "e.geojson").write_text(json.dumps(collection), encoding="utf-8")
    degrees = {"type": "Point", "coordinates": list(_degrees(x, y))}
    (tmp_path / "f.geojson").write_text(json.dumps(degrees), encoding="utf-8")
    for name, count in (
        ("a.csv", 2),
        ("b.csv", 2),
        ("c.csv", 1),
        ("d.gpkg", 4 + 4),
        ("e.geojson", 2),
        ("f.geojson", 1),
    ):
        done = run("viewshed", wall, "-o", tmp_path / "o.tif", "--observers", tmp_path / name, "--spacing", 5, "--json")
        assert done.exit_code == 0, done.output
        facts = json.loads(done.stdout)
        assert facts["observers"] == count, name
        assert facts["places"][0] == pytest.approx(EYE, abs=3), name
    assert facts["places"][0] == pytest.approx(EYE, abs=1e-3)


def _degrees(x: float, y: float) -> tuple[float, float]:
    import pyproj

    return pyproj.Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(x, y)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", "", "no observers"),
        ("head.csv", "x,y\n", "no observers"),
        ("words.csv", "x,y\n1,2\nthree,4\n", "line 3: 'three' is no number"),
        ("nan.csv", "x,y\nnan,4\n", "line 2"),
        ("lost.csv", "east;north\n1;2;3\n7\n", "line 3"),
        ("other.csv", "a,b\n1,2\n", "no columns x and y"),
        ("bytes.csv", b"\x00\xff\xfe\x00", "no text"),
        ("fake.gpkg", "x,y\n1,2\n", "is no GeoPackage"),
        ("other.gpkg", VIRTUAL, "is no GeoPackage"),
        ("fake.geojson", '{"type": "FeatureCollection", "features": 3}', "no GeoJSON"),
        ("deep.geojson", "[" * 100_000, "no GeoJSON"),
        ("far.geojson", '{"type": "Point", "coordinates": [1e999, 0]}', "far.geojson"),
        ("huge.geojson", '{"type": "Polygon", "coordinates": [[[0,0],[9,0],[9,9],[0,0]]]}', "set them farther apart"),
        ("long.geojson", json.dumps({"type": "MultiLineString", "coordinates": LINES}), "more than 100,000 observers"),
    ],
)
def test_files_of_no_observers_are_refused_by_name_and_line(wall, tmp_path, capsys, name, content, said):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    text = refused(capsys, "viewshed", wall, "-o", tmp_path / "o.tif", "--observers", path)
    assert said in text
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--observer", 5, 5), "outside the raster, which covers 677000 5403000 677100 5403100"),
        (("--observer", *EYE, "--eye", -1), "below the ground"),
        (("--observer", *EYE, "--eye", -20, "--eye-absolute"), "below the ground"),
        (("--observer", 677005.5, 5403095.5), "stands on a hole"),
        (("--observers", "no.csv"), "no.csv"),
        (("--observer", *EYE, "--ground", "no.tif"), "no.tif"),
    ],
)
def test_an_observer_with_no_place_to_stand_is_one_plain_line(wall, tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    z = cells(wall)
    z[3:6, 3:7] = np.nan
    holes = write(tmp_path / "holes.tif", z)
    assert said in refused(capsys, "viewshed", holes, "-o", tmp_path / "o.tif", *words)
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--observer"),
        (("--observer", *EYE, "--range", 0), "--range 0"),
        (("--observer", *EYE, "--range", "nan"), "--range nan"),
        (("--observer", "nan", 1), "finite"),
        (("--observer", *EYE, "--pitch", 10, 5), "pitch"),
        (("--observer", *EYE, "--azimuth", 10, 10), "azimuth"),
        (("--observer", *EYE, "--refraction", "glass"), "0.142857"),
        (("--observer", *EYE, "--preview", "--output", "angle"), "--preview"),
        (("--observer", *EYE, "--roof"), "--ground"),
        (("--observer", *EYE, "--spacing", "nan"), "--spacing nan"),
        (("--observer", *EYE, "--eye", "inf"), "--eye inf"),
        (("--observer", *EYE, "--nearest", 9, "--range", 3), "nearest"),
    ],
)
def test_wrong_usage_is_exit_2_with_what_to_do(wall, tmp_path, words, said):
    done = run("viewshed", wall, "-o", tmp_path / "o.tif", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "o.tif").exists()


def test_the_result_never_replaces_the_surface_it_was_made_of(wall, tmp_path):
    whole = wall.read_bytes()
    for out in (wall, tmp_path / "." / wall.name):
        done = run("viewshed", wall, "-o", out, "--observer", *EYE)
        assert done.exit_code == 2
        assert "is an input" in done.stderr
    assert wall.read_bytes() == whole


def test_a_range_without_end_is_none_and_the_json_stays_json(wall, tmp_path):
    done = run("viewshed", wall, "-o", tmp_path / "o.tif", "--observer", *EYE, "--range", "inf", "--json")
    assert json.loads(done.stdout, parse_constant=pytest.fail)["range"] is None


def test_with_a_ground_people_stand_on_it_and_are_offered_the_roof(tmp_path, capsys):
    z = np.zeros(GRID.shape)
    z[40:60, 40:60] = 12.0
    surface, ground = write(tmp_path / "s.tif", z + 5), write(tmp_path / "g.tif", np.full(GRID.shape, 5.0))
    inside = ("viewshed", surface, "-o", tmp_path / "o.tif", "--ground", ground, "--observer", 677050.5, 5403050.5)
    text = refused(capsys, *inside)
    assert "inside a building" in text
    assert "--roof" in text
    assert run(*inside, "--roof").exit_code == 0
    assert (cells(tmp_path / "o.tif")[40:60, 40:60] == 1).all()
    street = (
        "viewshed",
        surface,
        "-o",
        tmp_path / "h.tif",
        "--ground",
        ground,
        "--observer",
        *EYE,
        "--output",
        "height",
    )
    assert run(*street, "--eye", 2, "--curvature", "none").exit_code == 0
    assert cells(tmp_path / "h.tif")[49, 50] == pytest.approx(2 + 10 * 40 / 30, rel=1e-5)


def test_observers_that_cannot_stand_are_left_out_on_request(wall, tmp_path):
    (tmp_path / "o.csv").write_text(f"x,y\n{EYE[0]},{EYE[1]}\n1,1\n", encoding="utf-8")
    done = run("viewshed", wall, "-o", tmp_path / "o.tif", "--observers", tmp_path / "o.csv", "--skip", "--json")
    assert done.exit_code == 0, done.output
    assert "1 of 2 observers left out" in done.stderr
    assert json.loads(done.stdout)["left_out"] == 1


def test_a_raster_without_a_system_is_warned_of_and_keeps_its_curvature(tmp_path):
    nowhere = write(tmp_path / "n.tif", np.zeros((20, 20)), Grid(0.0, 20.0, 1.0, (20, 20)))
    done = run("viewshed", nowhere, "-o", tmp_path / "o.tif", "--observer", 3, 3, "--json")
    assert done.exit_code == 0, done.output
    assert "warning: " in done.stderr
    assert "says no coordinate system" in done.stderr
    assert json.loads(done.stdout)["curvature"] is True


def test_a_raster_of_degrees_is_told_how_to_become_metres(tmp_path, capsys):
    degrees = write(tmp_path / "d.tif", np.zeros((20, 20)), Grid(11.0, 48.0, 0.001, (20, 20), "EPSG:4326"))
    text = refused(capsys, "viewshed", degrees, "-o", tmp_path / "o.tif", "--observer", 11.005, 47.995)
    assert "a viewshed needs metres" in text
    assert "citymodel convert" in text
    nothing = write(tmp_path / "v.tif", np.full(GRID.shape, np.nan))
    assert "no heights" in refused(capsys, "viewshed", nothing, "-o", tmp_path / "o.tif", "--observer", *EYE)


def test_heights_in_feet_over_metres_are_refused_and_can_be_said_to_be_metres(tmp_path, capsys):
    feet = tmp_path / "feet.tif"
    shape = {"driver": "GTiff", "height": 9, "width": 9, "count": 1, "dtype": "float32"}
    with rasterio.open(feet, "w", crs="EPSG:6487+6360", transform=Affine(1, 0, 4e5, 0, -1, 2e5), **shape) as file:
        file.write(np.zeros((9, 9), np.float32), 1)
    words = ("viewshed", feet, "-o", tmp_path / "o.tif", "--observer", 400004.5, 199995.5)
    assert "heights are in units of 0.3048006096 m" in refused(capsys, *words)
    assert run(*words, "--crs", "EPSG:6487").exit_code == 0


def test_a_layer_of_several_is_named(wall, tmp_path, capsys):
    places = [np.array([shapely.Point(EYE[0] + k, EYE[1])], dtype=object) for k in range(2)]
    path = tmp_path / "p.gpkg"
    geopackage.write([geopackage.Table(n, p, {}, "EPSG:32632") for n, p in zip("ab", places, strict=True)], path)
    words = ("viewshed", wall, "-o", tmp_path / "o.tif", "--observers", path)
    assert "--layer" in refused(capsys, *words)
    done = run(*words, "--layer", "b", "--json")
    assert json.loads(done.stdout)["places"] == [[EYE[0] + 1, EYE[1]]]


def test_south_up_and_oblong_rasters_give_the_same_places(tmp_path):
    rng = np.random.default_rng(5)
    z = np.kron(rng.uniform(0, 9, (10, 10)), np.ones((4, 4))).astype(np.float32)
    up = {"driver": "GTiff", "height": 40, "width": 40, "count": 1, "dtype": "float32", "crs": "EPSG:32632"}
    with rasterio.open(tmp_path / "n.tif", "w", transform=Affine(2, 0, 5e5, 0, -1, 5e6), **up) as file:
        file.write(z, 1)
    with rasterio.open(tmp_path / "s.tif", "w", transform=Affine(2, 0, 5e5, 0, 1, 5e6 - 40), **up) as file:
        file.write(z[::-1], 1)
    for name in "ns":
        words = ("--observer", 500021, 4999979.5, "--eye", 6)
        assert run("viewshed", tmp_path / f"{name}.tif", "-o", tmp_path / f"{name}o.tif", *words).exit_code == 0
    np.testing.assert_array_equal(cells(tmp_path / "no.tif"), cells(tmp_path / "so.tif"))
    assert 0 < (cells(tmp_path / "no.tif") == 0).sum() < 1600


def test_the_coordinates_of_a_centre_are_that_centre_in_spite_of_their_rounding(tmp_path):
    grid = Grid(84808.3, 5447412.8, 0.7, (56, 41), "EPSG:28992")
    z = np.zeros(grid.shape)
    row, col = 28, 12
    z[:row, col + 1] = np.nan  # a line straight north meets the centres beside these holes and not the holes
    x, y = grid.x0 + (col + 0.5) * grid.cell, grid.y0 - (row + 0.5) * grid.cell
    assert (grid.y0 - y) / grid.cell - 0.5 != row
    words = ("--observer", x, y, "--eye", 0, "--curvature", "none", "--holes", "block", "--pitch", -80, 80)
    assert run("viewshed", write(tmp_path / "s.tif", z, grid), "-o", tmp_path / "o.tif", *words).exit_code == 0
    seen = cells(tmp_path / "o.tif")
    assert (seen[:, col] == 1).all()  # ties are visible, and so is the eye's own cell whatever the pitch
    assert (seen[:row, col + 2] == 0).all()


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1)])
def test_a_single_row_or_column_keeps_its_place_and_the_size_of_its_cells(tmp_path, shape):
    source = tmp_path / "s.tif"
    with rasterio.open(
        source, "w", driver="GTiff", height=shape[0], width=shape[1], count=1, dtype="float32", crs="EPSG:25833",
        transform=Affine(2.5, 0.0, 468893.0, 0.0, -0.7, 4208635.0),
    ) as target:  # fmt: skip
        target.write(np.zeros(shape, np.float32), 1)
    words = ("--observer", 468894.0, 4208634.8)
    assert run("viewshed", source, "-o", tmp_path / "o.tif", *words).exit_code == 0
    with rasterio.open(tmp_path / "o.tif") as found:
        assert found.transform.almost_equals(Affine(2.5, 0.0, 468893.0, 0.0, -0.7, 4208635.0), 1e-9)
        assert (found.read(1) == 1).all()


def test_an_observer_on_the_raster_s_edge_stands_on_it(wall, tmp_path):
    done = run("viewshed", wall, "-o", tmp_path / "o.tif", "--observer", 677000, 5403100)
    assert done.exit_code == 0, done.output
    assert cells(tmp_path / "o.tif")[0, 0] == 1


def test_the_preview_says_so_and_is_nearly_the_same(wall, tmp_path):
    for name, words in {"e": (), "p": ("--preview",)}.items():
        done = run("viewshed", wall, "-o", tmp_path / f"{name}.tif", "--observer", *EYE, *words)
        assert done.exit_code == 0
    assert "preview (R2)" in done.stderr
    assert (cells(tmp_path / "e.tif") != cells(tmp_path / "p.tif")).mean() < 0.02


def test_the_synthetic_town_is_exact(data, tmp_path):
    folder = data / "viewshed" / "synthetic_urban"
    with np.load(folder / "expected_1000.npz") as expected:
        right = np.unpackbits(expected["r3_exact_roof"])[: 1000 * 1000].reshape(1000, 1000)
    words = ("--curvature", "none", "--observer", 500583.5, 5000575.5)
    assert run("viewshed", folder / "dsm_1000.tif", "-o", tmp_path / "o.tif", *words).exit_code == 0
    np.testing.assert_array_equal(cells(tmp_path / "o.tif"), right)


@pytest.mark.skipif(os.name == "nt", reason="interrupts of a terminal are those of POSIX systems")
def test_ten_thousand_observers_are_told_of_first_and_can_be_stopped_within_a_second(tmp_path):
    rng = np.random.default_rng(2)
    grid = Grid(677000.0, 5404000.0, 1.0, (1000, 1000), "EPSG:32632")
    surface = write(tmp_path / "s.tif", np.kron(rng.uniform(0, 9, (50, 50)), np.ones((20, 20))), grid)
    places = rng.uniform(1, 999, (10_000, 2)) + np.array([677000, 5403000])
    np.savetxt(tmp_path / "o.csv", places, delimiter=",")
    words = ["viewshed", str(surface), "-o", str(tmp_path / "o.tif"), "--observers", str(tmp_path / "o.csv")]
    command = [sys.executable, "-m", "citymodel", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as work:
        assert work.stderr is not None
        said = work.stderr.readline()
        assert "10,000 observers" in said
        assert "--preview about" in said
        time.sleep(2.0)
        began = time.monotonic()
        work.send_signal(signal.SIGINT)
        work.wait(20)
        assert time.monotonic() - began < 1.5
        assert "nothing was written" in work.stderr.read()
    assert work.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "s.tif"]


def test_web_mercator_is_refused_for_its_metres_are_none(tmp_path):
    grid = Grid(743_000.0, 6_866_000.0, 1.0, (20, 20), "EPSG:3857")
    asked = run("viewshed", write(tmp_path / "s.tif", np.zeros(grid.shape), grid), "-o", tmp_path / "o.tif",
                "--observer", 743_010, 6_865_990)  # fmt: skip
    assert asked.exit_code == 1
    assert "1.64 m long in EPSG:3857" in str(asked.exception)
    assert not (tmp_path / "o.tif").exists()
