"""The profile of a protected view along its axis: the ground, the highest tops, and the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.vista.clip import Pieces
from citymodel.analysis.vista.corridor import Corridor
from citymodel.analysis.vista.masses import Masses, pieces_in
from citymodel.triangulate import _spread

F8 = NDArray[np.float64]

STEPS = 1600
"""Steps of the profile; each holds the highest of all that lies in it, so nothing thin is lost."""


def profile_table(
    corridor: Corridor, states: Sequence[Masses], landmark: Masses | None, ground: Any
) -> dict[str, list[float]]:
    """A row a step: distance of its middle, threshold, ground on the axis, and the highest top in the corridor.

    ground : x, y → heights of the ground, NaN unknown; landmark : its own triangles
    """
    step = corridor.end / STEPS
    middle = (np.arange(STEPS) + 0.5) * step
    table = {"distance_m": middle, "threshold_m": corridor.allowed(middle)}
    table["ground_m"] = np.asarray(ground(*corridor.world(middle, 0.0)), dtype=np.float64)
    for name, masses in zip(("base", "scenario"), states, strict=False):
        table[f"top_{name}"] = silhouette(pieces_in(masses, corridor, (0, 2)), step)
    if landmark is not None:
        table["landmark_m"] = silhouette([_whole(landmark, corridor)], step)
    return {name: [float(one) for one in column] for name, column in table.items()}


def _whole(masses: Masses, corridor: Corridor) -> Pieces:
    """The triangles uncut: a landmark may be broader than what is protected of it."""
    corners = corridor.local(masses.corners)
    return Pieces(corners, np.full(len(corners), 3), np.arange(len(corners)))


def silhouette(pieces: Sequence[Pieces], step: float) -> F8:
    """(STEPS,) the highest point of the pieces in each step along the axis, NaN where there is none."""
    top = np.full(STEPS, -np.inf)
    for one in pieces:
        start, end, _ = one.edges()
        flip = start[:, 0] > end[:, 0]
        low, high = np.where(flip[:, None], end, start), np.where(flip[:, None], start, end)
        first = np.floor(low[:, 0] / step).astype(np.int64)
        last = np.floor(high[:, 0] / step).astype(np.int64)
        seen = (last >= 0) & (first < STEPS)
        low, high = low[seen], high[seen]
        first, last = np.clip(first[seen], 0, STEPS - 1), np.clip(last[seen], 0, STEPS - 1)
        at, row = _spread(first, last - first + 1)
        run = np.maximum(high[row, 0] - low[row, 0], 1e-12)
        shares = [np.clip((edge * step - low[row, 0]) / run, 0.0, 1.0) for edge in (at, at + 1)]
        for share in shares:
            np.maximum.at(top, at, low[row, 2] + share * (high[row, 2] - low[row, 2]))
    return np.where(np.isfinite(top), top, np.nan)
