"""A picture of a result on façades: the city with its patches, seen from the side where something happens."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.layers import Layer, Style
from citymodel.results import Result
from citymodel.scene.camera import VIEWS, framed
from citymodel.scene.patches import column_of, table_of
from citymodel.scene.pins import Pin
from citymodel.scene.render import render
from citymodel.scene.state import View, origin_of

if TYPE_CHECKING:
    from citymodel.document import Document

F8 = NDArray[np.float64]

SIDES = ("north", "east", "south", "west")
LARGE = 800.0
"""Metres from which a picture shows a whole city and needs no more around it."""
HAPPENS = ("view_outcome_difference",)
"""Columns of codes, of which 0 and 3 say that nothing changes."""
QUIET_CODES = (0.0, 3.0)


def facade_picture(
    document: Document, result: Result, path: Path, size: tuple[int, int] = (1600, 1000), column: str = ""
) -> Path:
    """Write a PNG of the city with the result's patches; of the proposal where the result has one.

    column : the column of the façade points to colour by, the first without it
    """
    scenario = (result.provenance.get("scenario") or {}).get("id", "")
    for one in [one for one in document.layers if one.kind in ("points", "result")]:
        document = document.with_style(one.id, visible=False)
    shown = replace(document, active_scenario=scenario).with_layer(
        Layer("", result.title, "result", result), Style(colour_by=column or column_of(result, ""))
    )
    origin = np.asarray(origin_of(shown))
    pins: tuple[Pin, ...] = ()
    places = np.zeros((0, 3))
    middle = result.provenance.get("landmark_top")
    if middle is not None:
        at = np.asarray(middle, dtype=np.float64) - origin
        name = result.title.removeprefix("View of ")
        pins, places = (Pin(name, (float(at[0]), float(at[1]), float(at[2]))),), at[None]
    where, towards = _where(result, column_of(result, column))
    focus = np.concatenate([places, where - origin, _proposed(shown) - origin])
    camera = framed(_roomy(focus), _side(towards), size[0] / size[1])
    return render(shown, path, size, View(camera=camera, title=result.title, pins=pins))


def _where(result: Result, column: str) -> tuple[F8, F8]:
    """(m, 3) places where something changes, or else where there is a value, and their mean normal."""
    field = table_of(result)
    table = field.data if field is not None else {}
    xyz, normal = (
        np.stack([np.asarray(table[name], dtype=np.float64) for name in names], axis=1)
        for names in (("x", "y", "z"), ("nx", "ny", "nz"))
    )
    value = np.asarray(table[column], dtype=np.float64)
    use = np.isfinite(value) & ~np.isin(value, QUIET_CODES) if column in HAPPENS else value > 0
    use = use if use.any() else np.ones(len(value), dtype=bool)
    return xyz[use], normal[use].mean(axis=0)


def _proposed(document: Document) -> F8:
    """(k, 3) lower and upper corners of what the scenario on screen adds."""
    from citymodel.scenario import apply

    scenario = document.scenario
    found = [np.zeros((0, 3))]
    for layer in apply(scenario, document.layers)[len(document.layers) :] if scenario else ():
        box = layer.data.bounds()
        if box is not None:
            found.append(np.array([[box[i], box[j], box[k]] for i in (0, 3) for j in (1, 4) for k in (2, 5)]))
    return np.concatenate(found)


def _roomy(focus: F8, least: float = 60.0, more: float = 1.3) -> F8:
    """The places with some city around them, so that none lies under the legend in the corner."""
    middle = (focus.min(axis=0) + focus.max(axis=0)) / 2
    spread = middle + (more if np.ptp(focus[:, :2], axis=0).max() < LARGE else 1.0) * (focus - middle)
    return np.concatenate([spread, middle + least * np.array([[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]])])


def _side(normal: F8) -> str:
    """The named view that looks at faces of this normal; north where they look every way."""

    def against(view: str) -> float:
        turn = math.radians(VIEWS[view][0])
        return float(-(normal[0] * math.sin(turn) + normal[1] * math.cos(turn)))

    return max(SIDES, key=against)
