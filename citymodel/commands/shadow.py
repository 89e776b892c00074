"""``citymodel shadow``: shade at a time, or hours of sun over a day, on a surface raster."""

from __future__ import annotations

import json
import time as clock
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from citymodel.errors import ParameterError


def _minutes_of_clock(ctx: click.Context, option: click.Parameter, text: str) -> int:
    from citymodel.parameters import minutes_of_clock

    return _parsed(minutes_of_clock, text)


def _minutes(ctx: click.Context, option: click.Parameter, text: str) -> int:
    from citymodel.parameters import minutes_of_duration

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
    "--time-kind",
    default="clock",
    show_default=True,
    type=click.Choice(["clock", "standard", "solar"]),
    help="What --from and --to count: the zone's clock, that without daylight saving, or true solar time.",
)
@click.option(
    "--quantity",
    "what",
    default="hours",
    show_default=True,
    type=click.Choice(["hours", "longest", "first", "last"]),
    help="Of a day: hours of sun, the longest uninterrupted sun, or the clock time of the first or last sun.",
)
@click.option(
    "--min-altitude", default=0.0, show_default=True, help="Suns lower than this do not count, degrees (with --date)."
)
@click.option(
    "--height", default=0.0, show_default=True, help="Height above the surface at which light is asked for, metres."
)
@click.option(
    "--canopy", type=click.Path(path_type=Path), help="Raster of tree heights above the surface, metres, same cells."
)
@click.option("--canopy-absolute", is_flag=True, help="The heights of --canopy are elevations.")
@click.option(
    "--transmissivity", default=0.03, show_default=True, help="Part of the light that passes a crown, 0 to 1."
)
@click.option("--trunk", default=0.25, show_default=True, help="Part of a tree below its crown, 0 to 1.")
@click.option(
    "--areas", type=click.Path(path_type=Path), help="Polygons (GeoPackage) to report on, with --date and --table."
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    help="Table of the areas to write (.gpkg or .csv): light, rule, verdict.",
)
@click.option("--crs", metavar="C", help="The surface's coordinate system where its file does not say: EPSG:25833.")
@click.option("--memory", type=float, metavar="GB", help="Memory to take; larger rasters are computed in strips.")
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
    start: int, end: int, step: int, tz: str | None, time_kind: str, what: str, min_altitude: float, height: float,
    canopy: Path | None, canopy_absolute: bool, transmissivity: float, trunk: float, areas: Path | None,
    table: Path | None, crs: str | None, memory: float | None, device: str, as_json: bool,
) -> None:  # fmt: skip
    """Shade or sun on the raster SURFACE, written on its grid.

    --time and --sun give uint8: 1 in shadow, 0 in sun, 255 no data. --date gives float32 hours
    of sun, or what --quantity names. The sun is taken at the raster's centre, turned by the meridian
    convergence.
    """
    from citymodel.analysis import raster_shadow
    from citymodel.commands.raster_out import check_output
    from citymodel.formats.whole_file import check_target

    if sum(one is not None for one in (moment, sun, day)) != 1:
        raise click.UsageError("give one of --time, --sun and --date")
    if day is not None and tz is None:
        raise click.UsageError("--date needs the zone of its clock: --tz Europe/Amsterdam, or --tz UTC")
    if (areas is None) != (table is None) or (areas is not None and day is None):
        raise click.UsageError("--areas, --table and --date go together")
    for name, value in (("--transmissivity", transmissivity), ("--trunk", trunk)):
        if not 0.0 <= value <= 1.0:
            raise click.UsageError(f"{name} {value:g}: give a part from 0 to 1")
    if not 0.0 <= min_altitude < 90.0:
        raise click.UsageError(f"--min-altitude {min_altitude:g}: give degrees from 0 to 90")
    if memory is not None and not memory > 0:
        raise click.UsageError(f"--memory {memory:g}: give gigabytes above 0")
    check_output(output, surface)
    if table:
        check_target(table)
    at = None if moment is None else _moment(moment, tz)
    began = clock.perf_counter()
    file = raster_shadow.surface_file(surface, crs)
    if day is not None:
        sky, facts = _day(file, day, start, end, step, str(tz), time_kind, min_altitude)
    else:
        sky, facts = _instant(file, at, sun)
        what = "mask"
    crowns = raster_shadow.Crowns(canopy, transmissivity, trunk, canopy_absolute) if canopy else None
    if crowns:
        facts |= {"canopy": str(canopy), "transmissivity": transmissivity, "trunk": trunk}
    facts |= {"surface": str(surface), "receiver_height": height, "cell": list(file.cell)}
    parts = raster_shadow.plan(file, sky, memory * 1e9 if memory else None, crowns, height)
    if len(parts) > 1:
        click.echo(f"larger than the memory to take: computed in {len(parts)} strips", err=True)
    facts |= _write(file, sky, what, height, device, parts, crowns, output, facts)
    if areas and table and day is not None:
        from citymodel.analysis.raster_areas import areas_table

        facts["areas"] = areas_table(
            file, areas, table, _study(day, start, end, step, tz, time_kind, min_altitude, height, device), crowns
        )
    facts["seconds"] = round(clock.perf_counter() - began, 3)
    if as_json:
        click.echo(json.dumps({"output": str(output), **facts}))


def _write(
    file: Any, sky: Any, what: str, height: float, device: str, parts: Any, crowns: Any, output: Path,
    facts: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Compute and write the raster; the device that computed it."""
    from citymodel.analysis.raster_shadow import OUTPUTS, computed
    from citymodel.formats import raster
    from citymodel.formats.raster_strips import strips_to

    long_name, units = OUTPUTS.get(what, ("shade", "1 shade, 0 sun, 255 no data"))
    attrs = {"units": units, "long_name": long_name, "source": str(file.path), "crs": file.crs, "provenance": facts}
    found = computed(file, sky, what, height, device, parts, crowns)
    if len(parts) == 1:
        _, values, facts["device"] = next(found)
        raster.write(file.raster(values, attrs), output)
        return {}
    dtype = "uint8" if what == "mask" else "float32"
    with strips_to(output, file.shape, file.edges, dtype, attrs) as put:
        for number, answer in enumerate(found, 1):
            first, values, device = answer
            put(first, values)
            click.echo(f"strip {number} of {len(parts)}", err=True)
    return {"device": device, "strips": len(parts)}


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
    file: Any, at: datetime | None, sun: tuple[float, float] | None
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """The sky of a moment or of a given sun, and what was asked."""
    import numpy as np

    from citymodel.analysis.raster_shadow import Sky
    from citymodel.sun import positions

    if at is not None:
        where = file.place()
        azimuths, altitudes = positions([at], where.latitude, where.longitude)
        azimuth, altitude = float(azimuths[0] + where.convergence) % 360.0, float(altitudes[0])
    else:
        azimuth, altitude = sun or (0.0, 0.0)
        if not (-360 <= azimuth <= 360 and -90 <= altitude <= 90):
            raise click.UsageError(f"--sun {azimuth:g} {altitude:g}: give an azimuth of 0 to 360 and an altitude to 90")
    where_to = f"grid azimuth {azimuth:.3f}°, altitude {altitude:.3f}°"
    if altitude <= 0:
        click.echo(f"the sun is below the horizon ({where_to}): everything is in shadow", err=True)
    else:
        click.echo(f"sun at {where_to}", err=True)
    sky = Sky(np.array([azimuth]), np.array([altitude]), np.zeros(1), 0.0)
    return sky, {"azimuth": azimuth, "altitude": altitude} | ({"time": at.isoformat()} if at else {})


def _day(
    file: Any, day: Date, start: int, end: int, step: int, tz: str, kind: str, lowest: float
) -> tuple[Any, dict[str, Any]]:
    """The sky of a part of a day, and what was asked."""
    from citymodel.analysis.raster_shadow import Sky
    from citymodel.analysis.suns import suns_at
    from citymodel.sun import clock as text

    suns = suns_at(file.place(), day, start, end, step, tz, kind, lowest)
    span = f"{day.isoformat()}, {text(start)} to {text(end)} {tz}"
    if suns.above:
        click.echo(
            f"sun hours on {span}: every {step} min, {suns.above} of {len(suns.times)} suns above the horizon", err=True
        )
    else:
        click.echo(f"the sun does not rise above the horizon on {span}: 0 hours of sun everywhere", err=True)
    facts = {
        "date": day.isoformat(), "from": text(start), "to": text(end), "zone": tz, "time_kind": kind,
        "step_minutes": step, "min_altitude": lowest, "suns": len(suns.times), "suns_above_horizon": suns.above,
        "convergence": suns.convergence, "title": f"Hours of sun on {day.isoformat()}",
        "notes": [f"{span}, every {step} min; cells of {file.cell[0]:g} m; direct sun only, sky taken as clear"],
    }  # fmt: skip
    return Sky(suns.azimuth, suns.altitude, suns.clock, step / 60.0), facts


def _study(
    day: Date, start: int, end: int, step: int, tz: str | None, kind: str, lowest: float, height: float, device: str
) -> Any:
    """The same question as parameters of a study; what stands on the ground is not known, so its error is none."""
    from citymodel.analysis.shadow_parameters import ShadowParameters

    return ShadowParameters.checked(
        date=day, start=start, end=end, step=step, zone=tz, time_kind=kind, min_altitude=lowest,
        receiver_height=height, device=device, height_error=0.0,
    )  # fmt: skip
