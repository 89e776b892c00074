"""The small maps of a shadow diagram as pictures: tones that also tell in grey print, buildings drawn over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]

DPI = 300
"""Points an inch of the maps on paper."""

SUN, SHADE, NEW, GONE, BEYOND, NO_DATA = 0, 1, 2, 3, 4, 255
INK, QUIET, PAPER = "#22262b", "#5d6670", "#ffffff"
GROUND, GREY, ACCENT, BLUE, PALE = "#fdfcf8", "#c3c8cd", "#a8320f", "#2f7fc1", "#e4f0fa"
"""In print without colour: sun white, shade light grey, new shade nearly black, shade removed striped."""
PROPOSED, REMOVED = "#f2a03d", "#1f68a5"
TONES = {SUN: (GROUND, ""), SHADE: (GREY, ""), NEW: (ACCENT, ""), GONE: (PALE, "stripes"), BEYOND: (GROUND, "dots"),
         NO_DATA: ("#f0f0ee", "hatch")}  # fmt: skip


def picture(classes: U1, size: tuple[int, int], over: F4 | None = None, relief: F4 | None = None) -> U1:
    """A map as colours.

    classes : (rows, columns) codes; size : width and height in pixels
    over : (height, width, 4) 0–1, what is drawn above; relief : (rows, columns) 0–1, the light on the surface

    Returns
    -------
    (height, width, 3) uint8
    """
    width, height = size
    image = np.zeros((height, width, 3), dtype=np.float32)
    for code in np.unique(classes):
        share = _resized((classes == code).astype(np.float32), size)
        image += share[..., None] * tone(int(code), size)
    if relief is not None:
        image *= _resized(relief, size)[..., None]
    if over is not None:
        image = image * (1 - over[..., 3:]) + over[..., :3] * over[..., 3:]
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def tone(code: int, size: tuple[int, int]) -> F4:
    """(height, width, 3) 0–1: the plain or patterned surface that stands for a code."""
    width, height = size
    plain, pattern = TONES[code]
    image = np.ones((height, width, 3), dtype=np.float32) * _rgb(plain)
    y, x = np.indices((height, width))
    step = round(DPI * 0.9 / 25.4)
    if pattern == "stripes":
        image[(x + y) % step < step * 0.45] = _rgb(BLUE)
    elif pattern == "hatch":
        image[(x - y) % step < 2] = _rgb("#b3b7bb")
    elif pattern == "dots":
        wide = 2 * step
        row = y // step
        image[((x + (row % 2) * step) % wide < 2) & (y % step < 2)] = _rgb("#7c848c")
    return image


def buildings(shapes: Sequence[Any], bounds: tuple[float, float, float, float], size: tuple[int, int]) -> F4:
    """(height, width, 4) 0–1: footprints with a thin outline, in front of a light tint.

    shapes : shapely polygons; bounds : xmin, ymin, xmax, ymax of the map
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor="none")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), facecolor="none")
    axes.set_axis_off()
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    paths = [outline(shape) for shape in shapes if _meets(shape.bounds, bounds)]
    axes.add_collection(PathCollection(paths, facecolors=(0.1, 0.1, 0.15, 0.09), edgecolors="#3f464d", linewidths=0.22))
    canvas.draw()
    return np.asarray(np.asarray(canvas.buffer_rgba()) / 255, dtype=np.float32)


def outline(shape: Any) -> Any:
    """The matplotlib path of a polygon or of several, holes included."""
    import shapely
    from matplotlib.path import Path

    rings = [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return Path(np.zeros((0, 2)))
    codes = [[Path.MOVETO] + [Path.LINETO] * (len(ring) - 2) + [Path.CLOSEPOLY] for ring in rings]
    return Path(np.concatenate(rings), np.concatenate(codes))


def relief_of(heights: F4, cell: float) -> F4:
    """(rows, columns) 0.7–1: the surface lit from the north-west, to find one's way where no footprints are known."""
    z = np.nan_to_num(heights, nan=float(np.nanmedian(heights)))
    dy, dx = np.gradient(z, cell)
    steep = np.hypot(dx, dy)
    light = (1.0 + 0.5 * (dx - dy)) / np.sqrt(1.0 + dx**2 + dy**2)
    shaded = np.clip(0.9 + 0.1 * np.clip(light, -1, 1), 0.75, 1.0) - np.where(steep > 1.5, 0.12, 0.0)
    return np.asarray(shaded, dtype=np.float32)


def _meets(a: Sequence[float], b: Sequence[float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _rgb(colour: str) -> F4:
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)], dtype=np.float32)


def _resized(values: F4, size: tuple[int, int]) -> F4:
    """Means of the cells under each pixel."""
    from PIL import Image

    found = Image.fromarray(np.asarray(values, dtype=np.float32)).resize(size, Image.Resampling.BOX)
    return np.asarray(found, dtype=np.float32)
