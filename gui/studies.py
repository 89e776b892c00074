"""Starts studies as jobs and puts what they find on the table; it computes nothing itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from citymodel.errors import CityModelError
from citymodel.jobs import Job
from citymodel.layers import Layer, Style
from gui.desk import Desk
from gui.live_flood import WATER, LiveFlood
from gui.study_panel import StudyPanel
from gui.words import tr

if TYPE_CHECKING:
    from citymodel.analysis.registry import Study

IN_TIME = ("flood",)  # studies whose result grows in the scene while they run
FROM_THE_FRONT = ("viewshed", "vista")
"""Studies that name their main map first: what is seen, what room there is."""


class Studies(QObject):
    """One study at a time; finished(result) once it lies on the table."""

    finished = Signal(object)

    def __init__(self, desk: Desk, panel: StudyPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.panel = desk, panel
        self.flood = LiveFlood(desk, self)
        self.job: Job | None = None
        self._project: Any = None
        self._replaces = ""
        panel.run_wanted.connect(self.run)
        panel.cancel_wanted.connect(self.cancel)
        panel.hold_wanted.connect(self.flood.hold)
        panel.keep_wanted.connect(self.flood.keep)
        self.flood.held.connect(panel.show_held)
        desk.bridge.job_changed.connect(self._news)
        desk.bridge.job_ended.connect(self._ended)
        desk.project_opened.connect(self.cancel)

    def run(self, study: Study, parameters: Any, replaces: str = "") -> None:
        """Compute in a worker; the result arrives as a layer, in place of the layer ``replaces`` where one is named."""
        if self.job is not None:
            return
        from citymodel.cli import plain
        from gui.flood_requests import facts_before
        from gui.requests import run_study

        document = self.desk.document
        try:
            facts = facts_before(document, parameters) if study.name in IN_TIME else None
        except CityModelError as wrong:  # a series that cannot be read, a storm that no table knows
            self.desk.noticed.emit(plain(wrong), True)
            return
        if facts is not None:
            self._show_the_compared(facts)
        self._project, self._replaces = self.desk.project, replaces
        control = self.flood.begin(facts) if facts is not None else None
        self.panel.set_running(True, in_time=control is not None)
        day = getattr(parameters, "date", None)
        name = f"{tr(study.title)}, {day.isoformat()}" if day is not None else tr(study.title)
        self.job = self.desk.run(name, lambda job: run_study(document, study, parameters, job, control), self._arrived)
        if control is not None:
            self.flood.follow(self.job)

    def _show_the_compared(self, facts: dict[str, Any]) -> None:
        """Water grows among what it is computed for: not beside another proposal that is on screen."""
        asked, shown = facts.get("scenario") or {}, self.desk.document.active_scenario
        if asked and shown and shown != asked["id"]:
            words = tr("Show {name}", name=asked["name"])
            self.desk.edit(words, lambda document: replace(document, active_scenario=asked["id"]))

    def again(self, layer_id: str) -> None:
        """Compute a result anew from what the project holds now; it takes the old one's place."""
        from gui.requests import asked_before

        found = asked_before(self.desk.document.layer(layer_id))
        if found is None:
            self.desk.noticed.emit(tr("Nobody knows how this result was computed; run its study again."), True)
        else:
            self.run(*found, replaces=layer_id)

    def cancel(self) -> None:
        """Stop the study at its next step."""
        if self.job is not None:
            self.job.cancel()
            self.flood.cancel()

    def _arrived(self, result: Any) -> None:
        if self._project is not self.desk.project:
            return  # another project was opened meanwhile; these hours are not of it
        old_id = self._replaces

        def add(document: Any) -> Any:
            if not document.layers:
                return document  # undone to before the first file: hours of nothing have no place there
            grown = self.flood.take_place(document, result, name_of(result)) if result.water else None
            if grown is not None:
                return grown.without_layer(old_id) if old_id else grown
            kept = next((one for one in document.layers if one.id == old_id), None)
            style = Style(colour_by=first_map(result))
            if kept is not None:
                was = document.style(old_id).colour_by
                kept_look = was in result.fields or (bool(result.water) and was.startswith(WATER))
                style = Style(colour_by=was if kept_look else style.colour_by)
                document = document.without_layer(old_id)
            for old in [one for one in document.layers if one.kind in covered(document)]:
                document = document.with_style(old.id, visible=False)
            return document.with_layer(Layer("", name_of(result), "result", result), style)

        self.desk.project.amend(add)
        mine = next((one.id for one in self.desk.document.layers if one.data is result), None)
        if mine is not None:
            self.desk.select((mine, ""))
        self.finished.emit(result)

    def _news(self, job: Job) -> None:
        if job is self.job:
            self.panel.set_progress(job.fraction, job.text)

    def _ended(self, job: Job) -> None:
        if job is self.job:
            self.job = None
            self.panel.set_running(False)
            words = {"cancelled": tr("Cancelled; nothing was changed."), "done": ""}
            self.panel.set_progress(0.0, words.get(job.state, ""))


def covered(document: Any) -> tuple[str, ...]:
    """Kinds of layer that a new result takes the place of: older ones, and returns where there is more to lie on."""
    ground = any(one.kind in ("city", "terrain", "surface") for one in document.layers)
    return ("result", "points") if ground else ("result",)


def name_of(result: Any) -> str:
    """The result's title, with the proposal that it compares, and when it was stopped where it was."""
    from gui.time_range import span_words

    scenario = (result.provenance.get("scenario") or {}).get("name", "")
    name = f"{result.title} · {scenario}" if scenario and scenario not in result.title else str(result.title)
    ends = [float(one.times[-1]) for one in result.water.values() if not one.complete and len(one.times)]
    return tr("{name}, stopped at {time}", name=name, time=span_words(min(ends))) if ends else name


def first_map(result: Any) -> str:
    """The map to show first: water in time, the change where there is one, else hours or whatever comes last."""
    maps = [one.name for one in result.fields.values() if hasattr(one.data, "dims")]
    if result.water:
        return WATER
    if result.analysis in FROM_THE_FRONT and maps:
        return maps[0]
    return maps[-1] if maps else next(iter(result.fields), "value")
