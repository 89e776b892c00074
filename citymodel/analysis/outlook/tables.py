"""Shares of the view in tables: by place, or by façade point, storey and building, and all of it in a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade import groups as grouped
from citymodel.analysis.facade.groups import Groups, plain
from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.tables import STATES, point_table
from citymodel.analysis.outlook.fan import Fan
from citymodel.legends_view import SIGHTS

F8 = NDArray[np.float64]
Tables = dict[str, tuple[str, dict[str, list[Any]]]]

NAMES = (*(one[0] for one in SIGHTS), "open")
WORDS = (*(one[1] for one in SIGHTS), "open to the distance")


def of_places(xyz: F8, heading: F8, found: Sequence[F8], fan: Fan) -> Tables:
    """The tables of places to look from."""
    marks = [f"POINT Z ({x:.2f} {y:.2f} {z:.2f})" for x, y, z in xyz]
    table: dict[str, list[Any]] = {"id": [f"place {k + 1}" for k in range(len(xyz))], "z": plain(xyz[:, 2], 2)}
    if fan.width < 360.0:
        table["heading"] = plain(np.degrees(heading) % 360.0, 1)
    table |= _columns(found) | {"geometry": marks}
    whole = np.ones(len(xyz))
    return {
        "summary": ("The view in short", _summary(found, whole, fan, marks[0])),
        "by_place": ("The view by place", table),
    }


def of_points(points: FacadePoints, found: Sequence[F8]) -> Tables:
    """The tables of façades."""
    measures = {f"outlook_{name}": [one[:, k] for one in found] for k, name in enumerate(NAMES)}
    by_building, by_storey = grouped.buildings(points), grouped.storeys(points)
    mark = grouped.middles(points, by_building)[0]
    return {
        "summary": ("The view in short", _summary(found, points.area, None, mark)),
        "facade_points": ("The view from each place", point_table(points, measures)),
        "by_building": ("The view by building", _means(points, by_building, found, by_storey=False)),
        "by_storey": ("The view by storey", _means(points, by_storey, found, by_storey=True)),
    }


def _means(points: FacadePoints, groups: Groups, found: Sequence[F8], *, by_storey: bool) -> dict[str, list[Any]]:
    """Means weighted by area."""
    table = grouped.identity(points, groups, by_storey=by_storey)
    means = []
    for one in found:
        known = np.isfinite(one[:, 0])
        total = groups.sum(points.area, known)
        sums = [groups.sum(points.area * np.nan_to_num(one[:, k]), known) for k in range(len(NAMES))]
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append(np.stack([np.where(total > 0, s / total, np.nan) for s in sums], axis=1))
    table |= _columns(means)
    table["points"] = plain(groups.number(np.ones(len(points), dtype=bool)))
    return table | {"geometry": grouped.middles(points, groups)}


def _columns(found: Sequence[F8]) -> dict[str, list[Any]]:
    """A column a class and state, and the change."""
    table: dict[str, list[Any]] = {}
    for k, name in enumerate(NAMES):
        for state, one in zip(STATES, found, strict=False):
            table[f"outlook_{name}_{state}"] = plain(one[:, k], 5)
        if len(found) == 2:
            table[f"outlook_{name}_difference"] = plain(found[1][:, k] - found[0][:, k], 5)
    return table


def _summary(found: Sequence[F8], weight: F8, fan: Fan | None, mark: str) -> dict[str, list[Any]]:
    """Means of all, a row a class; of places also the solid angle."""
    table: dict[str, list[Any]] = {"seen": [words[:1].upper() + words[1:] for words in WORDS]}
    means = []
    for one in found:
        known = np.isfinite(one[:, 0])
        total = max(float(weight[known].sum()), 1e-12)
        means.append((one[known] * weight[known, None]).sum(axis=0) / total)
    for state, mean in zip(STATES, means, strict=False):
        table[f"share_of_view_{state}"] = plain(mean, 5)
        if fan is not None:
            table[f"steradians_{state}"] = plain(mean * fan.steradians, 4)
    if len(means) == 2:
        table["share_of_view_difference"] = plain(means[1] - means[0], 5)
    return table | {"geometry": [mark] * len(WORDS)}
