"""Section and plan of a protected view, one above the other along its axis, drawn in millimetres on paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import diagram_maps as maps
from citymodel.scene.diagram_furniture import DASHES, length

if TYPE_CHECKING:
    from citymodel.analysis.vista.corridor import Corridor

F8 = NDArray[np.float64]

EARTH, EARTH_EDGE = "#e6ddcf", "#8a7a63"
BUILT, BUILT_EDGE = "#c9ced3", "#6b737b"
LANDMARK = "#35577f"
LINE = "#0f6f66"
"""Of the threshold; the view below it is tinted alike in the scene."""
TINTS = ("#bfe0da", "#e0efec", "#d3e3ea")
"""Of corridor, setting and background in plan."""
EXAGGERATIONS = (1, 1.5, 2, 3, 4, 5, 10, 20, 50)
LABELS = 9
"""Buildings named in the section at most, those that rise highest above the threshold."""
ROW = 7.2
"""Height of a label of two lines, millimetres."""


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """What a section shows.

    profile : columns of the study's section; table : of buildings; scenario : its name, "" without one
    landmark : name, foot and top; eye : metres in the datum
    """

    corridor: Corridor
    profile: Mapping[str, F8]
    table: Mapping[str, Sequence[Any]]
    landmark: Mapping[str, Any]
    eye: float
    scenario: str

    @property
    def state(self) -> str:
        """The later state, whose verdicts are written."""
        return "scenario" if self.scenario else "base"

    @property
    def end(self) -> float:
        """Length of the drawing: the view's, and all of the landmark."""
        own = self.profile.get("landmark_m")
        known = np.zeros(0, dtype=bool) if own is None else np.isfinite(own)
        last = float(self.profile["distance_m"][known].max()) if known.any() else 0.0
        return max(self.corridor.end, last, self.corridor.length) * 1.015

    def heights(self) -> tuple[float, float]:
        """Lowest and highest of all that is drawn, metres."""
        inside = [column for name, column in self.profile.items() if name != "distance_m"]
        known = np.concatenate([*inside, [self.eye, *self.corridor.heights]])
        return float(np.nanmin(known)), float(np.nanmax(known))


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the section lies on the page, millimetres, and what a metre is there.

    x, y : lower left corner; scale : millimetres a metre along; tall : a metre of height; low : height at y
    """

    x: float
    y: float
    scale: float
    tall: float
    low: float

    def at(self, distance: Any, height: Any) -> tuple[F8, F8]:
        """Places on the page of distances and heights."""
        return self.x + np.asarray(distance) * self.scale, self.y + (np.asarray(height) - self.low) * self.tall


def framed(view: View, corner: tuple[float, float], room: tuple[float, float], plan: float) -> tuple[Frame, float]:
    """The largest frame that fits, in the middle, and by how much it exaggerates heights.

    corner : lower left, millimetres; room : width and height for the section; plan : height for the plan
    """
    low, high = view.heights()
    rise = max(high - low, 1.0) * 1.12
    scale = min(room[0] / view.end, room[1] / rise, plan / breadth(view))
    times = max(one for one in EXAGGERATIONS if one * scale * rise <= room[1] * 1.0001)
    left = corner[0] + (room[0] - view.end * scale) / 2
    return Frame(left, corner[1], scale, scale * times, low - 0.06 * rise), float(times)


def breadth(view: View) -> float:
    """Metres across the plan: the view's widest, and a little beside it."""
    corridor = view.corridor
    return 2.1 * max(float(corridor.reach(one)) for one in (0.0, corridor.length, corridor.end)) + 1e-9


def draw_section(axes: Any, view: View, frame: Frame, top: float) -> None:
    """Ground, silhouettes, landmark and threshold; ``top`` is the upper edge for labels, millimetres."""
    profile = view.profile
    distance = profile["distance_m"]
    ground = _held(profile["ground_m"], frame.low)
    _scales(axes, view, frame)
    _fill(axes, frame, distance, np.full_like(ground, frame.low), ground, EARTH, EARTH_EDGE, 2)
    base = profile["top_base"]
    after = profile.get("top_scenario", base)
    allowed = profile["threshold_m"]
    own = profile.get("landmark_m")
    if own is not None:
        _fill(axes, frame, distance, ground, own, LANDMARK, LANDMARK, 2.5)
    _fill(axes, frame, distance, ground, after, BUILT, BUILT_EDGE, 3)
    if view.scenario:
        more = np.where(np.isnan(base), after, np.where(after > base + 1e-6, after, np.nan))
        start = np.where(np.isnan(base), ground, base)
        _fill(axes, frame, distance, start, more, maps.PROPOSED, maps.INK, 4)
        gone = np.where(np.isnan(after) | (after < base - 1e-6), base, np.nan)
        _line(axes, frame, distance, gone, maps.INK, 5, 0.6, DASHES)
    over = np.where(after > allowed, after, np.nan)
    _fill(axes, frame, distance, np.fmax(allowed, ground), over, maps.ACCENT, maps.ACCENT, 6)
    _threshold(axes, view, frame)
    _ends(axes, view, frame)
    _labels(axes, view, frame, top)


def _held(values: F8, low: float) -> F8:
    """Heights of the ground, from its neighbours where it is unknown, ``low`` without any."""
    known = np.isfinite(values)
    at = np.arange(len(values))
    return np.asarray(np.interp(at, at[known], values[known]) if known.any() else np.full(len(values), low))


def _steps(distance: F8, *columns: F8) -> list[F8]:
    """Each value over its whole step: (2 n,) distances, and the columns beside them."""
    half = (distance[1] - distance[0]) / 2
    edges = np.stack([distance - half, distance + half], axis=1).ravel()
    return [edges, *(np.repeat(one, 2) for one in columns)]


def _fill(axes: Any, frame: Frame, distance: F8, low: F8, high: F8, face: str, edge: str, order: float) -> None:
    at, bottom, top = _steps(distance, low, high)
    x, y0 = frame.at(at, bottom)
    _, y1 = frame.at(at, top)
    known = np.isfinite(y1)
    axes.fill_between(x, y0, y1, where=known, facecolor=face, linewidth=0, zorder=order)
    axes.plot(x, y1, color=edge, lw=0.5, zorder=order + 0.1, solid_joinstyle="miter")


def _line(axes: Any, frame: Frame, distance: F8, height: F8, colour: str, order: float, wide: float, look: Any) -> None:
    at, top = _steps(distance, height)
    axes.plot(*frame.at(at, top), color=colour, lw=wide, ls=look, zorder=order)


def _scales(axes: Any, view: View, frame: Frame) -> None:
    """Lines of equal height with their metres, and the distances below."""
    low, high = view.heights()
    step = nice(max(high - low, 1.0) / 5)
    right = frame.x + view.end * frame.scale
    level = math.ceil(frame.low / step) * step
    while level <= high + 0.05 * (high - low):
        y = float(frame.at(0.0, level)[1])
        axes.plot([frame.x, right], [y, y], color="#e2e5e8", lw=0.4, zorder=1)
        axes.text(frame.x - 1.6, y, f"{level:g} m", fontsize=6.5, color=maps.QUIET, ha="right", va="center")
        level += step
    step = nice(view.end / 8)
    for k in range(int(view.end / step) + 1):
        x = float(frame.at(k * step, 0.0)[0])
        axes.plot([x, x], [frame.y, frame.y - 1.2], color="#9aa2aa", lw=0.5)
        axes.text(x, frame.y - 1.8, f"{k * step:,.0f} m", fontsize=6.5, color=maps.QUIET, ha="center", va="top")
    axes.plot([frame.x, right], [frame.y] * 2, color="#9aa2aa", lw=0.5, zorder=2.2)


def nice(value: float) -> float:
    """The round number, 1, 2 or 5 and noughts, not below a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * 0.999)


def _threshold(axes: Any, view: View, frame: Frame) -> None:
    """The sight line along the axis, dashed behind the landmark."""
    corridor = view.corridor
    for first, last, look in ((0.0, corridor.length, "-"), (corridor.length, corridor.end, DASHES)):
        at = np.linspace(first, last, 200)
        if last > first:
            axes.plot(*frame.at(at, corridor.allowed(at)), color=LINE, lw=1.1, ls=look, zorder=7)


def _ends(axes: Any, view: View, frame: Frame) -> None:
    """The eye, the threshold's ends and the landmark, each with its height."""
    corridor = view.corridor
    x, y = (float(one) for one in frame.at(0.0, view.eye))
    axes.plot([x], [y], marker="o", ms=4.5, color=maps.INK, zorder=9)
    _words(axes, frame.x + 0.8, frame.y + 2.4, f"assessment point, eye at {view.eye:.2f} m", "left", maps.INK)
    x, y = (float(one) for one in frame.at(corridor.length, corridor.heights[1]))
    axes.plot([x], [y], marker="o", ms=3.5, mfc=maps.PAPER, mec=LINE, zorder=9)
    _words(axes, x - 3.0, y + 2.2, f"threshold {corridor.heights[1]:.2f} m", "right", LINE)
    peak = view.landmark.get("top")
    if peak is not None and math.isfinite(float(peak)):
        _, y = (float(one) for one in frame.at(0.0, float(peak)))
        if "landmark_m" not in view.profile:
            foot = view.landmark.get("foot")
            start = float(foot) if foot is not None and math.isfinite(float(foot)) else frame.low
            axes.plot([x, x], [float(frame.at(0.0, start)[1]), y], color=LANDMARK, lw=2.2, zorder=2.6)
        _words(axes, x - 3.0, y - 0.6, f"{view.landmark['name']}, top at {float(peak):.2f} m", "right", LANDMARK)


def _words(axes: Any, x: float, y: float, words: str, side: str, colour: str) -> None:
    box = {"facecolor": maps.PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
    axes.text(
        x, y, words, fontsize=7, color=colour, ha=side, va="center", zorder=9.5, weight="bold", bbox=box,
        parse_math=False,
    )  # fmt: skip


def named(view: View) -> list[tuple[float, float, str, float]]:
    """Distance, height, name and metres above the threshold of the highest buildings along the axis."""
    table, state = view.table, view.state
    rows = [
        k for k, word in enumerate(table.get(f"verdict_view_{state}", ()))
        if word == "penetrates" and table["part"][k] != "setting"
    ]  # fmt: skip
    room = table.get(f"clearance_{state}", ())
    found = [
        (float(table["distance_m"][k]), float(table["z"][k]), _short(str(table["id"][k])), -float(room[k]))
        for k in sorted(rows, key=lambda k: float(room[k]))
    ]
    kept = {one[2]: one for one in reversed(found)}  # of a building in two parts its worst
    return sorted(sorted(kept.values(), key=lambda one: -one[3])[:LABELS])


def _short(name: str) -> str:
    """A name that fits beside others: of an id as long as a licence key its beginning and its end."""
    return name if len(name) <= 20 else f"{name[:8]}…{name[-8:]}"


def _labels(axes: Any, view: View, frame: Frame, top: float) -> None:
    """Names and metres of what rises above, in rows below the upper edge, each with a line to its place."""
    from matplotlib.patches import Rectangle

    rows: list[float] = []
    right = frame.x + view.end * frame.scale
    for distance, height, name, over in named(view):
        x, y = (float(one) for one in frame.at(distance, height))
        said = f"+{over:.2f} m"
        wide = max(length(name, 6.5), length(said, 7.5, "bold")) + 2.5
        left = min(max(x - 1.0, frame.x), right - wide)
        row = next((k for k, end in enumerate(rows) if end <= left), len(rows))
        rows[row : row + 1] = [left + wide]
        level = top - row * ROW
        axes.plot([x, x], [y + 0.4, level - ROW + 1.0], color=maps.ACCENT, lw=0.4, zorder=8)
        axes.add_patch(Rectangle((left - 0.6, level - ROW + 1.0), wide - 1.2, ROW - 0.6, fc=maps.PAPER, zorder=8.5))
        axes.text(left, level, name, fontsize=6.5, color=maps.INK, va="top", zorder=9, parse_math=False)
        axes.text(left, level - 2.8, said, fontsize=7.5, weight="bold", color=maps.ACCENT, va="top", zorder=9)


def label_rows(view: View, frame: Frame) -> int:
    """How many rows the labels need."""
    rows: list[float] = []
    right = frame.x + view.end * frame.scale
    for distance, _, name, over in named(view):
        wide = max(length(name, 6.5), length(f"+{over:.2f} m", 7.5, "bold")) + 2.5
        left = min(max(frame.x + distance * frame.scale - 1.0, frame.x), right - wide)
        row = next((k for k, end in enumerate(rows) if end <= left), len(rows))
        rows[row : row + 1] = [left + wide]
    return len(rows)


def draw_plan(axes: Any, view: View, frame: Frame, middle: float, half: float) -> None:
    """The view from above, axis level: parts, buildings, and which of them rise above the threshold.

    middle : height of the axis on the page; half : of the strip, millimetres
    """
    from matplotlib.patches import PathPatch, Polygon, Rectangle
    from matplotlib.transforms import Affine2D

    corridor = view.corridor
    place = Affine2D().scale(frame.scale).translate(frame.x, middle)
    strip = Rectangle((frame.x - 2, middle - half), view.end * frame.scale + 4, 2 * half, transform=axes.transData)
    for part, ring in corridor.outlines():
        axes.add_patch(Polygon(place.transform(ring), closed=True, fc=TINTS[part], ec=LINE, lw=0.5, zorder=2))
    axes.plot(
        *place.transform(np.array([[0.0, 0.0], [corridor.end, 0.0]])).T, color=LINE, lw=0.5, ls=DASHES, zorder=2.5
    )
    worst = _worst(view)
    for shape, rises, added in worst:
        path = maps.outline(shape).transformed(place)
        face = maps.ACCENT if rises else maps.PROPOSED if added else BUILT
        patch = PathPatch(path, fc=face, ec=maps.INK if added else BUILT_EDGE, lw=0.8 if added else 0.4, zorder=4)
        axes.add_patch(patch)
        patch.set_clip_path(strip)
    for text in view.landmark.get("outlines", ()):
        path = maps.outline(_along(corridor, text)).transformed(place)
        patch = PathPatch(path, fc=LANDMARK, ec=LANDMARK, lw=0.4, alpha=0.75, zorder=3.5)
        axes.add_patch(patch)
        patch.set_clip_path(strip)
    x = frame.x + corridor.length * frame.scale
    axes.plot([frame.x], [middle], marker="o", ms=4, color=maps.INK, zorder=6)
    wide = max(float(corridor.half(corridor.length)) * frame.scale, 1.2)
    axes.plot([x, x], [middle - wide, middle + wide], color=LANDMARK, lw=2.4, solid_capstyle="butt", zorder=6)


def _worst(view: View) -> list[tuple[Any, bool, bool]]:
    """Outlines along the axis of all buildings in the view, whether they rise above, and whether they are proposed."""
    table, corridor = view.table, view.corridor
    verdicts = table.get(f"verdict_view_{view.state}", ())
    found: dict[tuple[str, str], tuple[Any, bool, bool]] = {}
    for k, word in enumerate(verdicts):
        if word == "not there":
            continue
        key = (str(table["layer"][k]), str(table["id"][k]))
        added = "change" in table and table["change"][k] in ("added", "raised", "lowered")
        before = found.get(key, (None, False, False))
        shape = before[0]
        if shape is None:
            shape = _along(corridor, table["geometry"][k])
        found[key] = (shape, before[1] or word == "penetrates", before[2] or added)
    return sorted(found.values(), key=lambda one: one[1])


def _along(corridor: Any, wkt: str) -> Any:
    """A shape by lengths and offsets."""
    import shapely

    return shapely.transform(shapely.from_wkt(wkt), lambda xy: _flat(corridor, xy))


def _flat(corridor: Any, xy: F8) -> F8:
    """(n, 2) lengths and offsets of places."""
    return np.asarray(corridor.local(np.column_stack([xy, np.zeros(len(xy))]))[:, :2], dtype=np.float64)
