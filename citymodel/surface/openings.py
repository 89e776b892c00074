"""Openings for water: culverts and underpasses that a scenario draws, and the tunnels of city models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel import patch
from citymodel.changes import AddOpening
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.model import CityModel
from citymodel.scenario import RemoveObject, Scenario
from citymodel.surface.grid import Grid
from kernels.flood_sources import Link

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Place = tuple[float, float]

END = 0.15
"""Share of a tunnel's length at either end in which its floor and its roof are measured."""
BURIED = 1.5
"""Metres that the ground may lie above a tunnel's floor where it comes out."""
REACH = 3
"""Cells from an end's own in which one is looked for that water reaches."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A culvert, an underpass or a tunnel between two places of the grid's CRS, metres.

    invert : metres, the higher of the floors at both ends; height and capacity (m³/s): inf where nothing limits them
    """

    name: str
    start: Place
    end: Place
    width: float
    invert: float
    height: float = math.inf
    capacity: float = math.inf

    def link(self, free: Mask, grid: Grid) -> Link:
        """What the kernel takes; an end that lies on a wall or outside goes to the nearest cell that is free."""
        ends = [self._cell(place, free, grid) for place in (self.start, self.end)]
        if ends[0] == ends[1]:
            raise ParameterError(
                f"both ends of {self.name!r} lie in one cell of {grid.cell:g} m; "
                "choose smaller cells, or draw it longer"
            )
        return Link(ends[0], ends[1], self.width, self.invert, self.height, self.capacity)

    def _cell(self, place: Place, free: Mask, grid: Grid) -> tuple[int, int]:
        column, row = (place[0] - grid.x0) / grid.cell - 0.5, (grid.y0 - place[1]) / grid.cell - 0.5
        r = np.arange(max(round(row) - REACH, 0), min(round(row) + REACH + 1, grid.shape[0]))
        c = np.arange(max(round(column) - REACH, 0), min(round(column) + REACH + 1, grid.shape[1]))
        away = np.hypot(*np.meshgrid(r - row, c - column, indexing="ij"))
        near = np.where(free[np.ix_(r, c)], away, np.inf) if away.size else np.full((1, 1), np.inf)
        if not np.isfinite(near.min()):
            raise ParameterError(
                f"an end of {self.name!r} at {place[0]:,.1f}, {place[1]:,.1f} lies outside the ground or in a "
                "building; move it to where water reaches it"
            )
        at = np.unravel_index(int(near.argmin()), near.shape)
        return int(r[at[0]]), int(c[at[1]])


def openings_of(
    layers: tuple[Layer, ...], scenario: Scenario | None, terrain: F8, grid: Grid
) -> tuple[tuple[Opening, ...], list[str]]:
    """The openings that a scenario draws, and the tunnels of models that come out on the ground; what was found."""
    drawn = tuple(_drawn(one) for one in (scenario.openings() if scenario else ()))
    changes = scenario.changes if scenario else ()
    gone = {(c.layer_id, c.object_id) for c in changes if isinstance(c, RemoveObject)}
    cities = [layer for layer in layers if layer.kind == "city"]
    tunnels = [one for layer in cities for one in tunnels_of(layer.data) if (layer.id, one.id) not in gone]
    found = [one for one in tunnels if _lies_open(one, terrain, grid)]
    names = [one.name for one in found]
    notes = []
    if drawn:
        notes.append(f"openings drawn: {_listed([one.name for one in drawn])}")
    if found:
        words = "1 tunnel of the model carries" if len(found) == 1 else f"{len(found)} tunnels of the model carry"
        notes.append(f"{words} water from end to end: {_listed(names)}")
    if closed := len(tunnels) - len(found):
        words = "1 tunnel of the model is" if closed == 1 else f"{closed} tunnels of the model are"
        notes.append(f"{words} closed to water: no way out on the ground here")
    through = tuple(Opening(one.name, one.start, one.end, one.width, one.invert, one.height) for one in found)
    return (*drawn, *through), notes


def _drawn(one: AddOpening) -> Opening:
    height = math.inf if one.height is None else one.height
    capacity = math.inf if one.capacity is None else one.capacity
    return Opening(one.name, one.start, one.end, one.width, one.invert, height, capacity)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _lies_open(one: Tunnel, terrain: F8, grid: Grid) -> bool:
    """Whether both ends of a tunnel come out near the ground."""
    for (x, y), floor in zip((one.start, one.end), one.floors, strict=True):
        cell = grid.cell_at(x, y)
        if cell is None:
            return False
        row, column = cell
        around = terrain[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3]
        if not np.isfinite(around).any() or np.nanmin(around) > floor + BURIED:
            return False
    return True


class Tunnel(NamedTuple):
    """A tunnel: places of its two ends, width, floors there, the higher of them, and the lower of the two heights."""

    id: str
    name: str
    start: Place
    end: Place
    width: float
    floors: tuple[float, float]
    invert: float
    height: float


def tunnels_of(model: CityModel) -> list[Tunnel]:
    """The tunnels of a model, parts with their whole."""
    found = []
    for row, id in enumerate(model.objects.ids):
        if model.objects.type_of(row) != "Tunnel" or model.objects.is_surface[row]:
            continue
        polygons = patch.polygons_of(model, patch.family(model, [row]))
        corners = np.repeat(np.repeat(polygons, np.diff(model.polygon_rings)), np.diff(model.ring_offsets))
        xyz = model.vertices[model.ring_vertices[corners]]
        one = _along(str(id), str(model.objects.attributes[row].get("name") or id), xyz)
        if one is not None:
            found.append(one)
    return found


def _along(id: str, name: str, xyz: F8) -> Tunnel | None:
    import shapely

    if len(xyz) < 4:
        return None
    frame = shapely.MultiPoint(xyz[:, :2]).minimum_rotated_rectangle
    if not isinstance(frame, shapely.Polygon):
        return None
    a, b, c, d = (np.asarray(one) for one in list(frame.exterior.coords)[:4])
    if math.dist(a, b) < math.dist(b, c):
        a, b, c, d = b, c, d, a
    start, end, width = (a + d) / 2, (b + c) / 2, math.dist(b, c)
    length = math.dist(start, end)
    if length <= 0 or not 0 < width <= 100:
        return None
    share = (xyz[:, :2] - start) @ (end - start) / length**2
    ends = [xyz[share <= END, 2], xyz[share >= 1 - END, 2]]
    if not all(len(one) for one in ends):
        return None
    floors = (float(ends[0].min()), float(ends[1].min()))
    height = min(float(np.ptp(one)) for one in ends)
    places = ((float(start[0]), float(start[1])), (float(end[0]), float(end[1])))
    return Tunnel(id, name, *places, width, floors, max(floors), height if height > 0.5 else math.inf)
