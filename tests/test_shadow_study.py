"""The sun study: zero difference beyond a change's reach, tables that add up, progress and cancelling."""

import dataclasses
import itertools
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError
from test_scenario import SQUARE
from test_surface import layers as town_layers

from citymodel.analysis.shadow import run
from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.document import Document
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.geo import Frame
from citymodel.jobs import Job
from citymodel.legends import HOURS, HOURS_DIFFERENCE
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight

UTM = "EPSG:32631"
ORIGIN = np.array([500000.0, 5750000.0])
DAY = ShadowParameters(start="09:00", end="15:00", step="30min", zone="Europe/Amsterdam")
PLOT = tuple((x + ORIGIN[0] + 20, y + ORIGIN[1] + 15) for x, y in SQUARE)
TOWER = Scenario("tower", "Tower", (AddBox("t", "Tower", PLOT, 20.0, 0.0),))


def town(points=False):
    """The three boxes and their plane, moved to a place on the globe."""
    moved = []
    for layer in town_layers(points):
        data = layer.data
        if layer.kind == "points":
            data = dataclasses.replace(data, offset=np.append(ORIGIN, 0.0), crs=UTM)
        else:
            data = dataclasses.replace(data, vertices=data.vertices + np.append(ORIGIN, 0.0), crs=UTM)
        moved.append(dataclasses.replace(layer, data=data))
    return Document(frame=Frame(UTM, (*ORIGIN, 0.0)), layers=tuple(moved))


def test_a_base_alone_has_hours_and_tables():
    result = run(town(), DAY)
    maps = {f"{name}_base" for name in ("sun_hours", "longest_sun", "first_sun", "last_sun")}
    assert set(result.fields) == {*maps, "by_building", "by_open_space", "by_caster"}
    hours = result.fields["sun_hours_base"].data
    assert float(hours.max()) == 6.0
    assert hours.attrs["units"] == "h"
    table = result.fields["by_building"].data
    assert table["id"] == ["a", "b", "c"]
    assert table["area_m2"] == [100.0, 100.0, 100.0]
    assert table["roof_hours_base"] == [6.0, 6.0, 6.0]
    assert all(0 < hours < 6 for hours in table["ground_beside_hours_base"])
    spaces = result.fields["by_open_space"].data
    assert spaces["id"] == ["all open ground", "ground"]
    assert spaces["area_m2"] == [5700.0, 5700.0]


@pytest.mark.parametrize("points", [False, True])
def test_beyond_the_reach_of_a_tower_the_difference_is_exactly_zero(points):
    document = town(points).with_scenario(TOWER)
    result = run(document, DAY)
    change = result.fields["sun_hours_difference"].data
    x = np.asarray(change.x) - ORIGIN[0]
    y = np.asarray(change.y) - ORIGIN[1]
    south = np.asarray(change)[y < 14.0]
    assert (south == 0.0).all()
    ground_north = np.asarray(change)[np.ix_((y > 26) & (y < 30), (x > 22) & (x < 28))]
    assert (ground_north < 0).all()
    roof_for_ground = np.asarray(change)[np.ix_((y > 16) & (y < 24), (x > 21) & (x < 29))]
    assert (roof_for_ground >= 0).all()


def test_hours_of_five_minutes_add_up_to_the_last_bit():
    fine = ShadowParameters(start="09:00", end="17:00", step="5min", zone="Europe/Amsterdam", cell=2.0)
    assert float(run(town(), fine).fields["sun_hours_base"].data.max()) == 8.0


def test_removing_a_building_gives_sun_and_never_takes_it():
    document = town().with_scenario(Scenario("gone", "Gone", (RemoveObject("town", "c"),)))
    result = run(document, DAY)
    change = np.asarray(result.fields["sun_hours_difference"].data)
    assert change.min() == 0.0
    assert change.max() > 2.0
    assert result.fields["by_building"].data["id"] == ["a", "b"]


def test_a_raised_neighbour_takes_hours_from_the_roof_beside_it():
    document = town(points=True).with_scenario(Scenario("up", "Up", (SetHeight("town", "b", 40.0),)))
    table = run(document, DAY).fields["by_building"].data
    by_id = dict(zip(table["id"], table["roof_hours_difference"], strict=True))
    assert by_id["a"] < -0.5
    assert by_id["b"] == 0.0


def test_a_chosen_scenario_wins_over_the_one_on_screen_and_an_unknown_one_is_refused():
    document = dataclasses.replace(town().with_scenario(TOWER), active_scenario="")
    assert "sun_hours_difference" not in run(document, DAY).fields
    assert "sun_hours_difference" in run(document, DAY.model_copy(update={"scenario": "tower"})).fields
    with pytest.raises(ParameterError, match="tower"):
        run(document, DAY.model_copy(update={"scenario": "castle"}))


def test_the_result_tells_how_it_was_made():
    result = run(town().with_scenario(TOWER), DAY)
    facts = result.provenance
    assert facts["time_step_minutes"] == 30
    assert facts["suns"] == 12
    assert facts["device"] in ("cpu", "gpu")
    assert {"citymodel", "numpy", "pvlib"} <= set(facts["versions"])
    assert facts["scenario"]["name"] == "Tower"
    assert any("edge" in note for note in result.notes)


def test_a_study_can_be_cancelled_and_says_how_far_it_is():
    seen = []
    job = Job("sun hours", listener=lambda one: seen.append(one.fraction))
    job.run(lambda one: run(town(), DAY, one))
    assert seen == sorted(seen)
    assert len(seen) > 5
    stopped = Job("sun hours")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda one: run(town(), DAY, one))


def test_a_project_without_a_place_has_no_sun():
    nowhere = dataclasses.replace(town(), frame=Frame(None, (0.0, 0.0, 0.0)))
    with pytest.raises(CrsError, match="coordinate system"):
        run(nowhere, DAY)


@pytest.mark.parametrize(
    "values",
    [{"start": "9 am"}, {"step": "7min"}, {"zone": "Mars/X"}, {"cell": 0}, {"cell": float("nan")}, {"colour": "red"}],
)
def test_parameters_that_do_not_fit_are_refused(values):
    with pytest.raises(ValidationError):
        ShadowParameters(**values)
    with pytest.raises(ParameterError):
        ShadowParameters.checked(**values)


@pytest.mark.parametrize("legend", [HOURS, HOURS_DIFFERENCE])
def test_a_legend_covers_every_number_once(legend):
    assert legend[0].lower == -np.inf
    assert legend[-1].upper == np.inf
    assert all(a.upper == b.lower for a, b in itertools.pairwise(legend))
    assert len({one.colour for one in legend}) == len(legend)


@pytest.mark.slow
def test_a_tower_in_den_haag_changes_only_what_its_shadow_can_reach(data):
    from citymodel.project import open_data

    document = open_data([data / "place_denhaag" / "DenHaag_01.city.json"])
    x, y = 78650.0, 457950.0
    footprint = ((x, y), (x + 20, y), (x + 20, y + 20), (x, y + 20))
    document = document.with_scenario(Scenario("t", "Tower", (AddBox("t", "Tower", footprint, 80.0),)))
    noon = ShadowParameters(start="11:00", end="14:00", step="15min", zone="Europe/Amsterdam", cell=2.0)
    result = run(document, noon)
    change = result.fields["sun_hours_difference"].data
    assert float(change.min()) <= -1.0
    reach = 85.0 / np.tan(np.radians(30.0)) + 30.0
    distance = np.hypot(*np.meshgrid(np.asarray(change.x) - x - 10, np.asarray(change.y) - y - 10))
    far = np.asarray(change)[distance > reach]
    assert (far[np.isfinite(far)] == 0.0).all()
    table = result.fields["by_building"].data
    assert sum(kind == "Building" for kind in table["type"]) > 800
    assert table["id"][-1] == "t"


def test_the_tower_is_named_as_what_shades_the_ground_behind_it():
    result = run(town().with_scenario(TOWER), DAY)
    table = result.fields["by_caster"].data
    assert "t" in table["id"]
    assert sum(table["part_of_shade"]) == pytest.approx(1.0)
    spaces = result.fields["by_open_space"].data
    total = spaces["area_m2"][0] * 6.0 - spaces["sun_m2h_scenario"][0]
    assert sum(table["shade_m2h"]) == pytest.approx(total, rel=1e-9)


def test_new_shade_is_told_with_its_entry_exit_and_size():
    table = run(town().with_scenario(TOWER), DAY).fields["by_open_space"].data
    assert table["new_shade_m2h"][0] > 0
    assert table["gone_shade_m2h"][0] == 0
    assert table["new_shade_entry"][0] < table["new_shade_largest_at"][0] < table["new_shade_exit"][0]
    lost = table["sun_m2h_base"][0] - table["sun_m2h_scenario"][0]
    assert table["new_shade_m2h"][0] == pytest.approx(lost)
    assert table["verdict_base"][0] == "met"
    assert table["share_enough_low_base"][0] <= table["share_enough_base"][0] <= table["share_enough_high_base"][0]


def test_areas_of_a_layer_are_reported_by_name():
    import shapely

    from citymodel.formats.geopackage import Table
    from citymodel.layers import Layer

    shapes = np.array([shapely.box(*(ORIGIN + 1), *(ORIGIN + 9)), shapely.Polygon()], dtype=object)
    areas = Table("areas", shapes, {"Name": np.array(["Garden", "Nothing"], dtype=object)}, UTM)
    document = town().with_layer(Layer("gardens", "Gardens", "areas", areas))
    table = run(document, DAY).fields["by_area"].data
    assert table["id"] == ["Garden", "Nothing"]
    assert table["verdict_base"][1] == "no area"
    with pytest.raises(ParameterError, match="gardens"):
        run(document, DAY.model_copy(update={"areas": "parks"}))


def gardens(*shapes):
    """A layer of areas by name: boxes of x0, y0, x1, y1 from the town's corner."""
    import shapely

    from citymodel.formats.geopackage import Table
    from citymodel.layers import Layer

    outlines = np.empty(len(shapes), dtype=object)
    outlines[:] = [shapely.box(*(np.add(one, [*ORIGIN, *ORIGIN]))) for one in shapes]
    names = np.array([f"area {k}" for k in range(len(shapes))], dtype=object)
    return Layer("gardens", "Gardens", "areas", Table("areas", outlines, {"Name": names}, UTM))


def test_an_area_within_another_takes_nothing_from_it_and_rows_stay_in_the_file_s_order():
    document = town().with_layer(gardens((1, 11, 9, 19), (2, 12, 4, 14), (8, 12, 10, 14)))
    table = run(document, DAY).fields["by_area"].data
    assert table["id"] == ["area 0", "area 1", "area 2"]
    assert table["area_m2"] == [64.0, 4.0, 4.0]
    alone = run(town().with_layer(gardens((1, 11, 9, 19))), DAY).fields["by_area"].data
    assert table["mean_hours_base"][0] == alone["mean_hours_base"][0]


def test_casters_of_many_areas_are_asked_in_lots(monkeypatch):
    document = town().with_scenario(TOWER).with_layer(gardens((1, 11, 9, 19), (0, 26, 40, 34), (40, 26, 60, 34)))
    whole = run(document, DAY).fields["by_caster"].data
    monkeypatch.setattr("citymodel.analysis.sun_casters.ENTRIES", 1)
    assert run(document, DAY).fields["by_caster"].data == whole


def test_a_part_of_the_city_is_shaded_by_what_stands_around_it():
    document = town().with_scenario(TOWER)
    whole = run(document, DAY).fields["sun_hours_scenario"].data
    box = (ORIGIN[0] + 15, ORIGIN[1] + 27, ORIGIN[0] + 35, ORIGIN[1] + 35)  # north of the tower, which is outside
    result = run(document, DAY.model_copy(update={"bounds": box}))
    part = result.fields["sun_hours_scenario"].data
    same = np.asarray(whole.sel(x=part.x, y=part.y))
    assert part.shape == (8, 20)
    assert same.min() < 5.0
    assert np.abs(np.asarray(part) - same).mean() < 0.1  # lines of another grid pass other places within the cells
    assert "t" in result.fields["by_caster"].data["id"]
    assert result.fields["by_open_space"].data["area_m2"][0] == 160.0
    assert any("around the part" in note for note in result.notes)


def test_the_day_on_which_the_clock_goes_back_has_a_study():
    day = DAY.model_copy(update={"date": date(2026, 10, 25), "start": 0, "end": 1440})
    first = np.asarray(run(town(), day).fields["first_sun_base"].data)
    assert 7.0 < first.min() < 8.0  # at 3° east, by winter time


def test_a_place_without_sun_is_told_from_one_without_data():
    from citymodel.legends import FIRST_SUN, LAST_SUN

    early = ShadowParameters(start="08:00", end="08:30", step="30min", zone="Europe/Amsterdam")
    fields = run(town(), early).fields
    hours = np.asarray(fields["sun_hours_base"].data)
    assert (hours == 0.0).any()
    for name, legend, never in (("first_sun_base", FIRST_SUN, 24.0), ("last_sun_base", LAST_SUN, 0.0)):
        values = np.asarray(fields[name].data)
        assert (values[hours == 0.0] == never).all()
        assert np.isfinite(values[np.isfinite(hours)]).all()
        assert next(one.label for one in legend if one.lower <= never < one.upper) == "no full sun"
