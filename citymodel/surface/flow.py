"""The surface that water runs on: bare ground with bridges taken out, buildings in one of three ways, and openings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from citymodel.earthworks import raised_raster
from citymodel.errors import ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Layer
from citymodel.scenario import Scenario
from citymodel.surface.combined import bare_ground, roofs
from citymodel.surface.decks import Ring, deck_cells, without_decks
from citymodel.surface.from_points import _highest
from citymodel.surface.grid import Grid
from citymodel.surface.holes import inside_the_data, low_edges, smooth_fill
from citymodel.surface.openings import Opening, openings_of
from citymodel.surface.walls import wall_crests
from kernels.flood_sources import Link

__all__ = ["FlowSurface", "Opening", "flow_surface", "without_decks"]

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Buildings = Literal["blocked", "raised", "rough"]

HOLE = 50.0
"""Metres from known ground up to which a hole in the terrain, with ground all around it, is filled."""
GAP = 4.0
"""Metres between returns of the ground that need no doubt; wider gaps are water more often than slopes."""
BUILDING_RETURNS = 6


@dataclass(frozen=True, eq=False, slots=True)
class FlowSurface:
    """Ground for a flood.

    terrain : (rows, columns) float64 metres, NaN outside; walls stand in it at their crests
    blocked, rough : (rows, columns) bool, cells of buildings, None where they are taken otherwise
    decks : cells under bridges, refilled; walls : cells of walls that a scenario adds, None for none
    notes : what was done, in plain lines with counts
    """

    terrain: F8
    blocked: Mask | None
    rough: Mask | None
    decks: Mask
    openings: tuple[Opening, ...]
    notes: tuple[str, ...]
    walls: Mask | None = None

    def links(self, grid: Grid) -> tuple[Link, ...]:
        """The openings from cell to cell; an error names one with an end where no water comes."""
        free = np.isfinite(self.terrain)
        for closed in (self.blocked, self.walls):
            if closed is not None:
                free = free & ~closed
        return tuple(one.link(free, grid) for one in self.openings)


def flow_surface(
    layers: tuple[Layer, ...],
    scenario: Scenario | None,
    grid: Grid,
    buildings: Buildings = "blocked",
    progress: Progress = silent,
    *,
    decks: Sequence[Ring] = (),
) -> FlowSurface:
    """The ground of the layers as the scenario has them, for water to run on.

    Beds stay where a source knows them; elsewhere the surface of a water body is its ground. Cells that the scenario
    does not reach are equal to the base's to the last bit.

    buildings : "blocked" for cells that no water enters, "raised" for ground at the height of roofs, "rough" for cells
    that water crosses slowly; decks : outlines of bridges that neither a model nor the points know
    """
    if buildings not in ("blocked", "raised", "rough"):
        raise ParameterError(f"buildings {buildings!r}; give 'blocked', 'raised' or 'rough'")
    data = tuple(layer for layer in layers if layer.kind in ("city", "points", "terrain"))
    given = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in decks)
    progress(0.0, "the ground as it is known")
    terrain, under, said = _bed(data, grid, given, part_of(progress, 0.0, 0.6))
    notes = list(said)
    progress(0.6, "buildings")
    roof = _roofs(data, scenario, grid, notes)
    progress(0.85, "walls and openings")
    terrain, walls = _changed(terrain, scenario, grid, notes)
    built = np.isfinite(roof) & np.isfinite(terrain)
    if buildings == "raised":
        terrain = np.where(built, np.fmax(terrain, roof), terrain)
    notes += _building_notes(built, buildings, grid)
    openings, more = openings_of(data, scenario, terrain, grid)
    terrain = np.ascontiguousarray(terrain, dtype=np.float64)
    progress(1.0)
    return FlowSurface(
        terrain,
        built if buildings == "blocked" and built.any() else None,
        built if buildings == "rough" and built.any() else None,
        under,
        openings,
        (*notes, *more),
        walls,
    )


Bed = tuple[F8, Mask, tuple[str, ...]]
_BEDS: dict[tuple[tuple[Layer, ...], Grid, tuple[Ring, ...]], Bed] = {}
"""The last beds that were made, the newest last."""
KEPT = 4


def _bed(layers: tuple[Layer, ...], grid: Grid, given: tuple[Ring, ...], progress: Progress) -> Bed:
    """The bed of these layers, made once: base and scenario share it, and a study asks again for its next run."""
    key = (layers, grid, given)
    found = _BEDS.pop(key, None) or _made_bed(layers, grid, given, progress)
    _BEDS[key] = found
    for old in list(_BEDS)[:-KEPT]:
        _BEDS.pop(old, None)
    return found


def _made_bed(layers: tuple[Layer, ...], grid: Grid, given: tuple[Ring, ...], progress: Progress) -> Bed:
    """Ground of the base, holes filled and bridges out; the cells under bridges; what was done."""
    z, filled = bare_ground(layers, grid)
    progress(0.15, "bridges")
    if not np.isfinite(z).any():
        raise ParameterError(
            "nothing tells the ground in this area; add a terrain raster, LiDAR with ground returns or a city model"
        )
    decks = deck_cells(layers, grid, given)
    progress(0.2, "roofs over the ground")
    roof = _near(np.isfinite(_base_roofs(layers, grid)[0]), GAP, grid)
    terrain, notes = _without_holes(z, filled & ~roof, decks, grid, part_of(progress, 0.3, 0.3))
    progress(0.6, "ground without bridges")
    terrain = np.where(decks & filled, np.nan, terrain)  # what was filled there is a mean of bed and bank
    refilled = without_decks(terrain, decks, grid, part_of(progress, 0.6, 0.4))
    if decks.any():
        from scipy.ndimage import label

        count = int(label(decks, np.ones((3, 3)))[1])
        with np.errstate(invalid="ignore"):
            cut = int((decks & (refilled < z - 0.1)).sum())
        words = "1 bridge" if count == 1 else f"{count} bridges"
        notes.append(
            f"{words} taken out of the ground ({_area(int(decks.sum()), grid)}): water runs on below; "
            f"{_area(cut, grid)} of it lay higher by 0.1 m or more"
        )
    unknown = decks & np.isnan(refilled)
    refilled[unknown] = z[unknown]
    if any(layer.kind == "city" and "WaterBody" in layer.data.objects.type_names for layer in layers) and not any(
        layer.kind == "terrain" for layer in layers
    ):
        notes.append("no terrain raster tells the beds of rivers and ponds: their water's surface counts as ground")
    for array in (refilled, decks):
        array.flags.writeable = False
    return refilled, decks, tuple(notes)


def _without_holes(
    z: NDArray[np.float32], filled: Mask, decks: Mask, grid: Grid, progress: Progress
) -> tuple[F8, list[str]]:
    """Terrain whose enclosed holes and wide gaps between returns lie at the lowest height of their rims."""
    from scipy.ndimage import distance_transform_edt, label

    known = np.isfinite(z) & ~filled & ~decks
    notes: list[str] = []
    if not known.any():
        return z.astype(np.float64), notes
    progress(0.0, "holes in the terrain")
    away = np.asarray(distance_transform_edt(~known)) * grid.cell
    progress(0.2)
    number, count = label(np.isnan(z), np.ones((3, 3)))
    edge = np.unique(np.concatenate([number[0], number[-1], number[:, 0], number[:, -1]]))
    farthest = np.zeros(count + 1)
    np.maximum.at(farthest, number.ravel(), away.ravel())
    small = (farthest <= HOLE) & ~np.isin(np.arange(count + 1), edge)
    small[0] = False
    holes = small[number]
    progress(0.4)
    within = inside_the_data(known, grid.cell, 0.0) & ~decks
    gaps = filled & (away > GAP) & within
    progress(0.6)
    wide, several = label(gaps, np.ones((3, 3)))
    farthest = np.zeros(several + 1)
    np.maximum.at(farthest, wide.ravel(), away.ravel())
    reaching = gaps | (filled & within & _near(gaps, GAP, grid))
    progress(0.7)
    rims = low_edges(np.where(known, z, np.float32(np.nan)), grid.cell)
    progress(0.8)
    low = smooth_fill(rims)
    progress(0.95)
    out = np.where(holes, low, z).astype(np.float64)
    with np.errstate(invalid="ignore"):
        out = np.where(reaching & (low < out), low, out)
    if holes.any():
        words = "1 hole" if small.sum() == 1 else f"{small.sum()} holes"
        notes.append(f"{words} in the terrain ({_area(int(holes.sum()), grid)}) filled at the lowest height of the rim")
    if several:
        words, lie = ("1 gap", "lies") if several == 1 else (f"{several:,} gaps", "lie")
        notes.append(
            f"{words} wider than {2 * GAP:g} m in what is known of the ground ({_area(int(reaching.sum()), grid)}), as "
            f"over water, {lie} no higher than the lowest height of the rim"
        )
    outside = int(np.isnan(out).sum())
    if outside:
        notes.append(f"{_area(outside, grid)} hold no ground and are outside: no water goes there")
    return out, notes


def _near(cells: Mask, metres: float, grid: Grid) -> Mask:
    from scipy.ndimage import distance_transform_edt

    if not cells.any():
        return cells
    return np.asarray(distance_transform_edt(~cells) * grid.cell <= metres, dtype=bool)


def _roofs(layers: tuple[Layer, ...], scenario: Scenario | None, grid: Grid, notes: list[str]) -> NDArray[np.float32]:
    """Heights of buildings, NaN elsewhere: of models, and of points of that class where models have none about."""
    base, seen = _base_roofs(layers, grid)
    only_seen = int(np.isfinite(seen).sum())
    if only_seen:
        where = "no model holds buildings here" if np.array_equal(base, seen, equal_nan=True) else "beyond the model"
        notes.append(f"{where}: buildings of {_area(only_seen, grid)} are where points say building (class 6)")
    if scenario is None or not scenario.changes:
        return base
    return np.fmax(roofs(layers, scenario, grid), seen)


@lru_cache(maxsize=4)
def _base_roofs(layers: tuple[Layer, ...], grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Heights of the buildings as it is, and of those that only points tell."""
    roof = roofs(layers, None, grid)
    seen = np.full(grid.shape, np.nan, dtype=np.float32)
    if any(one.kind == "points" for one in layers):
        seen = _point_roofs(layers, grid)
        seen[inside_the_data(np.isfinite(roof), grid.cell)] = np.nan
    base = np.fmax(roof, seen)
    for array in (base, seen):
        array.flags.writeable = False
    return base, seen


def _point_roofs(layers: tuple[Layer, ...], grid: Grid) -> NDArray[np.float32]:
    from scipy.ndimage import binary_closing, label

    clouds = [layer.data for layer in layers if layer.kind == "points"]
    seen, _ = _highest(clouds, grid, keep=(BUILDING_RETURNS,))
    hit = np.isfinite(seen)
    closed = np.asarray(binary_closing(np.pad(hit, 1), np.ones((3, 3))))[1:-1, 1:-1] | hit
    number, count = label(closed)
    area = np.bincount(number.ravel(), minlength=count + 1) * grid.cell**2
    closed &= (area >= 10.0)[number]  # less is a chimney's echo or a car
    return np.where(closed, smooth_fill(seen), np.nan).astype(np.float32)


def _changed(terrain: F8, scenario: Scenario | None, grid: Grid, notes: list[str]) -> tuple[F8, Mask | None]:
    """Terrain with the ground that a scenario changes and its walls, and the walls' cells."""
    if scenario is None or not scenario.changes:
        return terrain, None
    grounds, walls = scenario.grounds(), scenario.walls()
    after = raised_raster(terrain, grid.x, grid.y, grounds)
    if grounds:
        with np.errstate(invalid="ignore"):
            moved = int((np.nan_to_num(after - terrain) != 0).sum())
        words = "1 place" if len(grounds) == 1 else f"{len(grounds)} places"
        notes.append(f"the ground is changed at {words}, {_area(moved, grid)}")
    if not walls:
        return after, None
    tops = wall_crests(walls, after, grid)
    held = np.isfinite(tops) & np.isfinite(after)
    words, close = ("1 wall", "closes") if len(walls) == 1 else (f"{len(walls)} walls", "close")
    length = sum(one.length for one in walls)
    wider = " a cell wide at least," if min(one.width for one in walls) < grid.cell else ""
    notes.append(f"{words} of {length:,.0f} m in all,{wider} {close} {int(held.sum()):,} cells up to the crest")
    notes.append(
        "over a wall that is overtopped runs what an ideal broad crest passes; a sharp one passes up to 8 % more"
    )
    return np.where(held, np.fmax(after, tops), after), held


def _building_notes(built: Mask, buildings: Buildings, grid: Grid) -> list[str]:
    if not built.any():
        return []
    words = {
        "blocked": "buildings hold {area}, which no water enters; rain on them runs to the ground beside",
        "raised": "buildings hold {area}, ground at the height of their roofs",
        "rough": "buildings hold {area}, which water crosses slowly",
    }[buildings].format(area=_area(int(built.sum()), grid))
    passages = "passages through buildings are closed unless they are drawn as openings"
    return [words, *([passages] if buildings != "rough" else [])]


def _area(cells: int, grid: Grid) -> str:
    """An area in words."""
    area = cells * grid.cell**2
    return f"{area / 10_000:,.1f} ha" if area >= 100_000 else f"{area:,.0f} m²"
