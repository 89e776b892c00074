"""The shade of one moment on all of a document's data: what a picture lays over the ground."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from citymodel.analysis.live_heights import live_grid
from citymodel.analysis.live_shade import surface_on
from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.document import Document

CELLS = 4_000_000


def shade_now(
    document: Document, moment: datetime, progress: Progress = silent, cells: int = CELLS
) -> DataArray | None:
    """1 in shade, 2 in the shade of crowns alone, 0 in sun, 255 unknown, uint8.

    None by night, without a CRS, or with nothing but points. Models that bring no ground stand on a plane at their
    lowest point.
    """
    from citymodel.analysis.sun_study import sun_over

    grid = live_grid(document, cells)
    if grid is None or float(sun_over(grid, [moment])[1][0]) <= 0.0:
        return None
    surface = surface_on(document, grid, document.scenario, progress)
    mask = surface.mask(moment)
    return None if mask is None else grid.raster(mask, "shade", "1 shade, 2 shade of crowns, 0 sun, 255 no data")
