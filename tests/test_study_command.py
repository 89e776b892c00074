"""``citymodel study``: options made from the parameters, maps and tables written, the zone guessed and said."""

import csv
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from citymodel.analysis.question import scenario_of
from citymodel.analysis.registry import studies
from citymodel.cli import app
from citymodel.document import Document
from citymodel.errors import ParameterError
from citymodel.parameters import KINDS, parameters_of
from citymodel.scenario import Scenario, SetHeight


def run(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.fixture
def city(tmp_path):
    from test_shadow_study import UTM, town

    from citymodel.formats import write

    model = town().layers[0].data
    assert model.crs == UTM
    write(model, tmp_path / "town.city.json")
    return tmp_path / "town.city.json"


@pytest.mark.parametrize("name", sorted(studies()))
def test_every_study_asks_for_what_its_parameters_are(name):
    words = run("study", name, "--help").output
    for parameter in parameters_of(studies()[name].parameters()):
        assert parameter.option in words


def test_a_study_writes_tables_and_says_the_guessed_zone(city, tmp_path):
    words = ("--from", "10:00", "--to", "14:00", "--step", "30min", "--cell", 2)
    done = run("study", "shadow", city, "-o", tmp_path / "sun.csv", *words, "--json")
    assert done.exit_code == 0, done.output
    assert "guessed from the place" in done.stderr
    facts = json.loads(done.stdout)
    assert facts["parameters"]["step"] == 30
    rows = list(csv.DictReader((tmp_path / "sun_by_building.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    about = json.loads((tmp_path / "sun.about.json").read_text(encoding="utf-8"))
    assert about["parameters"]["cell"] == 2.0


def test_one_map_of_several_is_chosen_by_name(city, tmp_path):
    words = ("--from", "10:00", "--to", "14:00", "--step", "1h", "--cell", 2, "--tz", "Europe/Paris")
    done = run("study", "shadow", city, "-o", tmp_path / "first.tif", *words, "--field", "first_sun_base")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "first.tif").stat().st_size > 500


def test_values_that_do_not_fit_are_wrong_usage_or_one_plain_line(city, tmp_path):
    out = tmp_path / "o.csv"
    wide = run("study", "shadow", city, "-o", out, "--cell", "wide")
    assert wide.exit_code == 2
    assert "no number" in wide.stderr
    assert run("study", "shadow", city, "-o", tmp_path / "o.docx").exit_code == 2
    assert run("study", "weather", city, "-o", out).exit_code == 2
    assert not out.exists()


@pytest.mark.parametrize(("text", "hours"), [("1.5", 1.5), ("90min", 1.5), ("2h", 2.0), ("0", 0.0)])
def test_times_in_hours_are_understood_with_their_unit(text, hours):
    assert KINDS["hours"].parse(text) == hours


def test_a_scenario_is_known_by_its_id_or_its_name():
    drawn = (SetHeight("city", "a", 10.0),)
    document = replace(Document(), scenarios=(Scenario("water-square", "Water square", drawn),))
    assert scenario_of(document, "water-square") is scenario_of(document, "Water square") is document.scenarios[0]
    with pytest.raises(ParameterError, match=r"no scenario 'moat'; the scenarios are: water-square \(Water square\)"):
        scenario_of(document, "moat")
