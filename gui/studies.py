"""Starts studies as jobs and puts what they find on the table; it computes nothing itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from citymodel.jobs import Job
from citymodel.layers import Layer, Style
from gui.desk import Desk
from gui.sun_form import SunForm, SunRequest
from gui.words import tr

PAUSE = 180  # milliseconds between a change and the shade that follows it


class Studies(QObject):
    """Sun hours on demand, and the shade of the moment while it is wanted."""

    finished = Signal(object)

    def __init__(self, desk: Desk, form: SunForm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.form = desk, form
        self.job: Job | None = None
        self._project: Any = None
        self._shade: Job | None = None
        self._shaded: Any = None
        self._again = False
        self.casting = False
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self._cast)
        form.run_wanted.connect(self.run_sun_hours)
        form.cancel_wanted.connect(self.cancel)
        desk.bridge.job_changed.connect(self._news)
        desk.bridge.job_ended.connect(self._ended)
        desk.moment_changed.connect(self.soon)
        desk.document_changed.connect(lambda *_: self.soon())
        desk.project_opened.connect(self.cancel)

    # --- sun hours ---

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
        if job is self._shade:
            self._shade = None
            if self._again:
                self._again = False
                self._cast()

    # --- the shade of the moment ---

    def cast(self, wanted: bool) -> None:
        """Switch cast shadows on or off."""
        self.casting = wanted
        if wanted:
            self._cast()
        else:
            self._soon.stop()
            self.desk.set_drape(None)

    def soon(self) -> None:
        """The sun or the city changed: the shade follows, while the day plays as well."""
        if self.casting and not self._soon.isActive():
            self._soon.start()

    def _cast(self) -> None:
        if not self.casting or not self.desk.document.layers or self.desk.loading or self.desk.shows_result:
            return
        if self._shade is not None:  # one at a time: cancelled at every step of the sun, none would ever be seen
            self._again = True
            if self._shaded is not self.desk.document:
                self._shade.cancel()
            return
        from gui.requests import shade

        document, moment = self.desk.document, self.desk.moment
        self._shaded = document

        def done(drape: Any) -> None:
            if self.casting and document is self.desk.document:
                self.desk.set_drape(drape)

        self._shade = self.desk.run(tr("Shadows"), lambda job: shade(document, moment, job), done)
