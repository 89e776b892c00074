"""``citymodel render``: a picture of any of the data, without a screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from citymodel.commands.opening import is_project, opened_project
from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.commands.moments import FloodClock
    from citymodel.document import Document
    from citymodel.scene.drape import Drape
    from citymodel.scene.state import View

TELL = 2.0
"""Seconds between two lines of progress."""


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="OUT.png; a film: OUT.ogv, OUT.mp4 (by the program ffmpeg), or a new folder for its frames.",
)
@click.option(
    "--view",
    default="home",
    show_default=True,
    help="home, top, north, east, south, west (the direction looked in), street, or a bookmark of the project.",
)
@click.option(
    "--time",
    "when",
    help="Moment of the sun and of a flood's water, ISO 8601 with a zone: 2026-06-21T14:00+02:00; "
    "or after a flood's start: +1h25min.",
)
@click.option("--from", "begin", help="A film's first moment, as for --time; without it the flood's start.")
@click.option("--to", "end", help="A film's last moment, as for --time; without it the flood's end.")
@click.option("--every", help="Time between two frames of a film, like 1min; without it the flood's own.")
@click.option("--fps", type=float, default=12.0, show_default=True, help="Frames that a film shows a second.")
@click.option("--size", nargs=2, type=int, default=(1600, 1000), show_default=True, help="Width and height in pixels.")
@click.option("--crs", help="Coordinate system of data that do not say theirs: EPSG:28992, or local.")
@click.option("--colour-by", help="surface-type, height, classification, intensity, rgb, or an attribute's name.")
@click.option("--title", default="", help="Words at the top; without it the name of the project or of the data.")
@click.option("--plain", is_flag=True, help="No title, legend, north arrow, scale or sources.")
@click.option("--shadows/--no-shadows", default=True, show_default=True, help="With --time: cast shadows.")
def command(
    data: tuple[Path, ...],
    output: Path,
    view: str,
    when: str | None,
    begin: str | None,
    end: str | None,
    every: str | None,
    fps: float,
    size: tuple[int, int],
    crs: str | None,
    colour_by: str | None,
    title: str,
    plain: bool,
    shadows: bool,
) -> None:
    """Draw PROJECT or DATA files into a PNG, or into a film of a flood or of the sun."""
    from citymodel.commands.doubts import tell_doubts
    from citymodel.commands.moments import flood_clock, moment_of
    from citymodel.scene.state import View

    film = _kind_of(output, when, (begin, end, every))
    if when is not None and not when.startswith("+"):
        moment_of(when)  # what is no moment is said before anything is read
    document = opened(data, crs)
    if all(one.kind == "areas" for one in document.layers):
        raise ParameterError(f"{data[0]}: holds shapes without heights; add points, a city model or a raster")
    tell_doubts(document.layers)
    if colour_by:
        _check_colour_by(document, colour_by)
        styles = {one.id: replace(document.style(one.id), colour_by=colour_by) for one in document.layers}
        document = replace(document, styles=styles)
    chosen = View(camera=view, size=size, title=title or title_of(data, document), furniture=not plain)
    clock = flood_clock(document)
    if film:
        _film(document, output, chosen, (begin, end, every), clock, fps, shadows)
    else:
        _picture(document, output, chosen, when, clock, shadows)
    click.echo(str(output))


def _kind_of(output: Path, when: str | None, span: tuple[str | None, ...]) -> bool:
    """Whether a film is asked for; a refusal where name and options do not fit, before anything is read."""
    from citymodel.formats.film import check_film, is_film
    from citymodel.formats.whole_file import check_target

    asked = any(one is not None for one in span)
    if is_film(output):
        if when is not None:
            raise click.UsageError("--time is of one picture: a film takes --from, --to and --every")
        if not output.suffix and not asked:
            raise ParameterError(
                f"{output}: pictures are written as PNG; name the file OUT.png, or give --every for a film's frames"
            )
        check_film(output)
        return True
    if asked:
        raise click.UsageError("--from, --to and --every are of a film: name it OUT.ogv, OUT.mp4 or a new folder")
    if output.suffix.lower() != ".png":
        raise ParameterError(f"{output}: pictures are written as PNG; name the file OUT.png (films: OUT.ogv, OUT.mp4)")
    check_target(output)
    return False


def _picture(
    document: Document, output: Path, view: View, when: str | None, clock: FloodClock | None, shadows: bool
) -> None:
    from citymodel.commands.moments import shot_of
    from citymodel.scene.film import Shot
    from citymodel.scene.render import render

    shot = Shot(None) if when is None else shot_of(when, clock)
    if clock is not None and shot.seconds is not None and not clock.first <= shot.seconds <= clock.last:
        click.echo(
            f"note: --time {when}: the flood's water is known from {clock.first / 60:g} to {clock.last / 60:g} min "
            "after its start; the nearest of it is drawn",
            err=True,
        )
    drape = None if shot.moment is None or not shadows or clock is not None else cast_shadows(document, shot.moment)
    render(document, output, view.size, replace(view, drape=drape, seconds=shot.seconds), shot.moment)


def _film(
    document: Document,
    output: Path,
    view: View,
    span: tuple[str | None, str | None, str | None],
    clock: FloodClock | None,
    fps: float,
    shadows: bool,
) -> None:
    from citymodel.commands.moments import shots_of
    from citymodel.formats.film import write_film
    from citymodel.scene.film import frames

    shots = shots_of(*span, clock)
    shade = (lambda moment: cast_shadows(document, moment)) if shadows and clock is None else None
    last = [monotonic()]

    def progress(fraction: float, text: str = "") -> None:
        if monotonic() - last[0] >= TELL:
            last[0] = monotonic()
            click.echo(f"{fraction:4.0%} {text}".rstrip(), err=True)

    write_film(output, frames(document, shots, view.size, view, progress, shade), fps)


def title_of(paths: tuple[Path, ...], document: Document) -> str:
    """The flood that is shown; else the first file's name and how many more there are.

    "" where a project is among the files, which has a name of its own.
    """
    from citymodel.scene.water import shown_water

    if any(is_project(one) for one in paths):
        return ""
    water = shown_water(document)
    flood = next((one.data for one in document.layers if water is not None and one.id == water.layer_id), None)
    if flood is not None and flood.title:
        return str(flood.title)
    name = paths[0].stem.removesuffix(".city").removesuffix(".copc")
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1} more"


def _check_colour_by(document: Document, name: str) -> None:
    """ParameterError where no layer has anything of that name."""
    known: dict[str, None] = {}
    for layer in document.layers:
        known |= dict.fromkeys(_to_colour_by(layer.data))
    if name not in known:
        named = ", ".join(known) or "nothing"
        raise ParameterError(f"--colour-by {name}: the data have nothing of that name; they have {named}")


def _to_colour_by(data: Any) -> list[str]:
    """Names that the colours of a layer can follow."""
    from citymodel.scene.water import LOOKS

    if hasattr(data, "xyz"):
        return ["height", *(name for name in ("classification", "intensity", "rgb") if name in data.columns)]
    if hasattr(data, "vertices"):
        return ["surface-type", "height", *dict.fromkeys(key for one in data.objects.attributes for key in one)]
    return [*getattr(data, "fields", ()), *(LOOKS if getattr(data, "water", None) else ())]


def opened(paths: tuple[Path, ...], crs: str | None) -> Document:
    """The document of one project file, of data files, or of a project with data files on top."""
    from citymodel.project import add_data, open_data

    projects = [one for one in paths if is_project(one)]
    if not projects:
        return open_data(paths, crs)
    if len(projects) > 1:
        named = " and ".join(one.name for one in projects)
        raise ParameterError(f"{named}: a picture is of one project; give one of them, and data files to lie on it")
    document = opened_project(projects[0])
    for path in paths:
        document = document if is_project(path) else add_data(document, path, crs)
    return document


def cast_shadows(document: Document, moment: datetime) -> Drape | None:
    """The shade of that moment as a drape; None where there is none to show."""
    from citymodel.analysis.shade_now import shade_now
    from citymodel.scene.drape import shadow_drape

    mask = shade_now(document, moment)
    return None if mask is None else shadow_drape(mask)
