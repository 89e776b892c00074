"""The slim bar of a flood on its way: what time it has reached, its water, how quick it is, and the ways to end it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.live_flood import LiveFlood
from gui.object_panel import label
from gui.short import Short
from gui.time_range import span_words
from gui.words import number, tr

CUBE = "m³"


class WaterBar(QFrame):
    """Stands above the time bar as long as a flood is computed."""

    def __init__(self, flood: LiveFlood, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flood = flood
        self.setProperty("role", "bar")
        self.setAccessibleName(tr("The flood on its way"))
        self.icon = QLabel()
        self.name = label("", "head", wrap=False)
        self.name.setStyleSheet("padding: 0")
        self.reached, self.water = Short(), Short("quiet")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(90)
        self.bar.setAccessibleName(tr("Progress of the flood"))
        self.latest = QPushButton(tr("Latest"))
        self.latest.setCheckable(True)
        self.latest.setChecked(True)
        self.latest.setAccessibleName(tr("Show the latest"))
        self.latest.setToolTip(tr("The picture follows the water as it comes; an earlier moment lets go of it"))
        self.hold, self.keep, self.cancel = QPushButton(), QPushButton(tr("Stop and keep")), QPushButton(tr("Cancel"))
        self.hold.clicked.connect(lambda: flood.hold(not flood.paused))
        self.keep.setToolTip(tr("End the run now; what was computed so far stays as the result"))
        self.keep.clicked.connect(flood.keep)
        self.cancel.setToolTip(tr("End the run and take away what it showed"))
        self.cancel.clicked.connect(flood.cancel)
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self.reached, self.water):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 14, 5)
        row.setSpacing(10)
        for part in (self.icon, self.name, self.bar):
            row.addWidget(part)
        row.addLayout(words, 1)
        for part in (self.latest, self.hold, self.keep, self.cancel):
            row.addWidget(part)
        for signal in (flood.began, flood.grew, flood.held, flood.ended):
            signal.connect(lambda *_: self.follow())
        self.hide()
        self.dress()

    def dress(self) -> None:
        """Icons anew, after the theme changed."""
        self.icon.setPixmap(theme.icon("water").pixmap(18, 18))
        self.hold.setIcon(theme.icon("play" if self.flood.paused else "pause"))
        self.keep.setIcon(theme.icon("halt"))

    def follow(self) -> None:
        """Show the run as it is; without one the bar goes."""
        run = self.flood.run
        self.setVisible(run is not None)
        if run is None:
            return
        proposal = (run.facts.get("scenario") or {}).get("name", "")
        state = tr("as it is") if run.state == "base" else (proposal or tr("as proposed"))
        self.name.setText(state[:1].upper() + state[1:] if proposal else "")
        self.name.setVisible(bool(proposal))
        self.bar.setValue(round(1000 * run.reached / run.duration) if run.duration > 0 else 0)
        self.reached.say(" · ".join(one for one in (self._reached_words(), self._speed_words()) if one))
        self.water.say(self._water_words())
        self.water.setVisible(bool(self.water.text()))
        paused, ending = self.flood.paused, run.keeping or (run.job is not None and run.job.cancelled)
        self.hold.setText(tr("Go on") if paused else tr("Pause"))
        self.hold.setToolTip(tr("Let the water run on") if paused else tr("Hold the water where it is"))
        for part in (self.hold, self.keep, self.cancel):
            part.setEnabled(not ending)
        self.dress()

    def _reached_words(self) -> str:
        run = self.flood.run
        if run is None or (run.reached <= 0 and run.frames is None):
            return tr("getting ready…")
        if run.duration <= 0:
            return span_words(run.reached)
        return tr("{time} of {all}", time=span_words(run.reached), all=span_words(run.duration))

    def _water_words(self) -> str:
        """Cubic metres that came since the start, left and are there."""
        run = self.flood.run
        said = dict(run.said or {}) if run is not None else {}
        if "volume_in" not in said:
            return ""
        stood, came, left, there = (float(said.get(f"volume_{one}", 0.0)) for one in ("initial", "in", "out", "stored"))
        came, left, there = (volume_words(one) for one in (came - stood, left, there))
        words = tr("in {came} · out {left} · there {there}", came=came, left=left, there=there)
        steps = said.get("steps")
        return f"{words} · {tr('{n} steps', n=number(float(steps)))}" if steps else words

    def _speed_words(self) -> str:
        """As "about 2 min left, 60 s a second"."""
        run = self.flood.run
        if run is None:
            return ""
        if run.keeping:
            return tr("stopping…")
        if self.flood.paused:
            return tr("paused")
        if run.speed <= 0:
            return ""
        words = tr("{speed} s a second", speed=number(run.speed, 1 if run.speed < 10 else 0))
        if run.duration > run.reached:
            left = (run.duration - run.reached) / run.speed
            words = tr("about {left} left, {speed}", speed=words, left=span_words(_rounded(left)))
        return words


def volume_words(volume: float) -> str:
    """Cubic metres as people read them: no more digits than they say something with."""
    digits = 0 if abs(volume) >= 100 else 1 if abs(volume) >= 1 else 2
    return f"{number(round(volume, digits) + 0.0, digits)}\u00a0{CUBE}".replace("-", "−")


def _rounded(seconds: float) -> float:
    """To what a guess is good for."""
    if seconds < 90:
        return max(5.0 * round(seconds / 5.0), 5.0)
    return 60.0 * round(seconds / 60.0)
