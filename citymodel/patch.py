"""Columnar patches of a CityModel: drop objects, or change their heights, without rebuilding it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.model import Appearance, CityModel, Geometries, Instances, Nodes, Objects, _revisions

Mask = NDArray[np.bool_]


def family(model: CityModel, rows: Sequence[int]) -> Mask:
    """(n objects,) bool: the rows, their parts and their boundary surfaces, to any depth."""
    inside = np.zeros(len(model.objects), dtype=bool)
    inside[list(rows)] = True
    parent = model.objects.parent
    while True:
        more = inside | ((parent >= 0) & inside[parent])
        if np.array_equal(more, inside):
            return inside
        inside = more


def polygons_of(model: CityModel, objects: Mask) -> Mask:
    """(n polygons,) bool: the polygons in geometries of the marked objects or surfaces."""
    return _polygons(model, _reached(model, model.geometries.root[_geometries(model, objects)]))


def extent_of(model: CityModel, row: int) -> tuple[float, float]:
    """Lowest and highest z of an object with its parts and surfaces, metres; an error where it has no shape."""
    rings = _rings(model, polygons_of(model, family(model, [row])))
    z = model.vertices[model.ring_vertices[_ring_positions(model, rings)], 2]
    if not len(z):
        raise ParameterError(f"object {model.objects.ids[row]!r} has no polygons of its own; choose another object")
    return float(z.min()), float(z.max())


def bounds_of(model: CityModel, row: int) -> tuple[float, float, float, float, float, float] | None:
    """(xmin, ymin, zmin, xmax, ymax, zmax) of an object with its parts and surfaces, None without polygons."""
    rings = _rings(model, polygons_of(model, family(model, [row])))
    points = model.vertices[model.ring_vertices[_ring_positions(model, rings)]]
    if not len(points):
        return None
    x0, y0, z0 = (float(v) for v in points.min(axis=0))
    x1, y1, z1 = (float(v) for v in points.max(axis=0))
    return x0, y0, z0, x1, y1, z1


def drop_objects(model: CityModel, rows: Sequence[int]) -> CityModel:
    """The model without the objects at ``rows``, their parts, surfaces and what only they use."""
    gone = family(model, rows)
    if not gone.any():
        return model
    gone_geometry = _geometries(model, gone)
    kept_roots = np.concatenate(
        [model.geometries.root[~gone_geometry], model.instances.template[~gone_geometry[model.instances.geometry]]]
    )
    lost_roots = np.concatenate(
        [model.geometries.root[gone_geometry], model.instances.template[gone_geometry[model.instances.geometry]]]
    )
    keep_nodes = ~_reached(model, lost_roots) | _reached(model, kept_roots)
    keep_polygons = ~_polygons(model, ~keep_nodes) | _polygons(model, keep_nodes)
    return _select(model, ~gone, ~gone_geometry, keep_nodes, keep_polygons)


def set_height(model: CityModel, row: int, height: float) -> CityModel:
    """Stretch an object, its parts and surfaces in z so that it stands ``height`` metres above its base."""
    base, top = extent_of(model, row)
    if top - base < 0.01:
        raise ParameterError(f"object {model.objects.ids[row]!r} is flat; give a height to a building, or add a box")
    rings = _rings(model, polygons_of(model, family(model, [row])))
    at = _ring_positions(model, rings)
    used, index = np.unique(model.ring_vertices[at], return_inverse=True)
    raised = model.vertices[used].copy()
    raised[:, 2] = base + (raised[:, 2] - base) * (height / (top - base))
    ring_vertices = model.ring_vertices.copy()
    ring_vertices[at] = (len(model.vertices) + index).astype(np.int32)
    attributes = list(model.objects.attributes)
    if "measuredHeight" in attributes[row]:
        attributes[row] = {**attributes[row], "measuredHeight": float(height)}
    patched = dataclasses.replace(
        model,
        vertices=np.concatenate([model.vertices, raised]),
        template_vertices=np.concatenate([model.template_vertices, np.zeros(len(raised), dtype=bool)]),
        ring_vertices=ring_vertices,
        objects=dataclasses.replace(model.objects, attributes=attributes),
        revision=next(_revisions),
    )
    lost = np.zeros(len(patched.vertices), dtype=bool)
    lost[used] = True
    lost[ring_vertices] = False
    return _without_vertices(patched, lost)


def _geometries(model: CityModel, objects: Mask) -> Mask:
    """(n geometries,) bool: those of marked objects or surfaces."""
    table = model.geometries
    return np.asarray(objects[table.object] | ((table.surface >= 0) & objects[table.surface]), dtype=bool)


def _reached(model: CityModel, roots: NDArray[np.int32]) -> Mask:
    """(n nodes,) bool: the roots and every node below them."""
    nodes = model.nodes
    reached = np.zeros(len(nodes), dtype=bool)
    owner = np.repeat(np.arange(len(nodes)), np.diff(nodes.offsets))
    front = np.unique(roots[roots >= 0])
    while len(front):
        reached[front] = True
        fresh = np.zeros(len(nodes), dtype=bool)
        fresh[front] = True
        below = np.unique(nodes.target[nodes.is_node & fresh[owner]])
        front = below[~reached[below]]
    return reached


def _polygons(model: CityModel, nodes: Mask) -> Mask:
    """(n polygons,) bool: direct members of the marked nodes."""
    owner = np.repeat(np.arange(len(model.nodes)), np.diff(model.nodes.offsets))
    chosen = np.zeros(model.n_polygons, dtype=bool)
    chosen[model.nodes.target[~model.nodes.is_node & nodes[owner]]] = True
    return chosen


def _rings(model: CityModel, polygons: Mask) -> Mask:
    return np.repeat(polygons, np.diff(model.polygon_rings))


def _ring_positions(model: CityModel, rings: Mask) -> NDArray[np.int64]:
    """Rows of ``ring_vertices`` that belong to the marked rings."""
    return np.flatnonzero(np.repeat(rings, np.diff(model.ring_offsets)))


def _offsets(lengths: NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def _numbers(keep: Mask) -> NDArray[np.int32]:
    """New row of each kept row, −1 for the others; one −1 more at the end, so that −1 stays −1."""
    return np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1).astype(np.int32)


def _kept(values: Sequence[Any], keep: Mask) -> list[Any]:
    return [value for value, stays in zip(values, keep, strict=True) if stays]


def _select(model: CityModel, objects: Mask, geometries: Mask, nodes: Mask, polygons: Mask) -> CityModel:
    """The model with the marked rows only, every index renumbered."""
    rings = _rings(model, polygons)
    at = _ring_positions(model, rings)
    lost = np.zeros(len(model.vertices), dtype=bool)
    lost[model.ring_vertices] = True
    lost[model.ring_vertices[at]] = False
    lost &= ~model.template_vertices
    patched = dataclasses.replace(
        model,
        ring_vertices=model.ring_vertices[at],
        ring_offsets=_offsets(np.diff(model.ring_offsets)[rings]),
        polygon_rings=_offsets(np.diff(model.polygon_rings)[polygons]),
        polygon_ids=_kept(model.polygon_ids, polygons),
        ring_ids=_kept(model.ring_ids, rings),
        objects=_select_objects(model.objects, objects),
        geometries=_select_geometries(model.geometries, geometries, _numbers(objects), _numbers(nodes)),
        nodes=_select_nodes(model.nodes, nodes, _numbers(nodes), _numbers(polygons)),
        appearance=_select_appearance(model.appearance, polygons),
        instances=_select_instances(model.instances, geometries, _numbers(nodes)),
        revision=next(_revisions),
    )
    return _without_vertices(patched, lost)


def _select_objects(table: Objects, keep: Mask) -> Objects:
    return Objects(
        ids=_kept(table.ids, keep),
        type=table.type[keep],
        type_names=table.type_names,
        parent=_numbers(keep)[table.parent[keep]],
        is_surface=table.is_surface[keep],
        attributes=_kept(table.attributes, keep),
    )


def _select_geometries(
    table: Geometries, keep: Mask, objects: NDArray[np.int32], nodes: NDArray[np.int32]
) -> Geometries:
    return Geometries(
        object=objects[table.object[keep]],
        surface=objects[table.surface[keep]],
        lod=_kept(table.lod, keep),
        role=_kept(table.role, keep),
        kind=_kept(table.kind, keep),
        root=nodes[table.root[keep]],
    )


def _select_nodes(table: Nodes, keep: Mask, nodes: NDArray[np.int32], polygons: NDArray[np.int32]) -> Nodes:
    members = np.repeat(keep, np.diff(table.offsets))
    is_node = table.is_node[members]
    target = table.target[members]
    return Nodes(
        kind=_kept(table.kind, keep),
        ids=_kept(table.ids, keep),
        offsets=_offsets(np.diff(table.offsets)[keep]),
        target=np.where(is_node, nodes[np.where(is_node, target, -1)], polygons[np.where(is_node, -1, target)]),
        is_node=is_node,
        reversed=table.reversed[members],
        by_xlink=table.by_xlink[members],
    )


def _select_appearance(table: Appearance, polygons: Mask) -> Appearance:
    keep = polygons[table.polygon]
    lengths = np.diff(table.uv_offsets)
    return dataclasses.replace(
        table,
        theme=_kept(table.theme, keep),
        polygon=_numbers(polygons)[table.polygon[keep]],
        front=table.front[keep],
        is_texture=table.is_texture[keep],
        index=table.index[keep],
        uv=table.uv[np.repeat(keep, lengths)],
        uv_offsets=_offsets(lengths[keep]),
    )


def _select_instances(table: Instances, geometries: Mask, nodes: NDArray[np.int32]) -> Instances:
    keep = geometries[table.geometry]
    return Instances(
        geometry=_numbers(geometries)[table.geometry[keep]],
        template=nodes[table.template[keep]],
        matrix=table.matrix[keep],
    )


def _without_vertices(model: CityModel, lost: Mask) -> CityModel:
    if not lost.any():
        return model
    return dataclasses.replace(
        model,
        vertices=model.vertices[~lost],
        template_vertices=model.template_vertices[~lost],
        ring_vertices=_numbers(~lost)[model.ring_vertices],
        revision=next(_revisions),
    )
