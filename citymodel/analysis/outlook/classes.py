"""What a ray meets first, by class: sky, green, water, buildings, ground, the landmark and the proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.crowns import Crowns
from citymodel.analysis.facade.occluders import CROWN, Origin, Part, split
from citymodel.analysis.facade.target import Found
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.legends_view import BUILDING, GREEN, GROUND, LANDMARK, PROPOSAL, SKY, WATER
from citymodel.patch import family
from citymodel.scenario import Scenario, SetHeight
from citymodel.surface.from_model import model_triangles, rasterise
from citymodel.surface.grid import Grid, extent

if TYPE_CHECKING:
    from kernels.rays import RayMesh

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]

COVER_CELL = 1.0
"""Metres of the raster that tells what lies on the terrain."""
COVER_CELLS = 16_000_000
_CODES = {"vegetation": GREEN, "water": WATER, "building": BUILDING, "bridge": BUILDING, "furniture": BUILDING}
_NEAR = 1e-3  # metres from the eye


class Coloured(NamedTuple):
    """A ray mesh and the class of each of its triangles; BARE for the terrain raster's, which the cover tells."""

    mesh: RayMesh
    code: U1


class Views(NamedTuple):
    """What there is to see: the meshes of each state, the first one the same, and what lies on the terrain."""

    states: list[list[Coloured]]
    cover: U1
    grid: Grid
    origin: Origin
    triangles: int


BARE = 255


def views_of(
    layers: Sequence[Layer], scenario: Scenario | None, landmark: Sequence[Found], origin: Origin, device: str,
    crowns: Crowns | None = None, progress: Progress = silent,
) -> Views:  # fmt: skip
    """The city by classes, as it is and as proposed."""
    from kernels.rays import RayMesh

    raised = {(c.layer_id, c.object_id) for c in (scenario.changes if scenario else ()) if isinstance(c, SetHeight)}
    made: list[Coloured] = []
    split_up = split(layers, scenario, origin, crowns=crowns)
    for number, parts in enumerate(split_up):
        progress((number + 1) / (len(split_up) + 2), "what there is to see")
        xyz = np.concatenate([np.zeros((0, 3, 3)), *(one.corners for one in parts)])
        code = np.concatenate(
            [np.zeros(0, np.uint8), *(_codes(one, landmark, raised, number == 2, scenario) for one in parts)]
        )
        known = np.isfinite(xyz).all(axis=(1, 2))
        xyz = xyz[known]
        index = np.arange(3 * len(xyz), dtype=np.int32).reshape(-1, 3)
        made.append(Coloured(RayMesh(xyz.reshape(-1, 3).astype(np.float32), index, device), code[known]))
    progress(1 - 1 / (len(split_up) + 2), "what there is to see")
    cover, grid = _cover(layers)
    states = [[made[0], one] for one in made[1:]] or [made]
    return Views(states, cover, grid, origin, sum(len(one.code) for one in made))


def first_classes(views: Views, state: int, places: F4, towards: F4, device: str) -> tuple[U1, F4]:
    """The class that each ray meets first, and how far away, metres (infinite for the sky).

    places, towards : (k, 3) from the origin, and unit
    """
    from kernels.device import to_device

    code = np.full(len(places), SKY, dtype=np.uint8)
    far = np.full(len(places), np.inf, dtype=np.float32)
    start, ray = to_device(places, device), to_device(towards, device)
    for one in views.states[state]:
        distance, triangle = (to_device(x, "cpu") for x in one.mesh.first(start, ray, _NEAR))
        nearer = np.asarray(distance < far)
        code[nearer] = one.code[triangle[nearer]]
        far[nearer] = distance[nearer]
    bare = np.flatnonzero(code == BARE)
    met = places[bare] + towards[bare] * far[bare, None]
    code[bare] = _on_terrain(views, met)
    code[(code == SKY) & (towards[:, 2] < 0)] = GROUND  # beyond the data's edge
    return code, far


def _on_terrain(views: Views, met: F4) -> U1:
    """What lies on the terrain at (k, 3) places from the origin."""
    grid = views.grid
    column = np.floor((met[:, 0] + views.origin[0] - grid.x0) / grid.cell).astype(np.int64)
    row = np.floor((grid.y0 - met[:, 1] - views.origin[1]) / grid.cell).astype(np.int64)
    inside = (row >= 0) & (row < grid.shape[0]) & (column >= 0) & (column < grid.shape[1])
    found = np.full(len(met), GROUND, dtype=np.uint8)
    found[inside] = views.cover[row[inside], column[inside]]
    return found


def _codes(part: Part, landmark: Sequence[Found], raised: set[Found], after: bool, scenario: Scenario | None) -> U1:
    """The class of each triangle; after : whether these stand only in the scenario."""
    if part.layer is None:
        return np.where(part.object_row == CROWN, GREEN, BARE).astype(np.uint8)
    layer, objects = part.layer, part.layer.data.objects
    by_object = np.append(_by_type(objects)[objects.type], GROUND).astype(np.uint8)
    if after:
        mine = [row for row, id in enumerate(objects.ids) if (layer.id, id) in raised]
        new = family(layer.data, mine) if scenario and layer.id != scenario.layer_id else np.ones(len(objects), bool)
        by_object[:-1][new] = PROPOSAL
    rows = [row for row, id in enumerate(objects.ids) if (layer.id, id) in set(landmark)]
    by_object[:-1][family(layer.data, rows)] = LANDMARK
    return by_object[part.object_row]


def _by_type(objects: Any) -> U1:
    """The class of each type of object, by the names that the picture's colours go by."""
    from citymodel.scene.values import object_category

    return np.array([_CODES.get(object_category(name), GROUND) for name in objects.type_names] or [GROUND], np.uint8)


def _cover(layers: Sequence[Layer]) -> tuple[U1, Grid]:
    """What lies on the terrain, from the land surfaces of the models: green, water, or ground."""
    box = extent(layers)
    area = (box[2] - box[0]) * (box[3] - box[1])
    grid = Grid.around(box, max(COVER_CELL, float(np.sqrt(area / COVER_CELLS))), None)
    found = np.full(grid.shape, GROUND, dtype=np.uint8)
    for layer in layers:
        if layer.kind == "city":
            triangles, objects = model_triangles(layer.data), layer.data.objects
            _, row = rasterise(triangles, triangles.terrain, grid)
            code = np.append(_by_type(objects)[objects.type], GROUND)[row]
            found = np.where((row >= 0) & (code != BUILDING), code, found).astype(np.uint8)
    return found, grid
