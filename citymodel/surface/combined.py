"""The surface an analysis sees: terrain, LiDAR returns and solids together, as a scenario changes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel import patch
from citymodel.earthworks import raised_raster
from citymodel.errors import ParameterError
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.scenario import OF_OBJECTS, RemoveObject, Scenario, apply
from citymodel.surface.from_model import ModelTriangles, model_triangles, rasterise, terrain_from_model
from citymodel.surface.from_points import (
    crowns_from_points,
    surface_from_points,
    terrain_from_points,
    water_from_points,
)
from citymodel.surface.grid import Grid
from citymodel.surface.walls import wall_crests

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.points import PointCloud

F4 = NDArray[np.float32]
Mask = NDArray[np.bool_]

LOWEST_CROWN = 1.5
"""Metres above the ground up to which vegetation is no tree."""


def combine(terrain: DataArray, solids: DataArray, returns: DataArray | None = None) -> DataArray:
    """The higher of solids and returns, and the terrain where neither is known; all on one grid."""
    grid = Grid.of(terrain)
    above = None if returns is None else np.asarray(returns, dtype=np.float32)
    z = _joined(np.asarray(terrain, dtype=np.float32), np.asarray(solids, dtype=np.float32), above)
    return grid.raster(z, "surface", source="terrain, model and points")


def analysis_surface(
    layers: tuple[Layer, ...],
    scenario: Scenario | None,
    grid: Grid,
    progress: Progress = silent,
    *,
    trees: bool = True,
) -> tuple[DataArray, DataArray]:
    """Surface and terrain of the layers as the scenario has them; without ``trees`` as if there were none.

    Returns inside a removed or changed building's footprint, plus a cell, and inside an added
    footprint are taken out and refilled from the terrain. Every other cell goes through the same
    arithmetic on the same numbers as in the base, so it is equal to the last bit. Inside the outline of changed ground
    returns move with the ground. Walls close every cell that their line passes.

    Returns
    -------
    dsm, dtm : (rows, columns) float32 rasters, metres, on ``grid``
    """
    data = tuple(layer for layer in layers if layer.kind in ("city", "points", "terrain", "surface"))
    progress(0.0, "terrain and returns")
    terrain, returns, ground_filled, filled = _base(data, grid, trees)
    progress(0.5, "buildings")
    changed = scenario is not None and bool(scenario.changes)
    if changed and scenario:
        solids, gone = _solids(data, scenario, grid, partial(_standing, trees=trees))
        terrain, returns = _dug(terrain, returns, scenario, grid)
        if scenario.walls():
            solids = np.fmax(solids, wall_crests(scenario.walls(), terrain, grid).astype(np.float32))
    else:
        solids, gone = _base_solids(data, grid, trees), None
    if gone is not None and returns is not None:
        if np.isnan(terrain).all():
            raise ParameterError("nothing tells the ground under what goes; add a terrain raster or ground points")
        returns = np.where(gone, terrain, returns)
    z = _joined(terrain, solids, returns)
    progress(1.0)
    sources = ", ".join(layer.name for layer in data)
    name = f"{sources}; scenario {scenario.name}" if changed and scenario else sources
    dsm = grid.raster(z, "surface", source=name, filled=filled & ~np.isfinite(solids) & np.isfinite(z))
    return dsm, grid.raster(terrain, "terrain", source=sources, filled=ground_filled)


def _dug(terrain: F4, returns: F4 | None, scenario: Scenario, grid: Grid) -> tuple[F4, F4 | None]:
    """Terrain with the scenario's changed ground, and returns that move with it."""
    after = raised_raster(terrain, grid.x, grid.y, scenario.grounds())
    if returns is not None and after is not terrain:
        moved = after != terrain
        moved &= np.isfinite(after)
        returns = np.where(moved, returns + (after - terrain), returns).astype(np.float32)
    return after, returns


def _joined(terrain: F4, solids: F4, returns: F4 | None) -> F4:
    z = solids if returns is None else np.fmax(solids, returns)
    return np.where(np.isfinite(z), z, terrain).astype(np.float32)


def crowns(layers: tuple[Layer, ...], scenario: Scenario | None, grid: Grid, terrain: DataArray) -> F4 | None:
    """Tops of tree crowns, metres, NaN where there is none; None where the layers know no trees.

    Trees of models and vegetation returns (classes 3 to 5); none stands on what a scenario adds, and the returns of a
    tree that it fells go with it.
    """
    changes = scenario.changes if scenario else ()
    top = np.full(grid.shape, np.nan, dtype=np.float32)
    gone = np.zeros(grid.shape, dtype=bool)
    for layer in layers:
        if layer.kind == "city":
            triangles = model_triangles(layer.data)
            felled = {c.object_id for c in changes if isinstance(c, RemoveObject) and c.layer_id == layer.id}
            away = _owned(layer, felled)[triangles.object_row]
            top = np.fmax(top, rasterise(triangles, triangles.tree & ~away, grid)[0])
            if felled:
                gone |= _grown(np.isfinite(rasterise(triangles, triangles.tree & away, grid)[0]))
    for layer in (one for one in layers if one.kind == "points"):
        seen = np.where(gone, np.float32(np.nan), crowns_from_points(layer.data, grid))
        if scenario is not None and scenario.grounds():
            seen = np.asarray(_dug(_base_terrain(layers, grid), seen, scenario, grid)[1])
        top = np.fmax(top, seen)
    if scenario is not None and scenario.boxes():
        top[np.isfinite(_added(layers, scenario, grid))] = np.nan
    top[~(top > np.asarray(terrain) + LOWEST_CROWN)] = np.nan
    return top if np.isfinite(top).any() else None


@lru_cache(maxsize=4)
def _base(layers: tuple[Layer, ...], grid: Grid, trees: bool) -> tuple[F4, F4 | None, Mask, Mask]:
    """Terrain, highest returns or a given surface (None), and the cells that were filled in each of them."""
    bare, filled = bare_ground(layers, grid)
    clouds = [layer.data for layer in layers if layer.kind == "points"]
    with_water = np.fmax(bare, _water(layers, clouds, grid))
    terrain = np.where(np.isfinite(bare), with_water, np.nan).astype(np.float32)
    surface_filled = filled.copy()
    surfaces = [grid.sample(layer.data) for layer in layers if layer.kind == "surface"]
    if clouds:
        ground = grid.raster(terrain, "terrain") if np.isfinite(terrain).any() else None
        known = surface_from_points(clouds, grid, ground, trees=trees)
        surface_filled = np.asarray(known["filled"]).copy()
        surfaces.append(np.asarray(known, dtype=np.float32))
    if surfaces and not clouds:
        surface_filled = np.zeros(grid.shape, dtype=bool)
    returns = None
    for z in surfaces:
        returns = z if returns is None else np.fmax(returns, z)
    for array in (terrain, filled, surface_filled, *(() if returns is None else (returns,))):
        array.flags.writeable = False
    return terrain, returns, filled, surface_filled


def _base_terrain(layers: tuple[Layer, ...], grid: Grid) -> F4:
    data = tuple(layer for layer in layers if layer.kind in ("city", "points", "terrain", "surface"))
    return _base(data, grid, True)[0]


def bare_ground(layers: tuple[Layer, ...], grid: Grid) -> tuple[F4, Mask]:
    """Terrain of the truest source at each cell, water's beds where they are known, and the cells that were filled."""
    terrain = np.full(grid.shape, np.nan, dtype=np.float32)
    filled = np.zeros(grid.shape, dtype=bool)
    for one in _terrains(layers, grid):
        z = np.asarray(one, dtype=np.float32)
        better = np.isnan(terrain) & np.isfinite(z)
        terrain[better] = z[better]
        if "filled" in one.coords:
            filled[better] = np.asarray(one["filled"])[better]
    return terrain, filled


def _water(layers: tuple[Layer, ...], clouds: list[PointCloud], grid: Grid) -> F4:
    """Height of water surfaces, NaN elsewhere: a terrain raster may hold the bed, light falls on the water."""
    z = np.full(grid.shape, np.nan, dtype=np.float32)
    for layer in layers:
        if layer.kind == "city":
            triangles = model_triangles(layer.data)
            z = np.fmax(z, rasterise(triangles, triangles.water, grid)[0])
    return np.fmax(z, water_from_points(clouds, grid)) if clouds else z


def _terrains(layers: tuple[Layer, ...], grid: Grid) -> list[DataArray]:
    """Terrain by every source there is, the truest first: rasters, ground returns, models."""
    found = [grid.raster(grid.sample(layer.data), "terrain") for layer in layers if layer.kind == "terrain"]
    clouds = [layer.data for layer in layers if layer.kind == "points"]
    sources = ([(terrain_from_points, clouds)] if clouds else []) + [
        (terrain_from_model, layer.data) for layer in layers if layer.kind == "city"
    ]
    for make, data in sources:
        if found and all(np.isfinite(np.asarray(one)).all() for one in found[:1]):
            break
        try:
            found.append(make(data, grid))  # type: ignore[arg-type]
        except ParameterError:
            continue
    return found


@lru_cache(maxsize=4)
def _base_solids(layers: tuple[Layer, ...], grid: Grid, trees: bool) -> F4:
    z = np.full(grid.shape, np.nan, dtype=np.float32)
    for layer in layers:
        if layer.kind == "city":
            triangles = model_triangles(layer.data)
            z = np.fmax(z, rasterise(triangles, _standing(triangles, trees), grid)[0])
    z.flags.writeable = False
    return z


def _standing(triangles: ModelTriangles, trees: bool) -> Mask:
    """The triangles of what stands on the ground."""
    return ~triangles.terrain if trees else ~triangles.terrain & ~triangles.tree


def roofs(layers: tuple[Layer, ...], scenario: Scenario | None, grid: Grid) -> F4:
    """Heights of buildings of models as the scenario has them, NaN where none stands over a cell's centre."""
    if scenario is not None and scenario.changes:
        return _solids(layers, scenario, grid, attrgetter("building"))[0]
    z = np.full(grid.shape, np.nan, dtype=np.float32)
    for layer in (one for one in layers if one.kind == "city"):
        triangles = model_triangles(layer.data)
        z = np.fmax(z, rasterise(triangles, triangles.building, grid)[0])
    return z


def _solids(
    layers: tuple[Layer, ...], scenario: Scenario, grid: Grid, chosen: Callable[[ModelTriangles], Mask]
) -> tuple[F4, Mask]:
    """Heights of the solids, or of those chosen, and the cells whose returns are gone.

    Untouched objects keep the base's own triangles: a model patched elsewhere may cut a bent
    polygon along the other diagonal.
    """
    z = np.full(grid.shape, np.nan, dtype=np.float32)
    gone = np.zeros(grid.shape, dtype=bool)
    for layer, after in zip(layers, apply(scenario, layers), strict=False):
        if layer.kind != "city":
            continue
        triangles = model_triangles(layer.data)
        touched = {c.object_id for c in scenario.changes if isinstance(c, OF_OBJECTS) and c.layer_id == layer.id}
        affected = _owned(layer, touched)[triangles.object_row]
        z = np.fmax(z, rasterise(triangles, chosen(triangles) & ~affected, grid)[0])
        gone |= _grown(np.isfinite(rasterise(triangles, affected & ~triangles.terrain, grid)[0]))
        if after is not layer and touched:
            changed = model_triangles(after.data)
            keep = _owned(after, touched)[changed.object_row] & chosen(changed)
            z = np.fmax(z, rasterise(changed, keep, grid)[0])
    if scenario.boxes():
        boxes = _added(layers, scenario, grid)
        z = np.fmax(z, boxes)
        gone |= np.isfinite(boxes)
    return z, gone


def _added(layers: tuple[Layer, ...], scenario: Scenario, grid: Grid) -> F4:
    """Heights of the buildings that the scenario adds; of its walls none, a cell's centre may miss them."""
    triangles = model_triangles(apply(scenario, layers)[-1].data)
    return rasterise(triangles, triangles.building, grid)[0]


def _owned(layer: Layer, ids: set[str]) -> Mask:
    """(n objects + 1,) bool: the objects of these ids with parts and surfaces; the last, for −1, False."""
    rows = [row for row, id in enumerate(layer.data.objects.ids) if id in ids]
    return np.append(patch.family(layer.data, rows), False)


def _grown(cells: Mask) -> Mask:
    """The cells and the eight around each."""
    edge = np.pad(cells, 1)
    rows, columns = cells.shape
    return np.asarray(
        np.any([edge[r : r + rows, c : c + columns] for r in range(3) for c in range(3)], axis=0), dtype=bool
    )
