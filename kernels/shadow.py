"""Shadow of a surface raster: masks for sun positions, hours of sun, and each cell's first, last and longest sun."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu
from kernels.lines import UNITS, WALL, Lines, Window, compass, lines_of, runs_by_columns
from kernels.rasterize import cell_size

__all__ = [
    "CANOPY", "NO_DATA", "SHADE", "SUN", "Lines", "PreparedSurface", "SunRecord", "Window", "compass", "lines_of",
    "prepare", "shadow_mask", "shadow_masks", "sun_hours", "sun_record",
]  # fmt: skip

SUN, SHADE, CANOPY, NO_DATA = 0, 1, 2, 255
#: A record counts positions in 16 bits.
MOST_POSITIONS = 65535

Cell = float | tuple[float, float]
Progress = Callable[[float], Any]


@dataclass(frozen=True, eq=False)
class SunRecord:
    """The sun that every cell gets over a list of positions; each (rows, cols) float32, NaN no data.

    Attributes
    ----------
    hours : hours of sun, sun through a canopy times its transmissivity
    longest : longest uninterrupted time in the full sun, hours
    first, last : clock hours at which the first time in the full sun begins and the last one ends, NaN for never
    """

    hours: Any
    longest: Any
    first: Any
    last: Any


class PreparedSurface:
    """A surface made ready once for many suns: heights converted, and turned when a sun first asks for it.

    Parameters
    ----------
    dsm, cell, window : as for `shadow_mask`; the surface is not copied and must not change
    """

    def __init__(self, dsm: Any, cell: Cell, *, window: Window | None = None) -> None:
        self._cell = cell_size(cell)
        self._shape, self._window = _checked(dsm, window), window
        self._xp = array_module(dsm)
        sweeps, self._records = _twins(dsm)
        self._sweep = sweeps.Sweep(dsm, int(min(WALL * max(1.0, *self._cell), 32.0) * UNITS))

    def mask(self, azimuth: float, altitude: float, receiver_height: float = 0.0) -> Any:
        """Which cells lie in the shade: as `shadow_mask`."""
        if not (math.isfinite(azimuth) and math.isfinite(altitude)):
            raise ValueError(f"sun at azimuth {azimuth}, altitude {altitude}: give two angles in degrees")
        lift = _lift(receiver_height)
        return self._sweep.mask(self._lines(azimuth, altitude), lift) if altitude > 0 else self._sweep.dark()

    def masks(
        self,
        azimuths: Any,
        altitudes: Any,
        receiver_height: float = 0.0,
        progress: Progress | None = None,
        *,
        packed: bool = False,
    ) -> Any:
        """Masks of many positions: as `shadow_masks`."""
        az, alt = _suns(azimuths, altitudes)
        lift, up = _lift(receiver_height), np.flatnonzero(alt > 0)
        if packed:
            planes = self._xp.zeros((-(-az.size // 8), *self._shape), np.uint8)
            order = sorted(up, key=lambda i: (i // 8, runs_by_columns(float(az[i]), self._cell)))
            for chosen in self._batches(az, np.array(order, np.int64), progress, together=8):
                self._sweep.pack(self._all_lines(az, alt, chosen), lift, chosen % 8, planes[chosen[0] // 8])
            return planes
        out = self._xp.empty((az.size, *self._shape), np.uint8)
        if up.size < az.size:
            out[self._xp.asarray(np.flatnonzero(alt <= 0))] = self._sweep.dark()
        for chosen in self._batches(az, self._by_layout(az, up), progress):
            self._sweep.masks(self._all_lines(az, alt, chosen), lift, chosen, out)
        return out

    def hours(
        self,
        azimuths: Any,
        altitudes: Any,
        hours: Any,
        receiver_height: float = 0.0,
        progress: Progress | None = None,
    ) -> Any:
        """Hours of direct sun: as `sun_hours`."""
        az, alt = _suns(azimuths, altitudes)
        weight = np.broadcast_to(np.asarray(hours, np.float64), az.shape)
        lift, up = _lift(receiver_height), np.flatnonzero(alt > 0)
        # One weight for all: whole positions are counted, so that 96 times five minutes are eight hours exactly.
        scale = float(weight[0]) if az.size and (weight == weight[0]).all() else 1.0
        share = (np.ones(az.size) if scale == weight.max(initial=0.0) else weight / scale).astype(np.float32)
        tally = self._records.Tally(self._sweep)
        for chosen in self._batches(az, self._by_layout(az, up), progress):
            tally.add(self._all_lines(az, alt, chosen), lift, share[chosen], share[chosen])
        return tally.hours(scale)

    def record(
        self,
        azimuths: Any,
        altitudes: Any,
        times: Any,
        step: float,
        receiver_height: float = 0.0,
        progress: Progress | None = None,
    ) -> SunRecord:
        """The sun of every cell: as `sun_record`."""
        az, alt = _suns(azimuths, altitudes)
        clock = np.atleast_1d(np.asarray(times, np.float64))
        if clock.shape != az.shape or not np.isfinite(clock).all() or (np.diff(clock) <= 0).any():
            raise ValueError("times of the sun positions: give one for each, in hours, ascending")
        if not 0 < step < math.inf:
            raise ValueError(f"step {step} h: give a time above zero")
        if az.size > MOST_POSITIONS:
            raise ValueError(f"{az.size} sun positions: give no more than {MOST_POSITIONS}, or study parts of the time")
        lift = _lift(receiver_height)
        joins = np.zeros(az.size, np.int32)
        joins[1:] = (alt[:-1] > 0) & (np.diff(clock) <= 1.5 * step)
        diary = self._records.Diary(self._sweep)
        for chosen in self._batches(az, np.flatnonzero(alt > 0), progress, unbroken=True):
            diary.add(self._all_lines(az, alt, chosen), lift, joins[chosen], int(chosen[0]))
        begins, ends = (np.concatenate([[math.nan], clock + half]).astype(np.float32) for half in (-step / 2, step / 2))
        return SunRecord(*diary.finish(float(step), 0.0, begins, ends))

    def _lines(self, azimuth: float, altitude: float) -> Lines:
        """The lines of one sun position."""
        return lines_of(azimuth, altitude, self._cell, self._shape, self._window)

    def _all_lines(self, az: np.ndarray, alt: np.ndarray, chosen: np.ndarray) -> list[Lines]:
        """The lines of the chosen positions."""
        return [self._lines(float(az[i]), float(alt[i])) for i in chosen]

    def _by_layout(self, az: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """The chosen positions, those that run by columns last, so that batches are full."""
        by_columns = np.array([runs_by_columns(float(az[i]), self._cell) for i in chosen], bool)
        return np.concatenate([chosen[~by_columns], chosen[by_columns]])

    def _batches(
        self,
        az: np.ndarray,
        order: np.ndarray,
        progress: Progress | None,
        *,
        together: int = MOST_POSITIONS,
        unbroken: bool = False,
    ) -> Iterator[np.ndarray]:
        """Neighbours in `order` with one main direction, as many as the device takes at once.

        Parameters
        ----------
        together : a batch holds no positions of two groups of so many
        unbroken : a batch holds consecutive positions only
        """
        start = 0
        by_columns = [runs_by_columns(float(az[i]), self._cell) for i in order]
        for stop in range(1, order.size + 1):
            if stop < order.size and stop - start < self._sweep.batch and by_columns[stop] == by_columns[start]:
                beside = order[stop] == order[stop - 1] + 1 or not unbroken
                if beside and order[stop] // together == order[start] // together:
                    continue
            if progress is not None:
                progress(start / order.size)
            yield order[start:stop]
            start = stop
        if progress is not None:
            progress(1.0)


def prepare(dsm: Any, cell: Cell, *, window: Window | None = None) -> PreparedSurface:
    """Make a surface ready for many suns, one after the other: `prepare(dsm, cell).mask(azimuth, altitude)`."""
    return PreparedSurface(dsm, cell, window=window)


def shadow_mask(
    dsm: Any,
    cell: Cell,
    azimuth: float,
    altitude: float,
    receiver_height: float = 0.0,
    *,
    window: Window | None = None,
) -> Any:
    """Which cells lie in the shade.

    Parameters
    ----------
    dsm : (rows, cols) float32 NumPy or CuPy array, metres, row 0 in the north, NaN no data
    cell : cell size in metres, or (width, height)
    azimuth : degrees clockwise from grid north
    altitude : degrees above the horizon; at or below 0 all cells are in the shade
    receiver_height : metres above the surface at which the light is asked for
    window : place of this tile in a larger raster; a tile whose margin holds every caster then equals the whole

    Returns
    -------
    (rows, cols) uint8 on the device of `dsm`: 0 sun, 1 shade, 255 no data
    """
    return PreparedSurface(dsm, cell, window=window).mask(azimuth, altitude, receiver_height)


def shadow_masks(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    packed: bool = False,
    window: Window | None = None,
) -> Any:
    """Which cells lie in the shade at each of many sun positions.

    Parameters
    ----------
    dsm, cell, receiver_height, window : as for `shadow_mask`
    azimuths, altitudes : (n,) degrees
    progress : called with the finished share, 0…1; what it raises stops the work
    packed : one bit a position in place of one byte

    Returns
    -------
    (n, rows, cols) uint8 on the device of `dsm`, coded as by `shadow_mask`. Packed: (ceil(n / 8), rows, cols) uint8,
    bit k % 8 of plane k // 8 is 1 where the cell is lit at position k; canopy shade and no data count as 0
    """
    surface = PreparedSurface(dsm, cell, window=window)
    return surface.masks(azimuths, altitudes, receiver_height, progress, packed=packed)


def sun_hours(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    hours: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Hours of direct sun summed over sun positions.

    Parameters
    ----------
    dsm, cell, receiver_height, window : as for `shadow_mask`
    azimuths, altitudes : (n,) degrees; positions at or below the horizon add nothing
    hours : (n,) or one number, hours for which each position stands
    progress : called with the finished share, 0…1; what it raises stops the work

    Returns
    -------
    (rows, cols) float32 hours on the device of `dsm`, NaN no data
    """
    surface = PreparedSurface(dsm, cell, window=window)
    return surface.hours(azimuths, altitudes, hours, receiver_height, progress)


def sun_record(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    times: Any,
    step: float,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> SunRecord:
    """Hours, longest uninterrupted, first and last sun of every cell.

    A run of sun is broken by a position in the shade, of a canopy too, or at or below the horizon, and by a gap in
    `times` of more than 1.5 steps.

    Parameters
    ----------
    dsm, cell, receiver_height, progress, window : as for `sun_hours`
    azimuths, altitudes : (n,) degrees, n up to 65535
    times : (n,) float hours of the clock in the middle of each step, ascending
    step : hours for which each position stands

    Returns
    -------
    SunRecord on the device of `dsm`; whole positions are counted, so 96 steps of 5 min are 8 h exactly
    """
    surface = PreparedSurface(dsm, cell, window=window)
    return surface.record(azimuths, altitudes, times, step, receiver_height, progress)


def _checked(dsm: Any, window: Window | None) -> tuple[int, int]:
    """Rows and columns; what the sweep cannot answer is refused in one plain line."""
    if dsm.ndim != 2 or dsm.size == 0:
        raise ValueError(f"surface has shape {tuple(dsm.shape)}: give rows and columns")
    if dsm.dtype != np.float32:
        raise ValueError(f"surface is {dsm.dtype}: give float32 heights in metres")
    rows, cols = (int(n) for n in dsm.shape)
    if window is not None and not (0 <= window.row <= window.rows - rows and 0 <= window.col <= window.cols - cols):
        raise ValueError(f"window {window} does not hold a tile of {rows} × {cols} cells")
    return rows, cols


def _lift(receiver_height: float) -> int:
    """The receiver's height in 1/65536 m."""
    if not abs(receiver_height) <= 1000:
        raise ValueError(f"receiver height {receiver_height} m: give a height within 1000 m")
    return round(receiver_height * UNITS)


def _suns(azimuths: Any, altitudes: Any) -> tuple[np.ndarray, np.ndarray]:
    """Azimuths and altitudes as two equal lists of finite numbers."""
    az, alt = (np.atleast_1d(np.asarray(a, np.float64)) for a in (azimuths, altitudes))
    if az.ndim != 1 or az.shape != alt.shape or not (np.isfinite(az).all() and np.isfinite(alt).all()):
        raise ValueError("sun positions: give as many finite azimuths as altitudes")
    return az, alt


def _twins(dsm: Any) -> tuple[Any, Any]:
    """The modules that do the work on the device of `dsm`: sweeps, and sums over them."""
    if is_on_gpu(dsm):
        from kernels.cuda import record, shadow
    else:
        from kernels.cpu import record, shadow  # type: ignore[no-redef]
    return shadow, record
