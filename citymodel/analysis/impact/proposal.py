"""The body that a scenario adds: its triangles, the buildings it belongs to, and the city without it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.occluders import Origin
from citymodel.analysis.facade.target import Found, clipped, roots_of, triangles_of
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.scenario import OF_OBJECTS, AddBox, AddWall, Scenario, SetHeight, apply

F8 = NDArray[np.float64]


class Body(NamedTuple):
    """What is new of a scenario, metres from an origin.

    corners : (t, 3, 3) triangles of what is added, and of what is raised above where it ended
    buildings : (layer id, object id) of the buildings it is or is part of
    without : the scenario without what it adds and raises; its removals stay
    """

    corners: F8
    buildings: set[Found]
    without: Scenario

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax) from the origin."""
        low, high = self.corners.reshape(-1, 3).min(axis=0), self.corners.reshape(-1, 3).max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def body_of(scenario: Scenario, layers: Sequence[Layer], origin: Origin) -> Body:
    """The body of a scenario; refused where it adds nothing that could be seen."""
    after = apply(scenario, tuple(layers))
    parts = [np.zeros((0, 3, 3))]
    found: list[Found] = []
    raised: set[Found] = set()
    for id in scenario.built():
        key = (scenario.layer_id, id)
        parts.append(triangles_of(after, [key], origin))
        found.append(key)
    for change in scenario.changes:
        if not isinstance(change, SetHeight) or (change.layer_id, change.object_id) in found:
            continue
        key = (change.layer_id, change.object_id)
        old, new = triangles_of(layers, [key], origin), triangles_of(after, [key], origin)
        if len(old) and len(new) and new[:, :, 2].max() > old[:, :, 2].max() + 0.01:
            parts.append(clipped(new, float(old[:, :, 2].max()))[1])
            found.append(key)
            raised.add(key)
    corners = np.concatenate(parts)
    if not len(corners):
        raise ParameterError(f"{scenario.name!r} adds nothing that could be seen; add a building, or raise one")
    rest = tuple(
        one
        for one in scenario.changes
        if not isinstance(one, AddBox | AddWall)
        and not (isinstance(one, SetHeight) and ((one.layer_id, one.object_id) in raised))
        and not (isinstance(one, OF_OBJECTS) and one.layer_id == scenario.layer_id)
    )
    return Body(corners, roots_of(after, found), dataclasses.replace(scenario, changes=rest))
