"""Which class of land cover each cell is: from the surfaces of city models or from a raster of classes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.losses import COVERS, NAMES
from citymodel.analysis.flood.placing import nearest
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.surface.from_model import TERRAIN_TYPES, ModelTriangles, model_triangles, rasterise
from citymodel.surface.grid import Grid

if TYPE_CHECKING:
    from citymodel.model import CityModel

I4 = NDArray[np.int32]
Mask = NDArray[np.bool_]

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(TERRAIN_TYPES, "other"),
    **dict.fromkeys(
        ("Road", "Square", "TransportSquare", "TransportationComplex", "TrafficArea", "AuxiliaryTrafficArea",
         "TrafficSpace", "AuxiliaryTrafficSpace", "Section", "Intersection", "Track"), "paved",
    ),
    "Railway": "rail", "PlantCover": "green", "WaterBody": "water", "Waterway": "water",
}  # fmt: skip
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("woods", ("forest", "wood", "wald", "bos", "bois", "loofbos", "naaldbos", "gehölz")),
    ("field", ("agricult", "arable", "farm", "acker", "akker", "bouwland", "crop", "feld")),
    ("green", ("grass", "gras", "park", "garden", "garten", "tuin", "groen", "green", "lawn", "wiese", "meadow",
               "cemetery", "churchyard", "friedhof", "playground", "sport", "recreation", "heath", "berm")),
    ("bare", ("sand", "zand", "bare", "erf onverhard", "onverhard", "unpaved", "building site", "construction site")),
    ("water", ("water", "river", "pond", "fluss", "see")),
    ("rail", ("railway", "ballast", "gleis", "gravel", "spoor")),
    ("paved", ("asphalt", "asfalt", "paved", "pavement", "parking", "gesloten verharding", "open verharding",
               "concrete", "traffic", "plaza", "platz")),
)  # fmt: skip
"""Words in attributes that tell what grows or lies on land use and plant cover; the longest counts: a parking is no
park. Those of three letters count as whole words alone."""
_SAYING = ("class", "function", "usage", "use", "type", "landuse", "voorkomen", "fysiek", "surface", "material")
_CODES: Mapping[str, Mapping[int, str]] = {
    "UMEP": {1: "paved", 2: "building", 3: "woods", 4: "woods", 5: "green", 6: "bare", 7: "water"},
    "ESA WorldCover": {
        10: "woods", 20: "woods", 30: "green", 40: "field", 50: "paved", 60: "bare", 70: "bare", 80: "water",
        90: "green", 95: "woods", 100: "green",
    },
}  # fmt: skip
"""Codes of land cover rasters that are known by heart."""


def classes_of(
    layers: Sequence[Layer], grid: Grid, file: str | None, buildings: Mask
) -> tuple[I4, dict[str, Any], list[str]]:
    """(rows, columns) int32 rows of `COVERS`, what they were made of, and notes.

    file : a raster of classes, None for the models' surfaces; buildings : cells of footprints
    """
    if file:
        found, facts, notes = _from_raster(Path(file), grid)
        surfaces = _from_models(layers, grid)
        found = np.where(found < 0, surfaces, found)
    else:
        found, facts, notes = _from_models(layers, grid), {"land_cover": "surfaces of the city model"}, list[str]()
        if (found <= 0).all():
            notes.append(
                "No land cover is known: all ground counts as yards, a third of it open to rain; give a land cover "
                "raster or a model with roads and green."
            )
    found = np.where(buildings, NAMES.index("building"), np.maximum(found, 0)).astype(np.int32)
    return found, facts, notes


def _from_models(layers: Sequence[Layer], grid: Grid) -> I4:
    """Rows of `COVERS`, −1 where no surface lies; where many do, the later of the classes."""
    found = np.full(grid.shape, -1, np.int32)
    for layer in layers:
        if layer.kind != "city":
            continue
        triangles: ModelTriangles = model_triangles(layer.data)
        of_object = np.append(_of_objects(layer.data), -1)[triangles.object_row]
        for row in range(len(COVERS)):
            keep = triangles.terrain & (of_object == row)
            if keep.any():
                here = np.isfinite(rasterise(triangles, keep, grid)[0])
                found[here] = np.maximum(found[here], row)
    return found


def _of_objects(model: CityModel) -> I4:
    """(n,) the row of `COVERS` of each object, −1 for what is no ground."""
    objects = model.objects
    of_type = [_TYPES.get(name, "") for name in objects.type_names]
    found = np.full(len(objects), -1, np.int32)
    for row, code in enumerate(objects.type):
        name = of_type[int(code)]
        if not name:
            continue
        kind = objects.type_names[int(code)]
        told = _told(objects.attributes[row] or {}) if kind in ("LandUse", "PlantCover") else ""
        found[row] = NAMES.index(told or name)
    return found


def _told(attributes: Mapping[str, Any]) -> str:
    """The class that attributes name in words, those of its kind before its name; "" for none."""
    for saying in (_SAYING, ("name",)):
        words = " ".join(
            value.lower()
            for name, value in attributes.items()
            if isinstance(value, str) and any(one in name.lower() for one in saying)
        )
        found = [(len(one), name) for name, known in _WORDS for one in known if _stands(one, words)]
        if found:
            return max(found, key=lambda one: one[0])[1]
    return ""


def _stands(word: str, words: str) -> bool:
    """Whether a word is among others, as a part of a compound too where it is long enough to be meant."""
    return word in words and (len(word) > 3 or re.search(rf"\b{word}\b", words) is not None)


def _from_raster(path: Path, grid: Grid) -> tuple[I4, dict[str, Any], list[str]]:
    """Rows of `COVERS` from a raster of codes, −1 where it says nothing."""
    codes = nearest(path, grid)
    known = np.isfinite(codes)
    if not known.any():
        raise ParameterError(f"{path}: lies beside the area; give the land cover of this place")
    present = sorted({int(one) for one in np.unique(codes[known])} - {0})
    name = next((name for name, table in _CODES.items() if set(present) <= set(table)), None)
    if name is None:
        raise ParameterError(
            f"{path}: has the classes {', '.join(map(str, present[:12]))}, which are neither UMEP's (1 to 7) nor those "
            "of ESA WorldCover (10 to 100); translate them to one of these"
        )
    found = np.full(grid.shape, -1, np.int32)
    for code in present:
        found[codes == code] = NAMES.index(_CODES[name][code])
    notes = [f"Land cover by {path.name}, its classes read as those of {name}."]
    missing = float((found < 0).mean())
    if missing > 0.001:
        notes.append(f"Of {missing:.0%} of the area {path.name} says nothing; there the model's surfaces count.")
    return found, {"land_cover": path.name, "classes": name}, notes
