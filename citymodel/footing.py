"""Where a scenario's things stand: the ground under a footprint and along a line, from whatever tells it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from citymodel.bilinear import heights_at
from citymodel.changes import ChangeGround, Ring
from citymodel.earthworks import raised
from citymodel.layers import Layer

F8 = NDArray[np.float64]
Grounds = tuple[ChangeGround, ...]


def ground_under(footprint: Ring, layers: tuple[Layer, ...], grounds: Grounds = ()) -> float:
    """Lowest ground under a footprint, metres: from terrain, ground points, the city's feet, or 0.

    Rasters among ``layers`` hold the changed ground already; ``grounds`` is what points and models do not know.
    """
    ring = np.asarray(footprint, dtype=np.float64)
    low, high = ring.min(axis=0), ring.max(axis=0)
    told = [layer for kind in ("terrain", "points", "city") for layer in layers if layer.kind == kind]
    for layer in told:
        for margin in (0.0, 5.0, 20.0, 80.0):
            xyz = _ground_heights(layer, low - margin, high + margin)
            if len(xyz):
                z = xyz[:, 2] if layer.kind == "terrain" else raised(xyz[:, 2], xyz[:, 0], xyz[:, 1], grounds)
                return round(float(np.percentile(z, 2)), 3)
    return 0.0


def ground_along(places: F8, layers: tuple[Layer, ...], grounds: Grounds = ()) -> F8:
    """(n,) height of the ground at (n, 2) places, metres, from terrain, ground points or the city's feet nearby.

    ``grounds`` as above.
    """
    z = np.full(len(places), np.nan)
    for kind in ("terrain", "points", "city"):
        for layer in (one for one in layers if one.kind == kind):
            unknown = np.flatnonzero(np.isnan(z))
            if len(unknown):
                z[unknown] = _ground_at(layer, places[unknown], grounds)
    known = np.isfinite(z)
    if not known.any():
        return np.zeros(len(places))
    at = np.arange(len(places))
    return np.asarray(np.round(np.interp(at, at[known], z[known]), 3))


def _ground_at(layer: Layer, places: F8, grounds: Grounds) -> F8:
    if layer.kind == "terrain":
        x, y = (np.asarray(layer.data[name], dtype=np.float64) for name in ("x", "y"))
        return heights_at(places[:, 0], places[:, 1], np.asarray(layer.data), x, y)
    from scipy.spatial import cKDTree

    z = np.full(len(places), np.nan)
    xyz = _ground_heights(layer, places.min(axis=0) - 40.0, places.max(axis=0) + 40.0)
    if not len(xyz):
        return z
    few = min(8 if layer.kind == "city" else 4, len(xyz))
    distance, near = cKDTree(xyz[:, :2]).query(places, few, distance_upper_bound=40.0)
    heights = np.append(xyz[:, 2], np.nan)[near].reshape(len(places), few)
    found = np.isfinite(np.asarray(distance).reshape(len(places), few)).any(axis=1)
    if found.any():  # a city's corners are feet and eaves alike; of ground returns all are ground
        pick = np.nanmin if layer.kind == "city" else np.nanmean
        z[found] = pick(heights[found], axis=1)
    return raised(z, places[:, 0], places[:, 1], grounds)


def _ground_heights(layer: Layer, low: F8, high: F8) -> F8:
    """(n, 3) places and heights of what is ground in a layer inside a rectangle; empty where it says nothing."""
    if layer.kind == "terrain":
        x, y = np.asarray(layer.data["x"]), np.asarray(layer.data["y"])
        rows = np.flatnonzero((y >= low[1]) & (y <= high[1]))
        columns = np.flatnonzero((x >= low[0]) & (x <= high[0]))
        z = np.asarray(layer.data[rows, columns], dtype=np.float64).ravel()
        grid_x, grid_y = np.meshgrid(x[columns], y[rows])
        xyz = np.column_stack([grid_x.ravel(), grid_y.ravel(), z])
        return np.asarray(xyz[np.isfinite(z)])
    if layer.kind == "points":
        ground = np.flatnonzero(layer.data.columns.get("classification", np.zeros(0)) == 2)
        return _inside(layer.data.coordinates(ground), low, high)
    if layer.kind == "city":
        return _inside(layer.data.vertices[~layer.data.template_vertices], low, high)
    return np.zeros((0, 3))


def _inside(xyz: F8, low: F8, high: F8) -> F8:
    return np.asarray(xyz[np.all((xyz[:, :2] >= low) & (xyz[:, :2] <= high), axis=1)])
