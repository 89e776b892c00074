"""Light and rule of given areas on one surface raster, as a table on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.analysis.shadow import counts_of
from citymodel.analysis.sun_state import Light, State
from citymodel.analysis.sun_tables import Hours, area_columns
from citymodel.analysis.suns import suns_of
from citymodel.analysis.zones import area_zones
from citymodel.errors import ParameterError
from citymodel.geo import Frame
from citymodel.layers import Layer
from citymodel.results import Field, Result
from citymodel.surface import Grid

if TYPE_CHECKING:
    from citymodel.analysis.raster_shadow import Crowns, SurfaceFile
    from citymodel.analysis.shadow_parameters import ShadowParameters


def areas_table(
    file: SurfaceFile, areas: Path, table: Path, parameters: ShadowParameters, crowns: Crowns | None = None
) -> list[dict[str, Any]]:
    """Write the areas' table; name, hours and verdict of each.

    The surface holds no terrain of its own, so an area counts with all its cells, roofs included; cells without
    data do not count.
    """
    from citymodel.analysis.export import export_result
    from citymodel.analysis.sun_study import metric_grid
    from citymodel.formats import geopackage, raster

    surface = raster.read(file.path, crs=file.crs)
    if abs(file.cell[0] - file.cell[1]) > 1e-6 * file.cell[0]:
        raise ParameterError(f"{file.path}: tables of areas need square cells; resample it first")
    grid: Grid = metric_grid(surface, str(file.path))
    if file.crs and grid.crs is None:
        grid = Grid(grid.x0, grid.y0, grid.cell, grid.shape, file.crs)
    polygons = geopackage.read(areas)
    if grid.crs is not None:
        polygons = Frame(grid.crs, (0.0, 0.0, 0.0)).bring(polygons)
    zones = area_zones(Layer("areas", areas.stem, "areas", polygons, source=str(areas)), grid)
    if not zones.ids:
        raise ParameterError(f"{areas}: holds no areas; give polygons")
    zones = zones._replace(number=np.where(np.isfinite(np.asarray(surface)), zones.number, -1).astype(np.int32))
    crown = None
    if crowns is not None:
        as_given = {"trees": "leaves", "transmissivity_leaves": crowns.transmissivity, "trunk_share": crowns.trunk}
        parameters = parameters.model_copy(update=as_given)
        found = crowns.over(surface, np.asarray(surface, dtype=np.float32), "cpu")
        crown = None if found is None else np.asarray(found.top)
    suns = suns_of(grid, parameters)
    state = State("base", grid, surface, surface, crown)
    light = Light(state, suns, parameters)
    value = light.record().hours
    counts = counts_of([light], [zones], len(suns.clock))
    columns = area_columns(zones, grid, [Hours(value, value, value)], counts[0], suns, parameters)
    facts = {"parameters": parameters.model_dump(mode="json"), "crs": grid.crs, "surface": str(file.path)}
    result = Result("shadow", "Sun on areas", {"by_area": Field("by_area", "Sun on areas", "h", columns)}, facts)
    export_result(result, table)
    names = ("id", "area_m2", "mean_hours_base", "share_enough_base", "verdict_base")
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name] for name in names), strict=True)]
