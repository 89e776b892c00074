"""The view of a landmark: shares by geometry, reciprocity of what hides, homes by storey, and refusals in a line."""

import dataclasses
import math

import numpy as np
import pytest
from boxtown import ORIGIN, box, city, document, plain

from citymodel.analysis.estimate import estimate
from citymodel.analysis.facade.homes import homes_of, up_to
from citymodel.analysis.facade.sight import seen
from citymodel.analysis.facade.target import target
from citymodel.analysis.landmark.parameters import LandmarkParameters
from citymodel.analysis.landmark.study import run
from citymodel.analysis.registry import study
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.jobs import Job
from citymodel.legends_view import GAINS, KEEPS, LOSES, LOSES_PART, NEVER
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight
from kernels.rays import RayMesh

ASKED = LandmarkParameters(objects=("church",), part="whole", kinds=("wall",), spacing=3.0, samples=200)
HOMES = {"dwellings": 12, "storeysAboveGround": 3}


def town(b):
    """A house with its long side to the north, and a church tower 100 m north of it."""
    box(b, "house", (0, 0, 0), (12, 9, 9), attributes=HOMES)
    box(b, "church", (0, 100, 0), (12, 112, 40), attributes={"name": "St. Mary"})
    plain(b)


def proposed(*changes):
    return document(city(town)).with_scenario(Scenario("s", "Tower", changes))


def block(x0, y0, x1, y1, height, name="t"):
    ring = tuple((ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    return AddBox(name, "Tower", ring, height, 0.0)


def columns(result, name="facade_points"):
    return {key: np.array(values) for key, values in result.fields[name].data.items()}


def north(table):
    return (table["ny"] > 0.99) & (table["building"] == "house")


def empty():
    return RayMesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))


def screen(y, low, high, left=-1e3, right=1e3):
    """A wall across the view at a distance, in the north of a point at 0."""
    v = np.array([[left, y, low], [right, y, low], [right, y, high], [left, y, high]], np.float32)
    return RayMesh(v, np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def sheet(y, low, high, half=5.0):
    """(2, 3, 3) an upright rectangle that faces a point at 0."""
    a, b, c, d = (-half, y, low), (half, y, low), (half, y, high), (-half, y, high)
    return np.array([[a, b, c], [a, c, d]], dtype=float)


def look(thing, *meshes):
    place, there = np.zeros((1, 3)), [np.ones(1, bool)]
    found = seen(place, np.array([[0.0, 1.0, 0.0]]), thing, [[empty(), *meshes]], there, "cpu")[0]
    return {name: float(value[0]) for name, value in found._asdict().items()}


@pytest.mark.parametrize("height", [0.0, 4.0, 10.0, 17.0, 25.0])
def test_a_wall_half_way_hides_what_lies_below_twice_its_height(height):
    thing = target(sheet(100.0, 0.0, 40.0), np.zeros((0, 4)), -np.inf, 4000, True)
    share = look(thing, screen(50.0, -1.0, height))["share"]
    z = np.linspace(0, 40, 20_001)
    size = (100.0 / np.hypot(100.0, z) ** 3) * 100.0  # the sheet's apparent size by its height, from its middle
    exact = size[z > 2 * height].sum() / size.sum()
    assert share == pytest.approx(exact, abs=0.01)


def test_the_part_above_the_roofs_counts_alone_and_the_outline_counts_whole():
    thing = target(sheet(100.0, 0.0, 40.0), np.zeros((0, 4)), 20.0, 400, False)
    found = look(thing, screen(50.0, -1.0, 10.0))
    assert found["share"] == pytest.approx(1.0, abs=0.02)
    assert found["outline"] == pytest.approx(0.47, abs=0.03)
    assert found["vertical"] == pytest.approx(np.degrees(np.arctan(0.4) - np.arctan(0.2)), abs=0.3)
    assert found["horizontal"] == pytest.approx(2 * np.degrees(np.arctan(0.05)), abs=0.3)


def test_the_far_side_of_a_landmark_is_no_part_that_anybody_hides():
    result = run(document(city(town)), ASKED)
    table = columns(result)
    assert table["landmark_share_base"][north(table)] == pytest.approx(1.0, abs=1e-12)
    south = (table["ny"] < -0.99) & (table["building"] == "house")
    assert (table["landmark_share_base"][south] == 0).all()


def test_a_post_at_a_place_is_seen_as_a_landmark_without_a_building_is():
    x, y = ORIGIN[0] + 6.0, ORIGIN[1] + 200.0
    asked = ASKED.model_copy(update={"objects": (), "places": ((x, y),), "height": 60.0})
    table = columns(run(document(city(town)), asked))
    upper = north(table) & (table["storey"] == 2)
    z = 60.0 * (np.arange(20_000) + 0.5) / 20_000  # the church hides all below the line over its roof
    for row in np.flatnonzero(upper):
        eye, far = table["z"][row], 200.0 - 9.05
        line = eye + (40.0 - eye) * far / (112.0 - 9.05)
        size = far / (far**2 + (z - eye) ** 2) ** 1.5
        assert table["landmark_share_base"][row] == pytest.approx(size[z > line].sum() / size.sum(), abs=0.01)


def test_a_tower_before_the_church_takes_the_view_and_the_homes_are_counted_by_storey():
    result = run(proposed(block(-50, 50, 60, 60, 60.0)), ASKED)
    table, storeys = columns(result), result.fields["by_storey"].data
    face = north(table)
    assert (table["view_outcome_difference"][face] == LOSES).all()
    assert (table["landmark_share_scenario"][face] == 0).all()
    assert [h for id, h in zip(storeys["id"], storeys["homes"], strict=True) if id == "house"] == [4.0] * 3
    building = columns(result, "by_building")
    row = int(np.flatnonzero(building["id"] == "house")[0])
    assert (building["storeys_lose"][row], building["homes_lose"][row]) == (3, 12.0)
    short = result.fields["summary"].data
    lost = short["outcome"].index("loses it")
    assert (short["homes"][lost], short["storeys"][lost], short["buildings"][lost]) == (12.0, 3, 1)
    assert short["area_m2"][lost] == pytest.approx(table["area_m2"][face].sum(), abs=0.1)
    assert "up to 12 homes lose the view altogether" in result.notes[0]


def test_a_low_block_takes_the_view_from_the_lower_storeys_only():
    result = run(proposed(block(-50, 12, 60, 20, 5.0)), ASKED.model_copy(update={"counts_from": 90.0}))
    table = columns(result)
    face = north(table)
    code = table["view_outcome_difference"]
    assert (code[face & (table["storey"] == 0)] == LOSES).all()
    assert (code[face & (table["storey"] == 2)] == KEEPS).all()


def test_what_is_out_of_the_proposals_way_is_the_same_to_the_last_bit():
    result = run(proposed(block(200, -300, 220, -280, 60.0)), ASKED)
    table = columns(result)
    old = np.isfinite(table["landmark_share_base"])
    assert (table["landmark_share_difference"][old] == 0).all()
    assert set(table["view_outcome_difference"][old].tolist()) <= {NEVER, KEEPS}


def test_a_torn_down_neighbour_gives_the_view_and_a_raised_church_shows_more():
    def crowded(b):
        town(b)
        box(b, "block", (-50, 50, 0), (60, 60, 60))

    base = document(city(crowded)).with_scenario(Scenario("s", "Gap", (RemoveObject("city", "block"),)))
    table = columns(run(base, ASKED))
    assert (table["view_outcome_difference"][north(table)] == GAINS).all()
    taller = document(city(crowded)).with_scenario(Scenario("s", "Taller", (SetHeight("city", "church", 200.0),)))
    table = columns(run(taller, ASKED))
    assert (table["landmark_share_scenario"][north(table)] > table["landmark_share_base"][north(table)]).all()


def test_a_church_that_is_torn_down_is_lost_to_all_who_saw_it():
    result = run(proposed(RemoveObject("city", "church")), ASKED)
    table = columns(result)
    assert (table["view_outcome_difference"][north(table)] == LOSES).all()
    assert any("one of the two states" in note for note in result.notes)


def test_a_view_that_stays_but_shrinks_is_lost_in_part():
    result = run(proposed(block(-50, 50, 6, 60, 60.0)), ASKED)
    table = columns(result)
    codes = table["view_outcome_difference"][north(table)]
    assert LOSES_PART in codes
    row = result.fields["by_storey"].data
    assert "loses part of it" in [o for id, o in zip(row["id"], row["outcome"], strict=True) if id == "house"]


def test_of_what_rises_above_the_roofs_only_the_upper_part_counts():
    result = run(document(city(town)), ASKED.model_copy(update={"part": "above"}))
    assert result.provenance["above_m"] == pytest.approx(9.0)
    assert any("above 9.0 m" in note for note in result.notes)


def test_homes_of_a_group_are_whole_and_unknown_where_nothing_counts_them():
    third = 4 / 3
    assert up_to(np.array([third, third, np.nan])) == 3.0
    assert up_to(np.array([third, third, third])) == 4.0
    assert math.copysign(1.0, up_to(np.zeros(0))) == 1.0
    assert math.isnan(up_to(np.array([np.nan])))


def test_homes_come_from_the_names_that_registers_use():
    assert homes_of({"building:flats": "14"}) == (14.0, "building:flats")
    assert homes_of({"extension": {"energy:numberOfDwellings": 3}}) == (3.0, "energy:numberOfDwellings")
    assert homes_of({"aantal_verblijfsobjecten": 8, "flats": 2}).number == 2.0
    assert homes_of({"dwellings": -1, "households": 5}) == (5.0, "households")
    assert homes_of({"dwellings": 0}).number == 0.0
    assert np.isnan(homes_of({"function": "church"}).number)


def test_buildings_that_lose_most_come_first_and_are_called_by_their_address():
    from citymodel.analysis.facade.addresses import address_of

    def two(b):
        address = {"ThoroughfareName": "High Street", "ThoroughfareNumber": "7"}
        box(b, "afar", (300, 0, 0), (312, 9, 9), attributes={"addr:street": "Low Road"})
        box(b, "house", (0, 0, 0), (12, 9, 9), attributes={**HOMES, "address": address})
        box(b, "church", (0, 100, 0), (12, 112, 40))

    base = document(city(two)).with_scenario(Scenario("s", "Tower", (block(-50, 50, 60, 60, 60.0),)))
    table = run(base, ASKED).fields["by_building"].data
    assert table["id"][0] == "house"
    assert table["address"][0] == "High Street 7"
    assert table["address"][table["id"].index("afar")] == "Low Road"
    assert address_of({"address": [{"ThoroughfareName": "A", "ThoroughfareNumber": 1}]}) == "A 1"
    assert address_of({"function": "church"}) == ""


def test_the_landmark_may_be_called_by_its_name():
    result = run(document(city(town)), ASKED.model_copy(update={"objects": ("St. Mary",)}))
    assert result.title == "View of St. Mary"


def test_the_same_question_has_the_same_answer_and_says_how_it_was_made():
    one, two = (run(document(city(town)), ASKED) for _ in range(2))
    assert np.array_equal(columns(one)["landmark_share_base"], columns(two)["landmark_share_base"])
    facts = one.provenance
    assert facts["parameters"]["objects"] == ["church"]
    assert facts["landmark_samples"] == 200
    assert {"versions", "inputs", "device", "seconds", "rays"} <= set(facts)
    assert any("curve" in note for note in one.notes)


def test_progress_rises_and_a_cancelled_study_stops():
    told = []
    job = Job("view", listener=lambda one: told.append(one.fraction))
    job.run(lambda one: run(document(city(town)), ASKED, one))
    assert told == sorted(told)
    stopped = Job("view")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda one: run(document(city(town)), ASKED, one))


def test_the_study_says_beforehand_what_it_takes():
    found = estimate(document(city(town)), study("landmark"), ASKED)
    assert found is not None
    assert found.seconds > 0
    assert found.states == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"objects": ()}, "no landmark is chosen"),
        ({"objects": ("castle",)}, "no object 'castle'"),
        ({"bounds": (0.0, 0.0, 1.0, 1.0)}, "no façades"),
        ({"scenario": "castle"}, "no scenario 'castle'"),
        ({"objects": (), "places": ((0.0, 0.0),)}, "no ground"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(changes, words):
    with pytest.raises(ParameterError, match=words):
        run(document(city(town)), ASKED.model_copy(update=changes))


def test_parameters_that_make_no_sense_are_refused():
    for wrong, words in (({"reach": 0}, "reach"), ({"counts_from": 0}, "counts_from"), ({"places": "1"}, "place")):
        with pytest.raises(ParameterError, match=words):
            LandmarkParameters.checked(objects="church", **wrong)
    with pytest.raises(CrsError, match="coordinate system"):
        run(dataclasses.replace(document(city(town)), frame=None), ASKED)


def hits(start, end, corners):
    """Whether anything of (t, 3, 3) lies between two places (Möller & Trumbore 1997), in float64."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    towards = end - start
    p = np.cross(towards, c - a)
    det = np.einsum("ij,ij->i", b - a, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("ij,ij->i", start - a, p) / det
        q = np.cross(start - a, b - a)
        v = (q @ towards) / det
        t = np.einsum("ij,ij->i", c - a, q) / det
    return bool(((np.abs(det) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 1e-6) & (t < 1)).any())


def test_shares_are_those_of_a_reference_that_asks_every_triangle_for_every_ray():
    from citymodel.analysis.facade.target import roofs_around, triangles_of

    def crowded(b):
        rng = np.random.default_rng(11)
        for k in range(24):
            x, y = 22.0 * (k % 6) - 55, 25.0 * (k // 6) - 60
            box(b, f"h{k}", (x, y, 0), (x + rng.uniform(6, 14), y + rng.uniform(6, 14), rng.uniform(6, 24)))
        box(b, "church", (0, 70, 0), (10, 80, 45))
        plain(b)

    layer = city(crowded)
    table = columns(run(document(layer), ASKED.model_copy(update={"samples": 40})))
    church = triangles_of([layer], [("city", "church")], ORIGIN)
    everything = triangles_of([layer], [("city", id) for id in layer.data.objects.ids], ORIGIN)
    cut = roofs_around([layer], church, {("city", "church")}, ORIGIN)
    thing = target(church, np.zeros((0, 4)), cut, 40, True)
    for row in np.flatnonzero(table["ny"] > 0.5)[::12]:
        eye = np.array([table[name][row] for name in "xyz"]) - np.asarray(ORIGIN)
        normal = np.array([table[name][row] for name in ("nx", "ny", "nz")])
        seen_, open_ = 0.0, 0.0
        for at, face, weight in zip(thing.xyz, thing.normal, thing.weight, strict=True):
            ray = at - eye
            far = np.linalg.norm(ray)
            size = weight * abs(ray @ face) / far**3
            short = eye + ray * (1 - 0.05 / far)
            if not hits(eye, short, church):
                open_ += size
                seen_ += size * (ray @ normal > 0 and not hits(eye, short, everything))
        assert table["landmark_share_base"][row] == pytest.approx(
            seen_ / open_ if open_ else 0.0, abs=1e-5
        )  # places to a mm
    assert 0.02 < np.nanmean(table["landmark_share_base"][table["ny"] > 0.5]) < 0.98
