"""A flood's NetCDF: written as the run goes, so that it can be read at any moment, even of a run that was killed."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import struct
import threading
import time as clock
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import Cancelled, CityModelError, FormatError, ResourceError
from citymodel.flood import hazard
from citymodel.flood.run import frame_times, gauge_times
from citymodel.formats import flood_header as header
from citymodel.formats.flood_frames import FloodFrames
from citymodel.formats.flood_read import info, read, sniff
from citymodel.formats.netcdf_classic import RECORDS_AT, Layout, Variable, layout
from citymodel.formats.whole_file import _part, _replace, check_target, whole_file
from citymodel.frames import lasting

if TYPE_CHECKING:
    from citymodel.flood.run import Asked, Outcome

__all__ = ["FloodFile", "FloodFrames", "info", "read", "sniff"]

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]

NAME = "flood"
SUFFIXES = (".nc",)
_BLOCK = 4 << 20  # values that change their byte order at once
_MAPS_SHARE = 9.0  # times as long as maps take to write pass before they are written again
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", -1))


class FloodFile:
    """Keeps what a run hands over (`citymodel.flood.run.Keep`), in one file under its name.

    Parameters
    ----------
    path : replaced once the run has begun well
    title, provenance : what the file says of itself; versions, device and time are added
    debris, thresholds, limits : of the hazard classes, see `citymodel.flood.hazard`

    The header keeps its size. A frame is written before it is counted, so who reads meanwhile, or after the run was
    killed, finds whole frames only. The maps follow where writing them costs little beside the run, and at its end;
    `maps_reached_seconds` says how far they go.
    """

    def __init__(
        self, path: str | Path, *, title: str = "", provenance: Mapping[str, Any] | None = None,
        debris: str = "careful", thresholds: Any = None, limits: Any = None,
    ) -> None:  # fmt: skip
        self.path = Path(path)
        check_target(self.path)
        self._facts = {"title": title, "provenance": dict(provenance or {})}
        self._classes = _Classes(debris, thresholds, limits)
        self._file: Any = None
        self._frames: FloodFrames | None = None
        self._waiting: Mapping[str, F4] | None = None
        self._next_maps, self._reached, self._count = 0.0, 0.0, 0
        self._lock = threading.Lock()

    # --- what a run hands over ---

    def begin(self, case: Asked, start: float) -> None:
        times = gauge_times(case)
        part = _part(self.path)
        try:
            header.write_header(part, case, start, len(times), self._facts, self._classes.said())
            with part.open("rb") as file:
                made = layout(part, file)
            _check_room(self.path, made, int((frame_times(case) > start).sum()) + 1)
            self._file, self._layout = part.open("r+b", buffering=0), made
            self._first(case, times)
            self._file.close()
            _replace(part, self.path)
        except (OSError, RuntimeError) as wrong:  # netCDF's own errors are RuntimeErrors
            raise self._full(wrong) from wrong
        finally:
            if self._file is not None:
                self._file.close()
            part.unlink(missing_ok=True)
        self._file = self.path.open("r+b", buffering=0)
        self._case, self._times, self._reached = case, times, start

    def frame(self, time: float, depth: F4, east: F4 | None, north: F4 | None) -> None:
        self._record("depth", depth)
        for name, speed in (("east", east), ("north", north)):
            if speed is not None and name in self._layout.variables:
                self._record(name, _packed(speed))
        self._record("time", np.array(time))
        self._count += 1
        self._at(RECORDS_AT, struct.pack(">I", self._count))
        self._reached = time
        self._set("reached_seconds", time)
        self._set("status", f"running: {lasting(time)} of {lasting(self._case.duration)}")

    def readings(self, time: float, level: F8, depth: F8, speed: F8, discharge: F8) -> None:
        row = int(np.searchsorted(self._times, time - 1e-6))
        if row >= len(self._times) or abs(self._times[row] - time) > 1e-5:
            raise ValueError(f"a reading at {time:g} s, which is no time of readings")
        found = {"gauge_level": level, "gauge_depth": depth, "gauge_speed": speed, "section_discharge": discharge}
        for name, values in found.items():
            if name in self._layout.variables:
                self._row(name, row, values)

    def maps(self, maps: Mapping[str, F4], balance: Mapping[str, float]) -> None:
        for name in header.VOLUMES:
            self._set(name, balance[name])
        self._set("balance", json.dumps(balance, ensure_ascii=False))
        self._waiting = maps
        if clock.monotonic() >= self._next_maps:
            self._write_maps()

    def _write_maps(self) -> None:
        """The maps that wait; the next ones not before a while that makes them cheap beside the run."""
        if self._waiting is None:
            return
        began = clock.monotonic()
        for name, values in {**self._waiting, **self._classes.maps(self._waiting, self._case.wet)}.items():
            if name in self._layout.variables:
                self._whole(name, values)
        self._set("maps_reached_seconds", self._reached)
        self._waiting = None
        self._next_maps = clock.monotonic() + _MAPS_SHARE * (clock.monotonic() - began)

    def end(self, outcome: Outcome) -> None:
        self._next_maps, self._reached = 0.0, outcome.reached
        self.maps(outcome.maps, outcome.balance)
        self._set("reached_seconds", outcome.reached)
        self._set("seconds", outcome.seconds)
        self._set("steps", outcome.steps)
        self._set("device", outcome.device)
        self._set("notes", json.dumps(list(outcome.notes), ensure_ascii=False))
        known = json.loads(str(self._layout.attributes["provenance"]))
        facts = {"device": outcome.device, "seconds": round(outcome.seconds, 3), "steps": outcome.steps}
        self._set("provenance", json.dumps({**known, **facts}, ensure_ascii=False))
        if outcome.complete:
            self._set("complete", 1)
        self._set("status", "complete" if outcome.complete else outcome.notes[-1])
        self.close()

    @property
    def frames(self) -> FloodFrames:
        """The frames so far, to be read while the file grows."""
        if self._frames is None:
            self._frames = FloodFrames(self.path)
        return self._frames

    def close(self, status: str = "") -> None:
        """Write no more; status : why, where the run did not end by itself."""
        if self._file is not None and not self._file.closed:
            with contextlib.suppress(CityModelError):  # of a disk that takes no more, which was told already
                if status:
                    self._set("status", status)
                self._write_maps()
            self._file.close()

    def __enter__(self) -> FloodFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self._file.closed:
            return
        at = f"{lasting(self._reached)} of {lasting(self._case.duration)}"
        if isinstance(wrong, Cancelled | KeyboardInterrupt | SystemExit):
            self.close(f"cancelled, the last frame is of {at}")
        elif wrong is not None:
            told = str(wrong) if isinstance(wrong, CityModelError) else type(wrong).__name__
            self.close(f"ended at {at}: {told}")
        else:
            self.close()

    # --- bytes ---

    def _first(self, case: Asked, times: F8) -> None:
        """Everything but the frames, with no value where none is known yet."""
        for name, one in self._layout.variables.items():
            if not one.record and (
                name in header.MAPS or name in header.CLASSES or one.dimensions[:1] == ("time_gauge",)
            ):
                fill = one.attributes.get("_FillValue", np.nan)
                self._fill(one, fill)
        self._whole("ground", _bare(case.terrain, case.blocked))
        for number, new in enumerate(header.within(case), start=1):
            self._whole(f"{header.LATER}{number}", _bare(new.terrain, new.blocked))
        if len(times):
            self._whole("time_gauge", times)
        for name in (*header.ROOM, "provenance"):
            self._set(name, str(self._layout.attributes.get(name, "")))
        self._set("status", "running: before the first frame")
        self._set("notes", json.dumps(list(case.notes), ensure_ascii=False))

    def _at(self, place: int, data: Any) -> None:
        try:
            with self._lock:
                self._file.seek(place)
                left = memoryview(data).cast("B")
                while left:
                    left = left[self._file.write(left) :]
        except OSError as wrong:
            raise self._full(wrong) from wrong

    def _values(self, one: Variable, place: int, values: NDArray[Any]) -> None:
        flat = np.ascontiguousarray(values).reshape(-1)
        for first in range(0, max(flat.size, 1), _BLOCK):
            part = flat[first : first + _BLOCK].astype(one.dtype)
            self._at(place + first * one.dtype.itemsize, part)

    def _fill(self, one: Variable, fill: Any) -> None:
        count, size = one.size // one.dtype.itemsize, one.dtype.itemsize
        for first in range(0, count, _BLOCK):
            self._at(one.begin + first * size, np.full(min(_BLOCK, count - first), fill, one.dtype))

    def _whole(self, name: str, values: NDArray[Any]) -> None:
        one = self._layout.variables[name]
        self._values(one, one.begin, values)

    def _row(self, name: str, row: int, values: NDArray[Any]) -> None:
        one = self._layout.variables[name]
        size = int(np.prod(one.shape[1:])) * one.dtype.itemsize
        self._values(one, one.begin + row * size, values)

    def _record(self, name: str, values: NDArray[Any]) -> None:
        one = self._layout.variables[name]
        self._values(one, one.begin + self._count * self._layout.record_size, values)

    def _set(self, name: str, value: Any) -> None:
        """Put another value of the same size into the header."""
        place, count, dtype = self._layout.places[name]
        if dtype.kind == "S":
            self._at(place, header.cut(str(value), count).ljust(count, b"\0"))  # readers leave out what is null
        else:
            self._at(place, np.asarray(value, dtype).tobytes())

    def _full(self, wrong: OSError | RuntimeError) -> CityModelError:
        """What an error of the disk means."""
        held = f"holds the flood up to {lasting(self._reached)}" if self._count else "holds no frame"
        if getattr(wrong, "errno", None) in _FULL:
            return ResourceError(
                f"{self.path}: the disk is full or the file may grow no further; it {held} and can be read. "
                "Free space, or write frames less often"
            )
        return FormatError(self.path, "", f"cannot be written ({getattr(wrong, 'strerror', wrong)}); it {held}")


class _Classes:
    """Hazard maps from the maxima, and the words of their classes."""

    def __init__(self, debris: str, thresholds: Any, limits: Any) -> None:
        self.debris, self.thresholds = debris, thresholds or hazard.UK
        self.limits = limits or hazard.AUSTRALIA

    def said(self) -> dict[str, dict[str, Any]]:
        """Attributes of the classes: CF flags and the thresholds between them."""
        uk, au = ("dry", *hazard.UK_CLASSES), ("dry", *hazard.AUSTRALIA_CLASSES)
        depth, speed, product = (
            np.array([getattr(one, name) for one in self.limits]) for name in ("depth", "speed", "product")
        )
        return {
            "hazard_class_uk": {
                **_flags(uk),
                "thresholds_m2_s": np.asarray(self.thresholds, np.float64),
                "debris_factor": self.debris,
            },
            "hazard_class_au": {
                **_flags(au), "limits_depth_m": depth, "limits_speed_m_s": speed, "limits_product_m2_s": product,
            },
        }  # fmt: skip

    def maps(self, maps: Mapping[str, F4], wet: float) -> dict[str, NDArray[Any]]:
        deepest = maps["max_depth"]
        found = hazard.rating(deepest, maps["max_speed"], maps["max_danger"], self.debris, wet)
        uk = hazard.classes_uk(found, self.thresholds)
        au = hazard.classes_au(deepest, maps["max_speed"], maps["max_unit_discharge"], self.limits, wet)
        wall = np.isnan(deepest)
        return {
            "hazard": found,
            "hazard_class_uk": np.where(wall, header.NO_CLASS, uk.astype(np.int8)),
            "hazard_class_au": np.where(wall, header.NO_CLASS, au.astype(np.int8)),
        }


def _flags(words: tuple[str, ...]) -> dict[str, Any]:
    """CF's flags: meanings are single words, so spaces become underscores."""
    meanings = " ".join("_".join("".join(c if c.isalnum() else " " for c in one).split()) for one in words)
    return {"flag_values": np.arange(len(words), dtype=np.int8), "flag_meanings": meanings}


def _bare(terrain: NDArray[Any], blocked: NDArray[np.bool_] | None) -> NDArray[Any]:
    """The ground, NaN on walls and outside."""
    return terrain if blocked is None else np.where(blocked, np.nan, terrain)


def _packed(speed: F4) -> NDArray[np.int16]:
    """m/s as whole thousandths."""
    scaled = np.clip(np.rint(speed / np.float32(header.SPEED_SCALE)), -32767, 32767)
    return np.where(np.isfinite(speed), scaled, header.NO_SPEED).astype(np.int16)


def _check_room(path: Path, made: Layout, frames: int) -> None:
    """ResourceError where the whole run would not fit onto the disk."""
    ends = [one.begin + one.size for one in made.variables.values() if not one.record]
    need = max(ends, default=0) + frames * made.record_size
    free = shutil.disk_usage(path.absolute().parent).free
    if need > free:
        raise ResourceError(
            f"{path}: the flood needs {need / 1e6:,.1f} MB, {free / 1e6:,.1f} MB are free in "
            f"{path.absolute().parent}; free space there, choose another folder, or write frames less often"
        )


def copy(frames: FloodFrames, path: str | Path) -> None:
    """The whole file of some frames under another name, as far as it has grown; whole or not at all."""
    try:
        with whole_file(path) as part:
            shutil.copyfile(frames.path, part)
    except OSError as wrong:
        size = frames.path.stat().st_size / 1e9 if frames.path.exists() else 0.0
        raise ResourceError(f"{path}: {size:.2f} GB cannot be written there ({wrong.strerror}); free space") from wrong
