"""What a study of the view of a landmark asks: which landmark, from which façades, and what counts as seen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from citymodel.parameters import DEVICES, Asks, Names, Places, checked

Kind = Literal["window", "wall"]
KINDS = (("window", "Windows"), ("wall", "Walls"))
PARTS = (("above", "Above the roofs around it"), ("whole", "The whole of it"))
Bounds = tuple[float, float, float, float]


class LandmarkParameters(BaseModel):
    """The view of a landmark from façades, of the base and of the scenario on the table.

    objects : ids or names of the objects that are the landmark; places : x y, or x y z of its top
    height : metres of the landmark at a place without z; part : which part of it counts
    counts_from : % of what could be seen in the open from which a place sees it
    reach : metres beyond which nobody is asked; samples : points on the landmark
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    objects: Annotated[Names, Asks("objects", "Landmark", "Objects of the city, by id or name.")] = ()
    places: Annotated[Places, Asks("places", "or at a place", "Where no object stands for it.", detail=True)] = ()
    height: Annotated[
        float, Asks("length", "Its height there", "Above the ground, where the place has no height.", detail=True)
    ] = Field(default=30.0, gt=0, le=2000)
    part: Annotated[Literal["above", "whole"], Asks("choice", "What counts of it", labels=PARTS)] = "above"
    counts_from: Annotated[
        float, Asks("percent", "Counts as seen from", "Of what could be seen of it in the open.")
    ] = Field(default=10.0, gt=0, le=100)
    kinds: Annotated[tuple[Kind, ...], Asks("choices", "Seen from", labels=KINDS)] = Field(
        default=("window", "wall"), min_length=1
    )
    reach: Annotated[float, Asks("length", "Asked up to a distance of")] = Field(default=2000.0, gt=0, le=50_000)
    spacing: Annotated[float, Asks("length", "A point every", "Of façade.")] = Field(default=3.0, ge=0.25, le=50)
    storey_height: Annotated[
        float, Asks("length", "Height of a storey", "Where no attribute tells the storeys.", detail=True)
    ] = Field(default=3.0, ge=2, le=8)
    samples: Annotated[int, Asks("count", "Points on the landmark", detail=True)] = Field(default=96, ge=8, le=4096)
    bounds: Annotated[
        Bounds | None,
        Asks(
            "extent",
            "Façades in this part",
            "Without one those of the whole city.",
            option="--bbox",
            detail=True,
        ),
    ] = None
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None
    device: Annotated[Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True)] = "auto"

    @field_validator("places")
    @classmethod
    def _whole_places(cls, places: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
        if any(len(one) not in (2, 3) for one in places):
            raise ValueError("a place is x y or x y z")
        return places

    @model_validator(mode="after")
    def _room(self) -> LandmarkParameters:
        box = self.bounds
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ValueError(f"the area {box} is empty; write xmin ymin xmax ymax")
        return self

    @classmethod
    def checked(cls, **values: object) -> LandmarkParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: LandmarkParameters = checked(cls, **values)
        return found
