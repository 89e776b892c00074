"""Results on the disk: rasters named by their content in NAME.results/, the rest as an entry of the project."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from citymodel.errors import FormatError


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
    facts = {"analysis": result.analysis, "title": result.title, "notes": list(result.notes)}
    return {"result": facts | {"provenance": _plain(result.provenance)}, "fields": fields, "files": files}


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
        return Result(facts["analysis"], facts["title"], fields, facts["provenance"], facts["notes"])
    except (KeyError, TypeError, AttributeError) as wrong:
        raise FormatError(folder, str(entry.get("name", "")), f"the result's entry is broken: {wrong}") from wrong


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
