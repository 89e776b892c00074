"""The city made ready once, so that the shade of any moment follows the hand that moves the sun."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.live_heights import CELLS, heights_on, live_grid
from citymodel.analysis.suns import in_leaf
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.surface import Grid

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.scenario import Scenario
    from citymodel.sun import Place

U1 = NDArray[np.uint8]
F4 = NDArray[np.float32]

ABOVE = 0.25
"""Metres above the surface where the shade is asked for, so that the cells of a slope do not shade each other."""
TRUNK = 0.25
"""Part of a tree below its crown."""
LEAVES, BARE = 0.03, 0.5
"""Part of the light that crowns let through in leaf and bare (Konarska et al. 2014)."""


@dataclass(frozen=True, eq=False, slots=True)
class LiveSurface:
    """Heights and crowns of one state of the city on the device, and where on the globe they lie.

    key : as ``key_of``, with the layers kept alive so that no other data take their place
    dsm, dtm : (rows, columns) float32 metres; crown : their tops, NaN for none, None without trees
    prepared : the kernel's surface, with the crowns
    """

    key: tuple[Any, ...]
    grid: Grid
    place: Place
    dsm: F4
    dtm: F4
    crown: F4 | None
    prepared: Any
    layers: tuple[Layer, ...] = field(repr=False)
    highest: float

    def sun(self, moment: datetime) -> tuple[float, float]:
        """Grid azimuth and altitude, degrees."""
        return _sun(self.place, moment)

    def through(self, moment: datetime) -> float:
        """Part of the light that crowns let pass at that time of the year."""
        return LEAVES if in_leaf(moment.date(), self.place.latitude) else BARE

    def mask(self, moment: datetime) -> U1 | None:
        """0 sun, 1 shade, 2 shade of crowns alone, 255 unknown, row 0 in the north; None by night."""
        azimuth, altitude = self.sun(moment)
        return None if altitude <= 0.0 else self.mask_at(azimuth, altitude)

    def at(self, row: int, column: int, azimuth: float, altitude: float, above: float = ABOVE) -> int:
        """What ``mask_at`` says of one cell, from no more of the surface than can shade it.

        Equal to the whole mask's: the kernel places the part in the whole.
        """
        from kernels.shadow import Window, prepare

        rows, columns = self.grid.shape
        if not math.isfinite(self.dsm[row, column]):
            return 255
        highest = max(self.highest, float(self.dsm[row, column]))
        far = (highest - float(self.dsm[row, column]) + 1.0) / math.tan(math.radians(altitude)) / self.grid.cell
        east, north = far * math.sin(math.radians(azimuth)), far * math.cos(math.radians(azimuth))
        top, bottom = max(int(row - max(north, 0.0)) - 3, 0), min(int(row + max(-north, 0.0)) + 4, rows)
        left, right = max(int(column - max(-east, 0.0)) - 3, 0), min(int(column + max(east, 0.0)) + 4, columns)
        part = np.s_[top:bottom, left:right]
        canopy = None
        if self.crown is not None and np.isfinite(self.crown[part]).any():
            canopy = _canopy(np.ascontiguousarray(self.crown[part]), self.dtm[part], "cpu")
        with one_thread():
            ready = prepare(
                np.ascontiguousarray(self.dsm[part]), self.grid.cell, canopy=canopy,
                window=Window(top, left, rows, columns),
            )  # fmt: skip
            return int(ready.mask(azimuth, altitude, above)[row - top, column - left])

    def mask_at(self, azimuth: float, altitude: float, above: float = ABOVE) -> U1:
        """The same for a sun, degrees, at so many metres above the surface."""
        from kernels.device import to_device

        with one_thread():
            found: U1 = to_device(self.prepared.mask(azimuth, altitude, above), "cpu")
        return found


@contextmanager
def one_thread() -> Iterator[None]:
    """A mask takes one core a millisecond or two; waiting for a second, busy core takes up to a hundred."""
    from numba import get_num_threads, set_num_threads

    before = get_num_threads()
    set_num_threads(1)
    try:
        yield
    finally:
        set_num_threads(before)


@lru_cache(maxsize=512)
def _sun(where: Place, moment: datetime) -> tuple[float, float]:
    from citymodel.sun import positions

    azimuth, altitude = positions([moment], where.latitude, where.longitude)
    return (float(azimuth[0]) + where.convergence) % 360.0, float(altitude[0])


def live_surface(document: Document, progress: Progress = silent, cells: int = CELLS) -> LiveSurface | None:
    """The document as it stands on the screen, ready for many suns; None where ``live_grid`` has none."""
    grid = live_grid(document, cells)
    return None if grid is None else surface_on(document, grid, document.scenario, progress)


def surface_on(
    document: Document,
    grid: Grid,
    scenario: Scenario | None,
    progress: Progress = silent,
    *,
    trees: str = "season",
) -> LiveSurface:
    """One state of the document on a grid; models that bring no ground stand on a plane at their lowest point.

    trees : "season" for crowns apart from what is solid, "solid" for crowns as they were measured
    """
    from citymodel.analysis.on_device import placed
    from citymodel.sun import place
    from kernels.shadow import prepare

    assert grid.crs is not None
    made = heights_on(document, grid, scenario, lambda share, text="": progress(0.9 * share, text), trees=trees)
    dsm, dtm, top = made.dsm, made.dtm, made.crown
    progress(0.9, "shade")
    z, device = placed(dsm, "auto")
    xmin, ymin, xmax, ymax = grid.bounds
    where = place(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    ready = prepare(z, grid.cell, canopy=None if top is None else _canopy(top, dtm, device))
    for azimuth in (90.0, 180.0):  # a surface is turned when a sun first asks for it: now, not under the hand
        ready.mask(azimuth, 45.0, ABOVE)
    progress(1.0)
    highest = float(max(np.nanmax(dsm), -math.inf if top is None else np.nanmax(top)))
    return LiveSurface(made.key, grid, where, dsm, dtm, top, ready, made.layers, highest)


def _canopy(top: F4, ground: F4, device: str) -> Any:
    from kernels.device import to_device
    from kernels.shadow import Canopy

    base = ground + np.float32(TRUNK) * (top - ground)
    return Canopy(to_device(top, device), to_device(np.ascontiguousarray(base, dtype=np.float32), device), LEAVES)
