"""Where the sun stands: NREL SPA positions, the meridian convergence of a grid, and the samples of a day."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import CrsError, ParameterError

F8 = NDArray[np.float64]

DELTA_T = 69.2
"""TT − UT1 in seconds, of the 2020s; 10 s more turn the sun by less than 0.0001°."""


def positions(
    times: Sequence[datetime],
    latitude: float,
    longitude: float,
    *,
    elevation: float = 0.0,
    pressure: float = 1013.25,
    temperature: float = 12.0,
    delta_t: float = DELTA_T,
) -> tuple[F8, F8]:
    """Topocentric azimuth and altitude of the sun by SPA (Reda & Andreas 2004).

    times : with a zone; latitude, longitude : degrees north and east; elevation : metres;
    pressure : hPa, 0 for no refraction; temperature : °C; delta_t : seconds

    Returns
    -------
    azimuth : (n,) degrees clockwise from true north
    altitude : (n,) degrees above the horizon, refraction included
    """
    spa = _spa()
    for moment in times:
        if moment.tzinfo is None:
            raise ParameterError(f"the time {moment.isoformat()} has no zone; add one, for example +01:00")
    seconds = np.array([moment.timestamp() for moment in times], dtype=np.float64)
    result = spa.solar_position_numpy(
        seconds, latitude, longitude, elevation, pressure, temperature, delta_t, 0.5667, numthreads=1
    )
    return np.asarray(result[4], dtype=np.float64), np.asarray(result[2], dtype=np.float64)


@cache
def _spa() -> ModuleType:
    """pvlib's module of SPA alone: it needs NumPy only, while ``import pvlib`` loads pandas and half of SciPy."""
    package = importlib.util.find_spec("pvlib")
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / "spa.py"
        if "pvlib" not in sys.modules and path.is_file():  # in a frozen program it is no file of its own
            spec = importlib.util.spec_from_file_location("citymodel._spa", path)
            if spec is not None and spec.loader is not None:
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                return module
    return importlib.import_module("pvlib.spa")


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a grid on the globe.

    latitude, longitude : degrees, WGS 84
    convergence : degrees, the grid azimuth of true north there
    """

    latitude: float
    longitude: float
    convergence: float


def place(crs: str, x: float, y: float) -> Place:
    """Where (x, y) of a projected CRS lies, and how far its grid is turned from true north."""
    import pyproj

    try:
        grid = pyproj.CRS.from_user_input(crs).to_2d()
    except pyproj.exceptions.CRSError as wrong:
        raise CrsError(f"{crs!r} is no known coordinate system; give one like EPSG:25833") from wrong
    if grid.is_compound:
        grid = grid.sub_crs_list[0]
    if not grid.is_projected:
        raise CrsError(f"{crs} is not projected: the sun's direction needs a grid in metres; reproject the data first")
    globe = pyproj.Transformer.from_crs(grid, "EPSG:4326", always_xy=True)
    longitude, latitude = globe.transform(x, y)
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise CrsError(f"the point {x:.1f} {y:.1f} lies outside {crs}; check the coordinate system of the data")
    own = pyproj.Transformer.from_crs(grid.geodetic_crs, grid, always_xy=True)
    east, north = own.transform(x, y, direction="INVERSE")
    step = 1e-4 if north < 89.9 else -1e-4
    x1, y1 = own.transform(east, north + step)
    convergence = math.degrees(math.atan2((x1 - x) * step, (y1 - y) * step))
    return Place(float(latitude), float(longitude), convergence)


def grid_positions(times: Sequence[datetime], crs: str, x: float, y: float) -> tuple[F8, F8]:
    """Azimuth from grid north and altitude of the sun at (x, y) of a projected CRS, degrees."""
    where = place(crs, x, y)
    azimuth, altitude = positions(times, where.latitude, where.longitude)
    return (azimuth + where.convergence) % 360.0, altitude


def north_words(convergence: float) -> str:
    """Where true north lies, in words; convergence : degrees, the grid azimuth of true north."""
    if abs(convergence) < 0.005:
        return "is, to 0.01°, also"
    return f"lies {abs(convergence):.2f}° {'east' if convergence > 0 else 'west'} of"


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; an error with an example for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise ParameterError(f"there is no time zone {name!r}; give one like Europe/Amsterdam or UTC") from wrong


def midpoints(
    day: date, start: int, end: int, step: int, zone_name: str, kind: str = "clock", longitude: float | None = None
) -> list[datetime]:
    """Midpoints of equal steps of a local day, in UTC.

    start, end : minutes after midnight, end up to 1440 (24:00); step : minutes
    kind, longitude : as for ``moments``
    """
    if not 0 <= start < end <= 1440:
        raise ParameterError(f"from {clock(start)} to {clock(end)} is no span of a day; give two times in their order")
    if step < 1:
        raise ParameterError(f"a step of {step} min is too short; give one minute or more")
    if (end - start) % step:
        raise ParameterError(
            f"{clock(start)} to {clock(end)} is {end - start} min, not a whole number of steps of {step} min; "
            "choose a step that divides it"
        )
    if kind != "clock":
        return moments(
            day, [start + step * (k + 0.5) for k in range((end - start) // step)], zone_name, kind, longitude
        )
    first, last = (_moment(day, minutes, zone(zone_name)) for minutes in (start, end))
    seconds = (last - first).total_seconds()  # differs from the clock's on the days when it changes
    if seconds % (60 * step):
        raise ParameterError(
            f"the clock changes on {day.isoformat()}: {clock(start)} to {clock(end)} lasts {seconds / 60:g} min, not a "
            f"whole number of steps of {step} min; choose a step that divides it"
        )
    count = round(seconds / (60 * step))
    return [first + timedelta(seconds=60.0 * step * (k + 0.5)) for k in range(count)]


KINDS_OF_TIME = ("clock", "standard", "solar")


def moments(
    day: date, minutes: Sequence[float], zone_name: str | None, kind: str = "clock", longitude: float | None = None
) -> list[datetime]:
    """Times of a local day in UTC.

    minutes : after midnight, in the time that ``kind`` names: "clock" is the zone's clock with its daylight saving,
    "standard" the zone's clock without it, "solar" true solar time, in which the sun culminates at 12:00
    longitude : degrees east, for true solar time
    """
    if kind not in KINDS_OF_TIME:
        raise ParameterError(f"{kind!r} is no kind of time; the kinds are {', '.join(KINDS_OF_TIME)}")
    if kind == "solar":
        return _solar(day, minutes, longitude)
    if zone_name is None:
        raise ParameterError("the hours have no time zone; give one like Europe/Amsterdam")
    if kind == "clock":
        return [_moment(day, value, zone(zone_name)) for value in minutes]
    midnight = datetime.combine(day, time(), UTC)
    east = standard_offset(day, zone_name)
    return [midnight - east + timedelta(minutes=value) for value in minutes]


def _solar(day: date, minutes: Sequence[float], longitude: float | None) -> list[datetime]:
    """UTC of true solar times: mean solar time less the equation of time."""
    if longitude is None:
        raise ParameterError("true solar time needs a place; give data with a coordinate system")
    midnight = datetime.combine(day, time(), UTC)
    mean = [midnight + timedelta(minutes=value - 4.0 * longitude) for value in minutes]
    return [at - timedelta(minutes=ahead) for at, ahead in zip(mean, equation_of_time(mean), strict=True)]


def standard_offset(day: date, zone_name: str) -> timedelta:
    """The zone's distance from UTC without daylight saving: the smaller of January's and July's.

    Not ``utcoffset − dst``: Irish law calls summer time the standard and winter time the exception.
    """
    found = [datetime(day.year, month, 1, 12, tzinfo=zone(zone_name)).utcoffset() for month in (1, 7)]
    return min(one for one in found if one is not None)


def equation_of_time(times: Sequence[datetime]) -> list[float]:
    """True less mean solar time, minutes (SPA, Reda & Andreas 2004, appendix A.1)."""
    from pvlib import spa

    seconds = np.array([moment.timestamp() for moment in times], dtype=np.float64)
    result = spa.solar_position_numpy(seconds, 0.0, 0.0, 0.0, 1013.25, 12.0, DELTA_T, 0.5667, numthreads=1)
    return [float(value) for value in result[5]]


def _moment(day: date, minutes: float, where: ZoneInfo) -> datetime:
    """UTC of a clock's time; of an hour that comes twice the first, of one left out the one that follows."""
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return local.replace(tzinfo=where).astimezone(UTC)


def clock(minutes: int) -> str:
    """HH:MM of minutes after midnight; 1440 is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
