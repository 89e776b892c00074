"""What a sun study asks: day, span, step, zone, cell and receiver, checked as they are given."""

from __future__ import annotations

import re
from datetime import date as Date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from citymodel.errors import ParameterError

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


class ShadowParameters(BaseModel):
    """A sun study of one day, of the base and of the scenario on the table.

    start, end : minutes of the clock after midnight, or HH:MM; step : minutes, or "5min"
    zone : IANA name; cell, receiver_height : metres
    bounds : xmin, ymin, xmax, ymax in the frame's CRS, None for the whole of the data
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    date: Date = Date(2026, 3, 21)
    start: Annotated[int, BeforeValidator(minutes_of_clock)] = Field(default=0, ge=0, le=1440)
    end: Annotated[int, BeforeValidator(minutes_of_clock)] = Field(default=1440, ge=0, le=1440)
    step: Annotated[int, BeforeValidator(minutes_of_duration)] = Field(default=5, ge=1, le=240)
    zone: str = "UTC"
    cell: float = Field(default=1.0, gt=0, le=100)
    receiver_height: float = Field(default=0.0, ge=-10, le=500)
    bounds: tuple[float, float, float, float] | None = None
    scenario: str | None = None
    device: Literal["auto", "cpu", "gpu"] = "auto"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        from citymodel.sun import zone

        zone(name)
        return name

    @model_validator(mode="after")
    def _whole_steps(self) -> ShadowParameters:
        from citymodel.sun import midpoints

        midpoints(self.date, self.start, self.end, self.step, self.zone)
        return self

    @classmethod
    def checked(cls, **values: object) -> ShadowParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        try:
            return cls.model_validate(values)
        except ValidationError as wrong:
            first = wrong.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            text = first["msg"].removeprefix("Value error, ")
            raise ParameterError(f"{name}: {text}" if name else text) from wrong
