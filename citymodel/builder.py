"""CityModelBuilder: what a reader fills, row by row, and turns into a CityModel once."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from citymodel.model import Appearance, CityModel, Geometries, Instances, Nodes, Objects
from citymodel.report import Report

_NONE: Mapping[str, Any] = {}
_IS_NODE, _REVERSED, _BY_XLINK = 1, 2, 4


class CityModelBuilder:
    """Append-only columns; every ``add_*`` returns the row's index."""

    def __init__(self, format: str, version: str) -> None:
        self.format, self.version = format, version
        self.crs: str | None = None
        self.metadata: dict[str, Any] = {}
        self.report = Report()
        self.positions = 0
        self._xyz = array("d")
        self._template: list[tuple[int, int]] = []  # spans of positions
        self._ring_end = array("q")
        self._polygon_end = array("q")
        self.polygon_ids: list[str] = []
        self.ring_ids: list[str] = []
        self.object_ids: list[str] = []
        self.object_type: list[str] = []
        self.object_parent: list[int] = []
        self.object_is_surface: list[bool] = []
        self.object_attributes: list[Mapping[str, Any]] = []
        self._geometries: list[list[Any]] = []
        self.node_kind: list[str] = []
        self.node_ids: list[str] = []
        self._member_node = array("i")
        self._member_target = array("i")
        self._member_flags = array("b")
        self._appearance: list[tuple[str, int, bool, bool, int, int]] = []
        self._uv = array("d")
        self.textures: list[Mapping[str, Any]] = []
        self.materials: list[Mapping[str, Any]] = []
        self._instances: list[tuple[int, int, Sequence[float]]] = []

    def add_object(
        self,
        id: str,
        type: str,
        parent: int = -1,
        *,
        is_surface: bool = False,
        attributes: Mapping[str, Any] = _NONE,
    ) -> int:
        """A city object, or a boundary surface of ``parent``."""
        self.object_ids.append(id)
        self.object_type.append(type)
        self.object_parent.append(parent)
        self.object_is_surface.append(is_surface)
        self.object_attributes.append(attributes)
        return len(self.object_ids) - 1

    def add_polygon(
        self,
        rings: Iterable[Sequence[float]],
        id: str = "",
        ring_ids: Sequence[str] = (),
        *,
        template: bool = False,
    ) -> int:
        """A polygon of flat x, y, z sequences, exterior first, already unclosed."""
        xyz, start = self._xyz, len(self._xyz)
        count = 0
        for ring in rings:
            if isinstance(ring, list):
                xyz.fromlist(ring)
            else:
                xyz.extend(ring)
            self._ring_end.append(len(xyz) // 3)
            count += 1
        self.ring_ids.extend(ring_ids[:count])
        self.ring_ids.extend([""] * (count - len(ring_ids)))
        if template:
            self._template.append((start // 3, len(xyz) // 3))
        self._polygon_end.append(len(self._ring_end))
        self.polygon_ids.append(id)
        return len(self.polygon_ids) - 1

    def rings_of(self, polygon: int) -> list[tuple[str, int]]:
        """(ring id, number of vertices) of each ring of a polygon that was added."""
        first = self._polygon_end[polygon - 1] if polygon else 0
        start = self._ring_end[first - 1] if first else 0
        found = []
        for ring in range(first, self._polygon_end[polygon]):
            found.append((self.ring_ids[ring], self._ring_end[ring] - start))
            start = self._ring_end[ring]
        return found

    def add_node(self, kind: str, id: str = "") -> int:
        self.node_kind.append(kind)
        self.node_ids.append(id)
        return len(self.node_kind) - 1

    def add_member(
        self, node: int, target: int, *, is_node: bool = False, reversed: bool = False, by_xlink: bool = False
    ) -> int:
        """A member of a node; target −1 stands for one still to be found (``set_member``)."""
        self._member_node.append(node)
        self._member_target.append(target)
        self._member_flags.append(_IS_NODE * is_node | _REVERSED * reversed | _BY_XLINK * by_xlink)
        return len(self._member_node) - 1

    def set_member(self, member: int, target: int, *, is_node: bool) -> None:
        """Give a member its target; target −1 leaves the member out."""
        self._member_target[member] = target
        self._member_flags[member] = (self._member_flags[member] & ~_IS_NODE) | _IS_NODE * is_node

    def members(self) -> Iterable[tuple[int, int, int, bool]]:
        """(member, node, target, is_node) of all members in order of adding."""
        columns = zip(self._member_node, self._member_target, self._member_flags, strict=True)
        return ((m, node, target, bool(flags & _IS_NODE)) for m, (node, target, flags) in enumerate(columns))

    def add_geometry(
        self, object: int, kind: str, root: int, *, surface: int = -1, lod: str = "", role: str = ""
    ) -> int:
        self._geometries.append([object, surface, lod, role, kind, root])
        return len(self._geometries) - 1

    def set_geometry(self, geometry: int, kind: str, root: int) -> None:
        """Give a geometry its kind and its root node."""
        self._geometries[geometry][4:] = [kind, root]

    def add_appearance(
        self,
        polygon: int,
        index: int,
        *,
        is_texture: bool,
        theme: str = "",
        front: bool = True,
        uv: Sequence[float] = (),
    ) -> None:
        self._uv.extend(uv)
        self._appearance.append((theme, polygon, front, is_texture, index, len(self._uv) // 2))

    def add_instance(self, geometry: int, template_node: int, matrix: Sequence[float]) -> None:
        self._instances.append((geometry, template_node, matrix))

    def xyz(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """(positions, 3) float64 view of what was added so far; to convert coordinates in place."""
        return np.frombuffer(self._xyz, dtype=np.float64).reshape(-1, 3)

    @property
    def n_positions(self) -> int:
        return len(self._xyz) // 3

    def template_positions(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """(positions,) whether each belongs to a template."""
        template = np.zeros(self.n_positions, dtype=bool)
        for start, stop in self._template:
            template[start:stop] = True
        return template

    def polygon_at(self, position: int) -> int:
        """The polygon that a position belongs to."""
        ring = bisect.bisect_right(self._ring_end, position)
        return bisect.bisect_right(self._polygon_end, ring)

    def build(self) -> CityModel:
        """Merge equal positions and freeze the columns."""
        xyz = self.xyz()
        xyz += 0.0  # −0.0 becomes 0.0
        vertices, index, is_template = _distinct(xyz, self.template_positions())
        names: dict[str, int] = {}
        codes = [names.setdefault(t, len(names)) for t in self.object_type]
        geometry_rows = self._geometries
        return CityModel(
            vertices=vertices,
            ring_vertices=index,
            ring_offsets=np.concatenate([[0], np.asarray(self._ring_end, dtype=np.int64)]),
            polygon_rings=np.concatenate([[0], np.asarray(self._polygon_end, dtype=np.int64)]),
            polygon_ids=self.polygon_ids,
            ring_ids=self.ring_ids,
            objects=Objects(
                ids=self.object_ids,
                type=np.asarray(codes, dtype=np.int32),
                type_names=list(names),
                parent=np.asarray(self.object_parent, dtype=np.int32),
                is_surface=np.asarray(self.object_is_surface, dtype=bool),
                attributes=self.object_attributes,
            ),
            geometries=Geometries(
                object=np.asarray([g[0] for g in geometry_rows], dtype=np.int32),
                surface=np.asarray([g[1] for g in geometry_rows], dtype=np.int32),
                lod=[g[2] for g in geometry_rows],
                role=[g[3] for g in geometry_rows],
                kind=[g[4] for g in geometry_rows],
                root=np.asarray([g[5] for g in geometry_rows], dtype=np.int32),
            ),
            nodes=self._nodes(),
            appearance=Appearance(
                theme=[a[0] for a in self._appearance],
                polygon=np.asarray([a[1] for a in self._appearance], dtype=np.int32),
                front=np.asarray([a[2] for a in self._appearance], dtype=bool),
                is_texture=np.asarray([a[3] for a in self._appearance], dtype=bool),
                index=np.asarray([a[4] for a in self._appearance], dtype=np.int32),
                uv=np.array(self._uv, dtype=np.float64).reshape(-1, 2),
                uv_offsets=np.asarray([0, *(a[5] for a in self._appearance)], dtype=np.int64),
                textures=self.textures,
                materials=self.materials,
            ),
            instances=Instances(
                geometry=np.asarray([i[0] for i in self._instances], dtype=np.int32),
                template=np.asarray([i[1] for i in self._instances], dtype=np.int32),
                matrix=np.asarray([i[2] for i in self._instances], dtype=np.float64).reshape(-1, 4, 4),
            ),
            template_vertices=is_template,
            crs=self.crs,
            format=self.format,
            version=self.version,
            positions=self.positions,
            metadata=self.metadata,
            report=self.report,
        )

    def _nodes(self) -> Nodes:
        """The members sorted by node, in order of adding; those left out are dropped."""
        node = np.array(self._member_node, dtype=np.int32)
        order = np.argsort(node, kind="stable")
        target = np.array(self._member_target, dtype=np.int32)[order]
        order, target = order[target >= 0], target[target >= 0]
        flags = np.array(self._member_flags, dtype=np.int8)[order]
        counts = np.bincount(node[order], minlength=len(self.node_kind))
        return Nodes(
            kind=self.node_kind,
            ids=self.node_ids,
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            target=target,
            is_node=(flags & _IS_NODE) > 0,
            reversed=(flags & _REVERSED) > 0,
            by_xlink=(flags & _BY_XLINK) > 0,
        )


def _distinct(
    xyz: np.ndarray[Any, np.dtype[np.float64]], template: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[Any, Any, Any]:
    """Distinct (position, template flag) rows in order of first use, and each row's index."""
    if not len(xyz):
        return xyz.reshape(0, 3), np.zeros(0, np.int32), template
    order = _order(xyz, template)
    new = np.empty(len(xyz), dtype=bool)
    new[0] = True
    new[1:] = template[order[1:]] != template[order[:-1]]
    for axis in range(3):
        ordered = xyz[order, axis]
        new[1:] |= ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(new)
    first = np.minimum.reduceat(order, starts)
    rank = np.argsort(first)
    place = np.empty(len(rank), dtype=np.int32)
    place[rank] = np.arange(len(rank), dtype=np.int32)
    index = np.empty(len(xyz), dtype=np.int32)
    index[order] = np.repeat(place, np.diff(starts, append=len(xyz)))
    keep = first[rank]
    return xyz[keep], index, template[keep]


def _order(
    xyz: np.ndarray[Any, np.dtype[np.float64]], template: np.ndarray[Any, np.dtype[np.bool_]]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """An order that puts equal rows side by side: by a hash, or by value where two rows collide."""
    bits = np.ascontiguousarray(xyz).view(np.uint64)
    mixed = template.astype(np.uint64)
    for axis in range(3):
        mixed ^= bits[:, axis]
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed)
    same = np.flatnonzero(mixed[order[1:]] == mixed[order[:-1]])
    left, right = order[same], order[same + 1]
    if np.any(bits[left] != bits[right]) or np.any(template[left] != template[right]):
        return np.lexsort((template, xyz[:, 2], xyz[:, 1], xyz[:, 0]))
    return order
