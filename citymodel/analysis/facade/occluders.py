"""What rays can meet: the triangles of all layers as ray meshes, split by what a scenario changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.crowns import Crowns
from citymodel.layers import Layer
from citymodel.patch import family
from citymodel.scenario import OF_OBJECTS, Scenario, apply
from citymodel.surface.from_model import model_triangles

if TYPE_CHECKING:
    from kernels.rays import RayMesh

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Origin = tuple[float, float, float]

GROUND_CELLS = 250_000
"""Cells of a terrain raster at the most; a finer one is thinned."""


class Occluders(NamedTuple):
    """Ray meshes, their coordinates from ``origin``.

    common : what stands in the base and in the scenario alike, ground included
    base, scenario : what stands only there; None without a scenario

    A ray that meets neither ``base`` nor ``scenario`` has one answer for both, to the last bit.
    """

    common: RayMesh
    base: RayMesh | None
    scenario: RayMesh | None
    triangles: int

    def states(self) -> list[list[RayMesh]]:
        """The meshes to ask in the base, and in the scenario where there is one."""
        if self.base is None or self.scenario is None:
            return [[self.common]]
        return [[self.common, self.base], [self.common, self.scenario]]


CROWN = -2


class Part(NamedTuple):
    """Triangles of one layer: corners (t, 3, 3) from an origin, and each one's object row.

    Those of a terrain raster have no layer and row −1; those of crowns that only points know, row CROWN.
    """

    corners: F8
    layer: Layer | None
    object_row: NDArray[np.int32]


def occluders(
    layers: Sequence[Layer], scenario: Scenario | None, origin: Origin, device: str, *, ground: bool = True,
    trees: bool = True, crowns: Crowns | None = None,
) -> Occluders:  # fmt: skip
    """The meshes of the layers and of what the scenario makes of them.

    ground : with terrain and land surfaces; trees : with trees; crowns : of trees that only points know
    """
    from kernels.rays import RayMesh

    apart = split(layers, scenario, origin, ground=ground, trees=trees, crowns=crowns)
    parts = [[one.corners for one in some] for some in apart]
    total = sum(len(one) for part in parts for one in part)
    meshes = [RayMesh(*_indexed(part), device) for part in parts]
    before_mesh, after_mesh = meshes[1:] if scenario else (None, None)
    return Occluders(meshes[0], before_mesh, after_mesh, total)


def split(
    layers: Sequence[Layer], scenario: Scenario | None, origin: Origin, *, ground: bool = True, trees: bool = True,
    crowns: Crowns | None = None,
) -> list[list[Part]]:  # fmt: skip
    """What base and scenario have in common, and with a scenario what stands only before and only after it."""
    layers = tuple(layers)
    terrain = ground_triangles(layers, origin)
    changed = apply(scenario, layers) if scenario else layers
    common, before, after = list[Part](), list[Part](), list[Part]()
    if ground:
        dug = ground_triangles(changed, origin) if scenario and scenario.grounds() else terrain
        moved = np.any(dug != terrain, axis=(1, 2))
        for some, xyz in ((common, terrain[~moved]), (before, terrain[moved]), (after, dug[moved])):
            some.append(Part(xyz, None, np.full(len(xyz), -1, np.int32)))
    corners = partial(_corners, origin=origin, ground=ground, trees=trees)
    for number, layer in enumerate(changed):
        if layer.kind != "city":
            continue
        if number >= len(layers):  # what the scenario adds
            after.append(corners(layer))
            continue
        whole = corners(layers[number])
        touched = _touched(scenario, layers[number])[whole.object_row]
        common.append(_only(whole, ~touched))
        if touched.any():
            before.append(_only(whole, touched))
        if layer is not layers[number]:
            whole = corners(layer)
            after.append(_only(whole, _touched(scenario, layer)[whole.object_row]))
    if crowns is not None:
        for xyz, some in ((crowns.common, common), (crowns.base, before)):
            some.append(Part(xyz, None, np.full(len(xyz), CROWN, np.int32)))
    return [common, before, after] if scenario else [common]


def ground_mesh(layers: Sequence[Layer], origin: Origin) -> RayMesh:
    """Terrain alone: rasters, relief, and land surfaces of models; on the CPU."""
    from kernels.rays import RayMesh

    found = [ground_triangles(layers, origin)]
    for layer in layers:
        if layer.kind == "city":
            triangles = model_triangles(layer.data)
            found.append(layer.data.vertices[triangles.corners[triangles.terrain]] - np.asarray(origin))
    return RayMesh(*_indexed(found))


def ground_triangles(layers: Sequence[Layer], origin: Origin) -> F8:
    """(t, 3, 3) triangles between the cells' centres of the terrain rasters, thinned where they are fine."""
    found = [np.zeros((0, 3, 3))]
    for layer in layers:
        if layer.kind != "terrain":
            continue
        raster = layer.data
        step = max(1, int(np.ceil(np.sqrt(raster.size / GROUND_CELLS))))
        z = np.asarray(raster.values, dtype=np.float64)[::step, ::step]
        x, y = np.asarray(raster["x"], np.float64)[::step], np.asarray(raster["y"], np.float64)[::step]
        xyz = np.stack([*np.meshgrid(x, y), z], axis=2) - np.asarray(origin)
        a, b, c, d = xyz[:-1, :-1], xyz[:-1, 1:], xyz[1:, :-1], xyz[1:, 1:]
        pairs = np.concatenate(
            [np.stack([a, c, b], axis=2).reshape(-1, 3, 3), np.stack([b, c, d], 2).reshape(-1, 3, 3)]
        )
        found.append(pairs[np.isfinite(pairs).all(axis=(1, 2))])
    return np.concatenate(found)


def _corners(layer: Layer, origin: Origin, ground: bool, trees: bool) -> Part:
    triangles = model_triangles(layer.data)
    keep = (ground | ~triangles.terrain) & (trees | ~triangles.tree)
    corners = layer.data.vertices[triangles.corners[keep]] - np.asarray(origin)
    return Part(corners, layer, triangles.object_row[keep])


def _only(part: Part, keep: Mask) -> Part:
    return Part(part.corners[keep], part.layer, part.object_row[keep])


def _touched(scenario: Scenario | None, layer: Layer) -> Mask:
    """(n objects + 1,) bool: what the scenario removes or changes in a layer; the last, for −1, False."""
    changes = scenario.changes if scenario else ()
    ids = {one.object_id for one in changes if isinstance(one, OF_OBJECTS) and one.layer_id == layer.id}
    rows = [row for row, id in enumerate(layer.data.objects.ids) if id in ids]
    return np.append(family(layer.data, rows), False)


def _indexed(parts: Sequence[F8]) -> tuple[Any, Any]:
    """float32 vertices and int32 triangles of (t, 3, 3) corners; those of rubbish coordinates are left out."""
    xyz = np.concatenate(parts) if len(parts) else np.zeros((0, 3, 3))
    xyz = xyz[np.isfinite(xyz).all(axis=(1, 2))]
    return xyz.reshape(-1, 3).astype(np.float32), np.arange(3 * len(xyz), dtype=np.int32).reshape(-1, 3)
