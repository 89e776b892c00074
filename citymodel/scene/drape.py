"""Drapes: rasters of results and of cast shadows as pictures that lie on the city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.layers import Layer, Style
from citymodel.legends_flood import DEPTH, DRY, FLOW, SPEED
from citymodel.results import LegendClass
from citymodel.scene import colours
from citymodel.scene.legend import Legend
from citymodel.scene.legend import numeric as numeric_legend
from citymodel.scene.values import revision_of

CLOCK = "h after midnight"
SHADE = (150, 158, 182)  # what a cast shadow leaves of the light: the sky's, hence cool
NOWHERE = ("out of range", "no data")
"""Labels of classes that are no value."""


@dataclass(frozen=True, slots=True)
class Drape:
    """A picture laid over terrain, ground and roofs from above.

    image : (rows, cols, 3) uint8, north up; it multiplies the colours beneath
    bounds : xmin, ymin, xmax, ymax of the image's outer edges, metres, in the frame's CRS
    revision : another value means another image
    replaces : True for a result, whose colours have to show pure; False for cast shadows
    sides : makes the drapes of base and proposal of one that tells of both, None for others
    """

    image: NDArray[np.uint8] = field(compare=False, repr=False)
    bounds: tuple[float, float, float, float]
    revision: int
    replaces: bool = False
    legend: Legend | None = None
    sides: Callable[[], tuple[Drape, Drape]] | None = field(default=None, compare=False, repr=False)


def edges(raster: Any) -> tuple[float, float, float, float]:
    """xmin, ymin, xmax, ymax of a raster's outer edges; its coordinates are of cell centres."""
    x, y = np.asarray(raster.x, dtype=np.float64), np.asarray(raster.y, dtype=np.float64)
    dx = abs(x[-1] - x[0]) / max(len(x) - 1, 1) or 1.0
    dy = abs(y[-1] - y[0]) / max(len(y) - 1, 1) or 1.0
    return (x.min() - dx / 2, y.min() - dy / 2, x.max() + dx / 2, y.max() + dy / 2)


def shadow_drape(mask: Any, revision: int | None = None) -> Drape:
    """Cast shadows of a raster with 1 in the shade, 2 in the shade of crowns, 0 in the sun, 255 unknown."""
    return shade_drape(np.asarray(mask.values), edges(mask), revision_of(mask) if revision is None else revision)


def shade_drape(
    mask: NDArray[np.uint8], bounds: tuple[float, float, float, float], revision: int, through: float = 0.0
) -> Drape:
    """Cast shadows as they come from the kernel, north up: codes as for ``shadow_drape``.

    through : part of the light that crowns let pass, 0–1
    """
    return Drape(_shades().take(_softened(_weights(through).take(mask)), axis=0), bounds, revision)


@cache
def _weights(through: float) -> NDArray[np.uint8]:
    """Quarters of shade by code; crowns never cast less than a quarter, or a summer's park would have no trees."""
    table = np.zeros(256, dtype=np.uint8)
    table[1], table[2] = 4, max(round(4 * (1.0 - through)), 1)
    return table


@cache
def _shades() -> NDArray[np.uint8]:
    """(65, 3) colours from sun to shade."""
    share = np.linspace(0.0, 1.0, 65)[:, None]
    return np.asarray(255.0 + share * (np.array(SHADE) - 255.0), dtype=np.uint8)


def _softened(quarters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """0–64: a binomial blur over one cell, in whole numbers; the sun is half a degree wide, and cells are square."""
    down, across = np.empty_like(quarters), np.empty_like(quarters)
    down[1:-1] = quarters[:-2] + 2 * quarters[1:-1] + quarters[2:]
    down[0], down[-1] = 4 * quarters[0], 4 * quarters[-1]
    across[:, 1:-1] = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    across[:, 0], across[:, -1] = 4 * down[:, 0], 4 * down[:, -1]
    return across


def drape_of(layer: Layer, style: Style) -> Drape | None:
    """The raster field of a result (the one named by ``colour_by``, else the first) in its legend's colours.

    Beside a column of façade points lies the raster that says the same of the ground, or none.
    """
    from citymodel.scene.patches import columns_of

    fields = layer.data.fields
    rasters = [one for one in fields.values() if hasattr(one.data, "dims") and "x" in one.data.dims]
    measure = style.colour_by.rpartition("_")[0] if style.colour_by in columns_of(layer.data) else ""
    fallback = rasters[0] if rasters and not measure else None
    chosen = next((one for one in rasters if one.name == style.colour_by or measure.endswith(f"_{one.name}")), fallback)
    if chosen is None:
        return None
    values = np.asarray(chosen.data.values, dtype=np.float64)
    image = np.full((*values.shape, 3), 255, dtype=np.uint8)
    classes = tuple(chosen.legend) or (_of_floods(chosen.name) if layer.data.water else ())
    if classes:
        for one in (one for one in classes if one.colour != DRY):
            image[(values >= one.lower) & (values < one.upper)] = colours.rgb(one.colour)
        last = [one for one in classes if one.label in NOWHERE]  # what says nothing of the place comes last
        rows = tuple((one.colour, one.label) for one in (*(one for one in classes if one not in last), *last))
        unit = "" if chosen.unit == CLOCK else chosen.unit  # 8:00 to 10:00 needs none
        legend = Legend(chosen.title, unit, rows, tuple(layer.data.notes)[:2])
    else:
        known = values[np.isfinite(values)]
        if not len(known):
            return None
        low, high = style.range or (float(known.min()), float(known.max()))
        image[np.isfinite(values)] = colours.by_class(known, colours.breaks(low, high))
        legend = numeric_legend(chosen.title, chosen.unit, np.array([low, high]))
    return Drape(image, edges(chosen.data), revision_of(chosen.data), True, legend)


def _of_floods(name: str) -> tuple[LegendClass, ...]:
    """Classes for a flood's map that came without: as a file of the command holds it."""
    return {"max_depth": DEPTH, "max_speed": SPEED, "max_unit_discharge": FLOW}.get(name, ())
