"""A day as a bar: sun, shade, light through crowns and night, with the hours marked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.words import number, tr

COLOURS = {0: "#f2c037", 1: "#64748b", 2: "#b9b489", 255: "#d4d4d4"}
NIGHT = 9
HEIGHT, TICKS = 16, 16


class SunBar(QWidget):
    """Spells of a day from an hour before sunrise to an hour after sunset; ticks : whether hours are written below."""

    def __init__(self, day: Any, first: float, last: float, ticks: bool = True) -> None:
        super().__init__()
        self.day, self.first, self.last, self.ticks = day, first, last, ticks
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(spells_words(day))
        self.setAccessibleName(tr("Sun of the day"))
        self.setAccessibleDescription(spells_words(day))

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT + (TICKS if self.ticks else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _x(self, hour: float) -> float:
        return 1.0 + (self.width() - 2.0) * (hour - self.first) / (self.last - self.first)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            line = QColor(theme.Look.colours.line)
            for spell in self.day.spells:
                left, right = self._x(max(spell.start, self.first)), self._x(min(spell.end, self.last))
                if right <= left:
                    continue
                box = QRectF(left, 1.0, right - left, HEIGHT - 2.0)
                if spell.kind == NIGHT:
                    painter.fillRect(box, QBrush(line, Qt.BrushStyle.BDiagPattern))
                else:
                    painter.fillRect(box, QColor(COLOURS.get(spell.kind, COLOURS[255])))
            painter.setPen(QPen(line, 1))
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1.0, HEIGHT - 1.0))
            if self.ticks:
                self._write_hours(painter)

    def _write_hours(self, painter: QPainter) -> None:
        painter.setPen(QColor(theme.Look.colours.quiet))
        font = painter.font()
        font.setPointSizeF(max(font.pointSizeF() - 2.0, 7.0))
        painter.setFont(font)
        step = 2 if self.width() > 200 else 3
        for hour in range(int(self.first) + 1, int(self.last) + 1):
            x = self._x(hour)
            if hour % step:
                painter.drawLine(int(x), HEIGHT, int(x), HEIGHT + 1)
                continue
            painter.drawLine(int(x), HEIGHT, int(x), HEIGHT + 3)
            painter.drawText(
                QRectF(x - 12, HEIGHT + 3, 24, TICKS - 3),
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                str(hour),
            )


def spells_words(day: Any) -> str:
    """The times of sun in words, for a tooltip and for those who do not see the bar."""
    lit = [f"{clock(one.start)}–{clock(one.end)}" for one in day.spells if one.kind == 0]
    return tr("Sun {times}", times=", ".join(lit)) if lit else tr("No direct sun on this day")


def clock(hour: float) -> str:
    """HH:MM."""
    minutes = round(60 * hour)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hours_words(hours: float) -> str:
    """7 h 20 min."""
    minutes = round(60 * hours)
    whole, rest = divmod(minutes, 60)
    return f"{number(whole)}\u00a0h {rest}\u00a0min" if rest else f"{number(whole)}\u00a0h"
