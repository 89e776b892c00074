"""Series of sunlight from a CSV file: time, direct normal and diffuse irradiance."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError

COLUMNS = ("time", "dni", "dhi")
_BRIGHTEST = 1500.0  # W/m²; above the solar constant a value is no irradiance


class Series(NamedTuple):
    """times : with a zone, as in the file; dni, dhi : (n,) W/m²."""

    times: list[datetime]
    dni: NDArray[np.float64]
    dhi: NDArray[np.float64]


def read_series(path: str | Path, zone: str | None = None) -> Series:
    """The columns time (ISO 8601), dni and dhi (W/m²) of a CSV file with a header, by comma or semicolon.

    zone : of times that name none; an hour that the clock skips or doubles is the first of the two
    """
    from citymodel.sun import zone as zone_of

    path = Path(path)
    local = zone_of(zone) if zone else UTC
    times: list[datetime] = []
    values: list[tuple[float, float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            names = [name.strip().lower() for name in next(csv.reader([head], delimiter=_mark(head)), [])]
            if any(name not in names for name in COLUMNS):
                raise FormatError(path, "line 1", f"has the columns {', '.join(names)}; time, dni and dhi are needed")
            place = [names.index(name) for name in COLUMNS]
            for number, row in enumerate(csv.reader(file, delimiter=_mark(head)), 2):
                if row:
                    moment, dni, dhi = _row(path, number, row, place)
                    times.append(moment if moment.tzinfo else moment.replace(tzinfo=local))
                    values.append((dni, dhi))
    except UnicodeDecodeError as wrong:
        raise FormatError(path, "", "is no text in UTF-8; save it as CSV again") from wrong
    if not times:
        raise FormatError(path, "", "holds no rows")
    table = np.array(values)
    return Series(times, table[:, 0].copy(), table[:, 1].copy())


def _mark(head: str) -> str:
    return ";" if head.count(";") > head.count(",") else ","


def _row(path: Path, number: int, row: list[str], place: list[int]) -> tuple[datetime, float, float]:
    where = f"line {number}"
    try:
        text, *cells = (row[k].strip() for k in place)
        moment = datetime.fromisoformat(text)
        dni, dhi = (float(cell) for cell in cells)
    except (IndexError, ValueError):
        raise FormatError(path, where, "needs a time like 2026-06-21T13:00+01:00 and two numbers") from None
    if not all(math.isfinite(v) and -20.0 <= v <= _BRIGHTEST for v in (dni, dhi)):
        raise FormatError(path, where, f"{dni:g} and {dhi:g} W/m² are no sunlight; 0 to {_BRIGHTEST:g} is")
    return moment, max(dni, 0.0), max(dhi, 0.0)
