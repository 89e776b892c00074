"""A folder with the files of a flood's case, and the case that is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.from_file import case_of
from citymodel.errors import CityModelError
from citymodel.formats import flood_case

CRS = "EPSG:25833"


def raster(
    path: Path, values: Any, cell: float = 10.0, corner: tuple[float, float] = (0.0, 200.0), crs: Any = CRS
) -> Path:
    """A GeoTIFF whose top left corner is `corner`."""
    array = np.asarray(values, np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", height=array.shape[0], width=array.shape[1], count=1, dtype="float32", crs=crs,
        nodata=np.nan, transform=Affine(cell, 0.0, corner[0], 0.0, -cell, corner[1]),
    ) as file:  # fmt: skip
        file.write(array, 1)
    return path


def slope() -> np.ndarray:
    """20 × 20 cells of 10 m that fall by 2 m to the south."""
    return np.repeat(np.linspace(32.0, 30.0, 20)[:, None], 20, 1)


def filled(tmp_path: Path) -> Path:
    """A folder with a terrain, a storm, a hydrograph and a tide."""
    raster(tmp_path / "dem.tif", slope())
    (tmp_path / "storm.csv").write_text("seconds,mm_per_hour\n0,60\n1800,0\n")
    (tmp_path / "hydrograph.csv").write_text("seconds,m3_per_s\n0,0\n600,4\n1200,0\n")
    (tmp_path / "tide.csv").write_text("seconds,level_m\n0,29\n3600,31\n")
    return tmp_path


TOP_LINES = 'terrain = "dem.tif"\nduration = "1h"\n'


def written(folder: Path, more: str = "", top: str = TOP_LINES) -> Path:
    """A case file of these lines."""
    path = folder / "case.toml"
    path.write_text(top + more, encoding="utf-8")
    return path


def case(folder: Path, more: str = "", top: str = TOP_LINES) -> Case:
    """The case of these lines."""
    return case_of(flood_case.read(written(folder, more, top)))


def refused(folder: Path, more: str, top: str = TOP_LINES) -> str:
    """What is said of a case that cannot be, in one line."""
    with pytest.raises(CityModelError) as wrong:
        case(folder, more, top)
    assert "\n" not in str(wrong.value)
    return str(wrong.value)


def model(folder: Path, corners: tuple[float, float, float, float], height: float = 40.0) -> Path:
    """A CityJSON block between corners in metres."""
    x0, y0, x1, y1 = corners
    vertices = [[x, y, z] for z in (30.0, height) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    a, b, c, d, e, f, g, h = range(8)
    faces = [[[d, c, b, a]], [[e, f, g, h]], [[a, b, f, e]], [[b, c, g, f]], [[c, d, h, g]], [[d, a, e, h]]]
    data = {
        "type": "CityJSON", "version": "2.0", "transform": {"scale": [1.0] * 3, "translate": [0.0] * 3},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/25833"}, "vertices": vertices,
        "CityObjects": {"b": {"type": "Building", "geometry": [{"type": "Solid", "lod": "2", "boundaries": [faces]}]}},
    }  # fmt: skip
    path = folder / "city.city.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path
