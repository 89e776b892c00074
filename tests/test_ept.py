"""Tiled clouds are read by box and spacing, and say which tile is missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from citymodel import formats
from citymodel.cli import main
from citymodel.errors import FormatError
from citymodel.formats import las
from citymodel.points import PointCloud


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    """A root and two children: 8 m wide, x 0–8."""
    for folder in ("ept-data", "ept-hierarchy"):
        (tmp_path / folder).mkdir()
    counts = {"0-0-0-0": 3, "1-0-0-0": -1, "1-1-0-0": 2}
    (tmp_path / "ept-hierarchy/0-0-0-0.json").write_text(json.dumps(counts))
    (tmp_path / "ept-hierarchy/1-0-0-0.json").write_text(json.dumps({"1-0-0-0": 1}))
    for name, xs in {"0-0-0-0": [0, 3, 7], "1-0-0-0": [1], "1-1-0-0": [5, 6]}.items():
        xyz = np.array([[x * 100, 50, 50] for x in xs], dtype=np.int32)
        cloud = PointCloud(xyz, np.full(3, 0.01), np.zeros(3), {"classification": np.full(len(xs), 2, np.uint8)})
        las.write(cloud, tmp_path / f"ept-data/{name}.laz")
    head = {"bounds": [0, 0, 0, 8, 8, 8], "span": 4, "dataType": "laszip", "hierarchyType": "json", "points": 6}
    head |= {"version": "1.0.0", "srs": {"authority": "EPSG", "horizontal": "28992", "vertical": "5709"}}
    (tmp_path / "ept.json").write_text(json.dumps(head))
    return tmp_path / "ept.json"


def _x(cloud: PointCloud) -> list[float]:
    return sorted(cloud.coordinates()[:, 0].tolist())


def test_all_tiles_make_one_cloud(tiles: Path) -> None:
    cloud = formats.read(tiles)
    assert _x(cloud) == [0, 1, 3, 5, 6, 7]
    assert cloud.crs == "EPSG:28992+5709"
    assert len(cloud.columns["classification"]) == 6
    found = formats.info(tiles)
    assert (found["format"], found["points"], found["classes"], found["tiles"]) == ("EPT", 6, {"2": 6}, 3)
    assert found["bounds"] == pytest.approx([0, 0.5, 0.5, 7, 0.5, 0.5])


def test_a_box_and_a_spacing_choose_tiles(tiles: Path) -> None:
    assert _x(formats.read(tiles, bbox=(0, 0, 3.5, 8))) == [0, 1, 3]
    assert _x(formats.read(tiles, resolution=2.0)) == [0, 3, 7]
    assert len(formats.read(tiles, bbox=(100, 100, 101, 101))) == 0


def test_tiles_convert_into_one_file(tiles: Path, tmp_path: Path) -> None:
    main(["convert", str(tiles), str(tmp_path / "one.laz"), "--bbox", "0", "0", "3.5", "8"])
    assert _x(formats.read(tmp_path / "one.laz")) == [0, 1, 3]


@pytest.mark.parametrize("name", ["ept-data/1-1-0-0.laz", "ept-hierarchy/1-0-0-0.json"])
def test_a_missing_tile_is_named(tiles: Path, name: str) -> None:
    (tiles.parent / name).unlink()
    with pytest.raises(FormatError, match=Path(name).name):
        formats.read(tiles)


def test_tiles_that_refer_to_themselves_end(tiles: Path) -> None:
    (tiles.parent / "ept-hierarchy/1-0-0-0.json").write_text(json.dumps({"1-0-0-0": -1, "0-0-0-0": -1}))
    assert _x(formats.read(tiles)) == [0, 3, 5, 6, 7]


def test_tiles_of_another_kind_are_refused(tiles: Path) -> None:
    tiles.write_text(tiles.read_text().replace("laszip", "binary"))
    with pytest.raises(FormatError, match="reads tiles of 'laszip'"):
        formats.info(tiles)


def test_the_real_tiles_hold_every_point_of_the_cloud(data: Path) -> None:
    found = formats.info(data / "pdal_ept/lone-star-laszip/ept.json")
    assert (found["points"], found["crs"], found["warnings"]) == (518862, "EPSG:26912", [])
