"""Observers from files: tables of x and y, GeoPackage and GeoJSON with points, lines and polygons."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from citymodel.analysis.viewshed.sampling import MOST, along, within
from citymodel.errors import CrsError, FormatError

_BYTES = 200_000_000
_NAMES = {
    "x": ("x", "east", "easting", "e"),
    "y": ("y", "north", "northing", "n"),
    "eye": ("eye", "eye_height"),
    "name": ("name", "id", "title"),
}
_SPHERE = "EPSG:4326"  # what a GeoJSON without a system is in, by RFC 7946


class Observer(NamedTuple):
    """Somebody who looks: place in the raster's system; eye : metres, None for what all have."""

    x: float
    y: float
    eye: float | None = None
    name: str = ""


def read_observers(path: Path, crs: str | None, spacing: float = 10.0, layer: str | None = None) -> list[Observer]:
    """The observers of a file, in the system ``crs`` of the raster.

    spacing : metres between those along a line, and in a polygon; layer : of a GeoPackage with several
    """
    if path.stat().st_size > _BYTES:
        raise FormatError(path, "", f"is larger than {_BYTES / 1e6:.0f} MB; a list of observers is not")
    found = list(islice(_places(path, crs, spacing, layer), MOST + 1))
    if not found:
        raise FormatError(path, "", "holds no observers; give a line x,y for each")
    if len(found) > MOST:
        raise FormatError(path, "", f"holds more than {MOST:,} observers; take fewer, or sample wider")
    return found


def _places(path: Path, crs: str | None, spacing: float, layer: str | None) -> Iterator[Observer]:
    suffix = path.suffix.lower()
    if suffix in (".gpkg", ".sqlite"):
        from citymodel.formats import geopackage

        table = geopackage.read(path, layer=layer)
        yield from _of_shapes(path, table.geometry, table.columns, table.crs, crs, spacing)
    elif suffix in (".geojson", ".json"):
        yield from _of_geojson(path, crs, spacing)
    else:
        yield from _of_table(path)


def _of_table(path: Path) -> Iterator[Observer]:
    """Lines of x, y and perhaps eye and name, apart by commas, semicolons, tabs or blanks; a header or none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise FormatError(path, "", "is no text; give a CSV of x,y, a GeoPackage or a GeoJSON")
    columns: dict[str, int] | None = None
    for number, words in _lines(text):
        if columns is None:
            header = not (_is_number(words[0]) and len(words) > 1 and _is_number(words[1]))
            columns = _columns(path, words) if header else {"x": 0, "y": 1} | _rest(words)
            if header:
                continue
        yield _observer(path, number, words, columns)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            apart = next((one for one in (";", "\t", ",") if one in line), None)
            row = next(csv.reader([line], delimiter=apart)) if apart else line.split()
            yield number, [word.strip() for word in row]


def _rest(words: Sequence[str]) -> dict[str, int]:
    """What follows x and y without a header: a number is the eye, a text the name."""
    found: dict[str, int] = {}
    for at, word in enumerate(words[2:4], 2):
        found["eye" if _is_number(word) and at == 2 else "name"] = at
    return found


def _columns(path: Path, words: Sequence[str]) -> dict[str, int]:
    known = [word.lower() for word in words]
    found = {
        what: next(known.index(name) for name in names if name in known)
        for what, names in _NAMES.items()
        if any(name in known for name in names)
    }
    if not {"x", "y"} <= found.keys():
        said = ", ".join(words)[:80]
        raise FormatError(
            path, "line 1", f"has no columns x and y, but {said!r}; name them so, or leave the header out"
        )
    return found


def _observer(path: Path, number: int, words: Sequence[str], columns: dict[str, int]) -> Observer:
    where = f"line {number}"

    def value(what: str) -> float:
        word = words[columns[what]] if columns[what] < len(words) else ""
        if not _is_number(word):
            raise FormatError(path, where, f"{word[:40]!r} is no number for {what}; write it like 1234.5")
        return float(word)

    eye = columns.get("eye")
    name = columns.get("name")
    return Observer(
        value("x"),
        value("y"),
        value("eye") if eye is not None and eye < len(words) and words[eye] else None,
        words[name] if name is not None and name < len(words) else "",
    )


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def _of_geojson(path: Path, crs: str | None, spacing: float) -> Iterator[Observer]:
    import shapely

    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        features = data["features"] if data.get("type") == "FeatureCollection" else [data]
        shapes = np.empty(len(features), dtype=object)
        rows = []
        for number, one in enumerate(features):
            outline = one.get("geometry") if one.get("type") == "Feature" else one
            shapes[number] = shapely.from_geojson(json.dumps(outline)) if outline else None
            rows.append(one.get("properties") or {})
        system = _system(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, shapely.errors.ShapelyError) as wrong:
        reason = " ".join(str(wrong).split())[:100]
        raise FormatError(
            path, "", f"is no GeoJSON with points, lines or polygons ({reason}); write it again"
        ) from None
    keys = {key for row in rows for key in row}
    columns = {str(key): np.array([row.get(key) for row in rows], dtype=object) for key in keys}
    yield from _of_shapes(path, shapes, columns, system, crs, spacing)


def _system(data: Any) -> str:
    """The system of a GeoJSON: its old member "crs", else WGS 84."""
    from citymodel.geo import normalise_crs

    given = (data.get("crs") or {}).get("properties", {}).get("name")
    return normalise_crs(given)[0] or _SPHERE if given else _SPHERE


def _of_shapes(
    path: Path, shapes: Any, columns: Any, own: str | None, crs: str | None, spacing: float
) -> Iterator[Observer]:  # fmt: skip
    """Points as they are, lines and polygons sampled."""
    import shapely

    shapes = _brought(path, shapes, own, crs)
    lower = {str(name).lower(): column for name, column in columns.items()}
    eyes = next((lower[name] for name in _NAMES["eye"] if name in lower), None)
    names = next((lower[name] for name in _NAMES["name"] if name in lower), None)
    for number, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            continue
        eye = _eye(path, number, eyes[number]) if eyes is not None else None
        name = "" if names is None or names[number] is None else str(names[number])
        for part in shapely.get_parts(shape):
            kind = shapely.get_dimensions(part)
            if kind == 0:
                places = shapely.get_coordinates(part)
            else:
                places = along(part, spacing) if kind == 1 else within(part, spacing)
            if not np.isfinite(places).all():
                raise FormatError(path, f"feature {number + 1}", "has coordinates that are no numbers; mend it")
            yield from (Observer(float(x), float(y), eye, name) for x, y in places)


def _eye(path: Path, number: int, value: Any) -> float | None:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if not _is_number(str(value)):
        raise FormatError(path, f"feature {number + 1}", f"{str(value)[:40]!r} is no number for eye; write it like 1.7")
    return float(value)


def _brought(path: Path, shapes: Any, own: str | None, crs: str | None) -> Any:
    """The shapes in the raster's system."""
    from citymodel.geo import definition, horizontal

    if own is None or crs is None or horizontal(own) == horizontal(crs):
        if own == _SPHERE and crs is None:
            raise CrsError(f"{path}: is in longitude and latitude, the raster does not say its system; give it (--crs)")
        return shapes
    import pyproj
    import shapely

    convert = pyproj.Transformer.from_crs(definition(own), definition(crs), always_xy=True)
    return shapely.transform(shapes, lambda xy: np.column_stack(convert.transform(xy[:, 0], xy[:, 1])))
