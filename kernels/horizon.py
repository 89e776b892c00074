"""Horizons of a surface raster: their angles, the sky above them, and the sun and energy that come over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu
from kernels.lines import UNITS, Lines, Window, compass, lines_of, wall_units
from kernels.prepared import Progress, lift_of, shape_of
from kernels.rasterize import cell_size

SKY, HOURS, ENERGY = 1, 2, 3
#: Directions of a sky view factor when nobody says otherwise.
DIRECTIONS = 72


@dataclass(frozen=True)
class Sector:
    """One azimuth made ready: its lines, and what turns whole units into slopes.

    Attributes
    ----------
    scale : float32, tangent of one unit of height a half step of the line
    tilt : (4,) float32: slope towards the azimuth of a unit of height a cell, down and across the lines' rows, and
        the size of such a slope, down and across
    """

    lines: Lines
    scale: np.float32
    tilt: np.ndarray


def sector(azimuth: float, cell: tuple[float, float], shape: tuple[int, int], window: Window | None = None) -> Sector:
    """The lines towards one grid azimuth in degrees; arguments as for `kernels.shadow.lines_of`."""
    lines = lines_of(azimuth, 45.0, cell, shape, window)
    east, north = compass(azimuth)
    reach = max(abs(east) / cell[0], abs(north) / cell[1])  # steps a metre
    across, down = (east / cell[0], 1.0 / cell[0]), (-north / cell[1], 1.0 / cell[1])
    (down, across) = (across, down) if lines.transposed else (down, across)
    tilt = np.array([down[0], across[0], down[1], across[1]], np.float64) / UNITS
    return Sector(lines, np.float32(2.0 * reach / UNITS), tilt.astype(np.float32))


def horizon_angles(
    dsm: Any,
    cell: float | tuple[float, float],
    azimuths: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Angle of the horizon above the horizontal, towards each azimuth.

    Upper hulls along parallel lines (Timonen & Westerholm 2010) over the surface of the shadow sweep: continuous
    between neighbours, upright where they differ by more than `kernels.shadow.WALL`. A cell is in the shade of a sun
    lower than its horizon. Beyond the data the land goes on level, so no horizon is below 0.

    Parameters
    ----------
    dsm : (rows, cols) float32 NumPy or CuPy array, metres, row 0 in the north, NaN no data, which hides nothing
    cell : cell size in metres, or (width, height)
    azimuths : (n,) degrees clockwise from grid north
    receiver_height : metres above the surface at which the horizon is asked for
    progress : called with the finished share, 0…1; what it raises stops the work
    window : place of this tile in a larger raster; a tile whose margin holds every horizon then equals the whole

    Returns
    -------
    (n, rows, cols) float32 degrees, 0…90, on the device of `dsm`, NaN no data
    """
    sectors = _sectors(dsm, cell, azimuths, receiver_height, window)
    tick = _ticker(progress, len(sectors))
    angles = _sweep(dsm, cell, receiver_height).angles(sectors, tick)
    tick()
    return angles


def sky_view_factor(
    dsm: Any,
    cell: float | tuple[float, float],
    directions: int = DIRECTIONS,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Share of an even sky's light that reaches a horizontal receiver: the mean of cos² of the horizons.

    One direction at a time; beside input and output it needs two rasters' worth of memory.

    Parameters
    ----------
    dsm, cell, receiver_height, progress, window : as for `horizon_angles`
    directions : azimuths, in the middle of equal sectors

    Returns
    -------
    (rows, cols) float32, 0…1, on the device of `dsm`, NaN no data
    """
    if not 4 <= directions <= 3600:
        raise ValueError(f"{directions} directions: give 4 to 3600")
    sectors = _sectors(dsm, cell, sector_centres(directions), receiver_height, window)
    tick = _ticker(progress, directions)
    none = np.zeros((directions, 1, 2, 1), np.float32)
    sky = _sweep(dsm, cell, receiver_height).total(sectors, SKY, none, 1.0 / directions, tick)[0]
    tick()
    return sky


def hours_above_horizons(
    dsm: Any,
    cell: float | tuple[float, float],
    azimuths: Any,
    table: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Hours of direct sun over any span of time, at the cost of one sweep a direction.

    Parameters
    ----------
    dsm, cell, azimuths, receiver_height, progress, window : as for `horizon_angles`
    table : (n, bins) or (m, n, bins): hours in which the sun stands in the azimuth's sector and above the altitude of
        each bin's edge, 0° first and 90° last, evenly spaced; hours between two edges are linear. A sector in which
        the sun never stands costs nothing. m tables, of seasons for instance, cost one set of sweeps.

    Returns
    -------
    (rows, cols) or (m, rows, cols) float32 hours on the device of `dsm`, NaN no data
    """
    given = np.asarray(table, np.float32)
    many = given if given.ndim == 3 else given[None]
    count = np.atleast_1d(np.asarray(azimuths)).size
    if many.ndim != 3 or many.shape[1] != count or many.shape[2] < 2 or not np.isfinite(many).all():
        raise ValueError(f"table has shape {given.shape}: give finite hours for {count} azimuths and 2 bins or more")
    tables = np.ascontiguousarray(many.transpose(1, 0, 2)[..., None])
    out = _total(dsm, cell, azimuths, receiver_height, progress, window, HOURS, tables)
    return out if given.ndim == 3 else out[0]


def irradiation_above_horizons(
    dsm: Any,
    cell: float | tuple[float, float],
    azimuths: Any,
    vectors: Any,
    receiver_height: float = 0.0,
    progress: Progress | None = None,
    *,
    window: Window | None = None,
) -> Any:
    """Energy on the sloping cells from any number of sources of light in the sky: the sun's beam, the diffuse sky.

    A source is a table of vectors: over the directions s above a horizon, the sum of (energy normal to s) · s. A cell
    whose normal is n gets n · vector. The sector's vectors lie in the upright plane of its azimuth, so two numbers
    tell one. The horizon is never below the cell's own plane, so no light comes from behind.

    Parameters
    ----------
    dsm, cell, azimuths, receiver_height, progress, window : as for `horizon_angles`
    vectors : (m, n, bins, 2) energy a square metre of m sources: horizontal towards the azimuth and upwards, from
        above each bin's edge, 0° first and 90° last, evenly spaced; linear between two edges

    Returns
    -------
    (m, rows, cols) float32 energy a square metre of the sloping surface, on the device of `dsm`, NaN no data
    """
    given = np.asarray(vectors, np.float32)
    count = np.atleast_1d(np.asarray(azimuths)).size
    if given.ndim != 4 or given.shape[1] != count or given.shape[2] < 2 or given.shape[3] != 2:
        raise ValueError(f"vectors have shape {given.shape}: give (sources, {count} azimuths, 2 bins or more, 2)")
    if not np.isfinite(given).all():
        raise ValueError("vectors hold numbers that are not finite")
    tables = np.ascontiguousarray(given.transpose(1, 0, 2, 3))
    return _total(dsm, cell, azimuths, receiver_height, progress, window, ENERGY, tables)


def gradients(dsm: Any, cell: float | tuple[float, float]) -> tuple[Any, Any]:
    """Slopes by which `irradiation_above_horizons` tilts the cells: not smeared over walls.

    The mean of the differences to both neighbours; the one that is no wall and not beside no data, else 0.

    Returns
    -------
    east, north : (rows, cols) float32, metres risen a metre; 0 where there is no data
    """
    size = cell_size(cell)
    shape_of(dsm, None)
    xp, wall = array_module(dsm), wall_units(size) / UNITS
    found = []
    for axis, step in ((1, size[0]), (0, -size[1])):
        rise = xp.diff(dsm, axis=axis)
        rise = xp.where(abs(rise) <= wall, rise, np.float32(np.nan))
        edge = xp.full((dsm.shape[0], 1) if axis else (1, dsm.shape[1]), np.nan, np.float32)
        before, after = xp.concatenate([edge, rise], axis), xp.concatenate([rise, edge], axis)
        both = xp.isfinite(before).astype(np.float32) + xp.isfinite(after)
        total = xp.nan_to_num(before) + xp.nan_to_num(after)
        found.append((total / xp.maximum(both, 1) / step).astype(np.float32))
    return found[0], found[1]


def sector_centres(directions: int) -> np.ndarray:
    """(n,) float64 degrees, the middles of n equal sectors from north on."""
    return (np.arange(directions) + 0.5) * (360.0 / directions)


def even_sky(directions: int, bins: int = 91) -> np.ndarray:
    """(directions, bins, 2) float64: vectors of a sky equally bright everywhere that gives 1 to an open level cell.

    With them `irradiation_above_horizons` gives the sky view factor of the tilted cells: (1 + cos s) / 2 on a plane.
    """
    h = np.radians(np.linspace(0.0, 90.0, bins))
    level = np.pi / 2 - h - np.sin(h) * np.cos(h)
    return np.tile(np.stack([level, np.cos(h) ** 2], -1) / directions, (directions, 1, 1))


def _total(
    dsm: Any, cell: Any, azimuths: Any, receiver_height: float, progress: Progress | None, window: Window | None,
    kind: int, tables: np.ndarray,
) -> Any:  # fmt: skip
    """Sweep the sectors that have something to give."""
    sectors = _sectors(dsm, cell, azimuths, receiver_height, window)
    giving = [i for i in range(len(sectors)) if tables[i].any()]
    tick = _ticker(progress, len(giving))
    sweep = _sweep(dsm, cell, receiver_height)
    out = sweep.total([sectors[i] for i in giving], kind, tables[giving], 1.0, tick)
    tick()
    return out


def _sectors(dsm: Any, cell: Any, azimuths: Any, receiver_height: float, window: Window | None) -> list[Sector]:
    size = cell_size(cell)
    shape_of(dsm, window)
    az = np.atleast_1d(np.asarray(azimuths, np.float64))
    if az.ndim != 1 or az.size == 0 or not np.isfinite(az).all():
        raise ValueError("azimuths: give one or more angles in degrees")
    return [sector(float(a), size, dsm.shape, window) for a in az]


def _sweep(dsm: Any, cell: Any, receiver_height: float) -> Any:
    """The twin on the device of `dsm`, made ready."""
    if is_on_gpu(dsm):
        from kernels.cuda import horizon as twin
    else:
        from kernels.cpu import horizon as twin  # type: ignore[no-redef]
    return twin.Sweep(dsm, wall_units(cell_size(cell)), lift_of(receiver_height))


def _ticker(progress: Progress | None, count: int) -> Any:
    """A call for each sector begun, and one for the end."""
    done = 0

    def tick(steps: int = 1) -> None:
        nonlocal done
        if progress is not None:
            progress(min(1.0, done / max(1, count)))
        done += steps

    return tick
