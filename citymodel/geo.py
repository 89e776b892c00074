"""Coordinate systems: names to "EPSG:H[+V]" text, exact transforms, and the one Frame of a project."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from citymodel.errors import CrsError
from citymodel.model import CityModel
from citymodel.model import _revisions as model_revisions
from citymodel.points import PointCloud
from citymodel.points import _revisions as point_revisions
from citymodel.report import Report

if TYPE_CHECKING:
    import pyproj

F8 = NDArray[np.float64]
FAR = 50_000.0  # metres from the origin, beyond which float32 loses 2 mm and the map scale is off
_STEP = 1_000.0
SCALE_ERROR = 0.05  # of lengths, which no survey's system comes near and Web Mercator passes beyond 18° of latitude
_NEAR = 100_000.0  # metres above or below the ellipsoid, beyond which no city lies

_ADV_HORIZONTAL = {
    "ETRS89_UTM31": 25831, "ETRS89_UTM32": 25832, "ETRS89_UTM33": 25833,
    "DE_DHDN_3GK2": 31466, "DE_DHDN_3GK3": 31467, "DE_DHDN_3GK4": 31468, "DE_DHDN_3GK5": 31469,
    "ETRS89_LAT-LON": 4258, "ETRS89_LAT-LON-H": 4937, "ETRS89_X-Y-Z": 4936,
}  # fmt: skip
_ADV_VERTICAL = {"DE_DHHN92_NH": 5783, "DE_DHHN2016_NH": 7837, "DE_DHHN85_NOH": 5784, "DE_DHHN12_NOH": 7699}
_WKT = re.compile(r"^\s*[A-Za-z_0-9]+\s*\[")
_SHORT = re.compile(r"^(?:EPSG:)?(?::)?(\d+)(?:\s*[+,]\s*(?:EPSG:+)?(\d+))?$")
_URN_PART = re.compile(r"CRS:EPSG:(?:V?[0-9.]*:)?(\d+)$")
_URL_PART = re.compile(r"/CRS/EPSG/[0-9.]+/(\d+)")


@lru_cache(maxsize=4096)
def normalise_crs(text: str | None) -> tuple[str | None, bool]:
    """Read any name of a coordinate system.

    Returns
    -------
    crs : "EPSG:H" or "EPSG:H+V"; None where the name is unknown, local or has no EPSG code
    swapped : the file's first coordinate is latitude, by EPSG's axis order and the name's style: URN
        and URL names follow the authority, short and old names put longitude first. Projected
        coordinates come east first in practice, whatever EPSG says; ``file_order`` knows better
        once it sees the numbers.
    """
    text = (text or "").strip()
    if not text:
        return None, False
    if _WKT.match(text):
        return _from_definition(text), False
    name = text.upper()
    codes, by_authority = _codes(name)
    local = name.startswith(("#", "URN:", "HTTP"))
    crs = _join(codes) if codes else None if local else _from_definition(text)
    return crs, bool(crs and by_authority and definition(crs).is_geographic and north_first(crs))


def _codes(name: str) -> tuple[list[int], bool]:
    """EPSG codes (horizontal, vertical) that a name in capitals holds, and whether EPSG orders the axes."""
    if short := _SHORT.match(name):
        return [int(code) for code in short.groups() if code], False
    if name.startswith("URN:ADV:CRS:"):
        head, _, tail = name[len("URN:ADV:CRS:") :].partition("*")
        found = [_ADV_HORIZONTAL.get(head), _ADV_VERTICAL.get(tail)]
        return ([code for code in found if code] if found[0] else []), "LAT-LON" in head
    if "CRS84H" in name or "CRS84" in name:
        return [4979 if "CRS84H" in name else 4326], False
    if "EPSG.XML#" in name:
        return [int(code) for code in re.findall(r"#(\d+)$", name)], False
    if name.startswith("URN:"):
        parts = [_URN_PART.search(part) for part in name.split(",")]
        return [int(part.group(1)) for part in parts if part], True
    if name.startswith("HTTP"):
        codes = _URL_PART.findall(name) or re.findall(r"#(\d+)$", name)
        if codes:
            return [int(code) for code in codes], True
        return [int(code) for code in re.findall(r"(?:EPSG\.IO/|/REF/EPSG/)(\d+)", name)], False
    return [], False


def _join(codes: Sequence[int]) -> str | None:
    """Text of one code, or of a horizontal and a vertical one; None where EPSG has no such code."""
    import pyproj

    parts: list[int] = []
    for code in codes[:2]:
        try:
            text = crs_text(pyproj.CRS.from_epsg(code))
        except pyproj.exceptions.CRSError:
            return None
        if text:
            parts += [int(part) for part in text[5:].split("+")]
        elif parts and pyproj.CRS.from_epsg(code).is_vertical:
            parts.append(code)
        else:
            return None
    return "EPSG:" + "+".join(str(part) for part in parts[:2])


def _from_definition(text: str) -> str | None:
    """WKT, PROJ text or another authority's name; None where PROJ or EPSG does not know it."""
    import pyproj

    try:
        return crs_text(pyproj.CRS.from_user_input(text))
    except pyproj.exceptions.CRSError:
        return None


def crs_text(crs: pyproj.CRS | None) -> str | None:
    """ "EPSG:H[+V]" of a pyproj CRS; None for local systems and those without a code."""
    if crs is None:
        return None
    if crs.is_bound and crs.source_crs is not None:
        return crs_text(crs.source_crs)
    if crs.is_compound:
        horizontal = crs_text(crs.sub_crs_list[0])
        vertical = crs.sub_crs_list[1].to_epsg()
        return f"{horizontal}+{vertical}" if horizontal and vertical and "+" not in horizontal else horizontal
    if not (crs.is_geographic or crs.is_projected or crs.is_geocentric):
        return None
    code = crs.to_epsg()
    return None if code is None else f"EPSG:{code}"


def parse_crs(text: str) -> str:
    """A CRS that a person named; CrsError where it is unknown."""
    crs, _ = normalise_crs(text)
    if crs is None:
        raise CrsError(f"{text[:80]!r} is no coordinate system that EPSG knows; name one like EPSG:25833+5783")
    return crs


def horizontal(crs: str) -> str:
    """ "EPSG:H" of "EPSG:H[+V]"."""
    return crs.partition("+")[0]


@lru_cache(maxsize=256)
def definition(crs: str) -> pyproj.CRS:
    """The pyproj CRS of the horizontal part (which may be geographic 3-D or earth-centred)."""
    import pyproj

    try:
        return pyproj.CRS.from_user_input(horizontal(crs))
    except pyproj.exceptions.CRSError as error:
        raise CrsError(f"{crs} is unknown to the EPSG data installed here; check the code") from error


def north_first(crs: str) -> bool:
    """Whether EPSG orders the axes of ``crs`` north (latitude), then east."""
    axes = definition(crs).axis_info
    return len(axes) > 1 and axes[0].direction.lower() == "north" and axes[1].direction.lower() == "east"


def file_order(crs: str | None, swapped: bool, xy: ArrayLike) -> bool:
    """``swapped`` corrected where the coordinates of a file can only be meant the other way round.

    Parameters
    ----------
    xy : (n, ≥ 2) coordinates in the file's order; all of them or some
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, np.shape(xy)[-1])[:, :2] if np.size(xy) else np.zeros((0, 2))
    if crs is None or not len(points) or definition(crs).is_geocentric or not north_first(crs):
        return swapped
    area = _area(crs)
    if area is None:
        return swapped
    x0, y0, x1, y1 = area
    low, high = points.min(axis=0), points.max(axis=0)
    east_first = bool(x0 <= low[0] and high[0] <= x1 and y0 <= low[1] and high[1] <= y1)
    north = bool(x0 <= low[1] and high[1] <= x1 and y0 <= low[0] and high[0] <= y1)
    return north if east_first != north else swapped


@lru_cache(maxsize=256)
def _area(crs: str) -> tuple[float, float, float, float] | None:
    """(west, south, east, north) of the area of use in the CRS's own units, a fifth wider."""
    import pyproj

    target = definition(crs)
    area = target.area_of_use
    if area is None:
        return None
    bounds = (area.west, area.south, area.east, area.north)
    if bounds[0] > bounds[2]:
        return None
    if not target.is_geographic:
        bounds = pyproj.Transformer.from_crs(4326, target, always_xy=True).transform_bounds(*bounds)
    if not all(math.isfinite(value) for value in bounds):
        return None
    dx, dy = 0.1 * (bounds[2] - bounds[0]), 0.1 * (bounds[3] - bounds[1])
    return bounds[0] - dx, bounds[1] - dy, bounds[2] + dx, bounds[3] + dy


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(definition(source), definition(target), always_xy=True)


@lru_cache(maxsize=256)
def height_unit(crs: str) -> float:
    """Metres in one unit of height: the vertical part's, else that of the axes (a foot grid has foot heights)."""
    import pyproj

    _, _, vertical = crs.partition("+")
    axes = pyproj.CRS.from_epsg(int(vertical)).axis_info if vertical else definition(crs).axis_info
    if not vertical and definition(crs).is_geographic and len(axes) < 3:
        return 1.0
    return float(axes[-1].unit_conversion_factor)


def transform(xyz: ArrayLike, src: str | None, dst: str | None) -> F8:
    """Coordinates from one CRS into another.

    Heights stay as they are, but for their unit: without the geoid grids of a country any other
    height would be a guess. Earth-centred coordinates become heights above the ellipsoid.

    Parameters
    ----------
    xyz : (n, 2) or (n, 3) float64, x east, y north (longitude, latitude in degrees)
    src, dst : "EPSG:H[+V]"

    Returns
    -------
    (n, 2) or (n, 3) float64, a copy
    """
    points = np.array(xyz, dtype=np.float64, copy=True)
    if src == dst or not points.size:
        return points
    if dst is None:
        raise CrsError(f"data in {src} do not fit a project without a coordinate system; say its system with --crs")
    if src is None:
        raise CrsError("the data have no coordinate system; say which one with --crs EPSG:CODE")
    earth_centred = definition(src).is_geocentric or definition(dst).is_geocentric
    if earth_centred and points.shape[1] < 3:
        raise CrsError(f"{src} to {dst} needs heights, and there are none")
    if horizontal(src) != horizontal(dst):
        if earth_centred:
            points = _earth_centred(points, src, dst)
        else:
            x, y = _transformer(horizontal(src), horizontal(dst)).transform(points[:, 0], points[:, 1])
            points[:, 0], points[:, 1] = x, y
    if points.shape[1] > 2 and not earth_centred:
        points[:, 2] *= height_unit(src) / height_unit(dst)
    if not np.isfinite(points[:, :2]).all():
        raise CrsError(f"the coordinates lie outside the area of {src} or {dst}; check that the CRS is the right one")
    return points


def _earth_centred(points: F8, src: str, dst: str) -> F8:
    """From or to earth-centred X, Y, Z, by way of longitude, latitude and height in WGS 84."""
    if definition(src).is_geocentric:
        x, y, z = _transformer(horizontal(src), "EPSG:4979").transform(points[:, 0], points[:, 1], points[:, 2])
        return transform(np.column_stack([x, y, z]), "EPSG:4979", dst)
    degrees = transform(points, src, "EPSG:4979")
    return np.column_stack(
        _transformer("EPSG:4979", horizontal(dst)).transform(degrees[:, 0], degrees[:, 1], degrees[:, 2])
    )


def length_scale(crs: str, x: float, y: float) -> float:
    """Length on the map of a metre on the ground there: 1 in surveys, 1 / cos(latitude) in Web Mercator.

    1 for what is no Mercator, for surveys keep to their areas, and where the place lies outside the globe.
    """
    import pyproj

    made = definition(crs).coordinate_operation
    if made is None or "Mercator" not in made.method_name or "Transverse" in made.method_name:
        return 1.0
    longitude, latitude = transform([[x, y]], horizontal(crs), "EPSG:4326")[0][:2]
    if not (abs(longitude) <= 180.0 and abs(latitude) < 90.0):
        return 1.0
    found = math.sqrt(pyproj.Proj(definition(crs)).get_factors(longitude, latitude).areal_scale)
    return found if math.isfinite(found) else 1.0


def projected_for(bounds: Sequence[float], crs: str) -> str:
    """``crs`` where it is projected in true metres, else the UTM zone around the middle of ``bounds``.

    A vertical part that is not in metres is left out.
    """
    own = definition(crs)
    low, high = np.array(bounds[: len(bounds) // 2]), np.array(bounds[len(bounds) // 2 :])
    in_metres = own.is_projected and all(abs(axis.unit_conversion_factor - 1.0) < 1e-12 for axis in own.axis_info[:2])
    if in_metres and abs(length_scale(crs, *((low + high) / 2)[:2]) - 1.0) <= SCALE_ERROR:
        return crs if height_unit(crs) == 1.0 else horizontal(crs)
    degrees = "EPSG:4979" if own.is_geocentric else "EPSG:4326"
    longitude, latitude = transform([(low + high) / 2], horizontal(crs), degrees)[0][:2]
    zone = min(max(int((longitude + 180.0) // 6.0) + 1, 1), 60)
    _, plus, vertical = crs.partition("+")
    keep = plus + vertical if vertical and height_unit(crs) == 1.0 else ""
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}{keep}"


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """The one coordinate system of a project: projected, metres; scene and kernels see float32 from ``origin``.

    crs : "EPSG:H[+V]", None for data of a local system
    origin : (x, y, z), whole kilometres, z 0
    """

    crs: str | None
    origin: tuple[float, float, float]

    @classmethod
    def around(cls, bounds: Sequence[float], crs: str | None) -> Frame:
        """A frame for data of these bounds (4 or 6 numbers) in ``crs``; UTM for degrees, feet or earth-centred data."""
        half = len(bounds) // 2
        middle = np.array([[(bounds[i] + bounds[half + i]) / 2 for i in range(half)]])
        target = crs
        if crs is not None:
            target = projected_for(bounds, crs)
            middle = transform(middle, crs, target)
        x, y = (float(np.round(value / _STEP) * _STEP) for value in middle[0, :2])
        return cls(target, (x, y, 0.0))

    def to_local(self, xyz: ArrayLike) -> NDArray[np.float32]:
        """(n, 3) float64 of this frame's CRS → (n, 3) float32 relative to the origin."""
        return np.asarray(np.asarray(xyz, dtype=np.float64) - np.asarray(self.origin), dtype=np.float32)

    def to_world(self, xyz: ArrayLike) -> F8:
        """The way back from ``to_local``."""
        return np.asarray(np.asarray(xyz, dtype=np.float64) + np.asarray(self.origin), dtype=np.float64)

    def is_far(self, bounds: Sequence[float] | None) -> bool:
        """Whether any of ``bounds`` lies beyond 50 km of the origin."""
        if bounds is None:
            return False
        half = len(bounds) // 2
        corners = np.array([[bounds[0], bounds[1]], [bounds[half], bounds[half + 1]]]) - np.array(self.origin[:2])
        return bool(np.abs(corners).max() > FAR)

    def bring(self, data: Any) -> Any:
        """The CityModel, PointCloud or DataArray in this frame's CRS; itself where it already is.

        Data farther than 50 km from the origin carry the warning ``far-from-origin``.
        """
        if isinstance(data, CityModel):
            return self._bring_model(data)
        if isinstance(data, PointCloud):
            return self._bring_points(data)
        if hasattr(data, "geometry"):
            return self._bring_areas(data)
        return self._bring_raster(data)

    def _noted(self, report: Report, bounds: Sequence[float] | None) -> Report:
        if not self.is_far(bounds):
            return report
        noted = Report(dict(report.counts), dict(report.examples))
        noted.add("far-from-origin", f"more than {FAR / 1000:.0f} km from {self.origin[:2]}")
        return noted

    def _bring_model(self, model: CityModel) -> CityModel:
        if model.crs != self.crs:
            model = reproject_model(model, self.crs)
        report = self._noted(model.report, model.bounds())
        return model if report is model.report else dataclasses.replace(model, report=report)

    def _bring_points(self, points: PointCloud) -> PointCloud:
        if points.crs != self.crs:
            points = reproject_points(points, self.crs)
        report = self._noted(points.report, points.bounds())
        return points if report is points.report else dataclasses.replace(points, report=report)

    def _bring_areas(self, table: Any) -> Any:
        if table.crs is None or self.crs is None or horizontal(table.crs) == horizontal(self.crs):
            return table
        import pyproj
        import shapely

        convert = pyproj.Transformer.from_crs(definition(table.crs), definition(self.crs), always_xy=True)
        shapes = shapely.transform(table.geometry, lambda xy: np.column_stack(convert.transform(xy[:, 0], xy[:, 1])))
        return dataclasses.replace(table, geometry=shapes, crs=horizontal(self.crs))

    def _bring_raster(self, raster: Any) -> Any:
        own = crs_text_of_raster(raster)
        if own is None and self.crs is not None:
            raise CrsError("the raster has no coordinate system; say which one with --crs EPSG:CODE")
        if own is None or self.crs is None:
            return raster
        found = raster if horizontal(own) == horizontal(self.crs) else reproject_raster(raster, self.crs)
        unit = height_unit(own) / height_unit(self.crs) if "+" in own else 1.0
        if unit == 1.0:
            return found
        metres = (found * np.float32(unit)).assign_attrs(found.attrs).rio.write_crs(definition(self.crs).to_wkt())
        return metres.assign_attrs(crs=self.crs, units="m")


def reproject_raster(raster: Any, crs: str) -> Any:
    """The DataArray on square cells of ``crs``, bilinear between cells, NaN outside; name and attributes kept."""
    import pyproj
    import rioxarray  # noqa: F401  (adds .rio)
    import xarray
    from affine import Affine
    from rasterio.warp import Resampling, reproject

    own, target = raster.rio.crs, definition(crs).to_wkt()
    if own is None:
        raise CrsError("the raster has no coordinate system; say which one with --crs EPSG:CODE")
    x, y = raster["x"].values, raster["y"].values
    dx, dy = (float(abs(axis[-1] - axis[0])) / (len(axis) - 1) if len(axis) > 1 else 1.0 for axis in (x, y))
    west, north = float(x[0]) - dx / 2, float(y[0]) + dy / 2
    bounds = (west, north - dy * len(y), west + dx * len(x), north)
    path = pyproj.Transformer.from_crs(own.to_wkt(), target, always_xy=True)
    left, bottom, right, top = path.transform_bounds(*bounds)
    cell = math.hypot(right - left, top - bottom) / math.hypot(len(x), len(y))
    if not (math.isfinite(cell) and cell > 0):
        raise CrsError(f"the raster lies outside the area of {crs}; check that its CRS is the right one")
    # square cells, as every study on the raster needs them; the last ones reach past the edge
    columns, rows = (max(math.ceil(length / cell - 1e-6), 1) for length in (right - left, top - bottom))
    grid = Affine(cell, 0.0, left, 0.0, -cell, top)
    values = np.full((rows, columns), np.nan, dtype=np.float32)
    reproject(
        np.ascontiguousarray(raster.values, dtype=np.float32),
        values,
        src_transform=Affine(dx, 0.0, west, 0.0, -dy, north),
        src_crs=own,
        dst_transform=grid,
        dst_crs=target,
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    coordinates = {
        "y": grid.f + grid.e * (np.arange(rows) + 0.5),
        "x": grid.c + grid.a * (np.arange(columns) + 0.5),
    }
    moved = xarray.DataArray(values, coordinates, ("y", "x"), name=raster.name, attrs=dict(raster.attrs))
    return moved.rio.write_crs(target)


def crs_text_of_raster(raster: Any) -> str | None:
    """ "EPSG:H[+V]" of a DataArray by its ``.rio`` CRS, None where it has none."""
    import rioxarray  # noqa: F401  (adds .rio)

    own = raster.rio.crs
    if own is None:
        return None
    return normalise_crs(own.to_wkt())[0]


def reproject_model(model: CityModel, crs: str | None) -> CityModel:
    """The model in ``crs``; templates keep their own coordinates, their places move."""
    vertices = np.array(model.vertices, copy=True)
    placed = ~model.template_vertices
    vertices[placed] = transform(vertices[placed], model.crs, crs)
    instances = model.instances
    if len(instances.matrix):
        matrix = np.array(instances.matrix, copy=True)
        matrix[:, :3, 3] = transform(matrix[:, :3, 3], model.crs, crs)
        instances = dataclasses.replace(instances, matrix=matrix)
    report = _doubted(model.report, model.crs, vertices[placed, 2])
    return dataclasses.replace(
        model, vertices=vertices, instances=instances, crs=crs, report=report, revision=next(model_revisions)
    )


def reproject_points(points: PointCloud, crs: str | None) -> PointCloud:
    """The cloud in ``crs``, in steps of 1 mm (of degrees 1e-9), coarser where the cloud is too wide for these.

    Where only the vertical system differs, the points stay as they are.
    """
    revision = next(point_revisions)
    same = points.crs is not None and crs is not None and horizontal(points.crs) == horizontal(crs)
    if same and height_unit(str(points.crs)) == height_unit(str(crs)):
        return dataclasses.replace(points, crs=crs, revision=revision)
    xyz = transform(points.coordinates(), points.crs, crs)
    report = _doubted(points.report, points.crs, xyz[:, 2])
    degrees = crs is not None and definition(crs).is_geographic
    finest = np.array([1e-9, 1e-9, 1e-3] if degrees else [1e-3] * 3)
    offset = np.floor(xyz.min(axis=0)) if len(xyz) else np.zeros(3)
    scale = np.maximum(finest, (xyz - offset).max(axis=0) / 2.1e9) if len(xyz) else finest
    steps = np.rint((xyz - offset) / scale).astype(np.int32)
    return dataclasses.replace(points, xyz=steps, scale=scale, offset=offset, crs=crs, report=report, revision=revision)


def _doubted(report: Report, crs: str | None, heights: F8) -> Report:
    """The report, with a warning where earth-centred coordinates lie nowhere near the ground."""
    if crs is None or not len(heights) or not definition(crs).is_geocentric or abs(np.median(heights)) < _NEAR:
        return report
    noted = Report(dict(report.counts), dict(report.examples))
    noted.add("wrong-crs", f"{crs} puts the data {np.median(heights) / 1000:,.0f} km above the ground")
    return noted
