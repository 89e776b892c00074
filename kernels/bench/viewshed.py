"""The viewshed kernels: exact from the street and from a roof, previews, least heights, angles and many eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from kernels.bench.measure import Row, row, timed
from kernels.bench.towns import SEED, town
from kernels.device import to_device
from kernels.viewshed import Eye, prepare_view

EYE_HEIGHT = 1.7
EYES = 20


def places(surface: np.ndarray) -> tuple[Eye, Eye]:
    """An eye in the street and one on a roof, near the middle: the lowest and the highest cell there."""
    size = len(surface)
    near = slice(size * 9 // 20, size * 11 // 20)
    middle = surface[near, near]
    found = []
    for at in (int(middle.argmin()), int(middle.argmax())):
        r, c = (int(k) + near.start for k in np.unravel_index(at, middle.shape))
        found.append(Eye(r, c, float(surface[r, c]) + EYE_HEIGHT))
    return found[0], found[1]


def eyes_anywhere(surface: np.ndarray, count: int) -> list[Eye]:
    """Seeded eyes over the surface."""
    cells = np.random.default_rng(SEED).integers(0, surface.shape[0], (count, 2))
    return [Eye(int(r), int(c), float(surface[r, c]) + EYE_HEIGHT) for r, c in cells]


def viewshed(size: int, device: str, runs: int) -> Iterator[Row]:
    """One eye in the street and one on a roof, and many eyes."""
    surface = town(size)
    whole, cells = (size, size), size * size
    view = prepare_view(to_device(surface, device), 1.0)
    for name, eye in zip(("street", "roof"), places(surface), strict=True):
        calls: list[tuple[str, Callable[..., Any], int]] = [
            ("exact", view.visible, 5),
            ("preview", view.preview, 5),
            ("angle", view.angle, 8),
            ("least height", view.height, 8),
        ]
        for kind, call, width in calls:
            yield row("viewshed", f"{kind}, {name}", whole, timed(partial(call, eye), device, runs), cells, width)
    eyes = eyes_anywhere(surface, EYES)
    for kind, preview in (("exact", False), ("preview", True)):
        seconds = timed(partial(view.count, eyes, preview=preview), device, runs)
        yield row("viewshed", f"{EYES} eyes, {kind}", whole, seconds, cells * EYES, 12)
