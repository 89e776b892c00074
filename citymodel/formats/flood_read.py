"""Reading a flood's NetCDF: as a result with maps, tables and water, and as what `citymodel info` tells."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.errors import FormatError, ResourceError
from citymodel.formats import flood_header as header
from citymodel.formats.flood_frames import FloodFrames
from citymodel.formats.netcdf_classic import is_classic
from citymodel.frames import lasting
from citymodel.results import Field, Result

_HDF = b"\x89HDF"
_UNITS = {"m s-1": "m/s", "m2 s-1": "m²/s", "1": ""}


def sniff(head: bytes, path: Path) -> bool:
    return head.startswith(b"CDF") or (head.startswith(_HDF) and path.suffix.lower() in (".nc", ".nc4", ".cdf"))


def opened(path: str | Path) -> FloodFrames:
    """The frames of a file that holds a flood; FormatError for any other NetCDF."""
    path = Path(path)
    with path.open("rb") as file:
        head = file.read(4)
    if not is_classic(head):
        raise FormatError(
            path, "", "is a NetCDF-4 or CDF-5 file; of NetCDF citymodel reads the floods that it wrote itself, "
            "convert other rasters to GeoTIFF",
        )  # fmt: skip
    return FloodFrames(path)


def read(path: str | Path, **_: Any) -> Result:
    """A flood as a result: maps, gauges, sections, balance; its `water` reads from the file, which may still grow."""
    path = Path(path)
    frames = opened(path)
    _check_memory(path, frames)
    fields = {}
    for name in (*header.MAPS, *header.CLASSES):
        if name in frames.variables:
            fields[name] = _map(frames, name)
    fields |= _tables(frames)
    provenance = {**_json(frames, "provenance", {}), "file": path.name, "crs": frames.grid.crs}
    if frames.begins is not None:
        provenance["begins"] = frames.begins.isoformat()
    notes = [str(one) for one in _json(frames, "notes", [])]
    if not frames.complete:
        reached, whole = frames.said("reached_seconds"), frames._layout.attributes.get("duration_seconds", math.nan)
        notes.append(
            f"The flood is not whole: it reaches {lasting(reached)} of {lasting(whole)} ({frames.said('status')})."
        )
    title = str(frames._layout.attributes.get("title", "")) or path.stem
    return Result("flood", title, fields, provenance, notes, water={"base": frames})


def info(path: str | Path) -> dict[str, Any]:
    """What the file holds, in the words of the command line."""
    frames = opened(path)
    grid, times = frames.grid, frames.times
    found = frames.readings()
    deepest = frames.map("max_depth") if "max_depth" in frames.variables else np.full((1, 1), np.nan)
    told: dict[str, Any] = {
        "format": "flood NetCDF",
        "size": list(grid.shape),
        "cell": [grid.cell, grid.cell],
        "crs": grid.crs,
        "bounds": list(grid.bounds),
        "begins": frames.begins.isoformat() if frames.begins else None,
        "frames": len(times),
        "first": float(times[0]) if len(times) else None,
        "reached": float(frames.said("reached_seconds")),
        "duration": float(frames._layout.attributes.get("duration_seconds", math.nan)),
        "complete": frames.complete,
        "status": frames.said("status"),
        "scheme": frames._layout.attributes.get("scheme"),
        "max_depth": float(np.nanmax(deepest)) if np.isfinite(deepest).any() else None,
        "gauges": found["gauges"],
        "sections": found["sections"],
        "balance": _json(frames, "balance", {}),
        "notes": _json(frames, "notes", []),
        "warnings": [],
    }
    frames.close()
    return told


def _check_memory(path: Path, frames: FloodFrames) -> None:
    """ResourceError where the maps would not fit."""
    need = frames.grid.shape[0] * frames.grid.shape[1] * 4 * (len(header.MAPS) + 2)
    if need > 64e9:
        raise ResourceError(f"{path}: its maps need {need / 1e9:.0f} GB of memory; cut a smaller area out of it")


def _json(frames: FloodFrames, name: str, other: Any) -> Any:
    """A text of JSON among the attributes; `other` where it is none."""
    try:
        found = json.loads(frames.said(name))
    except (KeyError, ValueError, RecursionError):
        return other
    return found if isinstance(found, type(other)) else other


def _map(frames: FloodFrames, name: str) -> Field:
    one = frames.variable(name)
    words, unit = str(one.attributes.get("long_name", name)), str(one.attributes.get("units", ""))
    values = frames.map(name)
    unit = _UNITS.get(unit, unit)
    raster = frames.grid.raster(values, words, unit)
    if name in header.CLASSES:
        raster = raster.assign_attrs(nodata=header.NO_CLASS)
    return Field(name, words[:1].upper() + words[1:], unit, raster)


def _tables(frames: FloodFrames) -> dict[str, Field]:
    """Gauges, sections and balance."""
    found, made = frames.readings(), {}
    if found["gauges"]:
        x, y = (frames.map(f"gauge_{axis}") for axis in ("x", "y"))
        columns: dict[str, Any] = {"name": found["gauges"]}
        for what in ("level", "depth", "speed"):
            columns[f"max_{what}"], columns[f"time_of_max_{what}"] = _peaks(found["time"], found[what])
        columns["geometry"] = [f"POINT ({a:.10g} {b:.10g})" for a, b in zip(x, y, strict=True)]
        made["by_gauge"] = Field("by_gauge", "Gauges", "", columns)
    if found["sections"]:
        peak, when = _peaks(found["time"], found["discharge"])
        columns = {"name": found["sections"], "max_discharge": peak, "time_of_max_discharge": when}
        columns["volume"] = _through(found["time"], found["discharge"])
        lines = _lines(frames, len(found["sections"]))
        if lines:
            columns["geometry"] = lines
        made["by_section"] = Field("by_section", "Sections", "", columns)
    balance = _json(frames, "balance", {})
    rows: Mapping[str, Any] = {k: v for k, v in balance.items() if isinstance(v, int | float)}
    if rows:
        made["balance"] = Field("balance", "Volume balance", "m³", {"name": list(rows), "volume": list(rows.values())})
    return made


def _peaks(time: Any, values: Any) -> tuple[list[float], list[float]]:
    """The greatest of each column and its time; NaN for a column without any."""
    most, when = [], []
    for column in np.asarray(values).T:
        known = np.isfinite(column)
        at = int(np.nanargmax(np.abs(column))) if known.any() else 0
        most.append(float(column[at]) if known.any() else math.nan)
        when.append(float(time[at]) if known.any() else math.nan)
    return most, when


def _through(time: Any, values: Any) -> list[float]:
    """m³ through each section by the trapezoidal rule over what was read."""
    return [
        float(np.trapezoid(column[np.isfinite(column)], np.asarray(time)[np.isfinite(column)]))
        for column in np.asarray(values).T
    ]


def _lines(frames: FloodFrames, count: int) -> list[str]:
    """The sections' lines as WKT; none where the file does not say them."""
    try:
        lines = json.loads(str(frames.variable("section_discharge").attributes.get("lines", "")))
        found = [
            "LINESTRING (" + ", ".join(f"{float(x):.10g} {float(y):.10g}" for x, y in line) + ")" for line in lines
        ]
    except (ValueError, TypeError, RecursionError):
        return []
    return found if len(found) == count else []
