"""The surface that water runs on: decks out, walls tight, buildings and openings as they are asked for."""

import math

import numpy as np
import pytest

from citymodel.builder import CityModelBuilder
from citymodel.errors import Cancelled, ParameterError
from citymodel.layers import Layer
from citymodel.points import PointCloud
from citymodel.scenario import AddBox, AddOpening, AddWall, ChangeGround, RemoveObject, Scenario, apply
from citymodel.surface import Grid, flow_surface, without_decks
from kernels.flood import Edges, Flood

GRID = Grid(0.0, 120.0, 1.0, (120, 120))
X, Y = np.meshgrid(GRID.x, GRID.y)


def channel(angle, slope=0.002):
    """Ground at 10 m with a round channel 24 m wide and 2 m deep through the middle, at an angle in degrees."""
    turn = math.radians(angle)
    along = (X - 60.0) * math.cos(turn) + (Y - 60.0) * math.sin(turn)
    off = np.abs((Y - 60.0) * math.cos(turn) - (X - 60.0) * math.sin(turn))
    return 10.0 - np.where(off < 12.0, 1.0 + np.cos(np.pi * np.minimum(off, 12.0) / 12.0), 0.0) - slope * along


def road(angle, width):
    """Cells of a strip through the middle at an angle, as long as the channel and its banks are wide."""
    turn = math.radians(angle)
    along = (X - 60.0) * math.cos(turn) + (Y - 60.0) * math.sin(turn)
    off = (Y - 60.0) * math.cos(turn) - (X - 60.0) * math.sin(turn)
    return (np.abs(off) <= width / 2) & (np.abs(along) <= 18.0)


def layer(z, name="dtm"):
    return Layer(name, "Terrain", "terrain", GRID.raster(np.asarray(z, dtype=np.float32), "terrain"))


def plan(*changes):
    return Scenario("s", "Plan", changes)


@pytest.mark.parametrize(("water", "across"), [(0, 90), (30, 120), (30, 90), (17, 140), (-62, 0)])
@pytest.mark.parametrize("width", [6.0, 14.0])
def test_a_channel_runs_on_below_a_deck_whichever_way_it_is_crossed(water, across, width):
    truth = channel(water)
    decks = road(across, width)
    dammed = np.where(decks, 12.0, truth)
    found = without_decks(dammed, decks, GRID)
    assert np.array_equal(found[~decks], truth[~decks])
    wrong = np.abs(found - truth)[decks]
    assert wrong.max() < 0.06
    assert np.sqrt(np.mean(wrong**2)) < 0.02


def test_a_deck_a_cell_wider_than_it_is_drawn_dams_nothing_either():
    truth = channel(0)
    dammed = np.where(road(90, 10.0), 12.0, truth)
    found = without_decks(dammed, road(90, 8.0), GRID)
    bed = np.abs(Y - 60.0) < 2.0
    assert np.abs(found - truth)[bed].max() < 0.02


def test_a_lid_longer_along_the_water_than_across_is_taken_off_along_the_water():
    truth = channel(0)
    lid = (np.abs(X - 60.0) < 25.0) & (np.abs(Y - 60.0) < 14.0)
    wrong = np.abs(without_decks(np.where(lid, 11.0, truth), lid, GRID) - truth)
    assert wrong[np.abs(Y - 60.0) < 8.0].max() < 0.1
    assert wrong.max() < 0.25


def test_a_bed_that_is_known_below_a_deck_stays():
    truth = channel(0)
    pool = np.where((np.abs(X - 60) < 3) & (np.abs(Y - 60) < 2), truth - 1.0, truth)
    assert np.array_equal(
        without_decks(pool, road(90, 8.0), GRID), np.minimum(pool, without_decks(truth, road(90, 8.0), GRID))
    )


def test_abutments_and_embankments_stand_beside_a_deck():
    truth = channel(0)
    bank = (np.abs(X - 60.0) < 4.0) & (np.abs(Y - 60.0) > 13.0)  # the road on its embankment up to the bridge
    dammed = np.where(bank | ((np.abs(X - 60.0) < 4.0) & (np.abs(Y - 60.0) <= 13.0)), 12.0, truth)
    deck = (np.abs(X - 60.0) < 4.0) & (np.abs(Y - 60.0) <= 13.0)
    found = without_decks(dammed, deck, GRID)
    assert np.all(found[bank] == 12.0)
    assert np.abs(found - truth)[deck & (np.abs(Y - 60.0) < 11.0)].max() < 0.05


def bridge_model(z=12.0, kind="Bridge"):
    builder = CityModelBuilder("CityGML", "2.0")
    row = builder.add_object("b1", kind)
    node = builder.add_node("MultiSurface")
    ring = [(56.0, 42.0, z), (64.0, 42.0, z), (64.0, 78.0, z), (56.0, 78.0, z)]
    builder.add_member(node, builder.add_polygon([np.array(ring).ravel().tolist()]))
    builder.add_geometry(row, "MultiSurface", node, lod="2")
    return Layer("city", "City", "city", builder.build())


def test_bridges_of_a_model_are_taken_out_of_a_terrain_that_holds_them():
    truth = channel(0)
    dammed = np.where((np.abs(X - 60) < 4) & (np.abs(Y - 60) < 18), 12.0, truth)
    found = flow_surface((layer(dammed), bridge_model()), None, GRID)
    assert found.decks.sum() == 8 * 36
    assert np.abs(found.terrain - truth).max() < 0.05
    assert any("1 bridge taken out" in one and "288 m²" in one for one in found.notes)


def test_the_ground_below_bridges_can_be_cancelled_at_every_direction_that_is_tried():
    truth = channel(0)
    decks = road(90, 8.0)
    heard = []

    def stop_at_the_tenth(fraction, text=""):
        heard.append(fraction)
        if len(heard) == 10:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        without_decks(np.where(decks, 12.0, truth), decks, GRID, stop_at_the_tenth)
    assert heard == sorted(heard)
    assert heard[-1] < 0.2


def test_each_step_to_the_surface_of_a_flood_says_what_it_is():
    truth, said = channel(0), []
    dammed = np.where((np.abs(X - 60) < 4) & (np.abs(Y - 60) < 18), 12.0, truth)
    flow_surface(
        (layer(dammed), bridge_model()), None, GRID, "blocked", lambda share, text="": said.append((share, text))
    )
    steps = [text for _, text in said if text]
    assert steps == [
        "the ground as it is known", "bridges", "roofs over the ground", "holes in the terrain",
        "ground without bridges", "buildings", "walls and openings",
    ]  # fmt: skip
    assert [share for share, _ in said] == sorted(share for share, _ in said)


def points_over(truth, deck, code=17):
    x, y, z = X.ravel(), Y.ravel(), np.where(deck, 12.0, truth).ravel()
    counts = np.round(np.column_stack([x, y, z]) / 0.001).astype(np.int32)
    classes = np.where(deck.ravel(), code, 2).astype(np.uint8)
    return Layer(
        "laz", "Points", "points", PointCloud(counts, np.full(3, 0.001), np.zeros(3), {"classification": classes})
    )


def test_bridge_returns_of_points_leave_the_river_below():
    truth = channel(30)
    deck = road(120, 8.0)
    found = flow_surface((points_over(truth, deck),), None, GRID)
    assert np.array_equal(found.decks, deck)
    assert np.abs(found.terrain - truth)[deck].max() < 0.08


def test_a_given_outline_is_a_deck():
    truth = channel(0)
    dammed = np.where((np.abs(X - 60) < 4) & (np.abs(Y - 60) < 18), 12.0, truth)
    ring = ((56.0, 42.0), (64.0, 42.0), (64.0, 78.0), (56.0, 78.0))
    found = flow_surface((layer(dammed),), None, GRID, decks=[ring])
    assert np.abs(found.terrain - truth).max() < 0.05


def pond(scenario, level, cell=2.0):
    """Water at a level west of a wall on flat ground at 0; metres of it, cell by cell, east of it after a minute."""
    grid = Grid(0.0, 120.0, cell, (60, 60))
    ground = Layer("dtm", "T", "terrain", grid.raster(np.zeros(grid.shape, np.float32), "terrain"))
    surface = flow_surface((ground,), scenario, grid)
    flood = Flood(surface.terrain, cell, edges=Edges())
    beyond = np.asarray(surface.terrain == 0.0) & (np.cumsum(surface.terrain > 0, axis=1) > 0)
    start = np.where((np.cumsum(surface.terrain > 0, axis=1) == 0), level, 0.0)
    flood.set_depth(start)
    flood.advance(60.0)
    return float(np.nansum(np.asarray(flood.depth())[beyond]))


SLANTED = AddWall("w", "W", ((41.3, -1.0), (79.7, 55.1), (66.2, 121.0)), 1.0, width=0.5)


def test_no_water_passes_half_a_metre_of_wall_on_cells_of_two_metres_until_it_overtops():
    assert pond(plan(SLANTED), 0.95) == 0.0
    assert pond(plan(SLANTED), 1.4) > 10.0


def house(builder_id="h", x=50.0, height=8.0):
    ring = ((x, 20.0), (x + 10.0, 20.0), (x + 10.0, 30.0), (x, 30.0))
    return AddBox(builder_id, builder_id, ring, height, 10.0)


def town():
    return Layer("town", "Town", "city", apply(Scenario("t", "t", (house("a"), house("b", 80.0))), ())[0].data)


def test_buildings_are_blocked_raised_or_rough():
    flat = layer(np.full(GRID.shape, 10.0))
    inside = (X > 50) & (X < 60) & (Y > 20) & (Y < 30) | (X > 80) & (X < 90) & (Y > 20) & (Y < 30)
    blocked = flow_surface((flat, town()), None, GRID)
    assert np.array_equal(blocked.blocked, inside)
    assert np.all(blocked.terrain == 10.0)
    assert any("200 m²" in one and "no water enters" in one for one in blocked.notes)
    assert any("passages through buildings are closed" in one for one in blocked.notes)
    raised = flow_surface((flat, town()), None, GRID, "raised")
    assert raised.blocked is None
    assert np.array_equal(raised.terrain, np.where(inside, 18.0, 10.0))
    rough = flow_surface((flat, town()), None, GRID, "rough")
    assert np.array_equal(rough.rough, inside)
    assert np.all(rough.terrain == 10.0)
    with pytest.raises(ParameterError, match="'blocked', 'raised' or 'rough'"):
        flow_surface((flat,), None, GRID, "solid")


def test_a_proposal_changes_only_the_cells_it_reaches():
    layers = (layer(channel(30)), town())
    before = flow_surface(layers, None, GRID)
    pit = ChangeGround("g", "Basin", ((20.0, 80.0), (40.0, 80.0), (40.0, 100.0), (20.0, 100.0)), by=-1.5)
    after = flow_surface(layers, plan(RemoveObject("town", "a"), house("n", 100.0), pit, SLANTED), GRID)
    assert before.blocked is not None
    assert after.blocked is not None
    dug = (X > 20) & (X < 40) & (Y > 80) & (Y < 100)
    away = ~dug & ~after.walls
    assert np.array_equal(after.terrain[away], before.terrain[away])
    assert before.terrain[dug] - after.terrain[dug] == pytest.approx(1.5)
    assert np.array_equal(
        after.blocked, (X > 80) & (X < 90) & (Y > 20) & (Y < 30) | (X > 100) & (X < 110) & (Y > 20) & (Y < 30)
    )
    assert sum("1 wall of" in one or "changed at 1 place, 400 m²" in one for one in after.notes) == 2


def test_points_without_a_model_tell_the_buildings():
    z = np.full(GRID.shape, 10.0)
    roof = (X > 50) & (X < 60) & (Y > 20) & (Y < 30)
    found = flow_surface((points_over(z, roof, code=6),), None, GRID)
    assert np.array_equal(found.blocked, roof)
    assert any("no model holds buildings here: buildings of 100 m² are" in one for one in found.notes)


def test_a_hole_of_the_terrain_is_a_pond_at_the_height_of_its_rim_and_the_outside_stays_outside():
    z = channel(0) + 0.01 * (X - 60.0)
    z[40:60, 20:40] = np.nan
    z[:10] = np.nan
    found = flow_surface((layer(z),), None, GRID)
    assert np.isnan(found.terrain[:10]).all()
    hole = found.terrain[40:60, 20:40]
    rim = np.concatenate([z[39, 20:40], z[40:60, 19], z[40:60, 40], z[60, 20:40]])
    assert np.nanmin(z[32:68, 12:48]) - 1e-3 <= hole.min()  # no lower than the ground within 8 m
    assert hole.max() <= np.nanmax(rim)
    assert any("1 hole in the terrain (400 m²)" in one for one in found.notes)
    assert any("1,200 m² hold no ground" in one for one in found.notes)


def test_openings_are_collected_and_become_links_between_free_cells():
    flat = layer(np.full(GRID.shape, 10.0))
    culvert = AddOpening("o", "Culvert", (45.5, 25.5), (63.5, 25.5), 2.0, 9.0, 1.5, 3.0)
    inside = AddOpening("p", "Passage", (51.5, 25.5), (70.5, 25.5), 4.0, 10.0)
    found = flow_surface((flat, town()), plan(culvert, inside), GRID)
    links = found.links(GRID)
    assert (links[0].start, links[0].end) == ((94, 45), (94, 63))
    assert (links[0].width, links[0].invert, links[0].height, links[0].capacity) == (2.0, 9.0, 1.5, 3.0)
    assert links[1].start == (94, 49)  # the nearest cell outside the house
    assert links[1].height == links[1].capacity == math.inf
    far = AddOpening("q", "Far", (55.0, 25.0), (700.0, 25.0), 4.0, 10.0)
    with pytest.raises(ParameterError, match="an end of 'Far'"):
        flow_surface((flat, town()), plan(far), GRID).links(GRID)


def test_a_tunnel_of_a_model_that_comes_out_on_the_ground_is_an_opening():
    flat = layer(np.full(GRID.shape, 10.0))
    found = flow_surface((flat, bridge_model(9.0, "Tunnel")), None, GRID)
    (tunnel,) = found.openings
    assert {tunnel.start, tunnel.end} == {(60.0, 42.0), (60.0, 78.0)}
    assert (tunnel.width, tunnel.invert) == (8.0, 9.0)
    deep = flow_surface((flat, bridge_model(2.0, "Tunnel")), None, GRID)
    assert deep.openings == ()
    assert any("closed to water" in one for one in deep.notes)


def test_where_nothing_tells_the_ground_a_plain_line_says_so():
    with pytest.raises(ParameterError, match="add a terrain raster"):
        flow_surface((), None, GRID)


def lowest_crossing(z, start, end):
    """The level, to the centimetre, from which water at one cell reaches another."""
    from scipy.ndimage import label

    low, high = float(max(z[start], z[end])), float(np.nanmax(z))
    while high - low > 0.01:
        middle = (low + high) / 2
        number, _ = label(z <= middle)
        low, high = (low, middle) if number[start] == number[end] > 0 else (middle, high)
    return high


@pytest.mark.slow
def test_the_canals_of_delft_run_on_below_their_bridges(data):
    from citymodel.project import open_data
    from citymodel.surface.combined import bare_ground
    from citymodel.surface.grid import extent

    document = open_data(sorted((data / "delft_3dfier" / "ahn3").glob("*.laz")), "EPSG:28992")
    grid = Grid.around(extent(document.layers), 0.5, document.frame.crs)
    found = flow_surface(document.layers, None, grid)
    assert 150 < found.decks.sum() * 0.25 < 260
    ground, _ = bare_ground(document.layers, grid)
    side, canal = (405, 235), (310, 250)  # a side canal south of a bridge, and the canal that it joins
    dammed, free = (lowest_crossing(np.asarray(z, dtype=np.float64), side, canal) for z in (ground, found.terrain))
    water = float(max(found.terrain[side], found.terrain[canal]))
    assert free < dammed - 0.2
    assert free < water + 0.25
