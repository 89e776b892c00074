"""Terrain and surface rasters from city models, exact at the cells' centres."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.model import CityModel
from citymodel.surface.grid import Grid
from citymodel.surface.holes import inside_the_data, smooth_fill

if TYPE_CHECKING:
    from xarray import DataArray

F4 = NDArray[np.float32]
I4 = NDArray[np.int32]
Mask = NDArray[np.bool_]

TERRAIN_TYPES = frozenset({
    "TINRelief", "ReliefFeature", "RasterRelief", "MassPointRelief", "LandUse", "PlantCover", "WaterBody", "Road",
    "Railway", "Track", "Square", "TransportSquare", "TransportationComplex", "Waterway", "TrafficArea",
    "AuxiliaryTrafficArea", "TrafficSpace", "AuxiliaryTrafficSpace", "Section", "Intersection",
})  # fmt: skip
TREE_TYPES = frozenset({"SolitaryVegetationObject", "PlantCover"})
BUILDING_TYPES = frozenset({"Building", "BuildingPart", "BuildingInstallation", "BuildingConstructiveElement"})


class ModelTriangles(NamedTuple):
    """Triangles of each object's highest level of detail.

    vertices : (nv, 3) float64; corners : (t, 3) int32; object_row : (t,) int32, −1 none
    terrain, building, water, tree : (t,) bool, by the object's type; water is terrain too
    """

    vertices: NDArray[np.float64]
    corners: I4
    object_row: I4
    terrain: Mask
    building: Mask
    water: Mask
    tree: Mask


@lru_cache(maxsize=8)
def model_triangles(model: CityModel) -> ModelTriangles:
    """The triangles that count for rasters, with their owners."""
    from citymodel.triangulate import display_polygons, members, owner_of_polygons, triangulate

    triangles = triangulate(model)
    shown = np.zeros(model.n_polygons, dtype=bool)
    shown[display_polygons(model)] = True
    keep = shown[triangles.polygon]
    index, polygon = triangles.index[keep], triangles.polygon[keep]
    owner = owner_of_polygons(model).object_row[polygon]
    use = members(model)
    solid = np.zeros(model.n_polygons, dtype=bool)
    in_solid = np.array(["Solid" in kind for kind in model.geometries.kind], dtype=bool)
    if len(in_solid):
        solid[use.polygon[in_solid[use.geometry]]] = True
    names = model.objects.type_names
    of_type = np.append(model.objects.type, -1)[owner]
    terrain = np.array([name in TERRAIN_TYPES for name in names] + [False])[of_type] & ~solid[polygon]
    building = np.array([name in BUILDING_TYPES for name in names] + [False])[of_type]
    water = np.array([name == "WaterBody" for name in names] + [False])[of_type] & terrain
    tree = np.array([name in TREE_TYPES for name in names] + [False])[of_type] & ~terrain
    return ModelTriangles(model.vertices, index, owner, terrain, building, water, tree)


def rasterise(triangles: ModelTriangles, keep: Mask, grid: Grid, reduce: str = "max") -> tuple[F4, I4]:
    """Heights (NaN outside) and object rows (−1 none) of the chosen triangles at the cells' centres."""
    from kernels.rasterize import rasterize_triangles

    index = np.ascontiguousarray(triangles.corners[keep])
    if not len(index):
        return np.full(grid.shape, np.nan, np.float32), np.full(grid.shape, -1, np.int32)
    z, hit = rasterize_triangles(triangles.vertices, index, grid.x0, grid.y0, grid.cell, grid.shape, reduce=reduce)
    return z, np.append(triangles.object_row[keep], -1).astype(np.int32)[hit]


def terrain_from_model(model: CityModel, grid: Grid) -> DataArray:
    """The model's relief and land surfaces; holes, as under buildings, filled smoothly and marked in ``filled``.

    A model without any takes the feet of its buildings for the ground.
    """
    triangles = model_triangles(model)
    source = "model: terrain and land surfaces"
    z, _ = rasterise(triangles, triangles.terrain, grid)
    if not np.isfinite(z).any():
        source = "model: feet of the buildings"
        z = _feet(triangles, grid)
    known = np.isfinite(z)
    if not known.any():
        raise ParameterError("the model holds neither terrain nor buildings in this area; check the area and the CRS")
    filled = smooth_fill(z)
    filled[~inside_the_data(known, grid.cell)] = np.nan
    return grid.raster(filled, "terrain", source=source, filled=~known & np.isfinite(filled))


def surface_from_model(model: CityModel, grid: Grid, terrain: DataArray | None = None) -> DataArray:
    """Highest polygon at each centre; elsewhere ``terrain``, marked in ``filled``, or NaN."""
    triangles = model_triangles(model)
    z, _ = rasterise(triangles, np.ones(len(triangles.corners), dtype=bool), grid)
    known = np.isfinite(z)
    if terrain is not None:
        z = np.where(known, z, grid.sample(terrain)).astype(np.float32)
    return grid.raster(z, "surface", source="model: highest polygon", filled=~known & np.isfinite(z))


def _feet(triangles: ModelTriangles, grid: Grid) -> F4:
    """Each building's lowest height on the cells it covers."""
    lowest = np.full(int(triangles.object_row.max(initial=-1)) + 2, np.inf)
    keep = triangles.building if triangles.building.any() else np.ones(len(triangles.corners), dtype=bool)
    low = triangles.vertices[triangles.corners[keep], 2].min(axis=1) if keep.any() else np.zeros(0)
    np.minimum.at(lowest, triangles.object_row[keep], low)
    z, owner = rasterise(triangles, keep, grid, "min")
    return np.where(np.isfinite(z), lowest[owner], np.nan).astype(np.float32)
