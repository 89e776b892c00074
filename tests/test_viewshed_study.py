"""The viewshed study: known walls on a plane, before and after, paths and areas, and who cannot stand where."""

from __future__ import annotations

import dataclasses
import itertools
import math

import boxtown
import numpy as np
import pytest
from pydantic import ValidationError

from citymodel import legends_seen
from citymodel.analysis.estimate import estimate
from citymodel.analysis.export import export_result
from citymodel.analysis.registry import study
from citymodel.analysis.viewshed.eyes import letters
from citymodel.analysis.viewshed.parameters import ViewshedParameters
from citymodel.analysis.viewshed.sampling import along, within
from citymodel.analysis.viewshed.study import run
from citymodel.document import Document
from citymodel.errors import Cancelled, CrsError, ParameterError
from citymodel.geo import Frame
from citymodel.jobs import Job
from citymodel.scenario import AddBox, Scenario

X, Y = boxtown.ORIGIN[:2]
HIDDEN, SEEN, NEWLY_HIDDEN, NEWLY_SEEN, NO_DATA, OUT_OF_RANGE = 0, 1, 2, 3, 254, 255
PLOT = tuple((X + a, Y + b) for a, b in ((10, -5), (20, -5), (20, 5), (10, 5)))
TOWER = Scenario("tower", "Tower", (AddBox("t", "Tower", PLOT, 30.0, 0.0),))


@pytest.fixture
def town() -> Document:
    """A plane of 120 × 120 m with a wall-like block 10 m high, 30 m east of the middle."""

    def make(builder):
        boxtown.plain(builder, 60.0)
        boxtown.box(builder, "block", (30, -20, 0), (40, 20, 10))

    return Document(frame=Frame(boxtown.CRS, boxtown.ORIGIN), layers=(boxtown.city(make),))


def asked(*places, **values) -> ViewshedParameters:
    where = tuple((X + x, Y + y, *z) for x, y, *z in places)
    return ViewshedParameters.checked(**({"places": where, "curvature": False} | values))


def row_of(result, name, y=0.5):
    """x from the middle, and the values of the row of cells there."""
    raster = result.fields[name].data
    at = int(np.argmin(abs(np.asarray(raster.y) - Y - y)))
    return np.asarray(raster.x) - X, np.asarray(raster)[at]


def test_upright_walls_hide_what_the_formula_says(town):
    eye = 25.0
    result = run(town, asked((0.5, 0.5, eye), surface="walls"))
    x, seen = row_of(result, "visible")
    ends = 40 + 10 * (40 - 0.5) / (eye - 10)  # the line over the far edge of the roof comes down there
    assert (seen[(x > 40) & (x < ends - 1)] == HIDDEN).all()
    assert (seen[(x > ends + 1)] == SEEN).all()
    assert (seen[x < 40] == SEEN).all()


def test_the_raster_s_walls_lean_by_a_cell_and_the_upright_ones_do_not(town):
    raster, walls = (run(town, asked((0.5, 0.5), surface=one, cell=2.0)) for one in ("raster", "walls"))
    corner = (0.5, 24.0)
    for result, least in ((raster, 0), (walls, 1)):
        assert set(np.unique(result.fields["visible"].data)) <= {HIDDEN, SEEN}
        assert result.fields["by_eye"].data["seen_m2_base"][0] > least
    assert raster.provenance["surface"] != walls.provenance["surface"]
    assert 0.5 < walls.provenance["overlap_with_raster"][0] < 1.0
    assert corner[1] > 20
    assert any("upright" in note for note in walls.notes)


def test_the_least_height_behind_the_block_is_the_formula_s(town):
    result = run(town, asked((0.5, 0.5), eye=2.0))
    x, least = row_of(result, "least_height")
    behind = x > 41
    assert least[behind] == pytest.approx(2 + (10 - 2) * (x[behind] - 0.5) / 30.0, rel=1e-4)
    assert (least[(x > 2) & (x < 29)] == 0).all()


def test_hills_hide_alike_on_both_surfaces(town):
    from citymodel.layers import Layer
    from citymodel.surface import Grid

    grid = Grid(X - 60, Y + 60, 1.0, (120, 120), boxtown.CRS)
    x, y = np.meshgrid(grid.x - X, grid.y - Y)
    hills = 4 * np.sin(x / 9) * np.cos(y / 13) + 3 * np.sin((x + 2 * y) / 31)
    terrain = Layer("hills", "hills", "terrain", grid.raster(hills.astype(np.float32), "terrain"))

    def sheds(builder):
        for name, at in (("a", 55), ("b", -59)):
            boxtown.box(builder, name, (at, at, -8), (at + 4, at + 4, 6))

    document = dataclasses.replace(town, layers=(boxtown.city(sheds), terrain))
    part = {"curvature": True, "bounds": (X - 50, Y - 50, X + 50, Y + 50)}
    results = [run(document, asked((0.3, 0.4), eye=3.0, surface=one, **part)) for one in ("raster", "walls")]
    found = [np.asarray(one.fields["visible"].data) for one in results]
    np.testing.assert_array_equal(found[0], found[1])
    assert 0.1 < (found[0] == SEEN).mean() < 0.9


@pytest.mark.parametrize("surface", ["raster", "walls"])
def test_a_tower_hides_what_lies_behind_it_and_changes_nothing_else(town, surface):
    result = run(town.with_scenario(TOWER), asked((0.5, 0.5, 25.0), surface=surface))
    change = np.asarray(result.fields["visible_difference"].data)
    x, row = row_of(result, "visible_difference")
    assert (row[(x > 21) & (x < 29)] == NEWLY_HIDDEN).all()
    assert (row[(x > -59) & (x < 9)] == SEEN).all()
    raster = result.fields["visible_difference"].data
    dx, dy = np.meshgrid(np.asarray(raster.x) - X, np.asarray(raster.y) - Y)
    reached = (dx > 7) & (abs(dy) < 1.0 * dx)  # a fan wider than the tower's, seen from the eye
    assert set(np.unique(change[~reached])) <= {HIDDEN, SEEN}
    before, after = (np.asarray(result.fields[f"visible_{one}"].data) for one in ("base", "scenario"))
    np.testing.assert_array_equal(before[~reached], after[~reached])
    table = result.fields["by_building"].data
    shares = dict(zip(table["id"], table["seen_share_difference"], strict=True))
    assert shares["block"] < 0
    assert result.fields["by_eye"].data["seen_m2_difference"][0] < 0


def test_places_are_counted_and_the_union_is_what_any_sees(town):
    one, other = (-20.5, 0.5), (50.5, 0.5)
    alone = [np.asarray(run(town, asked(place)).fields["visible"].data) for place in (one, other)]
    both = run(town, asked(one, other))
    np.testing.assert_array_equal(
        np.asarray(both.fields["seen_by"].data), (alone[0] == SEEN).astype(int) + (alone[1] == SEEN)
    )
    np.testing.assert_array_equal(np.asarray(both.fields["visible"].data) == SEEN, (alone[0] | alone[1]) == SEEN)
    assert both.fields["by_eye"].data["id"] == ["A", "B"]
    assert "seen_by" not in run(town, asked(one)).fields


def test_a_path_is_reported_by_segment(town):
    result = run(town, asked((-50.5, -30), (49.5, -30), kind="path", spacing=10, segment=40))
    table = result.fields["by_segment"].data
    assert table["id"] == ["0 to 40 m", "40 to 80 m", "80 to 100 m"]
    assert table["eyes"] == [4, 4, 3]
    assert sum(table["eyes"]) == len(result.fields["by_eye"].data["id"]) == 11
    eyes = result.fields["by_eye"].data["seen_m2_base"]
    for k, (first, last) in enumerate(((0, 4), (4, 8), (8, 11))):
        assert table["seen_m2_base"][k] >= max(eyes[first:last])
    assert max(table["seen_m2_base"]) <= result.provenance["seen_m2"][0]


def test_an_area_is_filled_with_eyes_and_those_in_buildings_are_left_out(town):
    corners = ((25, -10), (45, -10), (45, 10), (25, 10))
    result = run(town, asked(*corners, kind="area", spacing=5))
    assert result.provenance["left_out"] == {"inside a building": 8}
    assert result.provenance["eyes"] == 8
    assert any("8 places inside a building were left out" in note for note in result.notes)


def test_a_place_inside_a_building_is_named_and_offered_the_roof(town):
    inside = (35.5, 0.5)
    with pytest.raises(ParameterError, match=r"inside the building block.*--stand roof"):
        run(town, asked(inside))
    roof = run(town, asked(inside, stand="roof"))
    assert roof.fields["by_eye"].data["eye_height"] == [pytest.approx(11.7)]
    assert any("stands on the roof" in note for note in roof.notes)
    with pytest.raises(ParameterError, match="nowhere to stand: 1 inside a building"):
        run(town, asked(inside, stand="ground"))
    both = run(town, asked(inside, (0.5, 0.5), stand="ground"))
    assert both.fields["by_eye"].data["id"] == ["B"]


def test_a_place_inside_the_proposal_alone_is_named_too(town):
    with pytest.raises(ParameterError, match=r"inside the building t of Tower"):
        run(town.with_scenario(TOWER), asked((15.5, 0.5)))


@pytest.mark.parametrize(
    ("places", "values", "said"),
    [
        (((500, 0),), {}, "outside the data, which cover"),
        (((0.5, 0.5, -3.0),), {}, "below the ground"),
        ((), {}, "a place to look from: 0 given"),
        (((0, 0),), {"kind": "path"}, "two places of a path"),
        (((0, 0), (0, 0)), {"kind": "path"}, "no length"),
        (((0, 0), (9, 9), (9, 0), (0, 9)), {"kind": "area"}, "crosses itself"),
        (((0, 0, 5), (9, 9, 5)), {"kind": "path"}, "heights belong to single places"),
        (((0, 0), (50, 0)), {"kind": "path", "spacing": 1e-4}, "set them farther apart"),
        (((0, 0),), {"areas": "parks"}, "parks"),
        (((0, 0),), {"scenario": "castle"}, "castle"),
    ],
)
def test_a_question_without_an_answer_is_one_plain_line(town, places, values, said):
    with pytest.raises(ParameterError, match=said) as wrong:
        run(town, asked(*places, **values))
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "values",
    [
        {"reach": 0}, {"eye": -1}, {"cell": 0}, {"azimuth_from": 10}, {"azimuth_from": 10, "azimuth_to": 10},
        {"pitch_low": 5, "pitch_high": 5}, {"places": "1 2 3 4"}, {"places": ((math.nan, 1.0),)}, {"surface": "tin"},
        {"bounds": (5, 5, 1, 1)}, {"colour": 1},
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused(values):
    with pytest.raises((ValidationError, ParameterError)):
        ViewshedParameters(**values)
    with pytest.raises(ParameterError):
        ViewshedParameters.checked(**values)


def test_walls_need_a_model_and_views_a_system(town):
    nowhere = dataclasses.replace(town, frame=Frame(None, (0.0, 0.0, 0.0)))
    with pytest.raises(CrsError, match="coordinate system"):
        run(nowhere, asked((0.5, 0.5)))
    degrees = dataclasses.replace(town, frame=Frame("EPSG:4326", (0.0, 0.0, 0.0)))
    with pytest.raises(CrsError, match="degrees"):
        run(degrees, asked((0.5, 0.5)))
    from citymodel.surface import Grid

    grid = Grid(X - 20, Y + 20, 1.0, (40, 40), boxtown.CRS)
    bare = dataclasses.replace(town.layers[0], kind="terrain", data=grid.raster(np.zeros(grid.shape, np.float32), "t"))
    with pytest.raises(ParameterError, match="no city model"):
        run(dataclasses.replace(town, layers=(bare,)), asked((0.5, 0.5), surface="walls"))


def test_reach_azimuth_and_pitch_limit_the_view_and_the_map(town):
    near = run(town, asked((0.5, 0.5), reach=20))
    assert near.fields["visible"].data.shape == (41, 41)
    codes = np.asarray(near.fields["visible"].data)
    assert codes[0, 0] == OUT_OF_RANGE
    assert (codes == SEEN).sum() == pytest.approx(math.pi * 20**2, rel=0.01)
    east = run(town, asked((0.5, 0.5), azimuth_from=45, azimuth_to=135))
    x, row = row_of(east, "visible")
    assert (row[x < -1] == OUT_OF_RANGE).all()
    assert row[np.searchsorted(x, 20)] == SEEN
    up = run(town, asked((0.5, 0.5), pitch_low=0))
    assert (np.asarray(up.fields["visible"].data) == SEEN).sum() < 100


def test_a_part_of_the_city_shows_what_the_whole_shows_there_wherever_the_eye_is(town):
    whole = run(town, asked((-50.5, 0.5))).fields["visible"].data
    box = (X + 20, Y - 30, X + 60, Y + 30)
    part = run(town, asked((-50.5, 0.5), bounds=box)).fields["visible"].data
    assert part.shape == (60, 40)
    np.testing.assert_array_equal(np.asarray(part), np.asarray(whole.sel(x=part.x, y=part.y)))


def test_defaults_stand_in_the_legend_s_first_line_and_in_the_provenance(town):
    result = run(town, ViewshedParameters(places=((X + 0.5, Y + 0.5),)))
    for word in ("Eye 1.7 m", "target 0 m", "surface raster", "k 0.143", "cells of 1 m", "as far as the data", "R3"):
        assert word in result.notes[0]
    facts = result.provenance
    assert facts["refraction_k"] == pytest.approx(1 / 7)
    assert facts["parameters"]["eye"] == 1.7
    assert facts["inputs"][0]["layer"] == "city"


def test_a_study_tells_how_far_it_is_and_can_be_cancelled(town):
    seen = []
    Job("view", listener=lambda one: seen.append(one.fraction)).run(lambda job: run(town, asked((0.5, 0.5)), job))
    assert seen == sorted(seen)
    assert len(seen) > 5
    stopped = Job("view")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda job: run(town, asked((0.5, 0.5)), job))


def test_the_time_grows_with_the_eyes_and_the_cells(town):
    one, many, fine = (
        estimate(town, study("viewshed"), asked((-50, -30), (49, -30), kind="path", **values))
        for values in ({"spacing": 50}, {"spacing": 1}, {"spacing": 50, "cell": 0.25})
    )
    assert many.seconds > one.seconds
    assert fine.cells == pytest.approx(16 * one.cells, rel=0.02)
    assert many.memory == one.memory


def test_results_are_written_as_maps_and_tables(town, tmp_path):
    result = run(town, asked((-50.5, -30), (49.5, -30), kind="path", spacing=20))
    export_result(result, tmp_path / "v.tif", field="visible")
    export_result(result, tmp_path / "v.png", field="seen_by")
    export_result(result, tmp_path / "v.gpkg")
    import rasterio

    with rasterio.open(tmp_path / "v.tif") as file:
        assert (file.dtypes[0], file.nodata) == ("uint8", 254)
        assert "1 visible" in file.tags()["units"]


def test_sampled_places_are_even_and_inside():
    import shapely

    places = along(shapely.LineString([(0, 0), (10, 0), (10, 5)]), 4.0)
    assert len(places) == 5
    assert places[-1].tolist() == [10, 5]
    disc = shapely.Point(0, 0).buffer(30)
    inside = within(disc, 5.0)
    assert len(inside) == pytest.approx(disc.area / 25, rel=0.1)
    assert np.hypot(*inside.T).max() <= 30
    assert len(within(shapely.box(0, 0, 1, 1), 50.0)) == 1
    assert [letters(k) for k in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


CODED = (legends_seen.VIEW, legends_seen.VIEW_CHANGE)
MEASURED = (
    legends_seen.LEAST_HEIGHT, legends_seen.LEAST_HEIGHT_CHANGE,
    *(make(n) for n in (2, 3, 5, 30, 1000) for make in (legends_seen.seen_by, legends_seen.seen_by_change)),
)  # fmt: skip


@pytest.mark.parametrize("legend", MEASURED)
def test_a_legend_covers_every_number_once(legend):
    assert legend[0].lower == -np.inf
    assert legend[-1].upper == np.inf
    assert all(a.upper == b.lower for a, b in itertools.pairwise(legend))
    for what in ("colour", "label"):
        assert len({getattr(one, what) for one in legend}) == len(legend)


@pytest.mark.parametrize("legend", CODED)
def test_every_code_has_one_class(legend):
    for code in (HIDDEN, SEEN, NO_DATA, OUT_OF_RANGE, *((NEWLY_HIDDEN, NEWLY_SEEN) if len(legend) == 6 else ())):
        assert sum(one.lower <= code < one.upper for one in legend) == 1
