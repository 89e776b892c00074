"""Moments as they are typed: the clock's, or so long after the start of a flood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.scene.film import Shot

UNITS = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(d|h|min|s)")
SHOTS_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class FloodClock:
    """The start of the flood on screen, None without a clock, and the seconds of its first and last frame."""

    begins: datetime | None
    first: float
    last: float
    every: float


def moment_of(text: str, option: str = "--time") -> datetime:
    """An ISO 8601 moment that names its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            f"{option} {text!r} is no ISO 8601 moment; write it like 2026-06-21T14:00+02:00, "
            "or +1h25min after a flood's start"
        ) from error
    if moment.tzinfo is None:
        raise click.UsageError(f"{option} {text!r} has no zone; add it, as in {text}+02:00 or {text}Z")
    return moment


def seconds_of(text: str, option: str) -> float:
    """Seconds of a duration like 15min, 1h25min or 90s."""
    plain = text.strip().lower().replace(" ", "")
    parts = _PART.findall(plain)
    if not parts or "".join(number + unit for number, unit in parts) != plain:
        raise click.UsageError(f"{option}: {text!r} is no duration; write it like 15min, 1h25min or 90s")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def flood_clock(document: Document) -> FloodClock | None:
    """That of the flood whose water is shown in time; None where none is."""
    import numpy as np

    from citymodel.scene.water import begin_of, shown_water

    water = shown_water(document)
    if water is None:
        return None
    times = water.frames.times
    result = next(one.data for one in document.layers if one.id == water.layer_id)
    every = float(np.median(np.diff(times))) if len(times) > 1 else 60.0
    return FloodClock(begin_of(result, water.frames), float(times[0]), float(times[-1]), every)


def shot_of(text: str, clock: FloodClock | None, option: str = "--time") -> Shot:
    """What is shown at a typed time."""
    from citymodel.scene.film import Shot

    if text.startswith("+"):
        if clock is None:
            raise ParameterError(f"{option} {text}: counts from a flood's start, and no flood is shown; name a moment")
        return _after(clock, seconds_of(text[1:], option))
    moment = moment_of(text, option)
    if clock is None:
        return Shot(moment)
    if clock.begins is None:
        raise ParameterError(f"{option} {text}: the flood has no clock; write the time after its start, like +1h25min")
    begins = clock.begins if clock.begins.tzinfo is not None else clock.begins.replace(tzinfo=moment.tzinfo)
    return Shot(moment, (moment - begins).total_seconds())


def shots_of(begin: str | None, end: str | None, every: str | None, clock: FloodClock | None) -> list[Shot]:
    """The times of a film's frames, both ends among them; of a flood all its frames where nothing is said."""
    if clock is None and (begin is None or end is None or every is None):
        raise click.UsageError("a film without a flood needs --from, --to and --every")
    step = clock.every if every is None and clock is not None else seconds_of(every or "", "--every")
    if step <= 0:
        raise click.UsageError("--every 0: give a time above 0, like 1min")
    first = _after(clock, clock.first) if begin is None and clock is not None else shot_of(begin or "", clock, "--from")
    last = _after(clock, clock.last) if end is None and clock is not None else shot_of(end or "", clock, "--to")
    span = _between(first, last)
    if span < 0:
        raise ParameterError("--to lies before --from: exchange them")
    count = int(span / step + 1e-9) + 1
    if count > SHOTS_AT_MOST:
        raise ParameterError(f"{count:,} frames are too many; choose a longer --every, or a shorter film")
    shots = [_later(first, k * step) for k in range(count)]
    return shots if span - (count - 1) * step < 1e-6 else [*shots, last]


def _after(clock: FloodClock, seconds: float) -> Shot:
    from citymodel.scene.film import Shot

    return Shot(None if clock.begins is None else clock.begins + timedelta(seconds=seconds), seconds)


def _between(first: Shot, last: Shot) -> float:
    if first.seconds is not None and last.seconds is not None:
        return last.seconds - first.seconds
    assert first.moment is not None
    assert last.moment is not None
    return (last.moment - first.moment).total_seconds()


def _later(shot: Shot, seconds: float) -> Shot:
    from citymodel.scene.film import Shot

    moment = None if shot.moment is None else shot.moment + timedelta(seconds=seconds)
    return Shot(moment, None if shot.seconds is None else shot.seconds + seconds)
