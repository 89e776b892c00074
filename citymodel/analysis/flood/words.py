"""What a reader has to know of a flood study, in plain lines: assumptions, doubts, and what is upper bound or rough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from citymodel.analysis.flood.setup import Asked
from citymodel.analysis.flood.states import Water
from citymodel.analysis.flood.storms import duration_words
from citymodel.flood.hazard import UPPER_BOUND
from kernels.flood_sources import Inflow, Rain

if TYPE_CHECKING:
    from citymodel.analysis.flood.case import Case
    from citymodel.analysis.flood.parameters import FloodParameters

STOPPED = "Stopped"
"""How the note of a run begins that a person has ended."""
_SOIL = {
    "none": "No rain is taken up by the soil: all of it runs off.",
    "green-ampt": "Soil takes up water by Green & Ampt, {soil} and {wet:.0%} full at the start.",
    "horton": "Soil takes up water by Horton, {soil} and dry at the start.",
    "curve-number": "The ground keeps rain by the SCS curve number, {soil}; water that runs over it is not taken up.",
}
_SOILS = {"sand": "sandy", "loam": "loamy", "clay": "clayey"}


def title_of(question: Asked, parameters: FloodParameters) -> str:
    """What was computed, in a line."""
    rain, inflows = question.forcing.storm, question.forcing.inflows
    said = []
    if rain is not None:
        often = f", once in {parameters.years:g} years" if parameters.rain == "return-period" else ""
        said.append(f"{rain.depth:.0f} mm of rain in {duration_words(float(rain.times[-1]) / 60.0)}{often}")
    if inflows:
        said.append(f"{len(inflows)} inflows" if len(inflows) > 1 else "an inflow")
    return "Flood: " + (" and ".join(said) if said else "the water that stands there")


def title_of_case(case: Case) -> str:
    """What a file's case computes, in a line, by its rain and inflows; its name where it has neither."""
    rains = [one for one in case.sources if isinstance(one, Rain)]
    fallen = case.facts.get("rain_mm") or {}
    inflows = sum(isinstance(one, Inflow) for one in case.sources)
    said = []
    if rains and fallen:
        ends = [one if isinstance(one, list) else [one, one] for one in fallen.values()]  # where least and most falls
        low, high = (f"{total:.0f}" if total >= 10 else f"{total:.1f}" for total in np.sum(ends, axis=0))
        said.append(f"{low if low == high else f'{low} to {high}'} mm of rain in {_rains_for(rains, case.duration)}")
    if inflows:
        said.append(f"{inflows} inflows" if inflows > 1 else "an inflow")
    return "Flood: " + (" and ".join(said) or case.name or "the water that stands there")


def _rains_for(rains: Sequence[Rain], duration: float) -> str:
    """From the first drop to the last."""
    begins, ends = [], []
    for one in rains:
        times, wet = np.asarray(one.times, float), np.asarray(one.rates, float).reshape(len(one.times), -1).max(1) > 0
        falls = np.flatnonzero(wet & (times < duration))
        if len(falls):
            begins.append(float(times[falls[0]]))
            last = falls[-1] + 1
            ends.append(min(float(times[last]) if last < len(times) else duration, duration))
    return duration_words(round((max(ends) - min(begins)) / 60.0, 1)) if begins else duration_words(duration / 60.0)


def notes_of(
    question: Asked, states: Sequence[Water], parameters: FloodParameters, outcomes: Sequence[str]
) -> list[str]:  # fmt: skip
    """All lines, those of a run that was stopped first; outcomes : the notes of the runs, with their cases'."""
    rain = question.forcing.storm
    found = [note for note in outcomes if note.startswith(STOPPED)]
    found += [*([f"Rain: {rain.name}."] if rain is not None else []), *question.forcing.notes, *outcomes]
    soil = _SOIL[parameters.infiltration].format(soil=_SOILS[parameters.soil], wet=parameters.soil_wet)
    found.append(f"{soil} Drains are full." if rain is not None and parameters.sewer <= 0 else soil)
    found += _outside(question, parameters)
    found += _gauges(states[0])
    if not any(one.zones.ids or (np.isfinite(one.ground) & np.isnan(one.maps["max_depth"])).any() for one in states):
        found.append("No buildings are known here: water runs where they stand. Add a city model to keep it out.")
    if any(one.standing.any() for one in states):
        found.append("Ground where rivers and ponds stand at the start is left out of areas, classes and walls.")
    found.append(UPPER_BOUND)
    if parameters.scheme == "preview":
        found.append("The preview is no full shallow water: speeds and danger are rough; take second order to decide.")
    if parameters.scheme != "second-order":
        found.append(f"Computed by the {parameters.scheme} scheme.")
    return list(dict.fromkeys(_sentence(one) for one in found))


def _sentence(note: str) -> str:
    """A note with a capital and a full stop."""
    text = note[:1].upper() + note[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _outside(question: Asked, parameters: FloodParameters) -> list[str]:
    box, whole = question.grid.bounds, question.whole
    cell = question.grid.cell
    inner = any(b > w + cell for b, w in zip(box[:2], whole[:2], strict=True)) or any(
        b < w - cell for b, w in zip(box[2:], whole[2:], strict=True)
    )
    where = "the area" if inner else "the data"
    lost = "; what runs off over its edge does not come back" if parameters.edges == "auto" else ""
    return [f"What flows in from outside {where} is missing, unless an inflow or a level brings it{lost}."]


def _gauges(state: Water) -> list[str]:
    """Gauges that read nothing."""
    read = state.readings
    dry = [one.name for k, one in enumerate(read["places"]) if not np.isfinite(np.asarray(read["depth"])[:, k]).any()]
    return [f"Gauge {name} stands on a building or where no ground is known: it reads nothing." for name in dry]
