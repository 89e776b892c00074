"""Equal datasets, whatever their format, and the differences of others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from citymodel.builder import CityModelBuilder
from citymodel.compare import differences
from citymodel.formats import citygml, cityjson
from citymodel.model import CityModel

SAME = "citygml4j_samples/datasets/lod2_buildings"
RING = [0.0, 0.0, 1.0, 5.0, 0.0, 1.0, 5.0, 5.0, 1.0, 0.0, 5.0, 1.0]


def model(
    ring: list[float] = RING, id: str = "a", crs: str | None = "EPSG:25832+5783", storeys: object = 3
) -> CityModel:
    builder = CityModelBuilder("test", "")
    builder.crs = crs
    row = builder.add_object(id, "Building", attributes={"storeys": storeys, "empty": None})
    node = builder.add_node("MultiSurface")
    builder.add_member(node, builder.add_polygon([ring]))
    builder.add_geometry(row, "MultiSurface", node, lod="2")
    return builder.build()


@pytest.mark.parametrize("other", ["v2.json", "as_CityJSON_features.jsonl"])
def test_one_dataset_in_three_formats_is_equal(data: Path, other: str) -> None:
    one = citygml.read(data / f"{SAME}_v3.gml")
    assert differences(one, cityjson.read(data / f"{SAME}_{other}")) == []


@pytest.mark.parametrize(
    "name",
    [
        "citygml4j_samples/datasets/lod3_building_v2.gml",
        "citygml4j_samples/datasets/lod4_building_v2.gml",
        "citydb_samples/Potsdam/CityGML/Potsdam_LoD1/Potsdam_LoD1.gml",
        "ingolstadt_lod3/4018133/4018133.xml",
        "plateau_nusamai/yokosuka-shi/udx/bldg/52397519_bldg_6697_op.gml",
    ],
)
@pytest.mark.parametrize("suffix", [".city.json", ".city.jsonl"])
def test_citygml_written_as_cityjson_is_equal(data: Path, tmp_path: Path, name: str, suffix: str) -> None:
    one = citygml.read(data / name)
    cityjson.write(one, tmp_path / f"x{suffix}")
    two = cityjson.read(tmp_path / f"x{suffix}")
    assert differences(one, two) == []
    assert two.crs == one.crs
    assert two.bounds() == one.bounds()


def test_where_a_ring_starts_and_how_a_number_is_written_do_not_matter() -> None:
    assert differences(model(), model(RING[6:] + RING[:6], storeys=3.0, crs=None)) == []


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (model(id="b"), "object: 1 only in the first, like Building a"),
        (model(storeys=4), "attributes of a: storeys"),
        (model(crs="EPSG:25833"), "CRS: EPSG:25832+5783 and EPSG:25833"),
        (model(RING[:9]), "vertices: 1 only in the first"),
        (model([*RING[:3], *RING[6:9], *RING[3:6], *RING[9:]]), "polygon of: 1 only in the first"),
        (model([*RING[:-1], 1.001]), "vertices"),
    ],
)
def test_a_difference_is_named(other: CityModel, word: str) -> None:
    assert any(word in line for line in differences(model(), other))


def test_a_vertical_system_alone_is_no_difference() -> None:
    assert differences(model(), dataclasses.replace(model(), crs="EPSG:25832")) == []
