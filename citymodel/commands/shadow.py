"""``citymodel shadow``: shade at a time, or hours of sun over a day, on a surface raster."""

from __future__ import annotations

import json
import time as clock
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from xarray import DataArray


def _minutes_of_clock(ctx: click.Context, option: click.Parameter, text: str) -> int:
    from citymodel.analysis.shadow_parameters import minutes_of_clock

    return _parsed(minutes_of_clock, text)


def _minutes(ctx: click.Context, option: click.Parameter, text: str) -> int:
    from citymodel.analysis.shadow_parameters import minutes_of_duration

    return _parsed(minutes_of_duration, text)


def _date(ctx: click.Context, option: click.Parameter, text: str | None) -> Date | None:
    try:
        return None if text is None else Date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date; write one like 2026-03-21") from None


def _parsed(parse: Any, text: str) -> int:
    try:
        minutes: int = parse(text)
    except ParameterError as wrong:
        raise click.BadParameter(str(wrong)) from None
    return minutes


@click.command()
@click.argument("surface", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Raster to write (.tif, .asc).")
@click.option("--time", "moment", metavar="T", help="Shade at this moment, with a zone: 2026-03-21T15:00+01:00.")
@click.option(
    "--sun",
    nargs=2,
    type=float,
    metavar="AZIMUTH ALTITUDE",
    help="Shade for a sun in degrees: clockwise from grid north, above the horizon.",
)
@click.option("--date", "day", callback=_date, metavar="D", help="Hours of sun on this day: 2026-03-21.")
@click.option(
    "--from",
    "start",
    default="00:00",
    show_default=True,
    callback=_minutes_of_clock,
    help="The day's first clock time, HH:MM.",
)
@click.option(
    "--to",
    "end",
    default="24:00",
    show_default=True,
    callback=_minutes_of_clock,
    help="The day's last clock time, HH:MM up to 24:00.",
)
@click.option(
    "--step",
    default="5min",
    show_default=True,
    callback=_minutes,
    help="Time between two suns; each is taken at its step's middle.",
)
@click.option("--tz", metavar="ZONE", help="Time zone of --date, --from and --to: Europe/Amsterdam.")
@click.option(
    "--height", default=0.0, show_default=True, help="Height above the surface at which light is asked for, metres."
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
    surface: Path, output: Path, moment: str | None, sun: tuple[float, float] | None, day: Date | None,
    start: int, end: int, step: int, tz: str | None, height: float, crs: str | None, device: str, as_json: bool,
) -> None:  # fmt: skip
    """Shade or hours of sun on the raster SURFACE, written on its grid.

    --time and --sun give uint8: 1 in shadow, 0 in sun, 255 no data. --date gives float32 hours
    of sun. The sun is taken at the raster's centre, turned by the meridian convergence.
    """
    from citymodel.analysis.sun_study import metric_grid
    from citymodel.formats import raster
    from citymodel.formats.whole_file import check_target

    if sum(one is not None for one in (moment, sun, day)) != 1:
        raise click.UsageError("give one of --time, --sun and --date")
    if day is not None and tz is None:
        raise click.UsageError("--date needs the zone of its clock: --tz Europe/Amsterdam, or --tz UTC")
    if output.suffix.lower() not in raster.SUFFIXES:
        raise click.UsageError(f"{output}: the result is a raster; name it .tif or .asc")
    check_target(output)
    at = None if moment is None else _moment(moment, tz)
    began = clock.perf_counter()
    data = raster.read(surface, crs=crs)
    metric_grid(data, str(surface))
    if day is not None:
        result, facts = _day(data, day, start, end, step, str(tz), height, device)
    else:
        result, facts = _instant(data, at, sun, height, device)
    facts |= {"surface": str(surface), "receiver_height": height, "seconds": round(clock.perf_counter() - began, 3)}
    result.attrs |= {"source": str(surface), "provenance": facts}
    raster.write(result, output)
    if as_json:
        click.echo(json.dumps({"output": str(output), **facts}))


def _moment(text: str, tz: str | None) -> datetime:
    from citymodel.sun import zone

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--time {text!r} is no ISO 8601 time; write one like 2026-03-21T15:00+01:00") from None
    if found.tzinfo is None and tz is None:
        raise click.UsageError(f"--time {text} has no zone; write {text}+01:00 or {text}Z, or add --tz ZONE")
    return found if found.tzinfo else found.replace(tzinfo=zone(str(tz)))


def _instant(
    data: DataArray, at: datetime | None, sun: tuple[float, float] | None, height: float, device: str
) -> tuple[DataArray, dict[str, Any]]:
    """The mask for a moment or a given sun, and what was computed."""
    from citymodel.analysis.sun_study import shade, sun_over
    from citymodel.surface import Grid

    if at is not None:
        azimuths, altitudes = sun_over(Grid.of(data), [at])
        azimuth, altitude = float(azimuths[0]), float(altitudes[0])
    else:
        azimuth, altitude = sun or (0.0, 0.0)
        if not (-360 <= azimuth <= 360 and -90 <= altitude <= 90):
            raise click.UsageError(f"--sun {azimuth:g} {altitude:g}: give an azimuth of 0 to 360 and an altitude to 90")
    where = f"grid azimuth {azimuth:.3f}°, altitude {altitude:.3f}°"
    if altitude <= 0:
        click.echo(f"the sun is below the horizon ({where}): everything is in shadow", err=True)
    else:
        click.echo(f"sun at {where}", err=True)
    mask, used = shade(data, azimuth, altitude, height, device)
    facts = {"azimuth": azimuth, "altitude": altitude, "device": used}
    return mask, facts | ({"time": at.isoformat()} if at else {})


def _day(
    data: DataArray, day: Date, start: int, end: int, step: int, tz: str, height: float, device: str
) -> tuple[DataArray, dict[str, Any]]:
    """Hours of sun over a part of a day, and what was computed."""
    from citymodel.analysis.sun_study import heights, hours_of_sun, sun_over
    from citymodel.sun import clock as text
    from citymodel.sun import midpoints
    from citymodel.surface import Grid

    grid = Grid.of(data)
    times = midpoints(day, start, end, step, tz)
    azimuths, altitudes = sun_over(grid, times)
    up = int((altitudes > 0).sum())
    span = f"{day.isoformat()}, {text(start)} to {text(end)} {tz}"
    if up:
        click.echo(f"sun hours on {span}: every {step} min, {up} of {len(times)} suns above the horizon", err=True)
    else:
        click.echo(f"the sun does not rise above the horizon on {span}: 0 hours of sun everywhere", err=True)
    lit, used = hours_of_sun(heights(data), grid.cell, (azimuths, altitudes), step / 60.0, height, device)
    facts = {
        "date": day.isoformat(), "from": text(start), "to": text(end), "zone": tz, "step_minutes": step,
        "suns": len(times), "suns_above_horizon": up, "device": used,
        "title": f"Hours of sun on {day.isoformat()}",
        "notes": [f"{span}, every {step} min; cells of {grid.cell:g} m; direct sun only, sky taken as clear"],
    }  # fmt: skip
    return grid.raster(lit, "hours of sun", "h"), facts
