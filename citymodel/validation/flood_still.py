"""Chapter: a lake with islands stays still, and every unit of water is accounted for."""

from __future__ import annotations

import numpy as np

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced, depth, small
from citymodel.validation.page import Chapter, Check, Place, table
from kernels.flood import Edges, Flood
from kernels.flood_sources import Culverts, GreenAmpt, Inflow, Link, Rain, Sewer

TITLE = "Flood: a lake at rest, and where every cubic metre went"
STEPS = 40_000
LEVEL = 1250.4
HOUR = 3600.0
SIZE, CELL = (40, 50), (4.0, 6.0)
"""Rows and columns, and metres of a cell, of the case with everything in it."""


def islands(rows: int, cols: int) -> F8:
    """A seeded rough bed far above the datum, metres: hills of 2 m with 0.3 m of noise."""
    rng = np.random.default_rng(11)
    y, x = np.mgrid[0:rows, 0:cols]
    return np.asarray(1250.0 + np.sin(x / 7) + np.cos(y / 5) + 0.3 * rng.random((rows, cols)))


def at_rest(ground: F8, level: float, scheme: str, steps: int, cell: float = 2.0) -> tuple[float, float, float, int]:
    """Largest speed seen, m/s; largest change of a depth and drift of the mean level, metres; steps taken."""
    flood = Flood(ground, cell, manning=0.03, scheme=scheme, wet=None)
    flood.set_level(level)
    before, fastest = depth(flood), 0.0
    while flood.steps < steps:
        flood.advance(flood.time + 500.0)
        fastest = max(fastest, *(float(np.abs(one).max()) for one in flood.velocity()))
    after = depth(flood)
    wet = before > 0
    return fastest, float(np.abs(after - before).max()), float((after - before)[wet].mean()), flood.steps


def everything(scheme: str, seconds: float) -> Flood:
    """Rain, an inflow, soil, a sewer, a culvert, buildings, a tide and a free edge on rough ground."""
    ground = islands(*SIZE) - 1210.0
    blocked = np.zeros(ground.shape, np.bool_)
    blocked[16:28, 12:25] = True
    sources = [
        Rain([0.0, 900.0, 1800.0], [80.0, 30.0, 0.0]),
        Inflow([[5, 5], [6, 5], [7, 5]], [0.0, 600.0, 3600.0], [0.0, 20.0, 5.0]),
        GreenAmpt([5.0, 20.0], 0.1, 0.3, zones=(ground > 40.0).astype(int)),
        Sewer(20.0),
        Culverts([Link((15, 20), (28, 20), 1.0, 39.0)]),
    ]
    edges = Edges(east="open", north=40.2, south=([0.0, 3600.0], [40.0, 40.6]))
    flood = Flood(ground, CELL, blocked=blocked, scheme=scheme, edges=edges, sources=sources, wet=None)
    flood.set_level(40.1)
    flood.advance(seconds)
    return flood


def chapter(place: Place) -> Chapter:
    """A lake, the three humps' lake where the data is there, and a case with everything in it."""
    steps = 500 if place.small else STEPS
    ground = islands(32, 40)
    rows, fastest, moved = [], 0.0, 0.0
    for scheme in (*FULL, PREVIEW):
        speed, change, drift, taken = at_rest(ground, LEVEL, scheme, steps)
        rows.append([f"islands, {NAMES[scheme]}", f"{taken:,}", f"{small(speed)} m/s", f"{small(change)} m",
                     f"{small(drift)} m"])  # fmt: skip
        fastest, moved = max(fastest, speed), max(moved, change)
    path = place.files("flood", "three_humps", "T01")
    if path is not None:
        humps = np.loadtxt(path / "humps.dem", skiprows=6)
        for scheme in (*FULL, PREVIEW):
            speed, change, drift, taken = at_rest(humps, 0.875, scheme, steps // 10, 1.0)
            rows.append([f"three humps, {NAMES[scheme]}", f"{taken:,}", f"{small(speed)} m/s", f"{small(change)} m",
                         f"{small(drift)} m"])  # fmt: skip
            fastest, moved = max(fastest, speed), max(moved, change)
    text = [
        (
            f"A seeded rough bed of 32 × 40 cells of 2 m around 1,250 m above the datum, with water up to "
            f"{LEVEL:g} m: {100 * float((ground < LEVEL).mean()):.0f} % of it is lake, the rest islands with ragged "
            "shores. Nothing may move. Depth is kept in whole units of 2⁻²⁴ m (60 nm) and ground in steps that make "
            "differences of levels exact, so that still water is still to the last bit and not only nearly."
            + (
                " The three humps' lake (T01 of LISFLOOD-FP's tests) ends just below the two small ones' tops."
                if path is not None
                else " The three humps' lake (T01 of LISFLOOD-FP's tests) was not on this machine."
            )
        ),
        table(("lake", "steps", "largest speed", "largest change of a depth", "drift of the level"), rows),
    ]
    floods = {scheme: everything(scheme, HOUR / 12 if place.small else HOUR) for scheme in (*FULL, PREVIEW)}
    text += [
        (
            "All that brings or takes water, on rough ground with buildings: a storm with runoff from roofs, a "
            "hydrograph, Green–Ampt soil of two kinds, a sewer, a culvert under a building, a fixed level in the "
            f"north, a rising one in the south, a free edge in the east; {floods[FULL[0]].time / 60:.0f} min. What "
            "leaves a cell enters the next in whole units, so the balance is a sum of whole numbers; what a culvert "
            "takes in at one end it gives back at the other:"
        ),
        table(("m³", *(NAMES[scheme] for scheme in floods)), _accounts(floods)),
        ("The rain and the hydrograph are known beforehand: their volumes by the series are checked below."),
    ]
    rained, poured = _forced(floods)
    checks = [
        Check("largest speed of a lake at rest", fastest, 0.0, "m/s", 6),
        Check("largest change of a depth in it", moved, 0.0, "m", 9),
        balanced(list(floods.values()), "everything at once, all schemes"),
        Check("its rain against the series", rained, 1e-5, "", 6),
        Check("its hydrograph against the series", poured, 1e-6, "", 9),
    ]
    return Chapter(TITLE, text, checks)


def _accounts(floods: dict[str, Flood]) -> list[list[str]]:
    """A line for each entry of the balances."""
    found = [one.balance() for one in floods.values()]
    lines = [("at the start", [one.start for one in found])]
    lines += [(name, [one.sources[name] for one in found]) for name in found[0].sources]
    lines += [(f"{side} edge", [one.sides[side] for one in found]) for side in found[0].sides]
    lines += [("taken beyond what a cell held", [one.owed for one in found])]
    lines += [("stored at the end", [one.stored for one in found]), ("counted nowhere", [one.error for one in found])]
    return [[name, *(f"{value:,.3f}".replace("-", "−") for value in values)] for name, values in lines]


def _forced(floods: dict[str, Flood]) -> tuple[float, float]:
    """Largest relative error of the rain's and the hydrograph's volume."""
    rained = poured = 0.0
    for flood in floods.values():
        seconds, sources = flood.time, flood.balance().sources
        rain = (
            (80 * min(seconds, 900) + 30 * max(min(seconds, 1800) - 900, 0))
            / 3.6e6
            * SIZE[0]
            * SIZE[1]
            * CELL[0]
            * CELL[1]
        )
        late = max(seconds - 600, 0)
        flow = 20.0 * min(seconds, 600) ** 2 / 1200 + 20.0 * late - 0.5 * (15.0 / 3000) * late**2
        rained = max(rained, abs(sources["rain"] / rain - 1))
        poured = max(poured, abs(sources["inflow"] / flow - 1))
    return rained, poured
