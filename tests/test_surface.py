"""Surface and terrain rasters against analytic shapes; scenarios change nothing beyond their footprint."""

import numpy as np
import pytest
from test_scenario import SQUARE, box_city

from citymodel.builder import CityModelBuilder
from citymodel.errors import ParameterError, ResourceError
from citymodel.layers import Layer
from citymodel.points import PointCloud
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight
from citymodel.surface import (
    Grid,
    analysis_surface,
    combine,
    surface_from_model,
    surface_from_points,
    terrain_from_model,
    terrain_from_points,
)
from citymodel.surface.holes import smooth_fill

FIELD = Grid(-20.0, 40.0, 1.0, (60, 100))
PLAN = Scenario(
    "plan",
    "Plan",
    (
        RemoveObject("town", "a"),
        SetHeight("town", "b", 25.0),
        AddBox("new", "New", tuple((x + 45, y + 20) for x, y in SQUARE), 40.0, 0.0),
    ),
)


def cloud(x, y, z, classes):
    xyz = np.rint(np.column_stack([x, y, z]) * 1000).astype(np.int32)
    columns = {"classification": np.broadcast_to(np.asarray(classes, np.uint8), len(xyz)).copy()}
    return PointCloud(xyz, np.full(3, 0.001), np.zeros(3), columns)


def town_points(seed=1, slope=0.0, density=8):
    """A plane that rises with x, and three boxes of 10 m, seen from straight above."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-20, 80, 6000 * density), rng.uniform(-20, 40, 6000 * density)
    on_roof = (y > 0) & (y < 10) & (((x > 0) & (x < 20)) | ((x > 40) & (x < 50)))
    return cloud(x, y, np.where(on_roof, 10.0, slope * x), np.where(on_roof, 6, 2))


def layers(points=True):
    town = box_city(0, 10, 40)
    ground = CityModelBuilder("test", "1")
    row = ground.add_object("ground", "TINRelief")
    node = ground.add_node("MultiSurface")
    ground.add_member(node, ground.add_polygon([[-20, -20, 0, 80, -20, 0, 80, 40, 0, -20, 40, 0]]))
    ground.add_geometry(row, "TriangulatedSurface", node, lod="2")
    city = (town, Layer("ground", "ground", "city", ground.build()))
    return (*city, Layer("lidar", "lidar", "points", town_points())) if points else city


def at(raster, x, y):
    return float(raster.sel(x=x, y=y, method="nearest"))


def test_a_grid_covers_its_bounds_on_whole_cells():
    grid = Grid.around((0.3, 1.2, 10.0, 20.0), 0.5, None)
    assert grid.bounds == (0.0, 1.0, 10.0, 20.0)
    assert grid.shape == (38, 20)
    assert grid.x[0] == 0.25
    assert grid.y[0] == 19.75
    assert Grid.of(grid.raster(np.zeros(grid.shape, np.float32), "zero")) == grid


def test_impossible_grids_are_refused():
    with pytest.raises(ResourceError, match="too many"):
        Grid.around((0, 0, 1e6, 1e6), 0.1, None)
    with pytest.raises(ParameterError, match="cell"):
        Grid.around((0, 0, 1, 1), -1.0, None)


def test_terrain_takes_ground_and_fills_under_roofs():
    terrain = terrain_from_points(town_points(slope=0.1), FIELD)
    assert at(terrain, 70.5, 30.5) == pytest.approx(7.05, abs=0.06)
    assert at(terrain, 45.5, 5.5) == pytest.approx(4.55, abs=0.1)
    assert bool(terrain["filled"].sel(x=45.5, y=5.5))
    assert not bool(terrain["filled"].sel(x=70.5, y=30.5))


def test_points_without_ground_say_so():
    with pytest.raises(ParameterError, match="ground"):
        terrain_from_points(cloud([1.0], [1.0], [1.0], 6), FIELD)


def test_noise_classes_lone_spikes_and_pits_leave_no_mark():
    clean = town_points()
    xyz = clean.coordinates()
    noise = np.array([[30.5, 20.5, 80.0], [5.5, 5.5, 60.0], [60.5, 30.5, 500.0]])
    classes = np.concatenate([clean.columns["classification"], [1, 7, 18]])
    noisy = cloud(*np.concatenate([xyz, noise]).T, classes)
    expected, found = (surface_from_points(one, FIELD) for one in (clean, noisy))
    np.testing.assert_array_equal(found, expected)
    holed = xyz[~((np.abs(xyz[:, 0] - 30.5) < 0.5) & (np.abs(xyz[:, 1] - 20.5) < 0.5))]
    pit = cloud(*np.concatenate([holed, [[30.5, 20.5, -40.0]]]).T, 1)
    assert at(surface_from_points(pit, FIELD), 30.5, 20.5) == 0.0


def test_a_mast_of_many_returns_stays():
    clean = town_points().coordinates()
    mast = np.column_stack([np.full(9, 30.5), np.full(9, 20.5), np.linspace(0, 24, 9)])
    mast[-3:, 2] = (23.0, 23.5, 24.0)
    assert at(surface_from_points(cloud(*np.concatenate([clean, mast]).T, 1), FIELD), 30.5, 20.5) == 24.0


def test_holes_beside_a_roof_fill_from_the_ground_and_are_marked():
    xyz = town_points().coordinates()
    shadowed = (xyz[:, 0] > 20) & (xyz[:, 0] < 24) & (xyz[:, 1] > 0) & (xyz[:, 1] < 10)
    surface = surface_from_points(cloud(*xyz[~shadowed].T, 1), FIELD)
    assert at(surface, 22.5, 5.5) == pytest.approx(0.0, abs=0.5)
    assert bool(surface["filled"].sel(x=22.5, y=5.5))
    terrain = FIELD.raster(np.full(FIELD.shape, 0.25, np.float32), "terrain")
    assert at(surface_from_points(cloud(*xyz[~shadowed].T, 1), FIELD, terrain), 22.5, 5.5) == 0.25


def test_nothing_is_made_up_beyond_the_data():
    points = town_points()
    wide = Grid(-220.0, 240.0, 2.0, (230, 250))
    for raster in (terrain_from_points(points, wide), surface_from_points(points, wide)):
        assert np.isnan(at(raster, -100.0, 0.0))
        assert np.isfinite(at(raster, 10.0, 20.0))


def test_a_filled_plane_with_holes_is_nearly_the_plane():
    y, x = np.mgrid[0:64, 0:80]
    plane = (0.1 * x - 0.05 * y).astype(np.float32)
    holed = plane.copy()
    holed[20:40, 30:55] = np.nan
    filled = smooth_fill(holed)
    assert np.abs(filled - plane).max() < 0.15
    np.testing.assert_array_equal(filled[~np.isnan(holed)], plane[~np.isnan(holed)])


def test_a_model_is_exact_at_the_cells_centres():
    town, ground = (layer.data for layer in layers(points=False))
    terrain = terrain_from_model(ground, FIELD)
    surface = surface_from_model(town, FIELD, terrain)
    x, y = np.meshgrid(FIELD.x, FIELD.y)
    roof = (y > 0) & (y < 10) & (((x > 0) & (x < 20)) | ((x > 40) & (x < 50)))
    np.testing.assert_array_equal(np.asarray(surface), np.where(roof, 10.0, 0.0))
    np.testing.assert_array_equal(np.asarray(combine(terrain, surface_from_model(town, FIELD))), np.asarray(surface))


def test_a_model_without_terrain_stands_on_its_feet():
    terrain = terrain_from_model(box_city(0, 40).data, FIELD)
    assert at(terrain, 5.5, 5.5) == 0.0
    assert at(terrain, 30.5, 5.5) == pytest.approx(0.0, abs=1e-6)
    assert "feet" in terrain.attrs["source"]


@pytest.mark.parametrize("points", [True, False])
def test_a_scenario_changes_its_footprints_and_nothing_else(points):
    base, dtm = analysis_surface(layers(points), None, FIELD)
    after, dtm_after = analysis_surface(layers(points), PLAN, FIELD)
    np.testing.assert_array_equal(dtm, dtm_after)
    assert at(base, 5.5, 5.5) == 10.0
    assert at(after, 5.5, 5.5) == pytest.approx(0.0, abs=0.01)
    assert at(after, 15.5, 5.5) == 25.0
    assert at(after, 50.5, 25.5) == 40.0
    x, y = np.meshgrid(FIELD.x, FIELD.y)
    near = ((x > -1) & (x < 21) & (y > -1) & (y < 11)) | ((x > 45) & (x < 55) & (y > 20) & (y < 30))
    np.testing.assert_array_equal(np.asarray(after)[~near], np.asarray(base)[~near])


def test_a_lowered_building_hides_what_lidar_saw():
    lower = Scenario("low", "Low", (SetHeight("town", "c", 4.0),))
    after, _ = analysis_surface(layers(), lower, FIELD)
    assert at(after, 45.5, 5.5) == 4.0


def test_a_terrain_raster_is_resampled_bilinearly():
    coarse = Grid(-40.0, 60.0, 4.0, (40, 40))
    x, y = np.meshgrid(coarse.x, coarse.y)
    terrain = coarse.raster((0.5 * x + 0.25 * y).astype(np.float32), "terrain")
    sampled = FIELD.sample(terrain)
    x, y = np.meshgrid(FIELD.x, FIELD.y)
    np.testing.assert_allclose(sampled, 0.5 * x + 0.25 * y, atol=1e-4)


def test_light_falls_on_the_water_not_on_the_bed() -> None:
    grid = Grid(0.0, 60.0, 1.0, (60, 60))
    bed = grid.raster(np.full(grid.shape, 2.0, np.float32), "terrain")
    rng = np.random.default_rng(3)
    water = cloud(rng.uniform(20, 40, 60), rng.uniform(0, 60, 60), np.full(60, 5.0), 9)
    layers = (Layer("t", "terrain", "terrain", bed), Layer("p", "points", "points", water))
    surface, _ = analysis_surface(layers, None, grid)
    assert np.ptp(np.asarray(surface)[10:50, 25:35]) < 0.01
    assert float(surface[30, 5]) == 2.0


def test_a_raster_a_hair_off_the_whole_metres_keeps_its_cells_and_its_outer_ones():
    z = np.arange(12, dtype=np.float32).reshape(3, 4)
    off = Grid(100.0001, 206.0001, 2.0, (3, 4), "EPSG:25833").raster(z, "terrain")
    grid = Grid.around(Grid.of(off).bounds, 2.0, "EPSG:25833")
    assert (grid.x0, grid.y0, grid.shape) == (100.0, 206.0, (3, 4))
    np.testing.assert_array_equal(grid.sample(off), z)
    coarse = Grid(100.0, 208.0, 4.0, (2, 2), "EPSG:25833").sample(off)
    assert np.isfinite(coarse).all(), "cells whose centres lie on its edge have its outer heights"
    beyond = Grid(92.0, 206.0, 4.0, (1, 2), "EPSG:25833").sample(off)
    assert np.isnan(beyond).all()
