"""What a study of the sun on façades asks: day, points, annual measures, and thresholds with their sources."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from citymodel.errors import ParameterError
from citymodel.parameters import minutes_of_clock, minutes_of_duration

Kind = Literal["window", "wall", "roof"]


class FacadeParameters(BaseModel):
    """A study of façades, windows and roofs, of the base and of the scenario on the table.

    start, end : minutes of the clock after midnight, or HH:MM; step : minutes, or "5min"
    zone : IANA name; min_altitude : degrees below which the sun does not count
    kinds : which faces get points; spacing : metres of façade a point, and of the grid on roofs
    storey_height : metres a storey where no attribute tells
    annual : hours, share of the annual probable sunlight and its winter part; vsc : vertical sky component
    irradiation : kWh/m² a year under a clear sky
    hours_wanted, apsh_wanted, winter_wanted, vsc_wanted : h and % that a point should have, with ``source``
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    date: Date = Date(2026, 3, 21)
    start: Annotated[int, BeforeValidator(minutes_of_clock)] = Field(default=0, ge=0, le=1440)
    end: Annotated[int, BeforeValidator(minutes_of_clock)] = Field(default=1440, ge=0, le=1440)
    step: Annotated[int, BeforeValidator(minutes_of_duration)] = Field(default=5, ge=1, le=240)
    zone: str = "UTC"
    min_altitude: float = Field(default=0.0, ge=0, lt=90)
    kinds: tuple[Kind, ...] = Field(default=("window", "wall", "roof"), min_length=1)
    spacing: float = Field(default=3.0, ge=0.25, le=50)
    storey_height: float = Field(default=3.0, ge=2, le=8)
    annual: bool = False
    vsc: bool = False
    irradiation: bool = False
    hours_wanted: float = Field(default=1.5, ge=0, le=24)
    apsh_wanted: float = Field(default=25.0, ge=0, le=100)
    winter_wanted: float = Field(default=5.0, ge=0, le=100)
    vsc_wanted: float = Field(default=27.0, ge=0, le=100)
    source: str = "EN 17037 (hours) and BRE 209 (APSH, VSC), as commonly quoted; check them against the texts"
    scenario: str | None = None
    device: Literal["auto", "cpu", "gpu"] = "auto"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        from citymodel.sun import zone

        zone(name)
        return name

    @model_validator(mode="after")
    def _whole_steps(self) -> FacadeParameters:
        from citymodel.sun import midpoints

        midpoints(self.date, self.start, self.end, self.step, self.zone)
        return self

    @classmethod
    def checked(cls, **values: object) -> FacadeParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        try:
            return cls.model_validate(values)
        except ValidationError as wrong:
            first = wrong.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            text = first["msg"].removeprefix("Value error, ")
            raise ParameterError(f"{name}: {text}" if name else text) from wrong
