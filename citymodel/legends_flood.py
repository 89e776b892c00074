"""The classes of floods, in words a committee reads aloud; colours safe for colour-blind people."""

from __future__ import annotations

from collections.abc import Sequence

from citymodel.legends_view import classes
from citymodel.results import LegendClass

_INF = float("inf")
QUIET = "#f4f4f1"
DRY = "#f2f1ec"
"""Of classes without water, which the scene leaves unpainted."""

DEPTH = classes((
    (0.01, "#f2f1ec", "dry, or a film of water"), (0.1, "#b5dcf0", "up to the ankle, under 0.1 m"),
    (0.3, "#7cbce3", "up to the calf, 0.1 to 0.3 m"), (0.5, "#4394cd", "up to the knee, 0.3 to 0.5 m"),
    (1.0, "#2068ae", "up to the hip, 0.5 to 1 m"), (2.0, "#163f87", "over the head of a child, 1 to 2 m"),
    (_INF, "#2a1a5e", "over everybody's head, 2 m and more"),
))  # fmt: skip
"""Metres of water."""
DEPTH_DIFFERENCE = classes((
    (-0.3, "#1c6e4a", "0.3 m less and more"), (-0.1, "#4fa37c", "0.1 to 0.3 m less"),
    (-0.02, "#a8d5bd", "2 to 10 cm less"), (0.02, QUIET, "no change, or less than 2 cm"),
    (0.1, "#f6cfa6", "2 to 10 cm more"), (0.3, "#e08a3c", "0.1 to 0.3 m more"),
    (_INF, "#9c4405", "0.3 m more and over"),
))  # fmt: skip
SPEED = classes((
    (0.05, "#f2f1ec", "still"), (0.25, "#e3dcef", "creeping, under 0.25 m/s"),
    (0.5, "#c3b1dd", "a slow stream, 0.25 to 0.5 m/s"), (1.0, "#9c7bc4", "a stroll, 0.5 to 1 m/s"),
    (2.0, "#7141a0", "a quick walk, 1 to 2 m/s"), (_INF, "#3e1268", "a torrent, 2 m/s and more"),
))  # fmt: skip
"""Metres a second."""
SPEED_DIFFERENCE = classes((
    (-0.5, "#1c6e4a", "0.5 m/s slower and more"), (-0.2, "#4fa37c", "0.2 to 0.5 m/s slower"),
    (-0.05, "#a8d5bd", "up to 0.2 m/s slower"), (0.05, QUIET, "no change, or less than 0.05 m/s"),
    (0.2, "#f6cfa6", "up to 0.2 m/s quicker"), (0.5, "#e08a3c", "0.2 to 0.5 m/s quicker"),
    (_INF, "#9c4405", "0.5 m/s quicker and more"),
))  # fmt: skip
FLOW = classes((
    (0.01, "#f2f1ec", "hardly any"), (0.1, "#e3dcef", "under 0.1 m²/s"), (0.3, "#c3b1dd", "0.1 to 0.3 m²/s"),
    (0.6, "#9c7bc4", "0.3 to 0.6 m²/s"), (1.0, "#7141a0", "0.6 to 1 m²/s"), (_INF, "#3e1268", "1 m²/s and more"),
))  # fmt: skip
"""Speed × depth, m²/s: what a metre of width carries."""
FLOW_DIFFERENCE = classes((
    (-0.3, "#1c6e4a", "0.3 m²/s less and more"), (-0.1, "#4fa37c", "0.1 to 0.3 m²/s less"),
    (-0.01, "#a8d5bd", "up to 0.1 m²/s less"), (0.01, QUIET, "no change"), (0.1, "#f6cfa6", "up to 0.1 m²/s more"),
    (0.3, "#e08a3c", "0.1 to 0.3 m²/s more"), (_INF, "#9c4405", "0.3 m²/s more and over"),
))  # fmt: skip
NEVER = 1e6
"""Minutes that stand for ground which stays dry."""
ARRIVAL = classes((
    (1e-9, "#9db4c8", "water from the start"), (5.0, "#5b0f1f", "within 5 min"), (15.0, "#a12a2b", "5 to 15 min"),
    (30.0, "#d9694a", "15 to 30 min"), (60.0, "#efab72", "30 min to 1 h"), (120.0, "#f5d9ab", "1 to 2 h"),
    (NEVER / 2, "#e3dcc6", "after 2 h"), (_INF, "#f7f6f2", "stays dry"),
))  # fmt: skip
"""Minutes from the start until the water is there."""
ARRIVAL_DIFFERENCE = classes((
    (-NEVER / 2, "#5b0f1f", "newly wet"), (-15.0, "#9c4405", "15 min sooner and more"),
    (-5.0, "#e08a3c", "5 to 15 min sooner"), (-1.0, "#f6cfa6", "1 to 5 min sooner"),
    (1.0, QUIET, "no change, or less than 1 min"), (5.0, "#a8d5bd", "1 to 5 min later"),
    (15.0, "#4fa37c", "5 to 15 min later"), (NEVER / 2, "#1c6e4a", "15 min later and more"),
    (_INF, "#0b3d2a", "stays dry now"),
))  # fmt: skip
DURATION = classes((
    (1.0, "#f2f1ec", "under 1 min"), (15.0, "#d9e8e3", "up to 15 min"), (30.0, "#a9ccc6", "15 to 30 min"),
    (60.0, "#6ba7a6", "30 min to 1 h"), (120.0, "#347a83", "1 to 2 h"), (_INF, "#114a57", "2 h and more"),
))  # fmt: skip
"""Minutes for which water stood."""
DURATION_DIFFERENCE = classes((
    (-30.0, "#1c6e4a", "30 min less and more"), (-10.0, "#4fa37c", "10 to 30 min less"),
    (-2.0, "#a8d5bd", "2 to 10 min less"), (2.0, QUIET, "no change, or less than 2 min"),
    (10.0, "#f6cfa6", "2 to 10 min more"), (30.0, "#e08a3c", "10 to 30 min more"),
    (_INF, "#9c4405", "30 min more and over"),
))  # fmt: skip
HAZARD_COLOURS = ("#f2f1ec", "#f4e3a1", "#f0a64a", "#c8502e", "#5a1038")
HAZARD_WORDS = (
    "no water", "low: caution", "moderate: for some", "significant: for most", "extreme: for all",
)  # fmt: skip


def hazard(thresholds: Sequence[float]) -> tuple[LegendClass, ...]:
    """Classes of the UK hazard rating, m²/s, between these thresholds."""
    ends = (1e-9, *thresholds, _INF)
    said = [HAZARD_WORDS[0], *(f"{words}, {_between(a, b)}" for words, a, b in zip(
        HAZARD_WORDS[1:], (0.0, *thresholds), (*thresholds, _INF), strict=True))]  # fmt: skip
    return classes(list(zip(ends, HAZARD_COLOURS, said, strict=True)))


HAZARD_DIFFERENCE = classes((
    (-0.5, "#1c6e4a", "0.5 less and more"), (-0.02, "#86c3a3", "up to 0.5 less dangerous"),
    (0.02, QUIET, "no change"), (0.5, "#efb072", "up to 0.5 more dangerous"),
    (_INF, "#9c4405", "0.5 more and over"),
))  # fmt: skip
AUSTRALIA = tuple(
    LegendClass(code - 0.5, code + 0.5, colour, words)
    for code, (colour, words) in enumerate((
        ("#f2f1ec", "no water"), ("#d5e5ee", "H1: safe for people, vehicles and buildings"),
        ("#f4e3a1", "H2: unsafe for small vehicles"), ("#f0b35a", "H3: unsafe for vehicles, children and the elderly"),
        ("#dd7a3a", "H4: unsafe for people and vehicles"),
        ("#a93a2f", "H5: unsafe for all, buildings can be damaged"),
        ("#4f0f38", "H6: unsafe for all, buildings can fail"),
    ))
)  # fmt: skip
AUSTRALIA_DIFFERENCE = classes((
    (-1.5, "#1c6e4a", "two classes lower and more"), (-0.5, "#86c3a3", "one class lower"), (0.5, QUIET, "no change"),
    (1.5, "#efb072", "one class higher"), (_INF, "#9c4405", "two classes higher and more"),
))  # fmt: skip


def _between(low: float, high: float) -> str:
    if high == _INF:
        return f"{low:g} and more"
    return f"{low:g} to {high:g}" if low else f"under {high:g}"
