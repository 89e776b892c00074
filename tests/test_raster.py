"""Rasters are read north-up with NaN for no data, and written so that they come back the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine

from citymodel.errors import FormatError, ParameterError
from citymodel.formats import raster


def _raster(values: np.ndarray, cell: float = 2.0, crs: str | None = "EPSG:25833") -> xr.DataArray:
    rows, columns = values.shape
    coords = {"y": 5_000.0 - (np.arange(rows) + 0.5) * cell, "x": 300.0 + (np.arange(columns) + 0.5) * cell}
    data = xr.DataArray(values, dims=("y", "x"), coords=coords, attrs={"units": "m", "provenance": {"sun": 45}})
    if crs:
        data.attrs["crs"] = crs
    return data


def _heights() -> np.ndarray:
    values = np.arange(300 * 310, dtype=np.float32).reshape(300, 310)
    values[7, 9] = np.nan
    return values


@pytest.mark.parametrize("crs", [None, "EPSG:25833", "EPSG:28992+5709"])
@pytest.mark.parametrize("suffix", [".tif", ".asc"])
def test_a_written_raster_reads_back_the_same(tmp_path: Path, suffix: str, crs: str | None) -> None:
    path = tmp_path / f"dsm{suffix}"
    before = _raster(_heights(), crs=crs)
    raster.write(before, path)
    after = raster.read(path)
    assert after.dtype == np.float32
    np.testing.assert_array_equal(after.values, before.values)
    np.testing.assert_allclose(after["x"], before["x"])
    np.testing.assert_allclose(after["y"], before["y"])
    if suffix == ".tif":
        assert after.attrs.get("crs") == crs
        assert after.attrs["units"] == "m"
        assert after.attrs["provenance"] == '{"sun": 45}'
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_raster_with_its_first_row_in_the_south_is_turned(tmp_path: Path) -> None:
    before = _raster(_heights())
    raster.write(before.isel(y=slice(None, None, -1), x=slice(None, None, -1)), tmp_path / "a.tif")
    np.testing.assert_array_equal(raster.read(tmp_path / "a.tif").values, before.values)
    with rasterio.open(
        tmp_path / "b.tif", "w", driver="GTiff", height=2, width=2, count=1, dtype="int16",
        transform=Affine(1, 0, 10, 0, 1, 20),
    ) as target:  # fmt: skip
        target.write(np.array([[1, 2], [3, 4]], dtype=np.int16), 1)
    turned = raster.read(tmp_path / "b.tif")
    assert turned.values.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert turned["y"].values.tolist() == [21.5, 20.5]


def test_a_box_chooses_the_cells_whose_centres_lie_in_it(tmp_path: Path) -> None:
    raster.write(_raster(_heights()), tmp_path / "a.tif")
    part = raster.read(tmp_path / "a.tif", bbox=(301.0, 4_990.0, 306.9, 4_999.0))
    assert part["x"].values.tolist() == [301.0, 303.0, 305.0]
    assert part["y"].values.tolist() == [4999.0, 4997.0, 4995.0, 4993.0, 4991.0]
    with pytest.raises(ParameterError, match="no cell lies in the box"):
        raster.read(tmp_path / "a.tif", bbox=(0, 0, 1, 1))


def test_info_counts_cells_without_data(tmp_path: Path) -> None:
    raster.write(_raster(_heights()), tmp_path / "a.tif")
    found = raster.info(tmp_path / "a.tif")
    assert found["format"] == "GeoTIFF"
    assert found["size"] == [300, 310]
    assert found["cell"] == [2.0, 2.0]
    assert found["crs"] == "EPSG:25833"
    assert found["bounds"] == [300.0, 4400.0, 920.0, 5000.0]
    assert found["nodata_cells"] == 1


def test_a_mask_of_bytes_keeps_255_for_no_data(tmp_path: Path) -> None:
    raster.write(_raster(np.array([[0, 1], [255, 0]], dtype=np.uint8)), tmp_path / "a.tif")
    with rasterio.open(tmp_path / "a.tif") as source:
        assert source.nodata == 255
        assert source.dtypes == ("uint8",)
        assert source.profile["tiled"]
    assert raster.info(tmp_path / "a.tif")["nodata_cells"] == 1


def test_a_rotated_raster_is_refused(tmp_path: Path) -> None:
    turned = Affine(1.0, 0.5, 0.0, 0.5, -1.0, 0.0)
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", height=2, width=2, count=1, dtype="uint8", transform=turned
    ) as target:
        target.write(np.zeros((1, 2, 2), dtype=np.uint8))
    with pytest.raises(FormatError, match="rotated"):
        raster.read(tmp_path / "a.tif")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    raster.write(_raster(np.random.default_rng(1).random((400, 400), dtype=np.float32)), tmp_path / "a.tif")
    raster.write(_raster(_heights()), tmp_path / "a.asc")
    for name in ("a.tif", "a.asc"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(FormatError):
            raster.info(tmp_path / name)


def test_a_header_that_promises_more_cells_than_the_file_holds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.asc").write_text("ncols 100000\nnrows 100000\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n")
    with pytest.raises(FormatError, match="cut short"):
        raster.read(tmp_path / "a.asc")
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", height=300_000, width=300_000, count=1, dtype="float32",
        sparse_ok=True, tiled=True, blockxsize=4096, blockysize=4096, transform=Affine(2, 0, 0, 0, -2, 0),
    ):  # fmt: skip
        pass
    with pytest.raises(FormatError, match="cannot hold"):
        raster.read(tmp_path / "a.tif")


def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="square"):
        raster.write(_raster(_heights()).assign_coords(x=np.arange(310) * 3.0), tmp_path / "a.asc")
    assert not list(tmp_path.iterdir())


def test_every_raster_of_the_data_reads_and_comes_back_the_same(data: Path, tmp_path: Path) -> None:
    files = [f for pattern in ("*.tif", "*.asc") for f in sorted((data / "solweig_demos").rglob(pattern))]
    assert len(files) >= 8
    for file in files:
        before, found = raster.read(file), raster.info(file)
        assert found["nodata_cells"] == int(np.isnan(before.values).sum())
        raster.write(before, tmp_path / "a.tif")
        np.testing.assert_array_equal(raster.read(tmp_path / "a.tif").values, before.values)


def test_the_crs_and_grid_of_real_rasters_are_known(data: Path) -> None:
    found = raster.info(data / "solweig_demos/bilbao/DEM.tif")
    assert (found["size"], found["crs"]) == ([680, 680], "EPSG:25830")
    south_up = data / "ign_ctview/raster/test_data_0000_0000_LA93_IGN69_ground_DTM_1M_Laplace.tif"
    assert raster.info(south_up)["bounds"] == [770500.0, 6277500.0, 770550.0, 6277550.0]


def test_an_ascii_grid_has_the_coordinate_system_of_the_prj_beside_it(tmp_path: Path) -> None:
    from pyproj import CRS

    path = tmp_path / "dem.asc"
    path.write_text("ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n")
    (tmp_path / "dem.prj").write_text(CRS("EPSG:27700").to_wkt("WKT1_ESRI"))
    assert raster.read(path).attrs["crs"] == raster.info(path)["crs"] == "EPSG:27700"
    (tmp_path / "dem.prj").write_text("no such thing")
    assert raster.info(path)["crs"] is None
