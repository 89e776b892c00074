"""What a case file puts on its ground and lets act on the water: buildings, rain, losses, walls, culverts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from flood_folder import CRS, case, filled, model, raster, refused, slope

from citymodel.errors import ParameterError
from citymodel.formats import geopackage
from kernels.flood_sources import Culverts, Rain


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


# --- buildings ---


def test_buildings_block_the_cells_whose_centres_they_cover(folder):
    model(folder, (50, 50, 104, 74))
    found = case(folder, "buildings = 'city.city.json'\n")
    inside = np.zeros((20, 20), bool)
    inside[13:15, 5:10] = True
    assert (found.blocked == inside).all()


def test_buildings_raise_the_ground_to_their_roofs_or_roughen_it(folder):
    model(folder, (50, 50, 104, 74))
    raised = case(folder, "buildings = 'city.city.json'\nbuildings_as = 'raised'\n")
    assert raised.blocked is None
    assert (raised.terrain[13:15, 5:10] == 40.0).all()
    assert raised.terrain.max() == 40.0
    rough = case(folder, "buildings = 'city.city.json'\nbuildings_as = 'rough'\nbuildings_manning = 0.4\n")
    assert rough.blocked is None
    assert np.unique(np.asarray(rough.manning)).tolist() == [0.03, 0.4]


def test_raised_buildings_stand_on_another_ground_that_comes_later(folder):
    model(folder, (50, 50, 104, 74))
    raster(folder / "later.tif", slope() - 1.0)
    more = "buildings = 'city.city.json'\nbuildings_as = 'raised'\n[[ground]]\nat = '30min'\nterrain = 'later.tif'\n"
    later = case(folder, more).changes[0].terrain
    assert (later[13:15, 5:10] == 40.0).all()
    assert later[0, 0] == 31.0


def test_outlines_of_a_geopackage_block_and_cannot_raise(folder):
    geopackage.write_table(folder / "b.gpkg", "b", [shapely.box(50, 50, 104, 74)], {"n": [1]}, CRS)
    assert int(case(folder, "buildings = 'b.gpkg'\n").blocked.sum()) == 10  # type: ignore[union-attr]
    assert "needs a city model" in refused(folder, "buildings = 'b.gpkg'\nbuildings_as = 'raised'\n")


def test_an_inflow_on_a_building_is_refused(folder):
    model(folder, (50, 50, 104, 74))
    said = refused(folder, "buildings = 'city.city.json'\n[[inflow]]\npoint = [65.0, 65.0]\nm3_per_s = 1\n")
    assert "at 65 65 stands a building" in said


def test_buildings_beside_the_terrain_are_refused(folder):
    model(folder, (5000, 50, 5040, 74))
    assert "no building covers a cell of the terrain" in refused(folder, "buildings = 'city.city.json'\n")


def test_a_bridge_in_the_terrain_dams_no_river(folder):
    z = slope() + 3.0
    z[:, 8:12] -= 3.0  # a river to the south
    z[10, :] = 36.0  # a road over it
    raster(folder / "dem.tif", z)
    geopackage.write_table(folder / "decks.gpkg", "b", [shapely.box(70, 88, 130, 102)], {"n": [1]}, CRS)
    dammed, free = case(folder).terrain, case(folder, "bridges = 'decks.gpkg'\n").terrain
    assert (dammed[10, 8:12] == 36.0).all()
    assert (free[10, 8:12] < dammed[9, 8:12] + 0.2).all()
    assert (free[10, :7] == 36.0).all()
    geopackage.write_table(folder / "far.gpkg", "b", [shapely.box(7000, 88, 7130, 102)], {"n": [1]}, CRS)
    assert "no bridge covers a cell" in refused(folder, "bridges = 'far.gpkg'\n")


# --- what acts on the water ---


def test_rain_ends_with_the_last_row_which_is_told_where_it_holds_rain(folder):
    (folder / "storm.csv").write_text("seconds,mm_per_hour\n0,60\n1800,20\n")
    found = case(folder, "[[rain]]\nseries = 'storm.csv'\n")
    assert any("ends the rain; its 20 mm/h never falls" in note for note in found.notes)
    assert found.facts["rain_mm"] == {"rain": 30.0}


def test_a_uniform_rain_falls_between_its_begin_and_its_end(folder):
    found = case(folder, "[[rain]]\nmm_per_hour = 30\nbegin = '10min'\nend = '40min'\nfactor = 1.2\n")
    assert found.facts["rain_mm"] == {"rain": pytest.approx(18.0)}


def test_a_design_storm_keeps_its_depth_and_takes_its_uplift(folder):
    more = "[[rain]]\nstorm = { shape = 'euler', depth_mm = 40, duration = '45min', uplift_percent = 20 }\n"
    assert case(folder, more).facts["rain_mm"]["rain"] == pytest.approx(48.0)


def test_rain_by_zones_falls_where_its_column_says(folder):
    zones = np.zeros((2, 2))
    zones[:, 1] = 7
    raster(folder / "zones.tif", zones, 100.0)
    (folder / "zones.csv").write_text("seconds,mm_per_hour_0,mm_per_hour_7\n0,10,50\n3600,0,0\n")
    found = case(folder, "[[rain]]\nseries = 'zones.csv'\nzones = 'zones.tif'\n")
    rain = next(one for one in found.sources if isinstance(one, Rain))
    rates = np.asarray(rain.rates)[0][np.asarray(rain.zones)]
    assert (rates[:, :10] == 10).all()
    assert (rates[:, 10:] == 50).all()
    (folder / "zones.csv").write_text("seconds,mm_per_hour_0\n0,10\n3600,0\n")
    assert "zone 7 at 105 195 has no column" in refused(folder, "[[rain]]\nseries = 'zones.csv'\nzones = 'zones.tif'\n")


def test_rasters_of_rain_hold_until_the_next(folder):
    raster(folder / "a.tif", [[10, 20], [30, 40]], 100.0)
    raster(folder / "b.tif", [[0, 0], [0, 80]], 100.0)
    (folder / "radar.csv").write_text("seconds,file\n0,a.tif\n1800,b.tif\n3600,none\n")
    expected = np.kron([[10, 20], [30, 40]], np.ones((10, 10))), np.kron([[0, 0], [0, 80]], np.ones((10, 10)))
    for more in ("series = 'radar.csv'", "rasters = ['a.tif', 'b.tif']\nevery = '30min'"):
        rain = next(one for one in case(folder, f"[[rain]]\n{more}\n").sources if isinstance(one, Rain))
        rates = np.asarray(rain.rates)[:, np.asarray(rain.zones)]
        assert np.asarray(rain.times).tolist() == [0.0, 1800.0, 3600.0]
        assert (rates[0] == expected[0]).all()
        assert (rates[1] == expected[1]).all()
        assert not rates[2].any()


def test_rasters_of_rain_of_two_grids_or_beside_the_terrain_are_refused(folder):
    raster(folder / "a.tif", [[10, 20], [30, 40]], 100.0)
    raster(folder / "b.tif", [[10, 20, 30]], 100.0)
    assert "other cells than the first" in refused(folder, "[[rain]]\nrasters = ['a.tif', 'b.tif']\nevery = 60\n")
    raster(folder / "a.tif", [[10, 20], [30, 40]], 100.0, (9000.0, 200.0))
    assert "lie beside the terrain" in refused(folder, "[[rain]]\nrasters = ['a.tif']\nevery = 60\n")


def test_land_cover_gives_friction_and_infiltration_by_class(folder):
    cover = np.ones((20, 20))
    cover[:, 10:] = 5
    raster(folder / "lc.tif", cover)
    (folder / "lc.csv").write_text(
        "class,name,manning,conductivity_mm_per_hour,suction_m,deficit\n5,road,0.015,0,0,0\n1,grass,0.05,10,0.1,0.3\n"
    )
    more = "[landcover]\nraster = 'lc.tif'\ntable = 'lc.csv'\n[infiltration]\nmethod = 'green-ampt'\n"
    found = case(folder, more)
    assert (np.asarray(found.manning)[:, :10] == 0.05).all()
    assert (np.asarray(found.manning)[:, 10:] == 0.015).all()
    soil = found.sources[0]
    assert np.asarray(soil.conductivity)[np.asarray(soil.zones)][0].tolist() == [10.0] * 10 + [0.0] * 10  # type: ignore[attr-defined]
    (folder / "lc.csv").write_text("class,manning\n1,0.05\n")
    assert "has no row for class 5" in refused(folder, more)


def test_the_curve_number_takes_from_the_rain_what_the_handbook_says(folder):
    (folder / "storm.csv").write_text("seconds,mm_per_hour\n0,100\n3600,0\n")
    more = "[[rain]]\nseries = 'storm.csv'\n[infiltration]\nmethod = 'curve-number'\ncurve_number = 80\n"
    rain = next(one for one in case(folder, more).sources if isinstance(one, Rain))
    t, r = np.asarray(rain.times), np.asarray(rain.rates).ravel()
    store = 25400 / 80 - 254
    expected = (100 - 0.2 * store) ** 2 / (100 + 0.8 * store)
    assert (r[:-1] * np.diff(t)).sum() / 3600 == pytest.approx(expected, rel=1e-9)


def test_culverts_and_walls_and_breaches_stand_where_they_are_drawn(folder):
    more = """
[[wall]]
line = [[0.0, 105.0], [200.0, 105.0]]
level = 35.0
[[breach]]
line = [[95.0, 105.0], [105.0, 105.0]]
level = 30.5
at = "30min"
[[culvert]]
start = [55.0, 125.0]
end = [55.0, 85.0]
width = 1.5
invert = 31.0
"""
    found = case(folder, more)
    assert (found.terrain[9] == 35.0).all()
    assert (found.terrain[8] < 32.0).all()
    assert [change.time for change in found.changes] == [1800.0]
    assert any("the map of the ground is that of the start" in note for note in found.notes)
    assert (found.changes[0].terrain[9] < 31.0).sum() == 2
    links = next(one for one in found.sources if isinstance(one, Culverts)).links
    assert (links[0].start, links[0].end, links[0].width) == ((7, 5), (11, 5), 1.5)


def test_a_culvert_in_one_cell_or_outside_is_refused(folder):
    ends = "[[culvert]]\nwidth = 1.0\ninvert = 30.0\nstart = [51.0, 51.0]\n"
    assert "starts and ends in one cell" in refused(folder, ends + "end = [52.0, 52.0]\n")
    assert "end 900 52: lies outside" in refused(folder, ends + "end = [900.0, 52.0]\n")


def test_a_case_that_nothing_wets_is_told(folder):
    assert any("Nothing brings water" in note for note in case(folder).notes)


def test_every_file_stands_in_the_facts_with_its_hash(folder):
    found = case(folder, "[[rain]]\nseries = 'storm.csv'\n")
    inputs = {one["role"]: one for one in found.facts["inputs"]}
    assert set(inputs) == {"case", "terrain", "rain series"}
    assert all(len(one["sha256"]) == 64 for one in inputs.values())


def test_the_begin_of_the_case_is_kept_with_its_zone(folder):
    found = case(folder, "begins = 2026-06-21T13:00:00+02:00\n")
    assert found.begins == datetime(2026, 6, 21, 11, tzinfo=UTC)


def test_two_sources_of_one_name_are_refused(folder):
    more = "[[rain]]\nname = 'a'\nmm_per_hour = 1\n[[inflow]]\nname = 'a'\npoint = [5.0, 5.0]\nm3_per_s = 1\n"
    with pytest.raises(ParameterError, match="two sources are named 'a'"):
        case(folder, more)
