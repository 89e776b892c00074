"""Whether two city models hold the same: ids, attributes, polygons, vertices and horizontal CRS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from citymodel.geo import definition, horizontal
from citymodel.model import CityModel
from citymodel.triangulate import members

_SAME = {
    "BuildingRoom": "Room",
    "IntBuildingInstallation": "BuildingInstallation",
    "IntBridgeInstallation": "BridgeInstallation",
    "IntTunnelInstallation": "TunnelInstallation",
    "BridgeConstructionElement": "BridgeConstructiveElement",
    "TunnelHollowSpace": "HollowSpace",
    "BuildingStorey": "Storey",
    "TransportSquare": "Square",
    "WindowSurface": "Window",
    "DoorSurface": "Door",
}
_MOST = 5  # examples a kind of difference


def differences(a: CityModel, b: CityModel, *, tolerance: float | None = None) -> list[str]:
    """Sentences that say how two datasets differ; none where they are equal.

    Equal are: the ids and types of objects and of boundary surfaces that have ids, the attributes of
    objects, the polygons of each object as rings (wherever a ring starts), the distinct vertices, and
    the horizontal CRS. A file that says no CRS does not contradict one that does.

    Parameters
    ----------
    tolerance : coordinates closer than this are the same, in the unit of the CRS; 1e-6, of degrees 1e-11
    """
    if tolerance is None:
        geographic = any(m.crs is not None and definition(m.crs).is_geographic for m in (a, b))
        tolerance = 1e-11 if geographic else 1e-6
    found: list[str] = []
    if a.crs and b.crs and horizontal(a.crs) != horizontal(b.crs):
        found.append(f"CRS: {a.crs} and {b.crs}")
    found += _of_counters("object", _names(a, surfaces=False), _names(b, surfaces=False))
    found += _of_counters("boundary surface", _names(a, surfaces=True), _names(b, surfaces=True))
    found += _attributes(a, b)
    grid_a, grid_b = _grid(a, b, tolerance)
    vertices_a = {tuple(row) for row in grid_a[~a.template_vertices].tolist()}
    vertices_b = {tuple(row) for row in grid_b[~b.template_vertices].tolist()}
    if vertices_a != vertices_b:
        only = (len(vertices_a - vertices_b), len(vertices_b - vertices_a))
        found.append(f"vertices: {only[0]} only in the first, {only[1]} only in the second")
    found += _of_counters("polygon of", Counter(_polygons(a, grid_a)), Counter(_polygons(b, grid_b)))
    return found


def _names(model: CityModel, *, surfaces: bool) -> Counter[Any]:
    objects = model.objects
    rows = np.flatnonzero(objects.is_surface == surfaces)
    named = ((_class(objects.type_of(row)), objects.ids[row]) for row in rows.tolist())
    return Counter(name for name in named if name[1] or not surfaces)


def _class(name: str) -> str:
    """One name for what formats and versions call differently: no prefix of an extension, no old words."""
    name = name.removeprefix("+")
    return _SAME.get(name, name)


def _of_counters(what: str, a: Counter[Any], b: Counter[Any]) -> list[str]:
    found = []
    for here, there, side in ((a, b, "first"), (b, a, "second")):
        only = here - there
        if only:
            names = ", ".join(" ".join(str(part) for part in key[:2] if part) for key in list(only)[:_MOST])
            found.append(f"{what}: {only.total()} only in the {side}, like {names}")
    return found


def _attributes(a: CityModel, b: CityModel) -> list[str]:
    """Objects of the same id whose attributes differ."""
    of_b = {b.objects.ids[row]: row for row in np.flatnonzero(~b.objects.is_surface).tolist()}
    found = []
    count = 0
    for row in np.flatnonzero(~a.objects.is_surface).tolist():
        other = of_b.get(a.objects.ids[row])
        if other is None:
            continue
        one, two = plain(a.objects.attributes[row]), plain(b.objects.attributes[other])
        if one != two:
            count += 1
            if count <= _MOST:
                keys = [k for k in sorted({*one, *two}) if one.get(k, KeyError) != two.get(k, KeyError)]
                values = ", ".join(f"{k} {one.get(k, 'absent')!r} and {two.get(k, 'absent')!r}" for k in keys[:3])
                found.append(f"attributes of {a.objects.ids[row]}: {values[:300]}")
    if count > _MOST:
        found.append(f"attributes: {count} objects differ in all")
    return found


def plain(value: Any) -> Any:
    """A value as all formats can hold it: lists for tuples, floats for whole numbers, nothing for null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, Sequence):
        return [plain(v) for v in value]
    return str(value)


def _grid(a: CityModel, b: CityModel, tolerance: float) -> tuple[Any, Any]:
    """(n, 3) int64 of both models' vertices: numbers are the same where the coordinates are.

    Values are sorted along each axis and numbered anew only after a gap wider than the tolerance,
    so that no pair of neighbours falls to both sides of a rounding edge.
    """
    both = np.concatenate([a.vertices, b.vertices])
    numbers = np.zeros(both.shape, dtype=np.int64)
    for k in range(3):
        order = np.argsort(both[:, k], kind="stable")
        steps = np.diff(both[order, k], prepend=both[order[:1], k]) > tolerance
        numbers[order, k] = np.cumsum(steps)
    return numbers[: len(a.vertices)], numbers[len(a.vertices) :]


def _polygons(model: CityModel, grid: Any) -> set[Any]:
    """(object id, rings) of every polygon a geometry uses, turned as the object's own geometry turns it.

    Each ring begins with its least vertex; a vertex that is repeated in a row counts once.
    """
    use = members(model)
    on_surface = model.geometries.surface[use.geometry] >= 0
    ids = [model.objects.ids[int(row)] for row in model.geometries.object]
    places = [tuple(row) for row in grid.tolist()]
    corners = [places[vertex] for vertex in model.ring_vertices.tolist()]
    starts, rings_of = model.ring_offsets.tolist(), model.polygon_rings.tolist()
    turned: dict[tuple[str, int], bool] = {}
    for k in np.argsort(on_surface, kind="stable").tolist():
        turned.setdefault((ids[int(use.geometry[k])], int(use.polygon[k])), bool(use.reversed[k]))
    found = set()
    for (id, polygon), reverse in turned.items():
        step = -1 if reverse else 1
        spans = range(rings_of[polygon], rings_of[polygon + 1])
        rings = [_turned(corners[starts[r] : starts[r + 1]][::step]) for r in spans]
        found.add((id, "", tuple(rings[:1] + sorted(rings[1:]))))
    return found


def _turned(ring: list[Any]) -> tuple[Any, ...]:
    ring = [corner for k, corner in enumerate(ring) if corner != ring[k - 1]]
    if not ring:
        return ()
    rotations = [k for k, corner in enumerate(ring) if corner == min(ring)]
    return min(tuple(ring[k:] + ring[:k]) for k in rotations)
