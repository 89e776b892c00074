"""What becomes of the view of a landmark: by point, storey and building, and all of it in a few rows."""

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
from citymodel.analysis.facade.tables import STATES, point_table
from citymodel.legends_view import GAINS, KEEPS, LOSES, LOSES_PART, NEVER, OUTCOMES

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]

WHOLE = 0.9
"""Share of what could be seen from which a landmark is seen whole."""
PART = 0.1
"""Share lost from which a view that stays is partly lost."""
GONE, NEW_SEES, NEW_NOT = "gone with its building", "new, sees it", "new, does not see it"
NOW = ("does not see it", "sees it in part", "sees it whole, or nearly")
ORDER = (
    OUTCOMES[LOSES], OUTCOMES[LOSES_PART], OUTCOMES[GAINS], OUTCOMES[KEEPS], NEW_SEES, *NOW[::-1], NEW_NOT, GONE,
)  # fmt: skip
"""Outcomes, what matters most first; the last of those as it is says what a proposal leaves too."""


def outcomes(before: F8, after: F8, enough: float) -> I8:
    """(n,) codes of what becomes of the views; −1 where there is no view to compare.

    before, after : shares, NaN where there is no point
    """
    saw, sees = before >= enough - 1e-12, after >= enough - 1e-12
    less = before - after >= PART
    cases = [saw & ~sees, saw & sees & less, saw & sees, ~saw & sees]
    code = np.select(cases, [LOSES, LOSES_PART, KEEPS, GAINS], NEVER)
    return np.where(np.isfinite(before) & np.isfinite(after), code, -1).astype(np.int64)


def group_outcomes(groups: Groups, before: F8, after: F8, enough: float) -> I8:
    """(g,) codes of groups: a group sees what one of its points sees; one that loses it at some only loses part."""
    code = outcomes(before, after, enough)
    found = outcomes(groups.most(before), groups.most(after), enough)
    torn = groups.any(code == LOSES) & (found == KEEPS)
    return np.where(torn, LOSES_PART, found)


def words(code: I8, before: F8, after: F8, enough: float) -> list[str]:
    """The codes in words, also of what is new or gone."""
    fresh = np.where(after >= enough, NEW_SEES, NEW_NOT)
    other = np.where(np.isfinite(after), fresh, GONE)
    known = np.array(OUTCOMES, dtype=object)[np.maximum(code, 0)]
    return [str(one) for one in np.where(code >= 0, known, other)]


def now(share: F8, enough: float) -> list[str]:
    """What is seen as it is, in words."""
    return [NOW[int(one >= enough) + int(one >= max(WHOLE, enough))] for one in share]


def points_of(
    points: FacadePoints, found: Sequence[Seen], distance: F8, homes: F8, enough: float
) -> dict[str, list[Any]]:
    """The table of the façade points: what each sees in each state, and what becomes of it."""
    measures = {f"landmark_{name}": [getattr(one, name) for one in found] for name in Seen._fields if name != "height"}
    who = point_table(points, {})
    numbers = {name: column for name, column in point_table(points, measures).items() if name not in who}
    place = who.pop("geometry")
    who |= {"away_m": plain(distance, 1), "storey_homes": plain(homes, 2)}
    return who | _becomes([one.share for one in found], enough, None) | numbers | {"geometry": place}


def group_table(
    points: FacadePoints, groups: Groups, found: Sequence[Seen], distance: F8, homes: F8, enough: float,
    known: Mapping[tuple[str, str], str], *, by_storey: bool,
) -> dict[str, list[Any]]:  # fmt: skip
    """The table of storeys or of buildings, with their homes; those that lose most come first.

    known : addresses of buildings
    """
    table = grouped.identity(points, groups, by_storey=by_storey)
    table |= addresses.column(table, known)
    shares = [one.share for one in found]
    table |= {"away_m": plain(groups.least(distance), 1)} | _becomes(shares, enough, groups)
    if by_storey:
        table["homes"] = plain(homes[groups.first], 2)
    else:
        table |= _of_buildings(points, groups, shares, homes, enough)
    for state, one in zip(STATES, found, strict=False):
        table[f"points_seeing_{state}"] = plain(groups.number(one.share >= enough))
    for name, values in (("share_most", shares), ("vertical_most", [one.vertical for one in found])):
        most = [groups.most(one) for one in values]
        table |= {f"landmark_{name}_{state}": plain(one) for state, one in zip(STATES, most, strict=False)}
    table["area_m2"] = plain(groups.sum(points.area, np.ones(len(points), bool)), 1)
    if len(shares) == 2:
        lost = outcomes(shares[0], shares[1], enough) == LOSES
        table["area_loses_m2"] = plain(groups.sum(points.area, lost), 1)
    table["geometry"] = grouped.middles(points, groups)
    rank = [ORDER.index(one) for one in table["outcome"]]
    return grouped.ordered(table, [rank, table["away_m"]])


def summary(
    points: FacadePoints, shares: Sequence[F8], homes: F8, enough: float, geometry: str
) -> dict[str, list[Any]]:
    """Homes, storeys, buildings and m² of façade by what becomes of the view; homes are those on such storeys."""
    by_storey, by_building = grouped.storeys(points), grouped.buildings(points)
    kinds = (None, by_storey, by_building)
    of_points, of_storeys, of_buildings = (np.array(_states(shares, enough, one), dtype=object) for one in kinds)
    on_storey = homes[by_storey.first]
    order = tuple(OUTCOMES[code] for code in (LOSES, LOSES_PART, KEEPS, GAINS, NEVER))
    told = (*order, NEW_SEES, NEW_NOT, GONE) if len(shares) == 2 else NOW[::-1]
    rows = [one for one in told if one in (*order, *NOW) or (of_points == one).any()]
    counted = np.isfinite(on_storey).any()
    return {
        "outcome": rows,
        "homes": [up_to(on_storey[of_storeys == one]) if counted else float("nan") for one in rows],
        "storeys": [int((of_storeys == one).sum()) for one in rows],
        "buildings": [int((of_buildings == one).sum()) for one in rows],
        "area_m2": [round(float(points.area[of_points == one].sum()), 1) for one in rows],
        "points": [int((of_points == one).sum()) for one in rows],
        "geometry": [geometry] * len(rows),
    }


def _states(shares: Sequence[F8], enough: float, groups: Groups | None) -> list[str]:
    """What becomes of each point's view, or each group's, in words; as it is where there is no proposal."""
    most = list(shares) if groups is None else [groups.most(one) for one in shares]
    if len(shares) == 1:
        return now(most[0], enough)
    code = (
        outcomes(most[0], most[1], enough) if groups is None else group_outcomes(groups, shares[0], shares[1], enough)
    )
    return words(code, most[0], most[1], enough)


def _becomes(shares: Sequence[F8], enough: float, groups: Groups | None) -> dict[str, list[Any]]:
    """The column ``outcome`` in words, and of points also its code, by which they are coloured."""
    table: dict[str, list[Any]] = {"outcome": _states(shares, enough, groups)}
    if groups is None and len(shares) == 2:
        code = outcomes(shares[0], shares[1], enough)
        table["view_outcome_difference"] = plain(np.where(code >= 0, code, np.nan).astype(np.float64))
    return table


def _of_buildings(
    points: FacadePoints, groups: Groups, shares: Sequence[F8], homes: F8, enough: float
) -> dict[str, list[Any]]:
    """Homes and storeys of each building: all of them, and those that lose or have the view."""
    inner = grouped.storeys(points)
    state = np.array(_states(shares, enough, inner), dtype=object)
    on_storey, n = homes[inner.first], len(groups)
    known = groups.any(np.isfinite(homes))

    def summed(use: Mask) -> list[Any]:
        total = np.bincount(inner.building[use], np.nan_to_num(on_storey[use]), n)
        return plain(np.where(known, total, np.nan), 2)

    everything = np.ones(len(inner), dtype=bool)
    columns = {"homes": summed(everything), "storeys": plain(np.bincount(inner.building, minlength=n))}
    if len(shares) == 2:
        for name, code in (("lose", LOSES), ("lose_part", LOSES_PART), ("gain", GAINS)):
            use = state == OUTCOMES[code]
            columns[f"storeys_{name}"] = plain(np.bincount(inner.building[use], minlength=n))
            columns[f"homes_{name}"] = summed(use)
    else:
        use = state != NOW[0]
        columns["storeys_seeing"] = plain(np.bincount(inner.building[use], minlength=n))
        columns["homes_seeing"] = summed(use)
    return columns
