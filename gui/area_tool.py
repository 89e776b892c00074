"""The tool that draws the area of a study: a rectangle along the map's axes, dragged or clicked by two corners."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPointF

from gui.picking import Picking, Point, Tool
from gui.words import number, tr, with_unit

if TYPE_CHECKING:
    from gui.view import CityView

Box = tuple[float, float, float, float]
LEAST = 1.0
"""Metres that each side of an area has at least."""


class AreaTool(QObject):
    """One rectangle in the making. The left hand draws; the map still turns and zooms by the other buttons."""

    def __init__(self, picking: Picking, view: CityView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picking, self.view = picking, view
        self.tool = Tool("", lambda _: None, self._put_away, anywhere=True)
        self._take: Callable[[Box], None] = lambda box: None
        self._left: Callable[[], None] = lambda: None
        self._first: Point | None = None
        self._to: Point | None = None
        self._pressed = False
        hand = view.navigation
        grab, twice = hand.grab, hand.twice
        hand.grab = lambda x, y: self._grab(x, y) if self.active else grab(x, y)
        hand.twice = lambda: self.active or twice()
        hand.pulled.connect(self._pull)
        hand.let_go.connect(self._let_go)
        hand.hovered.connect(self._follow)

    @property
    def active(self) -> bool:
        """Whether the hand draws an area."""
        return self.picking.tool is self.tool

    def begin(self, take: Callable[[Box], None], left: Callable[[], None]) -> None:
        """Take the tool in the hand: ``take`` gets the area in the frame's CRS, ``left`` is called at the end."""
        self.picking.drop(self.tool)
        self._take, self._left = take, left
        self.tool.says = self._says()
        self.picking.take(self.tool)
        self.view.interactor.setFocus()

    def leave(self) -> None:
        """Put the tool away, with nothing drawn."""
        self.picking.drop(self.tool)

    def _put_away(self) -> None:
        self._first = self._to = None
        self._pressed = False
        self.view.show_draft(())
        self._left()

    # --- the hand ---

    def _grab(self, x: float, y: float) -> bool:
        """A corner is pressed: the first, or the one across."""
        place = self._place(x, y)
        self._pressed = place is not None
        if self._first is None:
            self._first, self._to = place, None
        else:
            self._to = place or self._to
        self._tell()
        return True

    def _pull(self, x: float, y: float) -> None:
        if self.active and self._pressed:
            self._to = self._place(x, y) or self._to
            self._tell()

    def _follow(self, x: float, y: float) -> None:
        """Between two clicks the rectangle runs on to the pointer."""
        if self.active and self._first is not None:
            self._to = self._place(x, y) or self._to
            self._tell()

    def _let_go(self) -> None:
        """The end of a drag, or of the second click; the first click alone has set a corner."""
        if not self.active or not self._pressed:
            return
        self._pressed = False
        box = self._box()
        if self._to is None or box is None:
            return
        if min(box[2] - box[0], box[3] - box[1]) < LEAST:
            words = tr("An area is a metre wide and high at least; click the corner across.")
            self.picking.desk.noticed.emit(words, False)
            return
        take = self._take
        self.picking.drop(self.tool)
        take(box)

    def _place(self, x: float, y: float) -> Point | None:
        """What is under the pointer, else the place on the level of what is known; never beyond what is shown."""
        hand = self.view.navigation
        found = self.view.point_at(x, y)
        if found is None:
            level = self._first[2] if self._first is not None else hand.pose.focus[2]
            found = hand.pose.on_plane(hand.direction(QPointF(x, y)), level)
        bounds = self.view.bounds
        if found is None or bounds is None:
            return None
        return min(max(found[0], bounds[0]), bounds[3]), min(max(found[1], bounds[1]), bounds[4]), found[2]

    def _box(self) -> Box | None:
        """xmin, ymin, xmax, ymax between the two corners, in the frame's CRS to the decimetre."""
        if self._first is None or self._to is None:
            return None
        a, b = self.picking.world_of(self._first), self.picking.world_of(self._to)
        x, y = sorted((round(a[0], 1), round(b[0], 1))), sorted((round(a[1], 1), round(b[1], 1)))
        return x[0], y[0], x[1], y[1]

    # --- the picture ---

    def _tell(self) -> None:
        from citymodel.scene.plans import Plan

        self.tool.says = self._says()
        self.picking.changed.emit()
        if self._first is None:
            return
        (x, y, _), (u, v, _) = self._first, self._to or self._first
        corners = ((x, y), (u, y), (u, v), (x, v)) if (x, y) != (u, v) else ((x, y),)
        self.view.show_draft((Plan("area", corners, len(corners) > 2, True, True),))

    def _says(self) -> str:
        if self._first is None:
            return tr("Drag a rectangle over the area, or click two corners of it; Esc leaves.")
        box: Any = self._box()
        if box is None:
            return tr("Click the corner across; Esc leaves.")
        return tr("{size} · let go or click to take it, Esc leaves", size=size_of(box))


def size_of(box: Box) -> str:
    """How wide, how high and how large an area is: "320 × 210 m, 6.7 ha"."""
    wide, high = box[2] - box[0], box[3] - box[1]
    hectares = wide * high / 1e4
    digits = 2 if hectares < 1 else 1 if hectares < 100 else 0
    return f"{number(wide)} × {with_unit(high, 'm')}, {with_unit(hectares, 'ha', digits)}"
