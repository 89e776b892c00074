"""A part of the city and the margin around it, whose buildings cast shade into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.layers import Layer
from citymodel.surface.grid import Grid, extent

F8 = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
Sides = tuple[float, float, float, float]

LOWEST = 5.0
"""Degrees; lower suns do not widen the margin."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is computed and what of it is reported on.

    grid : of all that is computed; shown : of what is reported; rows, columns : of ``shown`` within ``grid``
    """

    grid: Grid
    shown: Grid
    rows: slice
    columns: slice

    @classmethod
    def all_of(cls, grid: Grid) -> Part:
        """The whole of a grid."""
        return cls(grid, grid, slice(0, grid.shape[0]), slice(0, grid.shape[1]))

    def of(self, values: Any) -> Any:
        """The reported part of (…, rows, columns) computed values."""
        return values[..., self.rows, self.columns]

    def spread(self, number: NDArray[np.int32]) -> NDArray[np.int32]:
        """Zones of the reported part as zones of all, −1 around it."""
        if self.grid == self.shown:
            return number
        found = np.full(self.grid.shape, -1, dtype=np.int32)
        found[self.rows, self.columns] = number
        return found


def with_margin(shown: Grid, whole: Bounds, room: Sides, allowed: int | None = None) -> Part:
    """A grid grown by whole cells, as far as there are data.

    whole : box of the data; room : metres wanted to the left, at the top, to the right, at the bottom
    allowed : cells on each side at the most
    """
    x0, y0, x1, y1 = shown.bounds
    there = (x0 - whole[0], whole[3] - y1, whole[2] - x1, y0 - whole[1])
    left, top, right, bottom = (
        max(0, math.floor(min(wanted, data) / shown.cell + 1e-6)) for wanted, data in zip(room, there, strict=True)
    )
    if allowed is not None:
        left, top, right, bottom = (min(one, allowed) for one in (left, top, right, bottom))
    rows, columns = shown.shape
    grid = Grid(
        shown.x0 - left * shown.cell, shown.y0 + top * shown.cell, shown.cell,
        (rows + top + bottom, columns + left + right), shown.crs,
    )  # fmt: skip
    return Part(grid, shown, slice(top, top + rows), slice(left, left + columns))


def part_of_city(shown: Grid, layers: Sequence[Layer], relief: float, suns: tuple[F8, F8] | None = None) -> Part:
    """The grid of a study with the margin from which shade can fall into it.

    relief : metres between the lowest and the highest height; suns : azimuths from grid north and altitudes, degrees,
    None for all directions
    """
    far = relief / math.tan(math.radians(LOWEST))
    room = (far, far, far, far)
    if suns is not None:
        up = suns[1] > 0
        length = relief / np.tan(np.radians(np.maximum(suns[1][up], LOWEST)))
        east, north = length * np.sin(np.radians(suns[0][up])), length * np.cos(np.radians(suns[0][up]))
        room = tuple(float(one.max(initial=0.0)) + 2 * shown.cell for one in (-east, north, east, -north))  # type: ignore[assignment]
    return with_margin(shown, extent(layers), room)


def relief_of(layers: Sequence[Layer]) -> float:
    """Between the lowest and the highest of the data, metres."""
    found = [layer.data.bounds() for layer in layers if layer.kind in ("city", "points")]
    heights = [z for one in found if one is not None for z in (one[2], one[5])]
    heights += [
        float(z)
        for layer in layers
        if layer.kind in ("terrain", "surface")
        for z in (layer.data.min(), layer.data.max())
        if np.isfinite(z)
    ]
    return max(heights) - min(heights) if heights else 0.0
