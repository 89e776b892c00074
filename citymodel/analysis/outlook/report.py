"""What a study of the view from a window says of itself: its name, where the picture looks, and its limits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.place import Place, crown_note
from citymodel.analysis.facade.target import named, triangles_of
from citymodel.analysis.outlook.fan import Fan
from citymodel.analysis.outlook.parameters import OutlookParameters
from citymodel.legends_view import BUILDING, GREEN, PROPOSAL, SKY, WATER

F8 = NDArray[np.float64]


def name_of(place: Place, parameters: OutlookParameters) -> str:
    """What one looks from."""
    if parameters.places:
        return "a place" if len(parameters.places) == 1 else f"{len(parameters.places)} places"
    layer_id, object_id = next(one for state in place.states for one in named(state, parameters.objects))
    layers = [one for state in place.states for one in state]
    objects = next(one for one in layers if one.id == layer_id).data.objects
    told = str(objects.attributes[list(objects.ids).index(object_id)].get("name") or object_id)
    return told if len(parameters.objects) == 1 else f"{told} and {len(parameters.objects) - 1} more"


def heading_to(place: Place, parameters: OutlookParameters, eye: F8) -> float:
    """Degrees from grid north to the landmark, else to what the scenario adds, else north."""
    from citymodel.scenario import AddBox

    after = place.states[-1]
    found = [one for state in place.states for one in named(state, parameters.landmark)]
    if not found and place.scenario:
        changes = place.scenario.changes
        found = [(place.scenario.layer_id, one.id) for one in changes if isinstance(one, AddBox)]
    corners = triangles_of(after, found, place.origin)
    if not len(corners):
        return 0.0
    middle = corners.reshape(-1, 3).mean(axis=0) + np.asarray(place.origin) - eye
    return math.degrees(math.atan2(middle[0], middle[1])) % 360.0


def notes(parameters: OutlookParameters, fan: Fan, place: Place, made: dict[str, Any], rays: int) -> list[str]:
    """Plain lines to print beside the result."""
    table = made["summary"][1]
    base = table["share_of_view_base"]
    found = [
        f"Of the view {base[SKY]:.0%} is sky, {base[GREEN]:.0%} green, {base[WATER]:.0%} water and "
        f"{base[BUILDING]:.0%} buildings" + _after(place, table) + "."
    ]
    wide = "all around" if fan.width == 360 else f"{fan.width:g}° wide"
    where = (
        f"from {parameters.eye:g} m above the ground where a place has no height"
        if parameters.places
        else f"a point for every {parameters.spacing:g} m of façade and storey, 1.6 m above the floor, means by area"
    )
    found.append(
        f"Shares of the solid angle of a view {wide} and {fan.tall:g}° high about the horizontal, by {rays} rays of "
        f"equal solid angle each; {where}. Each share of one place is known to "
        f"±{50 / math.sqrt(rays):.1f} % of the view or better."
    )
    found.append(
        f"What the rays meet is told by the types of the city model's objects. {crown_note(place)}Where the data end, "
        f"what lies below the horizon counts as ground. Open means {parameters.far:g} m or more to what is seen, the "
        "sky included."
    )
    return found


def _after(place: Place, table: dict[str, Any]) -> str:
    if place.scenario is None:
        return ""
    after, change = table["share_of_view_scenario"], table["share_of_view_difference"]
    if not after[PROPOSAL] and not any(change):
        return f"; {place.scenario.name} changes nothing of it"
    moved = [f"{round(100 * change[k], 1) + 0.0:+.1f}".replace("-", "−") for k in (SKY, GREEN, BUILDING)]
    taken = f"{after[PROPOSAL]:.1%}" if after[PROPOSAL] >= 0.0005 else "less than 0.1%"
    return (
        f"; {place.scenario.name} takes {taken} of it, and changes sky by {moved[0]}, green by {moved[1]} "
        f"and other buildings by {moved[2]} per cent of the view"
    )
