"""The time zone of a place, guessed: the one whose city in the zone table lies nearest."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from importlib.resources import files

_PLACE = re.compile(r"^([+-]\d{4,6})([+-]\d{5,7})$")

SMALL = frozenset(
    f"Europe/{name}"
    for name in (
        "Andorra", "Busingen", "Gibraltar", "Guernsey", "Isle_of_Man", "Jersey", "Monaco", "San_Marino", "Vaduz",
        "Vatican",
    )
)  # fmt: skip
"""Zones of places so small that their neighbours' cities would be named after them; they share a neighbour's clock."""

MORE: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = (
    ("Europe/London", ((52.5, -1.9), (53.5, -2.2), (55.0, -1.6), (56.0, -3.2), (54.6, -5.9), (51.5, -3.2))),
    ("Europe/Berlin", ((48.1, 11.6), (48.8, 9.2), (50.1, 8.7), (50.9, 7.0), (53.6, 10.0), (54.3, 10.1), (51.0, 13.7))),
    ("Europe/Paris", ((43.3, 5.4), (45.8, 4.8), (48.6, 7.7), (44.8, -0.6), (50.6, 3.1), (43.6, 1.4), (43.7, 7.3))),
    ("Europe/Rome", ((45.5, 9.2), (45.1, 7.7), (44.4, 8.9), (45.4, 12.3), (45.6, 13.8), (38.1, 13.4))),
    ("Europe/Madrid", ((41.4, 2.2), (39.5, -0.4), (37.4, -6.0), (43.3, -2.9), (42.2, -8.7))),
    ("Europe/Stockholm", ((57.7, 12.0), (55.6, 13.0), (65.6, 22.2))),
    ("Europe/Warsaw", ((50.1, 19.9), (51.1, 17.0), (54.4, 18.6), (53.4, 14.6))),
    ("Europe/Vienna", ((47.1, 15.4), (48.3, 14.3), (47.8, 13.0), (47.3, 11.4))),
    ("Europe/Zurich", ((46.2, 6.1), (46.0, 9.0))),
    ("Europe/Oslo", ((60.4, 5.3), (63.4, 10.4))),
)
"""Latitude and longitude of large cities that a neighbour's city would lie nearer to than their own zone's."""


@lru_cache(maxsize=1)
def cities() -> tuple[tuple[float, float, str], ...]:
    """Latitude and longitude in degrees and the zone's name, of each line of the zone table (tzdata, zone.tab)."""
    try:
        text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ()
    found = []
    for line in text.splitlines():
        parts = line.split("\t")
        place = None if line.startswith("#") or len(parts) < 3 else _PLACE.match(parts[1])
        if place and parts[2] not in SMALL:
            found.append((_degrees(place[1], 2), _degrees(place[2], 3), parts[2]))
    return (*found, *((*place, zone) for zone, places in MORE for place in places))


def _degrees(text: str, digits: int) -> float:
    """Degrees of ±DDMM[SS] or ±DDDMM[SS]."""
    sign = -1.0 if text[0] == "-" else 1.0
    number = text[1:]
    minutes, seconds = number[digits : digits + 2], number[digits + 2 :]
    return sign * (int(number[:digits]) + int(minutes) / 60.0 + int(seconds or 0) / 3600.0)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The names of all zones, in their order: those that name a place, and UTC."""
    from zoneinfo import available_timezones

    return tuple(sorted(name for name in available_timezones() if name == "UTC" or "/" in name))


def is_zone(name: str) -> bool:
    """Whether the clock of that zone is known here."""
    from zoneinfo import ZoneInfo

    try:
        return bool(name) and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def zone_near(latitude: float, longitude: float) -> str:
    """The name of the zone whose city lies nearest, "UTC" where no table is installed.

    A guess: near a border it can be the neighbour's, whose clock is mostly the same.
    """
    lat, lon = math.radians(latitude), math.radians(longitude)

    def nearness(city: tuple[float, float, str]) -> float:
        there, east = math.radians(city[0]), math.radians(city[1])
        return math.sin(lat) * math.sin(there) + math.cos(lat) * math.cos(there) * math.cos(east - lon)

    return max(cities(), key=nearness)[2] if cities() else "UTC"


def zone_of_crs(crs: str | None, x: float, y: float) -> str:
    """The guessed zone of a point in a projected CRS, "UTC" where its place is unknown."""
    from citymodel.errors import CrsError
    from citymodel.sun import place

    if crs is None:
        return "UTC"
    try:
        where = place(crs, x, y)
    except CrsError:
        return "UTC"
    return zone_near(where.latitude, where.longitude)
