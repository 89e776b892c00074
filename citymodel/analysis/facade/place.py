"""What a study of views reads of a project: the city in each state, crowns that only points know, and a zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from citymodel.analysis.facade.crowns import NOTE, Crowns, Origin, crowns
from citymodel.analysis.question import scenario_of
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.scenario import Scenario, apply
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.document import Document


class Place(NamedTuple):
    """The city of a study: what stands in it in each state, and the zero of its rays.

    layers : models and terrain; sources : all that was read, points among them
    """

    layers: tuple[Layer, ...]
    sources: tuple[Layer, ...]
    scenario: Scenario | None
    states: tuple[tuple[Layer, ...], ...]
    origin: Origin
    crowns: Crowns

    @property
    def leafy(self) -> bool:
        """Whether crowns of the points stand in the view."""
        return bool(len(self.crowns.common) or len(self.crowns.base))


def place_of(document: Document, wanted: str | None, progress: Progress = silent) -> Place:
    """The city of the document with the wanted scenario; refused where there is no city, or no system."""
    layers = tuple(one for one in document.layers if one.kind in ("city", "terrain"))
    if not any(one.kind == "city" for one in layers):
        raise ParameterError("there is no city model, so there are no façades; add one with buildings")
    if document.frame is None or document.frame.crs is None:
        raise CrsError("the project has no coordinate system, so nothing is known in metres; open the data with one")
    scenario = scenario_of(document, wanted)
    states = (layers, apply(scenario, layers)) if scenario else (layers,)
    box = extent(layers)
    origin = (round((box[0] + box[2]) / 2, -3), round((box[1] + box[3]) / 2, -3), 0.0)
    sources = tuple(one for one in document.layers if one.kind in ("city", "terrain", "points"))
    return Place(layers, sources, scenario, states, origin, crowns(sources, scenario, origin, progress))


def crown_note(place: Place) -> str:
    """A sentence on the crowns of the points, "" where there are none."""
    return f"{NOTE} " if place.leafy else ""
