"""Chapter: a slope that faces away from the sun is in the shade exactly when it is steeper than the sun is high."""

from __future__ import annotations

import numpy as np

from citymodel.validation.page import Chapter, Check, Place, table
from kernels import shadow

TITLE = "Slopes that face away"
CASES = ((20.0, 30.0), (29.0, 30.0), (35.0, 50.0), (10.0, 12.0), (31.0, 30.0))
AZIMUTHS = (180.0, 143.0, 200.5, 270.0)


def shade(slope: float, altitude: float, azimuth: float, size: int) -> float:
    """Share of a slope's cells that the kernel puts in the shade; a ridge stands on the sun's side."""
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    east, north = shadow.compass(azimuth)
    towards = x * east - y * north
    crest = 0.25 * size
    z = -abs(crest - towards) * np.tan(np.radians(slope))
    mask = shadow.shadow_mask(z.astype(np.float32), 1.0, azimuth, altitude)
    slope_cells = (towards < crest - 3) & (np.hypot(x, y) < 0.45 * size)
    return float((mask[slope_cells] == shadow.SHADE).mean())


def chapter(place: Place) -> Chapter:
    """Five pairs of slope and sun, four azimuths."""
    size = 120 if place.small else 400
    rows, wrong = [], 0.0
    for slope, altitude in CASES:
        shares = [shade(slope, altitude, azimuth, size) for azimuth in AZIMUTHS]
        dark = slope > altitude
        wrong = max(wrong, *(abs(share - dark) for share in shares))
        right = "shade" if dark else "lit"
        rows.append([f"{slope:g}°, {altitude:g}°", right, *(f"{100 * share:.2f} %" for share in shares)])
    text = (
        "Cells of 1 m on a plane that falls away from the sun behind a ridge. Models that take cells for columns shade "
        "all of such a slope; here it is in the shade exactly when it is steeper than the sun is high."
    )
    head = ["slope, sun", "truth", *(f"in the shade, azimuth {azimuth:g}°" for azimuth in AZIMUTHS)]
    return Chapter(
        TITLE,
        [text, table(head, rows, left=2)],
        [Check("largest share of a slope's cells wrong", wrong * 100, 0.0, "%")],
    )
