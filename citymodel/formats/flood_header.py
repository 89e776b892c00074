"""The header of a flood's NetCDF: its dimensions, variables and attributes by the CF conventions, with room to grow."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from citymodel.flood.run import Asked, NewGround
    from citymodel.surface import Grid

CONVENTIONS = "CF-1.11"
SPEED_SCALE = 0.001
"""m/s of a unit of `east` and `north`."""
NO_SPEED = -32768
NO_CLASS = -1
ROOM = {"status": 400, "notes": 8000, "device": 120, "balance": 4000}
"""Bytes kept for texts that change while the file grows; of `provenance`, this many more than at first."""
MORE_PROVENANCE = 4000
VOLUMES = ("volume_initial", "volume_in", "volume_out", "volume_stored", "volume_error")
NUMBERS = {**dict.fromkeys(VOLUMES, 0.0), "reached_seconds": 0.0, "maps_reached_seconds": 0.0, "seconds": 0.0}
COUNTS = {"complete": 0, "steps": 0}
MAPS = {
    "max_depth": ("m", "greatest depth of water", "time: maximum", "flood_water_thickness"),
    "max_speed": ("m s-1", "greatest speed of water", "time: maximum", "flood_water_speed"),
    "max_unit_discharge": ("m2 s-1", "greatest speed times depth", "time: maximum", ""),
    "max_danger": ("m2 s-1", "greatest depth times (speed + 0.5 m/s)", "time: maximum", ""),
    "arrival_time": ("s", "first time at which water stood so deep, since the start", "", ""),
    "wet_duration": ("s", "time for which water stood so deep", "time: sum", "flood_water_duration_above_threshold"),
    "hazard": ("m2 s-1", "hazard rating, depth times (speed + 0.5 m/s) plus debris factor", "", ""),
}
CLASSES = {"hazard_class_uk": "hazard class of the United Kingdom", "hazard_class_au": "hazard class of Australia"}
LATER = "ground_"
"""Begins the names of the grounds from a time on, which each names as `from_seconds`; numbers follow, from 1."""
REFERENCES = (
    "Hazard rating: Defra & Environment Agency 2006, FD2321. Hazard classes H1 to H6: Smith, Davey & Cox 2014; "
    "Australian Institute for Disaster Resilience 2017, Guideline 7-3."
)

_lock = threading.Lock()


def write_header(
    path: Path, case: Asked, start: float, readings: int, facts: Mapping[str, Any], classes: Mapping[str, Any]
) -> None:
    """Make the file with all that is known before the run.

    readings : how many times gauges are read; facts : title, provenance, notes
    classes : flag words and thresholds of each hazard class
    """
    import netCDF4

    with _lock, netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as file:
        file.set_fill_off()
        _dimensions(file, case, readings)
        _coordinates(file, case)
        _growing(file, case)
        _maps(file, case, classes)
        _readings(file, case)
        _attributes(file, case, start, facts)


def within(case: Asked) -> list[NewGround]:
    """The changes of the ground that come before the end of the run."""
    return [one for one in case.changes if one.time <= case.duration]


def cut(text: str, room: int) -> bytes:
    """The text in UTF-8, cut at a whole letter where it is longer than its room in bytes."""
    return text.encode("utf-8")[:room].decode("utf-8", errors="ignore").encode("utf-8")


def _padded(text: str, room: int) -> str:
    """The text with blanks up to its room in bytes: the library keeps those, and would drop nulls."""
    raw = cut(text, room)
    return raw.decode("utf-8") + " " * (room - len(raw))


def _dimensions(file: Any, case: Asked, readings: int) -> None:
    rows, cols = case.grid.shape
    file.createDimension("time", None)
    file.createDimension("y", rows)
    file.createDimension("x", cols)
    if readings:
        file.createDimension("time_gauge", readings)
        for kind, named in (("gauge", case.gauges), ("section", case.sections)):
            if named:
                file.createDimension(kind, len(named))
        names = [one.name for one in case.gauges] + [one.name for one in case.sections]
        longest = max(len(one.encode("utf-8")) for one in names)
        file.createDimension("name_length", max(longest, 1))


def _variable(file: Any, name: str, kind: str, dimensions: tuple[str, ...], fill: Any = None, **said: Any) -> Any:
    made = file.createVariable(name, kind, dimensions, fill_value=fill if fill is not None else False)
    for key, value in said.items():
        if not (isinstance(value, str) and not value):
            made.setncattr(key, value)
    return made


def _coordinates(file: Any, case: Asked) -> None:
    grid, known = case.grid, case.grid.crs is not None
    for axis, centres in (("x", grid.x), ("y", grid.y)):
        named = f"projection_{axis}_coordinate" if known else ""
        words = f"{axis} of the cells' centres" + ("" if known else ", in a local system")
        one = _variable(file, axis, "f8", (axis,), units="m", axis=axis.upper(), standard_name=named, long_name=words)
        one.setncattr("edge", grid.x0 if axis == "x" else grid.y0)
        one.setncattr("cell", grid.cell)
        one[:] = centres
    _mapping(file, grid)
    since = f"seconds since {case.begins.isoformat()}" if case.begins else "s"
    clock = {"standard_name": "time", "calendar": "standard"} if case.begins else {}
    _variable(file, "time", "f8", ("time",), units=since, axis="T", long_name="time since the start", **clock)


def _mapping(file: Any, grid: Grid) -> None:
    """The coordinate system as CF's grid mapping, and as GDAL and rioxarray look for it."""
    if grid.crs is None:
        return
    from citymodel.geo import definition

    one = file.createVariable("crs", "i4", ())
    crs = definition(grid.crs)
    for key, value in crs.to_cf().items():
        if isinstance(value, (str, int, float)) and value != "":
            one.setncattr(key, value)
        elif isinstance(value, (list, tuple)) and value:
            one.setncattr(key, np.asarray(value, np.float64))
    one.setncattr("epsg", grid.crs)  # with the heights' part
    one.setncattr("spatial_ref", crs.to_wkt())
    one.setncattr("GeoTransform", f"{grid.x0!r} {grid.cell!r} 0.0 {grid.y0!r} 0.0 {-grid.cell!r}")
    one[...] = 0


def _placed(case: Asked) -> dict[str, str]:
    return {"grid_mapping": "crs"} if case.grid.crs is not None else {}


def _growing(file: Any, case: Asked) -> None:
    on = _placed(case)
    nan = np.float32(np.nan)
    _variable(
        file, "depth", "f4", ("time", "y", "x"), nan, units="m", standard_name="flood_water_thickness",
        long_name="depth of water", cell_methods="time: point", **on,
    )  # fmt: skip
    if case.velocities:
        for name in ("east", "north"):
            _variable(
                file, name, "i2", ("time", "y", "x"), np.int16(NO_SPEED), units="m s-1", scale_factor=SPEED_SCALE,
                long_name=f"speed of water towards {name}", cell_methods="time: point", **on,
            )  # fmt: skip
    ground = file.createVariable("ground", "f4", ("y", "x"), fill_value=nan)
    ground.setncatts({"units": "m", "long_name": "ground that water runs on at the start", **on})
    for number, new in enumerate(within(case), start=1):
        _variable(
            file, f"{LATER}{number}", "f4", ("y", "x"), nan, units="m", from_seconds=float(new.time),
            long_name="ground that water runs on from a time on", **on,
        )  # fmt: skip


def _maps(file: Any, case: Asked, classes: Mapping[str, Any]) -> None:
    on, nan = _placed(case), np.float32(np.nan)
    for name, (unit, words, methods, standard) in MAPS.items():
        said = {"threshold_depth_m": case.wet} if name != "max_depth" else {}
        _variable(
            file, name, "f4", ("y", "x"), nan, units=unit, long_name=words, cell_methods=methods,
            standard_name=standard, **said, **on,
        )  # fmt: skip
    for name, words in CLASSES.items():
        _variable(
            file, name, "i1", ("y", "x"), np.int8(NO_CLASS), long_name=words, units="1", **classes.get(name, {}), **on
        )


def _readings(file: Any, case: Asked) -> None:
    if "time_gauge" not in file.dimensions:
        return
    since = f"seconds since {case.begins.isoformat()}" if case.begins else "s"
    clock = {"standard_name": "time", "calendar": "standard"} if case.begins else {}
    _variable(
        file, "time_gauge", "f8", ("time_gauge",), units=since, long_name="time of readings since the start", **clock
    )
    nan = np.float64(np.nan)
    if case.gauges:
        _names(file, "gauge", [one.name for one in case.gauges])
        for axis in ("x", "y"):
            one = _variable(file, f"gauge_{axis}", "f8", ("gauge",), units="m", long_name=f"{axis} of the gauge")
            one[:] = [getattr(gauge, axis) for gauge in case.gauges]
        for name, unit, words in (
            ("level", "m", "level of water; of a dry cell its ground"),
            ("depth", "m", "depth of water"),
            ("speed", "m s-1", "speed of water"),
        ):
            _variable(
                file, f"gauge_{name}", "f8", ("time_gauge", "gauge"), nan, units=unit, long_name=words,
                coordinates="gauge_name gauge_x gauge_y",
            )  # fmt: skip
    if case.sections:
        _names(file, "section", [one.name for one in case.sections])
        lines = json.dumps([[list(place) for place in one.line] for one in case.sections])
        _variable(
            file, "section_discharge", "f8", ("time_gauge", "section"), nan, units="m3 s-1", lines=lines,
            long_name="discharge through the line, positive from its left to its right as it is drawn",
            coordinates="section_name",
        )  # fmt: skip


def _names(file: Any, kind: str, names: list[str]) -> None:
    made = _variable(
        file, f"{kind}_name", "S1", (kind, "name_length"), long_name=f"name of the {kind}", _Encoding="utf-8"
    )
    made.set_auto_chartostring(False)
    width = file.dimensions["name_length"].size
    for number, name in enumerate(names):
        made[number] = np.frombuffer(name.encode("utf-8").ljust(width, b"\0"), "S1")


def _attributes(file: Any, case: Asked, start: float, facts: Mapping[str, Any]) -> None:
    from importlib.metadata import version

    from citymodel.versions import versions

    made = {"versions": versions(), **case.facts, **facts.get("provenance", {})}
    text = json.dumps(made, ensure_ascii=False, default=str)
    said = {
        "Conventions": CONVENTIONS,
        "title": facts.get("title") or case.name or "Flood",
        "source": f"citymodel {version('citymodel')}, two-dimensional flow on a raster, {case.scheme}",
        "history": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}: computed by citymodel {version('citymodel')}",
        "references": REFERENCES,
        "begins": case.begins.isoformat() if case.begins else "",
        "scheme": case.scheme,
        "duration_seconds": float(case.duration),
        "every_seconds": float(case.every),
        "start_seconds": float(start),
        **{name: np.float64(value) for name, value in NUMBERS.items()},
        **{name: np.int32(value) for name, value in COUNTS.items()},
        **{name: _padded("", room) for name, room in ROOM.items()},
        "provenance": _padded(text, len(text.encode("utf-8")) + MORE_PROVENANCE),
    }
    for name, value in said.items():
        if isinstance(value, str) and not value:
            value = " "
        file.setncattr(name, value)
