"""The widget for thresholds: a small table, one row a class, its lower bound in a box that can be changed."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from citymodel.parameters import Parameter
from gui.asked import Asked, News, Surroundings
from gui.object_panel import label
from gui.words import tr


class LevelsField(QWidget):
    """Thresholds in rising order; a box that is pushed past its neighbour pushes the neighbour too."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self.parameter = parameter
        self.news = News(self)
        self.boxes: list[Any] = []
        self._filling = False
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 4)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(3)
        self.grid.setColumnStretch(0, 1)
        self.usual = QPushButton(tr("The usual ones"))
        self.usual.setToolTip(tr("Back to the thresholds that the method names"))
        self.usual.clicked.connect(lambda: self.put(parameter.default))

    def put(self, levels: Any) -> None:
        """Show these thresholds, a row each."""
        wanted = [float(one) for one in levels or ()]
        if len(wanted) != len(self.boxes):
            self._build(len(wanted))
        self._filling = True
        for box, value in zip(self.boxes, wanted, strict=True):
            box.setValue(value)
        self._filling = False
        self._said()

    def _build(self, count: int) -> None:
        from gui.parameter_fields import Span

        self.grid.removeWidget(self.usual)
        while self.grid.count():
            widget = self.grid.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        self.boxes = []
        words = dict(self.parameter.labels)
        for at in range(count):
            box = Span()
            box.setDecimals(3)
            box.setRange(0.0, 1e6)
            box.setSingleStep(0.05)
            if self.parameter.kind.unit:
                box.setSuffix(f"\u00a0{self.parameter.kind.unit}")
            said = tr(words.get(str(at), tr("class {n}", n=at + 1)))
            box.setAccessibleName(tr("{what} from", what=said))
            box.valueChanged.connect(lambda _, at=at: self._pushed(at))
            self.boxes.append(box)
            self.grid.addWidget(label(said), at, 0)
            self.grid.addWidget(label(tr("from"), "quiet", wrap=False), at, 1)
            self.grid.addWidget(box, at, 2)
        self.grid.addWidget(self.usual, count, 0, 1, 3)
        if self.boxes:
            self.setFocusProxy(self.boxes[0])

    def _pushed(self, at: int) -> None:
        """Neighbours give way, so that the thresholds always rise."""
        if self._filling:
            return
        self._filling = True
        least = 10.0 ** -self.boxes[at].decimals()
        for above in range(at + 1, len(self.boxes)):
            self.boxes[above].setValue(max(self.boxes[above].value(), self.boxes[above - 1].value() + least))
        for below in range(at - 1, -1, -1):
            self.boxes[below].setValue(min(self.boxes[below].value(), self.boxes[below + 1].value() - least))
        self._filling = False
        self._said()

    def _said(self) -> None:
        usual = tuple(float(one) for one in self.parameter.default or ())
        self.usual.setVisible(bool(self.boxes) and self.value() != usual)
        self.news.changed.emit()

    def value(self) -> tuple[float, ...]:
        """The thresholds."""
        return tuple(round(box.value(), 6) for box in self.boxes)


def levels_field(parameter: Parameter, around: Surroundings) -> Asked:
    """The widget that asks for thresholds."""
    widget = LevelsField(parameter)
    return Asked(parameter, widget, widget.value, widget.put, widget.news.changed)
