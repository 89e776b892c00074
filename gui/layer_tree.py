"""The layer tree: groups of layers with an eye, an opacity and an order; it shows the document and edits it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from citymodel.document import Document
from citymodel.layers import Layer
from gui import theme
from gui.desk import Desk
from gui.words import number, tr

ROLE = Qt.ItemDataRole.UserRole


def groups() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Group id: title and the kinds of layer in it."""
    return {
        "result": (tr("Results"), ("result",)),
        "city": (tr("City"), ("city", "areas")),
        "points": (tr("Points"), ("points",)),
        "terrain": (tr("Terrain"), ("terrain", "surface")),
    }


class LayerTree(QWidget):
    """Layers by group; zoom_wanted(layer id) asks the window to go there."""

    zoom_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._filling = False
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Layers"))
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(14)
        self.tree.setRootIsDecorated(False)
        self.tree.setIconSize(QSize(18, 18))
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, 34)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        self.tree.itemClicked.connect(self._clicked)
        self.tree.itemDoubleClicked.connect(lambda item, _: self._zoom(item))
        self.tree.currentItemChanged.connect(self._current)
        self.tree.keyPressEvent = self._key  # type: ignore[method-assign]
        self.empty = QLabel(tr("No layers yet. Drop a file into the window, or press Ctrl+O."))
        self.empty.setProperty("role", "quiet")
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(14, 12, 14, 12)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.empty)
        layout.addWidget(self.tree, 1)
        layout.addStretch(0)
        layout.addWidget(self._foot())
        desk.document_changed.connect(lambda _, after: self.show_document(after))
        desk.selection_changed.connect(self._follow)
        self.show_document(desk.document)

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(12, 6, 8, 8)
        label = QLabel(tr("Opacity"))
        label.setProperty("role", "quiet")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setMinimumWidth(70)
        self.opacity.setValue(100)
        self.opacity.setAccessibleName(tr("Opacity of the layer"))
        self.opacity.valueChanged.connect(self._opacity)
        row.addWidget(label)
        row.addWidget(self.opacity, 1)
        self.buttons: dict[str, QPushButton] = {}
        for name, tip, act in (
            ("up", tr("Draw above (Alt+Up)"), lambda: self._move(1)),
            ("down", tr("Draw below (Alt+Down)"), lambda: self._move(-1)),
            ("trash", tr("Remove the layer (Del)"), self._remove),
        ):
            button = QPushButton()
            button.setProperty("quiet", True)
            button.setMaximumWidth(30)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(act)
            self.buttons[name] = button
            row.addWidget(button)
        return self.foot

    # --- showing ---

    def show_document(self, document: Document) -> None:
        """Fill the tree; the selected row stays selected."""
        self._filling = True
        chosen = self.layer_id()
        self.tree.clear()
        for title, kinds in groups().values():
            layers = [one for one in reversed(document.layers) if one.kind in kinds]
            if not layers:
                continue
            group = QTreeWidgetItem([title])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = group.font(0)
            font.setBold(True)
            group.setFont(0, font)
            self.tree.addTopLevelItem(group)
            for layer in layers:
                group.addChild(self._row(document, layer))
            group.setExpanded(True)
        self.empty.setVisible(not document.layers)
        self.tree.setVisible(bool(document.layers))
        self._filling = False
        self._choose(chosen)
        self._dress_foot()

    def _row(self, document: Document, layer: Layer) -> QTreeWidgetItem:
        style = document.style(layer.id)
        row = QTreeWidgetItem([layer.name, ""])
        row.setData(0, ROLE, layer.id)
        row.setIcon(0, theme.icon({"surface": "terrain"}.get(layer.kind, layer.kind)))
        row.setIcon(1, theme.icon("eye" if style.visible else "eye-off"))
        why = stale_words(document, layer)
        row.setText(0, tr("{name} (out of date)", name=layer.name) if why else layer.name)
        row.setToolTip(0, "\n".join(part for part in (layer.name, extent_words(layer), why) if part))
        row.setToolTip(1, tr("Hide") if style.visible else tr("Show"))
        if not style.visible:
            row.setForeground(0, self.palette().placeholderText())
        return row

    def rows(self) -> dict[str, QTreeWidgetItem]:
        """The rows by layer id."""
        found = {}
        for top in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(top)
            for at in range(group.childCount()):
                found[group.child(at).data(0, ROLE)] = group.child(at)
        return found

    def _choose(self, layer_id: str | None) -> None:
        row = self.rows().get(layer_id or "")
        self._filling = True
        self.tree.setCurrentItem(row)
        self._filling = False

    def _follow(self) -> None:
        self._choose(self.desk.selection[0] if self.desk.selection else None)
        self._dress_foot()

    def _dress_foot(self) -> None:
        layer_id = self.layer_id()
        self.foot.setVisible(bool(self.desk.document.layers))
        self.foot.setEnabled(layer_id is not None)
        for name, button in self.buttons.items():
            button.setIcon(theme.icon(name))
        self._filling = True
        self.opacity.setValue(round(100 * self.desk.document.style(layer_id).opacity) if layer_id else 100)
        self._filling = False

    def layer_id(self) -> str | None:
        """The row that is current."""
        row = self.tree.currentItem()
        found: str | None = row.data(0, ROLE) if row is not None else None
        return found

    # --- changing ---

    def _clicked(self, row: QTreeWidgetItem, column: int) -> None:
        layer_id = row.data(0, ROLE)
        if layer_id and column == 1:
            self.toggle(layer_id)

    def toggle(self, layer_id: str) -> None:
        """Show or hide a layer."""
        visible = not self.desk.document.style(layer_id).visible
        name = self.desk.document.layer(layer_id).name
        label = tr("Show {name}", name=name) if visible else tr("Hide {name}", name=name)
        self.desk.edit(label, lambda d: d.with_style(layer_id, visible=visible))

    def _current(self, row: QTreeWidgetItem | None, _: object) -> None:
        if not self._filling and row is not None and row.data(0, ROLE):
            self.desk.select((row.data(0, ROLE), ""))

    def _opacity(self, value: int) -> None:
        layer_id = self.layer_id()
        if not self._filling and layer_id:
            change = tr("Opacity of {name}", name=self.desk.document.layer(layer_id).name)
            self.desk.edit(change, lambda d: d.with_style(layer_id, opacity=value / 100), merge=f"opacity {layer_id}")

    def _move(self, steps: int) -> None:
        """One place up (1) or down (−1) among the layers of the group, which is what the tree shows."""
        layer_id, document = self.layer_id(), self.desk.document
        if not layer_id:
            return
        layer, ids = document.layer(layer_id), [one.id for one in document.layers]
        kinds = next(kinds for _, kinds in groups().values() if layer.kind in kinds)
        beside = [one.id for one in document.layers if one.kind in kinds]
        at = beside.index(layer_id) + steps
        if 0 <= at < len(beside):
            way = ids.index(beside[at]) - ids.index(layer_id)
            self.desk.edit(tr("Move {name}", name=layer.name), lambda d: d.with_layer_moved(layer_id, way))

    def _remove(self) -> None:
        layer_id = self.layer_id()
        if layer_id:
            name = self.desk.document.layer(layer_id).name
            self.desk.edit(tr("Remove {name}", name=name), lambda d: d.without_layer(layer_id))

    def _zoom(self, row: QTreeWidgetItem | None) -> None:
        if row is not None and row.data(0, ROLE):
            self.zoom_wanted.emit(row.data(0, ROLE))

    def _menu(self, place: QPoint) -> None:
        row = self.tree.itemAt(place)
        if row is None or not row.data(0, ROLE):
            return
        self.tree.setCurrentItem(row)
        menu = QMenu(self)
        menu.addAction(theme.icon("frame"), tr("Zoom to"), lambda: self._zoom(row))
        menu.addAction(theme.icon("eye"), tr("Show or hide"), lambda: self.toggle(row.data(0, ROLE)))
        menu.addAction(theme.icon("up"), tr("Draw above"), lambda: self._move(1))
        menu.addAction(theme.icon("down"), tr("Draw below"), lambda: self._move(-1))
        menu.addSeparator()
        menu.addAction(theme.icon("trash"), tr("Remove"), self._remove)
        menu.exec(self.tree.viewport().mapToGlobal(place))

    def _key(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Delete:
            self._remove()
        elif event.key() == Qt.Key.Key_Space and self.layer_id():
            self.toggle(self.layer_id() or "")
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            QTreeWidget.keyPressEvent(self.tree, event)


def stale_words(document: Document, layer: Layer) -> str:
    """Why a result no longer stands, "" where it does."""
    from gui.requests import why_stale

    why = why_stale(document, layer) if layer.kind == "result" else ""
    return tr("Out of date: {why}.", why=why) if why else ""


def extent_words(layer: Layer) -> str:
    """What a layer holds, in a few words."""
    data = layer.data
    if layer.kind == "city":
        return tr("{count} objects", count=number(int((~data.objects.is_surface).sum())))
    if layer.kind == "areas":
        return tr("{count} areas", count=number(len(data)))
    if layer.kind == "points":
        return tr("{count} points", count=number(len(data)))
    if layer.kind in ("terrain", "surface"):
        rows, columns = data.shape
        cell = abs(float(data.x[1] - data.x[0])) if columns > 1 else 0.0
        return tr("{columns} × {rows} cells of {cell} m", columns=columns, rows=rows, cell=number(cell, 2))
    return str(getattr(data, "title", ""))
