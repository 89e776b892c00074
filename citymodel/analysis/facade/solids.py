"""The triangles of the buildings, and which places lie inside a building or below the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.surface.from_model import BUILDING_TYPES
from citymodel.triangulate import _spread, display_polygons, normals, owner_of_polygons, triangulate

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]
Origin = tuple[float, float, float]

_PAIRS = 500_000  # pairs of a place and a triangle at a time: 100 MB
_FLAT = 1e-9  # m², below which a triangle has no direction


class Faces(NamedTuple):
    """Polygons of buildings in their finest geometry, of one layer.

    row : (p,) polygon rows of the model; object, surface : (p,) rows of objects, surface −1 none
    normal : (p, 3) unit, outward by the volume that an object's polygons enclose; area : (p,) m²
    """

    row: I8
    object: I8
    surface: I8
    normal: F8
    area: F8


@dataclass(frozen=True, eq=False, slots=True)
class Solids:
    """The buildings' triangles of one or more layers, those of an object together.

    corners : (t, 3, 3) float64 metres from an origin
    start : (n + 1,) first triangle of each object; key : (n,) of (layer, object row)
    face : (t,) each triangle's row in ``Faces`` of its layer
    low, high : (n, 3) each object's box
    """

    corners: F8
    start: I8
    key: list[tuple[int, int]]
    face: I8
    low: F8
    high: F8


def faces_and_solids(layers: Sequence[Layer], origin: Origin) -> tuple[list[Faces | None], Solids]:
    """The faces of each layer (None where it is no city), and the solids of all."""
    faces: list[Faces | None] = []
    corners, owners, face = [np.zeros((0, 3, 3))], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    key: list[tuple[int, int]] = []
    for number, layer in enumerate(layers):
        if layer.kind != "city":
            faces.append(None)
            continue
        one, triangle, of = _of_model(layer.data)
        xyz = layer.data.vertices[triangle] - np.asarray(origin)
        rows, owner = np.unique(one.object[of], return_inverse=True)
        one = _outward(one, xyz, of, owner.ravel(), len(rows))
        faces.append(one)
        corners.append(xyz)
        owners.append(owner.ravel() + len(key))
        face.append(of)
        key += [(number, int(row)) for row in rows]
    xyz, owner, of = np.concatenate(corners), np.concatenate(owners), np.concatenate(face)
    order = np.argsort(owner, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(key)))]).astype(np.int64)
    xyz, of = xyz[order], of[order]
    low, high = np.full((len(key), 3), np.inf), np.full((len(key), 3), -np.inf)
    np.minimum.at(low, owner[order], xyz.min(axis=1))
    np.maximum.at(high, owner[order], xyz.max(axis=1))
    return faces, Solids(xyz, start, key, of, low, high)


def _of_model(model: Any) -> tuple[Faces, NDArray[np.int32], I8]:
    """Faces, triangles (t, 3) of vertices, and each triangle's face."""
    shown = display_polygons(model)
    owner = owner_of_polygons(model)
    built = np.array([name in BUILDING_TYPES for name in model.objects.type_names] + [False])
    kind = np.append(model.objects.type, -1)[owner.object_row[shown]]
    shown = shown[built[kind]]
    normal = np.asarray(normals(model, shown), dtype=np.float64).reshape(-1, 3)
    length = np.linalg.norm(normal, axis=1)
    unit = np.divide(normal, length[:, None], out=np.zeros_like(normal), where=length[:, None] > _FLAT)
    objects, surfaces = owner.object_row[shown].astype(np.int64), owner.surface_row[shown].astype(np.int64)
    cut = triangulate(model)
    place = np.full(model.n_polygons, -1, dtype=np.int64)
    place[shown] = np.arange(len(shown))
    keep = place[cut.polygon] >= 0
    of = place[cut.polygon[keep]]
    triangle = cut.index[keep]
    edge = model.vertices[triangle[:, 1:]] - model.vertices[triangle[:, :1]]
    area: F8 = np.bincount(of, np.linalg.norm(np.cross(edge[:, 0], edge[:, 1]), axis=1) / 2, len(shown)).astype(
        np.float64
    )
    return Faces(shown, objects, surfaces, unit, area), triangle, of


def _outward(faces: Faces, xyz: F8, of: I8, owner: I8, count: int) -> Faces:
    """Normals turned for the objects whose polygons enclose a negative volume."""
    if not count:
        return faces
    number = np.bincount(owner, minlength=count)
    middle = np.stack([np.bincount(owner, xyz.mean(axis=1)[:, k], count) / number for k in range(3)], axis=1)
    a, b, c = (xyz[:, k] - middle[owner] for k in range(3))
    volume = np.bincount(owner, np.einsum("ij,ij->i", a, np.cross(b, c)) / 6, count)
    inverted = np.zeros(len(faces.row), dtype=bool)
    inverted[of] = volume[owner] < 0
    return faces._replace(normal=np.where(inverted[:, None], -faces.normal, faces.normal))


def winding(solids: Solids, places: F8, which: I8, progress: Progress = silent) -> F8:
    """How often an object's triangles wind around a place: ±1 inside, 0 outside, between where they leave gaps.

    Solid angles by van Oosterom & Strackee (1983), eq. 8; the sum as in Jacobson et al. (2013).

    places : (m, 3) metres from the origin; which : (m,) each place's object
    """
    count = solids.start[which + 1] - solids.start[which]
    total = np.zeros(len(places))
    cuts = np.searchsorted(np.cumsum(count), np.arange(_PAIRS, int(count.sum()) + _PAIRS, _PAIRS))
    begin = 0
    for end in [*(int(cut) + 1 for cut in cuts), len(places)]:
        part = slice(begin, min(max(end, begin), len(places)))
        if part.stop <= part.start:
            continue
        progress(part.start / len(places))
        triangle, of = _spread(solids.start[which[part]], count[part])
        corner = solids.corners[triangle] - places[part][of][:, None]
        total[part] = np.bincount(of, _angle(corner), part.stop - part.start)
        begin = part.stop
    return total / (2 * np.pi)


def _angle(corner: F8) -> F8:
    """Half the solid angle of (n, 3, 3) triangles seen from 0."""
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    la, lb, lc = (np.sqrt(np.einsum("ij,ij->i", one, one)) for one in (a, b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", p, q) for p, q in ((a, b), (b, c), (c, a)))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    return np.asarray(np.arctan2(above, la * lb * lc + ab * lc + bc * la + ca * lb), dtype=np.float64)


def inside_another(solids: Solids, places: F8, own: I8, progress: Progress = silent) -> Mask:
    """(m,) True for places inside any object but their own."""
    import shapely

    found = np.zeros(len(places), dtype=bool)
    if not len(places) or not len(solids.key):
        return found
    boxes = shapely.box(solids.low[:, 0], solids.low[:, 1], solids.high[:, 0], solids.high[:, 1])
    place, other = shapely.STRtree(boxes).query(shapely.points(places[:, :2]), predicate="intersects")
    z = places[place, 2]
    keep = (other != own[place]) & (z >= solids.low[other, 2]) & (z <= solids.high[other, 2])
    place, other = place[keep], other[keep]
    found[place[np.abs(winding(solids, places[place], other, progress)) > 0.5]] = True
    return found
