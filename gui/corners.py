"""Corners of what was drawn and is selected: dragged to another place, dropped on a neighbour to be taken away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from gui.desk import Desk
from gui.draw import CLOSE
from gui.drawn import corners_of, least_corners, with_corners
from gui.picking import Picking
from gui.words import tr

if TYPE_CHECKING:
    from gui.view import CityView

GRASP = 10.0  # pixels from a corner within which the hand takes it


class Corners(QObject):
    """The corners of the selected wall, changed ground or opening lie in the hand while no tool does."""

    def __init__(self, desk: Desk, picking: Picking, view: CityView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk, self.picking, self.view = desk, picking, view
        self._held: int | None = None
        self._places: list[tuple[float, float]] = []
        self._near = False
        hand = view.navigation
        before = hand.grab
        hand.grab = lambda x, y: before(x, y) or self._grab(x, y)
        hand.pulled.connect(self._pull)
        hand.let_go.connect(self._let_go)
        hand.hovered.connect(self._hover)

    def _drawn(self) -> Any:
        """What is selected, where it is a drawn thing with corners to be seen."""
        from citymodel.scenario import AddBox

        selection, scenario = self.desk.selection, self.desk.document.scenario
        if selection is None or scenario is None or selection[0] != scenario.layer_id:
            return None
        found = scenario.drawn(selection[1])
        return None if isinstance(found, AddBox) else found

    def _at(self, x: float, y: float, reach: float) -> list[int]:
        """The corners so near to a place of the view, the nearest first."""
        one = self._drawn()
        if one is None or self.picking.tool is not None or self.view.swipe is not None:
            return []
        markers = self.view.stage.plans.markers.get(one.id, ())[: len(corners_of(one))]
        apart = [math.dist((x, y), self.view.on_screen(tuple(map(float, place)))) for place in markers]
        return sorted((at for at, far in enumerate(apart) if far <= reach), key=lambda at: apart[at])

    def _hover(self, x: float, y: float) -> None:
        """The pointer says that a corner can be taken."""
        near = bool(self._at(x, y, GRASP))
        if near != self._near and self.picking.tool is None:
            self.view.interactor.setCursor(Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.ArrowCursor)
        self._near = near

    def _grab(self, x: float, y: float) -> bool:
        found = self._at(x, y, GRASP)
        self._held = found[0] if found else None
        self._places = []
        return bool(found)

    def _pull(self, x: float, y: float) -> None:
        """The corner follows the hand; what it makes is seen as a line until it is let go."""
        one = self._drawn()
        if self._held is None or one is None:
            return
        place = self.picking.world(hit) if (hit := self.view.hit(x, y)) is not None else None
        if place is None:
            return
        self._places = list(corners_of(one))
        self._places[self._held] = place[:2]
        for other in self._at(x, y, CLOSE):
            if self._beside(other) and len(self._places) > least_corners(one):
                del self._places[self._held]
                break
        self._show(one)

    def _beside(self, other: int) -> bool:
        """Whether a corner is a neighbour of the one in the hand."""
        held, count = self._held, len(self._places)
        assert held is not None
        return other != held and (abs(other - held) == 1 or abs(other - held) == count - 1)

    def _show(self, one: Any) -> None:
        from citymodel.scene.plans import Plan

        line = tuple(self.picking.local(x, y, 0.0)[:2] for x, y in self._places)
        self.view.show_draft((Plan("draft", line, least_corners(one) == 3, True, True),))

    def _let_go(self) -> None:
        """One step of the proposal; where it cannot be built there, say so and leave it."""
        one, places, held = self._drawn(), self._places, self._held
        self._held, self._places = None, []
        if held is None:
            return
        self.view.show_draft(())
        if one is None or not places:
            return
        try:
            changed = with_corners(one, places)
        except ValueError as wrong:
            self.desk.noticed.emit(str(wrong), True)
            return
        self.desk.edit(tr("Move a corner of {name}", name=one.name), lambda d: d.with_change(changed))
