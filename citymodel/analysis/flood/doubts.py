"""What a reader of a flood has to doubt: ground and water that look like a mistake."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.edges import END
from citymodel.analysis.flood.rim import SIDES, beside, outside

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

DEEP = 50.0
"""Metres of water that no flood in a city has."""
PIT = 2.0
"""Metres that a cell at the edge lies under all its neighbours, from which it is taken for a hole."""
HELD = 0.05
"""Metres of water at an edge that is a wall, from which the edge is said to hold it back."""


def of_case(case: Case) -> list[str]:
    """Lines on the ground, before the run."""
    found = []
    missing = ~np.isfinite(case.terrain)
    holes = missing & ~outside(missing)
    if holes.any():
        row, column = np.argwhere(holes)[0]
        x, y = case.grid.centre(int(row), int(column))
        area = int(holes.sum()) * case.grid.cell**2
        found.append(
            f"The terrain has holes inside, {area:,.0f} m² (the first at {x:.10g} {y:.10g}): they stand like walls. "
            "Fill them if the ground there is no building."
        )
    pits = _pits(case.terrain)
    if pits.any():
        row, column = np.argwhere(pits)[0]
        x, y = case.grid.centre(int(row), int(column))
        count = int(pits.sum())
        words = "1 cell at the edge of the terrain lies" if count == 1 else f"{count:,} cells at the edge lie"
        found.append(
            f"{words} more than {PIT:g} m under all neighbours (at {x:.10g} {y:.10g}{'' if count == 1 else ' first'}) "
            "and would hold water that runs on. Mend the terrain there."
        )
    return found


def of_water(case: Case, deepest: NDArray[np.float32]) -> list[str]:
    """Lines on the water, after the run; deepest : (rows, cols) metres, NaN on walls."""
    found, depth = [], np.nan_to_num(deepest)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    if depth[row, column] > DEEP:
        x, y = case.grid.centre(int(row), int(column))
        found.append(
            f"The water is up to {depth[row, column]:.0f} m deep (at {x:.10g} {y:.10g}): "
            "were heights or rain given in millimetres where metres were meant?"
        )
    held = {side: float(depth[part].max()) for side, part in SIDES.items() if getattr(case.edges, side) == "wall"}
    held = {side: most for side, most in held.items() if most > HELD}
    if held:
        words = ", ".join(f"{side} {most:.2f} m" for side, most in held.items())
        found.append(
            f"Water stands at edges that are walls, at the deepest {words}: the edge holds it back. "
            "Take a larger area, or let it run off there (open)."
        )
    outline = beside(outside(~np.isfinite(case.terrain)))
    most = float(depth[outline].max(initial=0.0))
    runs_off = any(getattr(one, "name", "") == END for one in case.sources)
    if most > HELD and not runs_off:
        found.append(
            f"Water stands up to {most:.2f} m deep where the terrain ends: cells without a height are walls. "
            "Take a larger area."
        )
    return found


def _pits(terrain: F8) -> Mask:
    """Cells at the raster's edge far under all that lie beside them."""
    from scipy.ndimage import minimum_filter

    around = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)
    known = np.where(np.isfinite(terrain), terrain, np.inf)
    lowest = minimum_filter(known, footprint=around, mode="constant", cval=np.inf)
    edge = np.zeros(terrain.shape, bool)
    for one in SIDES.values():
        edge[one] = True
    with np.errstate(invalid="ignore"):
        return np.asarray(edge & np.isfinite(lowest) & (known < lowest - PIT))
