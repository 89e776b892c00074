"""The inspector's page for a shadow diagram: days × hours of plan maps, written as a sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from citymodel.jobs import Job
from gui.area_tool import AreaTool
from gui.asked import Box, Surroundings
from gui.desk import Desk
from gui.object_panel import label
from gui.parameter_form import ParameterForm
from gui.picking import Picking
from gui.words import number, tr


class DiagramPanel(QWidget):
    """``view_box`` says what the view shows, ``picking`` and ``areas`` take what is shown in it: all of the window."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.view_box: Callable[[], Box | None] = lambda: None
        self.picking: Picking | None = None
        self.areas: AreaTool | None = None
        self.form: ParameterForm | None = None
        self.job: Job | None = None
        self.written: Path | None = None
        self._zone = ""
        self.page = QComboBox()
        self.page.setAccessibleName(tr("Paper"))
        self.place = QVBoxLayout()
        self.expected, self.note = label("", "quiet"), label("", "quiet")
        self.write = QPushButton(tr("Write the sheet…"))
        self.write.setProperty("primary", True)
        self.write.clicked.connect(self.choose)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(lambda: self.job and self.job.cancel())
        self.open = QPushButton(tr("Open the sheet"))
        self.open.clicked.connect(self._open)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the sheet"))
        row = QHBoxLayout()
        row.addWidget(self.write, 1)
        row.addWidget(self.cancel)
        paper = QFormLayout()
        paper.addRow(tr("Paper"), self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(8)
        layout.addWidget(label(tr("Shadow diagram"), "title"))
        layout.addWidget(
            label(tr("Plan maps of the shade by day and hour, with what a proposal adds and takes away."), "quiet")
        )
        layout.addLayout(self.place)
        layout.addLayout(paper)
        layout.addWidget(self.expected)
        layout.addLayout(row)
        for part in (self.bar, self.note, self.open):
            layout.addWidget(part)
        layout.addStretch(1)
        self._running(False)
        desk.bridge.job_changed.connect(self._news)
        desk.bridge.job_ended.connect(self._ended)
        desk.document_changed.connect(lambda *_: self._follow())

    def begin(self) -> None:
        """The page was opened."""
        if self.form is None:
            from gui.requests import diagram_model, diagram_pages

            around = Surroundings(lambda: self.desk.document, lambda: self.view_box(), self.picking, self.areas)
            self.form = ParameterForm(diagram_model(), around)
            year, zone = self.desk.moment.year, str(self.desk.moment.tzinfo)
            days = ", ".join(f"{year}-{month:02d}-21" for month in (3, 6, 9, 12))
            self.form.fields["dates"].widget.setText(days)  # type: ignore[attr-defined]
            self.form.fields["dates"].widget.setCursorPosition(0)  # type: ignore[attr-defined]
            self.form.put({"zone": zone, "title": self.desk.document.name})
            self.form.changed.connect(self._follow)
            self.place.addWidget(self.form)
            for name in diagram_pages():
                self.page.addItem(name, name)
            self.page.setCurrentIndex(max(self.page.findData("A3"), 0))
        self._follow()
        QTimer.singleShot(0, self.write.setFocus)

    def _follow(self) -> None:
        if self.form is None:
            return
        zone = str(self.desk.moment.tzinfo)
        if zone != self._zone:  # the project's clock is another one now
            self._zone = zone
            self.form.put({"zone": zone})
        self.form.follow()
        found = self.form.parameters()
        self.write.setEnabled(found is not None and self.job is None and bool(self.desk.document.layers))
        if found is None:
            self.expected.setText("")
            return
        days, hours = len(found.dates), len(found.minutes)
        self.expected.setText(
            tr("{days} days × {hours} hours: {n} maps", days=days, hours=hours, n=number(days * hours))
        )

    def choose(self) -> None:
        """Ask where to, and write there."""
        first = str(Path.home() / f"{self.desk.document.name or tr('shadows')}.pdf")
        path, kind = QFileDialog.getSaveFileName(self, tr("Write the sheet"), first, "PDF (*.pdf);;PNG (*.png)")
        if path:
            target = Path(path)
            if target.suffix.lower() not in (".pdf", ".png"):
                target = target.with_suffix(".png" if "png" in kind else ".pdf")
            self.write_to(target)

    def write_to(self, path: Path) -> None:
        """Compute and write in a worker."""
        from gui.requests import write_diagram

        parameters = self.form.parameters() if self.form is not None else None
        if parameters is None or self.job is not None:
            return
        document, page = self.desk.document, self.page.currentData()
        self.written = None

        def done(written: list[Path]) -> None:
            self.written = written[0] if written else None
            self.note.setText(tr("Wrote {names}", names=", ".join(one.name for one in written)))
            self.open.setVisible(self.written is not None)

        name = tr("Shadow diagram {name}", name=path.name)
        self.job = self.desk.run(name, lambda job: write_diagram(document, parameters, path, page, job), done)
        self._running(True)

    def _open(self) -> None:
        if self.written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.written)))

    def _running(self, running: bool) -> None:
        self.cancel.setVisible(running)
        self.bar.setVisible(running)
        self.open.setVisible(not running and self.written is not None)
        self.write.setEnabled(not running)
        self.bar.setValue(0)

    def _news(self, job: Any) -> None:
        if job is self.job:
            self.bar.setValue(round(1000 * job.fraction))
            self.note.setText(job.text)

    def _ended(self, job: Any) -> None:
        if job is self.job:
            self.job = None
            self._running(False)
            self._follow()
            self.note.setText(tr("Cancelled; nothing was written.") if job.state == "cancelled" else "")
