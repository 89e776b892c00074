"""Coordinate systems of a file: found on envelopes and geometries, applied when all is read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.builder import CityModelBuilder
from citymodel.formats.citygml.names import TAGS
from citymodel.geo import definition, file_order, normalise_crs, transform

_SOUGHT = 1000  # geometries looked through for the name of a system, before the file is taken to name none


class Systems:
    """The file's own system is the first that is named; others are brought into it."""

    def __init__(self, builder: CityModelBuilder) -> None:
        self.builder = builder
        self.name: str | None = None
        self.dimension = 3
        self._sought = 0
        self._spans: list[tuple[int, int, str]] = []

    def envelope(self, bounded_by: Any) -> None:
        """Note the system of a boundedBy property."""
        for envelope in bounded_by:
            if (name := envelope.get("srsName")) is not None and self.name is None:
                self.name = name
            if envelope.get("srsDimension") == "2" and len(envelope):
                first = (envelope[0].text or "").split() if TAGS[envelope[0].tag][1] in ("lowerCorner", "pos") else []
                self.dimension = 2 if len(first) == 2 else self.dimension

    def name_of(self, element: Any) -> str | None:
        """The system that a geometry names, where it is not the file's own."""
        name: str | None = element.get("srsName")
        if self.name is None:
            self.seek(element)
            return None
        return None if name == self.name else name

    def seek(self, element: Any) -> None:
        """Take the first system that an element or any below it names as the file's own, where it has none yet."""
        if self.name is None and self._sought < _SOUGHT:
            self._sought += 1
            self.name = next((name for at in element.iter() if (name := at.get("srsName"))), None)

    def span(self, start: int, name: str) -> None:
        """Note that the positions from ``start`` on are in another system."""
        self._spans.append((start, self.builder.n_positions, name))

    @property
    def swapped(self) -> bool:
        return order(self.name)[1]

    def apply(self) -> bool:
        """Put east first and bring other systems into the file's; returns whether the file was swapped."""
        crs, swapped = order(self.name)
        self.builder.crs = crs
        if self.name is not None:
            self.builder.metadata["srsName"] = self.name
            if crs is None:
                self.builder.report.add("local-or-unknown-crs", self.name)
        xyz = self.builder.xyz()
        own = ~self.builder.template_positions()
        for start, stop, name in self._spans:
            if self._bring(xyz[start:stop], name, crs, swapped):
                own[start:stop] = False
        if own.any():
            by_name, swapped = swapped, file_order(crs, swapped, xyz[own, :2])
            if by_name != swapped:
                self.builder.report.add("axis-order", f"{self.name}: taken as the coordinates' extent says")
        if swapped:
            self._swap(xyz, own)
        return swapped

    def _swap(self, xyz: NDArray[np.float64], rows: NDArray[np.bool_]) -> None:
        """Put the second coordinate first, in place."""
        if rows.all():
            xyz[:, :2] = xyz[:, 1::-1].copy()
        else:
            xyz[rows, :2] = xyz[rows][:, 1::-1]

    def _bring(self, xyz: NDArray[np.float64], name: str, crs: str | None, swapped: bool) -> bool:
        """Reproject positions of another system in place; False where they stay as the file's own."""
        other, other_swapped = order(name)
        if other is None or crs is None or (other == crs and other_swapped == swapped) or not len(xyz):
            return False
        if other_swapped:
            xyz[:, :2] = xyz[:, 1::-1].copy()
        if other != crs:
            self.builder.report.add("several-crs", name)
            xyz[:] = transform(xyz, other, crs)
        return True


def order(name: str | None) -> tuple[str | None, bool]:
    """(CRS, whether north stands first) of an srsName.

    Only latitude and longitude follow the name: CityGML in projected systems is written east first
    by custom, also where EPSG puts north first, unless the coordinates themselves say otherwise.
    """
    crs, swapped = normalise_crs(name)
    return crs, swapped and crs is not None and definition(crs).is_geographic
