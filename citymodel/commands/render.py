"""``citymodel render``: a picture of any of the data, without a screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.scene.drape import Drape


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The PNG to write.")
@click.option(
    "--view",
    default="home",
    show_default=True,
    help="home, top, north, east, south, west (the direction looked in), street, or a bookmark of the project.",
)
@click.option("--time", "when", help="Moment of the sun and its shadows, ISO 8601 with a zone: 2026-06-21T14:00+02:00.")
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
    size: tuple[int, int],
    crs: str | None,
    colour_by: str | None,
    title: str,
    plain: bool,
    shadows: bool,
) -> None:
    """Draw PROJECT or DATA files into a PNG."""
    from citymodel.commands.doubts import tell_doubts
    from citymodel.formats.whole_file import check_target
    from citymodel.scene.render import render
    from citymodel.scene.state import View

    moment = None if when is None else moment_of(when)
    if output.suffix.lower() != ".png":
        raise ParameterError(f"{output}: pictures are written as PNG; name the file OUT.png")
    check_target(output)
    document = opened(data, crs)
    if all(one.kind == "areas" for one in document.layers):
        raise ParameterError(f"{data[0]}: holds shapes without heights; add points, a city model or a raster")
    tell_doubts(document.layers)
    if colour_by:
        _check_colour_by(document, colour_by)
        styles = {one.id: replace(document.style(one.id), colour_by=colour_by) for one in document.layers}
        document = replace(document, styles=styles)
    drape = None if moment is None or not shadows else cast_shadows(document, moment)
    chosen = View(camera=view, size=size, title=title or title_of(data), furniture=not plain, drape=drape)
    render(document, output, size, chosen, moment)
    click.echo(str(output))


def title_of(paths: tuple[Path, ...]) -> str:
    """The first file's name and how many more there are; "" for a project, which has a name of its own."""
    if paths[0].suffix.lower() == ".city":
        return ""
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
    if hasattr(data, "xyz"):
        return ["height", *(name for name in ("classification", "intensity", "rgb") if name in data.columns)]
    if hasattr(data, "vertices"):
        return ["surface-type", "height", *dict.fromkeys(key for one in data.objects.attributes for key in one)]
    return list(getattr(data, "fields", ()))


def opened(paths: tuple[Path, ...], crs: str | None) -> Document:
    """The document of one project file, or of data files."""
    from citymodel.project import Project, open_data

    if len(paths) == 1 and paths[0].suffix.lower() == ".city":
        project = Project.open(paths[0])
        for notice in project.notices:
            click.echo(f"warning: {notice}", err=True)
        if project.notices and not project.document.layers:
            raise ParameterError(f"{paths[0]}: none of its data could be loaded; put the files back where they were")
        return project.document
    return open_data(paths, crs)


def cast_shadows(document: Document, moment: datetime) -> Drape | None:
    """The shade of that moment as a drape; None where there is none to show."""
    from citymodel.analysis.shade_now import shade_now
    from citymodel.scene.drape import shadow_drape

    mask = shade_now(document, moment)
    return None if mask is None else shadow_drape(mask)


def moment_of(text: str) -> datetime:
    """An ISO 8601 moment that names its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            f"--time {text!r} is no ISO 8601 moment; write it like 2026-06-21T14:00+02:00"
        ) from error
    if moment.tzinfo is None:
        raise click.UsageError(f"--time {text!r} has no zone; add it, as in {text}+02:00 or {text}Z")
    return moment
