"""Starts studies as jobs and puts what they find on the table; it computes nothing itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from citymodel.jobs import Job
from citymodel.layers import Layer, Style
from gui.desk import Desk
from gui.sun_form import SunForm, SunRequest
from gui.words import tr


class Studies(QObject):
    """Sun hours on demand."""

    finished = Signal(object)

    def __init__(self, desk: Desk, form: SunForm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.form = desk, form
        self.job: Job | None = None
        self._project: Any = None
        form.run_wanted.connect(self.run_sun_hours)
        form.cancel_wanted.connect(self.cancel)
        desk.bridge.job_changed.connect(self._news)
        desk.bridge.job_ended.connect(self._ended)
        desk.project_opened.connect(self.cancel)

    def run_sun_hours(self, request: SunRequest) -> None:
        """Compute in a worker; the results arrive as layers."""
        if self.job is not None:
            return
        from gui.requests import sun_hours

        document, self._project = self.desk.document, self.desk.project
        self.form.set_running(True)
        name = tr("Sun hours on {day}", day=request.day)
        self.job = self.desk.run(name, lambda job: sun_hours(document, request, job), self._arrived)

    def cancel(self) -> None:
        """Stop the study at its next step."""
        if self.job is not None:
            self.job.cancel()

    def _arrived(self, results: list[Any]) -> None:
        if self._project is not self.desk.project:
            return  # another project was opened meanwhile; these hours are not of it

        def add(document: Any) -> Any:
            if not document.layers:
                return document  # undone to before the first file: hours of nothing have no place there
            for result in results:
                for old in [one for one in document.layers if one.kind == "result"]:
                    document = document.with_style(old.id, visible=False)
                maps = [one.name for one in result.fields.values() if hasattr(one.data, "dims")]
                style = Style(colour_by=maps[-1] if maps else "value")
                document = document.with_layer(Layer("", result.title, "result", result), style)
            return document

        self.desk.project.amend(add)
        if results:
            self.desk.select((self.desk.document.layers[-1].id, ""))
        self.finished.emit(results)

    def _news(self, job: Job) -> None:
        if job is self.job:
            self.form.set_progress(job.fraction, job.text)

    def _ended(self, job: Job) -> None:
        if job is self.job:
            self.job = None
            self.form.set_running(False)
            words = {"cancelled": tr("Cancelled; nothing was changed."), "done": ""}
            self.form.set_progress(0.0, words.get(job.state, ""))
