"""Map sheets: a raster of a result seen from above, with legend, north, scale, notes and attribution."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.results import Field, LegendClass

if TYPE_CHECKING:
    from xarray import DataArray

INK, QUIET, PAPER = "#22262b", "#5d6670", "#ffffff"
_DPI = 150
NO_DATA = "no data"
EYE = "#b3261e"


def map_sheet(
    field: Field,
    path: str | Path,
    *,
    title: str = "",
    notes: Sequence[str] = (),
    attribution: str = "",
    backdrop: DataArray | None = None,
    outlines: Sequence[str] = (),
    marks: Sequence[str] = (),
    size: tuple[int, int] = (1600, 1100),
) -> None:
    """Draw a raster field as a PNG that can go into a report as it is.

    backdrop : heights on the field's grid or another; their relief is shaded under the colours
    outlines : WKT polygons drawn as thin lines, buildings above all
    marks : WKT points drawn as dots, the eyes of a view for instance
    size : width and height in pixels
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from citymodel.formats.whole_file import whole_file

    figure = Figure(figsize=(size[0] / _DPI, size[1] / _DPI), dpi=_DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)
    left, bottom, right, top = _edges(field.data)
    axes = figure.add_axes((0.025, 0.06, 0.69, 0.91))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal", anchor="NW")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#b9bfc6")
    image = _coloured(np.asarray(field.data, dtype=np.float64), field.legend)
    if backdrop is not None:
        image = _shaded(image, field.data, backdrop)
    axes.imshow(image, extent=(left, right, bottom, top), interpolation="nearest", aspect="equal")
    _draw_outlines(axes, outlines)
    _draw_marks(axes, marks)
    _scale_bar(axes, left, bottom, right, top)
    _north(axes)
    _side(figure, field, title or field.title, notes)
    figure.text(0.025, 0.02, _plain(attribution), fontsize=6.5, color=QUIET, va="bottom")
    with whole_file(path) as part:
        canvas.print_png(str(part), metadata={"Title": title or field.title, "Description": "; ".join(notes)})


def _plain(text: str) -> str:
    """Text in which a dollar sign is no formula."""
    return text.replace("$", r"\$")


def _edges(raster: DataArray) -> tuple[float, float, float, float]:
    """xmin, ymin, xmax, ymax of the cells' outer edges."""
    x, y = np.asarray(raster["x"], dtype=np.float64), np.asarray(raster["y"], dtype=np.float64)
    half = abs(x[1] - x[0]) / 2 if len(x) > 1 else 0.5
    return float(x.min() - half), float(y.min() - half), float(x.max() + half), float(y.max() + half)


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64) / 255.0


def _coloured(values: NDArray[np.float64], legend: Sequence[LegendClass]) -> NDArray[np.float64]:
    """(rows, columns, 3) colours of the classes; hatched grey where there is no data, named by a class or not."""
    rows, columns = np.indices(values.shape)
    image = np.where((((rows + columns) // 6) % 2 == 0)[..., None], 0.93, 0.965) * np.ones(3)
    for one in (one for one in legend if one.label != NO_DATA):
        image[(values >= one.lower) & (values < one.upper)] = _rgb(one.colour)
    if not legend and np.isfinite(values).any():
        low, high = np.nanpercentile(values, (2, 98))
        share = np.clip((values - low) / max(high - low, 1e-9), 0, 1)[..., None]
        known = np.isfinite(values)
        image[known] = (_rgb("#1c2458") * (1 - share) + _rgb("#fff3b8") * share)[known]
    return image


def _shaded(image: NDArray[np.float64], raster: DataArray, heights: DataArray) -> NDArray[np.float64]:
    """The colours darkened where the surface turns from a light in the north-west."""
    z = np.asarray(heights.sel(x=raster["x"], y=raster["y"], method="nearest"), dtype=np.float64)
    cell = abs(float(raster["x"][1] - raster["x"][0]))
    dy, dx = np.gradient(np.clip(np.nan_to_num(z, nan=float(np.nanmedian(z))), -500, 9000), cell)
    light = (1.0 + 0.35 * (dx - dy)) / np.sqrt(1.0 + dx**2 + dy**2)
    shaded: NDArray[np.float64] = image * np.clip(0.86 + 0.14 * np.clip(light, -1, 1.0), 0.72, 1.0)[..., None]
    return shaded


def _draw_outlines(axes: Any, outlines: Sequence[str]) -> None:
    import shapely
    from matplotlib.collections import LineCollection

    rings = [
        shapely.get_coordinates(ring)
        for shape in shapely.from_wkt(list(outlines))
        if shape is not None
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
    ]
    axes.add_collection(LineCollection(rings, colors=INK, linewidths=0.35, alpha=0.75))


def _draw_marks(axes: Any, marks: Sequence[str]) -> None:
    """Dots with a light rim, smaller where they are many."""
    import shapely

    places = shapely.get_coordinates(shapely.from_wkt(list(marks)))
    if len(places):
        size = 34 if len(places) < 10 else 12 if len(places) < 200 else 3
        axes.scatter(*places.T, s=size, c=EYE, edgecolors=PAPER, linewidths=0.8, zorder=5)


def _scale_bar(axes: Any, left: float, bottom: float, right: float, top: float) -> None:
    """A bar of a round length, about a fifth of the map's width."""
    from matplotlib.patches import Rectangle

    wanted = (right - left) / 5
    power = 10.0 ** math.floor(math.log10(wanted))
    length = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    margin, thick = 0.02 * (right - left), 0.006 * (top - bottom)
    x, y = left + margin, bottom + margin
    axes.add_patch(
        Rectangle(
            (x - margin / 2, y - margin / 2),
            length + margin * 2.6,
            thick + margin * 1.9,
            fc=PAPER,
            ec="none",
            alpha=0.82,
        )
    )
    for part, colour in ((0.0, INK), (0.5, PAPER)):
        axes.add_patch(Rectangle((x + part * length, y), length / 2, thick, fc=colour, ec=INK, lw=0.5))
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x, y + thick * 1.7, "0", fontsize=6.5, color=INK, ha="center", va="bottom")
    axes.text(x + length, y + thick * 1.7, words, fontsize=6.5, color=INK, ha="center", va="bottom")


def _north(axes: Any) -> None:
    from matplotlib.patheffects import withStroke

    arrow = axes.annotate(
        "N", xy=(0.965, 0.985), xytext=(0.965, 0.905), xycoords="axes fraction", textcoords="axes fraction",
        ha="center", va="center", fontsize=9, color=INK,
        arrowprops={"arrowstyle": "-|>,head_width=0.32,head_length=0.6", "color": INK, "lw": 1.2},
        bbox={"boxstyle": "circle,pad=0.15", "fc": PAPER, "ec": "none", "alpha": 0.82},
    )  # fmt: skip
    arrow.arrow_patch.set_path_effects([withStroke(linewidth=4, foreground=PAPER)])


def _side(figure: Any, field: Field, title: str, notes: Sequence[str]) -> None:
    """The column beside the map: title, legend from high to low, notes."""
    from matplotlib.patches import Rectangle

    width, height = (inches * _DPI for inches in figure.get_size_inches())
    x, y, swatch = 0.735, 0.955, (0.026, 0.026 * 1100 / height)
    lines = textwrap.wrap(_plain(title), max(12, int(0.25 * width / 17)))
    figure.text(x, y, "\n".join(lines), fontsize=13, color=INK, va="top", weight="bold", linespacing=1.25)
    y -= (40 * len(lines) + 24) / height
    figure.text(x, y, f"in {field.unit}" if field.unit else "", fontsize=8, color=QUIET, va="top")
    y -= 38 / height
    rows = [(one.colour, one.label, "") for one in reversed(list(field.legend)) if one.label != NO_DATA]
    for colour, label, hatch in [*rows, ("#f1f1f1", NO_DATA, "////")]:
        figure.add_artist(Rectangle((x, y - swatch[1]), *swatch, fc=colour, ec="#8b929a", lw=0.4, hatch=hatch))
        figure.text(x + 0.035, y - swatch[1] / 2, label, fontsize=8.5, color=INK, va="center")
        y -= 37 / height
    y -= 24 / height
    _write_notes(figure, x, y, notes)


def _write_notes(figure: Any, x: float, y: float, notes: Sequence[str]) -> None:
    """The notes from (x, y) downwards, smaller where they are many, so that none runs off the sheet."""
    width, height = (inches * _DPI for inches in figure.get_size_inches())
    room = (y - 0.02) * height
    for size in (6.8, 6.3, 5.8, 5.3, 4.8):
        line, gap = 21 * size / 6.8, 14 * size / 6.8
        wrapped = [textwrap.wrap(_plain(note), max(20, int(0.25 * width / 8 * 6.8 / size))) for note in notes]
        if sum(line * len(one) + gap for one in wrapped) <= room:
            break
    for lines in wrapped:
        figure.text(x, y, "\n".join(lines), fontsize=size, color=QUIET, va="top", linespacing=1.3)
        y -= (line * len(lines) + gap) / height
