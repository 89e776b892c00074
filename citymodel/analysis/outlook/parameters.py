"""What a study of the view from a window asks: from where, how wide, and how finely."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from citymodel.parameters import DEVICES, Asks, Names, Places, checked

Kind = Literal["window", "wall"]
KINDS = (("window", "Windows"), ("wall", "Walls"))
LOOKS = (("cone", "As wide as people see"), ("half", "All before the façade"))


class OutlookParameters(BaseModel):
    """Shares of what is seen by solid angle, from places or from the façades of buildings, base and scenario.

    places : x y, or x y z of the eye; eye : metres above the ground at places without z
    towards : degrees from grid north in which one looks at places, None for all around
    objects : buildings, by id or name, whose façades are asked; landmark : objects that are told apart
    looks : "cone" of ``width`` by ``tall`` degrees about the horizontal, or the "half" space before the façade
    far : metres from which a view is open; rays : of each place
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    places: Annotated[Places, Asks("places", "From places")] = ()
    eye: Annotated[float, Asks("length", "Eye above the ground there")] = Field(default=1.7, ge=0, le=1000)
    towards: Annotated[
        float | None, Asks("angle", "Looking towards", "Degrees from north, at places; all around without it.")
    ] = Field(default=None, ge=0, le=360)
    objects: Annotated[Names, Asks("objects", "or from buildings", "All storeys of them, by id or name.")] = ()
    landmark: Annotated[Names, Asks("objects", "Landmark", "Told apart from other buildings.")] = ()
    looks: Annotated[Literal["cone", "half"], Asks("choice", "What counts of the view", labels=LOOKS)] = "cone"
    width: Annotated[float, Asks("angle", "Width of the view", detail=True)] = Field(default=120.0, gt=0, le=180)
    tall: Annotated[float, Asks("angle", "Height of the view", detail=True)] = Field(default=60.0, gt=0, le=180)
    far: Annotated[float, Asks("length", "Open from a distance of")] = Field(default=100.0, gt=0, le=10_000)
    kinds: Annotated[tuple[Kind, ...], Asks("choices", "Points on", labels=KINDS, detail=True)] = Field(
        default=("window", "wall"), min_length=1
    )
    spacing: Annotated[float, Asks("length", "A point every", "Of façade.", detail=True)] = Field(
        default=3.0, ge=0.25, le=50
    )
    storey_height: Annotated[
        float, Asks("length", "Height of a storey", "Where no attribute tells the storeys.", detail=True)
    ] = Field(default=3.0, ge=2, le=8)
    rays: Annotated[int, Asks("count", "Rays of each place", detail=True)] = Field(default=2000, ge=50, le=1_000_000)
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"

    @model_validator(mode="after")
    def _whole(self) -> OutlookParameters:
        if any(len(one) not in (2, 3) for one in self.places):
            raise ValueError("a place is x y or x y z")
        return self

    @classmethod
    def checked(cls, **values: object) -> OutlookParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: OutlookParameters = checked(cls, **values)
        return found
