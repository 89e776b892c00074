"""The buildings a diagram outlines: those that stay, those that are proposed or changed, those that go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel import patch
from citymodel.layers import Layer
from citymodel.scenario import OF_OBJECTS, RemoveObject, Scenario, apply

if TYPE_CHECKING:
    from citymodel.model import CityModel
    from citymodel.triangulate import Footprint

LOW_SUN = 14.0
"""Degrees; lower suns do not widen the area framed around a change."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Footprints as shapely polygons in the data's CRS.

    heights : metres that each of the proposed and then of the removed rises over its own foot
    """

    existing: tuple[Any, ...] = ()
    proposed: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()
    heights: tuple[float, ...] = ()


def outlines(layers: Sequence[Layer], scenario: Scenario | None) -> Outlines:
    """The footprints of the city layers as a scenario has them."""
    existing: list[Footprint] = []
    proposed: list[Footprint] = []
    removed: list[Footprint] = []
    after = apply(scenario, tuple(layers)) if scenario else tuple(layers)
    gone = _touched(scenario, removed=True)
    changed = _touched(scenario, removed=False) - gone
    for layer in (one for one in layers if one.kind == "city"):
        away = _rows(layer.data, {id for layer_id, id in gone if layer_id == layer.id})
        other = _rows(layer.data, {id for layer_id, id in changed if layer_id == layer.id})
        for one in _footprints(layer.data):
            if away[one.object_row]:
                removed.append(one)
            elif not other[one.object_row]:
                existing.append(one)
    for layer in (one for one in after if one.kind == "city"):
        new = scenario is not None and layer.id == scenario.layer_id
        other = _rows(layer.data, {id for layer_id, id in changed if layer_id == layer.id})
        if new or other.any():
            proposed += [one for one in _footprints(layer.data) if new or other[one.object_row]]
    heights = tuple(one.zmax - one.zmin for one in (*proposed, *removed))
    return Outlines(_areas(existing), _areas(proposed), _areas(removed), heights)


def reach(found: Outlines, azimuths: NDArray[np.float64], altitudes: NDArray[np.float64]) -> Bounds | None:
    """The box of the changed buildings and of their shadows on level ground, None without a change.

    azimuths : degrees from grid north; suns below LOW_SUN are taken at LOW_SUN, those below the horizon not at all
    """
    shapes = (*found.proposed, *found.removed)
    if not shapes:
        return None
    boxes, heights = np.array([one.bounds for one in shapes]), np.array(found.heights)
    shadows = [boxes]
    for azimuth, altitude in zip(azimuths, altitudes, strict=True):
        if altitude > 0:
            length = heights / np.tan(np.radians(max(altitude, LOW_SUN)))
            east, north = -length * np.sin(np.radians(azimuth)), -length * np.cos(np.radians(azimuth))
            shadows.append(boxes + np.stack([east, north, east, north], axis=1))
    every = np.concatenate(shadows)
    low, high = [float(v) for v in every[:, :2].min(axis=0)], [float(v) for v in every[:, 2:].max(axis=0)]
    room = 20.0 + 0.08 * max(high[0] - low[0], high[1] - low[1])
    width, height = high[0] - low[0] + 2 * room, high[1] - low[1] + 2 * room
    wide, tall = max(width, 0.8 * height) / 2, max(height, 0.8 * width) / 2
    x, y = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    return x - wide, y - tall, x + wide, y + tall


def _touched(scenario: Scenario | None, *, removed: bool) -> set[tuple[str, str]]:
    return {
        (one.layer_id, one.object_id)
        for one in (scenario.changes if scenario else ())
        if isinstance(one, OF_OBJECTS) and isinstance(one, RemoveObject) is removed
    }


def _rows(model: CityModel, ids: set[str]) -> Any:
    """(n objects,) bool: the objects of these ids with their parts."""
    return patch.family(model, [row for row, id in enumerate(model.objects.ids) if id in ids])


def _footprints(model: CityModel) -> list[Footprint]:
    from citymodel.triangulate import footprints

    return footprints(model)


def _areas(found: Sequence[Footprint]) -> tuple[Any, ...]:
    return tuple(one.area for one in found)
