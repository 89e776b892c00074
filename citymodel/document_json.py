"""The readable form of a Document inside NAME.city: plain mappings to and fro, no files opened here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from citymodel.document import Bookmark, Document
from citymodel.errors import ParameterError
from citymodel.layers import Style
from citymodel.timezones import is_zone

VERSION = 1


def to_mapping(document: Document, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document as JSON values; ``layers`` are the entries that say where each layer's data lie."""
    frame = document.frame
    return {
        "format": "citymodel project",
        "version": VERSION,
        "name": document.name,
        "zone": document.zone,
        "frame": None if frame is None else {"crs": frame.crs, "origin": [float(v) for v in frame.origin]},
        "layers": list(layers),
        "styles": {key: asdict(style) for key, style in document.styles.items()},
        "scenarios": [one.to_dict() for one in document.scenarios],
        "active_scenario": document.active_scenario,
        "bookmarks": [asdict(one) for one in document.bookmarks],
    }


def from_mapping(data: Mapping[str, Any]) -> Document:
    """The document without its layers; a ParameterError names the entry that is wrong."""
    if not isinstance(data, Mapping) or data.get("format") != "citymodel project":
        raise ParameterError('project.json does not say "format": "citymodel project"; it is not a project')
    if data.get("version") != VERSION:
        raise ParameterError(
            f"the project is of version {data.get('version')}, this program knows {VERSION}; update it"
        )
    from citymodel.scenario import Scenario

    part = "frame"
    try:
        frame = _frame(data.get("frame"))
        part = "styles"
        styles = {str(key): _style(value) for key, value in data.get("styles", {}).items()}
        part = "scenarios"
        scenarios = tuple(Scenario.from_dict(one) for one in data.get("scenarios", ()))
        part = "bookmarks"
        bookmarks = tuple(_bookmark(one) for one in data.get("bookmarks", ()))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ParameterError(f"project.json: {part}: {wrong}") from wrong
    active, zone = str(data.get("active_scenario", "")), str(data.get("zone", ""))
    return Document(
        frame=frame,
        styles=styles,
        scenarios=scenarios,
        active_scenario=active if any(one.id == active for one in scenarios) else "",
        bookmarks=bookmarks,
        name=str(data.get("name", "")),
        zone=zone if is_zone(zone) else "",
    )


def _frame(data: Mapping[str, Any] | None) -> Any:
    if data is None:
        return None
    from citymodel.geo import Frame

    x, y, z = _numbers(data["origin"], 3)
    return Frame(data["crs"], (x, y, z))


def _style(data: Mapping[str, Any]) -> Style:
    low, high = _numbers(data["range"], 2) if data.get("range") else (0.0, 0.0)
    return replace(
        Style(),
        visible=bool(data.get("visible", True)),
        opacity=min(max(float(data.get("opacity", 1.0)), 0.0), 1.0),
        colour_by=str(data.get("colour_by", "surface-type")),
        range=(low, high) if data.get("range") else None,
    )


def _bookmark(data: Mapping[str, Any]) -> Bookmark:
    position, focus = _numbers(data["position"], 3), _numbers(data["focus"], 3)
    return Bookmark(str(data["name"]), (position[0], position[1], position[2]), (focus[0], focus[1], focus[2]))


def _numbers(values: Sequence[Any], count: int) -> list[float]:
    found = [float(value) for value in values]
    if len(found) != count or not all(math.isfinite(value) for value in found):
        raise ValueError(f"got {list(values)}, expected {count} finite numbers")
    return found
