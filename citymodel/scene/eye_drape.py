"""What an eye sees as a drape on the city, with the legend that says how it was found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.legends_seen import (
    HIDDEN,
    NEWLY_HIDDEN,
    NEWLY_SEEN,
    NO_DATA,
    OUT_OF_RANGE,
    SEEN,
    VIEW,
    VIEW_CHANGE,
)
from citymodel.scene import colours
from citymodel.scene.drape import Drape
from citymodel.scene.legend import Legend

if TYPE_CHECKING:
    from citymodel.analysis.live_view import Seen

HATCH = 6
"""Cells between two lines of the hatch where there are no data."""


def eye_drape(seen: Seen, revision: int) -> Drape:
    """The codes in their colours; where the data end it is hatched."""
    image = _table(seen.compared).take(seen.codes, axis=0)
    unknown = seen.codes == NO_DATA
    if unknown.any():
        rows, columns = seen.codes.shape
        lines = (np.arange(rows)[:, None] + np.arange(columns)) % HATCH == 0
        image[unknown & lines] = colours.rgb(colours.EDGE)
    legend = eye_legend(seen, bool(unknown.any()))
    sides = (lambda: _sides(seen, revision)) if seen.compared else None
    return Drape(image, seen.grid.bounds, revision, True, legend, sides)


def _sides(seen: Seen, revision: int) -> tuple[Drape, Drape]:
    """What the eye sees of the base, and of the proposal."""
    left, right = (
        eye_drape(replace(seen, codes=_of_state(also).take(seen.codes), compared=False), revision)
        for also in (NEWLY_HIDDEN, NEWLY_SEEN)
    )
    return left, right


@cache
def _of_state(also: int) -> NDArray[np.uint8]:
    """(256,) codes of one state by those of both: ``also`` counts as seen in it beside what is seen in both."""
    table = np.arange(256, dtype=np.uint8)
    table[[NEWLY_HIDDEN, NEWLY_SEEN]] = HIDDEN
    table[also] = SEEN
    return table


def eye_legend(seen: Seen, holes: bool = True) -> Legend:
    """The classes, and what they stand on: eye, target, k, cell, range, mode."""
    asked = seen.parameters
    left_out = {*(() if asked.reach is not None else (OUT_OF_RANGE,)), *(() if holes else (NO_DATA,))}
    classes = reversed(VIEW_CHANGE if seen.compared else VIEW)
    rows = tuple((one.colour, one.label) for one in classes if round(one.lower + 0.5) not in left_out)
    surface = {"solid": "terrain and buildings", "trees": "with trees as solids", "bare": "bare terrain"}
    stands = "the roof" if seen.stand.where == "roof" else "the ground"
    reach = "that of the data" if asked.reach is None else f"{asked.reach:,.0f} m"
    notes = (
        "exact" if seen.exact else "preview: a quick picture",
        f"eye {asked.eye_height:g} m above {stands}",
        f"target {asked.target_height:g} m, k {_k(asked.k)}",
        surface[asked.surface],
        f"cells {seen.grid.cell:.2g} m, range {reach}",
    )
    return Legend("What the eye sees", "", rows, notes)


def _k(value: float) -> str:
    return "1/7" if abs(value - 1 / 7) < 1e-9 else f"{value:g}"


@cache
def _table(compared: bool) -> NDArray[np.uint8]:
    """(256, 3) colours by code."""
    table = np.full((256, 3), 255, dtype=np.uint8)
    for one in VIEW_CHANGE if compared else VIEW:
        table[round(one.lower + 0.5)] = colours.rgb(one.colour)
    return table
