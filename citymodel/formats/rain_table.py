"""Tables of rain depths by duration and return period: CSV of any weather service, and NOAA Atlas 14 as it comes."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError

F8 = NDArray[np.float64]
LARGEST = 1_000_000
"""Bytes of a file that may still be such a table."""
DEEPEST = 3000.0
"""Millimetres above which a depth is no rain; the heaviest ever measured in a day are near 1,800."""
_DURATION = re.compile(r"^\D*?(\d+(?:[.,]\d+)?)\s*-?\s*([a-zäöü]*)\.?:?$", re.IGNORECASE)
_MINUTES = {
    "": 1.0, "m": 1.0, "min": 1.0, "mins": 1.0, "minuten": 1.0, "minutes": 1.0, "minute": 1.0,
    "h": 60.0, "hr": 60.0, "hrs": 60.0, "hour": 60.0, "hours": 60.0, "std": 60.0, "stunden": 60.0, "stunde": 60.0,
    "d": 1440.0, "day": 1440.0, "days": 1440.0, "tag": 1440.0, "tage": 1440.0,
}  # fmt: skip
_PERIOD = re.compile(r"^(?:[A-Za-z_]*[ _]?)(\d+(?:[.,]\d+)?)\s*-?\s*(a|y|yr|yrs|years?|jahre?)?\.?$", re.IGNORECASE)


class RainTable(NamedTuple):
    """Depths of rain.

    minutes : (n,) durations, rising; years : (m,) return periods, rising; depths : (n, m) mm
    name : of the file
    """

    minutes: F8
    years: F8
    depths: F8
    name: str


def read_rain_table(path: str | Path) -> RainTable:
    """The table of a CSV file: a row a duration, a column a return period in years, depths in mm.

    Durations are minutes where they name no unit (``5``, ``30 min``, ``2h``, ``1-day``). Lines before the head are
    passed over; depths are inches where these or the head say so. Commas, semicolons (with decimal commas) or tabs.
    """
    path = Path(path)
    lines = _lines(path)
    start, years = _head(path, lines)
    inches = any(
        re.search(r"\b(in|inch|inches)\b", " ".join(row), re.IGNORECASE) and "mm" not in " ".join(row).lower()
        for _, row in lines[: start + 1]
    )
    minutes: list[float] = []
    depths: list[list[float | None]] = []
    for number, row in lines[start + 1 :]:
        duration = _duration(row[0])
        values = [_number(cell) for cell in row[1 : len(years) + 1]]
        if duration is None or len(values) < len(years) or any(value is None for value in values):
            if not minutes or any(value is not None for value in values):
                raise FormatError(path, f"line {number}", f"needs a duration and {len(years)} depths, a number each")
            break  # what stands below the table
        minutes.append(duration)
        depths.append(values)
    if not minutes:
        raise FormatError(path, "", "holds no row of rain depths below its head")
    table = np.array(depths, np.float64) * (25.4 if inches else 1.0)
    return _checked(path, np.array(minutes), np.array(years), table)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Line numbers and cells of all lines that hold something."""
    try:
        if path.stat().st_size > LARGEST:
            raise FormatError(path, "", f"has {path.stat().st_size:,} bytes; a table of rain is a small CSV file")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")
    except OSError as wrong:
        raise FormatError(path, "", f"cannot be read: {wrong.strerror}") from wrong
    counts = {mark: text.count(mark) for mark in (";", "\t", ",")}
    mark = ";" if counts[";"] else "\t" if counts["\t"] else ","
    found = []
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=mark), 1):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
    return found


def _head(path: Path, lines: list[tuple[int, list[str]]]) -> tuple[int, list[float]]:
    """The first row whose cells but the first are return periods, and these."""
    for at, (_, row) in enumerate(lines):
        periods = [_period(cell) for cell in row[1:]]
        word = _number(row[0]) is None or not row[0]
        if periods and all(one is not None and one > 0 for one in periods) and word and _duration(row[0]) is None:
            return at, [float(one) for one in periods if one is not None]
    raise FormatError(path, "", "has no head with return periods in years, like: duration_min,2,10,30,100")


def _duration(text: str) -> float | None:
    found = _DURATION.match(text.strip())
    if not found or found[2].lower() not in _MINUTES:
        return None
    return float(found[1].replace(",", ".")) * _MINUTES[found[2].lower()]


def _period(text: str) -> float | None:
    found = _PERIOD.match(text)
    return float(found[1].replace(",", ".")) if found else None


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _checked(path: Path, minutes: F8, years: F8, depths: F8) -> RainTable:
    rows, columns = np.argsort(minutes, kind="stable"), np.argsort(years, kind="stable")
    minutes, years, depths = minutes[rows], years[columns], depths[rows][:, columns]
    if (np.diff(minutes) <= 0).any() or minutes[0] <= 0:
        raise FormatError(path, "", "names a duration twice or one of 0; one row for each duration")
    if (np.diff(years) <= 0).any():
        raise FormatError(path, "", "names a return period twice; one column for each")
    if not (depths > 0).all() or depths.max() > DEEPEST:
        raise FormatError(path, "", f"holds depths from {depths.min():g} to {depths.max():g} mm; give mm above 0")
    if (np.diff(depths, axis=0) < 0).any():
        at = int(np.argmax((np.diff(depths, axis=0) < 0).any(axis=1))) + 1
        raise FormatError(
            path, f"{minutes[at]:g} min", "is less rain than of the duration before; give depths in mm, not rates"
        )
    if (np.diff(depths, axis=1) < 0).any():
        raise FormatError(path, "", "has less rain for a rarer return period; check the order of the columns")
    return RainTable(minutes, years, depths, path.name)
