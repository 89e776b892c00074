"""Chapter: a year through horizons: hours against the sum of shadows, energy against the series it is made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from citymodel.validation.page import Chapter, Check, Place, absent, table

if TYPE_CHECKING:
    from xarray import DataArray

TITLE = "A year through horizons"
FOLDER = ("solweig_demos", "Goteborg_SWEREF99_1200")
SURFACE, SERIES = "DSM_KRbig.tif", "GBG_TMY_1977.txt"
STEP = 15  # minutes between the masks
MEAN, SIZE = 0.5, 1.0
#: Per cent of a year's energy on an open level place: against the series' direct and diffuse light, and its global.
LIGHT, GLOBAL = 0.5, 2.0


def chapter(place: Place) -> Chapter:
    """Annual hours on a real surface at two numbers of directions; a year's energy on an open level place."""
    folder = place.files(*FOLDER)
    if folder is None:
        return absent(TITLE, f"the data (`{'/'.join(FOLDER)}`) is not on this machine")
    from citymodel.analysis.sun_study import heights, hours_of_sun
    from citymodel.analysis.year.parameters import SunlightParameters, light_of
    from citymodel.analysis.year.study import hours_of_year
    from citymodel.formats import raster
    from citymodel.surface import Grid

    surface = raster.read(folder / SURFACE)
    grid, z = Grid.of(surface), heights(surface)
    step = 60 if place.small else STEP
    asked = SunlightParameters(year=2026, zone="Europe/Stockholm", step=step)
    light = light_of(grid, asked, 10.0)
    slow, _ = hours_of_sun(z, grid.cell, (light.azimuth, light.altitude), step / 60.0, device="cpu")
    rows, checks = [], []
    for directions in (180, 360):
        quick, _ = hours_of_year(z, grid.cell, light, asked.model_copy(update={"directions": directions}))
        hours = quick["total"] - slow
        share = 100 / light.possible
        mean, size = float(np.nanmean(hours)) * share, float(np.nanmean(np.abs(hours))) * share
        found = f"{mean / share:+.1f} h, {mean:+.2f} %".replace("-", "−"), f"{size / share:.1f} h, {size:.2f} %"
        rows.append([f"{directions}", *found, f"{float(np.nanpercentile(np.abs(hours), 99)) * share:.1f} %"])
        if directions == 360:
            checks += [
                Check("mean difference, 360 directions, of the possible hours", mean, MEAN, "%", 2, signed=True),
                Check("its mean size", size, SIZE, "%", 2),
            ]
    told = (
        f"The surface of Göteborg ({grid.shape[0]} × {grid.shape[1]} cells of {grid.cell:g} m), {light.possible:,.0f} "
        f"possible hours in 2026: the sum of shadow masks every {step} min against sweeps that keep each cell's "
        "horizons. Masks are taken along two combs of lines and horizons along one, so an edge may differ by half a "
        "cell; that is most of what the table shows."
    )
    level, more = open_level(place, (folder / SERIES).read_text(), surface)
    head = ("directions", "mean difference", "mean size of it", "99 % of cells within")
    return Chapter(TITLE, [told, table(head, rows), level], [*checks, *more])


def open_level(place: Place, series: str, surface: DataArray) -> tuple[str, list[Check]]:
    """A year's energy in the middle of a level field beside the sums of the series."""
    from citymodel.analysis.year.parameters import SunlightParameters
    from citymodel.analysis.year.study import energy_of_year
    from citymodel.sky import measured
    from citymodel.sun import place as place_of
    from citymodel.surface import Grid

    xmin, ymin, xmax, ymax = Grid.of(surface).bounds
    year, day, hour, total, diffuse, direct = np.array(
        [[float(line.split()[k]) for k in (0, 1, 2, 14, 21, 22)] for line in series.splitlines()[1:]]
    ).T
    # Labels are the ends of hours of Central European Time: there the direct light fits the sun's altitude.
    starts = [
        datetime(int(y), 1, 1, tzinfo=UTC) + timedelta(days=d - 1, hours=h - 2)
        for y, d, h in zip(year, day, hour, strict=True)
    ]
    asked = SunlightParameters(zone="Europe/Stockholm", directions=60 if place.small else 360, device="cpu")
    where = place_of("EPSG:3007", (xmin + xmax) / 2, (ymin + ymax) / 2)
    light = measured(where, starts, direct, diffuse, asked.months, asked.step, asked.zone, SERIES)
    beam, sky, _, _ = energy_of_year(np.zeros((21, 21), np.float32), 1.0, light, asked)
    kernel = np.array([beam[10, 10], sky[10, 10]], np.float64)
    right, globe = np.array(light.level), float(total.sum()) / 1000.0
    told = (
        f"A typical year of Göteborg ({len(starts):,} hours of the series `{SERIES}`): on an open level place the "
        f"kernel sums {kernel[0]:.1f} kWh/m² of beam and {kernel[1]:.1f} of sky; direct light times the sine of the "
        f"sun's altitude and the diffuse light of the series itself give {right[0]:.1f} and {right[1]:.1f}, its "
        f"global radiation {globe:.1f}."
    )
    off = 100 * (kernel / right - 1)
    return told, [
        Check("beam on an open level place, of the series'", float(off[0]), LIGHT, "%", 2, signed=True),
        Check("sky on an open level place, of the series'", float(off[1]), LIGHT, "%", 2, signed=True),
        Check("both, of its global radiation", 100 * (float(kernel.sum()) / globe - 1), GLOBAL, "%", 2, signed=True),
    ]
