"""A surface made ready for many suns: its positions are checked, cut into batches and handed to the device's twin."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.canopy import Canopy, check_canopy
from kernels.device import array_module, is_on_gpu
from kernels.lines import UNITS, Lines, Window, combs_of, runs_by_columns, wall_units
from kernels.rasterize import cell_size

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
    dsm, cell, canopy, window : as for `shadow_mask`; the rasters are not copied and must not change
    """

    def __init__(self, dsm: Any, cell: Cell, *, canopy: Canopy | None = None, window: Window | None = None) -> None:
        self._cell = cell_size(cell)
        self.shape, self._window = shape_of(dsm, window), window
        if canopy is not None:
            check_canopy(canopy, dsm)
        self._through = canopy.transmissivity if canopy is not None else 0.0
        self.xp = array_module(dsm)
        sweeps, self._records = _twins(dsm)
        self.sweep = sweeps.Sweep(dsm, wall_units(self._cell), canopy)

    def mask(self, azimuth: float, altitude: float, receiver_height: float = 0.0) -> Any:
        """Which cells lie in the shade: as `shadow_mask`."""
        if not (math.isfinite(azimuth) and math.isfinite(altitude)):
            raise ValueError(f"sun at azimuth {azimuth}, altitude {altitude}: give two angles in degrees")
        lift = lift_of(receiver_height)
        if altitude <= 0:
            return self.sweep.dark()
        return self.sweep.mask(combs_of(azimuth, altitude, self._cell, self.shape, self._window), lift)

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
        az, alt = suns(azimuths, altitudes)
        lift, up = lift_of(receiver_height), np.flatnonzero(alt > 0)
        if packed:
            planes = self.xp.zeros((-(-az.size // 8), *self.shape), np.uint8)
            order = sorted(up, key=lambda i: (i // 8, runs_by_columns(float(az[i]), self._cell)))
            for chosen in self.batches(az, np.array(order, np.int64), progress, np.arange(az.size) // 8):
                self.sweep.pack(self.lines(az, alt, chosen), lift, chosen % 8, planes[chosen[0] // 8])
            return planes
        out = self.xp.empty((az.size, *self.shape), np.uint8)
        if up.size < az.size:
            out[self.xp.asarray(np.flatnonzero(alt <= 0))] = self.sweep.dark()
        for chosen in self.batches(az, self.by_layout(az, up), progress):
            self.sweep.masks(self.lines(az, alt, chosen), lift, chosen, out)
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
        az, alt = suns(azimuths, altitudes)
        weight = np.broadcast_to(np.asarray(hours, np.float64), az.shape)
        lift, up = lift_of(receiver_height), np.flatnonzero(alt > 0)
        # One weight for all: whole positions are counted, so that 96 times five minutes are eight hours exactly.
        even = bool(az.size) and bool((weight == weight[0]).all())
        scale = float(weight[0]) if even else 1.0
        share = np.ones(az.size, np.float32) if even else weight.astype(np.float32)
        tally = self._records.Tally(self.sweep)
        for chosen in self.batches(az, self.by_layout(az, up), progress):
            tally.add(self.lines(az, alt, chosen), lift, share[chosen], (share * np.float32(self._through))[chosen])
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
        az, alt = suns(azimuths, altitudes)
        clock = np.atleast_1d(np.asarray(times, np.float64))
        if clock.shape != az.shape or not np.isfinite(clock).all() or (np.diff(clock) <= 0).any():
            raise ValueError("times of the sun positions: give one for each, in hours, ascending")
        if not 0 < step < math.inf:
            raise ValueError(f"step {step} h: give a time above zero")
        if az.size > MOST_POSITIONS:
            raise ValueError(f"{az.size} sun positions: give no more than {MOST_POSITIONS}, or study parts of the time")
        lift = lift_of(receiver_height)
        joins = np.zeros(az.size, np.int32)
        joins[1:] = (alt[:-1] > 0) & (np.diff(clock) <= 1.5 * step)
        diary = self._records.Diary(self.sweep)
        for chosen in self.batches(az, np.flatnonzero(alt > 0), progress, np.cumsum(alt <= 0)):
            diary.add(self.lines(az, alt, chosen), lift, joins[chosen], int(chosen[0]))
        begins, ends = (np.concatenate([[math.nan], clock + half]).astype(np.float32) for half in (-step / 2, step / 2))
        return SunRecord(*diary.finish(float(step), step * self._through, begins, ends))

    def lines(self, az: np.ndarray, alt: np.ndarray, chosen: np.ndarray) -> list[Lines]:
        """The lines of the chosen positions."""
        return [combs_of(float(az[i]), float(alt[i]), self._cell, self.shape, self._window) for i in chosen]

    def by_layout(self, az: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """The chosen positions, those that run by columns last, so that batches are full."""
        by_columns = np.array([runs_by_columns(float(az[i]), self._cell) for i in chosen], bool)
        return np.concatenate([chosen[~by_columns], chosen[by_columns]])

    def batches(
        self,
        az: np.ndarray,
        order: np.ndarray,
        progress: Progress | None,
        group: np.ndarray | None = None,
        most: int = 0,
    ) -> Iterator[np.ndarray]:
        """Neighbours in `order` with one main direction, as many as the device takes at once.

        Parameters
        ----------
        order : positions, as places in `az`
        progress : called with the finished share before each batch and at the end
        group : (n,) a batch holds positions of one group only
        most : positions in a batch, 0 for as many as masks may be held
        """
        start, most = 0, most or self.sweep.batch
        keys = [(runs_by_columns(float(az[i]), self._cell), 0 if group is None else group[i]) for i in order]
        for stop in range(1, order.size + 1):
            if stop < order.size and stop - start < most and keys[stop] == keys[start]:
                continue
            if progress is not None:
                progress(start / order.size)
            yield order[start:stop]
            start = stop
        if progress is not None:
            progress(1.0)


def shape_of(dsm: Any, window: Window | None) -> tuple[int, int]:
    """Rows and columns; what the sweep cannot answer is refused in one plain line."""
    if dsm.ndim != 2 or dsm.size == 0:
        raise ValueError(f"surface has shape {tuple(dsm.shape)}: give rows and columns")
    if dsm.dtype != np.float32:
        raise ValueError(f"surface is {dsm.dtype}: give float32 heights in metres")
    rows, cols = (int(n) for n in dsm.shape)
    if window is not None and not (0 <= window.row <= window.rows - rows and 0 <= window.col <= window.cols - cols):
        raise ValueError(f"window {window} does not hold a tile of {rows} × {cols} cells")
    return rows, cols


def lift_of(receiver_height: float) -> int:
    """The receiver's height in 1/65536 m."""
    if not abs(receiver_height) <= 1000:
        raise ValueError(f"receiver height {receiver_height} m: give a height within 1000 m")
    return round(receiver_height * UNITS)


def suns(azimuths: Any, altitudes: Any) -> tuple[np.ndarray, np.ndarray]:
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
