"""Chapter: the surface from LiDAR against the surface from a city model, Delft."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.validation import pictures
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table

TITLE = "Surface from points against surface from a model, Delft"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "delft_surface.py"
#: Metres by which the three comparable figures may differ.
AGREE = 0.5
_BLOCKS = "90th percentile of the surface from points − top of the block"
_CELLS = 40  # 10 m²; less are sheds under trees


def chapter(place: Place) -> Chapter:
    """What ``examples/delft_surface.py`` measures, and what explains it."""
    folder = place.files("delft_3dfier")
    if folder is None or not EXAMPLE.exists():
        missing = "the data (`delft_3dfier`)" if folder is None else "examples/delft_surface.py"
        return absent(TITLE, f"{missing} is not on this machine")
    example = runpy.run_path(str(EXAMPLE))
    both = example["surfaces"](folder)
    found = example["figures"](both)
    place.pictures.mkdir(parents=True, exist_ok=True)
    example["draw"](both, place.pictures / "validation_delft.png")
    pictures.shrink(place.pictures / "validation_delft.png")
    rows = [
        [f"block heights, {found['buildings']} buildings over 10 m²: {_BLOCKS}",
         *_pair(found, "block height, median by building", "block height, median size by building")],
        ["cells of flat roofs (80th − 20th percentile under 0.5 m)",
         *_pair(found, "flat roofs, median of cells", "flat roofs, median size of cells")],
        [f"ground, {found['ground, cells']:,} cells measured in both",
         *_pair(found, "ground, median of cells", "ground, median size of cells")],
        ["all cells of all roofs", *_pair(found, "all roofs, median of cells", "all roofs, median size of cells")],
    ]  # fmt: skip
    text = [
        (
            "`python examples/delft_surface.py FOLDER OUT.png` makes the map and the figures (data: example data "
            f"of 3dfier: AHN3 points, {len(both.clouds)} LAZ tiles, {found['points']:,} points, and the city model "
            f"made of them). Cells of {both.grid.cell:g} m; points minus model; checked by "
            "`tests/test_delft_surface.py` too."
        ),
        table(("compared", "median", "median size"), rows),
        picture("validation_delft.png", "Delft: points minus model"),
        (
            f"The first three are to agree within {AGREE:g} m. The last is not: the model is LoD1. Its maker set "
            "each building's flat top at the 90th percentile of that building's points, so nine tenths of a "
            "pitched roof lie below it. What the map shows:"
        ),
        "\n".join(_explanations(both)),
        *_second(place, both),
    ]
    checks = [
        Check("block heights, median size", found["block height, median size by building"], AGREE, "m"),
        Check("flat roofs, median size", found["flat roofs, median size of cells"], AGREE, "m"),
        Check("ground, median size", found["ground, median size of cells"], AGREE, "m"),
    ]
    return Chapter(TITLE, text, checks)


def _metres(value: float) -> str:
    rounded = round(value, 2) + 0.0
    return (f"{rounded:+.2f} m" if rounded else "0.00 m").replace("-", "−")


def _pair(found: dict[str, float], median: str, size: str) -> list[str]:
    return [_metres(found[median]), f"{found[size]:.2f} m"]


def _explanations(both: Any) -> list[str]:
    import shapely

    from citymodel.triangulate import footprints

    water = shapely.union_all([one.area for one in footprints(both.model, ("WaterBody",))])
    x, y = np.meshgrid(both.grid.x, both.grid.y)
    above = np.asarray(both.seen - both.modelled)
    orange = shapely.contains_xy(water, x, y) & (above > 0.5) & (above <= 2.0)
    filled = 100 * float(np.asarray(both.seen["filled"])[orange].mean())
    own = np.array(_own_percentiles(both))
    return [
        "- **Violet with an orange line** — pitched roofs: the eaves lie below the block, the ridge above it.",
        "- **Violet patches beside houses** — footprints that hold a high part and a low extension under one block.",
        "- **Brown dots and rows** — trees: in the points only. Small brown specks are cars, sheds and fences.",
        (
            f"- **Orange in the canals** — water without returns, filled from its banks; {filled:.0f} % of the "
            "orange cells of water bodies are marked `filled`, and such cells are left out of the figures above."
        ),
        (
            "- **The blocks' difference** — cells keep their highest return, which raises a percentile: the 90th "
            f"percentile of the points themselves (classes 1 and 6) is {_metres(float(np.median(own)))} from the "
            f"blocks at the median, {np.median(abs(own)):.2f} m in size."
        ),
    ]


def _own_percentiles(both: Any) -> list[float]:
    """The 90th percentile of each building's own points above its block, metres."""
    values, rows = [], []
    for cloud in both.clouds:
        kept = np.isin(cloud.columns["classification"], (1, 6))
        xyz = cloud.coordinates(kept)
        column = np.floor((xyz[:, 0] - both.grid.x0) / both.grid.cell).astype(int)
        row = np.floor((both.grid.y0 - xyz[:, 1]) / both.grid.cell).astype(int)
        inside = (row >= 0) & (row < both.owner.shape[0]) & (column >= 0) & (column < both.owner.shape[1])
        values.append(xyz[inside, 2])
        rows.append(both.owner[row[inside], column[inside]])
    z, of = np.concatenate(values), np.concatenate(rows)
    return [
        float(np.percentile(z[of == one], 90) - np.median(both.top[both.owner == one]))
        for one in np.unique(of[of >= 0])
        if (both.owner == one).sum() >= _CELLS
    ]


def _second(place: Place, both: Any) -> list[str]:
    """The other model of the same place, where its file is."""
    path = place.files("cjio_tests", "delft.json")
    if path is None:
        return []
    from citymodel.formats import read
    from citymodel.surface.from_model import model_triangles, rasterise

    triangles = model_triangles(read(path))
    top, owner = rasterise(triangles, triangles.building, both.grid)
    seen = np.asarray(both.seen)
    known = np.isfinite(top) & np.isfinite(seen) & ~np.asarray(both.seen["filled"])
    below = float(np.median((seen - top)[known]))
    low = float(np.median([
        np.percentile(seen[here], 10) - np.median(top[here])
        for one in np.unique(owner[owner >= 0])
        if (here := known & (owner == one)).sum() >= _CELLS
    ]))  # fmt: skip
    return [
        (
            f"A second model of the same place (the `delft.json` of cjio's tests) stands {below:.1f} m below the "
            "points at the median of all roof cells: it was made with a low percentile (the 10th of our surface is "
            f"{low:.1f} m above its blocks). It says nothing against either surface, but it is not a truth to "
            "compare roofs with."
        )
    ]
