"""Chapter: dams that break on dry and on wet ground, along a line and all round."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from citymodel.validation.flood_runs import (
    F8,
    FULL,
    NAMES,
    PREVIEW,
    balanced,
    bounded,
    depth,
    middles,
    order,
    refinement,
    relative,
    small,
)  # fmt: skip
from citymodel.validation.page import Chapter, Check, Place, picture, table
from kernels.bench.flood_truth import dam_break
from kernels.flood import Flood

TITLE = "Flood: dam breaks"
LENGTH, TIME, LEFT, DAM = 10.0, 6.0, 0.005, 5.0
BEDS = {"Ritter, dry bed": 0.0, "Stoker, wet bed": 0.001}
MOST = {"Ritter, dry bed": {"second-order": 4e-3, "first-order": 9e-3},
        "Stoker, wet bed": {"second-order": 3e-3, "first-order": 7e-3}}  # fmt: skip
RADIUS, WIDE, ROUND_TIME = 50.0, 100.0, 2.0
ROUND = {"dry": 0.0, "wet": 1.0}
ROUND_MOST = {"second-order": 0.01, "first-order": 0.03}
"""Relative error of depth at cells of 0.5 m; bounds of our own."""


def along(cells: int, scheme: str, right: float) -> tuple[F8, F8, Flood]:
    """Middles of the cells and depths of a dam break along a line."""
    x = middles(cells, LENGTH)
    flood = Flood(np.zeros((2, cells)), LENGTH / cells, manning=0.0, scheme=scheme, wet=None)
    flood.set_depth(np.where(x < DAM, LEFT, right))
    flood.advance(TIME)
    return x, depth(flood)[0], flood


def reference(path: Path, bed: str) -> tuple[F8, F8]:
    """Radius and depth of the fine axisymmetric solution at 2 s."""
    rows = np.loadtxt(path / f"radial_dam_break_{bed}" / "Ver_numerical_2.000000.csv", delimiter=",")
    return rows[:, 0], rows[:, 1] - rows[:, 3]


def around(cells: int, scheme: str, outside: float) -> tuple[F8, F8, Flood]:
    """A quarter of the round dam, its walls the planes of symmetry: radius and depth of each cell."""
    cell = WIDE / cells
    x, y = np.meshgrid(middles(cells, WIDE), middles(cells, WIDE)[::-1])
    # The share of a cell inside the dam, so that a round wall is no staircase.
    parts = (np.arange(8) + 0.5) / 8 * cell - cell / 2
    inside = np.mean([np.hypot(x + a, y + b) < RADIUS for a in parts for b in parts], axis=0)
    flood = Flood(np.zeros((cells, cells)), cell, manning=0.0, scheme=scheme, wet=None)
    flood.set_depth(outside + (10.0 - outside) * inside)
    flood.advance(ROUND_TIME)
    return np.hypot(x, y), depth(flood), flood


def chapter(place: Place) -> Chapter:
    """Ritter, Stoker, and the round dam."""
    counts = (100, 200, 400) if place.small else (100, 200, 400, 800)
    checks: list[Check] = []
    text: list[str] = [
        (
            "A dam of 5 mm breaks along a line without friction, on dry ground (Ritter 1892) and on 1 mm of water "
            "(Stoker 1957), as compiled by Delestre et al. (2013, SWASHES); relative L1 error of depth after 6 s over "
            "10 m. A front and a shock are sharper than any cell, so errors fall with about the first power of the "
            "cell's size at best."
        )
    ]
    for name, right in BEDS.items():
        found = {s: {n: along(n, s, right) for n in counts} for s in (*FULL, PREVIEW)}
        errors = {
            s: {n: relative(h, dam_break(x, TIME, right, LEFT, DAM)) for n, (x, h, _) in by.items()}
            for s, by in found.items()
        }
        text += [f"{name}:", refinement(errors, "cells")]
        checks += bounded(name, errors, 400, MOST[name])
        checks.append(Check(f"{name}, second order: order of the error", order(errors[FULL[0]]), 0.75, least=True))
        checks.append(balanced([one[2] for by in found.values() for one in by.values()], name))
        if not place.small:
            _draw(name, right, found, place)
            text.append(picture(_file(name), f"Depth after a dam break, {name}"))
    text.append(
        "The preview leaves out the advection of momentum: its water does not come nearer to the solution as cells "
        "get smaller. It is meant for slow floods on wide plains, and each of its results names it."
    )
    path = place.files("flood", "radial_dam_break")
    if path is None:
        return Chapter(TITLE, [*text, "The round dam's reference was not on this machine."], checks)
    more, beyond = all_round(path, place)
    return Chapter(TITLE, [*text, *more], [*checks, *beyond])


def all_round(path: Path, place: Place) -> tuple[list[str], list[Check]]:
    """A column of water of 10 m falls apart over dry ground and over 1 m of water."""
    counts = (50, 100) if place.small else (50, 100, 200)
    rows, checks, kept, floods = [], [], {}, []
    for bed, outside in ROUND.items():
        radius, right = reference(path, bed)
        for scheme in FULL:
            errors = {}
            for n in counts:
                r, h, flood = around(n, scheme, outside)
                near = r < WIDE
                errors[n] = relative(h[near], np.interp(r[near], radius, right))
                kept[bed, scheme] = r, h, radius, right
                floods.append(flood)
            rows.append([f"{bed}, {NAMES[scheme]}", *(small(one) for one in errors.values()), f"{order(errors):.2f}"])
            bound = 100 * ROUND_MOST[scheme] * (2.0 if place.small else 1.0)
            checks.append(Check(f"round dam, {bed}, {NAMES[scheme]}, {WIDE / counts[-1]:g} m: error of depth",
                                100 * errors[counts[-1]], bound, "%", 3))  # fmt: skip
    checks.append(Check("round dam: largest difference of the quarter from its mirror image", _mirrored(kept),
                        1e-6, "m", 7))  # fmt: skip
    checks.append(balanced(floods, "round dam"))
    text = [
        (
            "A round column of water, 10 m high and 50 m in radius, falls apart over dry ground and over 1 m of "
            "water. The reference is a fine solution of the equations along the radius (2,000 points over 100 m, as "
            "distributed with ANUGA's validation tests). The raster is a quarter of the plane, and knows the round "
            "wall by the share of each cell inside it. Relative L1 error of depth after 2 s:"
        ),
        table(("round dam", *(f"cells of {WIDE / n:g} m" for n in counts), "order"), rows),
    ]
    if not place.small:
        _draw_round(kept, place)
        text.append(picture("validation_flood_round.png", "A round dam after two seconds, along the radius and above"))
    return text, checks


def _mirrored(kept: dict[tuple[str, str], tuple[F8, F8, F8, F8]]) -> float:
    """The quarter mirrored in its diagonal is itself."""
    return max(float(np.abs(h - h[::-1, ::-1].T).max()) for _, h, _, _ in kept.values())


def _file(name: str) -> str:
    return f"validation_flood_{name.split(',')[0].lower()}.png"


def _draw(name: str, right: float, found: dict[str, dict[int, tuple[F8, F8, Flood]]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 2.9, 1, 2, gridspec_kw={"width_ratios": [2, 1]})
    fine = np.linspace(0, LENGTH, 4001)
    for one in axes:
        draw.truth(one, fine, 1000 * dam_break(fine, TIME, right, LEFT, DAM))
        for scheme, by in found.items():
            x, h, _ = by[200]
            draw.model(one, x, 1000 * h, scheme, NAMES[scheme])
        look.quiet(one, "distance (m)", "depth (mm)")
    axes[0].set_title(f"{name}, after {TIME:g} s, 200 cells", color=look.INK, fontsize=10, loc="left")
    look.key(axes[0])
    low, high = (5.4, 7.8) if right == 0 else (5.6, 6.4)
    axes[1].set_xlim(low, high)
    near = 1000 * dam_break(np.array([low]), TIME, right, LEFT, DAM)[0]
    axes[1].set_ylim(-0.05, near * 1.15)
    axes[1].set_title("the front" if right == 0 else "the shock", color=look.INK, fontsize=10, loc="left")
    look.save(made, place.pictures / _file(name))


def _draw_round(kept: dict[tuple[str, str], tuple[F8, F8, F8, F8]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 5.4, 2, 2, gridspec_kw={"width_ratios": [1.5, 1]})
    for row, bed in zip(axes, ROUND, strict=True):
        for scheme in FULL:
            r, h, radius, right = kept[bed, scheme]
            if scheme == FULL[0]:
                draw.truth(row[0], radius, right, "fine solution along the radius")
            row[0].plot(r[-1], h[-1], draw.LINES[scheme], color=draw.COLOURS[scheme], linewidth=1.4,
                        label=f"{NAMES[scheme]}, along the axis")  # fmt: skip
        r, h, _, _ = kept[bed, FULL[0]]
        slant = np.diag(np.fliplr(r))
        row[0].plot(slant, np.diag(np.fliplr(h)), ".", color=look.GREEN, markersize=3, label="second order, diagonal")
        row[0].set_xlim(0, WIDE)
        look.quiet(row[0], "radius (m)", "depth (m)", f"{bed} ground, 2 s, cells of 0.5 m")
        whole = np.block([[np.fliplr(h), h], [np.flipud(np.fliplr(h)), np.flipud(h)]])
        box = (-WIDE, WIDE, -WIDE, WIDE)
        image = draw.plan(row[1], whole, np.zeros(whole.shape), box, 10.0)
        draw.bar(made, image, row[1], "depth (m)")
        row[1].set_xlabel("m", color=look.QUIET, fontsize=8.5)
    look.key(axes[0][0])
    look.save(made, place.pictures / "validation_flood_round.png")
