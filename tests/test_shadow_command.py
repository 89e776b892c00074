"""``citymodel shadow`` and ``citymodel surface`` as the contract of the command line says."""

import json

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner

from citymodel.cli import app, main
from citymodel.formats import raster
from citymodel.surface import Grid

GRID = Grid(677000.0, 5403120.0, 1.0, (120, 120), "EPSG:32632")


@pytest.fixture
def box(tmp_path):
    """A box of 40 × 30 m, 20 m high, on a plane."""
    z = np.zeros(GRID.shape, np.float32)
    z[45:75, 40:80] = 20.0
    z[0, 0] = np.nan
    raster.write(GRID.raster(z, "surface"), tmp_path / "box.tif")
    return tmp_path / "box.tif"


def run(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


def read(path):
    with rasterio.open(path) as file:
        return file.read(1), file


def test_a_box_in_a_sun_at_45_degrees_shades_800_square_metres(box, tmp_path):
    out = tmp_path / "shade.tif"
    done = run("shadow", box, "-o", out, "--sun", 180, 45)
    assert done.exit_code == 0, done.output
    mask, file = read(out)
    assert mask.dtype == np.uint8
    assert (mask == 1).sum() == 800
    assert mask[0, 0] == 255
    assert file.nodata == 255
    assert file.transform == rasterio.open(box).transform
    assert file.crs.to_epsg() == 32632


def test_a_time_is_computed_at_the_centre_with_the_convergence(box, tmp_path):
    done = run("shadow", box, "-o", tmp_path / "o.tif", "--time", "2026-03-21T15:00+01:00", "--json")
    facts = json.loads(done.stdout)
    from datetime import datetime

    from citymodel.sun import place, positions

    where = place("EPSG:32632", 677060.0, 5403060.0)
    azimuth, altitude = positions([datetime.fromisoformat(facts["time"])], where.latitude, where.longitude)
    assert facts["azimuth"] == pytest.approx(azimuth[0] + where.convergence, abs=1e-9)
    assert facts["altitude"] == pytest.approx(altitude[0], abs=1e-9)
    assert abs(where.convergence) > 1.5


def test_a_day_gives_hours_of_sun_by_midpoints(box, tmp_path):
    out = tmp_path / "hours.tif"
    words = ("--date", "2026-06-21", "--from", "10:00", "--to", "12:00", "--step", "30min", "--tz", "Europe/Berlin")
    done = run("shadow", box, "-o", out, *words, "--json")
    assert done.exit_code == 0, done.output
    hours, _ = read(out)
    assert hours.dtype == np.float32
    assert set(np.unique(hours[np.isfinite(hours)])) <= {0.0, 0.5, 1.0, 1.5, 2.0}
    assert hours[-1, -1] == 2.0
    assert np.isnan(hours[0, 0])
    assert json.loads(done.stdout)["suns"] == 4


def test_a_day_may_end_at_24_00(box, tmp_path):
    words = ("--date", "2026-06-21", "--to", "24:00", "--step", "1h", "--tz", "UTC")
    done = run("shadow", box, "-o", tmp_path / "o.tif", *words)
    assert done.exit_code == 0, done.output


def test_a_sun_below_the_horizon_is_said(box, tmp_path):
    done = run("shadow", box, "-o", tmp_path / "o.tif", "--time", "2026-03-21T23:00Z")
    assert done.exit_code == 0
    assert "below the horizon" in done.stderr
    assert set(np.unique(read(tmp_path / "o.tif")[0])) == {1, 255}


def test_a_polar_night_is_said_and_has_no_hours(tmp_path):
    north = Grid(500000.0, 8700000.0, 10.0, (20, 20), "EPSG:32633")
    raster.write(north.raster(np.zeros(north.shape, np.float32), "surface"), tmp_path / "north.tif")
    words = ("--date", "2026-12-21", "--tz", "UTC", "--step", "1h")
    done = run("shadow", tmp_path / "north.tif", "-o", tmp_path / "o.tif", *words)
    assert "does not rise" in done.stderr
    assert read(tmp_path / "o.tif")[0].max() == 0.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--date", "2026-03-21"), "--tz"),
        (("--time", "2026-03-21T15:00"), "zone"),
        (("--time", "noon"), "ISO 8601"),
        (("--sun", "180", "45", "--date", "2026-03-21"), "one of"),
        ((), "one of"),
        (("--date", "21.3.2026", "--tz", "UTC"), "2026-03-21"),
        (("--date", "2026-03-21", "--from", "25:00", "--tz", "UTC"), "clock"),
        (("--date", "2026-03-21", "--step", "soon", "--tz", "UTC"), "step"),
    ],
)
def test_wrong_usage_is_exit_2_with_what_to_do(box, tmp_path, words, said):
    done = run("shadow", box, "-o", tmp_path / "o.tif", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "o.tif").exists()


def refused(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    assert stop.value.code == 1
    text = capsys.readouterr().err
    assert text.startswith("error: ")
    assert text.count("\n") == 1
    return text


def test_a_raster_in_degrees_is_refused_with_the_command_that_helps(tmp_path, capsys):
    degrees = Grid(11.0, 48.0, 0.001, (20, 20), "EPSG:4326")
    raster.write(degrees.raster(np.zeros(degrees.shape, np.float32), "surface"), tmp_path / "d.tif")
    text = refused(capsys, "shadow", tmp_path / "d.tif", "-o", tmp_path / "o.tif", "--sun", 180, 45)
    assert "citymodel convert" in text
    assert "--to-crs EPSG:32632" in text


def test_steps_that_do_not_divide_the_span_are_refused(box, tmp_path, capsys):
    words = ("--date", "2026-03-21", "--from", "08:00", "--to", "09:10", "--step", "15min", "--tz", "UTC")
    assert "whole number" in refused(capsys, "shadow", box, "-o", tmp_path / "o.tif", *words)


def test_a_raster_without_a_place_has_no_time_but_any_sun(tmp_path, capsys):
    nowhere = Grid(0.0, 20.0, 1.0, (20, 20))
    raster.write(nowhere.raster(np.zeros(nowhere.shape, np.float32), "surface"), tmp_path / "n.tif")
    time = ("--time", "2026-03-21T12:00Z")
    assert "--crs" in refused(capsys, "shadow", tmp_path / "n.tif", "-o", tmp_path / "o.tif", *time)
    assert run("shadow", tmp_path / "n.tif", "-o", tmp_path / "o.tif", "--sun", 10, 20).exit_code == 0
    assert run("shadow", tmp_path / "n.tif", "-o", tmp_path / "o.tif", *time, "--crs", "EPSG:32632").exit_code == 0
