"""Tables of a sun study: buildings, open spaces and areas, when the light comes and goes, and the rule's verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.analysis.sun_rules import METHOD_SHARE, Share, enough, verdict
from citymodel.analysis.suns import Suns
from citymodel.analysis.zones import Zones, identity, mean_by_zone
from citymodel.surface import Grid

F4 = NDArray[np.float32]
I8 = NDArray[np.int64]
NAMES = ("base", "scenario")


@dataclass(frozen=True, eq=False, slots=True)
class Counts:
    """Cells of each zone over the day's steps.

    lit : one (steps, zones) array a state; new, gone : (steps, zones) cells in shade only with the scenario, or
    only without it; None without a scenario
    """

    lit: list[I8]
    new: I8 | None
    gone: I8 | None


@dataclass(frozen=True, eq=False, slots=True)
class Hours:
    """Hours of sun of one state: as computed, and with all that casts shade taken higher and lower."""

    value: F4
    low: F4
    high: F4


def means(what: str, hours: Sequence[F4], number: NDArray[np.int32], count: int) -> dict[str, list[float]]:
    """Mean hours over each zone, a column a state, and the change."""
    found = {
        f"{what}_hours_{name}": mean_by_zone(lit, number, count)[0] for name, lit in zip(NAMES, hours, strict=False)
    }
    if len(hours) == 2:
        found[f"{what}_hours_difference"] = mean_by_zone(hours[1] - hours[0], number, count)[0]
    return {name: [float(v) for v in column] for name, column in found.items()}


def area_columns(
    zones: Zones, grid: Grid, hours: Sequence[Hours], counts: Counts, suns: Suns, parameters: ShadowParameters
) -> dict[str, list[Any]]:
    """All columns of open spaces or areas."""
    count = len(zones.ids)
    columns = identity(zones, grid)
    columns |= means("mean", [one.value for one in hours], zones.number, count)
    cells = np.bincount(zones.number[zones.number >= 0], minlength=count)
    shares = [_shares(one, zones, count, parameters) for one in hours]
    for name, share, lit in zip(NAMES, shares, counts.lit, strict=False):
        columns[f"share_enough_{name}"] = [one.value for one in share]
        columns[f"share_enough_low_{name}"] = [one.low for one in share]
        columns[f"share_enough_high_{name}"] = [one.high for one in share]
        columns |= _light(name, lit, cells, grid, suns, parameters.step)
    if counts.new is not None and counts.gone is not None:
        columns |= _new_shade(counts.new, counts.gone, cells, grid, suns, parameters.step)
    columns |= _verdicts(shares, parameters)
    return columns


def _shares(hours: Hours, zones: Zones, count: int, parameters: ShadowParameters) -> list[Share]:
    """Part of each zone with enough hours; low and high by the error of heights, of the step and of the method."""
    step = parameters.step / 60.0
    least = parameters.enough_hours
    found = [
        mean_by_zone(enough(lit, asked), zones.number, count)[0]
        for lit, asked in ((hours.value, least), (hours.low, least + step), (hours.high, least - step))
    ]
    return [
        Share(value, max(min(low, value) - METHOD_SHARE, 0.0), min(max(high, value) + METHOD_SHARE, 1.0))
        for value, low, high in zip(*(one.tolist() for one in found), strict=True)
    ]


def _light(
    name: str, lit: I8, cells: NDArray[np.int64], grid: Grid, suns: Suns, step: int
) -> dict[str, list[Any]]:  # fmt: skip
    """When at least half of each zone is lit, for how long, and its square metres times hours of sun."""
    half = (2 * lit >= cells) & (cells > 0)
    return {
        f"half_lit_from_{name}": [_edge(half[:, z], suns, step, first=True) for z in range(len(cells))],
        f"half_lit_to_{name}": [_edge(half[:, z], suns, step, first=False) for z in range(len(cells))],
        f"half_lit_hours_{name}": [float(n) * step / 60.0 for n in half.sum(axis=0)],
        f"sun_m2h_{name}": [float(n) * grid.cell**2 * step / 60.0 for n in lit.sum(axis=0)],
    }


def _new_shade(
    new: I8, gone: I8, cells: NDArray[np.int64], grid: Grid, suns: Suns, step: int
) -> dict[str, list[Any]]:  # fmt: skip
    """Entry, exit, duration and size of the shade that only the scenario casts."""
    zones = range(len(cells))
    some = new > 0
    share = new / np.maximum(cells, 1)
    worst = share.argmax(axis=0) if len(share) else np.zeros(len(cells), dtype=int)
    return {
        "new_shade_entry": [_edge(some[:, z], suns, step, first=True) for z in zones],
        "new_shade_exit": [_edge(some[:, z], suns, step, first=False) for z in zones],
        "new_shade_hours": [float(n) * step / 60.0 for n in some.sum(axis=0)],
        "new_shade_largest_share": [float(share[worst[z], z]) if len(share) else 0.0 for z in zones],
        "new_shade_largest_at": [clock_text(suns.clock[worst[z]]) if some[:, z].any() else "" for z in zones],
        "new_shade_m2h": [float(n) * grid.cell**2 * step / 60.0 for n in new.sum(axis=0)],
        "gone_shade_m2h": [float(n) * grid.cell**2 * step / 60.0 for n in gone.sum(axis=0)],
    }


def _edge(which: NDArray[np.bool_], suns: Suns, step: int, *, first: bool) -> str:
    """Clock time at which the first of these steps begins, or the last ends; "" for none."""
    found = np.flatnonzero(which)
    if not len(found):
        return ""
    half = step / 120.0
    return clock_text(suns.clock[found[0]] - half) if first else clock_text(suns.clock[found[-1]] + half)


def clock_text(hours: float) -> str:
    """HH:MM of hours after midnight, to the nearest minute."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _verdicts(shares: Sequence[Sequence[Share]], parameters: ShadowParameters) -> dict[str, list[Any]]:
    """The rule's verdict on each zone, as it is and as proposed, with the numbers behind it."""
    columns: dict[str, list[Any]] = {}
    for at, name in enumerate(NAMES[: len(shares)]):
        before = shares[0] if at else [None] * len(shares[0])
        found = [verdict(parameters, now, was) for now, was in zip(shares[at], before, strict=True)]
        columns[f"verdict_{name}"] = [one for one, _ in found]
        columns[f"because_{name}"] = [why for _, why in found]
    return columns


def lasting(hours: float) -> str:
    """Hours in words: 1 h 25 min."""
    if math.isnan(hours):
        return "unknown"
    whole, minutes = divmod(round(hours * 60), 60)
    return f"{whole} h {minutes} min" if minutes else f"{whole} h"
