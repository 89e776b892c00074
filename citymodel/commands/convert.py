"""``citymodel convert``: files into another format, part or CRS."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from citymodel.errors import ParameterError

Box = tuple[float, float, float, float]
_WRITES = {
    "city": (".json", ".jsonl"),
    "points": (".laz", ".las"),
    "raster": (".tif", ".tiff", ".asc"),
}
_TOLD = ("wrong-crs", "duplicate-id", "column-not-in-all-files")
_NAMES = {"city": "a city model", "points": "a point cloud", "raster": "a raster"}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN… OUT", type=click.Path(path_type=Path))
@click.option("--crs", metavar="C", help="Coordinate system of files that name none or a wrong one, like EPSG:28992.")
@click.option("--to-crs", metavar="C", help="Coordinate system to write; that of the first file without it.")
@click.option("--bbox", nargs=4, type=float, metavar="X0 Y0 X1 Y1", help="Area to keep, in the input's CRS, x east.")
@click.option("--lod", metavar="L", help="City models: the level of detail to keep; 2 stands for 2.0 to 2.3 too.")
@click.option("--class", "classes", metavar="N,…", help="Points: the classes to keep, like 2,6.")
@click.option("--type", "types", metavar="T,…", help="City models: the types to keep, like Building,Road.")
def command(
    paths: tuple[Path, ...],
    crs: str | None,
    to_crs: str | None,
    bbox: Box | None,
    lod: str | None,
    classes: str | None,
    types: str | None,
) -> None:
    """Write files IN as one file OUT, in the format of OUT's suffix.

    City models: .json (CityJSON 2.0), .jsonl (CityJSONSeq). Points: .laz, .las. Rasters: .tif, .asc.
    Objects that reach into --bbox are kept whole. Lengths and coordinates are in the unit of the CRS.
    """
    if len(paths) < 2:
        raise click.UsageError("name at least one file to read, and last the file to write")
    *inputs, output = paths
    from citymodel import formats, geo
    from citymodel.formats.whole_file import check_target

    crs, to_crs = geo.parse_crs(crs) if crs else None, geo.parse_crs(to_crs) if to_crs else None
    if bbox is not None and not (bbox[0] < bbox[2] and bbox[1] < bbox[3]):
        raise click.UsageError("--bbox: X0 has to be less than X1, and Y0 less than Y1")
    check_target(output)
    wanted = _classes(classes)
    data = [_read(path, crs, bbox, lod, wanted, types) for path in inputs]
    kinds = {kind for kind, _, _ in data}
    if len(kinds) > 1:
        names = " and ".join(sorted(_NAMES[kind] for kind in kinds))
        raise ParameterError(f"{names} cannot become one file; convert them one by one")
    kind = kinds.pop()
    if not output.name.lower().endswith(_WRITES[kind]):
        raise ParameterError(f"{output}: cannot hold {_NAMES[kind]}; choose {', '.join(_WRITES[kind])}")
    filtered = any(option is not None for option in (bbox, lod, classes, types))
    kept = [item for _, item, left in data if left or not filtered]
    if not kept:
        raise ParameterError(f"{inputs[0]}: nothing is left of it; check --bbox, --lod, --class and --type")
    made = _joined(kind, kept, to_crs)
    formats.write(made, output)
    click.echo(f"{output}: {_summary(kind, made)}", err=True)
    for code in _TOLD:
        if kind != "raster" and code in made.report.counts:
            click.echo(f"warning: {code.replace('-', ' ')}: {made.report.examples.get(code, '')}", err=True)


def _classes(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(word) for word in text.replace(",", " ").split()]
    except ValueError:
        raise click.UsageError(f"--class {text!r}: classes are whole numbers, like 2,6") from None


def _read(
    path: Path, crs: str | None, bbox: Box | None, lod: str | None, classes: list[int] | None, types: str | None
) -> tuple[str, Any, bool]:
    """The kind of a file, the wanted part of its data, and whether there is any."""
    from citymodel import formats
    from citymodel.model import CityModel
    from citymodel.points import PointCloud
    from citymodel.subset import subset

    kind = _kind(path)
    if kind == "points":
        _refuse(path, lod=lod, type=types)
        data = formats.read(path, bbox=bbox, classes=classes, columns="all", crs=crs)
        left = len(data)
    elif kind == "city":
        _refuse(path, **{"class": classes})
        data = formats.read(path)
        if crs is not None:
            data = dataclasses.replace(data, crs=crs)
        had = len(data.objects)
        if bbox is not None or lod is not None or types is not None:
            chosen = None if types is None else [name.strip() for name in types.split(",") if name.strip()]
            data = subset(data, bbox=bbox, lod=lod, types=chosen)
        left = (data.n_polygons or len(data.geometries)) if lod is not None else len(data.objects) or not had
    else:
        _refuse(path, lod=lod, type=types, **{"class": classes})
        data = formats.read(path, bbox=bbox, crs=crs)
        if isinstance(data, CityModel | PointCloud) or not hasattr(data, "rio"):
            raise ParameterError(f"{path}: holds neither city model, points nor raster; use citymodel export")
        left = data.size
    return kind, data, bool(left)


def _kind(path: Path) -> str:
    """Which kind of data the format of a file holds."""
    from citymodel import formats

    name = formats._module_for(path).NAME
    return "city" if name.startswith("City") else "points" if name in ("LAS", "EPT") else "raster"


def _refuse(path: Path, **options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise ParameterError(f"--{name}: has no meaning for {path}; leave it out")


def _joined(kind: str, data: Sequence[Any], to_crs: str | None) -> Any:
    """All data in one CRS and in one."""
    from citymodel import geo, joining

    if kind == "raster":
        target = to_crs or geo.crs_text_of_raster(data[0])
        moved = [
            geo.reproject_raster(item, target)
            if target and (to_crs or len(data) > 1) and geo.crs_text_of_raster(item) != target
            else item
            for item in data
        ]
        return joining.join_rasters(moved)
    target = to_crs or data[0].crs
    move = geo.reproject_model if kind == "city" else geo.reproject_points
    moved = [item if item.crs == target else move(item, target) for item in data]
    return joining.join_models(moved) if kind == "city" else joining.join_points(moved)


def _summary(kind: str, data: Any) -> str:
    if kind == "points":
        return f"{len(data):,} points"
    if kind == "city":
        objects = int((~data.objects.is_surface).sum())
        return f"{objects:,} objects, {data.n_polygons:,} polygons"
    return f"{data.shape[-2]:,} × {data.shape[-1]:,} cells"
