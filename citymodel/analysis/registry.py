"""The studies there are: ours and those of installed packages, each loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Study:
    """A study by name.

    title : in a planner's words; question : one line on what it answers
    model, run : "module:name" of the parameter model and of ``run(project, parameters, job) -> Result``
    """

    name: str
    title: str
    question: str
    model: str
    run: str

    def parameters(self) -> type[BaseModel]:
        """The class of its parameters."""
        found: type[BaseModel] = _named(self.model)
        return found

    def function(self) -> Callable[..., Any]:
        """``run(project, parameters, job)``."""
        found: Callable[..., Any] = _named(self.run)
        return found


def _named(text: str) -> Any:
    module, _, name = text.partition(":")
    return getattr(importlib.import_module(module), name)


OURS = (
    Study(
        "shadow",
        "Sun on a day",
        "Hours of sun, longest, first and last sun; open spaces, areas and the rule of enough sun",
        "citymodel.analysis.shadow_parameters:ShadowParameters",
        "citymodel.analysis.shadow:run",
    ),
    Study(
        "facades",
        "Sun on façades",
        "Hours of sun on walls, windows and roofs, shares of the year's sun, sky component, energy",
        "citymodel.analysis.facade.parameters:FacadeParameters",
        "citymodel.analysis.facade.study:run",
    ),
    Study(
        "sunlight",
        "Sun of a year",
        "Hours of sun of a year and its seasons, their share of all there could be, energy on ground and roofs",
        "citymodel.analysis.year.parameters:SunlightParameters",
        "citymodel.analysis.year.study:run",
    ),
    Study(
        "skyview",
        "Open sky",
        "The share of the sky that each place sees",
        "citymodel.analysis.skyview:SkyViewParameters",
        "citymodel.analysis.skyview:run",
    ),
    Study(
        "viewshed",
        "What is seen",
        "What is seen from points, along a path and from an area; what a proposal newly hides and shows",
        "citymodel.analysis.viewshed.parameters:ViewshedParameters",
        "citymodel.analysis.viewshed.study:run",
    ),
    Study(
        "landmark",
        "View of a landmark",
        "What façades see of a church or a tower, and which homes lose, keep or gain the view by a proposal",
        "citymodel.analysis.landmark.parameters:LandmarkParameters",
        "citymodel.analysis.landmark.study:run",
    ),
    Study(
        "impact",
        "Who sees the proposal",
        "From which ground, façades and homes a proposal is seen, how much of it, and what it newly hides",
        "citymodel.analysis.impact.parameters:ImpactParameters",
        "citymodel.analysis.impact.study:run",
    ),
    Study(
        "outlook",
        "View from a window",
        "Shares of sky, green, water, buildings and a landmark in the view from a place or from a building's storeys",
        "citymodel.analysis.outlook.parameters:OutlookParameters",
        "citymodel.analysis.outlook.study:run",
    ),
    Study(
        "vista",
        "Protected view",
        "What rises above the plane between an assessment point and a landmark, and how much room is left below it",
        "citymodel.analysis.vista.parameters:VistaParameters",
        "citymodel.analysis.vista.study:run",
    ),
    Study(
        "flood",
        "Cloudburst and flood",
        "Where water runs and stands in a storm or a flood, how deep and how dangerous, and which buildings it reaches",
        "citymodel.analysis.flood.parameters:FloodParameters",
        "citymodel.analysis.flood.study:run",
    ),
)


@lru_cache(maxsize=1)
def studies() -> Mapping[str, Study]:
    """All studies by name; an installed package adds one by the entry point group ``citymodel.analyses``."""
    found = {one.name: one for one in OURS}
    for point in entry_points(group="citymodel.analyses"):
        more: Study = point.load()
        found.setdefault(more.name, more)
    return found


def study(name: str) -> Study:
    """The study of that name."""
    if name not in studies():
        raise ParameterError(f"there is no study {name!r}; the studies are {', '.join(studies())}")
    return studies()[name]
