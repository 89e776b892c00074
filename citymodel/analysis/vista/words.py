"""What is printed beside a protected view: the verdict, how it was measured, and what it cannot know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citymodel.analysis.vista.corridor import PARTS, Corridor
from citymodel.analysis.vista.landmark import EARTH_RADIUS, Landmark
from citymodel.analysis.vista.parameters import VistaParameters
from citymodel.analysis.vista.tables import PENETRATES, counted
from citymodel.layers import Layer
from citymodel.scenario import Scenario, missing

USUAL_K = 1 / 7
NAMED = 3
"""Buildings of a proposal that are named."""


def verdict_words(table: Mapping[str, Sequence[Any]], state: str) -> str:
    """One sentence on who rises above the threshold, part by part."""
    found = []
    for part in PARTS:
        count, most, who = counted(table, state, part)
        if count:
            there = {"corridor": "in the corridor", "setting": "in the setting", "background": "in the background"}
            many = f"{count} buildings rise" if count > 1 else f"{who} rises"
            by = f"by up to {most:.2f} m ({who})" if count > 1 else f"by {most:.2f} m"
            found.append(f"{there[part]} {many} above the threshold {by}")
    return "; ".join(found) or "nothing rises above the threshold"


def proposal_words(table: Mapping[str, Sequence[Any]]) -> str:
    """What the proposal itself puts above the threshold, the most first."""
    verdicts = table.get("verdict_view_scenario", ())
    rows = [
        k for k, word in enumerate(verdicts) if word == PENETRATES and table["change"][k] in ("added", "raised")
    ]  # fmt: skip
    rows.sort(key=lambda k: (table["part"][k] == "corridor", -float(table["clearance_scenario"][k])))
    by_name = {table["id"][k]: k for k in rows}  # of a building in many parts: the corridor's, else its worst
    rows = sorted(by_name.values(), key=lambda k: float(table["clearance_scenario"][k]))
    said = [
        f"{table['id'][k]} by {-float(table['clearance_scenario'][k]):.2f} m in the {table['part'][k]}"
        for k in rows[:NAMED]
    ]
    if not said:
        return "nothing more rises above the threshold"
    more = len(rows) - len(said)
    return f"above the threshold come or grow {', '.join(said)}" + (f" and {more} more" if more else "")


def notes_of(
    parameters: VistaParameters, corridor: Corridor, landmark: Landmark, tables: Mapping[str, Mapping[str, Any]],
    layers: Sequence[Layer], scenario: Scenario | None, facts: Mapping[str, Any],
) -> list[str]:  # fmt: skip
    """The lines beside the result, the verdict first."""
    buildings = tables.get("by_building", {})
    found = [_sentence("As it is", verdict_words(buildings, "base"))]
    if scenario:
        proposed = _sentence("As proposed", verdict_words(buildings, "scenario"))
        found = [_sentence("By the proposal", proposal_words(buildings)), proposed, *found]
    found += [_plane(corridor, facts), _light(parameters, corridor), *_doubts(corridor, facts)]
    found.append(
        f"A building within {parameters.height_error:g} m of the threshold touches it; what touches an edge of the "
        "view is in it."
    )
    trees = tables.get("by_tree", {})
    count, most, _ = counted(trees, "scenario" if scenario else "base")
    said = f": {count} of them rise above the threshold, by up to {most:.2f} m" if count else ""
    found.append(
        "Measured are the model's buildings and the ground at the cells' centres; modelled trees have their own "
        f"table{said}; LiDAR returns of trees and buildings are not measured."
    )
    if landmark.own:
        found.append("The landmark's own building hides nothing of it here and is left out.")
    gone = missing(scenario, tuple(layers)) if scenario else []
    if gone:
        found.append(f"{len(gone)} changes of the proposal name objects that are not in the data; they were left out.")
    if scenario and landmark.own & facts["touched"]:
        found.append("The proposal changes the landmark itself; the view is measured to it as it is.")
    return found


def _sentence(start: str, words: str) -> str:
    return f"{start}: {words}."


def _plane(corridor: Corridor, facts: Mapping[str, Any]) -> str:
    (near, far), (low, high) = corridor.widths, corridor.heights
    sides = f", and {corridor.setting:g} m beside it at each side" if corridor.setting else ""
    behind = f", and {corridor.end - corridor.length:,.0f} m behind the landmark" if corridor.background else ""
    return (
        f"Threshold from {low:.2f} m at the point to {high:.2f} m at {facts['landmark']['name']}, "
        f"{corridor.length:,.1f} m away; corridor {near:.1f} m wide at the point and {far:.1f} m at the landmark{sides}"
        f"{behind}; eye at {facts['eye']:.2f} m."
    )


def _light(parameters: VistaParameters, corridor: Corridor) -> str:
    if corridor.bend:
        most = corridor.bend * corridor.length**2 / 4
        return f"Curved earth with refraction k = {parameters.refraction:.3g}: up to {most:.2f} m below a plane."
    most = (1 - USUAL_K) / (2 * EARTH_RADIUS) * corridor.length**2 / 4
    if most < 0.005:
        return "A straight plane; over this distance the earth's curve changes it by less than 1 cm."
    return (
        f"A straight plane; the earth's curve with refraction k = 1/7 would put it up to {most:.2f} m lower on the way."
    )


def _doubts(corridor: Corridor, facts: Mapping[str, Any]) -> list[str]:
    """Warnings: what may be a mistake, and where nothing is known."""
    found = []
    if corridor.heights[1] < corridor.heights[0]:
        found.append(
            f"The threshold at the landmark, {corridor.heights[1]:.2f} m, lies below its height at the point, "
            f"{corridor.heights[0]:.2f} m; check that both count from the datum and not from the ground."
        )
    if facts["roof_at_point"] > facts["eye"] + 0.05:
        found.append(
            f"A roof at {facts['roof_at_point']:.2f} m covers the point; give the eye's height if it is there."
        )
    if facts["ground_at_point"] > facts["eye"] + 0.05:
        found.append(
            f"The eye, {facts['eye']:.2f} m, is below the ground there, {facts['ground_at_point']:.2f} m; raise it."
        )
    if facts["ground_above"] > 0:
        found.append(f"The ground itself rises above the threshold, by up to {facts['ground_above']:.2f} m.")
    if facts["unknown_share"] > 0.005:
        found.append(f"For {facts['unknown_share']:.0%} of the view the data hold no ground.")
    return found
