"""Viewsheds: what is seen from points, along a path and from an area, of a raster and of a project."""
