"""What scripts rely on of the command line: refusals come early, in one plain line, and lead on."""

from __future__ import annotations

import json
import os
import signal
import struct
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from citymodel import formats
from citymodel.cli import main
from citymodel.commands.export import FORMATS
from citymodel.commands.render import title_of
from citymodel.document import Document
from citymodel.errors import ParameterError
from citymodel.formats import geopackage, las
from citymodel.formats.whole_file import whole_file
from citymodel.points import PointCloud
from citymodel.project import load_layer
from citymodel.sun import midpoints


def outcome(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = 0
    try:
        main([str(word) for word in words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def write_raster(path: Path, crs: str | None, origin: tuple[float, float], cell: tuple[float, float]) -> Path:
    heights = np.zeros((30, 40), dtype=np.float32)
    heights[10:20, 10:20] = 12.0
    with rasterio.open(
        path, "w", driver="GTiff", height=30, width=40, count=1, dtype="float32", crs=crs,
        transform=Affine(cell[0], 0.0, origin[0], 0.0, -cell[1], origin[1]),
    ) as file:  # fmt: skip
        file.write(heights, 1)
    return path


def test_a_raster_of_oblong_degrees_is_told_how_to_become_metres(tmp_path, capsys):
    surface = write_raster(tmp_path / "degrees.tif", "EPSG:4326", (4.36, 52.0), (1.5e-5, 1.0e-5))
    code, out, err = outcome(capsys, "shadow", surface, "-o", tmp_path / "o.tif", "--sun", 180, 45)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "degrees" in err
    assert f"citymodel convert {surface} OUT.tif --to-crs EPSG:32631" in err


def test_the_command_that_makes_metres_of_degrees_gives_a_raster_that_shade_takes(tmp_path, capsys):
    surface = write_raster(tmp_path / "degrees.tif", "EPSG:4326", (4.36, 52.0), (1.5e-5, 1.0e-5))
    metres = tmp_path / "metres.tif"
    assert outcome(capsys, "convert", surface, metres, "--to-crs", "EPSG:32631")[0] == 0
    code, _, err = outcome(capsys, "shadow", metres, "-o", tmp_path / "o.tif", "--sun", 180, 45)
    assert code == 0, err
    with rasterio.open(metres) as file:
        assert file.res[0] == pytest.approx(file.res[1], rel=1e-9)


@pytest.mark.parametrize("words", [["shadow", "--sun", 180, 45], ["convert"]])
def test_a_folder_in_the_place_of_the_output_is_refused_before_the_work(tmp_path, capsys, words):
    surface = write_raster(tmp_path / "s.tif", "EPSG:25833", (0.0, 30.0), (1.0, 1.0))
    taken = tmp_path / "o.tif"
    taken.mkdir()
    order = [surface, "-o", taken] if words[0] == "shadow" else [surface, taken]
    code, out, err = outcome(capsys, words[0], *order, *words[1:])
    assert (code, out) == (1, "")
    assert "is a folder" in err
    assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.tif", "s.tif"]


def test_an_endless_box_is_wrong_usage(tmp_path, capsys):
    surface = write_raster(tmp_path / "s.tif", "EPSG:25833", (0.0, 30.0), (1.0, 1.0))
    code, out, err = outcome(capsys, "surface", surface, "-o", tmp_path / "o.tif", "--bbox", 0, 0, "inf", 1)
    assert (code, out) == (2, "")
    assert "finite" in err


def test_the_version_of_citygml_is_that_of_its_root_whatever_else_the_header_declares(tmp_path, capsys):
    path = tmp_path / "two.gml"
    path.write_text(
        '<c:CityModel xmlns:c="http://www.opengis.net/citygml/2.0" '
        'xmlns:con="http://www.opengis.net/citygml/construction/3.0"/>',
        encoding="utf-8",
    )
    code, out, err = outcome(capsys, "info", path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["version"] == "2.0"


def test_blank_lines_before_a_sequence_of_features_are_passed_over(tmp_path, capsys):
    head = {"type": "CityJSON", "version": "2.0", "transform": {"scale": [1, 1, 1], "translate": [0, 0, 0]}}
    lines = ["", json.dumps(head | {"CityObjects": {}, "vertices": []})]
    feature = {"type": "CityJSONFeature", "id": "a", "CityObjects": {"a": {"type": "Building"}}, "vertices": []}
    path = tmp_path / "seq.city.jsonl"
    path.write_bytes("\r\n".join([*lines, json.dumps(feature), ""]).encode())
    code, out, err = outcome(capsys, "info", path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["objects"] == {"Building": 1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of schedulers are those of POSIX systems")
def test_a_scheduler_s_sigterm_leaves_no_part_of_a_file(tmp_path):
    def write_and_be_stopped() -> None:
        with whole_file(tmp_path / "o.bin") as part:
            part.write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as stop:
        write_and_be_stopped()
    assert stop.value.code == 143
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_steps_that_do_not_fill_the_day_when_the_clock_changes_are_refused():
    assert len(midpoints(date(2026, 3, 29), 0, 1440, 60, "Europe/Amsterdam")) == 23
    with pytest.raises(ParameterError, match="clock changes on 2026-03-29"):
        midpoints(date(2026, 3, 29), 0, 1440, 120, "Europe/Amsterdam")


@pytest.mark.parametrize("scale", [0.0, float("nan")])
def test_points_of_a_scale_that_places_none_are_refused(tmp_path, capsys, scale):
    import laspy

    cloud = laspy.LasData(laspy.LasHeader(point_format=3, version="1.2"))
    cloud.x, cloud.y, cloud.z = np.arange(5.0), np.arange(5.0), np.arange(5.0)
    path = tmp_path / "flat.las"
    cloud.write(path)
    content = bytearray(path.read_bytes())
    content[131:139] = struct.pack("<d", scale)
    path.write_bytes(bytes(content))
    code, out, err = outcome(capsys, "info", path, "--json")
    assert (code, out) == (1, "")
    assert "scale" in err


@pytest.mark.parametrize(("verb", "name"), [("render", "o.png"), ("export", "o.glb")])
def test_a_project_whose_data_are_gone_is_no_empty_result(tmp_path, capsys, verb, name):
    from citymodel.project import Project, open_data

    surface = write_raster(tmp_path / "s.tif", "EPSG:25833", (0.0, 30.0), (1.0, 1.0))
    Project(document=open_data([surface], None)).save(tmp_path / "town.city")
    surface.unlink()
    code, out, err = outcome(capsys, verb, tmp_path / "town.city", "-o", tmp_path / name)
    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith("warning: ")
    assert err.splitlines()[-1].startswith("error: ")
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "words",
    [
        ("convert", "s.tif", "o.tif", "--bbox", 5, 5, 1, 1),
        ("convert", "s.laz", "o.laz", "--class", "roof"),
        ("render", "s.tif", "-o", "o.png", "--time", "2026-06-21T14:00"),
        ("render", "s.tif", "-o", "o.png", "--time", "noon"),
        ("shadow", "s.tif", "-o", "o.tif", "--time", "noon"),
    ],
)
def test_option_values_that_say_nothing_are_wrong_usage(tmp_path, capsys, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = outcome(capsys, *words)
    assert (code, out) == (2, "")
    assert str(words[-1] if words[-2] != 1 else "X0") in err


def test_the_box_of_a_surface_is_in_the_system_of_the_data(tmp_path, capsys):
    surface = write_raster(tmp_path / "degrees.tif", "EPSG:4326", (4.36, 52.0), (1e-5, 1e-5))
    box = (4.3601, 51.9998, 4.3603, 51.9999)
    code, out, err = outcome(capsys, "surface", surface, "-o", tmp_path / "o.tif", "--bbox", *box, "--json")
    assert code == 0, err
    rows, columns = json.loads(out)["size"]
    assert 11 <= rows <= 14
    assert 13 <= columns <= 16


@pytest.mark.parametrize("option", ["--ground", "--filled"])
def test_two_rasters_of_one_name_are_wrong_usage(tmp_path, capsys, option):
    surface = write_raster(tmp_path / "s.tif", "EPSG:25833", (0.0, 30.0), (1.0, 1.0))
    code, _, err = outcome(capsys, "surface", surface, "-o", tmp_path / "o.tif", option, tmp_path / "o.tif")
    assert code == 2
    assert "a name of its own" in err
    assert not (tmp_path / "o.tif").exists()


def points_of(path: Path, crs: str | None, xyz: list[list[float]]) -> Path:
    offset = np.floor(np.array(xyz, dtype=float).reshape(-1, 3).min(axis=0)) if xyz else np.zeros(3)
    steps = np.rint((np.array(xyz, dtype=float).reshape(-1, 3) - offset) * 100).astype(np.int32)
    las.write(PointCloud(steps, np.full(3, 0.01), offset, {}, crs=crs), path)
    return path


def test_points_put_far_from_the_ground_by_their_system_are_told(tmp_path, capsys):
    x, y, z = 515_368.0, 4_918_340.0, 2_322.0  # metres of a map, called earth-centred
    cloud = points_of(tmp_path / "a.laz", "EPSG:4978", [[x, y, z], [x + 9, y + 9, z + 1]])
    _, _, err = outcome(capsys, "surface", cloud, "-o", tmp_path / "o.tif")
    assert "warning: a: wrong crs" in err


def test_a_file_without_points_is_named(tmp_path, capsys):
    cloud = points_of(tmp_path / "nothing.las", "EPSG:25833", [])
    code, _, err = outcome(capsys, "surface", cloud, "-o", tmp_path / "o.tif")
    assert code == 1
    assert str(cloud) in err


def test_data_without_a_system_are_told_which_option_names_it(tmp_path, capsys):
    cloud = points_of(tmp_path / "a.las", None, [[0, 0, 0], [9, 9, 1]])
    code, _, err = outcome(capsys, "render", cloud, "-o", tmp_path / "o.png")
    assert code == 1
    assert "does not say its coordinate system; say which it is with --crs" in err


def test_a_picture_of_many_files_says_how_many():
    assert title_of((Path("Den_Haag.city.json"),), Document()) == "Den_Haag"
    assert title_of((Path("a.laz"), Path("b.laz"), Path("c.gml")), Document()) == "a and 2 more"
    assert title_of((Path("ours.city"), Path("water.nc")), Document()) == ""


def test_points_keep_the_colours_of_the_flight_for_the_picture(tmp_path):
    xyz = np.array([[0, 0, 0], [900, 900, 100]], dtype=np.int32)
    rgb = np.array([[65_535, 0, 0], [0, 65_535, 0]], dtype=np.uint16)
    las.write(PointCloud(xyz, np.full(3, 0.01), np.zeros(3), {"rgb": rgb}, crs="EPSG:25833"), tmp_path / "a.laz")
    (layer,) = load_layer(tmp_path / "a.laz")
    assert layer.data.columns["rgb"].tolist() == rgb.tolist()
    plain = points_of(tmp_path / "plain.las", "EPSG:25833", [[0, 0, 0], [9, 9, 1]])
    (layer,) = load_layer(plain)
    assert "rgb" not in layer.data.columns
    assert not layer.data.report.counts


def test_a_name_to_colour_by_that_the_data_lack_is_refused_with_those_they_have(tmp_path, capsys):
    cloud = points_of(tmp_path / "a.las", "EPSG:25833", [[0, 0, 0], [9, 9, 1]])
    code, _, err = outcome(capsys, "render", cloud, "-o", tmp_path / "o.png", "--colour-by", "roofType")
    assert code == 1
    assert "they have height" in err
    assert not (tmp_path / "o.png").exists()


@pytest.mark.parametrize("verb", ["render", "surface"])
def test_footprints_and_rasters_of_nothing_are_refused_in_words(tmp_path, capsys, verb):
    shapes = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    geopackage.write(geopackage.Table("a", shapes, {"id": np.array([1.0])}, "EPSG:25833"), tmp_path / "a.gpkg")
    nothing = write_raster(tmp_path / "n.tif", "EPSG:25833", (0.0, 30.0), (1.0, 1.0))
    with rasterio.open(nothing, "r+") as file:
        file.write(np.full((30, 40), np.nan, dtype=np.float32), 1)
    out = tmp_path / ("o.png" if verb == "render" else "o.tif")
    shapeless = "shapes without heights" if verb == "render" else "no points, models or rasters"
    for path, words in ((tmp_path / "a.gpkg", shapeless), (nothing, "no values at all")):
        code, _, err = outcome(capsys, verb, path, "-o", out)
        assert code == 1
        assert words in err
        assert "fault of citymodel" not in err


def test_every_format_that_export_names_can_be_written():
    written = {suffix for module in formats.modules() if hasattr(module, "write") for suffix in module.SUFFIXES}
    named = {suffix for suffixes in FORMATS.values() for suffix in suffixes}
    assert {suffix.removeprefix(".city") or suffix for suffix in named} <= written
