"""Who takes a click in the 3-D view: one tool at a time, which says what a click does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.desk import Desk
from gui.words import tr

Point = tuple[float, float, float]


@dataclass(eq=False, slots=True)
class Tool:
    """What lies in the hand.

    says : what a click does, for the status line; click : takes what was hit
    left : called once the tool is out of the hand, whoever took it
    anywhere : whether it also wants clicks beside everything, as None
    """

    says: str
    click: Callable[[Any], None]
    left: Callable[[], None] = lambda: None
    anywhere: bool = False


class Picking(QObject):
    """The tool in the hand, None while clicks select; changed() when it is another."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.tool: Tool | None = None
        desk.project_opened.connect(self.drop)

    def take(self, tool: Tool) -> None:
        """Take a tool; the one before is put away."""
        if tool is not self.tool:
            before, self.tool = self.tool, tool
            if before is not None:
                before.left()
            self.changed.emit()

    def drop(self, tool: Tool | None = None) -> None:
        """Put the tool away; where one is named, only that one."""
        before = self.tool
        if before is not None and tool in (None, before):
            self.tool = None
            before.left()
            self.changed.emit()

    def click(self, hit: Any) -> bool:
        """Give a click to the tool; False where there is none."""
        if self.tool is None:
            return False
        if hit is None and not self.tool.anywhere:
            self.desk.noticed.emit(tr("There is no surface there; click the ground, a roof or a wall."), False)
        else:
            self.tool.click(hit)
        return True

    def world(self, hit: Any) -> Point | None:
        """Where a hit lies in the frame's CRS, to the centimetre."""
        frame = self.desk.document.frame
        if frame is None:
            return None
        x, y, z = (round(float(a) + float(b), 2) for a, b in zip(hit.position, frame.origin, strict=True))
        return x, y, z

    def world_of(self, point: Point) -> Point:
        """A place of the picture in the frame's CRS."""
        frame = self.desk.document.frame
        ox, oy, oz = frame.origin if frame is not None else (0.0, 0.0, 0.0)
        return point[0] + ox, point[1] + oy, point[2] + oz

    def local(self, x: float, y: float, z: float) -> Point:
        """A place of the frame's CRS in the picture's own metres."""
        frame = self.desk.document.frame
        ox, oy, oz = frame.origin if frame is not None else (0.0, 0.0, 0.0)
        return x - ox, y - oy, z - oz
