"""Who sees a proposal, in tables: façade points, storeys, buildings, homes, and square metres of ground by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade import addresses
from citymodel.analysis.facade import groups as grouped
from citymodel.analysis.facade.groups import Groups, plain
from citymodel.analysis.facade.homes import up_to
from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.sight import Seen
from citymodel.analysis.facade.tables import point_table
from citymodel.legends_view import METRES
from citymodel.results import LegendClass

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
MEASURES = ("metres", "share", "vertical", "horizontal")


def values_of(found: Seen) -> dict[str, F8]:
    """What is told of each point."""
    return {"metres": found.height, "share": found.share, "vertical": found.vertical, "horizontal": found.horizontal}


def points_of(points: FacadePoints, found: Seen, away: F8, homes: F8) -> dict[str, list[Any]]:
    """The table of the façade points."""
    who = point_table(points, {})
    place = who.pop("geometry")
    who |= {"away_m": plain(away, 1), "storey_homes": plain(homes, 2)}
    numbers = {f"proposal_{name}_scenario": plain(values) for name, values in values_of(found).items()}
    return who | numbers | {"geometry": place}


def group_table(
    points: FacadePoints, groups: Groups, found: Seen, away: F8, homes: F8, least: float,
    known: Mapping[tuple[str, str], str], *, by_storey: bool,
) -> dict[str, list[Any]]:  # fmt: skip
    """The table of storeys or of buildings: how many are affected, and the most that one of their points sees.

    Those that see most come first; known : addresses of buildings
    """
    table = grouped.identity(points, groups, by_storey=by_storey)
    table |= addresses.column(table, known)
    sees = found.height >= least
    table |= {"away_m": plain(groups.least(away), 1), "proposal_class": _words(groups.most(found.height))}
    if by_storey:
        table["homes"] = plain(homes[groups.first], 2)
    else:
        inner = grouped.storeys(points)
        affected, on_storey, n = inner.any(sees), homes[inner.first], len(groups)
        counted = groups.any(np.isfinite(homes))
        for name, use in (("", np.ones(len(inner), dtype=bool)), ("_affected", affected)):
            table[f"storeys{name}"] = plain(np.bincount(inner.building[use], minlength=n))
            total = np.bincount(inner.building[use], np.nan_to_num(on_storey[use]), n)
            table[f"homes{name}"] = plain(np.where(counted, total, np.nan), 2)
    for name, values in values_of(found).items():
        table[f"proposal_{name}_most"] = plain(groups.most(values))
    table["area_m2"] = plain(groups.sum(points.area, np.ones(len(points), bool)), 1)
    table["area_affected_m2"] = plain(groups.sum(points.area, sees), 1)
    table["geometry"] = grouped.middles(points, groups)
    return grouped.ordered(table, [[-one for one in table["proposal_metres_most"]], table["away_m"]])


def summary(points: FacadePoints, found: Seen, homes: F8, geometry: str) -> dict[str, list[Any]]:
    """Homes, storeys, buildings and m² of façade by the metres of the proposal that their best point sees."""
    by_storey, by_building = grouped.storeys(points), grouped.buildings(points)
    of_points, of_storeys, of_buildings = (
        _classes(values, METRES)
        for values in (found.height, by_storey.most(found.height), by_building.most(found.height))
    )
    on_storey = homes[by_storey.first]
    counted = np.isfinite(on_storey).any()
    rows = range(len(METRES) - 1, -1, -1)
    return {
        "proposal_class": [METRES[k].label for k in rows],
        "homes": [up_to(on_storey[of_storeys == k]) if counted else float("nan") for k in rows],
        "storeys": [int((of_storeys == k).sum()) for k in rows],
        "buildings": [int((of_buildings == k).sum()) for k in rows],
        "area_m2": [round(float(points.area[of_points == k].sum()), 1) for k in rows],
        "points": [int((of_points == k).sum()) for k in rows],
        "geometry": [geometry] * len(METRES),
    }


def ground_table(screened: F4, bare: F4, square: float, geometry: str) -> dict[str, list[Any]]:
    """m² of open ground by the metres seen, with the city as it stands and over the bare earth."""
    codes = [_classes(one, METRES) for one in (screened, bare)]
    rows = range(len(METRES) - 1, -1, -1)
    table: dict[str, list[Any]] = {"proposal_class": [METRES[k].label for k in rows]}
    for name, code in zip(("ground_m2", "bare_m2"), codes, strict=True):
        table[name] = [float((code == k).sum()) * square for k in rows]
    return table | {"geometry": [geometry] * len(METRES)}


def _classes(values: NDArray[Any], legend: Sequence[LegendClass]) -> NDArray[np.int64]:
    """The class of each value, −1 for none."""
    code = np.searchsorted([one.lower for one in legend], values, side="right") - 1
    return np.where(np.isfinite(values), code, -1)


def _words(values: F8) -> list[str]:
    return [METRES[k].label if k >= 0 else "" for k in _classes(values, METRES)]
