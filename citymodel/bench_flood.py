"""``./dev bench flood``: our floods beside landlab's and Itzï's over one terrain, accuracy beside speed."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from citymodel.bench_peers import ROOT, peers_python
from kernels.bench.flood import MANNING, hill_and_level
from kernels.bench.flood_truth import dam_break
from kernels.bench.measure import copy_rate
from kernels.flood import SCHEMES, Flood

Row = dict[str, Any]
F8 = NDArray[np.float64]

RUNNER = ROOT / "packaging" / "peers" / "run_flood.py"
PEERS = ("landlab", "itzi")
#: Seconds of water carried before the clock starts; `packaging/peers/run_flood.py` does the same.
FIRST = 1e-3
#: Seconds of water times rows of the raster: some forty steps of ours at 1000².
SPAN = 2400.0
#: Rates in M updates/s of LISFLOOD-FP 8.1's first-order solver and of landlab, once on two cores side by side.
LISFLOOD, LANDLAB = 22.0, 29.0
#: The broken dam: cells along, metres of a cell, of water behind the dam and before it, seconds.
CELLS, CELL, BEHIND, BEFORE, SECONDS = 400, 10.0, 2.0, 0.4, 120.0


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Still water over a terrain with walls all around: (rows, cols) float64 metres, s/m^(1/3), seconds."""

    terrain: F8
    depth: F8
    cell: float
    manning: float
    duration: float


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a run took and left: by the clock, of all cores, steps, the depth at its end, the process's peak."""

    seconds: float
    core_seconds: float
    steps: int
    depth: F8
    version: str = ""
    peak_bytes: int | None = None


def own(job: Job, scheme: str) -> Run:
    """Carry the water by one of our schemes, without a record."""
    water = Flood(job.terrain, job.cell, manning=job.manning, scheme=scheme, wet=None)
    water.set_depth(job.depth)
    water.advance(FIRST)
    before, begin, used = water.steps, time.perf_counter(), time.process_time()
    water.advance(job.duration)
    seconds, cores = time.perf_counter() - begin, time.process_time() - used
    return Run(seconds, cores, water.steps - before, water.depth().astype(np.float64))


def other(job: Job, program: str, python: Path, folder: Path) -> Run:
    """The same by another program, in its own environment, on as many cores as ours.

    Raises RuntimeError with its last line where it fails.
    """
    terrain, depth, out, order = (folder / name for name in ("terrain.npy", "depth.npy", "out.npy", "job.json"))
    np.save(terrain, job.terrain)
    np.save(depth, job.depth)
    words = {"cell": job.cell, "manning": job.manning, "duration": job.duration}
    order.write_text(json.dumps({**words, "terrain": str(terrain), "depth": str(depth), "out": str(out)}))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["OMP_NUM_THREADS"] = str(numba.get_num_threads())
    done = subprocess.run(
        [str(python), str(RUNNER), program, str(order)], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RuntimeError(f"{program} ended with {done.returncode}: {reason}")
    found = json.loads([line for line in done.stdout.splitlines() if line.startswith("{")][-1])
    return Run(**found, depth=np.load(out))


def rows(sizes: Sequence[int], runs: int, peers: bool) -> Iterator[Row]:
    """Every measurement; one with "note" says why something is missing."""
    yield {"copy_bytes_per_second": copy_rate("cpu", runs), "cores": numba.get_num_threads()}
    python, why = peers_python() if peers else (None, "left out as asked")
    if python is None:
        yield {"note": f"no peers: {why}"}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            yield from _race(size, runs, python, Path(folder))
        for bed, before in (("wet", BEFORE), ("dry", 0.0)):
            yield from _dam(bed, before, python, Path(folder))


def _race(size: int, runs: int, python: Path | None, folder: Path) -> Iterator[Row]:
    """Every program in turn, and that as often as asked: what the machine does meanwhile meets all of them."""
    terrain, level = hill_and_level(size)
    job = Job(terrain, np.maximum(level - terrain, 0.0), 1.0, MANNING, SPAN / size)
    found: dict[str, list[Run]] = {name: [] for name in (*SCHEMES, *(PEERS if python else ()))}
    for name in SCHEMES:
        own(Job(terrain[:64, :64], job.depth[:64, :64], 1.0, MANNING, 2 * FIRST), name)  # compiles
    for _ in range(runs):
        for name in list(found):
            try:
                done = own(job, name) if name in SCHEMES else other(job, name, python, folder)  # type: ignore[arg-type]
            except (RuntimeError, OSError) as wrong:
                del found[name]
                yield {"note": str(wrong)}
                continue
            found[name].append(done)
    for name, all_runs in found.items():
        yield {"measurement": "flood", "size": size, "seconds_of_water": job.duration} | _rates(name, all_runs, found)


def _rates(name: str, all_runs: list[Run], found: dict[str, list[Run]]) -> Row:
    """Medians of a program's runs, and of its ratios to the peers round by round."""
    cells, steps = all_runs[0].depth.size, all_runs[0].steps
    updates = cells * steps
    seconds, cores = (statistics.median(getattr(one, key) for one in all_runs) for key in ("seconds", "core_seconds"))
    second_order = found["second-order"][0].depth
    row: Row = {
        "program": _named(name, all_runs[0]), "steps": steps, "updates": updates, "seconds": seconds,
        "core_seconds": cores, "updates_per_second": updates / seconds, "updates_per_core_second": updates / cores,
        "peak_bytes": all_runs[0].peak_bytes,
        "apart": float(np.sqrt(np.mean((all_runs[0].depth - second_order) ** 2))),
    }  # fmt: skip
    for peer in (one for one in PEERS if one in found):
        pairs = list(zip(all_runs, found[peer], strict=True))
        share = steps / found[peer][0].steps
        row[f"times_{peer}"] = statistics.median(share * b.seconds / a.seconds for a, b in pairs)
        row[f"times_{peer}_a_core"] = statistics.median(share * b.core_seconds / a.core_seconds for a, b in pairs)
        row[f"sooner_than_{peer}"] = statistics.median(b.seconds / a.seconds for a, b in pairs)
    if "landlab" in found and name == "first-order":
        row["times_lisflood"] = row["times_landlab"] * LANDLAB / LISFLOOD
    return row


def _named(name: str, run: Run) -> str:
    """A program with its version."""
    return f"ours, {name}" if name in SCHEMES else f"{name} {run.version}"


def _dam(bed: str, before: float, python: Path | None, folder: Path) -> Iterator[Row]:
    """How far each program's water is from Stoker's (wet) or Ritter's (dry) after a dam broke, no friction."""
    x = (np.arange(CELLS) + 0.5) * CELL
    middle = CELLS * CELL / 2
    depth = np.broadcast_to(np.where(x < middle, BEHIND, before), (8, CELLS)).copy()
    job = Job(np.zeros_like(depth), depth, CELL, 0.0, SECONDS)
    truth = dam_break(x, SECONDS, before, BEHIND, middle)
    for name in (*SCHEMES, *(PEERS if python else ())):
        try:
            done = own(job, name) if name in SCHEMES else other(job, name, python, folder)  # type: ignore[arg-type]
        except (RuntimeError, OSError) as wrong:
            yield {"note": str(wrong)}
            continue
        error = float(np.abs(done.depth[4] - truth).sum() / truth.sum())
        yield {
            "measurement": "dam break", "bed": bed, "cells": CELLS, "program": _named(name, done), "steps": done.steps,
            "error": error if math.isfinite(error) else None, "lowest": _finite(float(done.depth.min())),
        }  # fmt: skip


def _finite(value: float) -> float | None:
    """None in place of what JSON cannot say."""
    return value if math.isfinite(value) else None


def line(row: Row) -> str:
    """A row in one readable line."""
    if "note" in row:
        return str(row["note"])
    kind = row.get("measurement", "copy")
    if kind == "copy":
        return f"copy: {row['copy_bytes_per_second'] / 1e9:.1f} GB/s on {row['cores']} cores"
    if kind == "dam break":
        error = "blew up" if row["error"] is None else f"{row['error']:.2%} of the depth wrong"
        lowest = "" if row["lowest"] is None else f", lowest depth {row['lowest'] * 1e3:.3g} mm"
        return f"dam break, {row['bed']} bed, {row['cells']} cells  {row['program']:20} {error}{lowest}"
    said = (
        f"{row['size']:5}²  {row['program']:20} {row['updates_per_second'] / 1e6:7.1f} M updates/s, "
        f"{row['updates_per_core_second'] / 1e6:6.1f} a core's second; {row['steps']} steps in {row['seconds']:.2f} s"
    )
    for peer in (one for one in PEERS if f"times_{one}" in row):
        said += f"; × {peer} {row[f'times_{peer}']:.1f} ({row[f'times_{peer}_a_core']:.1f} a core)"
        said += f", done {row[f'sooner_than_{peer}']:.1f} × as soon"
    if "times_lisflood" in row:
        said += (
            f"\n       LISFLOOD-FP's rate was {LISFLOOD:.0f} M first-order updates a second where landlab's was "
            f"{LANDLAB:.0f}: so the ratio to it by landlab of this run is {row['times_lisflood']:.1f}"
        )
    return said


def show(sizes: Sequence[int], runs: int, peers: bool, as_json: bool) -> None:
    """Print the rows as they come; every program takes as many cores as Numba now may."""
    for row in rows(sizes, runs, peers):
        print(json.dumps(row, ensure_ascii=False) if as_json else line(row), flush=True)
