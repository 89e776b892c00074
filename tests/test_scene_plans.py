"""What a proposal draws on the ground is part of the picture's state, and of the base's it is not."""

import numpy as np

from citymodel.document import Document
from citymodel.geo import Frame
from citymodel.layers import Layer
from citymodel.scenario import AddOpening, AddWall, ChangeGround, Scenario
from citymodel.scene.plans import Plan
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


def test_outlines_and_openings_are_lines_and_walls_are_built():
    state = shown("s", selection=frozenset({("scenario-s", "o")}))
    assert state.plans == (
        Plan("g", ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0)), closed=True),
        Plan("o", ((10.0, 50.0), (30.0, 50.0)), marked=True, selected=True),
    )
    built = next(item for item in state.items if item.layer_id == "scenario-s")
    assert ("w", "proposed") in built.marks


def test_the_terrain_on_the_picture_is_the_lowered_one_and_the_base_keeps_its_own():
    after, base = shown("s"), shown("")
    heights = [np.asarray(next(item for item in state.items if item.layer_id == "dtm").data) for state in (after, base)]
    assert heights[0].min() == 3.0
    assert heights[1].min() == 5.0
    assert base.plans == ()
