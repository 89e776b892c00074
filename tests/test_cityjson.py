"""CityJSON and CityJSONSeq: counts of real files, what comes back from writing, and broken files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citymodel import formats
from citymodel.builder import CityModelBuilder
from citymodel.compare import differences
from citymodel.errors import FormatError
from citymodel.formats import cityjson
from citymodel.subset import subset

DELFT = {
    "Building": 160,
    "Road": 143,
    "PlantCover": 126,
    "LandUse": 81,
    "GenericCityObject": 54,
    "Bridge": 3,
    "WaterBody": 3,
}
SAME = {"Building": 100}, {"RoofSurface": 200, "WallSurface": 400, "GroundSurface": 100}, 700, 1000
COUNTS = {
    "delft_3dfier/output/testarea.json": ("1.0", DELFT, {}, 24_488, 11_747),
    "cjio_tests/delft.json": ("2.0", DELFT, {}, 36_271, 18_262),
    "citygml4j_samples/datasets/lod2_buildings_v2.json": ("2.0", *SAME),
    "citygml4j_samples/datasets/lod2_buildings_as_CityJSON_features.jsonl": ("2.0", *SAME),
    "place_denhaag/DenHaag_01.city.json": (
        "2.0",
        {"Building": 844, "BuildingPart": 1653, "TINRelief": 1},
        {"WallSurface": 11_215, "RoofSurface": 3_004, "GroundSurface": 1_990},
        21_804,
        22_997,
    ),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_of_real_files_are_exact(data: Path, name: str) -> None:
    info = cityjson.info(data / name)
    found = (info["version"], info["objects"], info["surfaces"], info["polygons"], info["vertices"])
    assert found == COUNTS[name]


def test_kinds_and_place_of_den_haag(data: Path) -> None:
    model = cityjson.read(data / "place_denhaag/DenHaag_01.city.json")
    kinds = [k for k, s in zip(model.geometries.kind, model.geometries.surface, strict=True) if s < 0]
    assert (kinds.count("Solid"), kinds.count("CompositeSurface"), len(kinds)) == (1_990, 1, 1_991)
    assert model.crs == "EPSG:28992+5709"
    bounds = model.bounds()
    assert bounds is not None
    assert np.allclose(bounds, (78248.7, 457604.6, 2.5, 79036.0, 458276.4, 37.5), atol=0.05)


def test_city_json_and_its_sequence_are_equal(data: Path) -> None:
    whole = cityjson.read(data / "citygml4j_samples/datasets/lod2_buildings_v2.json")
    lines = cityjson.read(data / "citygml4j_samples/datasets/lod2_buildings_as_CityJSON_features.jsonl")
    assert differences(whole, lines) == []


def test_every_file_of_the_corpora_reads_or_says_one_plain_line(data: Path) -> None:
    read, lines = 0, []
    for folder in ("cityjson_corpus", "cjio_tests", "val3dity", "citygml4j_samples"):
        for file in (data / folder).rglob("*.json*"):
            if file.suffix not in (".json", ".jsonl"):
                continue
            try:
                cityjson.read(file)
                read += 1
            except FormatError as error:
                lines.append(str(error))
    assert read >= 60
    assert [line for line in lines if "\n" in line or len(line) > 500] == []


@pytest.mark.parametrize("suffix", [".city.json", ".city.jsonl"])
@pytest.mark.parametrize(
    "name",
    [
        "cjio_tests/rotterdam/rotterdam_subset.json",
        "cjio_tests/dummy/dummy.json",
        "val3dity/cityjsonseq/3dbag_b2.city.jsonl",
        "cityjson_corpus/conformance/v2_0/cityjson_fake_complete/cityjson_fake_complete.city.json",
    ],
)
def test_what_is_written_is_what_was_read(data: Path, tmp_path: Path, name: str, suffix: str) -> None:
    model = cityjson.read(data / name)
    cityjson.write(model, tmp_path / f"copy{suffix}")
    copy = cityjson.read(tmp_path / f"copy{suffix}")
    assert differences(model, copy) == []
    assert copy.bounds() == model.bounds()
    assert len(copy.appearance.polygon) == len(model.appearance.polygon)
    assert np.allclose(copy.instances.matrix, model.instances.matrix)


def city(**members: Any) -> dict[str, Any]:
    square = {"type": "MultiSurface", "lod": "2.2", "boundaries": [[[0, 1, 2, 3]]]}
    square["semantics"] = {"surfaces": [{"type": "RoofSurface", "slope": 12}], "values": [0]}
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.001] * 3, "translate": [85_000.0, 447_000.0, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "CityObjects": {"house": {"type": "Building", "attributes": {"storeys": 3}, "geometry": [square]}},
        "vertices": [[0, 0, 9_001], [4_000, 0, 9_001], [4_000, 3_000, 9_001], [0, 3_000, 9_001]],
        **members,
    }


def put(folder: Path, content: Any) -> Path:
    file = folder / "x.city.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_coordinates_are_the_decimals_of_the_file(tmp_path: Path) -> None:
    model = cityjson.read(put(tmp_path, city()))
    assert model.vertices[2].tolist() == [85_004.0, 447_003.0, 9.001]
    assert model.objects.attributes[1] == {"slope": 12}
    assert model.objects.type_of(1) == "RoofSurface"


def test_latitude_first_is_turned_and_turned_back(tmp_path: Path) -> None:
    degrees = city(
        metadata={"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/6697"},
        transform={"scale": [1e-7, 1e-7, 0.001], "translate": [35.0, 139.0, 0.0]},
    )
    model = cityjson.read(put(tmp_path, degrees))
    assert model.vertices[1].tolist() == [139.0, 35.0004, 9.001]
    cityjson.write(model, tmp_path / "y.city.json")
    written = json.loads((tmp_path / "y.city.json").read_text())
    assert written["transform"]["translate"][0] == 35.0
    assert differences(model, cityjson.read(tmp_path / "y.city.json")) == []


BROKEN: dict[str, Any] = {
    "empty": "",
    "not json": "hello",
    "truncated": json.dumps(city())[:-40],
    "nan": json.dumps(city()).replace("9001", "NaN", 1),
    "infinity": json.dumps(city()).replace("9001", "-Infinity", 1),
    "too large a number": json.dumps(city()).replace("9001", "1e999", 1),
    "deep": "[" * 200_000,
    "deep object": '{"type":"CityJSON","x":' + "[" * 200_000,
    "a list": "[]",
    "another type": '{"type": "FeatureCollection"}',
    "no objects": '{"type": "CityJSON", "version": "2.0"}',
    "objects are a list": city(CityObjects=[]),
    "an object is a number": city(CityObjects={"a": 1}),
    "vertices are pairs": city(vertices=[[0, 0], [1, 1]]),
    "vertices are words": city(vertices=[["0", "0", "0"]]),
    "vertices are ragged": city(vertices=[[0, 0, 0], [1, 1]]),
    "vertices are truths": city(vertices=[[True, False, True]]),
    "too few vertices": city(vertices=[[0, 0, 0]]),
    "a broken transform": city(transform={"scale": [1]}),
    "a transform beyond the Earth": city(transform={"scale": [1e300] * 3, "translate": [0, 0, 0]}),
    "a coordinate of 1e308": json.dumps(city()).replace("9001", "1e308", 1),
    "a negative index": json.dumps(city()).replace("[0, 1, 2, 3]", "[0, 1, 2, -1]"),
    "an index of words": json.dumps(city()).replace("[0, 1, 2, 3]", '["0", 1, 2, 3]'),
    "boundaries too shallow": json.dumps(city()).replace("[[[0, 1, 2, 3]]]", "[0, 1, 2, 3]"),
    "boundaries too deep": json.dumps(city()).replace("[[[0, 1, 2, 3]]]", "[[[[[0, 1, 2, 3]]]]]"),
    "no such template": city(
        CityObjects={"a": {"type": "X", "geometry": [{"type": "GeometryInstance", "template": 4, "boundaries": [0]}]}}
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gives_one_plain_line(tmp_path: Path, case: str) -> None:
    with pytest.raises(FormatError) as caught:
        cityjson.read(put(tmp_path, BROKEN[case]))
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 500
    assert text.startswith(str(tmp_path))


def test_a_broken_line_of_a_sequence_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.city.jsonl"
    file.write_text(json.dumps(city(CityObjects={}, vertices=[])) + "\n{broken\n")
    with pytest.raises(FormatError, match="line 2"):
        cityjson.read(file)


def test_families_that_run_in_a_circle_are_cut(tmp_path: Path) -> None:
    objects = {"a": {"type": "Building", "parents": ["b"]}, "b": {"type": "Building", "parents": ["a"]}}
    model = cityjson.read(put(tmp_path, city(CityObjects=objects)))
    assert (model.objects.parent < 0).sum() == 1


def test_bad_looks_are_counted_and_stop_nothing(tmp_path: Path) -> None:
    broken = city()
    broken["CityObjects"]["house"]["geometry"][0]["material"] = {"x": {"value": 7}}
    model = cityjson.read(put(tmp_path, broken))
    assert model.n_polygons == 1
    assert model.report.counts == {"unreadable-appearance": 1}


def test_semantics_of_an_older_shape_are_counted_and_stop_nothing(tmp_path: Path) -> None:
    old = city()
    old["CityObjects"]["house"]["geometry"][0]["semantics"] = [{"type": "RoofSurface"}]
    model = cityjson.read(put(tmp_path, old))
    assert model.n_polygons == 1
    assert model.report.counts == {"unreadable-semantics": 1}


def test_record_separators_of_a_sequence_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.city.jsonl"
    header = {"type": "CityJSON", "version": "2.0", "CityObjects": {}, "vertices": []}
    feature = {"type": "CityJSONFeature", "id": "a", "CityObjects": {"a": {"type": "Building"}}, "vertices": []}
    path.write_text("".join(f"\x1e{json.dumps(line)}\n" for line in (header, feature)), encoding="utf-8")
    assert formats.info(path)["objects"] == {"Building": 1}


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    broken = city()
    model = cityjson.read(put(tmp_path, broken))
    model.objects.attributes[0]["bad"] = object()  # type: ignore[index]
    with pytest.raises(FormatError, match="attribute"):
        cityjson.write(model, tmp_path / "y.city.json")
    assert [file.name for file in tmp_path.iterdir()] == ["x.city.json"]


def test_a_part_by_type_box_and_level_holds_only_what_it_needs(data: Path) -> None:
    model = cityjson.read(data / "place_denhaag/DenHaag_01.city.json")
    buildings = subset(model, types="Building")
    assert set(cityjson.model_info(buildings)["objects"]) == {"Building", "BuildingPart"}
    assert len(np.unique(buildings.ring_vertices)) == len(buildings.vertices) < len(model.vertices)
    corner = subset(model, bbox=(78_248, 457_604, 78_600, 458_000), types=["Building"])
    assert 0 < len(corner.objects) < len(buildings.objects)
    assert subset(model, lod=1).n_polygons == 0
    assert differences(subset(model), model) == []
    assert differences(buildings, model) != []


def test_classes_that_cityjson_lacks_are_written_as_extensions(tmp_path: Path) -> None:
    builder = CityModelBuilder("test", "")
    for name in ("Building", "Room", "CityTree", "+Mine"):
        builder.add_object(name, name)
    model = builder.build()
    cityjson.write(model, tmp_path / "x.city.json")
    written = json.loads((tmp_path / "x.city.json").read_text())["CityObjects"]
    assert [item["type"] for item in written.values()] == ["Building", "BuildingRoom", "+CityTree", "+Mine"]
    assert differences(model, cityjson.read(tmp_path / "x.city.json")) == []
