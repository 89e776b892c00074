"""Writing PointCloud as LAS 1.4 or LAZ, with the CRS as WKT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from citymodel.errors import CrsError
from citymodel.formats.whole_file import whole_file
from citymodel.points import PointCloud

_CHUNK = 1_000_000  # points
_RGB = ("red", "green", "blue")
_RECORD_LIMIT = 65_535  # bytes of a record in front of the points


def write_las(cloud: PointCloud, path: Path) -> None:
    """Point format 6, 7 with ``rgb`` or 8 with ``nir`` as well; other columns as extra dimensions."""
    import laspy

    header = _header(cloud)
    compress = path.suffix.lower() == ".laz"
    with whole_file(path) as part, part.open("wb") as file:
        writer = laspy.open(
            file, mode="w", header=header, do_compress=compress, closefd=False,
            laz_backend=laspy.LazBackend.LazrsParallel if compress else None,
        )  # fmt: skip
        with writer:
            for begin in range(0, len(cloud), _CHUNK):
                writer.write_points(_record(cloud, header, slice(begin, min(begin + _CHUNK, len(cloud)))))


def _header(cloud: PointCloud) -> Any:
    import laspy

    names = set(cloud.columns)
    header = laspy.LasHeader(point_format=8 if "nir" in names else 7 if "rgb" in names else 6, version="1.4")
    header.scales, header.offsets = cloud.scale, cloud.offset
    header.generating_software = "citymodel"
    header.global_encoding.wkt = True
    known = {*header.point_format.dimension_names, "rgb", "X", "Y", "Z"}
    extra = [
        laspy.ExtraBytesParams(name=name[:32], type=_type(column))
        for name, column in cloud.columns.items()
        if name not in known
    ]
    if extra:
        header.add_extra_dims(extra)
    wkt = _wkt(cloud.crs) if cloud.crs else None
    if wkt is not None:
        header.vlrs.append(laspy.vlrs.known.WktCoordinateSystemVlr(wkt))
    return header


def _type(column: Any) -> str:
    kind = np.dtype("u1") if column.dtype == bool else column.dtype
    return f"{column.shape[1] if column.ndim == 2 else ''}{kind.str[1:]}"


def _wkt(crs: str) -> str:
    """WKT 1 as the LAS specification wants it; WKT 2 for what WKT 1 cannot say."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        found = CRS.from_user_input(crs)
    except CRSError:
        raise CrsError(f"{crs} is no coordinate system the register knows; write EPSG:number") from None
    for version in ("WKT1_GDAL", "WKT2_2019_SIMPLIFIED", "WKT2_2019"):
        try:
            text = found.to_wkt(version)
        except CRSError:
            continue
        if text and len(text.encode()) < _RECORD_LIMIT:
            return str(text)
    raise CrsError(f"{crs} has no WKT text that fits into a LAS file")


def _record(cloud: PointCloud, header: Any, rows: slice) -> Any:
    from laspy import ScaleAwarePointRecord

    record = ScaleAwarePointRecord.zeros(rows.stop - rows.start, header=header)
    for axis, name in enumerate("XYZ"):
        record.array[name] = cloud.xyz[rows, axis]
    for name, column in cloud.columns.items():
        values = column[rows]
        if name == "rgb":
            for k, part in enumerate(_RGB):
                record[part] = values[:, k]
        elif name == "scan_angle":
            record["scan_angle"] = np.rint(values / 0.006).astype(np.int16)
        else:
            record[name[:32]] = values
    return record
