"""Picking: a ray through the picture to a layer, an object and a point on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from citymodel.model import CityModel


@dataclass(frozen=True, slots=True)
class Pick:
    """What a ray met first.

    object, surface, polygon : rows of the model, −1 where the layer has no objects
    point : row of a result's table of points, −1 elsewhere
    position : local coordinates, metres
    """

    layer_id: str
    object: int
    object_id: str
    surface: int
    polygon: int
    position: tuple[float, float, float]
    point: int = -1


class Target:
    """A mesh that rays can meet; its locator is built when first needed, or by ``prepare`` in a worker."""

    def __init__(self, layer_id: str, mesh: Any, model: CityModel | None, rows: tuple[NDArray[np.int32], ...]) -> None:
        self.layer_id, self.mesh, self.model, self.rows = layer_id, mesh, model, rows
        self._locator: Any = None

    def prepare(self) -> None:
        """Build the locator; 0.2 s for 100,000 triangles."""
        if self._locator is None:
            from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkStaticCellLocator

            shape = vtkPolyData()  # of its own: the locator is built anew whenever its mesh is touched, by colours too
            shape.SetPoints(self.mesh.GetPoints())
            shape.SetPolys(self.mesh.GetPolys())
            locator = vtkStaticCellLocator()
            locator.SetDataSet(shape)
            locator.BuildLocator()
            self._locator = locator

    def meet(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> tuple[float, Pick] | None:
        """Share of the way from start to end, and what is there."""
        from vtkmodules.vtkCommonCore import mutable

        self.prepare()
        share, sub, cell = cast(Any, mutable(0.0)), mutable(0), cast(Any, mutable(-1))
        where, inside = [0.0] * 3, [0.0] * 3
        if not self._locator.IntersectWithLine(start, end, 1e-6, share, where, inside, sub, cell):
            return None
        number = int(cell)
        row, surface, polygon = (int(one[number]) for one in self.rows) if self.rows else (-1, -1, -1)
        name = self.model.objects.ids[row] if self.model is not None and row >= 0 else ""
        pick = Pick(self.layer_id, row, name, surface, polygon, (where[0], where[1], where[2]))
        return float(share), self._named(number, pick)

    def _named(self, cell: int, pick: Pick) -> Pick:
        """The pick as the layer of the cell names it."""
        return pick


def nearest(targets: list[Target], start: NDArray[np.float64], end: NDArray[np.float64]) -> Pick | None:
    """What the ray from start to end meets first."""
    found = [met for met in (target.meet(start, end) for target in targets) if met is not None]
    return min(found, key=lambda met: met[0])[1] if found else None


def ray(renderer: Any, x: float, y: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line through a display point (pixels from the lower left), from the near plane to the far plane."""
    ends = []
    for depth in (0.0, 1.0):
        renderer.SetDisplayPoint(x, y, depth)
        renderer.DisplayToWorld()
        world = np.array(renderer.GetWorldPoint(), dtype=np.float64)
        ends.append(world[:3] / world[3])
    return ends[0], ends[1]


def display(renderer: Any, point: tuple[float, float, float]) -> tuple[float, float]:
    """Display point, pixels from the lower left, of a local place."""
    renderer.SetWorldPoint(*point, 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    return float(x), float(y)
