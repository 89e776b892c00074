"""Exposure of points to directions of the sky: sums over the rays that reach them, of a day, a year, or the dome."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from kernels.rays import RayMesh

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]

CHUNK = 1_000_000  # rays between two looks at the cancel button
SUN_CELL = 2.0
"""Degrees: positions of the sun within a cell of azimuth and altitude are one ray of a year."""
SKY_CELL = 3.0
"""Degrees of a patch of the sky; opposite long walls the sky component is then within 0.25 points of its integral."""
YEAR_STEP = 10
"""Minutes between two positions of the sun in a year."""
_GRAZING = 1e-6  # cosine below which light runs along a face


class Directions(NamedTuple):
    """Where light comes from, and what each direction counts.

    towards : (s, 3) unit vectors; weight : (s, w) for w sums; cosine : (w,) whether a sum falls with the angle
    """

    towards: F8
    weight: F8
    cosine: tuple[bool, ...]


def exposure(
    places: F4, normal: F8, states: Sequence[Sequence[RayMesh]], present: Sequence[NDArray[np.bool_]],
    light: Directions, device: str, progress: Progress = silent, text: str = "",
) -> list[F8]:  # fmt: skip
    """Sums of the directions that reach each point, by state.

    The first mesh of all states is the same one and is asked once; rays that it stops are asked no more.

    Parameters
    ----------
    places : (n, 3) metres from the meshes' origin; normal : (n, 3) unit
    states : the meshes that stop light in each; present : (n,) the points that are there in each

    Returns
    -------
    a (n, w) float64 array a state, NaN where the point is not present
    """
    from kernels.device import to_device

    n, width = len(places), light.weight.shape[1]
    sums = [np.where(there[:, None], np.zeros((n, width)), np.nan) for there in present]
    anywhere = np.logical_or.reduce(list(present))
    for number, towards in enumerate(light.towards):
        cosine = normal @ towards
        facing = np.flatnonzero((cosine > _GRAZING) & anywhere)
        ray = to_device(towards.astype(np.float32), device)
        for start in range(0, max(len(facing), 1), CHUNK):
            progress((number + start / max(len(facing), 1)) / len(light.towards), text)
            rows = facing[start : start + CHUNK]
            rows = rows[~_stopped(states[0][0], places, rows, ray, device)]
            for total, meshes, there in zip(sums, states, present, strict=True):
                lit = rows[there[rows]]
                for mesh in meshes[1:]:
                    lit = lit[~_stopped(mesh, places, lit, ray, device)]
                for k, falls in enumerate(light.cosine):
                    total[lit, k] += light.weight[number, k] * (cosine[lit] if falls else 1.0)
    progress(1.0, text)
    return sums


def _stopped(mesh: RayMesh, places: F4, rows: NDArray[np.int64], ray: object, device: str) -> NDArray[np.bool_]:
    from kernels.device import to_device

    hit: NDArray[np.bool_] = to_device(mesh.occluded(to_device(places[rows], device), ray), "cpu")
    return hit


def towards(azimuth: F8, altitude: F8) -> F8:
    """(n, 3) unit vectors of azimuths from grid north and altitudes, degrees."""
    a, h = np.radians(azimuth), np.radians(altitude)
    return np.stack([np.sin(a) * np.cos(h), np.cos(a) * np.cos(h), np.sin(h)], axis=1)


def of_day(azimuth: F8, altitude: F8, min_altitude: float) -> Directions:
    """The suns of a day that stand high enough, each counting one."""
    up = altitude > max(min_altitude, 0.0) if min_altitude <= 0 else altitude >= min_altitude
    return Directions(towards(azimuth[up], altitude[up]), np.ones((int(up.sum()), 1)), (False,))


def of_sky(cell: float = SKY_CELL) -> Directions:
    """Patches of the dome for two sums: the vertical sky component, and the part of an even sky.

    Sky component: CIE overcast sky (Moon & Spencer 1942), luminance (1 + 2 sin altitude)/3 of the zenith's,
    over an open horizontal plane's 7π/9, in %; an open wall has (π/6 + 4/9)/(7π/9) = 39.6 %.
    Even sky: cosine-weighted solid angle over π; an open roof has 1, an open wall ½.
    """
    bands = round(90 / cell)
    edges = np.radians(np.linspace(0, 90, bands + 1))
    azimuth, altitude, solid = [], [], []
    for low, high in itertools.pairwise(edges):
        below, above = math.sin(low), math.sin(high)
        middle = math.asin((below + above) / 2)  # what the band gives to a horizontal plane is then exact
        count = max(4, 2 * round(180 / cell * math.cos((low + high) / 2)))
        azimuth.append((np.arange(count) + 0.5) * 360 / count)
        altitude.append(np.full(count, math.degrees(middle)))
        solid.append(np.full(count, 2 * math.pi * (above - below) / count))
    angle, high_up = np.concatenate(solid), np.concatenate(altitude)
    overcast = 100 * angle * (1 + 2 * np.sin(np.radians(high_up))) / 3 / (7 * math.pi / 9)
    return Directions(
        towards(np.concatenate(azimuth), high_up), np.stack([overcast, angle / math.pi], axis=1), (True, True)
    )


class Year(NamedTuple):
    """The sun's places of a year: directions with hours, hours from 21 September to 21 March, and kWh/m² of beam.

    hours : of sun above the horizon; diffuse, globe : kWh/m² of the clear sky on a horizontal plane
    """

    directions: Directions
    hours: float
    diffuse: float
    globe: float


def of_year(year: int, crs: str, x: float, y: float) -> Year:
    """The year at a place: every YEAR_STEP minutes, joined in cells of SUN_CELL degrees."""
    from citymodel.sun import grid_positions

    first = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=YEAR_STEP / 2)
    count = (datetime(year + 1, 1, 1, tzinfo=UTC) - datetime(year, 1, 1, tzinfo=UTC)) // timedelta(minutes=YEAR_STEP)
    times = [first + timedelta(minutes=YEAR_STEP * k) for k in range(count)]
    azimuth, altitude = grid_positions(times, crs, x, y)
    up = altitude > 0
    day = np.array([moment.timetuple().tm_yday for moment in times])[up]
    winter = np.array(
        [(moment.month, moment.day) < (3, 21) or (moment.month, moment.day) >= (9, 21) for moment in times]
    )
    dni, dhi = clear_sky(day, altitude[up])
    each = YEAR_STEP / 60
    weight = np.stack([np.full(len(day), each), each * winter[up], each * dni / 1000], axis=1)
    where = towards(azimuth[up], altitude[up])
    cell = np.stack([np.floor(azimuth[up] / SUN_CELL), np.floor(altitude[up] / SUN_CELL)], axis=1)
    _, number = np.unique(cell, axis=0, return_inverse=True)
    number = number.ravel()
    total: F8 = np.stack([np.bincount(number, weight[:, k]) for k in range(3)], axis=1).astype(np.float64)
    mean: F8 = np.stack([np.bincount(number, where[:, k] * (weight[:, 2] + 1e-9)) for k in range(3)], axis=1).astype(
        np.float64
    )
    mean = mean / np.linalg.norm(mean, axis=1)[:, None]
    horizontal = float(np.sum(weight[:, 2] * where[:, 2]))
    diffuse = float(np.sum(dhi) * each / 1000)
    light = Directions(mean, total, (False, False, True))
    return Year(light, float(weight[:, 0].sum()), diffuse, horizontal + diffuse)


def clear_sky(day: NDArray[np.int64], altitude: F8) -> tuple[F8, F8]:
    """Beam normal and diffuse horizontal irradiance of a clear sky, W/m².

    Simplified Solis (Ineichen 2008) at sea level, aerosol 0.1 at 700 nm, 1 cm of water.

    day : of the year; altitude : degrees
    """
    from pvlib import clearsky, irradiance

    extra = irradiance.get_extra_radiation(day)
    sky = clearsky.simplified_solis(altitude, aod700=0.1, precipitable_water=1.0, dni_extra=extra)
    return np.nan_to_num(np.asarray(sky["dni"])), np.nan_to_num(np.asarray(sky["dhi"]))
