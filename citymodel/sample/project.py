"""The sample city as a project: its model and terrain, a planned tower and a water square as proposals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from citymodel.jobs import Progress, silent
from citymodel.project import Project, open_data
from citymodel.sample.city import City, build
from citymodel.sample.citygml import TOWN
from citymodel.sample.cloudburst import water_square
from citymodel.sample.terrain import ORIGIN
from citymodel.scenario import AddBox, Scenario

NAME = "auenfurt.city"


def proposal(city: City) -> Scenario:
    """The planned tower as a scenario: a box for each of its bodies, from the ground to its top."""
    boxes = []
    for number, part in enumerate(city.tower.parts):
        ring = tuple((float(x), float(y)) for x, y in part.footprint + ORIGIN)
        name = city.tower.name if not number else f"{city.tower.name}, podium"
        boxes.append(AddBox(f"{city.tower.id}-{number + 1}", name, ring, round(part.top - part.base, 2), part.base))
    return Scenario("laueturm", city.tower.name, tuple(boxes))


def write_project(folder: Path, seed: int, progress: Progress = silent) -> Path:
    """Write the project beside the sample's files; the tower is on screen."""
    progress(0.0, "making a project with the proposal")
    document = open_data([folder / "terrain.tif", folder / "city.gml"], None, progress)
    named = replace(document, name=TOWN).with_scenario(water_square())
    return Project(named.with_scenario(proposal(build(seed)))).save(folder / NAME)
