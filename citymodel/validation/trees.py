"""Chapter: the shadow of a crown against the area of a dragged disc, and hours through leaves."""

from __future__ import annotations

import math

import numpy as np

from citymodel.validation.page import Chapter, Check, Place, table
from kernels import shadow

TITLE = "The shadow of a crown"
RADIUS, BASE, TOP, THROUGH = 6.0, 3.0, 15.0, 0.2
SUNS = ((180.0, 60.0), (37.0, 25.0), (135.0, 30.0), (250.0, 20.0), (90.0, 45.0))
BOUND = 3.5
_SIDE = 160.0


def expected(altitude: float) -> float:
    """Area in m² of the disc and of all that it passes from the crown's underside to its top."""
    return math.pi * RADIUS**2 + 2 * RADIUS * (TOP - BASE) / math.tan(math.radians(altitude))


def scene(cell: float) -> tuple[np.ndarray, shadow.Canopy]:
    """A level field with an upright cylinder of leaves on a trunk in its middle."""
    n = round(_SIDE / cell)
    y, x = (np.mgrid[0:n, 0:n] + 0.5) * cell - _SIDE / 2
    inside = np.hypot(x, y) < RADIUS
    top, base = (np.where(inside, height, np.nan).astype(np.float32) for height in (TOP, BASE))
    return np.zeros((n, n), np.float32), shadow.Canopy(top, base, THROUGH)


def chapter(place: Place) -> Chapter:
    """Five suns at three cell sizes."""
    cells = (1.0, 0.5) if place.small else (1.0, 0.5, 0.25)
    found: dict[tuple[float, float, float], float] = {}
    leak = 0.0
    for cell in cells:
        field, canopy = scene(cell)
        for azimuth, altitude in SUNS:
            mask = shadow.shadow_mask(field, cell, azimuth, altitude, canopy=canopy)
            found[cell, azimuth, altitude] = float((mask == shadow.CANOPY).sum()) * cell**2
            hours = shadow.sun_hours(field, cell, [azimuth], [altitude], 1.0, canopy=canopy)
            right = np.where(mask == shadow.CANOPY, np.float32(THROUGH), np.float32(1.0))
            leak = max(leak, float(np.abs(hours - right).max()))
    rows, worst = [], 0.0
    for azimuth, altitude in SUNS:
        area = expected(altitude)
        off = [100 * (found[cell, azimuth, altitude] / area - 1) for cell in cells]
        worst = max(worst, abs(off[1]))
        rows.append([
            f"{azimuth:g}°, {altitude:g}°", f"{area:.1f} m²",
            *(f"{found[cell, azimuth, altitude]:.1f} m² ({more:+.1f} %)".replace("-", "−")
              for cell, more in zip(cells, off, strict=True)),
        ])  # fmt: skip
    text = (
        f"An upright cylinder of leaves, {2 * RADIUS:g} m wide, from {BASE:g} to {TOP:g} m above a level field. Its "
        "shadow is the disc dragged from where the sun puts its underside to where it puts its top: "
        "πr² + 2r · (top − underside) / tan(altitude); the trunk below casts none. Light passes the leaves by "
        f"{100 * THROUGH:g} %: an hour behind the crown counts as {THROUGH:g} h."
    )
    head = ["sun: azimuth, altitude", "closed form", *(f"kernel, cells of {cell:g} m" for cell in cells)]
    return Chapter(TITLE, [text, table(head, rows)], [
        Check("largest error of the area, cells of 0.5 m", worst, BOUND, "%"),
        Check("an hour of sun, largest error", leak, 1e-6, "h", 7),
    ])  # fmt: skip
