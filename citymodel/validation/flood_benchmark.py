"""Chapter: tests 1 to 4 of the UK Environment Agency's benchmark, by what their description demands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from citymodel.validation.flood_agency import HOUR, Hollows, Obstruction, Plain, Pond, brims
from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced, depth, middles
from citymodel.validation.page import Chapter, Check, Place, picture, table

TITLE = "Flood: the UK Environment Agency's tests 1 to 4, after their description"
ALL = (*FULL, PREVIEW)


def chapter(place: Place) -> Chapter:
    """Each test with its verdict; a picture of all four."""
    drawn: dict[Any, Any] = {}
    text: list[str] = [
        (
            "Néelz & Pender (2013, SC120002) describe ten tests; the Agency's files hold their terrains and series. "
            "Only test 5's are here. Tests 1 to 4 are rebuilt from the published description: size, cells, slopes, "
            "roughness, peaks and the demand in words are the report's. **The exact profiles, the shape of the "
            "hollows, and the course of the inflows between the stated peak and duration are ours; we could not check "
            "them against the files, so no curve of the report is compared.** Verdicts are by the words alone."
        )
    ]
    checks: list[Check] = []
    for test in (pond, hollows, obstruction, plain):
        more, beyond = test(place, drawn)
        text += more
        checks += beyond
    if not place.small:
        _draw(drawn, place)
        text.append(picture("validation_flood_agency.png", "The four tests"))
    return Chapter(TITLE, text, checks)


def pond(place: Place, drawn: dict[Any, Any]) -> tuple[list[str], list[Check]]:
    """Test 1."""
    case = Pond()
    rows, checks, floods = [], [], []
    for scheme in (FULL[0], PREVIEW) if not place.small else (PREVIEW,):
        times, levels, flood = case.run(scheme)
        high = levels[np.argmin(np.abs(times - 10.9 * HOUR))]
        end = levels[-1]
        rows.append([NAMES[scheme], *(f"{one:.3f} m" for one in (*high, *end))])
        floods.append(flood)
        drawn["pond", scheme] = times / HOUR, levels
        checks += [
            Check(f"test 1, {NAMES[scheme]}: level of the pond after 10.9 h less {case.hold:g} m",
                  float(np.abs(high - case.hold).max()), 0.005, "m", 4),
            Check(f"test 1, {NAMES[scheme]}: level of the pond at the end less the sill's {case.sill:g} m",
                  float(np.abs(end - case.sill).max()), 0.02, "m", 4),
        ]  # fmt: skip
    checks.append(balanced(floods, "test 1"))
    text = [
        (
            "Test 1, flooding a disconnected water body (700 × 100 m, 10 m, n = 0.03, 20 h): a level held at one end "
            "rises from 9.70 to 10.35 m and floods the pond behind a sill; it sinks again and the pond must stay at "
            "the sill, 10.25 m. Ours: the bed between the stated heights; an hour each for rise and fall."
        ),
        table(("scheme", "405 m, 10.9 h", "605 m, 10.9 h", "405 m, 20 h", "605 m, 20 h"), rows),
    ]
    return text, checks


def hollows(place: Place, drawn: dict[Any, Any]) -> tuple[list[str], list[Check]]:
    """Test 2."""
    case = Hollows(40, 3.0) if place.small else Hollows()
    bed, brim = case.bed(), brims(case.bed())
    rows, checks, floods, ends = [], [], [], {}
    for scheme in ALL if not place.small else (FULL[1],):
        flood = case.run(scheme)
        h = depth(flood)
        wet = h > 0.05
        over = (bed + h - brim)[wet & (brim - bed > 0.05)]
        full = over[over > -0.02]
        ends[scheme] = h
        rows.append(
            [
                NAMES[scheme],
                str(_hollows_with_water(h)),
                f"{1000 * float(np.median(full)):.1f} mm",
                f"{1000 * float(np.percentile(np.abs(full), 95)):.1f} mm",
                f"{100 * float(wet.mean()):.1f} %",
            ]
        )
        floods.append(flood)
        if scheme in FULL and not place.small:
            checks.append(Check(f"test 2, {NAMES[scheme]}: full hollows, level less their brim, 95 % within",
                                1000 * float(np.percentile(np.abs(full), 95)), 40.0, "mm", 1))  # fmt: skip
    if not place.small:
        apart = {s: 1000 * float(np.sqrt(np.mean((ends[s] - ends[FULL[0]]) ** 2))) for s in (FULL[1], PREVIEW)}
        checks.append(Check("test 2: depth, first order less second, root mean square", apart[FULL[1]], 10.0, "mm", 1))
    checks.append(balanced(floods, "test 2"))
    drawn["hollows"] = bed, ends
    text = [
        (
            f"Test 2, filling of floodplain depressions (2 × 2 km, {2000 / case.cells:g} m, n = 0.03, 16 hollows of "
            "0.5 m, 1:1500 south and 1:3000 east, 20 m³/s at the most for 85 min through 100 m at the north-western "
            f"corner; {case.hours:g} h of the 48): which hollows fill, and how high. "
            "Independent of any flow model, a hollow that spilled stands at the brim over which it spilled; the brims "
            "come from a search for the lowest way out. A film still trickles over the wide saddles, two or three "
            "centimetres deep, so the levels stand above the brims by as much; the bound is ours."
        ),
        table(("scheme", "hollows with 5 cm or more", "full ones, level less brim, median", "95 % within",
               "area under 5 cm or more"), rows),
    ]  # fmt: skip
    return text, checks


def _hollows_with_water(h: F8) -> int:
    """Of the 16 squares, those whose middle is wet."""
    n = len(h) // 4
    return sum(bool(h[n * r + n // 2, n * c + n // 2] > 0.05) for r in range(4) for c in range(4))


def obstruction(place: Place, drawn: dict[Any, Any]) -> tuple[list[str], list[Check]]:
    """Test 3."""
    case = Obstruction(200.0 if place.small else 900.0)
    rows, checks, floods = [], [], []
    for scheme in ALL:
        _, levels, flood = case.run(scheme)
        share = 100 * case.beyond(flood)
        fastest = float(np.nanmax(np.asarray(flood.record().speed)))
        rows.append([NAMES[scheme], f"{share:.1f} %", *(f"{one:.3f} m" for one in levels[-1]), f"{fastest:.2f} m/s"])
        floods.append(flood)
        drawn["obstruction", scheme] = depth(flood)[10]
        if scheme in FULL:
            checks.append(Check(f"test 3, {NAMES[scheme]}: water that settled behind the sill", share, 1.0, "%", 1,
                                least=True))  # fmt: skip
    checks.append(balanced(floods, "test 3"))
    drawn["obstruction", "bed"] = case.bed()
    text = [
        (
            "Test 3, momentum conservation over a small obstruction (300 × 100 m, 5 m, n = 0.01, 15 min): a pulse of "
            f"65.5 m³/s runs down 1:200 into a hollow that could hold all of it ({case.holds():,.0f} m³ here); a model "
            "that keeps momentum carries a part over the sill into the second hollow, one without inertia does not. "
            "Ours: hollows of 0.4 m, and the pulse's length, by the words “just sufficient to fill” the first."
        ),
        table(("scheme", "water behind the sill", "level at 153 m", "level at 253 m", "greatest speed"), rows),
        (
            "The preview keeps the inertia of a place but not the momentum that water carries along: what it lets over "
            "the sill is no measure of what would run over it."
        ),
    ]
    return text, checks


def plain(place: Place, drawn: dict[Any, Any]) -> tuple[list[str], list[Check]]:
    """Test 4."""
    cases = {"20 m": Plain(20.0), "10 m": Plain(10.0)} if not place.small else {"40 m": Plain(40.0, 1.0)}
    coarse = next(iter(cases))
    rows, checks, floods = [], [], []
    arrivals: dict[tuple[str, str], F8] = {}
    for name, case in cases.items():
        for scheme in ALL if name == coarse else FULL[:1]:
            times, found, seen, flood = case.run(scheme)
            came = np.array([_first(times, one) for one in found.T])
            arrivals[name, scheme] = came
            skew = max(float(np.abs(h - h[::-1]).max()) for h in seen.values())
            rows.append([f"{NAMES[scheme]}, {name}", *(f"{60 * one:.0f} min" if one == one else "–" for one in came),
                         f"{float(np.nanmax(found[:, 3])):.3f} m"])  # fmt: skip
            floods.append(flood)
            drawn["plain", name, scheme] = seen
            if scheme in FULL:
                checks.append(Check(f"test 4, {NAMES[scheme]}, {name}: north half less the south half", skew, 1e-6,
                                    "m", 6))  # fmt: skip
    checks.append(balanced(floods, "test 4"))
    if not place.small:
        gap = 60 * float(np.abs(arrivals["10 m", FULL[0]] - arrivals["20 m", FULL[0]]).max())
        checks.append(Check("test 4, second order: arrival, 20 m against 10 m, largest", gap, 5.0, "min", 0))
    text = [
        (
            "Test 4, speed of propagation over an extended floodplain (1 × 2 km, level, n = 0.05, 20 m³/s at the most "
            "through 20 m in the middle of the western side; 5 m in the report, 20 and 10 m here): arrival at the six "
            "points of the report, first depth of 5 cm. Ours: an hour's rise, three hours at the peak, an hour's fall."
        ),
        table(("run", "50 m", "100 m", "200 m", "300 m", "400 m", "300 m, 300 m north", "greatest depth at 300 m"),
              rows),
    ]  # fmt: skip
    return text, checks


def _first(times: F8, depths: F8) -> float:
    """Hours at which 5 cm were first reached, between two readings; NaN if never."""
    k = int(np.argmax(depths > 0.05))
    if depths[k] <= 0.05:
        return math.nan
    if k == 0:
        return float(times[0])
    return float(np.interp(0.05, depths[k - 1 : k + 1], times[k - 1 : k + 1]))


def _draw(drawn: dict[Any, Any], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 7.2, 2, 2)
    one = axes[0][0]
    for scheme in (FULL[0], PREVIEW):
        times, levels = drawn["pond", scheme]
        draw.model(one, times, levels[:, 1], scheme, NAMES[scheme])
    one.axhline(10.25, color=look.GREY, linewidth=0.8)
    one.annotate("sill 10.25 m", (20, 10.25), (0, -11), textcoords="offset points", fontsize=8, color=look.QUIET,
                 ha="right")  # fmt: skip
    look.quiet(one, "hours", "level at 605 m (m)", "test 1: the pond behind the sill")
    look.key(one, loc="lower center")
    bed, ends = drawn["hollows"]
    h = ends[FULL[0]]
    image = draw.plan(axes[0][1], h, bed, (0, 2, 0, 2), 0.5, 0.01)
    at = middles(len(bed), 2.0)
    axes[0][1].contour(at, at[::-1], bed, np.arange(-0.5, 2.1, 0.1), colors=[look.QUIET], linewidths=0.4)
    axes[0][1].set_title("test 2: hollows at the end, second order", color=look.INK, fontsize=10, loc="left")
    axes[0][1].set_xlabel("km", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, axes[0][1], "depth (m)")
    one = axes[1][0]
    bed = drawn["obstruction", "bed"]
    x = middles(60, 300.0)
    draw.bed(one, x, bed, 9.2)
    for scheme in ALL:
        h = drawn["obstruction", scheme]
        draw.model(one, x, np.where(h > 1e-3, bed + h, np.nan), scheme, NAMES[scheme])
    one.set_ylim(9.2, 10.05)
    look.quiet(one, "m", "level (m)", "test 3: where the water settled")
    look.key(one, loc="upper center")
    seen = drawn["plain", "10 m", FULL[0]]
    first = drawn["plain", "20 m", PREVIEW]
    h = seen[3.0]
    image = draw.plan(axes[1][1], h, np.zeros(h.shape), (0, 1000, 0, 2000), 0.4, 0.01)
    x, y = middles(100, 1000.0), 2000 - middles(200, 2000.0)
    for hours, style in ((1.0, "dashed"), (3.0, "solid")):
        axes[1][1].contour(x, y, seen[hours], [0.1, 0.2], colors=[look.ORANGE], linewidths=1.0, linestyles=style)
        axes[1][1].contour(
            x[::2] + 5, y[::2] - 5, first[hours], [0.1, 0.2], colors=[look.PURPLE], linewidths=0.7, linestyles=style
        )
    axes[1][1].set_title("test 4 after 3 h; 10 and 20 cm at\n1 h (dashed), 3 h; thin: preview", color=look.INK,
                         fontsize=9.5, loc="left")  # fmt: skip
    axes[1][1].set_xlabel("m", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, axes[1][1], "depth (m)")
    look.save(made, place.pictures / "validation_flood_agency.png")
