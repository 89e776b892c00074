"""Shadow of a surface raster: cells in the shade for one sun position, and hours of sun over many."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.device import is_on_gpu
from kernels.rasterize import cell_size

SUN, SHADE, NO_DATA = 0, 1, 255

#: Heights are whole numbers of 1/65536 m inside: sums are exact, so every device and every tile agrees to the bit.
UNITS = 65536
#: Stands for no data; lower than every height.
HOLE = -(2**29)
HIGHEST = 8000.0
#: A drop of more than this between neighbours is a wall (metres), scaled up for cells above 1 m.
WALL = 2.0
_FRACTION = 1024

Progress = Callable[[float], Any]


@dataclass(frozen=True)
class Window:
    """Where a tile lies in the whole raster: its first row and column, and the whole's rows and columns."""

    row: int
    col: int
    rows: int
    cols: int


@dataclass(frozen=True)
class Lines:
    """One sun position as parallel lines over the raster: a table with one entry a step from the sunny side.

    The line `m` visits column `m + offset[k]` of row `k`; rows and columns change places when `transposed`,
    row 0 is the last one when `reverse`.

    Attributes
    ----------
    offset : (k,) int32, columns
    side : (k,) int32, -1, 0 or 1: the neighbour towards the line's true place
    fraction : (k,) int32, distance to that place in 1/1024 of a cell, 0…512
    drop : (k,) int32, fall of the sun's ray since the step before, 1/65536 m
    """

    transposed: bool
    reverse: bool
    offset: np.ndarray
    side: np.ndarray
    fraction: np.ndarray
    drop: np.ndarray


def compass(azimuth: float) -> tuple[float, float]:
    """East and north parts of a direction, exact under quarter turns and mirrors.

    Parameters
    ----------
    azimuth : degrees clockwise from grid north
    """
    turn = math.fmod(azimuth, 360.0)
    turn = turn + 360.0 if turn < 0 else turn
    quarter = int(turn // 90.0) % 4
    rest = turn - 90.0 * (turn // 90.0)
    if rest == 45.0:
        along = across = math.sqrt(0.5)
    elif rest < 45.0:
        across, along = math.sin(math.radians(rest)), math.cos(math.radians(rest))
    else:
        along, across = math.sin(math.radians(90.0 - rest)), math.cos(math.radians(90.0 - rest))
    return ((across, along), (along, -across), (-across, -along), (-along, across))[quarter]


def lines_of(
    azimuth: float, altitude: float, cell: tuple[float, float], shape: tuple[int, int], window: Window | None = None
) -> Lines:
    """The lines of one sun position, their phase taken from the whole raster's rows and columns.

    Parameters
    ----------
    azimuth, altitude : degrees
    cell : width and height of a cell, metres
    shape : rows and columns of the raster at hand
    window : its place in the whole, None when it is the whole
    """
    window = window or Window(0, 0, *shape)
    east, north = compass(azimuth)
    across, down = east / cell[0], north / cell[1]
    transposed = abs(across) > abs(down)
    if transposed:
        reverse, count = across > 0, shape[1]
        first = window.cols - window.col - count if reverse else window.col
        slope, step = down / abs(across), 1.0 / abs(across)
    else:
        reverse, count = down < 0, shape[0]
        first = window.rows - window.row - count if reverse else window.row
        slope, step = -across / abs(down), 1.0 / abs(down)
    k = np.arange(first, first + count, dtype=np.float64)
    place = abs(slope) * k
    offset = np.floor(place + 0.5)
    fraction = np.rint((place - offset) * _FRACTION)
    sign = 1 if slope >= 0 else -1
    fall = min(step * math.tan(math.radians(min(altitude, 90.0))) * UNITS, 2.0**29)
    drop = np.rint(fall * k) - np.rint(fall * np.maximum(k - 1.0, 0.0))
    return Lines(
        transposed,
        bool(reverse),
        (sign * offset).astype(np.int32),
        (sign * np.sign(fraction)).astype(np.int32),
        np.abs(fraction).astype(np.int32),
        drop.astype(np.int32),
    )


def _checked(dsm: Any, receiver_height: float, window: Window | None) -> None:
    """Refuse what the sweep cannot answer, in one plain line."""
    if dsm.ndim != 2 or dsm.size == 0:
        raise ValueError(f"surface has shape {tuple(dsm.shape)}: give rows and columns")
    if dsm.dtype != np.float32:
        raise ValueError(f"surface is {dsm.dtype}: give float32 heights in metres")
    if not abs(receiver_height) <= 1000:
        raise ValueError(f"receiver height {receiver_height} m: give a height within 1000 m")
    rows, cols = dsm.shape
    if window is not None and not (0 <= window.row <= window.rows - rows and 0 <= window.col <= window.cols - cols):
        raise ValueError(f"window {window} does not hold a tile of {rows} × {cols} cells")


def _wall(cell: tuple[float, float]) -> int:
    """The least drop that counts as a wall, in 1/65536 m."""
    return int(min(WALL * max(1.0, *cell), 32.0) * UNITS)


def shadow_mask(
    dsm: Any,
    cell: float | tuple[float, float],
    azimuth: float,
    altitude: float,
    receiver_height: float = 0.0,
    *,
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
    window : place of this tile in a larger raster; a tile whose margin holds every caster then equals the whole

    Returns
    -------
    (rows, cols) uint8 on the device of `dsm`: 0 sun, 1 shade, 255 no data
    """
    size = cell_size(cell)
    _checked(dsm, receiver_height, window)
    if not (math.isfinite(azimuth) and math.isfinite(altitude)):
        raise ValueError(f"sun at azimuth {azimuth}, altitude {altitude}: give two angles in degrees")
    sweep = _twin(dsm).Sweep(dsm, _wall(size), round(receiver_height * UNITS))
    if altitude <= 0:
        return sweep.dark()
    return sweep.mask(lines_of(azimuth, altitude, size, dsm.shape, window))


def sun_hours(
    dsm: Any,
    cell: float | tuple[float, float],
    azimuths: Any,
    altitudes: Any,
    hours: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Hours of direct sun summed over sun positions.

    Parameters
    ----------
    dsm, cell, receiver_height, window : as for `shadow_mask`
    azimuths, altitudes : (n,) degrees; positions at or below the horizon add nothing
    hours : (n,) or one number, hours for which each position stands
    progress : called with the finished share, 0…1; what it raises stops the work

    Returns
    -------
    (rows, cols) float32 hours on the device of `dsm`, NaN no data
    """
    size = cell_size(cell)
    _checked(dsm, receiver_height, window)
    az, alt = (np.atleast_1d(np.asarray(a, np.float64)) for a in (azimuths, altitudes))
    if az.ndim != 1 or az.shape != alt.shape or not (np.isfinite(az).all() and np.isfinite(alt).all()):
        raise ValueError("sun positions: give as many finite azimuths as altitudes")
    weight = np.broadcast_to(np.asarray(hours, np.float32), az.shape)
    up = np.flatnonzero(alt > 0)
    sweep = _twin(dsm).Sweep(dsm, _wall(size), round(receiver_height * UNITS))
    batch = sweep.batch
    for start in range(0, up.size, batch):
        if progress is not None:
            progress(start / up.size)
        chosen = up[start : start + batch]
        lines = [lines_of(float(az[i]), float(alt[i]), size, dsm.shape, window) for i in chosen]
        sweep.add(lines, weight[chosen])
    if progress is not None:
        progress(1.0)
    return sweep.hours()


def _twin(dsm: Any) -> Any:
    """The module that does the work on the device of `dsm`."""
    if is_on_gpu(dsm):
        from kernels.cuda import shadow as twin
    else:
        from kernels.cpu import shadow as twin  # type: ignore[no-redef]
    return twin
