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
    return tuple(found)


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
