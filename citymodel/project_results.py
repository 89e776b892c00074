"""Results on the disk: rasters and water named by their content in NAME.results/, the rest as a project's entry."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from citymodel.errors import CrsError, FormatError, ResourceError

_WATER = "water:"
_CONTENT_NAME = re.compile("[0-9a-f]{24}\\.nc")


def result_entry(result: Any, folder: Path) -> dict[str, Any]:
    """Write a result's rasters, named by content, never over one that is there; return its entry."""
    from dataclasses import asdict

    from citymodel.formats import write

    files: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for name, one in result.fields.items():
        fields[name] = {"title": one.title, "unit": one.unit, "legend": [_plain(asdict(step)) for step in one.legend]}
        if hasattr(one.data, "rio"):
            digest = hashlib.sha256(one.data.values.tobytes() + repr(one.data.rio.bounds()).encode()).hexdigest()
            files[name] = f"{digest[:24]}.tif"
            folder.mkdir(exist_ok=True)
            if not (folder / files[name]).exists():
                write(one.data, folder / files[name])
        else:
            fields[name]["table"] = {key: _plain(list(column)) for key, column in dict(one.data).items()}
    for state, frames in result.water.items():
        folder.mkdir(exist_ok=True)
        files[f"{_WATER}{state}"] = _kept_water(frames, folder)
    facts = {"analysis": result.analysis, "title": result.title, "notes": list(result.notes)}
    return {"result": facts | {"provenance": _plain(result.provenance)}, "fields": fields, "files": files}


def _kept_water(frames: Any, folder: Path) -> str:
    """Copy a flood's file, as far as it has grown, under the name of its content; that name."""
    source = Path(frames.path)
    if source.parent == folder and _CONTENT_NAME.fullmatch(source.name):
        return source.name
    part = folder / f".{source.name}.{os.getpid()}.part"
    digest = hashlib.sha256()
    try:
        with source.open("rb") as file, part.open("wb") as copy:
            while block := file.read(1 << 22):
                digest.update(block)
                copy.write(block)
        name = f"{digest.hexdigest()[:24]}.nc"
        if not (folder / name).exists():
            part.replace(folder / name)
    except OSError as wrong:
        size = source.stat().st_size / 1e9 if source.exists() else 0.0
        raise ResourceError(
            f"{folder}: {size:.2f} GB of a flood's water cannot be kept there ({wrong.strerror}); "
            "free space, or save the project elsewhere"
        ) from wrong
    finally:
        part.unlink(missing_ok=True)
    return name


def check_system(result: Any, own: str | None, crs: str | None) -> None:
    """CrsError where a result is in another system than a project."""
    from citymodel.geo import horizontal

    if own is not None and crs is not None and horizontal(own) != horizontal(crs):
        raise CrsError(
            f"{result.title}: is in {own}, the project in {crs}; open it in a project of its own, or compute it again "
            "there"
        )


def result_of_entry(entry: Mapping[str, Any], folder: Path) -> Any:
    from citymodel.formats import read
    from citymodel.results import Field, Result

    try:
        facts, files, fields = entry["result"], entry.get("files", {}), {}
        for name, one in entry["fields"].items():
            file = files.get(name)
            if file is not None and Path(file).name != file:
                raise FormatError(folder, str(file), "points out of the results' folder")
            data = (
                read(folder / file)
                if file is not None
                else {key: _column(values) for key, values in one["table"].items()}
            )
            legend = tuple(_legend_class(step) for step in one["legend"])
            fields[name] = Field(name, one["title"], one["unit"], data, legend)
        water = {
            name.removeprefix(_WATER): _water(folder, file) for name, file in files.items() if name.startswith(_WATER)
        }
        return Result(facts["analysis"], facts["title"], fields, facts["provenance"], facts["notes"], water)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise FormatError(folder, str(entry.get("name", "")), f"the result's entry is broken: {wrong}") from wrong


def _water(folder: Path, file: str) -> Any:
    from citymodel.formats.flood_frames import FloodFrames

    if Path(file).name != file:
        raise FormatError(folder, str(file), "points out of the results' folder")
    return FloodFrames(folder / file)


def _plain(value: Any) -> Any:
    """JSON values for whatever a provenance or a table holds."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _legend_class(step: Mapping[str, Any]) -> Any:
    """A class of a legend; an open end is written as null."""
    from citymodel.results import LegendClass

    low, high = step["lower"], step["upper"]
    ends = (-math.inf if low is None else float(low), math.inf if high is None else float(high))
    return LegendClass(*ends, str(step["colour"]), str(step["label"]))


def _column(values: Sequence[Any]) -> list[Any]:
    """A table's column; numbers that are missing were written as null."""
    numbers = any(isinstance(value, float) for value in values)
    return [math.nan if value is None and numbers else value for value in values]
