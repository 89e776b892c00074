"""LAS, LAZ and COPC are read exactly, written whole, and refused in one line where they are broken."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import laspy
import numpy as np
import pytest

from citymodel.errors import FormatError, ParameterError
from citymodel.formats import las
from citymodel.points import PointCloud

COUNTS = {
    "delft_3dfier/ahn3/ahn3_cropped_1.laz": (640510, {1: 196137, 2: 195988, 6: 246753, 9: 267, 26: 1365}),
    "delft_3dfier/ahn3/ahn3_cropped_2.laz": (208432, {1: 86308, 2: 87130, 6: 33312, 9: 568, 26: 1114}),
    "ign_pdal_tools/decimated_laz/test_semis_2023_0292_6833_LA93_IGN69.laz": (
        289055,
        {1: 11861, 2: 152678, 3: 3124, 4: 5962, 5: 71684, 6: 43278, 17: 267, 64: 47, 66: 12, 67: 142},
    ),
}
POINTS = {
    "ign_ctview/laz/test_data_77050_627755_LA93_IGN69.laz": 84524,
    "ign_ctview/laz/test_data_77050_627760_LA93_IGN69.laz": 56035,
    "ign_ctview/laz/test_data_77055_627755_LA93_IGN69.laz": 72770,
    "ign_ctview/laz/test_data_77055_627760_LA93_IGN69.laz": 60653,
    "ign_ctview/laz/test_data_77060_627755_LA93_IGN69.laz": 83518,
    "ign_ctview/laz/test_data_77060_627760_LA93_IGN69.laz": 59606,
    "ign_ctview/las/classee/test_data_77050_627755_LA93_IGN69.copc.laz": 21172,
    "pdal_copc/lone-star.copc.laz": 518862,
    "pdal_copc/1.2-with-color.copc.laz": 1065,
}
SYSTEMS = {
    "pdal_copc/lone-star.copc.laz": "EPSG:4978",
    "pdal_autzen/autzen.las": "EPSG:2994",
    "pdal_autzen/autzen-bmx-2010.las": "EPSG:2991+6360",
    "pdal_autzen/autzen-dd.las": "EPSG:4326",
    "pdal_las/4_6_crop.las": "EPSG:2903+6360",
    "laspy_tests/file_with_both_wkt_and_geotiff_vlrs.las": "EPSG:6880",
    "ign_ctview/las/2_LAS/numero1.las": "EPSG:2154",
    "delft_3dfier/ahn3/ahn3_cropped_1.laz": None,
}


def _cloud(n: int = 1000, crs: str | None = "EPSG:28992+5709") -> PointCloud:
    random = np.random.default_rng(3)
    return PointCloud(
        xyz=random.integers(-(2**31), 2**31 - 1, (n, 3)).astype(np.int32),
        scale=np.array([0.001, 0.002, 0.01]),
        offset=np.array([85_000.0, 447_000.0, -3.0]),
        columns={
            "classification": random.integers(0, 255, n).astype(np.uint8),
            "intensity": random.integers(0, 65_535, n).astype(np.uint16),
            "return_number": random.integers(1, 16, n).astype(np.uint8),
            "number_of_returns": random.integers(1, 16, n).astype(np.uint8),
            "rgb": random.integers(0, 65_535, (n, 3)).astype(np.uint16),
            "gps_time": random.random(n),
            "height_above_ground": random.random(n).astype(np.float32),
        },
        crs=crs,
    )


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("n", [0, 1, 70_000])
@pytest.mark.parametrize("crs", [None, "EPSG:25833", "EPSG:28992+5709", "EPSG:4978", "EPSG:4979"])
def test_a_written_cloud_reads_back_the_same(tmp_path: Path, suffix: str, n: int, crs: str | None) -> None:
    before, path = _cloud(n, crs), tmp_path / f"a{suffix}"
    las.write(before, path)
    after = las.read(path, columns="all")
    assert after.crs == crs
    np.testing.assert_array_equal(after.xyz, before.xyz)
    np.testing.assert_array_equal(after.scale, before.scale)
    for name, column in before.columns.items():
        np.testing.assert_array_equal(after.columns[name], column)
    found = las.info(path)
    assert (found["points"], found["version"]) == (n, "1.4")
    assert sum(found["classes"].values()) == n
    assert found["bounds"] == (list(before.bounds() or ()) or None)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_default_columns_take_16_bytes_a_point(tmp_path: Path) -> None:
    las.write(_cloud(5000), tmp_path / "a.laz")
    cloud = las.read(tmp_path / "a.laz")
    assert set(cloud.columns) == {"classification", "intensity", "return_number", "number_of_returns"}
    stored = [cloud.xyz, cloud.columns._returns, *cloud.columns._arrays.values()]  # type: ignore[attr-defined]
    assert sum(array.nbytes for array in stored) == 16 * len(cloud)


def test_a_box_and_classes_choose_points(tmp_path: Path) -> None:
    cloud = _cloud(5000)
    las.write(cloud, tmp_path / "a.laz")
    x, y, z = cloud.coordinates().T
    low, high = np.percentile(cloud.coordinates(), [20, 80], axis=0)
    inside = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    chosen = las.read(tmp_path / "a.laz", bbox=(*low[:2], *high[:2]))
    np.testing.assert_array_equal(chosen.xyz, cloud.xyz[inside])
    inside &= (z >= low[2]) & (z <= high[2]) & np.isin(cloud.columns["classification"], [2, 6, 9])
    chosen = las.read(tmp_path / "a.laz", bbox=(*low, *high), classes=(2, 6, 9))
    np.testing.assert_array_equal(chosen.columns["return_number"], cloud.columns["return_number"][inside])
    with pytest.raises(ParameterError, match="lower corner"):
        las.read(tmp_path / "a.laz", bbox=(5, 5, 0, 0))


def test_a_column_the_file_lacks_is_counted_not_fatal(tmp_path: Path) -> None:
    las.write(_cloud(), tmp_path / "a.las")
    cloud = las.read(tmp_path / "a.las", columns=["rgb", "amplitude"])
    assert set(cloud.columns) == {"rgb"}
    assert cloud.report.counts == {"absent-column": 1}


def test_no_points_are_a_warning(tmp_path: Path) -> None:
    las.write(_cloud(0), tmp_path / "a.las")
    found = las.info(tmp_path / "a.las")
    assert found["bounds"] is None
    assert [w["code"] for w in found["warnings"]] == ["no-points"]


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.03, 0.3, 0.7, 0.999])
def test_a_file_that_is_cut_short_says_so(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a{suffix}"
    las.write(_cloud(70_000), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    for door in (las.info, las.read):
        with pytest.raises(FormatError) as caught:
            door(path)
        assert "\n" not in str(caught.value)
    if share >= 0.03:
        assert "of 70,000 points are present" in str(caught.value)


@pytest.mark.parametrize(
    ("at", "layout", "value", "says"),
    [
        (0, "<4s", b"LASX", "LASF"),
        (24, "<B", 9, "known are 1.0 to 1.4"),
        (94, "<H", 100, "header has 100 bytes"),
        (96, "<I", 2**31, "points begin at"),
        (100, "<I", 2**32 - 1, "room for"),
        (104, "<B", 63, "point format 63"),
        (105, "<H", 3, "bytes a point"),
        (247, "<Q", 2**60, "points are present"),
    ],
)
def test_a_forged_header_is_refused(tmp_path: Path, at: int, layout: str, value: object, says: str) -> None:
    path = tmp_path / "a.las"
    las.write(_cloud(100), path)
    raw = bytearray(path.read_bytes())
    struct.pack_into(layout, raw, at, value)
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=says):
        las.info(path)


def test_forged_laz_counts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.laz"
    las.write(_cloud(100), path)
    whole = path.read_bytes()
    start = struct.unpack_from("<I", whole, 96)[0]
    table = struct.unpack_from("<q", whole, start)[0]
    for at, layout, value in ((247, "<Q", 2**50), (table + 4, "<I", 2**31), (start, "<q", 7), (start, "<q", 2**50)):
        raw = bytearray(whole)
        struct.pack_into(layout, raw, at, value)
        path.write_bytes(raw)
        with pytest.raises(FormatError):
            las.read(path)


def test_a_forged_length_of_a_layer_is_refused_before_a_buffer_of_it_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a.laz"
    las.write(_cloud(), path)
    content = bytearray(path.read_bytes())
    start, record = struct.unpack_from("<I", content, 96)[0], struct.unpack_from("<H", content, 105)[0]
    struct.pack_into("<I", content, start + 8 + record + 4, 3_000_000_000)
    path.write_bytes(content)
    for use in (las.info, las.read):
        with pytest.raises(FormatError, match=r"chunk 1 of 1: names streams of 3,0"):
            use(path)


def test_flipped_bytes_never_take_more_than_one_line(tmp_path: Path) -> None:
    """Either the file still reads, or a FormatError says why not."""
    path = tmp_path / "a.laz"
    las.write(_cloud(2000), path)
    whole = path.read_bytes()
    random = np.random.default_rng(5)
    said = []
    for _ in range(60):
        raw = bytearray(whole)
        for at in random.integers(0, len(raw), 3):
            raw[at] ^= int(random.integers(1, 256))
        path.write_bytes(raw)
        try:
            las.info(path)
        except FormatError as error:
            said.append(str(error))
    assert said
    assert not any("\n" in line for line in said)


@pytest.mark.parametrize("name", COUNTS)
def test_points_and_classes_of_real_tiles_are_counted_exactly(data: Path, name: str) -> None:
    points, classes = COUNTS[name]
    found = las.info(data / name)
    assert found["points"] == points
    assert found["classes"] == {str(code): count for code, count in classes.items()}
    cloud = las.read(data / name, classes=(2,))
    assert len(cloud) == classes[2]


@pytest.mark.parametrize("name", POINTS)
def test_points_of_real_files_are_counted_exactly(data: Path, name: str) -> None:
    assert las.info(data / name)["points"] == POINTS[name]
    assert len(las.read(data / name)) == POINTS[name]


def test_delft_lies_where_it_lies(data: Path) -> None:
    found = [las.info(data / f"delft_3dfier/ahn3/ahn3_cropped_{k}.laz")["bounds"] for k in (1, 2)]
    low, high = np.min(found, axis=0)[:3], np.max(found, axis=0)[3:]
    np.testing.assert_allclose(low, [84808.3, 447412.8, -0.61], atol=0.05)
    np.testing.assert_allclose(high, [85072.3, 447641.3, 26.33], atol=0.05)


@pytest.mark.parametrize("name", SYSTEMS)
def test_coordinate_systems_of_real_files_are_known(data: Path, name: str) -> None:
    assert las.info(data / name)["crs"] == SYSTEMS[name]


def test_a_box_of_a_copc_gives_the_same_points_as_the_whole(data: Path) -> None:
    path = data / "pdal_copc/lone-star.copc.laz"
    whole = las.read(path)
    where = whole.coordinates()
    low, high = where.min(axis=0), where.mean(axis=0)
    inside = ((where >= low) & (where <= high)).all(axis=1)
    part = las.read(path, bbox=(*low, *high))
    assert sorted(map(tuple, part.xyz)) == sorted(map(tuple, whole.xyz[inside]))
    assert len(las.read(path, bbox=(0.0, 0.0, 1.0, 1.0))) == 0
    assert 0 < len(las.read(path, resolution=10.0)) < len(whole)


def _pointwise(path: Path) -> None:
    """Turn a LAZ of one chunk into one of LASzip's first compressor, which had no chunks and no table of them."""
    raw = bytearray(path.read_bytes())
    start = struct.unpack_from("<I", raw, 96)[0]
    table = struct.unpack_from("<q", raw, start)[0]
    record = raw.index(b"laszip encoded") - 2 + 54
    assert struct.unpack_from("<H", raw, record)[0] == 2
    struct.pack_into("<H", raw, record, 1)
    path.write_bytes(raw[:start] + raw[start + 8 : table])


def test_the_old_pointwise_compressor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.laz"
    old = laspy.LasData(laspy.LasHeader(point_format=3, version="1.2"))
    x = np.cumsum(np.random.default_rng(2).integers(-50, 50, 3000)).astype(np.int32)
    old.X, old.Y, old.Z, old.intensity, old.classification = x, x[::-1], x // 7, np.abs(x) % 999, np.abs(x) % 7
    old.write(path)
    before = las.read(path)
    _pointwise(path)
    after = las.read(path)
    np.testing.assert_array_equal(after.xyz, before.xyz)
    np.testing.assert_array_equal(after.columns["intensity"], before.columns["intensity"])
    assert las.info(path)["points"] == 3000
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(FormatError):
        las.info(path)


FOLDERS = ("laspy_tests", "pdal_las", "pdal_laz", "pdal_autzen", "pdal_copc", "ign_ctview", "ign_pdal_tools")


def test_every_file_of_the_data_reads_or_gives_one_line_within_2_gb(data: Path) -> None:
    """In a process of its own, whose address space ends at 2 GB."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from citymodel.formats import las\nfrom citymodel.errors import FormatError\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n        assert len(las.read(name, columns='all')) == las.info(name)['points'], name\n"
        "    except FormatError as error:\n        print(error)\n"
    )
    files = [str(f) for folder in FOLDERS for f in sorted((data / folder).rglob("*.la[sz]"))]
    assert len(files) > 80
    done = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    refused = done.stdout.splitlines()
    assert len(refused) == 2
    assert "bad_vlr_count.las" in refused[0]
    assert "1.2-no-points.las" in refused[1]
