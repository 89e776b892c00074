"""What a window shows of a flood beside its map: its span in time, its rain, its gauges, its balance, a place in it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citymodel.analysis.flood.rain import forcing_of
from citymodel.flood.tables import moved_words
from citymodel.legends_flood import NEVER
from citymodel.results import Result

if TYPE_CHECKING:
    from citymodel.analysis.flood.storms import Storm
    from citymodel.document import Document
    from citymodel.layers import Layer

F8 = NDArray[np.float64]

STATES = ("base", "scenario")
_MAPS = ("max_depth", "max_speed", "arrival_time")


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a flood takes.

    begins : the moment of second 0, None where the case has no clock
    seconds : of the whole run; reached : of what is computed; every : between two frames; growing : still computed
    """

    layer_id: str
    begins: datetime | None
    seconds: float
    reached: float
    every: float
    growing: bool = False

    def moment(self, seconds: float, zone: tzinfo | None) -> datetime:
        """The clock so many seconds after the start, also where it is set forward or back meanwhile."""
        begins = self.begins or datetime(2000, 1, 1, tzinfo=UTC)
        return (begins.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(zone)

    def passed(self, moment: datetime) -> float:
        """Seconds from the start to a moment, below 0 before it."""
        begins = self.begins or datetime(2000, 1, 1, tzinfo=UTC)
        return (moment.astimezone(UTC) - begins.astimezone(UTC)).total_seconds()


@dataclass(frozen=True, slots=True)
class Place:
    """Water at a place and a moment, of one state: metres, metres a second, seconds.

    deepest, quickest : the greatest of the whole run; arrives : first wet, seconds after the start; NaN for unknown
    """

    depth: float
    level: float
    speed: float
    ground: float
    deepest: float = math.nan
    quickest: float = math.nan
    arrives: float = math.nan


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the balance: a name, its volume in m³, and on which side it stands: "in", "out", "there", "error"."""

    name: str
    volume: float
    side: str


def flood_layer(document: Document) -> Layer | None:
    """The uppermost visible result with water in time."""
    for layer in reversed(document.layers):
        if layer.kind == "result" and layer.data.water and document.style(layer.id).visible:
            return layer
    return None


def span_of(layer: Layer) -> Span | None:
    """The time that a flood takes, None while it has no frame at all."""
    result: Result = layer.data
    times = [frames.times for frames in result.water.values()]
    every = [float(np.diff(one).max()) for one in times if len(one) > 1]
    reached = max((float(one[-1]) for one in times if len(one)), default=-1.0)
    if reached < 0:
        return None
    facts = result.provenance
    growing = bool(facts.get("growing"))
    whole = float(facts.get("duration_s", reached)) if growing else reached
    step = float(facts.get("every_s", 0.0)) or (max(every) if every else max(whole, 1.0))
    return Span(layer.id, begin_of(result), max(whole, reached, 1.0), reached, step, growing)


def begin_of(result: Result) -> datetime | None:
    """The moment of second 0, with a zone; None where nobody said one."""
    found = next((one.begins for one in result.water.values() if one.begins is not None), None)
    said = result.provenance.get("begins")
    if found is None and isinstance(said, str):
        try:
            found = datetime.fromisoformat(said)
        except ValueError:
            return None
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)


def rain_of(result: Result) -> tuple[F8, F8] | None:
    """Seconds and mm/h of the rain, each rate until the next time; None where none is known or none falls."""
    said: Any = result.provenance.get("rain")
    table = getattr(result.fields.get("rain"), "data", None)
    if isinstance(table, Mapping) and len(table.get("from_min", ())):
        times = 60.0 * np.append(table["from_min"], table["to_min"][-1])
        rates = np.append(table["mm_per_hour"], 0.0)
    elif isinstance(said, Mapping):
        times, rates = (np.asarray(said.get(name, ()), np.float64) for name in ("seconds", "mm_per_hour"))
    else:
        return None
    whole = len(times) == len(rates) and bool(np.isfinite(times).all() and np.isfinite(rates).all())
    return (times, rates) if whole and rates.max(initial=0.0) > 0 else None


def readings_of(result: Result) -> dict[str, dict[str, Any]]:
    """Gauges and sections by state, as `citymodel.frames.Frames.readings` has them; states without any are left out."""
    found = {}
    for state in STATES:
        frames = result.water.get(state)
        read = frames.readings() if frames is not None else {}
        if len(read.get("gauges", ())) or len(read.get("sections", ())):
            found[state] = read
    return found


def place_in(result: Result, x: float, y: float, seconds: float) -> dict[str, Place]:
    """The water at a place in the frame's CRS by state; a state is left out where it has a wall or no cell there."""
    found = {}
    for state in STATES:
        frames = result.water.get(state)
        cell = None if frames is None or not len(frames.times) else frames.grid.cell_at(x, y)
        if frames is None or cell is None:
            continue
        now = frames.at(min(max(seconds, float(frames.times[0])), float(frames.times[-1])))
        depth, ground = float(now.depth[cell]), float((frames.ground if now.ground is None else now.ground)[cell])
        if not (math.isfinite(depth) and math.isfinite(ground)):
            continue
        speed = math.nan
        if now.east is not None and now.north is not None:
            speed = float(np.hypot(now.east[cell], now.north[cell])) if depth > 0 else 0.0
        found[state] = Place(
            depth, ground + depth, speed, ground, *(_map_at(result, name, state, cell) for name in _MAPS)
        )
    return found


def _map_at(result: Result, name: str, state: str, cell: tuple[int, int]) -> float:
    """One map's value in a cell, NaN where the result has no such map."""
    field = result.fields.get(f"{name}_{state}") or (result.fields.get(name) if state == "base" else None)
    data = getattr(field, "data", None)
    if data is None or not hasattr(data, "dims") or cell[0] >= data.shape[0] or cell[1] >= data.shape[1]:
        return math.nan
    value = float(data.values[cell])
    if getattr(field, "unit", "") != "min":
        return value
    return value * 60.0 if value < NEVER / 2 else math.nan


def volumes_of(said: Mapping[str, float]) -> tuple[Share, ...]:
    """The lines of a balance as `citymodel.analysis.flood.balance.volumes` names them; lines of nothing are left out.

    What stood there at the start and what came is on one side; what left, what is there and the error on the other.
    """
    found = [Share("there at the start", float(said.get("volume_initial", 0.0)), "in")]
    for key, volume in said.items():
        if key.startswith(("source_", "side_")) or key == "volume_changed":
            found.append(Share(moved_words(key), abs(float(volume)), "in" if volume > 0 else "out"))
    found.append(Share("still there", float(said.get("volume_stored", 0.0)), "there"))
    kept = [one for one in found if one.volume > 0 or one.side == "there"]
    return (*kept, Share("error", float(said.get("volume_error", 0.0)), "error"))


def balance_of(result: Result) -> dict[str, tuple[Share, ...]]:
    """The lines of a result's balance by state, from the volumes that its provenance keeps."""
    said = result.provenance.get("volumes_m3")
    if not isinstance(said, Mapping):
        return {}
    return {state: volumes_of(said[state]) for state in STATES if isinstance(said.get(state), Mapping)}


def readings_table(result: Result) -> str:
    """Gauges and sections as CSV: a row a time, a column a reading, units in the head."""
    lines: list[list[str]] = []
    for state, read in readings_of(result).items():
        times = np.asarray(read["time"], np.float64)
        columns = [
            (f"{name} {what} {state} ({unit})", np.asarray(read[what], np.float64)[:, at])
            for of, what, unit in _READ
            for at, name in enumerate(read[of])
        ]
        head = ["seconds", *(name for name, _ in columns)]
        rows = [[f"{second:g}", *(_plain(values[k]) for _, values in columns)] for k, second in enumerate(times)]
        lines = _beside(lines, [head, *rows])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_harmless(one) for one in line] for line in lines)
    return text.getvalue()


_READ = (
    ("gauges", "level", "m"),
    ("gauges", "depth", "m"),
    ("gauges", "speed", "m/s"),
    ("sections", "discharge", "m3/s"),
)


def _beside(left: list[list[str]], right: list[list[str]]) -> list[list[str]]:
    """Two tables of the same times side by side; of the longer one the rows that the other lacks are kept."""
    if not left:
        return right
    wide_left, wide_right = len(left[0]), len(right[0])
    found = []
    for at in range(max(len(left), len(right))):
        first = left[at] if at < len(left) else [right[at][0], *[""] * (wide_left - 1)]
        second = right[at][1:] if at < len(right) else [""] * (wide_right - 1)
        found.append([*first, *second])
    return found


def _plain(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _harmless(text: str) -> str:
    """A name that a spreadsheet would take for a formula begins with a blank."""
    return f" {text}" if text[:1] in tuple("=+@\t") else text


def facts_before(document: Document, parameters: Any) -> dict[str, Any]:
    """What a flood says of itself before it is computed, as its provenance will: clock, rain, proposal, duration."""
    from citymodel.analysis.question import scenario_of

    facts: dict[str, Any] = {}
    moment = parameters.moment()
    if moment is not None:
        facts["begins"] = moment.isoformat()
    scenario = scenario_of(document, parameters.scenario)
    if scenario is not None:
        facts["scenario"] = {"id": scenario.id, "name": scenario.name}
    forcing = forcing_of(parameters)
    facts["duration_s"] = forcing.ends + 3600.0 * parameters.after
    facts["every_s"] = 60.0 * parameters.every
    if forcing.storm is not None:
        facts["rain"] = rain_facts(forcing.storm)
    facts["gauges"] = [[name, *place[:2]] for name, place in _named(parameters.gauges)]
    ends = [place[:2] for place in parameters.sections]
    facts["sections"] = [[name, pair] for name, pair in _named(zip(ends[::2], ends[1::2], strict=False))]
    return facts


def rain_facts(storm: Storm) -> dict[str, list[float]]:
    """A storm as `rain_of` reads it from a result's provenance."""
    return {"seconds": storm.times.tolist(), "mm_per_hour": storm.rates.tolist()}


@dataclass(frozen=True, eq=False, slots=True)
class Rainfall:
    """Rain that is asked for: seconds, mm/h until the next time, and what it is in words."""

    times: F8
    rates: F8
    words: tuple[str, ...]


def storm_of(parameters: Any) -> Rainfall | None:
    """The rain that a flood's parameters ask for, None for none."""
    from citymodel.analysis.flood.storms import duration_words

    forcing = forcing_of(parameters)
    storm = forcing.storm
    if storm is None:
        return None
    lasts = duration_words(round(float(storm.times[-1]) / 60.0, 1))
    words = [f"{storm.depth:.1f} mm in {lasts}, {storm.peak:.0f} mm/h at the heaviest."]
    years, statistic = (forcing.facts.get(name) for name in ("return_period_years", "statistic"))
    if years is not None:
        more = f", and {parameters.uplift:+g} % by climate".replace("-", "−") if parameters.uplift else ""
        words.append(f"As heavy as once in {years:g} years by the {statistic}{more}.")
    return Rainfall(storm.times, storm.rates, (*words, *forcing.notes))


def gauges_of(result: Result) -> list[tuple[str, float, float]]:
    """Names and places of a flood's gauges in the frame's CRS."""
    table = getattr(result.fields.get("by_gauge"), "data", None)
    said: Any = result.provenance.get("gauges") or ()
    if isinstance(table, Mapping) and {"id", "x", "y"} <= set(table):
        said = zip(table["id"], table["x"], table["y"], strict=True)
    return [(str(name), float(x), float(y)) for name, x, y in said]


def sections_of(result: Result) -> list[tuple[str, tuple[tuple[float, float], ...]]]:
    """Names and lines of a flood's sections in the frame's CRS."""
    table = getattr(result.fields.get("by_section"), "data", None)
    if not (isinstance(table, Mapping) and {"id", "geometry"} <= set(table)):
        said: Any = result.provenance.get("sections") or ()
        return [(str(name), tuple((float(x), float(y)) for x, y in line)) for name, line in said]
    lines = [shapely.get_coordinates(one).tolist() for one in shapely.from_wkt(list(table["geometry"]))]
    return [(str(name), tuple((x, y) for x, y in line)) for name, line in zip(table["id"], lines, strict=True)]


def _named(places: Any) -> list[tuple[str, Any]]:
    """Gauges by the letters that the study gives them."""
    from citymodel.analysis.viewshed.eyes import letters

    return [(letters(at), place) for at, place in enumerate(places)]
