"""From which ground a proposal is seen: viewsheds from columns on its edge, by reciprocity, with and without the city.

A column at the proposal's edge is seen from a place from the height upwards at which the place's eye is seen from it:
the least such height is what ``PreparedView.rise`` gives for all places at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.jobs import Progress, part_of, silent

if TYPE_CHECKING:
    from kernels.viewshed import Sight

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

RISEN = 0.5
"""Metres by which a cell has to be higher with the proposal to be part of it."""


class Columns(NamedTuple):
    """Upright lines on the edge of a proposal: row and column of their cells, height of top and of what was there."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    top: F8
    base: F8


@dataclass(frozen=True, eq=False, slots=True)
class SeenFrom:
    """What each cell's eye sees of the proposal, (rows, columns) float32; NaN out of reach and without data.

    metres : the most of one column; vertical, horizontal : degrees of the highest column and from side to side
    """

    metres: F4
    vertical: F4
    horizontal: F4


def columns_of(before: F4, after: F4, count: int) -> Columns:
    """At most ``count`` columns spread along the edge of what has risen, and one on its highest cell.

    before, after : (rows, columns) surface without and with the proposal
    """
    from scipy.ndimage import binary_erosion, label

    risen = np.nan_to_num(after - before) > RISEN
    if not risen.any():
        raise ParameterError("the proposal lies outside the part, or between two cells; widen the part or refine them")
    patches, number = label(risen, np.ones((3, 3)))
    edge = risen & ~binary_erosion(risen)
    rows, columns = np.nonzero(edge)
    owner = patches[rows, columns]
    middle = np.array([[r.mean(), c.mean()] for r, c in (np.nonzero(patches == k) for k in range(1, number + 1))])
    turn = np.arctan2(columns - middle[owner - 1, 1], rows - middle[owner - 1, 0])
    order = np.lexsort((turn, owner))
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(np.int64))]
    highest = np.unravel_index(np.argmax(np.where(risen, after, -np.inf)), after.shape)
    row = np.append(rows[chosen], highest[0])
    column = np.append(columns[chosen], highest[1])
    return Columns(row, column, after[row, column].astype(np.float64), before[row, column].astype(np.float64))


def seen_from(
    surface: F4, cell: float, columns: Columns, sight: Sight, device: str, progress: Progress = silent, text: str = ""
) -> SeenFrom:
    """What is seen of the columns from the target above each cell, over a surface without the proposal."""
    from kernels.device import to_device
    from kernels.viewshed import prepare_view

    view = prepare_view(to_device(np.ascontiguousarray(surface, np.float32), device), cell)
    rows, width = surface.shape
    y, x = np.ogrid[:rows, :width]
    centre = float(columns.row.mean()), float(columns.column.mean())
    to_centre = np.arctan2(centre[1] - x, y - centre[0])
    eye = surface + np.float32(sight.target)
    metres = np.zeros(surface.shape, np.float32)
    vertical = np.zeros_like(metres)
    left, right = np.full_like(metres, np.inf), np.full_like(metres, -np.inf)
    known = np.zeros(surface.shape, dtype=bool)
    for k, (row, column, top, base) in enumerate(zip(*columns, strict=True)):
        part = part_of(progress, k / len(columns.row), 1.0 / len(columns.row))
        part(0.0, text)
        least = to_device(view.rise((float(row), float(column)), sight, part), "cpu")
        known |= ~np.isnan(least)
        foot = np.fmax(least, np.float32(base))
        shown = np.clip(np.float32(top) - foot, 0.0, None)
        shown[~np.isfinite(shown)] = 0.0
        far = np.maximum(np.hypot(y - row, x - column) * cell, 0.5 * cell).astype(np.float32)
        angle = np.degrees(np.arctan2(top - eye, far) - np.arctan2(foot - eye, far)).astype(np.float32)
        use = shown > 0
        np.maximum(metres, shown, out=metres)
        vertical[use] = np.maximum(vertical, angle)[use]
        turn = np.degrees((np.arctan2(column - x, y - row) - to_centre + np.pi) % (2 * np.pi) - np.pi)
        half = np.degrees(np.arctan2(0.5 * cell, far))  # a column stands for its whole cell
        left[use], right[use] = np.minimum(left, turn - half)[use], np.maximum(right, turn + half)[use]
    progress(1.0, text)
    horizontal = np.clip(np.where(right >= left, right - left, 0.0), 0.0, 360.0).astype(np.float32)
    for one in (metres, vertical, horizontal):
        one[~known] = np.nan
    return SeenFrom(metres, vertical, horizontal)
