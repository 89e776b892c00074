"""The sides of the computed area: what a person asks of them, and what the water at the start makes of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.rim import SIDES as RIMS
from citymodel.analysis.flood.rim import beside, outside
from citymodel.errors import ParameterError
from kernels.flood import SIDES, Edges
from kernels.flood_sources import Sewer

F8 = NDArray[np.float64]

Mask = NDArray[np.bool_]

OUTFALL = 1e6
"""mm/h that the end of the ground takes: all that comes there."""
END = "over the end of the ground"
KINDS = ("auto", "open", "wall")


def edges_of(text: str) -> dict[str, str | float]:
    """What stands at each side, of "auto" or "west=open east=3.2 north=wall": auto, open, wall or a level in metres."""
    words = text.replace(",", " ").replace(";", " ").replace(":", "=").split()
    found: dict[str, str | float] = dict.fromkeys(SIDES, "auto")
    for word in words:
        side, mark, value = word.partition("=")
        sides = (side,) if mark else SIDES
        value = value if mark else side
        if mark and side not in SIDES:
            raise ParameterError(f"there is no side {side!r}; the sides are {', '.join(SIDES)}")
        found |= dict.fromkeys(sides, _kind(value))
    return found


def _kind(text: str) -> str | float:
    if text in KINDS:
        return text
    try:
        level = float(text)
    except ValueError:
        level = math.nan
    if not math.isfinite(level):
        raise ParameterError(f"an edge cannot be {text!r}; write auto, open, wall or a level in metres, like east=3.2")
    return level


def outfall(text: str, free: Mask, known: Mask, standing: Mask) -> Sewer | None:
    """A drain along the end of the ground where it lies inside the raster, so that water runs off there as over an
    open edge; None where edges are asked otherwise or there is no such end.

    free : (rows, cols) cells that water can enter; known : cells with ground; standing : with water at the start
    """
    if not all(one in ("auto", "open") for one in edges_of(text).values()) or known.all():
        return None
    ends = free & ~standing & beside(outside(~known))
    return Sewer([0.0, OUTFALL], ends.astype(np.int32), name=END) if ends.any() else None


def edges_with(text: str, terrain: F8, water: F8, wet: float) -> tuple[Edges, list[str], dict[str, Any]]:
    """The edges for the kernel, notes on them and facts.

    Where a side is left to itself, a river that stands there at the start keeps its level, and the rest is open.

    Parameters
    ----------
    terrain : (rows, columns) metres; water : (rows, columns) metres of depth at the start
    """
    asked, found, notes = edges_of(text), dict[str, Any](), []
    for side, kind in asked.items():
        found[side] = kind
        if kind != "auto":
            continue
        ground, depth = terrain[RIMS[side]], water[RIMS[side]]
        stands = np.isfinite(ground) & (depth >= wet)
        if not stands.any():
            found[side] = "open"
            continue
        levels = (ground + depth)[stands]
        found[side] = float(np.round(levels.max(), 3))
        notes.append(f"Water that stands at the {side} edge keeps its level of {found[side]:.2f} m there.")
        if np.ptp(levels) > 0.2:
            notes.append(
                f"At the {side} edge water stands at {levels.min():.2f} to {levels.max():.2f} m and one level is kept, "
                "the highest; give that edge a level of its own, or an area that ends elsewhere."
            )
    return Edges(**found), notes, {"edges": dict(found)}
