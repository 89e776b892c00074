"""``citymodel viewshed``: what is seen from one or more places on a surface raster."""

from __future__ import annotations

import json
import math
import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from citymodel.analysis.viewshed.observers import Observer

_ASKED_LONG = 3.0  # seconds from which on the expected time is said before the start


def _refraction(ctx: click.Context, option: click.Parameter, text: str) -> float:
    try:
        value = 0.0 if text.strip().lower() == "none" else 1.0 / 7.0 if text == "0.142857" else float(text)
    except ValueError:
        value = math.nan
    if not -1.0 <= value <= 1.0:
        raise click.BadParameter(f"{text!r} is no coefficient; write 0.142857, 0.13 or none")
    return value


@click.command()
@click.argument("surface", type=click.Path(path_type=Path))
@click.option("-o", "out", required=True, type=click.Path(path_type=Path), help="Raster to write (.tif, .asc).")
@click.option(
    "--observer", "places", nargs=2, type=float, multiple=True, metavar="X Y",
    help="A place to look from, in the raster's system; may be repeated.",
)  # fmt: skip
@click.option(
    "--observers", "file", type=click.Path(path_type=Path),
    help="Places from a file: CSV with x,y[,eye][,name], GeoPackage or GeoJSON; lines and polygons are sampled.",
)  # fmt: skip
@click.option("--layer", help="The layer of --observers, where a GeoPackage has several.")
@click.option(
    "--spacing", default=10.0, show_default=True, type=click.FloatRange(0, min_open=True),
    help="Metres between observers along a line and in a polygon of --observers.",
)  # fmt: skip
@click.option("--eye", default=1.7, show_default=True, help="Eye height above what the observer stands on, metres.")
@click.option("--eye-absolute", is_flag=True, help="Eye heights are elevations, in the datum of the raster.")
@click.option("--target", default=0.0, show_default=True, help="Height of what is looked at above the surface, metres.")
@click.option("--range", "reach", type=float, metavar="M", help="Farthest horizontal distance, metres; all without it.")
@click.option("--nearest", default=0.0, show_default=True, help="Nearest horizontal distance that counts, metres.")
@click.option(
    "--azimuth",
    nargs=2,
    type=float,
    metavar="FROM TO",
    help="Look only there: degrees clockwise from grid north, 350 20 passes north.",
)
@click.option(
    "--pitch", nargs=2, type=float, metavar="LOW HIGH", help="Look only so low and high: degrees above the horizontal."
)
@click.option(
    "--refraction", default="0.142857", show_default=True, callback=_refraction, metavar="K",
    help="How much air bends light, of the Earth's curvature: 0.142857, 0.13, or none, which keeps the curvature.",
)  # fmt: skip
@click.option(
    "--curvature", default="earth", show_default=True, type=click.Choice(["earth", "none"]),
    help="none: a flat Earth without refraction.",
)  # fmt: skip
@click.option(
    "--output", "what", default="visible", show_default=True,
    type=click.Choice(["visible", "count", "angle", "height"]),
    help="Seen or not; by how many; degrees above the horizontal; or the least height that would be seen, metres.",
)  # fmt: skip
@click.option(
    "--ground", type=click.Path(path_type=Path),
    help="Terrain raster: observers stand on it, and heights of --output height count from it.",
)  # fmt: skip
@click.option("--roof", is_flag=True, help="With --ground: observers stand on what is there, a roof for instance.")
@click.option(
    "--holes", default="transparent", show_default=True, type=click.Choice(["transparent", "block"]),
    help="Whether cells without data can be seen through.",
)  # fmt: skip
@click.option("--preview", is_flag=True, help="Quick, and wrong in a few cells (visible and count).")
@click.option("--skip", is_flag=True, help="Leave out observers with no place to stand, and say how many.")
@click.option("--crs", metavar="C", help="The surface's coordinate system where its file does not say: EPSG:25833.")
@click.option(
    "--device", default="auto", show_default=True, type=click.Choice(["auto", "cpu", "gpu"]),
    help="Where to compute; auto: the GPU where there is one.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What was computed as one JSON object.")
def command(
    surface: Path, out: Path, places: tuple[tuple[float, float], ...], file: Path | None, layer: str | None,
    spacing: float, eye: float,
    eye_absolute: bool, target: float, reach: float | None, nearest: float, azimuth: tuple[float, float] | None,
    pitch: tuple[float, float] | None, refraction: float, curvature: str, what: str, ground: Path | None, roof: bool,
    holes: str, preview: bool, skip: bool, crs: str | None, device: str, as_json: bool,
) -> None:  # fmt: skip
    """What is seen of the raster SURFACE from one or more observers, written on its grid.

    visible: uint8, 1 seen by any observer, 0 hidden, 254 no data, 255 out of range. count: uint32, how many see
    it. angle: float32 degrees of the line to what is seen, the steepest. height: float32, the least metres above
    the ground (without --ground, the surface) at which something is seen. Observers are not snapped to cells; the
    ground under them is bilinear between the cells' centres.
    """
    from citymodel.analysis.raster_shadow import surface_file
    from citymodel.analysis.viewshed.raster import RasterView, Standing
    from citymodel.commands.raster_out import check_output

    check_output(out, surface, ground, file)
    _check_finite(eye, spacing)
    reach = None if reach == math.inf else reach
    sight = _sight(target, reach, nearest, azimuth, pitch, refraction, curvature, holes)
    if preview and what not in ("visible", "count"):
        raise click.UsageError(f"--preview knows visible and count, not {what}; leave it out")
    if roof and ground is None:
        raise click.UsageError("--roof belongs to --ground; without it observers stand on the surface anyway")
    began = clock.perf_counter()
    source = surface_file(surface, crs, "a viewshed")
    who = _observers(places, file, layer, source.crs, spacing)
    if source.crs is None:
        click.echo(
            f"warning: {surface}: says no coordinate system; its unit is taken for metres, and the Earth's curvature "
            "is kept (--curvature none drops it)",
            err=True,
        )
    view = RasterView.of(source, ground)
    eyes, left_out = view.eyes(who, Standing(eye, eye_absolute, roof), skip=skip)
    if left_out:
        click.echo(f"{len(left_out):,} of {len(who):,} observers left out; the first: {left_out[0]}", err=True)
    _tell_expected(len(eyes), view.z.size, sight.reach, source.cell, preview, what)
    values, used = view.seen(eyes, sight, what, preview, device, _progress(len(eyes)))
    facts = {
        "surface": str(surface), "ground": str(ground) if ground else None, "quantity": what,
        "observers": len(eyes), "left_out": len(left_out), "places": _told_places(who),
        "eye": eye, "eye_absolute": eye_absolute, "stand_on": "surface" if ground is None or roof else "ground",
        "target": target, "range": reach, "nearest": nearest, "azimuth": azimuth, "pitch": pitch,
        "refraction": sight.refraction if sight.curvature else None, "curvature": sight.curvature, "holes": holes,
        "mode": "preview (R2)" if preview else "exact (R3)", "cell": list(source.cell), "device": used,
    }  # fmt: skip
    facts |= _summary(values, what, source.cell, len(eyes))
    facts["seconds"] = round(clock.perf_counter() - began, 3)
    _write(source, values, what, out, facts)
    click.echo(_words(facts), err=True)
    if as_json:
        click.echo(json.dumps({"output": str(out), **facts}))


def _check_finite(eye: float, spacing: float) -> None:
    """Wrong usage where a length is none."""
    for option, metres in (("--eye", eye), ("--spacing", spacing)):
        if not math.isfinite(metres):
            raise click.UsageError(f"{option} {metres}: give metres")


def _sight(
    target: float, reach: float | None, nearest: float, azimuth: tuple[float, float] | None,
    pitch: tuple[float, float] | None, refraction: float, curvature: str, holes: str,
) -> Any:  # fmt: skip
    """The limits of the sight, wrong ones as wrong usage."""
    from citymodel.analysis.viewshed.raster import sight_of

    if reach is not None and not reach > 0:
        raise click.UsageError(f"--range {reach:g}: nothing lies within it; give metres above 0, or leave it out")
    try:
        return sight_of(
            target=target, reach=math.inf if reach is None else reach, nearest=nearest, azimuth=azimuth, pitch=pitch,
            refraction=refraction, curvature=curvature == "earth", holes_block=holes == "block",
        )  # fmt: skip
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None


def _observers(
    places: tuple[tuple[float, float], ...], file: Path | None, layer: str | None, crs: str | None, spacing: float
) -> list[Observer]:
    from citymodel.analysis.viewshed.observers import Observer, read_observers

    if not places and file is None:
        raise click.UsageError("nobody looks; give --observer X Y, or --observers FILE")
    if not all(math.isfinite(value) for place in places for value in place):
        raise click.UsageError("--observer: give two finite numbers, x before y")
    return [Observer(*place) for place in places] + (read_observers(file, crs, spacing, layer) if file else [])


def _told_places(who: list[Observer]) -> list[list[float]]:
    """The first hundred places; who has more has a file of them."""
    return [[one.x, one.y] for one in who[:100]]


def _tell_expected(
    count: int, cells: int, reach: float, cell: tuple[float, float], preview: bool, what: str
) -> None:  # fmt: skip
    """Say how long it will take before it begins, where that is more than a moment."""
    from citymodel.analysis.viewshed.rate import duration, seconds_a_cell

    within = min(float(cells), math.pi * reach**2 / (cell[0] * cell[1]))
    if count == 1 and within < 4e6:
        return
    expected = count * within * seconds_a_cell(preview, what == "height")
    if expected > _ASKED_LONG:
        hint = ""
        if not preview and what in ("visible", "count"):
            hint = f"; --preview about {duration(count * within * seconds_a_cell(True))}"
        click.echo(f"{count:,} observers over {within:,.0f} cells each: about {duration(expected)}{hint}", err=True)


def _progress(count: int) -> Any:
    """Lines on standard error, every tenth of a longer work."""
    last = [clock.monotonic(), 0.0]

    def told(share: float, text: str = "") -> None:
        if share - last[1] >= 0.1 and clock.monotonic() - last[0] >= 1.0:
            last[:] = [clock.monotonic(), share]
            click.echo(f"{share:4.0%} {text}".rstrip(), err=True)

    return told


def _summary(values: Any, what: str, cell: tuple[float, float], count: int) -> dict[str, Any]:
    """How much is seen, of the cells within reach where that is known."""
    import numpy as np

    area = cell[0] * cell[1]
    if what == "visible":
        seen, asked = int((values == 1).sum()), int((values <= 1).sum())
        return {
            "visible_cells": seen, "asked_cells": asked, "visible_m2": seen * area,
            "visible_share": seen / asked if asked else 0.0,
        }  # fmt: skip
    if what == "count":
        return {"visible_cells": int((values > 0).sum()), "most_observers": int(values.max())}
    if what == "angle":
        return {"visible_cells": int(np.isfinite(values).sum())}
    return {"visible_cells": int((values == 0).sum())}


def _write(source: Any, values: Any, what: str, out: Path, facts: dict[str, Any]) -> None:
    from citymodel.analysis.viewshed.raster import OUTPUTS
    from citymodel.formats import raster

    long_name, units = OUTPUTS[what]
    attrs = {"units": units, "long_name": long_name, "source": str(source.path), "crs": source.crs, "provenance": facts}
    if what == "visible":
        attrs["nodata"] = 254
    raster.write(source.raster(values, attrs), out)


def _words(facts: dict[str, Any]) -> str:
    """One line on what was computed and how, as legends have it."""
    reach = "no limit" if facts["range"] is None else f"{facts['range']:g} m"
    bend = f"k {facts['refraction']:.3g}" if facts["curvature"] else "flat Earth"
    height = "elevation" if facts["eye_absolute"] else f"above the {facts['stand_on']}"
    return (
        f"eye {facts['eye']:g} m ({height}), target {facts['target']:g} m, range {reach}, {bend}, cells of "
        f"{facts['cell'][0]:g} m, surface raster, {facts['mode']}: {facts['visible_cells']:,} cells seen"
    )
