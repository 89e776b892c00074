"""GeoPackages of several layers come back as they were written; databases of polygons are read."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

import numpy as np
import pytest
import shapely

from citymodel.errors import FormatError, ParameterError
from citymodel.formats import geopackage
from citymodel.formats.geopackage import Table


def _table(layer: str = "buildings", crs: str | None = "EPSG:25833") -> Table:
    holed = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (1, 2), (2, 2)]])
    shapes = np.array([holed, shapely.box(10, 0, 12, 3), None], dtype=object)
    columns = {
        "id": np.array(["a", "ß", None], dtype=object),
        "storeys": np.array([1, 2, 3], dtype=np.int32),
        "hours": np.array([4.25, np.nan, 0.5]),
        "kept": np.array([True, False, True]),
        "code": np.array([7, 8, 9], dtype=np.uint8),
    }
    return Table(layer, shapes, columns, crs)


def test_a_written_table_reads_back_the_same(tmp_path: Path) -> None:
    before, path = _table(), tmp_path / "a.gpkg"
    geopackage.write(before, path)
    after = geopackage.read(path)
    assert (after.layer, after.crs, len(after)) == ("buildings", "EPSG:25833", 3)
    assert shapely.equals_exact(after.geometry[:2], before.geometry[:2], 0).all()
    assert after.geometry[2] is None
    assert after.columns["id"].tolist() == ["a", "ß", None]
    assert after.columns["storeys"].tolist() == [1, 2, 3]
    assert after.columns["kept"].astype(bool).tolist() == [True, False, True]
    np.testing.assert_array_equal(after.columns["hours"], before.columns["hours"])
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_the_file_is_a_geopackage_1_3(tmp_path: Path) -> None:
    geopackage.write(_table(), tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        assert base.execute("PRAGMA user_version").fetchone() == (10300,)
        assert base.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns").fetchall() == [
            ("buildings", "POLYGON")
        ]
    base.close()


def test_several_layers_live_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    parts = np.array([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), shapely.box(0, 0, 2, 2)], dtype=object)
    points = np.array([shapely.Point(1, 2, 3)], dtype=object)
    geopackage.write([_table(), Table("open", parts, {}, "EPSG:25833"), Table("eyes", points, {}, "EPSG:25833")], path)
    found = geopackage.info(path)
    assert {name: (e["features"], e["geometry"]) for name, e in found["layers"].items()} == {
        "buildings": (3, "Polygon"),
        "open": (2, "MultiPolygon"),
        "eyes": (1, "Point Z"),
    }
    assert (found["format"], found["crs"], found["bounds"]) == ("GeoPackage", "EPSG:25833", [0.0, 0.0, 12.0, 9.0])
    assert len(geopackage.read(path, layer="open")) == 2
    with pytest.raises(ParameterError, match="buildings, open, eyes"):
        geopackage.read(path)
    with pytest.raises(ParameterError, match="no layer roads"):
        geopackage.read(path, layer="roads")


def test_a_table_without_crs_or_rows_can_be_written(tmp_path: Path) -> None:
    geopackage.write_table(tmp_path / "a.gpkg", "none", [], {"height": np.empty(0)}, None)
    found = geopackage.info(tmp_path / "a.gpkg")
    assert (found["layers"]["none"]["features"], found["crs"], found["bounds"]) == (0, None, None)


def test_columns_of_another_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="has 2 rows, there are 1"):
        geopackage.write_table(tmp_path / "a.gpkg", "x", [shapely.Point(0, 0)], {"height": [1, 2]})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0.01, 0.2, 0.6])
def test_a_damaged_database_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.gpkg"
    geopackage.write(_table(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FormatError):
        geopackage.read(path)


def test_a_broken_geometry_is_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    geopackage.write(_table(), path)
    raw, corner = bytearray(path.read_bytes()), struct.pack("<2d", 12.0, 0.0)
    at = raw.rindex(corner)  # the last of the box's ring, which then does not close
    raw[at : at + 16] = struct.pack("<2d", 12.0, 0.5)
    path.write_bytes(raw)
    table = geopackage.read(path)
    assert len(table) == 3
    assert table.report.counts == {"unreadable-geometry": 1}
    assert table.geometry[0] is not None


def test_footprints_and_land_cover_of_delft_are_counted_exactly(data: Path) -> None:
    expected = {"pand": 160, "begroeidterreindeel": 126, "wegdeel": 151, "waterdeel": 3, "overbruggingsdeel": 3}
    for name, count in expected.items():
        table = geopackage.read(data / f"delft_3dfier/bgt/bgt_{name}.sqlite")
        assert (len(table), table.crs) == (count, "EPSG:28992")
        assert set(shapely.get_type_id(table.geometry)) <= {3, 6}
    found = geopackage.info(data / "delft_3dfier/bgt/bgt_pand.sqlite")
    assert found["format"] == "SpatiaLite"
    assert found["layers"]["buildingpart"]["features"] == 160
