"""The first ten minutes as pictures: what ``./dev run`` writes where there is no display."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citymodel.errors import ParameterError
from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from citymodel.document import Bookmark, Document
    from citymodel.results import Result

SIZE = (1600, 1000)
DAY = date(2026, 3, 21)
ZONE = "Europe/Berlin"


def tell(out: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Make the sample city, walk through it, and yield each file as it is written.

    The city with the shade of a morning; its points; a day's sun hours; the planned tower and
    what it takes away; the same as maps (GeoTIFF, PNG) and tables (GeoPackage).
    """
    from citymodel.analysis.export import export_result
    from citymodel.analysis.shade_now import shade_now
    from citymodel.scene.drape import shadow_drape
    from citymodel.scene.render import render
    from citymodel.scene.state import View

    say("the sample city")
    city, about = sample_document(out / "sample")
    camera = str(about["view"])
    moment = datetime.fromisoformat(str(about["moment"]))

    def picture(name: str, document: Document, camera: str = camera, **view: Any) -> Path:
        say(name.replace("_", " "))
        path = out / f"{name}.png"
        render(document, path, SIZE, View(camera=camera, size=SIZE, **view))
        return path

    shade = shade_now(city, moment)
    title = str(about["name"])
    yield picture("morning", without_points(city), title=title, drape=None if shade is None else shadow_drape(shade))
    points = replace(city, layers=tuple(one for one in city.layers if one.kind == "points"))
    yield picture("points", points, title=f"{title}: the flight", quiet_points=False)

    say("sun hours, as it is and with the tower")
    proposal = with_tower(city, out / "sample" / str(about["proposals"][0]))
    proposal = replace(proposal, bookmarks=(*proposal.bookmarks, beside(proposal)))
    result = sun_hours(proposal)
    yield picture("sun_hours", with_result(city, result, "sun_hours_base"), title=title)
    yield picture("sun_hours_with_tower", with_result(proposal, result, "sun_hours_scenario"), "tower", title=title)
    yield picture("sun_hours_change", with_result(proposal, result, "sun_hours_difference"), "tower", title=title)
    say("maps and tables")
    for suffix in (".tif", ".png", ".gpkg"):
        yield from export_result(result, out / f"map{suffix}", attribution=str(about["attribution"]))


def sample_document(folder: Path) -> tuple[Document, dict[str, Any]]:
    """The sample city, made where it is not there yet, with its views as bookmarks."""
    from citymodel import sample
    from citymodel.document import Bookmark
    from citymodel.project import open_data

    if not (folder / "sample.json").exists():
        sample.write(folder)
    about: dict[str, Any] = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    document = open_data([folder / name for name in about["files"]])
    if document.frame is None:
        return document, about
    marks = []
    for name, view in about["views"].items():
        stand, look = document.frame.to_local([view["position"], view["target"]]).tolist()
        marks.append(Bookmark(name, tuple(stand), tuple(look)))
    return replace(document, bookmarks=tuple(marks), name=str(about["name"])), about


def with_tower(document: Document, path: Path) -> Document:
    """The document with the planned building of a file as a proposal."""
    from citymodel.formats import read
    from citymodel.scenario import AddBox
    from citymodel.triangulate import footprints

    model = read(path)
    for row, outline, low, high in footprints(model):
        ring = tuple((float(x), float(y)) for x, y in outline.boundary.coords[:-1])
        document = document.with_change(AddBox(model.objects.ids[row], "Planned tower", ring, high - low, low))
    return document


def beside(document: Document) -> Bookmark:
    """A place to look from at what the scenario adds, over the river from the south-west."""
    from citymodel.document import Bookmark

    boxes = document.scenario.boxes() if document.scenario else ()
    corners = [(x, y, box.base or 0.0) for box in boxes for x, y in box.footprint]
    if document.frame is None or not corners:
        raise ParameterError("the proposal adds no building; there is nothing to stand beside")
    x, y, z = document.frame.to_local(corners).mean(axis=0).tolist()
    return Bookmark("tower", (x - 240.0, y - 400.0, z + 210.0), (x, y, z + 60.0))


def sun_hours(document: Document, progress: Progress = silent) -> Result:
    """Hours of sun on the day of spring, as it is and as proposed."""
    from citymodel.analysis.shadow import run
    from citymodel.analysis.shadow_parameters import ShadowParameters

    return run(document, ShadowParameters(date=DAY, zone=ZONE), progress)


def write_sun_hours(folder: Path, path: Path, progress: Progress = silent) -> None:
    """The sample city's hours of sun as a GeoTIFF, so that a window opens with them at once."""
    from citymodel.analysis.export import export_result
    from citymodel.project import open_data

    document = open_data([folder / "city.gml", folder / "terrain.tif"])
    export_result(sun_hours(document, progress), path, field="sun_hours_base")


def with_result(document: Document, result: Result, field: str) -> Document:
    """The document with one map of the result laid over it, points put away."""
    from citymodel.layers import Layer, Style

    layer = Layer("sun-hours", result.title, "result", result)
    return without_points(document).with_layer(layer, Style(colour_by=field))


def without_points(document: Document) -> Document:
    """The document with its points out of sight."""
    for layer in document.layers:
        if layer.kind == "points":
            document = document.with_style(layer.id, visible=False)
    return document


def main() -> None:
    from citymodel.cli import plain

    parser = argparse.ArgumentParser(prog="citymodel.story", description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the pictures")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        for path in tell(options.out, lambda text: print(text, file=sys.stderr, flush=True)):
            print(path, flush=True)
    except Exception as error:
        print(f"error: {plain(error)}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
