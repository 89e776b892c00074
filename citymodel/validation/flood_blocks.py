"""Chapter: a dam break through a town of 25 blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from citymodel.validation.flood_runs import F8, FULL, PREVIEW, balanced, depth
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from kernels.flood import Edges, Flood

TITLE = "Flood: through a town of blocks"
TOWN_END = 14.05
"""Metres behind the gate to which the channel is computed."""
TOWN_SEES = (4.0, 5.0, 6.0, 10.0)


def chapter(place: Place) -> Chapter:
    """The town of Soares-Frazão & Zech."""
    path = place.files("flood", "blocks25_soares")
    if path is None:
        return absent(TITLE, "the town of blocks was not on this machine")
    if place.small:
        flood, _ = town(path, FULL[1], 4)
        flood.advance(2.0)
        return Chapter(TITLE, ["A small town."], [balanced([flood], "town")])
    return Chapter(TITLE, *through_a_town(path, place))


def town(path: Path, scheme: str, coarse: int = 1) -> tuple[Flood, tuple[float, float, float, float]]:
    """The flume with 25 blocks as walls up to 14 m behind the gate, and its west, east, south, north."""
    with (path / "25_blocks.dem.raw").open() as file:
        head = {word: float(value) for word, value in (next(file).split() for _ in range(6))}
    ground = np.loadtxt(path / "25_blocks.dem.raw", skiprows=6)
    water = np.loadtxt(path / "25_blocks.start.raw", skiprows=6)
    cell, west, south = head["cellsize"], head["xllcorner"], head["yllcorner"]
    cols = round((TOWN_END - west) / cell) // 2 * 2
    shape = ground.shape[0] // coarse, coarse, cols // coarse, coarse
    high = (ground[:, :cols] > 1.9).reshape(shape).mean(axis=(1, 3)) >= 0.5
    free = np.where(ground[:, :cols] > 1.9, np.nan, ground[:, :cols]).reshape(shape)
    kept = ~np.isnan(free)
    bed = np.where(kept, free, 0).sum(axis=(1, 3)) / np.maximum(kept.sum(axis=(1, 3)), 1)
    deep = np.where(high, 0.0, water[:, :cols].reshape(shape).mean(axis=(1, 3)))
    flood = Flood(bed, cell * coarse, manning=0.01, blocked=high, scheme=scheme, edges=Edges(east="open"), wet=0.001)
    flood.set_depth(deep)
    return flood, (west, west + cols * cell, south, south + ground.shape[0] * cell)


def through_a_town(path: Path, place: Place) -> tuple[list[str], list[Check]]:
    """The wave in the streets by both schemes and two cell sizes."""
    runs = {"second order, 2 cm": (FULL[0], 1), "first order, 2 cm": (FULL[1], 1), "second order, 4 cm": (FULL[0], 2),
            "first order, 4 cm": (FULL[1], 2), "preview, 4 cm": (PREVIEW, 2)}  # fmt: skip
    seen: dict[str, dict[float, F8]] = {}
    floods, rows = [], []
    for name, (scheme, coarse) in runs.items():
        flood, box = town(path, scheme, coarse)
        seen[name] = {}
        for moment in TOWN_SEES:
            flood.advance(moment)
            seen[name][moment] = depth(flood)
        floods.append(flood)
        cell = 0.02 * coarse
        street = slice(round((5.31 - box[0]) / cell), round((6.59 - box[0]) / cell))
        front = slice(round((4.6 - box[0]) / cell), round((4.96 - box[0]) / cell))
        row = [name]
        for moment in (5.0, 10.0):
            h = seen[name][moment]
            middle = h[round(0.28 * h.shape[0]) : round(0.72 * h.shape[0])]
            row += [f"{100 * np.nanmean(middle[:, front]):.2f} cm", f"{100 * np.nanmean(middle[:, street]):.2f} cm"]
        row.append(f"{float(np.nanmax(np.asarray(flood.record().speed))):.2f} m/s")
        rows.append(row)
    fine, other = seen["second order, 2 cm"][10.0], seen["first order, 2 cm"][10.0]
    near = slice(round(9.0 / 0.02), round(14.5 / 0.02))
    apart = 1000 * float(np.sqrt(np.nanmean((fine[:, near] - other[:, near]) ** 2)))
    text = [
        (
            "A gate opens before 25 blocks of 30 cm with streets of 10 cm (Soares-Frazão & Zech 2008; bed and water of "
            "LISFLOOD-FP's T05: 40 cm behind the gate, 11 mm before it, n = 0.01), computed to 14 m behind the gate. "
            "**The measured gauges are not among the files, so nothing was compared with the experiment.** What can be "
            "said is how far the answers lie from each other: mean depth in front of the town and in its streets."
        ),
        table(("run", "before the town, 5 s", "streets, 5 s", "before the town, 10 s", "streets, 10 s",
               "greatest speed"), rows),
        (
            f"At 2 cm first and second order differ by {apart:.1f} mm (root mean square) around the town after 10 s. "
            "A street of 10 cm is five cells wide at 2 cm and two or three at 4 cm."
        ),
    ]  # fmt: skip
    _draw_town(seen, box, place)
    text.append(picture("validation_flood_town.png", "The wave among 25 blocks"))
    return text, [balanced(floods, "town")]


def _draw_town(seen: dict[str, dict[float, F8]], box: tuple[float, float, float, float], place: Place) -> None:
    from citymodel.validation import flood_pictures as draw
    from citymodel.validation import pictures as look

    names = ["second order, 2 cm", "first order, 2 cm", "preview, 4 cm"]
    made, axes = look.figure(8.4, 4.6, 3, 2, sharex=True, sharey=True)
    for row, name in zip(axes, names, strict=True):
        for one, moment in zip(row, (5.0, 10.0), strict=True):
            h = 100 * seen[name][moment]
            image = draw.plan(one, h, np.zeros(h.shape), box, 16.0)
            one.set_xlim(3.0, 9.0)
            one.set_title(f"{name}, {moment:g} s", color=look.INK, fontsize=9, loc="left")
    for one in axes[-1]:
        one.set_xlabel("metres behind the gate", color=look.QUIET, fontsize=8.5)
    draw.bar(made, image, axes, "depth (cm)", shrink=0.5)
    look.save(made, place.pictures / "validation_flood_town.png")
