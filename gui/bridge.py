"""The border between workers and the window: jobs run off the main thread, their news arrive as Qt signals."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from citymodel.errors import Cancelled
from citymodel.jobs import Job, Lanes

WORKERS = 4  # so that a study, a load and the shade leave one for the picture
PACE = 0.05  # seconds between two news of a job

Done = Callable[[Any], None]
Failed = Callable[[BaseException], None]


class Bridge(QObject):
    """Starts jobs and tells the window about them, always in the main thread.

    job_started(job), job_changed(job), job_ended(job)
    """

    job_started = Signal(object)
    job_changed = Signal(object)
    job_ended = Signal(object)
    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = Lanes(WORKERS)
        self._ends: dict[int, tuple[Done | None, Failed | None]] = {}
        self._told: dict[int, float] = {}
        self.running: list[Job] = []
        self._open = True
        self.pace = PACE
        self._finished.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        name: str,
        work: Callable[[Job], Any],
        done: Done | None = None,
        failed: Failed | None = None,
        *,
        gpu: bool = False,
    ) -> Job:
        """Run ``work(job)`` in a worker; ``done(result)`` or ``failed(error)`` follow in the main thread."""
        job = Job(name, listener=self._news)
        if not self._open:
            return job
        self._ends[id(job)] = (done, failed)
        self.running.append(job)
        self.job_started.emit(job)
        future = self._lanes.submit(job, work, gpu=gpu)
        future.add_done_callback(lambda ended: self._post(job, ended))
        return job

    def _news(self, job: Job) -> None:
        """From a worker: pass on one change in ``pace`` seconds, so that the window stays quick."""
        now = time.monotonic()
        if self._open and (job.state != "running" or now - self._told.get(id(job), 0.0) >= self.pace):
            self._told[id(job)] = now
            self.job_changed.emit(job)

    def _post(self, job: Job, ended: Future[Any]) -> None:
        if not self._open or ended.cancelled():
            return
        error = ended.exception()
        self._finished.emit(job, None if error else ended.result(), error)

    def _end(self, job: Job, result: Any, error: BaseException | None) -> None:
        done, failed = self._ends.pop(id(job), (None, None))
        self._told.pop(id(job), None)
        if job in self.running:
            self.running.remove(job)
        self.job_ended.emit(job)
        if error is None:
            if done is not None:
                done(result)
        elif failed is not None and not isinstance(error, Cancelled):
            failed(error)

    def close(self) -> None:
        """Cancel what runs and let no more news through."""
        self._open = False
        for job in self.running:
            job.cancel()
        self._ends.clear()
        self._lanes.close()
