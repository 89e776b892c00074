"""``citymodel skyview`` and ``citymodel sunlight`` as the contract of the command line says."""

import json

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner

from citymodel.cli import app, main
from citymodel.formats import raster
from citymodel.surface import Grid

GRID = Grid(677000.0, 5403120.0, 1.0, (90, 80), "EPSG:32632")
YEAR = ("--year", 2026, "--tz", "Europe/Berlin", "--step", "30min", "--directions", 60)


@pytest.fixture
def box(tmp_path):
    """A box of 30 × 20 m, 20 m high, on a plane."""
    z = np.zeros(GRID.shape, np.float32)
    z[45:65, 20:50] = 20.0
    z[0, 0] = np.nan
    raster.write(GRID.raster(z, "surface"), tmp_path / "box.tif")
    return tmp_path / "box.tif"


def run(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


def read(path):
    """The cells, the open place of the file, and its tags."""
    with rasterio.open(path) as file:
        return file.read(1), file, file.tags()


def test_skyview_is_a_share_on_the_grid_of_the_input(box, tmp_path):
    out = tmp_path / "sky.tif"
    done = run("skyview", box, "-o", out, "--json")
    assert done.exit_code == 0, done.output
    sky, file, tags = read(out)
    assert sky.dtype == np.float32
    assert file.transform == rasterio.open(box).transform
    assert file.crs.to_epsg() == 32632
    assert np.isnan(sky[0, 0])
    assert np.isnan(file.nodata)
    assert (sky[45:65, 20:50] == 1).all()
    assert 0.4 < sky[44, 35] < 0.65
    facts = json.loads(done.stdout)
    assert facts["directions"] == 72
    assert json.loads(tags["provenance"])["directions"] == 72


def test_a_receiver_on_a_mast_sees_all_the_sky(box, tmp_path):
    done = run("skyview", box, "-o", tmp_path / "o.asc", "--height", 20, "--directions", 16)
    assert done.exit_code == 0, done.output
    assert np.nanmin(np.asarray(raster.read(tmp_path / "o.asc"))) == 1.0


def test_hours_and_their_share_of_a_year(box, tmp_path):
    done = run("sunlight", box, "-o", tmp_path / "h.tif", *YEAR, "--json")
    assert done.exit_code == 0, done.output
    hours, _, _ = read(tmp_path / "h.tif")
    facts = json.loads(done.stdout)
    assert hours[50, 30] == pytest.approx(facts["hours_possible"], rel=1e-4)
    assert 4300 < facts["hours_possible"] < 4600
    assert hours[44, 35] < 0.35 * hours[50, 30]  # north of the box
    assert run("sunlight", box, "-o", tmp_path / "s.tif", *YEAR, "--output", "share").exit_code == 0
    share, _, _ = read(tmp_path / "s.tif")
    assert share == pytest.approx(hours / facts["hours_possible"], rel=1e-4, nan_ok=True)
    assert np.nanmax(share) <= 1
    assert "2026" in done.stderr


def test_energy_is_beam_and_sky(box, tmp_path):
    maps = {}
    for what in ("beam", "diffuse", "total"):
        done = run("sunlight", box, "-o", tmp_path / f"{what}.tif", *YEAR, "--output", what, "--json")
        assert done.exit_code == 0, done.output
        maps[what], _, tags = read(tmp_path / f"{what}.tif")
        assert tags["units"] == "kWh/m²"
    facts = json.loads(done.stdout)
    assert maps["total"] == pytest.approx(maps["beam"] + maps["diffuse"], rel=1e-5, nan_ok=True)
    assert maps["beam"][50, 30] == pytest.approx(facts["open_level_beam_kwh_m2"], rel=2e-3)
    assert maps["diffuse"][50, 30] == pytest.approx(facts["open_level_diffuse_kwh_m2"], rel=2e-3)
    assert "cloud" in done.stderr


def test_a_series_takes_the_place_of_the_clear_sky(box, tmp_path):
    rows = [f"2026-06-{d:02d}T{h:02d}:00+00:00,{400 if 5 <= h < 18 else 0},60" for d in range(1, 31) for h in range(24)]
    (tmp_path / "w.csv").write_text("\n".join(["time,dni,dhi", *rows]), encoding="utf-8")
    done = run("sunlight", box, "-o", tmp_path / "o.tif", *YEAR, "--output", "diffuse", "--weather", tmp_path / "w.csv")
    assert done.exit_code == 0, done.output
    assert read(tmp_path / "o.tif")[0][50, 30] == pytest.approx(30 * 24 * 0.06, rel=2e-3)
    assert "cloud" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("skyview", "--directions", 3), "8"),
        (("skyview", "--height", "high"), "high"),
        (("sunlight", "--year", 2026), "--tz"),
        (("sunlight", "--tz", "UTC"), "--year"),
        (("sunlight", *YEAR, "--months", "May"), "4-9"),
        (("sunlight", *YEAR, "--step", "soon"), "step"),
        (("sunlight", *YEAR, "--output", "watts"), "hours"),
        (("sunlight", *YEAR, "--turbidity", 3, "--weather", "w.csv"), "--turbidity"),
    ],
)
def test_wrong_usage_is_exit_2_with_what_to_do(box, tmp_path, words, said):
    verb, *rest = words
    done = run(verb, box, "-o", tmp_path / "o.tif", *rest)
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


@pytest.mark.parametrize("verb", [("skyview",), ("sunlight", *YEAR)])
def test_what_cannot_be_computed_is_refused_and_nothing_written(verb, box, tmp_path, capsys):
    degrees = Grid(11.0, 48.0, 0.001, (20, 20), "EPSG:4326")
    raster.write(degrees.raster(np.zeros(degrees.shape, np.float32), "surface"), tmp_path / "d.tif")
    text = refused(capsys, verb[0], tmp_path / "d.tif", "-o", tmp_path / "o.tif", *verb[1:])
    assert "citymodel convert" in text
    assert "--to-crs EPSG:32632" in text
    nothing = GRID.raster(np.full(GRID.shape, np.nan, np.float32), "surface")
    raster.write(nothing, tmp_path / "n.tif")
    assert "no heights" in refused(capsys, verb[0], tmp_path / "n.tif", "-o", tmp_path / "o.tif", *verb[1:])
    (tmp_path / "o.tif").mkdir()
    assert "is a folder" in refused(capsys, verb[0], box, "-o", tmp_path / "o.tif", *verb[1:])


def test_a_step_that_does_not_divide_the_day_and_an_unknown_zone_are_refused(box, tmp_path, capsys):
    out = tmp_path / "o.tif"
    words = ("--year", 2026, "--tz", "UTC")
    assert "divide" in refused(capsys, "sunlight", box, "-o", out, *words, "--step", "7min")
    assert "Mars" in refused(capsys, "sunlight", box, "-o", out, "--year", 2026, "--tz", "Mars/X")
    assert "w.csv" in refused(capsys, "sunlight", box, "-o", out, *words, "--weather", tmp_path / "w.csv")
    assert not out.exists()


def test_a_raster_without_a_place_has_a_sky_but_no_sun(tmp_path, capsys):
    nowhere = Grid(0.0, 20.0, 1.0, (20, 20))
    raster.write(nowhere.raster(np.zeros(nowhere.shape, np.float32), "surface"), tmp_path / "n.tif")
    assert run("skyview", tmp_path / "n.tif", "-o", tmp_path / "o.tif").exit_code == 0
    assert "--crs" in refused(capsys, "sunlight", tmp_path / "n.tif", "-o", tmp_path / "h.tif", *YEAR)


def test_goteborg_s_year_through_horizons_is_the_sum_of_its_shadows(data, monkeypatch):
    from citymodel.analysis.sun_study import heights, hours_of_sun
    from citymodel.analysis.year.parameters import SunlightParameters, light_of
    from citymodel.analysis.year.study import hours_of_year
    from kernels import lines, prepared

    path = data / "solweig_demos" / "Goteborg_SWEREF99_1200" / "DSM_KRbig.tif"
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the real data")
    monkeypatch.setattr(prepared, "combs_of", lines.lines_of)  # horizons go along one comb of lines
    surface = raster.read(path)
    grid = Grid.of(surface)
    parameters = SunlightParameters(year=2026, zone="Europe/Stockholm", step=30)
    light = light_of(grid, parameters, 10.0)
    quick = hours_of_year(heights(surface), grid.cell, light, parameters)[0]
    slow = hours_of_sun(heights(surface), grid.cell, (light.azimuth, light.altitude), 0.5, device="cpu")[0]
    off = (quick["total"] - slow) / light.possible
    assert abs(np.nanmean(off)) < 0.001
    assert np.nanmean(abs(off)) < 0.006
    assert sum(quick[season] for season in ("winter", "spring", "summer", "autumn")) == pytest.approx(
        quick["total"], rel=1e-5, nan_ok=True
    )
