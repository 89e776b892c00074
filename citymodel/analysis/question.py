"""What every study reads of a project: its data, the scenario to compare with the base, the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citymodel.errors import CrsError, ParameterError
from citymodel.layers import Layer
from citymodel.scenario import Scenario
from citymodel.surface import Grid
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from citymodel.document import Document

SOURCES = ("city", "points", "terrain", "surface")
"""Kinds of layers that stand in the light."""
LOW_SUN = 10.0
"""Degrees at which the reach of shadows from outside the data is stated."""


def scenario_of(document: Document, wanted: str | None) -> Scenario | None:
    """The scenario of this id or name to compare with the base, None where it changes nothing.

    wanted : None stands for the one on screen, "" for the base alone; ParameterError for one that is not there
    """
    wanted = document.active_scenario if wanted is None else wanted
    if not wanted:
        return None
    by_id = [one for one in document.scenarios if one.id == wanted]
    by_name = [one for one in document.scenarios if one.name.casefold() == wanted.casefold()]
    for one in by_id or by_name:
        return one if one.changes else None
    known = ", ".join(f"{one.id} ({one.name})" for one in document.scenarios) or "none"
    raise ParameterError(f"there is no scenario {wanted!r}; the scenarios are: {known}")


def grid_of(
    document: Document, layers: tuple[Layer, ...], bounds: tuple[float, float, float, float] | None, cell: float
) -> Grid:
    """The grid of a study over the data or a part of them."""
    crs = document.frame.crs if document.frame else None
    if crs is None:
        raise CrsError("the project has no coordinate system, so the sun's place is unknown; open the data with one")
    return Grid.around(bounds or extent(layers), cell, crs)
