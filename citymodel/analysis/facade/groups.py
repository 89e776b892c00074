"""Façade points by storey and by building: who is in a group, and sums, extremes and shares over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.homes import owners
from citymodel.analysis.facade.points import FacadePoints

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Groups(NamedTuple):
    """Groups of façade points.

    group : (n,) each point's; first : (g,) a point of each; building : (g,) number of each one's building
    """

    group: I8
    first: I8
    building: I8

    def __len__(self) -> int:
        return len(self.first)

    def any(self, use: Mask) -> Mask:
        """(g,) whether a point of the group is marked."""
        return self.number(use) > 0

    def number(self, use: Mask) -> I8:
        """(g,) marked points."""
        return np.bincount(self.group[use], minlength=len(self))

    def sum(self, values: F8, use: Mask) -> F8:
        """(g,) over the marked points."""
        return np.bincount(self.group[use], values[use], len(self)).astype(np.float64)

    def most(self, values: F8) -> F8:
        """(g,) the largest value that is there, NaN where none is."""
        return self._extreme(values, np.maximum, -np.inf)

    def least(self, values: F8) -> F8:
        """(g,) the smallest value that is there, NaN where none is."""
        return self._extreme(values, np.minimum, np.inf)

    def _extreme(self, values: F8, of: Any, start: float) -> F8:
        found = np.full(len(self), start)
        known = np.isfinite(values)
        of.at(found, self.group[known], values[known])
        return np.where(np.isfinite(found), found, np.nan)


def storeys(points: FacadePoints) -> Groups:
    """The points by building and storey."""
    owner, _ = owners(points)
    _, first, group = np.unique(
        np.stack([owner, points.storey], axis=1), axis=0, return_index=True, return_inverse=True
    )
    return Groups(np.asarray(group.ravel(), np.int64), np.asarray(first, np.int64), owner[first])


def buildings(points: FacadePoints) -> Groups:
    """The points by building."""
    owner, _ = owners(points)
    _, first = np.unique(owner, return_index=True)
    return Groups(owner, np.asarray(first, np.int64), owner[first])


def identity(points: FacadePoints, groups: Groups, *, by_storey: bool) -> dict[str, list[Any]]:
    """Who the groups are; ``geometry`` has to come last in a table, so it is ``middles``."""
    table: dict[str, list[Any]] = {
        "id": points.building[groups.first].tolist(), "layer": points.layer[groups.first].tolist()
    }  # fmt: skip
    if by_storey:
        table |= {
            "storey": points.storey[groups.first].tolist(),
            "floor": np.round(groups.least(points.floor), 3).tolist(),
        }
    return table


def middles(points: FacadePoints, groups: Groups) -> list[str]:
    """WKT of the middle of each group's points."""
    count = np.maximum(np.bincount(groups.group, minlength=len(groups)), 1)
    xyz = [np.bincount(groups.group, points.xyz[:, k], len(groups)) / count for k in range(3)]
    return [f"POINT Z ({x:.2f} {y:.2f} {z:.2f})" for x, y, z in zip(*xyz, strict=True)]


def plain(values: Any, digits: int = 4) -> list[Any]:
    """A column of a table: rounded, as Python's own numbers."""
    array = np.asarray(values)
    return list((np.round(array, digits) if array.dtype.kind == "f" else array).tolist())


def ordered(table: Mapping[str, list[Any]], by: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """The rows sorted by the first of the given columns, then the second, and so on."""
    order = sorted(range(len(by[0])), key=lambda row: tuple(column[row] for column in by))
    return {name: [column[row] for row in order] for name, column in table.items()}
