"""Measurements: `python -m kernels.bench` times every kernel beside the device's own copy bandwidth."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from kernels.binning import bin_points
from kernels.device import array_module, is_on_gpu, synchronize, to_device
from kernels.horizon import (
    even_sky,
    hours_above_horizons,
    irradiation_above_horizons,
    sector_centres,
    sky_view_factor,
)
from kernels.march import march_mask
from kernels.rasterize import rasterize_triangles
from kernels.rays import RayMesh
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

SEED = 20
Row = dict[str, Any]


def timed(call: Callable[[], Any], device: str, runs: int) -> float:
    """Median seconds of `runs` calls after one to warm up."""

    def once() -> float:
        begin = time.perf_counter()
        call()
        if device != "cpu":
            synchronize()
        return time.perf_counter() - begin

    once()
    return statistics.median(once() for _ in range(runs))


def copy_rate(device: str, runs: int) -> float:
    """Bytes read and written a second by a plain copy of 256 MiB on the device."""
    here = to_device(np.ones(2**25, np.float64), device)
    if is_on_gpu(here):
        there = array_module(here).empty_like(here)

        def call() -> Any:
            there[...] = here
            return there
    else:
        from kernels.cpu.copy import copy

        there = np.zeros_like(here)

        def call() -> Any:
            copy(here, there)
            return there

    return 2 * int(here.nbytes) / timed(call, device, runs)


def town(size: int) -> np.ndarray:
    """A seeded surface of blocks on sloping ground, (size, size) float32 metres at 1 m."""
    rng = np.random.default_rng(SEED)
    z = np.add.outer(np.linspace(0, 30, size), np.linspace(0, 10, size))
    blocks = size * size // 1500
    corners, extents = rng.integers(0, size, (2, blocks)), rng.integers(6, 40, (3, blocks))
    for r, c, h, w, up in zip(*corners, *extents, strict=True):
        z[r : r + h, c : c + w] = z[r, c] + up * 0.8
    return z.astype(np.float32)


def wood(surface: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tops and undersides of crowns on a tenth of the surface, (rows, cols) float32 metres, NaN where none stands."""
    rng = np.random.default_rng(SEED)
    top, base = np.full(surface.shape, np.nan, np.float32), np.full(surface.shape, np.nan, np.float32)
    trees = surface.size // 500
    for r, c, wide in zip(*rng.integers(0, surface.shape[0], (2, trees)), rng.integers(4, 11, trees), strict=True):
        part = slice(r, r + wide), slice(c, c + wide)
        base[part], top[part] = surface[r, c] + 3, surface[r, c] + 4 + wide
    return top, base


def day(positions: int) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth and altitude of a summer's day from sunrise to sunset, degrees."""
    t = np.linspace(-1, 1, positions + 2)[1:-1]
    return 180 + 125 * t, 62 * np.cos(t * np.pi / 2)


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


def skyview(size: int, device: str, runs: int) -> Iterator[Row]:
    """Sky view factors, a year's hours of sun and a year's energy."""
    dsm = to_device(town(size), device)
    for directions in (36, 72):
        seconds = timed(partial(sky_view_factor, dsm, 1.0, directions), device, runs)
        yield row("skyview", f"sky view, {directions} directions", (size, size), seconds, size * size * directions, 12)
    for directions in (180, 360):
        azimuths = sector_centres(directions)
        sunny = (azimuths > 45) & (azimuths < 315)  # a year at 52° north
        table = np.where(sunny[:, None], np.linspace(4400 / sunny.sum(), 0, 181), 0)
        call = partial(hours_above_horizons, dsm, 1.0, azimuths, table)
        updates = size * size * int(sunny.sum())
        yield row("skyview", f"hours, {directions} directions", (size, size), timed(call, device, runs), updates, 12)
    sky = even_sky(directions := 180, 181)
    sun = sky * sunny[::2, None, None]
    call = partial(irradiation_above_horizons, dsm, 1.0, sector_centres(directions), np.stack([sun, sky]))
    seconds = timed(call, device, runs)
    yield row("skyview", f"beam and sky, {directions} dir.", (size, size), seconds, size * size * directions, 20)


def rasterize(size: int, device: str, runs: int) -> Iterator[Row]:
    """A terrain of triangles of 4.5 cells, and one of 450."""
    for step in (3, 30):
        n = size // step + 2
        y, x = np.mgrid[0:n, 0:n]
        vertices = np.column_stack([x.ravel() * step, size - y.ravel() * step, np.sin(x + y).ravel()]).astype(float)
        a = (y[:-1, :-1] * n + x[:-1, :-1]).ravel()
        faces = np.concatenate([np.stack([a, a + n, a + 1], 1), np.stack([a + 1, a + n, a + n + 1], 1)])
        v, t = to_device(vertices, device), to_device(faces.astype(np.int32), device)
        seconds = timed(partial(rasterize_triangles, v, t, 0.0, size, 1.0, (size, size)), device, runs)
        yield row("rasterize", f"{len(faces)} triangles", (size, size), seconds, size * size, 8)


def binning(size: int, device: str, runs: int) -> Iterator[Row]:
    """Four points a cell: in flight order, and shuffled."""
    rng = np.random.default_rng(SEED)
    count = 4 * size * size
    order = np.arange(count) / count * size
    z = to_device(rng.random(count, np.float32), device)
    x = to_device(rng.random(count) * size, device)
    for name, y in (("in flight order", order), ("shuffled", rng.permutation(order))):
        y = to_device(y, device)
        for reduce in ("max", "mean"):
            call = partial(bin_points, x, y, z, 0.0, size, 1.0, (size, size), reduce)
            yield row("binning", f"{reduce}, {name}", (size, size), timed(call, device, runs), count, 40)


def rays(size: int, device: str, runs: int) -> Iterator[Row]:
    """From the façades of seeded boxes on a plane to one sun, and to the first thing in any direction."""
    rng = np.random.default_rng(SEED)
    count = max(size * size // 1500, 1)
    x, y, (w, d, h) = *(rng.random((2, count)) * size), rng.uniform(6, 30, (3, count))
    corner = np.array([[i, j, k] for k in (0, 1) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))])
    boxes = np.stack([x, y, np.zeros(count)], axis=1)[:, None] + corner * np.stack([w, d, h], axis=1)[:, None]
    sides = np.array([[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]])
    faces = np.concatenate([sides, [[4, 5, 6], [4, 6, 7]]])
    vertices = np.concatenate([boxes.reshape(-1, 3), [[-size, -size, 0], [3 * size, -size, 0], [-size, 3 * size, 0]]])
    triangles = (faces + 8 * np.arange(count)[:, None, None]).reshape(-1, 3)
    triangles = np.concatenate([triangles, 8 * count + np.arange(3)[None]]).astype(np.int32)
    share = rng.random((size * size // 4, 2))
    at = np.stack([share[:, 0], np.full(len(share), -0.01), share[:, 1]], axis=1)  # before the southern walls
    which = np.sort(rng.integers(0, count, len(share)))
    origins = to_device((boxes[which, 0] + at * np.stack([w, d, h], axis=1)[which]).astype(np.float32), device)
    towards = rng.normal(size=origins.shape).astype(np.float32)
    towards[:, 1] = -np.abs(towards[:, 1])
    sun, anywhere = to_device(np.array([0.5, -0.7, 0.4], np.float32), device), to_device(towards, device)
    if device == "cpu":
        from kernels.cpu.rays import installed

        backends = [*installed(), "bvh"]
    else:
        backends = ["auto"]
    for backend in backends:
        mesh = RayMesh(vertices, triangles, device, backend)
        name = f"{mesh.backend}, {len(triangles)} triangles"
        seconds = timed(partial(mesh.occluded, origins, sun), device, runs)
        yield row("rays", f"any hit, {name}", (size, size), seconds, len(origins), 13)
        seconds = timed(partial(mesh.first, origins, anywhere), device, runs)
        yield row("rays", f"first hit, {name}", (size, size), seconds, len(origins), 32)


KERNELS: dict[str, Callable[[int, str, int], Iterator[Row]]] = {
    "shadow": shadow,
    "skyview": skyview,
    "rasterize": rasterize,
    "binning": binning,
    "rays": rays,
}


def row(kernel: str, variant: str, size: tuple[int, int], seconds: float, updates: int, width: int) -> Row:
    """One measurement; `width` is the bytes that an update must move at the least."""
    return {
        "kernel": kernel,
        "variant": variant,
        "size": list(size),
        "seconds": seconds,
        "updates": updates,
        "updates_per_second": updates / seconds,
        "bytes_per_update": width,
    }


def main(words: list[str] | None = None) -> int:
    """Run the measurements and print a row for each."""
    parser = argparse.ArgumentParser(prog="python -m kernels.bench", description=__doc__)
    parser.add_argument("kernel", nargs="?", choices=sorted(KERNELS), help="all when left out")
    parser.add_argument("--size", type=int, default=2000, help="rows and columns")
    parser.add_argument("--device", default="cpu", help="cpu or gpu")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    chosen = parser.parse_args(words)
    if chosen.size < 10 or chosen.runs < 1:
        parser.error("size of at least 10 and at least one run")
    try:
        rate = copy_rate(chosen.device, chosen.runs)
    except (RuntimeError, ValueError) as wrong:
        parser.exit(1, f"{wrong}\n")
    if not chosen.json:
        print(f"copy: {rate / 1e9:.1f} GB/s on {chosen.device}, {chosen.size}², median of {chosen.runs}")
    for name in [chosen.kernel] if chosen.kernel else KERNELS:
        for one in KERNELS[name](chosen.size, chosen.device, chosen.runs):
            one |= {"device": chosen.device, "runs": chosen.runs, "copy_bytes_per_second": rate}
            share = one["updates_per_second"] * one["bytes_per_update"] / rate
            print(
                json.dumps(one, ensure_ascii=False)
                if chosen.json
                else f"{name:10} {one['variant']:28} {one['seconds'] * 1e3:9.1f} ms "
                f"{one['updates_per_second'] / 1e6:9.0f} M/s  {share:6.1%} of copy",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
