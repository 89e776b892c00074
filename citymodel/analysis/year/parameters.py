"""What a study of a year's sun asks, checked as it is given, and the light that it asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from citymodel.errors import ParameterError
from citymodel.parameters import DEVICES, Asks, Duration, checked
from citymodel.sky import TURBIDITY, Light, clear_year, measured, months_of
from citymodel.surface import Grid


class SunlightParameters(BaseModel):
    """A study of the sun of a year or of some of its months, of the base and of the scenario on the table.

    months : 1–12, or "4-9", "11-2"; step : minutes, or "10min"; zone : IANA name, of the months and of a series
    directions : sectors of the horizon, each with one sweep; lowest_sun : degrees, hours of lower suns do not count
    weather : CSV with time, dni, dhi (W/m²), None for a year without clouds of Linke's ``turbidity``
    albedo : share of light that the ground throws back, 0 leaves it out
    cell, receiver_height : metres; bounds : xmin, ymin, xmax, ymax in the frame's CRS, None for all
    areas : id of the layer of areas to report on, None for all of them
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    year: Annotated[int, Asks("count", "Year")] = Field(default=2026, ge=1900, le=2100)
    months: Annotated[
        tuple[int, ...], BeforeValidator(months_of), Asks("months", "Months", "All of them, or 4-9, or 11-2.")
    ] = tuple(range(1, 13))
    step: Annotated[Duration, Asks("duration", "Sun every", detail=True)] = Field(default=10, ge=1, le=60)
    zone: Annotated[str, Asks("zone", "Time zone", option="--tz")] = "UTC"
    directions: Annotated[int, Asks("count", "Directions", "Horizons around each cell.", detail=True)] = Field(
        default=360, ge=16, le=720
    )
    lowest_sun: Annotated[
        float, Asks("angle", "Sun counts above", "Hours of lower suns are left out.", detail=True)
    ] = Field(default=0.0, ge=0, le=60)  # fmt: skip
    turbidity: Annotated[
        float, Asks("number", "Linke turbidity", "Haze of the clear sky: 2 clean, 3 usual, 5 hazy.", detail=True)
    ] = Field(default=TURBIDITY, ge=1, le=12)
    weather: Annotated[
        str | None, Asks("file", "Weather", "A CSV with time, dni, dhi in W/m²; without one the sky is clear.")
    ] = None
    albedo: Annotated[float, Asks("share", "Light from the ground", "Albedo; 0 leaves it out.", detail=True)] = Field(
        default=0.0, ge=0, le=1
    )
    cell: Annotated[float, Asks("length", "Cell", "Width of a cell of the map.")] = Field(default=1.0, gt=0, le=100)
    receiver_height: Annotated[
        float, Asks("length", "Above ground", "Height above the surface at which light is asked for.")
    ] = Field(default=0.0, ge=-10, le=500)
    areas: Annotated[str | None, Asks("layer", "Areas", "Parks and squares to report on.")] = None
    bounds: Annotated[
        tuple[float, float, float, float] | None, Asks("extent", "Part of the city", option="--bbox", detail=True)
    ] = None
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"

    @field_validator("months")
    @classmethod
    def _some_months(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if not months or not all(1 <= one <= 12 for one in months):
            raise ParameterError("give one or more months from 1 to 12")
        return months

    @field_validator("step")
    @classmethod
    def _divides_the_day(cls, step: int) -> int:
        if 1440 % step:
            raise ParameterError(f"a step of {step} min does not divide the day; give one like 5, 10 or 15 min")
        return step

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        from citymodel.sun import zone

        zone(name)
        return name

    @classmethod
    def checked(cls, **values: object) -> SunlightParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: SunlightParameters = checked(cls, **values)
        return found


def light_of(grid: Grid, parameters: SunlightParameters, elevation: float) -> Light:
    """The light that the parameters ask for, at the grid's centre; elevation : metres above the sea."""
    from citymodel.errors import CrsError
    from citymodel.sun import place

    if grid.crs is None:
        raise CrsError("the raster has no coordinate system to place it by; give one with --crs")
    xmin, ymin, xmax, ymax = grid.bounds
    where = place(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    if parameters.weather is None:
        return clear_year(
            where, parameters.year, parameters.months, parameters.step, parameters.zone, parameters.turbidity, elevation
        )
    from citymodel.formats.weather import read_series

    series = read_series(parameters.weather, parameters.zone)
    return measured(
        where, series.times, series.dni, series.dhi, parameters.months, parameters.step, parameters.zone,
        parameters.weather,
    )  # fmt: skip
