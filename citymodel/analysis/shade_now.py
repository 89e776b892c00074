"""The shade of one moment on all of a document's data: what a picture lays over the ground."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.document import Document

CELLS = 4_000_000
FINEST = 0.5
"""Metres."""
ABOVE = 0.25
"""Metres above the surface where the shade is asked for, so that the cells of a slope do not shade each other."""
ROOM = 0.06
"""Share of the data's width that is added around them, for the shadows that fall outwards."""


def shade_now(
    document: Document, moment: datetime, progress: Progress = silent, cells: int = CELLS
) -> DataArray | None:
    """1 in shade, 0 in sun, 255 unknown, uint8; None by night, without a CRS, or with nothing but points.

    Models that bring no ground stand on a plane at their lowest point.
    """
    from citymodel.analysis.sun_study import shade, sun_over
    from citymodel.surface import Grid, analysis_surface
    from citymodel.surface.grid import extent

    layers = tuple(one for one in document.layers if one.kind in ("city", "points", "terrain", "surface"))
    crs = document.frame.crs if document.frame else None
    if crs is None or all(one.kind == "points" for one in layers):
        return None
    left, low, right, high = extent(layers)
    room = ROOM * max(right - left, high - low)
    box = (left - room, low - room, right + room, high + room)
    cell = max(FINEST, ((box[2] - box[0]) * (box[3] - box[1]) / cells) ** 0.5)
    grid = Grid.around(box, cell, crs)
    azimuth, altitude = (float(part[0]) for part in sun_over(grid, [moment]))
    if altitude <= 0.0:
        return None
    surface, ground = analysis_surface(
        layers, document.scenario, grid, lambda share, text="": progress(0.8 * share, text)
    )
    if not bool(ground.notnull().any()) and bool(surface.notnull().any()):
        surface = surface.fillna(float(surface.min()))
    mask, _ = shade(surface, azimuth, altitude, receiver_height=ABOVE)
    progress(1.0, "shade")
    return mask
