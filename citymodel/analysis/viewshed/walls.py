"""Seeing past upright walls: rays against the model's triangles over the terrain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.occluders import Occluders, Origin
from citymodel.analysis.on_device import fetched
from citymodel.jobs import Progress, silent
from citymodel.surface.grid import Grid

if TYPE_CHECKING:
    from kernels.rays import RayMesh
    from kernels.viewshed import Eye, PreparedView, Sight

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]

LIFT, SHORT = 0.02, 0.05
"""Metres by which a target lies above its surface, and by which a ray ends before it: it is not its own obstacle."""
AT_ONCE = 400_000
"""Rays between two calls of progress."""
SINGLY = 500
"""Roofs at the most whose ground is asked line by line; for more, all heights are found at once."""


@dataclass(frozen=True, eq=False, slots=True)
class Walls:
    """One state of the city as terrain and triangles.

    meshes : all to be asked; terrain : the bare ground, ready for many eyes; surface : the raster of what lies on top,
    ready too: its limits and targets are those of the other surface
    dsm, dtm : (rows, columns) float32, metres
    """

    meshes: Sequence[RayMesh]
    terrain: PreparedView
    surface: PreparedView
    dsm: F4
    dtm: F4
    grid: Grid
    origin: Origin
    device: str

    def visible(self, eye: Eye, sight: Sight, progress: Progress = silent) -> tuple[U1, U1]:
        """The codes of the kernels by terrain and triangles, and those by the raster.

        The ground hides by the exact sight lines over its raster, curved Earth included; what stands on it hides by
        straight rays.
        """
        from kernels.viewshed import HIDDEN, VISIBLE

        raster = np.asarray(fetched(self.surface.visible(eye, sight, lambda s: progress(0.2 * s))), np.uint8)
        codes = raster.copy()
        asked = codes <= VISIBLE
        bare = fetched(self.terrain.visible(eye, _unlimited(sight), lambda s: progress(0.2 + 0.2 * s)))
        hidden = np.asarray(bare) == HIDDEN  # not where the ground is unknown: there it hides nothing
        raised = self.dsm > self.dtm
        codes[asked] = HIDDEN
        rows, columns = np.nonzero(asked & (~hidden | raised))
        free = ~self._blocked(eye, sight, rows, columns, progress)
        rows, columns = rows[free], columns[free]
        over = hidden[rows, columns]  # a roof or a crown whose foot the ground hides
        if not (self.dsm < self.dtm).any():
            over &= raster[rows, columns] != VISIBLE  # what is seen over the whole surface, the ground hides the less
        over[over] = ~self._rises(eye, sight, rows[over], columns[over], progress)
        codes[rows[~over], columns[~over]] = VISIBLE
        own = round(eye.row), round(eye.col)
        if 0 <= own[0] < codes.shape[0] and 0 <= own[1] < codes.shape[1] and asked[own]:
            codes[own] = VISIBLE
        return codes, raster

    def _rises(self, eye: Eye, sight: Sight, rows: Any, columns: Any, progress: Progress) -> NDArray[np.bool_]:
        """Whether what stands on the cells rises above the ground before it."""
        above = self.dsm[rows, columns] - self.dtm[rows, columns] + np.float32(sight.target)
        if len(rows) > SINGLY:
            bare = fetched(self.terrain.height(eye, _unlimited(sight), lambda s: progress(0.9 + 0.1 * s)))
            return np.asarray(np.asarray(bare, np.float32)[rows, columns] <= above)
        found = np.zeros(len(rows), dtype=bool)
        for k, (row, column, high) in enumerate(zip(rows.tolist(), columns.tolist(), above.tolist(), strict=True)):
            found[k] = self.terrain.line(eye, row, column, replace(sight, target=high)).visible
        return found

    def _blocked(self, eye: Eye, sight: Sight, rows: Any, columns: Any, progress: Progress) -> NDArray[np.bool_]:
        """Whether a triangle stands between the eye and each target."""
        from kernels.device import to_device

        grid = self.grid
        start = np.array([
            grid.x0 + (eye.col + 0.5) * grid.cell, grid.y0 - (eye.row + 0.5) * grid.cell, eye.height
        ]) - np.asarray(self.origin)  # fmt: skip
        found = np.zeros(len(rows), dtype=bool)
        for first in range(0, len(rows), AT_ONCE):
            progress(0.4 + 0.5 * first / max(len(rows), 1))
            some = slice(first, first + AT_ONCE)
            ends = np.stack([grid.x[columns[some]], grid.y[rows[some]], self.dsm[rows[some], columns[some]]], axis=1)
            ends[:, 2] += sight.target + LIFT
            towards = ends - np.asarray(self.origin) - start
            length = np.linalg.norm(towards, axis=1, keepdims=True)
            towards *= np.maximum(1.0 - SHORT / np.maximum(length, SHORT), 0.0)
            rays = to_device(towards.astype(np.float32), self.device)
            eyes = to_device(np.broadcast_to(start.astype(np.float32), towards.shape).copy(), self.device)
            for mesh in self.meshes:
                found[some] |= fetched(mesh.occluded(eyes, rays, 0.0, 1.0)).astype(bool)
        return found


def _unlimited(sight: Sight) -> Sight:
    """The same sight without limits of direction: those are asked of the targets, not of the ground."""
    return replace(sight, azimuth=None, pitch=None, nearest=0.0)


def neglected(sight: Sight, farthest: float) -> float:
    """Metres by which straight rays pass too high over an obstacle half way to the farthest target, at the most."""
    return float(sight.bend * farthest**2 / 4)


def meshes_of(occluders: Occluders, number: int) -> list[RayMesh]:
    """The meshes of a state that have triangles."""
    return [one for one in occluders.states()[number] if one.triangles]
