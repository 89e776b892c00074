"""The rule of enough sun on an area, and its verdict: met, not met, or within the error of input and method."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.shadow_parameters import ShadowParameters

F4 = NDArray[np.float32]

MET, NOT_MET, WITHIN_ERROR, NO_AREA = "met", "not met", "within error", "no area"
EXACT = 1e-4
"""Hours within which a sum of steps is as many as asked for."""
METHOD_SHARE = 0.005
"""Error of a share of area by the method itself, measured against rays on triangles (docs/validation.md)."""


@dataclass(frozen=True, slots=True)
class Share:
    """Part of an area with enough sun, and the least and most it may be, 0–1; NaN for an area without cells."""

    value: float
    low: float
    high: float


def enough(hours: F4, least: float) -> F4:
    """1 where there are more hours, 0 where fewer, NaN where unknown; exactly as many count half.

    Hours come in whole steps: where as many were counted as are asked for, the sun was there a little longer or a
    little shorter, as often the one as the other. Counted whole, coarse steps would overstate the area.
    """
    near = np.abs(hours - np.float32(least)) < EXACT
    found = np.where(near, 0.5, hours > least)
    return np.where(np.isfinite(hours), found, np.nan).astype(np.float32)


def verdict(parameters: ShadowParameters, now: Share, before: Share | None = None) -> tuple[str, str]:
    """The verdict on an area and the numbers behind it, in words.

    before : the area as it is, when ``now`` is a proposal's
    """
    if math.isnan(now.value):
        return NO_AREA, "the area holds no open ground"
    wanted, kept = parameters.enough_share, parameters.keep_share
    lines = [f"{_percent(now)} has {parameters.enough_hours:g} h or more, asked for is {wanted:.0%}"]
    met, possible = now.low >= wanted, now.high >= wanted
    if before is not None and kept > 0 and before.value > 0:
        ratio = Share(
            now.value / before.value, _over(now.low, before.low, now.low), _over(now.high, before.high, now.high)
        )
        low, high = min(ratio.value, ratio.low, ratio.high), max(ratio.value, ratio.low, ratio.high)
        lines.append(f"{_percent(Share(ratio.value, low, high))} of before, asked for else is {kept:.0%}")
        met, possible = met or low >= kept, possible or high >= kept
    if met:
        return MET, "; ".join(lines)
    return (WITHIN_ERROR if possible else NOT_MET), "; ".join(lines)


def _over(part: float, whole: float, bound: float) -> float:
    return part / whole if whole > 0 else (1.0 if bound <= 0 else math.inf)


def _percent(share: Share) -> str:
    if math.isinf(share.high):
        return f"{share.value:.1%} (at least {share.low:.1%})"
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"


def described(parameters: ShadowParameters) -> str:
    """The rule in one line with its source."""
    text = f"{parameters.enough_hours:g} h or more on {parameters.enough_share:.0%} of the area"
    if parameters.keep_share > 0:
        text += f", else {parameters.keep_share:.0%} of the area that had them before"
    return f"{text} ({parameters.rule})"
