"""A run of a flood from outside: what is asked of it, at which times it hands over what, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.frames import lasting

if TYPE_CHECKING:
    from citymodel.surface import Grid

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

FRAMES_AT_MOST = 100_000
READINGS_AT_MOST = 5_000_000
GAUGES_EVERY = 60.0
"""Seconds between two readings at the most."""

Line = tuple[tuple[float, float], ...]
"""x, y of two or more places in the grid's CRS."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A place where level, depth and speed are read, in the cell that contains it; metres in the grid's CRS."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Section:
    """A line through which the discharge is read, m³/s, positive from its left to its right as it is drawn."""

    name: str
    line: Line


@dataclass(frozen=True, eq=False, slots=True)
class NewGround:
    """The ground from a time on, seconds: a dam breaks, a barrier closes. Arrays as in a case."""

    time: float
    terrain: F8
    blocked: Mask | None


class Asked(Protocol):
    """What a file has to know of a run before it begins; `citymodel.analysis.flood.case.Case` says what each is."""

    @property
    def name(self) -> str: ...
    @property
    def grid(self) -> Grid: ...
    @property
    def terrain(self) -> F8: ...
    @property
    def blocked(self) -> Mask | None: ...
    @property
    def changes(self) -> Sequence[NewGround]: ...
    @property
    def duration(self) -> float: ...
    @property
    def every(self) -> float: ...
    @property
    def gauge_every(self) -> float: ...
    @property
    def gauges(self) -> Sequence[Gauge]: ...
    @property
    def sections(self) -> Sequence[Section]: ...
    @property
    def velocities(self) -> bool: ...
    @property
    def scheme(self) -> str: ...
    @property
    def wet(self) -> float: ...
    @property
    def begins(self) -> datetime | None: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def notes(self) -> Sequence[str]: ...


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What a run came to.

    maps : (rows, cols) float32, NaN on walls: max_depth m, max_speed m/s, max_unit_discharge m²/s, max_danger m²/s
    (greatest depth × (speed + 0.5)), arrival_time s, NaN where never, wet_duration s
    balance : m³, see `citymodel.analysis.flood.balance`
    reached : seconds of flood; complete : whether that is all of them; seconds : taken by the computation
    state : what a restart needs, see `citymodel.formats.flood_state`; None where it was not asked for
    """

    maps: Mapping[str, F4]
    balance: Mapping[str, float]
    reached: float
    complete: bool
    steps: int
    seconds: float
    device: str
    notes: tuple[str, ...] = ()
    state: Mapping[str, Any] | None = None


class Keep(Protocol):
    """Who takes what a run hands over, in the order of time.

    A `frames` attribute, where there is one, is shown to who watches the run.
    """

    def begin(self, case: Asked, start: float) -> None:
        """A run begins at `start` seconds, above 0 where it goes on from a state."""

    def frame(self, time: float, depth: F4, east: F4 | None, north: F4 | None) -> None:
        """Water at a time: (rows, cols) float32 metres, NaN on walls; m/s where the case asks for velocities."""

    def readings(self, time: float, level: F8, depth: F8, speed: F8, discharge: F8) -> None:
        """Of the gauges, (gauges,) m, m and m/s, and of the sections, (sections,) m³/s, at one of `gauge_times`."""

    def maps(self, maps: Mapping[str, F4], balance: Mapping[str, float]) -> None:
        """Maps and balance so far, after each frame."""

    def end(self, outcome: Outcome) -> None:
        """The run is over, whole or not; not called where it was cancelled."""


def frame_times(case: Asked) -> F8:
    """Seconds at which frames are kept: multiples of `every` from 0 on, and the end."""
    return _multiples(case, case.every, FRAMES_AT_MOST, "frames; write them less often")


def gauge_times(case: Asked) -> F8:
    """Seconds at which gauges and sections are read: steps of at most 60 s from 0 on, and the end; none without any."""
    if not case.gauges and not case.sections:
        return np.zeros(0)
    step = min(case.gauge_every, GAUGES_EVERY)
    return _multiples(case, step, READINGS_AT_MOST, "readings of each gauge; read them less often")


def _multiples(case: Asked, step: float, most: int, what: str) -> F8:
    if not (np.isfinite(case.duration) and case.duration > 0):
        raise ParameterError(f"a flood of {case.duration:g} s: give a duration above 0, such as 3h")
    if not step > 0:
        raise ParameterError(f"frames or readings every {step:g} s: give a time above 0, such as 5min")
    if case.duration / step > most:
        raise ParameterError(f"{lasting(case.duration)} in steps of {step:g} s are more than {most:,} {what}")
    count = int(np.floor(case.duration / step + 1e-9))
    times = np.round(np.arange(count + 1) * step, 6)
    return times if case.duration - times[-1] < 1e-6 else np.append(times, case.duration)
