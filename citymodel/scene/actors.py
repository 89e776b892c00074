"""Actors: tiles, sheets and points as VTK meshes that can be recoloured and draped in place."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import colours, values
from citymodel.scene.drape import Drape
from citymodel.scene.light import AMBIENT
from citymodel.scene.meshes import Sheet, Tile
from citymodel.scene.state import ABOVE, PROPOSED, REMOVED, SELECTED, Item

U1 = NDArray[np.uint8]
QUIET = 0.72  # share of paper white that a draped result lays on the colours beneath
MARKS = {ABOVE: colours.ABOVE, SELECTED: colours.ACCENT, PROPOSED: colours.PROPOSED, REMOVED: colours.REMOVED}


def polydata(points: NDArray[np.float32], faces: NDArray[Any], kind: str = "polys") -> Any:
    """vtkPolyData of (n, 3) points and (m, k) faces, lines or vertices."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    mesh, place, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    place.SetData(numpy_to_vtk(np.ascontiguousarray(points, dtype=np.float32), deep=True))
    mesh.SetPoints(place)
    count, corners = faces.shape
    offsets = np.arange(0, count * corners + 1, corners, dtype=np.int64)
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True),
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(faces, dtype=np.int64).ravel(), deep=True),
    )
    {"polys": mesh.SetPolys, "lines": mesh.SetLines, "verts": mesh.SetVerts}[kind](cells)
    return mesh


def set_colours(mesh: Any, colour: U1, of: str) -> None:
    """Give cells or points their (n, 3) uint8 colours."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    array = numpy_to_vtk(np.ascontiguousarray(colour), deep=True)
    array.SetName("colour")
    (mesh.GetCellData() if of == "cells" else mesh.GetPointData()).SetScalars(array)
    mesh.Modified()


def set_drape_coordinates(mesh: Any, uv: NDArray[np.float32]) -> None:
    """Give points their (n, 2) texture coordinates."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    array = numpy_to_vtk(np.ascontiguousarray(uv, dtype=np.float32), deep=True)
    array.SetName("drape")
    mesh.GetPointData().SetTCoords(array)
    mesh.Modified()


def forget_drape_coordinates(mesh: Any) -> None:
    """Take the texture coordinates away with the texture: in a window VTK draws black what has them and no picture."""
    if mesh.GetPointData().GetTCoords() is not None:
        mesh.GetPointData().SetTCoords(None)
        mesh.Modified()


def actor_of(mesh: Any, of: str = "cells", *, flat: bool = True, lit: bool = True) -> Any:
    """An actor that shows the mesh's own colours, matt."""
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    mapper = vtkPolyDataMapper()
    mapper.SetInputData(mesh)
    mapper.SetScalarVisibility(True)
    mapper.SetColorModeToDirectScalars()
    if of == "cells":
        mapper.SetScalarModeToUseCellData()
    else:
        mapper.SetScalarModeToUsePointData()
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetAmbient(AMBIENT if lit else 0.0)  # without lighting VTK would add it to the full colour
    look.SetDiffuse(1.0)
    look.SetLighting(lit)
    look.SetSpecular(0.0)
    if flat:
        look.SetInterpolationToFlat()
    else:
        look.SetInterpolationToPhong()
    return actor


def patch_actor(mesh: Any) -> Any:
    """An actor of patches on walls: pure colours, drawn before the wall however far away, not seen from behind."""
    actor = actor_of(mesh, lit=False)
    actor.GetProperty().BackfaceCullingOn()  # else those behind a ridge would shine through
    actor.GetMapper().SetRelativeCoincidentTopologyPolygonOffsetParameters(-1.0, -4.0)
    return actor


def texture_of(drape: Drape) -> Any:
    """The drape as a texture; beyond its edges it is white, which changes nothing."""
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkRenderingCore import vtkTexture

    image = vtkImageData()
    rows, cols = drape.image.shape[:2]
    image.SetDimensions(cols, rows, 1)
    texture = vtkTexture()
    texture.SetInputData(image)
    repaint(texture, drape)
    texture.SetColorModeToDirectScalars()
    texture.SetWrap(vtkTexture.ClampToBorder)
    texture.SetBorderColor(1.0, 1.0, 1.0, 1.0)
    texture.SetInterpolate(not drape.replaces)
    return texture


def repaint(texture: Any, drape: Drape) -> None:
    """Put another picture of the same size onto a texture."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    rows = np.ascontiguousarray(drape.image[::-1]).reshape(-1, drape.image.shape[2])
    array = numpy_to_vtk(rows)  # keeps the NumPy array alive
    array.SetName("drape")
    image = texture.GetInput()
    image.GetPointData().SetScalars(array)
    image.Modified()


def drape_coordinates(points: NDArray[np.float32], drape: Drape, origin: tuple[float, ...]) -> NDArray[np.float32]:
    """(n, 2) texture coordinates of local points."""
    x0, y0, x1, y1 = drape.bounds
    low = np.array([x0 - origin[0], y0 - origin[1]])
    return np.asarray((points[:, :2] - low) / np.array([x1 - x0, y1 - y0]), dtype=np.float32)


def tile_coordinates(tile: Tile, drape: Drape, origin: tuple[float, ...]) -> NDArray[np.float32]:
    """The same for a tile; walls lie outside the drape.

    Corners move 2 % towards their triangle's middle: a roof's edge would else take the colour of the
    cell beyond it, down in the street.
    """
    corners = tile.points.reshape(-1, 3, 3)
    inner = corners + 0.02 * (corners.mean(axis=1, keepdims=True) - corners)
    uv = drape_coordinates(inner.reshape(-1, 3), drape, origin)
    uv[np.repeat(~tile.level, 3)] = -9.0
    return uv


def tile_colours(tile: Tile, item: Item) -> U1:
    """(t, 3) uint8 colours of a tile of a city model, marks last."""
    by = item.style.colour_by
    colour = colours.category_table()[tile.category]
    if by not in ("", "surface-type", "value"):
        chosen = values.object_colours(item.data, by, item.style.range)[np.maximum(tile.object, 0)]
        known = values.known(values.of_objects(item.data, by))[np.maximum(tile.object, 0)] & (tile.object >= 0)
        kept = ~known | (tile.category == colours.CODE["opening"])
        wall = (tile.category == colours.CODE["wall"])[:, None]
        chosen = np.where(wall, chosen * 0.35 + 0.65 * np.array(colours.rgb(colours.PAPER)), chosen).astype(np.uint8)
        colour = np.where(kept[:, None], colour, chosen)
    if item.quiet:
        paper = np.array(colours.rgb(colours.PAPER)) * QUIET
        colour = np.where(tile.level[:, None], colour * (1.0 - QUIET) + paper, colour).astype(np.uint8)
    code = marked(item)[tile.object] if item.marks else np.zeros(0)
    for number, mark in enumerate(MARKS):
        hit = code == number
        if hit.any():
            strong = np.array(colours.rgb(MARKS[mark]), dtype=np.float64)
            shade = np.where((tile.category == colours.CODE["wall"])[:, None], strong * 0.6 + 0.4 * 255, strong)
            colour = np.where(hit[:, None], shade, colour).astype(np.uint8)
    return np.asarray(colour, dtype=np.uint8)


@lru_cache(maxsize=4)
def marked(item: Item) -> NDArray[np.int64]:
    """(objects + 1,) place in ``MARKS`` of each object's mark or its parent's, −1 for none and for no object."""
    objects = item.data.objects
    codes = {name: number for number, name in enumerate(MARKS)}
    wanted = {object_id: codes[mark] for object_id, mark in item.marks}
    found = np.fromiter((wanted.get(name, -1) for name in objects.ids), dtype=np.int64, count=len(objects))
    for _ in range(16):
        more = np.where((found < 0) & (objects.parent >= 0), found[np.maximum(objects.parent, 0)], found)
        if (more == found).all():
            break
        found = more
    return np.append(found, -1)


def sheet_colours(sheet: Sheet, item: Item | None, span: tuple[float, float]) -> U1:
    """(n, 3) uint8 colours of a raster's points: by class, or muted: land by height, roofs and walls by slope."""
    height = sheet.points[:, 2]
    if item is not None and item.style.range is not None:
        return colours.by_class(height, colours.breaks(*item.style.range))
    if item is None:
        return np.tile(np.array(colours.rgb(colours.BASE), dtype=np.uint8), (len(height), 1))
    share = np.clip((height - span[0]) / max(span[1] - span[0], 1e-6), 0.0, 1.0)[:, None]
    stops = ("#c3c6ac", "#d8d4c2") if item.kind == "terrain" else ("#cdc8b8", "#e9ded2")
    low, high = (np.array(colours.rgb(one), dtype=np.float64) for one in stops)
    colour = low + share * (high - low)
    if item.kind == "surface":
        steep = np.clip((0.8 - sheet.normals[:, 2]) / 0.5, 0.0, 1.0)[:, None]
        colour = colour + steep * (np.array(colours.rgb("#faf5ec")) - colour)
    if item.quiet:
        colour = colour * (1.0 - QUIET) + np.array(colours.rgb(colours.PAPER)) * QUIET
    return np.asarray(colour, dtype=np.uint8)


def point_colours(cloud: Any, rows: NDArray[np.int64], by: str, limits: tuple[float, float] | None) -> U1:
    """(n, 3) uint8 colours of the chosen returns."""
    columns = cloud.columns
    if by == "rgb" and "rgb" in columns:
        raw = np.asarray(columns["rgb"])[rows]
        return np.asarray(raw >> 8 if raw.size and raw.max() > 255 else raw, dtype=np.uint8)
    if by == "intensity" and "intensity" in columns:
        low, high = limits or values.spread(columns["intensity"])
        share = np.clip((np.asarray(columns["intensity"])[rows] - low) / max(high - low, 1.0), 0.0, 1.0)
        return np.repeat((50 + 195 * np.sqrt(share)).astype(np.uint8)[:, None], 3, axis=1)
    if by == "height" or "classification" not in columns:
        found = values.point_heights(cloud) if limits is None else np.array(limits)
        return colours.by_class(cloud.coordinates(rows)[:, 2], colours.breaks(float(found[0]), float(found[1])))
    return colours.class_table()[np.asarray(columns["classification"], dtype=np.uint8)[rows]]


def edge_lines(tile: Tile, angle: float = 35.0) -> Any:
    """The sharp edges of a tile's buildings as lines, None where there are none."""
    from vtkmodules.vtkFiltersCore import vtkCleanPolyData, vtkFeatureEdges

    built = np.isin(tile.category, [colours.CODE[name] for name in ("roof", "wall", "bridge", "opening")])
    if not built.any():
        return None
    points = tile.points.reshape(-1, 3, 3)[built].reshape(-1, 3)
    clean = vtkCleanPolyData()
    clean.SetInputData(polydata(points, np.arange(len(points)).reshape(-1, 3)))
    clean.SetToleranceIsAbsolute(True)
    clean.SetAbsoluteTolerance(0.002)
    clean.ConvertPolysToLinesOff()
    edges = vtkFeatureEdges()
    edges.SetInputConnection(clean.GetOutputPort())
    edges.SetFeatureAngle(angle)
    edges.BoundaryEdgesOff()
    edges.NonManifoldEdgesOff()
    edges.ManifoldEdgesOff()
    edges.ColoringOff()
    edges.Update()
    return edges.GetOutput() if edges.GetOutput().GetNumberOfLines() else None
