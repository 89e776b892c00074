"""The sample city's cloudburst: the case of a flood, its rain, a table of rain depths, and a proposal against it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from citymodel.analysis.flood.storms import Storm, storm
from citymodel.changes import ChangeGround
from citymodel.sample.city import City
from citymodel.sample.files import write_terrain, write_text
from citymodel.sample.plan import BRIDGE_X
from citymodel.sample.terrain import F8, ORIGIN, WATER_LEVEL, river
from citymodel.scenario import Scenario

CASE, RAIN, STATISTICS, GROUND = "cloudburst.toml", "cloudburst_rain.csv", "rain_statistics.csv", "terrain_2m.tif"
CELL = 2.0
"""Metres: streets are some cells wide, and a laptop needs a minute or two."""
MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720, 1440)
YEARS = (1, 2, 5, 10, 20, 30, 50, 100)
HOLLOW = (330.0, 400.0)
"""Where Fischergasse lies lowest, local metres; the terrain's waves have no way out there."""
SQUARE = ((386.0, 402.0), (438.0, 393.5), (438.0, 411.0), (391.0, 411.0))
SQUARE_LEVEL = 180.4
"""Metres above NHN: one and a half to two below the square."""
DURATION = 60
"""Minutes of the rain that falls, once in the last of the years."""


def depth(minutes: F8, years: float) -> F8:
    """Millimetres of rain in so many minutes once in so many years: made up, of the size that central Europe knows."""
    hour = 15.0 + 7.5 * np.log(years)
    return np.asarray(hour * (69.0 / 60.0) * minutes / (minutes + 9.0) * (np.maximum(minutes, 60.0) / 60.0) ** 0.18)


def rain() -> Storm:
    """The heaviest hour of the table, arranged after Euler II in steps of five minutes."""
    most = float(depth(np.array([float(DURATION)]), YEARS[-1])[0])
    return storm("euler", round(most, 1), DURATION, 5.0, lambda minutes: depth(minutes, YEARS[-1]))


def places() -> dict[str, tuple[float, float]]:
    """Gauges by name: the river under the bridge, and where the streets' water gathers; x and y in the CRS."""
    under = (BRIDGE_X, float(river(np.array([BRIDGE_X]))[0]))
    found = {"river at the bridge": under, "Fischergasse": HOLLOW, "Weidenweg": (190.0, 110.0)}
    return {name: (round(x + float(ORIGIN[0]), 2), round(y + float(ORIGIN[1]), 2)) for name, (x, y) in found.items()}


def water_square() -> Scenario:
    """A proposal: the market square's southern side lowered, so that a cloudburst fills it and not the street."""
    outline = tuple((x + float(ORIGIN[0]), y + float(ORIGIN[1])) for x, y in SQUARE)
    dug = ChangeGround("water-square-1", "Water square", outline, level=SQUARE_LEVEL)
    return Scenario("water-square", "Water square", (dug,))


def write_cloudburst(folder: Path, city: City) -> None:
    """Write the case, its ground, its rain and the table of rain depths beside the city."""
    write_terrain(folder / GROUND, city.terrain.raster(CELL))
    fallen = rain()
    rows = [f"{time:.0f},{rate:.1f}" for time, rate in zip(fallen.times, fallen.rates, strict=True)]
    write_text(folder / RAIN, "\n".join([f"# Invented. {fallen.name}", "seconds,mm_per_hour", *rows]) + "\n")
    write_text(folder / STATISTICS, _table())
    write_text(folder / CASE, _case(fallen, places()))


def _table() -> str:
    """Depths in mm by duration and return period, as a weather service gives them."""
    minutes = np.array(MINUTES, np.float64)
    columns = [depth(minutes, years) for years in YEARS]
    rows = [f"{m}," + ",".join(f"{column[k]:.1f}" for column in columns) for k, m in enumerate(MINUTES)]
    head = "duration_min," + ",".join(f"{years}" for years in YEARS)
    first = "# Invented for Auenfurt: depth of rain in mm by duration in minutes and return period in years"
    return "\n".join([first, head, *rows]) + "\n"


def _case(fallen: Storm, gauges: dict[str, tuple[float, float]]) -> str:
    """The case file; see docs/flood.md for its keys."""
    tables = "".join(f'\n[[gauge]]\nname = "{name}"\nx = {x}\ny = {y}\n' for name, (x, y) in gauges.items())
    return f"""# A cloudburst over Auenfurt: {fallen.depth:.1f} mm of rain in {DURATION} minutes, no soil, no drains.
# citymodel flood {CASE} -o water.nc
name = "Cloudburst over Auenfurt"
terrain = "{GROUND}"
buildings = "city.gml"           # water stays outside; the rain on a roof runs to the ground beside it
duration = "90min"
output_every = "5min"
manning = 0.03                   # streets and yards, s/m^(1/3)
initial_level = {WATER_LEVEL}            # the river, metres above NHN

[[rain]]
series = "{RAIN}"

[boundary]                       # the river goes on beyond the map at its level; what reaches the other sides leaves
west = {{ level = {WATER_LEVEL} }}
east = {{ level = {WATER_LEVEL} }}
north = "open"
south = "open"
{tables}"""
