"""The flood study on small towns whose answer is known: volumes, walls, tables against maps, and what it refuses."""

from __future__ import annotations

import dataclasses
import math

import boxtown
import numpy as np
import pytest

from citymodel.analysis.estimate import estimate
from citymodel.analysis.export import export_result
from citymodel.analysis.flood.control import Control
from citymodel.analysis.flood.cover import _told
from citymodel.analysis.flood.losses import COVERS, values_of
from citymodel.analysis.flood.parameters import FloodParameters
from citymodel.analysis.flood.study import run
from citymodel.analysis.registry import study
from citymodel.analysis.table_words import column
from citymodel.document import Document
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.geo import Frame
from citymodel.layers import Layer
from citymodel.parameters import parameters_of
from citymodel.scenario import AddBox, RemoveObject, Scenario
from citymodel.surface import Grid

X, Y = boxtown.ORIGIN[:2]
SIDE = 40.0
PLOT = tuple((X + a, Y + b) for a, b in ((-16, -6), (-8, -6), (-8, 6), (-16, 6)))
TOWER = Scenario("tower", "Tower", (AddBox("t", "Tower", PLOT, 30.0, 0.0),))
GONE = Scenario("gone", "Gone", (RemoveObject("city", "block"),))
ATTRIBUTES = {"people": 12, "dwellings": 5, "storeysAboveGround": 3}


def town(*more, slope=0.0) -> Document:
    """A plane of 80 × 80 m that falls to the east, with a block of 8 × 20 m, 14 m east of the middle."""

    def make(builder):
        row = builder.add_object("plain", "LandUse")
        corners = [(-SIDE, -SIDE, SIDE * slope), (SIDE, -SIDE, -SIDE * slope), (SIDE, SIDE, -SIDE * slope),
                   (-SIDE, SIDE, SIDE * slope)]  # fmt: skip
        boxtown.put(builder, row, -1, np.add(boxtown.ORIGIN, corners), "2")
        boxtown.box(builder, "block", (14, -10, -2), (22, 10, 10), attributes=ATTRIBUTES)
        for one in more:
            one(builder)

    layers = (boxtown.city(make), bed(slope))
    return Document(frame=Frame(boxtown.CRS, boxtown.ORIGIN), layers=layers, scenarios=(TOWER, GONE))


def bed(slope=0.0) -> Layer:
    """The bare ground as a raster, under ponds too."""
    grid = Grid.around((X - SIDE, Y - SIDE, X + SIDE, Y + SIDE), 1.0, boxtown.CRS)
    heights = np.broadcast_to(-slope * (grid.x - X), grid.shape).astype(np.float32)
    return Layer("terrain", "terrain", "terrain", grid.raster(heights, "terrain"))


def road(builder):
    row = builder.add_object("street", "Road")
    corners = [(-SIDE, -4, 0), (SIDE, -4, 0), (SIDE, 4, 0), (-SIDE, 4, 0)]
    boxtown.put(builder, row, -1, np.add(boxtown.ORIGIN, corners), "2")


def pond(builder):
    """A metre of water over the plane, as its model has it, in the west."""
    row = builder.add_object("pond", "WaterBody")
    corners = [(-36, -10, 1), (-26, -10, 1), (-26, 10, 1), (-36, 10, 1)]
    boxtown.put(builder, row, -1, np.add(boxtown.ORIGIN, corners), "2")


def asked(**values) -> FloodParameters:
    usual = {
        "rain": "depth", "depth": 50.0, "duration": 15, "shape": "uniform", "infiltration": "none", "edges": "wall",
        "cell": 2.0, "after": 0.1, "scenario": "", "device": "cpu", "scheme": "first-order", "every": 5,
    }  # fmt: skip
    return FloodParameters.checked(**(usual | values))


def volumes(result, state="base"):
    table = result.fields["balance"].data
    return dict(zip(table["id"], table[f"volume_m3_{state}"], strict=True))


def rows(result, name):
    table = result.fields[name].data
    return {id: {key: table[key][k] for key in table} for k, id in enumerate(table["id"])}


def test_all_rain_lies_on_the_ground_that_is_no_building():
    result = run(town(), asked(gauge_every=30.0))
    area, block = (2 * SIDE) ** 2, 8 * 20
    found = volumes(result)
    assert found["rain"] == pytest.approx(0.05 * area, rel=1e-6)
    assert found["held at the end"] == pytest.approx(0.05 * area, rel=1e-6)
    assert abs(found["lost by the computation"]) <= 1e-6 * area
    depth = np.asarray(result.fields["max_depth"].data)
    assert np.isnan(depth).sum() * 4 == block
    assert np.nanmean(depth) == pytest.approx(0.05 * area / (area - block), rel=0.01)
    assert result.provenance["rain_mm"] == pytest.approx(50.0)


def test_start_and_what_moved_add_up_to_what_is_held():
    result = run(town(road, pond, slope=0.01), asked(edges="open", infiltration="green-ampt", sewer=30.0))
    table = result.fields["balance"].data
    held = dict(zip(table["id"], table["volume_m3_base"], strict=True))
    moved = sum(v for k, v in zip(table["kind"], table["volume_m3_base"], strict=True) if k in ("came", "left"))
    assert held["held at the start"] + moved == pytest.approx(held["held at the end"], abs=1e-6)
    assert held["into the soil"] < 0
    assert held["into the drains"] < 0
    assert held["over the east edge"] < -1.0  # the plane falls that way
    assert set(table["kind"]) == {"came", "left", "held", "error"}


def test_a_building_s_water_is_the_deepest_of_the_cells_beside_it():
    result = run(town(slope=0.02), asked())
    row = rows(result, "by_building")["block"]
    depth = np.asarray(result.fields["max_depth"].data)
    x, y = np.asarray(result.fields["max_depth"].data.x) - X, np.asarray(result.fields["max_depth"].data.y) - Y
    beside = np.ix_((y > -12) & (y < 12), (x > 12) & (x < 24))
    assert row["depth_wall_base"] == pytest.approx(np.nanmax(depth[beside]))
    ground = -0.02 * x[None, :] + 0 * y[:, None]
    assert row["level_wall_base"] == pytest.approx(np.nanmax((depth + ground)[beside]), abs=1e-3)
    assert (row["storeys"], row["homes_in"], row["people"]) == (3.0, 5.0, 12.0)
    assert row["area_m2"] == 160.0
    assert row["affected_m2_base"] == (160.0 if row["depth_wall_base"] >= 0.1 else 0.0)


def test_a_wall_of_the_proposal_is_seen_in_maps_tables_and_films():
    result = run(town(slope=0.01), asked(scenario="tower", edges="open"))
    assert set(result.water) == {"base", "scenario"}
    assert result.water["base"].complete
    change = np.asarray(result.fields["max_depth_difference"].data)
    before, after = (np.asarray(result.fields[f"max_depth_{one}"].data) for one in ("base", "scenario"))
    assert np.isnan(change[np.isnan(after)]).all()
    assert np.nanmax(abs(change - (after - before))) == 0.0
    assert np.isnan(after).sum() * 4 == 160 + 96
    table = rows(result, "by_building")
    assert math.isnan(table["t"]["depth_wall_base"])
    assert table["t"]["class_uk_base"] == "not there"
    assert table["t"]["depth_wall_scenario"] > 0
    assert result.provenance["scenario"]["id"] == "tower"


def test_a_building_that_goes_leaves_its_ground_to_the_water():
    result = run(town(), asked(scenario="gone"))
    table = rows(result, "by_building")["block"]
    assert table["class_uk_scenario"] == "not there"
    assert not np.isnan(np.asarray(result.fields["max_depth_scenario"].data)).any()
    assert volumes(result, "scenario")["rain"] == pytest.approx(volumes(result)["rain"])


def test_classes_of_danger_cover_the_ground_once():
    result = run(town(pond), asked(depth=100.0))
    table = result.fields["by_threshold"].data
    cells = np.isfinite(np.asarray(result.fields["max_depth"].data)).sum() - 50  # the pond of 10 × 20 m stood there
    for kind in ("UK", "Australia"):
        mine = [m2 for m2, k in zip(table["ground_m2_base"], table["kind"], strict=True) if k == kind]
        assert sum(mine) == cells * 4
    people = [n for n, k in zip(table["people_base"], table["kind"], strict=True) if k == "UK"]
    assert sum(people) == 12
    assert any("left out" in note for note in result.notes)


def test_a_pond_stands_full_at_the_start_and_its_edge_keeps_its_level():
    result = run(town(pond), asked(rain="none", edges="auto", after=0.02))
    assert volumes(result)["held at the start"] == pytest.approx(200.0)
    level = run(town(pond), asked(rain="none", initial="level", initial_level=0.5, edges="auto", after=0.02))
    assert level.provenance["edges"]["north"] == 0.5
    assert any("keeps its level" in note for note in level.notes)


def test_gauges_and_sections_are_read_at_their_places():
    places = {"gauges": f"{X} {Y}; {X - 30} {Y + 20}", "sections": f"{X} {Y - 40}; {X} {Y + 40}"}
    result = run(town(slope=0.01), asked(edges="open", **places))
    gauges = result.fields["by_gauge"].data
    assert gauges["id"] == ["A", "B"]
    assert gauges["depth_most_base"][0] > gauges["depth_most_base"][1] > 0  # further down the plane
    section = result.fields["by_section"].data
    assert abs(section["discharge_most_base"][0]) > 0.01
    upstream = 0.05 * SIDE * 2 * SIDE
    assert 0.1 * upstream < abs(section["through_m3_base"][0]) < upstream


def test_an_inflow_brings_its_hydrograph():
    result = run(town(), asked(rain="none", inflows=f"{X - 20} {Y}", inflow_peak=2.0, inflow_rise=5, inflow_fall=5))
    assert volumes(result)["inflow A"] == pytest.approx(0.5 * 2.0 * 600.0, rel=1e-6)
    own = run(town(), asked(rain="none", inflows=f"{X - 20} {Y} 1", inflow_peak=2.0, inflow_rise=5, inflow_fall=5))
    assert volumes(own)["inflow A"] == pytest.approx(0.5 * 1.0 * 600.0, rel=1e-6)


@pytest.mark.parametrize(("place", "words"), [((18, 0), "building"), ((500, 0), "outside")])
def test_an_inflow_on_a_building_or_outside_is_refused_with_its_place(place, words):
    with pytest.raises(ParameterError, match=words) as told:
        run(town(), asked(rain="none", inflows=f"{X + place[0]} {Y + place[1]}"))
    assert f"{X + place[0]:.1f}" in str(told.value)


def test_a_curve_number_keeps_what_its_formula_says():
    result = run(
        town(road), asked(depth=60.0, infiltration="curve-number", soil="loam", values="other curve_number 70")
    )
    store = 25400 / 70 - 254
    ran = (60 - 0.2 * store) ** 2 / (60 + 0.8 * store)
    assert volumes(result)["rain"] < 0.06 * (2 * SIDE) ** 2
    kept = volumes(result)["rain that the ground kept by its curve number, not in the balance"]
    assert kept + volumes(result)["rain"] == pytest.approx(0.06 * (2 * SIDE) ** 2, rel=1e-5)
    land = rows(result, "land_cover")
    assert land["yards and other ground"]["curve_number"] == 70.0
    assert kept == pytest.approx((60 - ran) / 1000 * land["yards and other ground"]["area_m2"], rel=0.03)


def test_drains_take_water_from_paved_ground_alone():
    without, with_road = run(town(pond), asked(sewer=100.0)), run(town(road), asked(sewer=100.0))
    assert "into the drains" not in volumes(without)
    assert "Drains take nothing: no ground here is paved." in without.notes
    paved = rows(with_road, "land_cover")["roads and paving"]
    assert paved["sewer"] == 100.0
    most = 0.1 * paved["area_m2"] * with_road.provenance["duration_s"] / 3600.0
    assert 0 < -volumes(with_road)["into the drains"] <= most * (1 + 1e-6)


def test_drains_take_water_from_all_ground_where_nobody_knows_what_is_paved():
    result = run(town(), asked(sewer=100.0))
    assert volumes(result)["into the drains"] < 0
    assert any("Drains take 100 mm/h from all ground" in note for note in result.notes)


@pytest.mark.parametrize(
    ("attributes", "cover"),
    [
        ({"class": "parking"}, "paved"), ({"function": "Parkplatz"}, "paved"), ({"function": "public park"}, "green"),
        ({"usage": "unpaved yard"}, "bare"), ({"class": "Mischwald"}, "woods"), ({"class": "seed bed"}, ""),
        ({"class": "See"}, "water"), ({"class": "bos"}, "woods"), ({"name": "Parkstraße", "class": "arable"}, "field"),
        ({"name": "meadow"}, "green"), ({"owner": "Wald"}, ""),
    ],
)  # fmt: skip
def test_the_longest_word_of_a_land_use_tells_what_lies_there(attributes, cover):
    assert _told(attributes) == cover


def test_a_climate_uplift_is_more_rain_and_said():
    result = run(town(), asked(uplift=20.0))
    assert volumes(result)["rain"] == pytest.approx(1.2 * 0.05 * (2 * SIDE) ** 2, rel=1e-6)
    assert any("20 % more" in note for note in result.notes)


def test_a_rain_of_a_return_period_says_how_rough_it_is_and_a_table_replaces_it(tmp_path):
    rough = run(town(), asked(rain="return-period", years=10.0, duration=30, shape="chicago"))
    assert any("rough statistic" in note for note in rough.notes)
    table = tmp_path / "city.csv"
    table.write_text("minutes,2,10,100\n15,10,18,30\n60,16,28,44\n", encoding="utf-8")
    own = run(town(), asked(rain="return-period", years=10.0, duration=15, shape="chicago", table=str(table)))
    assert own.provenance["rain_mm"] == pytest.approx(18.0)
    assert not any("rough statistic" in note for note in own.notes)
    assert own.provenance["statistic"] == "table city.csv"


def test_a_series_of_rain_falls_as_it_is_written(tmp_path):
    path = tmp_path / "storm.csv"
    path.write_text("seconds,mm_per_hour\n0,60\n600,120\n900,0\n", encoding="utf-8")
    result = run(town(), asked(rain="series", series=str(path)))
    assert volumes(result)["rain"] == pytest.approx((60 / 6 + 120 / 12) / 1000 * (2 * SIDE) ** 2, rel=1e-6)
    assert result.fields["rain"].data["mm_so_far"][-1] == pytest.approx(20.0)


@pytest.mark.parametrize("buildings", ["raised", "rough"])
def test_buildings_that_water_runs_over_or_through_are_no_walls(buildings):
    result = run(town(), asked(buildings=buildings))
    assert not np.isnan(np.asarray(result.fields["max_depth"].data)).any()
    row = rows(result, "by_building")["block"]
    assert 0.0 < row["level_wall_base"] < 1.0  # beside it, not on its roof


def test_a_study_that_is_stopped_ends_with_the_base_so_far():
    control = Control()
    control.watch = lambda name, frames, seconds: control.stop() if seconds >= 300.0 else None
    result = run(town(), asked(scenario="tower"), control=control)
    assert not result.provenance["complete"]
    assert 300.0 <= result.provenance["reached_s"][0] < result.provenance["duration_s"]
    assert "max_depth" in result.fields
    assert "stopped" in result.notes[0].lower()
    assert set(result.water) == {"base"}


def test_a_study_that_is_stopped_before_its_first_step_ends_with_the_water_of_the_start():
    control = Control()
    control.stop()
    result = run(town(), asked(scenario="tower"), control=control)
    assert not result.provenance["complete"]
    assert result.provenance["reached_s"] == [0.0]
    assert list(result.water) == ["base"]
    assert result.water["base"].times.tolist() == [0.0]
    assert float(np.nanmax(result.fields["max_depth"].data)) == 0.0


def test_a_cancelled_study_gives_nothing():
    def job(share, text=""):
        if share > 0.3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        run(town(), asked(duration=60, after=10.0), job)


def test_it_can_be_cancelled_between_all_that_comes_before_the_water():
    """Each of these takes a while on a fine grid, and says so first."""
    seen = []

    def job(share, text=""):
        seen.append((share, text))
        if text == "water at the start":
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        run(town(), asked(), job)
    assert [text for _, text in seen if text][-4:-1] == ["the buildings of each cell", "land cover", "soil and drains"]
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)


def test_every_column_of_its_tables_is_said_in_words():
    result = run(town(road), asked(scenario="tower", gauges=f"{X} {Y}", sections=f"{X} {Y - 9}; {X} {Y + 9}"))
    for field in result.fields.values():
        if isinstance(field.data, dict):
            lengths = {len(values) for values in field.data.values()}
            assert len(lengths) == 1, field.name
            for name in field.data:
                found = column(name)
                assert not found.shown or "_" not in found.title, name


def test_maps_and_tables_are_written_as_files(tmp_path):
    result = run(town(road), asked())
    assert export_result(result, tmp_path / "depth.tif", field="max_depth")
    assert export_result(result, tmp_path / "tables.gpkg")
    written = export_result(result, tmp_path / "balance.csv", field="balance")
    assert "rain" in written[0].read_text(encoding="utf-8")


def test_a_part_of_the_city_says_that_water_from_outside_is_missing():
    result = run(town(), asked(bounds=(X - 20, Y - 20, X + 10, Y + 20), edges="auto"))
    assert any("outside the area" in note for note in result.notes)
    assert result.provenance["edges"] == dict.fromkeys(("west", "east", "north", "south"), "open")


def test_a_project_without_coordinate_system_is_refused():
    with pytest.raises(CrsError):
        run(dataclasses.replace(town(), frame=None), asked())


def test_the_estimate_grows_with_finer_cells_and_a_scenario():
    flood = study("flood")
    coarse, fine = (estimate(town(), flood, asked(cell=cell)) for cell in (4.0, 1.0))
    assert fine.seconds > coarse.seconds
    assert fine.cells == 16 * coarse.cells
    assert estimate(town(), flood, asked(scenario="tower")).states == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rain": "series"}, "series"), ({"rain": "none", "initial": "dry"}, "nothing would flow"),
        ({"sections": "1 2"}, "two places"), ({"courant": 0.8}, "preview"), ({"hazard": "1, 2"}, "three thresholds"),
        ({"hazard": "2, 1, 3"}, "rise"), ({"edges": "north=round"}, "edge"), ({"edges": "up=open"}, "sides"),
        ({"values": "paved manning 99"}, "out of range"), ({"values": "lava manning 1"}, "classes are"),
        ({"depth": -1}, "depth"), ({"manning": -0.03}, "manning"), ({"duration": 0}, "time step|duration"),
        ({"bounds": (2, 2, 1, 3)}, "width"), ({"hazard_au": "1 2"}, "limits"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(values, words):
    with pytest.raises(ParameterError, match=words) as told:
        asked(**values)
    assert "\n" not in str(told.value)


def test_a_planner_is_not_asked_for_what_only_an_engineer_knows():
    plain = [one for one in parameters_of(FloodParameters) if not one.detail]
    said = " ".join(f"{one.label} {one.help}" for one in plain).lower()
    assert not any(word in said for word in ("manning", "courant", "green & ampt", "horton", "scheme", "debris"))
    asked = [one for one in plain if not one.when]  # the others show where a choice calls for them
    assert len(asked) < 15


def test_the_table_of_land_cover_names_a_source_for_every_value():
    assert all(one.source and one.manning > 0 for one in COVERS)
    assert values_of("paved manning 0.02; green curve_number 61") == {
        ("paved", "manning"): 0.02, ("green", "curve_number"): 61.0,
    }  # fmt: skip


def test_water_runs_off_where_the_ground_ends_inside_the_raster():
    slanted = town(slope=0.02)
    terrain = slanted.layers[1]
    heights = np.asarray(terrain.data).copy()
    heights[:, -12:] = np.nan  # no ground in the east, where the plane falls to
    cut = terrain.data.copy(data=heights)
    alone = dataclasses.replace(slanted, layers=(dataclasses.replace(terrain, data=cut),))
    open_ground = run(alone, asked(edges="auto", bounds=(X - SIDE, Y - SIDE, X + SIDE, Y + SIDE)))
    assert volumes(open_ground)["over the end of the ground"] < -10.0
    closed = run(alone, asked(edges="wall", bounds=(X - SIDE, Y - SIDE, X + SIDE, Y + SIDE)))
    assert "over the end of the ground" not in volumes(closed)
    held = [any("where the terrain ends" in note for note in one.notes) for one in (open_ground, closed)]
    assert held == [False, True], "where it runs off nothing holds it back"
    assert any("No buildings are known" in note for note in closed.notes)


def test_a_gauge_on_a_building_says_that_it_reads_nothing():
    result = run(town(), asked(gauges=f"{X + 18} {Y}; {X} {Y}"))
    assert math.isnan(result.fields["by_gauge"].data["depth_most_base"][0])
    assert [note for note in result.notes if note.startswith("Gauge A stands on a building")]
