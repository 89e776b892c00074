"""A flood while it is computed: its layer that grows in the scene, the hand on the run, and how quick it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from citymodel.jobs import Job
from citymodel.layers import Layer, Style
from gui.desk import Desk
from gui.words import tr

WATER = "water"  # the look of a flood that is shown in time
SOME = 3.0  # seconds over which the speed is taken


@dataclass(slots=True)
class Run:
    """What is known of the run on its way.

    state : "base" or "scenario"; reached : seconds of it; duration : seconds of the whole, 0 for unknown
    said : volumes in m³ and steps by name; speed : seconds of flood a second, 0 while nobody knows
    """

    control: Any
    facts: dict[str, Any]
    job: Job | None = None
    state: str = "base"
    reached: float = 0.0
    duration: float = 0.0
    speed: float = 0.0
    keeping: bool = False
    said: Any = None
    frames: Any = None


class LiveFlood(QObject):
    """One run at a time.

    began(), grew() whenever there is more to see, held(whether it is paused), ended()
    """

    began = Signal()
    grew = Signal()
    held = Signal(bool)
    ended = Signal()
    _frame = Signal(object, str, object, float, object)  # from the computing thread

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.run: Run | None = None
        self.layer_id = ""
        self._covered: tuple[str, ...] = ()  # layers that were seen before the water came
        self._clock: list[tuple[float, float]] = []  # when a moment of the flood was reached
        self._laying = False
        self._frame.connect(self._grown, Qt.ConnectionType.QueuedConnection)
        desk.bridge.job_ended.connect(self._job_ended)
        desk.document_changed.connect(lambda _, after: self._changed(after))

    # --- the run ---

    def begin(self, facts: dict[str, Any]) -> Any:
        """The control of a run about to start; ``facts`` : what its result's provenance says beforehand."""
        from gui.flood_requests import control_of

        token = object()

        def watch(state: str, frames: Any, seconds: float) -> None:
            said = dict(control.said)
            self._frame.emit(token, state, frames, seconds, said)

        control = control_of(watch)
        self.run = Run(control, {**facts, "growing": True}, duration=float(facts.get("duration_s", 0.0)))
        self._token, self.layer_id, self._covered, self._clock = token, "", (), []
        return control

    def follow(self, job: Job) -> None:
        """The job that computes it has started."""
        if self.run is not None:
            self.run.job = job
            self.began.emit()

    @property
    def paused(self) -> bool:
        """Whether the water is held where it is."""
        return self.run is not None and self.run.control.paused

    def hold(self, wanted: bool) -> None:
        """Pause, or go on."""
        if self.run is not None and wanted != self.paused:
            (self.run.control.pause if wanted else self.run.control.resume)()
            self._clock = []
            self.run.speed = 0.0
            self.held.emit(wanted)

    def keep(self) -> None:
        """Stop, and keep what there is."""
        if self.run is not None:
            self.run.keeping = True
            self.run.control.stop()
            self.held.emit(False)

    def cancel(self) -> None:
        """Stop, and leave what was before."""
        if self.run is not None:
            if self.run.job is not None:
                self.run.job.cancel()
            self.run.control.resume()  # a held run would not hear it

    def close(self) -> None:
        """The window goes: nothing of the run is wanted any more."""
        self.cancel()
        self.run = None

    # --- what comes of it ---

    def _grown(self, token: object, state: str, frames: Any, seconds: float, said: Any) -> None:
        """In the window's thread: one more frame."""
        run = self.run
        if run is None or token is not self._token or frames is None or (run.job is not None and run.job.cancelled):
            return
        if state != run.state:
            self._clock = []
        run.state, run.reached, run.said, run.frames = state, seconds, said, frames
        run.duration = float(said.get("duration", run.duration)) or run.duration
        self._measure(seconds)
        self._lay(state, frames)
        self.grew.emit()

    def _measure(self, seconds: float) -> None:
        now = time.monotonic()
        self._clock.append((now, seconds))
        while len(self._clock) > 2 and now - self._clock[1][0] > SOME:
            self._clock.pop(0)
        (began, first), run = self._clock[0], self.run
        if run is not None and now > began:
            run.speed = max(seconds - first, 0.0) / (now - began)

    def _lay(self, state: str, frames: Any) -> None:
        """Put the growing water on the table, or the frames of another state beside those that are there."""
        assert self.run is not None
        layer = next((one for one in self.desk.document.layers if one.id == self.layer_id), None)
        self.run.facts["duration_s"] = self.run.duration
        if layer is None:
            if not len(frames.times):
                return
            self._put_on_table(state, frames)
        elif layer.data.water.get(state) is not frames:
            grown = replace(layer.data, water={**layer.data.water, state: frames})
            self._amend(lambda document: with_data(document, self.layer_id, layer.name, grown))
        elif layer.data.provenance != self.run.facts:
            told = replace(layer.data, provenance=dict(self.run.facts))
            self._amend(lambda document: with_data(document, self.layer_id, layer.name, told))

    def _put_on_table(self, state: str, frames: Any) -> None:
        from citymodel.document import unique_id
        from citymodel.results import Result
        from gui.studies import covered

        assert self.run is not None
        document = self.desk.document
        self.layer_id = unique_id("flood", self.desk.project.layer_ids())
        kinds = covered(document)
        self._covered = tuple(one.id for one in document.layers if one.kind in kinds and document.style(one.id).visible)
        result = Result("flood", tr("Flood"), {}, dict(self.run.facts), (), {state: frames})
        layer = Layer(self.layer_id, tr("Flood, on its way"), "result", result)

        def add(before: Any) -> Any:
            if not before.layers:
                return before
            for one in self._covered:
                if any(layer.id == one for layer in before.layers):
                    before = before.with_style(one, visible=False)
            return before.with_layer(layer, Style(colour_by=WATER))

        self._amend(add)
        self.desk.select((self.layer_id, ""))

    def _amend(self, change: Any) -> None:
        self._laying = True
        try:
            self.desk.project.amend(change)
        finally:
            self._laying = False

    def _changed(self, after: Any) -> None:
        """A person takes the growing layer away: the run goes with it."""
        if self.run is None or self._laying or not self.layer_id:
            return
        if all(one.id != self.layer_id for one in after.layers):
            self._covered = ()  # it was hidden on purpose, or not: what is seen now stays as it is
            self.cancel()

    def take_place(self, document: Any, result: Any, name: str) -> Any:
        """The document with the finished result in the place of the growing one; None where there is none."""
        if not self.layer_id or all(one.id != self.layer_id for one in document.layers):
            return None
        shown = document.style(self.layer_id).colour_by
        found = with_data(document, self.layer_id, name, result)
        if shown != WATER and not shown.startswith(f"{WATER}-") and shown not in result.fields:
            found = found.with_style(self.layer_id, colour_by=WATER)
        return found

    def _job_ended(self, job: Job) -> None:
        """The run is over; of a cancelled or failed one nothing stays."""
        run = self.run
        if run is None or job is not run.job:
            return
        self.run = None
        if job.state != "done" and self.layer_id:
            gone, seen = self.layer_id, self._covered
            self._amend(lambda document: _as_before(document, gone, seen))
            self.layer_id = ""
        self.ended.emit()


def with_data(document: Any, layer_id: str, name: str, data: Any) -> Any:
    """The document with other data in a layer, in its place and in its style."""
    layers = tuple(replace(one, name=name, data=data) if one.id == layer_id else one for one in document.layers)
    return replace(document, layers=layers)


def _as_before(document: Any, layer_id: str, seen: tuple[str, ...]) -> Any:
    """The document without the growing layer, and what it covered seen again."""
    if all(one.id != layer_id for one in document.layers):
        return document
    document = document.without_layer(layer_id)
    for one in seen:
        if any(layer.id == one for layer in document.layers):
            document = document.with_style(one, visible=True)
    return document
