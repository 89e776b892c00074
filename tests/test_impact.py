"""Who sees a proposal: metres by similar triangles on ground and façades, what it hides, and refusals in a line."""

import math

import numpy as np
import pytest
import xarray as xr
from boxtown import ORIGIN, box, city, document, plain

from citymodel.analysis.estimate import estimate
from citymodel.analysis.impact.ground import columns_of, seen_from
from citymodel.analysis.impact.parameters import ImpactParameters
from citymodel.analysis.impact.study import run
from citymodel.analysis.registry import study
from citymodel.errors import Cancelled, ParameterError
from citymodel.jobs import Job
from citymodel.layers import Layer
from citymodel.legends_view import METRES
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight
from kernels.viewshed import Eye, Sight, prepare_view

ASKED = ImpactParameters(cell=4.0, columns=8, kinds=("wall",), refraction="none", device="cpu")
X, Y = ORIGIN[:2]
TOWER = AddBox("t", "Tower", ((X, Y), (X + 12, Y), (X + 12, Y + 12), (X, Y + 12)), 60.0, 0.0)


def town(b):
    """A long house 100 m south of the tower's place, and another behind it."""
    box(b, "front", (-60, -110, 0), (60, -100, 12), attributes={"dwellings": 8, "storeysAboveGround": 4})
    box(b, "behind", (-10, -160, 0), (10, -150, 6), attributes={"dwellings": 2, "storeysAboveGround": 2})
    plain(b, 240.0)


def proposed(*changes, make=town):
    return document(city(make), flat()).with_scenario(Scenario("s", "Tower", changes))


def flat(size=240.0, cell=4.0):
    at = np.arange(-size + cell / 2, size, cell)
    z = np.zeros((len(at), len(at)), np.float32)
    return Layer("t", "t", "terrain", xr.DataArray(z, dims=("y", "x"), coords={"y": Y - at, "x": X + at}))


def at(result, name, x, y):
    raster = result.fields[name].data
    return float(raster.sel(x=X + x, y=Y + y, method="nearest"))


def columns(result, name="facade_points"):
    return {key: np.array(values) for key, values in result.fields[name].data.items()}


@pytest.fixture(scope="module")
def seen():
    return run(proposed(TOWER), ASKED)


def test_before_the_house_the_ground_sees_all_of_the_tower(seen):
    assert at(seen, "metres", 6, -60) == pytest.approx(60.0, abs=0.05)
    assert at(seen, "vertical", 6, -60) == pytest.approx(
        math.degrees(math.atan(58.3 / 60) + math.atan(1.7 / 60)), abs=2.0
    )
    assert at(seen, "horizontal", 6, -60) == pytest.approx(2 * math.degrees(math.atan(6 / 60)), abs=1.5)


def test_behind_the_house_metres_follow_from_similar_triangles(seen):
    for y in (-118.0, -126.0, -138.0, -190.0):
        shown = at(seen, "metres", 30, y)
        edges = [max(-110 + off - y, 1.0) for off in (-4.0, 4.0)]  # metres to the roof's edge, within a cell
        line = [1.7 + (12 - 1.7) * (0 - y) / far for far in edges]
        assert max(60 - max(line) - 2, 0) <= shown <= max(60 - min(line) + 2, 0)


def test_over_the_bare_earth_it_is_seen_from_everywhere(seen):
    table = seen.fields["by_ground"].data
    assert table["bare_m2"][-1] == 0
    assert table["ground_m2"][-1] > 0
    assert sum(table["bare_m2"]) == sum(table["ground_m2"])
    assert table["proposal_class"] == [one.label for one in METRES[::-1]]


def test_a_column_is_seen_where_and_only_where_its_top_sees_the_eye():
    rng = np.random.default_rng(4)
    before = np.zeros((60, 60), np.float32)
    for _ in range(25):
        row, column = rng.integers(0, 50, 2)
        before[row : row + 6, column : column + 6] = rng.uniform(3, 15)
    before[28:32, 28:32] = 0
    after = before.copy()
    after[28:32, 28:32] = 20.0
    sight = Sight(target=1.7, curvature=False)
    columns_ = columns_of(before, after, 6)
    found = seen_from(before, 1.0, columns_, sight, "cpu")
    view, any_ = prepare_view(before, 1.0), np.zeros(before.shape, dtype=bool)
    for row, column, top in zip(columns_.row, columns_.column, columns_.top, strict=True):
        any_ |= view.visible(Eye(float(row), float(column), float(top)), sight) == 1
    differs = any_ != (found.metres > 0)
    assert differs.mean() < 0.002  # ties of one rounding
    assert 0.2 < any_.mean() < 1.0


def test_façades_that_look_at_it_see_it_whole_and_those_behind_see_what_rises_above():
    table = columns(run(proposed(TOWER), ASKED.model_copy(update={"samples": 800})))
    north = table["ny"] > 0.99
    front = north & (table["building"] == "front")
    assert table["proposal_metres_scenario"][front] == pytest.approx(60.0, abs=1.5)
    assert table["proposal_share_scenario"][front] == pytest.approx(1.0, abs=1e-9)
    behind = north & (table["building"] == "behind") & (table["storey"] == 0)
    low = [1.6 + (12 - 1.6) * 150 / b for b in (40.0, 50.0)]
    assert (table["proposal_metres_scenario"][behind] <= 60 - low[1] + 3).all()
    assert (table["proposal_metres_scenario"][behind] >= 60 - low[0] - 3).all()
    away = (table["ny"] < -0.99) & (table["building"] == "front")
    assert (table["proposal_metres_scenario"][away] == 0).all()
    assert "t" not in table["building"]


def test_homes_storeys_and_buildings_that_see_it_are_counted(seen):
    building = columns(seen, "by_building")
    row = int(np.flatnonzero(building["id"] == "front")[0])
    assert (building["storeys_affected"][row], building["homes_affected"][row]) == (4, 8.0)
    assert building["geometry"][row].startswith("MULTIPOLYGON")
    short = seen.fields["summary"].data
    assert sum(short["homes"]) == pytest.approx(10.0)
    assert sum(short["buildings"]) == 2
    assert "10 homes see it" in seen.notes[0]


def test_only_what_is_above_the_old_top_is_a_raised_buildings_proposal():
    result = run(proposed(SetHeight("city", "front", 40.0)), ASKED)
    assert at(result, "metres", 0, -60) == pytest.approx(28.0, abs=0.05)
    assert "front" not in result.fields["by_building"].data["id"]


def test_a_viewpoint_is_told_what_is_newly_hidden_behind_the_tower():
    asked = ASKED.model_copy(update={"places": ((X + 6, Y - 60),), "facades": False})
    result = run(proposed(TOWER), asked)
    row = {name: values[0] for name, values in result.fields["by_viewpoint"].data.items()}
    assert row["opened_m2"] == 0
    wedges = [width / 60 * (300**2 - 72**2) / 2 for width in (12, 20)]  # behind the tower, or that and a cell beside it
    assert wedges[0] <= row["hidden_m2"] <= wedges[1]
    assert at(result, "hides", 6, 100) == 2
    assert at(result, "hides", -200, 100) == 1
    assert "summary" not in result.fields


def test_a_tower_in_place_of_a_house_is_seen_over_what_the_house_no_longer_hides():
    def crowded(b):
        town(b)
        box(b, "old", (0, 0, 0), (12, 12, 10))

    result = run(proposed(RemoveObject("city", "old"), TOWER, make=crowded), ASKED)
    assert at(result, "metres", 6, -60) == pytest.approx(60.0, abs=0.05)


def test_the_maps_say_how_they_were_made(seen):
    facts = seen.provenance
    assert facts["parameters"]["cell"] == 4.0
    assert {"versions", "inputs", "scenario", "device", "seconds", "cell_m", "crs", "points"} <= set(facts)
    assert list(seen.fields)[-1] == "metres"
    assert any("reciprocity" in note for note in seen.notes)
    assert any("straight" in note for note in seen.notes)


def test_progress_rises_and_a_cancelled_study_stops():
    told = []
    job = Job("seen", listener=lambda one: told.append(one.fraction))
    job.run(lambda one: run(proposed(TOWER), ASKED, one))
    assert told == sorted(told)
    stopped = Job("seen")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda one: run(proposed(TOWER), ASKED, one))


def test_the_study_says_beforehand_what_it_takes():
    one, fine = (estimate(proposed(TOWER), study("impact"), ASKED.model_copy(update={"cell": c})) for c in (4.0, 1.0))
    assert one is not None
    assert fine is not None
    assert fine.cells == pytest.approx(16 * one.cells, rel=0.05)
    assert fine.seconds > one.seconds


@pytest.mark.parametrize(
    ("changes", "values", "words"),
    [
        ((), {}, "no proposal"),
        ((RemoveObject("city", "behind"),), {}, "adds nothing"),
        ((TOWER,), {"scenario": "castle"}, "no scenario 'castle'"),
        ((TOWER,), {"reach": 1.0}, "no façades"),
        ((TOWER,), {"places": ((X, Y - 105),)}, "inside a building"),
        ((TOWER,), {"places": ((X, Y - 5000),)}, "outside the data"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(changes, values, words):
    with pytest.raises(ParameterError, match=words):
        run(proposed(*changes), ASKED.model_copy(update=values))


def test_a_viewpoint_inside_a_building_is_refused_before_the_rays():
    told = []
    with pytest.raises(ParameterError, match="inside a building"):
        run(
            proposed(TOWER), ASKED.model_copy(update={"places": ((X, Y - 105),)}),
            lambda share, text="": told.append(share),
        )  # fmt: skip
    assert max(told) <= 0.2


def test_parameters_that_make_no_sense_are_refused():
    for wrong, words in (({"reach": 0}, "reach"), ({"cell": 0}, "cell"), ({"places": "1"}, "place")):
        with pytest.raises(ParameterError, match=words):
            ImpactParameters.checked(**wrong)
