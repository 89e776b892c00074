"""Layers: data with source and licence, frozen; how a layer is shown is Style, kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["city", "points", "terrain", "surface", "areas", "result"]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """One thing of the project, already in the project's frame CRS.

    data : CityModel ("city"), PointCloud ("points"), xarray.DataArray ("terrain", "surface"),
    citymodel.formats.geopackage.Table ("areas"), citymodel.results.Result ("result")
    """

    id: str
    name: str
    kind: Kind
    data: Any
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is shown.

    colour_by : "surface-type", "height", "classification", "intensity", "rgb", an attribute's
    name, or "value" for rasters and results; range : lowest and highest value, None for the data's
    """

    visible: bool = True
    opacity: float = 1.0
    colour_by: str = "surface-type"
    range: tuple[float, float] | None = None
