"""Shadow diagram sheets: days × hours of small plan maps with all that makes them evidence, as PNG or PDF."""

from __future__ import annotations

import math
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.errors import ParameterError
from citymodel.scene import diagram_maps as maps
from citymodel.scene.diagram_furniture import DASHES, foot_of, header, write
from citymodel.scene.diagram_layout import HEADER, MARGIN, PAGES, Layout, lay_out
from citymodel.sun import clock

if TYPE_CHECKING:
    from citymodel.analysis.diagram.study import Diagram, DiagramMap

SUFFIXES = (".pdf", ".png")
TITLE = 14.0
"""Height of the title's band, millimetres."""
WORDS, LINE = 8.4, 2.9
"""Height of hour and angles under a map, and of a further line, millimetres."""
PNG_DPI = 200


def diagram_sheet(diagram: Diagram, path: str | Path, page: str = "A3", computed: Date | None = None) -> list[Path]:
    """Draw the diagram; return the files that were written, one a page for PNG.

    page : "A3" or "A4", landscape; computed : the day to print beside the version
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ParameterError(f"{path}: a shadow diagram is written as .pdf or .png; choose one of these")
    figures = draw(diagram, page, computed)
    return _write_pdf(figures, path, diagram) if suffix == ".pdf" else _write_png(figures, path, diagram)


def draw(diagram: Diagram, page: str = "A3", computed: Date | None = None) -> list[Any]:
    """The sheets as matplotlib figures, one a page."""
    if page.upper() not in PAGES:
        raise ParameterError(f"there is no page {page!r} here; choose {' or '.join(PAGES)} (landscape)")
    paper = PAGES[page.upper()]
    rows, columns = diagram.grid.shape
    foot = foot_of(diagram, paper[0] - 2 * MARGIN, computed)
    room = (paper[0] - 2 * MARGIN, paper[1] - 2 * MARGIN - TITLE - foot.height - 3.0)
    hours = len(diagram.parameters.minutes)
    words = WORDS + LINE * len(_areas(diagram, diagram.maps[0]))
    layout = lay_out(len(diagram.parameters.dates), hours, columns / rows, room, words)
    pixels = (max(1, round(layout.width / 25.4 * maps.DPI)), max(1, round(layout.height / 25.4 * maps.DPI)))
    shapes = diagram.outlines
    over = maps.buildings(shapes.existing, diagram.grid.bounds, pixels) if shapes.existing else None
    relief = None if shapes.existing else maps.relief_of(np.asarray(diagram.surface), diagram.grid.cell)
    left = MARGIN + (room[0] - (layout.columns - 1) * layout.pitch - layout.width) / 2
    drawn = []
    for number, lines in enumerate(layout.pages):
        axes = _page(paper)
        header(axes, paper, diagram, number, len(layout.pages))
        y = paper[1] - MARGIN - TITLE
        last = -1
        for day, first in lines:
            if day != last:
                write(axes, MARGIN, y - HEADER + 2.6, *_day(diagram, day))
                y, last = y - HEADER, day
            for k in range(first, min(first + layout.columns, hours)):
                x = left + (k - first) * layout.pitch
                _tile(axes, diagram, diagram.maps[day * hours + k], (x, y), layout, pixels, over, relief)
            y -= layout.row
        foot.draw(axes, paper, layout.width / (diagram.grid.bounds[2] - diagram.grid.bounds[0]), page.upper())
        drawn.append(axes.figure)
    return drawn


def _page(paper: tuple[float, float]) -> Any:
    """Axes over a whole page that count in millimetres from the lower left corner."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(paper[0] / 25.4, paper[1] / 25.4), dpi=PNG_DPI, facecolor=maps.PAPER)
    figure.suppressComposite = True  # else the PDF holds one picture of all maps, and the words' places blur
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, paper[0])
    axes.set_ylim(0, paper[1])
    return axes


def _day(diagram: Diagram, day: int) -> tuple[str, str]:
    """The line above a day's maps: the day, and how its hours lie to UTC."""
    from citymodel.analysis.diagram.words import day_words

    chosen = diagram.parameters
    mine = [one for one in diagram.maps if one.date == chosen.dates[day]]
    kind = {"clock": "clock time", "standard": "standard time", "solar": "true solar time"}[chosen.time_kind]
    offsets = {_offset(one) for one in mine}
    words = kind if chosen.time_kind == "solar" else f"{kind}, {' and '.join(sorted(offsets))}"
    if all(one.classes is None for one in mine):
        words += " · the sun is below the horizon at all these hours"
    return day_words(chosen.dates[day]), words


def _offset(one: DiagramMap) -> str:
    """UTC+2 for a map whose hour is two ahead of UTC."""
    from datetime import datetime, time, timedelta

    local = datetime.combine(one.date, time(0), one.moment.tzinfo) + timedelta(minutes=one.minutes)
    minutes = round((local - one.moment).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _tile(
    axes: Any, diagram: Diagram, one: DiagramMap, corner: tuple[float, float], layout: Layout,
    pixels: tuple[int, int], over: Any, relief: Any,
) -> None:  # fmt: skip
    """A map and the words under it; ``corner`` is the map's upper left one, millimetres."""
    from matplotlib.patches import Rectangle

    x, y = corner
    box = (x, x + layout.width, y - layout.height, y)
    frame = Rectangle((x, box[2]), layout.width, layout.height, fc="none", ec="#9aa2aa", lw=0.5, zorder=5)
    if one.classes is None:
        frame.set_facecolor("#eceef0")
        axes.text(
            (box[0] + box[1]) / 2, (box[2] + box[3]) / 2, "sun below\nthe horizon",
            fontsize=8, color=maps.QUIET, ha="center", va="center", zorder=6,
        )  # fmt: skip
    else:
        image = maps.picture(one.classes, pixels, over, relief)
        axes.imshow(image, extent=box, interpolation="antialiased", aspect="auto", zorder=2)
        _changes(axes, diagram, box)
    axes.add_patch(frame)
    axes.text(x, y - layout.height - 1.2, clock(one.minutes), fontsize=9, weight="bold", color=maps.INK, va="top")
    if diagram.parameters.time_kind != "clock" and diagram.parameters.zone:
        axes.text(
            x + 11.5, y - layout.height - 1.6, f"clock {_clock(diagram, one)}", fontsize=6.5, color=maps.QUIET, va="top"
        )
    angles = f"alt {_degrees(one.altitude)} · az {one.azimuth:.0f}°"
    axes.text(x, y - layout.height - 5.4, angles, fontsize=6.5, color=maps.INK, va="top")
    if one.classes is not None:
        _dial(axes, box[1] - 3.7, y - layout.height - 4.6, one.grid_azimuth)
    if one.classes is not None:
        for number, (words, colour) in enumerate(_areas(diagram, one)):
            axes.text(x, y - layout.height - 8.4 - LINE * number, words, fontsize=6.5, color=colour, va="top")


def _areas(diagram: Diagram, one: DiagramMap) -> list[tuple[str, str]]:
    """The lines under a map that say how much shade a scenario adds and removes, each with its colour."""
    lines = [(f"new {one.new_area:,.0f} m²", maps.ACCENT)] if diagram.scenario else []
    if any(other.gone_area for other in diagram.maps):
        lines.append((f"removed {one.gone_area:,.0f} m²", maps.REMOVED))
    return lines


def _degrees(value: float) -> str:
    return f"{value:.1f}°".replace("-", "−")


def _clock(diagram: Diagram, one: DiagramMap) -> str:
    from citymodel.sun import zone

    return one.moment.astimezone(zone(str(diagram.parameters.zone))).strftime("%H:%M")


def _changes(axes: Any, diagram: Diagram, box: tuple[float, float, float, float]) -> None:
    """Proposed buildings filled and outlined in the accent, removed ones dashed."""
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.transforms import Affine2D

    x0, y0, x1, _ = diagram.grid.bounds
    scale = (box[1] - box[0]) / (x1 - x0)
    place = Affine2D().translate(-x0, -y0).scale(scale).translate(box[0], box[2])
    window = Rectangle((box[0], box[2]), box[1] - box[0], box[3] - box[2], transform=axes.transData)
    looks = (
        (diagram.outlines.removed, {"fc": "none", "ec": maps.INK, "lw": 0.7, "ls": DASHES}),
        (diagram.outlines.proposed, {"fc": maps.PROPOSED, "ec": maps.INK, "lw": 0.8}),
    )
    for shapes, look in looks:
        for shape in shapes:
            patch = PathPatch(maps.outline(shape).transformed(place), zorder=4, **look)
            axes.add_patch(patch)
            patch.set_clip_path(window)


def _dial(axes: Any, x: float, y: float, azimuth: float) -> None:
    """Where the sun stands, seen from above, and where its light goes; up is up on the maps."""
    from matplotlib.patches import Circle

    radius = 2.9
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    axes.add_patch(Circle((x, y), radius, fc="none", ec="#9aa2aa", lw=0.5))
    axes.plot([x, x], [y + radius - 0.6, y + radius + 0.5], color="#9aa2aa", lw=0.6)
    axes.annotate(
        "", xy=(x - east * 1.6, y - north * 1.6), xytext=(x + east * radius, y + north * radius),
        arrowprops={"arrowstyle": "-|>,head_width=0.13,head_length=0.26", "color": maps.INK, "lw": 0.7,
                    "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
    axes.add_patch(Circle((x + east * radius, y + north * radius), 0.85, fc="#f6c343", ec=maps.INK, lw=0.4, zorder=6))


def _write_pdf(figures: list[Any], path: Path, diagram: Diagram) -> list[Path]:
    import matplotlib
    from matplotlib.backends.backend_pdf import PdfPages

    from citymodel.formats.whole_file import whole_file

    for figure in figures:
        for image in figure.axes[0].images:
            image.set_interpolation("none")  # as it is into the file; the printer scales it
    facts = {"Title": diagram.title, "Subject": diagram.where, "Creator": "citymodel"}
    with (
        whole_file(path) as part,
        matplotlib.rc_context({"pdf.fonttype": 42}),
        PdfPages(part, metadata=facts) as book,
    ):
        for figure in figures:
            book.savefig(figure)
    return [path]


def _write_png(figures: list[Any], path: Path, diagram: Diagram) -> list[Path]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from citymodel.formats.whole_file import whole_file

    many = len(figures) > 1
    targets = [path.with_name(f"{path.stem}-{k + 1}{path.suffix}") if many else path for k in range(len(figures))]
    for figure, target in zip(figures, targets, strict=True):
        with whole_file(target) as part:
            facts = {"Title": diagram.title, "Description": diagram.where}
            FigureCanvasAgg(figure).print_png(str(part), metadata=facts)
    return targets
