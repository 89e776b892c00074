"""The rain of a case file: series, constants, rasters in time, zones and design storms, as sources of the flood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.file_ground import Ground
from citymodel.analysis.flood.placing import first, nearest, pixels, read_raster
from citymodel.errors import ParameterError, ResourceError
from citymodel.formats.flood_case_keys import LONGEST
from citymodel.formats.series import Series, names_files, read_files, read_series
from kernels.flood_sources import Rain

if TYPE_CHECKING:
    from citymodel.formats.flood_case import CaseFile, RainEntry

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

NUMBERS_AT_MOST = 50_000_000
"""Rates of one rain in time and place; 0.4 GB."""


@dataclass(frozen=True, eq=False, slots=True)
class Hyetograph:
    """Rain in time and place: times (n,) s, rates (n, columns) mm/h, zones (rows, cols) the column of each cell."""

    times: F8
    rates: F8
    zones: I8 | None = None


def rains_of(file: CaseFile, ground: Ground) -> list[tuple[RainEntry, Hyetograph]]:
    """The rains of a case, notes added to the ground's."""
    found = [(one, _rain(file, one, ground)) for one in file.rain]
    for one, rain in found:
        _tell(file, one, rain, ground)
    return found


def source_of(entry: RainEntry, rain: Hyetograph) -> Rain:
    """The rain as the kernel takes it."""
    rates = rain.rates if rain.zones is not None else rain.rates[:, 0]
    return Rain(rain.times, rates, rain.zones, roofs=entry.roofs, name=entry.name)


def _rain(file: CaseFile, one: RainEntry, ground: Ground) -> Hyetograph:
    if one.mm_per_hour is not None:
        end = LONGEST if one.end is None else one.end  # not the run's, so that a longer one may go on from its state
        rain = Hyetograph(np.array([one.begin, end]), np.array([[one.mm_per_hour], [0.0]]))
    elif one.storm is not None:
        rain = _of_storm(file, one, ground)
    elif one.rasters:
        rain = _of_rasters([*one.rasters, None], np.array(one.times), ground, file.path)
    elif one.series is not None and names_files(one.series):
        rows = read_files(one.series, file.begins)
        rain = _of_rasters([row.path for row in rows], np.array([row.time for row in rows]), ground, one.series)
    else:
        assert one.series is not None
        rain = _of_series(one.series, one.zones, file.begins, ground)
    return Hyetograph(rain.times, rain.rates * one.factor, rain.zones)


def _of_storm(file: CaseFile, one: RainEntry, ground: Ground) -> Hyetograph:
    from citymodel.analysis.flood.storms import PEAK, storm

    given = one.storm or {}
    try:
        made = storm(
            given["shape"], given["depth_mm"], given["duration"] / 60.0, given.get("step", 300.0) / 60.0,
            peak=given.get("peak", PEAK),
        ).stronger(given.get("uplift_percent", 0.0))  # fmt: skip
    except ParameterError as wrong:
        raise ParameterError(f"{file.path}: [[rain]] {one.name}: storm: {wrong}") from None
    ground.notes.append(f"{one.name}: {made.name}")
    return Hyetograph(made.times + given.get("begin", 0.0), made.rates[:, None])


def _of_series(path: Path, zones: Path | None, begins: datetime | None, ground: Ground) -> Hyetograph:
    series = read_series(path, "rain", begins, several=zones is not None)
    ground.notes.extend(series.notes)
    if zones is None:
        return Hyetograph(series.times, series.values)
    values, where = by_zone(series, zones, ground, "rain")
    return Hyetograph(series.times, values, where)


def by_zone(series: Series, path: Path, ground: Ground, what: str) -> tuple[F8, I8]:
    """(n, columns) values, the last of them 0 for cells without a zone, and the column of each cell."""
    numbers = [_zone_number(series, name) for name in series.columns]
    if len(set(numbers)) < len(numbers):
        raise ParameterError(f"{series.path}: two columns are for one zone; keep one for each")
    found = nearest(path, ground.grid)
    where = np.full(ground.grid.shape, len(numbers), np.int64)
    for column, number in enumerate(numbers):
        where[found == number] = column
    nowhere = ground.free & (where == len(numbers))
    unknown = nowhere & np.isfinite(found)
    if unknown.any():
        raise ParameterError(
            f"{path}: zone {found[unknown][0]:g} at {first(ground.grid, unknown)} has no column in {series.path}; its "
            f"columns are for {', '.join(f'{one:g}' for one in numbers)[:80]}"
        )
    if nowhere.any():
        ground.notes.append(f"{path.name}: {int(nowhere.sum()):,} cells have no zone, there is no {what} on them")
    return np.column_stack([series.values, np.zeros(len(series.times))]), where


def _zone_number(series: Series, name: str) -> int:
    found = re.findall(r"\d+", name)
    if len(found) != 1:
        raise ParameterError(
            f"{series.path}: column {name or 'without a number'!r} names no zone; name them like mm_per_hour_1, with "
            "the number that the zones raster has"
        )
    return int(found[0])


def _of_rasters(paths: list[Path | None], times: F8, ground: Ground, owner: Path) -> Hyetograph:
    """Rain of rasters in time, each cell of theirs a zone; None is no rain."""
    read = [None if path is None else read_raster(path, ground.grid) for path in paths]
    known = next((one for one in read if one is not None), None)
    if known is None:
        raise ParameterError(f"{owner}: names no raster of rain")
    rows, columns = pixels(known, ground.grid)
    inside = (rows >= 0)[:, None] & (columns >= 0)[None, :]
    if not (inside & ground.free).any():
        raise ParameterError(f"{owner}: the rasters of rain lie beside the terrain; give those of the same place")
    flat = np.where(inside, rows[:, None] * known.shape[1] + columns[None, :], -1)
    used, where = np.unique(flat, return_inverse=True)
    if len(used) * len(paths) > NUMBERS_AT_MOST:
        raise ResourceError(
            f"{owner}: {len(paths):,} rasters of {len(used):,} cells are more than {NUMBERS_AT_MOST:,} rates; take "
            "coarser rasters of rain, radar sees a kilometre, or fewer of them"
        )
    rates, missing = np.zeros((len(paths), len(used))), 0
    for k, (path, one) in enumerate(zip(paths, read, strict=True)):
        if one is None:
            continue
        if one.shape != known.shape or not all(np.allclose(one[axis], known[axis]) for axis in ("x", "y")):
            raise ParameterError(f"{path}: has other cells than the first raster of rain; bring all to one grid")
        values = np.asarray(one, np.float64).ravel()[used]
        values[used < 0] = 0.0
        missing = max(missing, int(np.isnan(values).sum()))
        rates[k] = np.nan_to_num(values)
        if (rates[k] < 0).any():
            raise ParameterError(f"{path}: {rates[k].min():g} mm/h: rain does not fall upwards")
    if missing or (ground.free & ~inside).any():
        ground.notes.append(f"{owner.name}: where a raster of rain has no value, no rain falls")
    columns_, zone = np.unique(rates, axis=1, return_inverse=True)
    return Hyetograph(times, columns_, zone.ravel()[where].reshape(ground.grid.shape))


def _tell(file: CaseFile, one: RainEntry, rain: Hyetograph, ground: Ground) -> None:
    """Notes on rain that hardly is what was meant."""
    begin, end, most = float(rain.times[0]), float(rain.times[-1]), float(rain.rates.max(initial=0.0))
    if rain.rates[-1].any():
        ground.notes.append(
            f"{one.name}: the last row, at {end:g} s, ends the rain; its {rain.rates[-1].max():g} mm/h never falls"
        )
    if begin > file.duration:
        ground.notes.append(f"{one.name}: begins at {begin:g} s, after the end of the run: none of it falls")
    elif file.duration < end < LONGEST and rain.rates[rain.times >= file.duration].any():
        ground.notes.append(f"{one.name}: goes on until {end:g} s; the run ends at {file.duration:g} s before it")
    if most == 0:
        ground.notes.append(f"{one.name}: is dry, all its rates are 0")


def millimetres(rain: Hyetograph, duration: float) -> F8:
    """(columns,) mm that fall within the run."""
    steps = np.diff(np.minimum(rain.times, duration), append=duration)
    steps[-1] = 0.0
    found: Any = (rain.rates * np.maximum(steps, 0.0)[:, None]).sum(axis=0) / 3600.0
    return np.asarray(found, np.float64)
