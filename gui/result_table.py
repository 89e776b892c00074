"""The table behind the map: areas, open spaces and buildings with their numbers and the rule's verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from citymodel.layers import Layer
from gui.desk import Desk
from gui.object_panel import label, name_of
from gui.table_model import Sorted, TableModel
from gui.words import tr

FIRST = ("summary", "by_area", "by_open_space", "by_building", "by_storey")


class ResultTable(QWidget):
    """Follows the selected result, else the uppermost one that is shown.

    zone_wanted(layer id, object id or "", outline as WKT) when a row is chosen; export_wanted(layer id)
    """

    zone_wanted = Signal(str, str, str)
    export_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.layer: Layer | None = None
        self.model: TableModel | None = None
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Table"))
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.currentIndexChanged.connect(lambda _: self._fill())
        self.title = label("", "quiet", wrap=False)
        self.export = QPushButton(tr("Export…"))
        self.export.clicked.connect(lambda: self.layer and self.export_wanted.emit(self.layer.id))
        self.view = QTableView()
        self.view.setAccessibleName(tr("Numbers of the result"))
        self.view.setSortingEnabled(True)
        self.view.setAlternatingRowColors(True)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setResizeContentsPrecision(60)  # rows looked at for a column's width
        self.view.verticalHeader().setDefaultSectionSize(26)
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.view.clicked.connect(self._clicked)
        self.view.activated.connect(self._clicked)
        self.because = label("", "quiet")
        self.empty = label(tr("No numbers yet. Compute a sun study (U): its tables show up here."), "quiet")
        row = QHBoxLayout()
        row.addWidget(self.which)
        row.addWidget(self.title, 1)
        row.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.empty)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.because)
        desk.document_changed.connect(lambda *_: self.follow())
        desk.selection_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the tables of the result that counts now."""
        layer = self._chosen()
        if layer is not None and self.layer is not None and layer.data is self.layer.data:
            self.layer = layer
            return
        self.layer = layer
        blocked = self.which.blockSignals(True)
        self.which.clear()
        for name, field in sorted(tables_of(layer).items(), key=lambda pair: _order(pair[0])):
            self.which.addItem(tr(field.title), name)
        self.which.blockSignals(blocked)
        self._fill()

    def _chosen(self) -> Layer | None:
        document, selection = self.desk.document, self.desk.selection
        results = [one for one in document.layers if tables_of(one)]
        picked = next((one for one in results if selection and one.id == selection[0]), None)
        kept = next((one for one in results if self.layer is not None and one.id == self.layer.id), None)
        seen = [one for one in results if document.style(one.id).visible]
        return picked or (kept if kept in seen else None) or (seen[-1] if seen else kept)

    def _fill(self) -> None:
        tables = tables_of(self.layer)
        field = tables.get(self.which.currentData())
        full = field is not None and self.layer is not None
        for part in (self.view, self.which, self.export, self.because):
            part.setVisible(full)
        self.empty.setVisible(not full)
        self.title.setText(self.layer.name if full and self.layer is not None else "")
        self.because.setText("")
        self.model = None
        if field is None:
            return
        self.model = TableModel(field.data, names_of(self.desk.document))
        self.view.setModel(Sorted(self.model))
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.selectionModel().currentRowChanged.connect(lambda now, _: self._say(now))
        self.view.resizeColumnsToContents()
        head = self.view.horizontalHeader()
        for at in range(self.model.columnCount()):
            wide = min(max(self.view.columnWidth(at) + 8, 70), 220)
            self.view.setColumnWidth(at, max(wide, head.sectionSizeHint(at)))  # the words of a head are read whole
        if "geometry" in field.data or "layer" in field.data:
            self.because.setText(tr("Click a row to see where it is."))

    def _row(self, index: QModelIndex) -> int:
        proxy = self.view.model()
        assert isinstance(proxy, Sorted)
        return proxy.mapToSource(index).row()

    def _say(self, index: QModelIndex) -> None:
        if self.model is not None and index.isValid():
            row = self._row(index)
            why = self.model.because(row)
            self.because.setText(f"{self.model.name(row)}: {why}" if why else self.model.name(row))

    def _clicked(self, index: QModelIndex) -> None:
        if self.model is None:
            return
        self._say(index)
        row, table = self._row(index), self.model.table
        outline = str(table["geometry"][row]) if "geometry" in table else ""
        layer_id = str(table["layer"][row]) if "layer" in table else ""
        key = "building" if "building" in table else "id"
        self.zone_wanted.emit(layer_id, str(table[key][row]) if layer_id and key in table else "", outline)


def names_of(document: Any) -> dict[str, str]:
    """What the objects of the city are called, by id, of those whose name differs."""
    found = {}
    for layer in document.layers:
        if layer.kind == "city":
            objects = layer.data.objects
            for row, attributes in enumerate(objects.attributes):
                if attributes and not objects.is_surface[row]:
                    found[str(objects.ids[row])] = name_of(layer.data, row)
    return found


def tables_of(layer: Layer | None) -> dict[str, Any]:
    """The fields of a result that are tables, by name."""
    if layer is None or layer.kind != "result":
        return {}
    return {name: one for name, one in layer.data.fields.items() if isinstance(one.data, Mapping)}


def _order(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)
