"""Water in the scene: which moment and state, where its waterline lies, what its pixels and arrows say."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from test_scene import a_box, a_result, a_stage, near
from waters import BEGIN, ORIGIN, Held, flood_layer, flooded, plane, pool, rising

from citymodel.analysis.flood.shown import place_in
from citymodel.builder import CityModelBuilder
from citymodel.layers import Layer
from citymodel.results import Field, Result
from citymodel.scenario import AddBox, Scenario
from citymodel.scene import colours, water_flow, water_surface
from citymodel.scene.camera import Camera
from citymodel.scene.render import Canvas, picture
from citymodel.scene.state import View, resolve
from citymodel.scene.swipe import sides_of
from citymodel.scene.water import DEPTHS, duration, moment_words

WALL = Scenario("wall", "With the wall", (AddBox("box", "Wall", ((0, 0), (1, 0), (1, 1)), 1.0),))
ABOVE = Camera((40.0, 30.0, 200.0), (40.0, 30.0, 0.0), (0.0, 1.0, 0.0), 30.0)
PLAIN = View(camera=ABOVE, size=(320, 240), furniture=False)


def at(document, after=None, **view):
    moment = None if after is None else BEGIN + timedelta(seconds=after)
    return resolve(document, moment, replace(PLAIN, **view))


# --- which water


@pytest.mark.parametrize(("after", "shown"), [(-600, 0.0), (0, 0.0), (1800, 1800.0), (7200, 7200.0), (9e5, 7200.0)])
def test_the_moment_is_that_of_the_clock_and_the_first_or_last_frame_beyond_them(after, shown):
    assert at(flooded(), after).water.seconds == shown


def test_without_a_clock_of_its_own_the_study_says_when_it_begins():
    layer = flood_layer({"base": rising(begins=None)})
    layer.data.provenance["begins"] = BEGIN.isoformat()
    assert at(flooded(layer), 60).water.seconds == 60.0


def test_without_any_clock_the_last_frame_is_shown_and_seconds_can_be_asked_for():
    layer = flood_layer({"base": rising(begins=None)})
    assert at(flooded(layer), 60).water.seconds == 7200.0
    assert at(flooded(layer), 60, seconds=90.0).water.seconds == 90.0
    assert at(flooded(layer), seconds=1e9).water.seconds == 7200.0


def test_a_clock_without_a_zone_is_read_as_the_clock_on_screen():
    layer = flood_layer({"base": rising(begins=BEGIN.replace(tzinfo=None))})
    assert at(flooded(layer), 60).water.seconds == 60.0


def test_between_frames_the_water_is_linear():
    water = at(flooded(), 1800).water
    assert water.frames.at(water.seconds).depth[0, 0] == pytest.approx(0.5)


def test_a_hidden_flood_and_one_that_shows_a_map_have_no_water():
    hours = a_result().data.fields["hours"]
    assert at(flooded(visible=False)).water is None
    assert at(flooded(flood_layer(hours=hours), colour_by="hours")).water is None
    assert at(flooded(flood_layer(hours=hours), colour_by="hours")).drape is not None


def test_a_flood_that_names_no_map_shows_its_water_and_drapes_nothing():
    state = at(flooded(flood_layer(hours=a_result().data.fields["hours"]), colour_by="surface-type"))
    assert state.water.look == "water"
    assert state.drape is None


def test_the_state_on_screen_chooses_the_water_and_another_proposal_shows_the_base():
    both = {"base": rising(), "scenario": rising()}
    document = replace(flooded(flood_layer(both)), scenarios=(WALL, replace(WALL, id="other")))
    for active, state in (("", "base"), ("wall", "scenario"), ("other", "base")):
        assert at(replace(document, active_scenario=active)).water.state == state


def test_both_sides_of_a_swipe_have_their_own_water_and_one_legend():
    ground = plane()
    both = {"base": rising(), "scenario": Held(ground, [pool(ground, 0.5)] * 2, [0.0, 7200.0])}
    layer = flood_layer(both, hours_base=a_result().data.fields["hours"])
    document = replace(flooded(layer), scenarios=(WALL,), active_scenario="wall")
    sides = sides_of(document, BEGIN + timedelta(hours=1), PLAIN)
    assert (sides.left.water.state, sides.right.water.state) == ("base", "scenario")
    assert sides.left.water.frames is both["base"]
    assert sides.right.water.frames is both["scenario"]
    assert [one.title for one in sides.caption.legends] == ["Water depth"]


def test_a_flood_of_the_base_alone_is_no_water_of_its_proposal():
    document = replace(flooded(), scenarios=(WALL,), active_scenario="wall")
    sides = sides_of(document, BEGIN, PLAIN)
    assert sides.left.water is not None
    assert sides.right.water is None


def test_equal_arguments_give_equal_waters_and_a_growing_run_another():
    document = flooded()
    assert at(document, 60) == at(document, 60)
    before = at(document, 60)
    document.layers[0].data.water["base"].revision += 1
    assert at(document, 60) != before


# --- where the water lies


def test_the_waterline_lies_where_the_level_meets_the_ground():
    ground = plane(slope=0.5)
    level, film = water_surface.carried(ground, pool(ground, 1.3))
    row = film[30]
    last = int(np.flatnonzero(row > 0)[-1])
    line = last + row[last] / (row[last] - row[last + 1])
    assert line == pytest.approx((1.3 - water_surface.WET) / 0.5, abs=0.05)
    assert np.allclose(level[30, : last + 2], 1.3, atol=0.02)


def test_the_level_does_not_climb_a_bank():
    ground = np.where(np.arange(40) < 20, 0.0, 3.0)[None, :].repeat(30, axis=0).astype(np.float32)
    level, film = water_surface.carried(ground, pool(ground, 0.5))
    assert level[:, :21].max() <= 0.51
    assert (film[:, 20] < 0).all()


def test_water_goes_on_into_a_wall_and_not_through_it():
    ground = np.zeros((20, 30), np.float32)
    ground[:, 10:20] = np.nan
    depth = np.where(np.isnan(ground), np.nan, np.where(np.arange(30) < 10, 0.4, 0.0)).astype(np.float32)
    level, film = water_surface.carried(ground, depth)
    assert np.allclose(level[:, 10], 0.4, atol=1e-5)
    assert (film[:, 10] > 0.3).all()
    assert (film[:, 11:] < 0).all()


def test_nothing_jumps_as_a_cell_becomes_wet():
    ground = plane(slope=0.3)
    films = []
    for extra in (0.0099, 0.0101):
        depth = pool(ground, 1.0)
        depth[30, 5] = extra
        films.append(water_surface.carried(ground, depth)[1])
    assert np.abs(films[0] - films[1]).max() < 0.02


def test_a_film_below_a_centimetre_is_not_drawn():
    ground = np.zeros((20, 20), np.float32)
    frames = Held(ground, [np.full_like(ground, 0.009)] * 2, [0, 60])
    field = water_surface.field_of(ground, frames.at(0), frames.grid, ORIGIN, 10_000)
    assert len(water_surface.sheet_of(field, 0.0).triangles) == 0


@pytest.mark.parametrize("most", [1_000, 5_000])
def test_many_wet_cells_are_drawn_in_blocks_and_the_level_stays(most):
    ground = plane(120, 160, 0.001)
    frames = Held(ground, [pool(ground, 1.0)] * 2, [0, 60])
    field = water_surface.field_of(ground, frames.at(0), frames.grid, ORIGIN, most)
    sheet = water_surface.sheet_of(field, 0.0)
    assert 0 < len(sheet.triangles) <= 2 * most
    assert np.allclose(sheet.points[:, 2], 1.0, atol=1e-4)
    assert sheet.points[:, 0].max() - sheet.points[:, 0].min() > 150


# --- the picture


def wet_pixels(image):
    """Pixels that are clearly blue."""
    part = image.astype(int)
    return (part[..., 2] - part[..., 0]) > 25


def test_the_picture_is_blue_where_water_stands_and_nowhere_else():
    image = picture(at(flooded(), 3600), (320, 240))  # a level of 1 m: wet up to x = 20 m from the first centre
    blue = wet_pixels(image)[40:200]
    assert blue[:, 10:78].all()  # four pixels a metre
    assert not blue[:, 90:300].any()


def test_classes_of_depth_have_their_colours():
    ground = np.zeros((60, 80), np.float32)
    for deep, one in ((0.4, DEPTHS[2]), (0.7, DEPTHS[3]), (3.0, DEPTHS[5])):
        layer = flood_layer({"base": Held(ground, [np.full_like(ground, deep)] * 2, [0, 60])})
        image = picture(at(flooded(layer)), (320, 240))
        assert near(image[100:140, 100:220], one.colour, 30).all()


def test_no_gap_is_left_at_a_wall():
    builder = CityModelBuilder("CityGML", "2.0")
    builder.crs = "EPSG:28992"
    a_box(builder, "house", ORIGIN[0] + 30, ORIGIN[1] + 20, 20, 3)
    city = Layer("city", "City", "city", builder.build())
    ground = np.zeros((60, 80), np.float32)
    ground[20:40, 30:50] = np.nan
    depth = np.where(np.isnan(ground), np.nan, 0.4)
    flood = flood_layer({"base": Held(ground, [depth] * 2, [0, 60])})
    terrain = Layer("terrain", "Terrain", "terrain",
                    flood.data.water["base"].grid.raster(np.zeros((60, 80), np.float32), "ground"))  # fmt: skip
    image = picture(at(flooded(flood, terrain, city)), (640, 480))
    blue = wet_pixels(image)
    house = np.zeros_like(blue)
    house[156:324, 236:404] = True  # the roof and a pixel or two around it, at eight pixels a metre
    assert blue[20:460, 20:620][~house[20:460, 20:620]].all()
    assert not blue[170:310, 250:390].any()


def test_a_wall_hides_the_water_behind_it_however_near_the_eye_stands():
    builder = CityModelBuilder("CityGML", "2.0")
    builder.crs = "EPSG:28992"
    a_box(builder, "house", ORIGIN[0] + 390, ORIGIN[1] + 300, 20, 20)
    city = Layer("city", "City", "city", builder.build())
    ground = np.zeros((160, 160), np.float32)
    flood = flood_layer({"base": Held(ground, [ground + 0.4] * 2, [0, 60], cell=5.0)})
    low = Camera((400.0, 1.0, 40.0), (400.0, 400.0, 5.0))
    image = picture(at(flooded(flood, city), camera=low), (160, 120))
    column = wet_pixels(image)[:, 80]
    wall = np.flatnonzero(~column & (image[:, 80].min(axis=1) < 200))
    assert column[75:].all()
    assert len(wall) >= 5
    assert not column[wall.min() : wall.max() + 1].any()


def test_water_without_any_terrain_stands_on_the_ground_it_ran_on():
    document = flooded()
    assert [item.kind for item in at(document, 3600).items] == ["terrain"]
    assert at(document, 60).items == at(document, 3600).items


def test_only_the_water_is_touched_as_the_moment_moves():
    document = flooded()
    stage, plotter = a_stage(at(document, seconds=600.0))
    try:
        assert stage.show(at(document, seconds=600.0)) == ()
        assert stage.show(at(document, seconds=900.0)) == ("water", "furniture")
        assert stage.show(at(document.with_style("flood", visible=False)))[-1] == "furniture"
        assert stage.water.water is None
    finally:
        plotter.close()


def test_while_the_camera_moves_fewer_triangles_are_drawn(monkeypatch):
    monkeypatch.setattr(water_surface, "QUICK", 300)
    stage, plotter = a_stage(at(flooded(), 3600))
    try:
        whole = stage.water._surface.GetMapper().GetInput().GetNumberOfCells()
        stage.moving(True)
        assert 0 < stage.water._surface.GetMapper().GetInput().GetNumberOfCells() <= 600 < whole
        stage.moving(False)
        assert stage.water._surface.GetMapper().GetInput().GetNumberOfCells() == whole
    finally:
        plotter.close()


def test_a_map_of_a_flood_leaves_dry_cells_unpainted():
    one = a_result().data.fields["hours"].data * 0.0
    one[:, 60:] = 0.7
    layer = flood_layer(max_depth=Field("max_depth", "Greatest depth", "m", one))
    drape = at(flooded(layer, colour_by="max_depth")).drape
    assert (drape.image[:, :60] == 255).all()
    assert (drape.image[:, 60:] == colours.rgb(DEPTHS[3].colour)).all()
    assert [words for _, words in drape.legend.classes][1:] == [one.label for one in DEPTHS]


# --- where it runs


def field(east, north, shape=(64, 64), deep=0.5):
    ground = np.zeros(shape, np.float32)
    full = [None if part is None else np.full(shape, part, np.float32) for part in (east, north)]
    frames = Held(ground, [np.full(shape, deep)] * 2, [0, 60], *full)
    return water_surface.field_of(ground, frames.at(0), frames.grid, ORIGIN, 10**6)


def test_without_velocities_there_are_no_arrows_and_no_streaks():
    assert water_flow.arrows_of(field(None, None), 8, 0.0) is None
    assert water_flow.streaks_of(field(None, None), 8, 0.0, 0.3) is None


def test_water_that_hardly_moves_has_no_arrows():
    assert water_flow.arrows_of(field(0.049, 0.0), 8, 0.0) is None
    assert water_flow.arrows_of(field(0.051, 0.0), 8, 0.0) is not None


@pytest.mark.parametrize(("east", "north"), [(1.0, 0.0), (0.0, -1.0), (-0.3, 0.6)])
def test_arrows_and_streaks_point_where_the_water_runs(east, north):
    arrows = water_flow.arrows_of(field(east, north), 8, 0.0).points.reshape(-1, 7, 3)
    assert len(arrows) == 64
    shaft = arrows[:, 3, :2] - (arrows[:, 0, :2] + arrows[:, 6, :2]) / 2
    streaks = water_flow.streaks_of(field(east, north), 8, 0.0, 0.0).points
    run = streaks[:, -1, :2] - streaks[:, 0, :2]
    for one in (shaft, run):
        ahead = one / np.linalg.norm(one, axis=1, keepdims=True)
        assert np.allclose(ahead, np.array([east, north]) / math.hypot(east, north), atol=1e-3)


def test_arrows_are_longer_where_it_runs_quicker():
    def longest(speed):
        arrows = water_flow.arrows_of(field(speed, 0.0), 8, 0.0).points.reshape(-1, 7, 3)
        return np.ptp(arrows[:, :, 0], axis=1).max()

    assert longest(0.1) < longest(0.5) < longest(2.0) <= 8.0


def test_arrows_stand_farther_apart_in_cells_as_the_picture_shows_more():
    one = field(1.0, 0.0)
    assert [water_flow.apart(one, metres) for metres in (0.1, 4.0, 5.0, 30.0)] == [1, 4, 4, 32]


def test_streaks_move_on_with_the_water():
    heads = []
    for turn in (0.2, 0.25):
        streaks = water_flow.streaks_of(field(1.0, 0.0), 8, 0.0, turn)
        heads.append(streaks.strength.argmax(axis=1))
    assert (heads[1] >= heads[0]).mean() > 0.8
    assert (heads[1] > heads[0]).any()


def test_streaks_end_at_the_edge_of_the_floods_area():
    streaks = water_flow.streaks_of(field(2.0, 0.0), 8, 0.0, 0.0)
    assert streaks.points[..., 0].max() > 64.0
    assert streaks.points[..., 0][streaks.strength > 0].max() <= 64.0


# --- the words


def test_the_water_at_a_place_is_that_of_its_cell():
    ground = plane()
    east = np.full(ground.shape, 0.3)
    frames = Held(ground, [pool(ground, 1.0)] * 2, [0, 60], east, east * 0 + 0.4)

    def reading(frames, seconds, x, y):
        result = Result("flood", "A flood", {}, {}, water={"base": frames})
        return place_in(result, ORIGIN[0] + x, ORIGIN[1] + y, seconds).get("base")

    found = reading(frames, 0.0, 10.2, 5.0)
    assert (found.depth, found.level, found.speed) == pytest.approx((0.5, 1.0, 0.5), abs=1e-3)
    assert reading(frames, 0.0, 70.0, 5.0).depth == 0.0
    assert reading(frames, 0.0, -0.1, 5.0) is None
    assert math.isnan(reading(rising(), 3600.0, 1.0, 1.0).speed)


def test_the_legend_names_quantity_unit_classes_moment_and_source():
    legend = at(flooded(), 5100).caption.legends[0]
    assert (legend.title, legend.unit) == ("Water depth", "m")
    assert [words for _, words in legend.classes] == [one.label for one in DEPTHS]
    assert legend.notes[0] == "1 h 25 min after the start, 14:25"
    assert "Cloudburst" in legend.notes


def test_water_of_the_base_says_so_beside_a_proposal_that_it_was_not_computed_for():
    document = replace(flooded(), scenarios=(replace(WALL, id="b", name="Dike B"),), active_scenario="b")
    legend = at(document, 5100).caption.legends[0]
    assert legend.title == "Water depth, as it is"
    assert "of the city as it is, without Dike B" in legend.notes


def test_in_a_film_from_the_home_view_the_legend_hides_no_water_and_no_ground():
    size = (800, 500)
    state = at(flooded(), 7200, camera="home", size=size, furniture=True)
    bare = replace(state, furniture=False)
    canvas = Canvas(size, film=True)
    try:
        drawn, seen, empty = (
            canvas.draw(one).astype(int) for one in (state, bare, replace(bare, items=(), water=None))
        )
    finally:
        canvas.close()
    words, ground = (np.abs(one - seen).max(axis=2) > 12 for one in (drawn, empty))
    assert words[300:, 500:].sum() > 5000, "the legend"
    assert ground.sum() > 100_000
    assert not (words & ground).any()


def test_the_legend_says_that_a_run_is_not_complete():
    layer = flood_layer({"base": rising(complete=False)})
    assert "the run is not complete" in at(flooded(layer), 60).caption.legends[0].notes


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.6, "1 min"), (5100, "1 h 25 min"), (90061, "1 d 1 h 1 min 1 s")]
)
def test_durations_read_aloud(seconds, words):
    assert duration(seconds) == words


def test_the_words_of_a_moment_without_a_clock_say_no_time_of_day():
    layer = flood_layer({"base": rising(begins=None)})
    water = at(flooded(layer), seconds=60.0).water
    assert moment_words(water, layer.data) == "1 min after the start"
    assert datetime(2026, 7, 14, 13, 0, tzinfo=UTC) == BEGIN
