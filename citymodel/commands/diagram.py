"""``citymodel diagram``: a sheet of shade on days × hours, as PDF or PNG."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.analysis.diagram.study import Diagram, DiagramParameters


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Sheet to write (.pdf, .png).")
@click.option(
    "--dates",
    metavar="D,D,…",
    help="Days: 2026-03-21,2026-06-21; without it the 21st of March, June, September and December 2026.",
)
@click.option(
    "--hours", default="9-18", show_default=True, help="By the hour, like 9-18, or chosen, like 09:00,12:30,15:00."
)
@click.option("--tz", metavar="ZONE", help="Time zone of the hours: Europe/Amsterdam.")
@click.option(
    "--time-kind",
    default="clock",
    show_default=True,
    type=click.Choice(["clock", "standard", "solar"]),
    help="clock: with daylight saving; standard: without; solar: 12:00 is the sun's transit.",
)
@click.option(
    "--bbox", nargs=4, type=float, metavar="X0 Y0 X1 Y1", help="Area of the maps, in the data's system, x east."
)
@click.option(
    "--extent",
    default="changes",
    show_default=True,
    type=click.Choice(["changes", "data"]),
    help="Without --bbox: what the scenario's changes can shade, or all data.",
)
@click.option("--cell", type=float, help="Cell size in metres; without it at most 1,000 cells along a map's side.")
@click.option(
    "--height", default=0.0, show_default=True, help="Height above the surface at which light is asked for, metres."
)
@click.option("--scenario", help="Scenario of the project, by name or id; the one on screen without it; '' for none.")
@click.option("--page", default="A3", show_default=True, metavar="A3|A4", help="Paper, landscape.")
@click.option("--title", default="", help="Words at the top.")
@click.option("--attribution", default="", help="Sources and licences, where the data do not say them.")
@click.option("--crs", metavar="C", help="Coordinate system of data that do not say theirs: EPSG:28992.")
@click.option(
    "--device",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "cpu", "gpu"]),
    help="Where to compute; auto: the GPU where there is one.",
)
@click.option("--json", "as_json", is_flag=True, help="What was computed as one JSON object.")
def command(
    data: tuple[Path, ...], output: Path, dates: str | None, hours: str, tz: str | None, time_kind: str,
    bbox: tuple[float, float, float, float] | None, extent: str, cell: float | None, height: float,
    scenario: str | None, page: str, title: str, attribution: str, crs: str | None, device: str, as_json: bool,
) -> None:  # fmt: skip
    """Draw the shadow diagram of a surface raster, of a PROJECT or of DATA files.

    Each map shows one hour of one day: shade as it is and, with a scenario, the shade it adds and
    takes away. A PNG of several pages becomes OUT-1.png, OUT-2.png and so on.
    """
    from citymodel.analysis.diagram.study import DiagramParameters, run
    from citymodel.formats.whole_file import check_target
    from citymodel.scene.diagram_layout import PAGES
    from citymodel.scene.diagram_sheet import SUFFIXES, diagram_sheet

    if output.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"{output}: a shadow diagram is a sheet; name it .pdf or .png")
    if page.upper() not in PAGES:
        raise click.UsageError(f"--page {page}: there is no such page here; choose {' or '.join(PAGES)}")
    if tz is None and time_kind != "solar":
        raise click.UsageError("the hours need their time zone: --tz Europe/Amsterdam, or --time-kind solar")
    check_target(output)
    given: dict[str, Any] = {
        "minutes": hours, "zone": tz, "time_kind": time_kind, "bounds": bbox, "extent": extent, "cell": cell,
        "receiver_height": height, "scenario": scenario, "device": device, "title": title,
    }  # fmt: skip
    try:
        parameters = DiagramParameters.checked(**given, **({} if dates is None else {"dates": dates}))
    except ParameterError as wrong:
        raise click.UsageError(str(wrong)) from None
    surface, name = _opened(data, crs)
    if bbox is not None and not name and data[0].suffix.lower() != ".city":
        from citymodel.commands.surface import moved

        frame = surface.frame.crs if surface.frame else None
        parameters = parameters.model_copy(update={"bounds": moved(bbox, data[0], crs, frame)})
    diagram = run(surface, parameters, name=name, attribution=attribution)
    night = sum(one.classes is None for one in diagram.maps)
    rows, columns = diagram.grid.shape
    click.echo(
        f"{len(diagram.maps)} maps of {rows} × {columns} cells of {diagram.grid.cell:g} m"
        + (f"; in {night} of them the sun is below the horizon" if night else ""),
        err=True,
    )
    written = diagram_sheet(diagram, output, page, datetime.now().astimezone().date())
    if as_json:
        click.echo(json.dumps(_facts(diagram, parameters, written)))
    else:
        for path in written:
            click.echo(str(path))


def _opened(data: tuple[Path, ...], crs: str | None) -> tuple[Any, str]:
    """A surface raster alone, or a document, and what to call it."""
    from citymodel.formats import raster

    if len(data) == 1 and data[0].suffix.lower() in raster.SUFFIXES:
        return raster.read(data[0], crs=crs), data[0].name
    from citymodel.commands.render import opened

    return opened(data, crs), ""


def _facts(diagram: Diagram, parameters: DiagramParameters, written: list[Path]) -> dict[str, Any]:
    from citymodel.sun import clock

    facts = ("cell_m", "size", "bounds", "crs", "device", "seconds", "versions")
    return {
        "output": [str(path) for path in written],
        "maps": [
            {
                "date": one.date.isoformat(), "hour": clock(one.minutes), "time": one.moment.isoformat(),
                "azimuth": round(one.azimuth, 4), "altitude": round(one.altitude, 4), "above_horizon": one.altitude > 0,
                "new_shade_m2": one.new_area, "removed_shade_m2": one.gone_area,
            }
            for one in diagram.maps
        ],
        "place": {"latitude": diagram.place.latitude, "longitude": diagram.place.longitude,
                  "grid_convergence": diagram.place.convergence},
        "scenario": diagram.scenario, "notes": list(diagram.notes), **diagram.provenance["parameters"],
        **{key: diagram.provenance[key] for key in facts},
    }  # fmt: skip
