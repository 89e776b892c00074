"""The CRS of a LAS file, from its WKT record or its GeoTIFF keys."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from citymodel.formats.crs_text import wkt_text
from citymodel.formats.las_header import LasHeader
from citymodel.report import Report

if TYPE_CHECKING:
    from pyproj import CRS

_WKT = (("LASF_Projection", 2112), ("liblas", 2112))
_KEYS, _ASCII = ("LASF_Projection", 34735), ("LASF_Projection", 34737)
_USER_DEFINED = 32767
_GEOGRAPHIC, _PROJECTED, _VERTICAL, _VERTICAL_UNITS = 2048, 3072, 4096, 4099
_UNIT, _UNITS = 3076, {9001: 1.0, 9002: 0.3048, 9003: 1200 / 3937}
_CITATIONS = (3073, 1026, 2049)
_EPSG_NAME = re.compile(r"EPSG[: ]+(\d{4,5})(?!\d)")
# GeoTIFF 1.0 numbered vertical systems by their datums, 5101–5106; EPSG has the systems at 5701–5706
_OLD_VERTICAL = range(5101, 5107)
# NAVD88 in metres, and by unit key: international foot, US survey foot
_NAVD88, _NAVD88_FEET = 5703, {9002: 8228, 9003: 6360}


def las_crs(header: LasHeader, report: Report) -> str | None:
    """ "EPSG:H[+V]" of the file; what is there and says nothing sound is a warning."""
    by_wkt, by_keys = _from_wkt, _from_keys
    order = (by_wkt, by_keys) if header.wkt_says or header.point_format >= 6 else (by_keys, by_wkt)
    for source in order:
        found = source(header, report)
        if found is not None:
            return found
    return None


def _from_wkt(header: LasHeader, report: Report) -> str | None:
    for name in _WKT:
        text = header.records.get(name, b"").split(b"\0", 1)[0].decode("utf-8", "replace").strip()
        if text:
            return wkt_text(text, report)
    return None


def geo_keys(header: LasHeader, report: Report) -> dict[int, int | str]:
    """GeoTIFF keys with short or text values; keys that point outside their record are warned of."""
    raw, texts = header.records.get(_KEYS, b""), header.records.get(_ASCII, b"")
    if len(raw) < 8:
        return {}
    count = struct.unpack_from("<H", raw, 6)[0]
    room = (len(raw) - 8) // 8
    if count > room:
        report.add("bad-geotiff-keys", f"{count} keys are promised, {room} are present")
    found: dict[int, int | str] = {}
    for k in range(min(count, room)):
        key, place, length, value = struct.unpack_from("<4H", raw, 8 + 8 * k)
        if place == 0 and key:
            found[key] = value
        elif place == _ASCII[1]:
            if value + length > len(texts):
                report.add("bad-geotiff-keys", f"key {key} names text that is not there")
            text = texts[value : value + length].decode("latin-1")
            found[key] = text.strip("\0|\r\n ")
    return found


def _from_keys(header: LasHeader, report: Report) -> str | None:
    keys = geo_keys(header, report)
    horizontal = _known(keys, _PROJECTED, report) or _named(keys) or _known(keys, _GEOGRAPHIC, report)
    if horizontal is None or (keys.get(_PROJECTED) == _USER_DEFINED and _named(keys) is None):
        if not any(keys.get(key) for key in (_GEOGRAPHIC, _PROJECTED, *_CITATIONS)):
            return None
        report.add("crs-without-epsg-code", next((str(keys[k]) for k in _CITATIONS if keys.get(k)), "user-defined"))
        return None
    _check_unit(horizontal, keys, report)
    vertical = _vertical(keys, report)
    return f"EPSG:{horizontal}+{vertical}" if vertical else f"EPSG:{horizontal}"


def _known(keys: dict[int, int | str], key: int, report: Report) -> int | None:
    """The EPSG code of a key, where EPSG has such a horizontal system."""
    code = keys.get(key)
    if not isinstance(code, int) or code in (0, _USER_DEFINED):
        return None
    crs = _epsg(code)
    if crs is None or crs.is_vertical:
        report.add("bad-geotiff-keys", f"key {key} names {code}, which is no EPSG coordinate system")
        return None
    return code


def _named(keys: dict[int, int | str]) -> int | None:
    """A code, or the exact name of an EPSG system, that stands in a citation beside a user-defined system."""
    for key in _CITATIONS[:2]:
        text = str(keys.get(key, ""))
        match = _EPSG_NAME.search(text)
        if match and _epsg(int(match[1])) is not None:
            return int(match[1])
        if "/" in text and keys.get(_PROJECTED, _USER_DEFINED) == _USER_DEFINED:
            return _by_name(text)
    return None


def _by_name(text: str) -> int | None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return None
    return crs.to_epsg() if crs.name == text else None


def _check_unit(code: int, keys: dict[int, int | str], report: Report) -> None:
    """Warn of coordinates in another unit than the system's, as some state plane files have."""
    unit, crs = keys.get(_UNIT), _epsg(code)
    metres = _UNITS.get(unit) if isinstance(unit, int) else None
    if metres and crs is not None and crs.is_projected:
        own = crs.axis_info[0].unit_conversion_factor
        if abs(own - metres) > 1e-7:
            report.add("unit-differs-from-crs", f"EPSG:{code} has units of {own:.7g} m, the file says {metres:.7g} m")


def _vertical(keys: dict[int, int | str], report: Report) -> int | None:
    code, unit = keys.get(_VERTICAL), keys.get(_VERTICAL_UNITS)
    if not isinstance(code, int) or code in (0, _USER_DEFINED) or 5001 <= code < 5100:
        return None  # 50xx are heights above the ellipsoid of the horizontal system
    if code in _OLD_VERTICAL:
        code += 600
    if code == _NAVD88 and isinstance(unit, int):
        code = _NAVD88_FEET.get(unit, code)
    crs = _epsg(code)
    if crs is None or not crs.is_vertical:
        report.add("bad-geotiff-keys", f"key {_VERTICAL} names {code}, which is no EPSG vertical system")
        return None
    return code


def _epsg(code: int) -> CRS | None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_epsg(code)
    except CRSError:
        return None
