"""Result: the fields an analysis made, each with unit and legend, and the proof of their making."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_revisions = itertools.count(1)


@dataclass(frozen=True, slots=True)
class LegendClass:
    """One class of a legend: lower ≤ value < upper, a colour "#rrggbb" and words to read aloud."""

    lower: float
    upper: float
    colour: str
    label: str


@dataclass(frozen=True, eq=False, slots=True)
class Field:
    """One quantity of a result.

    data : xarray.DataArray (raster, dims y, x) or a table (columns by name)
    """

    name: str
    title: str
    unit: str
    data: Any
    legend: Sequence[LegendClass] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Result:
    """Fields with their provenance: parameters, input hashes, versions, device, duration.

    water : frames in time of a flood by state, "base" and "scenario" (`citymodel.frames.Frames`); empty for others
    """

    analysis: str
    title: str
    fields: Mapping[str, Field]
    provenance: Mapping[str, Any]
    notes: Sequence[str] = ()
    water: Mapping[str, Any] = field(default_factory=dict)
    revision: int = field(default_factory=lambda: next(_revisions))
