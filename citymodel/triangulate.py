"""Triangles of polygons, the owners of polygons, and what of a model is shown and stands on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.geo import definition
from citymodel.model import CityModel, Triangles

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

F8 = NDArray[np.float64]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]
_DEPTH = 64  # nested composites deeper than this are a cycle


class Owners(NamedTuple):
    """Who owns each polygon: (n_polygons,) int32 rows of Objects, −1 none.

    lod : (n_polygons,) int32 codes into ``lods``, −1 none
    """

    object_row: I4
    surface_row: I4
    lod: I4
    lods: list[str]


class Members(NamedTuple):
    """One row for every time a geometry uses a polygon, grouped by geometry."""

    geometry: I4
    polygon: I4
    reversed: NDArray[np.bool_]
    by_xlink: NDArray[np.bool_]


class Footprint(NamedTuple):
    """The ground an object covers, and the lowest and highest z of its shown polygons."""

    object_row: int
    area: BaseGeometry
    zmin: float
    zmax: float


def triangulate(model: CityModel) -> Triangles:
    """Triangles of every polygon, in the order of the polygons, turned as the polygon is.

    Triangles and convex polygons are cut as fans, all at once; the others by earcut on the plane
    of their own normal, relative to their own first vertex, so that large coordinates do no harm.
    Polygons without area give none.
    """
    corners = np.diff(model.ring_offsets[model.polygon_rings])  # all rings' vertices, a polygon
    single = np.diff(model.polygon_rings) == 1
    index: list[I4] = []
    polygon: list[I4] = []
    rest = [np.flatnonzero(~single & (corners >= 3))]
    for n in np.unique(corners[single & (corners >= 3)]):
        rows = np.flatnonzero(single & (corners == n))
        if len(rows) < 2 and n > 4:
            rest.append(rows)
            continue
        fans, convex = _fans(model, rows, int(n))
        index.append(fans)
        polygon.append(np.repeat(rows[convex], n - 2).astype(np.int32))
        rest.append(rows[~convex])
    cut, owner = _earcut(model, np.sort(np.concatenate(rest)))
    index.append(cut)
    polygon.append(owner)
    owners = np.concatenate(polygon)
    order = np.argsort(owners, kind="stable")
    return Triangles(np.concatenate(index)[order], owners[order])


def _fans(model: CityModel, rows: I8, n: int) -> tuple[I4, NDArray[np.bool_]]:
    """Fans of the convex among polygons of one ring of ``n`` vertices, and which those are."""
    first = model.ring_offsets[model.polygon_rings[rows]]
    ring = model.ring_vertices[first[:, None] + np.arange(n)]
    if n == 3:
        return ring, np.ones(len(rows), dtype=bool)
    xyz = model.vertices[ring] - model.vertices[ring[:, :1]]
    edge = np.roll(xyz, -1, axis=1) - xyz
    normal = np.cross(xyz[:, 1:-1], xyz[:, 2:]).sum(axis=1)
    turn = np.einsum("pnk,pk->pn", np.cross(edge, np.roll(edge, -1, axis=1)), normal)
    sweep = np.einsum("pnk,pk->pn", np.cross(xyz[:, 1:2], xyz[:, 2:]), normal)
    step = np.einsum("pnk,pk->pn", np.cross(xyz[:, 1:-1], xyz[:, 2:]), normal)
    least = 1e-12 * np.einsum("pk,pk->p", normal, normal)[:, None]
    convex = (turn > least).all(axis=1) & (sweep > least).all(axis=1) & (step > least).all(axis=1)
    kept = ring[convex]
    fan = np.stack([np.repeat(kept[:, :1], n - 2, axis=1), kept[:, 1:-1], kept[:, 2:]], axis=-1)
    return fan.reshape(-1, 3), convex


def normals(model: CityModel, rows: NDArray[Any] | None = None) -> F8:
    """(m, 3) Newell normals of the exteriors of chosen polygons, length twice the area, 0 where there is none."""
    rows = np.arange(model.n_polygons) if rows is None else rows
    ring = model.polygon_rings[rows]
    start, end = model.ring_offsets[ring], model.ring_offsets[ring + 1]
    count = end - start
    flat, owner = _spread(start, count)
    xyz = model.vertices[model.ring_vertices[flat]]
    xyz = xyz - model.vertices[model.ring_vertices[start]][owner] if len(flat) else xyz
    following = np.arange(len(flat)) + 1
    last = np.cumsum(count)[count > 0] - 1
    following[last] = (np.cumsum(count) - count)[count > 0]
    products = np.cross(xyz, xyz[following]) if len(flat) else np.zeros((0, 3))
    return np.stack([np.bincount(owner, products[:, k], len(rows)) for k in range(3)], axis=1)


def _spread(start: NDArray[Any], count: NDArray[Any]) -> tuple[I8, I8]:
    """Indices start[i] … start[i] + count[i] − 1 of all i in a row, and the i of each."""
    owner = np.repeat(np.arange(len(count)), count)
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return start[owner] + within, owner


def _earcut(model: CityModel, rows: I8) -> tuple[I4, I4]:
    """Triangles of any polygons, one by one, and each triangle's polygon."""
    from mapbox_earcut import triangulate_float64

    if not len(rows):
        return np.zeros((0, 3), np.int32), np.zeros(0, np.int32)
    normal = normals(model, rows)
    length = np.linalg.norm(normal, axis=1)
    rows, normal = rows[length > 0], normal[length > 0] / length[length > 0, None]
    if not len(rows):
        return np.zeros((0, 3), np.int32), np.zeros(0, np.int32)
    start = model.ring_offsets[model.polygon_rings[rows]]
    count = model.ring_offsets[model.polygon_rings[rows + 1]] - start
    flat, owner = _spread(start, count)
    vertices = model.ring_vertices[flat]
    xyz = model.vertices[vertices] - model.vertices[model.ring_vertices[start]][owner]
    across = np.zeros_like(normal)
    across[np.arange(len(rows)), np.abs(normal).argmin(axis=1)] = 1.0
    u = np.cross(normal, across)
    u /= np.linalg.norm(u, axis=1)[:, None]
    v = np.cross(normal, u)
    xy = np.stack([np.einsum("ij,ij->i", xyz, u[owner]), np.einsum("ij,ij->i", xyz, v[owner])], axis=1)
    first = np.cumsum(count) - count
    pieces: list[NDArray[Any]] = []
    for i, row in enumerate(rows):
        rings = model.ring_offsets[model.polygon_rings[row] + 1 : model.polygon_rings[row + 1] + 1] - start[i]
        pieces.append(triangulate_float64(xy[first[i] : first[i] + count[i]], rings.astype(np.uint32)) + first[i])
    local = np.concatenate(pieces).astype(np.int64).reshape(-1, 3)
    polygon = owner[local[:, 0]]
    a, b, c = (xy[local[:, k]] for k in range(3))
    clockwise = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) < (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    local[clockwise] = local[clockwise][:, ::-1]
    return vertices[local].astype(np.int32), rows[polygon].astype(np.int32)


def members(model: CityModel) -> Members:
    """Every use of a polygon by a geometry, through all its nodes."""
    nodes = model.nodes
    root = model.geometries.root
    geometry = np.flatnonzero(root >= 0).astype(np.int32)
    node = root[geometry].astype(np.int64)
    turned = np.zeros(len(node), dtype=bool)
    linked = np.zeros(len(node), dtype=bool)
    found: list[list[NDArray[Any]]] = []
    for _ in range(_DEPTH):
        if not len(node):
            break
        start = nodes.offsets[node]
        flat, owner = _spread(start, nodes.offsets[node + 1] - start)
        target, is_node = nodes.target[flat], nodes.is_node[flat]
        turned, linked = turned[owner] ^ nodes.reversed[flat], linked[owner] | nodes.by_xlink[flat]
        geometry = geometry[owner]
        found.append([column[~is_node] for column in (geometry, target, turned, linked)])
        geometry, turned, linked = geometry[is_node], turned[is_node], linked[is_node]
        node = target[is_node].astype(np.int64)
    columns = [np.concatenate([f[k] for f in found]) if found else np.zeros(0) for k in range(4)]
    order = np.argsort(columns[0], kind="stable")
    return Members(
        columns[0][order].astype(np.int32),
        columns[1][order].astype(np.int32),
        columns[2][order].astype(bool),
        columns[3][order].astype(bool),
    )


def owner_of_polygons(model: CityModel) -> Owners:
    """Each polygon's object, boundary surface and LoD; where many use it, the surface that holds it wins."""
    geometries = model.geometries
    use = members(model)
    lods = sorted(set(geometries.lod), key=_lod_number)
    codes = {lod: code for code, lod in enumerate(lods)}
    lod_code = np.array([codes[lod] for lod in geometries.lod], dtype=np.int32)
    surface = geometries.surface[use.geometry]
    order = np.lexsort((np.arange(len(surface)), use.by_xlink, surface < 0))[::-1]  # the best is written last
    owners = [np.full(model.n_polygons, -1, dtype=np.int32) for _ in range(3)]
    for column, values in zip(owners, (geometries.object[use.geometry], surface, lod_code[use.geometry]), strict=True):
        column[use.polygon[order]] = values[order]
    return Owners(owners[0], owners[1], owners[2], lods)


def _lod_number(lod: str) -> float:
    try:
        return float(lod)
    except ValueError:
        return -1.0


def display_polygons(model: CityModel) -> I8:
    """Polygons of each object's highest LoD; none of an object whose parts have a higher one.

    Returns
    -------
    (m,) int64 sorted polygon rows; templates are left out, ``citymodel.instances`` puts them in their places
    """
    geometries, objects = model.geometries, model.objects
    use = members(model)
    number = np.array([_lod_number(lod) for lod in geometries.lod], dtype=np.float64)
    level = number[use.geometry]
    owner = geometries.object[use.geometry]
    highest = np.full(len(objects), -np.inf)
    np.maximum.at(highest, owner, level)
    below = np.full(len(objects), -np.inf)
    child = np.flatnonzero(~objects.is_surface & (objects.parent >= 0))
    for _ in range(_DEPTH):
        reach = np.maximum(highest, below)
        before = below.copy()
        np.maximum.at(below, objects.parent[child], reach[child])
        if np.array_equal(before, below):
            break
    shown = (level == highest[owner]) & (level >= below[owner])
    return np.unique(use.polygon[shown]).astype(np.int64)


def footprints(
    model: CityModel, types: Sequence[str] | None = ("Building", "BuildingPart", "BuildingInstallation")
) -> list[Footprint]:
    """The ground each object covers: the union of its shown polygons seen from above.

    Parameters
    ----------
    types : object types that are wanted, None for all
    """
    import shapely

    rows = display_polygons(model)
    owner = owner_of_polygons(model).object_row[rows]
    wanted = np.ones(len(model.objects.type_names), dtype=bool)
    if types is not None:
        wanted = np.array([name in types for name in model.objects.type_names], dtype=bool)
    keep = (owner >= 0) & (wanted[model.objects.type[owner]] if len(wanted) else False)
    rows, owner = rows[keep], owner[keep]
    normal = normals(model, rows)
    level = np.abs(normal[:, 2]) > 1e-3 * np.linalg.norm(normal, axis=1)
    areas = np.array([_flat_polygon(model, int(row)) if flat else None for row, flat in zip(rows, level, strict=True)])
    start = model.ring_offsets[model.polygon_rings[rows]]
    flat, of = _spread(start, model.ring_offsets[model.polygon_rings[rows + 1]] - start)
    z = model.vertices[model.ring_vertices[flat], 2]
    low, high = np.full(len(model.objects), np.inf), np.full(len(model.objects), -np.inf)
    np.minimum.at(low, owner[of], z)
    np.maximum.at(high, owner[of], z)
    step = 1e-9 if model.crs is not None and definition(model.crs).is_geographic else 1e-4
    order = np.argsort(owner, kind="stable")
    cuts = np.flatnonzero(np.diff(owner[order])) + 1
    found = []
    for group in np.split(order, cuts):
        pieces = [areas[i] for i in group if areas[i] is not None]
        if pieces:
            row = int(owner[group[0]])
            area = shapely.union_all(shapely.make_valid(np.array(pieces)), grid_size=step)
            if area.area > 0:
                found.append(Footprint(row, area, float(low[row]), float(high[row])))
    return found


def _flat_polygon(model: CityModel, row: int) -> BaseGeometry | None:
    """The polygon seen from above, holes kept; None where it has no ring of three."""
    import shapely

    first, last = model.polygon_rings[row], model.polygon_rings[row + 1]
    rings = [
        model.vertices[model.ring_vertices[model.ring_offsets[r] : model.ring_offsets[r + 1]], :2]
        for r in range(first, last)
    ]
    if not rings or len(rings[0]) < 3:
        return None
    return shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) >= 3])
