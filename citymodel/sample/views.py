"""What ``sample.json`` says: the files, the views to begin with, and a good moment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from citymodel.sample.city import City
from citymodel.sample.terrain import CRS, ORIGIN, Terrain


def facts(city: City) -> dict[str, Any]:
    """Files, views (position and target in the CRS, metres), moment, licence and attribution."""
    square = next(b for b in city.plan.blocks if b.kind == "square").centre
    return {
        "name": "Auenfurt",
        "crs": CRS,
        "seed": city.seed,
        "licence": "CC0-1.0",
        "attribution": "Auenfurt: an invented city, made by citymodel",
        "files": ["city.gml", "points.laz", "terrain.tif"],
        "more": ["footprints.gpkg", "terrain_2m.tif", "cloudburst_rain.csv", "rain_statistics.csv"],
        "floods": ["cloudburst.toml"],
        "proposals": ["planned_tower.gml"],
        "view": "over the river",
        "moment": "2026-03-21T10:30:00+01:00",
        "views": {
            "over the river": _view(city.terrain, 560.0, 400.0, 680.0, 12.0, 24.0),
            "square": _view(city.terrain, float(square[0]), float(square[1]), 230.0, 345.0, 33.0),
            "hill": _view(city.terrain, 850.0, 820.0, 420.0, 60.0, 24.0),
            "all": _view(city.terrain, 500.0, 480.0, 1250.0, 20.0, 48.0),
        },
    }


def _view(
    terrain: Terrain, x: float, y: float, distance: float, azimuth: float, altitude: float
) -> dict[str, list[float]]:
    """A camera that looks towards ``azimuth`` and down by ``altitude`` degrees onto a place on the ground."""
    z = float(terrain.height(np.array([x]), np.array([y]))[0]) + 5.0
    a, h = math.radians(azimuth), math.radians(altitude)
    out = (-math.sin(a) * math.cos(h), -math.cos(a) * math.cos(h), math.sin(h))
    target = (x + float(ORIGIN[0]), y + float(ORIGIN[1]), z)
    return {
        "position": [round(t + distance * d, 2) for t, d in zip(target, out, strict=True)],
        "target": [round(t, 2) for t in target],
    }
