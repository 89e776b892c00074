"""A day of sun on the open ground of the truth city: the kernel's hours beside the sum of the rays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from citymodel import sun
from citymodel.validation.page import Check, table
from citymodel.validation.vector_city import VectorCity
from kernels import shadow
from kernels.march import march_mask

LATITUDE, DAY = 52.0, date(2026, 3, 21)
ENOUGH = 2.0
BIAS, MAE, AREA = 0.03, 0.13, 0.5
#: The march's cost grows with 1 / tan(altitude): below this it takes the kernel's answer, both see next to no sun.
_MARCHED = 4.0


@dataclass(frozen=True, slots=True)
class Day:
    """Hours on open ground.

    mean : of the rays; bias, mae : hours, (kernel, march) less the rays
    area : per cent of the ground with 2 h or more: rays, kernel, march
    """

    step: int
    positions: int
    mean: float
    bias: tuple[float, float]
    mae: tuple[float, float]
    area: tuple[float, float, float]


def suns(step: int, latitude: float = LATITUDE, day: date = DAY) -> tuple[np.ndarray, np.ndarray]:
    """Azimuths and altitudes at the midpoints of a day's steps (minutes) while the sun is up, on the zero meridian."""
    azimuth, altitude = sun.positions(sun.midpoints(day, 0, 1440, step, "UTC"), latitude, 0.0)
    up = altitude > 0
    return azimuth[up], altitude[up]


def measure(city: VectorCity, step: int, cell: float = 1.0) -> Day:
    """Trace and compute a day."""
    dsm, open_ground = city.raster(cell)
    azimuths, altitudes = suns(step)
    weight = step / 60.0
    truth, march = np.zeros((2, *dsm.shape), np.float32)
    for azimuth, altitude in zip(azimuths.tolist(), altitudes.tolist(), strict=True):
        truth += city.lit(dsm, cell, azimuth, altitude) * np.float32(weight)
        model = march_mask if altitude > _MARCHED else shadow.shadow_mask
        march += (model(dsm, cell, azimuth, altitude) == shadow.SUN) * np.float32(weight)
    kernel = shadow.sun_hours(dsm, cell, azimuths, altitudes, weight)
    right, *others = (hours[open_ground].astype(np.float64) for hours in (truth, kernel, march))
    return Day(
        step,
        len(azimuths),
        float(right.mean()),
        tuple(float((hours - right).mean()) for hours in others),  # type: ignore[arg-type]
        tuple(float(abs(hours - right).mean()) for hours in others),  # type: ignore[arg-type]
        tuple(100 * float((hours >= ENOUGH - 1e-4).mean()) for hours in (right, *others)),  # type: ignore[arg-type]
    )


def text(day: Day) -> str:
    """The comparison as a table."""
    rows = [
        [name, f"{day.bias[k]:+.3f} h".replace("-", "−"), f"{day.mae[k]:.3f} h",
         f"{day.area[k + 1] - day.area[0]:+.2f} points".replace("-", "−")]
        for k, name in enumerate(("our kernel", "UMEP-like march"))
    ]  # fmt: skip
    return table(("open ground", "mean error", "mean size of the error", f"area with ≥ {ENOUGH:g} h"), rows)


def checks(day: Day) -> list[Check]:
    """The day's bounds."""
    return [
        Check("sun hours on the ground, mean error", day.bias[0], BIAS, "h", 3, signed=True),
        Check("sun hours on the ground, mean size of the error", day.mae[0], MAE, "h", 3),
        Check(f"area with ≥ {ENOUGH:g} h", day.area[1] - day.area[0], AREA, "points", 2, signed=True),
    ]
