"""The studies of open sky and of a year's sun: maps, tables and the change a scenario makes."""

import dataclasses
import itertools

import numpy as np
import pytest
from pydantic import ValidationError
from test_shadow_study import ORIGIN, TOWER, gardens, town

from citymodel import legends_year
from citymodel.analysis import skyview
from citymodel.analysis.export import export_result
from citymodel.analysis.skyview import SkyViewParameters
from citymodel.analysis.year import study as sunlight_year
from citymodel.analysis.year.parameters import SunlightParameters
from citymodel.analysis.year.tables import seasons
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.geo import Frame
from citymodel.jobs import Job
from citymodel.results import LegendClass

SKY = SkyViewParameters(directions=24)
SUN = SunlightParameters(step=30, directions=60, zone="Europe/Amsterdam")
MAPS = (
    "hours",
    "share",
    "beam",
    "diffuse",
    "energy",
    *(f"hours_{s}" for s in ("winter", "spring", "summer", "autumn")),
)


def test_the_open_sky_of_a_base_has_a_map_and_tables():
    result = skyview.run(town(), SKY)
    assert set(result.fields) == {"sky_view", "by_building", "by_open_space"}
    table = result.fields["by_building"].data
    assert table["id"] == ["a", "b", "c"]
    assert all(0.95 < sky <= 1 for sky in table["roof_sky_view_base"])
    assert all(0.3 < sky < 0.9 for sky in table["ground_beside_sky_view_base"])
    spaces = result.fields["by_open_space"].data
    assert spaces["id"] == ["all open ground", "ground"]
    assert result.provenance["parameters"]["directions"] == 24
    assert any("edge" in note for note in result.notes)


def test_a_tower_takes_sky_and_gives_none():
    result = skyview.run(town().with_scenario(TOWER), SKY)
    change = result.fields["sky_view_difference"].data
    x, y = np.asarray(change.x) - ORIGIN[0], np.asarray(change.y) - ORIGIN[1]
    outside = np.asarray(change).copy()
    outside[np.ix_((y > 15) & (y < 25), (x > 20) & (x < 30))] = 0
    assert outside.min() < -0.2
    assert outside.max() <= 0


def test_a_year_of_sun_has_seasons_energy_and_a_table_of_roofs():
    result = sunlight_year.run(town(), SUN)
    assert set(result.fields) == {*MAPS, "by_building", "by_open_space"}
    possible = result.provenance["hours_possible"]
    hours = result.fields["hours"].data
    assert float(hours.max()) == pytest.approx(possible, rel=1e-4)
    seasons = sum(np.asarray(result.fields[f"hours_{s}"].data) for s in ("winter", "spring", "summer", "autumn"))
    assert np.asarray(hours) == pytest.approx(seasons, rel=1e-5)
    assert float(result.fields["share"].data.max()) <= 1.0
    roofs = result.fields["by_building"].data
    level = result.provenance["open_level_beam_kwh_m2"] + result.provenance["open_level_diffuse_kwh_m2"]
    for k in range(3):
        assert roofs["roof_area_m2_base"][k] == 100.0
        assert roofs["roof_mean_kwh_m2_base"][k] <= level * 1.003
        assert roofs["roof_total_mwh_base"][k] == pytest.approx(roofs["roof_mean_kwh_m2_base"][k] / 10)
        assert roofs["roof_beam_mwh_base"][k] < roofs["roof_total_mwh_base"][k]
    assert any("cloud" in note for note in result.notes)


def test_a_tower_takes_sun_from_a_year():
    result = sunlight_year.run(town().with_scenario(TOWER), SUN)
    assert {f"{name}_{state}" for name in MAPS for state in ("base", "scenario", "difference")} <= set(result.fields)
    table = result.fields["by_building"].data
    assert table["id"][-1] == "t"
    assert min(table["ground_beside_hours_difference"]) < -100
    for now, then, change in zip(
        *(table[f"roof_mean_kwh_m2_{s}"] for s in ("base", "scenario", "difference")), strict=True
    ):
        assert change == pytest.approx(then - now)


def test_some_months_have_the_seasons_that_are_whole():
    result = sunlight_year.run(town(), SUN.model_copy(update={"months": (3, 4, 5, 6)}))
    names = set(result.fields)
    assert "hours_spring" in names
    assert "hours_summer" not in names
    assert "months 3, 4, 5, 6" in result.title


def test_what_the_ground_throws_back_is_added_on_request():
    bare, bright = (sunlight_year.run(town(), SUN.model_copy(update={"albedo": a})) for a in (0.0, 0.3))
    more = np.asarray(bright.fields["energy"].data) - np.asarray(bare.fields["energy"].data)
    assert more.min() >= 0
    assert more.max() > 50
    assert any("Light from the ground" in note for note in bright.notes)


def test_results_are_written_as_maps_and_tables(tmp_path):
    result = skyview.run(town(), SKY)
    assert export_result(result, tmp_path / "sky.tif") == [tmp_path / "sky.tif"]
    assert export_result(result, tmp_path / "sky.gpkg") == [tmp_path / "sky.gpkg"]
    assert export_result(result, tmp_path / "sky.png", field="sky_view") == [tmp_path / "sky.png"]


@pytest.mark.parametrize(
    "study", [lambda job: skyview.run(town(), SKY, job), lambda job: sunlight_year.run(town(), SUN, job)]
)
def test_a_study_tells_how_far_it_is_and_can_be_cancelled(study):
    seen = []
    Job("sky", listener=lambda one: seen.append(one.fraction)).run(study)
    assert seen == sorted(seen)
    assert len(seen) > 5
    stopped = Job("sky")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(study)


def test_a_project_without_a_place_is_refused():
    nowhere = dataclasses.replace(town(), frame=Frame(None, (0.0, 0.0, 0.0)))
    with pytest.raises(CrsError, match="coordinate system"):
        sunlight_year.run(nowhere, SUN)
    with pytest.raises(ParameterError, match="castle"):
        skyview.run(town(), SKY.model_copy(update={"scenario": "castle"}))


def test_areas_are_reported_by_both_studies_with_the_change():
    document = town().with_scenario(TOWER).with_layer(gardens((1, 11, 9, 19), (20, 26, 30, 30)))
    for result, column in (
        (skyview.run(document, SKY), "mean_sky_view"),
        (sunlight_year.run(document, SUN), "mean_hours"),
    ):
        table = result.fields["by_area"].data
        assert table["id"] == ["area 0", "area 1"]
        assert table["area_m2"] == [64.0, 40.0]
        assert table[f"{column}_difference"][1] < 0
        name = {"mean_sky_view": "sky_view_base", "mean_hours": "hours_base"}[column]
        values = result.fields[name].data
        x, y = np.asarray(values.x) - ORIGIN[0], np.asarray(values.y) - ORIGIN[1]
        inside = np.asarray(values)[np.ix_((y > 11) & (y < 19), (x > 1) & (x < 9))]
        assert table[f"{column}_base"][0] == pytest.approx(float(inside.mean()), rel=1e-6)
    with pytest.raises(ParameterError, match="gardens"):
        skyview.run(document, SKY.model_copy(update={"areas": "parks"}))


def test_a_part_of_the_city_sees_no_more_sky_than_the_whole_shows_there():
    document = town().with_scenario(TOWER)
    whole = skyview.run(document, SKY).fields["sky_view_scenario"].data
    box = (ORIGIN[0] + 15, ORIGIN[1] + 27, ORIGIN[0] + 35, ORIGIN[1] + 35)
    part = skyview.run(document, SKY.model_copy(update={"bounds": box})).fields["sky_view_scenario"].data
    assert part.shape == (8, 20)
    assert np.asarray(part) == pytest.approx(np.asarray(whole.sel(x=part.x, y=part.y)), abs=0.05)
    sun = sunlight_year.run(document, SUN.model_copy(update={"bounds": box})).fields["hours_scenario"].data
    assert sun.shape == (8, 20)
    assert float(sun.mean()) < 0.85 * float(sun.max())


def test_on_the_southern_half_of_the_globe_summer_is_in_january():
    from citymodel.sky import clear_year
    from citymodel.sun import Place

    light = clear_year(Place(-38.0, 3.0, 0.0), 2026, tuple(range(1, 13)), 60, "UTC")
    assert seasons(light)["summer"] == (12, 1, 2)
    assert seasons(light)["autumn"] == (3, 4, 5)
    hours = {name: float(one.hours[one.altitude > 0].sum()) for name, one in
             ((name, light.of(months)) for name, months in seasons(light).items())}  # fmt: skip
    assert hours["winter"] < hours["spring"] < hours["summer"]


@pytest.mark.parametrize(
    "values",
    [{"year": 1}, {"months": "0"}, {"months": ()}, {"step": "7min"}, {"zone": "Mars/X"}, {"albedo": 2}, {"colour": 1}],
)
def test_parameters_that_do_not_fit_are_refused(values):
    with pytest.raises(ValidationError):
        SunlightParameters(**values)
    with pytest.raises(ParameterError):
        SunlightParameters.checked(**values)


LEGENDS = [
    value for value in vars(legends_year).values() if isinstance(value, tuple) and isinstance(value[0], LegendClass)
]


@pytest.mark.parametrize("legend", LEGENDS)
def test_a_legend_covers_every_number_once(legend):
    assert len(legend) in (6, 9)
    assert legend[0].lower == -np.inf
    assert legend[-1].upper == np.inf
    assert all(a.upper == b.lower for a, b in itertools.pairwise(legend))
    assert len({one.colour for one in legend}) == len(legend)
    assert len({one.label for one in legend}) == len(legend)
