"""The drawing tools: flood walls along a line, basins inside a polygon, culverts between two places."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from gui.desk import Desk
from gui.drawn import World, drawing
from gui.picking import Picking, Tool
from gui.words import number, tr, with_unit

if TYPE_CHECKING:
    from gui.view import CityView

KINDS = ("wall", "ground", "culvert")
CLOSE = 12.0  # pixels from the first corner within which a click closes the ring
ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
BACK = (Qt.Key.Key_Backspace,)
DIGITS = {getattr(Qt.Key, f"Key_{one}"): str(one) for one in range(10)} | {
    Qt.Key.Key_Period: ".",
    Qt.Key.Key_Comma: ".",
}


class DrawTool(QObject):
    """One line in the making; a click sets a place, a double click or Enter ends it, Backspace takes the last away.

    Metres that are typed set the next place, so far towards the pointer.

    drawn(id) once a thing stands in the proposal; toggled(kind, whether it is in the hand)
    """

    drawn = Signal(str)
    toggled = Signal(str, bool)

    def __init__(self, desk: Desk, picking: Picking, view: CityView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.picking, self.view = desk, picking, view
        self.kind = ""
        self.places: list[World] = []
        self.typed = ""
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
        self.kind, self.places, self._pointer, self.typed = kind, [], None, ""
        self.tool.says = self._says()
        self.picking.take(self.tool)
        self.toggled.emit(kind, True)
        self.view.interactor.setFocus()

    def _put_away(self) -> None:
        self.places, self._pointer, self.typed = [], None, ""
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
        self._set(place)

    def _set(self, place: World) -> None:
        """One more place."""
        self.places.append(place)
        self.typed = ""
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
        types = bool(self.places) and key in DIGITS
        if not self.active or not (types or key in (*ENDS, *BACK)):
            return False
        if not act:
            return True
        if key in ENDS:
            if self.typed:
                self._set_typed()
            else:
                self.finish()
            return True
        if types:
            self.typed += DIGITS[key] if DIGITS[key] != "." or "." not in self.typed else ""
        elif self.typed:
            self.typed = self.typed[:-1]
        elif self.places:
            self.places.pop()
        self._tell()
        return True

    def _set_typed(self) -> None:
        """A place so many metres from the last as were typed, towards the pointer."""
        place = self._typed_place()
        if place is None:
            self.desk.noticed.emit(tr("Point where the line goes, then type how many metres and press Enter."), False)
            return
        self._set((*place[:2], self._ground(place)))

    def _ground(self, place: World) -> float:
        """The ground at a place, below roofs, walls and trees that a click may have hit; else the place's height."""
        height = self.view.stage.lowest(*self.view_place(place))
        return place[2] if height is None else round(self.picking.world_of((0.0, 0.0, float(height)))[2], 2)

    def _typed_place(self) -> World | None:
        """Where the typed metres lead, at the height of the last place; None where they lead nowhere."""
        last, to, metres = self.places[-1], self._pointer, float(self.typed.strip(".") or 0)
        apart = math.dist(last[:2], to[:2]) if to is not None else 0.0
        if to is None or apart < 0.05 or metres <= 0:
            return None
        x, y = (round(a + (b - a) * metres / apart, 2) for a, b in zip(last[:2], to[:2], strict=True))
        return x, y, last[2]

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
            places = [(x, y, self._ground((x, y, z))) for x, y, z in self.places]
            change = drawing(self.kind, places, self.desk.document.scenario)
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
            "wall": tr("Click along the wall, or type metres; a double click or Enter ends it, Backspace goes back."),
            "ground": tr("Click the corners of the ground, or type metres; a double click or Enter ends it."),
            "culvert": tr("Click where the culvert begins and where it ends, or type metres; Esc leaves."),
        }[self.kind]
        if self.typed:
            return tr("{n} m: Enter sets the place so far towards the pointer, Backspace corrects", n=self.typed)
        places = self._ahead()
        steps = [math.dist(a[:2], b[:2]) for a, b in pairwise(places)]
        if not steps or sum(steps) == 0:
            return said
        last = tr("{length} at {angle}°", length=with_unit(steps[-1], "m", 1), angle=number(self._heading(), 0))
        whole = [tr("{length} in all", length=with_unit(sum(steps), "m", 1))] if len(steps) > 1 else []
        return " · ".join([last, *whole, said])

    def _heading(self) -> float:
        """Degrees from grid north, clockwise, of the last piece."""
        a, b = self._ahead()[-2:]
        return math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) % 360.0

    def _ahead(self) -> list[World]:
        to = self._typed_place() if self.typed else self._pointer
        moved = to is not None and (not self.places or math.dist(to[:2], self.places[-1][:2]) >= 0.05)
        return [*self.places, *([to] if to is not None and moved else [])]

    def _show(self) -> None:
        from citymodel.scene.plans import Plan

        places = [self.view_place(one) for one in self._ahead()]
        closed = self.kind == "ground" and len(places) > 2
        draft = (Plan("draft", tuple(places), closed, True, True),) if places else ()
        self.view.show_draft(draft)

    def view_place(self, place: World) -> tuple[float, float]:
        """A place of the frame's CRS in the picture's own metres, seen from above."""
        return self.picking.local(*place)[:2]
