"""Shade and sun of one surface raster, in strips where it is larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.on_device import placed
from citymodel.analysis.strips import Strip, free_memory, reach, strips
from citymodel.analysis.sun_study import heights
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, silent
from citymodel.sun import Place, place

if TYPE_CHECKING:
    from xarray import DataArray

F8 = NDArray[np.float64]
OUTPUTS = {
    "hours": ("hours of sun", "h"),
    "longest": ("longest uninterrupted sun", "h"),
    "first": ("first sun", "hours after midnight"),
    "last": ("last sun", "hours after midnight"),
}


@dataclass(frozen=True, slots=True)
class SurfaceFile:
    """A surface raster on the disk, its cells not read yet.

    edges : xmin, ymin, xmax, ymax; cell : width and height, metres
    relief : highest less lowest height, metres; highest : height, metres
    """

    path: Path
    shape: tuple[int, int]
    edges: tuple[float, float, float, float]
    cell: tuple[float, float]
    crs: str | None
    relief: float
    highest: float

    def part(self, strip: Strip) -> DataArray:
        """The rows that a strip is computed on."""
        from citymodel.formats import raster

        top, dy = self.edges[3], self.cell[1]
        box = (self.edges[0], top - strip.bottom * dy, self.edges[2], top - strip.top * dy)
        return raster.read(self.path, bbox=box, crs=self.crs)

    def raster(self, values: NDArray[Any], attrs: Mapping[str, Any]) -> DataArray:
        """Values of all its cells as a raster that can be written."""
        from xarray import DataArray

        (rows, columns), (dx, dy) = self.shape, self.cell
        coords = {
            "y": self.edges[3] - (np.arange(rows) + 0.5) * dy,
            "x": self.edges[0] + (np.arange(columns) + 0.5) * dx,
        }
        attrs = {k: v for k, v in attrs.items() if v is not None} | {"cell": self.cell}
        return DataArray(values, dims=("y", "x"), coords=coords, attrs=attrs)

    def place(self) -> Place:
        """The raster's middle on the globe."""
        if self.crs is None:
            raise CrsError("the raster has no coordinate system to place it by; give one with --crs, or use --sun")
        left, low, right, high = self.edges
        return place(self.crs, (left + right) / 2, (low + high) / 2)


def surface_file(path: Path, crs: str | None, purpose: str = "shade") -> SurfaceFile:
    """What is known of the raster without reading it; an error where its unit is not the metre.

    purpose : what needs metres, in the words of that error
    """
    from citymodel.analysis.sun_study import check_metres
    from citymodel.formats import raster

    facts = raster.info(path)
    known = crs or facts["crs"]
    left, low, right, high = facts["bounds"]
    check_metres(known, [(left + right) / 2, (low + high) / 2], str(path), purpose)
    if facts["range"] is None:
        raise ParameterError(f"{path}: holds no heights at all; check its no-data value")
    lowest, highest = facts["range"]
    rows, columns = facts["size"]
    dx, dy = facts["cell"]
    return SurfaceFile(path, (rows, columns), (left, low, right, high), (dx, dy), known, highest - lowest, highest)


@dataclass(frozen=True, eq=False, slots=True)
class Sky:
    """The suns of one question.

    azimuth : degrees from grid north; altitude : degrees; clock : hours after midnight; step : hours, 0 for a mask
    """

    azimuth: F8
    altitude: F8
    clock: F8
    step: float


@dataclass(frozen=True, slots=True)
class Crowns:
    """Tree crowns from a raster of their heights.

    absolute : heights are elevations, else metres above the surface; trunk : part of a tree below its crown
    """

    path: Path
    transmissivity: float
    trunk: float = 0.25
    absolute: bool = False

    def above(self, surface: SurfaceFile) -> float:
        """Metres by which the highest crown can stand above the surface's highest cell, at the most."""
        from citymodel.formats import raster

        facts = raster.info(self.path)
        a, b = facts["bounds"], surface.edges
        if min(a[2], b[2]) <= max(a[0], b[0]) or min(a[3], b[3]) <= max(a[1], b[1]):
            raise ParameterError(f"{self.path}: lies beside {surface.path}; give the tree heights of the same place")
        if facts["range"] is None:
            return 0.0
        return float(max(facts["range"][1] - (surface.highest if self.absolute else 0.0), 0.0))

    def over(self, part: DataArray, z: NDArray[np.float32], device: str) -> Any:
        """kernels.shadow.Canopy on the cells of a part of the surface, None where no tree stands."""
        from citymodel.formats import raster
        from kernels.shadow import Canopy

        found = raster.read(self.path)
        if not all(_same_cells(np.asarray(found[axis]), np.asarray(part[axis])) for axis in ("x", "y")):
            raise ParameterError(
                f"{self.path}: its cells are not those of the surface; resample it to the same grid first"
            )
        tall = np.asarray(found.reindex(x=part["x"], y=part["y"], method="nearest", tolerance=1e-3), dtype=np.float32)
        above = tall - z if self.absolute else tall
        above = np.where(above > 0.5, above, np.float32(np.nan)).astype(np.float32)
        if np.isnan(above).all():
            return None
        top, base = z + above, z + np.float32(self.trunk) * above
        return Canopy(placed(top, device)[0], placed(base, device)[0], self.transmissivity)


def _same_cells(one: F8, other: F8) -> bool:
    """Whether two axes have their centres at the same places, as far as both go."""
    if len(one) < 2 or len(other) < 2:
        return len(other) > 0 and bool(np.abs(one - other[0]).min() < 1e-3)
    steps = (other[0] - one[0]) / (one[1] - one[0])
    return bool(abs((other[1] - other[0]) - (one[1] - one[0])) < 1e-6 and abs(steps - round(steps)) < 1e-3)


def plan(
    surface: SurfaceFile, sky: Sky, memory: float | None, crowns: Crowns | None = None, height: float = 0.0
) -> list[Strip]:
    """The strips to compute, one where all fits; memory : bytes, None for half of what is free.

    crowns, height : trees that rise above the surface and a receiver below it are shaded from farther away
    """
    relief = surface.relief + (crowns.above(surface) if crowns else 0.0) + max(-height, 0.0)
    halo = reach(sky.azimuth, sky.altitude, relief, surface.cell[1])
    return strips(surface.shape, halo, int(memory or free_memory()))


def computed(
    surface: SurfaceFile, sky: Sky, output: str, height: float, device: str, parts: list[Strip],
    crowns: Crowns | None = None, job: Progress = silent,
) -> Iterator[tuple[int, NDArray[Any], str]]:  # fmt: skip
    """First row, values and device of each strip: uint8 for "mask", else float32.

    output : "mask" (0 sun, 1 shade, 255 no data) or one of OUTPUTS
    """
    from kernels.device import to_device
    from kernels.lines import Window

    for number, strip in enumerate(parts):
        part = surface.part(strip)
        z = heights(part)
        window = Window(strip.top, 0, *surface.shape)
        cells, used = placed(z, device)
        canopy = crowns.over(part, z, used) if crowns else None
        share = lambda done, n=number: job((n + done) / len(parts), "sun")  # noqa: E731
        found = _answer(cells, surface.cell, sky, output, height, canopy, window, share)
        kept = to_device(found, "cpu")[strip.first - strip.top : strip.last - strip.top]
        yield strip.first, np.ascontiguousarray(kept), used


def _answer(
    cells: Any, cell: tuple[float, float], sky: Sky, output: str, height: float, canopy: Any, window: Any, job: Any
) -> Any:  # fmt: skip
    """The kernel's answer on the device of the cells."""
    from kernels.shadow import shadow_mask, sun_hours, sun_record

    if output == "mask":
        mask = shadow_mask(
            cells, cell, float(sky.azimuth[0]), float(sky.altitude[0]), height, canopy=canopy, window=window
        )
        mask[mask == 2] = 1  # the contract knows shade alone, whatever casts it
        return mask
    if output == "hours":
        lit = sun_hours(cells, cell, sky.azimuth, sky.altitude, 1.0, height, job, canopy=canopy, window=window)
        lit *= np.float64(sky.step)  # counted first, so that 96 steps of 5 min are 8 h to the last bit
        return lit
    found = sun_record(
        cells, cell, sky.azimuth, sky.altitude, sky.clock, sky.step, height, job, canopy=canopy, window=window
    )
    return getattr(found, output)
