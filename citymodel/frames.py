"""Frames: water in time on a grid, one moment at a time, from whatever holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from citymodel.surface import Grid

F4 = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """Water at a time.

    time : seconds since the start; depth : (rows, cols) float32 metres, NaN on walls and outside, 0 where dry
    east, north : (rows, cols) float32 m/s, None where no velocities are kept
    ground : (rows, cols) float32 metres, what the water runs on by then, None where it is still that of the start
    """

    time: float
    depth: F4
    east: F4 | None = None
    north: F4 | None = None
    ground: F4 | None = None


class Frames(Protocol):
    """What the picture and the plots need of a flood.

    ground : (rows, cols) float32 metres, the ground that water runs on at the start, NaN on walls and outside
    begins : the moment of second 0, None where the case has no clock; complete : False while it grows or was stopped
    revision : another number when frames have come
    """

    @property
    def grid(self) -> Grid: ...
    @property
    def ground(self) -> F4: ...
    @property
    def times(self) -> NDArray[np.float64]: ...
    @property
    def begins(self) -> datetime | None: ...
    @property
    def complete(self) -> bool: ...
    @property
    def revision(self) -> int: ...

    def at(self, seconds: float) -> Moment:
        """The water at a time, linear between the two frames around it; the first or last beyond them."""
        ...

    def readings(self) -> dict[str, Any]:
        """Of gauges and sections: "time" (n,) s, "gauges" and "sections" names, "level", "depth", "speed" (n, gauges),
        "discharge" (n, sections); NaN where not reached yet."""
        ...


def lasting(seconds: float) -> str:
    """A time span in words, two units at the most: "45 s", "1 h 10 min", "2 d"."""
    whole = round(seconds)
    for size, name, small, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            more = whole % size // small
            return f"{whole // size} {name}" + (f" {more} {smaller}" if more else "")
    return f"{whole} s" if seconds >= 10 or seconds == whole else f"{seconds:.1f} s"
