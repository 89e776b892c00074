"""The gauges' pane: level, depth and speed at places and flow through sections, over time, beside the scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui import theme
from gui.balance_panel import state_words
from gui.desk import Desk
from gui.object_panel import label
from gui.plot import Chart, Line, Plot, line_colour, value_at, value_words
from gui.time_range import hand_of
from gui.words import tr

SOON = 250  # milliseconds that a growing flood is left alone before its gauges are read anew
ALL = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is read: its name in the readings, whose names it goes by, title, unit; level does not begin at nought."""

    name: str
    of: str
    title: str
    unit: str
    from_zero: bool = True


def quantities() -> tuple[Quantity, ...]:
    """What gauges and sections read."""
    return (
        Quantity("depth", "gauges", tr("Depth"), "m"),
        Quantity("level", "gauges", tr("Water level"), "m", from_zero=False),
        Quantity("speed", "gauges", tr("Speed"), "m/s"),
        Quantity("discharge", "sections", tr("Flow through a section"), "m³/s"),
    )


class GaugesPane(QWidget):
    """place_wanted() to set gauges; save_wanted(picture, name); export_wanted(); moved(seconds since the start)."""

    place_wanted = Signal()
    save_wanted = Signal(object, str)
    export_wanted = Signal()
    moved = Signal(float)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.layer: Any = None
        self.span: Any = None
        self.readings: dict[str, dict[str, Any]] = {}
        self.names: dict[str, str] = {}
        self.rain: tuple[list[float], list[float]] | None = None
        self._known: Any = None
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.what, self.where = QComboBox(), QComboBox()
        for box, name in ((self.what, tr("Quantity")), (self.where, tr("Gauge or section"))):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.what.currentIndexChanged.connect(lambda _: self._fill_where())
        self.where.currentIndexChanged.connect(lambda _: self._draw())
        self.title = label("", "quiet", wrap=False)
        self.title.setMinimumWidth(1)
        self.place, self.save, self.export = (
            QPushButton(tr("Set gauges…")),
            QPushButton(tr("Save picture…")),
            QPushButton(tr("Export CSV…")),
        )
        self.place.setToolTip(tr("Click places for gauges on the map; the next run reads them"))
        self.place.clicked.connect(self.place_wanted)
        self.save.clicked.connect(lambda: self.save_wanted.emit(self.picture(), self._file_name()))
        self.export.clicked.connect(self.export_wanted)
        self.plot = Plot()
        self.plot.moved.connect(self.moved)
        self.empty = label("", "quiet")
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._read)
        desk.moment_changed.connect(self._point)
        self.follow(None, None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.what)
        row.addWidget(self.where)
        row.addWidget(self.title, 1)
        for part in (self.place, self.save, self.export):
            row.addWidget(part)
        self.side = QWidget()
        self.side.setProperty("role", "panel")
        self.rows = QGridLayout(self.side)
        self.rows.setContentsMargins(4, 2, 4, 2)
        self.rows.setHorizontalSpacing(8)
        self.rows.setVerticalSpacing(2)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setWidget(self.side)
        self.scroll.setFixedWidth(250)
        body = QHBoxLayout()
        body.addWidget(self.plot, 1)
        body.addWidget(self.scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.empty)
        layout.addLayout(body, 1)

    # --- what it shows ---

    def follow(self, layer: Any, span: Any) -> None:
        """Show this flood's gauges; None for no flood."""
        self.layer, self.span = layer, span
        if self.isVisible():
            self._soon.start(0 if not self.readings else SOON)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._read()

    def _read(self) -> None:
        """Read the gauges anew where there is more of them."""
        from gui.flood_requests import rain_of, readings_of

        result = self.layer.data if self.layer is not None else None
        known = None if result is None else (result.revision, *(one.revision for one in result.water.values()))
        if known == self._known and known is not None:
            self._point()
            return
        self._known = known
        self.readings = readings_of(result) if result is not None else {}
        self.rain = rain_of(result) if result is not None else None
        self.names = state_words(result) if result is not None else {}
        self._fill_what()

    def _fill_what(self) -> None:
        """What is read, and for which places; the choice stays where it can."""
        first = next(iter(self.readings.values()), {})
        found = [one for one in quantities() if len(first.get(one.of, ()))]
        _refill(self.what, [(f"{one.title} ({one.unit})", one.name) for one in found])
        full = bool(found)
        for part in (self.what, self.where, self.plot, self.scroll, self.save, self.export):
            part.setVisible(full)
        self.empty.setVisible(not full)
        self.title.setText(self.layer.name if full and self.layer is not None else "")
        self.empty.setText(
            tr("This flood has no gauges. Set some on the map; the next run reads water level, depth and speed there.")
            if self.layer is not None
            else tr("No flood is shown. Set gauges on the map, then compute one: their plots show up here.")
        )
        self._fill_where()

    def quantity(self) -> Quantity | None:
        """What is chosen."""
        return next((one for one in quantities() if one.name == self.what.currentData()), None)

    def _fill_where(self) -> None:
        chosen = self.quantity()
        first = next(iter(self.readings.values()), {})
        names = [str(one) for one in first.get(chosen.of, ())] if chosen is not None else []
        every = tr("All sections") if chosen is not None and chosen.of == "sections" else tr("All gauges")
        _refill(self.where, [(every, ALL), *((one, one) for one in names)])
        self._draw()

    def _draw(self) -> None:
        chosen = self.quantity()
        if chosen is None or self.span is None:
            return
        self.plot.put(Chart(chosen.title, chosen.unit, self.lines(chosen), self.span.seconds, self.rain,
                            chosen.from_zero))  # fmt: skip
        self._fill_side()
        self._point()

    def lines(self, chosen: Quantity) -> tuple[Line, ...]:
        """A line for each place and state; the base is dashed where there is a proposal beside it."""
        found, both = [], len(self.readings) > 1
        for state, read in self.readings.items():
            for at, name in enumerate(read[chosen.of]):
                if self.where.currentData() in (ALL, None, str(name)):
                    words = f"{name}, {self.names[state]}" if both else str(name)
                    x, y = read["time"].tolist(), read[chosen.name][:, at].tolist()
                    found.append(Line(words, x, y, at, dashed=both and state == "base"))
        return tuple(sorted(found, key=lambda one: one.colour))

    # --- the legend, with what the moment reads ---

    def _fill_side(self) -> None:
        while self.rows.count():
            widget = self.rows.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        self.values = []
        for at, line in enumerate(self.plot.chart.lines):
            value = label("", wrap=False)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.rows.addWidget(Stroke(line.colour, line.dashed), at, 0)
            self.rows.addWidget(label(line.name), at, 1)
            self.rows.addWidget(value, at, 2)
            self.values.append(value)
        self.rows.setColumnStretch(1, 1)
        self.rows.setRowStretch(len(self.values), 1)

    def _point(self) -> None:
        """The hand stands at the moment."""
        if self.span is None or not self.isVisible() or not self.plot.chart.lines:
            return
        seconds = min(max(self.span.passed(hand_of(self.desk, self.span)), 0.0), self.span.seconds)
        self.plot.point(seconds)
        for line, value in zip(self.plot.chart.lines, self.values, strict=True):
            value.setText(value_words(value_at(line, seconds), self.plot.chart.unit))

    # --- what leaves it ---

    def picture(self) -> QImage:
        """Plot and legend as one picture, rows that have to be scrolled to as well."""
        plot, side = self.plot.image(), self.side
        wide, tall = self.plot.width() + self.scroll.width(), max(self.plot.height(), side.height())
        made = QImage(2 * wide, 2 * tall, QImage.Format.Format_RGB32)
        made.setDevicePixelRatio(2.0)
        made.fill(QColor(theme.Look.colours.base))
        painter = QPainter(made)
        painter.drawImage(0, 0, plot)
        painter.end()
        side.render(made, self.plot.rect().topRight())
        return made

    def _file_name(self) -> str:
        chosen = self.quantity()
        return f"{self.layer.name if self.layer is not None else ''} {chosen.title if chosen else ''}".strip()

    def dress(self) -> None:
        """After the theme changed."""
        self.plot.update()
        if self.plot.chart.lines:
            self._fill_side()
            self._point()


class Stroke(QWidget):
    """A short line as it stands in the plot."""

    def __init__(self, colour: int, dashed: bool) -> None:
        super().__init__()
        self.colour, self.dashed = colour, dashed
        self.setFixedSize(26, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            style = Qt.PenStyle.DashLine if self.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(line_colour(self.colour), 2.2, style))
            painter.drawLine(1, 7, 25, 7)


def _refill(box: QComboBox, rows: list[tuple[str, str]]) -> None:
    """Other rows, the same choice where it is still there; nobody is told."""
    if [(box.itemText(k), box.itemData(k)) for k in range(box.count())] == rows:
        return
    chosen, blocked = box.currentData(), box.blockSignals(True)
    box.clear()
    for words, value in rows:
        box.addItem(words, value)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.blockSignals(blocked)
