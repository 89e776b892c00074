"""Drapes: rasters of results and of cast shadows as pictures that lie on the city."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.layers import Layer, Style
from citymodel.scene import colours
from citymodel.scene.legend import Legend
from citymodel.scene.legend import numeric as numeric_legend
from citymodel.scene.values import revision_of

SHADE = (150, 158, 182)  # what a cast shadow leaves of the light: the sky's, hence cool


@dataclass(frozen=True, slots=True)
class Drape:
    """A picture laid over terrain, ground and roofs from above.

    image : (rows, cols, 3) uint8, north up; it multiplies the colours beneath
    bounds : xmin, ymin, xmax, ymax of the image's outer edges, metres, in the frame's CRS
    revision : another value means another image
    replaces : True for a result, whose colours have to show pure; False for cast shadows
    """

    image: NDArray[np.uint8] = field(compare=False, repr=False)
    bounds: tuple[float, float, float, float]
    revision: int
    replaces: bool = False
    legend: Legend | None = None


def edges(raster: Any) -> tuple[float, float, float, float]:
    """xmin, ymin, xmax, ymax of a raster's outer edges; its coordinates are of cell centres."""
    x, y = np.asarray(raster.x, dtype=np.float64), np.asarray(raster.y, dtype=np.float64)
    dx = abs(x[-1] - x[0]) / max(len(x) - 1, 1) or 1.0
    dy = abs(y[-1] - y[0]) / max(len(y) - 1, 1) or 1.0
    return (x.min() - dx / 2, y.min() - dy / 2, x.max() + dx / 2, y.max() + dy / 2)


def shadow_drape(mask: Any, revision: int | None = None) -> Drape:
    """Cast shadows of a raster with 1 in the shade, 0 in the sun, 255 unknown."""
    shade = (np.asarray(mask.values) == 1).astype(np.float32)
    soft = _softened(shade)
    image = 255.0 + soft[..., None] * (np.array(SHADE, dtype=np.float32) - 255.0)
    return Drape(image.astype(np.uint8), edges(mask), revision_of(mask) if revision is None else revision)


def _softened(shade: NDArray[np.float32]) -> NDArray[np.float32]:
    """A binomial blur over one cell: the sun is half a degree wide, and cells are square."""
    for axis in (0, 1):
        padded = np.pad(shade, [(1, 1) if k == axis else (0, 0) for k in (0, 1)], mode="edge")
        parts = [np.take(padded, range(k, k + shade.shape[axis]), axis=axis) for k in (0, 1, 2)]
        shade = np.asarray((parts[0] + 2 * parts[1] + parts[2]) / 4, dtype=np.float32)
    return shade


def drape_of(layer: Layer, style: Style) -> Drape | None:
    """The raster field of a result (the one named by ``colour_by``, else the first) in its legend's colours."""
    fields = layer.data.fields
    rasters = [one for one in fields.values() if hasattr(one.data, "dims") and "x" in one.data.dims]
    chosen = next((one for one in rasters if one.name == style.colour_by), rasters[0] if rasters else None)
    if chosen is None:
        return None
    values = np.asarray(chosen.data.values, dtype=np.float64)
    image = np.full((*values.shape, 3), 255, dtype=np.uint8)
    classes = tuple(chosen.legend)
    if classes:
        for one in classes:
            image[(values >= one.lower) & (values < one.upper)] = colours.rgb(one.colour)
        rows = tuple((one.colour, one.label) for one in classes)
        legend = Legend(chosen.title, chosen.unit, rows, tuple(layer.data.notes)[:2])
    else:
        known = values[np.isfinite(values)]
        if not len(known):
            return None
        low, high = style.range or (float(known.min()), float(known.max()))
        image[np.isfinite(values)] = colours.by_class(known, colours.breaks(low, high))
        legend = numeric_legend(chosen.title, chosen.unit, np.array([low, high]))
    return Drape(image, edges(chosen.data), revision_of(chosen.data), True, legend)
