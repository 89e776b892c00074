"""The classes of a year's light: open sky, hours, energy, shares, and the change of each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from citymodel.results import LegendClass

_INF = float("inf")
_DARK_TO_LIGHT = ("#1c2458", "#3a4a8a", "#6f86ad", "#b3b7a0", "#eccf6b", "#fff3b8")
_LESS = ("#3f1d73", "#7355a8", "#a894cf", "#d9d0ea")
_MORE = ("#fbdcb2", "#f0a653", "#c8711c", "#7f3f05")
_SAME = "#f4f4f1"


def _classes(edges: Sequence[float], unit: str, factor: float = 1.0) -> tuple[LegendClass, ...]:
    """Six classes between five edges, named in edge × factor."""
    words = [f"{edge * factor:g}" for edge in edges]
    labels = [f"less than {words[0]}{unit}"]
    labels += [f"{low} to {high}{unit}" for low, high in itertools.pairwise(words)]
    labels += [f"{words[-1]}{unit} and more"]
    bounds = [-_INF, *edges, _INF]
    return tuple(LegendClass(*one) for one in zip(bounds, bounds[1:], _DARK_TO_LIGHT, labels, strict=False))


def _changes(edges: Sequence[float], least: float, unit: str, factor: float = 1.0) -> tuple[LegendClass, ...]:
    """Classes of a change by three edges on either side; below `least` it is none."""
    a, b, c = (f"{edge * factor:g}" for edge in edges)
    names = (f"up to {a}{unit}", f"{a} to {b}{unit}", f"{b} to {c}{unit}", f"over {c}{unit}")
    bounds = [least, *edges, _INF]
    spans = list(itertools.pairwise(bounds))
    less = [
        LegendClass(-high, -low, colour, f"{name} less")
        for (low, high), colour, name in zip(spans, _LESS[::-1], names, strict=True)
    ]
    more = [
        LegendClass(low, high, colour, f"{name} more")
        for (low, high), colour, name in zip(spans, _MORE, names, strict=True)
    ]
    return (*less[::-1], LegendClass(-least, least, _SAME, "no change"), *more)


SKY = _classes((0.2, 0.4, 0.6, 0.8, 0.95), " %", 100.0)
SKY_DIFFERENCE = _changes((0.05, 0.1, 0.25), 1e-3, " points", 100.0)
YEAR_HOURS = _classes((500.0, 1000.0, 1500.0, 2500.0, 3500.0), " h")
YEAR_HOURS_DIFFERENCE = _changes((50.0, 250.0, 1000.0), 0.5, " h")
SEASON_HOURS = _classes((100.0, 250.0, 400.0, 600.0, 900.0), " h")
SEASON_HOURS_DIFFERENCE = _changes((15.0, 60.0, 250.0), 0.25, " h")
SHARE = _classes((0.2, 0.4, 0.6, 0.8, 0.95), " %", 100.0)
SHARE_DIFFERENCE = _changes((0.02, 0.05, 0.2), 1e-3, " points", 100.0)
ENERGY = _classes((200.0, 400.0, 700.0, 1000.0, 1400.0), " kWh/m²")
ENERGY_DIFFERENCE = _changes((20.0, 100.0, 300.0), 0.5, " kWh/m²")
DIFFUSE = _classes((50.0, 100.0, 200.0, 300.0, 500.0), " kWh/m²")
DIFFUSE_DIFFERENCE = _changes((10.0, 30.0, 100.0), 0.25, " kWh/m²")
