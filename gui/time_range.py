"""What the time bar runs over: the day on screen, or a flood from its begin to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gui.words import tr

if TYPE_CHECKING:
    from citymodel.analysis.flood.shown import Span
    from gui.desk import Desk

STRIDE = 4  # minutes the sun goes on in one picture of a playing day
PICTURES = 320  # of a playing flood from its begin to its end; a slow screen leaves some out
TICKS = 2000  # places of the slider over a flood


class Range(Protocol):
    """Slider places from 0 to ``last``, and the moments that they stand for."""

    @property
    def last(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def single(self) -> int: ...

    def place(self, moment: datetime) -> int:
        """Where a moment stands, beyond the ends at the nearer one."""
        ...

    def moment(self, place: int, like: datetime) -> datetime:
        """The moment of a place, in the zone of ``like`` and, where the range is a day, on its date."""
        ...

    def next(self, moment: datetime) -> datetime:
        """What is shown after a moment while it plays; after the end the begin."""
        ...


@dataclass(frozen=True, slots=True)
class Day:
    """Midnight to midnight by the clock, in minutes."""

    last: int = 24 * 60 - 1
    page: int = 60
    single: int = 5

    def place(self, moment: datetime) -> int:
        """Minutes after midnight."""
        return moment.hour * 60 + moment.minute

    def moment(self, place: int, like: datetime) -> datetime:
        """That minute of the day of ``like``."""
        return like.replace(hour=place // 60, minute=place % 60, second=0, microsecond=0)

    def next(self, moment: datetime) -> datetime:
        """Some minutes later, of the same day."""
        later = moment + timedelta(minutes=STRIDE)
        return later if later.date() == moment.date() else later - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A flood's time; places are equal steps of it, finer than its frames."""

    span: Span

    @property
    def tick(self) -> float:
        """Seconds of one place."""
        return max(self.span.seconds / TICKS, min(1.0, self.span.seconds / 10))

    @property
    def last(self) -> int:
        """Places in all."""
        return max(round(self.span.seconds / self.tick), 1)

    @property
    def single(self) -> int:
        """Places of an arrow key: one frame."""
        return max(round(self.span.every / self.tick), 1)

    @property
    def page(self) -> int:
        """Places of a page key: ten frames, but at most a tenth."""
        return max(min(10 * self.single, self.last // 10), self.single)

    def place(self, moment: datetime) -> int:
        """The place of a moment."""
        return min(max(round(self.span.passed(moment) / self.tick), 0), self.last)

    def moment(self, place: int, like: datetime) -> datetime:
        """The moment of a place; of one not computed yet, the last that is."""
        return self.span.moment(min(place * self.tick, self.span.reached), like.tzinfo)

    def next(self, moment: datetime) -> datetime:
        """A three-hundredth of the flood later; a flood that still grows waits at its end."""
        passed = max(self.span.passed(moment), 0.0)
        if passed >= self.span.reached - 1e-6 and not self.span.growing:
            return self.span.moment(0.0, moment.tzinfo)
        later = passed + self.span.seconds / PICTURES
        return self.span.moment(min(later, self.span.reached), moment.tzinfo)

    def within(self, moment: datetime) -> bool:
        """Whether a moment lies in what is computed."""
        return -1e-6 <= self.span.passed(moment) <= self.span.reached + 1e-6


def hand_of(desk: Desk, span: Span | None) -> datetime:
    """What the desk shows of a flood, on the flood's own clock where it has no other."""
    if span is None or span.begins is not None:
        return desk.moment
    return span.moment(desk.elapsed or 0.0, desk.moment.tzinfo)


def put_hand(desk: Desk, span: Span | None, moment: datetime) -> None:
    """Let the desk show that moment of a flood; the clock stays where it is beside a flood without one."""
    if span is None or span.begins is not None:
        desk.set_moment(moment)
    else:
        desk.set_elapsed(max(span.passed(moment), 0.0))


def since_words(seconds: float, rains: bool) -> tuple[str, str]:
    """ "+1 h 25 min" and "after the start of the rain"."""
    words = tr("after the start of the rain") if rains else tr("after the start")
    return f"+{span_words(seconds)}", words


def span_words(seconds: float) -> str:
    """As "1 h 25 min", "12 min 30 s", "45 s"."""
    whole = max(round(seconds), 0)
    if whole >= 3600:
        whole = 60 * round(whole / 60)
    days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    parts = ((days, tr("d")), (hours, tr("h")), (minutes, tr("min")), (rest, tr("s")))
    return "\u00a0".join(f"{count}\u00a0{unit}" for count, unit in parts if count) or f"0\u00a0{tr('s')}"
