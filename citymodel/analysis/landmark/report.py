"""What a study of the view of a landmark says of itself: its name, facts, and the lines to print beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.homes import ByStorey
from citymodel.analysis.facade.place import Place, crown_note
from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.storeys import ESTIMATED
from citymodel.analysis.facade.target import BELOW, Target, named
from citymodel.analysis.landmark.parameters import LandmarkParameters
from citymodel.legends_view import LOSES, LOSES_PART, OUTCOMES

if TYPE_CHECKING:
    from citymodel.document import Document

F8 = NDArray[np.float64]

BEND = (1 - 1 / 7) / (2 * 6_378_137.0)
"""1/m: what the earth's curve and refraction of a seventh take from a height at the square of a distance."""
TITLES = {
    "view_outcome": ("What becomes of the view", ""),
    "landmark_share": ("Part of the landmark that is seen", "%"),
    "landmark_outline": ("Part of the whole landmark's outline that is seen", "%"),
    "landmark_vertical": ("Height of what is seen of it", "°"),
    "landmark_horizontal": ("Width of what is seen of it", "°"),
}


def name_of(place: Place, parameters: LandmarkParameters) -> str:
    """What the landmark is called: by its objects' names, else their ids."""
    words: dict[str, None] = {}
    for state in place.states:
        for layer_id, object_id in named(state, parameters.objects):
            objects = next(one for one in state if one.id == layer_id).data.objects
            told = objects.attributes[list(objects.ids).index(object_id)].get("name")
            words[str(told or object_id)] = None
    names = list(words) + (["a place"] if parameters.places else [])
    return " and ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more"


def facts(
    title: str, things: Sequence[Target | None], place: Place, document: Document, points: FacadePoints
) -> dict[str, Any]:
    """What to know of the landmark and of the points, beside what every study says."""
    first = next(one for one in things if one is not None)
    return {
        "crs": document.frame.crs if document.frame else None,
        "columns": {name: list(words) for name, words in TITLES.items()},
        "landmark_middle": [round(float(v), 2) for v in first.middle + np.asarray(place.origin)],
        "landmark_top": [round(float(v), 2) for v in (*(first.middle + np.asarray(place.origin))[:2], _top(first))],
        "landmark_samples": len(first),
        "above_m": round(first.cut + place.origin[2], 2) if np.isfinite(first.cut) else None,
        "storeys_estimated": int((points.source == ESTIMATED).sum()),
    }


def notes(
    parameters: LandmarkParameters, things: Sequence[Target | None], place: Place, points: FacadePoints,
    distance: F8, homes: ByStorey, table: Mapping[str, Sequence[Any]],
) -> list[str]:  # fmt: skip
    """Plain lines to print beside the result."""
    first = next(one for one in things if one is not None)
    found = [_answer(table, place)] if place.scenario else []
    found.append(
        f"Counts as seen from {parameters.counts_from:g} % of what could be seen of it from there in the open; "
        + _part(parameters, first)
        + f" {len(first)} points on it, a point for every {parameters.spacing:g} m of façade and storey, 1.6 m above "
        f"the floor; asked up to {parameters.reach:g} m away."
    )
    found.append(homes.note())
    guessed = points.source == ESTIMATED
    if guessed.any():
        found.append(
            f"Storeys of {guessed.mean():.0%} of the façade points are estimated from the height, "
            f"{parameters.storey_height:g} m each."
        )
    far = float(distance.max())
    found.append(
        "Rays run straight: the earth's curve and refraction, left out, would bend them by at most "
        f"{BEND * far**2 / 4:.3f} m at the {far:.0f} m of the farthest place. Trees hide what is behind them, whatever "
        f"the season. {crown_note(place)}Angles lie between the outermost points seen, so they are a little too small."
    )
    if place.scenario and any(one is None for one in things):
        found.append("The landmark is there in one of the two states only.")
    return found


def _top(thing: Target) -> float:
    return float(max(thing.corners[:, :, 2].max(initial=-np.inf), thing.xyz[:, 2].max()))


def _part(parameters: LandmarkParameters, first: Target) -> str:
    if np.isfinite(first.cut):
        return f"of it counts what stands above {first.cut:.1f} m, which {BELOW:g} % of the roofs around stay below;"
    return "it counts whole;" if parameters.part == "whole" else "it counts whole, as it does not rise above the roofs;"


def _answer(table: Mapping[str, Sequence[Any]], place: Place) -> str:
    """The answer in a sentence: who loses the view."""
    rows = {word: k for k, word in enumerate(table["outcome"])}
    lose, part = rows[OUTCOMES[LOSES]], rows[OUTCOMES[LOSES_PART]]
    name = place.scenario.name if place.scenario else ""

    def said(row: int) -> str:
        homes = table["homes"][row]
        count = "" if np.isnan(homes) else f" with up to {homes:.0f} homes"
        return f"{table['storeys'][row]} storeys{count}"

    return (
        f"With {name}, {said(lose)} lose the view altogether ({table['area_m2'][lose]:.0f} m² of façade see it no "
        f"more); {said(part)} lose part of it."
    )
