"""The classes of what is seen, in words a committee reads aloud; colours safe for colour-blind people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from citymodel.results import LegendClass

_INF = float("inf")
QUIET = "#dedad0"


def classes(rows: Sequence[tuple[float, str, str]], first: float = -_INF) -> tuple[LegendClass, ...]:
    """Classes one above the other, of (upper limit, colour, words)."""
    lower = (first, *(one[0] for one in rows))
    return tuple(LegendClass(low, up, colour, words) for low, (up, colour, words) in zip(lower, rows, strict=False))


SHARE = classes((
    (1e-9, QUIET, "not seen"), (0.1, "#cfe3cf", "less than a tenth of it"), (0.5, "#86c3ba", "a tenth to half of it"),
    (0.9, "#3d8bab", "more than half of it"), (_INF, "#1d4b87", "whole, or nearly"),
))  # fmt: skip
"""Shares of what could be seen of a thing in the open, 0 to 1."""
SHARE_DIFFERENCE = classes((
    (-0.5, "#8c1d18", "more than half less"), (-0.1, "#d9694a", "a tenth to half less"),
    (-1e-9, "#f3c6ad", "up to a tenth less"), (1e-9, QUIET, "no change"), (0.1, "#cbdcea", "up to a tenth more"),
    (0.5, "#7fabcf", "a tenth to half more"), (_INF, "#2b66a3", "more than half more"),
))  # fmt: skip
NEVER, LOSES, LOSES_PART, KEEPS, GAINS = range(5)
OUTCOMES = ("does not see it", "loses it", "loses part of it", "keeps it", "gains it")
OUTCOME = tuple(
    LegendClass(code - 0.5, code + 0.5, colour, words)
    for code, (colour, words) in enumerate(
        zip((QUIET, "#a3201a", "#e58b7b", "#9db4c8", "#1f5aa6"), OUTCOMES, strict=True)
    )
)
"""What a proposal does to a view, by code."""
ANGLE = classes((
    (1e-9, QUIET, "nothing of it"), (1.0, "#f4e6b5", "less than 1°"), (3.0, "#ecc068", "1° to 3°"),
    (10.0, "#d0793a", "3° to 10°"), (30.0, "#98402f", "10° to 30°"), (_INF, "#4d1a2a", "more than 30°"),
))  # fmt: skip
"""Degrees that a thing takes of a view."""

METRES = classes((
    (1e-9, QUIET, "not seen"), (5.0, "#f4e6b5", "less than 5 m of it"), (15.0, "#ecc068", "5 to 15 m of it"),
    (30.0, "#d0793a", "15 to 30 m of it"), (60.0, "#98402f", "30 to 60 m of it"),
    (_INF, "#4d1a2a", "60 m of it and more"),
))  # fmt: skip
"""Metres of a proposal's height that are seen."""
HIDES = tuple(
    LegendClass(code - 0.5, code + 0.5, colour, words)
    for code, (colour, words) in enumerate((
        (QUIET, "not seen, as before"), ("#9db4c8", "seen, as before"), ("#a3201a", "newly hidden"),
        ("#1f5aa6", "newly seen"),
    ))
)  # fmt: skip
"""What a proposal does to what viewpoints see, by code."""

SKY, GREEN, WATER, BUILDING, GROUND, LANDMARK, PROPOSAL = range(7)
SIGHTS = (
    ("sky", "sky", "#cfe2f2"), ("green", "green", "#7fa968"), ("water", "water", "#4b8fb8"),
    ("building", "buildings", "#b7a99e"), ("ground", "ground and paving", "#d8d2c2"),
    ("landmark", "landmark", "#5d3a7a"), ("proposal", "proposal", "#e8903f"),
)  # fmt: skip
"""What a view holds, by code: key, words and colour."""
OF_VIEW = classes((
    (0.001, QUIET, "none"), (0.05, "#dcebd0", "up to 5 %"), (0.2, "#a5d0b0", "5 to 20 %"),
    (0.4, "#5aa8a2", "20 to 40 %"), (0.6, "#2f7391", "40 to 60 %"), (_INF, "#1d3f66", "60 % and more"),
))  # fmt: skip
"""Shares of a view, 0 to 1."""
OF_VIEW_DIFFERENCE = classes((
    (-0.2, "#8c1d18", "more than 20 % of the view less"), (-0.05, "#d9694a", "5 to 20 % less"),
    (-0.001, "#f3c6ad", "up to 5 % less"), (0.001, QUIET, "no change"), (0.05, "#cbdcea", "up to 5 % more"),
    (0.2, "#7fabcf", "5 to 20 % more"), (_INF, "#2b66a3", "more than 20 % of the view more"),
))  # fmt: skip

FACADES: Mapping[str, Sequence[LegendClass]] = {
    "view_outcome_difference": OUTCOME,
    "landmark_share_base": SHARE, "landmark_share_scenario": SHARE, "landmark_share_difference": SHARE_DIFFERENCE,
    "landmark_outline_base": SHARE, "landmark_outline_scenario": SHARE,
    "landmark_outline_difference": SHARE_DIFFERENCE,
    "landmark_vertical_base": ANGLE, "landmark_vertical_scenario": ANGLE,
    "proposal_metres_scenario": METRES, "proposal_share_scenario": SHARE,
    "proposal_vertical_scenario": ANGLE, "proposal_horizontal_scenario": ANGLE,
    "landmark_horizontal_base": ANGLE, "landmark_horizontal_scenario": ANGLE,
    **{
        f"outlook_{name}_{state}": OF_VIEW_DIFFERENCE if state == "difference" else OF_VIEW
        for name in (*(one[0] for one in SIGHTS), "open")
        for state in ("base", "scenario", "difference")
    },
}  # fmt: skip
"""Classes of the columns of façade points, by the column's name."""
