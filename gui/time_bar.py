"""The time bar: a date, a time of day, play, and where the sun stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QFrame, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from gui import theme
from gui.desk import Desk
from gui.words import number, tr
from gui.zone_box import ZoneBox

FRAME = 50  # milliseconds between two suns while it plays; a slow screen leaves some out
STRIDE = 4  # minutes the sun goes on in one of them
COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")


class TimeBar(QFrame):
    """Moves the desk's moment; shadows_toggled(whether shade is cast)."""

    shadows_toggled = Signal(bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._filling = False
        self.setProperty("role", "bar")
        self.play = QPushButton()
        self.play.setProperty("quiet", True)
        self.play.setToolTip(tr("Play the day (Space)"))
        self.play.setAccessibleName(tr("Play the day"))
        self.play.clicked.connect(self.toggle)
        self.date = QDateEdit()
        self.date.setDisplayFormat("d MMM yyyy")
        self.date.setCalendarPopup(True)
        self.date.setAccessibleName(tr("Date"))
        self.date.dateChanged.connect(lambda _: self._moved())
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 24 * 60 - 1)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(60)
        self.slider.setAccessibleName(tr("Time of day"))
        self.slider.valueChanged.connect(lambda _: self._moved())
        self.clock, self.zone, self.sun = QLabel(), ZoneBox(), QLabel()
        self.clock.setProperty("role", "title")
        self.clock.setMinimumWidth(58)
        self.zone.setToolTip(tr("Time zone of the project; guessed from where the data lie until you choose"))
        self.zone.setAccessibleName(tr("Time zone"))
        self.zone.setMinimumContentsLength(16)
        self.zone.setMinimumWidth(96)
        self.zone.setMaximumWidth(158)
        self.zone.activated.connect(lambda _: self._zone_chosen())
        self.zone.lineEdit().editingFinished.connect(self._zone_chosen)
        self.sun.setMinimumWidth(1)  # gives way in a narrow window; the whole of it is its tooltip
        self.slider.setMinimumWidth(90)
        self.shadows = QCheckBox(tr("Cast shadows"))
        self.shadows.setToolTip(tr("Lay the shade of this moment over ground and roofs"))
        self.shadows.toggled.connect(self.shadows_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 14, 7)
        row.setSpacing(10)
        for widget in (self.play, self.date, self.clock):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        for widget in (self.zone, self.sun, self.shadows):
            row.addWidget(widget)
        self._timer = QTimer(self, interval=FRAME)
        self._timer.timeout.connect(self._step)
        desk.moment_changed.connect(self.follow)
        self.follow()
        self.dress()

    def dress(self) -> None:
        """Icons anew, after the theme or the state changed."""
        self.play.setIcon(theme.icon("pause" if self._timer.isActive() else "play"))

    def follow(self) -> None:
        """Show the desk's moment."""
        moment = self.desk.moment
        self._filling = True
        self.date.setDate(QDate(moment.year, moment.month, moment.day))
        self.slider.setValue(moment.hour * 60 + moment.minute)
        self._filling = False
        self.clock.setText(f"{moment:%H:%M}")
        if not self.zone.lineEdit().hasFocus():
            self.zone.put(str(moment.tzinfo))

    def _moved(self) -> None:
        if self._filling:
            return
        day, minutes = self.date.date(), self.slider.value()
        at = datetime(day.year(), day.month(), day.day(), minutes // 60, minutes % 60, tzinfo=self.desk.moment.tzinfo)
        self.desk.set_moment(at)

    def _zone_chosen(self) -> None:
        """Take a zone that there is; of anything else the one before stays."""
        from citymodel.timezones import zones

        written = self.zone.zone().lower()
        wanted = next((one for one in zones() if one.lower() == written), "")
        if wanted and self.desk.document.layers and wanted != str(self.desk.moment.tzinfo):
            self.desk.set_zone(wanted)
        self.zone.put(str(self.desk.moment.tzinfo))

    def toggle(self) -> None:
        """Play or pause."""
        if self._timer.isActive():
            self._timer.stop()
        else:
            self._timer.start()
        self.dress()

    def stop(self) -> None:
        self._timer.stop()
        self.dress()

    def _step(self) -> None:
        moment = self.desk.moment
        later = moment + timedelta(minutes=STRIDE)
        self.desk.set_moment(later if later.date() == moment.date() else later - timedelta(days=1))

    def show_light(self, light: Any) -> None:
        """Say where the sun of the picture stands."""
        if light is None or not light.known:
            self.sun.setText(tr("Sun: the data have no place on the globe"))
        elif light.altitude <= 0:
            self.sun.setText(tr("The sun is below the horizon"))
        else:
            side = tr(COMPASS[round(light.azimuth / 22.5) % 16])
            height, turn = number(light.altitude, 0), number(light.azimuth, 0)
            self.sun.setText(tr("Sun {height}° high, {turn}° ({side})", height=height, turn=turn, side=side))
        self.sun.setToolTip(self.sun.text())
