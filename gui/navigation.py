"""The hand on the map: left-drag pans the ground, right- or middle-drag orbits, the wheel zooms to the pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.pose import Point, Pose

SLOP = 4.0  # pixels a click may wander
FLIGHT = 420  # milliseconds
STILL = 150  # milliseconds without motion before the full picture comes back


class Navigation(QObject):
    """Takes the mouse from the 3-D view and moves the camera.

    clicked(x, y, modifiers) in logical pixels; hovered(x, y); moved() after each change of the
    camera; rested() when it has been still for a moment
    pulled(x, y), let_go() while the hand holds what ``grab`` let it take instead of the map
    pick : x, y → the point on the scene under the pointer, or None
    ground : x, y local metres → height of the ground there
    """

    clicked = Signal(float, float, object)
    hovered = Signal(float, float)
    moved = Signal()
    rested = Signal()
    pulled = Signal(float, float)
    let_go = Signal()

    def __init__(
        self,
        view: QWidget,
        camera: Callable[[], Any],
        pick: Callable[[float, float], Point | None],
        ground: Callable[[float, float], float],
    ) -> None:
        super().__init__(view)
        self._view, self._camera, self._pick, self._ground = view, camera, pick, ground
        self._held: Point | None = None
        self._button = Qt.MouseButton.NoButton
        self._start = self._last = QPointF()
        self._dragging = self._pulling = False
        self.grab: Callable[[float, float], bool] = lambda x, y: False
        self.twice: Callable[[], bool] = lambda: False  # whether a tool takes a double click
        self.by_hand = False
        self.animated = True
        self._flight = QVariantAnimation(self, duration=FLIGHT, startValue=0.0, endValue=1.0)
        self._flight.valueChanged.connect(self._fly)
        self._from = self._to = Pose((0.0, 0.0, 100.0), 0.0, 45.0, 100.0)
        self._rest = QTimer(self, singleShot=True, interval=STILL)
        self._rest.timeout.connect(self.rested)
        view.installEventFilter(self)
        view.setMouseTracking(True)

    # --- the camera ---

    @property
    def pose(self) -> Pose:
        """Where the camera is now."""
        camera = self._camera()
        return Pose.looking(tuple(camera.position), tuple(camera.focal_point), tuple(camera.up))

    def set_pose(self, pose: Pose) -> None:
        """Put the camera there, above the ground."""
        pose = pose.above(self._ground(pose.position[0], pose.position[1]))
        camera = self._camera()
        camera.position, camera.focal_point, camera.up = pose.position, pose.focus, pose.up
        self._rest.start()
        self.moved.emit()

    def arrive(self, pose: Pose) -> None:
        """Be there at rest: the next picture is the full one, none is drawn for the way."""
        self.set_pose(pose)
        self._rest.stop()
        self.rested.emit()

    def stop(self) -> None:
        """No flight and no rest after this; the view is being closed."""
        self._flight.stop()
        self._rest.stop()

    def fly(self, pose: Pose) -> None:
        """Go there in a short flight, at once where motion is not wanted."""
        self._flight.stop()
        if not self.animated:
            self.set_pose(pose)
            return
        self._from, self._to = self.pose, pose
        self._flight.start()

    def _fly(self, share: float) -> None:
        self.set_pose(self._from.towards(self._to, float(share)))

    # --- the hand ---

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._press(event)
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._move(event)
        elif kind == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self._release(event)
        elif kind == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            self._double(event)
        elif kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            self._wheel(event)
        elif kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
                return False
            self._zoom(event.position(), 1.0 / (1.0 + event.value()))
        elif kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                return False
            event.ignore()  # VTK has meanings of its own for letters; ours are shortcuts
        else:
            return False
        return True

    def _press(self, event: QMouseEvent) -> None:
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        self._flight.stop()
        self._button, self._dragging = event.button(), False
        self._start = self._last = event.position()
        place = event.position()
        self._pulling = event.button() == Qt.MouseButton.LeftButton and self.grab(place.x(), place.y())
        self._held = self._anchor(event.position())

    def _move(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._button == Qt.MouseButton.NoButton:
            self.hovered.emit(place.x(), place.y())
            return
        if not self._dragging and (place - self._start).manhattanLength() < SLOP:
            return
        if self._pulling:
            self._dragging = True
            self.pulled.emit(place.x(), place.y())
            return
        self._dragging = self.by_hand = True
        pans = self._button == Qt.MouseButton.LeftButton and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if pans:
            self._pan(place)
        elif self._held is not None:
            step = place - self._last
            self.set_pose(self.pose.orbited(self._held, 0.35 * step.x(), 0.3 * step.y()))
        self._last = place

    def _release(self, event: QMouseEvent) -> None:
        if self._pulling:
            self.let_go.emit()
        if not self._dragging and not self._pulling and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position().x(), event.position().y(), event.modifiers())
        self._button, self._dragging, self._pulling = Qt.MouseButton.NoButton, False, False

    def _double(self, event: QMouseEvent) -> None:
        if self.twice():
            self._dragging = True  # its release is no click of its own
            return
        target = self._anchor(event.position())
        if target is not None:
            pose = self.pose
            self.fly(Pose.around(target, pose.heading, pose.down, max(pose.distance * 0.4, 40.0)))

    def _wheel(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120.0
        if steps:
            self.by_hand = True
            self._zoom(event.position(), 0.84**steps)

    def _zoom(self, place: QPointF, factor: float) -> None:
        self._flight.stop()
        target = self._anchor(place) or self.pose.focus
        self.set_pose(self.pose.zoomed(target, factor))

    def _pan(self, place: QPointF) -> None:
        if self._held is None:
            return
        pose = self.pose
        now = pose.on_plane(self.direction(place), self._held[2])
        if now is not None:
            self.set_pose(pose.panned(self._held, now))

    def direction(self, place: QPointF) -> Point:
        """The ray from the eye through a place of the view, logical pixels."""
        width, height = max(self._view.width(), 1), max(self._view.height(), 1)
        x, y = 2.0 * place.x() / width - 1.0, 1.0 - 2.0 * place.y() / height
        return self.pose.ray(x, y, width / height, float(self._camera().view_angle))

    def _anchor(self, place: QPointF) -> Point | None:
        """What is under the pointer: the scene, else the level of the point looked at."""
        found = self._pick(place.x(), place.y())
        if found is not None:
            return found
        pose = self.pose
        on_level = pose.on_plane(self.direction(place), min(pose.focus[2], pose.position[2] - 1.0))
        return on_level or pose.focus
