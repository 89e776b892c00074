"""GeoTIFF and ESRI ASCII grids to and from north-up rasters (xarray.DataArray, dims y, x)."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import CrsError, FormatError, ParameterError, ResourceError
from citymodel.formats.crs_text import wkt_text
from citymodel.report import Report

if TYPE_CHECKING:
    from xarray import DataArray

NAME = "GeoTIFF"
SUFFIXES = (".tif", ".tiff", ".asc")
NAMES = {"GTiff": "GeoTIFF", "AAIGrid": "ESRI ASCII grid"}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ASCII = re.compile(rb"\s*ncols\s+\d", re.IGNORECASE)
_LOST = 1e30  # heights beyond this are no-data marks that the header forgot to name
_BIG = 250_000_000  # cells; 1 GB of float32
_LONGEST_WKT = 100_000  # bytes of a .prj
_WKT = ("PROJCS[", "PROJCRS[", "GEOGCS[", "GEOGCRS[", "COMPD_CS[", "COMPOUNDCRS[")
_DENSEST = 1100.0  # bytes of cells a byte of file; deflate packs 1,032 into one


class Placement(NamedTuple):
    """North-up grid: left, top corner, cell sizes > 0, and whether rows or columns were flipped."""

    x0: float
    y0: float
    dx: float
    dy: float
    flip_rows: bool
    flip_columns: bool


def sniff(head: bytes, path: Path) -> bool:
    return head.startswith(_TIFF) or _ASCII.match(head) is not None


def read(
    path: str | Path, *, bbox: Sequence[float] | None = None, crs: str | None = None, band: int = 1, **_: Any
) -> DataArray:
    """Read one band as float32, NaN where there is no data, first row in the north.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) in the raster's CRS; the cells whose centres lie in it
    crs : "EPSG:H[+V]" for a file that names none or a wrong one
    band : 1 for the first
    """
    from xarray import DataArray

    path, report = Path(path), Report()
    with _opened(path) as source:
        place = _placement(path, source, report)
        if np.dtype(source.dtypes[0]).kind == "c":
            raise FormatError(path, "", "holds complex numbers, which are no heights; give a raster of real ones")
        if not 1 <= band <= source.count:
            raise ParameterError(f"{path}: has bands 1 to {source.count}; band {band} was asked for")
        rows, columns = _part(path, source.shape, place, bbox)
        _check_memory(path, (rows.stop - rows.start) * (columns.stop - columns.start))
        values = _values(path, source, band, _stored(rows, columns, source.shape, place), report)
        wkt, tags = _wkt(path, source), dict(source.tags(band)) | dict(source.tags())
        bands = source.count
    if place.flip_rows:
        values = values[::-1]
    if place.flip_columns:
        values = values[:, ::-1]
    found = _told(crs, wkt, report) if crs else wkt_text(wkt, report) if wkt else None
    data = DataArray(
        np.ascontiguousarray(values),
        dims=("y", "x"),
        coords={
            "y": place.y0 - (np.arange(rows.start, rows.stop) + 0.5) * place.dy,
            "x": place.x0 + (np.arange(columns.start, columns.stop) + 0.5) * place.dx,
        },
        name=path.stem,
        attrs={
            "units": tags.get("units", ""),
            "long_name": tags.get("long_name", path.stem),
            "source": str(path),
            "bands": bands,
            "warnings": report.warnings(),
        },
    )
    if "provenance" in tags:
        data.attrs["provenance"] = tags["provenance"]
    data = _with_crs(data, found or wkt)
    if found:  # after write_crs, which drops it; rioxarray stumbles over a None here
        data.attrs["crs"] = found
    return data


def info(path: str | Path) -> dict[str, Any]:
    """The contract's mapping of a raster; cells are read in strips, never all at once."""
    path, report = Path(path), Report()
    with _opened(path) as source:
        place = _placement(path, source, report)
        low, high, lost = math.inf, -math.inf, 0
        rows, columns = source.shape
        for top, bottom in _strips(source):
            strip = _values(path, source, 1, (slice(top, bottom), slice(0, columns)), report)
            known = strip[~np.isnan(strip)]
            lost += strip.size - known.size
            if known.size:
                low, high = min(low, float(known.min())), max(high, float(known.max()))
        wkt = _wkt(path, source)
        return {
            "format": NAMES[source.driver],
            "size": [rows, columns],
            "cell": [place.dx, place.dy],
            "crs": wkt_text(wkt, report) if wkt else None,
            "bounds": [place.x0, place.y0 - rows * place.dy, place.x0 + columns * place.dx, place.y0],
            "nodata_cells": lost,
            "range": [low, high] if low <= high else None,
            "bands": source.count,
            "dtype": source.dtypes[0],
            "warnings": report.warnings(),
        }


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The rasterio dataset; only the two drivers, no side files, faults as FormatError."""
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    log = logging.getLogger("rasterio")
    log_level = log.level
    try:
        log.setLevel(logging.CRITICAL)  # GDAL's own words for broken files; ours follow as FormatError
        options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_CACHEMAX": 128}
        with rasterio.Env(**options), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver=_driver(path)) as source:
                _check_size(path, source)
                yield source
    except RasterioError as error:
        raise FormatError(path, "", f"cannot be read as a raster ({_first_line(error)}); get the file again") from error
    finally:
        log.setLevel(log_level)


def _driver(path: Path) -> str:
    """GDAL's name of the format; named, so that no other driver is tried on a hostile file."""
    with path.open("rb") as file:
        head = file.read(512)
    if not sniff(head, path):
        raise FormatError(path, "", "is neither a GeoTIFF nor an ESRI ASCII grid; save it as one of them in a GIS")
    return "GTiff" if head.startswith(_TIFF) else "AAIGrid"


def _wkt(path: Path, source: Any) -> str | None:
    """The coordinate system as WKT: the file's own, or that of the .prj beside an ESRI ASCII grid."""
    if source.crs:
        return str(source.crs.to_wkt())
    if source.driver != "AAIGrid":
        return None
    for beside in (path.with_suffix(".prj"), path.with_suffix(".PRJ")):
        if beside.is_file() and beside.stat().st_size <= _LONGEST_WKT:
            text = beside.read_text(encoding="utf-8", errors="replace").strip()
            return text if text.upper().startswith(_WKT) else None
    return None


def _told(crs: str, wkt: str | None, report: Report) -> str:
    """What the caller says of the coordinate system, with a warning where the file says another one."""
    from citymodel.geo import horizontal

    own = wkt_text(wkt, Report()) if wkt else None
    if own is not None and horizontal(own) != horizontal(crs):
        report.add("crs-replaced", f"says {own}; {crs} was taken instead, as told")
    return crs


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    return " ".join(str(cause).split())[:160].removesuffix(".") or "the file is damaged"


def _check_size(path: Path, source: Any) -> None:
    """Refuse a header that promises more cells than the file could hold."""
    cells, size = source.width * source.height, path.stat().st_size
    shape = f"{source.height:,} × {source.width:,} cells"
    if source.driver == "AAIGrid" and 2 * cells - 1 > size:
        raise FormatError(path, "", f"is cut short: its header says {shape}, {size:,} bytes hold fewer; get it again")
    promised = cells * np.dtype(source.dtypes[0]).itemsize
    if cells > _BIG and promised > _DENSEST * size:
        raise FormatError(path, "", f"its header says {shape}, which {size:,} bytes cannot hold; get it again")


def _check_memory(path: Path, cells: int) -> None:
    if cells > 8 * _BIG:
        raise ResourceError(f"{path}: {cells:,} cells would take {cells * 4e-9:.0f} GB; choose a part of it (--bbox)")


def _placement(path: Path, source: Any, report: Report) -> Placement:
    a, b, c, d, e, f = tuple(source.transform)[:6]
    if source.transform.is_identity:
        report.add("raster-without-place", "cells are counted from the lower left corner, 1 unit each")
        return Placement(0.0, float(source.height), 1.0, 1.0, False, False)
    if not all(map(math.isfinite, (a, b, c, d, e, f))) or a == 0.0 or e == 0.0:
        raise FormatError(path, "", f"its cell size {a} × {e} makes no grid; georeference it again")
    if max(abs(b), abs(d)) > 1e-6 * min(abs(a), abs(e)):
        angle = math.degrees(math.atan2(d, a))
        raise FormatError(path, "", f"is rotated by {angle:.3f}°; warp it north-up first (gdalwarp IN OUT)")
    x0 = c if a > 0 else c + a * source.width
    y0 = f if e < 0 else f + e * source.height
    return Placement(x0, y0, abs(a), abs(e), e > 0, a < 0)


def _part(path: Path, shape: tuple[int, int], place: Placement, bbox: Sequence[float] | None) -> tuple[slice, slice]:
    """Rows and columns, north-up, whose centres lie in the box."""
    if bbox is None:
        return slice(0, shape[0]), slice(0, shape[1])
    x0, y0, x1, y1 = (float(v) for v in (bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5])))
    left = max(0, math.ceil((x0 - place.x0) / place.dx - 0.5))
    right = min(shape[1], math.floor((x1 - place.x0) / place.dx - 0.5) + 1)
    top = max(0, math.ceil((place.y0 - y1) / place.dy - 0.5))
    bottom = min(shape[0], math.floor((place.y0 - y0) / place.dy - 0.5) + 1)
    if left >= right or top >= bottom:
        edges = place.x0, place.y0 - shape[0] * place.dy, place.x0 + shape[1] * place.dx, place.y0
        said = " ".join(f"{v:.10g}" for v in edges)
        raise ParameterError(f"{path}: no cell lies in the box {x0:g} {y0:g} {x1:g} {y1:g}; the raster covers {said}")
    return slice(top, bottom), slice(left, right)


def _stored(rows: slice, columns: slice, shape: tuple[int, int], place: Placement) -> tuple[slice, slice]:
    """The same cells in the file's own order of rows and columns."""
    if place.flip_rows:
        rows = slice(shape[0] - rows.stop, shape[0] - rows.start)
    if place.flip_columns:
        columns = slice(shape[1] - columns.stop, shape[1] - columns.start)
    return rows, columns


def _values(path: Path, source: Any, band: int, cells: tuple[slice, slice], report: Report) -> NDArray[np.float32]:
    """(rows, columns) float32 of a window, NaN where the file has no data; scale and offset applied."""
    from rasterio.windows import Window

    masked = source.read(band, window=Window.from_slices(*cells), masked=True)
    with np.errstate(over="ignore", invalid="ignore"):
        values = masked.data.astype(np.float32)
        scale, offset = source.scales[band - 1], source.offsets[band - 1]
        if (scale, offset) != (1.0, 0.0):
            values = (masked.data * scale + offset).astype(np.float32)
    values[np.ma.getmaskarray(masked)] = np.nan
    for code, odd in (("value-beyond-1e30", np.abs(values) >= _LOST), ("value-of-9999-below-zero", values == -9999.0)):
        if odd.any():
            report.add(code, f"{values[odd][0]:g} was taken as no data, which the header does not say", int(odd.sum()))
            values[odd] = np.nan
    found: NDArray[np.float32] = values
    return found


def _strips(source: Any) -> Iterator[tuple[int, int]]:
    """Row ranges of about 4 million cells, in whole blocks of the file."""
    block = max(1, source.block_shapes[0][0])
    step = max(1, 4_000_000 // max(1, source.width * block)) * block
    for top in range(0, source.height, step):
        yield top, min(source.height, top + step)


def _with_crs(data: DataArray, crs: str | None) -> DataArray:
    import rioxarray  # noqa: F401  (registers .rio)

    if crs is None:
        return data
    return data.rio.write_crs(rasterio_crs(crs))  # type: ignore[no-any-return]


def rasterio_crs(crs: str) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError
    from rasterio.crs import CRS as RasterioCRS

    try:
        return RasterioCRS.from_wkt(CRS.from_user_input(crs).to_wkt())
    except CRSError:
        raise CrsError(f"{crs} is no coordinate system the register knows; write EPSG:number") from None


def write(data: DataArray, path: str | Path, **_: Any) -> None:
    """Write a raster: tiled, deflated GeoTIFF, or an ESRI ASCII grid by the suffix ``.asc``.

    Floats become float32 with NaN for no data, uint8 keeps 255 for it or what ``attrs`` nodata says; other types stay
    as they are. ``attrs`` units, long_name, source and provenance become TIFF tags; ``cell``, its width and height in
    metres, is what the coordinates of a single row or column do not tell.
    """
    path = Path(path)
    values, (x0, y0, dx, dy) = _north_up(data)
    if path.suffix.lower() == ".asc":
        _write_ascii(values, (x0, y0, dx, dy), path)
    else:
        _write_geotiff(data, values, (x0, y0, dx, dy), path)


def _north_up(data: DataArray) -> tuple[NDArray[Any], tuple[float, float, float, float]]:
    """The values, first row north, first column west, and x0, y0 (top left corner), dx, dy."""
    if set(data.dims) != {"y", "x"}:
        raise ParameterError(f"a raster has the dimensions y and x, this one has {', '.join(map(str, data.dims))}")
    data = data.transpose("y", "x")
    x, dx, turn_x = _axis(np.asarray(data["x"].values, dtype=np.float64), data, "x")
    y, dy, turn_y = _axis(np.asarray(data["y"].values, dtype=np.float64), data, "y")
    values = np.asarray(data.values)[:: -1 if not turn_y else 1, :: -1 if turn_x else 1]
    if values.dtype == bool:
        values = values.astype(np.uint8)
    elif values.dtype.kind == "f":
        values = values.astype(np.float32)
    elif values.dtype.itemsize == 8:
        values = values.astype(np.int32 if values.dtype.kind == "i" else np.uint32)
    return np.ascontiguousarray(values), (x - dx / 2, y + dy * (len(data["y"]) - 0.5), dx, dy)


def _axis(centres: NDArray[np.float64], data: DataArray, name: str) -> tuple[float, float, bool]:
    """The lowest centre, the cell size, and whether the axis runs downwards; one centre alone knows no size."""
    told = data.attrs.get("cell", (math.nan, math.nan))[0 if name == "x" else 1]
    if len(centres) < 2:
        cell = abs(float(data.rio.transform()[0 if name == "x" else 4])) if hasattr(data, "rio") else 1.0
        return float(centres[0]), told if told > 0 else cell or 1.0, name == "y"
    step = (centres[-1] - centres[0]) / (len(centres) - 1)
    if not step or np.abs(np.diff(centres) - step).max() > 1e-3 * abs(step):
        raise ParameterError(f"the raster's {name} coordinates are not evenly spaced; resample it to a regular grid")
    cell = told if abs(told - abs(step)) <= 1e-6 * abs(step) else abs(float(step))
    return float(min(centres[0], centres[-1])), cell, bool(step < 0)


def _write_geotiff(data: DataArray, values: NDArray[Any], grid: tuple[float, float, float, float], path: Path) -> None:
    import rasterio
    from affine import Affine

    from citymodel.formats.whole_file import whole_file

    kind = values.dtype.kind
    nodata = float("nan") if kind == "f" else data.attrs.get("nodata", 255) if values.dtype == np.uint8 else None
    crs = data.attrs.get("crs")
    with whole_file(path) as part, rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(
        part, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype,
        crs=rasterio_crs(crs) if crs else _own_crs(data), nodata=nodata,
        transform=Affine(grid[2], 0.0, grid[0], 0.0, -grid[3], grid[1]),
        tiled=True, blockxsize=256, blockysize=256, compress="deflate", predictor=3 if kind == "f" else 2,
        num_threads=2, BIGTIFF="IF_SAFER",
    ) as target:  # fmt: skip
        target.write(values, 1)
        target.update_tags(**tags_of(data))
        if data.attrs.get("units"):
            target.units = (str(data.attrs["units"]),)  # else readers take the unit of the CRS's heights


def _own_crs(data: DataArray) -> Any:
    import rioxarray  # noqa: F401  (registers .rio)

    return data.rio.crs


def tags_of(data: DataArray) -> dict[str, str]:
    import json

    found = {name: data.attrs[name] for name in ("units", "long_name", "source", "provenance") if data.attrs.get(name)}
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for name, value in found.items()
    }


def _write_ascii(values: NDArray[Any], grid: tuple[float, float, float, float], path: Path) -> None:
    from citymodel.formats.whole_file import whole_file

    x0, y0, dx, dy = grid
    if abs(dx - dy) > 1e-6 * dx:
        raise ParameterError(f"an ASCII grid has square cells, these are {dx:g} × {dy:g}; write a .tif instead")
    rows, columns = values.shape
    filled = np.where(np.isnan(values), -9999.0, values) if values.dtype.kind == "f" else values
    header = f"ncols {columns}\nnrows {rows}\nxllcorner {x0!r}\nyllcorner {y0 - rows * dy!r}\ncellsize {dx!r}\n"
    with whole_file(path) as part, part.open("w", encoding="ascii", newline="\n") as file:
        file.write(header + "NODATA_value -9999\n")
        np.savetxt(file, filled, fmt="%.9g" if values.dtype.kind == "f" else "%d")
