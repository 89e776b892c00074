"""Hours of two stations: what was measured there and at an open site, and what the kernel computes."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from citymodel import sun
from kernels import shadow

RECEIVER, LEAST_BEAM, MOMENTS = 1.1, 30.0, 30
#: Trees as a study takes them unless told otherwise: light through leaves, and the part of a tree that is trunk.
THROUGH, TRUNK = 0.03, 0.25
_NAME_DAY = "MetFile{day}_Prepared.txt"


@dataclass(frozen=True, slots=True)
class Site:
    """A square: its folder's files, its CRS, and its only day where the series names none."""

    name: str
    folder: str
    surface: str
    canopy: str
    series: str
    crs: str
    weather: str = _NAME_DAY


SITES = (
    Site("GVC", "gvc", "DSM_GVC_1m.tif", "CDSM_GVC_1m.tif", "measurements_gvc.csv", "EPSG:3006"),
    Site(
        "Kronenhuset", "kronenhuset", "DSM_KR.tif", "CDSM_KR.asc", "measurements_kr.csv", "EPSG:3007",
        "MetFile_Prepared.txt",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hour:
    """Shares of an hour in the sun, 0…1: measured, and computed with what stands there.

    end : the hour's end, UTC; solid : with crowns as solid bodies down to the ground
    """

    site: Site
    end: datetime
    measured: float
    buildings: float
    with_trees: float
    solid: float


@dataclass(frozen=True, slots=True)
class Weather:
    """An hour of the open site, W/m²: global, diffuse, and direct across the ray."""

    end: datetime
    total: float
    diffuse: float
    direct: float


def weather(path: Path) -> dict[datetime, Weather]:
    """The open site's hours by their end, UTC."""
    table = np.loadtxt(path, skiprows=1)
    hours = {}
    for year, day, hour, *rest in table.tolist():
        end = datetime(int(year), 1, 1, tzinfo=UTC) + timedelta(days=int(day) - 1, hours=hour)
        hours[end] = Weather(end, rest[11], rest[18], rest[19])
    return hours


def _series(folder: Path, site: Site) -> list[tuple[datetime, float, dict[datetime, Weather]]]:
    """Label, global radiation at the station, and the open site's hours of that day."""
    made, skies = [], {}
    with (folder / site.folder / site.series).open(newline="") as file:
        for row in csv.DictReader(file):
            path = folder / site.folder / site.weather.format(day=row.get("date", ""))
            if path not in skies:
                skies[path] = weather(path)
            midnight = min(skies[path])
            made.append((midnight + timedelta(hours=int(row["hour"])), float(row["Kdown"]), skies[path]))
    return made


def shift(folder: Path, site: Site) -> int:
    """Hours by which the station's labels run ahead of the open site's, from the radiation alone."""

    def impossible(hours: int) -> float:
        total = 0.0
        for label, measured, sky in _series(folder, site):
            there = sky.get(label - timedelta(hours=hours))
            if there is not None:
                total += max(0.0, measured - there.total) + max(0.0, 0.2 * there.diffuse - measured)
        return total

    return min((-1, 0, 1, 2), key=impossible)


def hours(folder: Path, site: Site) -> list[Hour]:
    """Every hour with direct radiation worth the name."""
    surface, canopy, solid, cell, row, col, x, y = _rasters(folder, site)
    ahead = timedelta(hours=shift(folder, site))
    made = []
    for label, measured, sky in _series(folder, site):
        there = sky.get(label - ahead)
        if there is None:
            continue
        step = timedelta(hours=1) / MOMENTS
        moments = [there.end - timedelta(hours=1) + step * (k + 0.5) for k in range(MOMENTS)]
        azimuths, altitudes = sun.grid_positions(moments, site.crs, x, y)
        beam = there.direct * float(np.sin(np.radians(np.clip(altitudes, 0, 90))).mean())
        if beam < LEAST_BEAM:
            continue
        lit = [
            float(shadow.sun_hours(z, cell, azimuths, altitudes, 1 / MOMENTS, RECEIVER, canopy=trees)[row, col])
            for z, trees in ((surface, None), (surface, canopy), (solid, None))
        ]
        share = float(np.clip((measured - there.diffuse) / beam, 0.0, 1.0))
        made.append(Hour(site, there.end, share, *(min(part, 1.0) for part in lit)))
    return made


def _rasters(folder: Path, site: Site) -> tuple[Any, ...]:
    """Surface, its trees, the surface with solid crowns, cell, and the station's row, column and coordinates."""
    import rasterio

    x, y = json.loads((folder / site.folder / "poi.geojson").read_text())["geometry"]["coordinates"]
    with rasterio.open(folder / site.folder / site.surface) as file:
        surface, cell = file.read(1).astype(np.float32), float(file.res[0])
        row, col = map(int, file.index(x, y))
    with rasterio.open(folder / site.folder / site.canopy) as file:
        tall = np.clip(file.read(1).astype(np.float32), 0.0, None)
    tall[row, col] = 0.0  # the instrument stands under no crown
    crown = np.where(tall > 0.5, tall, np.float32(np.nan))
    canopy = shadow.Canopy(surface + crown, surface + np.float32(TRUNK) * crown, THROUGH)
    return surface, canopy, surface + tall, cell, row, col, float(x), float(y)
