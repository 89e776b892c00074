"""The 3-D view: shows scene states in the centre of the window, and says what is under the pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.navigation import Navigation
from gui.pose import Point, Pose, framing
from gui.words import tr

GL_RENDERER = 0x1F01
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "microsoft basic render")
HOME = (28.0, 36.0)  # heading and degrees down
CALM = 300  # milliseconds after a hurry before the full picture comes back


class CityView(QWidget):
    """A pyvistaqt interactor with the scene's stage on it.

    picked(hit or None), pointed(local point or None), camera_moved()
    """

    picked = Signal(object)
    pointed = Signal(object)
    camera_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from pyvistaqt import QtInteractor

        # no multisampling: VTK's occlusion pass fails on it in places, and a processor draws 2.6 times as long
        self.interactor = QtInteractor(self, auto_update=False, multi_samples=0)
        self.interactor.enable_anti_aliasing("fxaa")
        self.interactor.camera_set = True  # type: ignore[attr-defined]  # PyVista would draw a picture to find one
        self.interactor.setAcceptDrops(False)  # pyvistaqt would read what is dropped itself, past the project
        self.interactor.setAccessibleName(tr("3-D view"))
        self.interactor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.interactor)
        from citymodel.scene.stage import Stage

        self.stage: Any = Stage(self.interactor, self.interactor.devicePixelRatioF(), samples=32)
        self.keys: Callable[[int, bool, bool], bool] = lambda key, shift, act: False  # of the tool in the hand
        self.swipe: Any = None  # citymodel.scene.swipe.Swipe while base and proposal stand side by side
        self._moving = False
        self.bounds: tuple[float, ...] | None = None
        self._drawing = QTimer(self, singleShot=True, interval=0)
        self._drawing.timeout.connect(self._draw)
        self._pointing = QTimer(self, singleShot=True, interval=30)
        self._pointing.timeout.connect(self._point)
        self._pointer = (0.0, 0.0)
        self._calm = QTimer(self, singleShot=True, interval=CALM)
        self._calm.timeout.connect(self._rested)
        self.navigation = Navigation(self.interactor, lambda: self.interactor.camera, self.point_at, self._ground)
        self.navigation.moved.connect(self._moved)
        self.navigation.rested.connect(self._rested)
        self.navigation.clicked.connect(lambda x, y, _keys: self.picked.emit(self.hit(x, y)))
        self.navigation.hovered.connect(self._hover)
        self.interactor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self.pointed.emit(None)
        elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
            plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
            if plain and self.keys(event.key(), shift, kind == QEvent.Type.KeyPress):
                event.accept()
                return True
        return False

    # --- the picture ---

    def show_state(self, state: Any) -> None:
        """Show a scene state; the stage works out what changed."""
        self._look_at_device()
        self.stage.show(state)
        self.bounds = self._visible()
        self.draw()

    def show_sides(self, swipe: Any, sides: Any) -> None:
        """Show both sides of a swipe."""
        swipe.show(sides)
        self.swipe = swipe
        self.bounds = self._visible()
        self.draw()

    def show_draft(self, plans: Any) -> None:
        """Show a line in the making."""
        for stage in self.swipe.stages() if self.swipe is not None else (self.stage,):
            stage.show_draft(plans)
        self.draw()

    def _look_at_device(self) -> None:
        """Where a processor draws, corners stay unshaded: it takes as long again, and shades them only in patches."""
        context = self.interactor.context()
        if self.stage.occlusion and context is not None and context.isValid():
            self.interactor.makeCurrent()
            name = str(context.functions().glGetString(GL_RENDERER) or "").lower()
            self.interactor.doneCurrent()
            self.stage.occlusion = not any(one in name for one in SOFTWARE)

    def prepare(self, state: Any) -> None:
        """The slow part of showing a state, for a worker."""
        self.stage.prepare(state)

    def _visible(self) -> tuple[float, ...] | None:
        """Local box of what is drawn, (xmin, ymin, zmin, xmax, ymax, zmax)."""
        box = self.interactor.renderer.ComputeVisiblePropBounds()
        return (box[0], box[2], box[4], box[1], box[3], box[5]) if box[1] >= box[0] else None

    def draw(self) -> None:
        """Draw soon; many calls in one turn are one picture."""
        self._drawing.start()

    @property
    def drawing(self) -> bool:
        """Whether a picture is about to be drawn."""
        return self._drawing.isActive()

    def _draw(self) -> None:
        self.interactor.update()  # the widget renders as it paints; a render() of its own would double every frame

    def hurry(self) -> None:
        """The sun is on the move: pictures come quickly and without what takes long, until it stands still."""
        if self.stage.state is not None and not self._moving:
            self._set_moving(True)
        self._calm.start()

    def _set_moving(self, moving: bool) -> None:
        self._moving = moving
        for stage in self.swipe.stages() if self.swipe is not None else (self.stage,):
            stage.moving(moving)

    def _rested(self) -> None:
        self._set_moving(False)
        self.draw()

    def _moved(self) -> None:
        if not self._moving:
            self._set_moving(True)
        self.interactor.renderer.ResetCameraClippingRange()
        self.draw()
        self.camera_moved.emit()

    def picture(self, size: QSize | None = None) -> QImage:
        """What the view shows now."""
        image = self.interactor.grab().toImage()  # paints, and so renders
        if size is None:
            return image
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        return image.scaled(size, keep, smooth).copy(0, 0, size.width(), size.height())

    # --- what is where ---

    def hit(self, x: float, y: float) -> Any:
        """The scene's hit at a place in logical pixels from the top left, None for the sky."""
        scale = self.interactor.devicePixelRatioF()
        stage = self.stage if self.swipe is None else self.swipe.stage_at(x * scale)
        return stage.pick(x * scale, (self.interactor.height() - y) * scale)

    def point_at(self, x: float, y: float) -> Point | None:
        """The local point on the scene there."""
        found = self.hit(x, y)
        point = getattr(found, "position", None)
        return None if point is None else (float(point[0]), float(point[1]), float(point[2]))

    def on_screen(self, point: Point) -> tuple[float, float]:
        """Where a local point is seen, logical pixels from the top left."""
        x, y = self.stage.display(point)
        scale = self.interactor.devicePixelRatioF()
        return x / scale, self.interactor.height() - y / scale

    def _hover(self, x: float, y: float) -> None:
        self._pointer = (x, y)
        if not self._pointing.isActive():
            self._pointing.start()

    def _point(self) -> None:
        self.pointed.emit(self.hit(*self._pointer))

    def centre(self) -> Point:
        """The local point in the middle of the picture."""
        middle = self.interactor.rect().center()
        return self.point_at(middle.x(), middle.y()) or self.navigation.pose.focus

    def _ground(self, x: float, y: float) -> float:
        found = self.stage.ground_height(x, y)
        if found is not None:
            return float(found)
        return self.bounds[2] if self.bounds else -1e9

    # --- where to look from ---

    @property
    def aspect(self) -> float:
        return max(self.interactor.width(), 1) / max(self.interactor.height(), 1)

    def _framing(self, bounds: tuple[float, ...], heading: float, down: float) -> Pose:
        return framing(bounds, heading, down, self.aspect, float(self.interactor.camera.view_angle))

    def home(self, at_once: bool = False) -> None:
        """Everything, from the south-west above."""
        if self.bounds is not None:
            pose = self._framing(self.bounds, *HOME)
            if at_once:
                self.navigation.arrive(pose)
            else:
                self.navigation.fly(pose)

    def look(self, position: Point, target: Point) -> None:
        """Look at a local point from another, at once."""
        self.navigation.arrive(Pose.looking(position, target))

    def frame(self, bounds: tuple[float, ...]) -> None:
        """These bounds fill the view; the direction stays."""
        pose = self.navigation.pose
        self.navigation.fly(self._framing(bounds, pose.heading, max(pose.down, 20.0)))

    def north(self) -> None:
        """North up."""
        pose = self.navigation.pose
        self.navigation.fly(Pose.around(pose.focus, 0.0, pose.down, pose.distance))

    def top(self) -> None:
        """Straight down."""
        pose = self.navigation.pose
        self.navigation.fly(Pose.around(pose.focus, 0.0, 89.9, pose.distance))

    def metres_per_pixel(self) -> float:
        """At the point looked at."""
        import math

        angle = math.radians(float(self.interactor.camera.view_angle))
        return 2.0 * self.navigation.pose.distance * math.tan(angle / 2.0) / max(self.interactor.height(), 1)

    def close_view(self) -> None:
        """Let go of the graphics before Qt does."""
        self._drawing.stop()
        self._calm.stop()
        self._pointing.stop()
        self.navigation.stop()
        let_go(self.interactor)


def let_go(interactor: Any) -> None:
    """Close an interactor, and with it what it holds of Qt's own graphics.

    pyvistaqt keeps the context and the surface that Qt made until the widget goes. Qt deletes them without a word to
    Python, and whatever it then puts at the same address would pass for a surface: calls on it fail or end the process.
    """
    interactor.close()
    forget = getattr(interactor, "_forget_context", None)  # not part of what it promises
    if forget is not None:
        forget()


def view_box(view: CityView, frame: Any) -> tuple[float, float, float, float] | None:
    """xmin, ymin, xmax, ymax of the ground that the picture shows, in the frame's CRS; None where it shows none."""
    if frame is None or view.bounds is None:
        return None
    width, height = view.interactor.width(), view.interactor.height()
    places = [(width * a, height * b) for a in (0.02, 0.35, 0.65, 0.98) for b in (0.02, 0.35, 0.65, 0.98)]
    points = [point for point in (view.point_at(x, y) for x, y in places) if point is not None]
    if len(points) < 3:
        return None
    x, y = [one[0] + frame.origin[0] for one in points], [one[1] + frame.origin[1] for one in points]
    return (min(x), min(y), max(x), max(y)) if min(x) < max(x) and min(y) < max(y) else None
