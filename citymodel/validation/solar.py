"""Chapter: the sun's position against the published case, and grid north against the closed formula."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np

from citymodel import sun
from citymodel.validation.page import Chapter, Check, Place, table

TITLE = "The sun's position"
ZENITH, AZIMUTH = 50.111622, 194.340241
PLACES = (("EPSG:32632", 677000.0, 5403000.0), ("EPSG:25833", 368000.0, 5808000.0), ("EPSG:32756", 334000.0, 6251000.0))


def chapter(place: Place) -> Chapter:
    """The case of Reda & Andreas (2004), and the convergence of three UTM grids."""
    moment = datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    azimuth, altitude = (float(angle[0]) for angle in sun.positions(
        [moment], 39.742476, -105.1786, elevation=1830.14, pressure=820.0, temperature=11.0, delta_t=67.0
    ))  # fmt: skip
    spa = table(
        ("angle", "published", "computed", "difference"),
        [
            ["zenith", f"{ZENITH}°", f"{90 - altitude:.6f}°", f"{abs(90 - altitude - ZENITH):.1e}°"],
            ["azimuth", f"{AZIMUTH}°", f"{azimuth:.6f}°", f"{abs(azimuth - AZIMUTH):.1e}°"],
        ],
    )
    rows, turned = [], 0.0
    for crs, x, y in PLACES:
        found = sun.place(crs, x, y)
        offset = np.radians(found.longitude - (6 * int(crs[-2:]) - 183))
        formula = -float(np.degrees(np.arctan(np.tan(offset) * np.sin(np.radians(found.latitude)))))
        turned = max(turned, abs(found.convergence - formula))
        where = f"{crs}, {found.latitude:.2f}°, {found.longitude:.2f}°"
        rows.append([where, *(f"{angle:+.4f}°".replace("-", "−") for angle in (formula, found.convergence))])
    first = (
        "NREL's SPA (Reda & Andreas 2004) by pvlib. The published case: 2003-10-17 12:30:30 −07:00, 39.742476° N, "
        "105.1786° W, 1830.14 m, 820 hPa, 11 °C, ΔT 67 s."
    )
    second = (
        "Azimuths are turned from true to grid north. The convergence of three UTM grids beside the formula of the "
        "sphere, arctan(tan Δλ · sin φ):"
    )
    return Chapter(
        TITLE,
        [first, spa, second, table(("place", "formula", "computed"), rows)],
        [
            Check("zenith", 90 - altitude - ZENITH, 1e-5, "°", 6, signed=True),
            Check("azimuth", azimuth - AZIMUTH, 1e-5, "°", 6, signed=True),
            Check("largest difference of a convergence", turned, 2e-3, "°", 5),
        ],
    )
