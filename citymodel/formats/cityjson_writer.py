"""The making of CityJSON 2.0 documents from a CityModel: one whole city, or a sequence of features."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from citymodel.formats.cityjson_geometry import AppearancePart, GeometryWriter, VertexPart
from citymodel.formats.cityjson_names import written
from citymodel.geo import file_order, normalise_crs
from citymodel.model import CityModel

_OWN_METADATA = (
    "verticalReferenceSystem",
    "default-themes",
    "cityjson",
    "srsName",
    "units",
    "codeSpaces",
    "crs",
    "presentLoDs",
    "datasetTitle",
)
_ROLE_KEYS = ("geographicalExtent",)
_WHOLE = 2**53


def whole_city(model: CityModel) -> dict[str, Any]:
    """A CityJSON 2.0 object of the whole model."""
    writer = CityWriter(model)
    document = writer.header()
    vertices, appearance = VertexPart(writer.grid), AppearancePart(model, whole=True)
    document["CityObjects"] = writer.objects(range(len(model.objects)), vertices, appearance)
    document["vertices"] = vertices.triples()
    if looks := appearance.document():
        document["appearance"] = looks
    return document


def feature_lines(model: CityModel) -> Iterator[dict[str, Any]]:
    """The lines of a CityJSONSeq: the header, then a feature for every object without a parent."""
    writer = CityWriter(model)
    yield {**writer.header(), "CityObjects": {}, "vertices": []}
    family: dict[int, list[int]] = {}
    parent = model.objects.parent
    for row in np.flatnonzero(~model.objects.is_surface):
        top = int(row)
        while parent[top] >= 0:
            top = int(parent[top])
        family.setdefault(top, []).append(int(row))
    for top, rows in family.items():
        vertices, appearance = VertexPart(writer.grid), AppearancePart(model)
        objects = writer.objects(rows, vertices, appearance)
        feature = {"type": "CityJSONFeature", "id": writer.keys[top], "CityObjects": objects}
        feature["vertices"] = vertices.triples()
        if looks := appearance.document():
            feature["appearance"] = looks
        yield feature


class CityWriter:
    """What all documents of one model share: keys of objects, the grid of whole numbers, the kept members."""

    def __init__(self, model: CityModel) -> None:
        self.model = model
        self.kept: Mapping[str, Any] = model.metadata.get("cityjson", {})
        self.keys = _keys(model)
        self.reference, swapped = _reference(model)
        self.grid = Grid(model, swapped)
        self.geometry = GeometryWriter(model, self.grid)
        self._geometries: dict[int, list[int]] = {}
        for row, owner in enumerate(model.geometries.object.tolist()):
            self._geometries.setdefault(owner, []).append(row)

    def header(self) -> dict[str, Any]:
        """All members but objects and vertices."""
        model, kept = self.model, self.kept
        document: dict[str, Any] = {"type": "CityJSON", "version": "2.0"}
        document["transform"] = {"scale": self.grid.scale.tolist(), "translate": self.grid.translate.tolist()}
        metadata = {key: value for key, value in model.metadata.items() if key not in _OWN_METADATA}
        if self.reference:
            metadata["referenceSystem"] = self.reference
            if normalise_crs(self.reference)[0] != model.crs and model.crs:  # EPSG has no code for the pair
                vertical = model.crs.partition("+")[2]
                metadata["verticalReferenceSystem"] = f"https://www.opengis.net/def/crs/EPSG/0/{vertical}"
        else:
            metadata.pop("referenceSystem", None)
        bounds = model.bounds()
        if bounds and all(math.isfinite(value) for value in bounds):
            metadata["geographicalExtent"] = self.grid.extent(bounds)
        else:
            metadata.pop("geographicalExtent", None)
        if metadata:
            document["metadata"] = metadata
        if "extensions" in kept:
            document["extensions"] = kept["extensions"]
        document.update(kept.get("root", {}))
        if templates := self.geometry.templates(kept.get("templates", ())):
            document["geometry-templates"] = templates
        return document

    def objects(self, rows: Sequence[int] | range, vertices: VertexPart, looks: AppearancePart) -> dict[str, Any]:
        """CityObjects of the chosen rows that are no boundary surfaces, parents and children by key."""
        objects = self.model.objects
        found: dict[str, Any] = {}
        for row in rows:
            if objects.is_surface[row]:
                continue
            item: dict[str, Any] = {"type": written(objects.type_of(row), surface=False)}
            attributes = dict(objects.attributes[row])
            address = attributes.pop("address", None)
            if isinstance(address, list) and all(isinstance(place, dict) for place in address):
                item["address"] = [_located(place, vertices) for place in address]
            elif address is not None:
                attributes["address"] = address
            if attributes:
                item["attributes"] = attributes
            extras = self.kept.get("extras", {}).get(objects.ids[row], {})
            item.update({key: value for key, value in extras.items() if key not in _ROLE_KEYS})
            made = self.geometry.of_object(row, self._geometries.get(row, ()), vertices, looks)
            if made:
                item["geometry"] = made
            found[self.keys[row]] = item
        self._families(rows, found)
        return found

    def _families(self, rows: Sequence[int] | range, found: dict[str, Any]) -> None:
        objects = self.model.objects
        for row in rows:
            parent = int(objects.parent[row])
            if objects.is_surface[row] or parent < 0 or self.keys[parent] not in found:
                continue
            found[self.keys[row]].setdefault("parents", []).append(self.keys[parent])
            found[self.keys[parent]].setdefault("children", []).append(self.keys[row])
        for group, children in self.kept.get("groups", {}).items():
            if group in found:
                found[group]["children"] = [child for child in children if child in found]
                for child in found[group]["children"]:
                    found[child].setdefault("parents", []).append(group)


class Grid:
    """Whole numbers of coordinates, fine enough to give every coordinate back exactly where that can be.

    scale, translate : (3,) float64, in the file's order of axes
    whole : (n_vertices, 3) int64, in the file's order of axes
    """

    def __init__(self, model: CityModel, swapped: bool) -> None:
        points = model.vertices[~model.template_vertices]
        self._order = [1, 0, 2] if swapped else [0, 1, 2]
        digits = [_digits(points[:, k]) for k in range(3)]
        self._unit = np.array([10.0**d for d in digits])
        self._low = np.floor(points.min(axis=0)) if len(points) else np.zeros(3)
        self.scale = np.array([1.0 / 10**d for d in digits])[self._order]
        self.translate = self._low[self._order]
        whole = self._numbers(model.vertices)
        self.whole = np.where(model.template_vertices[:, None], 0.0, whole).astype(np.int64)[:, self._order]

    def _numbers(self, xyz: Any) -> Any:
        """Float64 whole numbers; exact where coordinates are decimals, else by way of the difference."""
        direct = np.rint(xyz * self._unit) - self._low * self._unit
        return np.where(np.abs(xyz) * self._unit < _WHOLE, direct, np.rint((xyz - self._low) * self._unit))

    def place(self, xyz: Sequence[float]) -> tuple[int, int, int]:
        """Whole numbers of one place, x east."""
        a, b, c = (int(value) for value in self._numbers(np.array(xyz[:3], dtype=np.float64))[self._order])
        return a, b, c

    def extent(self, bounds: Sequence[float]) -> list[float]:
        return [bounds[k + 3 * side] for side in range(2) for k in self._order]


def _digits(values: Any) -> int:
    """Decimals of one axis that give its coordinates back exactly; else finer than the spacing of doubles."""
    if not len(values):
        return 3
    largest, extent = float(np.abs(values).max()), float(np.ptp(values)) + 1.0
    for digits in range(3, min(math.floor(math.log10(_WHOLE / max(largest, 1.0))), 15) + 1):
        step = 10.0**digits
        if np.array_equal(np.rint(values * step) / step, values):
            return digits
    finest = math.ceil(-math.log10(float(np.spacing(max(largest, 1e-3))) / 4.0))
    return max(min(finest, math.floor(math.log10(_WHOLE / extent)), 18), 0)


def _keys(model: CityModel) -> list[str]:
    """A key of its own for each object: its id, made different where the file repeats or lacks it."""
    used: dict[str, int] = {}
    keys = []
    taken = set(model.objects.ids)
    for row, id in enumerate(model.objects.ids):
        key = id or f"object-{row}"
        if model.objects.is_surface[row]:
            keys.append(key)
            continue
        count = used.get(key, 0)
        used[key] = count + 1
        while count and f"{key}-{count + 1}" in taken:
            count += 1
        key = f"{key}-{count + 1}" if count else key
        taken.add(key)
        keys.append(key)
    return keys


def _reference(model: CityModel) -> tuple[str | None, bool]:
    """The name of the CRS to write, and whether readers will take latitude as first."""
    if model.crs is None:
        return None, False
    named = model.metadata.get("referenceSystem")
    if not (isinstance(named, str) and normalise_crs(named)[0] == model.crs):
        import pyproj

        code = pyproj.CRS.from_user_input(model.crs).to_epsg() or model.crs[5:].partition("+")[0]
        named = f"https://www.opengis.net/def/crs/EPSG/0/{code}"
    _, by_name = normalise_crs(named)
    points = model.vertices[~model.template_vertices]
    if file_order(model.crs, by_name, points[:, [1, 0, 2]] if by_name else points) != by_name:
        by_name = not by_name  # the numbers would be taken the other way round
    return named, by_name


def _located(place: Mapping[str, Any], vertices: VertexPart) -> Mapping[str, Any]:
    location = place.get("location")
    if not isinstance(location, dict) or "boundaries" not in location:
        return place
    return {**place, "location": {**location, "boundaries": vertices.nested(location["boundaries"])}}
