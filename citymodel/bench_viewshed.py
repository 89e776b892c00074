"""``./dev bench viewshed``: our viewsheds beside GDAL's, GRASS's and xarray-spatial's, accuracy beside speed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.bench_peers import ROOT, peers_python
from citymodel.bench_shadow import own_seconds
from kernels.bench.measure import copy_rate
from kernels.bench.towns import town
from kernels.sight import VISIBLE
from kernels.viewshed import Eye, Sight, prepare_view

Row = dict[str, Any]
Mask = NDArray[np.bool_]
Cell = tuple[int, int]

RUNNER = ROOT / "packaging" / "peers" / "run_viewshed.py"
EYE = 1.7
FLAT = Sight(curvature=False)
ORIGIN = (500_000.0, 5_000_000.0)
#: A program looks again until so many seconds have passed.
PATIENCE = 8.0
POOLED, MANY = 20, 100
POOLED_SIZE, MANY_SIZE = 1000, 2000


def eyes_of(dsm: NDArray[np.float32], count: int = 1) -> dict[str, list[Cell]]:
    """Cells of the bench's town to look from, in the street and on roofs, by the middle or seeded."""
    size = dsm.shape[0]
    ground = np.add.outer(np.linspace(0, 30, size), np.linspace(0, 10, size))
    above = dsm - ground
    middle = slice(size // 3, 2 * size // 3)
    inside = np.zeros(dsm.shape, dtype=bool)
    inside[middle, middle] = True
    found = {}
    for name, there in (("street", above < 0.01), ("roof", above > 12.0)):
        r, c = np.nonzero(there & inside)
        if count == 1:
            tall = -above[r, c] if name == "roof" else np.hypot(r - size / 2, c - size / 2)
            chosen = np.argsort(tall, kind="stable")[:1]
        else:
            chosen = np.random.default_rng(7).choice(len(r), count, replace=False)
        found[name] = [(int(r[k]), int(c[k])) for k in chosen]
    return found


def eye_at(dsm: NDArray[np.float32], cell: Cell) -> Eye:
    """The eye over a cell's centre."""
    return Eye(cell[0], cell[1], float(dsm[cell]) + EYE)


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union of what is seen."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0


_OWN = """
import resource, sys
from pathlib import Path
from citymodel.cli import main
main(sys.argv[1:])
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), peak))
"""


class Surface:
    """A surface as the programs read it: a file, where it lies, and the array."""

    def __init__(self, dsm: NDArray[np.float32], folder: Path) -> None:
        import rasterio
        from affine import Affine

        self.dsm, self.folder, self.path = dsm, folder, folder / f"dsm_{dsm.shape[0]}.tif"
        size = dsm.shape[0]
        with rasterio.open(
            self.path, "w", driver="GTiff", height=size, width=size, count=1, dtype="float32", crs="EPSG:32633",
            transform=Affine(1.0, 0.0, ORIGIN[0], 0.0, -1.0, ORIGIN[1]),
        ) as file:  # fmt: skip
            file.write(dsm, 1)

    def run(self, command: Sequence[str], program: str, eyes: Sequence[Cell], runs: int) -> tuple[Row, list[Mask]]:
        """What a program measured, its whole process beside it, and its masks."""
        out, order = self.folder / "out.npy", self.folder / "job.json"
        job = {
            "dsm": str(self.path), "size": self.dsm.shape[0], "origin": ORIGIN, "eyes": list(eyes), "eye": EYE,
            "runs": runs, "seconds": PATIENCE, "out": str(out),
        }  # fmt: skip
        order.write_text(json.dumps(job))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        begin = time.perf_counter()
        words = [*command, str(RUNNER), program, str(order)]
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
        whole = time.perf_counter() - begin
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise RuntimeError(f"{program} ended with {done.returncode}: {reason}")
        measured: Row = json.loads([line for line in done.stdout.splitlines() if line.startswith("{")][-1])
        cells = self.dsm.size
        masks = [np.unpackbits(one)[:cells].reshape(self.dsm.shape).astype(bool) for one in np.load(out)]
        return measured | {"whole_seconds": whole}, masks

    def own_process(self, cell: Cell, preview: bool) -> tuple[float, int]:
        """Seconds and peak of memory of ``citymodel viewshed`` as a process, reading and writing included."""
        x, y = ORIGIN[0] + cell[1] + 0.5, ORIGIN[1] - cell[0] - 0.5
        words = ["viewshed", str(self.path), "-o", str(self.folder / "own.tif"), "--curvature", "none"]
        words += ["--observer", str(x), str(y), "--device", "cpu", *(["--preview"] if preview else [])]
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", _OWN, *words], capture_output=True, text=True, check=True)
        return time.perf_counter() - begin, int(done.stdout)


def programs(peers: bool) -> tuple[dict[str, list[str]], list[str]]:
    """The commands that start each program's runner, and why others are not there."""
    if not peers:
        return {}, ["left out as asked"]
    found, missing = {}, []
    try:
        import rasterio

        if next(Path(rasterio.__file__).resolve().parent.parent.glob("rasterio.libs/libgdal-*"), None) is not None:
            found["gdal"] = [sys.executable]
    except ImportError:
        pass
    if "gdal" not in found:
        missing.append("GDAL: rasterio's wheel carries none here")
    if shutil.which("grass"):
        found["grass"] = ["grass", "--tmp-location", "EPSG:32633", "--exec", sys.executable]
    else:
        missing.append("GRASS: is not installed (Debian: grass-core)")
    python, why = peers_python()
    if python is not None:
        found["xarray-spatial"] = [str(python)]
    else:
        missing.append(f"xarray-spatial: {why}")
    return found, missing


def rows(sizes: Sequence[int], runs: int, peers: bool) -> Iterator[Row]:
    """Every measurement; one with "note" says why something is missing."""
    yield {"copy_bytes_per_second": copy_rate("cpu", runs)}
    there, missing = programs(peers)
    yield from ({"note": f"no peer: {why}"} for why in missing)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            surface = Surface(town(size), Path(folder))
            for place, cells in eyes_of(surface.dsm).items():
                yield from _case(surface, place, cells[0], runs, there)
        yield from _pooled(Path(folder), there)
        yield from _many(Path(folder), there)


def _case(surface: Surface, place: str, cell: Cell, runs: int, there: dict[str, list[str]]) -> Iterator[Row]:
    """One eye over one surface by every program, ours before and after the others."""
    dsm = surface.dsm
    eye = eye_at(dsm, cell)
    exact = prepare_view(dsm, 1.0).visible(eye, FLAT) == VISIBLE
    quick = prepare_view(dsm, 1.0).preview(eye, FLAT) == VISIBLE

    def own() -> list[tuple[float, float]]:
        return [
            own_seconds(lambda: prepare_view(dsm, 1.0).visible(eye, FLAT), runs),
            own_seconds(lambda: prepare_view(dsm, 1.0).preview(eye, FLAT), runs),
        ]

    before = own()
    others: list[Row] = []
    for name, command in there.items():
        try:
            found, masks = surface.run(command, name, [cell], runs)
        except (RuntimeError, OSError) as wrong:
            yield {"note": str(wrong)}
            continue
        others.append(found | {"program": f"{name} {found['version']}", "mask": masks[0]})
    ours: list[Row] = []
    for k, (name, mask) in enumerate((("ours, exact", exact), ("ours, preview", quick))):
        whole, peak = surface.own_process(cell, bool(k))
        ours.append({"program": name, "whole_seconds": whole, "peak_bytes": peak, "mask": mask})
    for row, first, again in zip(ours, before, own(), strict=True):
        row |= {"seconds": min(first[0], again[0]), "fastest": min(first[1], again[1])}
    base = {"measurement": "viewshed", "size": dsm.shape[0], "place": place, "seen": float(exact.mean())}
    for row in (*ours, *others):
        mask = row.pop("mask")
        yield base | {
            "program": row["program"], "seconds": row["seconds"], "fastest": row["fastest"],
            "whole_seconds": row["whole_seconds"], "peak_bytes": row["peak_bytes"], "iou": overlap(mask, exact),
            "cells_differ": float((mask != exact).mean()), "times_ours_exact": row["fastest"] / ours[0]["fastest"],
            "times_ours_preview": row["fastest"] / ours[1]["fastest"],
        }  # fmt: skip


def _pooled(folder: Path, there: dict[str, list[str]]) -> Iterator[Row]:
    """The quick ones over many eyes: cells of all of them together."""
    surface = Surface(town(POOLED_SIZE), folder)
    view = prepare_view(surface.dsm, 1.0)
    for place, cells in eyes_of(surface.dsm, POOLED).items():
        exact = [view.visible(eye_at(surface.dsm, cell), FLAT) == VISIBLE for cell in cells]
        found = {"ours, preview": [view.preview(eye_at(surface.dsm, cell), FLAT) == VISIBLE for cell in cells]}
        if "gdal" in there:
            found["gdal"] = surface.run(there["gdal"], "gdal", cells, 1)[1]
        for program, masks in found.items():
            yield {
                "measurement": "pooled", "size": POOLED_SIZE, "place": place, "program": program, "eyes": POOLED,
                "iou": overlap(np.array(masks), np.array(exact)),
                "cells_differ": float((np.array(masks) != np.array(exact)).mean()),
            }  # fmt: skip


def _many(folder: Path, there: dict[str, list[str]]) -> Iterator[Row]:
    """How many of a hundred eyes see each cell: ours in one call, GDAL an eye after the other."""
    surface = Surface(town(MANY_SIZE), folder)
    found = eyes_of(surface.dsm, MANY // 2)
    cells = [*found["street"], *found["roof"]]
    eyes = [eye_at(surface.dsm, cell) for cell in cells]
    view = prepare_view(surface.dsm, 1.0)
    base = {"measurement": "many", "size": MANY_SIZE, "eyes": MANY}
    for name, preview in (("ours, exact", False), ("ours, preview", True)):
        view.count(eyes[:1], FLAT, None, preview=preview)
        begin = time.perf_counter()
        view.count(eyes, FLAT, None, preview=preview)
        seconds = time.perf_counter() - begin
        yield base | {"program": name, "seconds": seconds, "cells_per_second": MANY * surface.dsm.size / seconds}
    if "gdal" in there:
        seconds = surface.run(there["gdal"], "gdal", cells, 1)[0]["total"]
        yield base | {"program": "gdal", "seconds": seconds, "cells_per_second": MANY * surface.dsm.size / seconds}


def line(row: Row) -> str:
    """A row in one readable line."""
    if "note" in row:
        return str(row["note"])
    kind = row.get("measurement", "copy")
    if kind == "copy":
        return f"copy: {row['copy_bytes_per_second'] / 1e9:.1f} GB/s"
    where = f"{row['size']}²" + (f" {row['place']}" if "place" in row else "")
    if kind == "pooled":
        said = f"IoU {row['iou']:.4f}, {row['cells_differ']:.3%} of cells differ, {row['eyes']} eyes together"
        return f"{kind:8} {where:13} {row['program']:22} {said}"
    if kind == "many":
        rate = f"{row['cells_per_second'] / 1e6:,.0f} M cell-observers/s"
        return f"{kind:8} {where:13} {row['program']:22} {row['seconds']:8.2f} s for {row['eyes']} eyes, {rate}"
    taken = f"{row['fastest'] * 1e3:9.1f} ms at best, {row['seconds'] * 1e3:9.1f} at the median"
    whole = f"process {row['whole_seconds']:.2f} s, {row['peak_bytes'] / 1e9:.2f} GB"
    right = f"IoU {row['iou']:.4f}, {row['cells_differ']:.3%} differ"
    return f"{kind:8} {where:13} {row['program']:22} {taken}; {whole}; {right}; × exact {row['times_ours_exact']:.2f}"


def show(sizes: Sequence[int], runs: int, peers: bool, as_json: bool) -> None:
    """Print the rows as they come."""
    for row in rows(sizes, runs, peers):
        print(json.dumps(row, ensure_ascii=False) if as_json else line(row), flush=True)
