"""Shadow of a surface raster: masks for sun positions, hours of sun, and each cell's first, last and longest sun."""

from __future__ import annotations

from typing import Any

from kernels.canopy import Canopy
from kernels.casters import caster_hours, shadow_casters
from kernels.lines import Lines, Window, compass, lines_of
from kernels.prepared import Cell, PreparedSurface, Progress, SunRecord

__all__ = [
    "CANOPY", "NO_DATA", "SHADE", "SUN",
    "Canopy", "Lines", "PreparedSurface", "SunRecord", "Window",
    "caster_hours", "compass", "lines_of", "prepare", "shadow_casters", "shadow_mask", "shadow_masks", "sun_hours",
    "sun_record",
]  # fmt: skip

SUN, SHADE, CANOPY, NO_DATA = 0, 1, 2, 255


def prepare(dsm: Any, cell: Cell, *, canopy: Canopy | None = None, window: Window | None = None) -> PreparedSurface:
    """Make a surface ready for many suns, one after the other: `prepare(dsm, cell).mask(azimuth, altitude)`."""
    return PreparedSurface(dsm, cell, canopy=canopy, window=window)


def shadow_mask(
    dsm: Any,
    cell: Cell,
    azimuth: float,
    altitude: float,
    receiver_height: float = 0.0,
    *,
    canopy: Canopy | None = None,
    window: Window | None = None,
) -> Any:
    """Which cells lie in the shade.

    Parameters
    ----------
    dsm : (rows, cols) float32 NumPy or CuPy array, metres, row 0 in the north, NaN no data
    cell : cell size in metres, or (width, height)
    azimuth : degrees clockwise from grid north
    altitude : degrees above the horizon; at or below 0 all cells are in the shade
    receiver_height : metres above the surface at which the light is asked for
    canopy : trees over the surface, which itself must not hold them
    window : place of this tile in a larger raster; a tile whose margin holds every caster then equals the whole

    Returns
    -------
    (rows, cols) uint8 on the device of `dsm`: 0 sun, 1 shade, 2 shade of a canopy only, 255 no data
    """
    return PreparedSurface(dsm, cell, canopy=canopy, window=window).mask(azimuth, altitude, receiver_height)


def shadow_masks(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    packed: bool = False,
    canopy: Canopy | None = None,
    window: Window | None = None,
) -> Any:
    """Which cells lie in the shade at each of many sun positions.

    Parameters
    ----------
    dsm, cell, receiver_height, canopy, window : as for `shadow_mask`
    azimuths, altitudes : (n,) degrees
    progress : called with the finished share, 0…1; what it raises stops the work
    packed : one bit a position in place of one byte

    Returns
    -------
    (n, rows, cols) uint8 on the device of `dsm`, coded as by `shadow_mask`. Packed: (ceil(n / 8), rows, cols) uint8,
    bit k % 8 of plane k // 8 is 1 where the cell is lit at position k; canopy shade and no data count as 0
    """
    surface = PreparedSurface(dsm, cell, canopy=canopy, window=window)
    return surface.masks(azimuths, altitudes, receiver_height, progress, packed=packed)


def sun_hours(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    hours: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    canopy: Canopy | None = None,
    window: Window | None = None,
) -> Any:
    """Hours of direct sun summed over sun positions; sun through a canopy counts times its transmissivity.

    Parameters
    ----------
    dsm, cell, receiver_height, canopy, window : as for `shadow_mask`
    azimuths, altitudes : (n,) degrees; positions at or below the horizon add nothing
    hours : (n,) or one number, hours for which each position stands
    progress : called with the finished share, 0…1; what it raises stops the work

    Returns
    -------
    (rows, cols) float32 hours on the device of `dsm`, NaN no data
    """
    surface = PreparedSurface(dsm, cell, canopy=canopy, window=window)
    return surface.hours(azimuths, altitudes, hours, receiver_height, progress)


def sun_record(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    times: Any,
    step: float,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    canopy: Canopy | None = None,
    window: Window | None = None,
) -> SunRecord:
    """Hours, longest uninterrupted, first and last sun of every cell.

    A run of sun is broken by a position in the shade, of a canopy too, or at or below the horizon, and by a gap in
    `times` of more than 1.5 steps.

    Parameters
    ----------
    dsm, cell, receiver_height, progress, canopy, window : as for `sun_hours`
    azimuths, altitudes : (n,) degrees, n up to 65535
    times : (n,) float hours of the clock in the middle of each step, ascending
    step : hours for which each position stands

    Returns
    -------
    SunRecord on the device of `dsm`; whole positions are counted, so 96 steps of 5 min are 8 h exactly
    """
    surface = PreparedSurface(dsm, cell, canopy=canopy, window=window)
    return surface.record(azimuths, altitudes, times, step, receiver_height, progress)
