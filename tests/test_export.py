"""Exports hold what the layers hold, in the format that the name or --format says."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import rioxarray  # noqa: F401  (registers .rio)
import shapely
import trimesh
import xarray as xr
from click.testing import CliRunner

from citymodel import formats
from citymodel.commands import export
from citymodel.commands.export import command
from citymodel.document import Document
from citymodel.errors import ParameterError
from citymodel.formats import geopackage, las, raster
from citymodel.geo import Frame
from citymodel.layers import Layer
from citymodel.points import PointCloud
from citymodel.project import Project
from citymodel.results import Field, Result
from citymodel.scenario import AddBox, Scenario, apply

SQUARE = ((100_010.0, 400_020.0), (100_020.0, 400_020.0), (100_020.0, 400_040.0), (100_010.0, 400_040.0))


def _box() -> Layer:
    """A box of 10 × 20 × 30 m."""
    return apply(Scenario("p", "Plan", (AddBox("box", "Box", SQUARE, 30.0, 5.0),)), ())[0]


def _run(*words: object) -> None:
    done = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("suffix", [".glb", ".ply", ".obj", ".stl"])
def test_a_mesh_of_a_box_has_its_area_and_size(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"box{suffix}"
    formats.write(_box().data, path)
    mesh = trimesh.load(path)
    # roof and walls, with or without the floor that stands on the ground
    assert any(mesh.area == pytest.approx(2 * 30 * (10 + 20) + n * 200, rel=1e-6) for n in (1, 2))
    size = np.ptp(mesh.bounds, axis=0)
    assert size.tolist() == pytest.approx([10, 30, 20] if suffix == ".glb" else [10, 20, 30], abs=1e-4)
    assert np.abs(mesh.bounds).max() < 1000


def test_a_glb_names_its_origin(tmp_path: Path) -> None:
    formats.write(_box().data, tmp_path / "box.glb")
    raw = (tmp_path / "box.glb").read_bytes()
    length = struct.unpack_from("<I", raw, 12)[0]
    tree = json.loads(raw[20 : 20 + length])
    assert tree["asset"]["extras"]["origin"] == [100_000.0, 400_000.0, 0.0]


def test_points_come_out_with_all_columns(tmp_path: Path) -> None:
    columns = {"classification": np.array([2, 6], np.uint8), "gps_time": np.array([1.5, 2.5])}
    xyz = np.array([[1, 2, 3], [4, 5, 6]], np.int32)
    las.write(PointCloud(xyz, np.full(3, 0.01), np.zeros(3), columns), tmp_path / "a.las")
    _run(tmp_path / "a.las", "-o", tmp_path / "b.laz", "--crs", "EPSG:25833")
    cloud = las.read(tmp_path / "b.laz", columns="all")
    assert cloud.crs == "EPSG:25833"
    assert cloud.columns["gps_time"].tolist() == [1.5, 2.5]
    assert cloud.xyz.tolist() == xyz.tolist()


def test_footprints_carry_heights(tmp_path: Path) -> None:
    geopackage.write(export._table("plan", _box().data), tmp_path / "a.gpkg")
    table = geopackage.read(tmp_path / "a.gpkg")
    assert table.columns["height"].tolist() == [30.0]
    assert shapely.area(table.geometry).tolist() == [200.0]


def _sun_hours() -> Layer:
    grid = xr.DataArray(
        np.array([[1.0, np.nan], [3.0, 4.0]], np.float32), dims=("y", "x"), coords={"y": [1.5, 0.5], "x": [0.5, 1.5]}
    ).rio.write_crs("EPSG:25833")
    table = {"geometry": ["POLYGON ((0 0, 1 0, 1 1, 0 0))"], "hours": [2.5]}
    fields = {"hours": Field("hours", "Hours of sun", "h", grid), "buildings": Field("buildings", "…", "h", table)}
    proof = {"date": "2026-06-21", "crs": "EPSG:25833"}
    return Layer("sun", "Sun", "result", Result("shadow", "Sun", fields, proof))


def test_a_raster_of_a_result_keeps_its_unit_and_proof(tmp_path: Path) -> None:
    ((kind, data),) = export._pieces(_sun_hours(), "hours")
    assert kind == "raster"
    raster.write(data, tmp_path / "a.tif")
    after = raster.read(tmp_path / "a.tif")
    assert after.attrs["units"] == "h"
    assert json.loads(after.attrs["provenance"])["date"] == "2026-06-21"
    np.testing.assert_array_equal(after.values, [[1.0, np.nan], [3.0, 4.0]])


def test_a_table_of_a_result_becomes_a_layer() -> None:
    kinds = [kind for kind, _ in export._pieces(_sun_hours(), None)]
    assert kinds == ["raster", "table"]
    ((_kind, table),) = export._pieces(_sun_hours(), "buildings")
    assert (table.columns["hours"].tolist(), table.crs) == ([2.5], "EPSG:25833")


def test_a_result_of_a_project_is_exported_as_map_and_table(tmp_path: Path) -> None:
    frame = Frame.around((0, 0, 2, 2), "EPSG:25833")
    Project(document=Document(frame=frame).with_layer(_sun_hours())).save(tmp_path / "a.city")
    for name in ("sun.tif", "sun.gpkg"):
        _run(tmp_path / "a.city", "-o", tmp_path / name, "--layer", "Sun")
    np.testing.assert_array_equal(raster.read(tmp_path / "sun.tif").values, [[1.0, np.nan], [3.0, 4.0]])
    assert geopackage.read(tmp_path / "sun.gpkg").layer == "buildings"


def test_one_of_several_layers_of_a_project_is_named(tmp_path: Path) -> None:
    for name, height in (("ground", 1.0), ("roofs", 9.0)):
        values = np.full((3, 4), height, np.float32)
        grid = xr.DataArray(values, dims=("y", "x"), coords={"y": [5.0, 3.0, 1.0], "x": [1.0, 3.0, 5.0, 7.0]})
        grid.attrs["crs"] = "EPSG:25833"
        raster.write(grid, tmp_path / f"{name}.tif")
    from citymodel.project import open_data

    project = Project(document=open_data([tmp_path / "ground.tif", tmp_path / "roofs.tif"]))
    project.save(tmp_path / "a.city")
    with pytest.raises(ParameterError, match="ground, roofs"):
        _run(tmp_path / "a.city", "-o", tmp_path / "out.tif")
    _run(tmp_path / "a.city", "-o", tmp_path / "out", "--format", "tif", "--layer", "roofs")
    assert raster.info(tmp_path / "out")["range"] == [9.0, 9.0]
    with pytest.raises(ParameterError, match="no layer 'trees'"):
        _run(tmp_path / "a.city", "-o", tmp_path / "out.tif", "--layer", "trees")


def test_what_cannot_be_written_in_a_format_says_so(tmp_path: Path) -> None:
    grid = xr.DataArray(np.ones((2, 2), np.float32), dims=("y", "x"), coords={"y": [1.5, 0.5], "x": [0.5, 1.5]})
    raster.write(grid, tmp_path / "a.tif")
    with pytest.raises(ParameterError, match=r"a \(raster\) can be written as \.glb"):
        _run(tmp_path / "a.tif", "-o", tmp_path / "a.glb")
    with pytest.raises(ParameterError, match="names no format"):
        _run(tmp_path / "a.tif", "-o", tmp_path / "a.xyz")


def test_the_delft_model_becomes_a_mesh_and_570_footprints(data: Path, tmp_path: Path) -> None:
    model = data / "cjio_tests/delft.json"
    _run(model, "-o", tmp_path / "a.glb")
    _run(model, "-o", tmp_path / "a.gpkg")
    assert len(trimesh.load(tmp_path / "a.glb").geometry) >= 3
    table = geopackage.read(tmp_path / "a.gpkg")
    assert len(table) == 570
    assert (np.asarray(table.columns["type"]) == "Building").sum() == 160
