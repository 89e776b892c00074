"""The line over the picture that says what went well or wrong, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui import theme
from gui.object_panel import label
from gui.words import tr

SHOWN = 6000  # milliseconds good news stay


class NoticeBar(QFrame):
    """One notice at a time; warnings stay until closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self.words = label("")
        close = QPushButton()
        close.setIcon(theme.icon("stop"))
        close.setProperty("quiet", True)
        close.setAccessibleName(tr("Close the notice"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 8, 5)
        row.addWidget(self.words, 1)
        row.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, warning: bool) -> None:
        """Show a notice."""
        self.words.setText(text)
        self.words.setProperty("role", "warning" if warning else "")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        self.show()
        if warning:
            self._timer.stop()
        else:
            self._timer.start()
