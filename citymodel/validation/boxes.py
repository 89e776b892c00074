"""Chapter: the shadow of a box on a plane against the hull of its outline and the outline moved along the ray."""

from __future__ import annotations

import numpy as np

from citymodel.validation.page import Chapter, Check, Place, table
from kernels import shadow

TITLE = "The shadow of a box"
LENGTH, WIDTH, HEIGHT = 40.0, 30.0, 20.0
SUNS = ((180.0, 45.0), (135.0, 30.0), (160.0, 20.0), (247.3, 12.0), (101.7, 35.0))
BOUND = 1.5
_SIDE = 360.0


def expected(azimuth: float, altitude: float) -> float:
    """Area in m² of hull(outline ∪ outline moved by height / tan(altitude)) less the outline."""
    import shapely

    outline = shapely.box(-LENGTH / 2, -WIDTH / 2, LENGTH / 2, WIDTH / 2)
    east, north = shadow.compass(azimuth)
    reach = HEIGHT / np.tan(np.radians(altitude))
    moved = shapely.transform(outline, lambda p: p - np.array([east, north]) * reach)
    return float(shapely.union(outline, moved).convex_hull.area - outline.area)


def measured(cell: float, azimuth: float, altitude: float) -> float:
    """Area in m² that the kernel shades on the ground."""
    n = round(_SIDE / cell)
    y, x = (np.mgrid[0:n, 0:n] + 0.5) * cell - _SIDE / 2
    box = (abs(x) < LENGTH / 2) & (abs(y) < WIDTH / 2)
    mask = shadow.shadow_mask(np.where(box, HEIGHT, 0.0).astype(np.float32), cell, azimuth, altitude)
    return float(((mask == shadow.SHADE) & ~box).sum()) * cell**2


def chapter(place: Place) -> Chapter:
    """Five suns at three cell sizes."""
    cells = (1.0, 0.5) if place.small else (1.0, 0.5, 0.25)
    rows, worst = [], 0.0
    for azimuth, altitude in SUNS:
        right = expected(azimuth, altitude)
        found = [measured(cell, azimuth, altitude) for cell in cells]
        worst = max(worst, abs(found[1] / right - 1) * 100)
        rows.append([f"{azimuth:g}°, {altitude:g}°", f"{right:.1f} m²", *(
            f"{area:.1f} m² ({100 * (area / right - 1):+.1f} %)".replace("-", "−") for area in found
        )])  # fmt: skip
    text = (
        f"A box of {LENGTH:g} × {WIDTH:g} m, {HEIGHT:g} m high, on a plane. Its shadow is the convex hull of the "
        "outline and the outline moved by height / tan(altitude), less the outline. The raster knows the box by "
        "its cells' centres only, so the area comes nearer as cells get smaller."
    )
    head = ["sun: azimuth, altitude", "closed form", *(f"kernel, cells of {cell:g} m" for cell in cells)]
    return Chapter(
        TITLE, [text, table(head, rows)], [Check("largest error of the area, cells of 0.5 m", worst, BOUND, "%")]
    )
