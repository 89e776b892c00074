"""The shadow diagram: plan maps of shade on days × hours, as it is and what a scenario adds and takes away."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.diagram import ground
from citymodel.analysis.diagram.outlines import Outlines, outlines, reach
from citymodel.analysis.diagram.parameters import DiagramParameters
from citymodel.analysis.diagram.words import notes, place_words, provenance
from citymodel.analysis.part import relief_of
from citymodel.analysis.sun_study import metric_grid, shade
from citymodel.errors import CrsError, ParameterError
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Layer
from citymodel.scenario import Scenario
from citymodel.sun import Place, moments, place, positions
from citymodel.surface import Grid
from citymodel.surface.grid import extent

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.document import Document
    from citymodel.project import Project

__all__ = ["BEYOND", "GONE", "NEW", "NO_DATA", "SHADE", "SUN", "Diagram", "DiagramMap", "DiagramParameters", "run"]

U1 = NDArray[np.uint8]
F8 = NDArray[np.float64]

SUN, SHADE, NEW, GONE, BEYOND, NO_DATA = 0, 1, 2, 3, 4, 255
"""In sun; in shade with and without the scenario; only with it; only without it; in sun unless something beyond the
data shades it; unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class DiagramMap:
    """One moment.

    minutes : the hour asked for, minutes after midnight of its kind of time; moment : UTC
    azimuth, altitude : degrees, from true north, refraction included; grid_azimuth : from grid north
    classes : (rows, columns) uint8 codes above, None when the sun is below the horizon
    new_area, gone_area : m² on the map; the footprints of changed buildings hold neither
    """

    date: Date
    minutes: int
    moment: datetime
    azimuth: float
    altitude: float
    grid_azimuth: float
    classes: U1 | None
    new_area: float = 0.0
    gone_area: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """All maps by day and then by hour, with what a sheet says about them.

    surface : heights on the map's grid, with the scenario where there is one
    scenario : its name, "" without one; where : name, CRS and geographic place in words
    """

    title: str
    where: str
    parameters: DiagramParameters
    maps: tuple[DiagramMap, ...]
    grid: Grid
    place: Place
    surface: DataArray
    outlines: Outlines
    scenario: str
    notes: tuple[str, ...]
    sources: str
    provenance: Mapping[str, Any]


def run(
    data: Project | Document | DataArray, parameters: DiagramParameters, job: Progress = silent, name: str = "",
    attribution: str = "",
) -> Diagram:  # fmt: skip
    """Shade at each moment over the data's surface, or over a surface raster.

    name : what a raster is called; attribution : sources and licences, the layers' own without it
    """
    began = time.perf_counter()
    subject = _subject(data, parameters, name)
    when, where, azimuths, altitudes, base = _placed(subject, parameters, job)
    asked = [(day, one) for day in parameters.dates for one in parameters.minutes]
    after = base.before if base.after is None else base.after
    walled = _walled(after)
    changed = _inside((*subject.shapes.proposed, *subject.shapes.removed), base.grid)
    maps, device = [], "cpu"
    for number, ((day, minutes), moment) in enumerate(zip(asked, when, strict=True)):
        job(0.5 + 0.5 * number / len(asked), f"shade on {day.isoformat()}")
        true, altitude = float(azimuths[number]), float(altitudes[number])
        azimuth = (true + where.convergence) % 360.0
        classes = None
        if altitude > 0:
            classes, device = _classes(base, walled, changed, azimuth, altitude, parameters)
        new, gone = (
            0.0 if classes is None else float((classes == code).sum()) * base.grid.cell**2 for code in (NEW, GONE)
        )
        maps.append(DiagramMap(day, minutes, moment, true, altitude, azimuth, classes, new, gone))
    job(1.0)
    layers, scenario, name = subject.layers, subject.scenario, subject.name
    facts = provenance(parameters, layers, scenario, base, device, time.perf_counter() - began, name)
    label = scenario.name if scenario else ""
    return Diagram(
        parameters.title or (f"Shadow diagram: {label}" if label else "Shadow diagram"),
        place_words(name, subject.crs, where), parameters, tuple(maps), base.grid, where, after[base.part],
        subject.shapes, label, notes(parameters, layers, scenario, base, maps, where),
        attribution or _sources(layers, name), facts,
    )  # fmt: skip


class _Subject(NamedTuple):
    """What the diagram is of: layers, or one raster; whole : xmin, ymin, xmax, ymax; relief : metres."""

    name: str
    crs: str
    layers: tuple[Layer, ...]
    scenario: Scenario | None
    shapes: Outlines
    whole: tuple[float, float, float, float]
    relief: float
    raster: DataArray | None = None


def _subject(data: Any, parameters: DiagramParameters, name: str) -> _Subject:
    if hasattr(data, "dims"):
        name = name or "the raster"
        if parameters.scenario:
            raise ParameterError("a surface raster has no scenarios; give the project instead")
        own = metric_grid(data, name)
        if own.crs is None:
            raise CrsError(f"{name} has no coordinate system to place the sun by; give one (--crs)")
        relief = float(data.max() - data.min())
        return _Subject(name, own.crs, (), None, Outlines(), own.bounds, 0.0 if np.isnan(relief) else relief, data)
    document: Document = data.document if hasattr(data, "document") else data
    layers = tuple(one for one in document.layers if one.kind in ("city", "points", "terrain", "surface"))
    crs = document.frame.crs if document.frame else None
    if crs is None:
        raise CrsError("the data have no coordinate system, so the sun's place is unknown; open them with one")
    scenario = _scenario(document, parameters.scenario)
    shapes = outlines(layers, scenario)
    return _Subject(name or document.name, crs, layers, scenario, shapes, extent(layers), relief_of(layers))


def _placed(
    subject: _Subject, parameters: DiagramParameters, job: Progress
) -> tuple[list[datetime], Place, F8, F8, ground.Ground]:
    """The moments, the map's place, the suns' true azimuths and altitudes there, and the surfaces."""
    whole = subject.whole
    shown = ground.overlap(parameters.bounds, whole) if parameters.bounds else whole
    framed = None
    if parameters.bounds is None and parameters.extent == "changes":
        where = _middle(subject.crs, shown)
        _, azimuths, altitudes = _suns(parameters, where)
        framed = reach(subject.shapes, azimuths + where.convergence, altitudes)
    if framed:
        shown = ground.overlap(framed, whole)
    where = _middle(subject.crs, shown)
    when, azimuths, altitudes = _suns(parameters, where)
    room = ground.margin(subject.relief, altitudes)
    job(0.02, "surface")
    if subject.raster is not None:
        base = ground.of_raster(subject.raster, shown if parameters.bounds else None, parameters.cell, room)
    else:
        base = ground.of_layers(
            subject.layers, subject.scenario, shown, whole, parameters.cell, subject.crs, room, part_of(job, 0.02, 0.48)
        )
    return when, where, azimuths, altitudes, base


def _middle(crs: str, box: tuple[float, float, float, float]) -> Place:
    return place(crs, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def _scenario(document: Document, wanted: str | None) -> Scenario | None:
    """The scenario of that id or name, the one on screen for None; None where it changes nothing."""
    wanted = document.active_scenario if wanted is None else wanted
    if not wanted:
        return None
    for one in document.scenarios:
        if wanted in (one.id, one.name):
            return one if one.changes else None
    named = ", ".join(one.name for one in document.scenarios) or "none"
    raise ParameterError(f"there is no scenario {wanted!r}; the scenarios are: {named}")


def _suns(parameters: DiagramParameters, where: Place) -> tuple[list[datetime], F8, F8]:
    """Moments in UTC by day and hour, true azimuths and altitudes in degrees."""
    when = [
        moment
        for day in parameters.dates
        for moment in moments(day, parameters.minutes, parameters.zone, parameters.time_kind, where.longitude)
    ]
    azimuths, altitudes = positions(when, where.latitude, where.longitude)
    return when, azimuths, altitudes


def _classes(
    base: ground.Ground, walled: DataArray, changed: NDArray[np.bool_], azimuth: float, altitude: float,
    parameters: DiagramParameters,
) -> tuple[U1, str]:  # fmt: skip
    """The codes of one moment on the map's grid, and the device."""

    def mask(surface: DataArray) -> tuple[U1, str]:
        found, device = shade(surface, azimuth, altitude, parameters.receiver_height, parameters.device)
        return np.asarray(found, dtype=np.uint8), device

    before, device = mask(base.before)
    after = before if base.after is None else mask(base.after)[0]
    beyond = (before == 0) & (after == 0) & (mask(walled)[0] == 1)
    beyond = np.pad(beyond[1:-1, 1:-1], 1, mode="edge")[base.part]  # the outermost cells are the wall itself
    before, after = before[base.part], after[base.part]
    before = np.where(changed & (before != NO_DATA), after, before)  # there a roof would be compared with the ground
    classes = np.full(before.shape, SUN, dtype=np.uint8)
    classes[beyond] = BEYOND
    classes[(before == 1) & (after == 1)] = SHADE
    classes[(before == 0) & (after == 1)] = NEW
    classes[(before == 1) & (after == 0)] = GONE
    classes[(before == 255) | (after == 255)] = NO_DATA
    return classes, device


def _walled(surface: DataArray) -> DataArray:
    """The surface with a wall as high as its highest hundredth along its edge and wherever the data end.

    The wall stands in the outermost cells: on a larger grid the sun's lines would run elsewhere, and edges of
    shadows would differ by a cell.
    """
    from scipy.ndimage import label

    z = np.array(surface, dtype=np.float32)
    parts, _ = label(np.pad(np.isnan(z), 1, constant_values=True))
    edge = np.pad(np.zeros(tuple(n - 2 for n in z.shape), dtype=bool), 1, constant_values=True)
    z[edge | (parts[1:-1, 1:-1] == parts[0, 0])] = np.nanpercentile(z, 99)
    return Grid.of(surface).raster(z, "surface")


def _inside(footprints: Sequence[Any], grid: Grid) -> NDArray[np.bool_]:
    """(rows, columns): cells whose centre lies in a footprint."""
    if not footprints:
        return np.zeros(grid.shape, dtype=bool)
    from affine import Affine
    from rasterio.features import geometry_mask

    at = Affine(grid.cell, 0.0, grid.x0, 0.0, -grid.cell, grid.y0)
    return np.asarray(geometry_mask(footprints, grid.shape, at, invert=True), dtype=bool)


def _sources(layers: Sequence[Any], name: str) -> str:
    if not layers:
        return f"Data: {name} (licence not stated)" if name else ""
    words = [f"{one.name} ({one.licence or 'licence not stated'})" for one in layers]
    return f"Data: {', '.join(words)}"
