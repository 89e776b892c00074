"""What a study of a protected view asks: the point, the landmark, the corridor between them, and its threshold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from citymodel.parameters import Asks, Names, Places, checked

FROM = (
    ("datum", "above the datum"),
    ("foot", "above its foot"),
    ("top", "below its top"),
)


class VistaParameters(BaseModel):
    """A protected view of the base and of the scenario on the table; every height and width is the user's.

    point : one place; with a third number the eye's height in the datum, without it ground and ``eye``
    point_width, width : metres of the corridor at the point and at the landmark, across its axis
    point_threshold : metres in the datum of the threshold at the point, None for the eye's
    landmark : ids of the objects to protect; at : the landmark's place where it is no object
    threshold : metres at the landmark above which it has to stay in sight, counted as ``threshold_from`` says
    foot, top : metres in the datum of a landmark that is a place
    setting : metres by which the view reaches beyond the corridor at each side, at the landmark
    background : metres behind the landmark
    curvature : the threshold follows the curved earth; refraction : the coefficient k that goes with it
    height_error : metres within which a building touches the plane; cell : of the maps, metres, None by size
    scenario : id of the scenario to compare with the base, None for the one on screen
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    point: Annotated[
        Places, Asks("places", "Assessment point", "x y, or x y and the eye's height above the datum.")
    ] = Field(default=(), max_length=1)
    landmark: Annotated[Names, Asks("objects", "Landmark", "The object to protect, by its id.")] = ()
    threshold: Annotated[
        float | None, Asks("length", "Threshold at the landmark", "Above this height it has to stay in sight.")
    ] = Field(default=None, ge=-1000, le=10_000)
    threshold_from: Annotated[Literal["datum", "foot", "top"], Asks("choice", "Threshold counted", labels=FROM)] = (
        "datum"
    )
    width: Annotated[
        float | None,
        Asks("length", "Width at the landmark", "Without it, of what rises above the threshold; a place needs it."),
    ] = Field(default=None, gt=0, le=20_000)
    point_width: Annotated[float, Asks("length", "Width at the point", "Of the corridor where it begins.")] = Field(
        default=0.0, ge=0, le=5_000
    )
    setting: Annotated[
        float, Asks("length", "Wider setting", "Beyond the corridor at each side, at the landmark; 0 for none.")
    ] = Field(default=0.0, ge=0, le=20_000)
    background: Annotated[float, Asks("length", "Background", "Behind the landmark; 0 for none.")] = Field(
        default=0.0, ge=0, le=50_000
    )
    height_error: Annotated[
        float, Asks("length", "Error of heights", "Within it a building touches the plane; it is no verdict.")
    ] = Field(default=0.1, ge=0, le=20)
    eye: Annotated[
        float, Asks("length", "Eye above ground", "Where the point has no height of its own.", detail=True)
    ] = Field(default=1.7, ge=0, le=500)
    point_threshold: Annotated[
        float | None,
        Asks("length", "Threshold at the point", "Above the datum; without it the eye's height.", detail=True),
    ] = Field(default=None, ge=-1000, le=10_000)
    at: Annotated[Places, Asks("places", "Landmark's place", "Where it is no object of the model.", detail=True)] = (
        Field(default=(), max_length=1)
    )
    foot: Annotated[float | None, Asks("length", "Landmark's foot", "Above the datum; of a place.", detail=True)] = (
        Field(default=None, ge=-1000, le=10_000)
    )
    top: Annotated[float | None, Asks("length", "Landmark's top", "Above the datum; of a place.", detail=True)] = Field(
        default=None, ge=-1000, le=10_000
    )
    curvature: Annotated[
        bool, Asks("flag", "Curved earth", "The threshold follows the earth's curve and the bent light.", detail=True)
    ] = False
    refraction: Annotated[
        float, Asks("number", "Refraction", "The coefficient k; 0 for straight light.", detail=True)
    ] = Field(default=1 / 7, ge=-1, lt=1)
    cell: Annotated[
        float | None, Asks("length", "Cell", "Of the maps; without one they have at most 1,500 a side.", detail=True)
    ] = Field(default=None, gt=0, le=100)
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None

    @classmethod
    def checked(cls, **values: object) -> VistaParameters:
        """The parameters of these values; a ParameterError of one line where one does not fit."""
        found: VistaParameters = checked(cls, **values)
        return found
