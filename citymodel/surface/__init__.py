"""Terrain and surface rasters from points, from city models, from both, and from scenarios."""

from citymodel.surface.combined import analysis_surface, combine, crowns
from citymodel.surface.from_model import surface_from_model, terrain_from_model
from citymodel.surface.from_points import surface_from_points, terrain_from_points
from citymodel.surface.grid import Grid

__all__ = [
    "Grid",
    "analysis_surface",
    "combine",
    "crowns",
    "surface_from_model",
    "surface_from_points",
    "terrain_from_model",
    "terrain_from_points",
]
