"""Several data of one kind and one CRS as one: city models, point clouds, rasters."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.builder import _distinct
from citymodel.errors import ParameterError
from citymodel.model import Appearance, CityModel, Geometries, Instances, Nodes, Objects
from citymodel.model import _revisions as model_revisions
from citymodel.points import PointCloud
from citymodel.points import _revisions as point_revisions
from citymodel.report import Report


def join_models(models: Sequence[CityModel]) -> CityModel:
    """One model of all; equal vertices are merged, an id that comes again is counted in the report.

    All have to be in one CRS.
    """
    if len(models) == 1:
        return models[0]
    first = models[0]
    sizes = {
        "object": [len(m.objects) for m in models],
        "geometry": [len(m.geometries) for m in models],
        "node": [len(m.nodes) for m in models],
        "polygon": [m.n_polygons for m in models],
        "vertex": [len(m.vertices) for m in models],
        "texture": [len(m.appearance.textures) for m in models],
        "material": [len(m.appearance.materials) for m in models],
    }
    start = {name: np.concatenate([[0], np.cumsum(count)]).astype(np.int64) for name, count in sizes.items()}

    def rows(name: str, column: Callable[[CityModel], Any]) -> NDArray[np.int32]:
        """A column of row numbers, moved behind the models before; −1 stays."""
        parts = [np.where(column(m) >= 0, column(m) + start[name][k], -1) for k, m in enumerate(models)]
        return np.concatenate(parts).astype(np.int32)

    def flat(column: Callable[[CityModel], Any]) -> Any:
        return np.concatenate([column(m) for m in models])

    def texts(column: Callable[[CityModel], Sequence[Any]]) -> list[Any]:
        return [value for m in models for value in column(m)]

    xyz, template = flat(lambda m: m.vertices), flat(lambda m: m.template_vertices)
    vertices, merged, is_template = _distinct(np.ascontiguousarray(xyz), template)
    names = {name: code for code, name in enumerate(dict.fromkeys(texts(lambda m: m.objects.type_names)))}
    return dataclasses.replace(
        first,
        vertices=vertices,
        template_vertices=is_template,
        ring_vertices=merged[rows("vertex", lambda m: m.ring_vertices)],
        ring_offsets=_offsets([m.ring_offsets for m in models]),
        polygon_rings=_offsets([m.polygon_rings for m in models]),
        polygon_ids=texts(lambda m: m.polygon_ids),
        ring_ids=texts(lambda m: m.ring_ids),
        objects=Objects(
            ids=texts(lambda m: m.objects.ids),
            type=flat(lambda m: _codes(m, names)),
            type_names=list(names),
            parent=rows("object", lambda m: m.objects.parent),
            is_surface=flat(lambda m: m.objects.is_surface),
            attributes=texts(lambda m: m.objects.attributes),
        ),
        geometries=Geometries(
            object=rows("object", lambda m: m.geometries.object),
            surface=rows("object", lambda m: m.geometries.surface),
            lod=texts(lambda m: m.geometries.lod),
            role=texts(lambda m: m.geometries.role),
            kind=texts(lambda m: m.geometries.kind),
            root=rows("node", lambda m: m.geometries.root),
        ),
        nodes=Nodes(
            kind=texts(lambda m: m.nodes.kind),
            ids=texts(lambda m: m.nodes.ids),
            offsets=_offsets([m.nodes.offsets for m in models]),
            target=np.concatenate([_targets(m, start["node"][k], start["polygon"][k]) for k, m in enumerate(models)]),
            is_node=flat(lambda m: m.nodes.is_node),
            reversed=flat(lambda m: m.nodes.reversed),
            by_xlink=flat(lambda m: m.nodes.by_xlink),
        ),
        appearance=Appearance(
            theme=texts(lambda m: m.appearance.theme),
            polygon=rows("polygon", lambda m: m.appearance.polygon),
            front=flat(lambda m: m.appearance.front),
            is_texture=flat(lambda m: m.appearance.is_texture),
            index=np.concatenate([_looks(m, start, k) for k, m in enumerate(models)]).astype(np.int32),
            uv=flat(lambda m: m.appearance.uv),
            uv_offsets=_offsets([m.appearance.uv_offsets for m in models]),
            textures=texts(lambda m: m.appearance.textures),
            materials=texts(lambda m: m.appearance.materials),
        ),
        instances=Instances(
            geometry=rows("geometry", lambda m: m.instances.geometry),
            template=rows("node", lambda m: m.instances.template),
            matrix=flat(lambda m: m.instances.matrix),
        ),
        positions=sum(m.positions for m in models),
        metadata={**first.metadata, "cityjson": _kept(models, start)},
        report=_reports(models),
        revision=next(model_revisions),
    )


def _offsets(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Offset columns one behind the other."""
    counts = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _codes(model: CityModel, names: dict[str, int]) -> NDArray[np.int32]:
    table = np.array([names[name] for name in model.objects.type_names], dtype=np.int32)
    return table[model.objects.type] if len(table) else np.zeros(0, dtype=np.int32)


def _targets(model: CityModel, first_node: int, first_polygon: int) -> NDArray[np.int32]:
    target, is_node = model.nodes.target, model.nodes.is_node
    return np.where(target < 0, -1, target + np.where(is_node, first_node, first_polygon)).astype(np.int32)


def _looks(model: CityModel, start: dict[str, NDArray[np.int64]], k: int) -> NDArray[Any]:
    looks = model.appearance
    first = np.where(looks.is_texture, start["texture"][k], start["material"][k])
    return np.asarray(looks.index + first)


def _kept(models: Sequence[CityModel], start: dict[str, NDArray[np.int64]]) -> dict[str, Any]:
    """What CityJSON keeps beside the columns, its rows moved."""
    kept: dict[str, Any] = {}
    for k, model in enumerate(models):
        for name, part in model.metadata.get("cityjson", {}).items():
            if name == "coordinates":
                part = {int(row + start["geometry"][k]): value for row, value in part.items()}
            if name == "templates":
                moved = [{**t, "node": int(t["node"] + start["node"][k]) if t["node"] >= 0 else -1} for t in part]
                kept[name] = [*kept.get(name, []), *moved]
            else:
                kept[name] = {**kept.get(name, {}), **part}
    return kept


def _reports(models: Sequence[CityModel]) -> Report:
    report = Report()
    seen: set[str] = set()
    for model in models:
        for code, count in model.report.counts.items():
            report.add(code, model.report.examples.get(code, ""), count)
        own = {
            id for id, surface in zip(model.objects.ids, model.objects.is_surface, strict=True) if id and not surface
        }
        if again := seen & own:
            report.add("duplicate-id", min(again), len(again))
        seen |= own
    return report


def join_points(clouds: Sequence[PointCloud]) -> PointCloud:
    """One cloud of all, in the steps of the first; columns that one of them lacks are left out."""
    if len(clouds) == 1:
        return clouds[0]
    first = clouds[0]
    scale = np.minimum.reduce([cloud.scale for cloud in clouds])
    report = Report()
    names = [name for name in first.columns if all(name in cloud.columns for cloud in clouds)]
    for name in sorted({name for cloud in clouds for name in cloud.columns} - set(names)):
        report.add("column-not-in-all-files", name)
    parts = []
    for cloud in clouds:
        for code, count in cloud.report.counts.items():
            report.add(code, cloud.report.examples.get(code, ""), count)
        factor, shift = cloud.scale / scale, (cloud.offset - first.offset) / scale
        steps = np.rint(cloud.xyz * factor + shift)
        if len(steps) and np.abs(steps).max() > 2**31 - 1:
            raise ParameterError("the files lie too far apart for one point file; write them one by one")
        parts.append(steps.astype(np.int32))
    columns = {name: np.concatenate([cloud.columns[name] for cloud in clouds]) for name in names}
    xyz = np.concatenate(parts)
    return dataclasses.replace(
        first, xyz=xyz, scale=scale, columns=columns, report=report, revision=next(point_revisions)
    )


def join_rasters(rasters: Sequence[Any]) -> Any:
    """One DataArray of all; where they overlap, the first that has a value wins."""
    if len(rasters) == 1:
        return rasters[0]
    from rioxarray.merge import merge_arrays

    parts = [raster.rio.write_nodata(np.nan) for raster in rasters]
    joined = merge_arrays(parts, nodata=np.nan)
    joined.attrs = dict(rasters[0].attrs)
    return joined
