"""``citymodel convert``: formats, parts and coordinate systems."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from citymodel import formats
from citymodel.cli import main
from citymodel.compare import differences
from citymodel.model import CityModel

GML = "citygml4j_samples/datasets/lod2_buildings_v3.gml"
DENHAAG = "place_denhaag/DenHaag_01.city.json"
DELFT = "delft_3dfier/ahn3/ahn3_cropped_2.laz"


def run(*words: object) -> int:
    try:
        main(["convert", *map(str, words)])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def city(path: Path) -> CityModel:
    model = formats.read(path)
    assert isinstance(model, CityModel)
    return model


@pytest.mark.parametrize("name", ["x.city.json", "x.city.jsonl"])
def test_citygml_becomes_equal_cityjson(data: Path, tmp_path: Path, name: str) -> None:
    assert run(data / GML, tmp_path / name) == 0
    assert differences(city(data / GML), city(tmp_path / name)) == []


def test_another_crs_moves_coordinates_and_says_so(data: Path, tmp_path: Path) -> None:
    assert run(data / DENHAAG, tmp_path / "x.city.json", "--to-crs", "EPSG:32631", "--type", "Building") == 0
    model = city(tmp_path / "x.city.json")
    assert model.crs == "EPSG:32631"
    bounds = model.bounds()
    assert bounds is not None
    assert 580_000 < bounds[0] < 600_000
    assert 5_760_000 < bounds[1] < 5_780_000
    assert set(formats.info(tmp_path / "x.city.json")["objects"]) == {"Building", "BuildingPart"}


def test_a_box_that_holds_part_gives_part(data: Path, tmp_path: Path) -> None:
    assert run(data / DENHAAG, tmp_path / "x.city.jsonl", "--bbox", 78_500, 457_700, 78_600, 457_800) == 0
    part, whole = city(tmp_path / "x.city.jsonl"), city(data / DENHAAG)
    assert 0 < part.n_polygons < whole.n_polygons


def test_two_files_become_one_without_double_vertices(data: Path, tmp_path: Path) -> None:
    boxes = [(78_200, 457_000, 78_600, 459_000), (78_600.001, 457_000, 79_100, 459_000)]
    for k, box in enumerate(boxes):
        assert run(data / DENHAAG, tmp_path / f"{k}.city.json", "--type", "Building", "--bbox", *box) == 0
    assert run(tmp_path / "0.city.json", tmp_path / "1.city.json", tmp_path / "both.city.json") == 0
    both, parts = city(tmp_path / "both.city.json"), [city(tmp_path / f"{k}.city.json") for k in range(2)]
    assert both.n_polygons == sum(part.n_polygons for part in parts)
    assert len(both.vertices) == len(np.unique(np.concatenate([part.vertices for part in parts]), axis=0))
    assert len(both.appearance.polygon) == sum(len(part.appearance.polygon) for part in parts)
    assert differences(both, parts[0]) != []


def test_a_tile_outside_the_box_does_not_stop_the_others(data: Path, tmp_path: Path) -> None:
    box = ("--bbox", 78_500, 457_700, 78_600, 457_800)
    assert run(data / "cjio_tests/delft.json", data / DENHAAG, tmp_path / "x.city.json", *box) == 0
    assert city(tmp_path / "x.city.json").n_polygons > 0


def test_points_by_class_and_crs(data: Path, tmp_path: Path) -> None:
    assert run(data / DELFT, tmp_path / "x.laz", "--crs", "EPSG:28992+5709", "--class", "2,6") == 0
    info = formats.info(tmp_path / "x.laz")
    assert info["classes"] == {"2": 87_130, "6": 33_312}
    assert info["crs"] == "EPSG:28992+5709"
    cloud, before = formats.read(tmp_path / "x.laz"), formats.read(data / DELFT, classes=[2, 6])
    assert np.array_equal(cloud.coordinates(), before.coordinates())


def test_points_of_two_files_in_one(data: Path, tmp_path: Path) -> None:
    other = data / "delft_3dfier/ahn3/ahn3_cropped_1.laz"
    assert run(data / DELFT, other, tmp_path / "x.las", "--class", "9,26") == 0
    parts = [formats.read(path, classes=[9, 26]) for path in (data / DELFT, other)]
    joined = formats.read(tmp_path / "x.las")
    assert len(joined) == sum(len(part) for part in parts) == 267 + 1365 + 568 + 1114
    assert np.allclose(joined.coordinates(), np.concatenate([part.coordinates() for part in parts]), atol=1e-9)


def test_rasters_move_too(data: Path, tmp_path: Path) -> None:
    source = next((data / "solweig_demos").rglob("*DEM*.tif"))
    assert run(source, tmp_path / "x.tif", "--to-crs", "EPSG:3857") == 0
    assert formats.info(tmp_path / "x.tif")["crs"] == "EPSG:3857"
    before, after = formats.read(source), formats.read(tmp_path / "x.tif")
    assert float(after.mean()) == pytest.approx(float(before.mean()), abs=0.5)
    assert float(after.max()) <= float(before.max())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("x.laz",), "nothing.gml"),
        (("x.city.json", "--to-crs", "EPSG:1"), "EPSG:1"),
        (("x.city.json", "--bbox", 0, 0, 1, 1), "nothing is left"),
        (("x.city.json", "--class", "2"), "--class"),
        (("x.tif",), "a city model"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[object, ...], says: str
) -> None:
    source = "nothing.gml" if says == "nothing.gml" else data / DENHAAG
    assert run(source, tmp_path / str(words[0]), *words[1:]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert says in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_one_path_alone_is_wrong_usage() -> None:
    assert run("x.city.json") == 2


def test_a_file_may_be_converted_onto_itself(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.city.json"
    assert run(data / GML, file) == 0
    assert run(file, file, "--type", "Building") == 0
    assert len(json.loads(file.read_bytes())["CityObjects"]) == 100
