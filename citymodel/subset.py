"""Parts of data: a city model by box, level and type; points by box and class."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.model import Appearance, CityModel, Geometries, Instances, Nodes, Objects
from citymodel.model import _revisions as model_revisions
from citymodel.points import PointCloud
from citymodel.points import _revisions as point_revisions
from citymodel.triangulate import members

Mask = NDArray[np.bool_]
I8 = NDArray[np.int64]


def subset(
    model: CityModel,
    *,
    bbox: Sequence[float] | None = None,
    lod: str | int | float | None = None,
    types: Iterable[str] | str | None = None,
) -> CityModel:
    """A smaller model of the same CRS.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) in the model's CRS; keeps top-level objects that reach into it, whole
    lod : keeps geometry of this level; "2" means 2.0 to 2.3 too
    types : keeps objects of these class names ("Building") with their parts and surfaces
    """
    objects, geometries = model.objects, model.geometries
    keep = np.ones(len(objects), dtype=bool)
    if types is not None:
        wanted = {types} if isinstance(types, str) else set(types)
        keep &= _with_children(objects, np.array([name in wanted for name in objects.type_names] or [False]))
    if bbox is not None:
        keep &= _reaching(model, bbox)
    shown = np.ones(len(geometries), dtype=bool)
    if lod is not None:
        level = f"{lod:g}" if isinstance(lod, float) else str(lod)
        shown &= np.array([own == level or own.startswith(f"{level}.") for own in geometries.lod], dtype=bool)
    return select(model, keep, shown)


def _tops(objects: Objects) -> I8:
    """(n,) int64 the topmost ancestor of each row."""
    top = np.arange(len(objects))
    for _ in range(64):
        parent = objects.parent[top]
        if not (parent >= 0).any():
            break
        top = np.where(parent >= 0, parent, top)
    return top.astype(np.int64)


def _with_children(objects: Objects, wanted_types: Mask) -> Mask:
    """Rows of wanted types, and all below them."""
    keep = wanted_types[objects.type] if len(objects) else np.zeros(0, dtype=bool)
    child = np.flatnonzero(objects.parent >= 0)
    for _ in range(64):
        grown = keep.copy()
        grown[child] |= keep[objects.parent[child]]
        if np.array_equal(grown, keep):
            break
        keep = grown
    return np.asarray(keep, dtype=bool)


def _reaching(model: CityModel, bbox: Sequence[float]) -> Mask:
    """Rows of families whose extent meets the box; families without geometry do not."""
    objects = model.objects
    low, high = np.full((len(objects), 2), np.inf), np.full((len(objects), 2), -np.inf)
    top = _tops(objects)
    use = members(model)
    corners, of = _corners(model, use.polygon)
    xy = model.vertices[corners, :2]
    owner = top[model.geometries.object[use.geometry]][of] if len(of) else of
    np.minimum.at(low, owner, xy)
    np.maximum.at(high, owner, xy)
    placed = top[model.geometries.object[model.instances.geometry]]
    np.minimum.at(low, placed, model.instances.matrix[:, :2, 3])
    np.maximum.at(high, placed, model.instances.matrix[:, :2, 3])
    meets = (high[:, 0] >= bbox[0]) & (low[:, 0] <= bbox[2]) & (high[:, 1] >= bbox[1]) & (low[:, 1] <= bbox[3])
    return np.asarray(meets[top], dtype=bool)


def _corners(model: CityModel, polygons: NDArray[Any]) -> tuple[I8, I8]:
    """Vertex rows of the chosen polygons, all rings, and the place of each one's polygon in the choice."""
    start = model.ring_offsets[model.polygon_rings[polygons]]
    flat, of = _spread(start, model.ring_offsets[model.polygon_rings[polygons + 1]] - start)
    return model.ring_vertices[flat].astype(np.int64), of


def _spread(start: NDArray[Any], count: NDArray[Any]) -> tuple[I8, I8]:
    of = np.repeat(np.arange(len(count)), count)
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return (start[of] + within).astype(np.int64), of


def _renumbered(keep: Mask) -> I8:
    """New row of every old row, −1 for those that go."""
    return np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int64)


def _moved(rows: NDArray[Any], new: I8) -> NDArray[np.int32]:
    """Rows in the new numbering; −1 stays."""
    if not len(new):
        return np.full(len(rows), -1, dtype=np.int32)
    return np.where(rows >= 0, new[np.maximum(rows, 0)], -1).astype(np.int32)


def _chosen(items: Sequence[Any], keep: Mask) -> list[Any]:
    return [items[i] for i in np.flatnonzero(keep).tolist()]


def select(model: CityModel, keep_objects: Mask, keep_geometries: Mask) -> CityModel:
    """The model with some objects and geometries, and only the nodes, polygons and vertices these need."""
    geometries, nodes, instances = model.geometries, model.nodes, model.instances
    kept_geometry = keep_geometries & keep_objects[geometries.object]
    on_surface = geometries.surface >= 0
    kept_geometry[on_surface] &= keep_objects[geometries.surface[on_surface]]
    kept_instance = kept_geometry[instances.geometry]
    kept_node, kept_polygon = _reached(model, geometries.root[kept_geometry], instances.template[kept_instance])
    object_row, node_row = _renumbered(keep_objects), _renumbered(kept_node)
    geometry_row, polygon_row = _renumbered(kept_geometry), _renumbered(kept_polygon)
    polygons = np.flatnonzero(kept_polygon)
    node_rows = np.flatnonzero(kept_node)
    counts = nodes.offsets[node_rows + 1] - nodes.offsets[node_rows]
    member, _ = _spread(nodes.offsets[node_rows], counts)
    target, is_node = nodes.target[member], nodes.is_node[member]
    moved = np.where(is_node, _moved(np.where(is_node, target, -1), node_row), _moved(target * ~is_node, polygon_row))
    return dataclasses.replace(
        model,
        **_polygon_columns(model, polygons),
        objects=Objects(
            ids=_chosen(model.objects.ids, keep_objects),
            type=model.objects.type[keep_objects],
            type_names=model.objects.type_names,
            parent=_moved(model.objects.parent[keep_objects], object_row),
            is_surface=model.objects.is_surface[keep_objects],
            attributes=_chosen(model.objects.attributes, keep_objects),
        ),
        geometries=Geometries(
            object=_moved(geometries.object[kept_geometry], object_row),
            surface=_moved(geometries.surface[kept_geometry], object_row),
            lod=_chosen(geometries.lod, kept_geometry),
            role=_chosen(geometries.role, kept_geometry),
            kind=_chosen(geometries.kind, kept_geometry),
            root=_moved(geometries.root[kept_geometry], node_row),
        ),
        nodes=Nodes(
            kind=_chosen(nodes.kind, kept_node),
            ids=_chosen(nodes.ids, kept_node),
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            target=moved.astype(np.int32),
            is_node=is_node,
            reversed=nodes.reversed[member],
            by_xlink=nodes.by_xlink[member],
        ),
        appearance=_appearance(model.appearance, polygon_row),
        instances=Instances(
            geometry=_moved(instances.geometry[kept_instance], geometry_row),
            template=_moved(instances.template[kept_instance], node_row),
            matrix=instances.matrix[kept_instance],
        ),
        metadata=_metadata(model.metadata, geometry_row, node_row),
        revision=next(model_revisions),
    )


def _reached(model: CityModel, roots: NDArray[Any], templates: NDArray[Any]) -> tuple[Mask, Mask]:
    """Nodes and polygons below the given nodes."""
    nodes = model.nodes
    seen_nodes, seen_polygons = np.zeros(len(nodes), dtype=bool), np.zeros(model.n_polygons, dtype=bool)
    front = np.unique(np.concatenate([roots[roots >= 0], templates[templates >= 0]])).astype(np.int64)
    while len(front):
        seen_nodes[front] = True
        member, _ = _spread(nodes.offsets[front], nodes.offsets[front + 1] - nodes.offsets[front])
        target, is_node = nodes.target[member], nodes.is_node[member]
        seen_polygons[target[~is_node]] = True
        below = np.unique(target[is_node]).astype(np.int64)
        front = below[~seen_nodes[below]]
    return seen_nodes, seen_polygons


def _polygon_columns(model: CityModel, polygons: I8) -> dict[str, Any]:
    """Vertices, rings and polygons of the chosen polygons."""
    ring_counts = model.polygon_rings[polygons + 1] - model.polygon_rings[polygons]
    rings, _ = _spread(model.polygon_rings[polygons], ring_counts)
    corner_counts = model.ring_offsets[rings + 1] - model.ring_offsets[rings]
    corners, _ = _spread(model.ring_offsets[rings], corner_counts)
    used = model.ring_vertices[corners]
    kept = np.zeros(len(model.vertices), dtype=bool)
    kept[used] = True
    return {
        "vertices": model.vertices[kept],
        "template_vertices": model.template_vertices[kept],
        "ring_vertices": _moved(used, _renumbered(kept)),
        "ring_offsets": np.concatenate([[0], np.cumsum(corner_counts)]).astype(np.int64),
        "polygon_rings": np.concatenate([[0], np.cumsum(ring_counts)]).astype(np.int64),
        "polygon_ids": [model.polygon_ids[i] for i in polygons.tolist()],
        "ring_ids": [model.ring_ids[i] for i in rings.tolist()],
        "positions": len(used),
    }


def _appearance(looks: Appearance, polygon_row: I8) -> Appearance:
    polygon = _moved(looks.polygon, polygon_row)
    keep = polygon >= 0
    counts = np.diff(looks.uv_offsets)[keep]
    uv, _ = _spread(looks.uv_offsets[:-1][keep], counts)
    return Appearance(
        theme=_chosen(looks.theme, keep),
        polygon=polygon[keep],
        front=looks.front[keep],
        is_texture=looks.is_texture[keep],
        index=looks.index[keep],
        uv=looks.uv[uv],
        uv_offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        textures=looks.textures,
        materials=looks.materials,
    )


def _metadata(metadata: Mapping[str, Any], geometry_row: I8, node_row: I8) -> Mapping[str, Any]:
    """What CityJSON keeps by row follows the rows."""
    kept = metadata.get("cityjson")
    if not kept:
        return metadata
    moved = dict(kept)
    if "coordinates" in kept:
        rows = {int(geometry_row[row]): value for row, value in kept["coordinates"].items()}
        moved["coordinates"] = {row: value for row, value in rows.items() if row >= 0}
    if "templates" in kept:
        items = [{**t, "node": int(node_row[t["node"]]) if t["node"] >= 0 else -1} for t in kept["templates"]]
        moved["templates"] = [item for item in items if item["node"] >= 0]
    return {**metadata, "cityjson": moved}


def subset_points(
    points: PointCloud, *, bbox: Sequence[float] | None = None, classes: Iterable[int] | None = None
) -> PointCloud:
    """The points inside a box (its edges count) and of some classes.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) in the cloud's CRS
    """
    keep = np.ones(len(points), dtype=bool)
    if bbox is not None:
        for k in range(2):
            values = points.xyz[:, k] * points.scale[k] + points.offset[k]
            keep &= (values >= bbox[k]) & (values <= bbox[k + 2])
    if classes is not None and "classification" in points.columns:
        keep &= np.isin(points.columns["classification"], list(classes))
    columns = {name: column[keep] for name, column in points.columns.items()}
    return dataclasses.replace(points, xyz=points.xyz[keep], columns=columns, revision=next(point_revisions))
