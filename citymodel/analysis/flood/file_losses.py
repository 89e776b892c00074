"""What a case file lets go away: infiltration, by land cover or the same everywhere, and what drains take."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.file_ground import Ground
from citymodel.analysis.flood.file_rain import Hyetograph, by_zone
from citymodel.analysis.flood.placing import nearest, whole_numbers
from citymodel.errors import ParameterError
from citymodel.formats.flood_case_keys import METHODS
from citymodel.formats.series import read_classes, read_series
from kernels.flood_sources import GreenAmpt, Horton, Rain, Sewer, Source, excess

if TYPE_CHECKING:
    from citymodel.formats.flood_case import CaseFile

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

MOST = {
    "conductivity_mm_per_hour": 1e4, "suction_m": 10.0, "deficit": 1.0, "first_mm_per_hour": 1e4,
    "last_mm_per_hour": 1e4, "decay_per_hour": 1e4, "curve_number": 100.0, "manning": 10.0,
}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Cover:
    """Land cover on the grid: rows (rows, cols) the table's row of each cell, and its columns of numbers."""

    rows: I8
    columns: dict[str, F8]
    name: str

    def column(self, name: str) -> F8:
        """A column of the table, none of it missing where a cell has that class."""
        if name not in self.columns:
            raise ParameterError(f"{self.name}: has no column {name}; its columns are {', '.join(self.columns)}")
        values = self.columns[name]
        used = np.unique(self.rows)
        bad = [k for k in used if not 0 <= values[k] <= MOST[name]]
        if bad:
            said = "is empty" if math.isnan(values[bad[0]]) else f"{values[bad[0]]:g} is out of range"
            raise ParameterError(f"{self.name}: {name} of row {bad[0] + 1} {said}; write 0 to {MOST[name]:g}")
        return np.nan_to_num(values)


def cover_of(file: CaseFile, ground: Ground) -> Cover | None:
    """The land cover of a case."""
    if file.landcover is None:
        return None
    table = read_classes(file.landcover.table)
    free = ground.free
    classes = whole_numbers(nearest(file.landcover.raster, ground.grid), free, file.landcover.raster, ground.grid,
                            "class of land cover")  # fmt: skip
    order = np.argsort(table.classes)
    at = np.searchsorted(table.classes[order], classes)
    at = np.minimum(at, len(order) - 1)
    known = table.classes[order][at] == classes
    if not known[free].all():
        odd = classes[free & ~known][0]
        raise ParameterError(
            f"{file.landcover.table}: has no row for class {odd}, which {file.landcover.raster.name} holds; add one"
        )
    rows = np.where(free, order[at], order[at][free][0])
    return Cover(rows, table.columns, str(file.landcover.table))


def infiltration_of(file: CaseFile, cover: Cover | None) -> Source | None:
    """Soil that takes water up; None without it, and for curve numbers, which change the rain."""
    losses = file.infiltration
    if losses is None or losses.method == "curve-number":
        return None
    names = METHODS[losses.method]
    zones, numbers = _numbers(losses.numbers, names, cover)
    try:
        if losses.method == "green-ampt":
            return GreenAmpt(numbers[0], numbers[1], numbers[2], zones)
        return Horton(numbers[0], numbers[1], numbers[2], zones)
    except ValueError as wrong:
        words = str(wrong).removeprefix("infiltration: ")
        raise ParameterError(f"{file.path}: [infiltration]: {words}") from None


def _numbers(given: Any, names: tuple[str, ...], cover: Cover | None) -> tuple[I8 | None, list[Any]]:
    """Zones and a number, or one a class, of each name."""
    if given:
        return None, [given[name] for name in names]
    assert cover is not None
    return cover.rows, [cover.column(name) for name in names]


def run_off(file: CaseFile, rains: list[Hyetograph], cover: Cover | None) -> list[Hyetograph]:
    """The rains less what the SCS curve number holds back; the rains themselves without it."""
    losses = file.infiltration
    if losses is None or losses.method != "curve-number" or not rains:
        return rains
    if len(rains) > 1:
        raise ParameterError(
            f"{file.path}: [infiltration]: the curve number counts with all rain together, and there are "
            f"{len(rains)} [[rain]]; make one series of them"
        )
    initial = losses.numbers.get("initial", 0.2)
    if "curve_number" in losses.numbers:
        classes, number = None, np.array([losses.numbers["curve_number"]])
    else:
        assert cover is not None
        classes, number = cover.rows, cover.column("curve_number")
        unused = np.setdiff1d(np.arange(len(number)), classes)
        number[unused] = 100.0
    if (number <= 0).any():
        raise ParameterError(f"{file.path}: [infiltration]: a curve number of 0; write above 0, up to 100")
    rain = _until(rains[0], file.duration)
    if len(rain.times) < 2:
        return rains
    parts = [excess(rain.times, column, number.tolist(), initial) for column in rain.rates.T]
    rates = np.concatenate([part[1] for part in parts], axis=1)
    if rates.size > 50_000_000:
        raise ParameterError(f"{file.path}: [infiltration]: too many zones of rain for curve numbers; take fewer")
    zones = None if rain.zones is None else rain.zones * len(number)
    if classes is not None:
        zones = classes if zones is None else zones + classes
    return [Hyetograph(parts[0][0], rates, zones)]


def _until(rain: Hyetograph, end: float) -> Hyetograph:
    """The rain up to a time."""
    if rain.times[-1] <= end:
        return rain
    keep = rain.times < end
    return Hyetograph(
        np.append(rain.times[keep], end), np.concatenate([rain.rates[keep], rain.rates[:1] * 0]), rain.zones
    )


@dataclass(frozen=True, slots=True, eq=False)
class TimedSewer(Source):
    """Drains whose capacity changes in time, mm/h: each row's until the next, none after the last."""

    times: Any
    rates: Any
    zones: Any = None
    name: str = "sewer"
    _capacity: Rain = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_capacity", Rain(self.times, self.rates, name=self.name))

    def channels(self) -> int:
        return self._capacity.channels()

    def next_break(self, time: float) -> float:
        return self._capacity.next_break(time)

    def curve(self, begin: float, end: float) -> np.ndarray:
        return self._capacity.curve(begin, end)


def sewer_of(file: CaseFile, ground: Ground) -> Source | None:
    """What drains take."""
    if file.sewer is None:
        return None
    if file.sewer.mm_per_hour is not None:
        return Sewer(file.sewer.mm_per_hour)
    assert file.sewer.series is not None
    series = read_series(file.sewer.series, "rain", file.begins, several=file.sewer.zones is not None)
    ground.notes.extend(series.notes)
    values, zones = series.values, None
    if file.sewer.zones is not None:
        values, zones = by_zone(series, file.sewer.zones, ground, "drain")
    if series.times[-1] < file.duration and values[-1].any():
        ground.notes.append(f"sewer: its series ends at {series.times[-1]:g} s; drains take nothing after it")
    return TimedSewer(series.times, values if zones is not None else values[:, 0], zones)
