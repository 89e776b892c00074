"""The time bar: a date, a time of the day or of a flood, play, and where the sun stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.desk import Desk
from gui.rain_strip import RainStrip
from gui.short import Short
from gui.time_range import Day, Range, Stretch, hand_of, put_hand, since_words
from gui.words import number, tr
from gui.zone_box import ZoneBox

FRAME = 50  # milliseconds between two moments while it plays; a slow screen leaves some out
COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")


class TimeBar(QFrame):
    """Moves the desk's moment over its range; shadows_toggled(whether shade is cast), moved_by_hand()."""

    shadows_toggled = Signal(bool)
    moved_by_hand = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.range: Range = Day()
        self._filling = False
        self.setProperty("role", "bar")
        self.play = QPushButton()
        self.play.setProperty("quiet", True)
        self.play.clicked.connect(self.toggle)
        self.date = QDateEdit()
        self.date.setDisplayFormat("d MMM yyyy")
        self.date.setCalendarPopup(True)
        self.date.setAccessibleName(tr("Date"))
        self.date.dateChanged.connect(lambda _: self._moved())
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.valueChanged.connect(lambda _: self._moved())
        self.slider.setMinimumWidth(90)
        self.rain, self.rains = RainStrip(), False
        self.rain.moved.connect(lambda share: self.slider.setValue(round(share * self.slider.maximum())))
        self.clock, self.since, self.sun = QLabel(), QLabel(), Short()  # the sun's words give way in a narrow window
        self.clock.setProperty("role", "title")
        self.clock.setMinimumWidth(58)
        self.since.setProperty("role", "quiet")
        self._make_zone()
        self.shadows = QCheckBox(tr("Cast shadows"))
        self.shadows.setToolTip(tr("Lay the shade of this moment over ground and roofs"))
        self.shadows.toggled.connect(self.shadows_toggled)
        self._lay_out()
        self._timer = QTimer(self, interval=FRAME)
        self._timer.timeout.connect(self._step)
        desk.moment_changed.connect(self.follow)
        self.run_over(Day())
        self.dress()

    def _make_zone(self) -> None:
        self.zone = ZoneBox()
        self.zone.setToolTip(tr("Time zone of the project; guessed from where the data lie until you choose"))
        self.zone.setAccessibleName(tr("Time zone"))
        self.zone.setMinimumContentsLength(16)
        self.zone.setMinimumWidth(96)
        self.zone.setMaximumWidth(158)
        self.zone.activated.connect(lambda _: self._zone_chosen())
        self.zone.lineEdit().editingFinished.connect(self._zone_chosen)

    def _lay_out(self) -> None:
        self.rows, self.row, self.line = QVBoxLayout(self), QHBoxLayout(), QWidget()
        self.rows.setContentsMargins(12, 7, 14, 7)
        self.rows.setSpacing(4)
        self.row.setSpacing(10)
        line = QVBoxLayout(self.line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for widget in (self.rain, self.slider):
            line.addWidget(widget)
        for widget in (self.play, self.date, self.clock, self.since, self.zone, self.sun, self.shadows):
            self.row.addWidget(widget)
        self.rows.addLayout(self.row)

    def _place_slider(self, wide: bool) -> None:
        """The day's slider stands among the words; a flood's has a line of its own, for its rain to be read."""
        for layout in (self.rows, self.row):
            layout.removeWidget(self.line)
        if wide:
            self.rows.addWidget(self.line)
        else:
            self.row.insertWidget(self.row.indexOf(self.zone), self.line, 1)
        self.row.setStretchFactor(self.since, 1 if wide else 0)

    def dress(self) -> None:
        """Icons anew, after the theme or the state changed."""
        self.play.setIcon(theme.icon("pause" if self._timer.isActive() else "play"))

    # --- what it runs over ---

    def run_over(self, range_: Range, rain: tuple[Sequence[float], Sequence[float]] | None = None) -> None:
        """Run over a day or a flood from now on; rain : seconds and mm/h, drawn over the slider."""
        flood = range_ if isinstance(range_, Stretch) else None
        self.range, self.rains = range_, rain is not None
        self._filling = True
        self.slider.setRange(0, range_.last)
        self.slider.setSingleStep(range_.single)
        self.slider.setPageStep(range_.page)
        self._filling = False
        words = tr("Play the flood") if flood else tr("Play the day")
        self.play.setToolTip(f"{words} ({tr('Space')})")
        self.play.setAccessibleName(words)
        self.slider.setAccessibleName(tr("Time of the flood") if flood else tr("Time of day"))
        self._place_slider(flood is not None)
        self.date.setReadOnly(flood is not None)
        self.date.setCalendarPopup(flood is None)
        self.date.setButtonSymbols(QDateEdit.ButtonSymbols.NoButtons if flood else QDateEdit.ButtonSymbols.UpDownArrows)
        self.date.setToolTip(tr("The day of the flood; hide the flood with its eye to choose another") if flood else "")
        self.since.setVisible(flood is not None)
        self._show_clock(flood is None or flood.span.begins is not None)
        self.rain.setVisible(flood is not None and rain is not None)
        if flood is not None and rain is not None:
            self.rain.put(*rain, flood.span.seconds)
        self.follow()

    def _show_clock(self, known: bool) -> None:
        """A flood without a clock has neither a day nor a sun."""
        for part in (self.date, self.clock, self.zone, self.sun):
            part.setVisible(known)
        self.since.setProperty("role", "quiet" if known else "title")
        self.since.setMinimumWidth(0)
        self.since.style().polish(self.since)

    @property
    def _span(self) -> Any:
        """The flood that it runs over, None for a day."""
        return self.range.span if isinstance(self.range, Stretch) else None

    def follow(self) -> None:
        """Show the desk's moment."""
        moment = hand_of(self.desk, self._span)
        self._filling = True
        day = self.desk.moment
        self.date.setDate(QDate(day.year, day.month, day.day))
        if not (isinstance(self.range, Stretch) and self.slider.isSliderDown()):  # the hand may wait for the water
            self.slider.setValue(self.range.place(moment))
        self._filling = False
        self.clock.setText(f"{moment:%H:%M}")
        if isinstance(self.range, Stretch):
            self._say_since(self.range, moment)
        if not self.zone.lineEdit().hasFocus():
            self.zone.put(str(moment.tzinfo))

    def _say_since(self, flood: Stretch, moment: datetime) -> None:
        span = flood.span
        seconds = min(max(span.passed(moment), 0.0), span.reached)
        when, after = since_words(seconds, self.rains)
        said = f"{when} {after}" if span.begins is not None else f"{when.lstrip('+')} {after}"
        self.since.setText(said)
        self.since.setMinimumWidth(self.since.sizeHint().width())  # the sun's words give way
        self.slider.setToolTip(said if span.begins is None else f"{moment:%H:%M}, {said}")
        self.rain.at(seconds / span.seconds, span.reached / span.seconds)

    def _moved(self) -> None:
        if self._filling:
            return
        day = self.date.date()
        like = hand_of(self.desk, self._span)
        if isinstance(self.range, Day):
            like = like.replace(year=day.year(), month=day.month(), day=day.day())
        put_hand(self.desk, self._span, self.range.moment(self.slider.value(), like))
        self.moved_by_hand.emit()

    def _zone_chosen(self) -> None:
        """Take a zone that there is; of anything else the one before stays."""
        from citymodel.timezones import zones

        written = self.zone.zone().lower()
        wanted = next((one for one in zones() if one.lower() == written), "")
        if wanted and self.desk.document.layers and wanted != str(self.desk.moment.tzinfo):
            self.desk.set_zone(wanted)
        self.zone.put(str(self.desk.moment.tzinfo))

    # --- playing ---

    @property
    def playing(self) -> bool:
        """Whether time goes on by itself."""
        return self._timer.isActive()

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
        if not self.slider.isSliderDown():
            put_hand(self.desk, self._span, self.range.next(hand_of(self.desk, self._span)))

    def show_light(self, light: Any) -> None:
        """Say where the sun of the picture stands."""
        if light is None or not light.known:
            self.sun.say(tr("Sun: the data have no place on the globe"))
        elif light.altitude <= 0:
            self.sun.say(tr("The sun is below the horizon"))
        else:
            side = tr(COMPASS[round(light.azimuth / 22.5) % 16])
            height, turn = number(light.altitude, 0), number(light.azimuth, 0)
            self.sun.say(tr("Sun {height}° high, {turn}° ({side})", height=height, turn=turn, side=side))
