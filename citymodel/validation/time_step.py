"""Chapter: how far the time step of a study moves the area that has two hours of sun."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from citymodel.validation import truth_day
from citymodel.validation.page import Chapter, Check, Place, picture, table
from citymodel.validation.vector_city import SIDE, build
from kernels import shadow

TITLE = "The time step"
STEPS = (60, 30, 15, 10, 5)
DEFAULT = 5
#: Points of area; a bound of our own.
HALF = 0.5
_EXACT = 1e-4  # hours; float32 sums of steps

COARSE = 30
"""Minutes; of coarser steps too few make up two hours for the half to be even."""


def share(dsm: np.ndarray, ground: np.ndarray, step: int) -> tuple[float, float]:
    """Per cent of the open ground with two hours or more on 21 March at 52° N; and with exactly two counted half."""
    azimuths, altitudes = truth_day.suns(step)
    hours = shadow.sun_hours(dsm, 1.0, azimuths, altitudes, step / 60.0)[ground]
    least, above = (100 * float((hours >= truth_day.ENOUGH + edge).mean()) for edge in (-_EXACT, _EXACT))
    return least, (least + above) / 2


def chapter(place: Place) -> Chapter:
    """The truth city's raster at six time steps."""
    dsm, ground = build(200.0 if place.small else SIDE).raster(1.0)
    right, _ = share(dsm, ground, 2 if place.small else 1)
    found = {step: share(dsm, ground, step) for step in STEPS}
    over = {step: least - right for step, (least, _) in found.items()}
    rows = [
        [f"{step} min", f"{least:.2f} %", _points(least - right), _points(half - right)]
        for step, (least, half) in found.items()
    ]
    rows.append(["1 min", f"{right:.2f} %", "", ""])
    text = [
        (
            "Area of the truth city's open ground with 2 h of sun or more on 21 March at 52° N, cells of 1 m: the "
            "kernel at several time steps against itself at 1 min. Each sample stands for its whole step, so a "
            "cell that has between 2 h less half a step and 2 h is counted in: coarse steps overstate. Counting "
            "cells of exactly 2 h as half takes most of that away, and the studies do so. "
            "Of steps of an hour two make the two hours, which is too few for that. "
            f"The default step is {DEFAULT} min; a study prints its own."
        ),
        table(("step", "area with ≥ 2 h", "against 1 min", "exactly 2 h counted half"), rows),
    ]
    if not place.small:
        _draw(over, place)
        text.append(picture("validation_time_step.png", "Area with two hours of sun by time step"))
    sizes = list(over.values())
    worse = sum(fine > coarse for coarse, fine in pairwise(sizes))
    checks = [
        Check("finer steps that overstate more than the coarser one before", worse, 0, "", 0),
        Check(f"exactly 2 h counted half, the worst step up to {COARSE} min",
              max((half - right for step, (_, half) in found.items() if step <= COARSE), key=abs),
              HALF, "points", 2, signed=True),
    ]  # fmt: skip
    return Chapter(TITLE, text, checks)


def _points(more: float) -> str:
    return f"{more:+.2f} points".replace("-", "−")


def _draw(over: dict[int, float], place: Place) -> None:
    from citymodel.validation import pictures as look

    made, axes = look.figure(5.6, 2.8)
    names = [f"{step}" for step in over]
    axes.bar(names, list(over.values()), color=look.BLUE, width=0.55)
    for k, more in enumerate(over.values()):
        axes.annotate(f"{more:+.2f}".replace("-", "−"), (k, max(more, 0)), (0, 3), textcoords="offset points",
                      ha="center", fontsize=8.5, color=look.INK)  # fmt: skip
    look.quiet(axes, "time step (min)", "area with ≥ 2 h less that at 1 min\n(points of the open ground)")
    axes.grid(axis="x", visible=False)
    axes.margins(y=0.15)
    look.save(made, place.pictures / "validation_time_step.png")
