"""Scenario: a named tuple of changes to the base, and the pure ``apply`` that makes the changed layers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from citymodel import patch
from citymodel.bilinear import heights_at
from citymodel.builder import CityModelBuilder
from citymodel.built import add_box, add_wall, stations
from citymodel.changes import (
    OF_OBJECTS,
    AddBox,
    AddOpening,
    AddWall,
    Change,
    ChangeGround,
    Drawn,
    ObjectChange,
    RemoveObject,
    Ring,
    SetHeight,
    from_record,
    to_record,
)
from citymodel.earthworks import raised, raised_raster
from citymodel.errors import ParameterError
from citymodel.footing import ground_along, ground_under
from citymodel.layers import Layer
from citymodel.model import CityModel

__all__ = [
    "OF_OBJECTS",
    "AddBox",
    "AddOpening",
    "AddWall",
    "Change",
    "ChangeGround",
    "Drawn",
    "ObjectChange",
    "RemoveObject",
    "Ring",
    "Scenario",
    "SetHeight",
    "apply",
    "ground_along",
    "ground_under",
    "missing",
]

F8 = NDArray[np.float64]
BUILT = "scenario-"
"""How the ids of layers begin that hold what a scenario builds."""
_One = TypeVar("_One", AddBox, AddWall, ChangeGround, AddOpening)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes to the base, in order; the base itself is a scenario without changes."""

    id: str
    name: str
    changes: tuple[Change, ...] = ()

    @property
    def layer_id(self) -> str:
        """The id of the layer that holds the added buildings and walls."""
        return f"{BUILT}{self.id}"

    def boxes(self) -> tuple[AddBox, ...]:
        """The added buildings; of one id the last."""
        return self._last(AddBox)

    def walls(self) -> tuple[AddWall, ...]:
        """The added walls as they stand: with heights set later, without those taken away again."""
        gone = {c.object_id for c in self._own() if isinstance(c, RemoveObject)}
        heights = {c.object_id: c.height for c in self._own() if isinstance(c, SetHeight)}
        return tuple(
            dataclasses.replace(one, height=heights.get(one.id, one.height))
            for one in self._last(AddWall)
            if one.id not in gone
        )

    def built(self) -> tuple[str, ...]:
        """The ids of the added buildings and walls, objects of the scenario's own layer."""
        return (*(box.id for box in self.boxes()), *(wall.id for wall in self.walls()))

    def grounds(self) -> tuple[ChangeGround, ...]:
        """Where the ground changes; of one id the last."""
        return self._last(ChangeGround)

    def openings(self) -> tuple[AddOpening, ...]:
        """Culverts and underpasses; of one id the last."""
        return self._last(AddOpening)

    def drawn(self, id: str) -> Drawn | None:
        """What was drawn under that id, None for nothing."""
        things: tuple[Drawn, ...] = (*self.boxes(), *self._last(AddWall), *self.grounds(), *self.openings())
        return next((one for one in things if one.id == id), None)

    def having(self, change: Change) -> Scenario:
        """The scenario with one more change; what was drawn of that kind and id before makes room where it stood."""
        changes = list(self.changes)
        same = [
            at
            for at, one in enumerate(changes)
            if not isinstance(change, OF_OBJECTS) and type(one) is type(change) and one.id == change.id
        ]
        if same:
            changes[same[-1]] = change
        else:
            changes.append(change)
        return dataclasses.replace(self, changes=tuple(changes))

    def without(self, id: str) -> Scenario:
        """The scenario without what was drawn under that id, and without what was done to it since."""
        kept = tuple(
            c
            for c in self.changes
            if not (c.layer_id == self.layer_id and c.object_id == id if isinstance(c, OF_OBJECTS) else c.id == id)
        )
        return dataclasses.replace(self, changes=kept)

    def _last(self, kind: type[_One]) -> tuple[_One, ...]:
        return tuple({change.id: change for change in self.changes if isinstance(change, kind)}.values())

    def _own(self) -> list[ObjectChange]:
        """Changes of what the scenario itself brought."""
        return [c for c in self.changes if isinstance(c, OF_OBJECTS) and c.layer_id == self.layer_id]

    def to_dict(self) -> dict[str, Any]:
        """Plain mappings and lists for the project file."""
        return {"id": self.id, "name": self.name, "changes": [to_record(one) for one in self.changes]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Scenario:
        """The scenario that ``to_dict`` wrote; an error names what is missing or unknown."""
        try:
            changes = tuple(from_record(change) for change in record.get("changes", ()))
            return cls(str(record["id"]), str(record["name"]), changes)
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise ParameterError(
                f"scenario {record.get('name', '?')!r}: {wrong}; the project file is damaged"
            ) from wrong


def missing(scenario: Scenario, layers: tuple[Layer, ...]) -> list[ObjectChange]:
    """Changes whose layer or object is not there; ``apply`` passes over them."""
    cities = {layer.id: set(layer.data.objects.ids) for layer in layers if layer.kind == "city"}
    cities[scenario.layer_id] = {one.id for one in scenario.changes if isinstance(one, AddBox | AddWall)}
    return [
        change
        for change in scenario.changes
        if isinstance(change, OF_OBJECTS) and change.object_id not in cities.get(change.layer_id, ())
    ]


def apply(scenario: Scenario, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers as the scenario has them: untouched ones are the same objects, what is built comes last.

    Terrain and surface rasters hold the changed ground. Pure: equal input gives the same patched layers (and so the
    same revisions) while they are in the cache.
    """
    if not scenario.changes:
        return layers
    grounds = scenario.grounds()
    if grounds:
        layers = _dug(layers, grounds)
    boxes = tuple(
        box if box.base is not None else dataclasses.replace(box, base=ground_under(box.footprint, layers, grounds))
        for box in scenario.boxes()
    )
    walls = scenario.walls()
    if boxes or walls:
        crs = next((layer.data.crs for layer in layers if layer.kind == "city"), None)
        standing = tuple((wall, _footing(wall, layers, grounds)) for wall in walls)
        layers = (*layers, _built_layer(scenario.layer_id, scenario.name, boxes, standing, crs))
    done = {wall.id for wall in scenario.changes if isinstance(wall, AddWall)}
    result = []
    for layer in layers:
        changes = tuple(
            c
            for c in scenario.changes
            if isinstance(c, OF_OBJECTS)
            and c.layer_id == layer.id
            and not (c.layer_id == scenario.layer_id and c.object_id in done)
        )
        result.append(_patched(layer, changes) if changes and layer.kind == "city" else layer)
    return tuple(result)


@lru_cache(maxsize=8)
def _patched(layer: Layer, changes: tuple[ObjectChange, ...]) -> Layer:
    model: CityModel = layer.data
    rows = {id: row for row, id in reversed(list(enumerate(model.objects.ids)))}
    heights = {c.object_id: c.height for c in changes if isinstance(c, SetHeight)}
    removed = [c.object_id for c in changes if isinstance(c, RemoveObject)]
    for id, height in heights.items():
        if id in rows and id not in removed:
            model = patch.set_height(model, rows[id], height)
    model = patch.drop_objects(model, [rows[id] for id in removed if id in rows])
    return dataclasses.replace(layer, data=model)


@lru_cache(maxsize=4)
def _dug(layers: tuple[Layer, ...], grounds: tuple[ChangeGround, ...]) -> tuple[Layer, ...]:
    """The layers with the changed ground in their rasters; rasters out of its reach stay the same objects.

    A surface raster follows the ground that the first terrain raster tells, or its own heights where there is none.
    """
    terrain = next((layer.data for layer in layers if layer.kind == "terrain"), None)
    found = []
    for layer in layers:
        if layer.kind not in ("terrain", "surface"):
            found.append(layer)
            continue
        raster = layer.data
        x, y = np.asarray(raster["x"], dtype=np.float64), np.asarray(raster["y"], dtype=np.float64)
        z = np.asarray(raster)
        if layer.kind == "surface" and terrain is not None:
            after = _followed(z, x, y, terrain, grounds)
        else:
            after = raised_raster(z, x, y, grounds)
        found.append(layer if after is z else dataclasses.replace(layer, data=raster.copy(data=after)))
    return tuple(found)


def _followed(z: NDArray[Any], x: F8, y: F8, terrain: Any, grounds: tuple[ChangeGround, ...]) -> NDArray[Any]:
    """A surface's heights that move by as much as the ground under them."""
    inside = raised_raster(np.zeros(z.shape, np.float32), x, y, _marks(grounds)) != 0
    if not inside.any():
        return z
    rows, columns = np.nonzero(inside)
    at = x[columns], y[rows]
    told = np.asarray(terrain["x"], dtype=np.float64), np.asarray(terrain["y"], dtype=np.float64)
    ground = heights_at(*at, np.asarray(terrain), *told)
    shift = raised(ground, *at, grounds) - ground
    after = z.copy()
    after[rows, columns] += np.where(np.isfinite(shift), shift, 0.0).astype(z.dtype)
    return after


def _marks(grounds: tuple[ChangeGround, ...]) -> tuple[ChangeGround, ...]:
    return tuple(ChangeGround(one.id, one.name, one.outline, by=1.0) for one in grounds)


@lru_cache(maxsize=256)
def _footing(wall: AddWall, layers: tuple[Layer, ...], grounds: tuple[ChangeGround, ...]) -> tuple[float, ...]:
    """The ground at the stations of a wall, metres."""
    return tuple(ground_along(stations(wall), layers, grounds).tolist())


@lru_cache(maxsize=8)
def _built_layer(
    id: str,
    name: str,
    boxes: tuple[AddBox, ...],
    walls: tuple[tuple[AddWall, tuple[float, ...]], ...],
    crs: str | None,
) -> Layer:
    builder = CityModelBuilder("scenario", "1")
    builder.crs = crs
    for box in boxes:
        add_box(builder, box)
    for wall, ground in walls:
        add_wall(builder, wall, stations(wall), np.asarray(ground))
    return Layer(id, name, "city", builder.build())
