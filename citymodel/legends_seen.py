"""The classes of what is seen: from one place, from many, before and after, and how high a thing must be to be seen."""

from __future__ import annotations

import itertools
import math

from citymodel.results import LegendClass

_INF = float("inf")

HIDDEN, SEEN, NEWLY_HIDDEN, NEWLY_SEEN, NO_DATA, OUT_OF_RANGE = 0, 1, 2, 3, 254, 255
"""Codes of the maps; those of one state are the kernels' own."""


def _code(code: int, colour: str, label: str) -> LegendClass:
    return LegendClass(code - 0.5, code + 0.5, colour, label)


_NOWHERE = (_code(OUT_OF_RANGE, "#dfe3e7", "out of range"), _code(NO_DATA, "#f1f1f1", "no data"))
VIEW = (*_NOWHERE, _code(HIDDEN, "#a7b1bf", "hidden"), _code(SEEN, "#ffd24d", "visible"))
VIEW_CHANGE = (
    *_NOWHERE,
    _code(HIDDEN, "#b9c1cc", "hidden in both"),
    _code(NEWLY_SEEN, "#1f7fb8", "newly seen"),
    _code(NEWLY_HIDDEN, "#7a1f6b", "newly hidden"),
    _code(SEEN, "#ffe7a0", "seen in both"),
)
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_LIGHT = ("#3a4a8a", "#6f86ad", "#b3b7a0", "#eccf6b", "#ffef9e")
_LESS, _MORE = ("#5b1a52", "#a45f9a", "#dcc3d8"), ("#bcdcee", "#5ba5d0", "#17567f")
_SAME = "#f4f4f1"


def seen_by(count: int) -> tuple[LegendClass, ...]:
    """Classes of how many of ``count`` eyes see a cell."""
    bounds = sorted({min(max(math.floor(share * count) + 1, 1), count) for share in _SHARES})
    rows = [LegendClass(-_INF, 0.5, "#a7b1bf", "by none")]
    for number, first in enumerate(bounds):
        last = bounds[number + 1] - 1 if number + 1 < len(bounds) else count
        words = f"by {first:,}" if first == last else f"by {first:,} to {last:,}"
        words = f"by all {count:,}" if first == count else words
        share = f" ({100 * last / count:.0f} %)" if first == last else f" (up to {100 * last / count:.0f} %)"
        upper = last + 0.5 if number + 1 < len(bounds) else _INF
        colour = _LIGHT[len(_LIGHT) - len(bounds) + number]
        rows.append(LegendClass(first - 0.5, upper, colour, words + ("" if first == count else share)))
    return tuple(rows)


def seen_by_change(count: int) -> tuple[LegendClass, ...]:
    """Classes of the change of how many of ``count`` eyes see a cell."""
    edges = sorted({1, max(2, math.ceil(count / 10)), max(3, math.ceil(count / 3))} - {n for n in (2, 3) if n > count})
    bounds = [edge - 0.5 for edge in edges] + [_INF]
    words = [f"{low:,}" if high == low + 1 else f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(edges)]
    words.append(f"over {edges[-1] - 1:,}" if edges[-1] < count else f"{edges[-1]:,}")
    spans = list(itertools.pairwise(bounds))
    less = [
        LegendClass(-high, -low, colour, f"{word} fewer")
        for (low, high), word, colour in zip(spans, words, _LESS[::-1], strict=False)
    ]
    more = [
        LegendClass(low, high, colour, f"{word} more")
        for (low, high), word, colour in zip(spans, words, _MORE, strict=False)
    ]
    return (*less[::-1], LegendClass(-0.5, 0.5, _SAME, "no change"), *more)


_METRES = (1e-3, 2.0, 5.0, 10.0, 20.0, 40.0)
_TALL = ("#ffd24d", "#e9b46a", "#cf8f78", "#a06a86", "#6d4d84", "#3f3a72", "#1c2458")
LEAST_HEIGHT = tuple(
    LegendClass(low, high, colour, label)
    for low, high, colour, label in zip(
        (-_INF, *_METRES),
        (*_METRES, _INF),
        _TALL,
        ("the ground is seen", "up to 2 m", "2 to 5 m", "5 to 10 m", "10 to 20 m", "20 to 40 m", "40 m and more"),
        strict=True,
    )
)
LEAST_HEIGHT_CHANGE = tuple(
    LegendClass(low, high, colour, label)
    for low, high, colour, label in (
        (-_INF, -10.0, "#17567f", "over 10 m lower"),
        (-10.0, -2.0, "#5ba5d0", "2 to 10 m lower"),
        (-2.0, -1e-3, "#bcdcee", "up to 2 m lower"),
        (-1e-3, 1e-3, _SAME, "no change"),
        (1e-3, 2.0, "#dcc3d8", "up to 2 m higher"),
        (2.0, 10.0, "#a45f9a", "2 to 10 m higher"),
        (10.0, _INF, "#5b1a52", "over 10 m higher"),
    )
)
