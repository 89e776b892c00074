"""``citymodel surface``: surface and terrain rasters from points, models and rasters together."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.layers import Layer
    from citymodel.surface import Grid

Box = tuple[float, float, float, float]


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Surface raster to write.")
@click.option("--ground", type=click.Path(path_type=Path), help="Terrain raster to write as well.")
@click.option("--filled", type=click.Path(path_type=Path), help="Raster of 1 where no measurement is, 0 elsewhere.")
@click.option("--cell", type=float, help="Cell size in metres; 1, or that of the raster when only rasters are given.")
@click.option("--crs", metavar="C", help="Coordinate system of data that do not say theirs: EPSG:28992, or local.")
@click.option(
    "--bbox", nargs=4, type=float, metavar="X0 Y0 X1 Y1", help="Area to cover, in the first file's system, x east."
)
@click.option("--json", "as_json", is_flag=True, help="What was made as one JSON object.")
def command(
    data: tuple[Path, ...], output: Path, ground: Path | None, filled: Path | None, cell: float | None,
    crs: str | None, bbox: tuple[float, float, float, float] | None, as_json: bool,
) -> None:  # fmt: skip
    """Make the surface raster of DATA: points, city models and rasters, alone or together.

    Points give the highest return without noise, models their highest polygon, exact at the
    cells' centres; both together the higher of the two. Holes are filled from the terrain.
    """
    import numpy as np

    from citymodel.commands.doubts import tell_doubts
    from citymodel.formats import raster
    from citymodel.formats.whole_file import check_target
    from citymodel.project import open_data
    from citymodel.surface import analysis_surface

    for path in (output, ground, filled):
        if path is not None and path.suffix.lower() not in raster.SUFFIXES:
            raise click.UsageError(f"{path}: the result is a raster; name it .tif or .asc")
        if path is not None:
            check_target(path)
    named = [path.resolve() for path in (output, ground, filled) if path is not None]
    if len(set(named)) < len(named):
        raise click.UsageError("--output, --ground and --filled are different rasters; give each a name of its own")
    document = open_data(data, crs)
    tell_doubts(document.layers)
    target = document.frame.crs if document.frame else None
    if bbox is not None and all(map(math.isfinite, bbox)):
        bbox = moved(bbox, data[0], crs, target)
    grid = _grid(document.layers, target, cell, bbox)
    dsm, dtm = analysis_surface(document.layers, None, grid)
    if not np.isfinite(dsm).any():
        raise ParameterError(f"no data lie in the area {_words(grid.bounds)}; check --bbox and --crs")
    if ground is not None and not np.isfinite(dtm).any():
        raise ParameterError("nothing in the data tells the ground (class 2 or a terrain); leave --ground out")
    raster.write(dsm, output)
    if ground is not None:
        raster.write(dtm, ground)
    share = float(np.asarray(dsm["filled"]).mean())
    if filled is not None:
        raster.write(grid.raster(np.asarray(dsm["filled"], dtype=np.uint8), "filled", "1 filled, 0 measured"), filled)
    facts: dict[str, Any] = {
        "output": str(output), "size": list(grid.shape), "cell": grid.cell, "crs": grid.crs,
        "bounds": list(grid.bounds), "filled_share": round(share, 4), "nodata_cells": int(np.isnan(dsm).sum()),
    }  # fmt: skip
    click.echo(f"{grid.shape[0]} × {grid.shape[1]} cells of {grid.cell:g} m, {share:.1%} filled", err=True)
    if as_json:
        click.echo(json.dumps(facts))


def moved(bbox: Box, path: Path, given: str | None, target: str | None) -> Box:
    """The box, given in the first file's system, in that of the surface; the same where both are one."""
    import pyproj

    from citymodel import formats, geo

    own = formats.info(path).get("crs") or (geo.parse_crs(given) if given and given != "local" else None)
    if target is None or own is None or geo.horizontal(own) == geo.horizontal(target):
        return bbox
    steps = pyproj.Transformer.from_crs(geo.horizontal(own), geo.horizontal(target), always_xy=True)
    left, bottom, right, top = steps.transform_bounds(*bbox)
    return left, bottom, right, top


def _grid(
    layers: tuple[Layer, ...], crs: str | None, cell: float | None, bbox: tuple[float, float, float, float] | None
) -> Grid:
    """The raster asked for: a box, else what the points and models cover, else the rasters."""
    from citymodel.surface import Grid
    from citymodel.surface.grid import extent

    if bbox is not None:
        if not all(map(math.isfinite, bbox)):
            raise click.UsageError(f"--bbox {_words(bbox)} is no area; give four finite numbers X0 Y0 X1 Y1")
        if not (bbox[0] < bbox[2] and bbox[1] < bbox[3]):
            raise click.UsageError(f"--bbox {_words(bbox)} holds nothing; give X0 Y0 X1 Y1 with X0 < X1 and Y0 < Y1")
        return Grid.around(bbox, 1.0 if cell is None else cell, crs)
    rasters = [layer.data for layer in layers if layer.kind in ("terrain", "surface")]
    if len(rasters) == len(layers) and cell is None:
        return Grid.of(rasters[0])
    return Grid.around(extent(layers), 1.0 if cell is None else cell, crs)


def _words(numbers: tuple[float, ...]) -> str:
    return " ".join(f"{number:.10g}" for number in numbers)
