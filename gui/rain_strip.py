"""The rain over the time bar: a small hyetograph on the slider's own scale, with the moment's hand through it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.words import number, tr

HEIGHT = 20
MARGIN = 8  # pixels from the slider's end to the middle of its handle at that end


class RainStrip(QWidget):
    """moved(share of the whole time) when it is clicked or dragged over."""

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: list[tuple[float, float, float]] = []  # from, to as shares of the time, rate as share of the peak
        self.share = self.reached = 0.0
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Rain over time"))

    def put(self, times: Sequence[float], rates: Sequence[float], seconds: float) -> None:
        """Show rain: mm/h from each time on, seconds after the start; ``seconds`` is the whole width."""
        peak = max(rates, default=0.0)
        ends = [*times[1:], times[-1]] if len(times) else []
        self.bars = [
            (begin / seconds, min(end / seconds, 1.0), rate / peak)
            for begin, end, rate in zip(times, ends, rates, strict=True)
            if peak > 0 and rate > 0 and begin < seconds
        ]
        depth = sum(rate * (end - begin) for begin, end, rate in zip(times, ends, rates, strict=True)) / 3600.0
        words = tr("Rain: {depth} mm in all, {peak} mm/h at the heaviest", depth=number(depth, 1), peak=number(peak))
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        self.update()

    def at(self, share: float, reached: float) -> None:
        """Put the hand there; what is beyond ``reached`` is not computed yet."""
        if (share, reached) != (self.share, self.reached):
            self.share, self.reached = share, reached
            self.update()

    def _x(self, share: float) -> float:
        return MARGIN + (self.width() - 2 * MARGIN) * share

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.Look.colours
        with QPainter(self) as painter:
            foot = HEIGHT - 1.0
            rain, later = QColor(theme.rain()), QColor(theme.rain())
            later.setAlpha(90)
            for begin, end, height in self.bars:
                left, right = self._x(begin), self._x(end)
                tall = max(height * (HEIGHT - 4.0), 1.0)
                gap = 1.0 if right - left > 4 else 0.0
                painter.fillRect(
                    QRectF(left, foot - tall, max(right - left - gap, 1.0), tall),
                    rain if begin < self.reached else later,
                )
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(self._x(0.0), foot), QPointF(self._x(1.0), foot))
            if self.reached < 1.0 - 1e-6:  # not there yet
                left = self._x(max(self.reached, 0.0))
                box = QRectF(left, 0.0, self._x(1.0) - left, foot)
                painter.fillRect(box, QBrush(QColor(colours.line), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(QColor(colours.text), 1.4))
            x = self._x(self.share)
            painter.drawLine(QPointF(x, 0.0), QPointF(x, foot))

    def _clicked(self, event: QMouseEvent) -> None:
        wide = max(self.width() - 2 * MARGIN, 1)
        self.moved.emit(min(max((event.position().x() - MARGIN) / wide, 0.0), 1.0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._clicked(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._clicked(event)
