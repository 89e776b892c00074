"""What stands around the maps of a shadow diagram: title, legend, north, scale and the words at the foot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.scene import diagram_maps as maps
from citymodel.scene.diagram_layout import MARGIN

if TYPE_CHECKING:
    from citymodel.analysis.diagram.study import Diagram

SMALL = 6.5
"""The smallest type, points."""
_LINE, _ROW = 3.05, 5.0
"""Heights of a line of small words and of a row of the legend, millimetres."""
_PAUSE = 0.9
"""Before a paragraph, millimetres."""
DASHES = (0, (2.2, 1.4))
"""Of removed buildings."""
_SCALE = 52.0
"""Width kept for the scale bar and the north arrow, millimetres."""


def length(text: str, size: float, weight: str = "normal") -> float:
    """Width of a text in millimetres, its size in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) * 25.4 / 72


def wrapped(text: str, width: float, size: float = SMALL) -> list[str]:
    """The text in lines of at most ``width`` millimetres."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and length(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def shortened(text: str, width: float, size: float, weight: str = "normal") -> str:
    """The text, cut with an ellipsis where it is wider than ``width`` millimetres."""
    if length(text, size, weight) <= width:
        return text
    while text and length(f"{text}…", size, weight) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def write(axes: Any, x: float, y: float, strong: str, plain: str) -> None:
    """Strong words and plain ones after them on one base line."""
    axes.text(x, y, strong, fontsize=10, weight="bold", color=maps.INK, va="baseline", parse_math=False)
    after = x + length(strong, 10, "bold") + 3.0
    axes.text(after, y, plain, fontsize=7.5, color=maps.QUIET, va="baseline", parse_math=False)


def header(axes: Any, paper: tuple[float, float], diagram: Diagram, number: int, pages: int) -> None:
    """Title and place, and which page this is."""
    top, wide = paper[1] - MARGIN, paper[0] - 2 * MARGIN
    title = shortened(diagram.title, wide - 30, 16, "bold")
    axes.text(MARGIN, top, title, fontsize=16, weight="bold", color=maps.INK, va="top", parse_math=False)
    where = shortened(diagram.where, wide, 8)
    axes.text(MARGIN, top - 7.6, where, fontsize=8, color=maps.QUIET, va="top", parse_math=False)
    if pages > 1:
        words = f"page {number + 1} of {pages}"
        axes.text(paper[0] - MARGIN, top - 0.8, words, fontsize=8, color=maps.QUIET, va="top", ha="right")
    axes.plot([MARGIN, paper[0] - MARGIN], [top - 12.4] * 2, color="#c9ced3", lw=0.6)


@dataclass(frozen=True, slots=True)
class Foot:
    """The band under the maps.

    entries : name of the look and words, in the legend's order
    columns : lines of small words, and whether each opens a paragraph
    widths : of a column of the legend and of the words, millimetres; height : millimetres
    stacked : scale and north stand under the legend, for narrow paper
    """

    entries: tuple[tuple[str, str], ...]
    columns: tuple[tuple[tuple[str, bool], ...], ...]
    widths: tuple[float, float]
    last: str
    height: float
    stacked: bool

    def draw(self, axes: Any, paper: tuple[float, float], scale: float, page: str) -> None:
        """scale : millimetres on paper a metre."""
        top = MARGIN + self.height
        axes.plot([MARGIN, paper[0] - MARGIN], [top] * 2, color="#c9ced3", lw=0.6)
        per = math.ceil(len(self.entries) / 2)
        for k, (look, words) in enumerate(self.entries):
            x = MARGIN + (k // per) * self.widths[0]
            _entry(axes, x, top - 3.0 - (k % per) * _ROW, look, words)
        x = MARGIN + 2 * self.widths[0] + 2.0
        if self.stacked:
            low = top - 4.0 - per * _ROW
            _scale_bar(axes, MARGIN, low, scale, page, beside=True)
            _north(axes, x - 14.0, low + 0.5)
        else:
            _scale_bar(axes, x, top - 3.0, scale, page)
            _north(axes, x + _SCALE - 12.0, top - 2.0)
            x += _SCALE
        for column in self.columns:
            y = top - 2.6
            for number, (line, opens) in enumerate(column):
                y -= _PAUSE if opens and number else 0.0
                axes.text(x, y, line, fontsize=SMALL, color=maps.QUIET, va="top", parse_math=False)
                y -= _LINE
            x += self.widths[1] + 6.0
        axes.text(MARGIN, MARGIN, self.last, fontsize=SMALL, color=maps.QUIET, va="bottom", parse_math=False)


def foot_of(diagram: Diagram, width: float, computed: Date | None) -> Foot:
    """The foot that this diagram needs on a page ``width`` millimetres wide within its margins."""
    from citymodel import __version__

    entries = tuple(_entries(diagram))
    legend = 9.5 + max(length(words, 7) for _, words in entries) + 4.0
    free = width - 2 * legend - 2.0
    stacked = free - _SCALE < 150
    count = 1 if stacked else 2
    column = free if stacked else (free - _SCALE - 6.0) / 2
    made = f"citymodel {__version__}" + (f", computed {computed.isoformat()}" if computed else "")
    notes, last = diagram.notes, f"{diagram.sources} · {made}" if diagram.sources else made
    if length(last, SMALL) > width:
        notes, last = (*notes, diagram.sources), made
    lines = [(line, k == 0) for note in notes for k, line in enumerate(wrapped(note, column))]
    per = math.ceil(len(lines) / count)
    columns = tuple(tuple(lines[k * per : (k + 1) * per]) for k in range(count))
    pauses = max(sum(opens for _, opens in one) for one in columns) if lines else 0
    beside = math.ceil(len(entries) / 2) * _ROW
    beside = beside + 14.5 if stacked else max(beside, 19.0)
    height = 4.0 + max(per * _LINE + pauses * _PAUSE, beside) + 4.5
    return Foot(entries, columns, (legend, column), last, height, stacked)


def _entries(diagram: Diagram) -> list[tuple[str, str]]:
    """The looks that occur, with their words."""
    held = {int(code) for one in diagram.maps if one.classes is not None for code in np.unique(one.classes)}
    shade = "shade, with and without the proposal" if diagram.scenario else "shade"
    shown = [
        (str(code), words)
        for code, words in (
            (maps.SUN, "sun"), (maps.SHADE, shade), (maps.NEW, "new shade by the proposal"),
            (maps.GONE, "shade removed by the proposal"), (maps.BEYOND, "sun, unless shaded from beyond the data"),
            (maps.NO_DATA, "no data"),
        )
        if code in held
    ]  # fmt: skip
    shapes = diagram.outlines
    looks = (
        ("existing", "building today"),
        ("proposed", "proposed or changed building"),
        ("removed", "removed building"),
    )
    return shown + [(name, words) for name, words in looks if getattr(shapes, name)]


def _entry(axes: Any, x: float, y: float, look: str, words: str) -> None:
    """A swatch of 7 × 3.6 mm and its words; y is the swatch's upper edge."""
    from matplotlib.patches import Rectangle

    box = (x, x + 7.0, y - 3.6, y)
    fill, edge, wide = "none", "#8b929a", 0.4
    style: Any = "-"
    if look.isdigit():
        pixels = (round(7.0 / 25.4 * maps.DPI), round(3.6 / 25.4 * maps.DPI))
        image = (maps.tone(int(look), pixels) * 255).astype(np.uint8)
        axes.imshow(image, extent=box, interpolation="antialiased", aspect="auto", zorder=2)
    elif look == "existing":
        fill, edge = "#ebebea", maps.INK
    elif look == "proposed":
        fill, edge, wide = maps.PROPOSED, maps.INK, 0.8
    else:
        edge, style, wide = maps.INK, DASHES, 0.7
    axes.add_patch(Rectangle((x, box[2]), 7.0, 3.6, fc=fill, ec=edge, ls=style, lw=wide, zorder=3))
    axes.text(x + 9.0, y - 1.8, words, fontsize=7, color=maps.INK, va="center_baseline")


def _scale_bar(axes: Any, x: float, y: float, scale: float, page: str, beside: bool = False) -> None:
    """A bar of a round length, with the scale as a number below it or beside it."""
    from matplotlib.patches import Rectangle

    most = 30.0 / scale
    power = 10.0 ** math.floor(math.log10(most))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most)
    wide = metres * scale
    for part, colour in ((0.0, maps.INK), (0.5, maps.PAPER)):
        axes.add_patch(Rectangle((x + part * wide, y - 6.0), wide / 2, 1.5, fc=colour, ec=maps.INK, lw=0.5))
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    axes.text(x, y - 4.0, "0", fontsize=7, color=maps.INK, ha="left", va="bottom")
    axes.text(x + wide, y - 4.0, words, fontsize=7, color=maps.INK, ha="center", va="bottom")
    ratio = 1000.0 / scale
    step = 10.0 ** max(math.floor(math.log10(ratio)) - 1, 0)
    said = f"about 1:{round(ratio / step) * step:,.0f} on {page}"
    sun = "dial under each map: the sun\nand the way of its light"
    left, top = (x + wide + 10.0, y - 0.6) if beside else (x, y - 9.2)
    axes.text(left, top, said, fontsize=SMALL, color=maps.QUIET, va="top")
    axes.text(left, top - 4.0, sun, fontsize=SMALL, color=maps.QUIET, va="top", linespacing=1.2)


def _north(axes: Any, x: float, y: float) -> None:
    """Grid north, which is up on every map."""
    from matplotlib.patches import Polygon

    for side, colour in ((-1, maps.INK), (1, maps.PAPER)):
        corners: Sequence[tuple[float, float]] = ((x, y - 3.6), (x + side * 2.1, y - 11.0), (x, y - 9.4))
        axes.add_patch(Polygon(corners, closed=True, fc=colour, ec=maps.INK, lw=0.6))
    axes.text(x, y - 3.2, "N", fontsize=9, weight="bold", color=maps.INK, ha="center", va="bottom")
