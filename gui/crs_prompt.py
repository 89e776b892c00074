"""The one question that data may ask: in which coordinate system are they?"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.object_panel import label
from gui.words import tr

LIKELY = (
    ("EPSG:25831", "ETRS89 / UTM 31N – France, Belgium, Netherlands west"),
    ("EPSG:25832", "ETRS89 / UTM 32N – Germany, Denmark, Switzerland, Italy north"),
    ("EPSG:25833", "ETRS89 / UTM 33N – Germany east, Poland west, Czechia, Austria"),
    ("EPSG:28992", "Amersfoort / RD New – Netherlands"),
    ("EPSG:7415", "Amersfoort / RD New + NAP height – Netherlands"),
    ("EPSG:2154", "RGF93 / Lambert-93 – France"),
    ("EPSG:27700", "OSGB36 / British National Grid – Great Britain"),
    ("EPSG:2056", "CH1903+ / LV95 – Switzerland"),
    ("EPSG:31370", "Belge 1972 / Lambert 72 – Belgium"),
    ("EPSG:3067", "ETRS89 / TM35FIN – Finland"),
    ("EPSG:3006", "SWEREF99 TM – Sweden"),
    ("EPSG:6677", "JGD2011 / Plane Rectangular IX – Tokyo"),
    ("EPSG:26918", "NAD83 / UTM 18N – New York"),
    ("EPSG:4326", "WGS 84 – longitude, latitude"),
)


class CrsPrompt(QDialog):
    """Likely systems on top, any EPSG code below; ``crs`` is the answer, "local" for none."""

    def __init__(self, path: str, project_crs: str | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Coordinate system"))
        self.crs = ""
        self.paths = [path]
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("EPSG code, or a part of the name"))
        self.line.setAccessibleName(tr("Search for a coordinate system"))
        self.line.textChanged.connect(self._narrow)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Likely coordinate systems"))
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self._choices = [(code, tr(words)) for code, words in LIKELY]
        if project_crs:
            self._choices = [one for one in self._choices if one[0] != project_crs]
            self._choices.insert(0, (project_crs, tr("the same as this project")))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        local = QPushButton(tr("No place on the globe"))
        local.setToolTip(tr("A model in a system of its own: no sun by date, no maps beneath"))
        local.clicked.connect(self._local)
        buttons.addButton(local, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setProperty("primary", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(9)
        self.title = label("", "title")
        layout.addWidget(self.title)
        layout.addWidget(
            label(tr("The file does not say its coordinate system. Choose the one it was made in."), "quiet")
        )
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.resize(540, 440)
        self._narrow("")
        self._name_files()

    def add(self, path: str) -> None:
        """One more file without a CRS; the answer is for all of them."""
        self.paths.append(path)
        self._name_files()

    def _name_files(self) -> None:
        name, more = Path(self.paths[0]).name, len(self.paths) - 1
        said = tr("Where on the globe is {name}?", name=name)
        if more:
            said = tr("Where on the globe are {name} and {count} more files?", name=name, count=more)
        self.title.setText(said)

    def _narrow(self, text: str) -> None:
        self.list.clear()
        found = [one for one in self._choices if text.lower() in f"{one[0]} {one[1]}".lower()]
        digits = text.upper().removeprefix("EPSG:").strip()
        if digits.replace("+", "").isdigit() and all(code != f"EPSG:{digits}" for code, _ in found):
            found.append((f"EPSG:{digits}", tr("as typed")))
        for code, words in found:
            item = QListWidgetItem(f"{code}    {words}")
            item.setData(Qt.ItemDataRole.UserRole, code)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _local(self) -> None:
        from citymodel.project import LOCAL

        self.crs = LOCAL
        super().accept()

    def accept(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.crs = item.data(Qt.ItemDataRole.UserRole)
            super().accept()
