"""The flood: a hump of water over rolling ground, every cell wet, by each scheme."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kernels.bench.measure import Row, row, timed
from kernels.device import to_device
from kernels.flood import SCHEMES, Flood

#: Cell-steps of a call on a large raster, and steps on a small one.
_UPDATES, _STEPS = 20_000_000, 40
#: Bytes of a cell that a step must read and write: depth, two flows, ground, and depth and flows again, and roughness.
_BYTES = 32
#: Roughness of the ground, s/m^(1/3).
MANNING = 0.03


def hill_and_level(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Rolling ground and, some four metres above it, water with a hump in the middle: (size, size) float64 metres."""
    y, x = np.mgrid[0:size, 0:size] / size
    ground = np.sin(9 * x) * np.cos(7 * y) + 2
    return ground, 6 + np.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) * 50)


def case(size: int, device: str, scheme: str, record: bool) -> Flood:
    """Water about four metres deep that runs off a hump in the middle."""
    ground, level = (to_device(one, device) for one in hill_and_level(size))
    flood = Flood(ground, 1.0, manning=MANNING, scheme=scheme, wet=0.01 if record else None)
    flood.set_level(level)
    return flood


def flood(size: int, device: str, runs: int) -> Iterator[Row]:
    """A few steps of each scheme, without and with the record of depths, speeds and times."""
    for scheme in SCHEMES:
        for record in (False, True):
            water = case(size, device, scheme, record)
            water.advance(1e-3)
            steps = min(max(2, _UPDATES // size**2), _STEPS)

            def call(water: Flood = water, steps: int = steps) -> None:
                before = water.steps
                while water.steps < before + steps:
                    water.advance(water.time + 0.03 * steps)

            before, begun = water.steps, water.time
            seconds = timed(call, device, runs)
            each = (water.steps - before) / (runs + 1)
            assert water.time > begun
            name = scheme + (", record" if record else "")
            yield row("flood", name, (size, size), seconds, round(size * size * each), _BYTES + 48 * record)
