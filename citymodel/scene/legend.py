"""The legend: quantity, unit and the named classes that are really in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import colours, values

if TYPE_CHECKING:
    from citymodel.scene.state import Item

MAX_CLASSES = 9


@dataclass(frozen=True, slots=True)
class Legend:
    """classes : ("#rrggbb", words) pairs; notes : moment, method, source."""

    title: str
    unit: str = ""
    classes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def legends_of(item: Item) -> list[Legend]:
    """The legends that a layer's style asks for."""
    if item.kind == "city":
        return [_city(item)]
    if item.kind == "points":
        return [_points(item)]
    if item.kind == "result":
        from citymodel.scene.patches import legend_of

        return [legend_of(item.data, item.style.colour_by)]
    if item.style.range is not None:
        return [numeric("Height", "m", np.array(item.style.range))]
    return []


def merged(legends: list[Legend]) -> tuple[Legend, ...]:
    """One legend a title: the classes of those that share it, each once."""
    found: dict[tuple[str, str], Legend] = {}
    for one in legends:
        key = (one.title, one.unit)
        known = found.get(key, Legend(*key))
        rows = tuple(dict.fromkeys((*known.classes, *one.classes)))
        found[key] = Legend(*key, rows, tuple(dict.fromkeys((*known.notes, *one.notes))))
    return tuple(one for one in found.values() if one.classes)


def _city(item: Item) -> Legend:
    by = item.style.colour_by
    if by in ("", "surface-type", "value"):
        names = values.categories_present(item.data)
        rows = tuple((colour, words) for name, words, colour in colours.CATEGORIES if name in names)
        return Legend("City model", "", rows if len(rows) > 1 else ())
    found = values.of_objects(item.data, by)
    if found.dtype.kind == "f":
        unit = "m" if by == "height" else ""
        return numeric(_words(by), unit, np.array(item.style.range) if item.style.range else found)
    frequent = values.names_by_count(found)[:MAX_CLASSES]
    return Legend(_words(by), "", tuple((colours.DISTINCT[k % 9], name) for k, name in enumerate(frequent)))


def _points(item: Item) -> Legend:
    by, data = item.style.colour_by, item.data
    classes = data.columns.get("classification")
    if by in ("", "surface-type", "classification", "value"):
        if classes is None:
            return Legend("Points")
        counts = np.bincount(np.asarray(classes, dtype=np.uint8), minlength=256)
        counts[[] if item.covers else list(item.hidden_classes)] = 0
        found = [int(code) for code in np.flatnonzero(counts)]
        found = sorted(sorted(found, key=lambda code: -counts[code])[:MAX_CLASSES])
        rows = tuple((colours.class_colour(code), colours.class_name(code)) for code in found)
        return Legend("LiDAR returns", "", rows)
    if by == "height":
        return numeric("Height of returns", "m", values.point_heights(data))
    if by == "intensity" and "intensity" in data.columns:
        return numeric("Intensity", "", values.spread(data.columns["intensity"]))
    return Legend("Points")


def numeric(title: str, unit: str, found: NDArray[Any]) -> Legend:
    """Classes between round limits."""
    known = found[np.isfinite(found)]
    if not len(known):
        return Legend(title, unit)
    limits = colours.breaks(float(known.min()), float(known.max()))
    rows = [
        (colour, f"{_number(low)} – {_number(high)}")
        for colour, low, high in zip(colours.ramp(len(limits) - 1), limits[:-1], limits[1:], strict=True)
    ]
    return Legend(title, unit, tuple(rows))


def _number(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize() or name
