"""``./dev bench shadow``: our shadow and sky view beside other programs, the first call, and memory."""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.bench_peers import peers_python, run_peer
from kernels.bench.measure import copy_rate
from kernels.bench.towns import town
from kernels.shadow import SHADE, shadow_mask, sun_hours

AZIMUTH, ALTITUDES = 200.0, (62.0, 12.0)
#: Sun positions of one call; their time by position is what a study pays.
BATCH = 8
#: A program stops repeating a case after so many seconds.
PATIENCE = 12.0
_SKY = 1000
_SECOND = 1.0

Row = dict[str, Any]

_FIRST = """
import time
begin = time.perf_counter()
import numpy as np
from kernels.shadow import shadow_mask, sun_hours
z = np.zeros((1000, 1000), np.float32)
ready = time.perf_counter()
shadow_mask(z, 1.0, 200.0, 30.0)
mask = time.perf_counter()
sun_hours(z, 1.0, [100.0, 200.0], [30.0, 30.0], 1.0)
print(ready - begin, mask - ready, time.perf_counter() - mask)
"""
_MEMORY = """
import sys
import numpy as np
from kernels.bench.towns import day, town
from kernels.shadow import shadow_mask, sun_hours
what, size = sys.argv[1], int(sys.argv[2])
calls = {
    "a day of 74 suns": lambda z: sun_hours(z, 1.0, *day(74), 0.2),
    "one mask, by rows": lambda z: shadow_mask(z, 1.0, 200.0, 30.0),
    "one mask, by columns": lambda z: shadow_mask(z, 1.0, 250.0, 30.0),
}
calls[what](np.zeros((64, 64), np.float32))
z = np.load(sys.argv[3])
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak starts anew
status = lambda name: next(int(l.split()[1]) * 1024 for l in open("/proc/self/status") if l.startswith(name))
before = status("VmRSS")
out = calls[what](z)
print((status("VmHWM") - before - out.nbytes) / z.nbytes)
"""


def own_seconds(call: Callable[[], Any], runs: int) -> tuple[float, float]:
    """Median and fastest seconds of so many runs and of a second's worth at the least, after one call to warm up.

    On cores that other programs use, two threads wait for each other: there the fastest run tells what the code costs.
    """
    call()
    taken: list[float] = []
    while len(taken) < runs or (sum(taken) < _SECOND and len(taken) < 100):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken), min(taken)


def rows(sizes: list[int], runs: int, peers: bool) -> Iterator[Row]:
    """Every measurement; one with "note" says why something is missing."""
    yield {"copy_bytes_per_second": copy_rate("cpu", runs)}
    python, why = peers_python() if peers else (None, "left out as asked")
    if python is None:
        yield {"note": f"no peers: {why}"}
    for size in sizes:
        dsm = town(size)
        for altitude in ALTITUDES:
            yield from _case(dsm, altitude, runs, python)
    yield from _sky_view(python, runs)
    yield first_call()
    if Path("/proc/self/clear_refs").exists():
        yield from memory(max(sizes))
    else:
        yield {"note": "memory: measured on Linux only"}


def _case(dsm: np.ndarray, altitude: float, runs: int, python: Path | None) -> Iterator[Row]:
    """One sun over one surface by every program, ours before and after the others."""
    size, cells = dsm.shape[0], dsm.size
    azimuths = np.linspace(AZIMUTH - 90.0, AZIMUTH + 50.0, BATCH)

    def own() -> tuple[float, ...]:
        mask = own_seconds(lambda: shadow_mask(dsm, 1.0, AZIMUTH, altitude), runs)
        hours = own_seconds(lambda: sun_hours(dsm, 1.0, azimuths, np.full(BATCH, altitude), 0.1), runs)
        return *mask, hours[0] / BATCH, hours[1] / BATCH

    shade = shadow_mask(dsm, 1.0, AZIMUTH, altitude) == SHADE
    before = own()
    others: list[tuple[str, float, float, int, float]] = []
    for program in ("solweig", "umep") if python is not None else ():
        job = {"what": "shadow", "cell": 1.0, "azimuth": AZIMUTH, "altitude": altitude, "runs": 3, "seconds": PATIENCE}
        try:
            found, lit = run_peer(python, program, dsm, **job)  # type: ignore[arg-type]
        except (RuntimeError, OSError) as wrong:
            yield {"note": str(wrong)}
            continue
        apart = float(((lit < 0.5) != shade).mean())
        others.append((program, found["seconds"], found["fastest"], found["runs"], apart))
    mask, mask_best, batch, batch_best = (min(pair) for pair in zip(before, own(), strict=True))
    base = {"measurement": "shadow", "size": size, "altitude": altitude}
    for program, seconds, best, repeated, differ in (
        ("ours, one mask", mask, mask_best, runs, 0.0),
        (f"ours, of {BATCH} suns", batch, batch_best, runs, None),
        *others,
    ):
        yield base | {
            "program": program, "seconds": seconds, "fastest": best, "runs": repeated,
            "cells_per_second": cells / best, "times_our_mask": best / mask_best,
            "times_our_batch": best / batch_best, "cells_differ": differ,
        }  # fmt: skip


def _sky_view(python: Path | None, runs: int) -> Iterator[Row]:
    """The sky view factor where this build has it."""
    if importlib.util.find_spec("kernels.horizon") is None:
        yield {"note": "no sky view row: this build has no kernel for it"}
        return
    from kernels.horizon import sky_view_factor

    dsm = town(_SKY)
    own, best = own_seconds(lambda: sky_view_factor(dsm, 1.0, 72), min(runs, 3))
    base = {"measurement": "skyview", "size": _SKY}
    yield base | {"program": "ours, 72 directions", "seconds": own, "fastest": best, "times_our_batch": 1.0}
    if python is not None:
        try:
            found, _ = run_peer(python, "solweig", dsm, what="skyview", cell=1.0, runs=1, seconds=PATIENCE)
        except (RuntimeError, OSError) as wrong:
            yield {"note": str(wrong)}
            return
        taken = {"seconds": found["seconds"], "fastest": found["fastest"]}
        yield base | {"program": "solweig", **taken, "times_our_batch": found["fastest"] / best}


def first_call() -> Row:
    """Seconds of a fresh process: imports, first mask of 1000², first hours; compiled code lies in its cache."""
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", _FIRST], check=True, capture_output=True, text=True)
    imports, mask, hours = map(float, done.stdout.split())
    return {"measurement": "first call", "imports": imports, "mask": mask, "hours": hours, "seconds": imports + mask}


def memory(size: int) -> Iterator[Row]:
    """Peak beyond input and output, in rasters of float32."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        surface = Path(folder) / "dsm.npy"
        np.save(surface, town(size))
        for what in ("a day of 74 suns", "one mask, by rows", "one mask, by columns"):
            command = [sys.executable, "-c", _MEMORY, what, str(size), str(surface)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                yield {"note": f"memory of {what}: not measured here"}
                continue
            yield {"measurement": "memory", "size": size, "what": what, "rasters": float(done.stdout)}


def line(row: Row) -> str:
    """A row in one readable line."""
    if "note" in row:
        return str(row["note"])
    kind = row.get("measurement", "copy")
    if kind == "copy":
        return f"copy: {row['copy_bytes_per_second'] / 1e9:.1f} GB/s"
    if kind == "first call":
        parts = f"imports {row['imports']:.2f}, mask {row['mask']:.2f}"
        return f"first call of a fresh process: {row['seconds']:.2f} s ({parts})"
    if kind == "memory":
        return f"memory beyond input and output, {row['size']}², {row['what']}: {row['rasters']:.2f} rasters"
    where = f"{row['size']}²" + (f" at {row['altitude']:.0f}°" if "altitude" in row else "")
    taken = f"{row['fastest'] * 1e3:9.1f} ms at best, {row['seconds'] * 1e3:9.1f} at the median"
    masks = f", {row['times_our_mask']:6.1f} × our mask" if "times_our_mask" in row else ""
    times = f"{row['times_our_batch']:7.1f} × our batch{masks}"
    differ = row.get("cells_differ")
    share = "" if not differ else f", {differ:.2%} of cells differ"
    return f"{kind:8} {where:13} {row['program']:18} {taken}; {times}{share}"


def show(sizes: list[int], runs: int, peers: bool, as_json: bool) -> None:
    """Print the rows as they come."""
    for row in rows(sizes, runs, peers):
        print(json.dumps(row, ensure_ascii=False) if as_json else line(row), flush=True)
