"""The reader of parsed CityJSON documents into one CityModelBuilder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.builder import CityModelBuilder
from citymodel.formats.cityjson_appearance import Appearances
from citymodel.geo import file_order, normalise_crs
from citymodel.model import CityModel

_DEPTH = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
_POINTS = {"MultiPoint": "MultiPoint", "MultiLineString": "MultiCurve"}
_VERSIONS = ("1.0", "1.1", "2.0")
_OBJECT_KEYS = {"type", "attributes", "geometry", "parents", "children", "address"}
_ROOT_KEYS = {
    "type", "version", "CityObjects", "vertices", "transform", "metadata", "appearance", "geometry-templates",
    "extensions", "id",
}  # fmt: skip
_FARTHEST = 1e12  # no metre, foot or degree on Earth is larger; doubles lose the millimetre beyond it
Points = list[tuple[float, float, float]]


class Reader:
    """One file: its first document, and for CityJSONSeq the features after it.

    ``place`` says what is being read, for errors.
    """

    def __init__(self, name: str) -> None:
        self.builder = CityModelBuilder(name, "")
        self.place = ""
        self.is_sequence = False
        self._transform: tuple[Any, Any] | None = None
        self._swapped: bool | None = None
        self._by_name = False
        self._rows: dict[str, int] = {}
        self._surfaces: dict[tuple[int, str, str], int] = {}
        self._templates: list[tuple[int, str]] = []
        self._kept: dict[str, Any] = {"templates": [], "extras": {}, "coordinates": {}, "root": {}}

    def document(self, document: Any, *, first: bool) -> None:
        """One document: a CityJSON object, or a feature."""
        kind = document.get("type") if isinstance(document, dict) else None
        if kind not in ("CityJSON", "CityJSONFeature"):
            raise ValueError("is JSON, but neither CityJSON nor CityJSONFeature; citymodel reads no other JSON")
        if kind == "CityJSON":
            if not first:
                raise ValueError("a second CityJSON object in one file; split the file at this line")
            self._header(document)
        elif first:
            self.builder.version = "2.0"
        self.is_sequence |= kind == "CityJSONFeature"
        self._appearances = Appearances(self.builder, document.get("appearance") or {})
        if kind == "CityJSON" or "geometry-templates" in document:
            self._read_templates(document.get("geometry-templates") or {})
        self._objects(document)

    def finish(self) -> CityModel:
        """The model of all documents."""
        builder, self.place = self.builder, ""
        if self.is_sequence:
            builder.format = "CityJSONSeq"
        builder.metadata["cityjson"] = {key: value for key, value in self._kept.items() if value}
        if not builder.object_ids:
            builder.report.add("no-objects")
        return builder.build()

    def _header(self, document: Mapping[str, Any]) -> None:
        builder = self.builder
        version = document.get("version")
        builder.version = str(version) if version is not None else ""
        if builder.version[:3] not in _VERSIONS:
            builder.report.add("unknown-version", str(version))
        self._transform = _transform(document.get("transform"))
        metadata = document.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise ValueError("metadata is no object")
        builder.metadata.update(metadata)
        self._kept["root"] = {key: value for key, value in document.items() if key not in _ROOT_KEYS}
        for key in self._kept["root"]:
            builder.report.add("unread-member", key)
        if document.get("extensions"):
            self._kept["extensions"] = document["extensions"]
            for name in document["extensions"]:
                builder.report.add("extension", str(name))
        name = metadata.get("referenceSystem")
        if name is None and isinstance(metadata.get("crs"), dict):
            name = f"EPSG:{metadata['crs'].get('epsg')}"
        if isinstance(name, int):
            name = f"EPSG:{name}"
        if name:
            builder.crs, self._by_name = normalise_crs(str(name))
            if builder.crs is None:
                builder.report.add("unknown-crs", str(name))
        vertical = metadata.get("verticalReferenceSystem")
        if isinstance(vertical, str) and builder.crs is not None and "+" not in builder.crs:
            code = vertical.rpartition("/")[2].rpartition(":")[2]
            builder.crs = normalise_crs(f"{builder.crs}+{code}")[0] or builder.crs

    def _vertices(self, document: Mapping[str, Any]) -> Points:
        """All vertices of a document as x, y, z tuples, x east."""
        xyz = _numbers(document.get("vertices", []), "vertices")
        own = _transform(document.get("transform")) if "transform" in document else None
        transform = own or self._transform
        if transform is not None and len(xyz):
            with np.errstate(over="ignore", invalid="ignore"):
                xyz = _apply(xyz, *transform)
        if len(xyz) and not np.abs(xyz).max() < _FARTHEST:
            raise ValueError(f"a coordinate is beyond {_FARTHEST:g}; the vertices or the transform are broken")
        if self._swapped is None and len(xyz):
            self._swapped = file_order(self.builder.crs, self._by_name, xyz)
        if self._swapped:
            xyz = xyz[:, [1, 0, 2]]
        return list(zip(*xyz.T.tolist(), strict=True)) if len(xyz) else []

    def _read_templates(self, part: Mapping[str, Any]) -> None:
        templates = part.get("templates") or []
        xyz = _numbers(part.get("vertices-templates") or [], "vertices-templates")
        points: Points = list(zip(*xyz.T.tolist(), strict=True)) if len(xyz) else []
        for number, geometry in enumerate(templates):
            self.place = f"template {number}"
            kind = geometry["type"]
            node = -1
            if kind in _DEPTH:
                node, _ = self._tree(geometry, points, template=True)
            else:
                self.builder.report.add("template-without-surfaces", str(kind))
            self._templates.append((node, _lod(geometry)))
            kept = {key: geometry[key] for key in ("type", "lod", "semantics") if key in geometry}
            self._kept["templates"].append({"node": node, **kept})

    def _objects(self, document: Mapping[str, Any]) -> None:
        builder = self.builder
        self.place = ""
        objects = document["CityObjects"]
        if not isinstance(objects, dict):
            raise ValueError("CityObjects is no object")
        points = self._vertices(document)
        rows: dict[str, int] = {}
        for id, item in objects.items():
            self.place = f"object {id}"
            kind = item["type"]
            if not isinstance(kind, str):
                raise ValueError("the type of an object is no text")
            if kind.startswith("+"):
                builder.report.add("extension-object", kind)
            if id in self._rows:
                builder.report.add("duplicate-id", id)
            rows[id] = self._rows[id] = builder.add_object(id, kind, attributes=self._attributes(item, points))
            extras = {key: value for key, value in item.items() if key not in _OBJECT_KEYS}
            if extras:
                self._kept["extras"][id] = extras
                for key in extras.keys() - {"geographicalExtent", "children_roles"}:
                    builder.report.add("unread-member", key)
        self._family(objects, rows)
        for id, item in objects.items():
            self.place = f"object {id}"
            for geometry in item.get("geometry") or []:
                self._geometry(rows[id], geometry, points)

    def _attributes(self, item: Mapping[str, Any], points: Points) -> Mapping[str, Any]:
        attributes = item.get("attributes") or {}
        if not isinstance(attributes, dict):
            raise ValueError("the attributes of an object are no object")
        address = item.get("address")
        if address is None or "address" in attributes:
            return attributes
        places = address if isinstance(address, list) else [address]
        return {**attributes, "address": [_located(place, points) for place in places]}

    def _family(self, objects: Mapping[str, Any], rows: Mapping[str, int]) -> None:
        """Parents by ``parents``, else by the other side's ``children``; groups own nobody."""
        groups: dict[str, Any] = {}
        for id, item in objects.items():
            children = item.get("children") or item.get("members") or []
            if item["type"] == "CityObjectGroup":
                groups[id] = children
                continue
            for child in children:
                if child in rows and child != id:
                    self.builder.object_parent[rows[child]] = rows[id]
                else:
                    self.builder.report.add("unresolved-child", str(child))
        for id, item in objects.items():
            parents = [p for p in item.get("parents") or [] if p not in groups]
            known = [p for p in parents if p in rows and p != id]
            if known:
                self.builder.object_parent[rows[id]] = rows[known[0]]
            if len(known) != len(parents) or len(known) > 1:
                self.builder.report.add("unresolved-parent" if len(known) < 2 else "second-parent", id)
        if groups:
            self._kept.setdefault("groups", {}).update(groups)
        _break_cycles(self.builder.object_parent, rows.values())

    def _geometry(self, row: int, geometry: Mapping[str, Any], points: Points) -> None:
        builder = self.builder
        kind, lod = geometry["type"], _lod(geometry)
        if kind == "GeometryInstance":
            self._instance(row, geometry, points)
        elif kind in _POINTS:
            found = builder.add_geometry(row, _POINTS[kind], -1, lod=lod)
            kept = {key: value for key, value in geometry.items() if key != "boundaries"}
            self._kept["coordinates"][found] = {**kept, "boundaries": _places(geometry["boundaries"], points)}
            builder.report.add("geometry-without-surfaces", kind)
        elif kind in _DEPTH:
            root, polygons = self._tree(geometry, points)
            builder.add_geometry(row, kind, root, lod=lod)
            semantics = geometry.get("semantics")
            if semantics and not isinstance(semantics, dict):
                builder.report.add("unreadable-semantics", self.place)
            elif semantics:
                self._semantics(row, lod, geometry, polygons)
        else:
            builder.report.add("unknown-geometry", str(kind))

    def _instance(self, row: int, geometry: Mapping[str, Any], points: Points) -> None:
        template, boundaries = geometry["template"], geometry["boundaries"]
        if not 0 <= template < len(self._templates):
            raise ValueError(f"there is no template {template}")
        node, lod = self._templates[template]
        matrix = np.array(geometry["transformationMatrix"], dtype=np.float64)
        if matrix.shape != (16,) or not np.abs(matrix).max() < _FARTHEST:
            raise ValueError("a transformationMatrix is not 16 sensible numbers")
        placed = np.eye(4)
        placed[:3, 3] = points[_checked(boundaries[0])]
        found = self.builder.add_geometry(row, "GeometryInstance", -1, lod=lod)
        if node >= 0:
            self.builder.add_instance(found, node, (placed @ matrix.reshape(4, 4)).ravel().tolist())

    def _tree(
        self, geometry: Mapping[str, Any], points: Points, *, template: bool = False
    ) -> tuple[int, list[tuple[int, Any]]]:
        """The nodes of a surface geometry; also its polygons, each with its boundaries, in order."""
        kind, boundaries = geometry["type"], geometry["boundaries"]
        polygons: list[tuple[int, Any]] = []
        node = self._node(kind, boundaries, _DEPTH[kind], points, polygons, template)
        try:
            self._appearances.add(geometry, polygons, _DEPTH[kind])
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            self.builder.report.add("unreadable-appearance", self.place)
        return node, polygons

    def _node(
        self, kind: str, boundaries: Any, depth: int, points: Points, polygons: list[tuple[int, Any]], template: bool
    ) -> int:
        builder = self.builder
        node = builder.add_node(kind)
        if not isinstance(boundaries, list):
            raise ValueError("the boundaries of a geometry are no list")
        if depth:
            inner = "Shell" if depth == 1 else "Solid"
            for part in boundaries:
                child = self._node(inner, part, depth - 1, points, polygons, template)
                builder.add_member(node, child, is_node=True)
            return node
        for surface in boundaries:
            polygon = self._polygon(surface, points, template)
            builder.add_member(node, polygon)
            polygons.append((polygon, surface))
        return node

    def _polygon(self, surface: Any, points: Points, template: bool) -> int:
        builder = self.builder
        rings = []
        for ring in surface:
            if len(ring) > 1 and ring[0] == ring[-1]:
                ring = ring[:-1]
                builder.report.add("closed-ring", self.place)
            if ring and min(ring) < 0:
                raise ValueError(f"a vertex index is negative ({min(ring)})")
            if len(ring) < 3:
                builder.report.add("ring-of-fewer-than-3", self.place)
            builder.positions += len(ring)
            rings.append(list(chain.from_iterable([points[i] for i in ring])))
        if not rings:
            builder.report.add("empty-surface", self.place)
        return builder.add_polygon(rings, template=template)

    def _semantics(self, row: int, lod: str, geometry: Mapping[str, Any], polygons: Sequence[tuple[int, Any]]) -> None:
        """Boundary surfaces as rows of Objects, each with the polygons it owns."""
        builder, semantics = self.builder, geometry["semantics"]
        surfaces = semantics.get("surfaces") or []
        rows = []
        for surface in surfaces:
            attributes = {k: v for k, v in surface.items() if k not in ("type", "id", "parent", "children")}
            id = surface.get("id")
            kind = surface["type"]
            if not isinstance(kind, str):
                raise ValueError("the type of a semantic surface is no text")
            name = id if isinstance(id, str) else ""
            known = self._surfaces.get((row, name, kind)) if name else None
            if known is None:
                known = builder.add_object(name, kind, row, is_surface=True, attributes=attributes)
                self._surfaces[row, name, kind] = known
            rows.append(known)
        for surface, own in zip(surfaces, rows, strict=True):
            for child in surface.get("children") or []:
                builder.object_parent[rows[_checked(child)]] = own
            parent = surface.get("parent")
            if isinstance(parent, int) and rows[_checked(parent)] != own:
                builder.object_parent[own] = rows[parent]
        _break_cycles(builder.object_parent, rows)
        values = flat_values(semantics.get("values"), geometry["boundaries"], _DEPTH[geometry["type"]])
        owned: dict[int, list[int]] = {}
        for value, (polygon, _) in zip(values, polygons, strict=True):
            if isinstance(value, int) and 0 <= value < len(rows):
                owned.setdefault(rows[value], []).append(polygon)
            elif value is not None:
                builder.report.add("unresolved-semantics", self.place)
        for surface_row, members in owned.items():
            node = builder.add_node("MultiSurface")
            for polygon in members:
                builder.add_member(node, polygon, by_xlink=True)
            builder.add_geometry(row, "MultiSurface", node, surface=surface_row, lod=lod)


def flat_values(values: Any, boundaries: Any, depth: int) -> list[Any]:
    """One value a surface of nested ``values``; null stands for all below it, short lists for null."""
    if depth == 0:
        given = values if isinstance(values, list) else []
        return [given[i] if i < len(given) else None for i in range(len(boundaries))]
    given = values if isinstance(values, list) else []
    found: list[Any] = []
    for i, part in enumerate(boundaries):
        found += flat_values(given[i] if i < len(given) else None, part, depth - 1)
    return found


def _checked(index: Any) -> int:
    if not isinstance(index, int) or index < 0:
        raise ValueError(f"{index!r} is no index")
    return index


def _lod(geometry: Mapping[str, Any]) -> str:
    lod = geometry.get("lod")
    return "" if lod is None else f"{lod:g}" if isinstance(lod, float) else str(lod)


def _numbers(values: Any, name: str) -> NDArray[np.float64]:
    """(n, 3) float64 of a list of triples of finite numbers."""
    if not isinstance(values, list):
        raise ValueError(f"{name} is no list")
    if not values:
        return np.zeros((0, 3))
    try:
        array = np.array(values)
    except ValueError:
        raise ValueError(f"{name} are not triples of numbers") from None
    if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in "iuf":
        raise ValueError(f"{name} are not triples of numbers")
    xyz = array.astype(np.float64)
    if not np.abs(xyz).max() < 2**63:
        raise ValueError(f"{name} hold numbers that are too large to be coordinates")
    return xyz


def _transform(part: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if part is None:
        return None
    scale, translate = _numbers([part["scale"]], "transform.scale")[0], _numbers([part["translate"]], "translate")[0]
    return scale, translate


def _apply(xyz: NDArray[np.float64], scale: NDArray[np.float64], translate: NDArray[np.float64]) -> Any:
    """``xyz * scale + translate``, rounded once where both are short decimal numbers.

    So 0.001-steps give the same doubles as the decimal text of a CityGML file.
    """
    found = np.empty_like(xyz)
    for k in range(3):
        found[:, k] = xyz[:, k] * scale[k] + translate[k]
        for digits in range(16):
            unit = 10.0**digits
            step, shift = np.rint(scale[k] * unit), np.rint(translate[k] * unit)
            if step >= 1 and step / unit == scale[k] and shift / unit == translate[k]:
                whole = xyz[:, k] * step + shift
                if np.abs(whole).max() < 2**53:
                    found[:, k] = whole / unit
                break
    return found


def _places(boundaries: Any, points: Points) -> Any:
    """Nested vertex indices as nested coordinates."""
    if isinstance(boundaries, list):
        return [_places(part, points) for part in boundaries]
    return list(points[_checked(boundaries)])


def _located(address: Any, points: Points) -> Any:
    location = address.get("location") if isinstance(address, dict) else None
    if not isinstance(location, dict) or "boundaries" not in location:
        return address
    return {**address, "location": {**location, "boundaries": _places(location["boundaries"], points)}}


def _break_cycles(parent: list[int], rows: Any) -> None:
    """Cut the chain of parents where it runs into itself."""
    for row in rows:
        seen = {row}
        while parent[row] >= 0:
            if parent[row] in seen:
                parent[row] = -1
                break
            row = parent[row]
            seen.add(row)
