"""An oracle and bench peer, not for use: shade by shifting the whole raster step by step, as the field's tools do."""

from __future__ import annotations

import math

import numpy as np

from kernels.lines import compass
from kernels.rasterize import cell_size


def march_mask(
    dsm: np.ndarray, cell: float | tuple[float, float], azimuth: float, altitude: float, receiver_height: float = 0.0
) -> np.ndarray:
    """Which cells lie in the shade, by the shadow volumes of Ratti and Richens (2004).

    Each step moves the raster one cell further away from the sun along the main axis and to the nearest cell across,
    lowers it by the distance times tan(altitude), and keeps the higher of it and what was there: the top of the
    shadow volume. A cell is in the shade when that top lies above it. Cells act at their centres, so a shadow ends up
    to a cell short; the cost grows with the relief and with 1 / tan(altitude).

    Parameters
    ----------
    dsm, cell, azimuth, altitude, receiver_height : as for `kernels.shadow.shadow_mask`, a NumPy array

    Returns
    -------
    (rows, cols) uint8: 0 sun, 1 shade, 255 no data
    """
    rows, cols = dsm.shape
    if altitude <= 0:
        return np.where(np.isnan(dsm), np.uint8(255), np.uint8(1))
    width, height = cell_size(cell)
    east, north = compass(azimuth)
    across, down = -east / width, north / height
    main = max(abs(across), abs(down))
    fall = math.tan(math.radians(min(altitude, 90.0))) / main
    relief = float(np.nanmax(dsm) - np.nanmin(dsm)) if not np.isnan(dsm).all() else 0.0
    top = np.full(dsm.shape, -np.inf, np.float32)
    for k in range(1, max(rows, cols)):
        # A surface lowered by more than its own relief shades nothing.
        if k * fall > relief - min(receiver_height, 0.0):
            break
        r, c = (math.copysign(math.floor(abs(part) * k / main + 0.5), part) for part in (down, across))
        r, c = int(r), int(c)
        if abs(r) >= rows or abs(c) >= cols:
            break
        there = top[max(r, 0) : rows + min(r, 0), max(c, 0) : cols + min(c, 0)]
        here = dsm[max(-r, 0) : rows + min(-r, 0), max(-c, 0) : cols + min(-c, 0)]
        np.fmax(there, here - np.float32(k * fall), out=there)
    shade = top > dsm + np.float32(receiver_height)
    return np.where(np.isnan(dsm), np.uint8(255), shade.astype(np.uint8))
