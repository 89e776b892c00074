"""The inspector's page of the eye: where it stands, how it looks, how much it sees."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.asked import Surroundings
from gui.desk import Desk
from gui.eye import EyeTool
from gui.object_panel import label
from gui.parameter_form import ParameterForm
from gui.words import number, tr

HECTARE = 10_000.0


class EyePanel(QWidget):
    """study_wanted(values) when what is set here is to become a study; pane_wanted(whether to show the eye's view)."""

    study_wanted = Signal(object)
    pane_wanted = Signal(bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from gui.requests import look_model

        self.desk = desk
        self.tool: EyeTool | None = None
        self.place, self.hint, self.warning = label("", "quiet"), label("", "quiet"), label("", "warning")
        self.move = QPushButton(tr("Move the eye"))
        self.move.setToolTip(tr("Let clicks in the view set the eye (E)"))
        self.away = QPushButton(tr("Take it away"))
        self.roof = QPushButton(tr("Stand on the roof"))
        self.pane = QPushButton(tr("The eye's own view"))
        self.pane.setCheckable(True)
        self.pane.clicked.connect(self.pane_wanted)
        self.study = QPushButton(tr("Make it a study…"))
        self.study.setToolTip(tr("Open the study of visibility with this eye and these settings"))
        self.study.clicked.connect(self._make_study)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Preparing the view"))
        self.form = ParameterForm(look_model(), Surroundings(lambda: desk.document, lambda: None))
        self.form.changed.connect(self._form_changed)
        self.table = QWidget()
        self.rows = QGridLayout(self.table)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setHorizontalSpacing(10)
        self.rows.setColumnStretch(0, 1)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(8)
        layout.addWidget(label(tr("What can be seen from here"), "title"))
        for part in (self.hint, self.place, self.warning, self.roof, self.bar):
            layout.addWidget(part)
        hand = QHBoxLayout()
        hand.addWidget(self.move)
        hand.addWidget(self.away)
        hand.addStretch(1)
        layout.addLayout(hand)
        layout.addWidget(self.table)
        layout.addWidget(self.form)
        row = QHBoxLayout()
        row.addWidget(self.pane)
        row.addWidget(self.study)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(1)

    def follow_tool(self, tool: EyeTool) -> None:
        """Show this tool's eye from now on."""
        self.tool = tool
        self.move.clicked.connect(tool.begin)
        self.away.clicked.connect(tool.take_away)
        self.roof.clicked.connect(tool.onto_the_roof)
        tool.changed.connect(self.follow)
        self.follow()

    def _form_changed(self) -> None:
        parameters = self.form.parameters()
        if parameters is not None and self.tool is not None:
            self.tool.set_parameters(parameters)

    def _make_study(self) -> None:
        if self.tool is not None and self.tool.stand is not None:
            self.study_wanted.emit(self.tool)

    def follow(self) -> None:
        """Fill the page anew."""
        tool = self.tool
        if tool is None:
            return
        stand = tool.stand
        self.hint.setText(
            tr("Click a place on the ground or on a roof. Drag the pin, or walk with the arrows.")
            if tool.active
            else tr("Clicks select again; the eye stays. Press E to move it.")
            if tool.on
            else tr("Choose See from here (E) and click a place on the ground or on a roof.")
        )
        self.place.setText("" if stand is None else self._where(stand))
        self.warning.setText(tool.error or self._why_not(stand) or tool.said)
        self.bar.setVisible(tool.busy)
        self.move.setVisible(not tool.active)
        self.away.setVisible(tool.on)
        self.roof.setVisible(stand is not None and stand.where == "inside")
        for part in (self.place, self.warning):
            part.setVisible(bool(part.text()))
        for part in (self.pane, self.study):
            part.setEnabled(stand is not None and stand.where not in ("outside", "hole"))
        self._fill(tool.seen if tool.on else None)

    def _where(self, stand: Any) -> str:
        tool = self.tool
        assert tool is not None
        eye = number(stand.z + tool.parameters.eye_height, 1)
        on = tr("On the roof") if stand.where == "roof" else tr("On the ground")
        place = tr("x {x}, y {y}", x=number(stand.x, 1), y=number(stand.y, 1))
        return tr("{on}, eye at {eye} m\n{place}", on=on, eye=eye, place=place)

    def _why_not(self, stand: Any) -> str:
        """Why so little is seen, "" where nothing is wrong."""
        return {
            "inside": tr(
                "The eye is inside a building, which hides everything. Click free ground, or stand on its roof."
            ),
            "trees": tr(
                "The eye is below a tree that counts as solid. Choose Terrain and buildings to leave trees out."
            ),
            "hole": tr("There are no heights here. Click a place where the ground is known."),
            "outside": tr("This place lies outside the data. Click a place on the city."),
        }.get(getattr(stand, "where", ""), "")

    def _fill(self, seen: Any) -> None:
        """Areas and shares of the classes."""
        from gui.requests import eye_classes
        from gui.style_panel import swatch

        while self.rows.count():
            item = self.rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.table.setVisible(seen is not None)
        if seen is None:
            return
        found = eye_classes(seen)
        whole = max(sum(area for _, _, area in found), 1e-9)
        for at, (colour, words, area) in enumerate(found):
            self.rows.addWidget(swatch(colour, tr(words)), at, 0)
            self.rows.addWidget(label(area_words(area), wrap=False), at, 1)
            self.rows.addWidget(label(tr("{n} %", n=number(100.0 * area / whole, 1)), "quiet", wrap=False), at, 2)


def area_words(area: float) -> str:
    """Square metres up to a hectare, hectares beyond."""
    if area < HECTARE:
        return tr("{n} m²", n=number(area))
    return tr("{n} ha", n=number(area / HECTARE, 1 if area < 100 * HECTARE else 0))
