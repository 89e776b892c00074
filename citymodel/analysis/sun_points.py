"""The day's sun at single points: when it is lit, when in shade, as it is and as proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.live_heights import live_grid
from citymodel.analysis.live_shade import ABOVE, LiveSurface, surface_on
from citymodel.analysis.suns import Suns, suns_at
from citymodel.errors import CrsError
from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.surface import Grid

Point = tuple[float, float, float]

STEP = 5
"""Minutes between two suns."""
WALL = 0.75
"""Metres below the surface at which a point is on a wall, not on what lies on top of it."""
REACH = 6.0
"""Metres before a wall within which free ground is looked for."""
SUN, SHADE, CROWN, UNKNOWN, NIGHT = 0, 1, 2, 255, 9
"""What a step of the day is at a point: as in the kernels' masks, and below the horizon."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of one kind; start, end : hours of the clock; kind : SUN, SHADE, CROWN, UNKNOWN or NIGHT."""

    start: float
    end: float
    kind: int


@dataclass(frozen=True, slots=True)
class DayOfSun:
    """Spells from the first to the last hour; hours in the sun in all, and the longest without a break."""

    spells: tuple[Spell, ...]
    hours: float
    longest: float


@dataclass(frozen=True, slots=True)
class PointSun:
    """The day at one point; scenario : None without one; sunrise, sunset : clock hours, None where there is none."""

    point: Point
    above: float
    base: DayOfSun
    scenario: DayOfSun | None
    sunrise: float | None
    sunset: float | None


def surfaces_of(document: Document, progress: Progress = silent) -> list[LiveSurface]:
    """The city as it is, and as proposed where the scenario on the table changes something; on one grid."""
    grid = live_grid(document)
    if grid is None:
        raise CrsError(
            "the project has no coordinate system or no surface, so no sun falls on it; open a city with one"
        )
    scenario = document.scenario if document.scenario is not None and document.scenario.changes else None
    states = [None, *([scenario] if scenario else [])]
    found = []
    for number, one in enumerate(states):
        share = 1.0 / len(states)
        found.append(
            surface_on(
                document,
                grid,
                one,
                lambda f, text="", n=number, s=share: progress((n + f) * s, text),
            )
        )
    return found


def sun_at_points(
    surfaces: Sequence[LiveSurface],
    day: Date,
    zone: str,
    points: Sequence[Point],
    eye: Point | None = None,
    progress: Progress = silent,
) -> list[PointSun]:
    """The sun of a day at points on the ground, on roofs and before walls.

    surfaces : one a state, as ``surfaces_of`` makes them
    points : x, y, z in the frame's CRS, metres; one below the surface is on a wall: the light is asked for on the next
    free cell towards ``eye``, from which it was seen
    """
    suns = suns_at(surfaces[0].place, day, 0, 1440, STEP, zone)
    states = []
    for number, surface in enumerate(surfaces):
        places = [place_of(surface, point, eye) for point in points]
        share = number / len(surfaces)
        states.append(_kinds(surface, suns, places, lambda f, text="", s=share: progress(s + f / len(surfaces), text)))
    up = np.flatnonzero(suns.altitude > 0)
    half = STEP / 120.0
    rise = float(suns.clock[up[0]] - half) if len(up) else None
    down = float(suns.clock[up[-1]] + half) if len(up) else None
    found = []
    for at, point in enumerate(points):
        days = [day_of(kinds[at], suns.clock) for kinds in states]
        above = place_of(surfaces[0], point, eye)[2]
        found.append(PointSun(point, above, days[0], days[1] if len(days) > 1 else None, rise, down))
    return found


def place_of(surface: LiveSurface, point: Point, eye: Point | None = None) -> tuple[int, int, float]:
    """Row and column of the cell that stands for a point (−1, −1 outside), and metres of the point above it."""
    x, y, z = point
    cell = surface.grid.cell
    row, column = _cell(surface.grid, x, y)
    if row < 0:
        return -1, -1, 0.0
    top = float(surface.dsm[row, column])
    if eye is not None and top > z + WALL:
        dx, dy = eye[0] - x, eye[1] - y
        far = max(float(np.hypot(dx, dy)), 1e-9)
        for step in range(1, int(REACH / cell) + 2):
            r, c = _cell(surface.grid, x + dx / far * step * cell, y + dy / far * step * cell)
            if r >= 0 and float(surface.dsm[r, c]) <= z + WALL:
                row, column, top = r, c, float(surface.dsm[r, c])
                break
    above = max(z - top, 0.0) if np.isfinite(top) else 0.0
    return row, column, round(above, 2)


def _cell(grid: Grid, x: float, y: float) -> tuple[int, int]:
    return grid.cell_at(x, y) or (-1, -1)


def _kinds(
    surface: LiveSurface, suns: Suns, places: Sequence[tuple[int, int, float]], progress: Progress
) -> NDArray[np.uint8]:
    """(points, steps) uint8: what each step of the day is at each point."""
    kinds = np.full((len(places), len(suns.clock)), NIGHT, dtype=np.uint8)
    up = np.flatnonzero(suns.altitude > 0)
    for at, (row, column, above) in enumerate(places):
        for done, step in enumerate(up):
            progress((at + done / len(up)) / len(places), "sun at points")
            kinds[at, step] = (
                UNKNOWN
                if row < 0
                else surface.at(row, column, float(suns.azimuth[step]), float(suns.altitude[step]), max(above, ABOVE))
            )
    return kinds


def day_of(kinds: NDArray[np.uint8], clock: NDArray[np.float64]) -> DayOfSun:
    """Spells of equal kind, with hours and longest time in the sun."""
    half = STEP / 120.0
    edges = np.flatnonzero(np.diff(kinds.astype(np.int16), prepend=-1))
    ends = np.append(edges[1:], len(kinds))
    spells = tuple(
        Spell(max(float(clock[a] - half), 0.0), float(clock[b - 1] + half), int(kinds[a]))
        for a, b in zip(edges, ends, strict=True)
    )
    lit = [(b - a) * STEP / 60.0 for a, b, one in zip(edges, ends, spells, strict=True) if one.kind == SUN]
    return DayOfSun(spells, float(sum(lit)), float(max(lit, default=0.0)))
