"""The widget that asks for the part of a city a study looks at: all, what the view shows, or drawn with the mouse."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from citymodel.parameters import Parameter
from gui.area_tool import size_of
from gui.asked import Asked, Box, Surroundings
from gui.choice_box import ChoiceBox
from gui.words import tr


class AreaField(QWidget):
    """A box of choices and a button to draw; changed() when the area is another.

    A given area is seen as an outline in the view for as long as the field is seen.
    """

    changed = Signal()

    def __init__(self, parameter: Parameter, around: Surroundings) -> None:
        super().__init__()
        self.parameter, self.around = parameter, around
        self.owner = f"{parameter.name} {id(self)}"
        self.given: Box | None = None
        self.box = ChoiceBox()
        self.box.setAccessibleName(tr(parameter.label))
        self.box.addItem(tr("All of the data"), "all")
        self.box.addItem(tr("What the view shows"), "view")
        self.box.currentIndexChanged.connect(lambda _: self._chosen())
        self.draw = QPushButton(tr("Draw…"))
        self.draw.setCheckable(True)
        self.draw.setToolTip(tr("Draw the area in the view: drag a rectangle, or click two corners of it"))
        self.draw.setAccessibleName(tr("Draw {name}", name=tr(parameter.label)))
        self.draw.setVisible(around.areas is not None)
        self.draw.clicked.connect(self._draw)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 1)
        row.addWidget(self.draw)
        self.setFocusProxy(self.box)
        if around.picking is not None:
            around.picking.desk.project_opened.connect(self.clear)  # an area of another city, in another CRS

    def value(self) -> Box | None:
        """xmin, ymin, xmax, ymax in the frame's CRS; None for all."""
        chosen = self.box.currentData()
        return None if chosen == "all" else self.around.view() if chosen == "view" else self.given

    def put(self, bounds: Box | None) -> None:
        """Show an area that was asked for before; None for all."""
        self._hold(bounds, tr("As before"))

    def clear(self) -> None:
        """Hold no area, nor offer one."""
        self._hold(None, "")
        at = self.box.findData("given")
        if at >= 0:
            self.box.removeItem(at)

    def _hold(self, bounds: Box | None, words: str) -> None:
        before, was = self.box.currentData(), self.given
        self.given = (bounds[0], bounds[1], bounds[2], bounds[3]) if bounds is not None else was
        if bounds is not None and self.given is not None:
            if self.box.findData("given") < 0:
                self.box.addItem("", "given")
            self.box.setItemText(self.box.findData("given"), f"{words}: {size_of(self.given)}")
        self.box.setCurrentIndex(0 if bounds is None else self.box.findData("given"))
        if before == self.box.currentData() == "given" and was != self.given:
            self._chosen()  # another area under the same choice

    def _draw(self, wanted: bool) -> None:
        tool, picking = self.around.areas, self.around.picking
        assert tool is not None
        if not wanted:
            tool.leave()
        elif picking is None or picking.desk.document.frame is None:
            self.draw.setChecked(False)  # nothing is there to draw on
        else:
            tool.begin(lambda box: self._hold(box, tr("Drawn")), lambda: self.draw.setChecked(False))

    def _chosen(self) -> None:
        self.show_in_view()
        self.changed.emit()

    def show_in_view(self) -> None:
        """Outline a given area in the view, as long as the field is seen."""
        from gui.requests import line_pin

        if self.around.picking is None:
            return
        desk, pins = self.around.picking.desk, ()
        if self.isVisible() and self.box.currentData() == "given" and self.given is not None:
            x, y, u, v = self.given
            ring = ((x, y), (u, y), (u, v), (x, v), (x, y))
            words = f"{tr(self.parameter.label)}: {size_of(self.given)}"
            pins = (line_pin(desk.document, words, ring),)
        desk.set_pins(self.owner, pins)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_in_view()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # a minimised window loses nothing
            if self.draw.isChecked() and self.around.areas is not None:
                self.around.areas.leave()
            self.show_in_view()


def area_field(parameter: Parameter, around: Surroundings) -> Asked:
    """The widget that asks for an area."""
    field = AreaField(parameter, around)
    return Asked(parameter, field, field.value, field.put, field.changed)
