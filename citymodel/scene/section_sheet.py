"""The sheet of a protected view: section, plan, legend, scale and the words that make it evidence; PDF, SVG or PNG."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.errors import ParameterError
from citymodel.scene import diagram_maps as maps
from citymodel.scene import section_plot as plot
from citymodel.scene.diagram_furniture import DASHES, length, shortened, wrapped
from citymodel.scene.diagram_layout import MARGIN, PAGES

if TYPE_CHECKING:
    from citymodel.results import Result

SUFFIXES = (".pdf", ".svg", ".png")
TITLE, LEFT = 14.0, 13.0
"""Height of the title's band, and room for the heights' numbers, millimetres."""
PNG_DPI = 200
_SMALL, _LINE = 6.5, 3.05


def has_section(result: Result) -> bool:
    """Whether a result is a protected view, which can be drawn as a section."""
    return "section" in result.fields and "corridor" in result.provenance.get("view", {})


def section_sheet(
    result: Result, path: str | Path, page: str = "A3", attribution: str = "", computed: Date | None = None
) -> Path:
    """Draw the section of a protected view; return the file.

    page : "A3" or "A4", landscape; attribution : sources and licences; computed : the day to print beside the version
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ParameterError(f"{path}: a section is written as .pdf, .svg or .png; choose one of these")
    _write(draw(result, page, attribution, computed), path, result)
    return path


def view_of(result: Result) -> plot.View:
    """What the section shows of a result."""
    from citymodel.analysis.vista.corridor import Corridor

    facts = result.provenance["view"]
    profile = {name: np.array(column, dtype=np.float64) for name, column in result.fields["section"].data.items()}
    table = result.fields["by_building"].data if "by_building" in result.fields else {}
    scenario = result.provenance.get("scenario")
    name = str(scenario.get("name", "")) if scenario else ""
    corridor = Corridor.from_dict(facts["corridor"])
    return plot.View(corridor, profile, table, facts["landmark"], float(facts["eye"]), name)


def draw(result: Result, page: str = "A3", attribution: str = "", computed: Date | None = None) -> Any:
    """The sheet as a matplotlib figure."""
    from matplotlib.figure import Figure

    if page.upper() not in PAGES:
        raise ParameterError(f"there is no page {page!r} here; choose {' or '.join(PAGES)} (landscape)")
    paper = PAGES[page.upper()]
    view = view_of(result)
    figure = Figure(figsize=(paper[0] / 25.4, paper[1] / 25.4), dpi=PNG_DPI, facecolor=maps.PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, paper[0])
    axes.set_ylim(0, paper[1])
    foot = _foot(axes, paper, result, view, attribution, computed)
    width = paper[0] - 2 * MARGIN - LEFT
    free = paper[1] - 2 * MARGIN - TITLE - foot
    plan = min(0.45 * free, plot.breadth(view) * width / view.end)
    corner = (MARGIN + LEFT, MARGIN + foot + plan + 15.0)
    room = (width, free - plan - 17.0)
    labels = plot.label_rows(view, plot.framed(view, corner, room, plan)[0]) * plot.ROW
    frame, times = plot.framed(view, corner, (room[0], room[1] - labels), plan)
    top = float(frame.at(0.0, view.heights()[1])[1]) + labels + 3.0
    plot.draw_section(axes, view, frame, top)
    plot.draw_plan(axes, view, frame, MARGIN + foot + 3.0 + plan / 2, plan / 2)
    _header(axes, paper, result, view, frame, times, page.upper())
    return figure


def _header(
    axes: Any, paper: tuple[float, float], result: Result, view: plot.View, frame: plot.Frame, times: float, page: str
) -> None:
    top, wide = paper[1] - MARGIN, paper[0] - 2 * MARGIN
    title = f"{result.title}: {view.scenario}" if view.scenario else result.title
    axes.text(
        MARGIN, top, shortened(title, wide, 16, "bold"), fontsize=16, weight="bold", color=maps.INK, va="top",
        parse_math=False,
    )  # fmt: skip
    said = "not exaggerated" if times == 1 else f"exaggerated {times:g} times"
    x, y = view.corridor.point
    words = (
        f"Section along the axis and plan · from {x:.1f} {y:.1f} ({result.provenance.get('crs', '')}) · about "
        f"1:{_round(1000 / frame.scale):,.0f} on {page}, heights {said}"
    )
    axes.text(MARGIN, top - 7.6, shortened(words, wide, 8), fontsize=8, color=maps.QUIET, va="top", parse_math=False)
    axes.plot([MARGIN, paper[0] - MARGIN], [top - 12.4] * 2, color="#c9ced3", lw=0.6)


def _round(ratio: float) -> float:
    step = 10.0 ** max(len(str(int(ratio))) - 2, 0)
    return round(ratio / step) * step


def _foot(
    axes: Any, paper: tuple[float, float], result: Result, view: plot.View, attribution: str, computed: Date | None
) -> float:
    """Legend and notes at the foot; returns their height, millimetres."""
    from citymodel import __version__

    entries = _entries(view)
    legend = 9.5 + max(length(words, 7) for _, words in entries) + 6.0
    column = (paper[0] - 2 * MARGIN - 2 * legend - 6.0) / (2 if paper[0] > 350 else 1)
    columns = 2 if paper[0] > 350 else 1
    lines = [line for note in result.notes for line in wrapped(note, column - 4.0)]
    per = -(-len(lines) // columns)
    rows = -(-len(entries) // 2)
    height = max(per * _LINE, rows * 5.0) + 9.0
    top = MARGIN + height
    axes.plot([MARGIN, paper[0] - MARGIN], [top] * 2, color="#c9ced3", lw=0.6)
    for k, (look, words) in enumerate(entries):
        _entry(axes, MARGIN + (k // rows) * legend, top - 3.0 - (k % rows) * 5.0, look, words)
    for k, line in enumerate(lines):
        x = MARGIN + 2 * legend + 4.0 + (k // per) * (column + 2.0)
        y = top - 2.6 - (k % per) * _LINE
        axes.text(x, y, line, fontsize=_SMALL, color=maps.QUIET, va="top", parse_math=False)
    made = f"citymodel {__version__}" + (f", computed {computed.isoformat()}" if computed else "")
    last = " · ".join(one for one in (attribution, made) if one)
    axes.text(
        MARGIN, MARGIN, shortened(last, paper[0] - 2 * MARGIN, _SMALL), fontsize=_SMALL, color=maps.QUIET,
        va="bottom", parse_math=False,
    )  # fmt: skip
    return height


def _entries(view: plot.View) -> list[tuple[str, str]]:
    """The looks that occur, with their words."""
    found = [
        ("threshold", "threshold, dashed behind the landmark" if view.corridor.background else "threshold"),
        ("ground", "ground on the axis"),
        ("built", "highest tops in the corridor"),
        ("over", "above the threshold"),
        ("landmark", str(view.landmark["name"])),
        ("corridor", "corridor in plan"),
    ]
    base, after = view.profile["top_base"], view.profile.get("top_scenario")
    if after is not None and (np.nan_to_num(after) > np.nan_to_num(base) + 1e-6).any():
        found.insert(4, ("proposed", f"added by {view.scenario}"))
    if after is not None and (np.nan_to_num(after) < np.nan_to_num(base) - 1e-6).any():
        found.insert(-2, ("gone", f"goes with {view.scenario}"))
    if view.corridor.setting:
        found.append(("setting", "wider setting"))
    if view.corridor.background:
        found.append(("background", "background"))
    return [(look, shortened(words, 60, 7)) for look, words in found]


def _entry(axes: Any, x: float, y: float, look: str, words: str) -> None:
    from matplotlib.patches import Rectangle

    middle = y - 1.8
    fills = {
        "ground": (plot.EARTH, plot.EARTH_EDGE), "built": (plot.BUILT, plot.BUILT_EDGE),
        "over": (maps.ACCENT, maps.ACCENT), "landmark": (plot.LANDMARK, plot.LANDMARK),
        "proposed": (maps.PROPOSED, maps.INK), "corridor": (plot.TINTS[0], plot.LINE),
        "setting": (plot.TINTS[1], plot.LINE), "background": (plot.TINTS[2], plot.LINE),
    }  # fmt: skip
    if look in fills:
        axes.add_patch(Rectangle((x, y - 3.6), 7.0, 3.6, fc=fills[look][0], ec=fills[look][1], lw=0.5, zorder=3))
    else:
        colour, wide, dashes = (plot.LINE, 1.1, "-") if look == "threshold" else (maps.INK, 0.6, DASHES)
        axes.plot([x, x + 7.0], [middle, middle], color=colour, lw=wide, ls=dashes)
    axes.text(x + 9.0, middle, words, fontsize=7, color=maps.INK, va="center_baseline", parse_math=False)


def _write(figure: Any, path: Path, result: Result) -> None:
    """Letters stay letters in PDF and SVG."""
    import matplotlib

    from citymodel.formats.whole_file import whole_file

    kind = path.suffix.lower().removeprefix(".")
    facts: dict[str, Any] = {"Title": result.title}
    if kind != "png":
        facts |= {"Creator": "citymodel"}
    if kind == "svg":
        facts |= {"Date": None}
    looks = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "citymodel"}
    with whole_file(path) as part, matplotlib.rc_context(looks):
        figure.savefig(part, format=kind, dpi=PNG_DPI, facecolor=maps.PAPER, metadata=facts)
