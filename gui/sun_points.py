"""Sun at a point: pins set by a click, and the day of each as a bar in the inspector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from citymodel.jobs import Job
from gui import theme
from gui.desk import Desk
from gui.object_panel import label
from gui.sun_bar import SunBar, clock, hours_words
from gui.words import number, tr

PAUSE = 250  # milliseconds after a change before the points are asked about


@dataclass(frozen=True, slots=True)
class Placed:
    """A pin: its number, the local point on the city, and the eye from which it was set."""

    number: int
    point: tuple[float, float, float]
    eye: tuple[float, float, float]


class SunPoints(QObject):
    """The pins of one window and what is known of their day.

    changed() when pins or answers changed; toggled(whether clicks set pins)
    """

    changed = Signal()
    toggled = Signal(bool)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.active = False
        self.pins: list[Placed] = []
        self.answers: dict[int, Any] = {}
        self.busy = False
        self.error = ""
        self._surfaces: tuple[Any, Any] = (None, None)  # key, surfaces of base and scenario
        self._job: Job | None = None
        self._day = desk.moment.date()
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self._ask)
        desk.moment_changed.connect(self._moment)
        desk.document_changed.connect(lambda before, after: self._document(before, after))
        desk.project_opened.connect(self.clear)

    def activate(self, active: bool) -> None:
        """Whether clicks set pins."""
        if active != self.active:
            self.active = active
            self.toggled.emit(active)
            self.changed.emit()

    def add(self, point: tuple[float, float, float], eye: tuple[float, float, float]) -> None:
        """One more pin."""
        taken = {one.number for one in self.pins}
        free = next(n for n in range(1, len(taken) + 2) if n not in taken)
        self.pins.append(Placed(free, point, eye))
        self._changed()

    def remove(self, number_: int) -> None:
        """Take a pin away."""
        self.pins = [one for one in self.pins if one.number != number_]
        self.answers.pop(number_, None)
        self._changed()

    def clear(self) -> None:
        """Take all away."""
        self._stop()
        self.pins, self.answers, self._surfaces = [], {}, (None, None)
        self.activate(False)
        self._changed()

    def _changed(self) -> None:
        from gui.requests import pins_of

        self.desk.set_pins("sun points", pins_of(self.pins))
        if any(one.number not in self.answers for one in self.pins):
            self._soon.start()
        self.changed.emit()

    def _moment(self) -> None:
        if self.desk.moment.date() != self._day:
            self._day = self.desk.moment.date()
            self._again()

    def _document(self, before: Any, after: Any) -> None:
        if before.layers != after.layers or before.scenario != after.scenario:
            self._again()

    def _again(self) -> None:
        if self.pins:
            self.answers = {}
            self._soon.start()
            self.changed.emit()

    def _stop(self) -> None:
        self._soon.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.busy = False

    def _ask(self) -> None:
        from gui.requests import points_key, sun_at_pins

        self._stop()
        frame = self.desk.document.frame
        if not self.pins or frame is None:
            return
        document, moment, pins = self.desk.document, self.desk.moment, tuple(self.pins)
        key = points_key(document)
        surfaces = self._surfaces[1] if self._surfaces[0] == key else None

        def done(found: tuple[Any, Any]) -> None:
            self._job, self.busy, self.error = None, False, ""
            self._surfaces = (key, found[0])
            alive = {one.number for one in self.pins}
            self.answers = {pin.number: one for pin, one in zip(pins, found[1], strict=True) if pin.number in alive}
            self.changed.emit()

        def failed(error: BaseException) -> None:
            from citymodel.cli import plain

            self._job, self.busy, self.error = None, False, plain(error)
            self.changed.emit()

        self.busy = True
        self._job = self.desk.bridge.start(
            tr("Sun at {count} points", count=len(pins)),
            lambda job: sun_at_pins(document, surfaces, moment, pins, job),
            done,
            failed,
        )
        self.changed.emit()


class SunPointsPanel(QWidget):
    """The inspector's page: a card a pin."""

    def __init__(self, points: SunPoints, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points = points
        self.cards: dict[int, QFrame] = {}
        self.day, self.hint, self.error = label("", "quiet"), label("", "quiet"), label("", "warning")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Computing the sun at the points"))
        self.clear = QPushButton(tr("Remove all"))
        self.clear.clicked.connect(points.clear)
        self.list = QVBoxLayout()
        self.list.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(label(tr("Sun at a point"), "title"))
        for part in (self.day, self.hint, self.error, self.bar):
            layout.addWidget(part)
        layout.addLayout(self.list)
        layout.addWidget(self.clear)
        layout.addWidget(self._key())
        layout.addStretch(1)
        points.changed.connect(self.follow)
        self.follow()

    def _key(self) -> QWidget:
        """What the colours of the bars mean."""
        from gui.style_panel import swatch

        self.key = QWidget()
        row = QHBoxLayout(self.key)
        row.setContentsMargins(0, 4, 0, 0)
        for colour, words in (("#f2c037", tr("Sun")), ("#64748b", tr("Shade")), ("#b9b489", tr("Through crowns"))):
            row.addWidget(swatch(colour, words))
        return self.key

    def follow(self) -> None:
        """Fill the page anew."""
        points = self.points
        moment = points.desk.moment
        self.day.setText(f"{moment.day} {moment:%B %Y}, {str(moment.tzinfo).replace('_', ' ')}")
        self.hint.setText(
            tr("Click a place on the ground, on a roof or on a wall.")
            if points.active
            else tr("Choose Sun at a point (O) and click a place on the ground, on a roof or on a wall.")
        )
        self.hint.setVisible(points.active or not points.pins)
        self.error.setText(points.error)
        self.error.setVisible(bool(points.error))
        self.bar.setVisible(points.busy)
        self.clear.setVisible(len(points.pins) > 1)
        self.key.setVisible(bool(points.pins))
        for card in self.cards.values():
            self.list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = {}
        for pin in sorted(points.pins, key=lambda one: one.number):
            self.cards[pin.number] = self._card(pin, points.answers.get(pin.number))
            self.list.addWidget(self.cards[pin.number])

    def _card(self, pin: Placed, found: Any) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        grid = QVBoxLayout(card)
        grid.setContentsMargins(10, 6, 8, 8)
        grid.setSpacing(3)
        head = QHBoxLayout()
        head.addWidget(label(tr("Point {n}", n=pin.number), "head"), 1)
        remove = QPushButton()
        remove.setIcon(theme.icon("trash"))
        remove.setProperty("quiet", True)
        remove.setToolTip(tr("Remove the point"))
        remove.setAccessibleName(tr("Remove point {n}", n=pin.number))
        remove.clicked.connect(lambda _=False, n=pin.number: self.points.remove(n))
        head.addWidget(remove)
        grid.addLayout(head)
        if found is None:
            grid.addWidget(label(tr("Computing…") if self.points.busy else "", "quiet"))
            return card
        if found.sunrise is None:
            grid.addWidget(label(tr("The sun does not rise on this day."), "quiet"))
            return card
        first, last = max(found.sunrise - 0.7, 0.0), min(found.sunset + 0.7, 24.0)
        days = [(tr("As it is"), found.base)]
        if found.scenario is not None:
            days.append((tr("Proposed"), found.scenario))
        rows = QGridLayout()
        rows.setHorizontalSpacing(8)
        for at, (words, day) in enumerate(days):
            if len(days) > 1:
                rows.addWidget(label(words, "quiet", wrap=False), 2 * at, 0)
            rows.addWidget(SunBar(day, first, last, at == len(days) - 1), 2 * at, 1)
            hours, longest = hours_words(day.hours), hours_words(day.longest)
            said = tr("{hours} of sun", hours=hours)
            if longest != hours:
                said = tr("{hours} of sun, longest {longest}", hours=hours, longest=longest)
            rows.addWidget(label(said), 2 * at + 1, 1)
        rows.setColumnStretch(1, 1)
        grid.addLayout(rows)
        grid.addWidget(label(self._about(found), "quiet"))
        return card

    def _about(self, found: Any) -> str:
        rise = tr("sun up {rise} to {set}", rise=clock(found.sunrise), set=clock(found.sunset))
        if found.above > 0.4:
            return tr("{m} m above the ground; {rise}", m=number(found.above, 1), rise=rise)
        return rise[:1].upper() + rise[1:]
