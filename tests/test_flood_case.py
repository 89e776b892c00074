"""The case file of a flood: each key checked, mistakes told with the way out; and what becomes of it on the grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from flood_folder import CRS, TOP_LINES, case, filled, raster, refused, slope, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citymodel.analysis.flood.placing import cells_along
from citymodel.errors import CrsError, FormatError
from citymodel.formats import flood_case
from citymodel.formats.flood_case_keys import LISTS, TABLES, TOP, Wrong, seconds_of
from citymodel.surface import Grid
from kernels.flood_sources import Inflow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


# --- the file ---


def test_the_contracts_own_case_is_read(folder):
    raster(folder / "depth.tif", np.zeros((20, 20)))
    text = """
terrain = "dem.tif"              # metres; no-data cells are outside
duration = "12h"
output_every = "15min"
manning = 0.03                   # or a raster
initial_level = 0.0              # optional
scheme = "second-order"

[[rain]]
series = "storm.csv"
[[inflow]]
line = [[0.0, 100.0], [0.0, 200.0]]
series = "hydrograph.csv"
[boundary]
south = "open"
west = { level = "tide.csv" }
[[gauge]]
name = "P1"
x = 150.0
y = 150.0
"""
    found = case(folder, text, "")
    assert (found.duration, found.every, found.manning, found.scheme) == (43200.0, 900.0, 0.03, "second-order")
    assert [source.name for source in found.sources] == ["rain", "inflow"]
    assert found.edges.south == "open"
    assert found.edges.north == "wall"
    assert found.edges.west == ([0.0, 3600.0], [29.0, 31.0])
    assert (found.gauges[0].name, found.gauges[0].x, found.gauges[0].y) == ("P1", 150.0, 150.0)
    assert found.level == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12h", 43200), ("15min", 900), ("90s", 90), ("1h30min", 5400), ("1.5 h", 5400), ("2d", 172800), (90, 90),
        (0.5, 0.5),
    ],
)  # fmt: skip
def test_a_duration_is_a_text_with_units_or_a_number_of_seconds(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "12", "12 parsecs", "h", "-1h", "1h-5min", True, None, [1], float("nan")])
def test_what_is_no_duration_is_refused(text):
    if text == "12":
        assert seconds_of(text) == 12
        return
    with pytest.raises(Wrong):
        seconds_of(text)


@pytest.mark.parametrize("text", ['"0s"', "0", "-5", '"-1h"', "inf", "nan", "true", '"1000000h"'])
def test_a_run_of_no_time_or_no_end_is_refused(folder, text):
    assert "duration" in refused(folder, "", f'terrain = "dem.tif"\nduration = {text}\n')


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("manings = 0.03\n", "manings: is an unknown key; is manning meant?"),
        ("south = 'open'\n", "south: is a key of [boundary]; write it below that line"),
        ("[gauges]\nx = 1\n", "gauges: is an unknown key; is [[gauge]] meant?"),
        ("[boundary]\nsouth = 'open'\nmanning = 0.03\n", "keys of the top level stand before the first table"),
        ("[[gauge]]\nx = 1.0\ny = 1.0\nz = 3.0\n", "[[gauge]] z: is an unknown key; known are name, x, y"),
        ("[[gauge]]\nx = 1.0\n", "[[gauge]]: lacks y; add y = 250.0"),
        ("[gauge]\nx = 1.0\ny = 1.0\n", "is a list of tables; write [[gauge]]"),
        ("[[boundary]]\nsouth = 'open'\n", "is one table; write [boundary]"),
        ("[boundary]\nsouth = 'opne'\n", "[boundary] south: 'opne' is no edge"),
        ("[boundary]\nsouth = { levle = 3 }\n", 'write "wall", "open" or { level = "tide.csv" }'),
        ("scheme = 'third-order'\n", "scheme: 'third-order' is not known; write second-order, first-order or preview"),
        ("manning = -0.03\n", "manning: -0.03 is below 0; Manning's n is never negative"),
        ("manning = true\n", "manning: True is not a number"),
        ("manning = nan\n", "manning: nan is not a number"),
        ("manning = 'rough.tif'\n", "rough.tif: there is no such file"),
        ("output_every = '0s'\n", "output_every: '0s' is no time at all"),
        ("output_every = 0.001\n", "frames; write at least"),
        ("initial_level = 1.0\ninitial_depth = 0.5\n", "stands beside initial_depth"),
        ("initial_depth = -0.5\n", "a depth is never negative"),
        ("buildings_as = 'blocked'\n", "belongs to buildings, and no file of them is named"),
        ("begins = 2026-06-21T13:00:00\n", "no moment with a zone"),
        ("courant = 0.9\n", "0.9 is not stable; write up to 0.5"),
        ("gauge_every = '5min'\n", "at least every 60 s"),
        ("crs = 'EPSG:1'\n", "crs:"),
        ("[[rain]]\n", "[[rain]]: needs series or mm_per_hour or rasters or storm"),
        ("[[rain]]\nseries = 'storm.csv'\nmm_per_hour = 5\n", "has series and mm_per_hour; keep one"),
        ("[[rain]]\nmm_per_hour = 5\nzones = 'dem.tif'\n", "zones: belongs to series"),
        ("[[rain]]\nmm_per_hour = -5\n", "-5 is out of range"),
        ("[[rain]]\nstorm = { shape = 'euler', depth_mm = 30 }\n", "[[rain]] storm: lacks duration"),
        ("[[rain]]\nstorm = { shape = 'gumbel', depth_mm = 30, duration = '1h' }\n", "no storm of shape 'gumbel'"),
        ("[[rain]]\nrasters = ['dem.tif']\ntimes = [0]\n", "1 times for 1 rasters; write 2"),
        ("[[inflow]]\nline = [[0.0, 1.0]]\nm3_per_s = 1\n", "write [[x1, y1], [x2, y2]]"),
        ("[[inflow]]\nline = [[0.0, 1.0], [0.0, 1.0]]\nm3_per_s = 1\n", "a line of no length"),
        ("[[inflow]]\nline = [[0.0, 1.0], [0.0, nan]]\nm3_per_s = 1\n", "not a coordinate"),
        ("[[inflow]]\npoint = [5.0, 5.0]\n", "needs series or m3_per_s"),
        ("[[gauge]]\nname='a'\nx=5.0\ny=5.0\n[[gauge]]\nname='a'\nx=6.0\ny=5.0\n", "two are named 'a'"),
        ("[infiltration]\nmethod = 'green-ampt'\n", "green-ampt needs conductivity_mm_per_hour, suction_m, deficit"),
        ("[infiltration]\nmethod = 'horton'\ndeficit = 0.3\n", "deficit: is no number of horton"),
        ("[sewer]\n", "[sewer]: needs mm_per_hour or series"),
        ("[landcover]\nraster = 'dem.tif'\n", "[landcover]: lacks table"),
        ("[[wall]]\nline = [[0.0, 5.0], [9.0, 5.0]]\n", "needs level or height"),
        ("debris_factor = 0.5\n", "write careful, urban, woodland, pasture or none"),
        ("hazard_thresholds = [1, 2]\n", "are no thresholds"),
        ("rain = 'storm.csv'\n", "write [[rain]]"),
        ("terrain = 'a.tif'\n", "is no TOML"),
        ("x = [\n", "is no TOML"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_with_its_table_its_key_and_the_way_out(folder, more, said):
    text = refused(folder, more)
    assert text.startswith(str(folder / "case.toml"))
    assert said in text


def test_a_case_without_terrain_is_told_what_to_write(folder):
    assert 'lacks terrain; add terrain = "dem.tif"' in refused(folder, "", 'duration = "1h"\n')


def test_paths_are_relative_to_the_case_file(folder, monkeypatch):
    monkeypatch.chdir("/")
    assert flood_case.read(written(folder)).terrain == folder / "dem.tif"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_case_or_a_plain_error(tmp_path, raw):
    path = tmp_path / "any.toml"
    path.write_bytes(raw)
    with pytest.raises(FormatError) as wrong:
        flood_case.read(path)
    assert "\n" not in str(wrong.value)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["dem.tif", "1h", "wall"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["level", "x", "y", "name"]), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted([*TOP, *LISTS, *TABLES])), st.data())
def test_any_value_of_any_key_is_taken_or_a_plain_error(folder, monkeypatch_toml, name, data):
    spec = LISTS.get(name) or TABLES.get(name)
    value = data.draw(_VALUES)
    if spec is not None:
        table = data.draw(st.dictionaries(st.sampled_from(sorted(spec)), _VALUES, max_size=4))
        value = data.draw(st.sampled_from([value, table, [table], [table, table]]))
    said = ""
    try:
        monkeypatch_toml({"terrain": "dem.tif", "duration": "1h", name: value})
    except FormatError as wrong:
        said = str(wrong)
    assert "\n" not in said


@pytest.fixture
def monkeypatch_toml(folder, monkeypatch):
    """Read a case of these values, without writing them as TOML."""
    path = written(folder)

    def read(values: dict[str, Any]) -> flood_case.CaseFile:
        with monkeypatch.context() as patched:
            patched.setattr(flood_case, "_toml", lambda _path: values)
            return flood_case.read(path)

    return read


# --- on the grid ---


def test_an_inflow_line_takes_the_cells_within_half_a_cell_of_it():
    grid = Grid(0.0, 2000.0, 20.0, (100, 100), None)
    edge = cells_along(grid, ((0.0, 1900.0), (0.0, 2000.0)))
    assert edge.tolist() == [[r, 0] for r in range(5)]
    between = cells_along(grid, ((400.0, 1000.0), (400.0, 1060.0)))
    assert {tuple(one) for one in between.tolist()} == {(r, c) for r in (47, 48, 49) for c in (19, 20)}


@pytest.mark.parametrize("seed", range(5))
def test_the_cells_of_a_slanted_line_are_those_that_a_search_through_all_finds(seed):
    rng = np.random.default_rng(seed)
    grid = Grid(1000.0, 500.0, 5.0, (60, 80), None)
    line = tuple((float(x), float(y)) for x, y in zip(rng.uniform(980, 1420, 4), rng.uniform(180, 520, 4), strict=True))
    x, y = np.meshgrid(grid.x, grid.y)
    away = shapely.distance(shapely.LineString(line), shapely.points(x, y))
    assert cells_along(grid, line).tolist() == np.argwhere(away <= 2.5).tolist()


def test_a_short_line_between_centres_takes_the_cell_that_holds_it():
    grid = Grid(0.0, 100.0, 10.0, (10, 10), None)
    assert cells_along(grid, ((19.0, 81.0), (19.5, 81.0))).tolist() == [[1, 1]]


def test_an_inflow_outside_is_refused_with_the_place_of_the_terrain(folder):
    said = refused(folder, "[[inflow]]\nline = [[500.0, 0.0], [500.0, 50.0]]\nm3_per_s = 1\n")
    assert "[[inflow]] inflow: lies outside the terrain (x 0 to 200, y 0 to 200)" in said
    said = refused(folder, "[[inflow]]\npoint = [500.0, 20.0]\nm3_per_s = 1\n")
    assert "500 20 lies outside" in said


def test_an_inflow_on_cells_without_data_is_refused_with_the_place(folder):
    z = slope()
    z[:, :3] = np.nan
    raster(folder / "dem.tif", z)
    said = refused(folder, "[[inflow]]\nline = [[0.0, 0.0], [0.0, 50.0]]\nm3_per_s = 1\n")
    assert "at 5 45 stands cells without data" in said


def test_an_inflow_partly_on_cells_without_data_flows_through_the_others(folder):
    z = slope()
    z[:3, 0] = np.nan
    raster(folder / "dem.tif", z)
    found = case(folder, "[[inflow]]\nline = [[0.0, 140.0], [0.0, 200.0]]\nm3_per_s = 1\n")
    inflow = next(one for one in found.sources if isinstance(one, Inflow))
    assert inflow.cells.tolist() == [[3, 0], [4, 0], [5, 0]]
    assert any("3 of its 6 cells" in note for note in found.notes)


def test_a_line_that_runs_out_of_the_terrain_is_told(folder):
    found = case(folder, "[[inflow]]\nline = [[0.0, 150.0], [0.0, 250.0]]\nm3_per_s = 1\n")
    assert any("50% of the line lies outside" in note for note in found.notes)


def test_terrain_in_degrees_is_refused_with_the_command_that_makes_metres_of_it(folder):
    raster(folder / "dem.tif", slope(), 1e-4, (13.0, 52.0), "EPSG:4326")
    with pytest.raises(CrsError, match=r"citymodel convert .* --to-crs EPSG:32633"):
        case(folder)


def test_oblong_cells_are_refused(folder):
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", height=20, width=20, count=1, dtype="float32", crs=CRS,
        transform=Affine(10.0, 0, 0, 0, -5.0, 100),
    ) as file:  # fmt: skip
        file.write(slope().astype(np.float32), 1)
    assert "10 × 5; square ones are needed" in refused(folder, "")


def test_terrain_in_millimetres_is_refused(folder):
    raster(folder / "dem.tif", slope() * 1000)
    assert "no terrain in metres" in refused(folder, "")


def test_terrain_so_steep_that_it_must_be_in_millimetres_is_doubted(folder):
    raster(folder / "dem.tif", slope() * 100 + np.arange(20)[None, :] * 30)
    assert any("millimetres or feet" in note for note in case(folder).notes)


def test_terrain_without_heights_is_refused(folder):
    raster(folder / "dem.tif", np.full((5, 5), np.nan))
    assert "holds no heights at all" in refused(folder, "")


def test_a_gauge_outside_is_refused(folder):
    said = refused(folder, "[[gauge]]\nname = 'mill'\nx = 200.5\ny = 50.0\n")
    assert "[[gauge]] mill: 200.5 50 lies outside" in said


def test_water_deeper_than_50_m_is_doubted_and_deeper_than_120_m_refused(folder):
    found = case(folder, "initial_depth = 60.0\n")
    assert any("60 m deep" in note and "millimetres" in note for note in found.notes)
    assert "1,500 m deep" in refused(folder, "initial_depth = 1500.0\n")
    assert "are millimetres or another height datum meant" in refused(folder, "initial_level = 3200.0\n")
    (folder / "tide.csv").write_text("seconds,level_m\n0,29000\n60,31000\n")
    assert "height" in refused(folder, "[boundary]\nsouth = { level = 'tide.csv' }\n")


def test_a_negative_manning_in_a_raster_is_refused_with_its_place(folder):
    n = np.full((20, 20), 0.03)
    n[2, 3] = -0.5
    raster(folder / "n.tif", n)
    assert "Manning's n of -0.5 at 35 175" in refused(folder, "manning = 'n.tif'\n")


def test_a_manning_raster_with_gaps_or_strickler_values_is_told(folder):
    n = np.full((20, 20), 30.0)
    raster(folder / "n.tif", n)
    assert any("Strickler" in note for note in case(folder, "manning = 'n.tif'\n").notes)
    n[0, 0] = np.nan
    raster(folder / "n.tif", n)
    assert "1 cells of the terrain have no Manning's n, the first at 5 195" in refused(folder, "manning = 'n.tif'\n")


def test_a_raster_in_another_system_is_refused_with_the_way_out(folder):
    raster(folder / "n.tif", np.full((20, 20), 0.03), crs="EPSG:32632")
    assert "--to-crs EPSG:25833" in refused(folder, "manning = 'n.tif'\n")


def test_a_coarser_raster_is_laid_onto_the_grid(folder):
    raster(folder / "n.tif", [[0.02, 0.04], [0.02, 0.04]], 100.0)
    found = np.asarray(case(folder, "manning = 'n.tif'\n").manning)
    assert found[0, [0, 9, 10, 19]] == pytest.approx([0.02, 0.029, 0.031, 0.04], abs=1e-6)
    assert (found[0] == found[-1]).all()


def test_a_coordinate_system_other_than_the_terrains_own_is_told(folder):
    assert any("says EPSG:25833; EPSG:25832 was taken" in one for one in case(folder, 'crs = "EPSG:25832"\n').notes)


def test_of_several_bands_the_first_is_taken_and_told(folder):
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", height=20, width=20, count=2, dtype="float32", crs=CRS,
        transform=Affine(10.0, 0, 0, 0, -10.0, 200),
    ) as file:  # fmt: skip
        file.write(np.stack([slope(), slope() + 99]).astype(np.float32))
    found = case(folder)
    assert found.terrain.max() == 32.0
    assert any("holds 2 bands" in note for note in found.notes)


def test_keys_of_the_top_level_below_a_table_are_told_to_move_up(folder):
    said = refused(folder, "", "[[rain]]\nmm_per_hour = 5\n" + TOP_LINES)
    assert "[[rain]] terrain: is a key of the top level" in said


def test_a_change_after_the_end_belongs_to_the_case_so_that_a_longer_run_may_go_on(folder):
    wall = '[[wall]]\nline = [[0.0, 100.0], [200.0, 100.0]]\nheight = 3.0\nat = "2h"\n'
    found = case(folder, wall)
    assert [one.time for one in found.changes] == [7200.0]
    assert any("never happens" in note for note in found.notes)
