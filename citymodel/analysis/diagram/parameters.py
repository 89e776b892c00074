"""What a shadow diagram asks: days, hours, the kind of time, area, cell and receiver, checked as they are given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from citymodel.analysis.shadow_parameters import KINDS_OF_TIME
from citymodel.errors import ParameterError
from citymodel.parameters import DEVICES, Asks, checked, minutes_of_clock

_SPAN = re.compile(r"^(\d{1,2}(?::\d{2})?)\s*[-–]\s*(\d{1,2}(?::\d{2})?)$")
MOMENTS_AT_MOST = 400
EXTENTS = (("changes", "What the proposal can shade"), ("data", "All of the data"))


def dates_of(given: str | Iterable[Any]) -> Any:
    """Days of "2026-03-21,2026-06-21", or of a list."""
    if not isinstance(given, str):
        return given
    try:
        return tuple(Date.fromisoformat(one.strip()) for one in given.split(",") if one.strip())
    except ValueError:
        raise ParameterError(f"{given!r} names no days; write them like 2026-03-21,2026-06-21") from None


def hours_of(given: str | Iterable[Any]) -> Any:
    """Minutes after midnight of "9-18" (by the hour), of "09:00,12:30,15:00", or of a list of either form."""
    if not isinstance(given, str):
        return tuple(_minutes(one) for one in given)
    found: list[int] = []
    for part in (one.strip() for one in given.split(",")):
        span = _SPAN.match(part)
        if span:
            first, last = _minutes(span[1]), _minutes(span[2])
            if last < first:
                raise ParameterError(f"{part!r}: the hours end before they begin; write them like 9-18")
            found += range(first, last + 1, 60)
        elif part:
            found.append(_minutes(part))
    return tuple(found)


def _minutes(one: str | int) -> int:
    if isinstance(one, str):
        return minutes_of_clock(one if ":" in one else f"{one.strip()}:00")
    return one


class DiagramParameters(BaseModel):
    """Plan maps of shade on days × hours.

    minutes : hours of the day in minutes after midnight, "9-18" or "09:00,12:00"
    zone : IANA name; needed unless time_kind is "solar"
    time_kind : "clock" with daylight saving, "standard" without, "solar" with 12:00 at the sun's transit
    cell : metres, None for one that gives each map at most 1,000 cells a side
    bounds : xmin, ymin, xmax, ymax in the data's CRS; None goes by ``extent``
    extent : "changes" frames what a scenario's changes can shade, "data" shows all data
    scenario : id or name, None for the one on screen, "" for none
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dates: Annotated[
        tuple[Date, ...], BeforeValidator(dates_of), Asks("dates", "Days", "Written like 2026-03-21, 2026-06-21.")
    ] = tuple(Date(2026, m, 21) for m in (3, 6, 9, 12))
    minutes: Annotated[
        tuple[int, ...], BeforeValidator(hours_of), Asks("times", "Hours", "9-18 by the hour, or 09:00,12:30,15:00.")
    ] = tuple(range(540, 1081, 60))
    zone: Annotated[str | None, Asks("zone", "Time zone", option="--tz")] = None
    time_kind: Annotated[Literal["clock", "standard", "solar"], Asks("choice", "Time", labels=KINDS_OF_TIME)] = "clock"
    cell: Annotated[
        float | None, Asks("length", "Cell", "Without one a map has at most 1,000 cells a side.", detail=True)
    ] = Field(default=None, gt=0, le=100)
    receiver_height: Annotated[
        float, Asks("length", "Above ground", "Height above the surface at which light is asked for.", detail=True)
    ] = Field(default=0.0, ge=-10, le=500)
    bounds: Annotated[
        tuple[float, float, float, float] | None, Asks("extent", "Part of the city", option="--bbox", detail=True)
    ] = None
    extent: Annotated[Literal["changes", "data"], Asks("choice", "Show", labels=EXTENTS)] = "changes"
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"
    title: Annotated[str, Asks("text", "Title")] = ""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        from citymodel.sun import zone

        if name is not None:
            zone(name)
        return name

    @field_validator("bounds")
    @classmethod
    def _an_area(cls, box: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ParameterError(f"{box} is no area; give xmin ymin xmax ymax")
        return box

    @model_validator(mode="after")
    def _enough(self) -> DiagramParameters:
        if not self.dates:
            raise ParameterError("there are no days; give at least one, like 2026-03-21")
        if not self.minutes:
            raise ParameterError("there are no hours; give them like 9-18 or 09:00,12:00,15:00")
        if not all(0 <= one < 1440 for one in self.minutes):
            raise ParameterError("hours go from 00:00 to 23:59")
        for what, values in (("day", self.dates), ("hour", self.minutes)):
            if len(set(values)) < len(values):
                raise ParameterError(f"a {what} is given twice")
        if len(self.dates) * len(self.minutes) > MOMENTS_AT_MOST:
            raise ParameterError(
                f"{len(self.dates)} days × {len(self.minutes)} hours are too many maps; give {MOMENTS_AT_MOST} at most"
            )
        if self.zone is None and self.time_kind != "solar":
            raise ParameterError("the hours have no time zone; give one like Europe/Amsterdam, or ask for solar time")
        return self

    @classmethod
    def checked(cls, **values: object) -> DiagramParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: DiagramParameters = checked(cls, **values)
        return found
