"""Outlines of areas, laid on the ground as lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import actors, colours

F8 = NDArray[np.float64]

SPACING = 2.0
"""Metres between two points at which an outline asks for the ground."""
MOST = 4000
"""Points of all outlines of a layer; long ones get fewer a metre."""
LIFT = 0.35
"""Metres above the ground, so that the land's own surfaces do not cover a line."""

Ground = Callable[[float, float], float | None]


class Outlines:
    """Keeps a plotter's outlines true to the layers of areas last shown."""

    def __init__(self, plotter: Any, density: float) -> None:
        self.plotter, self.density = plotter, density
        self._actors: list[Any] = []

    def show(self, items: tuple[Any, ...], origin: tuple[float, float, float], ground: Ground) -> None:
        """These layers' outlines and no others; ``ground`` tells the local height at a local place."""
        for actor in self._actors:
            self.plotter.renderer.RemoveActor(actor)
        self._actors = [actor for item in items if (actor := self._of(item, origin, ground)) is not None]
        for actor in self._actors:
            self.plotter.renderer.AddActor(actor)

    def _of(self, item: Any, origin: tuple[float, float, float], ground: Ground) -> Any:
        lines = rings_of(item.data.geometry, origin)
        if not lines:
            return None
        points, segments = draped(lines, ground)
        actor = actors.actor_of(actors.polydata(points, segments, "lines"), lit=False)
        actor.GetMapper().SetScalarVisibility(False)
        look = actor.GetProperty()
        look.SetColor(*colours.unit(colours.OUTLINE))
        look.SetLineWidth(2.5 * self.density)
        look.SetOpacity(item.style.opacity)
        actor.SetPickable(False)
        return actor


def rings_of(shapes: Any, origin: tuple[float, float, float]) -> list[F8]:
    """(n, 2) local points of every ring and line of the shapes, with a point at least every few metres."""
    import shapely

    known = [one for one in shapes if one is not None and not one.is_empty]
    parts = [part for one in known for part in shapely.get_parts(shapely.boundary(one) if _flat(one) else one)]
    lines = [one for one in parts if one.geom_type in ("LineString", "LinearRing")]
    length = sum(float(one.length) for one in lines)
    spacing = max(SPACING, length / MOST)
    return [shapely.get_coordinates(shapely.segmentize(one, spacing)) - np.asarray(origin[:2]) for one in lines]


def _flat(shape: Any) -> bool:
    return bool(shape.geom_type in ("Polygon", "MultiPolygon"))


def draped(lines: list[F8], ground: Ground) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(n, 3) points on the ground and (m, 2) segments; where no ground is known a line keeps its last height."""
    points, segments, count = [], [], 0
    for line in lines:
        heights = np.array([np.nan if (z := ground(float(x), float(y))) is None else z for x, y in line])
        known = np.isfinite(heights)
        at = np.arange(len(line))
        heights = np.interp(at, at[known], heights[known]) if known.any() else np.zeros(len(line))
        points.append(np.column_stack([line, heights + LIFT]))
        segments.append(np.column_stack([at[:-1], at[1:]]) + count)
        count += len(line)
    return np.concatenate(points).astype(np.float32), np.concatenate(segments).astype(np.int64)
