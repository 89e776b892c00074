"""The suns of a study: their times, their clock, and where they stand over a grid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import CrsError
from citymodel.sun import Place, midpoints, place, positions, zone

if TYPE_CHECKING:
    from citymodel.analysis.shadow_parameters import ShadowParameters
    from citymodel.surface import Grid

F8 = NDArray[np.float64]

LEAFED = ((4, 15), (10, 31))
"""First and last day in leaf on the northern half of the globe (SOLWEIG's default is 7 April to 27 October)."""


@dataclass(frozen=True, eq=False, slots=True)
class Suns:
    """Sun positions of a day.

    times : UTC; clock : (n,) hours of the study's own clock, ascending
    azimuth : (n,) degrees from grid north; altitude : (n,) degrees, −1 where the sun does not count
    latitude, longitude, convergence : of the place, degrees
    """

    times: list[datetime]
    clock: F8
    azimuth: F8
    altitude: F8
    latitude: float
    longitude: float
    convergence: float

    @property
    def above(self) -> int:
        """How many of them count."""
        return int((self.altitude > 0).sum())


def suns_of(grid: Grid, parameters: ShadowParameters) -> Suns:
    """The suns at the middles of the study's steps, over the middle of the grid."""
    if grid.crs is None:
        raise CrsError("the data have no coordinate system, so the sun's place is unknown; give one, like EPSG:25833")
    xmin, ymin, xmax, ymax = grid.bounds
    where = place(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    asked = parameters
    return suns_at(
        where, asked.date, asked.start, asked.end, asked.step, asked.zone, asked.time_kind, asked.min_altitude
    )


@lru_cache(maxsize=32)
def suns_at(
    where: Place, day: Date, start: int, end: int, step: int, zone_name: str, kind: str = "clock", lowest: float = 0.0
) -> Suns:
    """The suns at the middles of equal steps of a day.

    start, end : minutes after midnight; step : minutes; kind : as for ``citymodel.sun.moments``
    lowest : degrees below which a sun does not count
    """
    times = midpoints(day, start, end, step, zone_name, kind, where.longitude)
    azimuth, altitude = positions(times, where.latitude, where.longitude)
    clock: F8 = np.asarray((start + step * (np.arange(len(times)) + 0.5)) / 60.0, dtype=np.float64)
    if kind == "clock":  # a day on which the clock changes is an hour longer or shorter
        local = [moment.astimezone(zone(zone_name)) for moment in times]
        clock = np.array([at.hour + at.minute / 60.0 + at.second / 3600.0 for at in local])
        if (np.diff(clock) <= 0).any():  # an hour that comes twice, by night: counted back from the day that follows
            clock = clock[-1] - step / 60.0 * np.arange(len(times) - 1, -1, -1)
    counts = np.where(altitude >= lowest, altitude, -1.0)
    return Suns(
        times, clock, (azimuth + where.convergence) % 360.0, counts, where.latitude, where.longitude, where.convergence
    )


def in_leaf(day: Date, latitude: float) -> bool:
    """Whether deciduous trees carry leaves: mid-April to October, half a year later in the south."""
    at = (day.month, day.day)
    north = LEAFED[0] <= at <= LEAFED[1]
    return north if latitude >= 0 else not north
