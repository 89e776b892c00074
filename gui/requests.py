"""What the window asks of citymodel: one small function a question, most of them called in workers."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSaveFile, QStandardPaths

from citymodel import __version__
from citymodel.document import Document, unique_id
from citymodel.jobs import Job
from citymodel.layers import Layer

if TYPE_CHECKING:
    from pydantic import BaseModel

    from citymodel.analysis.registry import Study
    from citymodel.geo import Frame
    from citymodel.scenario import AddBox, Scenario
    from gui.sun_points import Placed

Bounds = tuple[float, float, float, float, float, float]
CELLS = 1_500_000  # of the surface whose shade moves with the sun
VIEW_STUDIES = ("viewshed", "landmark", "impact", "outlook", "vista")
SIDE, HEIGHT = 20.0, 30.0  # metres of a new building


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample city on the disk: what to open, its name, a good moment, and a place to look from.

    position, target : coordinates in the CRS of the data, metres
    """

    paths: tuple[str, ...]
    name: str
    moment: datetime
    position: tuple[float, float, float]
    target: tuple[float, float, float]


def sample_city(job: Job) -> Sample:
    """The sample city; written into the user's cache when first asked for."""
    from citymodel.sample import SEED, edition, write

    cache = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    folder = Path(cache) / f"sample-{__version__}-{edition()}"  # a city drawn otherwise is written anew
    said = folder / "sample.json"
    hours = folder / "sun_hours.tif"
    if said.exists() and hours.exists():
        facts = json.loads(said.read_text(encoding="utf-8"))
    else:
        facts = write(folder, SEED, lambda share, text="": job(0.6 * share, text))
        from citymodel.story import write_sun_hours

        write_sun_hours(folder, hours, lambda share, text="": job(0.6 + 0.4 * share, text))
    _keep_columns(folder / "city.gml")
    view = facts["views"][facts["view"]]
    moment = datetime.fromisoformat(facts["moment"]).astimezone(ZoneInfo("Europe/Berlin"))
    paths = tuple(str(folder / name) for name in ("terrain.tif", "city.gml", hours.name))
    return Sample(paths, facts["name"], moment, _three(view["position"]), _three(view["target"]))


def _keep_columns(path: Path) -> None:
    """The city as columns beside its file, so that the next start reads it at once."""
    from citymodel.formats import columns, read

    if not path.with_name(path.name + columns.SUFFIX).exists():
        columns.keep(read(path), path)


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a picture; it appears whole or not at all."""
    from citymodel.errors import FormatError

    file = QSaveFile(str(path))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly) or file.write(data) != len(data) or not file.commit():
        raise FormatError(path, "", f"cannot be written: {file.errorString()}; choose another folder")
    return path


def export_layer(layer: Layer, field: str, path: Path, document: Document | None = None) -> list[Path]:
    """Write a result's map or tables, or another layer by the path's suffix; what was written.

    document : what the result is of, for a result whose picture is drawn from it
    """
    from citymodel.analysis.export import export_result, rasters_of
    from citymodel.analysis.pictures import write_result
    from citymodel.formats import write

    if layer.kind != "result":
        write(layer.data, path)
        return [path]
    if path.suffix.lower() == ".csv":
        return export_result(layer.data, path)
    if layer.data.analysis == "outlook" and document is not None:
        return write_result(document, layer.data, path, rendered=False)
    maps = [one.name for one in rasters_of(layer.data)]
    chosen = field if field in maps else (maps[0] if maps else None)
    return export_result(layer.data, path, field=chosen)


def drawn_on_facades(layer: Layer) -> bool:
    """Whether a result has no map and lies on façades, so that its picture is what the view shows."""
    from citymodel.analysis.export import rasters_of
    from citymodel.scene.patches import table_of

    result = layer.data
    return layer.kind == "result" and not rasters_of(result) and result.analysis != "outlook" and bool(table_of(result))


def export_kinds(layer: Layer) -> tuple[str, ...]:
    """File filters for what a layer can be written as, the most usual first; no map is offered where there is none."""
    from citymodel.analysis.export import rasters_of

    if layer.kind == "result":
        mapped = bool(rasters_of(layer.data))
        tables = ("GeoPackage (*.gpkg)", "CSV (*.csv)")
        pictures = ("PNG (*.png)",) if mapped or layer.data.analysis == "outlook" or drawn_on_facades(layer) else ()
        water = ("NetCDF, the water in time (*.nc)",) if layer.data.water else ()
        return ((("GeoTIFF (*.tif)",) if mapped else ()) + pictures + tables) + water + section_kinds(layer)
    return {
        "city": ("CityJSON (*.city.json)", "glTF (*.glb)", "OBJ (*.obj)"),
        "points": ("LAZ (*.laz)", "LAS (*.las)"),
    }.get(layer.kind, ("GeoTIFF (*.tif)",))


def section_kinds(layer: Layer) -> tuple[str, ...]:
    """File filters for the section of a protected view, none for other layers."""
    from citymodel.scene.section_sheet import has_section

    drawn = layer.kind == "result" and has_section(layer.data)
    return ("Section as PDF (*.pdf)", "Section as SVG (*.svg)") if drawn else ()


def compute_device(job: Job) -> str:
    """Where studies are computed."""
    from citymodel.analysis.sun_study import compute_device

    return compute_device()


def local_bounds(layer: Layer, object_id: str, frame: Frame) -> Bounds | None:
    """Bounds of a layer or of one object in the frame's local metres."""
    from citymodel.project import data_bounds

    box = data_bounds(layer.data)
    if layer.kind == "city" and object_id:
        from citymodel.patch import bounds_of

        row = next((at for at, one in enumerate(layer.data.objects.ids) if one == object_id), None)
        box = bounds_of(layer.data, row) if row is not None else box
    if box is None:
        return None
    x, y, z = frame.origin
    return box[0] - x, box[1] - y, box[2] - z, box[3] - x, box[4] - y, box[5] - z


def outline_bounds(wkt: str, frame: Frame) -> Bounds | None:
    """Local bounds of an outline with some room around it, heights 0; None for an empty one."""
    import shapely

    shape = shapely.from_wkt(wkt) if wkt else None
    if shape is None or shape.is_empty:
        return None
    left, low, right, high = shape.bounds
    room = max(0.8 * max(right - left, high - low), 25.0)  # a place is known by what stands around it
    x, y, _ = frame.origin
    return left - room - x, low - room - y, 0.0, right + room - x, high + room - y, 0.0


def box_at(place: tuple[float, float, float], frame: Frame, scenario: Scenario | None) -> AddBox:
    """A new building around a local point."""
    from citymodel.scenario import AddBox

    x, y = round(place[0] + frame.origin[0], 1), round(place[1] + frame.origin[1], 1)
    half = SIDE / 2
    corners = ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))
    taken = [one.id for one in scenario.boxes()] if scenario is not None else []
    return AddBox(unique_id("new building", taken), "New building", corners, HEIGHT)


def study_words(name: str) -> tuple[str, str] | None:
    """A study's title and question, None where there is no such study."""
    from citymodel.analysis.registry import studies

    found = studies().get(name)
    return None if found is None else (found.title, found.question)


def known_studies() -> dict[str, Study]:
    """The studies whose parts are all there and whose parameters a form can ask for, by name."""
    from citymodel.analysis.registry import studies
    from citymodel.parameters import parameters_of

    found = {}
    for one in studies().values():
        try:
            parameters_of(one.parameters())
            if importlib.util.find_spec(one.run.partition(":")[0]) is not None:
                found[one.name] = one
        except (ImportError, AttributeError, TypeError):
            continue  # a package that is not installed whole: the others still serve
    return found


def estimate(document: Document, study: Study, parameters: Any) -> Any:
    """What the study will take, None where nobody knows."""
    from citymodel.analysis.estimate import estimate

    return estimate(document, study, parameters)


def run_study(document: Document, study: Study, parameters: Any, job: Job, control: Any = None) -> Any:
    """The result of a study; refused with the number where memory does not hold it.

    control : the hand on a study that grows in time
    """
    from citymodel.analysis.estimate import check

    job(0.0, "getting ready")
    check(document, study, parameters)
    if control is not None:
        return study.function()(document, parameters, job, control)
    return study.function()(document, parameters, job)


def shade_key(document: Document) -> Any:
    """What the shade of a document depends on, apart from the moment."""
    from citymodel.analysis.live_heights import key_of

    return key_of(document)


def live_surface(document: Document, job: Job) -> Any:
    """The city ready for the shade of any moment, None where no sun can be placed."""
    from citymodel.analysis.live_shade import live_surface

    return live_surface(document, job, CELLS)


def shade_on(surface: Any, document: Document, moment: datetime) -> Any:
    """The shade of a moment as a drape for the picture, None where no sun shines or the surface is of other data."""
    from citymodel.scene.drape import shade_drape

    if surface is None or surface.key != shade_key(document):
        return None
    mask = surface.mask(moment)
    if mask is None:
        return None
    return shade_drape(mask, surface.grid.bounds, hash((id(surface), moment)), surface.through(moment))


def look_model() -> type[BaseModel]:
    """How an eye looks."""
    from citymodel.analysis.live_view import LookParameters

    return LookParameters


def live_view(document: Document, surface: str, job: Job) -> Any:
    """The city's states ready for any eye, None where there is nothing to look at."""
    from citymodel.analysis.live_view import live_view

    return live_view(document, surface, job, CELLS)


def look(live: Any, stand: Any, parameters: Any, exact: bool, revision: int, job: Job) -> tuple[Any, Any]:
    """What the eye sees, and its drape; None where it stands on no data."""
    from citymodel.scene.eye_drape import eye_drape

    seen = live.seen(stand, parameters, exact, job)
    return seen, None if seen is None else eye_drape(seen, revision)


def study_of_eye(stand: Any, parameters: Any) -> dict[str, Any]:
    """The values of the study of visibility that ask what this eye is asked."""
    place = (stand.x, stand.y)
    if stand.where == "roof":
        place = (stand.x, stand.y, stand.z + parameters.eye_height)
    return {
        "places": (tuple(round(one, 2) for one in place),), "kind": "points", "eye": parameters.eye_height,
        "target": parameters.target_height, "reach": parameters.reach, "refraction": parameters.refraction,
        "trees": "solid" if parameters.surface == "trees" else "none",
    }  # fmt: skip


def eye_classes(seen: Any) -> list[tuple[str, str, float]]:
    """Colour, words and square metres of each class of what an eye sees."""
    from citymodel.legends_seen import VIEW, VIEW_CHANGE

    classes = {round(one.lower + 0.5): one for one in (VIEW_CHANGE if seen.compared else VIEW)}
    return [(classes[code].colour, classes[code].label, area) for code, area in seen.areas().items()]


def eye_pin(point: tuple[float, float, float], words: str, gaze: tuple[float, float] | None) -> Any:
    """The pin below an eye; gaze : heading and width of the field of view where there is one, degrees."""
    from citymodel.scene.pins import Pin

    return Pin(words, point, gaze)


def pins_of(placed: Sequence[Placed]) -> tuple[Any, ...]:
    """Numbered pins for the picture."""
    from citymodel.scene.pins import Pin

    return tuple(Pin(str(one.number), one.point) for one in placed)


def pins_at(document: Document, places: Sequence[Sequence[float]], words: Sequence[str]) -> tuple[Any, ...]:
    """Pins on the uppermost surface of places in the frame's CRS; those with a height of their own stand there."""
    from citymodel.scene.pins import Pin

    x, y, z = document.frame.origin if document.frame is not None else (0.0, 0.0, 0.0)
    return tuple(
        Pin(name, (place[0] - x, place[1] - y, place[2] - z if len(place) > 2 else None))
        for name, place in zip(words, places, strict=False)
    )


def line_pin(document: Document, words: str, line: Sequence[Sequence[float]]) -> Any:
    """A named line over places in the frame's CRS, its flag in the middle."""
    from citymodel.scene.pins import Pin, pieces

    x, y, _ = document.frame.origin if document.frame is not None else (0.0, 0.0, 0.0)
    here = tuple((place[0] - x, place[1] - y) for place in line)
    along = pieces(here)
    return Pin(words, (*along[len(along) // 2], None), line=here)


def points_key(document: Document) -> Any:
    """What the sun at points depends on, apart from the day."""
    return shade_key(document), document.frame.origin if document.frame else None


def sun_at_pins(
    document: Document, surfaces: Any, moment: datetime, placed: Sequence[Placed], job: Job
) -> tuple[Any, list[Any]]:
    """The surfaces of the city's states, made where they are not given, and the day of each point."""
    from citymodel.analysis.sun_points import sun_at_points, surfaces_of

    frame = document.frame
    assert frame is not None
    if surfaces is None:
        surfaces = surfaces_of(document, lambda share, text="": job(0.5 * share, text))

    def world(point: tuple[float, float, float]) -> tuple[float, float, float]:
        x, y, z = (a + b for a, b in zip(point, frame.origin, strict=True))
        return x, y, z

    zone, day = str(moment.tzinfo), moment.date()
    found: list[Any] = []
    for eye in dict.fromkeys(one.eye for one in placed):
        chosen = [world(one.point) for one in placed if one.eye == eye]
        found += zip(
            [one.number for one in placed if one.eye == eye],
            sun_at_points(surfaces, day, zone, chosen, world(eye), lambda share, text="": job(0.5 + 0.5 * share, text)),
            strict=True,
        )
    by_number = dict(found)
    return surfaces, [by_number[one.number] for one in placed]


def why_stale(document: Document, layer: Layer) -> str:
    """What changed since a result was computed, "" for nothing."""
    from citymodel.analysis.stale import why_stale

    return why_stale(document, layer.data)


def asked_before(layer: Layer) -> tuple[Study, Any] | None:
    """The study and parameters of a result, to compute it anew."""
    from citymodel.analysis.stale import again

    return again(layer.data)


def diagram_model() -> type[BaseModel]:
    """The parameters of a shadow diagram."""
    from citymodel.analysis.diagram.parameters import DiagramParameters

    return DiagramParameters


def diagram_pages() -> tuple[str, ...]:
    """The papers a shadow diagram comes on."""
    from citymodel.scene.diagram_layout import PAGES

    return tuple(PAGES)


def write_diagram(document: Document, parameters: Any, path: Path, page: str, job: Job) -> list[Path]:
    """Compute and write a shadow diagram; the files it takes."""
    from citymodel.analysis.diagram.study import run
    from citymodel.scene.diagram_sheet import diagram_sheet

    diagram = run(document, parameters, lambda share, text="": job(0.85 * share, text))
    job(0.85, "sheet")
    return diagram_sheet(diagram, path, page, datetime.now().astimezone().date())


def warm_up(job: Job) -> None:
    """Load the heavy libraries before they are needed, while the person looks for a file."""
    for name in ("rioxarray", "lxml.etree", "laspy", "shapely", "pvlib", "citymodel.surface", "citymodel.triangulate"):
        job(0.5, name)
        importlib.import_module(name)
