"""The inspector's page of water at a place: how deep, how high, how quick, now and at most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from gui.object_panel import label
from gui.plot import value_words
from gui.time_range import span_words
from gui.words import number, tr

if TYPE_CHECKING:
    from citymodel.analysis.flood.shown import Place


class WaterPanel(QWidget):
    """gauge_wanted() to make the place a gauge of the next run."""

    gauge_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place: tuple[float, float] | None = None
        self.where, self.when, self.of = label("", "quiet"), label(""), label("", "quiet")
        self.table = QWidget()
        self.grid = QGridLayout(self.table)
        self.grid.setContentsMargins(0, 4, 0, 4)
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(4)
        self.gauge = QPushButton(tr("Make it a gauge"))
        self.gauge.setToolTip(tr("Put this place among the gauges of the next run"))
        self.gauge.clicked.connect(self.gauge_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(label(tr("Water here"), "title"))
        for part in (self.of, self.where, self.when, self.table, self.gauge):
            layout.addWidget(part)
        layout.addStretch(1)

    def show_place(
        self, name: str, place: tuple[float, float], when: str, found: Mapping[str, Place], states: dict[str, str]
    ) -> None:
        """Fill the page: of which flood, where in the frame's CRS, when, and the water by state."""
        self.place = place
        self.of.setText(name)
        self.where.setText(tr("x {x}, y {y}", x=number(place[0], 1), y=number(place[1], 1)))
        self.when.setText(when)
        while self.grid.count():
            widget = self.grid.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        self.grid.setColumnStretch(0, 1)
        heads = [states.get(state, state) for state in found] if len(found) > 1 else []
        for column, words in enumerate(heads, 1):
            self.grid.addWidget(_cell(words, "quiet"), 0, column)
        for row, (words, values) in enumerate(_rows(found), 1):
            self.grid.addWidget(label(words, "" if row <= 3 else "quiet"), row, 0)
            for column, value in enumerate(values, 1):
                self.grid.addWidget(_cell(value), row, column)
        if not found:
            self.grid.addWidget(
                label(tr("Nothing is computed here: a wall, or beside the flood's area."), "quiet"), 1, 0
            )


def _cell(words: str, role: str = "") -> QWidget:
    made = label(words, role, wrap=False)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _rows(found: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Words, and a value a state; a row that nobody knows anything of is left out."""

    def row(words: str, name: str, unit: str) -> tuple[str, list[str], bool]:
        values = [getattr(one, name) for one in found.values()]
        return words, [value_words(one, unit) for one in values], any(math.isfinite(one) for one in values)

    rows = [
        row(tr("Depth"), "depth", "m"),
        row(tr("Water level"), "level", "m"),
        row(tr("Speed"), "speed", "m/s"),
        row(tr("Greatest depth"), "deepest", "m"),
        row(tr("Greatest speed"), "quickest", "m/s"),
        row(tr("Ground"), "ground", "m"),
    ]
    kept = [(words, values) for words, values, known in rows if known]
    arrives = [one.arrives for one in found.values()]
    if any(math.isfinite(one) for one in arrives):
        said = [f"+{span_words(one)}" if math.isfinite(one) else tr("never") for one in arrives]
        kept.insert(min(5, len(kept)), (tr("Water comes after"), said))
    return kept
