"""What ``citymodel info`` says of a city model, in the shape of the command line's contract."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from citymodel.instances import place_instances
from citymodel.model import CityModel


def model_info(model: CityModel) -> dict[str, Any]:
    """The contract's mapping of a city model; plain Python values, fit for ``json.dumps``."""
    bounds = place_instances(model).bounds()
    return {
        "format": model.format,
        "version": model.version,
        "crs": model.crs,
        "bounds": list(bounds) if bounds else None,
        "objects": _count_types(model, surfaces=False),
        "surfaces": _count_types(model, surfaces=True),
        "polygons": model.n_polygons,
        "holes": model.n_holes,
        "triangles": model.n_triangles,
        "vertices": len(model.vertices),
        "positions": model.positions,
        "lods": _count_lods(model),
        "textures": len(model.appearance.textures),
        "materials": len(model.appearance.materials),
        "warnings": model.report.warnings(),
    }


def _count_types(model: CityModel, *, surfaces: bool) -> dict[str, int]:
    """Rows by type name, most frequent first."""
    objects = model.objects
    codes, counts = np.unique(objects.type[objects.is_surface == surfaces], return_counts=True)
    found = {objects.type_names[code]: int(count) for code, count in zip(codes, counts, strict=True)}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _count_lods(model: CityModel) -> dict[str, int]:
    """Objects with geometry of their own, or on surfaces of their own, by LoD."""
    geometries = model.geometries
    pairs = {(int(row), lod) for row, lod in zip(geometries.object, geometries.lod, strict=True) if lod}
    return dict(sorted(Counter(lod for _, lod in pairs).items()))
