"""Chapter: water over a wall and through a notch, against critical flow on a broad crest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced, depth, middles, small
from citymodel.validation.page import Chapter, Check, Place, table
from kernels.flood import GRAVITY, Edges, Flood
from kernels.flood_sources import Inflow

TITLE = "Flood: over a wall, and through a notch"
HIGH, THICK, HEAD = 1.0, 4.0, 0.3
"""Metres of the wall, and of head over it by theory."""
FLANKS = (0, 2, 4)
"""How far the wall's sides run out for each metre of height; 0: upright."""
CREST = 4.0
"""Per cent of the discharge at equal head; a bound of our own for the full schemes."""
PREVIEWED = 5.0
"""The same for the preview, over the upright wall alone."""
NOTCH = 10.0
"""The same through the notch, whose corners narrow what passes."""
DROWNED, LEE = 1.25, 1.0
"""Metres held behind a drowned wall; centimetres of the level before it, a bound of our own."""


def over(scheme: str, flank: float) -> tuple[float, Flood]:
    """Head that the model needs to pass what critical flow passes at 0.3 m, and the flood once it is steady."""
    x = middles(60, 60.0)
    away = np.maximum(np.abs(x - 40.0) - THICK / 2, 0)
    bed = np.where(away <= 0, HIGH, np.maximum(HIGH - away / flank, 0) if flank else 0.0)
    q = (2 / 3) ** 1.5 * float(np.sqrt(GRAVITY)) * HEAD**1.5
    poured = Inflow([[0, k] for k in range(5)], [0, 1e6], [q, q])
    flood = Flood(bed[None], 1.0, manning=0.0, scheme=scheme, edges=Edges(east="open"), sources=[poured], wet=None)
    flood.set_depth(np.where(x < 40.0, np.maximum(HIGH + HEAD - bed, 0), 0.0)[None])
    flood.advance(200.0)
    h = depth(flood)[0, 8]
    return float(h + (q / h) ** 2 / (2 * GRAVITY) - HIGH), flood


def drowned(scheme: str) -> float:
    """Level before the wall, metres, where the water behind it is held above its crest."""
    ground = np.zeros((1, 40))
    ground[0, 20:24] = HIGH
    q = (2 / 3) ** 1.5 * float(np.sqrt(GRAVITY)) * HEAD**1.5
    poured = Inflow([[0, k] for k in range(4)], [0, 1e6], [q, q])
    edges = Edges(east=DROWNED)
    flood = Flood(ground, 1.0, manning=0.0, scheme=scheme, edges=edges, sources=[poured], wet=None)
    flood.set_level(DROWNED)
    flood.advance(200.0)
    return float(np.asarray(flood.level())[0, 10])


def before_a_drowned_wall() -> float:
    """The level that momentum over its lee and head over its crest ask for before it, metres."""
    q = (2 / 3) ** 1.5 * float(np.sqrt(GRAVITY)) * HEAD**1.5

    def force(crest: float, tail: float) -> float:
        """Momentum with `crest` over the wall and that level's pressure on its lee, less that of the tail water."""
        return float(q * q / crest + GRAVITY / 2 * (crest + HIGH) ** 2 - q * q / tail - GRAVITY / 2 * tail**2)

    critical = float(np.cbrt(q * q / GRAVITY))
    crest = float(brentq(force, critical, DROWNED - HIGH, args=(DROWNED,)))
    head = crest + (q / crest) ** 2 / (2 * GRAVITY) + HIGH
    return float(brentq(lambda level: level + (q / level) ** 2 / (2 * GRAVITY) - head, HIGH, head))


def chapter(place: Place) -> Chapter:
    """A wall of three shapes, and TRITON's lakes."""
    rows, floods, worst = [], [], {FULL: 0.0, PREVIEW: 0.0}
    for flank in FLANKS:
        for scheme in (*FULL, PREVIEW):
            head, flood = over(scheme, flank)
            off = 100 * ((HEAD / head) ** 1.5 - 1)
            shape = f"sides of 1:{flank}" if flank else "upright"
            shown = f"{round(off, 1) + 0.0:+.1f} %".replace("-", "−")  # + 0.0: never a zero below zero
            rows.append([f"{shape}, {NAMES[scheme]}", f"{head:.3f} m", shown])
            floods.append(flood)
            if scheme in FULL or not flank:
                group = FULL if scheme in FULL else PREVIEW
                worst[group] = max(worst[group], abs(off))
    asked, made = before_a_drowned_wall(), [drowned(scheme) for scheme in FULL]
    text = [
        (
            f"A wall {HIGH:g} m high with a crest of {THICK:g} m, cells of 1 m, no friction, free fall behind: "
            f"critical flow on the crest passes (2/3)^1.5·√g·H^1.5, so a head of {HEAD:g} m is needed for "
            "what is poured in. The head that the model needs, and what it would pass at the same head:"
        ),
        table(("wall", "head needed", "discharge at equal head"), rows),
        (
            "Water that steps up onto a sill keeps its discharge and its head there, as steady water does; a plain "
            "hydrostatic reconstruction keeps its speed instead and passes 30 to 40 % less. The crest is that of an "
            "ideal broad sill: a sharp one passes up to 8 % more, a rough or rounded one differs as tables of weirs "
            "say. The preview keeps to "
            "critical flow where the sill is as high as the water over it, and passes too much over gentler sides."
        ),
        (
            f"Behind a drowned wall the jet from its crest keeps its momentum and loses head. With {DROWNED:g} m held "
            f"behind a crest of {HIGH:g} m and the same discharge, momentum over the lee and head over the crest "
            f"ask for {asked:.3f} m before it; the model makes {made[0]:.3f} m at second and {made[1]:.3f} m at first "
            "order."
        ),
    ]
    checks = [
        Check("over a wall of any shape, full schemes: discharge at equal head", worst[FULL], CREST, "%", 1),
        Check("over the upright wall, preview: discharge at equal head", worst[PREVIEW], PREVIEWED, "%", 1),
        Check("drowned wall, full schemes: level before it", 100 * max(abs(one - asked) for one in made), LEE, "cm", 1),
        balanced(floods, "wall"),
    ]
    path = place.files("flood", "triton_paraboloid400")
    if path is None or place.small:
        return Chapter(TITLE, text, checks)
    more, beyond = through_a_notch(path)
    return Chapter(TITLE, [*text, *more], [*checks, *beyond])


def through_a_notch(path: Path) -> tuple[list[str], list[Check]]:
    """Two lakes of 10 and 5 m, a wall 4 m thick between them with a notch 3 m wide and 2 m deep."""
    part = slice(149, 250), slice(0, 200)
    ground = np.loadtxt(path / "case400.dem", skiprows=6)[part]
    start = np.loadtxt(path / "case400.inith")[part]
    seconds, west = 300.0, int(np.argmax(ground[0] > 0))
    area, width, sill = float(west * ground.shape[0]), 3.0, 8.0

    def falls(_: float, level: F8) -> F8:
        """Level of the west lake under critical flow through the notch."""
        return np.asarray(-((2 / 3) ** 1.5) * np.sqrt(GRAVITY) * width * np.maximum(level - sill, 0) ** 1.5 / area)

    ideal = (10.0 - float(solve_ivp(falls, (0, seconds), [10.0], rtol=1e-8).y[0, -1])) * area
    rows, checks, floods = [], [], []
    for scheme in (*FULL, PREVIEW):
        flood = Flood(ground, 1.0, manning=0.0, scheme=scheme, wet=None)
        flood.set_depth(start)
        flood.advance(seconds)
        h = depth(flood)
        passed = float(start[:, :west].sum() - h[:, :west].sum())
        skew = float(np.abs(h - h[::-1]).max())
        off = 100 * (passed / ideal - 1)
        rows.append([NAMES[scheme], f"{passed:,.0f} m³", f"{off:+.1f} %".replace("-", "−"), f"{small(skew)} m"])
        floods.append(flood)
        checks.append(
            Check(f"through the notch, {NAMES[scheme]}: against the ideal sill", off, NOTCH, "%", 1, signed=True)
        )
    checks.append(balanced(floods, "notch"))
    text = [
        (
            "TRITON's case400 (its name speaks of a paraboloid; its raster holds two lakes, 10 m and 5 m deep, "
            "and a wall 10 m high and 4 m thick with a notch of 3 m × 2 m, three cells wide; no friction), its middle "
            "101 × 200 m. No result comes with it. A broad sill passes (2/3)^1.5·√g·b·H^1.5 without losses, and the "
            f"upper lake sinks by what passes: {ideal:,.0f} m³ in {seconds / 60:.0f} min. Water that comes round the "
            "notch's corners from the side passes less than that."
        ),
        table(("scheme", "passed", "against the ideal sill", "largest difference north and south of it"), rows),
    ]
    return text, checks
