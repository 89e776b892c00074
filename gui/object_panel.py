"""The inspector's page for a picked object: its attributes, its parents, and what a proposal does to it."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from citymodel.layers import Layer
from gui import theme
from gui.desk import Desk
from gui.words import number, tr

GROUND = ("terrain", "landuse", "road", "water")  # what the city stands on stays


def label(text: str, role: str = "", wrap: bool = True) -> QLabel:
    """A label of one of the theme's roles."""
    made = QLabel(text)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def breakable(text: str, longest: int = 20) -> str:
    """The text with places where its long words may break: ids have no blanks, and would widen a page."""
    words = (re.sub(r"([-_./])", "\\1\u200b", one) if len(one) > longest else one for one in text.split(" "))
    return " ".join(words)


class ObjectPanel(QWidget):
    """Attributes as rows, parents above, and the three changes a proposal knows."""

    zoom_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._filling = False
        self._target: tuple[str, str] | None = None
        self.removable = False
        self.title, self.kind = label("", "title"), label("", "quiet")
        self.title.setMinimumWidth(1)  # a long id is cut rather than widen the page; the list below has the whole of it
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.attributes = QTreeWidget()
        self.attributes.setColumnCount(2)
        self.attributes.setHeaderLabels([tr("Attribute"), tr("Value")])
        self.attributes.setIndentation(12)
        self.attributes.setAlternatingRowColors(True)
        self.attributes.setAccessibleName(tr("Attributes"))
        self.attributes.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.attributes.header().resizeSection(0, 150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.kind)
        layout.addWidget(self._design())
        layout.addWidget(self.attributes, 1)

    def _design(self) -> QWidget:
        self.card = QFrame()
        self.card.setProperty("role", "card")
        self.height_box = QDoubleSpinBox()
        self.height_box.setRange(0.5, 1000.0)
        self.height_box.setDecimals(1)
        self.height_box.setSingleStep(1.0)
        self.height_box.setSuffix("\u00a0m")
        self.height_box.setKeyboardTracking(False)
        self.height_box.setAccessibleName(tr("Height of the building"))
        self.height_box.valueChanged.connect(self._set_height)
        self.height_box.lineEdit().returnPressed.connect(self._typed)
        self.remove = QPushButton(tr("Remove"))
        self.remove.setToolTip(tr("Take this building away in the proposal (Del)"))
        self.remove.clicked.connect(self.remove_object)
        zoom = QPushButton(tr("Zoom to"))
        zoom.clicked.connect(self.zoom_wanted)
        self.height_row = QWidget()  # hidden where there is none to pull: a road, a tree
        top, row = QHBoxLayout(self.height_row), QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(label(tr("Height"), wrap=False))
        top.addWidget(self.height_box, 1)
        row.addWidget(zoom)
        row.addWidget(self.remove)
        row.addStretch(1)
        self.note = label("", "quiet")
        layout = QVBoxLayout(self.card)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(self.height_row)
        layout.addLayout(row)
        layout.addWidget(self.note)
        return self.card

    # --- showing ---

    def show_object(self, layer: Layer, object_id: str, pinned: Any = None) -> bool:
        """Fill the page; False where the layer has no such object any more."""
        model = layer.data
        row = next((at for at, one in enumerate(model.objects.ids) if one == object_id), None)
        if row is None:
            return False
        from citymodel.patch import bounds_of
        from citymodel.scene.values import object_category

        chain = family_line(model, row)
        building = chain[0]
        self._target = (layer.id, model.objects.ids[building])
        self.title.setText(name_of(model, building))
        self.kind.setText(f"{words_of(model.objects.type_of(building))} · {layer.name}")
        box = bounds_of(model, building)
        low, high = (box[2], box[5]) if box else (0.0, 0.0)
        self._filling = True
        self.height_box.setValue(high - low if high > low else 0.5)
        self._filling = False
        editable = "Building" in model.objects.type_of(building)
        self.height_row.setVisible(editable)
        self.removable = object_category(model.objects.type_of(building)) not in GROUND
        self.remove.setEnabled(self.removable)
        scenario = self.desk.document.scenario
        self.note.setText(
            tr("Changes go into the proposal “{name}”.", name=scenario.name)
            if scenario
            else tr("A change begins a proposal; the base stays as it is.")
        )
        self.attributes.clear()
        for at in reversed(chain):
            self._section(model, at, high - low if at == building else None)
        self.attributes.expandAll()
        self.attributes.resizeColumnToContents(0)
        self.attributes.setColumnWidth(0, min(self.attributes.columnWidth(0), 190))
        return True

    def _section(self, model: Any, row: int, height: float | None) -> None:
        head = QTreeWidgetItem([words_of(model.objects.type_of(row)), str(model.objects.ids[row])])
        font = head.font(0)
        font.setBold(True)
        head.setFont(0, font)
        head.setToolTip(1, str(model.objects.ids[row]))
        head.setForeground(1, self.palette().placeholderText())
        self.attributes.addTopLevelItem(head)
        if height is not None and height > 0:
            head.addChild(QTreeWidgetItem([tr("Height in the model"), f"{number(height, 1)}\u00a0m"]))
        for name, value in sorted(model.objects.attributes[row].items(), key=lambda pair: pair[0].lower()):
            _add_value(head, str(name), value)

    # --- changing ---

    def _typed(self) -> None:
        """Enter ends the typing: letters are shortcuts again."""
        QTimer.singleShot(0, self.height_box, self.height_box.clearFocus)

    def _set_height(self, height: float) -> None:
        if self._filling or self._target is None:
            return
        from citymodel.scenario import SetHeight

        layer_id, object_id = self._target
        merge = f"height {layer_id} {object_id}"
        self.desk.edit(
            tr("Set the height to {height} m", height=number(height, 1)),
            lambda d: d.with_change(SetHeight(layer_id, object_id, height), tr("Proposal")),
            merge,
        )

    def remove_object(self) -> None:
        """Take the object away in the proposal."""
        if self._target is None or not self.removable:
            return
        from citymodel.scenario import RemoveObject

        layer_id, object_id = self._target
        self.desk.edit(
            tr("Remove {name}", name=self.title.text()),
            lambda d: d.with_change(RemoveObject(layer_id, object_id), tr("Proposal")),
        )
        self.desk.select(None)

    def dress(self) -> None:
        """After the theme changed."""
        self.remove.setIcon(theme.icon("trash"))


def family_line(model: Any, row: int) -> list[int]:
    """The rows from the outermost parent to ``row`` itself."""
    line = [row]
    while (parent := int(model.objects.parent[line[0]])) >= 0 and parent not in line:
        line.insert(0, parent)
    return line


def name_of(model: Any, row: int) -> str:
    """What a person would call the object: its name, else its id."""
    attributes = model.objects.attributes[row]
    for key in ("name", "gml:name", "Name", "NAME"):
        if isinstance(attributes.get(key), str) and attributes[key].strip():
            return str(attributes[key])
    return str(model.objects.ids[row])


def words_of(type_name: str) -> str:
    """ "RoofSurface" as "Roof surface", "TINRelief" as "TIN relief"."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][^A-Z]*|[^A-Z]+", type_name)
    words = " ".join(one if len(one) > 1 and one.isupper() else one.lower() for one in parts)
    return words[:1].upper() + words[1:]


def _add_value(parent: QTreeWidgetItem, name: str, value: Any) -> None:
    if isinstance(value, dict):
        head = QTreeWidgetItem([name, ""])
        parent.addChild(head)
        for key, one in value.items():
            _add_value(head, str(key), one)
    elif isinstance(value, (list, tuple)) and any(isinstance(one, (dict, list)) for one in value):
        head = QTreeWidgetItem([name, ""])
        parent.addChild(head)
        for at, one in enumerate(value, 1):
            _add_value(head, str(at), one)
    else:
        row = QTreeWidgetItem([name, value_words(value)])
        row.setToolTip(1, row.text(1))
        parent.addChild(row)


def value_words(value: Any) -> str:
    """An attribute's value to read."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return number(value, 3).rstrip("0").rstrip(".,")
    if isinstance(value, (list, tuple)):
        return ", ".join(value_words(one) for one in value)
    return "" if value is None else str(value)
