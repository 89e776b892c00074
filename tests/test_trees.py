"""Trees in a sun study: crowns from LiDAR and models, what light they let pass, and what a scenario fells."""

import dataclasses

import numpy as np
import pytest
from test_scenario import box_city
from test_shadow_study import DAY, ORIGIN, TOWER, UTM, town
from test_surface import cloud

from citymodel.analysis.shadow import run
from citymodel.builder import CityModelBuilder
from citymodel.layers import Layer
from citymodel.scenario import RemoveObject, Scenario
from citymodel.surface import Grid, crowns
from citymodel.surface.grid import extent

HIGH = 12.0


def wooded():
    """The town with a tree 4 m wide and 12 m high in its points and once more as a model."""
    document = town(points=True)
    rng = np.random.default_rng(2)
    x, y = rng.uniform(30.01, 33.99, 400), rng.uniform(0.01, 3.99, 400)
    tree = cloud(x, y, np.full(400, HIGH), np.full(400, 5))
    tree = dataclasses.replace(tree, offset=np.append(ORIGIN, 0.0), crs=UTM)
    builder = CityModelBuilder("test", "1")
    builder.crs = UTM
    row = builder.add_object("oak", "SolitaryVegetationObject")
    node = builder.add_node("MultiSurface")
    ring = np.add([(30, 0, HIGH), (34, 0, HIGH), (34, 4, HIGH), (30, 4, HIGH)], [*ORIGIN, 0.0])
    builder.add_member(node, builder.add_polygon([ring.ravel().tolist()]))
    builder.add_geometry(row, "MultiSurface", node, lod="2")
    layers = (Layer("leaves", "Leaves", "points", tree), Layer("park", "Park", "city", builder.build()))
    return dataclasses.replace(document, layers=(*document.layers, *layers))


def felled(document):
    return document.with_scenario(Scenario("felled", "Felled", (RemoveObject("park", "oak"),)))


def local(raster):
    return np.asarray(raster.x) - ORIGIN[0], np.asarray(raster.y) - ORIGIN[1]


def test_the_returns_of_a_felled_tree_go_with_its_model():
    document = wooded()
    grid = Grid.around(extent(document.layers), 1.0, UTM)
    ground = grid.raster(np.zeros(grid.shape, np.float32), "terrain")
    top = crowns(document.layers, None, grid, ground)
    assert np.isfinite(top).sum() == 16
    assert np.nanmax(top) == pytest.approx(HIGH)
    assert crowns(document.layers, felled(document).scenario, grid, ground) is None


@pytest.mark.parametrize(("through", "low"), [(0.5, True), (1.0, False)])
def test_behind_a_crown_there_is_the_light_that_it_lets_pass(through, low):
    asked = DAY.model_copy(update={"trees": "bare", "transmissivity_bare": through})
    hours = run(wooded(), asked).fields["sun_hours_base"].data
    free = run(wooded(), DAY.model_copy(update={"trees": "none"})).fields["sun_hours_base"].data
    lost = np.asarray(free) - np.asarray(hours)
    assert lost.min() == 0.0
    if not low:
        assert lost.max() == 0.0
        return
    solid = np.asarray(free) - np.asarray(
        run(wooded(), asked.model_copy(update={"transmissivity_bare": 0.0})).fields["sun_hours_base"].data
    )
    assert solid.max() > 0.4
    assert lost == pytest.approx(0.5 * solid, abs=1e-6)


def test_felling_gives_sun_only_where_the_tree_s_shade_fell_and_exactly_nothing_elsewhere():
    change = run(felled(wooded()), DAY).fields["sun_hours_difference"].data
    x, y = local(change)
    values = np.asarray(change)
    assert values.min() == 0.0
    assert values.max() > 0.4
    reach = HIGH / np.tan(np.radians(18.0)) + 6.0  # the sun stands 20° and more above the town by day
    far = np.hypot(*np.meshgrid(x - 32, y - 2)) > reach
    assert (values[far] == 0.0).all()
    assert (values[y < -2] == 0.0).all()


def test_under_trees_the_tower_s_difference_is_exactly_zero_beyond_its_reach():
    document = wooded().with_scenario(TOWER)
    change = run(document, DAY).fields["sun_hours_difference"].data
    _, y = local(change)
    assert (np.asarray(change)[y < 14.0] == 0.0).all()
    assert float(change.min()) < -0.5


def test_a_town_without_trees_has_no_crowns():
    assert crowns((box_city(0),), None, Grid(0.0, 10.0, 1.0, (10, 10)), Grid(0.0, 10.0, 1.0, (10, 10)).raster(
        np.zeros((10, 10), np.float32), "terrain")) is None  # fmt: skip
