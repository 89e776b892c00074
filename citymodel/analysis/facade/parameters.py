"""What a study of the sun on façades asks: day, points, annual measures, and thresholds with their sources."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from citymodel.parameters import DEVICES, Asks, Clock, Duration, checked

Kind = Literal["window", "wall", "roof"]
KINDS = (("window", "Windows"), ("wall", "Walls"), ("roof", "Roofs"))


class FacadeParameters(BaseModel):
    """A study of façades, windows and roofs, of the base and of the scenario on the table.

    start, end : minutes of the clock after midnight, or HH:MM; step : minutes, or "5min"
    zone : IANA name; min_altitude : degrees below which the sun does not count
    kinds : which faces get points; spacing : metres of façade a point, and of the grid on roofs
    storey_height : metres a storey where no attribute tells
    annual : hours, share of the annual probable sunlight and its winter part; vsc : vertical sky component
    irradiation : kWh/m² a year under a clear sky
    hours_wanted, apsh_wanted, winter_wanted, vsc_wanted : h and % that a point should have, with ``source``
    share_wanted : part of a building's points that should have the hours, for the verdict
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    date: Annotated[Date, Asks("date", "Day")] = Date(2026, 3, 21)
    start: Annotated[Clock, Asks("clock", "From", option="--from")] = Field(default=0, ge=0, le=1440)
    end: Annotated[Clock, Asks("clock", "To", option="--to")] = Field(default=1440, ge=0, le=1440)
    step: Annotated[Duration, Asks("duration", "Sun every")] = Field(default=5, ge=1, le=240)
    zone: Annotated[str, Asks("zone", "Time zone", option="--tz")] = "UTC"
    min_altitude: Annotated[
        float, Asks("angle", "Sun counts above", "Lower suns are left out, as some rules ask.", detail=True)
    ] = Field(default=0.0, ge=0, lt=90)
    kinds: Annotated[tuple[Kind, ...], Asks("choices", "Points on", labels=KINDS)] = Field(
        default=("window", "wall", "roof"), min_length=1
    )
    spacing: Annotated[float, Asks("length", "A point every", "Of façade, and of the grid on roofs.")] = Field(
        default=3.0, ge=0.25, le=50
    )
    storey_height: Annotated[
        float, Asks("length", "Height of a storey", "Where no attribute tells the storeys.", detail=True)
    ] = Field(default=3.0, ge=2, le=8)
    annual: Annotated[bool, Asks("flag", "The year's sun", "Hours a year, and their share of all there could be.")] = (
        False
    )
    vsc: Annotated[bool, Asks("flag", "Vertical sky component", "Light of an overcast sky (CIE).")] = False
    irradiation: Annotated[bool, Asks("flag", "Energy of a year", "kWh/m² under a clear sky.")] = False
    hours_wanted: Annotated[float, Asks("hours", "Hours wanted", detail=True)] = Field(default=1.5, ge=0, le=24)
    share_wanted: Annotated[
        float, Asks("share", "on this part of the façade", "Points of walls and windows of a building.", detail=True)
    ] = Field(default=0.5, ge=0, le=1)
    apsh_wanted: Annotated[
        float, Asks("percent", "Of the year's sun wanted", "APSH, annual probable sunlight hours.", detail=True)
    ] = Field(default=25.0, ge=0, le=100)
    winter_wanted: Annotated[float, Asks("percent", "Of it in winter", detail=True)] = Field(default=5.0, ge=0, le=100)
    vsc_wanted: Annotated[float, Asks("percent", "Sky component wanted", detail=True)] = Field(
        default=27.0, ge=0, le=100
    )
    source: Annotated[str, Asks("text", "Source of the rule", detail=True)] = (
        "EN 17037 (hours) and BRE 209 (APSH, VSC), as commonly quoted; check them against the texts"
    )
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"

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
        found: FacadeParameters = checked(cls, **values)
        return found
