"""Delft: LiDAR and model of one place, gridded by the surface verb and compared on the roofs."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from test_shadow_command import read, refused, run

ROOT = Path(__file__).resolve().parent.parent


def test_the_surface_command_grids_delft_with_its_terrain(data, tmp_path):
    tiles = sorted((data / "delft_3dfier" / "ahn3").glob("*.laz"))
    words = ("--ground", tmp_path / "dtm.tif", "--cell", 1, "--crs", "EPSG:28992", "--json")
    done = run("surface", *tiles, "-o", tmp_path / "dsm.tif", *words)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["crs"] == "EPSG:28992"
    assert facts["size"] == [230, 265]
    dsm, dtm = read(tmp_path / "dsm.tif")[0], read(tmp_path / "dtm.tif")[0]
    assert np.nanmax(dsm) == pytest.approx(26.33, abs=0.01)
    assert np.nanmedian(dsm - dtm) > 0.5
    assert -1 < np.nanmin(dtm) < np.nanmax(dtm) < 3


def test_points_without_a_crs_ask_for_one(data, tmp_path, capsys):
    tile = data / "delft_3dfier" / "ahn3" / "ahn3_cropped_2.laz"
    assert "coordinate system" in refused(capsys, "surface", tile, "-o", tmp_path / "o.tif")


@pytest.mark.slow
def test_points_and_model_agree_on_roofs_within_half_a_metre(data, tmp_path):
    """The model's blocks stand at the 90th percentile of their points, so that is what is compared."""
    example = runpy.run_path(str(ROOT / "examples" / "delft_surface.py"))
    found = example["compare"](data / "delft_3dfier", tmp_path / "map.png")
    assert found["buildings"] > 130
    assert abs(found["block height, median by building"]) < 0.5
    assert found["block height, median size by building"] < 0.5
    assert abs(found["flat roofs, median of cells"]) < 0.5
    assert found["ground, median size of cells"] < 0.1
    assert (tmp_path / "map.png").stat().st_size > 50_000


@pytest.mark.slow
def test_a_building_of_delft_goes_with_its_returns_and_a_tower_comes(data):
    import shapely

    from citymodel.project import open_data
    from citymodel.scenario import AddBox, RemoveObject, Scenario
    from citymodel.surface import Grid, analysis_surface
    from citymodel.triangulate import footprints

    folder = data / "delft_3dfier"
    document = open_data([*sorted((folder / "ahn3").glob("*.laz")), folder / "output" / "testarea.json"], "EPSG:28992")
    model = document.layers[-1]
    largest = max(footprints(model.data), key=lambda one: one.area.area)
    gone = RemoveObject(model.id, model.data.objects.ids[largest.object_row])
    plot = tuple((84960.0 + x, 447520.0 + y) for x, y in ((0, 0), (15, 0), (15, 15), (0, 15)))
    plan = Scenario("plan", "Plan", (gone, AddBox("tower", "Tower", plot, 60.0)))
    grid = Grid.around((84808.3, 447412.8, 85072.3, 447641.3), 1.0, document.frame.crs)
    before, ground = analysis_surface(document.layers, None, grid)
    after, _ = analysis_surface(document.layers, plan, grid)
    change = np.asarray(after - before)
    x, y = np.meshgrid(grid.x, grid.y)
    changed = shapely.union(largest.area.buffer(2.0), shapely.box(84960, 447520, 84975, 447535))
    near = shapely.contains_xy(changed, x, y)
    assert (change[~near & np.isfinite(change)] == 0.0).all()
    cleared = shapely.contains_xy(largest.area.buffer(0.7), x, y)
    bare = np.asarray(after - ground)[cleared]
    assert np.median(np.asarray(before - ground)[cleared]) > 8.0
    assert (bare == 0.0).mean() > 0.95
    assert float(after.sel(x=84967.5, y=447527.5)) > 59.0
