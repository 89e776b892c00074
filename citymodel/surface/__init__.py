"""Terrain and surface rasters from points, from city models, from both, and from scenarios."""

from citymodel.surface.combined import analysis_surface, combine, crowns
from citymodel.surface.flow import FlowSurface, flow_surface, without_decks
from citymodel.surface.from_model import surface_from_model, terrain_from_model
from citymodel.surface.from_points import surface_from_points, terrain_from_points
from citymodel.surface.grid import Grid
from citymodel.surface.openings import Opening

__all__ = [
    "FlowSurface",
    "Grid",
    "Opening",
    "analysis_surface",
    "combine",
    "crowns",
    "flow_surface",
    "surface_from_model",
    "surface_from_points",
    "terrain_from_model",
    "terrain_from_points",
    "without_decks",
]
