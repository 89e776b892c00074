"""The keys of a flood's case file: what each holds, how it is checked, and what to say where it is wrong."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from citymodel.errors import FormatError

Point = tuple[float, float]
Line = tuple[Point, ...]

LONGEST = 400 * 86400.0
"""Seconds of the longest run."""
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(days?|d|hours?|hrs?|h|minutes?|mins?|min|m|seconds?|secs?|s)\s*", re.IGNORECASE)
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_VERTICES = 100_000


class Wrong(ValueError):
    """A value of the wrong form; its text is what to write."""


class Key(NamedTuple):
    """A key: ``parse(value, folder)`` raises Wrong; needed : whether the table cannot do without it."""

    parse: Callable[[Any, Path], Any]
    needed: bool = False


Spec = Mapping[str, Key]


def taken(path: Path, where: str, table: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """The values of a table, checked; where : "[boundary]", "" for the top level."""
    for name in table:
        if name not in spec:
            raise FormatError(path, f"{where} {name}".strip(), unknown(name, where, spec))
    found = {}
    for name, value in table.items():
        try:
            found[name] = spec[name].parse(value, path.parent)
        except Wrong as wrong:
            raise FormatError(path, f"{where} {name}".strip(), str(wrong)) from None
    missing = [name for name, key in spec.items() if key.needed and name not in table]
    if missing:
        place = where or "the top level"
        raise FormatError(path, place, f"lacks {' and '.join(missing)}; add {missing[0]} = {EXAMPLES[missing[0]]}")
    return found


def is_table(name: str) -> bool:
    """Whether a key of the file names a table."""
    return name in LISTS or name in TABLES


def unknown(name: str, where: str, spec: Spec) -> str:
    """What to do about a key that is not known there."""
    if where and name in TOP:
        return "is a key of the top level; keys of the top level stand before the first table, move it up there"
    if not where:
        table = next((one for one, keys in {**TABLES, **LISTS}.items() if name in keys and name not in TOP), None)
        if table is not None:
            return f"is a key of {bracketed(table)}; write it below that line"
    names = [*spec, *(() if where else (*TABLES, *LISTS))]
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        shown = bracketed(near[0]) if near[0] in TABLES or near[0] in LISTS else near[0]
        return f"is an unknown key; is {shown} meant?"
    return f"is an unknown key; known are {', '.join(names)}"


def bracketed(table: str) -> str:
    """A table's line: [boundary], [[rain]]."""
    return f"[[{table}]]" if table in LISTS else f"[{table}]"


# --- values ---


def seconds_of(value: Any) -> float:
    """Seconds of 90, "90s", "15min", "1h30min", "2d"."""
    if isinstance(value, str):
        text = value.strip().removeprefix("PT")
        parts = list(_PART.finditer(text))
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        if not parts or "".join(part[0] for part in parts) != text:
            raise Wrong(f'{value[:40]!r} is no duration; write "12h", "15min", "1h30min", or a number of seconds')
        return sum(float(part[1]) * _SECONDS[part[2][0].lower()] for part in parts)
    return real(value, "a duration", 'write "12h", "15min", "1h30min", or a number of seconds')


def spoken(seconds: float) -> str:
    """A duration as a case file may have it."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f'"{math.ceil(seconds / size):g}{unit}"'
    return f'"{math.ceil(seconds):g}s"'


def real(value: Any, what: str = "a number", instead: str = "write a finite number") -> float:
    """A finite number; neither a truth value nor a text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = repr(value) if isinstance(value, str | bool) else f"a {type(value).__name__}"
        raise Wrong(f"{shown[:60]} is not {what}; {instead}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Wrong(f"{value!s:.40} is not {what}; {instead}")
    return number


def _duration(value: Any, _: Path) -> float:
    seconds = seconds_of(value)
    if seconds <= 0:
        raise Wrong(f'{value!r} is no time at all; write more than 0, for example "2h"')
    if seconds > LONGEST:
        raise Wrong(f"{value!r} is longer than {LONGEST / 86400:.0f} days; write less")
    return seconds


def _instant(value: Any, _: Path) -> float:
    seconds = seconds_of(value)
    if not 0 <= seconds <= LONGEST:
        raise Wrong(f'{value!r} lies outside any run; write seconds since its start, for example "2h"')
    return seconds


def _instants(value: Any, folder: Path) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) > _VERTICES:
        raise Wrong('is no list of times; write ["0s", "15min"]')
    return tuple(_instant(one, folder) for one in value)


def _gauge_every(value: Any, folder: Path) -> float:
    seconds = _duration(value, folder)
    if seconds > 60.0:
        raise Wrong("gauges are read at least every 60 s; write up to 60")
    return seconds


def number(low: float = -math.inf, high: float = math.inf, *, above: bool = False, hint: str = "") -> Key:
    """A number between two, `above` the lower one only."""

    def parse(value: Any, _: Path) -> float:
        found = real(value)
        if not low <= found <= high or (above and found == low):
            lower = f"above {low:g}" if above else f"from {low:g}"
            limits = lower if high == math.inf else f"{lower} to {high:g}"
            raise Wrong(f"{found:g} is out of range; write a number {limits}{hint}")
        return found

    return Key(parse)


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise Wrong(f"{value!r:.60} is no name; write a text in quotes, up to 200 letters")
    return value.strip()


def _flag(value: Any, _: Path) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"{value!r:.40} is neither true nor false")
    return value


def one_of(*words: str) -> Callable[[Any, Path], str]:
    """One of some words."""

    def parse(value: Any, _: Path) -> str:
        if value not in words:
            raise Wrong(f"{value!r:.40} is not known; write {', '.join(words[:-1])} or {words[-1]}")
        return str(value)

    return parse


def file_of(value: Any, folder: Path) -> Path:
    """A file that is there, relative to the case file."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Wrong(f"{value!r:.60} is no file; write its name in quotes, relative to this case file")
    found = folder / value
    try:
        there = found.is_file()
    except OSError:
        there = False
    if not there:
        raise Wrong(f"{value[:200]}: there is no such file beside the case file; check the name and the folder")
    return found


def _number_or_file(low: float, hint: str) -> Callable[[Any, Path], float | Path]:
    def parse(value: Any, folder: Path) -> float | Path:
        if isinstance(value, str):
            return file_of(value, folder)
        found = real(value, "a number or a raster")
        if found < low:
            raise Wrong(f"{found:g} is below {low:g}; {hint}")
        return found

    return parse


def _files(value: Any, folder: Path) -> tuple[Path, ...]:
    if not isinstance(value, list) or not value or len(value) > _VERTICES:
        raise Wrong('is no list of rasters; write ["a.tif", "b.tif"]')
    return tuple(file_of(one, folder) for one in value)


def _point(value: Any, _: Path) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong("is no place; write [x, y] in the terrain's coordinates")
    x, y = (real(one, "a coordinate", "write [x, y] in the terrain's coordinates") for one in value)
    return x, y


def _points(least: int) -> Callable[[Any, Path], Line]:
    def parse(value: Any, folder: Path) -> Line:
        if not isinstance(value, list) or not least <= len(value) <= _VERTICES:
            what = "a line: write [[x1, y1], [x2, y2]]" if least > 1 else "a list of places: write [[x, y]]"
            raise Wrong(f"is no such list of places; {what} in the terrain's coordinates")
        places = tuple(_point(one, folder) for one in value)
        if least > 1 and len(set(places)) < 2:
            raise Wrong("is a line of no length; give it two places apart, or use point = [x, y]")
        return places

    return parse


def _moment(value: Any, _: Path) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Wrong("is no moment with a zone; write 2026-06-21T13:00:00+02:00")
    return value


def _edge(value: Any, folder: Path) -> str | float | Path:
    if isinstance(value, dict):
        if list(value) != ["level"]:
            raise Wrong('is no edge; write "wall", "open" or { level = "tide.csv" }')
        level = value["level"]
        return file_of(level, folder) if isinstance(level, str) else real(level, "a level in metres")
    if value not in ("wall", "open"):
        raise Wrong(f'{value!r:.40} is no edge; write "wall", "open" or {{ level = "tide.csv" }}')
    return str(value)


def _storm(value: Any, _: Path) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Wrong('is no design storm; write storm = { shape = "euler", depth_mm = 40, duration = "1h" }')
    return value


def _thresholds(value: Any, _: Path) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != 3:
        raise Wrong("are no thresholds; write three numbers that rise, like [0.75, 1.25, 2.0]")
    found = tuple(real(one, "a hazard rating", "write three numbers like [0.75, 1.25, 2.0]") for one in value)
    if not 0 < found[0] < found[1] < found[2]:
        raise Wrong("do not rise from above 0; write three numbers that do, like [0.75, 1.25, 2.0]")
    return found


def _crs(value: Any, _: Path) -> str:
    from citymodel.errors import CrsError
    from citymodel.geo import parse_crs

    try:
        return parse_crs(_text(value, Path()))
    except CrsError as wrong:
        raise Wrong(str(wrong)) from None


# --- tables ---

_FILE, _NAME, _LINE, _AT = Key(file_of), Key(_text), Key(_points(2), True), Key(_instant)

TOP: Spec = {
    "terrain": Key(file_of, True),
    "duration": Key(_duration, True),
    "output_every": Key(_duration),
    "manning": Key(_number_or_file(0.0, "Manning's n is never negative, write one like 0.03")),
    "buildings": _FILE,
    "buildings_as": Key(one_of("blocked", "raised", "rough")),
    "buildings_manning": number(0.0, 10.0, above=True),
    "bridges": _FILE,
    "initial_level": Key(_number_or_file(-12_000.0, "write metres in the terrain's heights")),
    "initial_depth": Key(_number_or_file(0.0, "a depth is never negative, write metres from 0 up")),
    "scheme": Key(one_of("second-order", "first-order", "preview")),
    "name": _NAME,
    "crs": Key(_crs),
    "begins": Key(_moment),
    "courant": number(0.0, 1.0, above=True),
    "wet_depth": number(0.0, 10.0, above=True, hint=", metres"),
    "gauge_every": Key(_gauge_every),
    "velocities": Key(_flag),
    "debris_factor": Key(one_of("careful", "urban", "woodland", "pasture", "none")),
    "hazard_thresholds": Key(_thresholds),
}
RAIN: Spec = {
    "name": _NAME, "series": _FILE, "mm_per_hour": number(0.0, 3000.0), "begin": _AT, "end": _AT, "zones": _FILE,
    "rasters": Key(_files), "times": Key(_instants), "every": Key(_duration), "storm": Key(_storm),
    "factor": number(0.0, 10.0, above=True), "roofs": Key(_flag),
}  # fmt: skip
STORM: Spec = {
    "shape": Key(_text, True), "depth_mm": number(0.0, 3000.0, above=True)._replace(needed=True),
    "duration": Key(_duration, True), "step": Key(_duration), "peak": number(0.0, 1.0),
    "uplift_percent": number(-100.0, 1000.0), "begin": _AT,
}  # fmt: skip
"""A design storm."""
INFLOW: Spec = {
    "name": _NAME, "line": Key(_points(2)), "point": Key(_point), "points": Key(_points(1)), "series": _FILE,
    "m3_per_s": number(-1e6, 1e6),
}  # fmt: skip
BOUNDARY: Spec = {side: Key(_edge) for side in ("north", "south", "east", "west")}
GAUGE: Spec = {"name": _NAME, "x": number()._replace(needed=True), "y": number()._replace(needed=True)}
SECTION: Spec = {"name": _NAME, "line": _LINE}
CULVERT: Spec = {
    "name": _NAME, "start": Key(_point, True), "end": Key(_point, True),
    "width": number(0.0, 1000.0, above=True)._replace(needed=True), "invert": number()._replace(needed=True),
    "height": number(0.0, 1000.0, above=True), "capacity": number(0.0), "coefficient": number(0.0, 1.0, above=True),
}  # fmt: skip
WALL: Spec = {"name": _NAME, "line": _LINE, "level": number(), "height": number(0.0, 1000.0, above=True), "at": _AT}
BREACH: Spec = {
    "name": _NAME, "line": _LINE, "level": number()._replace(needed=True), "at": Key(_instant, True),
    "width": number(0.0, 100_000.0),
}  # fmt: skip
GROUND: Spec = {"at": Key(_instant, True), "terrain": Key(file_of, True)}
METHODS = {
    "green-ampt": ("conductivity_mm_per_hour", "suction_m", "deficit"),
    "horton": ("first_mm_per_hour", "last_mm_per_hour", "decay_per_hour"),
    "curve-number": ("curve_number", "initial"),
}
"""The numbers of each infiltration; the table of land cover has the same names."""
INFILTRATION: Spec = {
    "method": Key(one_of(*METHODS), True),
    "conductivity_mm_per_hour": number(0.0, 10_000.0), "suction_m": number(0.0, 10.0), "deficit": number(0.0, 1.0),
    "first_mm_per_hour": number(0.0, 10_000.0), "last_mm_per_hour": number(0.0, 10_000.0),
    "decay_per_hour": number(0.0, 10_000.0), "curve_number": number(0.0, 100.0, above=True),
    "initial": number(0.0, 1.0),
}  # fmt: skip
SEWER: Spec = {"mm_per_hour": number(0.0, 3000.0), "series": _FILE, "zones": _FILE}
LANDCOVER: Spec = {"raster": Key(file_of, True), "table": Key(file_of, True)}

LISTS: Mapping[str, Spec] = {
    "rain": RAIN, "inflow": INFLOW, "gauge": GAUGE, "section": SECTION, "culvert": CULVERT, "wall": WALL,
    "breach": BREACH, "ground": GROUND,
}  # fmt: skip
TABLES: Mapping[str, Spec] = {
    "boundary": BOUNDARY, "infiltration": INFILTRATION, "sewer": SEWER, "landcover": LANDCOVER,
}  # fmt: skip
EXAMPLES = {
    "shape": '"euler"', "depth_mm": "40.0",
    "terrain": '"dem.tif"', "duration": '"12h"', "x": "250.0", "y": "250.0", "line": "[[0.0, 0.0], [0.0, 100.0]]",
    "start": "[10.0, 20.0]", "end": "[10.0, 60.0]", "width": "2.0", "invert": "31.5", "level": "34.0", "at": '"1h"',
    "method": '"green-ampt"', "raster": '"landcover.tif"', "table": '"landcover.csv"',
}  # fmt: skip
