"""The swipe: base and proposal side by side in the 3-D view, and the line between them that a hand drags."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QLabel, QWidget

from citymodel.document import Document
from gui.desk import Desk
from gui.view import CityView
from gui.words import tr

WIDE, GRIP = 44, 17
"""Width of the handle and radius of its grip, logical pixels."""
LEAST = 0.02
"""Share of the width that each side keeps."""
STEP, LEAP = 0.01, 0.1
"""Shares that an arrow key moves the line by, and with Shift."""
PLATE, LIGHT = QColor("#1f3a4d"), QColor("#ffffff")


class SwipeTool(QObject):
    """Puts the proposal beside the base while it is active.

    toggled(whether it is active)
    """

    toggled = Signal(bool)

    def __init__(self, desk: Desk, view: CityView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.view = desk, view
        self.active = False
        self.share = 0.5
        self._swipe: Any = None
        self.handle = Handle(view.interactor)
        self.names = (_plate(view.interactor), _plate(view.interactor))
        self.handle.moved.connect(self.move)
        view.interactor.installEventFilter(self)
        desk.project_opened.connect(self.leave)

    def set_active(self, wanted: bool) -> None:
        """Begin or leave."""
        if wanted and not self.active:
            self._begin()
        elif not wanted:
            self.leave()

    def _begin(self) -> None:
        from citymodel.scene.swipe import Swipe, proposal_of

        if proposal_of(self.desk.document) is None:
            self.desk.noticed.emit(tr("There is no proposal to put beside the base; add or change a building."), False)
            self.toggled.emit(False)
            return
        self.active = True
        swipe = self._swipe = Swipe(self.view.interactor, self.view.stage, self.share)

        def sides(document: Document, moment: datetime, view: Any) -> Any:
            from citymodel.scene.swipe import sides_of

            found = sides_of(document, moment, view, (tr("As it is"), ""))
            if found is not None:
                swipe.prepare(found)
            return found

        self.desk.split = sides
        if self.desk.shader is not None and not self.desk.shows_result:
            self.desk.noticed.emit(tr("Cast shadows rest while base and proposal stand side by side."), False)
        self.toggled.emit(True)
        self.desk.refresh()

    def leave(self) -> None:
        """One picture again."""
        if not self.active:
            return
        self.active, self.desk.split = False, None
        self._hide()
        self.view.swipe = None
        self.view.interactor.makeCurrent()
        self._swipe.end()
        self.view.interactor.doneCurrent()
        self._swipe = None
        self.toggled.emit(False)
        self.desk.refresh()

    def show(self, state: Any, sides: Any) -> bool:
        """Show what was worked out; False where the view has to show the one state itself."""
        if not self.active:
            return False
        if sides is None:  # the first answer after the beginning, or the proposal has gone
            if self._swipe.shown:
                self.leave()
            return False
        self.view.show_sides(self._swipe, sides)
        for plate, words in zip(self.names, sides.names, strict=True):
            plate.setToolTip(words)
            plate.setAccessibleName(words)
        self.handle.show()
        self._place()
        return True

    def move(self, share: float) -> None:
        """Put the line at this share of the width."""
        self.share = min(max(share, LEAST), 1.0 - LEAST)
        if self._swipe is not None:
            self._swipe.at(self.share)
            self._place()
            self.view.draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._swipe is not None:
            self._swipe.at(self.share)
            self._place()
        return False

    def _hide(self) -> None:
        for part in (self.handle, *self.names):
            part.hide()

    def _place(self) -> None:
        """Handle and names stand at the line; a name that has no room is cut, or goes."""
        width, height = self.view.interactor.width(), self.view.interactor.height()
        x = round(self.share * width)
        self.handle.setGeometry(x - WIDE // 2, 0, WIDE, height)
        for plate, room in zip(self.names, (x, width - x), strict=True):
            metrics = plate.fontMetrics()
            words = metrics.elidedText(plate.toolTip(), Qt.TextElideMode.ElideRight, max(min(room - 44, 320), 0))
            plate.setText(words)
            plate.adjustSize()
            left = x - 10 - plate.width() if plate is self.names[0] else x + 10
            plate.move(left, 12)
            plate.setVisible(self.handle.isVisible() and len(words) > 1)
        self.handle.raise_()


class Handle(QWidget):
    """An upright line with a grip on it.

    moved(share of its parent's width) while it is dragged or moved by arrow keys
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Line between the base and the proposal"))
        self.setToolTip(tr("Drag, or press the arrow keys; S or Esc leaves"))
        self._held: float | None = None  # how far beside the line the hand holds it
        self.hide()

    def share(self) -> float:
        """Where it stands."""
        parent = self.parentWidget()
        return (self.x() + WIDE / 2) / max(parent.width(), 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position().x() - WIDE / 2
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            place = self.mapToParent(event.position().toPoint()).x() - self._held
            self.moved.emit(place / max(self.parentWidget().width(), 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
        places = {
            Qt.Key.Key_Left: self.share() - step, Qt.Key.Key_Right: self.share() + step,
            Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: 1.0,
        }  # fmt: skip
        place = places.get(Qt.Key(event.key()))
        if place is None:
            event.ignore()
        else:
            self.moved.emit(place)

    def resizeEvent(self, event: Any) -> None:
        grip = QRegion(QRect(0, self.height() // 2 - WIDE // 2, WIDE, WIDE), QRegion.RegionType.Ellipse)
        self.setMask(grip.united(QRegion(WIDE // 2 - 5, 0, 10, self.height())))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            x, y = WIDE / 2, self.height() / 2
            for colour, wide in ((PLATE, 4.0), (LIGHT, 2.0)):
                painter.setPen(QPen(colour, wide))
                painter.drawLine(QPointF(x, 0.0), QPointF(x, float(self.height())))
            painter.setPen(QPen(LIGHT, 3.0 if self.hasFocus() else 2.0))
            painter.setBrush(PLATE)
            painter.drawEllipse(QPointF(x, y), GRIP, GRIP)
            painter.setPen(QPen(LIGHT, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            for side in (-1.0, 1.0):
                tip, back = x + side * 10.0, x + side * 5.0
                painter.drawPolyline([QPointF(back, y - 5.0), QPointF(tip, y), QPointF(back, y + 5.0)])


def _plate(parent: QWidget) -> QLabel:
    """The name of a side."""
    plate = QLabel(parent)
    plate.setStyleSheet(
        f"background: {PLATE.name()}; color: {LIGHT.name()}; font-weight: 600; padding: 4px 10px; border-radius: 4px;"
    )
    plate.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    plate.hide()
    return plate
