"""The tables of a façade study: every point, and means by building and by storey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.points import KINDS, ROOF, FacadePoints
from citymodel.analysis.sun_rules import MET, NO_AREA, NOT_MET, WITHIN_ERROR

F8 = NDArray[np.float64]
STATES = ("base", "scenario")


def point_table(points: FacadePoints, measures: Mapping[str, Sequence[F8]]) -> dict[str, list[Any]]:
    """A row a point: place, normal, what it stands for, and each measure by state with the difference.

    measures : name → (n,) values a state
    """
    x, y, z = (np.round(points.xyz[:, k], 3) for k in range(3))
    columns: dict[str, Any] = {
        "x": x, "y": y, "z": z,
        "nx": np.round(points.normal[:, 0], 5), "ny": np.round(points.normal[:, 1], 5),
        "nz": np.round(points.normal[:, 2], 5),
        "kind": [KINDS[code] for code in points.kind], "building": points.building, "surface": points.surface,
        "layer": points.layer, "storey": points.storey, "floor": np.round(points.floor, 3),
        "storey_source": points.source, "area_m2": np.round(points.area, 3),
        "patch_width": np.round(points.width, 3), "patch_low": np.round(points.low, 3),
        "patch_high": np.round(points.high, 3), "patch_turn": np.round(points.turn, 3),
    }  # fmt: skip
    for name, states in measures.items():
        columns |= {f"{name}_{state}": values for state, values in zip(STATES, states, strict=False)}
        if len(states) == 2:
            columns[f"{name}_difference"] = states[1] - states[0]
    table = {name: list(values.tolist() if hasattr(values, "tolist") else values) for name, values in columns.items()}
    table["geometry"] = [f"POINT Z ({a:.3f} {b:.3f} {c:.3f})" for a, b, c in zip(x, y, z, strict=True)]
    return table


def group_table(
    points: FacadePoints,
    measures: Mapping[str, Sequence[F8]],
    wanted: Mapping[str, float],
    rule: tuple[float, float],
    *,
    by_storey: bool,
) -> dict[str, list[Any]]:
    """Façades and windows (roofs beside them where not by storey) of each building, or of each of its storeys.

    Means are weighted by area; shares count points with at least what is wanted. rule : the part of the points that
    should have the hours, and the error of those hours
    """
    upright = points.kind != ROOF
    keep = np.flatnonzero(upright) if by_storey else np.arange(len(points))
    storey = points.storey[keep] if by_storey else np.zeros(len(keep), dtype=np.int64)
    names = [f"{layer}\n{building}" for layer, building in zip(points.layer[keep], points.building[keep], strict=True)]
    _, owner = np.unique(np.array(names, dtype=str), return_inverse=True)
    key = np.stack([owner.ravel(), storey], axis=1)
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    group, n = group.ravel(), len(first)
    wall = upright[keep]
    count = np.bincount(group[wall], minlength=n)
    table: dict[str, list[Any]] = {
        "id": points.building[keep][first].tolist(),
        "layer": points.layer[keep][first].tolist(),
    }
    if by_storey:
        floor = np.bincount(group, points.floor[keep], n) / np.maximum(np.bincount(group, minlength=n), 1)
        table |= {"storey": storey[first].tolist(), "floor": np.round(floor, 3).tolist()}
    table |= {"storey_source": points.source[keep][first].tolist(), "points": count.tolist()}
    for name, states in measures.items():
        for state, values in zip((*STATES, "difference"), _with_difference(states), strict=False):
            known = np.isfinite(values[keep])
            table[f"{name}_mean_{state}"] = _mean(values[keep], points.area[keep], group, known & wall, n)
            if state != "difference":
                table[f"{name}_least_{state}"] = _least(values[keep], group, known & wall, n)
                if name in wanted:
                    enough = (values[keep] >= wanted[name] - 1e-6).astype(np.float64)
                    table[f"{name}_share_enough_{state}"] = _mean(enough, np.ones(len(keep)), group, known & wall, n)
                if name == "hours":
                    table |= _verdicts(state, values[keep], wanted[name], rule, group, known & wall, n)
            if not by_storey:
                table[f"roof_{name}_mean_{state}"] = _mean(values[keep], points.area[keep], group, known & ~wall, n)
    middle = [
        np.bincount(group, points.xyz[keep, k], n) / np.maximum(np.bincount(group, minlength=n), 1) for k in range(3)
    ]
    table["geometry"] = [f"POINT Z ({x:.2f} {y:.2f} {z:.2f})" for x, y, z in zip(*middle, strict=True)]
    return table


def _verdicts(
    state: str, hours: F8, wanted: float, rule: tuple[float, float], group: NDArray[np.int64], use: NDArray[np.bool_],
    n: int,
) -> dict[str, list[Any]]:  # fmt: skip
    """Whether enough points of each group have the hours: met, not met, or within the error; and why."""
    part, error = rule
    one = np.ones(len(hours))
    value, low, high = (
        _mean((hours >= asked - 1e-6).astype(np.float64), one, group, use, n)
        for asked in (wanted, wanted + error, wanted - error)
    )
    verdicts, reasons = [], []
    for v, a, b in zip(value, low, high, strict=True):
        if np.isnan(v):
            verdicts.append(NO_AREA)
            reasons.append("no points on walls or windows")
            continue
        verdicts.append(MET if a >= part else WITHIN_ERROR if b >= part else NOT_MET)
        reasons.append(f"{v:.1%} ({a:.1%} to {b:.1%}) of its points have {wanted:g} h or more, asked for is {part:.0%}")
    return {f"verdict_{state}": verdicts, f"because_{state}": reasons}


def _with_difference(states: Sequence[F8]) -> list[F8]:
    return [*states, states[1] - states[0]] if len(states) == 2 else list(states)


def _mean(values: F8, weight: F8, group: NDArray[np.int64], use: NDArray[np.bool_], n: int) -> list[float]:
    total = np.bincount(group[use], weight[use], n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group[use], values[use] * weight[use], n) / total
    return [float(one) for one in np.where(total > 0, mean, np.nan)]


def _least(values: F8, group: NDArray[np.int64], use: NDArray[np.bool_], n: int) -> list[float]:
    least = np.full(n, np.inf)
    np.minimum.at(least, group[use], values[use])
    return [float(one) for one in np.where(np.isfinite(least), least, np.nan)]
