"""What a viewshed is asked: the eye, the limits of its sight, and both as the numbers that a kernel takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from kernels.lines import compass

HIDDEN, VISIBLE, NO_DATA, OUT_OF_RANGE = 0, 1, 254, 255
#: Metres: the equator's radius, as other viewsheds take it.
EARTH_RADIUS = 6_378_137.0
#: A distance that equals the reach but for its rounding is within it.
_ROUNDING = 1e-12
#: Cells beyond which an eye's place is a mistake.
_FAR = 1e7


class Eye(NamedTuple):
    """Where somebody looks from.

    Attributes
    ----------
    row, col : in cells, not snapped; the centre of a cell is a whole number, row 0 in the north
    height : metres in the raster's datum: the ground there plus the height of the eye
    """

    row: float
    col: float
    height: float


@dataclass(frozen=True, slots=True)
class Sight:
    """How far and where the eye looks, and at what.

    Attributes
    ----------
    target : metres above the surface at each cell's centre
    reach, nearest : horizontal metres, inclusive
    azimuth : from, to in degrees clockwise from grid north; may pass north, as (350, 20)
    pitch : from, to in degrees above the horizontal, of the line to the target
    refraction : the coefficient k: light bends as if the Earth's radius were 1 / (1 - k) times as long
    curvature : False for a flat Earth without refraction
    holes_block : cells without data hide what lies behind them
    """

    target: float = 0.0
    reach: float = math.inf
    nearest: float = 0.0
    azimuth: tuple[float, float] | None = None
    pitch: tuple[float, float] | None = None
    refraction: float = 1 / 7
    curvature: bool = True
    holes_block: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.target):
            raise ValueError(f"target {self.target} m above the surface: give a height in metres")
        if not self.reach > 0:
            raise ValueError(f"reach {self.reach} m: give a distance above zero")
        if not 0 <= self.nearest <= self.reach:
            raise ValueError(f"nearest {self.nearest} m with a reach of {self.reach} m: give 0 up to the reach")
        if self.azimuth is not None:
            if not all(math.isfinite(one) for one in self.azimuth):
                raise ValueError(f"azimuth from {self.azimuth[0]} to {self.azimuth[1]}: give two angles in degrees")
            if self.azimuth[0] == self.azimuth[1]:
                raise ValueError(f"azimuth from {self.azimuth[0]}° to itself: give two angles, or none for all around")
        if self.pitch is not None and not -90 <= self.pitch[0] < self.pitch[1] <= 90:
            raise ValueError(f"pitch from {self.pitch[0]}° to {self.pitch[1]}°: give two rising angles within ±90°")
        if not -1 <= self.refraction <= 1:
            raise ValueError(f"refraction {self.refraction}: give a coefficient within ±1, such as 0.13")

    @property
    def bend(self) -> float:
        """A line of the length d drops by this times d² below the level: (1 - k) / (2 R), 1/m."""
        return (1.0 - self.refraction) / (2.0 * EARTH_RADIUS) if self.curvature else 0.0


class Question(NamedTuple):
    """An eye and its limits as a kernel takes them.

    Attributes
    ----------
    row, col, height, target, bend, holes_block : as in `Eye` and `Sight`
    width, length : metres of a cell from west to east and from north to south
    most, least : squares of reach and nearest distance, m²
    turn : 0 all around, 1 a sector of up to half a turn, 2 a larger one
    from_east, from_north, to_east, to_north : the directions of its two sides
    pitched : whether the tangents `low` and `high` of the pitch limit the sight
    """

    row: float
    col: float
    height: float
    target: float
    width: float
    length: float
    bend: float
    holes_block: bool
    most: float
    least: float
    turn: int
    from_east: float
    from_north: float
    to_east: float
    to_north: float
    pitched: bool
    low: float
    high: float


def question(eye: Eye, sight: Sight, cell: tuple[float, float]) -> Question:
    """The eye and the limits of its sight, checked, for cells of (width, height) metres."""
    row, col = place_of(eye[0], eye[1])
    height = float(eye[2])
    if not math.isfinite(height):
        raise ValueError(f"eye at {height} m: give a height in metres in the raster's datum")
    turn, start, end = 0, (0.0, 0.0), (0.0, 0.0)
    if sight.azimuth is not None and abs(sight.azimuth[1] - sight.azimuth[0]) < 360.0:
        turn = 1 if (sight.azimuth[1] - sight.azimuth[0]) % 360.0 <= 180.0 else 2
        start, end = compass(sight.azimuth[0]), compass(sight.azimuth[1])
    low, high = -math.inf, math.inf
    if sight.pitch is not None:
        low = math.tan(math.radians(sight.pitch[0])) if sight.pitch[0] > -90 else low
        high = math.tan(math.radians(sight.pitch[1])) if sight.pitch[1] < 90 else high
    return Question(
        row, col, height, float(sight.target), cell[0], cell[1], sight.bend, bool(sight.holes_block),
        sight.reach**2 * (1 + _ROUNDING), sight.nearest**2 * (1 - _ROUNDING),
        turn, *start, *end, sight.pitch is not None, low, high,
    )  # fmt: skip


def place_of(row: float, col: float) -> tuple[float, float]:
    """A place in rows and columns, checked; it may lie outside the raster."""
    if not (abs(row) <= _FAR and abs(col) <= _FAR):
        raise ValueError(f"place at row {row}, column {col}: give a place in cells near the raster")
    return float(row), float(col)
