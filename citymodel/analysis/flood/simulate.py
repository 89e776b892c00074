"""From the case of a flood to its water in time: the loop of a run, handing over frames, readings, maps, balance."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood import doubts
from citymodel.analysis.flood.balance import volumes
from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.control import Control
from citymodel.analysis.flood.sections import Sections
from citymodel.analysis.flood.start import cells_of, started
from citymodel.analysis.on_device import fetched
from citymodel.errors import ParameterError, RanAway
from citymodel.flood.run import Keep, NewGround, Outcome, frame_times, gauge_times
from citymodel.frames import lasting
from citymodel.jobs import Progress, silent
from kernels.flood import Flood, Unstable

F4 = NDArray[np.float32]

_REPORT = 0.1  # seconds between two reports of progress
_MAPS = (
    ("max_depth", "depth"),
    ("max_speed", "speed"),
    ("max_unit_discharge", "discharge"),
    ("max_danger", "danger"),
    ("arrival_time", "arrival"),
    ("wet_duration", "duration"),
)


def simulate(
    case: Case,
    keep: Keep,
    job: Progress = silent,
    device: str = "auto",
    *,
    state: Mapping[str, Any] | None = None,
    control: Control | None = None,
    named: str = "base",
    with_state: bool = False,
) -> Outcome:
    """Run a flood from its start, or from a state, to its end.

    Parameters
    ----------
    state : of a run of the same case, to go on from
    control : pauses and stops it, and watches it as `named`; a stopped run ends well, with what there is
    with_state : put the last state into the outcome, for a restart

    Raises
    ------
    ParameterError, ResourceError : the case cannot be computed, or not here
    RanAway : the water became too deep or too quick; all until the step before was handed to `keep`
    Cancelled : by `job`
    """
    return _Run(case, keep, job, device, state, control or Control(), named, with_state).whole()


class _Stopped(Exception):
    """A person ends the run and keeps what there is."""


class _Run:
    """One run on its way."""

    def __init__(
        self, case: Case, keep: Keep, job: Progress, device: str, state: Mapping[str, Any] | None, control: Control,
        named: str, with_state: bool,
    ) -> None:  # fmt: skip
        self.case, self.keep, self.job, self.control = case, keep, job, control
        self.named, self.with_state = named, with_state
        self.began = clock.monotonic()
        self.frames, self.gauges = frame_times(case), gauge_times(case)
        self.flood, self.device = started(case, device, state)
        self.start = self.flood.time
        if self.start > case.duration:
            raise ParameterError(
                f"the state is of {lasting(self.start)} after the start, the run ends at {lasting(case.duration)}; "
                "give a longer duration"
            )
        self.sections = Sections(case.sections, case.grid)
        self.cells = cells_of(case)
        self.notes = (*case.notes, *doubts.of_case(case))
        self.written = -1.0
        self._reported = 0.0

    def whole(self) -> Outcome:
        """Carry the water from stop to stop until the end."""
        case, flood = self.case, self.flood
        self.keep.begin(case, self.start)
        changes = {round(one.time, 6): one for one in case.changes if one.time > self.start}
        stops = np.unique(np.concatenate([self.frames, self.gauges, [self.start], list(changes)]))
        stops = stops[(stops >= self.start) & (stops <= case.duration)]
        ended = ""
        try:
            for stop in stops.tolist():
                self._to(stop)
                self._change(changes.pop(stop, None))
                self._keep(stop)
        except _Stopped:
            self._change(changes.pop(flood.time, None))  # else a restart would take it for done
            ended = f"Stopped after {lasting(flood.time)} of {lasting(case.duration)}: what follows was not computed."
            self._frame()
        except Unstable as wrong:
            trouble = self._ran_away(wrong)
            self._frame()
            self._end(str(trouble))
            raise trouble from wrong
        return self._end(ended)

    def _change(self, new: NewGround | None) -> None:
        """Put other ground under the water where its time has come."""
        if new is not None:
            self.flood.set_ground(new.terrain, new.blocked)

    def _to(self, stop: float) -> None:
        """Carry the water to a stop, with its reports."""
        self._report(0.0)
        if stop > self.flood.time:
            self.flood.advance(stop, self._report)

    def _report(self, _share: float) -> None:
        """Say how far the run is; wait while it is paused; leave it where it was stopped or cancelled."""
        if self.control.stopped:
            raise _Stopped
        now = clock.monotonic()
        if now - self._reported < _REPORT and not self.control.paused:
            return
        words = f"{lasting(self.flood.time)} of {lasting(self.case.duration)}, {self.flood.steps:,} steps"
        share = (self.flood.time - self.start) / max(self.case.duration - self.start, 1e-9)
        self.job(share, words)
        while self.control.paused:
            self.control.wait(_REPORT)
            self.job(share, f"paused at {words}")
        if self.control.stopped:
            raise _Stopped
        self._reported = clock.monotonic()

    def _keep(self, stop: float) -> None:
        """Hand over what is due at a stop."""
        if len(self.gauges) and (stop in self.gauges):
            found = self.flood.probe(self.cells) if len(self.cells) else np.zeros((0, 3))
            self.keep.readings(stop, found[:, 1], found[:, 0], found[:, 2], self.sections.discharge(self.flood))
        if stop in self.frames or stop == self.start:
            self._frame()

    def _frame(self) -> None:
        """Hand over the water as it is, with maps and balance so far, unless that was done already."""
        flood, now = self.flood, self.flood.time
        if now == self.written:
            return
        depth, east, north = fetched(flood.depth()), None, None
        if self.case.velocities:
            u, v = flood.velocity()
            east, north = fetched(u), fetched(-v)
        self.keep.frame(now, depth, east, north)  # type: ignore[arg-type]
        said = volumes(flood.balance())
        self.keep.maps(_maps(flood), said)
        self.written = now
        self.control.said = {**said, "steps": float(flood.steps), "duration": self.case.duration}
        if self.control.watch is not None:
            self.control.watch(self.named, getattr(self.keep, "frames", None), now)

    def _end(self, ended: str) -> Outcome:
        """The outcome, handed over and returned."""
        flood, maps = self.flood, _maps(self.flood)
        state = None
        if self.with_state:
            state = {name: fetched(one) if hasattr(one, "shape") else one for name, one in flood.state().items()}
        notes = (*self.notes, *doubts.of_water(self.case, maps["max_depth"]), *([ended] if ended else []))
        outcome = Outcome(
            maps, volumes(flood.balance()), flood.time, not ended, flood.steps, clock.monotonic() - self.began,
            self.device, notes, state,
        )  # fmt: skip
        self.keep.end(outcome)
        return outcome

    def _ran_away(self, wrong: Unstable) -> RanAway:
        x, y = self.case.grid.centre(wrong.row, wrong.column)
        return RanAway(
            f"the water became too deep or too quick after {lasting(wrong.time)} ({wrong.time:.3f} s) at "
            f"{x:.10g} {y:.10g}; look at the terrain and at what flows in there, or take a smaller Courant number",
            wrong.time, x, y,
        )  # fmt: skip


def _maps(flood: Flood) -> dict[str, F4]:
    """The record so far, on the host."""
    record = flood.record()
    return {name: np.asarray(fetched(getattr(record, attribute)), np.float32) for name, attribute in _MAPS}
