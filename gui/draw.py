"""The drawing tools: flood walls along a line, basins inside a polygon, culverts between two places."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from gui.desk import Desk
from gui.drawn import World, drawing
from gui.picking import Picking, Tool
from gui.words import tr, with_unit

if TYPE_CHECKING:
    from gui.view import CityView

KINDS = ("wall", "ground", "culvert")
CLOSE = 12.0  # pixels from the first corner within which a click closes the ring
ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
BACK = (Qt.Key.Key_Backspace,)


class DrawTool(QObject):
    """One line in the making; a click sets a place, a double click or Enter ends it, Backspace takes the last away.

    drawn(id) once a thing stands in the proposal; toggled(kind, whether it is in the hand)
    """

    drawn = Signal(str)
    toggled = Signal(str, bool)

    def __init__(self, desk: Desk, picking: Picking, view: CityView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.picking, self.view = desk, picking, view
        self.kind = ""
        self.places: list[World] = []
        self._pointer: World | None = None
        self.tool = Tool("", self._click, self._put_away)
        view.pointed.connect(self._follow)
        view.navigation.twice = self._twice
        before = view.keys
        view.keys = lambda key, shift, act: self._key(key, act) or before(key, shift, act)

    @property
    def active(self) -> bool:
        """Whether a click sets a place."""
        return self.picking.tool is self.tool

    def begin(self, kind: str) -> None:
        """Take the tool of that kind in the hand; where it is there already, put it away."""
        again = self.active and kind == self.kind
        if self.active:
            self.picking.drop(self.tool)
        if again or self.desk.document.frame is None:
            self.toggled.emit(kind, False)
            return
        self.desk.select(None)  # or the page of another thing would seem to be of what is drawn
        self.kind, self.places, self._pointer = kind, [], None
        self.tool.says = self._says()
        self.picking.take(self.tool)
        self.toggled.emit(kind, True)
        self.view.interactor.setFocus()

    def _put_away(self) -> None:
        self.places, self._pointer = [], None
        self._show()
        self.toggled.emit(self.kind, False)

    # --- the hand ---

    def _click(self, hit: Any) -> None:
        place = self.picking.world(hit)
        if place is None or (self.places and math.dist(place, self.places[-1]) < 0.05):
            return
        if self.kind != "culvert" and len(self.places) > 2 and self._at_the_first(hit):
            if self.kind == "wall":
                self.places.append(self.places[0])
            self.finish()
            return
        self.places.append(place)
        if self.kind == "culvert" and len(self.places) == 2:
            self.finish()
            return
        self._tell()

    def _at_the_first(self, hit: Any) -> bool:
        position = (float(hit.position[0]), float(hit.position[1]), float(hit.position[2]))
        first = self.view.on_screen(self.picking.local(*self.places[0]))
        return math.dist(self.view.on_screen(position), first) < CLOSE

    def _twice(self) -> bool:
        if not self.active:
            return False
        self.finish()  # the first of the two clicks has set the last place
        return True

    def _key(self, key: Any, act: bool) -> bool:
        if not self.active or key not in (*ENDS, *BACK):
            return False
        if act and key in ENDS:
            self.finish()
        elif act and self.places:
            self.places.pop()
            self._tell()
        return True

    def _follow(self, hit: Any) -> None:
        """The line runs on to the pointer."""
        if self.active and self.places:
            self._pointer = self.picking.world(hit) if hit is not None else None
            self._tell()

    def finish(self) -> None:
        """Make a change of what is drawn; where too little is, or it cannot be built, say so and draw on."""
        least = 3 if self.kind == "ground" else 2
        if len(self.places) < least:
            words = tr("Click three corners or more.") if least == 3 else tr("Click two places or more.")
            self.desk.noticed.emit(words, False)
            return
        try:
            change = drawing(self.kind, self.places, self.desk.document.scenario)
        except ValueError as wrong:
            self.desk.noticed.emit(str(wrong), True)
            return
        self.picking.drop(self.tool)
        self.desk.edit(tr("Draw {name}", name=change.name), lambda d: d.with_change(change, tr("Proposal")))
        scenario = self.desk.document.scenario
        if scenario is not None and scenario.drawn(change.id) is not None:
            self.desk.select((scenario.layer_id, change.id))
            self.drawn.emit(change.id)

    # --- the picture ---

    def _tell(self) -> None:
        self.tool.says = self._says()
        self.picking.changed.emit()
        self._show()

    def _says(self) -> str:
        said = {
            "wall": tr("Click along the wall; a double click or Enter ends it, Backspace goes back, Esc leaves."),
            "ground": tr("Click the corners of the ground to lower; a double click or Enter ends, Esc leaves."),
            "culvert": tr("Click where the culvert begins and where it ends; Esc leaves."),
        }[self.kind]
        places = self._ahead()
        length = sum(math.dist(a[:2], b[:2]) for a, b in pairwise(places))
        return f"{with_unit(length, 'm', 1)} · {said}" if length > 0 else said

    def _ahead(self) -> list[World]:
        return [*self.places, *([self._pointer] if self._pointer is not None else [])]

    def _show(self) -> None:
        from citymodel.scene.plans import Plan

        places = [self.view_place(one) for one in self._ahead()]
        closed = self.kind == "ground" and len(places) > 2
        draft = (Plan("draft", tuple(places), closed, True, True),) if places else ()
        self.view.show_draft(draft)

    def view_place(self, place: World) -> tuple[float, float]:
        """A place of the frame's CRS in the picture's own metres, seen from above."""
        return self.picking.local(*place)[:2]
