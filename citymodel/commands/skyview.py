"""``citymodel skyview``: the share of the sky that each cell of a surface raster sees."""

from __future__ import annotations

import json
import time as clock
from pathlib import Path

import click


@click.command()
@click.argument("surface", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Raster to write (.tif, .asc).")
@click.option(
    "--directions",
    default=72,
    show_default=True,
    type=click.IntRange(8, 720),
    help="Horizons around each cell.",
)
@click.option(
    "--height",
    default=0.0,
    show_default=True,
    type=click.FloatRange(-10, 500),
    help="Height above the surface at which the sky is asked for, metres.",
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
    surface: Path, output: Path, directions: int, height: float, crs: str | None, device: str, as_json: bool
) -> None:
    """Sky view factor of the raster SURFACE, written on its grid.

    float32 from 0 to 1: the share of an even sky's light that reaches a level place, 1 where
    nothing rises above the horizon. What lies outside the raster hides nothing.
    """
    from citymodel.analysis.skyview import sky_view
    from citymodel.analysis.sun_study import heights, metric_grid
    from citymodel.commands.raster_out import check_output
    from citymodel.formats import raster

    check_output(output, surface)
    began = clock.perf_counter()
    data = raster.read(surface, crs=crs)
    grid = metric_grid(data, str(surface), "the sky view")
    sky, used = sky_view(heights(data), grid.cell, directions, height, device)
    facts = {
        "surface": str(surface), "directions": directions, "receiver_height": height, "device": used,
        "title": "Sky view factor", "seconds": round(clock.perf_counter() - began, 3),
        "notes": [f"{directions} directions, {height:g} m above the surface; cells of {grid.cell:g} m; even sky"],
    }  # fmt: skip
    result = grid.raster(sky, "sky view factor", "1")
    result.attrs |= {"source": str(surface), "provenance": facts}
    raster.write(result, output)
    if as_json:
        click.echo(json.dumps({"output": str(output), **facts}))
