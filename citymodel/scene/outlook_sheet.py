"""The sheet of a view: the picture from the place, the same by classes, and the shares as bars; base and scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import colours
from citymodel.scene.render import write_png

U1 = NDArray[np.uint8]

WIDE = 16.0
"""Inches of the sheet; 100 pixels an inch."""


class Sight(NamedTuple):
    """One state: its name, the picture (None for none) and the classes (rows, columns, 3), the share of each class."""

    name: str
    picture: U1 | None
    classes: U1
    shares: Sequence[float]


def outlook_sheet(
    sights: Sequence[Sight], classes: Sequence[tuple[str, str]], path: Path, title: str, notes: Sequence[str],
    attribution: str = "",
) -> Path:  # fmt: skip
    """Write the sheet as PNG.

    classes : ("#rrggbb", words) of the classes, in the order of the shares
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = sights[0].classes.shape[:2]
    beside = sights[0].picture is not None
    wide = (WIDE - 0.9) / 2 if beside else WIDE - 0.6
    each = wide * rows / columns
    tall = 1.0 + len(sights) * (each + 1.15) + 1.5
    figure = Figure(figsize=(WIDE, tall), dpi=100, facecolor=colours.PAPER)
    figure.text(0.3 / WIDE, 1 - 0.55 / tall, title, size=22, weight="bold", color=colours.INK)
    for number, sight in enumerate(sights):
        top = tall - 1.0 - number * (each + 1.15)
        figure.text(0.3 / WIDE, (top - 0.22) / tall, sight.name, size=13, color=colours.INK)
        images = [sight.picture, sight.classes] if sight.picture is not None else [sight.classes]
        for k, image in enumerate(images):
            left = 0.3 + k * (wide + 0.3)
            axes = figure.add_axes((left / WIDE, (top - 0.35 - each) / tall, wide / WIDE, each / tall))
            axes.imshow(image, aspect="auto", interpolation="nearest" if image is sight.classes else "antialiased")
            axes.set_axis_off()
        bar = figure.add_axes((0.3 / WIDE, (top - 0.75 - each) / tall, (WIDE - 0.6) / WIDE, 0.3 / tall))
        _bar(bar, sight.shares, classes)
    _legend(figure, classes, 1.15 / tall)
    told = [*(_wrapped(one) for one in notes[:2]), attribution]
    figure.text(0.3 / WIDE, 0.95 / tall, "\n".join(told), size=10, color=colours.INK, va="top", linespacing=1.35)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return write_png(np.asarray(canvas.buffer_rgba())[..., :3], path)


def _bar(axes: Any, shares: Sequence[float], classes: Sequence[tuple[str, str]]) -> None:
    """One bar of all shares, each with its per cent where it has room."""
    begin = 0.0
    for share, (colour, words) in zip(shares, classes, strict=True):
        axes.barh(0, share, left=begin, color=colour, height=1.0, edgecolor=colours.PAPER)
        if share >= 0.05:
            axes.text(begin + share / 2, 0, f"{words} {share:.0%}" if share >= 0.09 else f"{share:.0%}", size=10,
                      ha="center", va="center", color=_ink(colour))  # fmt: skip
        begin += share
    axes.set_xlim(0, max(begin, 1e-6))
    axes.set_ylim(-0.5, 0.5)
    axes.set_axis_off()


def _legend(figure: Any, classes: Sequence[tuple[str, str]], low: float) -> None:
    from matplotlib.patches import Patch

    marks = [Patch(facecolor=colour, edgecolor="#8c827a", label=words) for colour, words in classes]
    figure.legend(
        handles=marks, loc="lower left", bbox_to_anchor=(0.2 / WIDE, low), ncols=len(marks), frameon=False, fontsize=11
    )


def _ink(colour: str) -> str:
    red, green, blue = colours.rgb(colour)
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 130 else colours.INK


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 210))
