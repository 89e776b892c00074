"""The flood of a project: base and scenario in time, their maxima, whom they reach, and where every drop went."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.analysis.flood.buildings import by_building
from citymodel.analysis.flood.control import Control
from citymodel.analysis.flood.losses import table_of
from citymodel.analysis.flood.parameters import FloodParameters
from citymodel.analysis.flood.setup import Asked, Prepared, asked, prepared
from citymodel.analysis.flood.simulate import simulate
from citymodel.analysis.flood.states import Water, water_of
from citymodel.analysis.flood.tables import by_threshold, losses_table, rain_table
from citymodel.analysis.flood.words import STOPPED, notes_of, title_of
from citymodel.analysis.provenance import provenance
from citymodel.flood.hazard import limits_of
from citymodel.flood.run import Outcome
from citymodel.flood.tables import balance, by_gauge, by_section, maps_of
from citymodel.jobs import Progress, part_of, silent
from citymodel.results import Field, Result

if TYPE_CHECKING:
    from citymodel.analysis.estimate import Estimate
    from citymodel.document import Document
    from citymodel.formats.flood_frames import FloodFrames
    from citymodel.project import Project

BYTES_A_CELL = 260
"""Bytes a cell that a state takes while it runs, maps and tables included."""


def run(
    project: Project | Document, parameters: FloodParameters, job: Progress = silent, control: Control | None = None
) -> Result:
    """The flood over a project's data, as it is and as the scenario has it.

    control : pauses and stops it and watches it grow; a stopped study ends with what there is
    """
    began = time.perf_counter()
    document: Document = project.document if hasattr(project, "document") else project
    control = control or Control()
    question = asked(document, parameters)
    made = prepared(question, parameters, part_of(job, 0.0, 0.1))
    states: list[Water] = []
    frames: dict[str, FloodFrames] = {}
    outcomes: list[Outcome] = []
    for number, one in enumerate(made):
        if control.stopped and states:  # of the first, one frame is kept at least
            break
        step = part_of(job, 0.1 + 0.8 * number / len(made), 0.8 / len(made))
        outcome, frames[one.name] = _computed(one, question, parameters, step, control)
        readings = {**frames[one.name].readings(), "places": one.case.gauges, "lines": one.case.sections}
        states.append(water_of(one, outcome, readings, parameters))
        outcomes.append(outcome)
    job(0.9, "maps and tables")
    whole = all(one.complete for one in outcomes)
    compared = states if whole and len(states) == len(made) else states[:1]
    fields = _fields(question, made, compared, parameters)
    facts = _facts(question, made, outcomes, parameters, time.perf_counter() - began)
    notes = notes_of(question, states, parameters, _ends(outcomes, len(compared) < len(made)))
    job(1.0)
    return Result("flood", title_of(question, parameters), fields, facts, notes, water=frames)


def _computed(
    one: Prepared, question: Asked, parameters: FloodParameters, job: Progress, control: Control
) -> tuple[Outcome, FloodFrames]:
    """Run a state into a file of its own, which goes when its frames are no longer held."""
    from citymodel.formats.flood_nc import FloodFile
    from citymodel.formats.scratch import Scratch, sweep

    sweep()  # those of a program that was killed: they are large
    scratch = Scratch("flood")
    try:
        keep = FloodFile(
            scratch.path / f"{one.name}.nc", title=title_of(question, parameters),
            provenance={"parameters": parameters.model_dump(mode="json"), "state": one.name, **one.case.facts},
            debris=parameters.debris, thresholds=parameters.hazard, limits=limits_of(parameters.hazard_au),
        )  # fmt: skip
        job(0.0, f"water, {one.case.name}")
        with keep:
            outcome = simulate(one.case, keep, job, parameters.device, control=control, named=one.name)
    except BaseException:
        scratch.remove()
        raise
    keep.frames.own(scratch)
    return outcome, keep.frames


def _fields(
    question: Asked, made: list[Prepared], states: list[Water], parameters: FloodParameters
) -> dict[str, Field]:  # fmt: skip
    """The maps, then the tables."""
    after = question.scenario.name if question.scenario else ""
    fields = maps_of(states, after, parameters.hazard)
    if any(one.zones.ids for one in states):
        rows = by_building(states, parameters.affected)
        fields["by_building"] = Field("by_building", "Water at the walls, by building", "m", rows)
    title = "Ground, buildings and people by class of danger"
    fields["by_threshold"] = Field("by_threshold", title, "m²", by_threshold(states))
    held = {state.name: _held_back(one) for one, state in zip(made, states, strict=False)}
    fields["balance"] = Field("balance", "Where the water came from and went", "m³", balance(states, held))
    if parameters.gauges:
        fields["by_gauge"] = Field("by_gauge", "Gauges", "m", by_gauge(states))
    if parameters.sections:
        fields["by_section"] = Field("by_section", "Flow through sections", "m³/s", by_section(states))
    if question.forcing.storm is not None:
        fields["rain"] = Field("rain", "The rain", "mm/h", rain_table(question.forcing.storm, states[0]))
    known = np.isfinite(made[0].case.terrain)
    ground = losses_table(table_of(made[0].losses, parameters, known, question.grid.cell), states[0])
    fields["land_cover"] = Field("land_cover", "Land cover and its values", "", ground)
    return fields


def _held_back(one: Prepared) -> float:
    """m³ of rain that a curve number kept, on free cells and roofs alike."""
    known = np.isfinite(one.case.terrain)
    return float(one.losses.held_back[one.losses.classes[known]].sum()) / 1000.0 * one.case.grid.cell**2


def _ends(outcomes: list[Outcome], less: bool) -> list[str]:
    """Notes of the runs, those of one that was stopped first."""
    found = [note for one in outcomes for note in one.notes]
    if less and outcomes:
        found.append(f"{STOPPED}: maps and tables are of the city as it is alone, there is no whole comparison.")
    return found


def _facts(
    question: Asked, made: list[Prepared], outcomes: list[Outcome], parameters: FloodParameters, seconds: float
) -> dict[str, Any]:  # fmt: skip
    device = outcomes[0].device if outcomes else ""
    scenario = question.scenario if len(outcomes) > 1 else None
    facts = provenance(parameters, question.layers, scenario, question.grid, device, seconds)
    begins = made[0].case.begins
    return facts | {
        "begins": begins.isoformat() if begins else None,
        "duration_s": question.duration,
        "reached_s": [one.reached for one in outcomes],
        "complete": all(one.complete for one in outcomes) and len(outcomes) == len(made),
        "steps": [one.steps for one in outcomes],
        "run_seconds": [round(one.seconds, 3) for one in outcomes],
        "volumes_m3": {state.name: dict(one.balance) for state, one in zip(made, outcomes, strict=False)},
        "scheme": parameters.scheme,
        "buildings": parameters.buildings,
        "openings": [len(one.surface.openings) for one in made],
        "deck_cells": [int(one.surface.decks.sum()) for one in made],
        **made[0].case.facts,
    }


def estimate(document: Document, parameters: FloodParameters) -> Estimate:
    """What the study takes on this machine."""
    from citymodel.analysis.estimate import sized
    from citymodel.analysis.flood.rate import seconds_of

    coarse = parameters.model_copy(update={"cell": max(parameters.cell, 10.0)})
    question = asked(document, coarse)
    left, low, right, high = question.grid.bounds
    area, states = (right - left) * (high - low), 2 if question.scenario else 1

    def seconds(cell: float) -> float:
        return states * seconds_of(area, cell, question.duration, parameters)

    return sized(area, parameters.cell, 0, states, seconds, BYTES_A_CELL)
