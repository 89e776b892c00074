"""Viewsheds of a surface raster: what an eye sees, how high a thing must rise to be seen, from how many places.

A sight line runs from the eye to the centre of a cell. The surface is linear between neighbouring centres, along rows
and along columns; a line is blocked when the surface lies above it at any crossing with the grid of centres strictly
between both ends, and a tie is visible. The Earth's curvature and the bending of light enter at each crossing's own
distance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu, to_device
from kernels.profile import Isovist, SightLine, ground_at, horizon_of, isovist_of, line_of
from kernels.rasterize import cell_size
from kernels.sight import (
    EARTH_RADIUS,
    HIDDEN,
    NO_DATA,
    OUT_OF_RANGE,
    VISIBLE,
    Eye,
    Sight,
    place_of,
    question,
)

__all__ = [
    "EARTH_RADIUS", "HIDDEN", "NO_DATA", "OUT_OF_RANGE", "VISIBLE",
    "Eye", "Isovist", "PreparedView", "Sight", "SightLine", "ground_at", "prepare_view",
]  # fmt: skip

Progress = Callable[[float], Any]
_WHOLE = Sight()


def prepare_view(dsm: Any, cell: float | tuple[float, float], ground: Any = None) -> PreparedView:
    """Make a surface ready for many eyes.

    Parameters
    ----------
    dsm : (rows, cols) float32 NumPy or CuPy array, metres, row 0 in the north, NaN no data
    cell : cell size in metres, or (width, height)
    ground : bare earth of the same shape on the same device; `PreparedView.height` counts from it, else from `dsm`
    """
    return PreparedView(dsm, cell, ground)


class PreparedView:
    """A surface made ready for many eyes; all rasters lie on the device of the surface.

    Parameters
    ----------
    dsm, cell, ground : as for `prepare_view`; the rasters are not copied and must not change
    """

    def __init__(self, dsm: Any, cell: float | tuple[float, float], ground: Any = None) -> None:
        self.cell = cell_size(cell)
        self._dsm = _raster(dsm, "surface", dsm)
        self._ground = self._dsm if ground is None else _raster(ground, "ground", dsm)
        self.shape: tuple[int, int] = (int(dsm.shape[0]), int(dsm.shape[1]))
        self._xp = array_module(dsm)
        self._twin = _twin(dsm).View(self._dsm)

    def visible(self, eye: Eye, sight: Sight = _WHOLE, progress: Progress | None = None) -> Any:
        """What the eye sees, exactly.

        Parameters
        ----------
        progress : called with the finished share, 0…1; what it raises stops the work

        Returns
        -------
        (rows, cols) uint8: HIDDEN, VISIBLE, NO_DATA or OUT_OF_RANGE; no data wins over out of range
        """
        return self._twin.visible(question(eye, sight, self.cell), progress)

    def preview(self, eye: Eye, sight: Sight = _WHOLE) -> Any:
        """What the eye sees, quickly: rays to the raster's border, each cell by its nearest ray; coded as `visible`."""
        return self._twin.preview(question(eye, sight, self.cell))

    def angle(self, eye: Eye, sight: Sight = _WHOLE, progress: Progress | None = None) -> Any:
        """Degrees above the horizontal at which the eye sees each cell's target.

        Returns
        -------
        (rows, cols) float32; NaN where nothing is seen
        """
        return self._twin.angle(question(eye, sight, self.cell), progress)

    def height(self, eye: Eye, sight: Sight = _WHOLE, progress: Progress | None = None) -> Any:
        """Least height above the ground at which something at the cell is seen, whatever the target's own height.

        Returns
        -------
        (rows, cols) float32 metres, 0 where the ground itself is seen; NaN no data or out of range
        """
        return self._twin.height(question(eye, sight, self.cell), self._ground, progress)

    def rise(self, place: tuple[float, float], sight: Sight = _WHOLE, progress: Progress | None = None) -> Any:
        """Least height at a place from which the target over each cell is seen: how high a tower there must be.

        The pitch limits nothing here, for there is no eye yet.

        Parameters
        ----------
        place : row and column, in cells

        Returns
        -------
        (rows, cols) float32 metres in the raster's datum, never below the ground at the place (-inf where nothing
        stands between and the place has no ground); NaN no data or out of range
        """
        floor = ground_at(self._ground, *place_of(*place))
        asked = question(Eye(*place, 0.0), sight, self.cell)._replace(pitched=False)
        return self._twin.rise(asked, -np.inf if np.isnan(floor) else floor, progress)

    def count(
        self, eyes: Iterable[Eye], sight: Sight = _WHOLE, progress: Progress | None = None, preview: bool = False
    ) -> Any:
        """How many of the eyes see each cell: the sum of `visible` (or of `preview`) over them.

        Returns
        -------
        (rows, cols) uint32, 0 where there is no data
        """
        asked = [question(eye, sight, self.cell) for eye in eyes]
        return self._twin.count(asked, progress, preview)

    def horizon(self, eye: Eye, azimuths: Any, sight: Sight = _WHOLE) -> tuple[np.ndarray, np.ndarray]:
        """The skyline: how high the surface rises in each direction, and how far away that is.

        Parameters
        ----------
        azimuths : (n,) degrees clockwise from grid north; the sight's own azimuth and pitch limit nothing

        Returns
        -------
        angle, distance : (n,) float64 degrees above the horizontal and metres; -inf and inf where no surface is met
        """
        return horizon_of(self._host(), question(eye, sight, self.cell), azimuths)

    def line(self, eye: Eye, row: float, col: float, sight: Sight = _WHOLE) -> SightLine:
        """The sight line to the target over a place, with the surface below it; the limits of the sight are not asked.

        Parameters
        ----------
        row, col : the target's place in cells
        """
        return line_of(self._host(), question(eye, sight, self.cell), *place_of(row, col))

    def isovist(self, eye: Eye, rays: int = 720, sight: Sight = _WHOLE) -> Isovist:
        """How much open room lies around the eye at its own height, up to the reach or the raster's border."""
        return isovist_of(self._host(), question(eye, sight, self.cell), rays, sight.azimuth)

    def _host(self) -> np.ndarray:
        """The surface in main memory: single lines and rays are followed there."""
        host: np.ndarray = to_device(self._dsm, "cpu")
        return host


def _raster(raster: Any, name: str, like: Any) -> Any:
    """The raster in one piece; what has no answer is refused in one plain line."""
    if raster.ndim != 2 or raster.size == 0:
        raise ValueError(f"{name} has shape {tuple(raster.shape)}: give rows and columns")
    if raster.dtype != np.float32:
        raise ValueError(f"{name} is {raster.dtype}: give float32 heights in metres")
    if raster.shape != like.shape or is_on_gpu(raster) != is_on_gpu(like):
        raise ValueError(f"{name} of shape {tuple(raster.shape)}: give {tuple(like.shape)} on the surface's device")
    return array_module(raster).ascontiguousarray(raster)


def _twin(dsm: Any) -> Any:
    """The module that does the work on the device of `dsm`."""
    if is_on_gpu(dsm):
        from kernels.cuda import viewshed
    else:
        from kernels.cpu import viewshed  # type: ignore[no-redef]
    return viewshed
