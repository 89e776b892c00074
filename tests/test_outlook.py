"""The view from a window: solid angles in closed form, shares that sum to one, and refusals in a line."""

import dataclasses
import math

import numpy as np
import pytest
import xarray as xr
from boxtown import ORIGIN, box, city, document, plain, put

from citymodel.analysis.estimate import estimate
from citymodel.analysis.outlook.fan import Fan, pixels, turned
from citymodel.analysis.outlook.parameters import OutlookParameters
from citymodel.analysis.outlook.study import run
from citymodel.analysis.registry import study
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.jobs import Job
from citymodel.layers import Layer
from citymodel.legends_view import BUILDING, GREEN, GROUND, LANDMARK, PROPOSAL, SIGHTS, SKY, WATER
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight

X, Y = ORIGIN[:2]
EYE = 50.0
ASKED = OutlookParameters(places=((X, Y, EYE),), towards=0.0, looks="half", rays=40_000)


def shares(result, state="base"):
    return np.array(result.fields["summary"].data[f"share_of_view_{state}"])


def town(b):
    plain(b, 2000.0)


def of(make, **values):
    return run(document(city(make)), ASKED.model_copy(update=values))


def rectangle(a, b, d):
    """Steradians of a rectangle of a by b, seen from a distance d before its middle (Khadjavi 1968)."""
    return 4 * math.atan(a * b / (2 * d * math.sqrt(4 * d * d + a * a + b * b)))


@pytest.mark.parametrize(("width", "tall"), [(180.0, 180.0), (120.0, 60.0), (360.0, 40.0), (60.0, 90.0)])
def test_the_patches_of_a_view_have_one_solid_angle_and_cover_it(width, tall):
    fan = Fan(width, tall)
    towards = fan.directions(5000)
    assert np.allclose(np.linalg.norm(towards, axis=1), 1)
    assert len(towards) == pytest.approx(5000, rel=0.03)
    assert np.degrees(np.abs(np.arctan2(towards[:, 0], towards[:, 1]))).max() < width / 2
    assert np.degrees(np.abs(np.arcsin(towards[:, 2]))).max() < tall / 2
    z = towards[:, 2]
    share = (np.abs(z) < math.sin(math.radians(tall / 4))).mean()  # the band of half the height
    assert share == pytest.approx(math.sin(math.radians(tall / 4)) / math.sin(math.radians(tall / 2)), abs=0.03)


def test_half_a_sphere_is_two_pi_and_a_turn_turns_clockwise():
    assert Fan(180, 180).steradians == pytest.approx(2 * math.pi)
    assert turned(np.array([[0.0, 1.0, 0.0]]), np.array([math.pi / 2]))[0, 0] == pytest.approx([1, 0, 0])


@pytest.mark.parametrize(("a", "b", "d"), [(40, 30, 20), (20, 60, 50), (200, 40, 10)])
def test_a_box_takes_the_solid_angle_of_the_rectangle_it_shows(a, b, d):
    found = of(lambda builder: box(builder, "box", (-a / 2, d, EYE - b / 2), (a / 2, d + 5, EYE + b / 2)))
    assert 2 * math.pi * shares(found)[BUILDING] == pytest.approx(rectangle(a, b, d), abs=0.01)


@pytest.mark.parametrize("height", [50.0, 60.0, 80.0])
def test_before_an_endless_wall_the_sky_is_the_wedge_above_it(height):
    def wall(b):
        box(b, "wall", (-50_000, 20, 0), (50_000, 30, height))
        plain(b, 60_000.0)

    found = shares(of(wall))
    assert found[SKY] == pytest.approx((90 - math.degrees(math.atan((height - EYE) / 20))) / 180, abs=0.005)
    assert found[BUILDING] + found[GROUND] == pytest.approx(1 - found[SKY], abs=1e-4)
    assert found[GROUND] == pytest.approx(math.degrees(math.atan(20 / EYE)) / 180, abs=0.005)


def test_the_classes_are_all_there_is_and_over_open_land_sky_and_ground_are_halves():
    found = shares(of(town))
    assert found[:-1].sum() == pytest.approx(1.0, abs=1e-4)
    assert (found[SKY], found[GROUND]) == (0.5, 0.5)
    assert found[-1] == pytest.approx(0.5 + 0.5 * (1 - 50 / 100), abs=0.01)  # farther than 100 m, ground below 30°
    below = of(town, far=1e-3)
    assert shares(below)[-1] == 1.0


def test_each_type_of_object_has_its_class_and_the_landmark_its_own():
    def mixed(b):
        plain(b, 2000.0)
        box(b, "church", (-10, 60, 0), (10, 70, 80), attributes={"name": "St. Mary"})
        box(b, "house", (30, 60, 0), (50, 70, 80))
        for name, kind, x in (("lake", "WaterBody", -300.0), ("park", "PlantCover", 100.0)):
            row = b.add_object(name, kind)
            put(b, row, -1, np.add(ORIGIN, [(x, 10, 0.5), (x + 150, 10, 0.5), (x + 150, 300, 0.5), (x, 300, 0.5)]), "2")

    found = shares(of(mixed, landmark=("St. Mary",)))
    assert min(found[code] for code in (SKY, GREEN, WATER, BUILDING, LANDMARK, GROUND)) > 0.005
    assert found[PROPOSAL] == 0
    plainly = shares(of(mixed))
    assert plainly[LANDMARK] == 0
    assert plainly[BUILDING] == pytest.approx(found[BUILDING] + found[LANDMARK], abs=1e-4)


def test_what_lies_on_a_terrain_raster_is_told_by_the_land_surfaces_above_or_below_it():
    at = np.arange(-395.0, 400.0, 10.0)
    z = np.full((len(at), len(at)), 0.2, np.float32)  # the raster a little above the park
    terrain = Layer("t", "t", "terrain", xr.DataArray(z, dims=("y", "x"), coords={"y": Y - at, "x": X + at}))

    def park(b):
        row = b.add_object("park", "PlantCover")
        put(b, row, -1, np.add(ORIGIN, [(-400, 0, 0), (400, 0, 0), (400, 400, 0), (-400, 400, 0)]), "2")

    found = shares(run(document(city(park), terrain), ASKED))
    assert found[GREEN] > 0.4
    assert found[GROUND] < 0.1


def tower(*more):
    ring = ((X - 10, Y + 40), (X + 10, Y + 40), (X + 10, Y + 50), (X - 10, Y + 50))
    return (AddBox("t", "Tower", ring, 90.0, 0.0), *more)


def crowd(b):
    plain(b, 2000.0)
    box(b, "house", (-30, 60, 0), (-12, 70, 70))
    box(b, "asked", (-6, -30, 0), (6, -20, 12), attributes={"storeysAboveGround": 4})


def proposed(*changes):
    return document(city(crowd)).with_scenario(Scenario("s", "Tower", changes))


def test_a_proposal_takes_its_share_and_the_rest_is_the_same_to_the_last_ray():
    found = run(proposed(*tower()), ASKED)
    before, after = shares(found), shares(found, "scenario")
    assert 2 * math.pi * after[PROPOSAL] == pytest.approx(
        2 * math.atan(10 / 40) * (math.sin(math.atan(1.0)) + math.sin(math.atan(50 / 40))), rel=0.05
    )
    assert before[PROPOSAL] == 0
    assert after[:-1].sum() == pytest.approx(1.0, abs=1e-4)
    behind = run(proposed(*tower()), ASKED.model_copy(update={"towards": 180.0}))
    assert np.array_equal(shares(behind), shares(behind, "scenario"))
    assert "changes nothing" in behind.notes[0]


def test_a_raised_house_is_a_proposal_and_a_torn_down_one_gives_sky():
    raised = run(proposed(SetHeight("city", "house", 90.0)), ASKED)
    assert shares(raised, "scenario")[PROPOSAL] > shares(raised)[BUILDING] > 0
    torn = run(proposed(RemoveObject("city", "house")), ASKED)
    assert shares(torn, "scenario")[BUILDING] < shares(torn)[BUILDING]


def test_a_building_is_asked_by_façade_and_storey():
    found = run(proposed(*tower()), OutlookParameters(objects=("asked",), rays=1000, kinds=("wall",)))
    storeys = found.fields["by_storey"].data
    assert storeys["storey"] == [0, 1, 2, 3]
    table = {name: np.array(values) for name, values in found.fields["facade_points"].data.items()}
    north, south = table["ny"] > 0.99, table["ny"] < -0.99
    assert (table["outlook_proposal_scenario"][north] > 0.03).all()
    assert (table["outlook_proposal_difference"][south] == 0).all()
    assert set(table["building"]) == {"asked"}
    total = sum(table[f"outlook_{name}_base"] for name, _, _ in SIGHTS)
    assert total == pytest.approx(1.0, abs=1e-4)


def test_a_place_without_height_stands_on_the_ground_and_looks_all_around():
    found = run(document(city(town)), OutlookParameters(places=((X + 3, Y),), rays=2000))
    table = found.fields["by_place"].data
    assert table["z"] == [1.7]
    assert "heading" not in table
    assert shares(found)[SKY] == pytest.approx(0.5, abs=0.03)


def test_the_result_says_how_it_was_made_and_where_its_picture_is():
    found = run(proposed(*tower()), OutlookParameters(places=((X, Y, EYE),)))
    facts = found.provenance
    assert {"parameters", "inputs", "versions", "device", "seconds", "scenario"} <= set(facts)
    assert facts["picture"]["heading"] % 360 == pytest.approx(0.0, abs=1.0)  # towards the tower
    for state, name in enumerate(("base", "scenario")):  # the sheet's bars are the table's numbers
        assert facts["picture"]["shares"][state] == pytest.approx(shares(found, name)[:-1], abs=1e-5)
    assert any("edge" in note or "data end" in note for note in found.notes)


def test_the_picture_and_its_classes_are_drawn_on_one_sheet(tmp_path, monkeypatch):
    from PIL import Image

    from citymodel.analysis.outlook import picture

    monkeypatch.setattr(picture, "ROWS", 60)
    base = proposed(*tower())
    path = picture.outlook_picture(base, run(base, ASKED.model_copy(update={"rays": 500})), tmp_path / "view.png")
    image = np.asarray(Image.open(path))
    assert image.shape[1] == 1600
    orange = np.abs(image.astype(int) - (232, 144, 63)).sum(axis=2) < 12
    assert orange.sum() > 1000  # the tower in the classes, and its part of the bar


def test_pixels_of_a_picture_see_straight_ahead_in_the_middle():
    towards, (rows, columns) = pixels(120.0, 60.0, 61)
    assert columns == pytest.approx(183, abs=1)
    assert towards.reshape(rows, columns, 3)[30, columns // 2] == pytest.approx([0, 1, 0], abs=0.02)


def test_progress_rises_and_a_cancelled_study_stops():
    told = []
    job = Job("view", listener=lambda one: told.append(one.fraction))
    job.run(lambda one: run(proposed(*tower()), ASKED, one))
    assert told == sorted(told)
    stopped = Job("view")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda one: run(proposed(*tower()), ASKED, one))


def test_the_study_says_beforehand_what_it_takes():
    found = estimate(proposed(*tower()), study("outlook"), ASKED)
    assert found is not None
    assert (found.states, found.cells) == (2, 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"places": ()}, "choose a place"),
        ({"objects": ("asked",)}, "not both"),
        ({"landmark": ("castle",)}, "no object 'castle'"),
        ({"places": (), "objects": ("castle",)}, "no object 'castle'"),
        ({"places": (), "objects": ("plain",)}, "no free façades"),
        ({"places": ((X - 20, Y + 65, 5.0),)}, "inside a building"),
        ({"places": ((X, Y, -5.0),)}, "below the ground"),
        ({"places": ((X + 9000, Y),)}, "no ground"),
        ({"scenario": "castle"}, "no scenario"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(values, words):
    with pytest.raises(ParameterError, match=words):
        run(proposed(*tower()), ASKED.model_copy(update=values))


def test_parameters_that_make_no_sense_are_refused():
    for wrong, words in (({"width": 0}, "width"), ({"far": 0}, "far"), ({"places": "1"}, "place")):
        with pytest.raises(ParameterError, match=words):
            OutlookParameters.checked(**wrong)
    with pytest.raises(CrsError, match="coordinate system"):
        run(dataclasses.replace(document(city(town)), frame=None), ASKED)
