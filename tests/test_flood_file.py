"""A flood's NetCDF: readable at any moment, by us, by netCDF4, xarray and SciPy, and honest about how it ended."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from flood_cases import Kept, channel, rained_on

from citymodel import formats
from citymodel.analysis.flood.simulate import simulate
from citymodel.errors import Cancelled, FormatError, RanAway, ResourceError
from citymodel.formats.flood_nc import FloodFile, FloodFrames, read
from citymodel.jobs import Job

BEGINS = datetime(2026, 7, 14, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kept]:
    """A channel with rain, gauges, sections and velocities, written and kept in lists."""
    from citymodel.flood.run import Gauge
    from kernels.flood_sources import Rain

    case = channel(velocities=True, begins=BEGINS, duration=900.0, every=300.0)
    x0, y0 = case.grid.x0, case.grid.y0
    case = replace(
        case, gauges=(Gauge("Brücke", x0 + 61, y0 - 5), Gauge("end", x0 + 119, y0 - 5)),
        sources=(*case.sources, Rain([0.0, 600.0], [20.0, 0.0])), facts={"inputs": [{"path": "a.tif"}]},
    )  # fmt: skip
    path, kept = tmp_path_factory.mktemp("flood") / "out.nc", Kept()
    simulate(case, kept, device="cpu")
    with FloodFile(path, title="A channel", provenance={"command": "test"}) as file:
        simulate(case, file, device="cpu")
    return path, kept


def test_a_level_counts_from_the_ground_of_its_time(tmp_path: Path) -> None:
    from citymodel.analysis.flood.shown import place_in
    from citymodel.flood.run import NewGround

    case = rained_on()
    dug = case.terrain.copy()
    dug[8:12, 13:17] -= 0.5  # around the gauge
    case = replace(case, changes=(NewGround(1350.0, dug, None),))
    with FloodFile(tmp_path / "dug.nc") as file:
        simulate(case, file, device="cpu")
    result = read(tmp_path / "dug.nc")
    frames, (gauge,) = result.water["base"], case.gauges
    assert frames.at(900.0).ground is None
    for seconds in (1400.0, 1800.0):
        assert np.array_equal(frames.at(seconds).ground, dug.astype(np.float32))
    readings = frames.readings()
    for seconds in (900.0, 1800.0, 3600.0):
        level = readings["level"][np.searchsorted(readings["time"], seconds), 0]
        assert place_in(result, gauge.x, gauge.y, seconds)["base"].level == pytest.approx(level, abs=1e-4)


def test_netcdf4_reads_what_was_computed(written: tuple[Path, Kept]) -> None:
    import netCDF4

    path, kept = written
    with netCDF4.Dataset(path) as file:
        assert file.data_model == "NETCDF3_64BIT_OFFSET"
        assert file.Conventions == "CF-1.11"
        assert file["time"][:].tolist() == kept.times
        assert file["time"].units == "seconds since 2026-07-14T15:00:00+00:00"
        assert np.array_equal(file["depth"][-1].filled(np.nan), kept.frames_kept[-1], equal_nan=True)
        east = file["east"][-1].filled(np.nan)
        assert np.abs(east - kept.velocities[-1][0]).max() <= 0.00051
        for name, one in kept.outcome.maps.items():
            assert np.array_equal(file[name][:].filled(np.nan), one, equal_nan=True), name
        assert file["gauge_level"].shape == (16, 2)
        assert np.allclose(file["gauge_depth"][-1], kept.read[-1][2], rtol=0, atol=0)
        assert np.allclose(file["section_discharge"][:, 0], [one[4][0] for one in kept.read])
        assert file["gauge_name"][:].tolist() == ["Brücke", "end"]
        assert file.volume_in == kept.outcome.balance["volume_in"]
        assert file.volume_in == pytest.approx(file.volume_out + file.volume_stored + file.volume_error)
        assert json.loads(file.balance) == dict(kept.outcome.balance)
        assert file.complete == 1
        assert file.status.strip() == "complete"
        proof = json.loads(file.provenance)
        assert proof["inputs"] == [{"path": "a.tif"}]
        assert proof["command"] == "test"
        assert proof["device"] == "cpu"
        assert "numpy" in proof["versions"]


def test_xarray_and_rioxarray_read_it_with_time_and_place(written: tuple[Path, Kept]) -> None:
    import rioxarray  # noqa: F401  (adds .rio)
    import xarray

    path, kept = written
    with xarray.open_dataset(path, decode_coords="all") as found:
        assert str(found["time"].values[1])[:19] == "2026-07-14T15:05:00"
        assert found["gauge_name"].values.tolist() == ["Brücke", "end"]
        assert found.rio.crs.to_epsg() == 25833
        assert found["depth"].rio.crs.to_epsg() == 25833
        assert float(found["y"][0]) > float(found["y"][-1])
        assert found["hazard_class_uk"].attrs["flag_meanings"].startswith("dry low")
        assert float(found["max_depth"].max()) == float(np.nanmax(kept.outcome.maps["max_depth"]))


def test_a_case_without_a_clock_opens_too(tmp_path: Path) -> None:
    import xarray

    path = tmp_path / "out.nc"
    with FloodFile(path) as file:
        simulate(rained_on(duration=120.0, every=60.0), file, device="cpu")
    with xarray.open_dataset(path) as found:
        assert found["time"].values.tolist() == [0.0, 60.0, 120.0]
    assert FloodFrames(path).begins is None


def test_scipy_reads_it(written: tuple[Path, Kept]) -> None:
    from scipy.io import netcdf_file

    path, kept = written
    with netcdf_file(path, mmap=False) as file:
        assert file.variables["time"][:].tolist() == kept.times
        assert np.array_equal(file.variables["depth"][-1], kept.frames_kept[-1], equal_nan=True)


def test_gdal_finds_the_place_of_a_map(written: tuple[Path, Kept]) -> None:
    import rasterio

    path, _ = written
    with rasterio.Env(), rasterio.open(f"netcdf:{path}:max_depth") as source:
        assert source.crs.to_epsg() == 25833
        assert tuple(source.bounds) == (390000.0, 5819988.0, 390120.0, 5820000.0)


def test_frames_give_the_moments_and_what_lies_between(written: tuple[Path, Kept]) -> None:
    path, kept = written
    frames = FloodFrames(path)
    assert frames.complete
    assert frames.begins == BEGINS
    assert frames.times.tolist() == kept.times
    assert np.array_equal(frames.at(300.0).depth, kept.frames_kept[1], equal_nan=True)
    middle = frames.at(450.0)
    assert middle.time == 450.0
    assert np.allclose(middle.depth, (kept.frames_kept[1] + kept.frames_kept[2]) / 2, equal_nan=True)
    assert middle.east is not None
    assert np.array_equal(frames.at(-5.0).depth, kept.frames_kept[0], equal_nan=True)
    assert np.array_equal(frames.at(1e9).depth, kept.frames_kept[-1], equal_nan=True)
    read_ = frames.readings()
    assert read_["gauges"] == ["Brücke", "end"]
    assert read_["sections"] == ["across", "back", "slanted", "edge"]
    assert read_["time"].tolist() == [one[0] for one in kept.read]
    assert read_["discharge"].shape == (16, 4)


def test_it_comes_back_as_a_result_with_maps_tables_and_water(written: tuple[Path, Kept]) -> None:
    path, kept = written
    result = formats.read(path)
    assert result.analysis == "flood"
    assert result.title == "A channel"
    assert result.provenance["begins"] == BEGINS.isoformat()
    assert np.array_equal(result.fields["max_depth"].data, kept.outcome.maps["max_depth"], equal_nan=True)
    assert result.fields["by_gauge"].data["id"] == ["Brücke", "end"]
    assert result.fields["by_section"].data["discharge_most_base"][0] < 0
    table = result.fields["balance"].data
    volumes = dict(zip(table["id"], table["volume_m3_base"], strict=True))
    assert volumes["rain"] == kept.outcome.balance["source_rain"]
    assert volumes["over the east edge"] == kept.outcome.balance["side_east"]
    arrival = result.fields["arrival_time"].data.values * 60
    wet = np.isfinite(kept.outcome.maps["arrival_time"])
    assert np.allclose(arrival[wet], kept.outcome.maps["arrival_time"][wet])
    assert all(one.legend for one in result.fields.values() if hasattr(one.data, "rio"))
    assert result.water["base"].times.tolist() == kept.times
    told = formats.info(path)
    assert told["complete"] is True
    assert told["frames"] == 4
    assert told["crs"] == "EPSG:25833"


def test_frames_may_be_read_by_another_thread_while_the_file_grows(tmp_path: Path) -> None:
    path, wrong, seen = tmp_path / "out.nc", [], set()
    done = threading.Event()

    def look(frames: FloodFrames) -> None:
        try:
            while not done.is_set():
                times = frames.times
                if len(times):
                    moment = frames.at(float(times[-1]))
                    assert np.isfinite(moment.depth).all()
                    assert len(times) == 1 or moment.depth.max() > 0
                    seen.add(len(times))
        except BaseException as failed:
            wrong.append(failed)

    threads: list[threading.Thread] = []
    from citymodel.analysis.flood.control import Control

    def watch(name: str, frames: FloodFrames, _now: float) -> None:
        assert name == "base"
        if not threads:
            threads.append(threading.Thread(target=look, args=(frames,)))
            threads[0].start()

    with FloodFile(path) as file:
        simulate(rained_on(every=10.0), file, device="cpu", control=Control(watch))
    done.set()
    threads[0].join(20)
    assert not wrong
    assert len(seen) > 3


_KILLED = """
import sys
sys.path[:0] = {paths!r}
from flood_cases import rained_on
from citymodel.analysis.flood.simulate import simulate
from citymodel.formats.flood_nc import FloodFile
case = rained_on(every=4.0, velocities=True)
print("ready", flush=True)
with FloodFile({path!r}) as file:
    simulate(case, file, device="cpu")
print("done", flush=True)
"""


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_whole_frames_that_all_can_read(tmp_path: Path) -> None:
    import netCDF4
    import xarray
    from scipy.io import netcdf_file

    root = Path(__file__).resolve().parent
    counts = []
    for trial in range(4):
        path = tmp_path / f"{trial}.nc"
        code = _KILLED.format(paths=[str(root), str(root.parent)], path=str(path))
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        until = time.monotonic() + 60
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(0.02 + 0.03 * trial)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        frames = FloodFrames(path)
        counts.append(len(frames.times))
        assert frames.times.tolist() == [4.0 * k for k in range(counts[-1])]
        assert all(np.isfinite(frames.frame(k).depth).all() for k in range(counts[-1]))
        assert not frames.complete
        assert frames.said("status").startswith("running")
        with netCDF4.Dataset(path) as file:
            assert len(file["time"]) == counts[-1]
            assert not np.ma.is_masked(file["depth"][:])
            assert file.complete == 0
        with xarray.open_dataset(path) as found:
            assert found.sizes["time"] == counts[-1]
        with netcdf_file(path, mmap=False) as old:
            assert old.variables["depth"].shape[0] == counts[-1]
        result = read(path)
        assert any("is not whole" in note for note in result.notes)
    assert max(counts) > 0


def test_an_existing_file_stays_until_the_run_has_begun_well(tmp_path: Path) -> None:
    path = tmp_path / "out.nc"
    path.write_bytes(b"an older flood")
    with pytest.raises(Exception, match="duration above 0"), FloodFile(path) as file:
        simulate(rained_on(duration=0.0), file, device="cpu")
    assert path.read_bytes() == b"an older flood"
    assert [one.name for one in tmp_path.iterdir()] == ["out.nc"]


def test_a_cancelled_run_says_so_in_its_file(tmp_path: Path) -> None:
    path, job = tmp_path / "out.nc", Job("flood")
    job.listener = lambda one: one.cancel() if one.fraction > 0.3 else None
    with pytest.raises(Cancelled), FloodFile(path) as file:
        simulate(rained_on(), file, job, "cpu")
    frames = FloodFrames(path)
    assert not frames.complete
    assert frames.said("status").startswith("cancelled, the last frame is of")


def test_a_run_that_ran_away_says_so_in_its_file(tmp_path: Path) -> None:
    from kernels.flood_sources import Inflow

    path = tmp_path / "out.nc"
    case = rained_on(sources=(Inflow([[10, 15]], [0.0, 600.0], [0.0, 4e6]),))
    with pytest.raises(RanAway) as wrong, FloodFile(path) as file:
        simulate(case, file, device="cpu")
    frames = FloodFrames(path)
    assert not frames.complete
    assert "too deep or too quick" in frames.said("status")
    assert frames.times[-1] == wrong.value.time
    assert np.isfinite(frames.frame(len(frames.times) - 1).depth).all()


def test_a_disk_without_room_is_told_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 1000})())
    with (
        pytest.raises(ResourceError, match=r"the flood needs \d+\.\d MB, 0\.0 MB are free in .*free space"),
        FloodFile(tmp_path / "out.nc") as file,
    ):
        simulate(rained_on(), file, device="cpu")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process's files are a thing of Unix")
def test_a_disk_that_fills_ends_the_run_in_one_line_and_the_file_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "out.nc"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def run() -> None:
        try:
            with FloodFile(path) as file:
                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
                simulate(rained_on(every=60.0), file, device="cpu")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with pytest.raises(ResourceError, match=r"out\.nc: the disk is full .* up to \d+") as wrong:
        run()
    assert "\n" not in str(wrong.value)
    frames = FloodFrames(path)
    assert 0 < len(frames.times) < 61
    assert np.isfinite(frames.frame(len(frames.times) - 1).depth).all()
    assert "the disk is full" in frames.said("status")


def test_a_file_cut_anywhere_or_with_any_byte_changed_is_refused_or_read(written: tuple[Path, Kept]) -> None:
    path, _ = written
    whole = path.read_bytes()
    torn = path.with_name("torn.nc")
    rng = np.random.default_rng(7)
    refused = 0
    for trial in range(300):
        data = bytearray(whole)
        if trial % 3 == 0:
            data = data[: int(rng.integers(5, len(data)))]
        else:
            for at in rng.integers(4, min(6000, len(data)), size=int(rng.integers(1, 6))):
                data[at] = int(rng.integers(256))
        torn.write_bytes(data)
        try:
            read(torn)
        except (FormatError, ResourceError):
            refused += 1
    assert refused > 100


def test_other_netcdf_is_refused_in_plain_words(tmp_path: Path) -> None:
    import netCDF4

    for kind, words in (("NETCDF4", "NetCDF-4"), ("NETCDF3_CLASSIC", "without depth")):
        path = tmp_path / f"{kind}.nc"
        with netCDF4.Dataset(path, "w", format=kind) as file:
            file.createDimension("t", 3)
            file.createVariable("temperature", "f4", ("t",))[:] = 1
        with pytest.raises(FormatError, match=words):
            formats.read(path)
