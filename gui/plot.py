"""A plot over time: lines with their unit, the hand of the moment, and what the pointer reads."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.words import number, tr

LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 26.0, 24.0
LIGHT_LINES = ("#1f66ad", "#b4531f", "#2f7d4f", "#7a4fa3", "#8a6d00", "#b0366f", "#3d6f78", "#5c5c5c")
DARK_LINES = ("#6fb2f0", "#f0a070", "#7fcf9a", "#c3a1ea", "#e0c45c", "#f08fbd", "#8fd0d8", "#b8b8b8")
RAIN = 0.28  # share of the height that rain takes from above


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot.

    x : seconds, rising; y : values, NaN where there is none; colour : number of a colour of the look
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: int = 0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What a plot shows.

    rain : seconds and mm/h, drawn from above; unit : of the lines; seconds : of the whole width
    from_zero : whether the lowest value shown is nought at the most
    """

    title: str = ""
    unit: str = ""
    lines: tuple[Line, ...] = ()
    seconds: float = 1.0
    rain: tuple[Sequence[float], Sequence[float]] | None = None
    from_zero: bool = True
    bounds: tuple[float, float] = field(init=False, default=(0.0, 1.0))

    def __post_init__(self) -> None:
        known = [y for line in self.lines for y in line.y if math.isfinite(y)]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        if self.from_zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if high - low < 1e-9:
            high = low + (1.0 if self.from_zero else 0.1)
        room = 0.06 * (high - low)
        object.__setattr__(self, "bounds", (low if low == 0.0 and self.from_zero else low - room, high + room))


class Plot(QWidget):
    """moved(seconds) when the plot is clicked or dragged over, or the arrow keys are pressed."""

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = Chart()
        self.hand: float | None = None
        self.pointer: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(220, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        return QSize(520, 190)

    def put(self, chart: Chart) -> None:
        """Show this."""
        self.chart = chart
        self.setAccessibleName(f"{chart.title} ({chart.unit})" if chart.unit else chart.title)
        self.update()

    def point(self, seconds: float | None) -> None:
        """Put the hand of the moment there."""
        if seconds != self.hand:
            self.hand = seconds
            self.setAccessibleDescription(self.said())
            self.update()

    def said(self) -> str:
        """What the hand reads, in words."""
        at = self.hand if self.pointer is None else self.pointer
        if at is None:
            return ""
        values = [f"{line.name} {value_words(value_at(line, at), self.chart.unit)}" for line in self.chart.lines]
        return f"{clock_words(at)}: {', '.join(values)}"

    # --- drawing ---

    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 10.0), max(self.height() - TOP - BOTTOM, 10.0))

    def _x(self, seconds: float) -> float:
        area = self._area()
        return area.left() + area.width() * seconds / max(self.chart.seconds, 1e-9)

    def _y(self, value: float) -> float:
        area, (low, high) = self._area(), self.chart.bounds
        return area.bottom() - area.height() * (value - low) / (high - low)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colours = theme.Look.colours
            painter.fillRect(self.rect(), QColor(colours.base))
            font = painter.font()
            font.setPointSizeF(max(font.pointSizeF() - 1.0, 8.0))
            painter.setFont(font)
            self._draw_rain(painter)
            self._draw_axes(painter)
            painter.save()
            painter.setClipRect(self._area().adjusted(-1, -1, 1, 1))
            for line in self.chart.lines:
                self._draw_line(painter, line)
            painter.restore()
            self._draw_hands(painter)
            if self.hasFocus():
                painter.setPen(QPen(QColor(colours.accent), 1))
                painter.drawRect(QRectF(0.5, 0.5, self.width() - 1.0, self.height() - 1.0))

    def _draw_axes(self, painter: QPainter) -> None:
        area, colours, chart = self._area(), theme.Look.colours, self.chart
        quiet, line = QColor(colours.quiet), QColor(colours.line)
        heading = f"{chart.title} ({chart.unit})" if chart.unit else chart.title
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(8, 2, area.width(), TOP - 4), Qt.AlignmentFlag.AlignVCenter, heading)
        low, high = chart.bounds
        for value, digits in ticks(low, high, max(int(area.height() // 34), 2)):
            y = self._y(value)
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(quiet)
            box = QRectF(0, y - 9, LEFT - 6, 18)
            words = number(value + 0.0, digits).replace("-", "−")
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QPen(quiet, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        for seconds in time_ticks(chart.seconds, max(int(area.width() // 84), 2)):
            x = self._x(seconds)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
            box = QRectF(min(x - 40, self.width() - 80.0), area.bottom() + 4, 80, BOTTOM - 4)
            side = Qt.AlignmentFlag.AlignHCenter if x - 40 <= self.width() - 80.0 else Qt.AlignmentFlag.AlignRight
            painter.drawText(box, side | Qt.AlignmentFlag.AlignTop, clock_words(seconds))

    def _draw_rain(self, painter: QPainter) -> None:
        if self.chart.rain is None:
            return
        times, rates = self.chart.rain
        peak, area = max(rates, default=0.0), self._area()
        if peak <= 0:
            return
        colour = QColor(theme.rain())
        colour.setAlpha(120)
        for begin, end, rate in zip(times, [*times[1:], times[-1]], rates, strict=True):
            left, right = self._x(begin), self._x(min(end, self.chart.seconds))
            if rate > 0 and right > left:
                tall = RAIN * area.height() * rate / peak
                painter.fillRect(QRectF(left, area.top(), max(right - left - 0.6, 0.6), tall), colour)
        words = tr("rain, up to {peak} mm/h", peak=number(peak))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 4
        painter.setPen(QColor(theme.rain()))
        painter.drawText(QRectF(area.right() - wide, 2, wide, TOP - 4), Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_line(self, painter: QPainter, line: Line) -> None:
        style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(line_colour(line.colour), 1.8, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin))
        part = QPolygonF()
        for x, y in zip(line.x, line.y, strict=True):
            if math.isfinite(y):
                part.append(QPointF(self._x(x), self._y(y)))
            elif len(part):
                painter.drawPolyline(part)
                part = QPolygonF()
        painter.drawPolyline(part)

    def _draw_hands(self, painter: QPainter) -> None:
        area, colours = self._area(), theme.Look.colours
        if self.hand is not None:
            x = self._x(min(max(self.hand, 0.0), self.chart.seconds))
            painter.setPen(QPen(QColor(colours.text), 1.2))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            self._draw_dots(painter, self.hand)
        if self.pointer is not None:
            x = self._x(self.pointer)
            painter.setPen(QPen(QColor(colours.quiet), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            self._draw_dots(painter, self.pointer)
            self._draw_read(painter, x)

    def _draw_dots(self, painter: QPainter, seconds: float) -> None:
        for line in self.chart.lines:
            value = value_at(line, seconds)
            if math.isfinite(value):
                painter.setPen(QPen(QColor(theme.Look.colours.base), 1.2))
                painter.setBrush(line_colour(line.colour))
                painter.drawEllipse(QPointF(self._x(seconds), self._y(value)), 3.6, 3.6)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_read(self, painter: QPainter, x: float) -> None:
        """A small card with the values below the pointer."""
        assert self.pointer is not None
        colours, area = theme.Look.colours, self._area()
        rows = [(QColor(colours.text), clock_words(self.pointer))]
        rows += [
            (line_colour(line.colour), f"{line.name}: {value_words(value_at(line, self.pointer), self.chart.unit)}")
            for line in self.chart.lines[:10]
        ]
        metrics = QFontMetricsF(painter.font())
        wide = max(metrics.horizontalAdvance(words) for _, words in rows) + 16
        tall = metrics.height() * len(rows) + 10
        left = x + 10 if x + 10 + wide < self.width() else x - 10 - wide
        box = QRectF(max(left, 2.0), min(area.top() + 4, max(self.height() - tall - 2, 2.0)), wide, tall)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(box, 4, 4)
        for at, (colour, words) in enumerate(rows):
            painter.setPen(colour)
            painter.drawText(QPointF(box.left() + 8, box.top() + 5 + metrics.ascent() + at * metrics.height()), words)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def image(self) -> QImage:
        """The plot as a picture, twice as fine as on the screen, without the pointer."""
        pointer, self.pointer = self.pointer, None
        made = QImage(self.size() * 2, QImage.Format.Format_RGB32)
        made.setDevicePixelRatio(2.0)
        self.render(made)
        self.pointer = pointer
        return made

    # --- the hand ---

    def _seconds(self, x: float) -> float:
        area = self._area()
        return min(max((x - area.left()) / area.width(), 0.0), 1.0) * self.chart.seconds

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer = self._seconds(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.pointer)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.moved.emit(self._seconds(event.position().x()))

    def leaveEvent(self, event: object) -> None:
        self.pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}.get(Qt.Key(event.key()))
        if step is None or self.hand is None:
            event.ignore()
            return
        self.moved.emit(min(max(self.hand + step * self.chart.seconds, 0.0), self.chart.seconds))


def line_colour(number_: int) -> QColor:
    """One of the look's colours for lines, told apart by people who see no red or green too."""
    lines = DARK_LINES if theme.is_dark() else LIGHT_LINES
    return QColor(lines[number_ % len(lines)])


def value_at(line: Line, seconds: float) -> float:
    """What a line reads at a time, linear between its points, NaN beyond them."""
    x = line.x
    at = bisect.bisect_left(x, seconds)
    if at < len(x) and x[at] == seconds:
        return float(line.y[at])
    if at == 0 or at == len(x):
        return math.nan
    share = (seconds - x[at - 1]) / (x[at] - x[at - 1])
    return float(line.y[at - 1] + share * (line.y[at] - line.y[at - 1]))


def value_words(value: float, unit: str) -> str:
    """A reading with its unit, a dash for none."""
    if not math.isfinite(value):
        return "–"
    digits = 2 if abs(value) < 1000 else 0
    return f"{number(round(value, digits) + 0.0, digits)}\u00a0{unit}".replace("-", "−").rstrip("\u00a0")


def clock_words(seconds: float) -> str:
    """H:MM since the start, days before it where there are any."""
    minutes = round(seconds / 60.0)
    if seconds % 60 and seconds < 600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d}\u00a0{tr('min')}"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    return f"{days}\u00a0{tr('d')}\u00a0{hours}:{rest:02d}" if days else f"{hours}:{rest:02d}\u00a0{tr('h')}"


def ticks(low: float, high: float, most: int) -> list[tuple[float, int]]:
    """Round values between two, with the digits that they need."""
    rough = (high - low) / max(most, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * one for one in (1.0, 2.0, 5.0, 10.0) if size * one >= rough * 0.999)
    digits = max(-math.floor(math.log10(step) + 1e-9), 0)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [(k * step, digits) for k in range(first, last + 1)]


def time_ticks(seconds: float, most: int) -> list[float]:
    """Round times from the start on."""
    steps = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000)
    step = next((one for one in steps if seconds / one <= most), steps[-1])
    return [float(k * step) for k in range(int(seconds // step) + 1)]
