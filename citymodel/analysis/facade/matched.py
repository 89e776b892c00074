"""The façade points of base and scenario: those of unchanged faces once, and which are there in each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.occluders import Origin
from citymodel.analysis.facade.points import FacadePoints, facade_points, joined
from citymodel.errors import MissingPart, ParameterError
from citymodel.jobs import Progress, part_of
from citymodel.layers import Layer
from citymodel.scenario import Scenario, apply

Mask = NDArray[np.bool_]

SAME = 0.05
"""Metres within which a point of the scenario is the base's."""


def points_of_both(
    layers: Sequence[Layer], scenario: Scenario | None, origin: Origin, kinds: Collection[str], spacing: float,
    storey_height: float, job: Progress,
) -> tuple[FacadePoints, list[Mask]]:  # fmt: skip
    """The points of both states, those of unchanged faces once, and which are there in each."""
    asked = kinds, spacing, storey_height
    base = facade_points(layers, origin, *asked, progress=part_of(job, 0.0, 0.5 if scenario else 1.0))
    if not len(base) and not scenario:
        raise ParameterError(f"the city model has no {', '.join(kinds)} to put points on; choose other kinds")
    if scenario is None:
        return base, [np.ones(len(base), dtype=bool)]
    after = facade_points(apply(scenario, tuple(layers)), origin, *asked, progress=part_of(job, 0.5, 0.5))
    there, fresh = _matched(base, after)
    added = after.take(np.flatnonzero(fresh))
    both = joined([base, added])
    before = np.arange(len(both)) < len(base)
    return both, [before, np.concatenate([there, np.ones(len(added), dtype=bool)])]


def _matched(base: FacadePoints, after: FacadePoints) -> tuple[Mask, Mask]:
    """Which points of the base are in the scenario too, and which of the scenario's are new."""
    from scipy.spatial import cKDTree

    there, fresh = np.zeros(len(base), dtype=bool), np.ones(len(after), dtype=bool)
    if len(base) and len(after):
        distance, row = cKDTree(base.xyz).query(after.xyz, distance_upper_bound=SAME)
        near = np.flatnonzero(np.isfinite(distance))
        row = row[near]
        same = (base.building[row] == after.building[near]) & (base.layer[row] == after.layer[near])
        same &= (base.kind[row] == after.kind[near]) & (
            np.einsum("ij,ij->i", base.normal[row], after.normal[near]) > 0.99
        )
        there[row[same]] = True
        fresh[near[same]] = False
    return there, fresh


def covered(points: FacadePoints, present: list[Mask]) -> Mask | None:
    """Points of the base that lost their face to a neighbour, while their building still stands."""
    if len(present) < 2:
        return None
    standing = set(zip(points.layer[present[1]], points.building[present[1]], strict=True))
    stays = np.array([one in standing for one in zip(points.layer, points.building, strict=True)], dtype=bool)
    return np.asarray(present[0] & ~present[1] & stays)


def device_of(asked: str) -> str:
    """ "cpu" or "gpu" for what was asked for; auto is the GPU where there is one."""
    from kernels.device import devices

    gpu = any(one.name.startswith("gpu") for one in devices())
    if asked == "gpu" and not gpu:
        raise MissingPart("no GPU to compute on; install the extra cuda12 or cuda13 and a driver, or use --device cpu")
    return "gpu" if gpu and asked != "cpu" else "cpu"
