"""What the window asks of citymodel about floods: one small function a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citymodel.document import Document

if TYPE_CHECKING:
    from citymodel.analysis.flood.shown import Place, Share, Span
    from citymodel.layers import Layer


def control_of(watch: Callable[[str, Any, float], None]) -> Any:
    """The hand on a run about to start."""
    from citymodel.analysis.flood.control import Control

    return Control(watch)


def shown_flood(document: Document) -> Layer | None:
    """The uppermost visible result with water in time."""
    if not any(one.kind == "result" and one.data.water for one in document.layers):
        return None
    from citymodel.analysis.flood.shown import flood_layer

    return flood_layer(document)


def span_of(layer: Layer) -> Span | None:
    """The time that a flood takes, None while it has no frame."""
    from citymodel.analysis.flood.shown import span_of

    return span_of(layer)


def rain_of(result: Any) -> tuple[list[float], list[float]] | None:
    """Seconds and mm/h of a flood's rain, None for none."""
    from citymodel.analysis.flood.shown import rain_of

    found = rain_of(result)
    return None if found is None else (found[0].tolist(), found[1].tolist())


def readings_of(result: Any) -> dict[str, dict[str, Any]]:
    """Gauges and sections of a flood by state."""
    from citymodel.analysis.flood.shown import readings_of

    return readings_of(result)


def place_in(result: Any, x: float, y: float, seconds: float) -> Mapping[str, Place]:
    """The water at a place by state."""
    from citymodel.analysis.flood.shown import place_in

    return place_in(result, x, y, seconds)


def balance_of(result: Any) -> dict[str, tuple[Share, ...]]:
    """Where every cubic metre of a flood came from and went, by state."""
    from citymodel.analysis.flood.shown import balance_of

    return balance_of(result)


def write_readings(result: Any, path: Path) -> Path:
    """Gauges and sections of a flood as CSV: a row a time, a column a reading."""
    from citymodel.analysis.flood.shown import readings_table
    from gui.requests import write_bytes

    return write_bytes(path, readings_table(result).encode("utf-8"))


def gauges_of(result: Any) -> list[tuple[str, float, float]]:
    """Names and places of a flood's gauges, in the frame's CRS."""
    from citymodel.analysis.flood.shown import gauges_of

    return gauges_of(result)


def section_pins(document: Document, result: Any, words: Callable[[str], str]) -> tuple[Any, ...]:
    """A flood's sections as named lines on the city; words : of a name."""
    from citymodel.analysis.flood.shown import sections_of
    from gui.requests import line_pin

    return tuple(line_pin(document, words(name), line) for name, line in sections_of(result))


def facts_before(document: Document, parameters: Any) -> dict[str, Any]:
    """What a flood says of itself before it is computed: its clock, its rain, its proposal."""
    from citymodel.analysis.flood.shown import facts_before

    return facts_before(document, parameters)


def storm_of(document: Document, parameters: Any) -> Any:
    """The rain that a flood's parameters ask for, None for none."""
    from citymodel.analysis.flood.shown import storm_of

    return storm_of(parameters)
