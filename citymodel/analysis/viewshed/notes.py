"""The plain lines printed beside a viewshed: how it was made, and what it cannot know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citymodel.analysis.two_states import States
from citymodel.analysis.viewshed.eyes import Standing
from citymodel.analysis.viewshed.look import Seen
from citymodel.analysis.viewshed.parameters import SURFACES, ViewshedParameters


def notes_of(
    parameters: ViewshedParameters, states: States, stood: Standing, seen: Sequence[Seen], facts: Mapping[str, Any]
) -> list[str]:
    """What is printed on every viewshed; the first two lines go into its legend."""
    found = [_settings(parameters, states, facts), _surface(parameters, facts), *_standing(parameters, stood, facts)]
    if parameters.trees == "none":
        found.append("Trees are left out.")
    elif parameters.surface == "raster":
        found.append("Trees stand as solid bodies, as measured or modelled.")
    found.append("Of buildings their roofs count, seen from above; façades are asked by other studies.")
    found.append("What stands outside the data hides nothing.")
    return found + states.doubts()


def _settings(parameters: ViewshedParameters, states: States, facts: Mapping[str, Any]) -> str:
    """Eye, target, surface, k, cell, range and mode, as every legend of a viewshed says them."""
    reach = "as far as the data" if parameters.reach is None else f"up to {parameters.reach:g} m"
    bend = f"k {parameters.k:.3g}" if parameters.curvature else "flat Earth, straight light"
    limits = ""
    if parameters.azimuth_from is not None:
        limits += f"; azimuths {parameters.azimuth_from:g} to {parameters.azimuth_to:g}°"
    if parameters.pitch_low is not None or parameters.pitch_high is not None:
        limits += f"; {parameters.pitch[0]:g} to {parameters.pitch[1]:g}° above the horizontal"
    what = dict(SURFACES)[parameters.surface]
    return (
        f"Eye {parameters.eye:g} m, target {parameters.target:g} m; {what[:1].lower()}{what[1:]}; {bend}; cells of "
        f"{states.grid.cell:g} m; {reach}{limits}; {facts['mode']}"
    )


def _surface(parameters: ViewshedParameters, facts: Mapping[str, Any]) -> str:
    if parameters.surface == "raster":
        return (
            "The surface runs straight from cell to cell, so walls lean by a cell and streets look narrower; "
            "at street level upright walls are nearer to the truth."
        )
    overlap = " and ".join(f"{one:.0%}" for one in facts["overlap_with_raster"])
    return (
        "Walls are the model's own, upright; light goes straight past them, too high by "
        f"{100 * facts['rays_too_high_by_at_most_m']:.1f} cm at the most. What the surface raster shows overlaps with "
        f"it by {overlap}. Trees and cars that only LiDAR knows hide nothing."
    )


def _standing(parameters: ViewshedParameters, stood: Standing, facts: Mapping[str, Any]) -> list[str]:
    """Who stands where, and who could not."""
    count = len(stood.places)
    found = []
    if parameters.kind != "points":
        where = "along the path" if parameters.kind == "path" else "over the area"
        found.append(f"{count:,} places {where}, every {parameters.spacing:g} m; visible is what any of them sees.")
    elif count > 1:
        found.append(f"{count} places; visible is what any of them sees.")
    if facts["places_outside"]:
        found.append(f"{facts['places_outside']:,} places outside the data were left out.")
    found += [f"{number:,} places {reason} were left out." for reason, number in stood.left_out.items()]
    if stood.on_roof:
        found.append(f"{stood.on_roof:,} of the places lie inside a building; there the eye stands on the roof.")
    if stood.under_trees and parameters.surface == "raster":
        found.append(
            f"{stood.under_trees:,} of the places lie under a tree or a bridge, solid in the surface raster: little is "
            "seen from there. Leave the trees out, or choose upright walls."
        )
    return found
