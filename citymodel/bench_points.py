"""The measurement of LAZ reading: points a second and the peak of memory, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from citymodel.points import PointCloud

ALLOWED_BASE, ALLOWED_POINT = 200_000_000, 16  # bytes; peak memory allowed to a read
_READ = """
import json, sys, time
from citymodel.formats import las
begin = time.perf_counter()
cloud = las.read(sys.argv[1])
seconds, cpu = time.perf_counter() - begin, time.process_time()
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
except ImportError:
    peak = None
print(json.dumps({"points": len(cloud), "seconds": seconds, "cpu_seconds": cpu, "peak_bytes": peak}))
"""


def measure_laz(path: str | Path | None = None, *, points: int = 20_000_000, runs: int = 3) -> dict[str, object]:
    """Median seconds and peak memory of reading a LAZ file with its default columns.

    ``cpu_seconds`` is that of all threads and of the start: on a busy machine it tells what ``seconds`` cannot.

    Parameters
    ----------
    path : a LAZ file; None simulates one of ``points`` points in a temporary folder
    """
    if path is None:
        with tempfile.TemporaryDirectory() as folder:
            simulated = Path(folder) / "flight.laz"
            code = "import sys; from citymodel.bench_points import simulate; simulate(sys.argv[1], int(sys.argv[2]))"
            subprocess.run([sys.executable, "-c", code, str(simulated), str(points)], check=True)
            return measure_laz(simulated, runs=runs)
    rows = [
        json.loads(subprocess.run([sys.executable, "-c", _READ, str(path)], check=True, capture_output=True).stdout)
        for _ in range(runs)
    ]
    seconds = float(np.median([row["seconds"] for row in rows]))
    n = int(rows[0]["points"])
    return {
        "measurement": "laz-read",
        "points": n,
        "file_bytes": Path(path).stat().st_size,
        "seconds": seconds,
        "cpu_seconds": float(np.median([row["cpu_seconds"] for row in rows])),
        "runs": runs,
        "points_per_second": n / seconds,
        "peak_bytes": max((row["peak_bytes"] or 0 for row in rows), default=0),
        "allowed_bytes": ALLOWED_BASE + ALLOWED_POINT * n,
    }


def simulate(path: str | Path, points: int) -> None:
    """Write a flight over rolling ground with boxes on it: scan lines 0.3 m apart, millimetres."""
    from citymodel.formats import las

    random = np.random.default_rng(1)
    width = max(1, int(np.sqrt(points)))
    row, column = np.divmod(np.arange(points, dtype=np.int32), width)
    xyz = np.empty((points, 3), dtype=np.int32)
    xyz[:, 0] = column * 300 + random.integers(-60, 60, points, dtype=np.int32)
    xyz[:, 1] = row * 300 + random.integers(-60, 60, points, dtype=np.int32)
    built = ((column // 60) % 2 == 0) & ((row // 80) % 2 == 0)
    ground = (3000 * np.sin(column * 1e-3) * np.cos(row * 1e-3)).astype(np.int32)
    xyz[:, 2] = ground + built * 12_000 + random.integers(-30, 30, points, dtype=np.int32)
    returns = random.choice(np.array([1, 1, 1, 2], dtype=np.uint8), points)
    cloud = PointCloud(
        xyz=xyz,
        scale=np.full(3, 0.001),
        offset=np.array([400_000.0, 5_800_000.0, 0.0]),
        columns={
            "classification": np.where(built, 6, 2).astype(np.uint8),
            "intensity": random.integers(200, 1200, points, dtype=np.uint16),
            "return_number": returns,
            "number_of_returns": returns,
        },
        crs="EPSG:25833",
    )
    las.write(cloud, path)


if __name__ == "__main__":
    print(json.dumps(measure_laz(*sys.argv[1:2])))
