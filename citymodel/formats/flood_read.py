"""Reading a flood's NetCDF: as a result with maps, tables and water, and as what `citymodel info` tells."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from citymodel.errors import FormatError, ResourceError
from citymodel.flood import tables
from citymodel.flood.hazard import UK
from citymodel.flood.run import Gauge, Section
from citymodel.formats import flood_header as header
from citymodel.formats.flood_frames import FloodFrames
from citymodel.formats.netcdf_classic import is_classic
from citymodel.frames import lasting
from citymodel.results import Field, Result

_HDF = b"\x89HDF"


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
    try:
        fields = _fields(frames)
    except (KeyError, IndexError, ValueError, OSError) as wrong:
        raise FormatError(path, "", f"is broken ({wrong}); get the file again from its source") from wrong
    provenance = {**_json(frames, "provenance", {}), "file": path.name, "crs": frames.grid.crs}
    volumes = _volumes(frames)
    if volumes:
        provenance["volumes_m3"] = {"base": volumes}
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


def _fields(frames: FloodFrames) -> dict[str, Field]:
    """Maps and tables, made as the study makes them."""
    state: Any = _state(frames)
    made = tables.maps_of([state], "", _thresholds(frames))
    readings = state.readings
    if readings["places"]:
        made["by_gauge"] = Field("by_gauge", "Gauges", "m", tables.by_gauge([state]))
    if readings["lines"]:
        made["by_section"] = Field("by_section", "Flow through sections", "m³/s", tables.by_section([state]))
    if state.balance:
        title = "Where the water came from and went"
        made["balance"] = Field("balance", title, "m³", tables.balance([state], {}))
    return made


def _state(frames: FloodFrames) -> SimpleNamespace:
    """What `citymodel.flood.tables` asks of a state, from the file."""
    maps = {name: frames.map(name).astype(np.float32, copy=False) for name in header.MAPS}
    readings = frames.readings()
    places = [Gauge(name, 0.0, 0.0) for name in readings["gauges"]]
    if places:
        x, y = (frames.map(f"gauge_{axis}").tolist() for axis in ("x", "y"))
        places = [Gauge(name, *at) for name, *at in zip(readings["gauges"], x, y, strict=True)]
    lines = [
        Section(*one) for one in zip(readings["sections"], _lines(frames, len(readings["sections"])), strict=False)
    ]
    return SimpleNamespace(
        name="base", grid=frames.grid, maps=maps, hazard=maps["hazard"],
        class_au=frames.map("hazard_class_au").astype(np.float32),
        readings={**readings, "places": places, "lines": lines},
        balance=_volumes(frames),
    )  # fmt: skip


def _volumes(frames: FloodFrames) -> dict[str, float]:
    """The balance's volumes by name, m³."""
    said = _json(frames, "balance", {})
    return {str(name): float(one) for name, one in said.items() if isinstance(one, int | float)}


def _thresholds(frames: FloodFrames) -> tuple[float, ...]:
    """Those between the classes of the hazard rating; the usual ones where the file's make no sense."""
    said = np.atleast_1d(frames.variable("hazard_class_uk").attributes.get("thresholds_m2_s", UK))
    fit = said.dtype.kind == "f" and len(said) == len(UK) and np.isfinite(said).all() and said[0] > 0
    return tuple(float(one) for one in said) if fit and (np.diff(said) > 0).all() else UK


def _lines(frames: FloodFrames, count: int) -> list[Any]:
    """The sections' lines; none where the file does not say them."""
    if not count:
        return []
    try:
        lines = json.loads(str(frames.variable("section_discharge").attributes.get("lines", "")))
        found = [tuple((float(x), float(y)) for x, y in line) for line in lines]
    except (ValueError, TypeError, RecursionError):
        return []
    return found if len(found) == count else []
