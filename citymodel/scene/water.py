"""Water: which flood the picture shows, of which state and at which moment, and the words beside it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.layers import Layer, Style
from citymodel.legends_flood import DEPTH as DEPTH_CLASSES
from citymodel.results import LegendClass, Result
from citymodel.scene.legend import Legend
from citymodel.scene.meshes import LIFT
from citymodel.scene.values import categories_present
from citymodel.scene.water_surface import WET

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.frames import Frames, Moment
    from citymodel.scenario import Scenario

DEPTH, NATURAL, STREAKS = "water", "water-natural", "water-streaks"
LOOKS: dict[str, str] = {
    DEPTH: "Water in time, by depth",
    STREAKS: "Water in time, by depth, with streaks",
    NATURAL: "Water in time, natural look",
}
"""The names in ``Style.colour_by`` that show water in time, and words for them."""

DEPTHS = tuple(one for one in DEPTH_CLASSES if one.lower >= WET)
"""Classes of depth where a study has none of its own."""

SLOWEST = 0.05
"""Metres a second below which no arrow is drawn."""


@dataclass(frozen=True, slots=True)
class Water:
    """The water of one layer at one moment. Equal waters need no work.

    frames : citymodel.frames.Frames; revision : of the result and of its frames
    state : "base" or "scenario"; seconds : since the start, within the frames; look : a name of ``LOOKS``
    lift : metres by which it is drawn above its level, so that what the picture lays on the ground lies beneath it
    """

    layer_id: str
    frames: Any = field(compare=False, repr=False)
    revision: tuple[int, int]
    state: str
    seconds: float
    look: str
    opacity: float = 1.0
    lift: float = 0.03
    classes: tuple[LegendClass, ...] = DEPTHS
    legend: Legend | None = field(default=None, compare=False, repr=False)


def water_of(
    layers: Sequence[Layer],
    styles: Sequence[Style],
    scenario: Scenario | None,
    moment: datetime | None = None,
    seconds: float | None = None,
) -> Water | None:
    """The water of the uppermost visible flood that is shown in time, None without one.

    styles : of the layers, in their order; scenario : the proposal on screen, None for the base
    seconds : since the flood's start, before ``moment``; without either the last frame
    """
    for layer, style in zip(reversed(layers), reversed(styles), strict=True):
        look = look_of(layer, style)
        if not style.visible or not look:
            continue
        state = state_of(layer.data, "" if scenario is None else scenario.id)
        frames = layer.data.water[state]
        if not len(frames.times):
            continue
        revision = (layer.data.revision, frames.revision)
        at = seconds_of(layer.data, frames, moment, seconds)
        lift = _lift(tuple(one for one, how in zip(layers, styles, strict=True) if how.visible))
        water = Water(layer.id, frames, revision, state, at, look, style.opacity, lift, classes_of(layer.data))
        zone = None if moment is None else moment.tzinfo
        return replace(water, legend=legend_of(water, layer, "" if scenario is None else scenario.name, zone))
    return None


def shown_water(document: Document) -> Water | None:
    """The water that a document shows in time, at its last frame; None where it shows none."""
    layers = document.layers
    return water_of(layers, tuple(document.style(one.id) for one in layers), document.scenario)


def _lift(layers: tuple[Layer, ...]) -> float:
    """Metres above the level: over the roads of models, which lie a little above the terrain themselves."""
    models = [one for one in layers if one.kind == "city"]
    raised = {name for one in models for name in categories_present(one.data)} & set(LIFT)
    return 0.03 + max((LIFT[name] for name in raised), default=0.0)


def ground_layer(layers: Sequence[Layer], styles: Sequence[Style]) -> Layer | None:
    """The ground of the uppermost flood as terrain, where the picture shows nothing that water could stand on."""
    shown = [one for one, how in zip(layers, styles, strict=True) if how.visible]
    if any(one.kind in ("terrain", "surface", "city") for one in shown):
        return None
    flood = next((one for one in reversed(shown) if one.kind == "result" and one.data.water), None)
    return None if flood is None else _ground(flood)


@lru_cache(maxsize=4)
def _ground(flood: Layer) -> Layer:
    frames = next(iter(flood.data.water.values()))
    raster = frames.grid.raster(np.asarray(frames.ground, dtype=np.float32), "ground")
    return Layer(f"{flood.id}-ground", "Ground of the flood", "terrain", raster, flood.source, flood.licence)


def look_of(layer: Layer, style: Style) -> str:
    """How a layer's water is shown in time, "" for not at all; that of a flood that shows none of its maps by name."""
    if layer.kind != "result" or not layer.data.water:
        return ""
    if style.colour_by in LOOKS:
        return style.colour_by
    return "" if style.colour_by in layer.data.fields else DEPTH


def state_of(result: Result, scenario: str) -> str:
    """The state of a flood that stands on screen: with its own proposal the scenario, else the base."""
    asked = (result.provenance.get("scenario") or {}).get("id", "")
    wanted = "scenario" if scenario and scenario == asked else "base"
    return wanted if wanted in result.water else next(iter(result.water))


def begin_of(result: Result, frames: Frames) -> datetime | None:
    """The moment of second 0, None where nobody named one."""
    if frames.begins is not None:
        return frames.begins
    text = result.provenance.get("begins")
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def clockless(water: Water | None, layers: Sequence[Layer]) -> bool:
    """Whether a picture shows water of which nobody said when it comes."""
    layer = next((one for one in layers if water is not None and one.id == water.layer_id), None)
    return layer is not None and water is not None and begin_of(layer.data, water.frames) is None


def seconds_of(result: Result, frames: Frames, moment: datetime | None, seconds: float | None = None) -> float:
    """Seconds since the start of what is shown: the nearest to the wish that the frames reach."""
    first, last = float(frames.times[0]), float(frames.times[-1])
    begin = begin_of(result, frames)
    if seconds is None and moment is not None and begin is not None:
        seconds = _passed(begin, moment)
    return last if seconds is None else min(max(seconds, first), last)


def _passed(begin: datetime, moment: datetime) -> float:
    """Seconds from one to the other; a clock without a zone is the other's."""
    if (begin.tzinfo is None) != (moment.tzinfo is None):
        begin, moment = begin.replace(tzinfo=None), moment.replace(tzinfo=None)
    return (moment - begin).total_seconds()


@lru_cache(maxsize=4)
def moment_at(frames: Frames, revision: int, seconds: float) -> Moment:
    """The frames' water at a time, read once for picture and words."""
    return frames.at(seconds)


def classes_of(result: Result) -> tuple[LegendClass, ...]:
    """Classes of depth: those of the study's own greatest depths, else ``DEPTHS``."""
    for name in ("max_depth", "max_depth_base", "max_depth_scenario"):
        found = result.fields.get(name)
        known = found.legend if found is not None else ()
        wet = [one for one in known if one.upper > WET and one.lower > -math.inf]
        rising = all(one.upper == two.lower for one, two in itertools.pairwise(wet))
        if wet and rising and wet[0].lower <= 10 * WET and wet[0].lower >= 0.0:
            return tuple(wet)
    return DEPTHS


def legend_of(water: Water, layer: Layer, scenario_name: str = "", zone: tzinfo | None = None) -> Legend:
    """Quantity, unit, classes, moment, state and what the arrows mean; zone : of the clock, None for the flood's."""
    result: Result = layer.data
    rows = tuple((one.colour, one.label) for one in water.classes)
    if water.look == NATURAL:
        rows = (("#5f8fa3", f"Water from {WET * 100:g} cm"),)
    words = {"base": "", "scenario": f", {scenario_name or 'as proposed'}"}[water.state]
    facts = result.provenance
    compared = "scenario" in result.water or (facts.get("growing") and facts.get("scenario"))
    if water.state == "base" and (scenario_name or compared):
        words = ", as it is"
    notes = [moment_words(water, result, zone)]
    if water.state == "base" and scenario_name:
        notes.append(f"of the city as it is, without {scenario_name}")
    if water.look != NATURAL:
        notes.append(_flow_words(water))
    notes.append(result.title if not layer.name.startswith(result.title) else layer.name)
    if not water.frames.complete:
        notes.append("still computed" if facts.get("growing") else "the run is not complete")
    title = "Water" if water.look == NATURAL else "Water depth"
    return Legend(title + words, "" if water.look == NATURAL else "m", rows, tuple(one for one in notes if one))


def _flow_words(water: Water) -> str:
    flowing = moment_at(water.frames, water.frames.revision, water.seconds).east is not None
    sign = "streaks" if water.look == STREAKS else "arrows"
    return f"{sign}: which way it runs, from {SLOWEST:g} m/s, the longer the quicker" if flowing else ""


def moment_words(water: Water, result: Result, zone: tzinfo | None = None) -> str:
    """As "1 h 25 min after the start, 14:25"."""
    begin = begin_of(result, water.frames)
    words = f"{duration(water.seconds)} after the start" if water.seconds > 0 else "at the start"
    if begin is None:
        return words
    if zone is not None and begin.tzinfo is not None:
        begin = begin.astimezone(zone)
    now = begin + timedelta(seconds=water.seconds)
    return f"{words}, {now:%H:%M}" + (f":{now:%S}" if now.second else "")


def duration(seconds: float) -> str:
    """As "1 h 25 min", with seconds where they are not whole minutes."""
    whole = round(seconds)
    days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
