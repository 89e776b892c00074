"""What a viewshed asks: where the eyes are, how far and where they look, and on which surface."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from citymodel.errors import ParameterError
from citymodel.parameters import DEVICES, Asks, Places, checked

if TYPE_CHECKING:
    from kernels.viewshed import Sight

KINDS = (("points", "Each place"), ("path", "Along the path through them"), ("area", "The area that they enclose"))
STANDS = (("refuse", "Say so and stop"), ("roof", "Stand on the roof"), ("ground", "Leave the place out"))
SURFACES = (("raster", "Surface raster, as in a GIS"), ("walls", "Upright walls on the terrain"))
REFRACTIONS = (("standard", "1/7, usual in GIS"), ("survey", "0.13, surveying"), ("none", "None"))
COEFFICIENTS = {"standard": 1.0 / 7.0, "survey": 0.13, "none": 0.0}


class ViewshedParameters(BaseModel):
    """A viewshed of the base and of the scenario on the table.

    places : x, y in the frame's CRS; with a third number the eye's height in the datum, without it ground and ``eye``
    kind : each place, the path through them, or the area they enclose; spacing : metres between those eyes
    segment : metres of path to a row of its table
    eye, target : metres above ground and above what is looked at; reach : metres, None as far as there are data
    azimuth_from, azimuth_to : degrees from grid north, both or none; pitch_low, pitch_high : degrees above horizontal
    stand : what happens to a place inside a building
    surface : "raster" interpolates between cells, "walls" asks rays against the model's triangles over the terrain
    least : also map how high above the ground something has to be to be seen; trees : "solid" or "none"
    bounds : xmin, ymin, xmax, ymax of the map, None for all within reach
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    places: Annotated[Places, Asks("places", "Eyes", "x y, or x y and the eye's height above the datum.")] = ()
    kind: Annotated[Literal["points", "path", "area"], Asks("choice", "Look from", labels=KINDS)] = "points"
    spacing: Annotated[float, Asks("length", "Eye every", "Between two eyes along the path, and in the area.")] = Field(
        default=10.0, gt=0, le=10_000
    )
    segment: Annotated[float, Asks("length", "Segment", "Of the path, a row of its table.", detail=True)] = Field(
        default=50.0, gt=0, le=100_000
    )
    eye: Annotated[float, Asks("length", "Eye above ground", "Where a place has no height of its own.")] = Field(
        default=1.7, ge=0, le=1000
    )
    target: Annotated[
        float, Asks("length", "Target above surface", "Of what is looked at: 0 the ground itself, 1.7 a person on it.")
    ] = Field(default=0.0, ge=0, le=1000)
    reach: Annotated[float | None, Asks("length", "Reach", "Horizontal; without it as far as there are data.")] = Field(
        default=None, gt=0, le=200_000
    )
    surface: Annotated[Literal["raster", "walls"], Asks("choice", "Surface", labels=SURFACES)] = "raster"
    stand: Annotated[
        Literal["refuse", "roof", "ground"], Asks("choice", "A place inside a building", labels=STANDS)
    ] = "refuse"
    cell: Annotated[float, Asks("length", "Cell", "Width of a cell of the map.")] = Field(default=1.0, gt=0, le=100)
    azimuth_from: Annotated[
        float | None,
        Asks("angle", "Look from azimuth", "Clockwise from grid north; 350 to 20 passes north.", detail=True),
    ] = Field(default=None, ge=-360, le=360)
    azimuth_to: Annotated[float | None, Asks("angle", "to azimuth", detail=True)] = Field(default=None, ge=-360, le=360)
    pitch_low: Annotated[float | None, Asks("angle", "Look no lower than", "Above the horizontal.", detail=True)] = (
        Field(default=None, ge=-90, le=90)
    )
    pitch_high: Annotated[float | None, Asks("angle", "and no higher than", detail=True)] = Field(
        default=None, ge=-90, le=90
    )
    least: Annotated[
        bool, Asks("flag", "Least height that is seen", "A map more, on the surface raster.", detail=True)
    ] = True
    trees: Annotated[
        Literal["solid", "none"],
        Asks(
            "choice", "Trees", labels=(("solid", "Solid, as measured or modelled"), ("none", "Left out")), detail=True
        ),
    ] = "solid"
    curvature: Annotated[bool, Asks("flag", "Curved Earth", "Without it light goes straight too.", detail=True)] = True
    refraction: Annotated[
        Literal["standard", "survey", "none"],
        Asks("choice", "Refraction", "How much air bends light.", labels=REFRACTIONS, detail=True),
    ] = "standard"
    areas: Annotated[str | None, Asks("layer", "Areas", "Parks and squares to report on.", detail=True)] = None
    bounds: Annotated[
        tuple[float, float, float, float] | None, Asks("extent", "Part of the city", option="--bbox", detail=True)
    ] = None
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"

    @field_validator("places")
    @classmethod
    def _finite(cls, places: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
        if not all(len(one) in (2, 3) and all(map(math.isfinite, one)) for one in places):
            raise ParameterError("a place is two finite numbers, x and y, or three with the eye's height")
        return places

    @field_validator("bounds")
    @classmethod
    def _an_area(cls, box: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ParameterError(f"{box} is no area; give xmin ymin xmax ymax")
        return box

    @model_validator(mode="after")
    def _together(self) -> ViewshedParameters:
        if (self.azimuth_from is None) != (self.azimuth_to is None):
            raise ParameterError("looking from an azimuth needs one to look to as well; give both, or none")
        low, high = self.pitch
        if not low < high:
            raise ParameterError(
                f"looking from {low:g}° up to {high:g}° leaves nothing; give a lower and a higher angle"
            )
        if self.azimuth_from is not None and self.azimuth_from == self.azimuth_to:
            raise ParameterError("both azimuths are the same; give two, or none to look all around")
        return self

    @property
    def pitch(self) -> tuple[float, float]:
        """Lowest and highest angle looked at, degrees."""
        return (
            -90.0 if self.pitch_low is None else self.pitch_low,
            90.0 if self.pitch_high is None else self.pitch_high,
        )

    @property
    def k(self) -> float:
        """The coefficient of refraction."""
        return COEFFICIENTS[self.refraction]

    def sight(self) -> Sight:
        """The limits of the sight as the kernels take them."""
        from kernels.viewshed import Sight

        turned = None
        if self.azimuth_from is not None and self.azimuth_to is not None:
            turned = (self.azimuth_from, self.azimuth_to)
        limited = self.pitch_low is not None or self.pitch_high is not None
        return Sight(
            self.target, math.inf if self.reach is None else self.reach, 0.0, turned, self.pitch if limited else None,
            self.k, self.curvature,
        )  # fmt: skip

    @classmethod
    def checked(cls, **values: object) -> ViewshedParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: ViewshedParameters = checked(cls, **values)
        return found
