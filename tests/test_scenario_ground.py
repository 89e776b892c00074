"""Walls, changed ground and openings as changes of a scenario: checked, written, applied, and nowhere beyond reach."""

import json
from itertools import pairwise

import numpy as np
import pytest

from citymodel.document import Document
from citymodel.errors import ParameterError
from citymodel.geo import Frame
from citymodel.layers import Layer
from citymodel.points import PointCloud
from citymodel.project import Project
from citymodel.scenario import AddBox, AddOpening, AddWall, ChangeGround, RemoveObject, Scenario, SetHeight, apply
from citymodel.surface import Grid, analysis_surface
from citymodel.surface.walls import cells_along, wall_crests

GRID = Grid(0.0, 100.0, 1.0, (100, 100))
SQUARE = ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0))
WALL = AddWall("w", "Flood wall", ((10.0, 10.0), (60.0, 37.0), (60.0, 80.0)), 1.5)
BASIN = ChangeGround("g", "Basin", SQUARE, by=-2.0)
CULVERT = AddOpening("o", "Culvert", (5.0, 5.0), (5.0, 25.0), 2.0, 9.5, 1.2, 3.0)


def slope():
    """Ground that rises 0.1 m a metre to the east from 10 m."""
    return np.broadcast_to(10.0 + 0.1 * GRID.x, GRID.shape).astype(np.float32)


def terrain(z=None):
    return Layer("dtm", "Terrain", "terrain", GRID.raster(slope() if z is None else z, "terrain"))


def cloud():
    """Ground returns each metre, and a crown of 8 m above them in a corner of the square."""
    x, y = (part.ravel() for part in np.meshgrid(GRID.x, GRID.y))
    z = 10.0 + 0.1 * x
    tree = (x > 34) & (x < 38) & (y > 34) & (y < 38)
    xyz = np.concatenate([np.column_stack([x, y, z]), np.column_stack([x, y, z + 8.0])[tree]])
    classes = np.concatenate([np.full(len(x), 2), np.full(int(tree.sum()), 5)]).astype(np.uint8)
    scale = np.full(3, 0.001)
    counts = np.round(xyz / scale).astype(np.int32)
    return Layer("laz", "Points", "points", PointCloud(counts, scale, np.zeros(3), {"classification": classes}))


def plan(*changes):
    return Scenario("s", "Plan", changes)


@pytest.mark.parametrize("change", [WALL, BASIN, CULVERT, ChangeGround("g", "Square", SQUARE, level=12.0, slope=2.0)])
def test_a_change_comes_back_from_a_project_file_as_it_was(change):
    text = json.dumps(plan(change).to_dict())
    assert Scenario.from_dict(json.loads(text)) == plan(change)


def test_a_project_file_from_before_there_were_walls_still_opens():
    text = '{"id": "s", "name": "Plan", "changes": [{"kind": "add-box", "id": "b", "name": "B", "footprint": [[0, 0], \
[9, 0], [9, 9]], "height": 5.0, "base": null}, {"kind": "set-height", "layer_id": "town", "object_id": "a", \
"height": 4.0}]}'
    read = Scenario.from_dict(json.loads(text))
    assert read.boxes()[0].footprint == ((0, 0), (9, 0), (9, 9))
    assert read.walls() == read.grounds() == read.openings() == ()


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        (AddWall, {"line": ((0, 0), (0, 0)), "height": 1}, "two places that differ"),
        (AddWall, {"line": ((0, 0), (9, 9), (9, 0), (0, 9)), "height": 1}, "crosses itself"),
        (AddWall, {"line": ((0, 0), (float("nan"), 9)), "height": 1}, "not a number"),
        (AddWall, {"line": ((0, 0), (9, 9)), "height": 1500}, "height of 'x' is 1500 m"),
        (AddWall, {"line": ((0, 0), (9, 9)), "height": float("nan")}, "height of 'x' is nan"),
        (AddWall, {"line": ((0, 0), (9, 9)), "height": 1, "width": 0}, "width of 'x' is 0 m"),
        (ChangeGround, {"outline": ((0, 0), (9, 9), (9, 0), (0, 9)), "by": -1}, "crosses itself"),
        (ChangeGround, {"outline": SQUARE}, "one of the two"),
        (ChangeGround, {"outline": SQUARE, "by": -1, "level": 3}, "one of the two"),
        (ChangeGround, {"outline": SQUARE, "by": 0}, "rises by 0 m"),
        (ChangeGround, {"outline": SQUARE, "by": -500}, "give one from -100 to 100"),
        (ChangeGround, {"outline": SQUARE, "by": -1, "slope": -2}, "slope of the banks"),
        (AddOpening, {"start": (0, 0), "end": (0, 0), "width": 1, "invert": 0}, "two places that differ"),
        (AddOpening, {"start": (0, 0), "end": (9, 0), "width": -1, "invert": 0}, "width of 'x'"),
        (AddOpening, {"start": (0, 0), "end": (9, 0), "width": 1, "invert": float("inf")}, "floor of 'x'"),
        (AddOpening, {"start": (0, 0), "end": (9, 0), "width": 1, "invert": 0, "capacity": 0}, "capacity of 'x'"),
    ],
)
def test_what_cannot_be_built_is_refused_in_plain_words(kind, told, words):
    with pytest.raises(ParameterError, match=words):
        kind("x", "x", **told)


def test_a_wall_stands_on_the_ground_and_follows_it():
    after = apply(plan(AddWall("w", "W", ((10.0, 50.0), (60.0, 50.0)), 1.5)), (terrain(),))
    model = after[-1].data
    assert after[-1].id == "scenario-s"
    assert model.objects.type_of(0) == "OtherConstruction"
    assert model.vertices[:, 2].min() == pytest.approx(11.0, abs=0.01)
    assert model.vertices[:, 2].max() == pytest.approx(16.0 + 1.5, abs=0.01)
    assert np.ptp(model.vertices[:, 1]) == pytest.approx(0.5)


def test_a_wall_is_closed_and_holds_its_volume():
    model = apply(plan(AddWall("w", "W", ((10.0, 10.0), (40.0, 10.0), (40.0, 30.0)), 2.0, base=10.0)), ())[-1].data
    volume = 0.0
    for start, end in zip(model.ring_offsets[:-1], model.ring_offsets[1:], strict=True):
        p = model.vertices[model.ring_vertices[start:end]]
        for k in range(1, len(p) - 1):
            volume += np.dot(p[0], np.cross(p[k], p[k + 1])) / 6
    assert volume == pytest.approx(50.0 * 0.5 * 12.0)  # nothing tells the ground: it is at 0


def test_a_level_crest_is_level_and_never_below_the_ground():
    tops = wall_crests([AddWall("w", "W", ((10.5, 50.5), (60.5, 50.5)), 1.0, base=12.0)], slope(), GRID)
    crest = tops[np.isfinite(tops)]
    assert crest.min() == 13.0
    assert tops[49, 60] == pytest.approx(16.05, abs=0.03)  # the ground is higher there
    assert np.all(np.nan_to_num(tops, nan=99) >= slope() - 0.03)


@pytest.mark.parametrize("line", [WALL.line, ((3.2, 97.1), (95.4, 2.3)), ((0.0, 0.0), (100.0, 100.0))])
def test_the_cells_of_a_wall_share_edges_from_end_to_end(line):
    rows, columns, along = cells_along(line, GRID)
    assert np.all(np.abs(np.diff(rows)) + np.abs(np.diff(columns)) <= 1)
    assert np.all(np.diff(along) >= 0)
    assert along[-1] <= sum(np.hypot(*np.subtract(b, a)) for a, b in pairwise(line))


def test_a_wall_closes_the_surface_whatever_its_width():
    dsm, dtm = analysis_surface((terrain(),), plan(WALL), GRID)
    before, ground = analysis_surface((terrain(),), None, GRID)
    wall = np.isfinite(wall_crests([WALL], slope(), GRID))
    assert np.array_equal(dtm, ground)
    assert np.array_equal(np.asarray(dsm)[~wall], np.asarray(before)[~wall])
    assert np.all(np.asarray(dsm)[wall] > np.asarray(before)[wall] + 1.3)


def test_a_wall_taken_away_again_is_gone_and_one_made_higher_is_higher():
    gone = plan(WALL, RemoveObject("scenario-s", "w"))
    assert gone.walls() == ()
    assert np.array_equal(*(analysis_surface((terrain(),), one, GRID)[0] for one in (gone, None)))
    higher = plan(WALL, SetHeight("scenario-s", "w", 3.0))
    assert higher.walls()[0].height == 3.0
    dsm = analysis_surface((terrain(),), higher, GRID)[0]
    assert float(dsm[89, 10]) == pytest.approx(11.05 + 3.0, abs=0.03)
    model = apply(higher, (terrain(),))[-1].data
    assert model.vertices[:, 2].max() == pytest.approx(16.0 + 3.0, abs=0.01)


@pytest.mark.parametrize("layers", [(terrain(),), (cloud(),)])
def test_ground_is_lowered_inside_the_outline_and_nowhere_else(layers):
    dsm, dtm = (np.asarray(one, dtype=np.float64) for one in analysis_surface(layers, plan(BASIN), GRID))
    was, ground = (np.asarray(one, dtype=np.float64) for one in analysis_surface(layers, None, GRID))
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[60:80, 20:40] = True
    assert np.array_equal(dtm[~inside], ground[~inside])
    assert np.array_equal(dsm[~inside], was[~inside])
    assert ground[inside] - dtm[inside] == pytest.approx(2.0, abs=1e-5)
    assert was[inside] - dsm[inside] == pytest.approx(2.0, abs=1e-5)  # a tree stands on the ground that goes down


def test_ground_comes_to_a_level_with_banks():
    square = ChangeGround("g", "Square", SQUARE, level=20.0, slope=2.0)
    dtm = np.asarray(analysis_surface((terrain(),), plan(square), GRID)[1], dtype=np.float64)
    was = slope()
    assert dtm[70, 20] - was[70, 20] == pytest.approx(0.25)  # half a metre from the outline
    assert dtm[70, 24] - was[70, 24] == pytest.approx(2.25)
    assert dtm.max() <= 20.0
    deep = ChangeGround("g", "Square", SQUARE, level=12.0)
    flat = np.asarray(analysis_surface((terrain(),), plan(deep), GRID)[1])[60:80, 20:40]
    assert flat.min() == flat.max() == 12.0


def test_a_scenario_digs_the_terrain_that_is_shown_and_leaves_the_base_as_it_was():
    layer = terrain()
    before = np.array(layer.data)
    after = apply(plan(BASIN), (layer,))
    assert after[0].data is not layer.data
    assert np.array_equal(layer.data, before)
    assert float(after[0].data[70, 30] - before[70, 30]) == pytest.approx(-2.0)
    assert apply(plan(BASIN), (layer,))[0].data is after[0].data  # the same revision: nothing is drawn anew
    far = ChangeGround("g", "Far", ((500.0, 500.0), (510.0, 500.0), (510.0, 510.0)), by=-1.0)
    assert apply(plan(far), (layer,))[0] is layer


def test_a_wall_and_a_house_stand_on_the_changed_ground():
    pit = ChangeGround("g", "Pit", SQUARE, level=5.0)
    wall = AddWall("w", "W", ((25.0, 30.0), (35.0, 30.0)), 1.0)
    box = AddBox("b", "B", ((22.0, 22.0), (26.0, 22.0), (26.0, 26.0), (22.0, 26.0)), 3.0)
    for layer in (terrain(), cloud()):
        z = apply(plan(pit, wall, box), (layer,))[-1].data.vertices[:, 2]
        assert sorted({round(float(one), 2) for one in z}) == [5.0, 6.0, 8.0]


def test_an_opening_changes_no_surface():
    layers = (terrain(),)
    assert apply(plan(CULVERT), layers) == layers
    assert np.array_equal(*(analysis_surface(layers, one, GRID)[0] for one in (plan(CULVERT), None)))


def test_the_last_of_one_id_counts_and_what_is_taken_out_is_gone():
    deeper = ChangeGround("g", "Basin", SQUARE, by=-3.0)
    scenario = plan(BASIN, CULVERT, deeper, WALL, SetHeight("scenario-s", "w", 2.0))
    assert scenario.grounds() == (deeper,)
    assert scenario.drawn("o") == CULVERT
    assert scenario.without("g").changes == (CULVERT, WALL, SetHeight("scenario-s", "w", 2.0))
    assert scenario.without("w").changes == (BASIN, CULVERT, deeper)
    assert scenario.drawn("nothing") is None


def test_a_wall_drawn_by_mistake_is_undone():
    project = Project(Document(frame=Frame("EPSG:25833", (0.0, 0.0, 0.0)), layers=(terrain(),)))
    project.edit("Wall", lambda d: d.with_change(WALL))
    assert project.document.scenario is not None
    assert project.document.scenario.walls() == (WALL,)
    project.undo()
    assert project.document.scenario is None
