"""The lines of a sun position: where each runs over the raster, and how far the ray falls at every step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

#: Heights are whole numbers of 1/65536 m inside: sums are exact, so every device and every tile agrees to the bit.
UNITS = 65536
#: Stands for no data; lower than every height.
HOLE = -(2**29)
HIGHEST = 8000.0
#: A drop of more than this between neighbours is a wall (metres), scaled up for cells above 1 m.
WALL = 2.0
_FRACTION = 1024
#: A line that only passes takes the wall beside it from this distance on (1/1024 of a cell; half a cell is 512).
#: Corners of turned houses reach half-way between the centres that know of them; at seven sixteenths the area of
#: their shadows is right on average over all directions (measured against rays on triangles).
CORNER = 448
#: A line decides the cells of a row when it passes their centres within a quarter of a cell.
_NEAR = _FRACTION // 4


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
    decides : (k,) int32, 1 in rows whose cells these lines decide, 0 where they only pass
    second : a comb of lines half a cell aside, which decides the other rows; None where this one decides all
    """

    transposed: bool
    reverse: bool
    offset: np.ndarray
    side: np.ndarray
    fraction: np.ndarray
    drop: np.ndarray
    decides: np.ndarray
    second: Lines | None = None

    @property
    def combs(self) -> tuple[Lines, ...]:
        """These lines and those half a cell aside."""
        return (self,) if self.second is None else (self, self.second)


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


def runs_by_columns(azimuth: float, cell: tuple[float, float]) -> bool:
    """True when the lines step from column to column: the sun stands more in the east or west, counted in cells."""
    east, north = compass(azimuth)
    return abs(east / cell[0]) > abs(north / cell[1])


def wall_units(cell: tuple[float, float]) -> int:
    """The least drop between neighbours that counts as a wall, 1/65536 m."""
    return int(min(WALL * max(1.0, *cell), 32.0) * UNITS)


def lines_of(
    azimuth: float,
    altitude: float,
    cell: tuple[float, float],
    shape: tuple[int, int],
    window: Window | None = None,
    aside: float = 0.0,
) -> Lines:
    """The lines of one sun position, their phase taken from the whole raster's rows and columns.

    Parameters
    ----------
    azimuth, altitude : degrees
    cell : width and height of a cell, metres
    shape : rows and columns of the raster at hand
    window : its place in the whole, None when it is the whole
    aside : how far the lines start beside the centres of row 0, in cells
    """
    window = window or Window(0, 0, *shape)
    east, north = compass(azimuth)
    across, down = east / cell[0], north / cell[1]
    transposed = runs_by_columns(azimuth, cell)
    if transposed:
        reverse, count = across > 0, shape[1]
        first = window.cols - window.col - count if reverse else window.col
        slope, step = down / abs(across), 1.0 / abs(across)
    else:
        reverse, count = down < 0, shape[0]
        first = window.rows - window.row - count if reverse else window.row
        slope, step = -across / abs(down), 1.0 / abs(down)
    k = np.arange(first, first + count, dtype=np.float64)
    place = abs(slope) * k + aside
    offset = np.floor(place + 0.5)
    fraction = np.rint((place - offset) * _FRACTION)
    sign = 1 if slope >= 0 else -1
    fall = min(step * math.tan(math.radians(min(altitude, 90.0))) * UNITS, 2.0**29)
    drop = np.rint(fall * k) - np.rint(fall * (k - 1.0))
    return Lines(
        transposed,
        bool(reverse),
        (sign * offset).astype(np.int32),
        (sign * np.sign(fraction)).astype(np.int32),
        np.abs(fraction).astype(np.int32),
        drop.astype(np.int32),
        np.ones(count, np.int32),
    )


def combs_of(
    azimuth: float, altitude: float, cell: tuple[float, float], shape: tuple[int, int], window: Window | None = None
) -> Lines:
    """The lines of one sun position with those half a cell aside, each row decided by the nearer ones.

    A shadow's edge is then known to a quarter of a cell across the sun's direction instead of half a one.
    """
    lines = lines_of(azimuth, altitude, cell, shape, window)
    near = (lines.fraction <= _NEAR).astype(np.int32)
    if near.all():
        return lines
    second = lines_of(azimuth, altitude, cell, shape, window, 0.5)
    return replace(lines, decides=near, second=replace(second, decides=1 - near))
