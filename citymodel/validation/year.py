"""Chapter: a year of sun through horizons against the sum of its shadows."""

from __future__ import annotations

import numpy as np

from citymodel.validation.page import Chapter, Check, Place, absent, table

TITLE = "A year through horizons"
SURFACE = ("solweig_demos", "Goteborg_SWEREF99_1200", "DSM_KRbig.tif")
STEP = 15  # minutes between the masks
MEAN, SIZE = 0.5, 1.0


def chapter(place: Place) -> Chapter:
    """Annual hours on a real surface at two numbers of directions."""
    if place.data is None or not place.data.joinpath(*SURFACE).is_file():
        return absent(TITLE, f"it needs {SURFACE[-1]} of the data")
    from citymodel.analysis.sun_study import heights, hours_of_sun
    from citymodel.analysis.sunlight_parameters import SunlightParameters, light_of
    from citymodel.analysis.sunlight_year import hours_of_year
    from citymodel.formats import raster
    from citymodel.surface import Grid

    surface = raster.read(place.data.joinpath(*SURFACE))
    grid, z = Grid.of(surface), heights(surface)
    step = 60 if place.small else STEP
    asked = SunlightParameters(year=2026, zone="Europe/Stockholm", step=step)
    light = light_of(grid, asked, 10.0)
    slow, _ = hours_of_sun(z, grid.cell, (light.azimuth, light.altitude), step / 60.0, device="cpu")
    rows, checks = [], []
    for directions in (180, 360):
        quick, _ = hours_of_year(z, grid.cell, light, asked.model_copy(update={"directions": directions}))
        off = 100 * (quick["total"] - slow) / light.possible
        mean, size = float(np.nanmean(off)), float(np.nanmean(np.abs(off)))
        rows.append(
            [f"{directions}", f"{mean:+.2f} %", f"{size:.2f} %", f"{float(np.nanpercentile(np.abs(off), 99)):.1f} %"]
        )
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
    text = [told, table(("directions", "mean difference", "mean size of it", "99 % of cells within"), rows)]
    return Chapter(TITLE, text, checks)
