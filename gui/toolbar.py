"""The toolbar of tools: words beside the icons as far as there is room, so that no tool falls off its end."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolBar, QToolButton

from gui.actions import Registry
from gui.words import tr

ICONS = ("edit.undo", "edit.redo", "view.home", "view.north", "view.top")  # known by their icons
FIRST = (
    "palette", "file.save", "design.swipe", "design.culvert", "design.ground", "design.wall", "file.open",
    "study.point", "view.eye", "design.base", "design.box",
)  # fmt: skip
"""Tools that lose their words where there is no room for all, the first one first."""


class ToolStrip(QToolBar):
    """Gives up words from tool to tool until all tools have room."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(tr("Tools"))
        self.registry = registry
        self.setObjectName("tools")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        registry.fill_toolbar(self)
        self._dress(len(FIRST))

    def _dress(self, worded: int) -> None:
        """Words on all but the known ones and the first of those that can go without; ``worded`` of these keep them."""
        bare = (*ICONS, *FIRST[: len(FIRST) - worded])
        for key, action in self.registry.qt.items():
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                icon, both = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                button.setToolButtonStyle(icon if key in bare else both)

    def needed(self) -> int:
        """Pixels that all tools take."""
        buttons = [self.widgetForAction(one) for one in self.actions()]
        spacing = self.layout().spacing()
        return 24 + sum(one.sizeHint().width() + spacing for one in buttons if one is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for worded in range(len(FIRST), -1, -1):
            self._dress(worded)
            if self.needed() <= event.size().width():
                break
        super().resizeEvent(event)
