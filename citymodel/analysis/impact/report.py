"""What a study of who sees a proposal says of itself: facts, the answer in a sentence, and its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from citymodel.analysis.facade.place import Place, crown_note
from citymodel.analysis.impact.ground import Columns
from citymodel.analysis.impact.parameters import ImpactParameters
from citymodel.analysis.impact.proposal import Body
from citymodel.results import Field
from citymodel.scenario import Scenario
from citymodel.surface import Grid

TITLES = {
    "metres": ("Height of {} that is seen", "m"),
    "share": ("Part of {} that is seen", "%"),
    "vertical": ("Height of {} in the view", "°"),
    "horizontal": ("Width of {} in the view", "°"),
}


def title_of(measure: str, scenario: Scenario) -> str:
    """What a measure is called, of façades and of the ground alike."""
    return TITLES[measure][0].format(scenario.name)


def facts(
    body: Body, columns: Columns, place: Place, parameters: ImpactParameters, scenario: Scenario
) -> dict[str, Any]:
    """What to know of the proposal, beside what every study says."""
    corner = body.corners.reshape(-1, 3)
    top = corner[np.argmax(corner[:, 2])] + np.asarray(place.origin)
    return {
        "columns": {f"proposal_{name}": [title_of(name, scenario), unit] for name, (_, unit) in TITLES.items()},
        "proposal_top": [round(float(v), 2) for v in top],
        "proposal_columns": len(columns.row),
        "refraction": parameters.refraction,
        "surface_model": "terrain, highest returns without noise, and model polygons, exact at the cells' centres",
    }


def notes(
    parameters: ImpactParameters, scenario: Scenario, columns: Columns, ground: Mapping[str, Sequence[Any]],
    fields: Mapping[str, Field], grid: Grid,
) -> list[str]:  # fmt: skip
    """Plain lines on the answer and on the ground."""
    city, bare = (sum(ground[name][:-1]) for name in ("ground_m2", "bare_m2"))
    whole = max(sum(ground["ground_m2"]), 1e-9)
    answer = (
        f"{scenario.name} is seen from {city / 10_000:.1f} ha of open ground, {city / whole:.0%} of it; over the bare "
        f"earth it would be seen from {bare / 10_000:.1f} ha.{_affected(fields)}"
    )
    how = (
        f"Ground: viewsheds by reciprocity from {len(columns.row)} columns on the proposal's edge to eyes "
        f"{parameters.eye:g} m above open ground, {grid.cell:g} m cells, up to {parameters.reach:g} m, curvature and "
        f"refraction ({_air(parameters)}) included. Metres are those of the column that shows most; what the proposal "
        "hides of its own far side is not taken off, which counts from high ground only. Trees hide what is behind "
        "them, as measured or modelled."
    )
    return [answer, how]


def facade_note(place: Place, parameters: ImpactParameters, samples: int) -> str:
    """How the façades were asked."""
    return (
        f"Façades: rays to {samples} points on the proposal from a point for every {parameters.spacing:g} m of façade "
        f"and storey, 1.6 m above the floor; affected from {parameters.counts_from:g} m of its height. The rays run "
        f"straight, without curvature. {crown_note(place)}Metres run from the lowest to the highest point seen."
    )


def _affected(fields: Mapping[str, Field]) -> str:
    if "by_building" not in fields:
        return ""
    table = fields["by_building"].data
    storeys, homes = sum(table["storeys_affected"]), np.asarray(table["homes_affected"], dtype=np.float64)
    buildings = sum(1 for one in table["storeys_affected"] if one)
    words = f" with up to {np.nansum(homes):,.0f} homes" if np.isfinite(homes).any() else ""
    return f" {storeys:,} storeys of {buildings:,} buildings{words} see it."


def _air(parameters: ImpactParameters) -> str:
    return {"seventh": "k = 1/7", "0.13": "k = 0.13", "none": "none"}[parameters.refraction]
