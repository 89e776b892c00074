"""``citymodel shadow`` beyond the contract's least: strips, quantities, oblong cells, crowns and areas."""

import csv
import json

import numpy as np
import pytest
import rasterio
import shapely
from click.testing import CliRunner

from citymodel.analysis.strips import reach, strips
from citymodel.cli import app
from citymodel.errors import ResourceError
from citymodel.formats import geopackage, raster
from citymodel.surface import Grid

GRID = Grid(677000.0, 5403120.0, 1.0, (300, 120), "EPSG:32632")
DAY = ("--date", "2026-03-21", "--from", "09:00", "--to", "15:00", "--step", "30min", "--tz", "Europe/Berlin")


@pytest.fixture
def town(tmp_path):
    rng = np.random.default_rng(4)
    z = np.zeros(GRID.shape, np.float32)
    for _ in range(40):
        r, c = rng.integers(0, 290), rng.integers(0, 110)
        z[r : r + 12, c : c + 9] = rng.uniform(5, 30)
    z[140:150, 0:30] = np.nan
    raster.write(GRID.raster(z, "surface"), tmp_path / "town.tif")
    return tmp_path / "town.tif"


def run(*words):
    done = CliRunner().invoke(app, [str(w) for w in words])
    assert done.exit_code == 0, done.output
    return done


def read(path):
    with rasterio.open(path) as file:
        return file.read(1)


@pytest.mark.parametrize("quantity", ["hours", "longest", "first", "last"])
def test_strips_equal_the_whole_to_the_last_bit(town, tmp_path, quantity):
    run("shadow", town, "-o", tmp_path / "whole.tif", *DAY, "--quantity", quantity)
    done = run(
        "shadow", town, "-o", tmp_path / "strips.tif", *DAY, "--quantity", quantity, "--memory", 0.00115, "--json"
    )
    assert json.loads(done.stdout)["strips"] > 1
    whole, parts = read(tmp_path / "whole.tif"), read(tmp_path / "strips.tif")
    assert np.array_equal(whole.view(np.int32), parts.view(np.int32))
    with rasterio.open(tmp_path / "whole.tif") as a, rasterio.open(tmp_path / "strips.tif") as b:
        assert (a.transform, a.crs, a.units, str(a.nodata)) == (b.transform, b.crs, b.units, str(b.nodata))


def test_a_mask_in_strips_equals_the_whole(town, tmp_path):
    run("shadow", town, "-o", tmp_path / "whole.tif", "--sun", 190, 30)
    run("shadow", town, "-o", tmp_path / "strips.tif", "--sun", 190, 30, "--memory", 0.001)
    assert np.array_equal(read(tmp_path / "whole.tif"), read(tmp_path / "strips.tif"))


def test_a_study_that_no_strip_can_hold_is_refused_with_the_number():
    with pytest.raises(ResourceError, match="GB"):
        strips((20_000, 20_000), (9_000, 9_000), 2_000_000_000)


def test_the_reach_of_a_southern_sun_is_to_the_south():
    north, south = reach(np.array([180.0]), np.array([45.0]), 100.0, 1.0)
    assert north <= 2
    assert 100 <= south <= 103


def test_first_and_last_sun_are_clock_times(town, tmp_path):
    for quantity in ("first", "last"):
        run("shadow", town, "-o", tmp_path / f"{quantity}.tif", *DAY, "--quantity", quantity)
    first, last = read(tmp_path / "first.tif"), read(tmp_path / "last.tif")
    known = np.isfinite(first)
    assert first[known].min() == 9.0
    assert last[known].max() == 15.0
    assert (first[known] < last[known]).all()


def test_oblong_cells_are_computed_as_they_are(tmp_path):
    from affine import Affine

    z = np.zeros((60, 60), np.float32)
    z[25:35, 25:35] = 10.0
    with rasterio.open(
        tmp_path / "oblong.tif", "w", driver="GTiff", height=60, width=60, count=1, dtype="float32", crs="EPSG:32632",
        transform=Affine(1.0, 0.0, 677000.0, 0.0, -2.0, 5403120.0),
    ) as file:  # fmt: skip
        file.write(z, 1)
    run("shadow", tmp_path / "oblong.tif", "-o", tmp_path / "o.tif", "--sun", 180, 45)
    mask = read(tmp_path / "o.tif")
    assert (mask[:25] == 1).sum() == 10 * 5  # 10 m of shade are five cells of 2 m


def test_a_crown_shades_in_part_and_its_trunk_not_at_all(tmp_path):
    flat, tree = np.zeros(GRID.shape, np.float32), np.zeros(GRID.shape, np.float32)
    tree[150, 60] = 20.0
    raster.write(GRID.raster(flat, "surface"), tmp_path / "flat.tif")
    raster.write(GRID.raster(tree, "canopy"), tmp_path / "tree.tif")
    words = ("--sun", 180, 45, "--canopy", tmp_path / "tree.tif")
    run("shadow", tmp_path / "flat.tif", "-o", tmp_path / "o.tif", *words)
    column = read(tmp_path / "o.tif")[:, 60]
    shaded = 150 - np.flatnonzero(column == 1)
    assert shaded.max() in (19, 20)
    assert shaded[shaded > 0].min() in (5, 6)


def test_strips_reach_as_far_as_the_shade_of_trees_and_of_low_receivers(tmp_path):
    flat, tree = np.zeros(GRID.shape, np.float32), np.zeros(GRID.shape, np.float32)
    tree[200:206, 20:30] = 20.0
    raster.write(GRID.raster(flat, "surface"), tmp_path / "flat.tif")
    raster.write(GRID.raster(tree, "canopy"), tmp_path / "tree.tif")
    elevations = np.where(tree > 0, tree, np.float32(np.nan))
    raster.write(GRID.raster(elevations, "canopy"), tmp_path / "elevations.tif")
    for words in (
        ("--canopy", tmp_path / "tree.tif"),
        ("--canopy", tmp_path / "elevations.tif", "--canopy-absolute"),
        ("--height", -10),
    ):
        run("shadow", tmp_path / "flat.tif", "-o", tmp_path / "w.tif", "--sun", 180, 60, *words)
        done = run(
            "shadow", tmp_path / "flat.tif", "-o", tmp_path / "s.tif", "--sun", 180, 60, *words, "--memory", 0.001,
            "--json",
        )  # fmt: skip
        assert json.loads(done.stdout)["strips"] > 1
        assert np.array_equal(read(tmp_path / "w.tif"), read(tmp_path / "s.tif"))


def test_the_table_of_areas_says_what_the_map_says_under_trees_and_leaves_out_what_is_unknown(tmp_path):
    z, tree = np.zeros(GRID.shape, np.float32), np.zeros(GRID.shape, np.float32)
    z[100:120] = np.nan
    tree[150:160, 30:60] = 15.0
    raster.write(GRID.raster(z, "surface"), tmp_path / "s.tif")
    raster.write(GRID.raster(tree, "canopy"), tmp_path / "tree.tif")
    shape = np.array([shapely.box(677020, 5402920, 677080, 5403020)], dtype=object)  # rows 100 to 200
    geopackage.write([geopackage.Table("parks", shape, {"name": np.array(["Park"], object)}, "EPSG:32632")],
                     tmp_path / "parks.gpkg")  # fmt: skip
    done = run(
        "shadow", tmp_path / "s.tif", "-o", tmp_path / "o.tif", *DAY, "--canopy", tmp_path / "tree.tif",
        "--transmissivity", 0.4, "--areas", tmp_path / "parks.gpkg", "--table", tmp_path / "t.csv", "--json",
    )  # fmt: skip
    (row,) = json.loads(done.stdout)["areas"]
    assert row["area_m2"] == 60 * 80
    assert row["mean_hours_base"] == pytest.approx(float(read(tmp_path / "o.tif")[120:200, 20:80].mean()), rel=1e-6)


def test_the_day_on_which_the_clock_goes_back_has_its_first_and_last_sun(tmp_path):
    raster.write(GRID.raster(np.zeros(GRID.shape, np.float32), "surface"), tmp_path / "flat.tif")
    for quantity, low, high in (("first", 6.8, 7.2), ("last", 16.7, 17.2)):  # Munich, by winter time
        run("shadow", tmp_path / "flat.tif", "-o", tmp_path / "o.tif", "--date", "2026-10-25", "--tz", "Europe/Berlin",
            "--quantity", quantity)  # fmt: skip
        assert low < float(read(tmp_path / "o.tif")[150, 60]) < high


def test_areas_get_a_table_with_light_rule_and_verdict(town, tmp_path):
    shapes = np.array([
        shapely.box(677010, 5402900, 677050, 5402950), shapely.Polygon(), shapely.box(677060, 5402850, 677110, 5402890),
    ], dtype=object)  # fmt: skip
    names = np.array(["Park", "Nowhere", "Square"], dtype=object)
    geopackage.write([geopackage.Table("parks", shapes, {"name": names}, "EPSG:32632")], tmp_path / "parks.gpkg")
    table = tmp_path / "out.csv"
    run("shadow", town, "-o", tmp_path / "o.tif", *DAY, "--areas", tmp_path / "parks.gpkg", "--table", table)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [row["id"] for row in rows] == ["Park", "Nowhere", "Square"]
    assert float(rows[0]["area_m2"]) == 2000.0
    assert rows[1]["verdict_base"] == "no area"
    assert rows[0]["verdict_base"] in ("met", "not met", "within error")
    assert "asked for is 50%" in rows[0]["because_base"]
    assert rows[0]["half_lit_from_base"].count(":") == 1


@pytest.mark.parametrize(("x0", "said"), [(677000.4, "its cells are not those"), (687000.0, "lies beside")])
def test_trees_on_other_cells_or_in_another_place_are_refused(town, tmp_path, x0, said):
    other = Grid(x0, GRID.y0, 1.0, GRID.shape, GRID.crs)
    raster.write(other.raster(np.full(GRID.shape, 9.0, np.float32), "canopy"), tmp_path / "tree.tif")
    words = ["shadow", town, "-o", tmp_path / "o.tif", "--sun", 180, 45, "--canopy", tmp_path / "tree.tif"]
    done = CliRunner().invoke(app, [str(w) for w in words])
    assert said in str(done.exception)
