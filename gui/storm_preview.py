"""The storm of a form as it is chosen: a small hyetograph with its total, its heaviest rain and how rare it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui import theme
from gui.desk import Desk
from gui.object_panel import label
from gui.parameter_form import ParameterForm
from gui.plot import clock_words, ticks, time_ticks
from gui.words import number, tr

SOON = 120  # milliseconds after a change before the storm is drawn anew
TALL = 106
LEFT, FOOT, HEAD = 34.0, 18.0, 16.0


class StormPreview(QWidget):
    """Follows a form; ``storm`` says the rain of its parameters, in a worker."""

    def __init__(self, desk: Desk, form: ParameterForm, storm: Callable[[Any], Any]) -> None:
        super().__init__()
        self.desk, self.form, self.storm = desk, form, storm
        self.picture, self.words, self.doubts = Hyetograph(), label(""), label("", "quiet")
        self._asked = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 6)
        layout.setSpacing(3)
        layout.addWidget(self.picture)
        layout.addWidget(self.words)
        layout.addWidget(self.doubts)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._ask)
        form.changed.connect(self._soon.start)
        self._soon.start()

    def _ask(self) -> None:
        self._asked += 1
        parameters = self.form.parameters()
        if parameters is None:
            return  # what is wrong stands in the form
        asked = self._asked

        def done(found: Any) -> None:
            if asked == self._asked:
                self._show(found)

        def failed(error: BaseException) -> None:
            from citymodel.cli import plain

            if asked == self._asked:
                self._clear(plain(error))

        self.desk.bridge.start("", lambda job: self.storm(parameters), done, failed)

    def _clear(self, words: str) -> None:
        self.picture.put([], [])
        self.words.setText(words)
        self.doubts.hide()
        self._room()

    def _show(self, found: Any) -> None:
        if found is None:  # whether this is seen at all is the form's to say: it may have folded the row meanwhile
            self._clear("")
            return
        self.picture.put(found.times.tolist(), found.rates.tolist())
        said = " ".join(tr(one) for one in found.words[:2])
        self.words.setText(said)
        self.doubts.setText(" ".join(tr(one) for one in found.words[2:]))
        self.doubts.setVisible(len(found.words) > 2)
        self.picture.setAccessibleName(said)
        self._room()

    def _room(self) -> None:
        """Words that wrap take the lines that they need, which a form does not know by itself."""
        for part in (self.words, self.doubts):
            part.setMinimumHeight(max(part.heightForWidth(self.width()), 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._room()


class Hyetograph(QWidget):
    """Rain over time as bars, mm/h."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self.rates: list[float] = []
        self.setFixedHeight(TALL)

    def put(self, times: list[float], rates: list[float]) -> None:
        """Rates from each time on, seconds and mm/h."""
        self.times, self.rates = times, rates
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.Look.colours
        with QPainter(self) as painter:
            peak = max(self.rates, default=0.0)
            if peak <= 0 or len(self.times) < 2:
                return
            font = painter.font()
            font.setPointSizeF(max(font.pointSizeF() - 2.0, 7.0))
            painter.setFont(font)
            area = QRectF(LEFT, HEAD, self.width() - LEFT - 4.0, TALL - HEAD - FOOT)
            whole, high = self.times[-1], 1.05 * peak
            for value, digits in ticks(0.0, high, 3):
                y = area.bottom() - area.height() * value / high
                painter.setPen(QPen(QColor(colours.line), 1))
                painter.drawLine(int(area.left()), int(y), int(area.right()), int(y))
                painter.setPen(QColor(colours.quiet))
                box = QRectF(0, min(max(y - 8, 0.0), area.bottom() - 12), LEFT - 4, 16)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value, digits)
                )
            for begin, end, rate in zip(self.times, self.times[1:], self.rates, strict=False):
                left, right = (area.left() + area.width() * one / whole for one in (begin, end))
                tall = area.height() * rate / high
                gap = 1.0 if right - left > 4 else 0.0
                box = QRectF(left, area.bottom() - tall, max(right - left - gap, 0.8), tall)
                painter.fillRect(box, QColor(theme.rain()))
            painter.setPen(QColor(colours.quiet))
            for seconds in time_ticks(whole, max(int(area.width() // 70), 2)):
                x = area.left() + area.width() * seconds / whole
                at = min(max(x - 30, 0.0), self.width() - 60.0)
                side = Qt.AlignmentFlag.AlignHCenter if at == x - 30 else Qt.AlignmentFlag.AlignRight
                painter.drawText(QRectF(at, area.bottom() + 2, 60, FOOT - 2), side, clock_words(seconds))
            painter.drawText(QRectF(0, 0, LEFT - 4, HEAD), Qt.AlignmentFlag.AlignRight, "mm/h")
