"""Chapter: shadows of a city raster against rays on the triangles that the raster came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel.validation import truth_day, truth_picture
from citymodel.validation.columns import column_shade
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from citymodel.validation.vector_city import GABLE, PITCH, SIDE, SLOT, STREET, VectorCity, build
from kernels import shadow
from kernels.march import march_mask

TITLE = "A city traced with rays"
SUNS = (
    (95.0, 12.0), (112.0, 17.0), (127.0, 25.0), (146.0, 33.0), (160.0, 20.0), (181.0, 38.0), (196.0, 62.0),
    (207.0, 35.0), (232.0, 28.0), (247.3, 50.0), (263.0, 35.0), (281.0, 12.0), (322.0, 10.0),
)  # fmt: skip
#: Different cells of the whole raster, per cent, by cell size.
DIFFER = {1.0: 2.3, 0.5: 1.5}
#: Per cent of all cells that may be wrong farther than this from a shadow edge, in cells.
FAR, FAR_EDGE = 0.45, 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """One sun at one cell size, per cent of all cells: what differs for each model."""

    cell: float
    sun: tuple[float, float]
    kernel: float
    kernel_far: float
    march: float
    columns: float | None


def chapter(place: Place) -> Chapter:
    """Masks at thirteen suns and two cell sizes, hours over a day at 1 m."""
    try:
        import numba

        numba.get_num_threads()  # before Open3D, whose older TBB Numba would find and warn of
        import open3d  # noqa: F401
    except ImportError:
        return absent(TITLE, "it needs Open3D, which brings Embree")
    city = build(200.0 if place.small else SIDE)
    rows = [row for cell in DIFFER for row in _rows(city, cell)]
    day = truth_day.measure(city, step=30 if place.small else 5)
    tight = build(150.0 if place.small else SIDE / 2, apart=SLOT)
    tight_day = truth_day.measure(tight, step=30 if place.small else 5)
    if not place.small:
        truth_picture.draw(city, place.pictures / "validation_truth_city.png")
        _chart(rows, place)
    text = [
        (f"A seeded city of {city.side / 1000:g} × {city.side / 1000:g} km: {city.houses:,} turned houses, "
        f"{STREET:g} m or more apart, with walls that stand upright, {100 * city.gabled:.0f} % of them with gables of "
        f"{PITCH:g}° (asked for: {100 * GABLE:.0f} %), on ground that rises by 3 % to the east and 2 % to the north. "
        "Its triangles are gridded at the cells' "
        "centres, and from every centre one ray goes to the sun through the triangles (Embree). Compared with "
        "these rays: our kernel; the march of the field's older tools (Ratti & Richens 1999, stepped like UMEP: "
        "along the main axis, to the nearest cell); and cells taken for columns. Per cent of all cells whose "
        "state differs:"),
        _summary(rows),
        *_by_sun(rows, place),
        ("A day of sun on open ground, 21 March at 52° N in steps of "
        f"{day.step} min, {day.positions} positions, cells of 1 m. {_words(day)}"),
        truth_day.text(day),
        (f"Where houses stand only {SLOT:g} m apart ({tight.houses:,} on {tight.side / 1000:g} × "
        f"{tight.side / 1000:g} km), cells of 1 m hardly part them: the kernel's mean error is "
        f"{_signed(tight_day.bias[0])} h there and its mean size {tight_day.mae[0]:.3f} h, the march's "
        f"{_signed(tight_day.bias[1])} h and {tight_day.mae[1]:.3f} h."),
        *([] if place.small else [picture("validation_truth_city.png", "A part of the truth city and wrong cells")]),
    ]  # fmt: skip
    return Chapter(TITLE, text, [*_checks(rows), *truth_day.checks(day)])


def _signed(more: float) -> str:
    return f"{more:+.3f}".replace("-", "−")


def _words(day: truth_day.Day) -> str:
    return f"By the rays the open ground has {day.mean:.2f} h at the mean, and {day.area[0]:.2f} % of it 2 h or more."


def _rows(city: VectorCity, cell: float) -> list[Row]:
    dsm, _ = city.raster(cell)
    made = []
    for azimuth, altitude in SUNS:
        truth = ~city.lit(dsm, cell, azimuth, altitude)
        wrong = (shadow.shadow_mask(dsm, cell, azimuth, altitude) == shadow.SHADE) != truth
        march = (march_mask(dsm, cell, azimuth, altitude) == shadow.SHADE) != truth
        columns = column_shade(dsm, cell, azimuth, altitude) != truth if cell == 1.0 else None
        made.append(
            Row(
                cell,
                (azimuth, altitude),
                100 * float(wrong.mean()),
                100 * float((wrong & ~beside_an_edge(truth)).mean()),
                100 * float(march.mean()),
                None if columns is None else 100 * float(columns.mean()),
            )
        )
    return made


def beside_an_edge(truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells with a cell of the other state among their eight neighbours, that is within 1.5 cells."""
    from scipy.ndimage import maximum_filter, minimum_filter

    edge: NDArray[np.bool_] = maximum_filter(truth, 3) != minimum_filter(truth, 3)
    return edge


def _mean(rows: list[Row], cell: float, what: str) -> float:
    values = [getattr(row, what) for row in rows if row.cell == cell]
    return float(np.mean(values)) if values and None not in values else float("nan")


def _summary(rows: list[Row]) -> str:
    """Means over the suns."""
    made = []
    for cell in DIFFER:
        columns = _mean(rows, cell, "columns")
        made.append([
            f"{cell:g} m, mean of {sum(row.cell == cell for row in rows)} suns",
            f"{_mean(rows, cell, 'kernel'):.2f} %", f"{_mean(rows, cell, 'march'):.2f} %",
            "" if np.isnan(columns) else f"{columns:.2f} %", f"{_mean(rows, cell, 'kernel_far'):.3f} %",
        ])  # fmt: skip
    head = ("cells", "our kernel", "UMEP-like march", "columns", f"ours, over {FAR_EDGE:g} cells from an edge")
    return table(head, made)


def _by_sun(rows: list[Row], place: Place) -> list[str]:
    if place.small:
        return []
    worse = [row for row in rows if row.kernel > row.march]
    count = (
        f"Of the {len(rows)} pairs of sun and cell size our kernel is nearer to the rays in {len(rows) - len(worse)}"
    )
    where = ", ".join(f"{row.sun[0]:g}°/{row.sun[1]:g}° at {row.cell:g} m" for row in worse)
    return [
        picture("validation_truth_suns.png", "Different cells by the sun's position"),
        f"{count}; the march in {len(worse)}{': ' if worse else ''}{where}.",
    ]


def _checks(rows: list[Row]) -> list[Check]:
    checks = [
        Check(f"cells of {cell:g} m that differ, mean", _mean(rows, cell, "kernel"), bound, "%")
        for cell, bound in DIFFER.items()
    ]
    checks += [
        Check(f"the same as a share of the UMEP-like march's, cells of {cell:g} m",
              100 * _mean(rows, cell, "kernel") / _mean(rows, cell, "march"), 100.0, "%", 1)
        for cell in DIFFER
    ]  # fmt: skip
    checks += [
        Check(f"cells of {cell:g} m wrong over {FAR_EDGE:g} cells from an edge, mean", _mean(rows, cell, "kernel_far"),
              FAR, "%", 3)
        for cell in DIFFER
    ]  # fmt: skip
    return checks


def _chart(rows: list[Row], place: Place) -> None:
    """Different cells against the sun's altitude."""
    from citymodel.validation import pictures as look

    made, axes = look.figure(8.2, 3.3, 1, 2, sharey=True)
    for panel, cell in zip(axes, DIFFER, strict=True):
        here = sorted((row for row in rows if row.cell == cell), key=lambda row: row.sun[1])
        altitude = [row.sun[1] for row in here]
        if cell == 1.0:
            panel.plot(altitude, [row.columns for row in here], "^", ms=5, color=look.GREY, label="columns")
        panel.plot(altitude, [row.march for row in here], "s", ms=5, color=look.ORANGE, label="UMEP-like march")
        panel.plot(altitude, [row.kernel for row in here], "o", ms=6, color=look.BLUE, label="our kernel")
        panel.axhline(DIFFER[cell], color=look.INK, linewidth=0.9, linestyle="--", label="bound for our mean")
        look.quiet(panel, "altitude of the sun (°)", "cells that differ from the rays (%)", f"Cells of {cell:g} m")
        panel.set_ylim(0)
        look.key(panel)
    axes[1].set_ylabel("")
    look.save(made, place.pictures / "validation_truth_suns.png")
