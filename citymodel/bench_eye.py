"""How fast what an eye sees follows the hand that moves it: quick and exact, picture, upload and frame apart."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from citymodel.bench_live import on_screen, timed, town

EYES = 12


def measure_eye(size: int, runs: int) -> list[Mapping[str, object]]:
    """A row for eyes in the street and one for eyes above the roofs; milliseconds, median and best.

    size : rows and columns of 1 m cells of a town of houses; runs : times that each of the eyes is asked
    """
    return [_measured(size, runs, words, height) for words, height in (("street", 1.7), ("roofs", 32.0))]


def _measured(size: int, runs: int, words: str, height: float) -> Mapping[str, object]:
    from citymodel.analysis.live_heights import LiveHeights
    from citymodel.analysis.live_view import LiveView, LookParameters, Stand
    from citymodel.scene.eye_drape import eye_drape
    from citymodel.surface import Grid
    from kernels.viewshed import prepare_view

    z = town(size)[0]
    grid = Grid(0.0, float(size), 1.0, (size, size))
    began = time.perf_counter()
    view = LiveView((LiveHeights((), grid, z, np.zeros_like(z), None, ()),), "solid", (prepare_view(z, 1.0),))
    ready = time.perf_counter() - began
    asked = LookParameters(eye_height=height)
    walk = [(size * (0.5 + 0.2 * math.cos(a)), size * (0.5 + 0.2 * math.sin(a))) for a in np.linspace(0, 6, EYES)]
    free = [(x, y) for x, y in walk if view.stand(x, y, None, height).where == "ground"]
    stands = [Stand(x, y, 0.0, "ground") for x, y in free or walk]
    view.seen(stands[0], asked, exact=False)
    times: dict[str, list[float]] = {"preview": [], "exact": [], "picture": []}
    drapes: list[Any] = []
    for number, stand in enumerate(stands * runs):
        timed(times["preview"], partial(view.seen, stand, asked, exact=False))
        seen = timed(times["exact"], partial(view.seen, stand, asked, exact=True))
        drapes = [*drapes[-2:], timed(times["picture"], partial(eye_drape, seen, number))]
    times |= on_screen(drapes, z)
    row: dict[str, object] = {"what": f"live eye, {words}", "cells": size * size, "prepare_s": ready}
    for name, found in times.items():
        row[f"{name}_ms"], row[f"{name}_best_ms"] = float(np.median(found)), float(min(found))
    for answer in ("preview", "exact"):
        parts = (answer, "picture", "upload")
        row[f"{answer}_to_texture_ms"] = sum(float(np.median(times[name])) for name in parts)
    return row
