"""The numbers and names by which objects and points are coloured."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.model import CityModel
from citymodel.points import PointCloud
from citymodel.scene import colours

_OBJECTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("Bridge",), "bridge"),
    (("Road", "Rail", "Square", "Track", "Transport", "Traffic"), "road"),
    (("Water",), "water"),
    (("PlantCover", "Vegetation", "Tree"), "vegetation"),
    (("LandUse",), "landuse"),
    (("Relief", "TIN", "Terrain"), "terrain"),
    (("Furniture",), "furniture"),
    (("Building", "Tunnel", "Construction"), "building"),
)
_SURFACES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("Window", "Door"), "opening"),
    (("Roof", "OuterFloor"), "roof"),
    (("Traffic",), "road"),
    (("GroundSurface", "FloorSurface"), "ground"),
    (("Wall", "Closure", "OuterCeiling", "Ceiling"), "wall"),
)


def revision_of(data: Any) -> int:
    """A number that is another for other data."""
    return int(getattr(data, "revision", 0) or id(data))


def object_category(type_name: str) -> str:
    """Category of an object's type; "building" is split by surface or slope."""
    return next((to for words, to in _OBJECTS if any(word in type_name for word in words)), "other")


def surface_category(type_name: str) -> str:
    """Category of a boundary surface's type, "" when only its slope can tell."""
    return next((to for words, to in _SURFACES if any(word in type_name for word in words)), "")


def categories_present(model: CityModel) -> frozenset[str]:
    """Categories to name in the legend."""
    objects = model.objects
    found = set()
    for code, surface in {(int(t), bool(s)) for t, s in zip(objects.type, objects.is_surface, strict=True)}:
        if not surface:
            found.add(object_category(objects.type_names[code]))
    if "building" in found:
        found |= {"roof", "wall"}
        if any("Window" in name or "Door" in name for name in objects.type_names):
            found.add("opening")
    return frozenset(found - {"building"})


@lru_cache(maxsize=16)
def of_objects(model: CityModel, name: str) -> NDArray[Any]:
    """(objects,) float64, or object array of text: the attribute, or an ancestor's; "height" is the extent in z."""
    if name == "height":
        return _heights(model)
    objects = model.objects
    found: list[Any] = [row.get(name) for row in objects.attributes]
    for row in np.argsort(_depth(objects.parent), kind="stable"):
        parent = int(objects.parent[row])
        if found[row] is None and parent >= 0:
            found[row] = found[parent]
    known = [one for one in found if one is not None]
    numbers = [_float(one) for one in known]
    if known and sum(one is not None for one in numbers) >= 0.95 * len(known):
        return np.array([np.nan if (value := _float(one)) is None else value for one in found], dtype=np.float64)
    return np.array(["" if one is None else str(one) for one in found], dtype=object)


def known(found: NDArray[Any]) -> NDArray[np.bool_]:
    """Where ``of_objects`` found a value."""
    return np.asarray(np.isfinite(found) if found.dtype.kind == "f" else found != "", dtype=bool)


def names_by_count(found: NDArray[Any]) -> list[str]:
    """Distinct texts, the most frequent first, "" left out."""
    names, counts = np.unique(found[found != ""].astype(str), return_counts=True)
    return [str(names[k]) for k in np.argsort(-counts, kind="stable")]


def object_colours(model: CityModel, name: str, limits: tuple[float, float] | None) -> NDArray[np.uint8]:
    """(objects, 3) uint8."""
    found = of_objects(model, name)
    if found.dtype.kind == "f":
        known = found[np.isfinite(found)] if limits is None else np.array(limits)
        if not len(known):
            return np.full((len(found), 3), 215, dtype=np.uint8)
        return colours.by_class(found, colours.breaks(float(known.min()), float(known.max())))
    out = np.full((len(found), 3), 215, dtype=np.uint8)
    for k, text in enumerate(names_by_count(found)[:9]):
        out[found == text] = colours.rgb(colours.DISTINCT[k])
    return out


def point_heights(cloud: PointCloud) -> NDArray[np.float64]:
    """Heights without the extreme thousandths, which are birds and noise."""
    return spread(cloud.coordinates(slice(None, None, max(len(cloud) // 200_000, 1)))[:, 2])


def spread(column: NDArray[Any]) -> NDArray[np.float64]:
    """Two numbers, the 0.5th and 99.5th percentile."""
    return np.percentile(column, [0.5, 99.5]) if len(column) else np.array([0.0, 1.0])


def _heights(model: CityModel) -> NDArray[np.float64]:
    """(objects,) float64 metres between the lowest and highest vertex of an object with its parts and surfaces.

    Of buildings only, where there are any: a bank of a river has no height that anybody asks for.
    """
    from citymodel.triangulate import owner_of_polygons

    owner = np.asarray(owner_of_polygons(model)[0], dtype=np.int64)
    rings = np.repeat(np.arange(model.n_polygons), np.diff(model.polygon_rings))
    polygon = np.repeat(rings, np.diff(model.ring_offsets))
    row = owner[polygon]
    z = model.vertices[model.ring_vertices, 2]
    low, high = np.full(len(model.objects), np.inf), np.full(len(model.objects), -np.inf)
    np.minimum.at(low, row[row >= 0], z[row >= 0])
    np.maximum.at(high, row[row >= 0], z[row >= 0])
    parent = model.objects.parent
    order = np.argsort(-_depth(parent), kind="stable")
    for one in order:
        if parent[one] >= 0:
            low[parent[one]] = min(low[parent[one]], low[one])
            high[parent[one]] = max(high[parent[one]], high[one])
    for one in order[::-1]:
        if parent[one] >= 0:
            low[one], high[one] = low[parent[one]], high[parent[one]]
    chosen = np.isfinite(low)
    built = np.array([object_category(name) == "building" for name in model.objects.type_names] or [False])
    if len(chosen) and (built[model.objects.type] & chosen).any():
        chosen &= built[model.objects.type] | model.objects.is_surface
    return np.where(chosen, high - low, np.nan)


def _depth(parent: NDArray[np.int32]) -> NDArray[np.int64]:
    """Generations above each row."""
    depth = np.zeros(len(parent), dtype=np.int64)
    current = np.asarray(parent, dtype=np.int64).copy()
    for _ in range(32):
        alive = current >= 0
        if not alive.any():
            break
        depth[alive] += 1
        current[alive] = parent[current[alive]]
    return depth


def _float(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
