"""The case file of a flood (CASE.toml): read, every key checked, into values with their units."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from citymodel.errors import FormatError
from citymodel.formats import flood_case_keys as keys
from citymodel.formats.flood_case_keys import Line, Point

BYTES_AT_MOST = 4_000_000
SIDES = ("north", "south", "east", "west")
FRAMES_AT_MOST = 100_000


@dataclass(frozen=True, slots=True)
class RainEntry:
    """Rain, mm/h: by a series, a constant, rasters in time, or a design storm.

    series : CSV of values, or of raster files; zones : raster of whole numbers, a column of the series each
    rasters : files with `times` in seconds; after the last time it is dry
    storm : the parameters of a design storm by name
    """

    name: str
    series: Path | None = None
    mm_per_hour: float | None = None
    begin: float = 0.0
    end: float | None = None
    zones: Path | None = None
    rasters: tuple[Path, ...] = ()
    times: tuple[float, ...] = ()
    storm: Mapping[str, Any] | None = None
    factor: float = 1.0
    roofs: bool = True


@dataclass(frozen=True, slots=True)
class InflowEntry:
    """Discharge, m³/s, shared equally by the cells of a line, or by those that contain the points."""

    name: str
    line: Line = ()
    points: Line = ()
    series: Path | None = None
    m3_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class PointEntry:
    """A gauge."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A cross-section."""

    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class CulvertEntry:
    """A culvert or an underpass; metres and m³/s."""

    name: str
    start: Point
    end: Point
    width: float
    invert: float
    height: float = math.inf
    capacity: float = math.inf
    coefficient: float = 0.8


@dataclass(frozen=True, slots=True)
class WallEntry:
    """Ground raised along a line to a crest `level`, or by `height` above the ground, metres, from second `at` on."""

    name: str
    line: Line
    level: float | None = None
    height: float | None = None
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class BreachEntry:
    """Ground lowered to `level` over a strip `width` metres wide about a line, from second `at` on."""

    name: str
    line: Line
    level: float
    at: float
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class GroundEntry:
    """Another terrain raster from second `at` on."""

    at: float
    terrain: Path


@dataclass(frozen=True, slots=True)
class Losses:
    """Infiltration: "green-ampt", "horton" or "curve-number", its numbers, or those of the land cover's table."""

    method: str
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SewerEntry:
    """What drains take, mm/h: a number, a series, or a series with a column a zone."""

    mm_per_hour: float | None = None
    series: Path | None = None
    zones: Path | None = None


@dataclass(frozen=True, slots=True)
class LandCover:
    """A raster of classes and a table of their numbers."""

    raster: Path
    table: Path


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All that a case file says; seconds, metres, paths made whole."""

    path: Path
    name: str
    terrain: Path
    duration: float
    every: float
    manning: float | Path = 0.03
    crs: str | None = None
    buildings: Path | None = None
    buildings_as: str = "blocked"
    buildings_manning: float = 0.3
    bridges: Path | None = None
    level: float | Path | None = None
    depth: float | Path | None = None
    scheme: str = "second-order"
    courant: float | None = None
    wet: float = 0.01
    gauge_every: float = 60.0
    velocities: bool = False
    debris: str = "careful"
    hazard_thresholds: tuple[float, ...] | None = None
    begins: datetime | None = None
    rain: tuple[RainEntry, ...] = ()
    inflow: tuple[InflowEntry, ...] = ()
    boundary: Mapping[str, str | float | Path] = field(default_factory=dict)
    gauges: tuple[PointEntry, ...] = ()
    sections: tuple[LineEntry, ...] = ()
    culverts: tuple[CulvertEntry, ...] = ()
    walls: tuple[WallEntry, ...] = ()
    breaches: tuple[BreachEntry, ...] = ()
    grounds: tuple[GroundEntry, ...] = ()
    infiltration: Losses | None = None
    sewer: SewerEntry | None = None
    landcover: LandCover | None = None
    notes: tuple[str, ...] = ()


def read(path: str | Path) -> CaseFile:
    """Read and check a case file; FormatError names the table and the key."""
    path = Path(path)
    data = _toml(path)
    _check_misplaced(path, data)
    top = keys.taken(path, "", {k: v for k, v in data.items() if not keys.is_table(k)}, keys.TOP)
    _check_tables(path, data)
    if "initial_level" in top and "initial_depth" in top:
        raise FormatError(path, "initial_level", "stands beside initial_depth; water starts by one of them, drop one")
    notes: list[str] = []
    duration = top["duration"]
    every = top.get("output_every", min(900.0, duration))
    if every > duration:
        notes.append(f"output_every is longer than the run of {duration:g} s: only its start and its end are kept")
    if duration / every > FRAMES_AT_MOST:
        raise FormatError(
            path, "output_every", f"{every:g} s over {duration:g} s would be {duration / every:,.0f} frames; "
            f"write at least {keys.spoken(duration / FRAMES_AT_MOST)}",
        )  # fmt: skip
    return CaseFile(
        path=path, name=top.get("name", path.stem), terrain=top["terrain"], duration=duration, every=every,
        manning=top.get("manning", 0.03), crs=top.get("crs"), buildings=top.get("buildings"),
        buildings_as=_with_buildings(path, top, "buildings_as", "blocked"),
        buildings_manning=_with_buildings(path, top, "buildings_manning", 0.3), bridges=top.get("bridges"),
        level=top.get("initial_level"), depth=top.get("initial_depth"), scheme=top.get("scheme", "second-order"),
        courant=_courant(path, top), wet=top.get("wet_depth", 0.01), gauge_every=top.get("gauge_every", 60.0),
        velocities=top.get("velocities", False), debris=top.get("debris_factor", "careful"),
        hazard_thresholds=top.get("hazard_thresholds"), begins=top.get("begins"),
        rain=tuple(_rain(path, *one) for one in _entries(path, data, "rain", keys.RAIN)),
        inflow=tuple(_inflow(path, *one) for one in _entries(path, data, "inflow", keys.INFLOW)),
        boundary=keys.taken(path, "[boundary]", data.get("boundary", {}), keys.BOUNDARY),
        gauges=tuple(PointEntry(**one) for _, one in _entries(path, data, "gauge", keys.GAUGE)),
        sections=tuple(LineEntry(**one) for _, one in _entries(path, data, "section", keys.SECTION)),
        culverts=tuple(CulvertEntry(**one) for _, one in _entries(path, data, "culvert", keys.CULVERT)),
        walls=tuple(_wall(path, *one) for one in _entries(path, data, "wall", keys.WALL)),
        breaches=tuple(BreachEntry(**one) for _, one in _entries(path, data, "breach", keys.BREACH)),
        grounds=tuple(GroundEntry(**one) for _, one in _entries(path, data, "ground", keys.GROUND)),
        infiltration=_infiltration(path, data), sewer=_sewer(path, data), landcover=_landcover(path, data),
        notes=tuple(notes),
    )  # fmt: skip


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FormatError(path, "", "is a folder; name a case file" if path.is_dir() else
                          "there is no such file; check the name and the folder")  # fmt: skip
    if path.stat().st_size > BYTES_AT_MOST:
        raise FormatError(path, "", f"is larger than {BYTES_AT_MOST / 1e6:.0f} MB; a case file names its data")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise FormatError(path, "", "is no text in UTF-8; save it as UTF-8 again") from None
    except tomllib.TOMLDecodeError as wrong:
        raise FormatError(path, "", f"is no TOML ({str(wrong)[:160]}); mend that line") from None
    except (RecursionError, ValueError, OverflowError):
        raise FormatError(path, "", "is no TOML that can be read: nested too deep, or a number too long") from None


def _check_misplaced(path: Path, data: Mapping[str, Any]) -> None:
    """Refuse what the top level lacks because it stands below a table's line: TOML counts it to that table."""
    lacking = [name for name, key in keys.TOP.items() if key.needed and name not in data]
    for name, spec in {**keys.LISTS, **keys.TABLES}.items():
        tables = data.get(name, [])
        for one in tables if isinstance(tables, list) else [tables]:
            astray = [key for key in lacking if isinstance(one, dict) and key in one and key not in spec]
            if astray:
                where = keys.bracketed(name)
                raise FormatError(path, f"{where} {astray[0]}", keys.unknown(astray[0], where, spec))


def _check_tables(path: Path, data: Mapping[str, Any]) -> None:
    """Refuse a table given as a list, and the other way round."""
    for name, value in data.items():
        if name in keys.LISTS and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
            raise FormatError(path, f"[{name}]", f"is a list of tables; write [[{name}]]")
        if name in keys.TABLES and not isinstance(value, dict):
            raise FormatError(path, f"[[{name}]]", f"is one table; write [{name}]")


def _entries(path: Path, data: Mapping[str, Any], name: str, spec: keys.Spec) -> list[tuple[str, dict[str, Any]]]:
    """Where and what of each table of a list, named where the file does not."""
    found = []
    given = data.get(name, [])
    for k, table in enumerate(given, 1):
        where = f"[[{name}]]" if len(given) == 1 else f"[[{name}]] {k}"
        one = keys.taken(path, where, table, spec)
        if "name" in spec:
            one.setdefault("name", name if len(given) == 1 else f"{name} {k}")
        found.append((where, one))
    names = [one["name"] for _, one in found if "name" in one]
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise FormatError(path, f"[[{name}]]", f"two are named {twice!r}; give each a name of its own")
    return found


def _one_of(path: Path, where: str, one: Mapping[str, Any], *names: str) -> str:
    """The only key of several."""
    given = [name for name in names if name in one]
    if len(given) != 1:
        what = f"has {' and '.join(given)}; keep one of them" if given else f"needs {' or '.join(names)}"
        raise FormatError(path, where, what)
    return given[0]


def _rain(path: Path, where: str, one: dict[str, Any]) -> RainEntry:
    kind = _one_of(path, where, one, "series", "mm_per_hour", "rasters", "storm")
    for name, belongs in (("zones", "series"), ("begin", "mm_per_hour"), ("end", "mm_per_hour"), ("times", "rasters"),
                          ("every", "rasters")):  # fmt: skip
        if name in one and kind != belongs:
            raise FormatError(path, f"{where} {name}", f"belongs to {belongs}; this rain has {kind}")
    if kind == "storm":
        one["storm"] = keys.taken(path, f"{where} storm", one["storm"], keys.STORM)
    if kind == "rasters":
        one["times"] = _raster_times(path, where, one)
    if kind == "mm_per_hour" and one.get("end") is not None and one["end"] <= one.get("begin", 0.0):
        raise FormatError(path, f"{where} end", "does not come after its begin; write a later end")
    return RainEntry(**{k: v for k, v in one.items() if k != "every"})


def _raster_times(path: Path, where: str, one: Mapping[str, Any]) -> tuple[float, ...]:
    """Seconds at which each raster begins, and at which the last one ends."""
    count = len(one["rasters"])
    if _one_of(path, where, one, "times", "every") == "every":
        return tuple(one["every"] * k for k in range(count + 1))
    times: tuple[float, ...] = one["times"]
    if len(times) != count + 1:
        raise FormatError(
            path, f"{where} times", f"{len(times)} times for {count} rasters; write {count + 1}: the begin of each, "
            "and the end of the last",
        )  # fmt: skip
    if any(b <= a for a, b in pairwise(times)):
        raise FormatError(path, f"{where} times", "do not rise; sort them")
    return times


def _inflow(path: Path, where: str, one: dict[str, Any]) -> InflowEntry:
    kind = _one_of(path, where, one, "line", "point", "points")
    _one_of(path, where, one, "series", "m3_per_s")
    if kind == "point":
        one["points"] = (one.pop("point"),)
    return InflowEntry(**one)


def _wall(path: Path, where: str, one: dict[str, Any]) -> WallEntry:
    _one_of(path, where, one, "level", "height")
    return WallEntry(**one)


def _infiltration(path: Path, data: Mapping[str, Any]) -> Losses | None:
    if "infiltration" not in data:
        return None
    one = keys.taken(path, "[infiltration]", data["infiltration"], keys.INFILTRATION)
    method = one.pop("method")
    wanted = keys.METHODS[method]
    odd = next((name for name in one if name not in wanted), None)
    if odd is not None:
        raise FormatError(path, f"[infiltration] {odd}", f"is no number of {method}; it takes {', '.join(wanted)}")
    missing = [name for name in wanted if name not in one and name != "initial"]
    if one and missing:
        raise FormatError(path, "[infiltration]", f"{method} needs {' and '.join(missing)} as well")
    if not one and "landcover" not in data:
        raise FormatError(
            path, "[infiltration]", f"{method} needs {', '.join(wanted)}; write them here, or in the table of "
            "[landcover]",
        )  # fmt: skip
    return Losses(method, one)


def _sewer(path: Path, data: Mapping[str, Any]) -> SewerEntry | None:
    if "sewer" not in data:
        return None
    one = keys.taken(path, "[sewer]", data["sewer"], keys.SEWER)
    _one_of(path, "[sewer]", one, "mm_per_hour", "series")
    if "zones" in one and "series" not in one:
        raise FormatError(path, "[sewer] zones", "belongs to series, a column a zone; this sewer has mm_per_hour")
    return SewerEntry(**one)


def _landcover(path: Path, data: Mapping[str, Any]) -> LandCover | None:
    if "landcover" not in data:
        return None
    return LandCover(**keys.taken(path, "[landcover]", data["landcover"], keys.LANDCOVER))


def _with_buildings(path: Path, top: Mapping[str, Any], name: str, default: Any) -> Any:
    if name in top and "buildings" not in top:
        raise FormatError(path, name, "belongs to buildings, and no file of them is named")
    return top.get(name, default)


def _courant(path: Path, top: Mapping[str, Any]) -> float | None:
    value: float | None = top.get("courant")
    most = 1.0 if top.get("scheme") == "preview" else 0.5
    if value is not None and value > most:
        raise FormatError(path, "courant", f"{value:g} is not stable; write up to {most:g}")
    return value


@dataclass(frozen=True, slots=True)
class Input:
    """A file that a case names. role : the key that names it, "case" for the case file itself."""

    role: str
    path: Path

    def facts(self) -> dict[str, Any]:
        """Role, name, size and SHA-256, for the proof."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"role": self.role, "file": self.path.name, "bytes": self.path.stat().st_size, "sha256": digest}


def inputs_of(case: CaseFile) -> list[Input]:
    """The case file and every file that it names, each once."""
    found: dict[Path, str] = {case.path: "case"}
    for role, path in _paths(case, ""):
        found.setdefault(path, role)
    return [Input(role, path) for path, role in found.items()]


def _paths(value: Any, role: str) -> Iterator[tuple[str, Path]]:
    """All paths of a value with the key that holds each; rasters that a series names included."""
    if isinstance(value, Path):
        yield role, value
        if role == "rain series":
            yield from (("rain raster", path) for path in _named_rasters(value))
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            if one.name != "path":
                yield from _paths(getattr(value, one.name), f"{role} {one.name}".strip())
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _paths(one, f"{role} {name}")
    elif isinstance(value, tuple):
        for one in value:
            yield from _paths(one, role)


def _named_rasters(series: Path) -> list[Path]:
    from citymodel.formats.series import names_files, read_files

    if not names_files(series):
        return []
    return [row.path for row in read_files(series, clock=False) if row.path is not None]
