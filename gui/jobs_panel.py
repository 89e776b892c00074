"""The job list: what runs, how far it is, how long it still takes, a way to stop it, and what went wrong."""

from __future__ import annotations

import time
import traceback

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from citymodel.jobs import Job
from gui.bridge import Bridge
from gui.object_panel import label
from gui.words import tr

KEPT = 30


class JobRow(QFrame):
    """One job."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.began = time.monotonic()
        self.setProperty("role", "card")
        self.name, self.state = label(job.name, "head"), label("", "quiet")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(job.name)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(job.cancel)
        self.details = QPushButton(tr("Details"))
        self.details.setCheckable(True)
        self.details.toggled.connect(lambda on: self.trace.setVisible(on))
        self.copy = QPushButton(tr("Copy report"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report()))
        self.trace = QLabel()
        self.trace.setWordWrap(True)
        self.trace.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.trace.setVisible(False)
        row = QHBoxLayout()
        for button in (self.details, self.copy):
            row.addWidget(button)
            button.setVisible(False)
        row.addStretch(1)
        row.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(5)
        for part in (self.name, self.bar, self.state, self.trace):
            layout.addWidget(part)
        layout.addLayout(row)

    def follow(self) -> None:
        """Show the job as it is."""
        job, spent = self.job, time.monotonic() - self.began
        self.bar.setValue(round(1000 * job.fraction))
        running = job.state in ("waiting", "running")
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self.cancel.setEnabled(not job.cancelled)
        if running:
            self.state.setText(running_words(job, spent))
        elif job.state == "done":
            self.state.setText(tr("Done in {seconds} s", seconds=f"{spent:.1f}"))
        elif job.state == "cancelled":
            self.state.setText(tr("Cancelled"))
        else:
            from citymodel.cli import plain

            self.state.setText(plain(job.error) if job.error else tr("Failed"))
            self.state.setProperty("role", "warning")
            self.state.style().polish(self.state)
            self.trace.setText(self.report())
            self.details.setVisible(True)
            self.copy.setVisible(True)

    def report(self) -> str:
        """What to send to the people who mend it."""
        error = self.job.error
        return f"{self.job.name}\n" + ("".join(traceback.format_exception(error)) if error else "")


def running_words(job: Job, spent: float) -> str:
    """Percent, what is being done, and the time left once it can be told."""
    if job.cancelled:
        return tr("Stopping…")
    words = [f"{100 * job.fraction:.0f}\u00a0%"]
    if job.text:
        words.append(job.text)
    if job.fraction > 0.05 and spent > 1.0:
        left = spent * (1.0 - job.fraction) / job.fraction
        words.append(tr("about {seconds} s left", seconds=max(round(left), 1)))
    return " · ".join(words)


class JobsPanel(QWidget):
    """All jobs, the newest first; nameless ones are the window's own and stay out."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows: list[JobRow] = []
        self.empty = label(tr("No jobs yet. Loading and computing show up here."), "quiet")
        inside = QWidget()
        inside.setProperty("role", "panel")
        self.list = QVBoxLayout(inside)
        self.list.setContentsMargins(10, 10, 10, 10)
        self.list.addWidget(self.empty)
        self.list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        bridge.job_started.connect(self._add)
        bridge.job_changed.connect(self._follow)
        bridge.job_ended.connect(self._follow)

    def _add(self, job: Job) -> None:
        if not job.name:
            return
        for old in [one for one in self.rows if one.job.name == job.name and one.job.state in ("done", "cancelled")]:
            self.rows.remove(old)  # the shade of a playing day would push everything else out
            old.deleteLater()
        row = JobRow(job)
        row.follow()
        self.rows.insert(0, row)
        self.list.insertWidget(0, row)
        self.empty.setVisible(False)
        for old in self.rows[KEPT:]:
            old.deleteLater()
        del self.rows[KEPT:]

    def _follow(self, job: Job) -> None:
        row = next((one for one in self.rows if one.job is job), None)
        if row is not None:
            row.follow()
