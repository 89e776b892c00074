"""The measurement of CityGML reading: MB/s to triangulated arrays and peak memory, beside ogr2ogr's rate."""

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

import numpy as np

_PATIENCE = 120.0  # seconds for one run of ogr2ogr
Corner = tuple[float, float, float]
_READ = """
import json, sys, time
import pyproj
from citymodel import triangulate
from citymodel.formats import citygml
begin, busy = time.perf_counter(), time.process_time()
model = citygml.read(sys.argv[1])
read = time.perf_counter()
triangles = triangulate.triangulate(model)
end, busy = time.perf_counter(), time.process_time() - busy
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
except ImportError:
    peak = None
print(json.dumps({"polygons": model.n_polygons, "triangles": len(triangles.index), "seconds": end - begin,
                  "read_seconds": read - begin, "cpu_seconds": busy, "peak_bytes": peak}))
"""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:bldg="http://www.opengis.net/citygml/building/2.0"
 xmlns:gen="http://www.opengis.net/citygml/generics/2.0" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink">
  <gml:boundedBy>
    <gml:Envelope srsName="urn:ogc:def:crs,crs:EPSG::25833,crs:EPSG::7837" srsDimension="3"/>
  </gml:boundedBy>
"""


def measure_citygml(path: str | Path | None = None, *, megabytes: float = 100.0, runs: int = 3) -> dict[str, object]:
    """Median seconds from a CityGML file to triangulated arrays and its peak memory.

    Parameters
    ----------
    path : a CityGML file; None generates an LoD2 city of ``megabytes`` in a temporary folder
    """
    with tempfile.TemporaryDirectory() as folder:
        return _measure(_city(path, Path(folder), megabytes), runs)


def race_citygml(
    path: str | Path | None = None, *, megabytes: float = 100.0, runs: int = 3
) -> Iterator[dict[str, object]]:
    """Rows of our whole process beside that of ogr2ogr to a GeoPackage, on the same file, in turns.

    ogr2ogr gives solids of referenced polygons their surfaces only when it is told to resolve references,
    which grows with the square of the file: that race runs on 10 MB. As it comes it leaves them empty.
    The third race suits it best: polygons inside the solids, no boundary surfaces, nothing to resolve.
    """
    if shutil.which("ogr2ogr") is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = _city(path, folder, min(megabytes, 10.0))
        yield _race("references resolved", small, folder, ("--config", "GML_SKIP_RESOLVE_ELEMS", "NONE"), 1)
        large = _city(path, folder, megabytes)
        yield _race("references left out by ogr2ogr", large, folder, (), runs)
        if path is None:
            inline = folder / "inline.gml"
            generate(inline, int(megabytes * 1e6), inline=True)
            yield _race("no references and no boundary surfaces", inline, folder, (), runs)


def _city(path: str | Path | None, folder: Path, megabytes: float) -> Path:
    """A copy of the file, or a generated city, in the folder."""
    file = folder / "city.gml"
    if path is None:
        generate(file, int(megabytes * 1e6))
    else:
        shutil.copyfile(path, file)
    return file


def _race(case: str, file: Path, folder: Path, options: Sequence[str], runs: int) -> dict[str, object]:
    """Median seconds of both programs' processes from start to end."""
    ours, theirs = [], []
    for _ in range(runs):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", _READ, str(file)], check=True, capture_output=True)
        ours.append(time.perf_counter() - begin)
        theirs.append(_ogr2ogr(file, folder, options))
    size = file.stat().st_size
    row: dict[str, object] = {"measurement": "citygml-race", "case": case, "file_bytes": size, "runs": runs}
    mine = float(np.median(ours))
    row |= {"process_seconds": mine, "megabytes_per_second": size / 1e6 / mine}
    if all(other is not None for other in theirs):
        other = float(np.median([seconds for seconds in theirs if seconds is not None]))
        row |= {"ogr2ogr_seconds": other, "ogr2ogr_megabytes_per_second": size / 1e6 / other}
        row |= {"times_ogr2ogr": other / mine}
    else:
        row["ogr2ogr"] = f"failed or took over {_PATIENCE} s"
    return row


def _measure(file: Path, runs: int) -> dict[str, object]:
    """Median of our reader in processes of its own."""
    rows = []
    for _ in range(runs):
        done = subprocess.run([sys.executable, "-c", _READ, str(file)], check=True, capture_output=True)
        rows.append(json.loads(done.stdout))
    size = file.stat().st_size
    seconds = float(np.median([row["seconds"] for row in rows]))
    peak = max(row["peak_bytes"] or 0 for row in rows)
    return {
        "measurement": "citygml-read",
        "file_bytes": size,
        "polygons": rows[0]["polygons"],
        "triangles": rows[0]["triangles"],
        "seconds": seconds,
        "read_seconds": float(np.median([row["read_seconds"] for row in rows])),
        "cpu_seconds": float(np.median([row["cpu_seconds"] for row in rows])),
        "runs": runs,
        "megabytes_per_second": size / 1e6 / seconds,
        "peak_bytes": peak,
        "peak_over_file": peak / size,
    }


def _ogr2ogr(file: Path, folder: Path, options: Sequence[str]) -> float | None:
    """Seconds of ogr2ogr from the file to a GeoPackage; None where it fails or takes too long."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        copy = Path(place) / file.name  # ogr2ogr writes files beside the one it reads
        os.link(file, copy)
        command = ["ogr2ogr", "-q", "-f", "GPKG", str(Path(place) / "out.gpkg"), str(copy), *options]
        begin = time.perf_counter()
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            return None
        return time.perf_counter() - begin if done.returncode == 0 else None


def generate(path: Path, size: int, *, inline: bool = False) -> None:
    """Write a CityGML 2.0 LoD2 file of about ``size`` bytes: gabled houses, L-shapes, courtyard blocks.

    ``inline`` puts the polygons into the solids, without boundary surfaces.
    """
    random = np.random.default_rng(1)
    with path.open("w", encoding="utf-8") as file:
        written = file.write(_HEAD)
        number = 0
        while written < size:
            x, y = 384_000 + 30 * (number % 400), 5_812_000 + 30 * (number // 400)
            written += file.write(_building(number, random, float(x), float(y), inline))
            number += 1
        file.write("</core:CityModel>\n")


def _building(number: int, random: np.random.Generator, x: float, y: float, inline: bool) -> str:
    """One building as LoD2 boundary surfaces and a solid that points at their polygons."""
    width, depth, eaves, ground = random.uniform((8, 8, 4, 30), (20, 14, 15, 60)).tolist()
    shape = (_house, _house, _house, _angle, _courtyard)[number % 5]
    turn = float(random.uniform(0, 0.3))
    id = f"BLDG_{number:08d}_{random.integers(1 << 62):016x}"
    polygons, surfaces = [], []
    for k, (kind, rings) in enumerate(shape(width, depth, ground, ground + eaves)):
        polygons.append(_polygon(f"{id}_{k}", [_positions(ring, x, y, turn) for ring in rings]))
        surfaces.append(_surface(kind, f"{id}_{k}", polygons[-1]))
    if inline:
        members = [f"              <gml:surfaceMember>\n{p}              </gml:surfaceMember>\n" for p in polygons]
        surfaces = []
    else:
        members = [f'              <gml:surfaceMember xlink:href="#{id}_{k}"/>\n' for k in range(len(polygons))]
    return (
        f'  <core:cityObjectMember>\n    <bldg:Building gml:id="{id}">\n'
        f'      <gen:stringAttribute name="district">\n        <gen:value>{number % 97:05d}</gen:value>\n'
        "      </gen:stringAttribute>\n      <bldg:function>31001_1000</bldg:function>\n"
        f'      <bldg:measuredHeight uom="urn:adv:uom:m">{eaves:.3f}</bldg:measuredHeight>\n'
        "      <bldg:lod2Solid>\n        <gml:Solid>\n          <gml:exterior>\n            <gml:CompositeSurface>\n"
        f"{''.join(members)}            </gml:CompositeSurface>\n          </gml:exterior>\n        </gml:Solid>\n"
        f"      </bldg:lod2Solid>\n{''.join(surfaces)}    </bldg:Building>\n  </core:cityObjectMember>\n"
    )


def _house(w: float, d: float, z0: float, z1: float) -> Iterator[tuple[str, list[list[Corner]]]]:
    """A rectangle with a gabled roof."""
    top, m = z1 + 3.2, d / 2
    yield "GroundSurface", [[(0, 0, z0), (0, d, z0), (w, d, z0), (w, 0, z0)]]
    yield "WallSurface", [[(0, 0, z0), (w, 0, z0), (w, 0, z1), (0, 0, z1)]]
    yield "WallSurface", [[(w, 0, z0), (w, d, z0), (w, d, z1), (w, m, top), (w, 0, z1)]]
    yield "WallSurface", [[(w, d, z0), (0, d, z0), (0, d, z1), (w, d, z1)]]
    yield "WallSurface", [[(0, d, z0), (0, 0, z0), (0, 0, z1), (0, m, top), (0, d, z1)]]
    yield "RoofSurface", [[(0, 0, z1), (w, 0, z1), (w, m, top), (0, m, top)]]
    yield "RoofSurface", [[(0, m, top), (w, m, top), (w, d, z1), (0, d, z1)]]


def _angle(w: float, d: float, z0: float, z1: float) -> Iterator[tuple[str, list[list[Corner]]]]:
    """An L with a flat roof."""
    outline = [(0.0, 0.0), (w, 0.0), (w, d / 2), (w / 2, d / 2), (w / 2, d), (0.0, d)]
    yield from _prism([outline], z0, z1)


def _courtyard(w: float, d: float, z0: float, z1: float) -> Iterator[tuple[str, list[list[Corner]]]]:
    """A block around a courtyard with a flat roof."""
    outline = [(0.0, 0.0), (w, 0.0), (w, d), (0.0, d)]
    court = [(w / 3, d / 3), (w / 3, d / 1.5), (w / 1.5, d / 1.5), (w / 1.5, d / 3)]
    yield from _prism([outline, court], z0, z1)


def _prism(
    outlines: Sequence[Sequence[tuple[float, float]]], z0: float, z1: float
) -> Iterator[tuple[str, list[list[Corner]]]]:
    yield "GroundSurface", [[(x, y, z0) for x, y in reversed(ring)] for ring in outlines]
    yield "RoofSurface", [[(x, y, z1) for x, y in ring] for ring in outlines]
    for ring in outlines:
        for (ax, ay), (bx, by) in zip(ring, (*ring[1:], ring[0]), strict=True):
            yield "WallSurface", [[(ax, ay, z0), (bx, by, z0), (bx, by, z1), (ax, ay, z1)]]


def _positions(ring: Sequence[Corner], x: float, y: float, turn: float) -> str:
    c, s = np.cos(turn), np.sin(turn)
    closed = (*ring, ring[0])
    return " ".join(f"{x + c * px - s * py:.3f} {y + s * px + c * py:.3f} {pz:.3f}" for px, py, pz in closed)


def _polygon(id: str, rings: Sequence[str]) -> str:
    pad = " " * 16
    parts = []
    for number, ring in enumerate(rings):
        name = "interior" if number else "exterior"
        parts.append(
            f"{pad}  <gml:{name}>\n{pad}    <gml:LinearRing>\n{pad}      <gml:posList>{ring}</gml:posList>\n"
            f"{pad}    </gml:LinearRing>\n{pad}  </gml:{name}>\n"
        )
    return f'{pad}<gml:Polygon gml:id="{id}">\n{"".join(parts)}{pad}</gml:Polygon>\n'


def _surface(kind: str, id: str, polygon: str) -> str:
    return (
        f'      <bldg:boundedBy>\n        <bldg:{kind} gml:id="{id}_s">\n          <bldg:lod2MultiSurface>\n'
        f"            <gml:MultiSurface>\n              <gml:surfaceMember>\n{polygon}"
        f"              </gml:surfaceMember>\n            </gml:MultiSurface>\n          </bldg:lod2MultiSurface>\n"
        f"        </bldg:{kind}>\n      </bldg:boundedBy>\n"
    )
