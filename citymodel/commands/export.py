"""``citymodel export``: layers and results of a project, or data files, for other tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.commands.opening import is_project, opened_project
from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.formats.geopackage import Table
    from citymodel.layers import Layer
    from citymodel.model import CityModel

CITY = (".glb", ".ply", ".obj", ".stl", ".json", ".jsonl", ".city.json", ".city.jsonl")
# what each kind of layer can become, by suffix
FORMATS: dict[str, tuple[str, ...]] = {
    "points": (".laz", ".las"),
    "raster": (".tif", ".tiff", ".asc"),
    "city": (*CITY, ".gpkg"),
    "table": (".gpkg",),
}


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--format", "form", help="Format where OUT's suffix does not say it: glb, laz, tif, gpkg, …")
@click.option(
    "--layer", "names", multiple=True, help="Layer to export, by name or id; repeat for several (GeoPackage)."
)
@click.option("--field", help="Field of a result, where it has several.")
@click.option("--scenario", help="Export the city as this scenario of the project leaves it, by name or id.")
@click.option("--crs", help="Coordinate system of data that do not say theirs, such as EPSG:28992.")
def command(
    data: tuple[Path, ...],
    output: Path,
    form: str | None,
    names: tuple[str, ...],
    field: str | None,
    scenario: str | None,
    crs: str | None,
) -> None:
    """Write layers of PROJECT or DATA files for other tools.

    City models become meshes (.glb .ply .obj .stl), .city.json or footprints (.gpkg); points .laz or
    .las; rasters .tif or .asc; a result's maps .tif or .png, its tables .gpkg. Coordinates stay in
    the data's own system; meshes count metres from the origin they name.
    """
    from citymodel.formats.whole_file import check_target

    check_target(output)
    layers = _chosen(_project(data[0], scenario) if _is_project(data) else _files(data, crs), names)
    if len(layers) == 1 and layers[0].kind == "result" and form is None:
        from citymodel.analysis.export import export_result

        for written in export_result(layers[0].data, output, field=field):
            click.echo(str(written))
        return
    suffix = _suffix(output, form)
    pieces = [(layer.name, *piece) for layer in layers for piece in _pieces(layer, field)]
    fitting = [(name, one) for name, kind, one in pieces if suffix in FORMATS[kind]]
    if not fitting:
        held = ", ".join(f"{name} ({kind})" for name, kind, _ in pieces) or "nothing"
        raise ParameterError(f"{output}: none of {held} can be written as {suffix}; choose another format (--format)")
    if suffix == ".gpkg":
        _write([_table(name, one) for name, one in fitting], output, suffix)
    elif len(fitting) == 1:
        _write(fitting[0][1], output, suffix)
    else:
        named = ", ".join(name for name, _ in fitting)
        raise ParameterError(f"{output}: holds one of {named}; name it (--layer, --field)")
    click.echo(str(output))


def _suffix(output: Path, form: str | None) -> str:
    known = sorted({suffix for suffixes in FORMATS.values() for suffix in suffixes}, key=len, reverse=True)
    name = f".{form.lower().lstrip('.')}" if form else output.name.lower()
    for suffix in known:
        if name.endswith(suffix):
            return suffix
    raise ParameterError(f"{output}: names no format; write one of {' '.join(sorted(known))}, or give --format")


def _is_project(data: Sequence[Path]) -> bool:
    return len(data) == 1 and is_project(data[0])


def _project(path: Path, scenario: str | None) -> tuple[Layer, ...]:
    from citymodel.scenario import apply

    document = opened_project(path)
    if scenario is None:
        return document.layers
    for one in document.scenarios:
        if scenario in (one.id, one.name):
            return apply(one, document.layers)
    named = ", ".join(one.name for one in document.scenarios) or "none"
    raise ParameterError(f"{path}: has no scenario {scenario!r}; it has {named}")


def _files(paths: Sequence[Path], crs: str | None) -> tuple[Layer, ...]:
    """Each file as one layer, in its own coordinates, with all columns."""
    from citymodel import formats
    from citymodel.formats import las
    from citymodel.geo import parse_crs
    from citymodel.layers import Layer

    known = parse_crs(crs) if crs else None
    layers = []
    for path in paths:
        data = formats.read(path, columns="all") if path.suffix.lower() in las.SUFFIXES else formats.read(path)
        if hasattr(data, "fields"):  # of a flood's file, which is in its own system
            layers.append(Layer(path.stem, path.stem, "result", data, source=str(path)))
            continue
        if known and hasattr(data, "rio"):
            data = data if data.rio.crs else data.rio.write_crs(known)
        elif known and data.crs is None:
            data = replace(data, crs=known)
        layers.append(Layer(path.stem, path.stem, "city", data, source=str(path)))
    return tuple(layers)


def _chosen(layers: tuple[Layer, ...], names: Sequence[str]) -> list[Layer]:
    found = []
    for name in names:
        one = next((layer for layer in layers if name in (layer.id, layer.name)), None)
        if one is None:
            known = ", ".join(layer.name for layer in layers)
            raise ParameterError(f"there is no layer {name!r}; the layers are {known}")
        found.append(one)
    return found or list(layers)


def _pieces(layer: Layer, field: str | None) -> list[tuple[str, Any]]:
    """(kind, data) of what the layer holds: one, or one a field of a result."""
    data = layer.data
    if hasattr(data, "fields"):
        if field is not None and field not in data.fields:
            raise ParameterError(f"{layer.name}: has no field {field!r}; it has {', '.join(data.fields)}")
        from citymodel.analysis.export import rasters_of, tables

        maps = [_map(one, data.provenance) for one in rasters_of(data) if field in (None, one.name)]
        return maps + [("table", one) for one in tables(data) if field in (None, one.layer)]
    kind = (
        "points" if hasattr(data, "xyz")
        else "city" if hasattr(data, "vertices")
        else "table" if hasattr(data, "geometry")
        else "raster"
    )  # fmt: skip
    return [(kind, data)]


def _map(field: Any, provenance: Mapping[str, Any]) -> tuple[str, Any]:
    """A result's map, with its proof."""
    facts = {"units": field.unit, "long_name": field.title, "provenance": dict(provenance)}
    return "raster", field.data.assign_attrs(facts)


def _table(name: str, data: Any) -> Table:
    """What is to become a layer of a GeoPackage."""
    from citymodel.formats.geopackage import Table

    if isinstance(data, Table):
        return data
    return _footprints(name, data)


def _footprints(name: str, model: CityModel) -> Table:
    """Ground areas with the object's id, type, heights and plain attributes."""
    import numpy as np

    from citymodel.formats.geopackage import Table
    from citymodel.triangulate import footprints

    found, objects = footprints(model, None), model.objects
    rows = [one.object_row for one in found]
    columns: dict[str, Any] = {
        "id": np.array([objects.ids[row] for row in rows], dtype=object),
        "type": np.array([objects.type_of(row) for row in rows], dtype=object),
        "zmin": np.array([one.zmin for one in found]),
        "zmax": np.array([one.zmax for one in found]),
        "height": np.array([one.zmax - one.zmin for one in found]),
    }
    taken = {*columns, "fid", "geom"}
    keys = dict.fromkeys(key for row in rows for key, value in objects.attributes[row].items() if _is_plain(value))
    for key in keys:
        if key.lower() not in taken:
            taken.add(key.lower())
            columns[key] = _column([objects.attributes[row].get(key) for row in rows])
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = [one.area for one in found]
    return Table(name, shapes, columns, model.crs)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _column(values: list[Any]) -> Any:
    """Numbers where all are numbers, missing ones NaN; else texts."""
    import numpy as np

    present = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in present):
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array([str(value) if _is_plain(value) else None for value in values], dtype=object)


def _write(data: Any, output: Path, suffix: str) -> None:
    from citymodel import formats
    from citymodel.formats.whole_file import whole_file

    if output.name.lower().endswith(suffix):
        formats.write(data, output)
        return
    with whole_file(output) as part:
        named = part.with_name(part.name + suffix)
        formats.write(data, named)
        named.replace(part)
