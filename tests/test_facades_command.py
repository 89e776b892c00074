"""`citymodel facades`: tables as GeoPackage and CSV, facts as JSON, refusals as one line."""

import csv
import json

import pytest
from boxtown import box, city
from click.testing import CliRunner

from citymodel import write
from citymodel.cli import app


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "city.city.json"
    write(city(lambda b: box(b, "house", (0, 0, 0), (12, 9, 9), attributes={"storeysAboveGround": 3})).data, path)
    return path


def called(*words):
    return CliRunner().invoke(app, ["facades", *map(str, words)])


DAY = ("--date", "2026-03-21", "--tz", "Europe/Amsterdam", "--step", "30min")


def test_points_buildings_and_storeys_go_into_a_geopackage_and_facts_to_the_output(model, tmp_path):
    from citymodel import read

    out = tmp_path / "sun.gpkg"
    done = called(model, "-o", out, *DAY, "--vsc", "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["points"]["wall"] == 42
    assert facts["facade_means"]["vsc_base"] == pytest.approx(39.6, abs=0.3)
    assert facts["time_step_minutes"] == 30
    tables = {name: read(out, layer=name) for name in ("facade_points", "by_building", "by_storey")}
    assert len(tables["facade_points"].geometry) == 42 + 12
    assert set(tables["facade_points"].columns["storey_source"]) == {"storeysAboveGround"}
    assert tables["facade_points"].geometry[0].has_z
    assert len(tables["by_building"].geometry) == 1
    assert tables["by_storey"].columns["points"].tolist() == [14, 14, 14]


def test_points_go_into_a_csv(model, tmp_path):
    out = tmp_path / "sun.csv"
    done = called(model, "-o", out, *DAY, "--kinds", "wall", "--min-altitude", "10")
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 42
    assert {row["kind"] for row in rows} == {"wall"}
    assert max(float(row["hours_base"]) for row in rows) > 8


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("-o", "x.tif", *DAY), 2, ".gpkg or .csv"),
        (("-o", "x.csv", "--date", "2026-03-21", "--tz", "Mars/Olympus"), 1, "time zone"),
        (("-o", "x.csv", *DAY, "--kinds", "cellar"), 1, "kinds"),
        (("-o", "x.csv", *DAY, "--scenario", "Tower"), 1, "no scenario 'Tower'"),
    ],
)
def test_what_cannot_be_done_is_said(model, tmp_path, monkeypatch, words, code, text):
    monkeypatch.chdir(tmp_path)
    done = called(model, *words)
    assert done.exit_code == (code if code == 2 else 1)
    assert text in (done.output if code == 2 else str(done.exception))
    assert not (tmp_path / "x.csv").exists()
