"""LAS 1.0–1.4, LAZ and COPC to and from PointCloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import CityModelError, FormatError, ParameterError
from citymodel.formats.las_columns import DEFAULT, Filler, available, parts_of
from citymodel.formats.las_crs import las_crs
from citymodel.formats.las_header import LasHeader, check_layers, read_header
from citymodel.jobs import Progress, silent
from citymodel.points import PointCloud
from citymodel.report import Report

NAME = "LAS"
SUFFIXES = (".las", ".laz")
_CHUNK = 2_000_000  # points
_COLOURED = (2, 3, 5, 7, 8, 10)  # point formats
_DAMAGED = "its points cannot be decompressed ({}); get the file again from its source"


def sniff(head: bytes, path: Path) -> bool:
    return head[:4] == b"LASF"


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
    """Read points; coordinates stay the file's own integers with their scale and offset.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) or (xmin, ymin, zmin, xmax, ymax, zmax) in the file's CRS, edges included
    classes : classification codes to keep
    columns : names to keep beside the coordinates, or "all"; also ``rgb``, ``gps_time``, ``scan_angle``
    (degrees), extra dimensions by name. A name the file lacks is counted in the report.
    resolution : spacing of points wanted, in the CRS's unit; COPC only, others give all points
    crs : "EPSG:H[+V]" for a file that names none or a wrong one
    """
    path, report = Path(path), Report()
    header = read_header(path, report)
    if not header.points:
        report.add("no-points", "the header says 0")
    box = _box(bbox)
    with _faults(path):
        if header.copc and ("copc", 1000) in header.records and (box is not None or resolution is not None):
            from citymodel.formats.copc import copc_records

            _lazrs_knows(path, header)
            point_format, records = copc_records(path, header, box, resolution)
        else:
            parts = parts_of(
                "all" if columns == "all" else (*_names(columns), *(("classification",) if classes else ()))
            )
            point_format, records = _records(path, header, parts)
        filler = Filler(header.points, point_format, columns, report)
        done = 0
        for record in records:
            filler.add(record, _chosen(record, header, box, classes))
            done += len(record)
            progress(min(done / max(header.points, 1), 1.0), path.name)
        xyz, kept = filler.done()
    return PointCloud(
        xyz=xyz,
        scale=np.array(header.scale),
        offset=np.array(header.offset),
        columns=kept,
        crs=crs or las_crs(header, report),
        version=f"{header.version[0]}.{header.version[1]}",
        point_format=header.point_format,
        metadata={"encoding": header.encoding, "source": str(path), "columns": available(point_format)},
        report=report,
    )


def columns_to_show(path: Path) -> tuple[str, ...]:
    """The default columns, and the colours of a file that has them."""
    coloured = read_header(path, Report()).point_format in _COLOURED
    return (*DEFAULT, "rgb") if coloured else DEFAULT


def _names(columns: Sequence[str] | str) -> Sequence[str]:
    return [columns] if isinstance(columns, str) else columns


def info(path: str | Path) -> dict[str, Any]:
    """The contract's mapping of points; read in chunks, classes and bounds of the points themselves."""
    from laspy import DecompressionSelection as Parts

    path, report = Path(path), Report()
    header = read_header(path, report)
    classes, low, high = np.zeros(256, dtype=np.int64), np.full(3, 2**31), np.full(3, -(2**31))
    with _faults(path):
        parts = Parts.base() | Parts.XY_RETURNS_CHANNEL | Parts.Z | Parts.CLASSIFICATION
        point_format, records = _records(path, header, parts)
        for record in records:
            raw = record.array
            codes = raw["raw_classification"] & 31 if header.point_format < 6 else raw["classification"]
            classes += np.bincount(codes, minlength=256)
            for axis, name in enumerate("XYZ"):
                low[axis] = min(low[axis], raw[name].min())
                high[axis] = max(high[axis], raw[name].max())
    bounds = None
    if header.points:
        bounds = [float(v) for v in (*(low * header.scale + header.offset), *(high * header.scale + header.offset))]
        _check_bounds(bounds, header, report)
    else:
        report.add("no-points", "the header says 0")
    return {
        "format": NAME,
        "version": f"{header.version[0]}.{header.version[1]}",
        "point_format": header.point_format,
        "points": header.points,
        "classes": {str(code): int(classes[code]) for code in np.flatnonzero(classes)},
        "crs": las_crs(header, report),
        "bounds": bounds,
        "encoding": header.encoding,
        "columns": available(point_format),
        "warnings": report.warnings(),
    }


def _check_bounds(bounds: Sequence[float], header: LasHeader, report: Report) -> None:
    said = np.array([*header.low, *header.high])
    wrong = ~(np.abs(said - bounds) <= 2.0 * np.tile(header.scale, 2))
    if wrong.any():
        report.add("header-bounds-differ", "the header says " + " ".join(f"{v:.10g}" for v in said))


def _box(bbox: Sequence[float] | None) -> NDArray[np.float64] | None:
    """(2, 3) low and high corner."""
    if bbox is None:
        return None
    if len(bbox) not in (4, 6):
        raise ParameterError("a box has four numbers (xmin ymin xmax ymax) or six (with zmin and zmax)")
    corners = np.array(bbox, dtype=np.float64).reshape(2, -1)
    if corners.shape[1] == 2:
        corners = np.column_stack([corners, [-np.inf, np.inf]])
    if not (corners[0] <= corners[1]).all():
        raise ParameterError("a box names its lower corner first: xmin ymin xmax ymax")
    return corners


def _chosen(record: Any, header: LasHeader, box: Any, classes: Sequence[int] | None) -> Any:
    """A mask of the points in the box and of the classes, or all as a slice."""
    raw, mask = record.array, None
    if classes is not None:
        codes = raw["raw_classification"] & 31 if header.point_format < 6 else raw["classification"]
        mask = np.isin(codes, list(classes))
    if box is not None:
        for axis, name in enumerate("XYZ"):
            if np.isfinite(box[:, axis]).any():
                values = raw[name] * header.scale[axis] + header.offset[axis]
                inside = (values >= box[0, axis]) & (values <= box[1, axis])
                mask = inside if mask is None else mask & inside
    return slice(None) if mask is None else mask


def _records(path: Path, header: LasHeader, parts: Any) -> tuple[Any, Iterator[Any]]:
    """The laspy point format, and records of up to 2 M points."""
    import laspy

    backend = _backend(path, header)
    reader = laspy.open(path, read_evlrs=False, laz_backend=backend, decompression_selection=parts)

    def chunks() -> Iterator[Any]:
        with reader:
            left = header.points
            while left:
                record = reader.read_points(min(_CHUNK, left))
                if not len(record):
                    have = f"{header.points - left:,} of {header.points:,} points are present"
                    raise FormatError(path, "", f"is cut short: {have}; get the file again from its source")
                left -= len(record)
                yield record

    return reader.header.point_format, chunks()


def _backend(path: Path, header: LasHeader) -> Any:
    """lazrs on all cores; LASzip for the pointwise compressor and what else lazrs does not know."""
    from laspy import LazBackend

    if header.laszip is None:
        return None
    if header.laszip.compressor == 1 or (header.points and not _lazrs_knows(path, header)):
        return LazBackend.Laszip
    return LazBackend.LazrsParallel


def _lazrs_knows(path: Path, header: LasHeader) -> bool:
    """Whether lazrs can begin to read; chunks that name more bytes than there are would make it allocate them."""
    import lazrs

    record = header.records["laszip encoded", 22204]
    with path.open("rb") as file:
        file.seek(header.start)
        table = lazrs.read_chunk_table(file, lazrs.LazVlr(record))
        start = file.tell()
        room, needed = file.seek(0, 2) - start, sum(entry[1] for entry in table)
        if needed > room:
            what = f"names {needed:,} bytes of points, {room:,} are present; get the file again from its source"
            raise FormatError(path, "chunk table", what)
        check_layers(path, file, header, start, [entry[1] for entry in table])
        file.seek(header.start)
        try:
            lazrs.ParLasZipDecompressor(file, record)
        except lazrs.LazrsError:
            return False
    return True


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """What laspy and the decoders throw at broken files, as FormatError."""
    try:
        yield
    except (CityModelError, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # Rust's, from lazrs
            raise
        if isinstance(error, OSError) and error.filename:  # the disk's fault, not the content's
            raise
        text = " ".join(str(error).split())[:120] or type(error).__name__
        raise FormatError(path, "", _DAMAGED.format(text)) from error


def write(cloud: PointCloud, path: str | Path, **_: Any) -> None:
    """Write LAS 1.4, compressed for the suffix ``.laz``, with the CRS as WKT; whole or not at all."""
    from citymodel.formats.las_write import write_las

    write_las(cloud, Path(path))
