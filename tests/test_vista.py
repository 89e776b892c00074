"""Protected views: corridor, threshold and the room below it, against numbers worked out by hand."""

import dataclasses
import math

import boxtown
import numpy as np
import pytest
from boxtown import ORIGIN

from citymodel.analysis.export import export_result
from citymodel.analysis.vista import study
from citymodel.analysis.vista.clip import cut, least_room
from citymodel.analysis.vista.corridor import Corridor
from citymodel.analysis.vista.parameters import VistaParameters
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.geo import Frame
from citymodel.jobs import Job
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight

X, Y = ORIGIN[:2]
EXACT = 1e-6


def town(*more):
    """A plain at height 0 with a church, 40 m high, from 400 to 420 m east of the point, and what else is asked."""

    def make(builder):
        boxtown.plain(builder)
        boxtown.box(builder, "church", (400, -10, 0), (420, 10, 40), attributes={"name": "St. Mary"})
        for one in more:
            one(builder)

    return boxtown.document(boxtown.city(make))


def block(name, low, high):
    return lambda builder: boxtown.box(builder, name, low, high)


def asked(**more):
    """From 1.5 m above the plain to the church, of which all above 21.5 m is protected: a rise of 20 m in 410 m."""
    given = {"point": ((X, Y, 1.5),), "landmark": ("church",), "threshold": 21.5, "cell": 2.0}
    return VistaParameters(**given | more)


def row(result, name, part="corridor", table="by_building"):
    found = result.fields[table].data
    at = next(k for k, one in enumerate(zip(found["id"], found["part"], strict=True)) if one == (name, part))
    return {key: column[at] for key, column in found.items()}


def plane(distance):
    return 1.5 + 20.0 * distance / 410.0


def test_the_room_above_a_box_is_what_the_plane_leaves_at_its_near_side():
    result = study.run(town(block("shop", (200, -5, 0), (210, 5, 8))), asked())
    shop = row(result, "shop")
    assert shop["clearance_base"] == pytest.approx(plane(200) - 8, abs=EXACT)
    assert shop["threshold_m"] == pytest.approx(plane(200), abs=EXACT)
    assert (shop["distance_m"], shop["z"]) == pytest.approx((200, 8), abs=EXACT)
    assert shop["x"] == pytest.approx(X + 200, abs=EXACT)
    assert abs(shop["y"] - Y) <= 5 + EXACT
    assert shop["verdict_view_base"] == "clear"
    assert "nothing rises above the threshold" in result.notes[0]


def test_a_box_above_the_plane_penetrates_it_by_the_difference():
    result = study.run(town(block("tower", (200, -5, 0), (210, 5, 18))), asked())
    tower = row(result, "tower")
    assert tower["clearance_base"] == pytest.approx(plane(200) - 18, abs=EXACT)
    assert tower["verdict_view_base"] == "penetrates"
    assert f"tower rises above the threshold by {18 - plane(200):.2f} m" in result.notes[0]


def test_within_the_error_of_heights_a_box_only_touches():
    height = plane(200) + 0.08
    result = study.run(town(block("shop", (200, -5, 0), (210, 5, height))), asked(height_error=0.1))
    assert row(result, "shop")["verdict_view_base"] == "touches"
    result = study.run(town(block("shop", (200, -5, 0), (210, 5, height))), asked(height_error=0.05))
    assert row(result, "shop")["verdict_view_base"] == "penetrates"


def test_the_axis_may_run_in_any_direction_far_from_the_origin():
    turn = math.radians(37.0)
    corridor = Corridor((712_345.25, 5_345_678.5), (math.cos(turn), math.sin(turn)), 2400.0, (0.0, 120.0), (14.0, 61.0))
    x, y = corridor.world([1800.0, 1860.0, 1830.0], [-10.0, -10.0, 20.0])
    corners = np.stack([x, y, [50.0, 53.0, 49.0]], axis=1)[None]
    _, planes = corridor.regions()[0]
    least = least_room(cut(corridor.local(corners), planes), np.zeros(1, dtype=np.int64), corridor)
    by_hand = [14 + 47 * s / 2400 - z for s, z in ((1800, 50), (1860, 53), (1830, 49))]
    assert least.room[0] == pytest.approx(min(by_hand), abs=EXACT)


def gable(ridge_height, offset):
    """A roof across the corridor's edge: its ridge runs along the axis, ``offset`` m beside it."""

    def make(builder):
        row = builder.add_object("gable", "Building")
        (x0, x1), (low, ridge, high) = (X + 200, X + 210), (Y + offset - 6, Y + offset, Y + offset + 6)
        for side in (low, high):
            eaves = [(x0, side, 5.0), (x1, side, 5.0), (x1, ridge, ridge_height), (x0, ridge, ridge_height)]
            boxtown.put(builder, row, -1, eaves, "2")

    return make


def test_a_ridge_just_outside_the_corridor_counts_only_where_its_roof_comes_in():
    half = 10.0 * 200 / 400  # the corridor is 20 m wide at the church's near side, 400 m away
    inside = study.run(town(gable(12.0, half - 0.001)), asked())
    assert row(inside, "gable")["clearance_base"] == pytest.approx(plane(200) - 12.0, abs=EXACT)
    beyond = 3.0
    outside = study.run(town(gable(12.0, half + beyond)), asked())
    found = row(outside, "gable")
    reach = 10.0 * 210 / 400 - (half + beyond)  # the corridor widens along the roof
    near = plane(200) - (12.0 - 7.0 * beyond / 6)
    far = plane(210) - (12.0 + 7.0 * reach / 6)
    assert found["clearance_base"] == pytest.approx(min(near, far), abs=EXACT)
    assert found["z"] < 12.0


def test_the_corridor_is_as_wide_as_what_of_the_landmark_rises_above_the_threshold():
    result = study.run(town(), asked())
    corridor = Corridor.from_dict(result.provenance["view"]["corridor"])
    assert corridor.length == pytest.approx(410, abs=EXACT)
    assert corridor.widths[1] == pytest.approx(20 * 410 / 400, abs=EXACT)  # tangents at the near corners

    def spire(builder):
        boxtown.box(builder, "spire", (408, -2, 40), (412, 2, 60), parent=builder_row(builder, "church"))

    def builder_row(builder, name):
        return 1

    narrow = study.run(town(spire), asked(threshold=15.0, threshold_from="top"))
    corridor = Corridor.from_dict(narrow.provenance["view"]["corridor"])
    assert corridor.heights[1] == pytest.approx(45.0, abs=EXACT)
    assert corridor.widths[1] == pytest.approx(4 * 410 / 408, abs=EXACT)


def test_a_curved_threshold_lies_below_the_plane_and_its_least_room_may_lie_within_a_roof():
    bend = (1 - 0.13) / (2 * 6_378_137.0)
    corridor = Corridor((0.0, 0.0), (1.0, 0.0), 8000.0, (50.0, 50.0), (20.0, 20.0), bend=bend)
    assert float(corridor.allowed(4000.0)) == pytest.approx(20.0 - bend * 8000**2 / 4, abs=EXACT)
    assert corridor.allowed([0.0, 8000.0]) == pytest.approx([20.0, 20.0], abs=EXACT)
    roof = np.array([[[1000.0, 0.0, 15.0], [7000.0, 0.0, 15.0], [7000.0, 10.0, 15.0]]])
    least = least_room(cut(corridor.local(roof), corridor.regions()[0][1]), np.zeros(1, dtype=np.int64), corridor)
    assert least.room[0] == pytest.approx(20.0 - bend * 8000**2 / 4 - 15.0, abs=EXACT)
    assert least.place[0, 0] == pytest.approx(4000.0, abs=1e-3)


def test_curvature_in_a_study_lowers_the_threshold_by_the_formula():
    shop = block("shop", (200, -5, 0), (210, 5, 8))
    result = study.run(town(shop), asked(curvature=True, refraction=0.0))
    lower = 200 * 210 / (2 * 6_378_137.0)
    assert row(result, "shop")["clearance_base"] == pytest.approx(plane(200) - 8 - lower, abs=EXACT)
    assert any("Curved earth" in note for note in result.notes)


def test_the_exact_least_agrees_with_many_points_on_random_triangles():
    rng = np.random.default_rng(7)
    bend = 6 / 7 / (2 * 6_378_137.0)
    corridor = Corridor((3.0, -4.0), (0.6, 0.8), 900.0, (6.0, 80.0), (12.0, 44.0), 60.0, 300.0, bend)
    s, a = rng.uniform(-50, 1300, (400, 3)), rng.uniform(-150, 150, (400, 3))
    x, y = corridor.world(s, a)
    corners = np.stack([x, y, rng.uniform(0, 70, (400, 3))], axis=2)
    weights = rng.dirichlet([0.6] * 3, 4000)
    many = np.einsum("nk,tkc->tnc", weights, corridor.local(corners))
    parts = corridor.part_at(many[..., 0], many[..., 1])
    room = corridor.allowed(many[..., 0]) - many[..., 2]
    exact = np.full((400, 3), np.inf)
    for part, planes in corridor.regions():
        least = least_room(cut(corridor.local(corners), planes), np.arange(400), corridor)
        exact[least.group, part] = np.minimum(exact[least.group, part], least.room)
    for part in range(3):
        sampled = np.where(parts == part, room, np.inf).min(axis=1)
        assert (exact[:, part] <= sampled + EXACT).all()
        close = np.isfinite(sampled)
        assert close.sum() > 50
        assert np.median(sampled[close] - exact[close, part]) < 1.0


def test_parts_beside_and_behind_the_landmark_are_told_apart():
    result = study.run(
        town(
            block("beside", (200, 12, 0), (210, 20, 30)),
            block("behind", (450, -3, 0), (460, 3, 60)),
            block("aside", (200, 200, 0), (210, 210, 90)),
        ),
        asked(setting=50.0, background=100.0),
    )
    table = result.fields["by_building"].data
    assert list(zip(table["id"], table["part"], strict=True)) == [("behind", "background"), ("beside", "setting")]
    assert row(result, "behind", "background")["clearance_base"] == pytest.approx(plane(450) - 60, abs=EXACT)
    assert "in the setting" in result.notes[0]


PLOT = ((X + 300, Y - 4), (X + 308, Y - 4), (X + 308, Y + 4), (X + 300, Y + 4))
CHANGES = (
    AddBox("tower", "Tower", PLOT, 30.0, 0.0),
    SetHeight("city", "shop", 16.0),
    RemoveObject("city", "hall"),
)
TOWER = Scenario("t", "Tower", CHANGES)


def test_a_proposal_is_measured_beside_what_stands_today():
    document = town(block("shop", (200, -5, 0), (210, 5, 8)), block("hall", (100, -2, 0), (110, 2, 20)))
    result = study.run(document.with_scenario(TOWER), asked())
    table = result.fields["by_building"].data
    assert table["id"] == ["tower", "shop", "hall"]
    assert table["change"] == ["added", "raised", "removed"]
    assert table["verdict_view_base"] == ["not there", "clear", "penetrates"]
    assert table["verdict_view_scenario"] == ["penetrates", "penetrates", "not there"]
    assert row(result, "tower")["clearance_scenario"] == pytest.approx(plane(300) - 30, abs=EXACT)
    assert row(result, "shop")["clearance_difference"] == pytest.approx(-8.0, abs=EXACT)
    assert result.notes[0] == (
        f"By the proposal: above the threshold come or grow tower by {30 - plane(300):.2f} m in the corridor, "
        f"shop by {16 - plane(200):.2f} m in the corridor."
    )
    assert result.notes[1].startswith("As proposed: in the corridor 2 buildings rise")
    change = result.fields["clearance_difference"].data
    there = change.sel(x=X + 305, y=Y + 1, method="nearest")
    assert float(there) == pytest.approx(-30.0, abs=1e-4)


def test_an_untouched_building_has_no_difference_at_all():
    document = town(block("shop", (200, -5, 0), (210, 5, 8)))
    result = study.run(document.with_scenario(TOWER), asked(scenario="t"))
    assert row(result, "tower")["change"] == "added"
    document = town(block("shop", (200, -5, 0), (210, 5, 8)), block("house", (150, -5, 0), (160, 5, 6)))
    result = study.run(document.with_scenario(TOWER), asked())
    low = Scenario("l", "Low", (SetHeight("city", "shop", 9.0),))
    assert study.run(document.with_scenario(low), asked()).notes[0] == (
        "By the proposal: nothing more rises above the threshold."
    )
    house = row(result, "house")
    assert house["clearance_difference"] == 0.0
    assert house["change"] == ""


def test_the_map_of_room_is_the_threshold_above_the_ground_within_the_view():
    result = study.run(town(), asked())
    room = result.fields["room"].data
    assert float(room.sel(x=X + 201, y=Y + 1, method="nearest")) == pytest.approx(plane(201), abs=1e-4)
    assert np.isnan(float(room.sel(x=X + 201, y=Y + 31, method="nearest")))


def test_the_section_holds_ground_tops_and_landmark():
    result = study.run(town(block("shop", (200, -5, 0), (210, 5, 8))), asked(background=100.0))
    table = {name: np.array(column) for name, column in result.fields["section"].data.items()}
    at = table["distance_m"]
    on_shop = (at > 200.4) & (at < 209.6)
    assert table["top_base"][on_shop] == pytest.approx(8.0)
    assert np.isnan(table["top_base"][(at > 215) & (at < 390)]).all()
    assert table["landmark_m"][(at > 400.4) & (at < 419.6)] == pytest.approx(40.0)
    assert table["ground_m"][(at > 5) & (at < 495)] == pytest.approx(0.0, abs=1e-4)
    assert table["threshold_m"] == pytest.approx(plane(at))


def test_a_place_can_be_the_landmark():
    result = study.run(
        town(block("shop", (200, -5, 0), (210, 5, 8))),
        asked(landmark=(), at=((X + 410, Y),), width=30.0, foot=0.0, threshold=21.5, threshold_from="foot"),
    )
    assert row(result, "shop")["clearance_base"] == pytest.approx(plane(200) - 8, abs=EXACT)
    assert row(result, "church")["verdict_view_base"] == "penetrates"


def test_without_a_height_the_eye_stands_on_the_ground():
    result = study.run(town(), asked(point=((X, Y),), eye=1.6))
    assert result.provenance["view"]["eye"] == pytest.approx(1.6, abs=1e-5)


def test_tables_and_maps_are_written_and_read_again(tmp_path):
    result = study.run(town(block("shop", (200, -5, 0), (210, 5, 8))), asked())
    assert len(export_result(result, tmp_path / "v.csv")) == 2
    export_result(result, tmp_path / "v.gpkg")
    assert len(export_result(result, tmp_path / "v.tif")) == 2


@pytest.mark.parametrize("name", ["point", "at"])
def test_a_protected_view_has_one_point_and_one_landmark(name: str) -> None:
    with pytest.raises(ParameterError, match=f"{name}: Tuple should have at most 1 item"):
        VistaParameters.checked(**{name: ((X, Y), (X, Y + 1))})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"point": ()}, "one assessment point, none is given"),
        ({"point": ((X + 410, Y, 1.5),)}, "within the landmark St. Mary"),
        ({"landmark": ()}, "name the landmark"),
        ({"landmark": ("chruch",)}, "there is 'church'"),
        ({"landmark": ("q7",)}, "no object 'q7'"),
        ({"at": ((X + 410, Y),)}, "and not both"),
        ({"landmark": (), "at": ((X + 410, Y),)}, "give the width"),
        ({"landmark": (), "at": ((X, Y),), "width": 3.0}, "is the landmark itself"),
        ({"landmark": (), "at": ((X + 410, Y),), "width": 3.0, "threshold_from": "top"}, "landmark's top; give"),
        ({"landmark": (), "at": ((X + 9, Y),), "width": 3.0, "foot": 9.0, "top": 8.0}, "not above its foot"),
        ({"threshold": None}, "give the threshold"),
        ({"threshold": 41.0}, "not below the landmark's top"),
        ({"point": ((5.1, 52.3, 1.0),), "landmark": (), "at": ((5.2, 60.0),), "width": 9.0}, "outside the data"),
        ({"point": ((X + 9000, Y),)}, "no ground is known"),
    ],
)
def test_bad_input_is_named_in_one_line(given, words):
    with pytest.raises(ParameterError, match=words) as wrong:
        study.run(town(), asked(**given))
    assert "\n" not in str(wrong.value)


def test_a_threshold_below_the_eye_is_doubted():
    result = study.run(town(), asked(point=((X, Y, 30.0),), threshold=21.5))
    assert any("count from the datum" in note for note in result.notes)


def test_an_eye_under_a_roof_is_doubted():
    result = study.run(town(block("home", (-5, -5, 0), (5, 5, 9))), asked())
    assert any("covers the point" in note for note in result.notes)


def test_without_metres_there_is_no_protected_view():
    document = town()
    with pytest.raises(CrsError, match="no coordinate system"):
        study.run(dataclasses.replace(document, frame=None), asked())
    with pytest.raises(CrsError, match="degrees"):
        study.run(dataclasses.replace(document, frame=Frame("EPSG:4326", (0.0, 0.0, 0.0))), asked())


def test_it_can_be_cancelled():
    job = Job("protected view")
    job.cancel()
    with pytest.raises(Cancelled):
        study.run(town(), asked(), job)


def test_its_size_is_known_beforehand():
    found = study.estimate(town(), asked())
    assert found.cells > 1000
    assert found.fits
