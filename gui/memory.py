"""What the window remembers between two starts: recent files, docks, the look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

RECENT = 12


class Memory:
    """A thin, typed face of QSettings."""

    def __init__(self) -> None:
        self._settings = QSettings("citymodel", "citymodel")

    def recent(self) -> list[str]:
        """The files opened last that are still there, the newest first."""
        found = self._settings.value("recent", [])
        paths = [found] if isinstance(found, str) else list(found or [])
        return [path for path in paths if Path(path).exists()]

    def remember(self, path: str) -> None:
        """Put a file on top of the recent ones."""
        path = str(Path(path).absolute())
        self._settings.setValue("recent", [path, *(one for one in self.recent() if one != path)][:RECENT])

    def forget_recent(self) -> None:
        self._settings.setValue("recent", [])

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no."""
        return bool(self._settings.value(name, default, type=bool))

    def text(self, name: str, default: str = "") -> str:
        """A word."""
        return str(self._settings.value(name, default))

    def bytes(self, name: str) -> QByteArray | None:
        """Geometry or state of the window."""
        found = self._settings.value(name)
        return found if isinstance(found, QByteArray) else None

    def keep(self, name: str, value: Any) -> None:
        """Remember a value."""
        self._settings.setValue(name, value)
