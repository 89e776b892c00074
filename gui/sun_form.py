"""The form of the sun-hours study: a day, its hours, a cell; the study itself runs elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QDate, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from gui.desk import Desk
from gui.object_panel import label
from gui.words import tr


@dataclass(frozen=True, slots=True)
class SunRequest:
    """What the person asked for: local clock times "HH:MM", minutes, metres."""

    day: str
    start: str
    end: str
    step: int
    cell: float
    receiver_height: float
    zone: str
    compare: bool


class SunForm(QWidget):
    """run_wanted(SunRequest), cancel_wanted()"""

    run_wanted = Signal(object)
    cancel_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(8)
        layout.addWidget(label(tr("Sun hours"), "title"))
        layout.addWidget(
            label(tr("Hours of direct sun on the ground and on roofs over one day, with a clear sky."), "quiet")
        )
        layout.addLayout(self._fields())
        self.compare = QCheckBox(tr("Compare the base with the proposal"))
        self.compare.setToolTip(tr("Computes both, and the difference"))
        layout.addWidget(self.compare)
        self.run = QPushButton(tr("Compute sun hours"))
        self.run.setProperty("primary", True)
        self.run.clicked.connect(lambda: self.run_wanted.emit(self.request()))
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_wanted)
        row = QHBoxLayout()
        row.addWidget(self.run, 1)
        row.addWidget(self.cancel)
        layout.addLayout(row)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        layout.addWidget(self.bar)
        self.note = label("", "quiet")
        layout.addWidget(self.note)
        layout.addStretch(1)
        self.set_running(False)
        desk.document_changed.connect(lambda *_: self._follow())
        self._follow()

    def _fields(self) -> QFormLayout:
        self.day = QDateEdit(QDate(self.desk.moment.year, 3, 21))
        self.day.setDisplayFormat("d MMMM yyyy")
        self.day.setCalendarPopup(True)
        self.start, self.end = QTimeEdit(QTime(8, 0)), QTimeEdit(QTime(18, 0))
        for box in (self.start, self.end):
            box.setDisplayFormat("HH:mm")
        self.step = QComboBox()
        for minutes in (5, 10, 15, 30, 60):
            self.step.addItem(tr("every {minutes} minutes", minutes=minutes), minutes)
        self.step.setCurrentIndex(2)
        self.cell = QComboBox()
        for metres in (0.5, 1.0, 2.0, 5.0):
            self.cell.addItem(f"{metres:g}\u00a0m", metres)
        self.cell.setCurrentIndex(1)
        self.receiver = QDoubleSpinBox()
        self.receiver.setRange(0.0, 20.0)
        self.receiver.setDecimals(1)
        self.receiver.setSuffix("\u00a0m")
        span = QHBoxLayout()
        span.addWidget(self.start, 1)
        span.addWidget(label(tr("to"), wrap=False))
        span.addWidget(self.end, 1)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Day"), self.day)
        form.addRow(tr("From"), span)
        form.addRow(tr("Sun"), self.step)
        form.addRow(tr("Cell"), self.cell)
        form.addRow(tr("Above ground"), self.receiver)
        for words, box in (
            (tr("Day"), self.day),
            (tr("First hour"), self.start),
            (tr("Last hour"), self.end),
            (tr("Step of the sun"), self.step),
            (tr("Size of a cell"), self.cell),
            (tr("Height above the ground"), self.receiver),
        ):
            box.setAccessibleName(words)
        return form

    def begin(self) -> None:
        """The form was opened."""
        self.run.setFocus()

    def _follow(self) -> None:
        self.compare.setVisible(self.desk.document.scenario is not None)
        self.compare.setChecked(self.desk.document.scenario is not None)
        self.run.setEnabled(bool(self.desk.document.layers) and not self.cancel.isVisibleTo(self))

    def request(self) -> SunRequest:
        """The form's values."""
        return SunRequest(
            day=self.day.date().toString("yyyy-MM-dd"),
            start=self.start.time().toString("HH:mm"),
            end=self.end.time().toString("HH:mm"),
            step=int(self.step.currentData()),
            cell=float(self.cell.currentData()),
            receiver_height=self.receiver.value(),
            zone=str(self.desk.moment.tzinfo),
            compare=self.compare.isVisibleTo(self) and self.compare.isChecked(),
        )

    def set_running(self, running: bool) -> None:
        """While it runs there is a bar and a way out."""
        self.cancel.setVisible(running)
        self.bar.setVisible(running)
        self.run.setEnabled(not running and bool(self.desk.document.layers))
        if not running:
            self.bar.setValue(0)

    def set_progress(self, share: float, text: str) -> None:
        """Show how far it is."""
        self.bar.setValue(round(1000 * share))
        self.note.setText(text)
