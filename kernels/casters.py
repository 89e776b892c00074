"""Which object casts each shadow, and for how long on which place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.device import is_on_gpu
from kernels.lines import Window
from kernels.prepared import Cell, PreparedSurface, Progress, lift_of, suns


def shadow_casters(
    dsm: Any,
    cell: Cell,
    azimuth: float,
    altitude: float,
    owner: Any,
    receiver_height: float = 0.0,
    *,
    window: Window | None = None,
) -> Any:
    """The object that shades each cell: the owner of the cell that stands highest above its ray to the sun.

    An object that shades its own cells is named like any other; of equals the first towards the sun.

    Parameters
    ----------
    dsm, cell, azimuth, altitude, receiver_height, window : as for `kernels.shadow.shadow_mask`; the sun is up
    owner : (rows, cols) int32 object of each cell, -1 for none

    Returns
    -------
    (rows, cols) int32 on the device of `dsm`: the object; -1 shade of a cell without owner, -2 lit, -3 no data
    """
    surface = PreparedSurface(dsm, cell, window=window)
    az, alt = suns(azimuth, altitude)
    _check_numbers("owner", owner, dsm, None)
    if alt.size != 1 or alt[0] <= 0:
        raise ValueError(f"sun at altitude {altitude}: nothing casts a shadow unless one sun is above the horizon")
    (lines,) = surface.lines(az, alt, np.zeros(1, np.int64))
    sweep = surface.sweep
    casters = sweep.casters([lines], lift_of(receiver_height), sweep.lying(owner, lines.transposed))
    return sweep.lying(casters[0], lines.transposed)


def caster_hours(
    dsm: Any,
    cell: Cell,
    azimuths: Any,
    altitudes: Any,
    hours: Any,
    owner: Any,
    count: int,
    zone: Any,
    zones: int,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Cell-hours of shade that each object casts on each zone; a shaded cell counts for one object.

    Shaded cells are counted as whole numbers and weighted once for each distinct weight, so the table is the same
    whatever the device and the number of cores.

    Parameters
    ----------
    dsm, cell, receiver_height, window : as for `shadow_casters`
    azimuths, altitudes : (n,) degrees; positions at or below the horizon add nothing
    hours : (n,) or one number, hours for which each position stands
    owner : (rows, cols) int32 object of each cell, 0…count - 1, -1 for none
    zone : (rows, cols) int32 zone of each cell, 0…zones - 1, -1 for none
    progress : called with the finished share, 0…1; what it raises stops the work

    Returns
    -------
    (count, zones) float64 cell-hours on the device of `dsm`
    """
    surface = PreparedSurface(dsm, cell, window=window)
    az, alt = suns(azimuths, altitudes)
    weight = np.broadcast_to(np.asarray(hours, np.float64), az.shape)
    if not np.isfinite(weight).all():
        raise ValueError("hours of the sun positions: give finite numbers")
    _check_numbers("owner", owner, dsm, count)
    _check_numbers("zone", zone, dsm, zones)
    xp, sweep, lift = surface.xp, surface.sweep, lift_of(receiver_height)
    total = xp.zeros((count, zones), np.float64)
    weights, group = np.unique(weight, return_inverse=True)
    up = surface.by_layout(az, np.flatnonzero(alt > 0))
    order = up[np.argsort(group[up], kind="stable")]
    table, at = sweep.table(count * zones), -1
    turned: dict[bool, tuple[Any, Any]] = {}
    for chosen in surface.batches(az, order, progress, group, max(1, sweep.batch // 32)):
        if group[chosen[0]] != at:
            total += (weights[at] if at >= 0 else 0.0) * sweep.drained(table).reshape(count, zones)
            at = group[chosen[0]]
        lines = surface.lines(az, alt, chosen)
        transposed = lines[0].transposed
        if transposed not in turned:
            turned[transposed] = (sweep.lying(owner, transposed), sweep.lying(zone, transposed))
        owners, places = turned[transposed]
        sweep.count(sweep.casters(lines, lift, owners), places, zones, table)
    total += (weights[at] if at >= 0 else 0.0) * sweep.drained(table).reshape(count, zones)
    return total


def _check_numbers(name: str, numbers: Any, dsm: Any, count: int | None) -> None:
    """Refuse a raster of numbers that does not fit the surface or its table, in one plain line."""
    if numbers.shape != dsm.shape or numbers.dtype != np.int32:
        raise ValueError(
            f"{name} is {numbers.dtype} of shape {tuple(numbers.shape)}: give int32 of shape {tuple(dsm.shape)}"
        )
    if is_on_gpu(numbers) != is_on_gpu(dsm):
        raise ValueError(f"{name} and surface lie on different devices: move one of them")
    if count is not None and not (0 <= count < math.inf and int(numbers.max()) < count and int(numbers.min()) >= -1):
        raise ValueError(f"{name} holds {int(numbers.min())}…{int(numbers.max())}: give -1…{count - 1}")
