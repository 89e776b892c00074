"""Cross-sections: the edges of cells that a drawn line follows, and the discharge through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.flood.run import Line, Section

if TYPE_CHECKING:
    from citymodel.surface import Grid
    from kernels.flood import Flood

F8 = NDArray[np.float64]
Cells = NDArray[np.int64]

LONGEST = 1_000_000
"""Edges that a section may have."""


@dataclass(frozen=True, eq=False, slots=True)
class Staircase:
    """Edges from corner to corner of cells along a line.

    here, there : (k, 2) rows and columns of the cells at both sides; `there` may lie a cell outside of the raster
    sign : (k,) +1 where `here` is at the left hand of who walks along the line, −1 where it is at the right
    """

    here: Cells
    there: Cells
    sign: F8


def staircase(line: Line, grid: Grid) -> Staircase:
    """The edges nearest to a line, each end at the nearest corner of a cell.

    All staircases between the same ends carry the same steady discharge, so nothing is lost at a slanted line. Along
    the raster's own edge, where water falls off or is held, the edges one cell inside are read.
    """
    rows, cols = grid.shape
    places = np.asarray(line, np.float64)
    corners = np.rint(np.stack([(grid.y0 - places[:, 1]) / grid.cell, (places[:, 0] - grid.x0) / grid.cell], axis=1))
    corners = np.clip(corners, 0, [rows, cols]).astype(np.int64)
    steps: list[tuple[int, int, int, int]] = []
    for (i0, j0), (i1, j1) in zip(corners[:-1].tolist(), corners[1:].tolist(), strict=True):
        steps += _walk(i0, j0, i1, j1)
    pairs = [_hands(*one) for one in steps]
    left = np.array([a for a, _ in pairs], np.int64).reshape(-1, 2)
    right = np.array([b for _, b in pairs], np.int64).reshape(-1, 2)
    outside = ((left < 0) | (left >= (rows, cols))).any(axis=1)
    left[outside], right[outside] = right[outside], left[outside].copy()
    for k in np.flatnonzero(((right < 0) | (right >= (rows, cols))).any(axis=1)):
        inward = 2 * left[k] - right[k]
        if (inward >= 0).all() and (inward < (rows, cols)).all():
            left[k], right[k] = inward, left[k].copy()
    return Staircase(left, right, np.where(outside, -1.0, 1.0))


def _walk(i: int, j: int, i1: int, j1: int) -> list[tuple[int, int, int, int]]:
    """Steps along edges from corner (i, j) to (i1, j1), nearest to the straight line: from where, which way."""
    down, over = abs(i1 - i), abs(j1 - j)
    if down + over > LONGEST:
        raise ParameterError(f"a section over {down + over:,} cells is too long; draw a shorter one")
    di, dj = (1 if i1 > i else -1), (1 if j1 > j else -1)
    steps, went_down, went_over = [], 0, 0
    while went_down < down or went_over < over:
        if went_over < over and (2 * went_over + 1) * down <= (2 * went_down + 1) * over:
            steps.append((i, j, 0, dj))
            j, went_over = j + dj, went_over + 1
        else:
            steps.append((i, j, di, 0))
            i, went_down = i + di, went_down + 1
    return steps


def _hands(i: int, j: int, di: int, dj: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The cells at the left and the right of a step from corner (i, j); rows count southwards."""
    if dj > 0:
        return (i - 1, j), (i, j)
    if dj < 0:
        return (i, j - 1), (i - 1, j - 1)
    if di > 0:
        return (i, j), (i, j - 1)
    return (i - 1, j - 1), (i - 1, j)


class Sections:
    """The sections of a case, read from a running flood at once."""

    def __init__(self, sections: Sequence[Section], grid: Grid) -> None:
        self._cell, stairs = grid.cell, []
        for one in sections:
            if len(one.line) < 2:
                raise ParameterError(f"section {one.name!r}: a line of one place; give two or more")
            found = staircase(one.line, grid)
            if not len(found.here):
                raise ParameterError(f"section {one.name!r}: is shorter than a cell, {grid.cell:g} m; draw it longer")
            stairs.append(found)
        self._lengths = [len(one.here) for one in stairs]
        none = np.zeros((0, 2), np.int64)
        self._here = np.concatenate([none, *(one.here for one in stairs)])
        self._there = np.concatenate([none, *(one.there for one in stairs)])
        self._sign = np.concatenate([np.zeros(0), *(one.sign for one in stairs)])

    def discharge(self, flood: Flood) -> F8:
        """(sections,) m³/s, positive from the left of a line to its right."""
        if not self._lengths:
            return np.zeros(0)
        through = flood.flux(self._here, self._there) * self._sign * self._cell
        ends = np.cumsum(self._lengths)[:-1]
        return np.array([part.sum() for part in np.split(through, ends)])
