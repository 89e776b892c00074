"""Chapter: a dam breaks over three humps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced, depth
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from kernels.flood import Flood

TITLE = "Flood: over three humps"
MOMENTS = (2.0, 6.0, 12.0, 30.0)
WET, FOOT, BEYOND, BACK = 0.01, 22.0, 37.0, 57.5
"""Metres of depth that count as wet; where the small humps begin; where the big one begins and ends."""


def humps(path: Path, case: str, water: str, manning: float, scheme: str) -> Flood:
    """The dam at 16 m over the humps of 75 × 30 m, cells of 1 m."""
    ground = np.loadtxt(path / case / "humps.dem", skiprows=6)
    flood = Flood(ground, 1.0, manning=manning, scheme=scheme, wet=WET)
    flood.set_depth(np.loadtxt(path / case / water, skiprows=6))
    return flood


def chapter(place: Place) -> Chapter:
    """LISFLOOD-FP's T02 and T03."""
    path = place.files("flood", "three_humps")
    if path is None:
        return absent(TITLE, "the three humps were not on this machine")
    return Chapter(TITLE, *over_humps(path, place))


def over_humps(path: Path, place: Place) -> tuple[list[str], list[Check]]:
    """T03 beside what its description says, and T02's thin film."""
    ground = np.loadtxt(path / "T03" / "humps.dem", skiprows=6)
    x = np.arange(75) + 0.5
    low = (ground > 0) & (x < BEYOND)
    y = np.arange(30)[:, None] + 0.5
    near = np.asarray(np.hypot(x - 47.5, y - 15.0) < 13.0)
    ring: NDArray[np.bool_] = np.asarray(near & (ground <= 0))
    rows, checks, drawn, floods = [], [], {}, []
    for scheme in (*FULL, PREVIEW):
        flood = humps(path, "T03", "humps_db_orig.wd", 0.018, scheme)
        seen = {}
        for moment in MOMENTS[:3]:
            flood.advance(moment)
            seen[moment] = depth(flood)
        drawn[scheme] = seen
        front = float(x[(seen[2.0] > WET).any(axis=0)].max() + 0.5)
        covered = 100 * float((seen[6.0] > WET)[low].mean())
        beyond: NDArray[np.bool_] = np.asarray(seen[12.0][:, x > BACK] > WET).max(axis=1)
        sides = float(min(beyond[:15].any(), beyond[15:].any()))
        closed = _closed(flood, ring)
        seen[MOMENTS[-1]] = depth(flood)
        flood.advance(60.0 if place.small else 300.0)
        fastest = float(np.hypot(*flood.velocity())[depth(flood) > WET].max())
        rows.append(
            [
                NAMES[scheme],
                f"{front:.0f} m",
                f"{covered:.1f} %",
                "yes" if sides else "no",
                closed,
                f"{fastest:.3f} m/s",
            ]
        )
        floods.append(flood)
        if scheme in FULL:
            checks += [
                Check(f"humps, {NAMES[scheme]}: front after 2 s, the small humps begin at {FOOT:g} m", front, FOOT,
                      "m", 0, least=True),
                Check(f"humps, {NAMES[scheme]}: cells of the small humps under water after 6 s", covered, 100, "%", 1,
                      least=True),
                Check(f"humps, {NAMES[scheme]}: sides of the big hump passed after 12 s", 2 * sides, 2, "", 0,
                      least=True),
            ]  # fmt: skip
    film = humps(path, "T02", "humps_db.wd", 0.04, FULL[0])
    film.advance(60.0 if place.small else 600.0)
    floods.append(film)
    checks.append(balanced(floods, "humps"))
    checks.append(Check("humps under a film of 1.5 mm: greatest speed seen", float(np.nanmax(film.record().speed)), 2.0,
                        "m/s"))  # fmt: skip
    text = [
        (
            "A dam at 16 m breaks over a dry bed of 75 × 30 m with three humps, 1.875 m of water, n = 0.018 (T03 of "
            "LISFLOOD-FP's tests, humps of Liang & Borthwick 2009; the file's grid, cells of 1 m). Its description "
            "says when: the two small humps are reached by 2 s and submerged by 6 s, the big one is surrounded by "
            "12 s, and all is quiet after 300 s. It gives no depths, so none were compared. Water runs past the big "
            "hump on both sides in time; the strip in its lee is wet some seconds later, see the last but one column. "
            "What still moves at the end is in the last one: little, and not nothing."
        ),
        table(("scheme", "front after 2 s", "small humps wet after 6 s", "big one passed on both sides after 12 s",
               "all ground around it wet",
               f"greatest speed after {floods[0].time:g} s"), rows),
        (
            "The same with 8.75 cm of water over a film of 1.5 mm that lies on the humps too (T02, n = 0.04, "
            f"{film.time:g} s): it runs off the slopes without a spike of speed; the greatest anywhere was "
            f"{float(np.nanmax(film.record().speed)):.2f} m/s."
        ),
    ]  # fmt: skip
    if not place.small:
        _draw(ground, drawn, place)
        text.append(picture("validation_flood_humps.png", "The dam break over three humps at four times"))
    return text, checks


def _closed(flood: Flood, ring: NDArray[np.bool_]) -> str:
    """Second at which all ground around the big hump is wet; carries the flood to the last moment drawn."""
    found = ""
    while flood.time < MOMENTS[-1]:
        flood.advance(flood.time + 1.0)
        if not found and (depth(flood)[ring] > WET).all():
            found = f"{flood.time:.0f} s"
    return found or f"not by {flood.time:.0f} s"


def _draw(ground: F8, drawn: dict[str, dict[float, F8]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 6.4, 4, 2, sharex=True, sharey=True)
    for row, moment in zip(axes, MOMENTS, strict=True):
        for one, scheme in zip(row, (FULL[0], PREVIEW), strict=True):
            image = draw.plan(one, drawn[scheme][moment], ground, (0, 75, 0, 30), 1.5, WET)
            one.contour(np.arange(75) + 0.5, 29.5 - np.arange(30), ground, [0.01, 0.5, 1, 1.5, 2, 2.5],
                        colors=[look.QUIET], linewidths=0.5)  # fmt: skip
            one.set_title(f"{NAMES[scheme]}, {moment:g} s", color=look.INK, fontsize=9, loc="left")
    for one in axes[-1]:
        one.set_xlabel("m", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, axes, "depth (m); lines: ground by 0.5 m", shrink=0.5)
    look.save(made, place.pictures / "validation_flood_humps.png")
