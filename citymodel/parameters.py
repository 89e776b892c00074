"""Parameter types: a closed list from which command lines, job files and forms are made."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date as Date
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from pydantic import BeforeValidator

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from pydantic import BaseModel

_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")
_DURATION = re.compile(r"^(?:PT)?(\d+(?:\.\d+)?)\s*(s|sec|min|m|h|)$", re.IGNORECASE)
_SECONDS = {"s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "": 60.0, "h": 3600.0}


def minutes_of_clock(text: str | int) -> int:
    """Minutes after midnight of HH:MM, 24:00 included."""
    if isinstance(text, int):
        return text
    found = _CLOCK.match(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minutes <= 1440:
        raise ParameterError(f"{text!r} is no clock time; write HH:MM from 00:00 to 24:00")
    return minutes


def minutes_of_duration(text: str | int) -> int:
    """Whole minutes of "15min", "1h", "PT30M" or a bare number of minutes."""
    if isinstance(text, int):
        return text
    found = _DURATION.match(text.strip())
    minutes = float(found[1]) * _SECONDS[found[2].lower()] / 60.0 if found else 0.0
    if not found or minutes < 1 or minutes != round(minutes):
        raise ParameterError(f"{text!r} is no time step; write whole minutes, like 5min or 1h")
    return round(minutes)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ParameterError(f"{text!r} is no number; write one like 1.5") from None


def _whole(text: str) -> int:
    value = _number(text)
    if value != round(value):
        raise ParameterError(f"{text!r} is no whole number; write one like 3")
    return round(value)


def _percent(text: str) -> float:
    return _number(text.strip().removesuffix("%"))


def _hours(text: str) -> float:
    """Hours of "1.5", or of "90min" and "2h", as durations are written elsewhere."""
    found = _DURATION.match(text.strip())
    if found and found[2]:
        return float(found[1]) * _SECONDS[found[2].lower()] / 3600.0
    try:
        return float(text)
    except ValueError:
        raise ParameterError(f"{text!r} is no time in hours; write one like 1.5 or 90min") from None


def _date(text: str) -> Date:
    try:
        return Date.fromisoformat(text.strip())
    except ValueError:
        raise ParameterError(f"{text!r} is no date; write one like 2026-03-21") from None


def _flag(text: str) -> bool:
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.strip().lower() not in known:
        raise ParameterError(f"{text!r} is neither yes nor no")
    return known[text.strip().lower()]


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _box(text: str) -> tuple[float, float, float, float]:
    values = tuple(_number(part) for part in text.replace(",", " ").split())
    if len(values) != 4:
        raise ParameterError(f"{text!r} is no area; write xmin ymin xmax ymax")
    return values


def places_of(value: Any) -> Any:
    """((x, y), …) of "x y; x y": coordinates in the frame's CRS, two or three to a place; else the value itself."""
    if not isinstance(value, str):
        return value
    found = []
    for part in value.split(";"):
        numbers = tuple(_number(word) for word in part.replace(",", " ").split())
        if len(numbers) not in (0, 2, 3):
            raise ParameterError(f"{part.strip()!r} is no place; write x y, and a semicolon between two places")
        found += [numbers] if numbers else []
    return tuple(found)


def names_of(value: Any) -> Any:
    """("a", "b") of "a; b", the ids of objects; else the value itself."""
    return tuple(part.strip() for part in value.split(";") if part.strip()) if isinstance(value, str) else value


def levels_of(value: Any) -> Any:
    """(0.75, 1.25, 2.0) of "0.75, 1.25, 2": thresholds in rising order; else the value itself."""
    found = tuple(_number(part) for part in value.replace(",", " ").split()) if isinstance(value, str) else value
    if isinstance(found, (tuple, list)) and any(a >= b for a, b in itertools.pairwise(found)):
        raise ParameterError(f"{_levels_text(tuple(found))!r} does not rise; write thresholds like 0.1, 0.3, 1")
    return found


def _levels_text(levels: tuple[float, ...]) -> str:
    return ", ".join(f"{one:g}" for one in levels)


def _places_text(places: tuple[tuple[float, ...], ...]) -> str:
    return "; ".join(" ".join(f"{part:.3f}".rstrip("0").rstrip(".") for part in place) for place in places)


def _clock_text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _times_text(minutes: tuple[int, ...]) -> str:
    """Clock times of a day, in short where they come by the hour: 9-18."""
    first, last = (minutes[0], minutes[-1]) if minutes else (1, 0)
    if len(minutes) > 2 and first % 60 == 0 and tuple(minutes) == tuple(range(first, last + 1, 60)):
        return f"{first // 60}-{last // 60}"
    return ",".join(_clock_text(one) for one in minutes)


Clock = Annotated[int, BeforeValidator(minutes_of_clock)]
Duration = Annotated[int, BeforeValidator(minutes_of_duration)]
Places = Annotated[tuple[tuple[float, ...], ...], BeforeValidator(places_of)]
Names = Annotated[tuple[str, ...], BeforeValidator(names_of)]
Levels = Annotated[tuple[float, ...], BeforeValidator(levels_of)]
DEVICES = (("auto", "Best there is"), ("cpu", "CPU"), ("gpu", "GPU"))


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of parameter: its unit, the widget that asks for it, and its text both ways."""

    name: str
    unit: str
    widget: str
    parse: Callable[[str], Any]
    text: Callable[[Any], str] = str


KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("length", "m", "number", _number, lambda v: f"{v:g}"),
        Kind("angle", "°", "number", _number, lambda v: f"{v:g}"),
        Kind("hours", "h", "number", _hours, lambda v: f"{v:g}"),
        Kind("percent", "%", "number", _percent, lambda v: f"{v:g}"),
        Kind("share", "", "percent", _number, lambda v: f"{v:g}"),
        Kind("count", "", "whole", _whole),
        Kind("number", "", "number", _number, lambda v: f"{v:g}"),
        Kind("duration", "min", "step", minutes_of_duration, lambda v: f"{v}min"),
        Kind("clock", "", "clock", minutes_of_clock, _clock_text),
        Kind("date", "", "date", _date, lambda v: v.isoformat()),
        Kind("zone", "", "zone", str),
        Kind("choice", "", "choice", str),
        Kind("flag", "", "flag", _flag, lambda v: "yes" if v else "no"),
        Kind("extent", "m", "extent", _box, lambda v: " ".join(f"{x:g}" for x in v)),
        Kind("places", "m", "places", places_of, _places_text),
        Kind("objects", "", "objects", names_of, "; ".join),
        Kind("dates", "", "text", str, lambda v: ", ".join(day.isoformat() for day in v)),
        Kind("times", "", "text", str, lambda v: _times_text(v)),
        Kind("choices", "", "choices", _list, ",".join),
        Kind("months", "", "months", str, lambda v: ",".join(map(str, v))),
        Kind("levels", "", "levels", levels_of, _levels_text),
        Kind("text", "", "text", str),
        Kind("file", "", "file", str),
        Kind("layer", "", "layer", str),
        Kind("scenario", "", "scenario", str),
    )
}


@dataclass(frozen=True, slots=True)
class Asks:
    """Marks a model's field, as in ``Annotated[float, Asks("length", "Cell")]``.

    option : name on the command line, the field's own without it
    detail : True for what an engineer looks for and a planner need not see
    labels : words of a choice, by value; of levels, what begins at each, by its number from 0
    unit : in place of the kind's own
    group : head under which a form shows it; fields of a group stand in a row of the model's
    when : (name, values) of fields that must hold one of these values for this one to mean something
    pairs : of places, what two of them make, as "Section {name}"; "" where each is one of its own
    """

    kind: str
    label: str
    help: str = ""
    option: str = ""
    detail: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    group: str = ""
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    pairs: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of a parameter model, as forms and command lines need it.

    low, high : bounds, None for none; of places and objects, how many; choices : (value, words) of a choice;
    optional : None is allowed; group, when, labels, pairs : as in `Asks`
    """

    name: str
    kind: Kind
    label: str
    help: str
    option: str
    default: Any
    low: float | None
    high: float | None
    choices: tuple[tuple[str, str], ...]
    optional: bool
    detail: bool
    group: str = ""
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    pairs: str = ""

    def counts(self, values: Mapping[str, Any]) -> bool:
        """Whether the parameter means something beside these values of the others."""
        return all(values.get(name) in wanted for name, wanted in self.when)

    def parse(self, text: str) -> Any:
        """The value of a text; ParameterError names the parameter."""
        try:
            return self.kind.parse(text)
        except ParameterError as wrong:
            raise ParameterError(f"{self.label}: {wrong}") from wrong

    def text(self, value: Any) -> str:
        """The value as a person writes it; "" for None."""
        return "" if value is None else self.kind.text(value)


def parameters_of(model: type[BaseModel]) -> tuple[Parameter, ...]:
    """The fields of a model in their order; TypeError for a field that no widget can ask for."""
    return tuple(_parameter(name, info) for name, info in model.model_fields.items())


def _parameter(name: str, info: Any) -> Parameter:
    asks = next((one for one in info.metadata if isinstance(one, Asks)), None)
    if asks is None or asks.kind not in KINDS:
        raise TypeError(f"the field {name!r} is of no known parameter type; mark it with Asks(kind, label)")
    low = next((float(one.ge if hasattr(one, "ge") else one.gt) for one in info.metadata if _bound(one, "g")), None)
    high = next((float(one.le if hasattr(one, "le") else one.lt) for one in info.metadata if _bound(one, "l")), None)
    if asks.kind in ("places", "objects"):
        low, high = (
            next((float(getattr(one, side)) for one in info.metadata if hasattr(one, side)), None)
            for side in ("min_length", "max_length")
        )
    words = dict(asks.labels)
    choices = tuple((value, words.get(value, value)) for value in _literals(info.annotation))
    if asks.kind in ("choice", "choices") and not choices:
        raise TypeError(f"the field {name!r} is a choice without values; annotate it with Literal")
    kind = replace(KINDS[asks.kind], unit=asks.unit) if asks.unit else KINDS[asks.kind]
    return Parameter(
        name, kind, asks.label, asks.help, asks.option or "--" + name.replace("_", "-"), info.default,
        low, high, choices, type(None) in get_args(info.annotation), asks.detail, asks.group, asks.when, asks.labels,
        asks.pairs,
    )  # fmt: skip


def _bound(mark: Any, letter: str) -> bool:
    return hasattr(mark, f"{letter}e") or hasattr(mark, f"{letter}t")


def _literals(annotation: Any) -> tuple[str, ...]:
    """The values of a Literal, also inside an optional."""
    if get_origin(annotation) is Literal:
        return tuple(str(value) for value in get_args(annotation))
    return tuple(value for part in get_args(annotation) for value in _literals(part))


_BOUNDS = {
    "greater_than": "give more than {:,.10g}",
    "greater_than_equal": "give {:,.10g} or more",
    "less_than": "give less than {:,.10g}",
    "less_than_equal": "give {:,.10g} or less",
}
"""Pydantic's kinds of numbers out of bounds, in words."""


def checked(model: type[BaseModel], **values: object) -> Any:
    """The model of these values; a ParameterError of one line where one does not fit."""
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        said = _BOUNDS.get(first["type"])
        text = said.format(*first["ctx"].values()) if said else first["msg"].removeprefix("Value error, ")
        raise ParameterError(f"{name}: {text}" if name else text) from wrong
