"""Looking from many eyes over one state: what any sees, how many see it, and how high a thing must be to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.on_device import fetched
from citymodel.analysis.part import Part
from citymodel.analysis.viewshed.raster import joined
from citymodel.analysis.viewshed.walls import Walls
from citymodel.jobs import Progress, part_of

if TYPE_CHECKING:
    from kernels.viewshed import Eye, PreparedView, Sight

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]
U4 = NDArray[np.uint32]
I8 = NDArray[np.int64]


class Views(Protocol):
    """What can be looked over from an eye: a surface raster, or terrain and walls."""

    def visible(self, eye: Eye, sight: Sight, progress: Progress) -> tuple[U1, U1]:
        """The codes of the kernels, and those of the surface raster."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class OverRaster:
    """The surface raster alone."""

    view: PreparedView

    def visible(self, eye: Eye, sight: Sight, progress: Progress) -> tuple[U1, U1]:
        found = np.asarray(fetched(self.view.visible(eye, sight, progress)), np.uint8)
        return found, found


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """What all eyes of one state see, on the reported part.

    union : (rows, columns) codes; raster : the same by the surface raster
    count : (rows, columns) uint32 eyes that see a cell; least : float32 metres above ground, None where not asked
    cells, asked : (n,) cells that each eye sees, and that it could by its limits
    by_segment : (segments, 2) the same of the eyes of each segment together; none without a path
    """

    union: U1
    raster: U1
    count: U4
    least: F4 | None
    cells: I8
    asked: I8
    by_segment: I8


def look(
    views: Views, eyes: Sequence[Eye], sight: Sight, place: Part, segments: NDArray[np.int64] | None,
    heights: PreparedView | None, job: Progress,
) -> Seen:  # fmt: skip
    """Look from each eye in turn; memory does not grow with their number.

    segments : (n,) rising, the segment of each eye; heights : asked for the least height that is seen
    """
    from kernels.viewshed import VISIBLE

    union: Any = None
    raster: Any = None
    least: Any = None
    together: Any = None
    count = np.zeros(place.shown.shape, dtype=np.uint32)
    cells, asked = np.zeros(len(eyes), np.int64), np.zeros(len(eyes), np.int64)
    rows: list[tuple[int, int]] = []
    share = 0.5 if heights is not None else 1.0
    for number, eye in enumerate(eyes):
        step = part_of(job, number / len(eyes), 1.0 / len(eyes))
        step(0.0, f"eye {number + 1:,} of {len(eyes):,}" if len(eyes) > 1 else "sight lines")
        one, other = (np.ascontiguousarray(place.of(a)) for a in views.visible(eye, sight, part_of(step, 0.0, share)))
        seen = one == VISIBLE
        count += seen
        cells[number], asked[number] = int(seen.sum()), int((one <= VISIBLE).sum())
        union = one.copy() if union is None else joined(union, one)
        raster = other.copy() if raster is None else joined(raster, other)
        if heights is not None:
            high = np.asarray(fetched(heights.height(eye, sight, part_of(step, share, share))), np.float32)
            high = np.ascontiguousarray(place.of(high))
            least = high if least is None else joined(least, high, "height")
        if segments is not None:
            begins = number == 0 or segments[number] != segments[number - 1]
            together = one.copy() if begins else joined(together, one)
            if number + 1 == len(eyes) or segments[number + 1] != segments[number]:
                rows.append((int((together == VISIBLE).sum()), int((together <= VISIBLE).sum())))
    by_segment = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Seen(union, raster, count, least, cells, asked, by_segment)


def views_over(dsm: Any, dtm: Any, cell: float, walls: Any = None) -> tuple[Views, PreparedView]:
    """What to look over, and the surface ready for least heights above the ground.

    dsm, dtm : on the device; walls : makes a ``Walls`` of terrain and surface, None for the raster alone
    """
    from kernels.viewshed import prepare_view

    surface = prepare_view(dsm, cell, dtm)
    if walls is None:
        return OverRaster(surface), surface
    made: Walls = walls(prepare_view(dtm, cell, dtm), surface)
    return made, surface
