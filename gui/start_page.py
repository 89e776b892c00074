"""What the window says while it is empty, and the four first steps in the sample city."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.object_panel import label
from gui.words import tr

SHOWN = 5


class StartPage(QWidget):
    """The next action, said in the middle; open_wanted(), sample_wanted(), recent_wanted(path)"""

    open_wanted = Signal()
    sample_wanted = Signal()
    recent_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.picture = QLabel()
        title = label(tr("Drop a LAZ, CityGML or CityJSON file here"), "title")
        words = label(tr("or open the sample city and move the sun over it. Nothing leaves this computer."), "quiet")
        self.sample = QPushButton(tr("Open the sample city"))
        self.sample.setProperty("primary", True)
        self.sample.clicked.connect(self.sample_wanted)
        self.open = QPushButton(tr("Open files…"))
        self.open.clicked.connect(self.open_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(self.sample)
        buttons.addWidget(self.open)
        buttons.addStretch(1)
        self.recent = QVBoxLayout()
        self.recent.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(3)
        for part in (self.picture, title, words):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addLayout(buttons)
        layout.addSpacing(18)
        layout.addLayout(self.recent)
        layout.addStretch(4)
        self.dress()

    def dress(self) -> None:
        """After the theme changed."""
        self.picture.setPixmap(theme.icon("city").pixmap(QSize(64, 64)))

    def show_recent(self, paths: list[str]) -> None:
        """The files opened last, one click away."""
        while self.recent.count():
            widget = self.recent.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        for path in paths[:SHOWN]:
            button = QPushButton(f"{Path(path).name}   ·   {Path(path).parent}")
            button.setProperty("quiet", True)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, p=path: self.recent_wanted.emit(p))
            self.recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)


class Steps(QFrame):
    """Look around · move the sun · pull the tower · keep the picture; closed() for good."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(20)
        self.labels: dict[str, QLabel] = {}
        self._words = {
            "look": (
                tr("1  Look around"),
                tr("Left-drag moves, right-drag turns, the wheel zooms"),
            ),
            "sun": (tr("2  Move the sun"), tr("Hide the sun hours (their eye, left), then drag the time")),
            "pull": (tr("3  Pull the tower"), tr("Click a building, set its height on the right")),
            "keep": (tr("4  Keep the picture"), tr("Press F12 for a screenshot")),
        }
        for key, (words, tip) in self._words.items():
            self.labels[key] = label(words, wrap=False)
            self.labels[key].setToolTip(tip)
            row.addWidget(self.labels[key])
        self.tip = label(self._words["look"][1], "quiet", wrap=False)
        row.addWidget(self.tip, 1)
        close = QPushButton(tr("Close"))
        close.setProperty("quiet", True)
        close.setToolTip(tr("Close; it does not come back"))
        close.clicked.connect(self.closed)
        row.addWidget(close)
        self.done: set[str] = set()

    def finish(self, key: str) -> None:
        """Tick a step off."""
        if key not in self.done:
            self.done.add(key)
            self.labels[key].setText(f"✓ {self._words[key][0][1:].strip()}")
            self.labels[key].setProperty("role", "quiet")
            self.labels[key].style().polish(self.labels[key])
            left = [one for one in self._words if one not in self.done]
            self.tip.setText(self._words[left[0]][1] if left else tr("That is all. Have a good look."))
