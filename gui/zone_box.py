"""A choice of time zone: a list to open, and letters to find one by."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter

ROWS = 16


class ZoneBox(QComboBox):
    """An editable list of all zones; any part of a name finds it."""

    def __init__(self) -> None:
        super().__init__()
        from citymodel.timezones import zones

        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems(zones())
        finder = QCompleter(self.model(), self)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(finder)
        self.setMaxVisibleItems(ROWS)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def put(self, zone: str) -> None:
        """Show that zone, from the beginning of its name."""
        self.setCurrentIndex(self.findText(zone))
        self.setCurrentText(zone)
        line = self.lineEdit()
        if line is not None:
            line.setCursorPosition(0)

    def zone(self) -> str:
        """The zone that is written there; "" for none."""
        return self.currentText().strip().replace(" ", "_")
