"""The frames of a flood's NetCDF, read one at a time while the file may still grow."""

from __future__ import annotations

import struct
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import CrsError, FormatError
from citymodel.formats.netcdf_classic import RECORDS_AT, Layout, Variable, layout, values
from citymodel.formats.scratch import Scratch
from citymodel.frames import F4, Moment
from citymodel.surface import Grid

KEPT = 6
"""Frames kept in memory."""


class FloodFrames:
    """Frames by a file, as `citymodel.frames.Frames`; one object may serve several threads.

    Parameters
    ----------
    path : a file of `citymodel.formats.flood_nc.FloodFile`, growing or whole
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self._file: Any = self.path.open("rb", buffering=0)  # a growing file must not be read from a buffer
        except OSError as wrong:
            raise FormatError(self.path, "", f"cannot be opened ({wrong.strerror})") from wrong
        self._lock = threading.RLock()
        self._let_go = weakref.finalize(self, _let_go, self._file, None)
        try:
            self._layout: Layout = layout(self.path, self._file)
            self.grid = grid_of(self.path, self._layout, self._get)
            self.ground: F4 = self._get("ground").astype(np.float32, copy=False)
            self._later = sorted(  # seconds from which another ground lies there, and its name
                (float(one.attributes["from_seconds"]), name)
                for name, one in self._layout.variables.items()
                if "from_seconds" in one.attributes and one.dimensions == ("y", "x")
            )
            began = str(self._layout.attributes.get("begins", ""))
            self.begins: datetime | None = datetime.fromisoformat(began) if began else None
            self.said("complete"), self.said("reached_seconds"), self.said("status")
        except (ValueError, KeyError, TypeError, OverflowError, CrsError) as wrong:
            self.close()
            raise (
                wrong
                if isinstance(wrong, FormatError)
                else FormatError(self.path, "", f"is broken ({wrong}); get the file again from its source")
            ) from wrong
        self._times = np.zeros(0)
        self._kept: OrderedDict[int, Moment] = OrderedDict()
        self._ground: tuple[str, F4 | None] = ("", None)  # the last one that was asked for

    def own(self, scratch: Scratch) -> None:
        """From now on the scratch folder around the file goes when nobody holds the frames any more."""
        self._let_go.detach()
        self._let_go = weakref.finalize(self, _let_go, self._file, scratch)

    def close(self) -> None:
        """Let the file go; nothing can be read any more."""
        self._let_go()

    @property
    def count(self) -> int:
        """Frames so far."""
        with self._lock:
            self._file.seek(RECORDS_AT)
            return int(struct.unpack(">I", self._file.read(4))[0])

    @property
    def times(self) -> NDArray[np.float64]:
        """(n,) seconds since the start."""
        with self._lock:
            known, count = len(self._times), self.count
            if count > known:
                more = [float(self._value("time", k)) for k in range(known, count)]
                self._times = np.concatenate([self._times, more])
                self._times.setflags(write=False)
            return self._times

    @property
    def complete(self) -> bool:
        return bool(self.said("complete"))

    @property
    def revision(self) -> int:
        return 2 * self.count + int(self.complete)

    def said(self, name: str) -> Any:
        """A global attribute as it is now."""
        place, count, dtype = self._layout.places[name]
        with self._lock:
            self._file.seek(place)
            raw = self._file.read(count * dtype.itemsize)
        if dtype.kind == "S":
            return raw.decode("utf-8", errors="replace").rstrip(" \0")
        return np.frombuffer(raw, dtype)[0].item()

    def at(self, seconds: float) -> Moment:
        """The water at a time, linear between the two frames around it; the first or last beyond them."""
        times = self.times
        if not len(times):
            none = np.where(np.isnan(self.ground), np.float32(np.nan), np.float32(0))
            return Moment(seconds, none)
        after = int(np.searchsorted(times, seconds, side="left"))
        if after == 0 or after == len(times) or times[after] == seconds:
            return self.frame(min(after, len(times) - 1))
        share = (seconds - times[after - 1]) / (times[after] - times[after - 1])
        mixed = _between(self.frame(after - 1), self.frame(after), float(share), seconds)
        return replace(mixed, ground=self._ground_at(seconds)) if self._later else mixed

    def frame(self, number: int) -> Moment:
        """One frame as it was written."""
        with self._lock:
            if number in self._kept:
                self._kept.move_to_end(number)
                return self._kept[number]
            if not 0 <= number < len(self.times):
                raise IndexError(f"frame {number} of {len(self.times)}")
            depth = self._value("depth", number)
            east, north = (self._speed(name, number) for name in ("east", "north"))
            seconds = float(self._times[number])
            found = Moment(seconds, depth, east, north, self._ground_at(seconds))
            for one in (depth, east, north):
                if one is not None:
                    one.setflags(write=False)
            self._kept[number] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found

    def _ground_at(self, seconds: float) -> F4 | None:
        """What the water runs on at a time, None for the ground of the start."""
        name = next((name for begins, name in reversed(self._later) if begins <= seconds), "")
        with self._lock:
            if name != self._ground[0]:
                self._ground = (name, self._get(name).astype(np.float32, copy=False) if name else None)
            return self._ground[1]

    def readings(self) -> dict[str, Any]:
        """Of gauges and sections, see `citymodel.frames.Frames`."""
        have = self._layout.variables
        found: dict[str, Any] = {"time": self._get("time_gauge") if "time_gauge" in have else np.zeros(0)}
        n = len(found["time"])
        for kind in ("gauge", "section"):
            found[f"{kind}s"] = self._names(kind) if f"{kind}_name" in have else []
        for name, source in (
            ("level", "gauge_level"), ("depth", "gauge_depth"), ("speed", "gauge_speed"),
            ("discharge", "section_discharge"),
        ):  # fmt: skip
            found[name] = self._get(source) if source in have else np.zeros((n, 0))
        return found

    def map(self, name: str) -> NDArray[Any]:
        """(rows, cols) of one of the maps as it is now."""
        return self._get(name)

    def variable(self, name: str) -> Variable:
        """What the file says of one of its arrays."""
        return self._layout.variables[name]

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(self._layout.variables)

    def _get(self, name: str) -> NDArray[Any]:
        with self._lock:
            return values(self._file, self._layout.variables[name])

    def _value(self, name: str, record: int) -> NDArray[Any]:
        return values(self._file, self._layout.variables[name], record, self._layout.record_size)

    def _speed(self, name: str, number: int) -> F4 | None:
        if name not in self._layout.variables:
            return None
        raw = self._value(name, number)
        scale = np.float32(self._layout.variables[name].attributes.get("scale_factor", 1.0))
        return np.where(raw == -32768, np.float32(np.nan), raw * scale).astype(np.float32)

    def _names(self, kind: str) -> list[str]:
        letters = self._get(f"{kind}_name")
        return [row.tobytes().rstrip(b"\0").decode("utf-8", errors="replace") for row in letters]


def _let_go(file: Any, scratch: Scratch | None) -> None:
    """Close the file; where it was scratch, away with it."""
    file.close()
    if scratch is not None:
        scratch.remove()


def _between(before: Moment, after: Moment, share: float, seconds: float) -> Moment:
    """Linear between two; a cell that is a wall in one of them only is as in the other."""
    return Moment(
        seconds,
        _mix(before.depth, after.depth, share),
        None if before.east is None or after.east is None else _mix(before.east, after.east, share),
        None if before.north is None or after.north is None else _mix(before.north, after.north, share),
    )


def _mix(a: F4, b: F4, share: float) -> F4:
    mixed = a + (b - a) * np.float32(share)
    lost = np.isnan(mixed)
    if lost.any():
        mixed[lost] = np.where(np.isnan(a[lost]), b[lost], a[lost])
    return mixed


def grid_of(path: Path, made: Layout, get: Callable[[str], NDArray[Any]]) -> Grid:
    """The grid of the file's cells; FormatError where it holds no flood."""
    from citymodel.geo import normalise_crs

    for name, shape in (("depth", ("time", "y", "x")), ("ground", ("y", "x")), ("time", ("time",))):
        if name not in made.variables or made.variables[name].dimensions != shape:
            raise FormatError(
                path, "", f"is a NetCDF without {name}({', '.join(shape)}); citymodel reads floods' alone"
            )
    x, y = get("x").astype(np.float64), get("y").astype(np.float64)
    if len(x) < 1 or len(y) < 1 or (len(x) < 2 and len(y) < 2):
        raise FormatError(path, "", "has too few cells")
    cell = (x[-1] - x[0]) / (len(x) - 1) if len(x) > 1 else (y[0] - y[-1]) / (len(y) - 1)
    even = all(len(a) < 2 or np.allclose(np.diff(a), s * cell, rtol=1e-6) for a, s in ((x, 1), (y, -1)))
    if not (np.isfinite(cell) and cell > 0 and even):
        raise FormatError(path, "x, y", "are not evenly spaced, north first")
    crs = None
    if "crs" in made.variables:
        told = made.variables["crs"].attributes
        crs = normalise_crs(str(told.get("epsg", "")))[0] or normalise_crs(str(told.get("crs_wkt", "")))[0]
    about = [float(x[0] - cell / 2), float(y[0] + cell / 2), float(cell)]
    said = [made.variables[name].attributes.get(key) for name, key in (("x", "edge"), ("y", "edge"), ("x", "cell"))]
    exact = [one for one in said if isinstance(one, float)]
    if len(exact) == 3 and np.allclose(exact, about, rtol=1e-9, atol=1e-6 * cell):
        about = exact
    return Grid(about[0], about[1], about[2], (len(y), len(x)), crs)
