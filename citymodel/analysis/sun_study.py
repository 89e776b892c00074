"""The questions of one surface raster: shade for one sun, hours of sun over a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.on_device import fetched, placed
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, silent
from citymodel.sun import grid_positions
from citymodel.surface import Grid

if TYPE_CHECKING:
    from xarray import DataArray

F4 = NDArray[np.float32]


def metric_grid(raster: DataArray, name: str = "the raster", purpose: str = "shade") -> Grid:
    """The raster's grid; an error with the command that reprojects it where its unit is not the metre."""
    from citymodel.geo import crs_text_of_raster

    x, y = raster["x"], raster["y"]
    check_metres(crs_text_of_raster(raster), [float(x.mean()), float(y.mean())], name, purpose)
    return Grid.of(raster, name)


def check_metres(crs: str | None, middle: Sequence[float], name: str, purpose: str = "shade") -> None:
    """An error with what helps where a raster's unit is not the metre."""
    from citymodel.geo import SCALE_ERROR, definition, height_unit, length_scale, projected_for

    if crs is None:
        return
    axis = definition(crs).axis_info[0]
    if definition(crs).is_projected and abs(axis.unit_conversion_factor - 1.0) <= 1e-9:
        metres = height_unit(crs)
        if abs(metres - 1.0) > 1e-9:
            raise CrsError(
                f"{name}: says that its heights are in units of {metres:.10g} m ({crs}), {purpose} needs metres; "
                f"multiply them by that in a GIS, or give --crs {crs.partition('+')[0]} if they are metres"
            )
        scale = length_scale(crs, middle[0], middle[1])
        if abs(scale - 1.0) > SCALE_ERROR:
            target = projected_for([*middle, *middle], crs).partition("+")[0]
            raise CrsError(
                f"{name}: a metre on the ground is {scale:.2f} m long in {crs} there, {purpose} needs true metres; "
                f"run: citymodel convert {name} OUT.tif --to-crs {target}"
            )
        return
    unit = "degrees" if "degree" in axis.unit_name else axis.unit_name
    target = projected_for([*middle, *middle], crs).partition("+")[0]
    if unit != "degrees":  # heights of such rasters are mostly in feet too, and a warp leaves them as they are
        raise CrsError(
            f"{name}: is in {unit} ({crs}), {purpose} needs metres for places and heights; bring both to metres in "
            f"a GIS, for example to {target}, and check the heights"
        )
    raise CrsError(
        f"{name}: is in {unit} ({crs}), {purpose} needs metres; run: citymodel convert {name} OUT.tif --to-crs {target}"
    )


def sun_over(grid: Grid, times: Sequence[datetime]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Grid azimuth and altitude of the sun at the grid's centre, degrees."""
    if grid.crs is None:
        raise CrsError("the raster has no coordinate system to place it by; give one with --crs, or use --sun")
    xmin, ymin, xmax, ymax = grid.bounds
    return grid_positions(times, grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)


def shade(
    raster: DataArray, azimuth: float, altitude: float, receiver_height: float = 0.0, device: str = "auto"
) -> tuple[DataArray, str]:
    """1 in shadow, 0 in sun, 255 no data, as uint8 on the raster's grid; and the device that computed it.

    azimuth : degrees from grid north; altitude : degrees, all is shade at 0 or below
    """
    from kernels.shadow import shadow_mask

    grid = Grid.of(raster)
    surface, used = placed(heights(raster), device)
    mask = fetched(shadow_mask(surface, grid.cell, azimuth, altitude, receiver_height))
    return grid.raster(mask, "shade", "1 shade, 0 sun, 255 no data"), used


def hours_of_sun(
    dsm: F4,
    cell: float,
    sun: tuple[NDArray[np.float64], NDArray[np.float64]],
    hours: float,
    receiver_height: float = 0.0,
    device: str = "auto",
    progress: Progress = silent,
) -> tuple[F4, str]:
    """Hours of sun in each cell, NaN no data; and the device that computed them.

    dsm : (rows, columns) float32, metres; sun : azimuths and altitudes, degrees;
    hours : what each position stands for
    """
    from kernels.shadow import sun_hours

    surface, used = placed(dsm, device)
    lit = sun_hours(
        surface, cell, sun[0], sun[1], 1.0, receiver_height, progress=lambda share: progress(share, "sun hours")
    )
    suns = np.asarray(fetched(lit), dtype=np.float32)  # counted, so that 96 steps of 5 min are 8 h to the last bit
    return np.multiply(suns, hours, out=suns, dtype=np.float64, casting="same_kind"), used


def heights(raster: DataArray) -> F4:
    """(rows, columns) float32 C-contiguous; an error for heights the kernels cannot hold."""
    z = np.ascontiguousarray(raster, dtype=np.float32)
    if not np.isfinite(z).any():
        raise ParameterError("the surface raster holds no heights at all; check its no-data value")
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    if max(-low, high) >= 8000.0:
        raise ParameterError(f"heights from {low:.0f} to {high:.0f} m are no city's; check the unit and no-data value")
    return z


def compute_device() -> str:
    """Where studies run when nobody says otherwise: the first GPU's name, else "CPU"."""
    from kernels.device import devices

    return next((one.text for one in devices() if one.name.startswith("gpu")), "CPU")
