"""Templates put into their places as polygons of their own, for all that shows or measures a model."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.model import Appearance, CityModel, Instances, Nodes
from citymodel.model import _revisions as model_revisions
from citymodel.subset import _corners, _reached, _spread

I8 = NDArray[np.int64]


def place_instances(model: CityModel) -> CityModel:
    """The model with every instance as polygons of its object; itself where there is none.

    The templates' own polygons stay as they are, used by no geometry.
    """
    instances = model.instances
    if not len(instances.geometry):
        return model
    polygons, instance = _copied(model)
    corners, of = _corners(model, polygons)
    placed = np.einsum("vij,vj->vi", instances.matrix[instance[of], :3, :3], model.vertices[corners])
    placed += instances.matrix[instance[of], :3, 3]
    key = np.stack([instance[of], corners], axis=1)  # a template's vertex once an instance
    _, first, row = np.unique(key, axis=0, return_index=True, return_inverse=True)
    counts = model.polygon_rings[polygons + 1] - model.polygon_rings[polygons]
    rings, _ = _spread(model.polygon_rings[polygons], counts)
    lengths = model.ring_offsets[rings + 1] - model.ring_offsets[rings]
    ids = model.polygon_ids
    return dataclasses.replace(
        model,
        vertices=np.concatenate([model.vertices, placed[first]]),
        template_vertices=np.concatenate([model.template_vertices, np.zeros(len(first), dtype=bool)]),
        ring_vertices=np.concatenate([model.ring_vertices, len(model.vertices) + row.ravel()]).astype(np.int32),
        ring_offsets=_appended(model.ring_offsets, lengths),
        polygon_rings=_appended(model.polygon_rings, counts),
        polygon_ids=[*ids, *(ids[i] for i in polygons.tolist())],
        ring_ids=[*model.ring_ids, *(model.ring_ids[i] for i in rings.tolist())],
        geometries=_geometries(model),
        nodes=_nodes(model, instance),
        appearance=_appearance(model, polygons),
        instances=Instances(instances.geometry[:0], instances.template[:0], instances.matrix[:0]),
        revision=next(model_revisions),
    )


def _copied(model: CityModel) -> tuple[I8, I8]:
    """The polygons to copy, and the instance of each, grouped by instance."""
    below: dict[int, I8] = {}
    nothing = np.zeros(0, dtype=np.int64)
    for node in np.unique(model.instances.template).tolist():
        below[node] = np.flatnonzero(_reached(model, nothing, np.array([node]))[1])
    groups = [below[node] for node in model.instances.template.tolist()]
    return np.concatenate(groups), np.repeat(np.arange(len(groups)), [len(group) for group in groups])


def _appended(offsets: I8, counts: I8) -> I8:
    return np.concatenate([offsets, offsets[-1] + np.cumsum(counts)]).astype(np.int64)


def _geometries(model: CityModel) -> Any:
    """Instances become surfaces on a node of their own, behind the nodes there are."""
    root, kind = model.geometries.root.copy(), list(model.geometries.kind)
    for k, geometry in enumerate(model.instances.geometry.tolist()):
        root[geometry], kind[geometry] = len(model.nodes) + k, "MultiSurface"
    return dataclasses.replace(model.geometries, root=root, kind=kind)


def _nodes(model: CityModel, instance: I8) -> Nodes:
    nodes, count = model.nodes, len(model.instances.geometry)
    new = len(instance)
    no = np.zeros(new, dtype=bool)
    target = model.n_polygons + np.arange(new)
    return Nodes(
        kind=[*nodes.kind, *["MultiSurface"] * count],
        ids=[*nodes.ids, *[""] * count],
        offsets=_appended(nodes.offsets, np.bincount(instance, minlength=count)),
        target=np.concatenate([nodes.target, target]).astype(np.int32),
        is_node=np.concatenate([nodes.is_node, no]),
        reversed=np.concatenate([nodes.reversed, no]),
        by_xlink=np.concatenate([nodes.by_xlink, no]),
    )


def _appearance(model: CityModel, polygons: I8) -> Appearance:
    """The looks of the copied polygons behind those there are."""
    looks = model.appearance
    order = np.argsort(looks.polygon, kind="stable")
    start = np.searchsorted(looks.polygon[order], polygons, side="left")
    end = np.searchsorted(looks.polygon[order], polygons, side="right")
    flat, of = _spread(start, end - start)
    rows = order[flat]
    uv_counts = np.diff(looks.uv_offsets)[rows]
    uv, _ = _spread(looks.uv_offsets[:-1][rows], uv_counts)
    return dataclasses.replace(
        looks,
        theme=[*looks.theme, *(looks.theme[i] for i in rows.tolist())],
        polygon=np.concatenate([looks.polygon, model.n_polygons + of]).astype(np.int32),
        front=np.concatenate([looks.front, looks.front[rows]]),
        is_texture=np.concatenate([looks.is_texture, looks.is_texture[rows]]),
        index=np.concatenate([looks.index, looks.index[rows]]).astype(np.int32),
        uv=np.concatenate([looks.uv, looks.uv[uv]]),
        uv_offsets=_appended(looks.uv_offsets, uv_counts),
    )
