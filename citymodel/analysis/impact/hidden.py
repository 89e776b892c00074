"""What a proposal newly hides: two viewsheds from each viewpoint, without it and with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.jobs import Progress, silent
from citymodel.surface.grid import Grid

if TYPE_CHECKING:
    from kernels.viewshed import Eye, Sight

F4 = NDArray[np.float32]
Mask = NDArray[np.bool_]

HIDDEN_AS_BEFORE, SEEN_AS_BEFORE, NEWLY_HIDDEN, NEWLY_SEEN = range(4)
WITHIN = 0.5
"""Metres below the surface at which an eye is inside something."""


def viewpoints(
    terrain: F4, surface: F4, grid: Grid, places: Sequence[Sequence[float]], eye: float
) -> list[Eye]:  # fmt: skip
    """The eyes at x, y and perhaps z of their own; refused outside the data and inside a building.

    surface : with the proposal; eye : metres above the terrain
    """
    from kernels.viewshed import Eye, ground_at

    found = []
    for place in places:
        row, column = (grid.y0 - place[1]) / grid.cell - 0.5, (place[0] - grid.x0) / grid.cell - 0.5
        ground = float(ground_at(terrain, row, column))
        where = f"the viewpoint {place[0]:.1f} {place[1]:.1f}"
        if not np.isfinite(ground):
            raise ParameterError(f"{where} lies outside the data, or on a hole; choose a place on the ground")
        height = float(place[2]) if len(place) == 3 else ground + eye
        top = float(surface[round(row), round(column)])
        if height < top - WITHIN:
            raise ParameterError(
                f"{where} lies {top - height:.1f} m below the surface there, inside a building or under a tree; "
                f"stand beside it, or give its height: {top + eye:.1f}"
            )
        found.append(Eye(row, column, height))
    return found


def newly_hidden(
    surfaces: tuple[F4, F4], grid: Grid, eyes: Sequence[Eye], sight: Sight, device: str, progress: Progress = silent
) -> tuple[F4, dict[str, list[Any]]]:  # fmt: skip
    """(rows, columns) float32 codes of what all viewpoints together see, NaN unknown; and a row a viewpoint.

    surfaces : of the base and of the scenario
    """
    from kernels.device import to_device
    from kernels.viewshed import VISIBLE, prepare_view

    before, after = (np.ascontiguousarray(one, np.float32) for one in surfaces)
    views = [prepare_view(to_device(one, device), grid.cell) for one in (before, after)]
    seen = [np.zeros(grid.shape, dtype=bool) for _ in views]
    new = np.abs(np.nan_to_num(after - before)) > WITHIN  # other things stand there: no view of them to compare
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "eye_m", "seen_m2", "hidden_m2", "opened_m2", "geometry")}
    for number, eye in enumerate(eyes):
        found = []
        for k, view in enumerate(views):
            progress((number + k / 2) / len(eyes), "what the proposal hides")
            codes = to_device(view.visible(eye, sight), "cpu")
            found.append((codes == VISIBLE) & ~new)
            seen[k] |= found[k]
        square = grid.cell**2
        x, y = grid.x0 + (eye.col + 0.5) * grid.cell, grid.y0 - (eye.row + 0.5) * grid.cell
        values = (
            f"viewpoint {number + 1}", eye.height, found[0].sum() * square, (found[0] & ~found[1]).sum() * square,
            (found[1] & ~found[0]).sum() * square, f"POINT Z ({x:.2f} {y:.2f} {eye.height:.2f})",
        )  # fmt: skip
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value if isinstance(value, str) else round(float(value), 2))
    code = np.select(
        [seen[0] & seen[1], seen[0], seen[1]], [SEEN_AS_BEFORE, NEWLY_HIDDEN, NEWLY_SEEN], HIDDEN_AS_BEFORE
    ).astype(np.float32)
    code[new | ~np.isfinite(before)] = np.nan
    return code, rows
