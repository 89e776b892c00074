"""What is seen of one surface raster: observers put on it, and the answers of several put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.on_device import fetched, placed
from citymodel.analysis.sun_study import heights
from citymodel.analysis.viewshed.observers import Observer
from citymodel.errors import ParameterError, ResourceError
from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from citymodel.analysis.raster_shadow import SurfaceFile
    from kernels.viewshed import Eye, Sight

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]

OUTPUTS = {
    "visible": ("visible", "1 visible, 0 hidden, 254 no data, 255 out of range"),
    "count": ("observers that see it", "observers"),
    "angle": ("angle to what is seen, above the horizontal", "°"),
    "height": ("least height that is seen", "m"),
}
BYTES_A_CELL = 24
"""Heights, the pyramid over them, the answer of one observer, that of all, and what they need."""
ROUNDING = 1e-7
"""Cells by which float64 coordinates of a place may miss it."""
UNDER = 0.05
"""Metres below the surface from which on an eye is inside of what stands there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How observers stand: eye height in metres, above what they stand on, or absolute; ``roof`` on what is there."""

    eye: float = 1.7
    absolute: bool = False
    roof: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class RasterView:
    """A surface raster to look over.

    z : (rows, columns) float32, metres, NaN holes; ground : the same cells' bare ground, None where it is not known
    edges : xmin, ymin, xmax, ymax; cell : width and height, metres
    """

    z: F4
    ground: F4 | None
    edges: tuple[float, float, float, float]
    cell: tuple[float, float]
    crs: str | None

    @classmethod
    def of(cls, surface: SurfaceFile, ground: Any = None) -> RasterView:
        """Read a surface file; ground : path of a terrain raster that covers it."""
        from citymodel.analysis.strips import Strip, free_memory
        from citymodel.formats import raster

        need, free = surface.shape[0] * surface.shape[1] * BYTES_A_CELL, 2 * free_memory()
        if need > free:
            raise ResourceError(
                f"{surface.path}: {surface.shape[0]:,} × {surface.shape[1]:,} cells need {need / 1e9:.1f} GB at once, "
                f"{free / 1e9:.1f} GB are free; cut the part around the observers out of it (citymodel convert --bbox)"
            )
        data = surface.part(Strip(0, surface.shape[0], 0, surface.shape[0]))
        bare = None
        if ground is not None:
            bare = _resampled(raster.read(ground, crs=surface.crs), data)
            if not np.isfinite(bare).any():
                raise ParameterError(f"{ground}: lies beside {surface.path}; give the ground of the same place")
        return cls(heights(data), bare, surface.edges, surface.cell, surface.crs)

    def cell_of(self, x: float, y: float) -> tuple[float, float]:
        """Row and column of a place, whole numbers at the cells' centres."""
        row, col = (self.edges[3] - y) / self.cell[1] - 0.5, (x - self.edges[0]) / self.cell[0] - 0.5
        return unrounded(row), unrounded(col)

    def eye(self, who: Observer, standing: Standing, number: int = 1) -> Eye:
        """The eye of an observer; ParameterError where nobody can stand."""
        from kernels.viewshed import Eye, ground_at

        name = who.name or f"observer {number}"
        at = f"{name} ({who.x:.10g} {who.y:.10g})"
        left, low, right, high = self.edges
        if not (left <= who.x <= right and low <= who.y <= high):
            box = " ".join(f"{edge:.10g}" for edge in self.edges)
            raise ParameterError(f"{at}: lies outside the raster, which covers {box}; give a place inside, x before y")
        row, col = self.cell_of(who.x, who.y)
        # the outermost half cell has no neighbour to go towards: there the edge's own height holds
        near = min(max(row, 0.0), self.z.shape[0] - 1.0), min(max(col, 0.0), self.z.shape[1] - 1.0)
        top = float(ground_at(self.z, *near))
        if math.isnan(top):
            raise ParameterError(f"{at}: stands on a hole of the raster; move it to a place with a height")
        base = top
        if self.ground is not None and not standing.roof:
            base = float(ground_at(self.ground, *near))
            if math.isnan(base):
                raise ParameterError(f"{at}: stands on a hole of the ground raster; move it, or add --roof")
        given = standing.eye if who.eye is None else who.eye
        height = given if standing.absolute else base + given
        if not math.isfinite(height) or height < base:
            raise ParameterError(
                f"{at}: its eye at {height:.2f} m is below the ground there, {base:.2f} m; give a higher --eye"
            )
        if height < top - UNDER:
            raise ParameterError(
                f"{at}: its eye at {height:.2f} m is inside a building or a tree, whose top there is at {top:.2f} m; "
                "move it into the open, or stand on the roof (--roof)"
            )
        return Eye(row, col, height)

    def eyes(self, who: Sequence[Observer], standing: Standing, *, skip: bool = False) -> tuple[list[Eye], list[str]]:
        """The eyes of all, and why some have none; the first of these is an error unless they are to be skipped."""
        found, left_out = [], []
        for number, one in enumerate(who, 1):
            try:
                found.append(self.eye(one, standing, number))
            except ParameterError as wrong:
                if not skip:
                    raise
                left_out.append(str(wrong))
        if not found:
            raise ParameterError(f"no observer can stand anywhere; the first: {left_out[0]}")
        return found, left_out

    def seen(
        self, eyes: Sequence[Eye], sight: Sight, output: str, preview: bool, device: str, job: Progress = silent
    ) -> tuple[NDArray[Any], str]:
        """One raster of what all of them see, and the device; ``output`` is one of OUTPUTS.

        visible : seen by any; angle : the steepest; height : the least; count : how many of them
        """
        from kernels.viewshed import prepare_view

        cells, used = placed(self.z, device)
        ground = placed(self.ground, device)[0] if self.ground is not None and output == "height" else None
        view = prepare_view(cells, self.cell, ground)
        if output == "count":
            count = view.count(eyes, sight, lambda share: job(share, "observers"), preview=preview)
            return np.asarray(fetched(count), dtype=np.uint32), used
        whole: NDArray[Any] | None = None
        for number, eye in enumerate(eyes):
            text = f"observer {number + 1:,} of {len(eyes):,}" if len(eyes) > 1 else "sight lines"
            job(number / len(eyes), text)
            if output == "visible" and preview:
                answer = view.preview(eye, sight)
            elif output == "visible":
                answer = view.visible(eye, sight, _told(job, number, len(eyes)))
            else:
                ask = view.angle if output == "angle" else view.height
                answer = ask(eye, sight, _told(job, number, len(eyes)))
            one = fetched(answer)
            whole = one if whole is None else joined(whole, one, output)
        assert whole is not None
        return whole, used


def unrounded(cells: float) -> float:
    """A place in cells, at a 64th of one where only the rounding of its coordinates keeps it away from there.

    An eye meant to stand at a centre would else see past centres by 1e-9 of a cell, and ties would be chance.
    """
    near = round(cells * 64) / 64
    return near if abs(cells - near) < ROUNDING else cells


def sight_of(**limits: Any) -> Sight:
    """The limits of a sight as the kernels take them; ValueError in plain words where they do not fit."""
    from kernels.viewshed import Sight

    return Sight(**limits)


def joined(whole: NDArray[Any], one: NDArray[Any], output: str = "visible") -> NDArray[Any]:
    """What either sees, written into ``whole``."""
    from kernels.viewshed import HIDDEN, OUT_OF_RANGE, VISIBLE

    if output == "angle":
        np.fmax(whole, one, out=whole)
        return whole
    if output == "height":
        np.fmin(whole, one, out=whole)
        return whole
    whole[one == VISIBLE] = VISIBLE
    whole[(one == HIDDEN) & (whole == OUT_OF_RANGE)] = HIDDEN
    return whole


def _told(job: Progress, number: int, count: int) -> Any:
    """The progress of one observer of several."""
    return lambda share: job((number + share) / count)


def _resampled(ground: Any, surface: Any) -> F4:
    """The ground at the centres of the surface's cells, bilinear; NaN beyond it."""
    from scipy.interpolate import RegularGridInterpolator

    x, y = np.asarray(ground["x"], np.float64), np.asarray(ground["y"], np.float64)
    own = np.asarray(surface["x"], np.float64), np.asarray(surface["y"], np.float64)
    values = np.asarray(ground, dtype=np.float32)
    if np.array_equal(x, own[0]) and np.array_equal(y, own[1]):
        return np.ascontiguousarray(values)
    between = RegularGridInterpolator((-y, x), values, bounds_error=False, fill_value=np.nan)
    found = np.empty((len(own[1]), len(own[0])), dtype=np.float32)
    for row, at in enumerate(own[1]):
        found[row] = between(np.stack([np.full(len(own[0]), -at), own[0]], axis=1))
    return found
