"""Chapter: steady flows over a bump and in a river with friction, one of them with a jump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citymodel.validation.flood_runs import (
    F8,
    FULL,
    NAMES,
    PREVIEW,
    balanced,
    depth,
    furthest,
    middles,
    refinement,
    relative,
    small,
)  # fmt: skip
from citymodel.validation.page import Chapter, Check, Place, picture, table
from kernels.bench.flood_truth import bump, macdonald, macdonald_with_a_jump, over_the_bump
from kernels.flood import Edges, Flood
from kernels.flood_sources import Inflow

TITLE = "Flood: steady flow over a bump and in a river"


@dataclass(frozen=True, slots=True)
class Bump:
    """A flow over the bump of 0.2 m in a channel of 25 m.

    q : m²/s; below : metres of depth held at the end, None for a free fall; start : metres of level at the start
    """

    name: str
    q: float
    below: float | None
    start: float

    def flood(self, cells: int, scheme: str, seconds: float) -> tuple[F8, Flood]:
        """Middles of the cells, and the flow after so long; 200 s make it steady."""
        x, cell = middles(cells, 25.0), 25.0 / cells
        edges = Edges(east="open" if self.below is None else self.below)
        poured = [Inflow([[0, 0]], [0, 1e6], [self.q * cell, self.q * cell])]
        flood = Flood(bump(x)[None], cell, manning=0.0, scheme=scheme, edges=edges, wet=None, sources=poured)
        flood.set_level(self.start)
        flood.advance(seconds)
        return x, flood


BUMPS = (
    Bump("slow all along", 4.42, 2.0, 2.0),
    Bump("slow, then quick", 1.53, None, 0.66),
    Bump("quick, then a jump", 0.18, 0.33, 0.33),
)
BUMP_MOST = {
    "slow all along": {"second-order": 3e-4, "first-order": 1.5e-3},
    "slow, then quick": {"second-order": 1e-3, "first-order": 6e-3},
    "quick, then a jump": {"second-order": 4e-3, "first-order": 8e-3},
}
"""Relative error of depth at 250 cells; bounds of our own."""
RIVERS = {"slow all along": macdonald, "with a jump": macdonald_with_a_jump}
RIVER_MOST = {
    "slow all along": {"second-order": 1e-3, "first-order": 7e-3},
    "with a jump": {"second-order": 5e-3, "first-order": 0.01},
}
"""At cells of 10 m and 2.5 m; bounds of our own."""
LENGTHS = {"slow all along": 1000.0, "with a jump": 500.0}
ROUGH, RIVER_Q = 0.033, 2.0


def river(name: str, cells: int, scheme: str) -> tuple[F8, F8, F8, Flood]:
    """Middles of the cells, bed, exact depth, and the flow after it has come to rest."""
    length = LENGTHS[name]
    x, cell = middles(cells, length), length / cells
    bed, exact = RIVERS[name](x, length)
    end = float(RIVERS[name](np.array([length]), length)[1][0])
    flow = RIVER_Q * cell
    flood = Flood(bed[None], cell, manning=ROUGH, scheme=scheme, edges=Edges(east=end), wet=None,
                  sources=[Inflow([[0, 0]], [0, 1e6], [flow, flow])])  # fmt: skip
    flood.set_depth(exact)
    flood.advance(2.0 * length)
    return x, bed, exact, flood


def chapter(place: Place) -> Chapter:
    """Three bumps and two rivers."""
    text, checks = bumps(place)
    more, beyond = rivers(place)
    return Chapter(TITLE, [*text, *more], [*checks, *beyond])


def bumps(place: Place) -> tuple[list[str], list[Check]]:
    """The three flows of SWASHES over the bump."""
    counts, seconds = ((60,), 100.0) if place.small else ((125, 250), 200.0)
    rows, checks, kept, floods = [], [], {}, []
    for case in BUMPS:
        for scheme in FULL if place.small else (*FULL, PREVIEW):
            row = [f"{case.name}, {NAMES[scheme]}"]
            for n in counts:
                if scheme == PREVIEW and n != counts[0]:
                    row += ["", ""]
                    continue
                x, flood = case.flood(n, scheme, seconds)
                h, exact = depth(flood)[0], over_the_bump(x, case.q, case.below)
                inside = slice(2 * n // 25, n - n // 25 if case.below is None else n - 2 * n // 25)
                error = relative(h[inside], exact[inside])
                run = flood.velocity()[0][0, inside].astype(float) * h[inside]
                row += [small(error), small(float(np.abs(run / case.q - 1).max()))]
                kept[case.name, scheme] = x, h, flood.velocity()[0][0]
                floods.append(flood)
            rows.append(row)
            if scheme in FULL:
                bound = 100 * BUMP_MOST[case.name][scheme] * (6 if place.small else 1)
                checks.append(Check(f"bump, {case.name}, {NAMES[scheme]}, {counts[-1]} cells: error of depth",
                                    100 * error, bound, "%", 3))  # fmt: skip
    checks.append(balanced(floods, "bumps"))
    head = ["bump"]
    for n in counts:
        head += [f"{n} cells: error of depth", "of discharge, largest"]
    text = [
        (
            "Water over a bump of 0.2 m in a channel of 25 m without friction (Delestre et al. 2013): its head stays "
            "(Bernoulli), it is critical on the top where it becomes quick, and jumps where the forces meet. Relative "
            f"L1 error of depth after {seconds:g} s, without the two metres next to an end (one where it falls free); "
            "the discharge beside what is poured in."
        ),
        table(head, rows),
        (
            "The discharge that the cells of a jump report is not the one that crosses their faces, which is exact in "
            "the balance: an old trait of all such schemes, in the few cells at the jump."
        ),
    ]
    if not place.small:
        _draw_bumps(kept, place)
        text.append(picture("validation_flood_bumps.png", "Three flows over a bump"))
    return text, checks


def rivers(place: Place) -> tuple[list[str], list[Check]]:
    """MacDonald's slow river, and one of his construction with a jump."""
    text = [
        (
            "MacDonald's rivers with Manning's friction (n = 0.033, 2 m²/s): a depth is chosen, and the bed that it "
            "needs follows from the equations. The first is the published one of 1,000 m. For the second we chose the "
            "depth ourselves: 500 m, quick from 150 m on, the conjugate depth at 300 m. A run begins with that depth "
            "at rest and goes on for two seconds a metre of river. Relative L1 error of depth:"
        )
    ]
    checks: list[Check] = []
    kept, floods, kinks = {}, [], []
    kinked = 50 if place.small else 100
    for name in RIVERS:
        counts = (50,) if place.small else (50, 100, 200)
        errors: dict[str, dict[int, float]] = {scheme: {} for scheme in (FULL if place.small else (*FULL, PREVIEW))}
        for scheme in errors:
            for n in counts:
                x, bed, exact, flood = river(name, n, scheme)
                h = depth(flood)[0]
                inside = slice(n // 10, n - n // 10)
                errors[scheme][n] = relative(h[inside], exact[inside])
                if scheme in FULL and name == "slow all along" and n == kinked:
                    kinks.append(1000 * furthest(h[inside], exact[inside]))
                kept[name, scheme, n] = x, bed, h
                floods.append(flood)
        text += [f"River, {name}:", refinement(errors, "cells")]
        at = counts[-1] if name == "with a jump" else kinked
        for scheme, most in RIVER_MOST[name].items():
            bound = 100 * most * (3 if place.small else 1)
            checks.append(Check(f"river, {name}, {NAMES[scheme]}, {at} cells: error of depth",
                                100 * errors[scheme][at], bound, "%", 3))  # fmt: skip
    text.append(
        "The tenth at either end is left out: water is poured into the first cell without speed, and the level held at "
        "the end belongs to a bed half a cell lower than the last. The slow river's errors do not fall with the "
        "scheme's order: where water is eight to nine times as deep as the bed falls from cell to cell, a face goes "
        "over from the rule for films on slopes to the one for deep water, and on this river that happens under way. "
        f"It leaves a kink in the depth of 0.75 m: at {kinked} cells the largest error is {kinks[0]:.1f} mm in second "
        f"order and {kinks[1]:.1f} mm in first order. The bowls above show the order where nothing of the kind is in "
        "the way."
    )
    checks.append(balanced(floods, "rivers"))
    if not place.small:
        _draw_rivers(kept, place)
        text.append(picture("validation_flood_rivers.png", "Two rivers whose depth is known"))
    return text, checks


def _draw_bumps(kept: dict[tuple[str, str], tuple[F8, F8, F8]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 2.9, 1, 3)
    for one, case in zip(axes, BUMPS, strict=True):
        x = kept[case.name, FULL[0]][0]
        draw.bed(one, x, bump(x), 0.0)
        draw.truth(one, x, bump(x) + over_the_bump(x, case.q, case.below))
        for scheme in (*FULL, PREVIEW):
            at, h, _ = kept[case.name, scheme]
            draw.model(one, at[1:], (bump(at) + h)[1:], scheme, NAMES[scheme])
        look.quiet(one, "m", "level (m)", case.name)
        one.set_ylim(0, None)
    look.key(axes[2], loc="lower right", fontsize=7.5)
    look.save(made, place.pictures / "validation_flood_bumps.png")


def _draw_rivers(kept: dict[tuple[str, str, int], tuple[F8, F8, F8]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 3.0, 1, 2)
    for one, name in zip(axes, RIVERS, strict=True):
        n = 100 if name != "with a jump" else 200
        x, bed, _ = kept[name, FULL[0], n]
        exact = RIVERS[name](x, LENGTHS[name])[1]
        draw.bed(one, x, bed, min(0.0, float(bed.min())))
        draw.truth(one, x, bed + exact)
        for scheme in (*FULL, PREVIEW):
            draw.model(one, x[2:], (bed + kept[name, scheme, n][2])[2:], scheme, NAMES[scheme])
        look.quiet(one, "m", "level (m)", f"river, {name}, {n} cells")
    look.key(axes[0])
    look.save(made, place.pictures / "validation_flood_rivers.png")
