"""The moments of a diagram's hours: clock time, the zone's standard time or true solar time, in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from citymodel.errors import ParameterError
from citymodel.sun import DELTA_T
from citymodel.sun import zone as zone_of


def moments(
    day: date, minutes: Sequence[int], zone: str | None, kind: str = "clock", longitude: float | None = None
) -> list[datetime]:
    """The UTC moments of a day's minutes after midnight.

    kind : "clock" is the zone's time with daylight saving, "standard" the zone's time without it,
    "solar" true solar time, where 12:00 is the sun's transit at ``longitude`` (degrees east)
    """
    if kind == "solar":
        if longitude is None:
            raise ParameterError("true solar time needs the longitude of the place")
        return [_solar(day, one, longitude) for one in minutes]
    if zone is None:
        raise ParameterError("the hours have no time zone; give one like Europe/Amsterdam")
    where = zone_of(zone)
    if kind == "clock":
        return [datetime.combine(day, time(*divmod(one, 60)), where).astimezone(UTC) for one in minutes]
    offset = standard_offset(day, zone)
    midnight = datetime.combine(day, time(0), UTC) - offset
    return [midnight + timedelta(minutes=one) for one in minutes]


def standard_offset(day: date, zone: str) -> timedelta:
    """The zone's distance from UTC without daylight saving: the smaller of January's and July's.

    Not ``utcoffset − dst``: Irish law calls summer time the standard and winter time the exception.
    """
    where = zone_of(zone)
    found = [datetime(day.year, month, 1, 12, tzinfo=where).utcoffset() for month in (1, 7)]
    return min(one for one in found if one is not None)


def _solar(day: date, minutes: int, longitude: float) -> datetime:
    """Mean solar time less the equation of time, which is asked at the moment itself."""
    mean = datetime.combine(day, time(0), UTC) + timedelta(minutes=minutes - 4.0 * longitude)
    moment = mean
    for _ in range(2):
        moment = mean - timedelta(minutes=_equation_of_time(moment))
    return moment


def _equation_of_time(moment: datetime) -> float:
    """True less mean solar time in minutes, by SPA (Reda & Andreas 2004, eq. A1)."""
    from pvlib import spa

    seconds = np.array([moment.timestamp()])
    found = spa.solar_position_numpy(seconds, 0.0, 0.0, 0.0, 0.0, 12.0, DELTA_T, 0.5667, numthreads=1)
    return float(found[5][0])
