"""Scenario: a named tuple of changes to the base, and the pure ``apply`` that makes the changed layers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel import patch
from citymodel.builder import CityModelBuilder
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.model import CityModel

Ring = tuple[tuple[float, float], ...]


def _check_height(height: float) -> None:
    if not (math.isfinite(height) and 0 < height <= 2000):
        raise ParameterError(f"a height of {height:g} m is not possible; give 0 to 2,000 m above the base")


@dataclass(frozen=True, slots=True)
class AddBox:
    """A new building: a footprint in the frame's CRS (metres, unclosed) and a height above ``base``.

    base : metres; None takes the lowest ground under the footprint
    """

    id: str
    name: str
    footprint: Ring
    height: float
    base: float | None = None

    def __post_init__(self) -> None:
        ring = tuple((float(x), float(y)) for x, y in self.footprint)
        object.__setattr__(self, "footprint", ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring)
        _check_height(self.height)
        if self.base is not None and not math.isfinite(self.base):
            raise ParameterError(f"the base of {self.name!r} is not a number; give metres, or leave it to the ground")
        if len(self.footprint) < 3 or not all(math.isfinite(v) for point in self.footprint for v in point):
            raise ParameterError(f"the footprint of {self.name!r} needs three or more corners; draw it again")
        import shapely

        outline = shapely.Polygon(self.footprint)
        if not outline.is_valid or outline.area <= 0:
            raise ParameterError(f"the footprint of {self.name!r} crosses itself or has no area; draw it again")


@dataclass(frozen=True, slots=True)
class RemoveObject:
    """An object of a layer, with its parts and surfaces, is torn down."""

    layer_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class SetHeight:
    """An object stands ``height`` metres above its own base."""

    layer_id: str
    object_id: str
    height: float

    def __post_init__(self) -> None:
        _check_height(self.height)


Change = AddBox | RemoveObject | SetHeight
_KINDS: Mapping[str, type[Change]] = {"add-box": AddBox, "remove-object": RemoveObject, "set-height": SetHeight}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes to the base, in order; the base itself is a scenario without changes."""

    id: str
    name: str
    changes: tuple[Change, ...] = ()

    @property
    def layer_id(self) -> str:
        """The id of the layer that holds the added buildings."""
        return f"scenario-{self.id}"

    def boxes(self) -> tuple[AddBox, ...]:
        """The added buildings; of one id the last."""
        return tuple({change.id: change for change in self.changes if isinstance(change, AddBox)}.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain mappings and lists for the project file."""
        names = {kind: name for name, kind in _KINDS.items()}
        changes = [{"kind": names[type(c)], **dataclasses.asdict(c)} for c in self.changes]
        return {"id": self.id, "name": self.name, "changes": changes}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Scenario:
        """The scenario that ``to_dict`` wrote; an error names what is missing or unknown."""
        try:
            changes = tuple(_change(dict(change)) for change in record.get("changes", ()))
            return cls(str(record["id"]), str(record["name"]), changes)
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise ParameterError(
                f"scenario {record.get('name', '?')!r}: {wrong}; the project file is damaged"
            ) from wrong


def _change(record: dict[str, Any]) -> Change:
    kind = _KINDS[record.pop("kind")]
    if kind is AddBox:
        record["footprint"] = tuple((float(x), float(y)) for x, y in record["footprint"])
    return kind(**record)


def missing(scenario: Scenario, layers: tuple[Layer, ...]) -> list[RemoveObject | SetHeight]:
    """Changes whose layer or object is not there; ``apply`` passes over them."""
    cities = {layer.id: set(layer.data.objects.ids) for layer in layers if layer.kind == "city"}
    cities[scenario.layer_id] = {box.id for box in scenario.boxes()}
    return [
        change
        for change in scenario.changes
        if not isinstance(change, AddBox) and change.object_id not in cities.get(change.layer_id, ())
    ]


def apply(scenario: Scenario, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers as the scenario has them: untouched ones are the same objects, added boxes come last.

    Pure: equal input gives the same patched layers (and so the same revisions) while they are in the cache.
    """
    if not scenario.changes:
        return layers
    boxes = tuple(
        box if box.base is not None else dataclasses.replace(box, base=ground_under(box.footprint, layers))
        for box in scenario.boxes()
    )
    if boxes:
        crs = next((layer.data.crs for layer in layers if layer.kind == "city"), None)
        layers = (*layers, _box_layer(scenario.layer_id, scenario.name, boxes, crs))
    result = []
    for layer in layers:
        changes = tuple(c for c in scenario.changes if not isinstance(c, AddBox) and c.layer_id == layer.id)
        result.append(_patched(layer, changes) if changes and layer.kind == "city" else layer)
    return tuple(result)


@lru_cache(maxsize=8)
def _patched(layer: Layer, changes: tuple[RemoveObject | SetHeight, ...]) -> Layer:
    model: CityModel = layer.data
    rows = {id: row for row, id in reversed(list(enumerate(model.objects.ids)))}
    heights = {c.object_id: c.height for c in changes if isinstance(c, SetHeight)}
    removed = [c.object_id for c in changes if isinstance(c, RemoveObject)]
    for id, height in heights.items():
        if id in rows and id not in removed:
            model = patch.set_height(model, rows[id], height)
    model = patch.drop_objects(model, [rows[id] for id in removed if id in rows])
    return dataclasses.replace(layer, data=model)


@lru_cache(maxsize=8)
def _box_layer(id: str, name: str, boxes: tuple[AddBox, ...], crs: str | None) -> Layer:
    builder = CityModelBuilder("scenario", "1")
    builder.crs = crs
    for box in boxes:
        _add_box(builder, box)
    return Layer(id, name, "city", builder.build())


def _add_box(builder: CityModelBuilder, box: AddBox) -> None:
    """A Building with ground, walls and roof as surfaces, and an LoD2 solid that refers to them."""
    ring = np.asarray(box.footprint, dtype=np.float64)
    following = np.roll(ring, -1, axis=0)
    if np.sum(ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]) < 0:
        ring = ring[::-1]
        following = np.roll(ring, -1, axis=0)
    low = float(box.base or 0.0)
    high = low + box.height
    building = builder.add_object(
        box.id, "Building", attributes={"name": box.name, "measuredHeight": box.height, "proposed": True}
    )
    shell = builder.add_node("Shell")
    solid = builder.add_node("Solid")
    builder.add_member(solid, shell, is_node=True)
    walls = [
        [a[0], a[1], low, b[0], b[1], low, b[0], b[1], high, a[0], a[1], high]
        for a, b in zip(ring.tolist(), following.tolist(), strict=True)
    ]
    ground = [v for x, y in ring[::-1].tolist() for v in (x, y, low)]
    roof = [v for x, y in ring.tolist() for v in (x, y, high)]
    for number, (kind, outline) in enumerate(
        [("GroundSurface", ground), *(("WallSurface", wall) for wall in walls), ("RoofSurface", roof)]
    ):
        surface = builder.add_object(f"{box.id}-{number}", kind, building, is_surface=True)
        polygon = builder.add_polygon([outline], f"{box.id}-polygon-{number}")
        node = builder.add_node("MultiSurface")
        builder.add_member(node, polygon)
        builder.add_member(shell, polygon, by_xlink=True)
        builder.add_geometry(building, "MultiSurface", node, surface=surface, lod="2", role="lod2MultiSurface")
    builder.add_geometry(building, "Solid", solid, lod="2", role="lod2Solid")


def ground_under(footprint: Ring, layers: tuple[Layer, ...]) -> float:
    """Lowest ground under a footprint, metres: from terrain, ground points, the city's feet, or 0."""
    ring = np.asarray(footprint, dtype=np.float64)
    low, high = ring.min(axis=0), ring.max(axis=0)
    told = [layer for kind in ("terrain", "points", "city") for layer in layers if layer.kind == kind]
    for layer in told:
        for margin in (0.0, 5.0, 20.0, 80.0):
            z = _ground_heights(layer, low - margin, high + margin)
            if len(z):
                return round(float(np.percentile(z, 2)), 3)
    return 0.0


def _ground_heights(layer: Layer, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights of what is ground in a layer inside a rectangle; empty where it says nothing."""
    if layer.kind == "terrain":
        x, y = np.asarray(layer.data["x"]), np.asarray(layer.data["y"])
        rows = np.flatnonzero((y >= low[1]) & (y <= high[1]))
        columns = np.flatnonzero((x >= low[0]) & (x <= high[0]))
        z = np.asarray(layer.data[rows, columns], dtype=np.float64).ravel()
        return z[np.isfinite(z)]
    if layer.kind == "points":
        ground = np.flatnonzero(layer.data.columns.get("classification", np.zeros(0)) == 2)
        return _inside(layer.data.coordinates(ground), low, high)
    if layer.kind == "city":
        return _inside(layer.data.vertices[~layer.data.template_vertices], low, high)
    return np.zeros(0)


def _inside(xyz: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(xyz[np.all((xyz[:, :2] >= low) & (xyz[:, :2] <= high), axis=1), 2])
