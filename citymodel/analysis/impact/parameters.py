"""What a study of who sees a proposal asks: which proposal, from where, and how finely."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from citymodel.parameters import DEVICES, Asks, Places, checked

Kind = Literal["window", "wall"]
KINDS = (("window", "Windows"), ("wall", "Walls"))
AIRS = (("seventh", "1/7, usual"), ("0.13", "0.13, as surveyors take it"), ("none", "None"))
REFRACTION = {"seventh": 1 / 7, "0.13": 0.13, "none": 0.0}
Bounds = tuple[float, float, float, float]


class ImpactParameters(BaseModel):
    """Who sees what a scenario adds: ground, façades, storeys and homes.

    eye : metres above the ground; cell : metres of the maps; columns : places on the proposal's edge, looked at from
    everywhere; samples : points on it for the façades; counts_from : metres of it that make a place an affected one
    places : viewpoints x y, or x y z of the eye, for what is newly hidden
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    counts_from: Annotated[float, Asks("length", "Affected from", "Metres of the proposal's height that are seen.")] = (
        Field(default=1.0, gt=0, le=500)
    )
    places: Annotated[Places, Asks("places", "Viewpoints", "For the ground that the proposal hides from them.")] = ()
    eye: Annotated[float, Asks("length", "Eye above the ground")] = Field(default=1.7, ge=0, le=500)
    reach: Annotated[float, Asks("length", "Asked up to a distance of")] = Field(default=3000.0, gt=0, le=50_000)
    facades: Annotated[bool, Asks("flag", "From façades", "With storeys, buildings and homes.")] = True
    kinds: Annotated[tuple[Kind, ...], Asks("choices", "Seen from", labels=KINDS)] = Field(
        default=("window", "wall"), min_length=1
    )
    spacing: Annotated[float, Asks("length", "A point every", "Of façade.")] = Field(default=3.0, ge=0.25, le=50)
    storey_height: Annotated[
        float, Asks("length", "Height of a storey", "Where no attribute tells the storeys.", detail=True)
    ] = Field(default=3.0, ge=2, le=8)
    cell: Annotated[float, Asks("length", "Cell of the maps")] = Field(default=2.0, gt=0, le=100)
    columns: Annotated[int, Asks("count", "Places on the proposal's edge", detail=True)] = Field(
        default=16, ge=4, le=400
    )
    samples: Annotated[int, Asks("count", "Points on the proposal", detail=True)] = Field(default=96, ge=8, le=4096)
    refraction: Annotated[
        Literal["seventh", "0.13", "none"], Asks("choice", "Refraction", labels=AIRS, detail=True)
    ] = "seventh"
    bounds: Annotated[
        Bounds | None, Asks("extent", "Only this part", "Without one the whole city.", option="--bbox", detail=True)
    ] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"

    @model_validator(mode="after")
    def _room(self) -> ImpactParameters:
        box = self.bounds
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ValueError(f"the area {box} is empty; write xmin ymin xmax ymax")
        if any(len(one) not in (2, 3) for one in self.places):
            raise ValueError("a viewpoint is x y or x y z")
        return self

    @classmethod
    def checked(cls, **values: object) -> ImpactParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: ImpactParameters = checked(cls, **values)
        return found
