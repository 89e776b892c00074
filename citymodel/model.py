"""CityModel: a city as columns, no Python object a polygon.

A polygon owns its rings and nothing else. Objects (buildings, roads, …) and their boundary
surfaces (roof, wall, window, …) are rows of one table. A geometry is the root of a tree of
nodes (solid, shell, composite, multi) whose members are polygons or further nodes, each with
a reversed flag and a by-xlink flag, because real files make solids of references only.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.report import Report

F8 = NDArray[np.float64]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]

_revisions = itertools.count(1)


@dataclass(frozen=True, eq=False, slots=True)
class Objects:
    """Rows: city objects and, with ``is_surface``, their boundary surfaces.

    type : (n,) int32 codes into ``type_names`` (the class name without prefix, "Building")
    parent : (n,) int32 row of the object this one is part or surface of, −1 none
    attributes : one mapping a row: name to str, int, float, bool or a nested list/mapping
    """

    ids: Sequence[str]
    type: I4
    type_names: Sequence[str]
    parent: I4
    is_surface: NDArray[np.bool_]
    attributes: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.ids)

    def type_of(self, row: int) -> str:
        return self.type_names[int(self.type[row])]


@dataclass(frozen=True, eq=False, slots=True)
class Geometries:
    """Rows: one geometry property of an object (``lod2Solid``, ``lod0FootPrint``, …).

    object, surface : (n,) int32 rows of Objects; surface −1 unless the geometry hangs on a
    boundary surface (then ``object`` is the owner of that surface)
    lod : text as the file says it ("2", "2.2", "" where there is none)
    kind : Solid, MultiSurface, CompositeSurface, MultiSolid, CompositeSolid, Surface,
    TriangulatedSurface, MultiCurve, MultiPoint, GeometryInstance
    root : (n,) int32 row of Nodes, −1 for none
    """

    object: I4
    surface: I4
    lod: Sequence[str]
    role: Sequence[str]
    kind: Sequence[str]
    root: I4

    def __len__(self) -> int:
        return len(self.root)


@dataclass(frozen=True, eq=False, slots=True)
class Nodes:
    """The nested geometry tree. Node i owns members ``offsets[i]:offsets[i+1]``.

    target : polygon index, or node index where ``is_node``
    """

    kind: Sequence[str]
    ids: Sequence[str]
    offsets: I8
    target: I4
    is_node: NDArray[np.bool_]
    reversed: NDArray[np.bool_]
    by_xlink: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, eq=False, slots=True)
class Appearance:
    """Textures and materials on polygons; a polygon may have many.

    Row i: ``theme[i]`` ("" none), ``polygon[i]``, ``front[i]`` side, ``is_texture[i]``, and
    ``index[i]`` into ``textures`` or ``materials``. ``uv[uv_offsets[i]:uv_offsets[i+1]]`` are
    the texture coordinates, one pair a vertex over the polygon's rings in order.
    textures : mappings with ``uri``, ``wrap``; materials : mappings with ``diffuse`` (r, g, b)
    """

    theme: Sequence[str]
    polygon: I4
    front: NDArray[np.bool_]
    is_texture: NDArray[np.bool_]
    index: I4
    uv: F8
    uv_offsets: I8
    textures: Sequence[Mapping[str, Any]]
    materials: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Instances:
    """Geometry ``geometry[i]`` is template node ``template[i]`` placed by ``matrix[i]`` (4 × 4).

    Vertices of templates stand in ``CityModel.vertices`` in the template's own coordinates:
    ``template_vertices`` marks them, so that bounds leave them out.
    """

    geometry: I4
    template: I4
    matrix: F8


@dataclass(frozen=True, eq=False, slots=True)
class Triangles:
    """``index`` (t, 3) int32 rows of vertices; ``polygon`` (t,) int32 each triangle's polygon."""

    index: I4
    polygon: I4


@dataclass(frozen=True, eq=False, slots=True)
class CityModel:
    """A city model in its own CRS; x east, y north, z up, whatever the file's order.

    vertices : (nv, 3) float64, distinct
    ring_vertices : (k,) int32; ring r is ``ring_vertices[ring_offsets[r]:ring_offsets[r+1]]``,
    unclosed
    polygon_rings : (np + 1,) int64 offsets into rings; a polygon's first ring is its exterior
    """

    vertices: F8
    ring_vertices: I4
    ring_offsets: I8
    polygon_rings: I8
    polygon_ids: Sequence[str]
    ring_ids: Sequence[str]
    objects: Objects
    geometries: Geometries
    nodes: Nodes
    appearance: Appearance
    instances: Instances
    template_vertices: NDArray[np.bool_]
    crs: str | None = None
    format: str = ""
    version: str = ""
    positions: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    report: Report = field(default_factory=Report)
    revision: int = field(default_factory=lambda: next(_revisions))

    @property
    def n_polygons(self) -> int:
        return len(self.polygon_rings) - 1

    @property
    def n_holes(self) -> int:
        """Interior rings."""
        return len(self.ring_offsets) - 1 - self.n_polygons

    @property
    def n_triangles(self) -> int:
        """Σ(n + 2·holes − 2) over the polygons; none of a polygon with fewer than two corners."""
        corners = np.diff(self.ring_offsets[self.polygon_rings])
        return int(np.maximum(corners + 2 * np.diff(self.polygon_rings) - 4, 0).sum())

    def bounds(self) -> tuple[float, float, float, float, float, float] | None:
        """(xmin, ymin, zmin, xmax, ymax, zmax) of all vertices but the templates'."""
        points = self.vertices[~self.template_vertices]
        if not len(points):
            return None
        low, high = points.min(axis=0), points.max(axis=0)
        return (
            float(low[0]), float(low[1]), float(low[2]),
            float(high[0]), float(high[1]), float(high[2]),
        )  # fmt: skip
