"""Entwine Point Tile folders, named by their ``ept.json``, to PointCloud; tiles in LAZ only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError
from citymodel.formats import las
from citymodel.formats.las_columns import DEFAULT
from citymodel.jobs import Progress, silent
from citymodel.points import PointCloud
from citymodel.report import Report

NAME = "EPT"
SUFFIXES = ("ept.json",)
_KEY = re.compile(r"(\d{1,2})-(\d{1,10})-(\d{1,10})-(\d{1,10})")
_ELSEWHERE = -1  # the hierarchy goes on in a file of its own


def sniff(head: bytes, path: Path) -> bool:
    return path.suffix.lower() == ".json" and b'"hierarchyType"' in head and b'"bounds"' in head


def read(
    path: str | Path,
    *,
    bbox: Sequence[float] | None = None,
    classes: Sequence[int] | None = None,
    columns: Sequence[str] | str = DEFAULT,
    resolution: float | None = None,
    crs: str | None = None,
    progress: Progress = silent,
    **_: Any,
) -> PointCloud:
    """Read the tiles that the box touches, down to the level of ``resolution``; as ``las.read`` otherwise."""
    path, report = Path(path), Report()
    head = _head(path)
    tiles = list(_tiles(path, head, las._box(bbox), resolution))
    if not tiles:
        report.add("no-points", "no tile lies in the box")
    clouds = []
    for k, tile in enumerate(tiles):
        clouds.append(las.read(tile, bbox=bbox, classes=classes, columns=columns))
        progress((k + 1) / len(tiles), tile.name)
    scale, offset = (clouds[0].scale, clouds[0].offset) if clouds else (np.full(3, 0.01), np.zeros(3))
    names = set(clouds[0].columns).intersection(*(cloud.columns for cloud in clouds)) if clouds else set()
    return PointCloud(
        xyz=np.concatenate([_same_steps(c, scale, offset) for c in clouds] or [np.empty((0, 3), dtype=np.int32)]),
        scale=scale,
        offset=offset,
        columns={name: np.concatenate([c.columns[name] for c in clouds]) for name in sorted(names)},
        crs=crs or _crs(head, report),
        format=NAME,
        version=str(head.get("version", "")),
        point_format=clouds[0].point_format if clouds else -1,
        metadata={"encoding": NAME, "source": str(path), "columns": clouds[0].metadata["columns"] if clouds else []},
        report=report,
    )


def info(path: str | Path) -> dict[str, Any]:
    """The contract's mapping of points, over all tiles."""
    path, report = Path(path), Report()
    head = _head(path)
    found = [las.info(tile) for tile in _tiles(path, head, None, None)]
    classes: Counter[str] = Counter()
    for one in found:
        classes.update(one["classes"])
    boxes = np.array([one["bounds"] for one in found if one["bounds"]])
    points = sum(one["points"] for one in found)
    if points != head.get("points", points):
        report.add("points-differ", f"ept.json says {head['points']}, the tiles hold {points}")
    return {
        "format": NAME,
        "version": str(head.get("version", "")),
        "point_format": found[0]["point_format"] if found else None,
        "points": points,
        "classes": dict(sorted(classes.items(), key=lambda item: int(item[0]))),
        "crs": _crs(head, report),
        "bounds": [*boxes[:, :3].min(axis=0).tolist(), *boxes[:, 3:].max(axis=0).tolist()] if len(boxes) else None,
        "tiles": len(found),
        "warnings": report.warnings(),
    }


def _json(path: Path) -> Mapping[str, Any]:
    import orjson

    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise FormatError(path, "", "is missing; get the whole folder again from its source") from None
    except orjson.JSONDecodeError as error:
        raise FormatError(path, f"line {error.lineno}", "is no JSON; get the file again from its source") from None
    if not isinstance(found, dict):
        raise FormatError(path, "", "holds no JSON object; get the file again from its source")
    return found


def _head(path: Path) -> Mapping[str, Any]:
    head = _json(path)
    kind = head.get("dataType")
    if kind != "laszip":
        raise FormatError(path, "dataType", f"is {kind!r}; citymodel reads tiles of 'laszip', convert them first")
    box, span = head.get("bounds"), head.get("span")
    if not (isinstance(box, list) and len(box) == 6 and all(isinstance(v, int | float) for v in box)):
        raise FormatError(path, "bounds", "are no six numbers; get the file again from its source")
    if not (isinstance(span, int) and span > 0):
        raise FormatError(path, "span", "is no positive number; get the file again from its source")
    return head


def _tiles(path: Path, head: Mapping[str, Any], box: Any, resolution: float | None) -> Iterator[Path]:
    """Files of the tiles wanted, coarse ones first."""
    cube = np.array(head["bounds"], dtype=np.float64).reshape(2, 3)
    files, seen, keys = ["0-0-0-0"], set(), {}
    while files:
        name = files.pop()
        if name in seen:
            continue
        seen.add(name)
        for key, count in _json(path.parent / "ept-hierarchy" / f"{name}.json").items():
            if not _KEY.fullmatch(key) or not isinstance(count, int):
                raise FormatError(path.parent / "ept-hierarchy" / f"{name}.json", key[:40], "names no tile")
            if not _wanted(key, cube, int(head["span"]), box, resolution):
                continue
            if count == _ELSEWHERE:
                files.append(key)
            elif count > 0:
                keys[key] = count
    for key in sorted(keys, key=lambda text: [int(part) for part in text.split("-")]):
        tile = path.parent / "ept-data" / f"{key}.laz"
        if not tile.is_file():
            raise FormatError(tile, "", f"is missing, {keys[key]:,} points with it; get the whole folder again")
        yield tile


def _wanted(key: str, cube: NDArray[np.float64], span: int, box: Any, resolution: float | None) -> bool:
    level, *place = (int(part) for part in key.split("-"))
    edge = (cube[1] - cube[0]) / 2.0**level
    if resolution is not None and level and 2.0 * edge.max() / span <= resolution:
        return False  # the level above has points as dense as wanted
    low = cube[0] + edge * place
    return box is None or bool((low <= box[1]).all() and (low + edge >= box[0]).all())


def _same_steps(cloud: PointCloud, scale: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.int32]:
    if np.array_equal(cloud.scale, scale) and np.array_equal(cloud.offset, offset):
        return cloud.xyz
    return np.rint((cloud.coordinates() - offset) / scale).astype(np.int32)


def _crs(head: Mapping[str, Any], report: Report) -> str | None:
    from citymodel.formats.crs_text import wkt_text
    from citymodel.geo import normalise_crs

    srs = head.get("srs") if isinstance(head.get("srs"), dict) else {}
    if srs and str(srs.get("authority", "")).upper() == "EPSG" and srs.get("horizontal"):
        text = f"EPSG:{srs['horizontal']}" + (f"+{srs['vertical']}" if srs.get("vertical") else "")
        return normalise_crs(text)[0]
    return wkt_text(str(srs["wkt"]), report) if srs and srs.get("wkt") else None
