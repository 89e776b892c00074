"""The ground of a case file: its terrain, the buildings on it, bridges off it, walls, and what changes later."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.placing import box, cells_along, smooth
from citymodel.errors import ParameterError
from citymodel.flood.run import NewGround
from citymodel.surface import Grid
from citymodel.surface.from_model import BUILDING_TYPES, model_triangles, rasterise

if TYPE_CHECKING:
    from citymodel.formats.flood_case import CaseFile

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

HIGHEST = 8000.0
STEEP = 2.0
"""Metres a metre that half of no ground rises, walls of a city included."""


@dataclass(eq=False, slots=True)
class Ground:
    """What water runs on.

    terrain : (rows, cols) float64 metres, NaN outside; blocked, rough : (rows, cols) bool or None
    tops : (rows, cols) float64 metres of roofs that the ground is raised to, NaN elsewhere, None for none
    changes : later grounds in order of time; notes : plain lines
    """

    grid: Grid
    terrain: F8
    blocked: Mask | None = None
    rough: Mask | None = None
    tops: F8 | None = None
    changes: tuple[NewGround, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def free(self) -> Mask:
        """Cells that water can enter."""
        known = np.isfinite(self.terrain)
        return known if self.blocked is None else known & ~self.blocked


def ground_of(file: CaseFile, crs: str | None = None) -> Ground:
    """The ground of a case; crs : of a terrain that names none, before what the case file says."""
    ground = _terrain(file, crs or file.crs)
    if file.bridges is not None:
        _without_bridges(ground, file.bridges)
    if file.buildings is not None:
        _with_buildings(ground, file.buildings, file.buildings_as)
    for wall in (one for one in file.walls if one.at == 0):
        ground.terrain = _raised(file, ground, ground.terrain, wall)
    if not ground.free.any():
        raise ParameterError(f"{file.buildings}: covers all of the terrain; there is no free ground left to flood")
    ground.changes = tuple(_changes(file, ground))
    return ground


def _terrain(file: CaseFile, crs: str | None) -> Ground:
    """The terrain raster on its own grid, checked for metres and square cells."""
    from citymodel.analysis.sun_study import metric_grid
    from citymodel.formats import raster

    data = raster.read(file.terrain, crs=crs)
    grid = metric_grid(data, str(file.terrain), "a flood")
    z = np.ascontiguousarray(data, np.float64)
    known = np.isfinite(z)
    if not known.any():
        raise ParameterError(f"{file.terrain}: holds no heights at all; check its no-data value")
    low, high = float(z[known].min()), float(z[known].max())
    if max(-low, high) > HIGHEST or high - low > HIGHEST:
        raise ParameterError(
            f"{file.terrain}: heights from {low:g} to {high:g} m are no terrain in metres; check its unit and its "
            "no-data value"
        )
    notes = [f"{file.terrain.name}: {one['example']}" for one in data.attrs.get("warnings", ())]
    if data.attrs["bands"] > 1:
        notes.append(f"{file.terrain.name}: holds {data.attrs['bands']} bands; the heights are those of the first")
    steep = _usual_slope(z, grid.cell)
    if steep > STEEP:
        notes.append(
            f"{file.terrain.name}: half of the ground rises more than {steep:.1f} m a metre; were millimetres or feet "
            "given for metres?"
        )
    if grid.crs is None:
        notes.append(f"{file.terrain.name}: names no coordinate system; its unit is taken for metres")
    return Ground(grid, z, notes=notes)


def _usual_slope(z: F8, cell: float) -> float:
    """The median rise from a cell to the next, metres a metre."""
    rise = np.abs(np.concatenate([np.diff(z, axis=0).ravel(), np.diff(z, axis=1).ravel()])) / cell
    known = rise[np.isfinite(rise)]
    return float(np.median(known)) if known.size else 0.0


def _without_bridges(ground: Ground, path: Path) -> None:
    """Take bridge decks out of the terrain, so that they dam nothing."""
    from citymodel.surface.decks import BRIDGE_TYPES, without_decks

    decks = covered(path, ground.grid, BRIDGE_TYPES, "bridges")[0] & np.isfinite(ground.terrain)
    if not decks.any():
        raise ParameterError(f"{path}: no bridge covers a cell of the terrain ({box(ground.grid)}); check its CRS")
    before = ground.terrain
    ground.terrain = without_decks(before, decks, ground.grid)
    lowered = int((ground.terrain < before).sum())
    ground.notes.append(
        f"{path.name}: bridges taken off {lowered:,} cells of the terrain; the ground runs on below them"
    )


def _with_buildings(ground: Ground, path: Path, how: str) -> None:
    """Block, raise or roughen the cells whose centres lie in buildings."""
    inside, tops = covered(path, ground.grid, BUILDING_TYPES, "buildings")
    inside &= np.isfinite(ground.terrain)
    if not inside.any():
        raise ParameterError(
            f"{path}: no building covers a cell of the terrain ({box(ground.grid)}); check its coordinate system"
        )
    if how == "blocked":
        ground.blocked = inside
    elif how == "rough":
        ground.rough = inside
    else:
        if tops is None:
            raise ParameterError(
                f'{path}: holds outlines without roofs; buildings_as = "raised" needs a city model, take "blocked"'
            )
        ground.tops = np.where(inside, tops, np.nan)
        ground.terrain = np.fmax(ground.terrain, ground.tops)
    ground.notes.append(f"{path.name}: buildings cover {int(inside.sum()):,} cells, {how}")


def covered(path: Path, grid: Grid, types: frozenset[str], words: str) -> tuple[Mask, F8 | None]:
    """Cells whose centres lie in the outlines of a file, and the tops' heights there, NaN elsewhere.

    A city model's objects of some types, or the polygons of a GeoPackage, which have no heights.
    words : what they are, in the plural
    """
    from citymodel import formats
    from citymodel.model import CityModel

    data = formats.read(path)
    if isinstance(data, CityModel):
        return _of_model(path, data, grid, types, words)
    if hasattr(data, "geometry"):
        return _of_outlines(path, data, grid, words), None
    raise ParameterError(f"{path}: holds no {words}; give a city model, or outlines as GeoPackage")


def _of_model(path: Path, model: Any, grid: Grid, types: frozenset[str], words: str) -> tuple[Mask, F8]:
    from citymodel.geo import reproject_model

    if grid.crs is not None and model.crs is not None and model.crs != grid.crs:
        model = reproject_model(model, grid.crs)
    triangles = model_triangles(model)
    chosen = np.array([name in types for name in model.objects.type_names] + [False])
    chosen = chosen[np.append(model.objects.type, -1)[triangles.object_row]]
    if not chosen.any():
        raise ParameterError(f"{path}: holds no {words}; leave it out, or give the file that has them")
    tops = rasterise(triangles, chosen, grid)[0].astype(np.float64)
    return np.isfinite(tops), tops


def _of_outlines(path: Path, table: Any, grid: Grid, words: str) -> Mask:
    import shapely
    from affine import Affine
    from rasterio.features import rasterize

    from citymodel.geo import Frame

    if grid.crs is not None and table.crs is not None:
        table = Frame(grid.crs, (0.0, 0.0, 0.0)).bring(table)
    areas = [one for one in table.geometry if one is not None and not one.is_empty and shapely.get_dimensions(one) == 2]
    if not areas:
        raise ParameterError(f"{path}: holds no polygons; give the outlines of {words}")
    cells = Affine(grid.cell, 0.0, grid.x0, 0.0, -grid.cell, grid.y0)
    return np.asarray(rasterize(areas, grid.shape, fill=0, default_value=1, transform=cells, dtype="uint8") > 0)


def _raised(file: CaseFile, ground: Ground, terrain: F8, wall: Any) -> F8:
    """The terrain with a wall on it."""
    cells = _line_cells(file, ground, wall.line, f"[[wall]] {wall.name}")
    out, at = terrain.copy(), (cells[:, 0], cells[:, 1])
    out[at] = np.fmax(out[at], wall.level) if wall.level is not None else out[at] + wall.height
    return out


def _line_cells(file: CaseFile, ground: Ground, line: Any, name: str) -> NDArray[np.int64]:
    cells = cells_along(ground.grid, line)
    cells = cells[np.isfinite(ground.terrain[cells[:, 0], cells[:, 1]])]
    if not len(cells):
        raise ParameterError(f"{file.path}: {name}: lies outside the terrain ({box(ground.grid)}); move it inside")
    return cells


def _lowered(file: CaseFile, ground: Ground, terrain: F8, breach: Any) -> F8:
    """The terrain with a breach in it."""
    from affine import Affine
    from rasterio.features import rasterize
    from shapely import LineString

    grid, out = ground.grid, terrain.copy()
    cells = np.zeros(grid.shape, bool)
    along = _line_cells(file, ground, breach.line, f"[[breach]] {breach.name}")
    cells[along[:, 0], along[:, 1]] = True
    if breach.width > grid.cell:
        strip = LineString(breach.line).buffer(breach.width / 2, cap_style="flat")
        place = Affine(grid.cell, 0.0, grid.x0, 0.0, -grid.cell, grid.y0)
        cells |= rasterize([strip], grid.shape, fill=0, default_value=1, transform=place, dtype="uint8") > 0
    cells &= np.isfinite(out)
    out[cells] = np.fmin(out[cells], breach.level)
    return out


def _changes(file: CaseFile, ground: Ground) -> list[NewGround]:
    """The ground from each later time on, each change upon those before."""
    events: list[tuple[float, int, Any]] = [(one.at, 0, one) for one in file.grounds]
    events += [(one.at, 1, one) for one in file.walls if one.at > 0]
    events += [(one.at, 2, one) for one in file.breaches]
    terrain, found = ground.terrain, {}
    for at, kind, one in sorted(events, key=lambda event: event[:2]):
        if at > file.duration:  # kept all the same: a longer run may go on from the state of this one
            ground.notes.append(f"a change of the ground at {at:g} s comes after the end of the run and never happens")
        if kind == 0:
            terrain = smooth(one.terrain, ground.grid)
            if ground.tops is not None:
                terrain = np.where(np.isfinite(terrain), np.fmax(terrain, ground.tops), terrain)
            lost = np.isfinite(ground.terrain) & ~np.isfinite(terrain)
            if lost.any():
                terrain = np.where(lost, ground.terrain, terrain)
                ground.notes.append(
                    f"{one.terrain.name}: has no height on {int(lost.sum()):,} cells; they keep the one before"
                )
        else:
            terrain = (_raised if kind == 1 else _lowered)(file, ground, terrain, one)
        found[at] = NewGround(at, terrain, ground.blocked)
    if any(at <= file.duration for at in found):
        ground.notes.append(
            "the ground changes during the run: gauges and the picture stand on its new heights, the map of the ground "
            "is that of the start"
        )
    return [found[at] for at in sorted(found)]
