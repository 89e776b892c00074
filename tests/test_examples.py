"""The examples do what their first sentence says, on real data."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
import rasterio

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def test_reading_a_city_counts_its_buildings(data: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "read_a_city.py"))
    potsdam = data / "citydb_samples" / "Potsdam" / "CityGML" / "Potsdam_LoD1" / "Potsdam_LoD1.gml"
    assert example["main"](str(potsdam)) == {"Building": 97}


def test_a_tower_takes_sun_away_near_it_and_none_far_south_of_it(data: Path, tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "sun_hours_before_and_after.py"))
    city = data / "place_denhaag" / "DenHaag_01.city.json"
    x, y = 78640.0, 457940.0
    written = example["main"](str(city), x, y, 80.0, tmp_path)
    assert {path.suffix for path in written} == {".tif", ".png", ".gpkg"}
    with rasterio.open(tmp_path / "sun_sun_hours_difference.tif") as file:
        change = file.read(1)
        row_south, _ = file.index(x, y - 60.0)
        row, column = file.index(x, y)
    assert np.nanmin(change[row - 40 : row, column - 40 : column + 40]) < -1.0
    assert np.nanmax(np.abs(change[row_south:, :])) == 0.0


@pytest.mark.slow
def test_water_stands_deeper_above_a_wall_and_none_of_it_is_lost(data: Path, tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "flood_with_and_without_a_wall.py"))
    terrain = data / "solweig_demos" / "Goteborg_SWEREF99_1200" / "DEM_KRbig.tif"
    with rasterio.open(terrain) as file:
        x, y = file.xy(file.height // 2, file.width // 2)
    quick = {"cell": 4.0, "scheme": "first-order", "after": 0.25, "device": "cpu", "velocities": False}
    found = example["main"](str(terrain), 40.0, ((x - 60, y), (x + 60, y)), 2.0, tmp_path, **quick)
    for volumes in found.values():
        lost = volumes.pop("lost by the computation")
        held = volumes.pop("held at the end")
        assert sum(volumes.values()) == pytest.approx(held, abs=1e-3)
        assert abs(lost) < 1e-3
    assert found["base"]["rain"] == found["scenario"]["rain"] > 0
    with rasterio.open(tmp_path / "flood_max_depth_difference.tif") as file:
        assert np.nanmax(file.read(1)) > 0.1
