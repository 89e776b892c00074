"""What a proposal draws on the ground is part of the picture's state, and of the base's it is not."""

import numpy as np
import pytest

from citymodel.builder import CityModelBuilder
from citymodel.document import Document
from citymodel.geo import Frame
from citymodel.layers import Layer
from citymodel.scenario import AddOpening, AddWall, ChangeGround, Scenario
from citymodel.scene.cut import with_moved_land, without_land
from citymodel.scene.meshes import city_tiles
from citymodel.scene.plans import Plan, Plans
from citymodel.scene.state import View, resolve
from citymodel.surface import Grid

ORIGIN = (390000.0, 5820000.0, 0.0)
GRID = Grid(390000.0, 5820100.0, 1.0, (100, 100), "EPSG:25833")
BASIN = ChangeGround(
    "g", "Basin", tuple((390000.0 + x, 5820000.0 + y) for x, y in ((20, 20), (40, 20), (40, 40))), by=-2
)
WALL = AddWall("w", "Wall", ((390010.0, 5820010.0), (390060.0, 5820010.0)), 1.5)
WAY = AddOpening("o", "Culvert", (390010.0, 5820050.0), (390030.0, 5820050.0), 1.0, 3.0)


def shown(active, **view):
    terrain = Layer("dtm", "Terrain", "terrain", GRID.raster(np.full(GRID.shape, 5.0, np.float32), "terrain"))
    scenario = Scenario("s", "Plan", (BASIN, WALL, WAY))
    document = Document(
        frame=Frame("EPSG:25833", ORIGIN), layers=(terrain,), scenarios=(scenario,), active_scenario=active
    )
    return resolve(document, None, View(**view))


def test_outlines_walls_and_openings_are_lines_and_walls_are_built_too():
    state = shown("s", selection=frozenset({("scenario-s", "o")}))
    assert state.plans == (
        Plan("g", ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0)), closed=True),
        Plan("w", ((10.0, 10.0), (60.0, 10.0)), lift=1.5),
        Plan("o", ((10.0, 50.0), (30.0, 50.0)), marked=True, selected=True),
    )
    built = next(item for item in state.items if item.layer_id == "scenario-s")
    assert ("w", "proposed") in built.marks
    assert not any(one.title == "City model" for one in state.caption.legends), "a wall alone is no city"


def test_the_terrain_on_the_picture_is_the_lowered_one_and_the_base_keeps_its_own():
    after, base = shown("s"), shown("")
    heights = [np.asarray(next(item for item in state.items if item.layer_id == "dtm").data) for state in (after, base)]
    assert heights[0].min() == 3.0
    assert heights[1].min() == 5.0
    assert base.plans == ()


class Recorder:
    """What `Plans` needs of a plotter."""

    def __init__(self):
        self.renderer, self.actors = self, []
        self.AddActor, self.RemoveActor = self.actors.append, self.actors.remove


@pytest.mark.parametrize(
    "line", [((1.0, 1.0),), ((1.0, 1.0), (1.0, 1.0)), ((1.0, 1.0), (5.0, 1.0), (5.0, 1.0)), ((1.0, 1.0),) * 3]
)
def test_a_line_in_the_making_is_drawn_though_the_pointer_rests_where_the_last_click_was(line):
    recorder = Recorder()
    Plans(recorder, 1.0).show((Plan("draft", line, closed=len(line) > 2, marked=True),), lambda x, y: 0.0)
    assert recorder.actors


def land(kind="LandUse"):
    """A square of land of two triangles, 100 m wide, as tiles of a model."""
    builder = CityModelBuilder("CityGML", "2.0")
    row = builder.add_object("land", kind)
    node = builder.add_node("MultiSurface")
    ring = [(0.0, 0.0, 1.0), (100.0, 0.0, 2.0), (100.0, 100.0, 2.0), (0.0, 100.0, 1.0)]
    builder.add_member(node, builder.add_polygon([np.array(ring).ravel().tolist()]))
    builder.add_geometry(row, "MultiSurface", node, lod="2")
    model = builder.build()
    return city_tiles(model, (0.0, 0.0, 0.0)), model


def area_of(tiles):
    corners = np.concatenate([tile.points for tile in tiles]).reshape(-1, 3, 3).astype(float)
    return 0.5 * np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]).sum()


HOLE = ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0))


def test_land_of_a_model_is_cut_out_where_the_ground_changes_and_keeps_its_plane():
    tiles, model = land()
    left = without_land(tiles, model, (HOLE,))
    assert area_of(left) == pytest.approx(10_000 - 400, rel=1e-5)
    points = left[0].points.astype(float)
    lift = points[0, 2] - (1.0 + points[0, 0] / 100.0)
    assert points[:, 2] - (1.0 + points[:, 0] / 100.0) == pytest.approx(lift, abs=1e-4)
    assert len(left[0].object) == len(left[0]) == len(points) // 3
    assert without_land(tiles, model, ()) is tiles


def test_land_of_a_model_follows_a_basin_where_there_is_no_other_terrain():
    tiles, model = land()
    basin = ChangeGround("g", "Basin", HOLE, by=-2.0, slope=2.0)
    dug = with_moved_land(tiles, model, (basin,))
    assert area_of(dug) == pytest.approx(10_000, rel=1e-5), "seen from above there is no gap"
    points = dug[0].points.astype(float)
    down = points[:, 2] - tiles[0].points[0, 2] - (points[:, 0] - tiles[0].points[0, 0]) / 100.0
    deep = np.all(np.abs(points[:, :2] - 30.0) < 6.0 - 1e-3, axis=1) | (down < -1.99)
    out = np.any(np.abs(points[:, :2] - 30.0) > 10.0 - 1e-3, axis=1)
    assert down[deep] == pytest.approx(-2.0, abs=1e-3)
    assert np.abs(points[deep][:, :2] - 30.0).max() == pytest.approx(6.0, abs=1e-3), "4 m of bank on each side"
    assert down[out] == pytest.approx(0.0, abs=1e-3)
    narrow = ChangeGround("n", "Ditch", ((20.0, 20.0), (80.0, 20.0), (80.0, 23.0), (20.0, 23.0)), by=-2.0, slope=2.0)
    low = with_moved_land(tiles, model, (narrow,))[0].points[:, 2].min()
    assert low < tiles[0].points[:, 2].min() - 0.2, "a ditch whose banks meet is seen too"


def test_buildings_and_trees_stand_where_the_ground_changes():
    for kind in ("Building", "SolitaryVegetationObject", "WaterBody"):
        tiles, model = land(kind)
        assert area_of(without_land(tiles, model, (HOLE,))) == pytest.approx(10_000, rel=1e-6)
