"""The walk over features: objects, their surfaces, geometries and attributes, at any depth."""

from __future__ import annotations

from typing import Any

from citymodel.builder import CityModelBuilder
from citymodel.formats.citygml.appearance import AppearanceReader
from citymodel.formats.citygml.attributes import AttributeReader, is_generic, put
from citymodel.formats.citygml.geometry import GeometryReader, is_geometry
from citymodel.formats.citygml.links import Links
from citymodel.formats.citygml.names import (
    APPEARANCE,
    CITY,
    DATA_TYPES,
    FEATURES,
    GENERIC,
    GML,
    OPENINGS,
    OTHER,
    SURFACES,
    TAGS,
    XLINK_HREF,
    identity,
    lod_of,
    prefixed,
)
from citymodel.formats.citygml.systems import Systems

_SKIPPED = frozenset({"boundedBy", "metaDataProperty", "location"})


class Walker:
    """Reads one feature after another into the builder."""

    def __init__(self, builder: CityModelBuilder, path: str, *, lod: str | None = None) -> None:
        self.builder = builder
        self.links = Links(builder)
        self.geometry = GeometryReader(builder, self.links, path)
        self.attributes = AttributeReader(builder, self.geometry)
        self.appearance = AppearanceReader(builder)
        self.systems = Systems(builder)
        self.lod = lod

    def feature(self, element: Any, parent: int = -1, owner: int = -1) -> int:
        """Add a feature and all below it; returns its row.

        owner : row of the city object that a boundary surface belongs to
        """
        kind, local = TAGS[element.tag]
        is_surface = self._is_surface(element, kind, local, parent)
        if kind == OTHER:
            self.builder.report.add(f"unknown-element {prefixed(element)}", f"line {element.sourceline}")
        attributes: dict[str, Any] = {}
        id = identity(element)
        row = self.builder.add_object(id, local, parent, is_surface=is_surface, attributes=attributes)
        if not id and not is_surface:
            self.builder.object_ids[row] = f"{local}-{row}"
        here = owner if is_surface and owner >= 0 else row
        for prop in element:
            self._property(prop, row, here, attributes)
        return row

    def _is_surface(self, element: Any, kind: int, local: str, parent: int) -> bool:
        if parent < 0:
            return False
        if local in OPENINGS:
            return "/3.0" not in element.tag
        return local.endswith("Surface") or local in SURFACES

    def _property(self, prop: Any, row: int, owner: int, attributes: dict[str, Any]) -> None:
        """One property of a feature."""
        kind, local = TAGS[prop.tag]
        if kind == GML and local in _SKIPPED:
            if local == "boundedBy":
                self.systems.envelope(prop)
            return
        if not len(prop):
            if local:
                self._leaf(prop, kind, local, row, owner, attributes)
            return
        if kind == GENERIC and is_generic(prop):
            self.attributes.generic(attributes, prop, local)
            return
        for child in prop:
            self._child(prop, local, child, row, owner, attributes)

    def _leaf(self, prop: Any, kind: int, local: str, row: int, owner: int, attributes: dict[str, Any]) -> None:
        href = prop.get(XLINK_HREF)
        if href is not None and lod_of(local) and kind != GML:
            if self._wanted(lod_of(local)):
                geometry = self._add_geometry(row, owner, "", -1, lod_of(local), local)
                self.links.root(geometry, href)
        else:
            self.attributes.leaf(attributes, prop, local)

    def _child(self, prop: Any, local: str, child: Any, row: int, owner: int, attributes: dict[str, Any]) -> None:
        """What a property holds: a geometry, a feature, an appearance or a data type."""
        kind, name = TAGS[child.tag]
        if not name:
            return
        if is_geometry(child):
            self._geometry(child, row, owner, local, attributes)
        elif name == "ImplicitGeometry":
            self._implicit(child, row, owner, local)
        elif kind == APPEARANCE:
            self.appearance.read(child)
        elif is_generic(child) and (kind == GENERIC or local == "genericAttribute"):
            self.attributes.generic(attributes, child, name)
        elif local.startswith("adeOf"):
            self.builder.report.add(f"unknown-element {prefixed(child)}", f"line {child.sourceline}")
            for inner in child:
                self._property(inner, row, owner, attributes)
        elif self._is_feature(child, kind, name):
            self.feature(child, row, owner)
        elif name[0].isupper():
            self.attributes.nested(attributes, child, local)
        else:
            put(attributes, local, self.attributes.mapping(prop))

    def _is_feature(self, element: Any, kind: int, local: str) -> bool:
        if kind == GML or local in DATA_TYPES or not local[0].isupper():
            return False
        if local in FEATURES or local.endswith("Surface") or local in SURFACES:
            return True
        return bool(identity(element)) or (kind in (OTHER, CITY) and any(is_geometry(at) for at in element.iter()))

    def _geometry(self, element: Any, row: int, owner: int, role: str, attributes: dict[str, Any]) -> None:
        lod = lod_of(role) or (str(attributes.get("lod", "")) if role == "tin" else "")
        if not self._wanted(lod):
            return
        system, start = self.systems.name_of(element), self.builder.n_positions
        kind, node = self.geometry.root(element)
        if system is not None:
            self.systems.span(start, system)
        self._add_geometry(row, owner, kind, node, lod, role)

    def _implicit(self, element: Any, row: int, owner: int, role: str) -> None:
        lod = lod_of(role)
        if self._wanted(lod):
            self.systems.seek(element)
            matrix, node, href = self.geometry.instance(element)
            self.links.instance(self._add_geometry(row, owner, "GeometryInstance", -1, lod, role), matrix, node, href)

    def _add_geometry(self, row: int, owner: int, kind: str, node: int, lod: str, role: str) -> int:
        surface = row if row != owner else -1
        return self.builder.add_geometry(owner, kind, node, surface=surface, lod=lod, role=role)

    def _wanted(self, lod: str) -> bool:
        return self.lod is None or not lod or lod == self.lod or lod == self.lod.partition(".")[0]
