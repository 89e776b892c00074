"""Which proposal is on screen: one step to and fro with the city as it is, and a menu of all there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from gui.desk import Desk
from gui.words import tr


class Proposals(QMenu):
    """A menu of the city as it is and of every proposal, filled as it opens."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(tr("Proposal on screen"), parent)
        self.desk = desk
        self._last = ""  # the proposal that was on screen before the base
        self.aboutToShow.connect(self.fill)
        desk.document_changed.connect(lambda _, after: self._remember(after))

    def fill(self) -> None:
        """An entry each, that on screen ticked."""
        self.clear()
        group, document = QActionGroup(self), self.desk.document
        rows = [("", tr("None: the city as it is")), *((one.id, one.name) for one in document.scenarios)]
        for id, name in rows:
            action = self.addAction(name.replace("&", "&&"), lambda id=id: self.show_one(id))
            action.setCheckable(True)
            action.setChecked(id == (document.active_scenario or ""))
            group.addAction(action)

    def show_one(self, id: str) -> None:
        """Put a proposal on screen, "" for the base."""
        document = self.desk.document
        name = next((one.name for one in document.scenarios if one.id == id), "")
        if (document.active_scenario or "") == id or (id and not name):
            return
        label = tr("Show {name}", name=name) if name else tr("Show the base")
        self.desk.edit(label, lambda d: replace(d, active_scenario=id))

    def flip(self, wanted: bool) -> None:
        """The proposal that was on screen last, else that of the result on screen, else the newest; or the base."""
        from citymodel.scene.swipe import proposal_of

        document = self.desk.document
        known = {one.id for one in document.scenarios}
        found = proposal_of(document)
        newest = document.scenarios[-1].id if document.scenarios else ""
        of_result = found.id if found is not None else newest
        self.show_one((self._last if self._last in known else of_result) if wanted else "")

    def _remember(self, after: Any) -> None:
        if after.active_scenario:
            self._last = after.active_scenario
