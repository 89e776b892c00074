"""The surfaces a diagram's maps are computed on: area, cell, and a margin whose buildings cast shade into the area."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.part import with_margin
from citymodel.errors import ParameterError, ResourceError
from citymodel.jobs import Progress
from citymodel.layers import Layer
from citymodel.scenario import Scenario
from citymodel.surface import Grid, analysis_surface

if TYPE_CHECKING:
    from xarray import DataArray

Bounds = tuple[float, float, float, float]

MAP_CELLS = 1000
"""Cells along a map's longer side, where nobody chose the cell."""
MOST_CELLS = 4000
"""Cells along a map's longer side at most."""
WITH_MARGIN = 3000
"""Cells along the computed area's longer side, margin included, unless the map alone has more."""
LOWEST = 3.0
"""Degrees; lower suns do not widen the margin."""
ROUND_CELLS = (0.25, 0.5, 1.0, 2.0, 2.5, 4.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is computed and what of it is shown.

    before, after : surfaces on one grid, metres; after is None without a scenario
    part : rows and columns of the map within them; grid : the map's own
    coarser : how many of a raster's cells one of these stands for, along a side
    """

    before: DataArray
    after: DataArray | None
    part: tuple[slice, slice]
    grid: Grid
    coarser: int = 1


def cell_for(bounds: Bounds) -> float:
    """The finest round cell that gives the longer side MAP_CELLS cells at most."""
    side = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    for cell in ROUND_CELLS:
        if side / cell <= MAP_CELLS:
            return cell
    raise ResourceError(f"an area {side / 1000:,.0f} km long is too large for a shadow diagram; choose a part (--bbox)")


def overlap(bounds: Bounds, whole: Bounds) -> Bounds:
    """The part of ``bounds`` that lies in the data; an error where there is none."""
    x0, y0, x1, y1 = (
        max(bounds[0], whole[0]),
        max(bounds[1], whole[1]),
        min(bounds[2], whole[2]),
        min(bounds[3], whole[3]),
    )
    if x0 >= x1 or y0 >= y1:
        words = " ".join(f"{one:.0f}" for one in whole)
        raise ParameterError(f"the area lies outside the data, which cover {words}; check the box and its system")
    return x0, y0, x1, y1


def margin(relief: float, altitudes: NDArray[np.float64]) -> float:
    """How far away the tallest thing can stand and still cast shade into the map, metres."""
    up = altitudes[altitudes > 0]
    return relief / math.tan(math.radians(max(float(up.min()), LOWEST))) if len(up) else 0.0


def of_layers(
    layers: tuple[Layer, ...], scenario: Scenario | None, shown: Bounds, whole: Bounds, cell: float | None,
    crs: str, room: float, job: Progress,
) -> Ground:  # fmt: skip
    """The surfaces of a document's layers, base and scenario.

    shown : the map's box; whole : the data's; room : metres of margin wanted around the map
    """
    size = cell or cell_for(shown)
    grid = Grid.around(shown, size, crs)
    _check(grid)
    around, part = _around(grid, whole, room)
    before, _ = analysis_surface(layers, None, around, lambda share, text="": job(0.5 * share, text))
    if not bool(before[part].notnull().any()):
        raise ParameterError("no data lie in the area of the diagram; check the box and its system")
    after = None
    if scenario is not None:
        after, _ = analysis_surface(layers, scenario, around, lambda share, text="": job(0.5 + 0.5 * share, text))
    return Ground(before, after, part, grid)


def of_raster(raster: DataArray, bounds: Bounds | None, cell: float | None, room: float) -> Ground:
    """A surface as it is given, in its own cells, or in every k-th of them where they are too many to print."""
    own = Grid.of(raster)
    shown = overlap(bounds, own.bounds) if bounds else own.bounds
    wanted = cell or max(cell_for(shown), own.cell)
    step = max(1, math.ceil(wanted / own.cell - 1e-6))
    thin = raster[step // 2 :: step, step // 2 :: step] if step > 1 else raster
    whole = Grid.of(thin)
    rows = slice(*_span(whole.y0 - shown[3], whole.y0 - shown[1], whole.cell, whole.shape[0]))
    columns = slice(*_span(shown[0] - whole.x0, shown[2] - whole.x0, whole.cell, whole.shape[1]))
    grid = Grid.of(thin[rows, columns])
    _check(grid)
    around, part = _around(grid, whole.bounds, room)
    top, left = round((whole.y0 - around.y0) / whole.cell), round((around.x0 - whole.x0) / whole.cell)
    top, left = max(top, 0), max(left, 0)
    before = thin[top : top + around.shape[0], left : left + around.shape[1]]
    if not bool(before[part].notnull().any()):
        raise ParameterError("the surface holds no heights in the area of the diagram; check the box")
    return Ground(before, None, part, grid, step)


def _span(low: float, high: float, cell: float, count: int) -> tuple[int, int]:
    """First and last-but-one of the cells between two distances, two at least."""
    first = min(max(math.floor(low / cell + 1e-6), 0), count - 2)
    return first, min(max(math.ceil(high / cell - 1e-6), first + 2), count)


def _check(grid: Grid) -> None:
    if min(grid.shape) < 3:
        raise ParameterError(
            f"a map of {grid.shape[0]} × {grid.shape[1]} cells of {grid.cell:g} m shows nothing; choose a "
            "larger area or a finer cell"
        )
    if max(grid.shape) > MOST_CELLS:
        raise ResourceError(
            f"{grid.shape[0]:,} × {grid.shape[1]:,} cells a map are more than paper shows; choose a smaller area or a "
            f"cell of {grid.cell * max(grid.shape) / MAP_CELLS:.2g} m"
        )


def _around(grid: Grid, whole: Bounds, room: float) -> tuple[Grid, tuple[slice, slice]]:
    """The map's grid grown as far as there are data and as paper's patience goes; the map's part."""
    allowed = max(0, (WITH_MARGIN - max(grid.shape)) // 2)
    part = with_margin(grid, whole, (room, room, room, room), allowed)
    return part.grid, (part.rows, part.columns)
