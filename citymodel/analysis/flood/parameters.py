"""What a flood study asks: the rain or the river, the area and the buildings; and, for an engineer, everything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from citymodel.analysis.flood.edges import edges_of
from citymodel.analysis.flood.losses import values_of
from citymodel.analysis.flood.storms import PEAK, SHAPES
from citymodel.flood.hazard import AUSTRALIA, DEBRIS, UK, limits_of, limits_text
from citymodel.parameters import DEVICES, Asks, Clock, Duration, Levels, Places, checked

RAINS = (
    ("return-period", "Once in so many years"),
    ("depth", "So much rain"),
    ("series", "A series from a file"),
    ("none", "No rain"),
)
BUILDINGS = (
    ("blocked", "Walls: water runs around them"),
    ("raised", "Raised ground: water runs off and over them"),
    ("rough", "Rough ground: water runs through them slowly"),
)
SCHEMES = (
    ("second-order", "Second order, most accurate"),
    ("first-order", "First order, quicker and smoother"),
    ("preview", "Preview, no full shallow water"),
)
ROUGHNESS = (("cover", "By land cover"), ("uniform", "The same everywhere"))
INFILTRATION = (
    ("green-ampt", "Green & Ampt, by land cover and soil"),
    ("horton", "Horton, by land cover and soil"),
    ("curve-number", "SCS curve number, by land cover and soil"),
    ("none", "None: all rain runs off"),
)
SOILS = (("sand", "Sandy"), ("loam", "Loamy"), ("clay", "Clayey"))
INITIAL = (
    ("water", "Rivers and ponds of the model stand full"),
    ("level", "Water stands up to a level"),
    ("dry", "Dry everywhere"),
)
_RAIN = (("rain", ("return-period", "depth", "series")),)
_DESIGN = (("rain", ("return-period", "depth")),)
_BY_YEARS = (("rain", ("return-period",)),)


class FloodParameters(BaseModel):
    """A flood of the base and of the scenario on the table.

    rain : how the storm is chosen; years : its return period; depth : mm; duration : minutes
    table : file of rain depths by duration and return period; r15 : l/(s·ha), where there is no table
    series : file of rain, mm/h; uplift : percent more rain by climate
    inflows : x, y of places where water comes in, with a third number their own peak, m³/s; inflow_peak : of the others
    inflow_series : file of m³/s, for each of the places; inflow_rise, inflow_fall : minutes of the triangle without it
    bounds : xmin, ymin, xmax, ymax of what is computed, None for all data; after : hours beyond the rain's end
    scenario : id of the scenario to compare with the base, None for the one on screen
    cover : file of land cover classes; values : other numbers of land cover, see `losses.values_of`
    sewer : mm/h that drains take from paved ground, where that is known; edges : see `edges.edges_of`
    wet : metres from which a cell counts as wet; hazard : thresholds of the UK rating; hazard_au : limits of H1 to H5
    every : minutes between frames; gauges : x, y; sections : x, y by twos
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    rain: Annotated[
        Literal["return-period", "depth", "series", "none"], Asks("choice", "Rain", labels=RAINS, group="Rain")
    ] = "return-period"
    years: Annotated[
        float,
        Asks(
            "number", "Once in", "How rare the storm is: 100 means a chance of 1 % each year.", unit="years",
            group="Rain", when=_BY_YEARS,
        ),
    ] = Field(default=100.0, ge=0.5, le=100_000)  # fmt: skip
    depth: Annotated[
        float, Asks("number", "Rain in all", unit="mm", group="Rain", when=(("rain", ("depth",)),))
    ] = Field(default=60.0, gt=0, le=3000)  # fmt: skip
    duration: Annotated[
        Duration, Asks("duration", "Rain for", "From its first drop to its last.", group="Rain", when=_DESIGN)
    ] = Field(default=60, ge=5, le=7 * 1440)
    shape: Annotated[
        Literal[
            "chicago", "alternating", "euler", "feh-summer", "feh-winter", "scs-1", "scs-1a", "scs-2", "scs-3",
            "uniform",
        ],
        Asks("choice", "Course of the rain", labels=SHAPES, group="Rain", when=_DESIGN),
    ] = "chicago"  # fmt: skip
    table: Annotated[
        str | None,
        Asks(
            "file", "The city's rain statistic",
            "A CSV file of depths in mm, a row a duration and a column a return period, as KOSTRA, FEH or Atlas 14 "
            "give it. Without it a rough general formula counts.",
            group="Rain", when=_DESIGN,
        ),
    ] = None  # fmt: skip
    series: Annotated[
        str | None,
        Asks("file", "Rain series", "A CSV file with the columns seconds and mm_per_hour.", group="Rain",
             when=(("rain", ("series",)),)),
    ] = None  # fmt: skip
    uplift: Annotated[
        float,
        Asks("percent", "More rain by climate", "Added to the rain at every moment; which is right for which year is "
             "said by the guidance of your country.", group="Rain", when=_RAIN),
    ] = Field(default=0.0, ge=-50, le=300)  # fmt: skip
    inflows: Annotated[
        Places,
        Asks("places", "Water comes in at", "Places on a river or at a broken pipe: x y, or x y and its own peak in "
             "m³/s.", group="Rivers and other water"),
    ] = ()  # fmt: skip
    inflow_peak: Annotated[
        float,
        Asks("number", "Peak of the inflow", "Of each place that names none.", unit="m³/s",
             group="Rivers and other water"),
    ] = Field(default=10.0, ge=0, le=1e6)  # fmt: skip
    inflow_series: Annotated[
        str | None,
        Asks("file", "Inflow series", "A CSV file with the columns seconds and m3_per_s, for each of the places.",
             group="Rivers and other water"),
    ] = None  # fmt: skip
    buildings: Annotated[
        Literal["blocked", "raised", "rough"],
        Asks("choice", "Buildings are", labels=BUILDINGS, group="Ground and buildings"),
    ] = "blocked"
    sewer: Annotated[
        float,
        Asks("number", "Drains take", "From paved ground, from all where land cover is not known; 0 for full drains.",
             unit="mm/h", group="Ground and buildings"),
    ] = Field(default=0.0, ge=0, le=500)  # fmt: skip
    bounds: Annotated[
        tuple[float, float, float, float] | None,
        Asks(
            "extent", "Area", option="--bbox", help="Water from outside of it is not known.", group="What is looked at"
        ),
    ] = None
    after: Annotated[
        float, Asks("hours", "Go on for", "After the rain, until the water has gathered.", group="What is looked at")
    ] = Field(default=0.5, ge=0, le=720)
    scenario: Annotated[
        str | None, Asks("scenario", "Compare with scenario", "An id, or \"\" for the base alone.",
                         group="What is looked at"),
    ] = None  # fmt: skip
    gauges: Annotated[Places, Asks("places", "Gauges", group="What to report")] = ()
    sections: Annotated[
        Places, Asks("places", "Sections", "Lines through which the flow is measured, two places each.",
                     group="What to report", pairs="Section {name}")
    ] = ()  # fmt: skip
    affected: Annotated[
        float, Asks("length", "A building is affected from", "Depth at its wall.", group="What to report")
    ] = Field(default=0.1, ge=0.001, le=10)
    hazard: Annotated[
        Levels,
        Asks("levels", "Hazard rating", "Of the UK: depth × (speed + 0.5), and more where things float.", unit="m²/s",
             group="What to report",
             labels=(("0", "moderate danger"), ("1", "significant danger"), ("2", "extreme danger"))),
    ] = UK  # fmt: skip
    cell: Annotated[float, Asks("length", "Cell", "Width of a cell.", detail=True, group="Computation")] = Field(
        default=2.0, gt=0, le=100
    )
    scheme: Annotated[
        Literal["second-order", "first-order", "preview"],
        Asks("choice", "Scheme", labels=SCHEMES, detail=True, group="Computation"),
    ] = "second-order"
    every: Annotated[
        Duration, Asks("duration", "A picture every", "Frames of the film.", detail=True, group="Computation")
    ] = Field(default=5, ge=1, le=1440)
    courant: Annotated[
        float | None,
        Asks("number", "Courant number", "Cells that the quickest wave may cross in a step.", detail=True,
             group="Computation"),
    ] = Field(default=None, gt=0, le=1.0)  # fmt: skip
    velocities: Annotated[
        bool, Asks("flag", "Keep velocities", "For arrows; the film's file is twice as large.", detail=True,
                   group="Computation")
    ] = True  # fmt: skip
    device: Annotated[
        Literal["auto", "cpu", "gpu"], Asks("choice", "Compute on", labels=DEVICES, detail=True, group="Computation")
    ] = "auto"
    storm_step: Annotated[
        Duration, Asks("duration", "Step of the storm", detail=True, group="Storm", when=_DESIGN)
    ] = Field(default=5, ge=1, le=60)  # fmt: skip
    peak: Annotated[
        float, Asks("number", "Peak of a Chicago storm at", "Share of its duration.", detail=True, group="Storm",
                    when=(("shape", ("chicago",)), *_DESIGN))
    ] = Field(default=PEAK, ge=0, le=1)  # fmt: skip
    r15: Annotated[
        float,
        Asks("number", "Rain of 15 minutes once a year", "Of the general formula of Reinhold, where there is no table.",
             unit="l/(s·ha)", detail=True, group="Storm", when=_BY_YEARS),
    ] = Field(default=110.0, gt=0, le=1000)  # fmt: skip
    inflow_rise: Annotated[
        Duration, Asks("duration", "The inflow rises for", "Without a series.", detail=True, group="Storm")
    ] = Field(default=30, ge=1, le=100_000)
    inflow_fall: Annotated[
        Duration, Asks("duration", "and falls for", "Without a series.", detail=True, group="Storm")
    ] = Field(default=60, ge=1, le=100_000)
    roughness: Annotated[
        Literal["cover", "uniform"], Asks("choice", "Roughness", labels=ROUGHNESS, detail=True, group="Ground")
    ] = "cover"
    manning: Annotated[
        float, Asks("number", "Manning's n", unit="s/m^⅓", detail=True, group="Ground",
                    when=(("roughness", ("uniform",)),))
    ] = Field(default=0.03, ge=0.001, le=10)  # fmt: skip
    infiltration: Annotated[
        Literal["green-ampt", "horton", "curve-number", "none"],
        Asks("choice", "The soil takes up rain", labels=INFILTRATION, detail=True, group="Ground"),
    ] = "green-ampt"
    soil: Annotated[
        Literal["sand", "loam", "clay"],
        Asks("choice", "Soil", labels=SOILS, detail=True, group="Ground",
             when=(("infiltration", ("green-ampt", "horton", "curve-number")),)),
    ] = "loam"  # fmt: skip
    soil_wet: Annotated[
        float,
        Asks("share", "Pores full at the start", detail=True, group="Ground",
             when=(("infiltration", ("green-ampt",)),)),
    ] = Field(default=0.5, ge=0, le=1)  # fmt: skip
    cover: Annotated[
        str | None,
        Asks("file", "Land cover", "A raster of classes; without it the model's roads, land use, plants and water.",
             detail=True, group="Ground"),
    ] = None  # fmt: skip
    values: Annotated[
        str, Asks("text", "Other values of land cover", "Like: paved manning 0.02; green curve_number 61.", detail=True,
                  group="Ground")
    ] = ""  # fmt: skip
    edges: Annotated[
        str,
        Asks("text", "Edges", "auto, open or wall, or by side: west=open east=3.2, a number is a level in m.",
             detail=True, group="Water at the start and the edges"),
    ] = "auto"  # fmt: skip
    initial: Annotated[
        Literal["water", "level", "dry"],
        Asks("choice", "At the start", labels=INITIAL, detail=True, group="Water at the start and the edges"),
    ] = "water"
    initial_level: Annotated[
        float, Asks("length", "Level", "Above the datum.", detail=True, group="Water at the start and the edges",
                    when=(("initial", ("level",)),))
    ] = Field(default=0.0, ge=-500, le=9000)  # fmt: skip
    wet: Annotated[float, Asks("length", "Wet from", "Depth that counts as water.", detail=True, group="Danger")] = (
        Field(default=0.01, ge=0.001, le=1)
    )
    debris: Annotated[
        Literal["careful", "urban", "woodland", "pasture", "none"],
        Asks("choice", "Floating debris", labels=DEBRIS, detail=True, group="Danger"),
    ] = "careful"
    hazard_au: Annotated[
        str, Asks("text", "Limits of H1 to H5", "Of Australia: depth, speed and their product; by semicolons.",
                  detail=True, group="Danger")
    ] = limits_text(AUSTRALIA)  # fmt: skip
    gauge_every: Annotated[
        float, Asks("number", "Readings every", unit="s", detail=True, group="Readings")
    ] = Field(default=60.0, ge=1, le=60)  # fmt: skip
    day: Annotated[Date, Asks("date", "Day", detail=True, group="Clock")] = Date(2026, 7, 15)
    begins: Annotated[Clock, Asks("clock", "Begins at", detail=True, group="Clock")] = 900
    zone: Annotated[str, Asks("zone", "Time zone", option="--tz", detail=True, group="Clock")] = "UTC"

    @field_validator("inflows", "gauges", "sections")
    @classmethod
    def _plane(cls, places: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
        if any(len(one) not in (2, 3) for one in places):
            raise ValueError("a place has two coordinates; write x y")
        return places

    @field_validator("hazard")
    @classmethod
    def _three(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        if len(levels) != len(UK) or levels[0] <= 0:
            raise ValueError("the hazard has three thresholds above 0, like 0.75, 1.25, 2")
        return levels

    @model_validator(mode="after")
    def _fits(self) -> FloodParameters:
        if self.rain == "series" and not self.series:
            raise ValueError("a series of rain is asked for and none is named; give its file")
        if self.rain == "none" and not self.inflows and self.initial == "dry":
            raise ValueError("no rain, no inflow and no water at the start: nothing would flow; give one of them")
        if self.rain == "none" and not self.inflows and self.after <= 0:
            raise ValueError("the run would last no time; give hours to go on for")
        if len(self.sections) % 2:
            raise ValueError("a section needs two places, its two ends; write an even number of them")
        if self.scheme != "preview" and self.courant is not None and self.courant > 0.5:
            raise ValueError("a Courant number above 0.5 is for the preview alone; give up to 0.5")
        if any(len(one) == 3 and one[2] < 0 for one in self.inflows):
            raise ValueError("an inflow has a peak below 0; give m³/s from 0 up")
        box = self.bounds
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ValueError("the area has no width or no height; give xmin ymin xmax ymax")
        limits_of(self.hazard_au)
        edges_of(self.edges)
        values_of(self.values)
        return self

    @classmethod
    def checked(cls, **values: Any) -> FloodParameters:
        """The parameters, or one plain line on what is wrong."""
        found: FloodParameters = checked(cls, **values)
        return found

    def moment(self) -> datetime:
        """The moment of second 0."""
        from citymodel.sun import zone

        day = datetime(self.day.year, self.day.month, self.day.day, tzinfo=zone(self.zone))
        return (day + timedelta(minutes=self.begins)).astimezone(UTC).astimezone(zone(self.zone))
