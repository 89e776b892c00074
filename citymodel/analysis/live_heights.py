"""Heights of the city as it stands on the screen, made once for everything that follows a hand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.sun_study import heights
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.surface import Grid, analysis_surface, crowns
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.scenario import Scenario

F4 = NDArray[np.float32]

SOURCES = ("city", "points", "terrain", "surface")
CELLS = 1_500_000
"""Of a surface that follows a hand."""
FINEST = 0.5
"""Metres."""
ROOM = 0.06
"""Share of the data's width that is added around them."""
MOST = 6_000_000
"""Cells of a surface that is worth keeping."""
KEPT = 3
"""Surfaces that are kept for whoever asks next: a base, its proposal, and the one before."""


def key_of(document: Document) -> tuple[Any, ...]:
    """What live heights stand on; equal for documents whose heights are the same."""
    data = tuple(id(one.data) for one in document.layers if one.kind in SOURCES)
    return data, document.scenario, document.frame.crs if document.frame else None


@dataclass(frozen=True, eq=False, slots=True)
class LiveHeights:
    """One state of the city on a grid.

    key : as ``key_of``, with the layers kept alive so that no other data take their place
    dsm, dtm : (rows, columns) float32 metres; crown : tops of trees, NaN for none, None without trees
    """

    key: tuple[Any, ...]
    grid: Grid
    dsm: F4
    dtm: F4
    crown: F4 | None
    layers: tuple[Layer, ...] = field(repr=False)


def live_grid(document: Document, cells: int = CELLS, *, sunlit: bool = True) -> Grid | None:
    """The data and some room around them in so many cells; None with nothing but points.

    sunlit : whether a sun is to shine on it: None without a CRS too, for there is no place on the globe
    """
    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    crs = document.frame.crs if document.frame else None
    if (crs is None and sunlit) or all(one.kind == "points" for one in layers):
        return None
    left, low, right, high = extent(layers)
    room = ROOM * max(right - left, high - low)
    box = (left - room, low - room, right + room, high + room)
    cell = max(FINEST, ((box[2] - box[0]) * (box[3] - box[1]) / cells) ** 0.5)
    return Grid.around(box, cell, crs)


_kept: OrderedDict[tuple[Any, ...], LiveHeights] = OrderedDict()
_making = threading.Lock()


def heights_on(
    document: Document, grid: Grid, scenario: Scenario | None, progress: Progress = silent, *, trees: str = "season"
) -> LiveHeights:
    """One state of the document on a grid; models that bring no ground stand on a plane at their lowest point.

    The last few are kept: what follows the sun and what follows an eye stand on the same heights.

    trees : "season" for crowns apart from what is solid, "solid" for crowns as they were measured
    """
    layers = tuple(one for one in document.layers if one.kind in SOURCES)
    key = (tuple(id(one.data) for one in layers), scenario, grid.crs)
    while not _making.acquire(timeout=0.2):
        progress(0.0, "waiting for the same surface")  # which may cancel
    try:
        found = _kept.pop((*key, grid, trees), None)
        if found is None:
            found = _made(key, layers, grid, scenario, progress, trees)
        if found.dsm.size <= MOST:
            _kept[(*key, grid, trees)] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return found
    finally:
        _making.release()


def _made(
    key: tuple[Any, ...],
    layers: tuple[Layer, ...],
    grid: Grid,
    scenario: Scenario | None,
    progress: Progress,
    trees: str,
) -> LiveHeights:
    apart = trees != "solid"
    surface, ground = analysis_surface(
        layers, scenario, grid, lambda share, text="": progress(0.8 * share, text), trees=not apart
    )
    if not bool(ground.notnull().any()) and bool(surface.notnull().any()):
        floor = float(surface.min())
        surface, ground = surface.fillna(floor), ground.fillna(floor)
    progress(0.85, "trees")
    top = crowns(layers, scenario, grid, ground) if apart else None
    return LiveHeights(key, grid, heights(surface), np.ascontiguousarray(ground, dtype=np.float32), top, layers)
