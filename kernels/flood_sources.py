"""What brings water to a flood and takes it away: rain, inflow, infiltration, sewers and culverts.

Each source says how much it has given in all by a time; a step adds the difference in whole units of depth, so that no
remainder is lost and the volume balance is exact. Between two of its breaks a total is a polynomial of second order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

UNIT = 2.0**-24
"""Metres of a unit of depth."""
_HOUR = 3600.0
#: Seconds between the breaks of a capacity that curves.
_BEND = 60.0


def _series(times: Any, values: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Times in seconds and values by rows, checked."""
    t, v = np.asarray(times, np.float64), np.asarray(values, np.float64)
    if t.ndim != 1 or not t.size or len(v) != len(t):
        raise ValueError(f"{name}: {t.size} times and {len(v)} values: give one value for each time")
    if not np.isfinite(t).all() or (np.diff(t) <= 0).any():
        at = int(np.argmax(np.diff(t) <= 0)) + 1 if np.isfinite(t).all() else int(np.argmax(~np.isfinite(t)))
        raise ValueError(f"{name}: time {t[at]:g} s (row {at + 1}) does not follow the one before: sort the series")
    if not np.isfinite(v).all():
        raise ValueError(
            f"{name}: row {int(np.argmax(~np.isfinite(v).reshape(len(t), -1).all(axis=1))) + 1} is no number"
        )
    return t, v


def _zones(zones: Any, shape: tuple[int, ...], channels: int, name: str) -> np.ndarray | None:
    """The zone of each cell as int32, checked; None where all cells are in one."""
    if zones is None:
        if channels != 1:
            raise ValueError(f"{name}: {channels} columns and no zones: say which cells each is for")
        return None
    found = np.asarray(zones)
    if found.shape != shape:
        raise ValueError(f"{name}: zones of shape {found.shape} on terrain of {shape}")
    if found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= channels:
        raise ValueError(
            f"{name}: zones from {found.min()} to {found.max()}: give whole numbers from 0 to {channels - 1}"
        )
    return np.ascontiguousarray(found, np.int32)


@dataclass(frozen=True, slots=True)
class Source:
    """What all sources share: totals in metres (m³ for an inflow) by channel, and where they bend."""

    def channels(self) -> int:
        """How many totals the source keeps."""
        return 1

    def next_break(self, time: float) -> float:
        """The first time after `time` at which a total bends."""
        return math.inf

    def curve(self, begin: float, end: float) -> np.ndarray:
        """(channels, 3) float64: the total at `begin`, its rate a second, and half its rate's rate, until `end`."""
        raise NotImplementedError

    def growth(self, curve: np.ndarray, seconds: float) -> float:
        """The quickest rise of a cell's water, m/s, over the next `seconds`."""
        return 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Rain(Source):
    """Rain that holds each row's rate until the next row; the last row's time ends it unless its rate is 0 already.

    times : (n,) seconds; rates : (n,) or (n, zones) mm/h
    zones : (rows, cols) whole numbers, the column of each cell: districts, or the pixels of a radar
    roofs : what falls on blocked cells runs to the nearest free one; else it is not counted at all
    """

    times: Any
    rates: Any
    zones: Any = None
    roofs: bool = True
    name: str = "rain"
    _t: np.ndarray = field(init=False, repr=False)
    _r: np.ndarray = field(init=False, repr=False)
    _sum: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        t, r = _series(self.times, self.rates, self.name)
        if (r < 0).any():
            raise ValueError(f"{self.name}: {r.min():g} mm/h: rain does not fall upwards")
        r = r.reshape(len(t), -1) / (1000 * _HOUR)
        total = np.concatenate([np.zeros((1, r.shape[1])), np.cumsum(r[:-1] * np.diff(t)[:, None], axis=0)])
        for key, value in (("_t", t), ("_r", r), ("_sum", total)):
            object.__setattr__(self, key, value)

    def channels(self) -> int:
        return int(self._r.shape[1])

    def next_break(self, time: float) -> float:
        later = self._t[self._t > time]
        return float(later[0]) if later.size else math.inf

    def curve(self, begin: float, end: float) -> np.ndarray:
        k = int(np.searchsorted(self._t, begin, side="right")) - 1
        out = np.zeros((self.channels(), 3))
        if k >= 0:
            out[:, 0], out[:, 1] = self._sum[k], 0.0 if k == len(self._t) - 1 else self._r[k]
            out[:, 0] += out[:, 1] * (begin - self._t[k])
        return out

    def growth(self, curve: np.ndarray, seconds: float) -> float:
        return float(curve[:, 1].max())


@dataclass(frozen=True, slots=True, eq=False)
class Inflow(Source):
    """Water through cells, equal shares of a total that is linear between rows, 0 before the first and after the last.

    cells : (k, 2) rows and columns; times : (n,) seconds; flows : (n,) m³/s, below 0 to take water away
    """

    cells: Any
    times: Any
    flows: Any
    name: str = "inflow"
    _t: np.ndarray = field(init=False, repr=False)
    _q: np.ndarray = field(init=False, repr=False)
    _sum: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        t, q = _series(self.times, self.flows, self.name)
        if q.ndim != 1:
            raise ValueError(f"{self.name}: flows of shape {q.shape}: give one column")
        total = np.concatenate([[0.0], np.cumsum(0.5 * (q[1:] + q[:-1]) * np.diff(t))])
        for key, value in (("_t", t), ("_q", q), ("_sum", total)):
            object.__setattr__(self, key, value)

    def next_break(self, time: float) -> float:
        later = self._t[self._t > time]
        return float(later[0]) if later.size else math.inf

    def curve(self, begin: float, end: float) -> np.ndarray:
        k = int(np.searchsorted(self._t, begin, side="right")) - 1
        if k < 0:
            return np.zeros((1, 3))
        if k == len(self._t) - 1:
            return np.array([[self._sum[-1], 0.0, 0.0]])
        slope = (self._q[k + 1] - self._q[k]) / (self._t[k + 1] - self._t[k])
        past = begin - self._t[k]
        rate = self._q[k] + slope * past
        return np.array([[self._sum[k] + past * 0.5 * (self._q[k] + rate), rate, 0.5 * slope]])

    def growth(self, curve: np.ndarray, seconds: float) -> float:
        flow = max(float(curve[0, 1]), float(curve[0, 1] + 2 * curve[0, 2] * seconds), 0.0)
        return flow / len(np.atleast_2d(self.cells))


@dataclass(frozen=True, slots=True, eq=False)
class Sewer(Source):
    """A drain that takes up to so many mm/h from what stands on a cell.

    rate : mm/h, one number or one a zone; zones : (rows, cols) whole numbers
    """

    rate: float | Sequence[float]
    zones: Any = None
    name: str = "sewer"

    def __post_init__(self) -> None:
        _not_negative(self.name, "mm/h", self.rate)

    def channels(self) -> int:
        return int(np.size(self.rate))

    def curve(self, begin: float, end: float) -> np.ndarray:
        rate = np.atleast_1d(np.asarray(self.rate, np.float64)) / (1000 * _HOUR)
        return np.stack([rate * begin, rate, np.zeros_like(rate)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Horton(Source):
    """Infiltration whose capacity falls from `first` to `last` mm/h with `decay` an hour since the start (Horton 1941).

    Each a number or one a zone; zones : (rows, cols) whole numbers
    """

    first: float | Sequence[float]
    last: float | Sequence[float]
    decay: float | Sequence[float]
    zones: Any = None
    name: str = "infiltration"

    def __post_init__(self) -> None:
        _not_negative(self.name, "mm/h or a decay", self.first, self.last, self.decay)
        if (np.asarray(self.first) < np.asarray(self.last)).any():
            raise ValueError(f"{self.name}: a first capacity below the last: give the dry ground's first")

    def channels(self) -> int:
        return int(np.broadcast(self.first, self.last, self.decay).size)

    def next_break(self, time: float) -> float:
        return (math.floor(time / _BEND) + 1) * _BEND

    def _total(self, time: float) -> np.ndarray:
        """Metres of capacity by a time."""
        first, last = (np.asarray(one, np.float64) / (1000 * _HOUR) for one in (self.first, self.last))
        decay = np.maximum(np.asarray(self.decay, np.float64) / _HOUR, 1e-12)
        return np.atleast_1d(last * time - (first - last) / decay * np.expm1(-decay * time))

    def curve(self, begin: float, end: float) -> np.ndarray:
        stop = self.next_break(begin)
        here, there = self._total(begin), self._total(stop)
        return np.stack([here, (there - here) / (stop - begin), np.zeros_like(here)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class GreenAmpt(Source):
    """Infiltration by Green & Ampt (1911), each step by the formula of Li, Stephenson & Simons (1976).

    conductivity : mm/h; suction : metres at the wetting front; deficit : share of the soil still empty, 0 to 1
    Each a number or one a zone; zones : (rows, cols) whole numbers
    """

    conductivity: float | Sequence[float]
    suction: float | Sequence[float]
    deficit: float | Sequence[float]
    zones: Any = None
    name: str = "infiltration"

    def __post_init__(self) -> None:
        _not_negative(self.name, "conductivity, suction or deficit", self.conductivity, self.suction, self.deficit)
        if (np.asarray(self.deficit) > 1).any():
            raise ValueError(f"{self.name}: a deficit above 1: give the share of the soil that is empty")

    def channels(self) -> int:
        return 0

    def classes(self) -> int:
        """How many kinds of soil."""
        return int(np.broadcast(self.conductivity, self.suction, self.deficit).size)

    def soils(self) -> np.ndarray:
        """(classes, 3) float64: conductivity in units a second, suction in units, deficit."""
        k = np.asarray(self.conductivity, np.float64) / (1000 * _HOUR * UNIT)
        columns = np.broadcast_arrays(
            k, np.asarray(self.suction, np.float64) / UNIT, np.asarray(self.deficit, np.float64)
        )
        return np.ascontiguousarray(np.stack([np.atleast_1d(one).ravel() for one in columns], axis=1))

    def curve(self, begin: float, end: float) -> np.ndarray:
        return np.zeros((0, 3))


@dataclass(frozen=True, slots=True)
class Link:
    """A culvert or an underpass: water runs from the cell of the higher level to the other, both ways.

    start, end : (row, column); width : metres; invert : metres, the higher of the two ends' floors
    height : metres of the opening; capacity : m³/s at the most; coefficient : share of the loss-free flow
    """

    start: tuple[int, int]
    end: tuple[int, int]
    width: float
    invert: float
    height: float = math.inf
    capacity: float = math.inf
    coefficient: float = 0.8

    def __post_init__(self) -> None:
        _not_negative("culvert", "m", self.width, self.height, self.capacity, self.coefficient)
        if not math.isfinite(self.invert) or not math.isfinite(self.width):
            raise ValueError("culvert: give its width and its invert in metres")


@dataclass(frozen=True, slots=True, eq=False)
class Culverts(Source):
    """All links of a case."""

    links: Sequence[Link]
    name: str = "culverts"

    def channels(self) -> int:
        return 0

    def curve(self, begin: float, end: float) -> np.ndarray:
        return np.zeros((0, 3))


def _not_negative(name: str, what: str, *values: Any) -> None:
    """Refuse numbers below 0 and what is no number."""
    for value in values:
        found = np.asarray(value, np.float64)
        if np.isnan(found).any() or (found < 0).any():
            raise ValueError(f"{name}: {found.min():g} {what}: give numbers from 0 up")


def excess(
    times: Any, rates: Any, curve_number: float | Sequence[float], initial: float = 0.2, every: float = 60.0
) -> tuple[np.ndarray, np.ndarray]:
    """Rain that runs off by the SCS curve number, for `Rain`: times, (n,) seconds, and rates, (n, classes) mm/h.

    With S = 25400 / CN − 254 mm and the rain so far P, what ran off is (P − initial·S)² / (P + (1 − initial)·S) from
    P = initial·S on (USDA NEH 630, chapter 10).

    Parameters
    ----------
    times, rates : rain as `Rain` takes it, one column
    curve_number : above 0 to 100, one a class of land cover; every : seconds between rows of the result
    """
    rain = Rain(times, rates)
    numbers = np.atleast_1d(np.asarray(curve_number, np.float64))
    if not ((numbers > 0) & (numbers <= 100)).all():
        raise ValueError("curve number: give numbers above 0 and up to 100")
    t, p = rain._t, rain._sum[:, 0] * 1000
    fine = np.unique(np.concatenate([np.arange(t[0], t[-1], every), t]))
    fallen = np.interp(fine, t, p)[:, None]
    store = 25400.0 / numbers - 254.0
    above = np.maximum(fallen - initial * store, 0.0)
    ran = np.where(above > 0, above**2 / np.where(above > 0, above + store, 1.0), 0.0)
    rate = np.diff(ran, axis=0) / np.diff(fine)[:, None] * _HOUR
    return fine, np.concatenate([rate, np.zeros((1, len(numbers)))])
