"""From a case file to the case that is computed: everything laid onto the terrain's grid, and checked against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.file_ground import Ground, ground_of
from citymodel.analysis.flood.file_losses import Cover, cover_of, infiltration_of, run_off, sewer_of
from citymodel.analysis.flood.file_rain import millimetres, rains_of, source_of
from citymodel.analysis.flood.placing import box, cells_along, first, length_inside, place, smooth
from citymodel.analysis.flood.rim import SIDES
from citymodel.errors import ParameterError
from citymodel.flood.run import Gauge, Section
from citymodel.formats.flood_case_keys import LONGEST
from citymodel.formats.series import read_series
from kernels.flood import DEEPEST, Edges
from kernels.flood_sources import Culverts, Inflow, Link, Source

if TYPE_CHECKING:
    from citymodel.formats.flood_case import CaseFile, CulvertEntry, InflowEntry

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

DEEP = 50.0
"""Metres of water that no flood in a city has: millimetres are meant, more often than not."""
ROUGH = 0.5
"""Manning's n above which a Strickler value is meant, more often than not."""


def case_of(file: CaseFile, crs: str | None = None, scheme: str | None = None) -> Case:
    """The case of a case file.

    Parameters
    ----------
    crs : "EPSG:…" of a terrain that names none; scheme : in place of the file's

    Raises
    ------
    FormatError, ParameterError, CrsError : something of it cannot be; one line on what, where and what to do
    """
    ground = ground_of(file, crs)
    ground.notes.extend(file.notes)
    cover = cover_of(file, ground)
    entries = rains_of(file, ground)
    rains = run_off(file, [rain for _, rain in entries], cover)
    sources: list[Source] = [source_of(one, rain) for (one, _), rain in zip(entries, rains, strict=True)]
    sources += [_inflow(file, one, ground) for one in file.inflow]
    sources += [one for one in (infiltration_of(file, cover), sewer_of(file, ground)) if one is not None]
    if file.culverts:
        sources.append(Culverts([_link(file, one, ground) for one in file.culverts]))
    _check_names(file, sources)
    depth, level = _first_water(file, ground)
    edges = _edges(file, ground)
    if not sources and depth is None and level is None and all(getattr(edges, s) in ("wall", "open") for s in SIDES):
        ground.notes.append("Nothing brings water: no rain, no inflow, no level at an edge, none at the start")
    rain_mm = {one.name: [float(v) for v in _range(millimetres(rain, file.duration))] for one, rain in entries}
    return Case(
        name=file.name, grid=ground.grid, terrain=ground.terrain, duration=file.duration, every=file.every,
        blocked=ground.blocked, manning=_manning(file, ground, cover), sources=tuple(sources), edges=edges,
        depth=depth, level=level, changes=ground.changes, scheme=scheme or file.scheme,
        courant=_courant(file, scheme), wet=file.wet, gauges=tuple(_gauges(file, ground)),
        sections=tuple(_sections(file, ground)), gauge_every=file.gauge_every, velocities=file.velocities,
        begins=file.begins, facts=_facts(file, rain_mm, cover), notes=tuple(dict.fromkeys(ground.notes)),
    )  # fmt: skip


def _range(values: F8) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _check_names(file: CaseFile, sources: list[Source]) -> None:
    """Refuse two sources of one name: the balance is told by it."""
    names = [getattr(one, "name", "source") for one in sources]
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise ParameterError(f"{file.path}: two sources are named {twice!r}; the balance is told by names, rename one")


def _courant(file: CaseFile, scheme: str | None) -> float | None:
    if file.courant is not None and file.courant > 0.5 and (scheme or file.scheme) != "preview":
        raise ParameterError(f"{file.path}: courant: {file.courant:g} is for the preview; write up to 0.5")
    return file.courant


# --- friction, first water, edges ---


def _manning(file: CaseFile, ground: Ground, cover: Cover | None) -> float | F8:
    """Manning's n, one number or (rows, cols)."""
    found: float | F8 = file.manning if not isinstance(file.manning, Path) else _manning_raster(file.manning, ground)
    if cover is not None and "manning" in cover.columns:
        if isinstance(file.manning, Path):
            raise ParameterError(
                f"{file.path}: manning is a raster, and {cover.name} has a column manning; keep one of them"
            )
        found = cover.column("manning")[cover.rows]
    if ground.rough is not None:
        found = np.where(ground.rough, file.buildings_manning, found)
    most = float(np.max(found))
    if most > ROUGH and (ground.rough is None or file.buildings_manning < most):
        ground.notes.append(
            f"Manning's n is up to {most:g}; above {ROUGH:g} a Strickler value may be meant, which is 1/n"
        )
    if np.min(found) == 0:
        ground.notes.append("Manning's n is 0: without friction")
    return found


def _manning_raster(path: Path, ground: Ground) -> F8:
    values = smooth(path, ground.grid)
    missing = ground.free & ~np.isfinite(values)
    if missing.any():
        raise ParameterError(
            f"{path}: {int(missing.sum()):,} cells of the terrain have no Manning's n, the first at "
            f"{first(ground.grid, missing)}; give a raster that covers all of it"
        )
    below = ground.free & (values < 0)
    if below.any():
        raise ParameterError(
            f"{path}: Manning's n of {values[below][0]:g} at {first(ground.grid, below)}; n is never negative, give "
            "numbers like 0.03"
        )
    return np.where(ground.free, np.nan_to_num(values), 0.03)


def _first_water(file: CaseFile, ground: Ground) -> tuple[F8 | None, float | F8 | None]:
    """The water at the start as depth or as level; millimetres in the place of metres are told."""
    free = ground.free
    if file.depth is not None:
        named = "initial_depth"
        depth = smooth(file.depth, ground.grid) if isinstance(file.depth, Path) else np.full(free.shape, file.depth)
        below = free & (depth < 0)
        if below.any():
            raise ParameterError(
                f"{file.depth}: a depth of {depth[below][0]:g} m at {first(ground.grid, below)}; a depth is never "
                "negative, is it a level? (initial_level)"
            )
        missing = free & ~np.isfinite(depth)
        if missing.any():
            ground.notes.append(f"initial_depth: {int(missing.sum()):,} cells have no value and start dry")
        depth = np.where(free, np.nan_to_num(depth), 0.0)
        _check_deep(file, depth, named, ground)
        return depth, None
    if file.level is None:
        return None, None
    level: float | F8 = smooth(file.level, ground.grid) if isinstance(file.level, Path) else file.level
    with np.errstate(invalid="ignore"):
        depth = np.where(free & (level > ground.terrain), level - ground.terrain, 0.0)
    depth = np.nan_to_num(depth)
    _check_deep(file, depth, "initial_level", ground)
    if not depth.any():
        ground.notes.append("initial_level: lies below all of the ground, so no water stands at the start")
    if isinstance(level, float):
        return None, level
    return depth, None  # where a raster of levels has no value it is dry


def _check_deep(file: CaseFile, depth: F8, named: str, ground: Ground) -> None:
    most = float(depth.max())
    at = first(ground.grid, depth == most)
    if most > DEEPEST:
        raise ParameterError(
            f"{file.path}: {named}: water would stand {most:,.0f} m deep at {at}; {DEEPEST:g} m is the "
            "most, are millimetres or another height datum meant?"
        )
    if most > DEEP:
        ground.notes.append(f"{named}: water stands {most:.0f} m deep at {at}; were millimetres given for metres?")


def _edges(file: CaseFile, ground: Ground) -> Edges:
    """The raster's sides."""
    found: dict[str, Any] = {}
    for side, given in file.boundary.items():
        free, z = ground.free[SIDES[side]], ground.terrain[SIDES[side]]
        if given != "wall" and not free.any():
            ground.notes.append(f"boundary {side}: all cells there are without data or buildings: it is a wall")
        if given == "open" or given == "wall":
            found[side] = given
            continue
        times, levels = _level(file, given, ground)
        if free.any():
            lowest = float(z[free].min())
            deep = float(levels.max()) - lowest
            if deep > DEEPEST:
                raise ParameterError(
                    f"{file.path}: boundary {side}: a level of {levels.max():g} m is {deep:,.0f} m above the ground "
                    f"there ({lowest:g} m); are millimetres or another height datum meant?"
                )
            if deep > DEEP:
                ground.notes.append(
                    f"boundary {side}: the level rises {deep:.0f} m above the ground there; were millimetres given "
                    "for metres?"
                )
            if deep <= 0:
                ground.notes.append(
                    f"boundary {side}: the level, at most {levels.max():g} m, never reaches the ground there "
                    f"({lowest:g} m): water only leaves"
                )
        found[side] = (times.tolist(), levels.tolist()) if len(times) > 1 else float(levels[0])
    return Edges(**found)


def _level(file: CaseFile, given: str | float | Path, ground: Ground) -> tuple[F8, F8]:
    if isinstance(given, Path):
        series = read_series(given, "level", file.begins)
        ground.notes.extend(series.notes)
        return series.times, series.one
    return np.zeros(1), np.array([float(given)])


# --- inflow, culverts ---


def _inflow(file: CaseFile, one: InflowEntry, ground: Ground) -> Source:
    """An inflow through the free cells of its line or points, in equal shares."""
    name, grid = f"{file.path}: [[inflow]] {one.name}", ground.grid
    cells = _inflow_cells(name, one, ground)
    free = ground.free[cells[:, 0], cells[:, 1]]
    if not free.any():
        why = "a building" if ground.blocked is not None and ground.blocked[tuple(cells[0])] else "cells without data"
        raise ParameterError(
            f"{name}: at {place(grid, *map(int, cells[0]))} stands {why}, and no cell of it is free; move it to free "
            "ground"
        )
    if not free.all():
        ground.notes.append(
            f"{one.name}: {int((~free).sum())} of its {len(cells)} cells are buildings or without data; the others "
            "share all of it"
        )
    if one.m3_per_s is not None:
        times, flows = np.array([0.0, LONGEST]), np.full(2, one.m3_per_s)
    else:
        assert one.series is not None
        series = read_series(one.series, "inflow", file.begins)
        ground.notes.extend(series.notes)
        times, flows = series.times, series.one
        if times[-1] < file.duration and flows[-1] != 0:
            ground.notes.append(f"{one.name}: its series ends at {times[-1]:g} s with {flows[-1]:g} m³/s; 0 after it")
        if times[0] > 0 and flows[0] != 0:
            ground.notes.append(f"{one.name}: its series begins at {times[0]:g} s with {flows[0]:g} m³/s; 0 before it")
        if len(times) == 1:
            ground.notes.append(f"{one.name}: its series has one row only, so that nothing flows")
        if not flows.any():
            ground.notes.append(f"{one.name}: is dry, all its flows are 0")
        if times[0] >= file.duration:
            ground.notes.append(f"{one.name}: begins at {times[0]:g} s, after the end of the run: nothing flows")
    if (flows < 0).any():
        ground.notes.append(f"{one.name}: flows below 0 take water away, down to {flows.min():g} m³/s")
    return Inflow(cells[free], times, flows, name=one.name)


def _inflow_cells(name: str, one: InflowEntry, ground: Ground) -> I8:
    grid = ground.grid
    if one.points:
        at = [grid.cell_at(*point) for point in one.points]
        for point, cell in zip(one.points, at, strict=True):
            if cell is None:
                raise ParameterError(
                    f"{name}: {point[0]:.10g} {point[1]:.10g} lies outside the terrain ({box(grid)}); move it inside"
                )
        return np.array(sorted({cell for cell in at if cell is not None}), np.int64)
    cells = cells_along(grid, one.line)
    if not len(cells):
        raise ParameterError(f"{name}: lies outside the terrain ({box(grid)}); move it inside")
    inside = length_inside(grid, one.line)
    if inside < 1 - 1e-6:
        ground.notes.append(
            f"{one.name}: {1 - inside:.0%} of the line lies outside the terrain; the cells inside share all of it"
        )
    return cells


def _link(file: CaseFile, one: CulvertEntry, ground: Ground) -> Link:
    ends = []
    for word, point in (("start", one.start), ("end", one.end)):
        where = f"{file.path}: [[culvert]] {one.name}: {word} {point[0]:.10g} {point[1]:.10g}"
        cell = ground.grid.cell_at(*point)
        if cell is None:
            raise ParameterError(f"{where}: lies outside the terrain ({box(ground.grid)}); move it inside")
        if not ground.free[cell]:
            raise ParameterError(f"{where}: stands on a building or where there is no data; move it to free ground")
        ends.append(cell)
    if ends[0] == ends[1]:
        raise ParameterError(
            f"{file.path}: [[culvert]] {one.name}: starts and ends in one cell of {ground.grid.cell:g} m; move an end"
        )
    lowest = max(float(ground.terrain[cell]) for cell in ends)
    if one.invert < lowest - 5.0 or one.invert > lowest + 5.0:
        ground.notes.append(
            f"culvert {one.name}: its invert of {one.invert:g} m is far from the ground at its ends ({lowest:g} m)"
        )
    return Link(ends[0], ends[1], one.width, one.invert, one.height, one.capacity, one.coefficient)


# --- gauges, sections, facts ---


def _gauges(file: CaseFile, ground: Ground) -> Iterator[Gauge]:
    for one in file.gauges:
        cell = ground.grid.cell_at(one.x, one.y)
        if cell is None:
            raise ParameterError(
                f"{file.path}: [[gauge]] {one.name}: {one.x:.10g} {one.y:.10g} lies outside the terrain "
                f"({box(ground.grid)}); move it inside"
            )
        if not ground.free[cell]:
            ground.notes.append(f"gauge {one.name}: stands on a building or where there is no data, and reads nothing")
        yield Gauge(one.name, one.x, one.y)


def _sections(file: CaseFile, ground: Ground) -> Iterator[Section]:
    for one in file.sections:
        if not length_inside(ground.grid, one.line):
            raise ParameterError(
                f"{file.path}: [[section]] {one.name}: lies outside the terrain ({box(ground.grid)}); move it inside"
            )
        yield Section(one.name, one.line)


def _facts(file: CaseFile, rain_mm: Mapping[str, list[float]], cover: Cover | None) -> dict[str, Any]:
    """What the case is made of: every file with its hash, and the numbers that the file gives."""
    from citymodel.formats.flood_case import inputs_of

    manning = file.manning.name if isinstance(file.manning, Path) else file.manning
    if cover is not None and "manning" in cover.columns:
        manning = Path(cover.name).name
    found: dict[str, Any] = {
        "case": file.path.name,
        "inputs": [inputs.facts() for inputs in inputs_of(file)],
        "buildings_as": file.buildings_as if file.buildings else None,
        "manning": manning,
        "rain_mm": {name: low if low == high else [low, high] for name, (low, high) in rain_mm.items()},
        "infiltration": {"method": file.infiltration.method, **file.infiltration.numbers}
        if file.infiltration
        else None,
        "boundary": {side: str(file.boundary.get(side, "wall")) for side in SIDES},
    }
    return {name: value for name, value in found.items() if value not in (None, {}, [])}
