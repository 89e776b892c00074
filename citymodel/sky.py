"""The light of a year: where the sun stands through the months, and what comes from it and from the sky."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.sun import DELTA_T, Place, positions, zone

F8 = NDArray[np.float64]

TURBIDITY = 3.0
"""Linke turbidity of a clean European sky; 2 is a mountain's, 4 to 5 a big city's in summer."""
_SPAN = re.compile(r"^(\d{1,2})(?:\s*-\s*(\d{1,2}))?$")


@dataclass(frozen=True, eq=False, slots=True)
class Light:
    """Samples of a span of time, each with the sun and the light for a part of it.

    azimuth, altitude : (n,) degrees, from grid north and above the horizon
    hours : (n,) for which a sample stands; month : (n,) 1–12 by the clock of the zone
    dni, dhi : (n,) W/m², direct normal and diffuse on the level, means over the sample
    """

    azimuth: F8
    altitude: F8
    hours: F8
    month: NDArray[np.int64]
    dni: F8
    dhi: F8
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def possible(self) -> float:
        """Hours with the sun above the horizon."""
        return float(self.hours[self.altitude > 0].sum())

    @property
    def level(self) -> tuple[float, float]:
        """Beam and diffuse energy on an open level place, kWh/m²."""
        up = np.sin(np.radians(np.maximum(self.altitude, 0.0)))
        return float((self.dni * up * self.hours).sum()) / 1000.0, float((self.dhi * self.hours).sum()) / 1000.0

    def of(self, months: Sequence[int]) -> Light:
        """The samples of these months."""
        use = np.isin(self.month, list(months))
        names = ("azimuth", "altitude", "hours", "month", "dni", "dhi")
        return replace(self, **{name: getattr(self, name)[use] for name in names})


def months_of(text: str | Sequence[int]) -> tuple[int, ...]:
    """Months of "4-9", "11-2" (over the new year) or "3,6,12", in the year's order."""
    if not isinstance(text, str):
        return tuple(sorted({int(one) for one in text}))
    found: set[int] = set()
    for part in text.split(","):
        match = _SPAN.match(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not (1 <= first <= 12 and 1 <= last <= 12):
            raise ParameterError(f"{text!r} are no months; write 4-9, 11-2 or 3,6,12")
        found.update((first - 1 + k) % 12 + 1 for k in range((last - first) % 12 + 1))
    return tuple(sorted(found))


def clear_year(
    where: Place, year: int, months: Sequence[int], step: int, zone_name: str,
    turbidity: float = TURBIDITY, elevation: float = 0.0,
) -> Light:  # fmt: skip
    """The light of a year without a cloud (Ineichen & Perez 2002).

    step : minutes, each sample in the middle of its step; elevation : metres above the sea

    Such a year is brighter than any real one: sums of its energy are upper bounds.
    """
    azimuth, altitude, month, day = _suns(where, year, step, zone_name)
    dni, dhi = _clear(altitude, day, turbidity, elevation)
    light = Light(azimuth, altitude, np.full(azimuth.size, step / 60.0), month, dni, dhi)
    facts = {
        "light": f"a year without clouds: Ineichen & Perez (2002), Linke turbidity {turbidity:g}, "
        f"{elevation:.0f} m above the sea",
        "turbidity": turbidity,
        "elevation_m": round(elevation, 1),
    }
    return _with(light.of(months), _sun_facts(where, zone_name, step) | facts | {"year": year, "months": list(months)})


def measured(
    where: Place, starts: Sequence[datetime], dni: F8, dhi: F8, months: Sequence[int], step: int, zone_name: str,
    source: str = "",
) -> Light:  # fmt: skip
    """The light of a measured or typical year, each value the mean over the interval that begins at its time.

    An interval is cut into steps; its direct light falls on those with the sun up, so that its sum stays.

    starts : with a zone, evenly spaced but for gaps; dni, dhi : (n,) W/m²; step : minutes, at the most
    """
    if len(starts) < 2:
        raise ParameterError(f"{source}: {len(starts)} times make no series; give two or more")
    seconds = np.array([one.timestamp() for one in starts])
    gaps = np.diff(seconds)
    interval = float(np.median(gaps))
    if not 60 <= interval <= 3 * 3600:
        raise ParameterError(f"{source}: its times are {interval / 60:g} min apart; give a series of 1 min to 3 h")
    parts = max(1, int(np.ceil(interval / 60.0 / step)))
    middles = ((np.arange(parts) + 0.5) * interval / parts)[None, :] + seconds[:, None]
    times = [datetime.fromtimestamp(one, UTC) for one in middles.ravel()]
    azimuth, altitude = positions(times, where.latitude, where.longitude)
    up = (altitude > 0).reshape(middles.shape)
    share = np.where(up, parts / np.maximum(up.sum(1, keepdims=True), 1), 0.0)
    lost = float(dni[~up.any(1)].sum() / max(dni.sum(), 1e-9))
    local = zone(zone_name)
    month = np.repeat([one.astimezone(local).month for one in starts], parts)
    light = Light(
        (azimuth + where.convergence) % 360.0, altitude, np.full(azimuth.size, interval / parts / 3600.0), month,
        (dni[:, None] * share).ravel(), np.repeat(dhi, parts),
    ).of(months)  # fmt: skip
    facts = {
        "light": f"series {source}, {len(starts)} values, each for the {interval / 60:g} min from its time on",
        "weather": source,
        "direct_light_by_night": lost,
        "months": list(months),
    }
    return _with(light, _sun_facts(where, zone_name, interval / parts / 60.0) | facts)


def _sun_facts(where: Place, zone_name: str, step: float) -> dict[str, Any]:
    sun = f"NREL SPA with refraction, ΔT {DELTA_T:g} s, at the middle of the area, turned by the meridian convergence"
    return {"sun": sun, "latitude": round(where.latitude, 4), "zone": zone_name, "time_step_minutes": step}


def _with(light: Light, facts: Mapping[str, Any]) -> Light:
    beam, diffuse = light.level
    more = {
        "hours_possible": round(light.possible, 3),
        "open_level_beam_kwh_m2": round(beam, 3),
        "open_level_diffuse_kwh_m2": round(diffuse, 3),
    }
    return replace(light, facts={**facts, **more})


@lru_cache(maxsize=8)
def _suns(where: Place, year: int, step: int, zone_name: str) -> tuple[F8, F8, NDArray[np.int64], NDArray[np.int64]]:
    """Grid azimuth, altitude, local month and day of the year of a year's samples."""
    if not 1900 <= year <= 2100:
        raise ParameterError(f"the year {year} is out of range; give one from 1900 to 2100")
    if step < 1 or 1440 % step:
        raise ParameterError(f"a step of {step} min does not divide the day; give one like 5, 10 or 15 min")
    local = zone(zone_name)
    first, last = (datetime(y, 1, 1, tzinfo=local).astimezone(UTC) for y in (year, year + 1))
    count = round((last - first).total_seconds() / (60 * step))
    times = [first + timedelta(minutes=step * (k + 0.5)) for k in range(count)]
    azimuth, altitude = positions(times, where.latitude, where.longitude)
    clock = [one.astimezone(local) for one in times]
    month = np.array([one.month for one in clock], np.int64)
    day = np.array([one.timetuple().tm_yday for one in clock], np.int64)
    return (azimuth + where.convergence) % 360.0, altitude, month, day


def _clear(altitude: F8, day: NDArray[np.int64], turbidity: float, elevation: float) -> tuple[F8, F8]:
    """DNI and DHI of a clear sky, W/m², 0 by night."""
    from pvlib import atmosphere, clearsky, irradiance

    dni, dhi = np.zeros(altitude.size), np.zeros(altitude.size)
    up = np.flatnonzero(altitude > 0)
    zenith = 90.0 - altitude[up]
    mass = atmosphere.get_absolute_airmass(
        atmosphere.get_relative_airmass(zenith), atmosphere.alt2pres(max(elevation, -400.0))
    )
    extra = irradiance.get_extra_radiation(day[up])
    sky = clearsky.ineichen(zenith, mass, turbidity, altitude=max(elevation, 0.0), dni_extra=extra)
    dni[up], dhi[up] = np.nan_to_num(sky["dni"]), np.nan_to_num(sky["dhi"])
    return np.maximum(dni, 0.0), np.maximum(dhi, 0.0)
