"""Chapter: rain that runs off a plane, a roof and stairs."""

from __future__ import annotations

import math

import numpy as np

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced, depth, middles, relative
from citymodel.validation.page import Chapter, Check, Place, picture, table
from kernels.bench.flood_truth import rain_on_a_plane
from kernels.flood import Edges, Flood
from kernels.flood_sources import Rain

TITLE = "Flood: rain on a plane, a roof and stairs"
LENGTH, RAIN, ROUGH, SECONDS = 50.0, 100.0, 0.03, 900.0
SLOPES = {"a plane of 1 %": 0.01, "a roof of 50 %": 0.5, "a roof of 120 %": 1.2}
RUN_OFF = 2.0
"""Per cent."""
DEEP = {"second-order": 2.0, "first-order": 10.0}
"""Per cent; bounds of our own."""
RISER, TREAD = 0.17, 0.3
"""Metres of a stair."""


def run_off(
    ground: F8, cell: float, scheme: str, seconds: float = SECONDS, every: float = 30.0
) -> tuple[F8, F8, Flood]:
    """Middles of the intervals, s, outflow in them, m²/s, under 100 mm/h; and the flood at the end."""
    flood = Flood(ground[None], cell, manning=ROUGH, scheme=scheme, edges=Edges(east="open"), wet=None,
                  sources=[Rain([0.0, 1e5], [RAIN, 0.0])])  # fmt: skip
    times, left = np.arange(every, seconds + 1.0, every), [0.0]
    for time in times:
        flood.advance(float(time))
        left.append(-flood.balance().sides["east"])
    return times - every / 2, np.diff(left) / every / cell, flood


def chapter(place: Place) -> Chapter:
    """Outflow and depth by the kinematic wave, and stairs whose outflow must be the rain."""
    cells = 25 if place.small else 50
    cell = LENGTH / cells
    x = middles(cells, LENGTH)
    per = RAIN / 3.6e6
    rows, checks, curves, floods = [], [], {}, []
    for name, slope in SLOPES.items():
        for scheme in FULL if place.small else (*FULL, PREVIEW):
            times, found, flood = run_off(-slope * x, cell, scheme)
            exact = rain_on_a_plane(slope, ROUGH, per, LENGTH, times)
            deep = (per * x * ROUGH / math.sqrt(slope)) ** 0.6
            h = depth(flood)[0]
            errors = relative(found, exact), relative(h[3:-3], deep[3:-3]), abs(found[-1] / exact[-1] - 1)
            rows.append([f"{name}, {NAMES[scheme]}", *(f"{100 * one:.2f} %" for one in errors), f"{flood.steps:,}"])
            curves[name, scheme] = times, found, exact
            floods.append(flood)
            if scheme in FULL:
                checks += [
                    Check(f"{name}, {NAMES[scheme]}: error of the outflow in time", 100 * errors[0],
                          RUN_OFF * (1.5 if place.small else 1), "%"),
                    Check(f"{name}, {NAMES[scheme]}: error of depth", 100 * errors[1],
                          DEEP[scheme] * (1.5 if place.small else 1), "%"),
                ]  # fmt: skip
    text = [
        (
            f"Steady rain of {RAIN:g} mm/h on {LENGTH:g} m with n = {ROUGH:g}, cells of {cell:g} m. On a slope thin "
            "water runs as a kinematic wave: the outflow grows as α·(r·t)^(5/3), α = √S / n, until all of the plane "
            "contributes, and the steady depth is (r·x/α)^0.6. Depths are of millimetres while a cell of the roof "
            "drops by 0.5 m and more: a plain hydrostatic reconstruction would let no water down there. Slope and "
            "length are horizontal, as the equations have them; on a roof they are beyond their range, and what is "
            "shown is that the scheme solves them. "
            "On a roof steeper than 45° the first order keeps the film some 8 % too thick; the preview runs far too "
            "slowly on any roof."
        ),
        table(("rain on", "outflow, error", "depth, error", "outflow after 15 min, error", "steps"), rows),
    ]
    more, beyond = stairs(place, floods, curves)
    checks += [*beyond, balanced(floods, "rain")]
    if not place.small:
        _draw(curves, place)
        text.append(picture("validation_flood_rain.png", "Outflow under steady rain"))
    return Chapter(TITLE, [*text, *more], checks)


def stairs(
    place: Place, floods: list[Flood], curves: dict[tuple[str, str], tuple[F8, F8, F8]]
) -> tuple[list[str], list[Check]]:
    """Stairs of 17 × 30 cm in cells of a tenth of a metre: every tread is level, every riser a fall."""
    cells = 30 if place.small else 150
    cell = TREAD / 3
    tread = np.arange(cells) // 3
    rows, checks = [], []
    for scheme in FULL if place.small else (*FULL, PREVIEW):
        times, found, flood = run_off(-RISER * tread.astype(float), cell, scheme, 240.0 if place.small else SECONDS)
        rate = RAIN / 3.6e6 * cells * cell
        off = abs(found[-1] / rate - 1)
        deepest = 1000 * float(depth(flood).max())
        fastest = float(np.abs(flood.velocity()[0]).max())
        rows.append([NAMES[scheme], f"{100 * off:.2f} %", f"{deepest:.2f} mm", f"{fastest:.2f} m/s"])
        floods.append(flood)
        curves["stairs", scheme] = times, found, np.full(len(times), rate)
        if scheme in FULL:
            checks.append(Check(f"stairs, {NAMES[scheme]}: outflow after 15 min against the rain", 100 * off, 1.0, "%"))
            checks.append(Check(f"stairs, {NAMES[scheme]}: greatest depth", deepest, 10.0, "mm"))
    text = [
        (
            f"Stairs of {100 * RISER:g} × {100 * TREAD:g} cm, {cells * cell:g} m long, three cells a tread. No closed "
            "form is known; in the end as much must leave as falls, and the water must stay thin on every tread."
        ),
        table(("stairs", "outflow after 15 min, error", "greatest depth", "greatest speed"), rows),
    ]
    return text, checks


def _draw(curves: dict[tuple[str, str], tuple[F8, F8, F8]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    names = [*SLOPES, "stairs"]
    made, axes = look.figure(8.4, 2.7, 1, 4)
    for one, name in zip(axes, names, strict=True):
        times, _, exact = curves[name, FULL[0]]
        draw.truth(one, times / 60, 1000 * exact, "kinematic wave" if name != "stairs" else "the rain")
        for scheme in (*FULL, PREVIEW):
            draw.model(one, times / 60, 1000 * curves[name, scheme][1], scheme, NAMES[scheme])
        look.quiet(one, "min", "", name)
        one.set_ylim(0, None)
    axes[0].set_ylabel("outflow (l/s per metre)", color=look.QUIET, fontsize=9)
    look.key(axes[0], fontsize=7.5, loc="lower right")
    look.save(made, place.pictures / "validation_flood_rain.png")
