"""What a sun study asks: day, span, step, zone, surface, trees and the rule to check, checked as they are given."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from citymodel.parameters import DEVICES, Asks, Clock, Duration, checked

KINDS_OF_TIME = (("clock", "Clock"), ("standard", "Standard time"), ("solar", "True solar time"))
TREES = (
    ("season", "By season"),
    ("leaves", "In leaf"),
    ("bare", "Bare"),
    ("solid", "Solid, as measured"),
    ("none", "Left out"),
)


class ShadowParameters(BaseModel):
    """A sun study of one day, of the base and of the scenario on the table.

    start, end : minutes after midnight, or HH:MM; step : minutes, or "5min"
    zone : IANA name; cell, receiver_height, height_error : metres; min_altitude : degrees
    enough_hours : hours; enough_share, keep_share : 0–1
    bounds : xmin, ymin, xmax, ymax in the frame's CRS, None for the whole of the data
    areas : id of the layer of areas to report on, None for all of them
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    date: Annotated[Date, Asks("date", "Day")] = Date(2026, 3, 21)
    start: Annotated[Clock, Asks("clock", "From", option="--from")] = Field(default=0, ge=0, le=1440)
    end: Annotated[Clock, Asks("clock", "To", option="--to")] = Field(default=1440, ge=0, le=1440)
    step: Annotated[
        Duration, Asks("duration", "Sun every", "Against 1 min, 15 min overstate the area with 2 h by about 1 point.")
    ] = Field(default=5, ge=1, le=240)
    time_kind: Annotated[
        Literal["clock", "standard", "solar"], Asks("choice", "Time", labels=KINDS_OF_TIME, detail=True)
    ] = "clock"
    zone: Annotated[str, Asks("zone", "Time zone", option="--tz")] = "UTC"
    cell: Annotated[float, Asks("length", "Cell", "Width of a cell of the map.")] = Field(default=1.0, gt=0, le=100)
    receiver_height: Annotated[
        float, Asks("length", "Above ground", "Height above the surface at which light is asked for.")
    ] = Field(default=0.0, ge=-10, le=500)
    min_altitude: Annotated[
        float, Asks("angle", "Sun counts above", "Lower suns are left out, as some rules ask.", detail=True)
    ] = Field(default=0.0, ge=0, lt=90)
    trees: Annotated[
        Literal["season", "leaves", "bare", "solid", "none"],
        Asks("choice", "Trees", "Light passes crowns in part; trunks and the ground below are free.", labels=TREES),
    ] = "season"
    transmissivity_leaves: Annotated[
        float, Asks("share", "Light through leaves", "Konarska et al. 2014: 1 to 5 %.", detail=True)
    ] = Field(default=0.03, ge=0, le=1)
    transmissivity_bare: Annotated[
        float, Asks("share", "Light through bare crowns", "Konarska et al. 2014: 40 to 52 %.", detail=True)
    ] = Field(default=0.5, ge=0, le=1)
    trunk_share: Annotated[
        float, Asks("share", "Trunk, part of a tree", "Height of the crown's underside.", detail=True)
    ] = Field(default=0.25, ge=0, lt=1)
    enough_hours: Annotated[
        float, Asks("hours", "Enough sun is", "The rule's hours on the day of the study.", detail=True)
    ] = Field(default=2.0, gt=0, le=24)
    enough_share: Annotated[float, Asks("share", "on this part of an area", detail=True)] = Field(
        default=0.5, ge=0, le=1
    )
    keep_share: Annotated[
        float, Asks("share", "or this part of before", "0 to leave it out.", detail=True)
    ] = Field(default=0.8, ge=0, le=1)  # fmt: skip
    rule: Annotated[str, Asks("text", "Source of the rule", detail=True)] = "BRE 209 (2022), open spaces on 21 March"
    height_error: Annotated[
        float,
        Asks("length", "Error of heights", "Computed again with all that casts shade so much higher and lower.",
             detail=True),
    ] = Field(default=0.3, ge=0, le=20)  # fmt: skip
    areas: Annotated[str | None, Asks("layer", "Areas", "Parks and squares to report on.")] = None
    bounds: Annotated[
        tuple[float, float, float, float] | None, Asks("extent", "Part of the city", option="--bbox", detail=True)
    ] = None
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[
        Literal["auto", "cpu", "gpu"],
        Asks("choice", "Compute on", labels=DEVICES, detail=True),
    ] = "auto"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        from citymodel.sun import zone

        zone(name)
        return name

    @model_validator(mode="after")
    def _whole_steps(self) -> ShadowParameters:
        from citymodel.sun import midpoints

        midpoints(self.date, self.start, self.end, self.step, self.zone, self.time_kind, 0.0)
        if self.bounds is not None and not (self.bounds[0] < self.bounds[2] and self.bounds[1] < self.bounds[3]):
            raise ValueError(f"the area {self.bounds} is empty; write xmin ymin xmax ymax")
        return self

    @classmethod
    def checked(cls, **values: object) -> ShadowParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: ShadowParameters = checked(cls, **values)
        return found
