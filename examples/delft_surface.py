"""Compare the surface from LiDAR with the surface from a city model in Delft, in numbers and on a map.

Run: python examples/delft_surface.py FOLDER OUT.png, with FOLDER/ahn3/*.laz and FOLDER/output/testarea.json
of the example data of 3dfier.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from citymodel.formats import read
from citymodel.results import Field, LegendClass
from citymodel.scene.mapsheet import map_sheet
from citymodel.surface import Grid, surface_from_model, surface_from_points, terrain_from_model, terrain_from_points
from citymodel.surface.from_model import model_triangles, rasterise
from citymodel.triangulate import footprints

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.model import CityModel
    from citymodel.points import PointCloud

LEGEND = tuple(
    LegendClass(lower, upper, colour, label)
    for lower, upper, colour, label in (
        (-np.inf, -4.0, "#3f1d73", "model more than 4 m higher"),
        (-4.0, -2.0, "#7355a8", "model 2 to 4 m higher"),
        (-2.0, -0.5, "#b9a8dc", "model 0.5 to 2 m higher"),
        (-0.5, 0.5, "#f4f4f1", "within 0.5 m"),
        (0.5, 2.0, "#f7c27f", "points 0.5 to 2 m higher"),
        (2.0, 4.0, "#c8711c", "points 2 to 4 m higher"),
        (4.0, np.inf, "#7f3f05", "points more than 4 m higher"),
    )
)
NOTES = (
    "Points: AHN3, highest return in cells of 0.5 m.",
    "Model: 3dfier, a flat block for each building at the 90th percentile of its points (LoD1).",
    "Pitched roofs: the eaves lie below the block (violet), the ridge above it (orange).",
    "Trees and parked cars are in the points only (brown). The ground and flat roofs agree.",
)


@dataclass(frozen=True, eq=False)
class Surfaces:
    """The same ground seen twice.

    seen, modelled : surface from points and from the model; ground, land : their terrains
    top, owner : the model's roofs and whose they are, metres and row of the building, −1 where none is
    """

    clouds: list[PointCloud]
    model: CityModel
    grid: Grid
    seen: DataArray
    modelled: DataArray
    ground: DataArray
    land: DataArray
    top: np.ndarray
    owner: np.ndarray

    @property
    def measured(self) -> np.ndarray:
        """Cells of roofs that points fell into."""
        return np.isfinite(self.top) & ~np.asarray(self.seen["filled"]) & np.isfinite(np.asarray(self.seen))


def surfaces(folder: Path) -> Surfaces:
    """Read and grid both."""
    clouds = [read(path) for path in sorted((folder / "ahn3").glob("*.laz"))]
    model = read(folder / "output" / "testarea.json")
    grid = Grid.around((84808.3, 447412.8, 85072.3, 447641.3), 0.5, "EPSG:28992")
    ground = terrain_from_points(clouds, grid)
    seen = surface_from_points(clouds, grid, ground)
    triangles = model_triangles(model)
    top, owner = rasterise(triangles, triangles.building, grid)
    modelled, land = surface_from_model(model, grid), terrain_from_model(model, grid)
    return Surfaces(clouds, model, grid, seen, modelled, ground, land, top, owner)


def compare(folder: Path, picture: Path) -> dict[str, float]:
    """Medians of points minus model, metres; the map is written to ``picture``."""
    both = surfaces(folder)
    draw(both, picture)
    return figures(both)


def figures(both: Surfaces) -> dict[str, float]:
    """Medians of points minus model, metres."""
    cells = np.asarray(both.seen - both.modelled)
    of_block, flat = _by_building(np.asarray(both.seen), both.top, np.where(both.measured, both.owner, -1))
    known = ~np.asarray(both.ground["filled"]) & ~np.asarray(both.land["filled"]) & np.isnan(both.top)
    step = np.asarray(both.ground - both.land)[known]
    step = step[np.isfinite(step)]
    return {
        "points": sum(len(cloud) for cloud in both.clouds),
        "buildings": len(of_block),
        "block height, median by building": float(np.median(of_block)),
        "block height, median size by building": float(np.median(np.abs(of_block))),
        "flat roofs, median of cells": float(np.median(cells[flat])),
        "flat roofs, median size of cells": float(np.median(np.abs(cells[flat]))),
        "all roofs, median of cells": float(np.median(cells[both.measured])),
        "all roofs, median size of cells": float(np.median(np.abs(cells[both.measured]))),
        "ground, cells": len(step),
        "ground, median of cells": float(np.median(step)),
        "ground, median size of cells": float(np.median(np.abs(step))),
    }


def draw(both: Surfaces, picture: Path) -> None:
    """The map of the differences."""
    map_sheet(
        Field("difference", "Surface from points minus surface from model", "m", both.seen - both.modelled, LEGEND),
        picture, title="Delft: points minus model", notes=NOTES, backdrop=both.seen, size=(1200, 860),
        attribution="Data: AHN3 and BGT (CC0, PDOK), example data of 3dfier · EPSG:28992",
        outlines=[one.area.wkt for one in footprints(both.model)],
    )  # fmt: skip


def _by_building(seen: np.ndarray, top: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 90th percentile of the points above each block, metres; and the cells of flat roofs."""
    above, flat = [], np.zeros(top.shape, dtype=bool)
    for row in np.unique(owner[owner >= 0]):
        here = owner == row
        if here.sum() < 40:  # 10 m² and less: sheds under trees
            continue
        low, middle, high = np.percentile(seen[here], (20, 80, 90))
        above.append(high - np.median(top[here]))
        if middle - low < 0.5:
            flat |= here
    return np.array(above), flat


if __name__ == "__main__":
    for name, value in compare(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{name:<40} {value:8.3f}")
