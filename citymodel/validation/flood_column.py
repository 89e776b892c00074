"""Chapter: a dam break against a square column, and the force on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced, depth
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from kernels.flood import GRAVITY, Flood

TITLE = "Flood: against a column"
WATER = 1000.0
"""Kilograms a cubic metre."""
LONG, WIDE = 1.6, 0.61
COLUMN = (0.9, 1.02, 0.25, 0.37)
"""West, east, south, north, metres."""
SPANS = (0.5, 1.0)
"""Seconds from the arrival on."""
IMPULSE_MOST, ARRIVAL_MOST = 25.0, 0.1


def column(cell: float, scheme: str, every: float = 0.01, until: float = 2.0) -> tuple[F8, F8, Flood]:
    """Seconds and newtons on the column, and the flood at the end: 30 cm of water behind a gate, 1 cm before it."""
    rows, cols = round(WIDE / cell), round(LONG / cell)
    west, east, south, north = (round(one / cell) for one in COLUMN)
    blocked = np.zeros((rows, cols), np.bool_)
    blocked[rows - north : rows - south, west:east] = True
    flood = Flood(np.zeros((rows, cols)), cell, manning=0.01, blocked=blocked, scheme=scheme, wet=None)
    flood.set_depth(np.where(np.arange(cols) * cell < 0.4, 0.3, 0.01)[None])
    times = np.arange(every, until + every / 2, every)
    found = []
    for time in times:
        flood.advance(float(time))
        h, u = depth(flood), flood.velocity()[0].astype(float)
        push = WATER * (0.5 * GRAVITY * h * h + h * u * u) * cell
        at = slice(rows - north, rows - south)
        found.append(push[at, west - 1].sum() - push[at, east].sum())
    return times, np.array(found), flood


def chapter(place: Place) -> Chapter:
    """Yeh & Petroff's column."""
    path = place.files("flood", "yeh_petroff", "for_exp.txt")
    if path is None:
        return absent(TITLE, "the measured force was not on this machine")
    return Chapter(TITLE, *on_a_column(path, place))


def on_a_column(path: Path, place: Place) -> tuple[list[str], list[Check]]:
    """The force in time beside the measured one."""
    measured = np.loadtxt(path)
    measured = measured[np.argsort(measured[:, 0], kind="stable")]
    rows, checks, curves, floods = [], [], {}, []
    came, truth = _blow(measured[:, 0], measured[:, 1])
    rows.append(["measured", f"{came:.2f} s", f"{measured[:, 1].max():.1f} N", *(f"{one:.1f} N·s" for one in truth)])
    runs = [(0.01, s) for s in (*FULL, PREVIEW)] + ([] if place.small else [(0.005, FULL[0])])
    for cell, scheme in runs:
        times, force, flood = column(cell, scheme)
        arrival, found = _blow(times, force)
        rows.append(
            [
                f"{NAMES[scheme]}, {1000 * cell:g} mm",
                f"{arrival:.2f} s",
                f"{force.max():.1f} N",
                *(f"{one:.1f} N·s" for one in found),
            ]
        )
        curves[cell, scheme] = times, force
        floods.append(flood)
        if scheme in FULL:
            name = f"column, {NAMES[scheme]}, {1000 * cell:g} mm"
            checks += [
                Check(
                    f"{name}: impulse in the {span:g} s from the arrival on",
                    100 * (one / right - 1),
                    IMPULSE_MOST,
                    "%",
                    1,
                    signed=True,
                )
                for span, one, right in zip(SPANS, found, truth, strict=True)
            ]
            checks.append(Check(f"{name}: arrival", arrival - came, ARRIVAL_MOST, "s", 2, signed=True))
    checks.append(balanced(floods, "column"))
    text = [
        (
            "A dam break in a tank of 1.6 × 0.61 m against a square column of 12 cm (Yeh & Petroff, University of "
            "Washington; tank and measured force as distributed with ANUGA's validation tests; n = 0.01 is ours). The "
            "force is the water's own pressure and momentum in the cells before and behind the column, "
            "ρ·(g·h²/2 + h·u²), summed over its sides. Depth-averaged equations know no splash, so the peak of the "
            "first blow, when a jet climbs the column, stands here without a bound; nor is it said when the measured "
            "clock started. What the column has to bear is the impulse from the arrival (5 N) on; the bounds are ours."
        ),
        table(("force on the column", "above 5 N from", "greatest", *(f"impulse in {one:g} s" for one in SPANS)), rows),
        (
            "The model's wave comes some 0.1 s early, as from a gate that is gone at once, pushes harder in the first "
            "half second and falls off sooner, when the wave that the walls send back arrives."
        ),
    ]
    if not place.small:
        _draw(measured, curves, floods[-1], place)
        text.append(picture("validation_flood_column.png", "Force on the column in time, and the tank from above"))
    return text, checks


def _blow(times: F8, force: F8) -> tuple[float, list[float]]:
    """Second at which 5 N are passed, and the impulse over each span from then on, N·s."""
    came = float(times[np.argmax(force > 5.0)])
    fine = [np.linspace(came, came + span, 400) for span in SPANS]
    return came, [float(np.trapezoid(np.interp(one, times, force), one)) for one in fine]


def _draw(measured: F8, curves: dict[tuple[float, str], tuple[F8, F8]], flood: Flood, place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 3.0, 1, 2, gridspec_kw={"width_ratios": [1.4, 1]})
    axes[0].plot(measured[:, 0], measured[:, 1], ".", color=look.GREY, markersize=4, label="measured")
    for (cell, scheme), (times, force) in curves.items():
        if cell == 0.005 or scheme != FULL[0]:
            draw.model(axes[0], times, force, scheme, f"{NAMES[scheme]}, {1000 * cell:g} mm")
    axes[0].set_xlim(0, 2)
    look.quiet(axes[0], "seconds after the gate opened", "force (N)", "force on the column")
    look.key(axes[0])
    h = depth(flood)
    image = draw.plan(axes[1], 100 * h, np.zeros(h.shape), (0, LONG, 0, WIDE), 100 * float(np.nanmax(h)))
    axes[1].set_title(f"second order, {flood.time:.1f} s", color=look.INK, fontsize=10, loc="left")
    axes[1].set_xlabel("m", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, axes[1], "depth (cm)", shrink=0.6)
    look.save(made, place.pictures / "validation_flood_column.png")
