"""Chapter: the UK Environment Agency's test 5, a valley flooded by a dam failure, from its own data."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from citymodel.validation.flood_runs import F8, FULL, NAMES, PREVIEW, balanced
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from kernels.flood import Flood
from kernels.flood_sources import Inflow

TITLE = "Flood: the UK Environment Agency's test 5, a dam failure in a valley"
CELL, ROUGH, HOURS, EVERY = 50.0, 0.04, 10.0, 120.0
WET = 0.05
VOLUME = 3000.0 * (150.0 + 600.0 + 2400.0)
"""Cubic metres under the hydrograph: 300 s up, 600 s at 3,000 m³/s, 4,800 s down."""
APART = 0.2
"""Metres between the highest levels of first and second order; a bound of our own."""


@dataclass(frozen=True, slots=True)
class Valley:
    """The valley in cells of 50 m: bed, NaN outside; west and north of its corner; gauges and inflow as rows, columns.

    series : (n, 2) seconds and m³/s
    """

    bed: F8
    west: float
    north: float
    gauges: list[tuple[int, int]]
    inflow: list[tuple[int, int]]
    series: F8

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, east, south, north in km."""
        rows, cols = self.bed.shape
        return (self.west / 1000, (self.west + cols * CELL) / 1000, (self.north - rows * CELL) / 1000,
                self.north / 1000)  # fmt: skip


def read(folder: Path) -> Valley:
    """The files as redistributed with LISFLOOD-FP; five by five cells of 10 m make one, by their mean."""
    with gzip.open(folder / "ea5-10m.dem.raw.gz", "rt") as file:
        head = {word: float(value) for word, value in (next(file).split() for _ in range(6))}
        fine = np.loadtxt(file)
    fine[fine == head["NODATA_value"]] = np.nan
    rows, cols = (n // 5 for n in fine.shape)
    # The south-western corner keeps its place.
    whole = fine[fine.shape[0] - rows * 5 :, : cols * 5].reshape(rows, 5, cols, 5)
    with np.errstate(invalid="ignore"):
        bed = np.asarray(whole.mean(axis=(1, 3)))
    west, north = head["xllcorner"], head["yllcorner"] + rows * CELL

    def at(x: float, y: float) -> tuple[int, int]:
        return int((north - y) / CELL), int((x - west) / CELL)

    with (folder / "ea5.stage").open() as file:
        count = int(next(file))
        gauges = [at(*map(float, next(file).split()[:2])) for _ in range(count)]
    line = [row.split() for row in (folder / "ea5-10m.bci").read_text().splitlines() if row.startswith("P")]
    inflow = sorted({at(float(row[1]), float(row[2])) for row in line})
    rows_of = (folder / "ea5.bdy").read_text().splitlines()[3:]
    series = np.array([[float(one) for one in row.split()] for row in rows_of if row.strip()])
    # Flows are m²/s through 20 cells of 10 m; all of them together are the river.
    return Valley(bed, west, north, gauges, inflow, np.stack([series[:, 1], series[:, 0] * 10 * len(line)], axis=1))


def run(valley: Valley, scheme: str, hours: float) -> tuple[F8, F8, Flood]:
    """Seconds and (times, gauges, 3) depths, levels and speeds; and the flood at the end."""
    poured = Inflow(valley.inflow, valley.series[:, 0], valley.series[:, 1])
    flood = Flood(valley.bed, CELL, manning=ROUGH, scheme=scheme, sources=[poured], wet=WET)
    times = np.arange(0.0, hours * 3600.0 + 1, EVERY)
    found = []
    for time in times:
        flood.advance(float(time))
        found.append(flood.probe(valley.gauges))
    return times, np.array(found), flood


def chapter(place: Place) -> Chapter:
    """Ten hours, seven gauges."""
    folder = place.files("flood", "ea_test5_valley")
    if folder is None:
        return absent(TITLE, "the files of test 5 were not on this machine")
    valley = read(folder)
    hours = 0.5 if place.small else HOURS
    lasts = {FULL[1]: hours} if place.small else {FULL[0]: hours, FULL[1]: hours, PREVIEW: hours}
    runs = {scheme: run(valley, scheme, end) for scheme, end in lasts.items()}
    rows, checks = [], []
    for k in range(len(valley.gauges)):
        row = [str(k + 1), f"{valley.bed[valley.gauges[k]]:.2f} m"]
        for times, found, _ in runs.values():
            at = found[:, k]
            came = times[np.argmax(at[:, 0] > WET)] / 60 if (at[:, 0] > WET).any() else np.nan
            row.append(f"{at[:, 1].max():.2f} m, {at[:, 2].max():.2f} m/s, {came:.0f} min")
        rows.append(row)
    first = next(iter(runs.values()))
    poured = first[2].balance().sources["inflow"]
    text = [
        (
            "The Agency's own terrain (Scottish valley, 10 m, averaged to the 50 m of the test), inflow and gauges as "
            f"redistributed with LISFLOOD-FP: a breach lets out up to 3,000 m³/s, n = {ROUGH:g}, walls around, "
            f"the first {hours:g} h of the test's 30. Highest level and speed at each "
            "of the seven gauges, and the minute at which 5 cm were first there (read every two minutes):"
        ),
        table(("gauge", "ground", *(NAMES[scheme] for scheme in runs)), rows),
        (
            f"In: {poured:,.0f} m³ (the hydrograph's area over the whole time: {VOLUME:,.0f} m³); "
            f"{first[2].balance().stored:,.0f} m³ still there at the end, nothing lost. **The report "
            "shows its packages' curves as pictures; we had no figures of theirs that we were sure of, so none were "
            "compared.** What is checked: the volume, "
            "and how far first and second order agree."
        ),
    ]
    checks.append(balanced([one[2] for one in runs.values()], "test 5"))
    if not place.small:
        checks.append(Check("test 5: volume of the inflow against its series", poured / VOLUME - 1, 1e-6, "", 9))
        checks += _agree(runs)
        _draw(valley, runs, place)
        text.append(picture("validation_flood_valley.png", "Test 5: greatest depth, and levels and speeds at gauges"))
    return Chapter(TITLE, text, checks)


def _agree(runs: dict[str, tuple[F8, F8, Flood]]) -> list[Check]:
    """First against second order: highest and last levels at the gauges."""
    two = runs[FULL[1]][1]
    one = runs[FULL[0]][1][: len(two)]
    return [
        Check("test 5, first order less second: highest level, largest of the gauges",
              float(np.abs(one[:, :, 1].max(axis=0) - two[:, :, 1].max(axis=0)).max()), APART, "m"),
        Check(f"test 5, first order less second: level after {HOURS:g} h, largest of the gauges",
              float(np.abs(one[-1, :, 1] - two[-1, :, 1]).max()), 0.1, "m", 3),
    ]  # fmt: skip


def _draw(valley: Valley, runs: dict[str, tuple[F8, F8, Flood]], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.4, 8.4, 3, 2, gridspec_kw={"height_ratios": [1.35, 1, 1]})
    above, every = axes[0]
    deepest = np.asarray(runs[FULL[0]][2].record().depth, np.float64)
    image = draw.plan(above, deepest, valley.bed, valley.box, 10.0, WET)
    for k, (r, c) in enumerate(valley.gauges):
        x, y = (valley.west + (c + 0.5) * CELL) / 1000, (valley.north - (r + 0.5) * CELL) / 1000
        above.plot(x, y, "o", color=look.ORANGE, markersize=4)
        above.annotate(str(k + 1), (x, y), (5, 3), textcoords="offset points", fontsize=9, color=look.INK)
    above.set_title("greatest depth, second order, and the gauges", color=look.INK, fontsize=10, loc="left")
    above.set_xlabel("km east", color=look.QUIET, fontsize=8.5)
    above.set_ylabel("km north", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, above, "depth (m)", location="bottom", shrink=0.7)
    times, found, _ = runs[FULL[0]]
    shades = (look.BLUE, look.ORANGE, look.GREEN, look.PURPLE, look.GREY, look.INK, "#c2a04a")
    for k, shade in enumerate(shades[: found.shape[1]]):
        every.plot(times / 3600, found[:, k, 0], color=shade, linewidth=1.3, label=f"gauge {k + 1}")
    look.quiet(every, "hours", "depth (m)", "all gauges, second order")
    every.set_xlim(0, HOURS)
    every.set_ylim(-0.2, 8.4)  # room for the key
    look.key(every, ncols=3, loc="upper right")
    for column, (what, name) in enumerate(((1, "level (m)"), (2, "speed (m/s)"))):
        for one, gauge in zip(axes[1:, column], (0, 6), strict=True):
            for scheme, (times, found, _) in runs.items():
                draw.model(one, times / 3600, found[:, gauge, what], scheme, NAMES[scheme])
            look.quiet(one, "hours", name, f"gauge {gauge + 1}")
            one.set_xlim(0, 8 if gauge == 0 else HOURS)
    look.key(axes[1][0])
    look.save(made, place.pictures / "validation_flood_valley.png")
