"""Tables with geometry to and from GeoPackage; SpatiaLite databases are read as well."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError, ParameterError
from citymodel.report import Report

NAME = "GeoPackage"
SUFFIXES = (".gpkg", ".sqlite")
_SQLITE = b"SQLite format 3\0"
_APPLICATION = slice(68, 72)  # bytes of an SQLite header that name the application
_NARROW = {
    "uint8": "int16",
    "uint16": "int32",
    "uint32": "int64",
    "uint64": "int64",
    "int8": "int16",
    "float16": "float32",
}


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Features: one geometry and one row of columns each.

    geometry : (n,) objects, shapely geometries or None
    columns : name → (n,) array of numbers, texts (object), booleans or times
    """

    layer: str
    geometry: NDArray[Any]
    columns: Mapping[str, NDArray[Any]]
    crs: str | None = None
    report: Report = field(default_factory=Report)

    def __len__(self) -> int:
        return len(self.geometry)

    def bounds(self) -> tuple[float, float, float, float, float, float] | None:
        """(xmin, ymin, zmin, xmax, ymax, zmax) of all geometries, heights 0; None where there is none."""
        import shapely

        left, low, right, high = (float(v) for v in shapely.total_bounds(self.geometry))
        return None if math.isnan(left) else (left, low, 0.0, right, high, 0.0)


def sniff(head: bytes, path: Path) -> bool:
    return head.startswith(_SQLITE)


def read(
    path: str | Path,
    *,
    layer: str | None = None,
    bbox: Sequence[float] | None = None,
    columns: Sequence[str] | None = None,
    crs: str | None = None,
    **_: Any,
) -> Table:
    """Read one layer; ``layer`` may be left out where the file has only one with features.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) in the layer's CRS; features that touch it
    columns : names to read; all by default
    """
    import shapely
    from pyogrio import raw

    path = Path(path)
    with _faults(path):
        name = layer or _only_layer(path)
        if name not in [n for n, _ in _layers(path)]:
            raise ParameterError(f"{path}: has no layer {name}; it has {', '.join(n for n, _ in _layers(path))}")
        box = None if bbox is None else tuple(float(v) for v in bbox[:4])
        meta, _fids, geometry, values = raw.read(path, layer=name, columns=columns, bbox=box)
    report = Report()
    bytes_ = np.full(len(values[0]) if values else 0, None, dtype=object) if geometry is None else geometry
    with np.errstate(invalid="ignore"):  # corners that are no numbers
        shapes = shapely.from_wkb(bytes_, on_invalid="ignore")
    broken = int((shapely.is_missing(shapes) & np.array([b is not None for b in bytes_], dtype=bool)).sum())
    if broken:
        report.add("unreadable-geometry", f"in layer {name}", broken)
    return Table(
        layer=name,
        geometry=shapes,
        columns=dict(zip(meta["fields"], values, strict=True)),
        crs=crs or _crs(meta["crs"], report),
        report=report,
    )


def info(path: str | Path) -> dict[str, Any]:
    """Layers with counts, geometry types, fields and CRS; bounds of all layers in the first one's CRS."""
    import pyogrio

    path, report, layers, boxes = Path(path), Report(), {}, []
    with _faults(path):
        for name, kind in _layers(path):
            found = pyogrio.read_info(path, layer=name, force_feature_count=True, force_total_bounds=True)
            crs = _crs(found["crs"], report)
            box = found["total_bounds"] if found["features"] else None
            layers[name] = {
                "features": found["features"],
                "geometry": kind,
                "crs": crs,
                "fields": list(found["fields"]),
            }
            boxes += [box] if box is not None and np.isfinite(box).all() else []
    systems = {entry["crs"] for entry in layers.values() if entry["features"]} or {e["crs"] for e in layers.values()}
    if not layers:
        report.add("no-layers", path.name)
    one = len(systems) == 1
    return {
        "format": NAME if _is_geopackage(path) else "SpatiaLite",
        "layers": layers,
        "crs": systems.pop() if one else None,
        "bounds": [float(v) for v in (*np.min(boxes, axis=0)[:2], *np.max(boxes, axis=0)[2:])]
        if boxes and one
        else None,
        "warnings": report.warnings(),
    }


def write(data: Table | Sequence[Table], path: str | Path, **_: Any) -> None:
    """Write one table, or several as layers of one file; whole or not at all."""
    from citymodel.formats.whole_file import whole_file

    tables = [data] if isinstance(data, Table) else list(data)
    if not tables or not all(isinstance(table, Table) for table in tables):
        raise ParameterError(f"{path}: a GeoPackage holds tables with geometry; give it one or more of them")
    if len({table.layer for table in tables}) < len(tables):
        raise ParameterError(f"{path}: two layers have the same name; rename one of them")
    with whole_file(path) as part:
        for k, table in enumerate(tables):
            _write_layer(table, part, append=k > 0)


def write_table(
    path: str | Path, layer: str, geometry: Any, columns: Mapping[str, Any], crs: str | None = None
) -> None:
    """Write a file of one layer from a sequence of shapely geometries and columns of the same length."""
    shapes = np.empty(len(geometry), dtype=object)
    shapes[:] = list(geometry)
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    wrong = [name for name, column in arrays.items() if len(column) != len(shapes)]
    if wrong:
        raise ParameterError(f"column {wrong[0]} has {len(arrays[wrong[0]])} rows, there are {len(shapes)} geometries")
    write(Table(layer, shapes, arrays, crs), path)


def _write_layer(table: Table, path: Path, *, append: bool) -> None:
    import shapely
    from pyogrio import raw

    kind = _geometry_type(table.geometry)
    arrays = [_storable(np.asarray(column)) for column in table.columns.values()]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)  # a local system is allowed
        raw.write(
            path,
            geometry=shapely.to_wkb(table.geometry, flavor="iso"),
            field_data=[values for values, _ in arrays],
            field_mask=[mask for _, mask in arrays],
            fields=list(table.columns),
            layer=table.layer,
            driver="GPKG",
            geometry_type=kind,
            crs=table.crs,
            promote_to_multi=kind.startswith("Multi"),
            append=append,
            dataset_options={} if append else {"VERSION": "1.3"},
            layer_options={"GEOMETRY_NAME": "geom"},
        )


def _geometry_type(geometry: NDArray[Any]) -> str:
    """The narrowest type that all geometries have, multi where any is."""
    import shapely

    shapes = geometry[~shapely.is_missing(geometry)]
    names = {str(name) for name in {shape.geom_type for shape in shapes}}
    plain = {name.removeprefix("Multi") for name in names}
    if not names or len(plain) > 1 or plain & {"GeometryCollection", "LinearRing"}:
        kind = "Unknown"
    else:
        kind = plain.pop() if names == plain else f"Multi{plain.pop()}"
    return f"{kind} Z" if kind != "Unknown" and shapely.has_z(shapes).any() else kind


def _storable(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The column in a type that GDAL takes, and a mask of texts that are missing."""
    if values.dtype.kind in "US":
        values = values.astype(object)
    if values.dtype.kind == "O":
        missing = np.array([value is None for value in values], dtype=bool)
        texts = np.array([None if value is None else str(value) for value in values], dtype=object)
        return texts, missing if missing.any() else None
    return values.astype(_NARROW.get(values.dtype.name, values.dtype.name)), None


def _layers(path: Path) -> list[tuple[str, str | None]]:
    import pyogrio

    return [(str(name), kind) for name, kind in pyogrio.list_layers(path)]


def _only_layer(path: Path) -> str:
    import pyogrio

    layers = _layers(path)
    filled = [n for n, _ in layers if pyogrio.read_info(path, layer=n, force_feature_count=True)["features"]]
    chosen = filled if filled else [n for n, _ in layers]
    if len(chosen) != 1:
        named = ", ".join(n for n, _ in layers) or "none"
        raise ParameterError(f"{path}: has the layers {named}; name the one you want (--layer)")
    return chosen[0]


def _crs(text: str | None, report: Report) -> str | None:
    from citymodel.formats.crs_text import wkt_text
    from citymodel.geo import normalise_crs

    if not text:
        return None
    return normalise_crs(text)[0] if text.upper().startswith("EPSG:") else wkt_text(text, report)


def _is_geopackage(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(100)[_APPLICATION] in (b"GPKG", b"GP10", b"GP11")


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """What is no database, and GDAL's complaints about broken ones, as FormatError.

    GDAL goes by the content: a text of another of its formats may name other files and addresses to read.
    """
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise FormatError(path, "", "is no GeoPackage, it does not begin as a database does; get the file again")
    try:
        yield
    except (DataSourceError, DataLayerError, FieldError, GeometryError, UnicodeDecodeError) as error:
        text = " ".join(str(error).split())[:160].removesuffix(".")
        raise FormatError(path, "", f"cannot be read as a GeoPackage ({text}); get the file again") from error
