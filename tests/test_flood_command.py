"""`citymodel flood`: the contract's case and file, and what is said where it cannot be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import rasterio
from affine import Affine

from citymodel.analysis.flood import estimate
from citymodel.analysis.flood.from_file import case_of
from citymodel.cli import main
from citymodel.commands import flood
from citymodel.formats import flood_case

ROOT = Path(__file__).resolve().parent.parent


def outcome(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = 0
    try:
        main([str(word) for word in words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def raster(path: Path, values: Any, cell: float = 10.0) -> Path:
    array = np.asarray(values, np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", height=array.shape[0], width=array.shape[1], count=1, dtype="float32",
        crs="EPSG:25833", nodata=np.nan, transform=Affine(cell, 0.0, 0.0, 0.0, -cell, array.shape[0] * cell),
    ) as file:  # fmt: skip
        file.write(array, 1)
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A valley that falls to the south, with rain, an inflow in the north and a gauge; half an hour."""
    x = np.abs(np.arange(30) - 14.5)
    raster(tmp_path / "dem.tif", 30.0 + 0.05 * x[None, :] + 0.02 * np.arange(40)[::-1, None])
    (tmp_path / "storm.csv").write_text("seconds,mm_per_hour\n0,60\n900,0\n")
    (tmp_path / "hydrograph.csv").write_text("seconds,m3_per_s\n0,0\n600,3\n1200,0\n")
    path = tmp_path / "case.toml"
    path.write_text(
        'terrain = "dem.tif"\nduration = "30min"\noutput_every = "10min"\nmanning = 0.03\n'
        '[[rain]]\nseries = "storm.csv"\n'
        '[[inflow]]\nline = [[100.0, 400.0], [200.0, 400.0]]\nseries = "hydrograph.csv"\n'
        '[boundary]\nsouth = "open"\n'
        '[[gauge]]\nname = "P1"\nx = 145.0\ny = 205.0\n'
    )
    return path


def test_the_file_holds_what_the_contract_names(case, tmp_path, capsys):
    out = tmp_path / "out.nc"
    code, said, err = outcome(capsys, "flood", case, "-o", out, "--json", "--device", "cpu")
    assert code == 0, err
    answer = json.loads(said)
    with netCDF4.Dataset(out) as file:
        file.set_auto_mask(False)
        assert file.complete == 1
        assert file.title == "Flood: 15 mm of rain in 15 min and an inflow"
        assert file["depth"].dimensions == ("time", "y", "x")
        assert file["time"][:].tolist() == [0.0, 600.0, 1200.0, 1800.0]
        maps = ("max_depth", "max_speed", "max_unit_discharge", "arrival_time", "wet_duration", "hazard")
        for name in maps:
            assert file[name].dimensions == ("y", "x")
        for name in ("gauge_level", "gauge_depth", "gauge_speed"):
            assert file[name].dimensions == ("time_gauge", "gauge")
        assert np.diff(file["time_gauge"][:]).max() <= 60.0
        assert np.isfinite(file["gauge_level"][:]).all()
        rain, river = 0.060 * 0.25 * 300 * 400, 0.5 * 1200 * 3
        assert file.volume_in == pytest.approx(rain + river, rel=1e-5)
        assert file.volume_out + file.volume_stored + file.volume_error == pytest.approx(file.volume_in, rel=1e-9)
        assert abs(file.volume_error) <= 1e-6 * file.volume_in
        assert float(file["depth"][-1].sum()) * 100 == pytest.approx(file.volume_stored, rel=1e-5)
        facts = json.loads(file.provenance)
    assert {one["file"] for one in facts["inputs"]} == {"case.toml", "dem.tif", "storm.csv", "hydrograph.csv"}
    assert answer["volumes"]["volume_in"] == pytest.approx(rain + river, rel=1e-5)
    assert answer["output"] == str(out)
    assert answer["device"] == "cpu"
    assert answer["complete"] is True
    assert answer["steps"] > 0
    assert answer["maxima"]["max_depth"]["value"] > 0.01


def test_a_run_that_goes_on_from_a_state_ends_as_one_that_never_stopped(case, tmp_path, capsys):
    whole, first, second = (tmp_path / name for name in ("whole.nc", "first.nc", "second.nc"))
    assert outcome(capsys, "flood", case, "-o", whole, "--device", "cpu")[0] == 0
    short = tmp_path / "short.toml"
    short.write_text(case.read_text().replace('"30min"', '"20min"'))
    words = ["flood", short, "-o", first, "--save-state", tmp_path / "half.npz", "--device", "cpu"]
    assert outcome(capsys, *words)[0] == 0
    words = ["flood", case, "-o", second, "--restart", tmp_path / "half.npz", "--device", "cpu"]
    code, _, err = outcome(capsys, *words)
    assert code == 0, err
    with netCDF4.Dataset(whole) as a, netCDF4.Dataset(second) as b:
        assert (np.asarray(a["depth"][-1]) == np.asarray(b["depth"][-1])).all()
        assert (np.asarray(a["max_depth"][:]) == np.asarray(b["max_depth"][:])).all()
        assert a.volume_in == b.volume_in
        assert a.volume_out == b.volume_out


def test_a_rain_of_rasters_with_thousands_of_cells_goes_on_from_its_state(tmp_path, capsys):
    raster(tmp_path / "dem.tif", np.zeros((70, 70)))
    raster(tmp_path / "rain.tif", np.linspace(10.0, 50.0, 4900).reshape(70, 70))
    text = 'terrain = "dem.tif"\nduration = 120\noutput_every = 60\n[[rain]]\nrasters = ["rain.tif"]\nevery = "1h"\n'
    short, whole, state = tmp_path / "short.toml", tmp_path / "whole.toml", tmp_path / "s.npz"
    whole.write_text(text)
    short.write_text(text.replace("duration = 120", "duration = 60"))
    a, b = tmp_path / "a.nc", tmp_path / "b.nc"
    words = ["flood", short, "-o", a, "--save-state", state, "--device", "cpu"]
    assert outcome(capsys, *words)[0] == 0
    code, out, err = outcome(capsys, "flood", whole, "-o", b, "--restart", state, "--device", "cpu", "--json")
    assert code == 0, err
    expected = 30.0 / 1000 / 3600 * 120 * 4900 * 100
    assert json.loads(out)["volumes"]["source_rain"] == pytest.approx(expected, rel=1e-4)  # whole units of 2⁻²⁴ m


def test_a_restart_does_not_write_over_the_frames_before_it(case, tmp_path, capsys):
    out = tmp_path / "out.nc"
    assert outcome(capsys, "flood", case, "-o", out, "--save-state", tmp_path / "a.npz", "--device", "cpu")[0] == 0
    code, _, err = outcome(capsys, "flood", case, "-o", out, "--restart", tmp_path / "a.npz")
    assert code == 1
    assert "would lose the frames before the restart" in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"30min"', '"0s"', "duration"),
        ("manning = 0.03", "manning = -0.03", "Manning's n is never negative"),
        ("manning = 0.03", "mannning = 0.03", "is manning meant?"),
        ("[100.0, 400.0], [200.0, 400.0]", "[100.0, 900.0], [200.0, 900.0]", "lies outside the terrain"),
        ('south = "open"', 'south = "open"\nduration = "1h"', "stand before the first table"),
        ("x = 145.0", "x = 1450.0", "lies outside"),
        ('"dem.tif"', '"dam.tif"', "there is no such file"),
        ('"storm.csv"', '"hydrograph.csv"', "no unit of rain"),
    ],
)
def test_a_case_that_cannot_be_is_one_plain_line_and_leaves_nothing(case, tmp_path, capsys, old, new, said):
    text = case.read_text()
    assert old in text
    case.write_text(text.replace(old, new))
    code, out, err = outcome(capsys, "flood", case, "-o", tmp_path / "out.nc")
    assert (code, out) == (1, "")
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert said in errors[0]
    assert err.splitlines()[-1] == errors[0]
    assert not list(tmp_path.glob("*.nc"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ("0,0\n600,3\n", "has no header, so its unit is unknown"),
        ("seconds,flow\n0,0\n600,3\n", "m3_per_s"),
        ("seconds,m3_per_s\n600,0\n0,3\n", "line 3"),
        ("seconds,m3_per_s\n0,0\n600,\n", "is empty"),
    ],
)
def test_a_broken_hydrograph_is_one_plain_line(case, tmp_path, capsys, series, said):
    (tmp_path / "hydrograph.csv").write_text(series)
    code, out, err = outcome(capsys, "flood", case, "-o", tmp_path / "out.nc")
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("*.nc"))


def test_holes_in_the_terrain_are_told_before_the_run_and_once(case, tmp_path, capsys):
    with rasterio.open(tmp_path / "dem.tif") as file:
        z = file.read(1)
    z[20:22, 14:16] = np.nan
    raster(tmp_path / "dem.tif", z)
    case.write_text(case.read_text().replace("x = 145.0", "x = 55.0"))
    code, _, err = outcome(capsys, "flood", case, "-o", tmp_path / "out.nc", "--device", "cpu")
    assert code == 0, err
    assert err.count("holes inside, 400 m²") == 1
    assert "145 195" in err


def test_water_given_in_millimetres_is_warned_of(case, tmp_path, capsys):
    case.write_text(case.read_text().replace("manning", "initial_depth = 60.0\nmanning"))
    made = case_of(flood_case.read(case))
    assert any("were millimetres given for metres?" in note for note in made.notes)


def test_the_result_does_not_replace_an_input(case, tmp_path, capsys):
    os.link(tmp_path / "dem.tif", tmp_path / "dem.nc")
    code, _, err = outcome(capsys, "flood", case, "-o", tmp_path / "dem.nc")
    assert code == 2
    assert "is an input" in err


def test_a_result_that_is_no_netcdf_is_wrong_usage(case, tmp_path, capsys):
    assert outcome(capsys, "flood", case, "-o", tmp_path / "out.tif")[0] == 2


def long_case(tmp_path: Path) -> Path:
    """Eleven days of a storm surge on half a metre."""
    raster(tmp_path / "big.tif", np.zeros((600, 600)), 0.5)
    path = tmp_path / "long.toml"
    path.write_text('terrain = "big.tif"\nduration = "11d"\noutput_every = "1d"\ninitial_level = 4.0\n')
    return path


def test_a_run_of_weeks_is_refused_without_a_terminal_and_told_what_a_coarser_cell_costs(tmp_path, capsys):
    code, out, err = outcome(capsys, "flood", long_case(tmp_path), "-o", tmp_path / "out.nc", "--device", "cpu")
    assert (code, out) == (1, "")
    last = err.splitlines()[-1]
    assert last.startswith("error: expected: about")
    assert "days" in last
    assert "Cells of 1 m would take about" in last
    assert "--yes" in last
    assert not (tmp_path / "out.nc").exists()


def test_a_run_of_hours_asks_on_a_terminal_and_no_means_no(tmp_path, capsys, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(flood, "_on_a_terminal", lambda: True)
    monkeypatch.setattr(flood.click, "confirm", lambda text, **_: bool(asked.append(text)))
    code, _, err = outcome(capsys, "flood", long_case(tmp_path), "-o", tmp_path / "out.nc", "--device", "cpu")
    assert code == 1
    assert asked == ["Run it?"]
    assert "expected: about" in err
    assert not (tmp_path / "out.nc").exists()


def test_twice_the_cells_and_half_their_size_cost_more(tmp_path):
    def steps(cell: float) -> float:
        raster(tmp_path / "t.tif", np.zeros((20, 20)), cell)
        (tmp_path / "t.toml").write_text('terrain = "t.tif"\nduration = "1h"\ninitial_depth = 2.0\n')
        made = case_of(flood_case.read(tmp_path / "t.toml"))
        return estimate.cost(made, "cpu").steps

    assert steps(1.0) == pytest.approx(2 * steps(2.0), rel=0.05)


@pytest.mark.skipif(not hasattr(signal, "SIGTERM") or sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_a_stopped_run_leaves_a_file_that_reads_and_a_state_to_go_on_from(tmp_path, number):
    raster(tmp_path / "dem.tif", np.zeros((150, 150)), 2.0)
    path = tmp_path / "case.toml"
    path.write_text('terrain = "dem.tif"\nduration = "1h"\noutput_every = "2s"\ninitial_depth = "depth.tif"\n')
    depth = np.ones((150, 150))
    depth[:75] = 2.0
    raster(tmp_path / "depth.tif", depth, 2.0)
    out, words = tmp_path / "out.nc", [sys.executable, "-m", "citymodel", "flood", str(path), "--device", "cpu"]
    work = subprocess.Popen([*words, "-o", str(out)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 120
    while time.monotonic() < limit and not _frames(out):
        time.sleep(0.1)
    work.send_signal(number)
    _, err = work.communicate(timeout=120)
    assert work.returncode == 1
    assert "error: stopped after" in err.splitlines()[-1]
    assert "--restart" in err
    with netCDF4.Dataset(out) as file:
        assert file.complete == 0
        assert len(file["time"]) >= 1
        reached = float(file["time"][-1])
        assert float(np.asarray(file["depth"][-1]).sum()) == pytest.approx(1.5 * 150 * 150, rel=1e-5)
    if number == signal.SIGINT:
        return  # both signals leave the same state; one goes on from it
    path.write_text(path.read_text().replace('"1h"', str(reached + 4)))
    again = [*words, "-o", str(tmp_path / "on.nc"), "--restart", str(tmp_path / "out.state.npz")]
    done = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _frames(path: Path) -> int:
    try:
        with netCDF4.Dataset(path) as file:
            return len(file["time"])
    except (OSError, IndexError):
        return 0


def test_a_run_that_runs_away_ends_with_time_place_and_state(tmp_path, capsys):
    raster(tmp_path / "dem.tif", np.zeros((8, 8)), 1.0)
    (tmp_path / "q.csv").write_text("seconds,m3_per_s\n0,0\n10,900000\n20,900000\n")
    path = tmp_path / "case.toml"
    path.write_text(
        'terrain = "dem.tif"\nduration = "1min"\noutput_every = "5s"\n'
        '[[inflow]]\npoint = [4.5, 4.5]\nseries = "q.csv"\n'
    )
    code, out, err = outcome(capsys, "flood", path, "-o", tmp_path / "out.nc", "--device", "cpu")
    assert (code, out) == (1, "")
    last = err.splitlines()[-1]
    assert "too deep or too quick after" in last
    assert "out.state.npz" in last
    assert (tmp_path / "out.state.npz").exists()
    with netCDF4.Dataset(tmp_path / "out.nc") as file:
        assert file.complete == 0
        assert np.isfinite(np.asarray(file["depth"][:])).all()
