"""The command palette: type a few letters of what you want to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gui.actions import Registry
from gui.words import tr


class CommandPalette(QDialog):
    """A list of all that can be done now, narrowed while typing; Enter does it."""

    def __init__(self, registry: Registry, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.registry = registry
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("What do you want to do?"))
        self.line.setAccessibleName(tr("Search for a command"))
        self.line.textChanged.connect(self._narrow)
        self.line.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setHeaderHidden(True)
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.header().setStretchLastSection(False)
        self.list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.resize(480, 360)

    def open_over(self) -> None:
        """Show it under the top of its window."""
        parent = self.parentWidget()
        self.line.clear()
        self._narrow("")
        self.list.setColumnWidth(0, 340)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - self.width()) // 2, corner.y() + 90)
        self.show()
        self.line.setFocus()

    def _narrow(self, text: str) -> None:
        self.list.clear()
        letters = text.lower().split()
        for key, title, shortcut in self.registry.palette():
            if all(part in title.lower() for part in letters):
                row = QTreeWidgetItem([title, shortcut])
                row.setData(0, Qt.ItemDataRole.UserRole, key)
                row.setIcon(0, self.registry.qt[key].icon())
                row.setForeground(1, self.palette().placeholderText())
                self.list.addTopLevelItem(row)
        self.list.setCurrentItem(self.list.topLevelItem(0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                at = self.list.indexOfTopLevelItem(self.list.currentItem())
                at += 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentItem(self.list.topLevelItem(at % max(self.list.topLevelItemCount(), 1)))
                return True
        return False

    def _run(self, row: QTreeWidgetItem | None) -> None:
        self.hide()
        if row is not None:
            self.registry.run(row.data(0, Qt.ItemDataRole.UserRole))
