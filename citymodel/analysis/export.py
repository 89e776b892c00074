"""Results on the disk: maps as GeoTIFF and PNG, tables as GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.errors import ParameterError
from citymodel.results import Field, Result

if TYPE_CHECKING:
    from citymodel.formats.geopackage import Table


def rasters_of(result: Result) -> list[Field]:
    """The fields that are maps."""
    return [field for field in result.fields.values() if hasattr(field.data, "dims")]


def tables_of(result: Result) -> list[Field]:
    """The fields that are tables with a geometry."""
    return [field for field in result.fields.values() if isinstance(field.data, Mapping) and "geometry" in field.data]


def export_result(
    result: Result, path: str | Path, *, field: str | None = None, backdrop: Any = None, attribution: str = ""
) -> list[Path]:
    """Write a result by the path's suffix; return the files that were written.

    ``.tif`` and ``.png`` : the map named by ``field``, else all of them, each with its name
    added where there are many; ``.gpkg`` : all tables, a layer each; ``.csv`` : the table named by
    ``field``, else all of them, each with its name added where there are many, and NAME.about.json with
    parameters, inputs, versions and notes; ``.nc`` : the water of a flood in time, base and scenario
    apart; ``.pdf``, ``.svg``, or ``.png`` with ``field`` "section" : the section
    of a protected view

    backdrop : heights whose relief is shaded under the colours of a PNG
    attribution : sources and licences; the inputs' own without it
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        _write_tables(result, path)
        return [path]
    if suffix == ".nc":
        return _write_water(result, path)
    if suffix == ".csv":
        return _write_csv(result, path, field)
    if suffix in (".pdf", ".svg") or (suffix == ".png" and field == "section"):
        return [_write_section(result, path, attribution)]
    if suffix not in (".tif", ".tiff", ".png"):
        water = ", its water as .nc" if result.water else ""
        raise ParameterError(f"{path}: a result is written as .tif, .png, .gpkg or .csv{water}; choose one of these")
    maps = [one for one in rasters_of(result) if field in (None, one.name)]
    if not maps:
        raise ParameterError(f"the result has no map {field!r}; it has {[one.name for one in rasters_of(result)]}")
    written = []
    for one in maps:
        target = path if len(maps) == 1 else path.with_name(f"{path.stem}_{one.name}{path.suffix}")
        if suffix == ".png":
            _write_map(result, one, target, backdrop, attribution)
        else:
            from citymodel.formats import raster

            facts = {**result.provenance, "title": result.title, "notes": list(result.notes)}
            raster.write(one.data.assign_attrs(provenance=facts), target)
        written.append(target)
    return written


def _write_water(result: Result, path: Path) -> list[Path]:
    """The water of a flood in time, a file a state, as far as it was computed."""
    from citymodel.formats.flood_nc import copy

    if not result.water:
        raise ParameterError(f"{path}: only a flood is written as .nc; write .tif, .png, .gpkg or .csv")
    written = []
    for state, frames in result.water.items():
        target = path if len(result.water) == 1 else path.with_name(f"{path.stem}_{state}{path.suffix}")
        copy(frames, target)
        written.append(target)
    return written


def _write_map(result: Result, field: Field, path: Path, backdrop: Any, attribution: str) -> None:
    from citymodel.scene.mapsheet import map_sheet

    buildings = result.fields.get("by_building")
    shapes: Sequence[str] = buildings.data["geometry"] if buildings else ()
    outlines = [one for one in shapes if not one.startswith("POINT")]
    eyes = result.fields.get("by_eye")
    notes = [*result.notes, f"Computed by citymodel in {result.provenance.get('seconds', '?')} s."]
    day = result.provenance.get("parameters", {}).get("date", "")
    title = f"{field.title}, {day}" if day else field.title
    map_sheet(
        field,
        path,
        title=title,
        notes=notes,
        attribution=attribution or _sources(result),
        backdrop=backdrop,
        outlines=outlines,
        marks=eyes.data["geometry"] if eyes else (),
    )


def _write_section(result: Result, path: Path, attribution: str) -> Path:
    from citymodel.scene.section_sheet import has_section, section_sheet

    if not has_section(result):
        raise ParameterError(f"{path}: only a protected view is drawn as a section; write .tif, .png, .gpkg or .csv")
    return section_sheet(result, path, attribution=attribution or _sources(result))


def _sources(result: Result) -> str:
    """The inputs by name, with their licences where known."""
    inputs = result.provenance.get("inputs", ())
    words = [f"{one['layer']}{' (' + one['licence'] + ')' if one.get('licence') else ''}" for one in inputs]
    crs = result.provenance.get("crs")
    return f"Data: {', '.join(words)}" + (f" · {crs}" if crs else "")


def tables(result: Result) -> list[Table]:
    """The tables as layers of a GeoPackage, named as the fields."""
    import shapely

    from citymodel.formats.geopackage import Table

    found = []
    for field in tables_of(result):
        shapes = np.empty(len(field.data["geometry"]), dtype=object)
        shapes[:] = list(shapely.from_wkt(list(field.data["geometry"])))
        columns = {name: _column(values) for name, values in field.data.items() if name != "geometry"}
        crs = result.provenance.get("crs")
        found.append(Table(field.name, shapes, columns, crs.partition("+")[0] if crs else None))
    return found


def _write_tables(result: Result, path: Path) -> None:
    from citymodel.formats import geopackage

    found = tables(result)
    if not found:
        raise ParameterError("the result has no tables; write its maps as .tif or .png")
    geopackage.write(found, path)


def _write_csv(result: Result, path: Path, name: str | None) -> list[Path]:
    """The tables without their outlines, and beside them what they were made of."""
    import csv
    import json

    from citymodel.formats.whole_file import whole_file

    chosen = [one for one in tables_of(result) if name in (None, one.name)]
    if not chosen:
        raise ParameterError("the result has no such table; write its maps as .tif or .png")
    written = []
    for one in chosen:
        target = path if len(chosen) == 1 else path.with_name(f"{path.stem}_{one.name}{path.suffix}")
        columns = {key: values for key, values in one.data.items() if key != "geometry"}
        with whole_file(target) as part, part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(
                ["" if isinstance(v, float) and np.isnan(v) else v for v in row]
                for row in zip(*columns.values(), strict=True)
            )
        written.append(target)
    about = path.with_name(f"{path.stem}.about.json")
    facts = {"title": result.title, "notes": list(result.notes), **result.provenance}
    with whole_file(about) as part:
        part.write_text(json.dumps(facts, indent=1, ensure_ascii=False, default=str), encoding="utf-8")
    return [*written, about]


def _column(values: Sequence[Any]) -> Any:
    if any(isinstance(value, str) for value in values):
        return np.array([str(value) for value in values], dtype=object)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
