"""The horizon kernels: sky view, a year's hours, a year's energy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from kernels.bench.measure import Row, row, timed
from kernels.bench.towns import town
from kernels.device import to_device
from kernels.horizon import (
    even_sky,
    hours_above_horizons,
    irradiation_above_horizons,
    sector_centres,
    sky_view_factor,
)


def skyview(size: int, device: str, runs: int) -> Iterator[Row]:
    """Sky view factors, a year's hours of sun and a year's energy."""
    dsm = to_device(town(size), device)
    for directions in (36, 72):
        seconds = timed(partial(sky_view_factor, dsm, 1.0, directions), device, runs)
        yield row("skyview", f"sky view, {directions} directions", (size, size), seconds, size * size * directions, 12)
    for directions in (180, 360):
        azimuths = sector_centres(directions)
        sunny = (azimuths > 45) & (azimuths < 315)  # a year at 52° north
        table = np.where(sunny[:, None], np.linspace(4400 / sunny.sum(), 0, 181), 0)
        call = partial(hours_above_horizons, dsm, 1.0, azimuths, table)
        updates = size * size * int(sunny.sum())
        yield row("skyview", f"hours, {directions} directions", (size, size), timed(call, device, runs), updates, 12)
    sky = even_sky(directions := 180, 181)
    sun = sky * sunny[::2, None, None]
    call = partial(irradiation_above_horizons, dsm, 1.0, sector_centres(directions), np.stack([sun, sky]))
    seconds = timed(call, device, runs)
    yield row("skyview", f"beam and sky, {directions} dir.", (size, size), seconds, size * size * directions, 20)
