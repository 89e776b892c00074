"""Chapter: a dam breaks over three humps."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False, slots=True)
class Passage:
    """How the wave of a dam break passed the humps.

    front : metres reached after 2 s; covered : per cent of the small humps' cells wet after 6 s; sides : of the big
    hump, passed after 12 s; closed : when all ground around it was wet, in words; fastest : m/s at the end
    seen : depths by the moments drawn; flood : at the end
    """

    front: float
    covered: float
    sides: int
    closed: str
    fastest: float
    seen: dict[float, F8]
    flood: Flood

    def row(self, scheme: str) -> list[str]:
        """Cells of the table."""
        passed = "yes" if self.sides == 2 else "no"
        return [NAMES[scheme], f"{self.front:.0f} m", f"{self.covered:.1f} %", passed, self.closed,
                f"{self.fastest:.3f} m/s"]  # fmt: skip

    def checks(self, scheme: str) -> list[Check]:
        """What the description says, as bounds."""
        name = f"humps, {NAMES[scheme]}"
        return [
            Check(
                f"{name}: front after 2 s, the small humps begin at {FOOT:g} m", self.front, FOOT, "m", 0, least=True
            ),
            Check(f"{name}: cells of the small humps under water after 6 s", self.covered, 100, "%", 1, least=True),
            Check(f"{name}: sides of the big hump passed after 12 s", self.sides, 2, "", 0, least=True),
        ]


def passage(flood: Flood, ground: F8, seconds: float) -> Passage:
    """Run T03's flood to its end and see where it is on the way."""
    x, y = np.arange(75) + 0.5, np.arange(30)[:, None] + 0.5
    around: NDArray[np.bool_] = np.asarray((np.hypot(x - 47.5, y - 15.0) < 13.0) & (ground <= 0))
    seen = {}
    for moment in MOMENTS[:3]:
        flood.advance(moment)
        seen[moment] = depth(flood)
    front = float(x[(seen[2.0] > WET).any(axis=0)].max() + 0.5)
    covered = 100 * float((seen[6.0] > WET)[(ground > 0) & (x < BEYOND)].mean())
    beyond = seen[12.0][:, x > BACK] > WET
    sides = int(beyond[:15].any()) + int(beyond[15:].any())
    closed = _closed(flood, around)
    seen[MOMENTS[-1]] = depth(flood)
    flood.advance(seconds)
    fastest = float(np.hypot(*flood.velocity())[depth(flood) > WET].max())
    return Passage(front, covered, sides, closed, fastest, seen, flood)


def over_humps(path: Path, place: Place) -> tuple[list[str], list[Check]]:
    """T03 beside what its description says, and T02's thin film."""
    ground = np.loadtxt(path / "T03" / "humps.dem", skiprows=6)
    end = 60.0 if place.small else 300.0
    found = {
        scheme: passage(humps(path, "T03", "humps_db_orig.wd", 0.018, scheme), ground, end)
        for scheme in (*FULL, PREVIEW)
    }
    film = humps(path, "T02", "humps_db.wd", 0.04, FULL[0])
    film.advance(60.0 if place.small else 600.0)
    spike = float(np.nanmax(film.record().speed))
    checks = [check for scheme in FULL for check in found[scheme].checks(scheme)]
    checks.append(balanced([*(one.flood for one in found.values()), film], "humps"))
    checks.append(Check("humps under a film of 1.5 mm: greatest speed seen", spike, 2.0, "m/s"))
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
               "all ground around it wet", f"greatest speed after {end:g} s"),
              [one.row(scheme) for scheme, one in found.items()]),
        (
            "The same with 8.75 cm of water over a film of 1.5 mm that lies on the humps too (T02, n = 0.04, "
            f"{film.time:g} s): it runs off the slopes without a spike of speed; the greatest anywhere was "
            f"{spike:.2f} m/s."
        ),
    ]  # fmt: skip
    if not place.small:
        _draw(ground, {scheme: one.seen for scheme, one in found.items()}, place)
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
