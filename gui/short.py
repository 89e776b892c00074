"""A line of words that gives way in a narrow window: what has no room becomes dots, and its tooltip says all."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QStylePainter


class Short(QLabel):
    """Cut with dots where there is less room than words."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setMinimumWidth(1)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)

    def say(self, words: str) -> None:
        self.setText(words)
        self.setToolTip(words)

    def shown_words(self) -> str:
        """As much of the words as there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        role = self.foregroundRole()
        flags = int(self.alignment())
        painter.drawItemText(self.contentsRect(), flags, self.palette(), self.isEnabled(), self.shown_words(), role)
        painter.end()
