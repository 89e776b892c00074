"""Shadows that follow the sun under the hand: the city is made ready once, then every picture has its own shade."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from citymodel.document import Document
from citymodel.jobs import Job
from gui.desk import Desk
from gui.words import tr

PAUSE = 180  # milliseconds a building is left alone before the city is made ready anew


class LiveShade(QObject):
    """Cast shadows while they are wanted.

    The surface is prepared in a worker whenever the data or the proposal changed. The desk then asks ``of`` for the
    shade of each picture, in the worker that works the picture out: of many suns in a row only the last is drawn.

    ready(whether there is a surface to cast shadows on)
    """

    ready = Signal(bool)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.wanted = False
        self.surface: Any = None
        self._tried: Any = None  # what the last surface was made of, also where none could be made
        self._job: Job | None = None
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self._prepare)
        desk.document_changed.connect(lambda *_: self._changed())
        desk.bridge.job_ended.connect(self._ended)

    def cast(self, wanted: bool) -> None:
        """Switch cast shadows on or off."""
        self.wanted = wanted
        self.desk.shader = self.of if wanted else None
        if wanted:
            self._changed(at_once=True)
        else:
            self._soon.stop()
            self._cancel()
        self.desk.refresh()

    def of(self, document: Document, moment: datetime) -> Any:
        """The shade of a moment as a drape, None by night or while the city is not ready; called in workers."""
        from gui.requests import shade_on

        return shade_on(self.surface, document, moment)

    def _changed(self, at_once: bool = False) -> None:
        from gui.requests import shade_key

        if not self.wanted or not self.desk.document.layers or self.desk.loading:
            return
        if shade_key(self.desk.document) != self._tried:
            self._soon.start(0 if at_once or self.surface is None else PAUSE)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _prepare(self) -> None:
        from gui.requests import live_surface, shade_key

        self._cancel()
        document = self.desk.document
        self._tried = shade_key(document)

        def done(surface: Any) -> None:
            if self.wanted:
                self.surface = surface
                self.desk.refresh()
                self.ready.emit(surface is not None)

        self._job = self.desk.run(tr("Prepare the shadows"), lambda job: live_surface(document, job), done)

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            if job.state == "failed":
                self.surface = None
        elif self.wanted and job.name and not self.desk.loading:
            self._changed()  # files that were on their way have come
