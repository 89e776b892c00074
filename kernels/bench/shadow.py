"""The shadow kernels: hours, records, masks, trees and casters, beside the oracle's march."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from kernels.bench.measure import Row, row, timed
from kernels.bench.towns import day, town, wood
from kernels.device import to_device
from kernels.march import march_mask
from kernels.shadow import (
    Canopy,
    caster_hours,
    prepare,
    shadow_casters,
    shadow_mask,
    shadow_masks,
    sun_hours,
    sun_record,
)


def shadow(size: int, device: str, runs: int) -> Iterator[Row]:
    """Hours at a high and a low sun and over a day, its record and masks, and single masks beside a march."""
    surface = town(size)
    dsm = to_device(surface, device)
    cells, whole = size * size, (size, size)
    azimuths = np.linspace(110, 250, 8)
    for altitude in (62.0, 12.0):
        seconds = timed(partial(sun_hours, dsm, 1.0, azimuths, np.full(8, altitude), 0.1), device, runs)
        yield row("shadow", f"hours, 8 suns at {altitude:.0f}°", whole, seconds, cells * 8, 6)
    suns, clock = day(74), 4 + np.arange(74) * 0.2
    top, base = (to_device(one, device) for one in wood(surface))
    trees = Canopy(top, base, 0.2)
    for name, canopy, width in (("", None, 6), (", trees", trees, 16)):
        seconds = timed(partial(sun_hours, dsm, 1.0, *suns, 0.2, canopy=canopy), device, runs)
        yield row("shadow", f"hours, a day of 74 suns{name}", whole, seconds, cells * 74, width)
        seconds = timed(partial(sun_record, dsm, 1.0, *suns, clock, 0.2, canopy=canopy), device, runs)
        yield row("shadow", f"record, a day of 74 suns{name}", whole, seconds, cells * 74, width)
    seconds = timed(partial(shadow_masks, dsm, 1.0, *suns, packed=True), device, runs)
    yield row("shadow", "packed masks of 74 suns", whole, seconds, cells * 74, 6)
    owner = to_device((np.arange(cells, dtype=np.int32) // size // 30).reshape(whole), device)
    seconds = timed(partial(caster_hours, dsm, 1.0, *suns, 0.2, owner, size, owner, size), device, runs)
    yield row("shadow", "casters by zone, 74 suns", whole, seconds, cells * 74, 20)
    ready, leafy = prepare(dsm, 1.0), prepare(dsm, 1.0, canopy=trees)
    for name, azimuth in (("by rows", 200.0), ("by columns", 250.0)):
        singles: list[tuple[str, Callable[..., Any], int]] = [
            ("one mask", partial(shadow_mask, dsm, 1.0), 17),
            ("one mask, prepared", ready.mask, 5),
            ("one mask, prepared, trees", leafy.mask, 15),
            ("casters", partial(shadow_casters, dsm, 1.0, owner=owner), 20),
        ]
        for kind, call, width in singles:
            seconds = timed(partial(call, azimuth=azimuth, altitude=30.0), device, runs)
            yield row("shadow", f"{kind}, {name}", whole, seconds, cells, width)
    if device == "cpu":
        part = np.ascontiguousarray(surface[:500, :500])
        for altitude in (62.0, 12.0):
            peers: list[tuple[str, Callable[..., Any]]] = [("mask", shadow_mask), ("march, the oracle,", march_mask)]
            for kind, call in peers:
                seconds = timed(partial(call, part, 1.0, 200.0, altitude), device, runs)
                yield row("shadow", f"{kind} at {altitude:.0f}°", (len(part), len(part)), seconds, part.size, 17)
