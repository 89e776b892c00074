"""Chapter: water that swings in a bowl, its shore moving, after three periods."""

from __future__ import annotations

import numpy as np

from citymodel.validation.flood_runs import (
    F8,
    FULL,
    NAMES,
    balanced,
    bounded,
    depth,
    order,
    refinement,
    relative,
)  # fmt: skip
from citymodel.validation.page import Chapter, Check, Place, picture
from kernels.bench.flood_truth import Bowl
from kernels.flood import Flood

TITLE = "Flood: water that swings in a bowl"
KINDS = {"radial": True, "planar": False}
MOST = {"radial": {"second-order": 0.015, "first-order": 0.14}, "planar": {"second-order": 0.02, "first-order": 0.3}}
LEAST = {"second-order": 1.5, "first-order": 0.7}


def swung(cells: int, scheme: str, radial: bool, periods: float = 3.0) -> tuple[Bowl, Flood]:
    """Thacker's bowl after so many periods."""
    bowl = Bowl(cells, radial)
    flood = Flood(bowl.ground, bowl.cell, manning=0.0, scheme=scheme, wet=None)
    flood.set_depth(bowl.depth(0))
    if not radial:
        flood.set_velocity(0.0, np.where(bowl.depth(0) > 0, 0.5 * bowl.omega, 0.0))
    flood.advance(periods * bowl.period)
    return bowl, flood


def chapter(place: Place) -> Chapter:
    """Both of Thacker's bowls."""
    counts = (50, 100) if place.small else (50, 100, 200)
    text: list[str] = [
        (
            "Thacker (1981), as compiled by Delestre et al. (2013): water without friction in a paraboloid, 10 cm deep "
            "and 2 m wide where it would rest, on a square of 4 m, either swells and sinks, or turns as a plane, for "
            "ever; its shore runs up and down the slope all the while. Relative L1 error of depth after three "
            "periods; the bounds are ours:"
        )
    ]
    checks: list[Check] = []
    kept, floods = {}, []
    for kind, radial in KINDS.items():
        errors: dict[str, dict[int, float]] = {scheme: {} for scheme in FULL}
        for scheme in FULL:
            for n in counts:
                bowl, flood = swung(n, scheme, radial)
                errors[scheme][n] = relative(depth(flood), bowl.depth(flood.time))
                kept[kind, scheme] = bowl, depth(flood)
                floods.append(flood)
        text += [f"{kind.capitalize()}:", refinement(errors, "cells a side")]
        if not place.small:
            checks += bounded(f"{kind} bowl", errors, counts[-1], MOST[kind])
        checks += [
            Check(f"{kind} bowl, {NAMES[scheme]}: order of the error", order(errors[scheme]), least, least=True)
            for scheme, least in LEAST.items()
            if scheme == FULL[0] or not place.small  # coarse cells tell no order of the first
        ]  # fmt: skip
    checks.append(balanced(floods, "bowls"))
    if not place.small:
        _draw(kept, place)
        text.append(picture("validation_flood_bowls.png", "Water in the bowls after three periods"))
    return Chapter(TITLE, text, checks)


def _draw(kept: dict[tuple[str, str], tuple[Bowl, F8]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 5.0, 2, 2, gridspec_kw={"width_ratios": [1.7, 1]})
    for row, kind in zip(axes, KINDS, strict=True):
        bowl, _ = kept[kind, FULL[0]]
        x, middle = bowl.x[0], len(bowl.x) // 2
        exact = bowl.depth(3 * bowl.period)
        draw.bed(row[0], x, bowl.ground[middle], -0.11)
        wet = exact[middle] > 0
        draw.truth(row[0], x[wet], (bowl.ground + exact)[middle][wet])
        for scheme in FULL:
            h = kept[kind, scheme][1][middle]
            draw.model(row[0], x, np.where(h > 1e-4, bowl.ground[middle] + h, np.nan), scheme, NAMES[scheme])
        row[0].set_xlim(-1.6, 1.6)
        row[0].set_ylim(-0.11, 0.1)
        look.quiet(row[0], "m", "level (m)", f"{kind}, three periods, {len(x)} cells a side")
        h = kept[kind, FULL[0]][1]
        image = draw.plan(row[1], h, bowl.ground, (-2, 2, -2, 2), 0.15)
        row[1].contour(bowl.x, bowl.y[::-1], exact, [1e-3], colors=[look.ORANGE], linewidths=1.0)
        draw.bar(made, image, row[1], "depth (m)")
    axes[0][1].set_title("second order; orange: exact shore", color=look.INK, fontsize=9, loc="left")
    look.key(axes[0][0], loc="upper center")
    look.save(made, place.pictures / "validation_flood_bowls.png")
