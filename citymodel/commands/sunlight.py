"""``citymodel sunlight``: hours of sun, their share, or energy over a year on a surface raster."""

from __future__ import annotations

import json
import time as clock
from pathlib import Path
from typing import Any

import click

from citymodel.errors import ParameterError

OUTPUTS = {
    "hours": ("Hours of sun", "h"),
    "share": ("Share of the possible sun", "1"),
    "beam": ("Energy of direct sun", "kWh/m²"),
    "diffuse": ("Energy of the sky", "kWh/m²"),
    "total": ("Energy of all light", "kWh/m²"),
}


def _months(ctx: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    from citymodel.sky import months_of

    try:
        return months_of(text)
    except ParameterError as wrong:
        raise click.BadParameter(str(wrong)) from None


def _step(ctx: click.Context, option: click.Parameter, text: str) -> int:
    from citymodel.parameters import minutes_of_duration

    try:
        return minutes_of_duration(text)
    except ParameterError as wrong:
        raise click.BadParameter(str(wrong)) from None


@click.command()
@click.argument("surface", type=click.Path(path_type=Path))
@click.option("-o", "target", required=True, type=click.Path(path_type=Path), help="Raster to write (.tif, .asc).")
@click.option("--year", required=True, type=click.IntRange(1900, 2100), help="The year: 2026.")
@click.option("--months", default="1-12", show_default=True, callback=_months, help="Only these: 4-9, 11-2 or 3,6,12.")
@click.option("--tz", required=True, metavar="ZONE", help="Time zone of the months and of a series: Europe/Amsterdam.")
@click.option(
    "--output",
    "what",
    default="hours",
    show_default=True,
    type=click.Choice(list(OUTPUTS)),
    help="hours; their share of all that could be (0–1); kWh/m² of direct sun, of the sky, or of both.",
)
@click.option("--step", default="10min", show_default=True, callback=_step, help="Time between two suns.")
@click.option(
    "--directions", default=360, show_default=True, type=click.IntRange(16, 720), help="Horizons around each cell."
)
@click.option(
    "--weather",
    type=click.Path(path_type=Path),
    help="CSV with the columns time, dni, dhi (W/m²); without it a year without clouds.",
)
@click.option("--turbidity", type=click.FloatRange(1, 12), help="Linke turbidity of the clear sky.  [default: 3]")
@click.option(
    "--albedo",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of light thrown back by what is not sky; counts in total.",
)
@click.option("--lowest-sun", default=0.0, show_default=True, type=click.FloatRange(0, 60),
              help="Hours of suns below this altitude do not count, degrees.")  # fmt: skip
@click.option(
    "--height",
    default=0.0,
    show_default=True,
    type=click.FloatRange(-10, 500),
    help="Height above the surface at which light is asked for, metres.",
)
@click.option("--crs", metavar="C", help="The surface's coordinate system where its file does not say: EPSG:25833.")
@click.option(
    "--device",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "cpu", "gpu"]),
    help="Where to compute; auto: the GPU where there is one.",
)
@click.option("--json", "as_json", is_flag=True, help="What was computed as one JSON object.")
def command(
    surface: Path, target: Path, year: int, months: tuple[int, ...], tz: str, what: str, step: int, directions: int,
    weather: Path | None, turbidity: float | None, albedo: float, lowest_sun: float, height: float, crs: str | None,
    device: str, as_json: bool,
) -> None:  # fmt: skip
    """The sun of a year on the raster SURFACE, written on its grid as float32.

    Energy is that on the sloping surface, a square metre of it; cells tilt as their neighbours
    lie, walls left out. Without --weather the sky has no cloud: more than any real year brings.
    """
    from citymodel.analysis.sun_study import heights, metric_grid
    from citymodel.analysis.year.parameters import SunlightParameters, light_of
    from citymodel.analysis.year.study import map_of, notes_of
    from citymodel.commands.raster_out import check_output
    from citymodel.formats import raster

    check_output(target, surface)
    if weather is not None and turbidity is not None:
        raise click.UsageError("--turbidity is of a year without clouds; give it or --weather")
    given: dict[str, Any] = {} if turbidity is None else {"turbidity": turbidity}
    parameters = SunlightParameters.checked(
        year=year, months=months, zone=tz, step=step, directions=directions, albedo=albedo, lowest_sun=lowest_sun,
        weather=None if weather is None else str(weather), receiver_height=height, device=device, **given,
    )  # fmt: skip
    began = clock.perf_counter()
    data = raster.read(surface, crs=crs)
    grid = metric_grid(data, str(surface), "the year's sun")
    z = heights(data)
    light = light_of(grid, parameters, float(data.median()))
    values, used = map_of(what, z, grid.cell, light, parameters)
    title, unit = OUTPUTS[what]
    facts = {
        "surface": str(surface), "quantity": what, "year": year, "months": list(months),
        "receiver_height": height, "directions": directions, "device": used, **light.facts,
        "seconds": round(clock.perf_counter() - began, 3), "title": title,
        "notes": notes_of(light, parameters, grid.cell),
    }  # fmt: skip
    for note in facts["notes"]:
        click.echo(note, err=True)
    result = grid.raster(values, title.lower(), unit)
    result.attrs |= {"source": str(surface), "provenance": facts}
    raster.write(result, target)
    if as_json:
        click.echo(json.dumps({"output": str(target), **facts}))
