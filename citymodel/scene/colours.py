"""The colours of the picture: a light clay city, muted land, named classes that all eyes can tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

U1 = NDArray[np.uint8]

# What a triangle shows: the code is the row of these tables.
CATEGORIES: tuple[tuple[str, str, str], ...] = (
    ("roof", "Roof", "#bdafa7"),
    ("wall", "Wall", "#faf5ec"),
    ("ground", "Floor", "#cfc8bb"),
    ("opening", "Window, door", "#8fa5b3"),
    ("road", "Road, square", "#b9b6b1"),
    ("water", "Water", "#8db0c2"),
    ("vegetation", "Vegetation", "#a3b893"),
    ("landuse", "Open land", "#d3d0bb"),
    ("terrain", "Terrain", "#cdcab6"),
    ("bridge", "Bridge", "#d8cfc3"),
    ("furniture", "Street furniture", "#b3aca4"),
    ("other", "Other", "#d9d3c8"),
)
CODE = {name: code for code, (name, _, _) in enumerate(CATEGORIES)}

ACCENT = "#e4572e"  # what is selected
OUTLINE = "#0f5f66"  # of areas that somebody asks about
PLATE = "#1f3a4d"  # behind white words on the city
PROPOSED = "#f0a35e"  # what a scenario adds or changes
PROPOSED_LINE = "#c8610a"  # and what it draws on the ground, told from pale land
REMOVED = "#a05a4a"
SIGHT = "#0f7f74"  # the threshold of a protected view
ABOVE = "#a3134f"  # what rises above it
BASE = "#cbc7bc"  # the table on which a model without terrain stands
EDGE = "#8c827a"
INK = "#2b2f36"
PAPER = "#fbfaf7"
SKY_LOW, SKY_HIGH = "#f6f2ea", "#a9c4dc"
NIGHT_LOW, NIGHT_HIGH = "#8a8fa6", "#3c4a68"

# ASPRS LAS 1.4 R15, table 17; ground, vegetation and water in this picture's own muted tones.
ASPRS: dict[int, tuple[str, str]] = {
    0: ("Never classified", "#a8a49c"),
    1: ("Unclassified", "#9fae8f"),
    2: ("Ground", "#c2b59b"),
    3: ("Low vegetation", "#b7cf9d"),
    4: ("Medium vegetation", "#8fb57c"),
    5: ("High vegetation", "#5f9160"),
    6: ("Building", "#c89f8d"),
    7: ("Low noise", "#d14c8a"),
    8: ("Model key point", "#e0c050"),
    9: ("Water", "#5b9bc4"),
    10: ("Rail", "#7d6f86"),
    11: ("Road surface", "#9a9a9a"),
    12: ("Overlap", "#bdb0c9"),
    13: ("Wire guard", "#d8b440"),
    14: ("Wire conductor", "#c89b2b"),
    15: ("Transmission tower", "#8a6d3b"),
    16: ("Wire connector", "#a9873f"),
    17: ("Bridge deck", "#b07aa1"),
    18: ("High noise", "#b3266e"),
}
RAMP = ("#f4edd2", "#cfe0b4", "#8fc7ae", "#4f9fae", "#356f9c", "#2c3f7c")  # light to dark, one way
DISTINCT = ("#4e79a7", "#f28e2b", "#76b7b2", "#edc948", "#b07aa1", "#59a14f", "#9c755f", "#e15759", "#bab0ac")


def rgb(colour: str) -> tuple[int, int, int]:
    """The three bytes of "#rrggbb"."""
    text = colour.lstrip("#")
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def unit(colour: str) -> tuple[float, float, float]:
    """The three shares, 0–1, of "#rrggbb"."""
    red, green, blue = rgb(colour)
    return red / 255.0, green / 255.0, blue / 255.0


def category_table() -> U1:
    """(categories, 3) uint8 colours, a row a code."""
    return np.array([rgb(colour) for _, _, colour in CATEGORIES], dtype=np.uint8)


def class_name(code: int) -> str:
    """The words for an ASPRS class."""
    if code in ASPRS:
        return ASPRS[code][0]
    return f"Class {code}"


def class_colour(code: int) -> str:
    """The colour of an ASPRS class; classes of one's own take turns among distinct ones."""
    return ASPRS[code][1] if code in ASPRS else DISTINCT[code % len(DISTINCT)]


def class_table() -> U1:
    """(256, 3) uint8 colours of the point classes."""
    return np.array([rgb(class_colour(code)) for code in range(256)], dtype=np.uint8)


def breaks(low: float, high: float, count: int = 6) -> NDArray[np.float64]:
    """Round limits of at most ``count`` + 1 classes that cover low … high."""
    if not np.isfinite([low, high]).all() or high <= low:
        return np.array([low, low + 1.0])
    rough = (high - low) / count
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * nice for nice in (1.0, 2.0, 2.5, 5.0, 10.0) if power * nice >= rough * 0.999)
    first = np.floor(low / step) * step
    last = np.ceil(high / step) * step
    return np.asarray(first + step * np.arange(round((last - first) / step) + 1), dtype=np.float64)


def ramp(count: int) -> list[str]:
    """``count`` colours from light to dark."""
    stops = np.array([rgb(colour) for colour in RAMP], dtype=np.float64)
    where = np.linspace(0, len(stops) - 1, max(count, 1))
    mixed = np.stack([np.interp(where, np.arange(len(stops)), stops[:, k]) for k in range(3)], axis=1)
    return ["#" + "".join(f"{round(part):02x}" for part in row) for row in mixed]


def by_class(values: NDArray[Any], limits: NDArray[np.float64]) -> U1:
    """(n, 3) uint8 colours of numbers by classes between the limits; not-a-number is light grey."""
    table = np.array([rgb(colour) for colour in ramp(len(limits) - 1)], dtype=np.uint8)
    numbers = np.asarray(values, dtype=np.float64)
    out = np.full((len(numbers), 3), 215, dtype=np.uint8)
    known = np.isfinite(numbers)
    code = np.clip(np.searchsorted(limits, numbers[known], side="right") - 1, 0, len(table) - 1)
    out[known] = table[code]
    return out
