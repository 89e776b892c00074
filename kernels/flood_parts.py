"""What a flood's backends work on: rasters with a ring around them, and each source made ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kernels.device import array_module, to_device
from kernels.flood_sources import Culverts, GreenAmpt, Inflow, Rain, Source, _zones

UNIT = 2.0**-24
"""Metres of a unit of depth: what leaves one cell enters the next in whole units."""
RING = 2
"""Cells around the raster."""
TOO_FAST = 200.0
"""Metres a second that no flood's wave runs."""


@dataclass(slots=True, eq=False)
class Part:
    """A source made ready.

    kind : "rain", "pour" (inflow), "take" (a capacity in mm/h), "soak" (Green & Ampt) or "link"
    first, count : its channels; given : units that each channel has given; moved : units put in less taken out
    zones, share : int32 rasters with ring, (1, 1) for one zone; weight : cells of each zone, shares counted
    cells, rank : flat cells of an inflow and their place in line for a unit that is left over
    """

    source: Source
    kind: str
    first: int
    count: int
    given: np.ndarray
    moved: int = 0
    zones: Any = None
    share: Any = None
    weight: Any = None
    cells: Any = None
    rank: Any = None
    links: Any = None
    sizes: Any = None
    soils: Any = None
    soaked: Any = None


@dataclass(slots=True, eq=False)
class Parts:
    """The rasters and numbers of a case, on the device where it runs; every raster with its ring.

    state : h, qx, qy; rough : 4 g n², one row of it where it is the same everywhere
    whole, real, wet : the record, see `kernels.cpu.flood.step`; ticks : of its clock a second; 31 bits hold 2 years
    edges : (4,) int64, 0 wall, 1 open, 2 level; reach : metres that the quickest wave may run in a step
    """

    shape: tuple[int, int]
    size: tuple[float, float]
    z: Any
    state: tuple[Any, Any, Any]
    rough: Any
    edges: np.ndarray
    reach: float
    second: bool
    preview: bool
    whole: Any
    real: Any
    wet: int
    ticks: float = 32.0
    too_fast: float = TOO_FAST
    unit: float = UNIT
    parts: list[Part] = field(default_factory=list)

    @property
    def area(self) -> float:
        """Square metres of a cell."""
        return self.size[0] * self.size[1]

    @property
    def inner(self) -> tuple[slice, slice]:
        """The raster without its ring."""
        return slice(RING, -RING), slice(RING, -RING)

    def rates(self, dt: float) -> tuple[float, ...]:
        """The numbers of a step: see `kernels.cpu.flood.step`."""
        kx, ky = dt / self.size[0], dt / self.size[1]
        return dt, kx, ky, kx / UNIT, ky / UNIT, self.size[0], self.size[1]


def ringed(raster: Any, fill: Any, dtype: Any) -> Any:
    """A raster with a ring of `fill` around it."""
    xp = array_module(raster)
    out = xp.full((raster.shape[0] + 2 * RING, raster.shape[1] + 2 * RING), fill, dtype)
    out[RING:-RING, RING:-RING] = raster
    return out


def ready(sources: Sequence[Source], shape: tuple[int, int], wall: np.ndarray, roof: np.ndarray, xp: Any) -> list[Part]:
    """Make sources ready; wall : (rows, cols) bool; roof : those walls whose rain runs off
    to the next free cell; xp : NumPy or CuPy, where the arrays go."""
    parts, first = [], 0
    for source in sources:
        count = source.channels()
        part = Part(source, "take", first, count, np.zeros(count, np.int64))
        first += count
        if isinstance(source, Inflow):
            _pour(part, source, shape, wall)
        elif isinstance(source, Culverts):
            _links(part, source, shape, wall)
        else:
            classes = source.classes() if isinstance(source, GreenAmpt) else count
            zones = _zones(getattr(source, "zones", None), shape, classes, getattr(source, "name", "source"))
            part.zones = np.zeros((1, 1), np.int32) if zones is None else ringed(zones, 0, np.int32)
            if isinstance(source, Rain):
                part.kind = "rain"
                rain_shares(part, wall, roof)
            if isinstance(source, GreenAmpt):
                part.kind, part.soils = "soak", source.soils()
                part.soaked = np.zeros((shape[0] + 2 * RING, shape[1] + 2 * RING))
        for name in ("zones", "share", "cells", "links", "sizes", "soils", "soaked"):
            if getattr(part, name) is not None:
                setattr(part, name, xp.asarray(getattr(part, name)))
        parts.append(part)
    return parts


def rain_shares(part: Part, wall: np.ndarray, roof: np.ndarray) -> None:
    """Lay out where a rain falls, anew where walls have changed."""
    assert isinstance(part.source, Rain)
    share = (~wall).astype(np.int32)
    if part.source.roofs and roof.any():
        share += run_off(wall, roof)
    part.share = array_module(part.zones).asarray(ringed(share, 0, np.int32))
    one = part.zones.shape[0] == 1
    where = np.zeros(share.size, np.int64) if one else to_device(part.zones)[RING:-RING, RING:-RING].ravel()
    part.weight = np.bincount(where, weights=share.ravel(), minlength=part.count).astype(np.int64)


def run_off(wall: np.ndarray, roof: np.ndarray) -> np.ndarray:
    """How many roof cells' rain each free cell gets: the nearest takes it."""
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(wall, return_distances=False, return_indices=True)
    out = np.zeros(wall.shape, np.int32)
    np.add.at(out, (nearest[0][roof], nearest[1][roof]), 1)
    return out


def _flat(cells: Any, shape: tuple[int, int], wall: np.ndarray, name: str) -> np.ndarray:
    """Flat places in the ringed raster of rows and columns, checked."""
    at = np.atleast_2d(np.asarray(cells, np.int64))
    for r, c in at:
        if not (0 <= r < shape[0] and 0 <= c < shape[1]):
            raise ValueError(
                f"{name}: row {r}, column {c} lies outside the {shape[0]} × {shape[1]} cells: move it inside"
            )
        if wall[r, c]:
            raise ValueError(f"{name}: row {r}, column {c} is blocked: move it to free ground")
    return np.ascontiguousarray((at[:, 0] + RING) * (shape[1] + 2 * RING) + at[:, 1] + RING)


def _pour(part: Part, source: Inflow, shape: tuple[int, int], wall: np.ndarray) -> None:
    """The cells of an inflow."""
    part.kind = "pour"
    part.cells = np.unique(_flat(source.cells, shape, wall, source.name))
    part.rank = np.arange(len(part.cells), dtype=np.int64)


def _links(part: Part, source: Culverts, shape: tuple[int, int], wall: np.ndarray) -> None:
    """Both ends of each link, and its measures."""
    part.kind = "link"
    ends = [(one.start, one.end) for one in source.links]
    flat = _flat(np.reshape(ends, (-1, 2)), shape, wall, source.name)
    part.links = np.ascontiguousarray(flat.reshape(-1, 2))
    part.sizes = np.array([(x.width, x.invert, x.height, x.capacity, x.coefficient) for x in source.links], np.float64)
