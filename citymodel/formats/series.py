"""Series in time from CSV files: rain, discharge and water level, each with its unit in the header."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError

F8 = NDArray[np.float64]

BYTES_AT_MOST = 64_000_000
ROWS_AT_MOST = 1_000_000
COLUMNS_AT_MOST = 10_000
_GAP = 3.0  # times the usual step
_MISSING = frozenset((-999.0, -9999.0, -99999.0))

UNITS = {
    "rain": {
        "mm_per_hour": 1.0, "mm_per_h": 1.0, "mm_per_min": 60.0, "mm_per_s": 3600.0, "mm_per_day": 1 / 24.0,
        "m_per_s": 3.6e6,
    },
    "inflow": {"m3_per_s": 1.0, "cumecs": 1.0, "l_per_s": 1e-3, "m3_per_h": 1 / 3600.0, "m3_per_hour": 1 / 3600.0},
    "level": {"level_m": 1.0, "m": 1.0, "level_cm": 0.01, "cm": 0.01, "level_mm": 1e-3, "mm": 1e-3},
}  # fmt: skip
"""What a column's name may end in, and what makes mm/h, m³/s and m of it."""
WANTED = {"rain": "mm_per_hour", "inflow": "m3_per_s or l_per_s", "level": "level_m"}
_TIMES = {
    "s": 1.0, "seconds": 1.0, "second": 1.0, "sec": 1.0, "secs": 1.0,
    "min": 60.0, "minutes": 60.0, "minute": 60.0, "mins": 60.0, "h": 3600.0, "hours": 3600.0, "hour": 3600.0,
    "hr": 3600.0, "hrs": 3600.0, "days": 86400.0, "day": 86400.0,
}  # fmt: skip
_CLOCKS = ("time", "datetime", "date", "timestamp", "moment", "date_time")


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """A quantity in time.

    times : (n,) float64 seconds, rising; values : (n, columns) float64 in mm/h, m³/s or m
    columns : each column's name without its unit; lines : (n,) line of the file of each row
    notes : plain lines on what a reader has to know
    """

    path: Path
    quantity: str
    times: F8
    values: F8
    columns: tuple[str, ...]
    lines: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    @property
    def one(self) -> F8:
        """(n,) the only column."""
        return np.ascontiguousarray(self.values[:, 0])


def read_series(path: str | Path, quantity: str, begins: datetime | None = None, *, several: bool = False) -> Series:
    """A series of "rain", "inflow" or "level".

    The first line names the columns and their units: ``seconds,mm_per_hour``, ``Time (s),Rainfall intensity (mm/hr)``,
    ``minutes;l_per_s``, ``time,level_m`` with ISO 8601 moments. Commas, semicolons or tabs; with the latter two a
    comma may mark decimals. Lines that begin with # are comments.

    Parameters
    ----------
    begins : moment of second 0, for files whose times are moments
    several : one column a zone, each named by its number: ``seconds,mm_per_hour_1,mm_per_hour_2``
    """
    path = Path(path)
    rows = _rows(path)
    number, head = next(rows, (1, []))
    if not head:
        raise FormatError(path, "", f"holds no rows; write a line seconds,{WANTED[quantity].split()[0]} and rows below")
    at, scale, places, factors, names = _columns(path, number, head, quantity, several)
    times: list[float] = []
    values: list[list[float]] = []
    lines: list[int] = []
    for number, row in rows:
        if len(times) >= ROWS_AT_MOST:
            raise FormatError(path, f"line {number}", f"is row {ROWS_AT_MOST + 1:,}; take wider steps")
        time = _time(path, number, _cell(path, number, row, at, head), scale, begins)
        if times and time <= times[-1]:
            back = "repeats the time of" if time == times[-1] else "comes before"
            raise FormatError(
                path, f"line {number}", f"{time:g} s {back} line {lines[-1]} ({times[-1]:g} s); time runs forwards, "
                "sort the rows and keep one for each time",
            )  # fmt: skip
        found = [_number(path, number, _cell(path, number, row, k, head), head[k]) for k in places]
        if not _MISSING.isdisjoint(found):
            raise FormatError(
                path, f"line {number}", f"{min(found):g} marks a missing value in most series; mend the gap or drop "
                "the row",
            )  # fmt: skip
        times.append(time)
        values.append(found)
        lines.append(number)
    if not times:
        raise FormatError(path, "", "has a header and no rows below it; write a time and a value in each")
    table = np.array(values, np.float64) * np.array(factors)
    series = Series(path, quantity, np.array(times), table, names, np.array(lines, np.int64))
    _check_values(series)
    return Series(path, quantity, series.times, table, names, series.lines, tuple(_notes(series)))


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that holds from a time on; None, written as none, where nothing does."""

    time: float
    path: Path | None
    line: int


def read_files(path: str | Path, begins: datetime | None = None, *, clock: bool = True) -> tuple[FileRow, ...]:
    """Rasters in time from a CSV with the columns seconds (or time) and file; paths relative to it.

    clock : read the times too; without it they are the rows' numbers
    """
    path = Path(path)
    rows = _rows(path)
    number, head = next(rows, (1, []))
    plain = [_plain(name) for name in head]
    files = [k for k, name in enumerate(plain) if name in ("file", "raster", "path")]
    times = _time_column(plain)
    if len(files) != 1 or times is None:
        raise FormatError(path, f"line {number}", "needs the columns seconds and file: seconds,file")
    found: list[FileRow] = []
    for number, row in rows:
        text = _cell(path, number, row, times[0], head)
        time = _time(path, number, text, times[1], begins) if clock else float(number)
        if found and time <= found[-1].time:
            raise FormatError(path, f"line {number}", f"{time:g} s does not come after {found[-1].time:g} s; sort rows")
        if len(found) >= ROWS_AT_MOST:
            raise FormatError(path, f"line {number}", f"is row {ROWS_AT_MOST + 1:,}; take wider steps")
        name = _cell(path, number, row, files[0], head)
        if name.lower() == "none":
            found.append(FileRow(time, None, number))
            continue
        file = path.parent / name
        if not file.is_file():
            raise FormatError(path, f"line {number}", f"{name[:100]}: there is no such file beside it; check the name")
        found.append(FileRow(time, file, number))
    if not found:
        raise FormatError(path, "", "has a header and no rows below it; write a time and a raster in each")
    return tuple(found)


def names_files(path: str | Path) -> bool:
    """Whether a CSV's header names rasters instead of values."""
    _, head = next(_rows(Path(path)), (1, []))
    return any(_plain(name) in ("file", "raster", "path") for name in head)


@dataclass(frozen=True, eq=False, slots=True)
class ClassTable:
    """Numbers by class of land cover.

    classes : (n,) whole numbers; columns : name → (n,) float64, NaN where a cell is empty
    """

    path: Path
    classes: NDArray[np.int64]
    columns: dict[str, F8]


def read_classes(path: str | Path) -> ClassTable:
    """A table of a column class and columns of numbers, a row a class of land cover; texts are left out."""
    path = Path(path)
    rows = _rows(path)
    number, head = next(rows, (1, []))
    plain = [_plain(name) for name in head]
    if "class" not in plain:
        raise FormatError(path, f"line {number}", "has no column class; write class,name,manning,… and a row for each")
    key = plain.index("class")
    classes: list[int] = []
    texts: list[list[str]] = []
    for number, row in rows:
        value = _number(path, number, _cell(path, number, row, key, head), "class")
        if value != round(value) or abs(value) > 2**31:
            raise FormatError(path, f"line {number}", f"class {value:g} is no whole number")
        if int(value) in classes:
            raise FormatError(path, f"line {number}", f"class {value:g} stands there twice; keep one row")
        classes.append(int(value))
        texts.append([row[k].strip() if k < len(row) else "" for k in range(len(head))])
        if len(classes) > 10_000:
            raise FormatError(path, f"line {number}", "more than 10,000 classes are no land cover")
    if not classes:
        raise FormatError(path, "", "has a header and no rows below it; write a row for each class")
    columns = {}
    for k, name in enumerate(plain):
        cells = [_or_none(line[k]) for line in texts]
        if k != key and name and any(one is not None for one in cells):
            columns[name] = np.array([math.nan if one is None else one for one in cells])
    return ClassTable(path, np.array(classes, np.int64), columns)


# --- rows and cells ---


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines of cells with their number, comments and empty ones left out."""
    if not path.is_file():
        raise FormatError(path, "", "is a folder; name a file in it" if path.is_dir() else
                          "there is no such file; check the name and the folder")  # fmt: skip
    if path.stat().st_size > BYTES_AT_MOST:
        raise FormatError(path, "", f"is larger than {BYTES_AT_MOST / 1e6:.0f} MB; take wider steps")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except UnicodeDecodeError:
        raise FormatError(path, "", "is no text in UTF-8; save it as CSV UTF-8 again") from None
    if "\0" in text:
        raise FormatError(path, "", "is no text; give a CSV with a header")
    mark, width = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        mark = mark or next((one for one in (";", "\t") if one in line), ",")
        try:
            row = next(csv.reader([line], delimiter=mark, strict=True))
        except csv.Error as wrong:
            raise FormatError(path, f"line {number}", f"cannot be read as a row ({wrong}); check the quotes") from None
        if len(row) > COLUMNS_AT_MOST:
            raise FormatError(path, f"line {number}", f"has more than {COLUMNS_AT_MOST:,} columns; take fewer")
        cells = [cell.strip() for cell in row]
        width = width or len(cells)
        if any(cells[width:]):
            raise FormatError(
                path, f"line {number}", f"has {len(cells)} cells below a header of {width}; are commas the decimal "
                "marks? Part the columns by semicolons then, or write 1.5 for 1,5",
            )  # fmt: skip
        if any(cells):
            yield number, [_point(cell) for cell in cells] if mark != "," else cells


def _point(cell: str) -> str:
    """A decimal comma as a point."""
    return cell.replace(",", ".") if re.fullmatch(r"[-+]?\d*,\d+", cell) else cell


def _cell(path: Path, number: int, row: Sequence[str], k: int, head: Sequence[str]) -> str:
    text = row[k] if k < len(row) else ""
    if not text:
        raise FormatError(path, f"line {number}", f"the cell of {head[k]} is empty; write its value or drop the row")
    return text


def _number(path: Path, number: int, text: str, name: str) -> float:
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        raise FormatError(
            path, f"line {number}", f"{text[:40]!r} is no number for {name}; write one like 12.5"
        ) from None
    if not math.isfinite(value):
        raise FormatError(
            path, f"line {number}", f"{text[:40]!r} is no number for {name}; mend the gap or drop the row"
        )
    return value


def _or_none(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _time(path: Path, number: int, text: str, scale: float, begins: datetime | None) -> float:
    """Seconds since the start of a cell."""
    if scale:
        value = _number(path, number, text, "the time") * scale
        if abs(value) > 1e10:
            raise FormatError(path, f"line {number}", f"{value:g} s is more than 300 years; count from the start")
        return value
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FormatError(
            path, f"line {number}", f"{text[:40]!r} is no moment like 2026-06-21T13:00+02:00; for numbers name the "
            "column seconds, minutes or hours",
        ) from None  # fmt: skip
    if moment.tzinfo is None:
        raise FormatError(path, f"line {number}", f"{text[:40]!r} names no zone; write +02:00 or Z behind it")
    if begins is None:
        raise FormatError(path, f"line {number}", "gives moments, and the case does not say when it begins; add begins")
    return (moment - begins).total_seconds()


# --- headers ---


def _plain(name: str) -> str:
    """A column's name in lower case with words apart by underscores: "Rain (mm/hr)" → "rain_mm_per_hour"."""
    text = name.lower().replace("³", "3").replace("^", "").replace("**", "").replace("⁻¹", "-1")
    text = re.sub(r"\b(h|hr|hour|s|sec)-1\b", r"per_\1", text)
    text = re.sub(r"\s*/\s*", "_per_", text)
    text = re.sub(r"[^a-z0-9_.]+", "_", text).strip("_")
    text = re.sub(r"_per_(hr|hrs|hours)(?=_|$)", "_per_hour", text)
    return re.sub(r"_per_(sec|second|seconds)(?=_|$)", "_per_s", text)


def _time_column(plain: Sequence[str]) -> tuple[int, float] | None:
    """Place and seconds a unit of the column of times, 0 for moments."""
    return next(iter(_time_columns(plain)), None)


def _time_columns(plain: Sequence[str]) -> list[tuple[int, float]]:
    """All columns of numbers of time; those of moments where there are none."""
    found = []
    for k, name in enumerate(plain):
        last = name.rsplit("_", 1)[-1]
        is_time = name in _TIMES or (last in _TIMES and name.split("_")[0] in ("time", "t", "elapsed", "seconds"))
        if is_time and "_per_" not in name:
            found.append((k, _TIMES[last]))
    return found or [(k, 0.0) for k, name in enumerate(plain) if name in _CLOCKS]


def _unit(name: str, quantity: str) -> tuple[str, float] | None:
    """The rest of a name and its factor where it ends, or begins, in a unit of the quantity."""
    for unit in sorted(UNITS[quantity], key=len, reverse=True):
        if name == unit or name.endswith(f"_{unit}"):
            return name.removesuffix(unit).strip("_"), UNITS[quantity][unit]
        found = re.fullmatch(rf"(.*_)?{unit}_(zone_)?(\d+)", name)
        if found:
            return found[3], UNITS[quantity][unit]
    return None


def _columns(
    path: Path, number: int, head: Sequence[str], quantity: str, several: bool
) -> tuple[int, float, list[int], list[float], tuple[str, ...]]:
    """Place and scale of the time, and places, factors and names of the values."""
    where, plain = f"line {number}", [_plain(name) for name in head]
    known = "understood are m3_per_s, l_per_s, mm_per_hour, level_m, and names that end in a unit like Flow (m3/s)"
    if all(_or_none(cell) is not None for cell in head):
        raise FormatError(
            path, where, f"has no header, so its unit is unknown; write seconds,{WANTED[quantity].split()[0]} as the "
            f"first line ({known})",
        )  # fmt: skip
    clock = _time_column(plain)
    if clock is None:
        raise FormatError(
            path, where, f"has no column of times among {', '.join(head)[:80]}; name one seconds, minutes, hours, or "
            "time for moments like 2026-06-21T13:00+02:00",
        )  # fmt: skip
    clocks = [head[k] for k, _ in _time_columns(plain)]
    if len(clocks) > 1:
        raise FormatError(path, where, f"has {len(clocks)} columns of time ({', '.join(clocks)[:80]}); keep one")
    found = [(k, hit) for k, name in enumerate(plain) if k != clock[0] and (hit := _unit(name, quantity))]
    if not found:
        others = [(head[k], q) for k, name in enumerate(plain) for q in UNITS if k != clock[0] and _unit(name, q)]
        if others:
            said = f"{others[0][0]} is no unit of {quantity}; {WANTED[quantity]} is needed"
        else:
            names = ", ".join(name for k, name in enumerate(head) if k != clock[0])[:80] or "no second column"
            said = f"no column says its unit ({names}); name it {WANTED[quantity]}: {known}"
        raise FormatError(path, where, said)
    if len(found) > 1 and not several:
        raise FormatError(
            path, where, f"has {len(found)} columns of {quantity}; keep one, or say which cells each is for with zones"
        )
    rest = tuple(hit[0] for _, hit in found)
    return clock[0], clock[1], [k for k, _ in found], [hit[1] for _, hit in found], rest


# --- what the numbers say ---


def _check_values(series: Series) -> None:
    """Refuse what cannot be."""
    if series.quantity == "rain" and (series.values < 0).any():
        row = int(np.argmax((series.values < 0).any(axis=1)))
        raise FormatError(
            series.path, f"line {series.lines[row]}", f"{series.values[row].min():g} mm/h: rain does not fall upwards; "
            "write 0 or more",
        )  # fmt: skip
    beyond = np.abs(series.values) > 1e7
    if beyond.any():
        row = int(np.argmax(beyond.any(axis=1)))
        raise FormatError(
            series.path, f"line {series.lines[row]}", f"{series.values[row][beyond[row]][0]:g} is beyond all floods; "
            "check the unit",
        )  # fmt: skip


_LIKELY = {"rain": (500.0, "mm/h", "rained"), "inflow": (50_000.0, "m³/s", "flowed"), "level": (9_000.0, "m", "stood")}


def _notes(series: Series) -> Iterator[str]:
    """Doubts: gaps, and values that hardly any flood has seen."""
    steps, name = np.diff(series.times), series.path.name
    if len(steps) >= 4:
        usual = float(np.median(steps))
        regular = np.isclose(steps, usual, rtol=0.05).mean() >= 0.6
        for k in np.flatnonzero(steps > _GAP * usual)[:3] if regular else ():
            what = "holds the value before" if series.quantity == "rain" else "is drawn straight across"
            yield (
                f"{name}: a gap of {steps[k]:g} s before line {series.lines[k + 1]}, elsewhere {usual:g} s; "
                f"the series {what} it"
            )
    limit, unit, did = _LIKELY[series.quantity]
    if np.abs(series.values).max() > limit:
        yield f"{name}: {np.abs(series.values).max():g} {unit} has hardly ever {did}; check the unit"
