"""The sample city's files: each written beside its place, then moved there whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.sample.buildings import Building
from citymodel.sample.flight import Scan
from citymodel.sample.terrain import CRS, ORIGIN, SIZE

_DAY = date(2026, 4, 1)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to in the same folder; it takes the place of ``path`` when all went well."""
    part = path.with_name(f".part-{os.getpid()}-{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_points(path: Path, scan: Scan) -> None:
    """LAZ, version 1.4, point format 6, millimetres, the CRS as WKT."""
    import laspy
    import pyproj

    header = laspy.LasHeader(version="1.4", point_format=6)
    header.scales, header.offsets = np.full(3, 0.001), np.array([*ORIGIN, 0.0])
    header.add_crs(pyproj.CRS(CRS), keep_compatibility=False)
    header.creation_date, header.generating_software, header.system_identifier = (
        _DAY,
        "citymodel sample",
        "simulated flight",
    )
    header.global_encoding.gps_time_type = laspy.header.GpsTimeType.STANDARD
    points = laspy.ScaleAwarePointRecord.zeros(len(scan.time), header=header)
    units = np.round(scan.xyz * 1000.0).astype(np.int32)
    points.X, points.Y, points.Z = units[:, 0], units[:, 1], units[:, 2]
    points.intensity, points.classification = scan.intensity, scan.kind
    points.return_number, points.number_of_returns = scan.number, scan.returns
    points.scan_angle = np.round(scan.angle / 0.006).astype(np.int16)
    points.gps_time, points.point_source_id = scan.time, scan.line
    with whole(path) as part, part.open("wb") as file:
        cloud = laspy.LasData(header, points)
        cloud.write(file, do_compress=True, laz_backend=laspy.LazBackend.LazrsParallel)


def write_terrain(path: Path, heights: NDArray[np.float32]) -> None:
    """GeoTIFF, 1 m cells, deflated, no-data −9999."""
    import rasterio
    from affine import Affine

    cell = SIZE / heights.shape[0]
    transform = Affine(cell, 0.0, float(ORIGIN[0]), 0.0, -cell, float(ORIGIN[1]) + SIZE)
    with whole(path) as part, rasterio.open(
        part, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1, dtype="float32", crs=CRS,
        transform=transform, nodata=-9999.0, compress="deflate", predictor=3, tiled=True,
    ) as file:  # fmt: skip
        file.write(heights, 1)
        file.update_tags(AREA_OR_POINT="Area")
        file.set_band_description(1, "terrain height, m above NHN")


def write_footprints(path: Path, buildings: Sequence[Building]) -> None:
    """GeoPackage with one layer ``footprints``, a multipolygon a building."""
    import pyogrio
    import shapely

    shapes = [shapely.union_all([shapely.Polygon(p.footprint + ORIGIN) for p in b.parts]) for b in buildings]
    geometry = [
        shapely.MultiPolygon([q for q in shapely.get_parts(s) if isinstance(q, shapely.Polygon)]).wkb for s in shapes
    ]
    columns: dict[str, NDArray[Any]] = {
        "building": np.array([b.id for b in buildings], dtype=object),
        "name": np.array([b.name for b in buildings], dtype=object),
        "function": np.array([b.function for b in buildings], dtype=object),
        "year": np.array([b.year for b in buildings], dtype=np.int32),
        "storeys": np.array([b.storeys for b in buildings], dtype=np.int32),
        "people": np.array([b.people for b in buildings], dtype=np.int32),
        "height": np.array([round(b.height, 2) for b in buildings]),
    }
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_DAY}T00:00:00.000Z"})
    try:
        with whole(path) as part:
            pyogrio.raw.write(
                part, np.array(geometry, dtype=object), list(columns.values()), list(columns), layer="footprints",
                driver="GPKG", geometry_type="MultiPolygon", crs=CRS.partition("+")[0],
            )  # fmt: skip
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_json(path: Path, content: dict[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
