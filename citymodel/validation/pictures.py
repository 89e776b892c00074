"""The look of the page's pictures: white, quiet, safe for colour-blind eyes, small files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

INK, QUIET, RULE = "#22262b", "#5d6670", "#d9dde1"
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0b63a5", "#d1701c", "#17826b", "#8a4f9e", "#9aa3ab"
LIT, SHADE, TOO_LIT, TOO_DARK = "#fbf6e6", "#b9c1cb", "#d1701c", "#0b3c8c"
_DPI = 120


def figure(width: float, height: float, rows: int = 1, columns: int = 1, **how: Any) -> tuple[Any, Any]:
    """A figure of so many inches and its axes, an array when there are several."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), dpi=_DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots(rows, columns, **how)
    return made, axes


def quiet(axes: Any, x: str, y: str, title: str = "") -> None:
    """Labels with their units, a faint grid, no box."""
    axes.set_xlabel(x, color=QUIET, fontsize=9)
    axes.set_ylabel(y, color=QUIET, fontsize=9)
    axes.tick_params(colors=QUIET, labelsize=8, length=0)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if title:
        axes.set_title(title, color=INK, fontsize=10, loc="left")


def key(axes: Any, **how: Any) -> None:
    """A legend without a frame."""
    axes.legend(**{"frameon": False, "fontsize": 8.5, "labelcolor": INK, **how})


def save(made: Any, path: Path) -> None:
    """Write a PNG with few colours, whole or not at all."""
    drawn = io.BytesIO()
    made.savefig(drawn, format="png", metadata={"Software": None})
    _write(drawn, path)


def shrink(path: Path) -> None:
    """Write a PNG again with few colours."""
    _write(io.BytesIO(path.read_bytes()), path)


def _write(drawn: io.BytesIO, path: Path) -> None:
    from PIL import Image

    from citymodel.formats.whole_file import whole_file

    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    with whole_file(path) as part:
        image.save(str(part), format="PNG", optimize=True)
