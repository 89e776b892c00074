"""The second pane: what the eye itself sees, turned by hand, a step behind the map so that the map stays quick."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.eye import LONG, STEP, WALKS, EyeTool
from gui.object_panel import label
from gui.view import CityView, let_go
from gui.words import number, tr

if TYPE_CHECKING:
    from citymodel.scene.eye_view import Gaze

BEHIND = 40  # milliseconds that the map has to itself before the pane is drawn
SHARE = 3.0  # times as long as the pane's last picture took, where that is longer
ROOMY = 660  # pixels from which there is room for words beside the buttons
TURN = 5.0  # degrees of an arrow key
POINTS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


class EyePane(QWidget):
    """A view of its own on the same city.

    closed(), enlarged(whether it is to be large), save_wanted(), turned() when the eye looks elsewhere
    """

    closed = Signal()
    enlarged = Signal(bool)
    save_wanted = Signal()
    turned = Signal()

    def __init__(self, tool: EyeTool, view: CityView, proposal: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool, self.view = tool, view
        self.gaze: Gaze | None = None
        self.interactor: Any = None  # made when it is first seen
        self.stage: Any = None
        self._state: Any = None
        self._shown: Any = None
        self._drag: QPointF | None = None
        self._began = self._took = 0.0  # milliseconds that a picture took
        self._soon = QTimer(self, singleShot=True, interval=BEHIND)
        self._soon.timeout.connect(self._draw)
        self.words = label("", "quiet", wrap=False)
        self.width_box = QSpinBox()
        self.width_box.setRange(20, 100)
        self.width_box.setValue(75)
        self.width_box.setSingleStep(5)
        self.width_box.setSuffix("°")
        self.width_box.setToolTip(tr("Width of the field of view; people see about 60° clearly. The wheel zooms."))
        self.width_box.setAccessibleName(tr("Field of view"))
        self.width_box.valueChanged.connect(lambda _: self._set_width())
        self.large = QPushButton(tr("Enlarge"))
        self.large.setCheckable(True)
        self.large.clicked.connect(self.enlarged)
        self.save = QPushButton(tr("Save…"))
        self.save.setToolTip(tr("Save this picture"))
        self.save.clicked.connect(self.save_wanted)
        self.shut = QPushButton()
        self.shut.setIcon(theme.icon("stop"))
        self.shut.setProperty("quiet", True)
        self.shut.setAccessibleName(tr("Close the eye's own view"))
        self.shut.clicked.connect(self.closed)
        self.proposal = QToolButton()
        self.proposal.setDefaultAction(proposal)
        self.proposal.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 8, 4)
        head.setSpacing(8)
        self.name = label(tr("The eye's own view"), "head", wrap=False)
        self.name.setStyleSheet("padding: 0")
        head.addWidget(self.name)
        head.addWidget(self.words, 1)
        for part in (self.proposal, self.width_box, self.large, self.save, self.shut):
            head.addWidget(part)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(head)
        self.setMinimumHeight(140)
        tool.moved.connect(self.follow)
        self.hide()

    # --- what it shows ---

    def show_state(self, state: Any) -> None:
        """The map shows another state; the pane follows once the map is drawn."""
        self._state = state
        self.follow()

    def follow(self) -> None:
        """Draw soon, from where the eye stands now."""
        stand = self.tool.stand
        if stand is None:
            self.gaze = None
            if self.isVisible():
                self.closed.emit()
            return
        position = self.tool.picking.local(stand.x, stand.y, stand.z + self.tool.parameters.eye_height)
        if self.gaze is None:
            from citymodel.scene.eye_view import Gaze

            self.gaze = Gaze(position, self.view.navigation.pose.heading, 0.0, float(self.width_box.value()))
        else:
            self.gaze = replace(self.gaze, position=position)
        if self.isVisible() and not self._soon.isActive():
            self._soon.start(max(BEHIND, round(SHARE * self._took)))

    def _make(self) -> None:
        """A renderer of its own; it costs a window some memory, so it is made when first wanted."""
        from pyvistaqt import QtInteractor

        from citymodel.scene.stage import Stage

        self.interactor = QtInteractor(self, auto_update=False, multi_samples=0)
        self.interactor.enable_anti_aliasing("fxaa")
        self.interactor.setAcceptDrops(False)
        self.interactor.setAccessibleName(tr("The eye's own view"))
        self.interactor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.interactor.setCursor(Qt.CursorShape.OpenHandCursor)
        self.interactor.installEventFilter(self)
        self.column.addWidget(self.interactor, 1)
        self.stage = Stage(self.interactor, self.interactor.devicePixelRatioF(), occlusion=False)
        self.interactor.renderer.AddObserver("StartEvent", lambda *_: self._time(True))
        self.interactor.renderer.AddObserver("EndEvent", lambda *_: self._time(False))

    def _time(self, begins: bool) -> None:
        now = 1000.0 * time.perf_counter()
        if begins:
            self._began = now
        else:
            self._took = now - self._began

    def _draw(self) -> None:
        """Bring the pane up to the map and the eye."""
        from citymodel.scene.eye_view import aim, plain

        if self.gaze is None or self._state is None or not self.isVisible():
            return
        if self.view.drawing:  # the map comes first
            self._soon.start(BEHIND)
            return
        if self.interactor is None:
            self._make()
        if self._shown is not self._state:
            self._shown = self._state
            self.stage.mirror_shapes(self.view.stage)
            self.stage.show(plain(self._state))
        aim(self.interactor.renderer, self.gaze)
        self.interactor.update()
        self._say()

    def _say(self) -> None:
        gaze, stand = self.gaze, self.tool.stand
        if gaze is None or stand is None:
            return
        towards = tr(POINTS[round(gaze.heading / 45.0) % 8])
        scenario = self.tool.desk.document.scenario
        self.words.setText(
            tr(
                "looking {towards} ({angle}°), {state}",
                towards=towards,
                angle=number(gaze.heading),
                state=scenario.name if scenario is not None else tr("as it is"),
            )
        )

    def picture(self) -> QImage:
        """What the pane shows now."""
        self._soon.stop()
        self._draw()
        image: QImage = self.interactor.grab().toImage()
        return image

    def kept(self) -> QImage:
        """The picture with the words that it needs once it has left the window."""
        stand, gaze, image = self.tool.stand, self.gaze, self.picture()
        if stand is None or gaze is None:
            return image
        where = tr("the roof") if stand.where == "roof" else tr("the ground")
        caption = getattr(self._state, "caption", None)
        return captioned(image, (
            tr("{city}, {state}", city=self.tool.desk.document.name, state=self.words.text()),
            tr("Eye {height} m above {where} at x {x}, y {y}; field of view {width}°",
               height=number(self.tool.parameters.eye_height, 1), where=where, x=number(stand.x, 1),
               y=number(stand.y, 1), width=number(gaze.width)),
            getattr(caption, "attribution", ""),
        ))  # fmt: skip

    # --- the hand ---

    def look(self, heading: float, up: float = 0.0) -> None:
        """Look there."""
        if self.gaze is not None:
            self.gaze = replace(self.gaze, heading=heading % 360.0, up=up)
            self._turned()

    def _turned(self) -> None:
        if not self._soon.isActive():
            self._soon.start(0)
        self.turned.emit()

    def _set_width(self) -> None:
        if self.gaze is not None:
            self.gaze = replace(self.gaze, width=float(self.width_box.value()))
            self._turned()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self.interactor.setFocus(Qt.FocusReason.MouseFocusReason)
            self._drag = event.position()
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._pull(event.position())
        elif kind in (QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick):
            self._drag = None
        elif kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            self.width_box.setValue(round(self.width_box.value() - 5 * event.angleDelta().y() / 120.0))
        elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            return self._key(event, kind == QEvent.Type.KeyPress)
        else:
            return kind == QEvent.Type.KeyRelease
        return True

    def _pull(self, place: QPointF) -> None:
        """The picture follows the hand, as paper would."""
        if self._drag is None or self.gaze is None:
            return
        step, self._drag = place - self._drag, place
        share = self.gaze.width / max(self.interactor.width(), 1)
        self.gaze = self.gaze.turned(-step.x() * share, step.y() * share)
        self._turned()

    def _key(self, event: QKeyEvent, act: bool) -> bool:
        """Left and right turn, the other keys walk."""
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        key, gaze = Qt.Key(event.key()), self.gaze
        turn = {Qt.Key.Key_Left: -TURN, Qt.Key.Key_Right: TURN}.get(key)
        if gaze is None or (turn is None and key not in WALKS):
            event.ignore()
            return act  # VTK has meanings of its own for letters; ours are shortcuts
        if act and turn is not None:
            self.look(gaze.heading + turn, gaze.up)
        elif act:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.tool.walk(gaze.heading + WALKS[key], LONG if shift else STEP)
        event.accept()
        return True

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.shut.setIcon(theme.icon("stop"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.follow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= ROOMY
        self.name.setVisible(wide)
        self.words.setVisible(wide)
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.proposal.setToolButtonStyle(style)
        self.follow()

    def close_view(self) -> None:
        """Let go of the graphics before Qt does."""
        self._soon.stop()
        if self.interactor is not None:
            let_go(self.interactor)


def captioned(image: QImage, lines: tuple[str, ...]) -> QImage:
    """The picture with lines of words below it."""
    scale = image.devicePixelRatio()
    words = [one for one in lines if one]
    step = round(max(image.height() / scale * 0.032, 15.0))
    made = QImage(image.width(), image.height() + round((step * len(words) + step // 2) * scale), image.format())
    made.setDevicePixelRatio(scale)
    made.fill(QColor("#fbfaf7"))
    painter = QPainter(made)
    painter.drawImage(0, 0, image)
    font = painter.font()
    font.setPixelSize(round(step * 0.68))
    painter.setFont(font)
    painter.setPen(QColor("#2b2f36"))
    for at, one in enumerate(words):
        painter.drawText(step // 2, round(image.height() / scale) + step * (at + 1) - step // 6, one)
    painter.end()
    return made
