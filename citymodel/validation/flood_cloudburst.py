"""Chapter: an hour of cloudburst on the centre of Newcastle, 2 m LiDAR with its buildings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from kernels.flood import Flood
from kernels.flood_sources import Rain, Sewer

TITLE = "Flood: an hour of cloudburst on Newcastle"
RAIN, DRAIN, ROUGH, SECONDS = 70.0, 12.0, 0.03, 3600.0
SHOWN = 0.05
PART, SMALL = (slice(40, 160), slice(110, 250)), (slice(60, 120), slice(120, 200))
"""Rows and columns of the surface: 280 × 240 m of 684 × 390 m, so that an hour by three schemes is not long."""
APART = 2.0
"""Centimetres, root mean square where 5 cm or more stood; a bound of our own."""


def read(folder: Path) -> tuple[F8, float]:
    """Surface in metres, NaN where there is none, and the cell, metres."""
    import rasterio

    with rasterio.open(folder / "newcastle-centre" / "topography" / "NewcastleCentreDEM_2m.img") as file:
        z = file.read(1).astype(np.float64)
        return np.where(z == file.nodata, np.nan, z), float(file.transform.a)


def storm(ground: F8, cell: float, scheme: str, seconds: float) -> Flood:
    """Rain of 70 mm/h on streets and roofs, a sewer of 12 mm/h, walls around."""
    sources = [Rain([0.0, 1e6], [RAIN, 0.0]), Sewer(DRAIN)]
    flood = Flood(ground, cell, manning=ROUGH, scheme=scheme, sources=sources, wet=SHOWN)
    flood.advance(seconds)
    return flood


def chapter(place: Place) -> Chapter:
    """Three schemes on the same hour."""
    folder = place.files("flood", "newcastle_centre")
    if folder is None:
        return absent(TITLE, "the surface of Newcastle was not on this machine")
    ground, cell = read(folder)
    ground = ground[SMALL if place.small else PART]
    seconds = 120.0 if place.small else SECONDS
    floods = {scheme: storm(ground, cell, scheme, seconds) for scheme in (*FULL, PREVIEW)}
    deepest = {scheme: np.asarray(one.record().depth, np.float64) for scheme, one in floods.items()}
    rows, checks = [], []
    for scheme, flood in floods.items():
        balance, h = flood.balance(), deepest[scheme]
        apart = _apart(h, deepest[FULL[0]])
        rows.append(
            [
                NAMES[scheme],
                f"{flood.steps:,}",
                f"{balance.sources['rain']:,.1f} m³",
                f"{-balance.sources['sewer']:,.1f} m³",
                f"{balance.stored:,.1f} m³",
                f"{100 * float((h[np.isfinite(h)] > SHOWN).mean()):.1f} %",
                f"{float(np.nanpercentile(h, 99.9)):.2f} m",
                f"{apart:.1f} cm" if scheme != FULL[0] else "",
            ]
        )
    fallen = RAIN / 3.6e6 * seconds * cell * cell * int(np.isfinite(ground).sum())
    rain = floods[FULL[0]].balance().sources["rain"]
    checks += [
        balanced(list(floods.values()), "cloudburst"),
        Check("cloudburst: rain against 70 mm on every cell", rain / fallen - 1, 1e-4, "", 7),
        Check("cloudburst, first order less second: greatest depth, root mean square",
              _apart(deepest[FULL[1]], deepest[FULL[0]]), APART, "cm", 1),
    ]  # fmt: skip
    text = [
        (
            f"{ground.shape[1]} × {ground.shape[0]} cells of {cell:g} m around the university, a part of the 684 × "
            "390 m of HiPIMS' case, with its rain and sewer (Environment Agency LiDAR, Open Government Licence), "
            "buildings as they stand in the surface, so rain falls on roofs and over their edges; "
            f"{RAIN:g} mm/h for {seconds / 60:g} min, "
            f"{DRAIN:g} mm/h into the sewer, n = {ROUGH:g}, walls around. No observation and no other model's result "
            "come with it: this is a test of steadiness and of the balance, and a measure of how much the choice of "
            "the scheme matters. The last column is the root mean square difference of the greatest depth from "
            f"second order's, where either is {100 * SHOWN:g} cm or more."
        ),
        table(("scheme", "steps", "rain", "sewer", "left on the ground", f"area over {100 * SHOWN:g} cm",
               "greatest depth of 99.9 % of cells", "from second order"), rows),
    ]  # fmt: skip
    if not place.small:
        _draw(ground, cell, deepest, place)
        text.append(picture("validation_flood_cloudburst.png", "Greatest depth in the cloudburst, and differences"))
    return Chapter(TITLE, text, checks)


def _apart(one: F8, other: F8) -> float:
    """Root mean square difference, cm, where either is shown."""
    shown = np.maximum(one, other) > SHOWN
    return 100 * float(np.sqrt(np.mean((one[shown] - other[shown]) ** 2))) if shown.any() else 0.0


def _draw(ground: F8, cell: float, deepest: dict[str, F8], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 7.6, 2, 1, gridspec_kw={"height_ratios": [1, 0.62]})
    wide, high = ground.shape[1] * cell, ground.shape[0] * cell
    box = (0.0, wide, 0.0, high)
    image = draw.plan(axes[0], deepest[FULL[0]], ground, box, 1.0, SHOWN)
    axes[0].set_title("greatest depth, second order; grey: the surface, roofs too", color=look.INK, fontsize=10,
                      loc="left")  # fmt: skip
    draw.bar(made, image, axes[0], "depth (m)")
    axes[1].remove()
    grid = axes[1].get_gridspec()[1].subgridspec(1, 2)
    pair = [made.add_subplot(grid[k]) for k in range(2)]
    for one, scheme in zip(pair, (FULL[1], PREVIEW), strict=True):
        image = draw.change(one, 100 * (deepest[scheme] - deepest[FULL[0]]), box, 5.0)
        one.set_title(f"{NAMES[scheme]} less second order", color=look.INK, fontsize=10, loc="left")
        one.set_xlabel("m", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, pair, "cm", shrink=0.8)
    look.save(made, place.pictures / "validation_flood_cloudburst.png")
