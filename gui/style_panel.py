"""The inspector's page for a layer: what it is, how it is coloured, and its legend."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from citymodel.layers import Layer
from gui.balance_panel import Volumes, state_words
from gui.desk import Desk
from gui.facts import made_words
from gui.flood_requests import balance_of
from gui.layer_tree import extent_words, stale_words
from gui.object_panel import breakable, label
from gui.result_table import tables_of
from gui.words import tr


class StylePanel(QWidget):
    """Colour by, legend, source; for a result also how it was made."""

    zoom_wanted = Signal()
    export_wanted = Signal(str)
    table_wanted = Signal()
    again_wanted = Signal(str)
    balance_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._filling = False
        self._layer: Layer | None = None
        self.title, self.facts = label("", "title"), label("", "quiet")
        self.colour = QComboBox()
        self.colour.setAccessibleName(tr("Colour by"))
        self.colour.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.colour.setMinimumContentsLength(12)
        self.colour.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.colour.currentIndexChanged.connect(self._recolour)
        self.stale, self.again = label("", "warning"), QPushButton(tr("Recompute"))
        self.again.clicked.connect(lambda: self._layer and self.again_wanted.emit(self._layer.id))
        self.volumes = Volumes()
        self.volumes.wanted.connect(lambda: self._layer and self.balance_wanted.emit(self._layer.id))
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 6, 0, 0)
        self.form.addRow(tr("Colour by"), self.colour)
        self.legend = QVBoxLayout()
        self.legend.setSpacing(3)
        self.making = QVBoxLayout()
        self.making.setSpacing(2)
        zoom = QPushButton(tr("Zoom to"))
        zoom.clicked.connect(self.zoom_wanted)
        self.export = QPushButton(tr("Export…"))
        self.export.clicked.connect(lambda: self._layer and self.export_wanted.emit(self._layer.id))
        buttons = QHBoxLayout()
        buttons.addWidget(zoom)
        buttons.addWidget(self.export)
        self.table = QPushButton(tr("Table"))
        self.table.setToolTip(tr("The numbers behind the map (F9)"))
        self.table.clicked.connect(self.table_wanted)
        buttons.addWidget(self.table)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.facts)
        layout.addLayout(buttons)
        layout.addWidget(self.stale)
        layout.addWidget(self.again)
        layout.addLayout(self.form)
        layout.addLayout(self.legend)
        layout.addWidget(self.volumes)
        layout.addLayout(self.making)
        layout.addStretch(1)

    def show_layer(self, layer: Layer, state: Any) -> None:
        """Fill the page for one layer."""
        self._layer = layer
        document = self.desk.document
        self.title.setText(breakable(layer.name))
        source = document.sources.get(layer.id)
        facts = [extent_words(layer)] if extent_words(layer) not in layer.name else []
        if document.frame and document.frame.crs:
            facts.append(document.frame.crs)
        if source:
            facts.append(tr("from {path}", path=breakable(source.path)))
        if layer.licence:
            facts.append(layer.licence)
        self.facts.setText("\n".join(fact for fact in facts if fact))
        self.export.setVisible(layer.kind in ("result", "terrain", "surface"))
        self.table.setVisible(bool(tables_of(layer)))
        why = stale_words(document, layer)
        self.stale.setText(why)
        self.stale.setVisible(bool(why))
        self.again.setVisible(bool(why))
        flood = layer.kind == "result" and bool(layer.data.water)
        self.volumes.show_volumes(balance_of(layer.data) if flood else {}, state_words(layer.data) if flood else {})
        self._fill_colours(layer)
        self._fill_legend(layer, state)
        self._fill_making(layer)

    def _fill_colours(self, layer: Layer) -> None:
        self._filling = True
        self.colour.clear()
        for key, words in colour_choices(layer):
            self.colour.addItem(words, key)
        at = self.colour.findData(self.desk.document.style(layer.id).colour_by)
        self.colour.setCurrentIndex(max(at, 0))
        words = tr("Map") if layer.kind == "result" else tr("Colour by")
        self.form.labelForField(self.colour).setText(words)  # type: ignore[attr-defined]
        self.form.setRowVisible(self.colour, self.colour.count() > 1)
        self._filling = False

    def _fill_legend(self, layer: Layer, state: Any) -> None:
        _clear(self.legend)
        legend = legend_of(layer, state)
        if legend is None or not legend.classes:
            return
        unit = f" ({legend.unit})" if legend.unit else ""
        self.legend.addWidget(label(f"{legend.title}{unit}", "head"))
        for colour, words in legend.classes:
            self.legend.addWidget(swatch(colour, words, striped=bool(self.stale.text())))

    def _fill_making(self, layer: Layer) -> None:
        _clear(self.making)
        if layer.kind != "result":
            return
        made = made_words(layer.data.provenance)
        if made or layer.data.notes:
            self.making.addWidget(label(tr("How it was made"), "head"))
        for note in layer.data.notes:
            self.making.addWidget(label(str(note)))
        for line in made:
            self.making.addWidget(label(line, "quiet"))

    def _recolour(self) -> None:
        if self._filling or self._layer is None:
            return
        key, layer_id = self.colour.currentData(), self._layer.id
        name = self._layer.name
        self.desk.edit(tr("Colour {name}", name=name), lambda d: d.with_style(layer_id, colour_by=key, range=None))


def colour_choices(layer: Layer) -> list[tuple[str, str]]:
    """(style key, words) of what a layer can be coloured by."""
    data = layer.data
    if layer.kind == "city":
        names = sorted({name for row in data.objects.attributes for name in row}, key=str.lower)
        plain = [("surface-type", tr("Surface type")), ("height", tr("Height"))]
        return plain + [(name, name) for name in names if name != "height"]
    if layer.kind == "points":
        words = {"classification": tr("Class"), "intensity": tr("Intensity"), "rgb": tr("Colour of the flight")}
        found = [(key, said) for key, said in words.items() if key in data.columns]
        return [*found, ("height", tr("Height"))]
    if layer.kind == "result":
        maps = [(one.name, tr(one.title)) for one in data.fields.values() if hasattr(one.data, "dims")]
        return waters(data) + maps[::-1] + facades(data)  # studies end with what is asked most
    return []


def waters(result: Any) -> list[tuple[str, str]]:
    """(style key, words) of the ways to show a flood's water in time."""
    from citymodel.scene.water import LOOKS

    return [(key, tr(words)) for key, words in LOOKS.items()] if result.water else []


def facades(result: Any) -> list[tuple[str, str]]:
    """(column, words) of what a result can show on façades."""
    from citymodel.scene.patches import columns_of, legend_of

    return [(name, tr(legend_of(result, name).title)) for name in columns_of(result)]


def legend_of(layer: Layer, state: Any) -> Any:
    """The legend that the scene draws for the layer, None where it draws none."""
    if state is None:
        return None
    if layer.kind == "result":
        shown = any(one.layer_id == layer.id for one in state.items)
        if state.water is not None and state.water.layer_id == layer.id:
            return state.water.legend
        if not shown:
            return state.drape.legend if state.drape is not None else None
    from citymodel.scene.legend import legends_of

    item = next((one for one in state.items if one.layer_id == layer.id), None)
    found = legends_of(item) if item is not None else []
    return found[0] if found else None


def swatch(colour: str, words: str, striped: bool = False) -> QWidget:
    """A square of colour and what it means; striped where it no longer stands."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    square = QLabel()
    picture = QPixmap(16, 16)
    picture.fill(QColor(colour))
    if striped:
        painter = QPainter(picture)
        painter.fillRect(picture.rect(), QBrush(QColor("#ffffff"), Qt.BrushStyle.BDiagPattern))
        painter.end()
    square.setPixmap(picture)
    layout.addWidget(square)
    layout.addWidget(label(words), 1)
    return row


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        widget = layout.takeAt(0).widget()
        if widget is not None:
            widget.deleteLater()
