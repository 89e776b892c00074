"""Design storms: a depth of rain, a duration and a shape made into a hyetograph, exact in its total."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError

F8 = NDArray[np.float64]
Curve = Callable[[F8], F8]
"""Depth of rain, mm, of one return period by duration in minutes."""

SHAPES = (
    ("chicago", "Chicago: all durations in one, peak before the middle"),
    ("alternating", "Alternating blocks, peak in the middle"),
    ("euler", "Euler II, peak after 0.3 of the duration"),
    ("feh-summer", "FEH summer, 50 % profile"),
    ("feh-winter", "FEH winter, 75 % profile"),
    ("scs-1", "SCS type I"),
    ("scs-1a", "SCS type IA"),
    ("scs-2", "SCS type II"),
    ("scs-3", "SCS type III"),
    ("uniform", "Even rain"),
)
SOURCES: Mapping[str, str] = {
    "chicago": "Keifer & Chu, 1957",
    "alternating": "Chow, Maidment & Mays, 1988",
    "euler": "Euler type II as in DWA-A 118",
    "feh-summer": "Flood Studies Report, NERC 1975; Flood Estimation Handbook, 1999; 50 % summer profile",
    "feh-winter": "Flood Studies Report, NERC 1975; Flood Estimation Handbook, 1999; 75 % winter profile",
    "scs-1": "USDA Soil Conservation Service, 1986, 24 h type I",
    "scs-1a": "USDA Soil Conservation Service, 1986, 24 h type IA",
    "scs-2": "USDA Soil Conservation Service, 1986, 24 h type II",
    "scs-3": "USDA Soil Conservation Service, 1986, 24 h type III",
    "uniform": "the same rate all the time",
}
PEAK = 0.375
"""Share of a Chicago storm's duration before its peak, the mean that Keifer & Chu found."""
EULER_PEAK = 0.3
_FEH = {"feh-summer": (0.100, 0.815), "feh-winter": (0.060, 1.026)}
_DAY = 1440.0
_SCS_HOURS = (0, 2, 4, 6, 7, 7.5, 8, 8.5, 9, 9.5, 9.75, 10, 10.5, 11, 11.5, 11.75, 12, 12.5, 13, 13.5, 14, 16, 20, 24)
_SCS = {
    "scs-1": (0, 35, 76, 125, 156, 174, 194, 219, 254, 303, 362, 515, 583, 624, 655, 669, 682, 706, 728, 748, 767, 830,
              926, 1000),
    "scs-1a": (0, 50, 116, 206, 268, 310, 425, 480, 520, 550, 564, 577, 601, 624, 645, 655, 664, 683, 701, 719, 736,
               800, 906, 1000),
    "scs-2": (0, 22, 48, 80, 98, 109, 120, 133, 147, 163, 172, 181, 204, 235, 283, 357, 663, 735, 772, 799, 820, 880,
              952, 1000),
    "scs-3": (0, 20, 43, 72, 89, 102, 115, 130, 148, 167, 178, 189, 216, 250, 298, 339, 500, 702, 751, 785, 811, 886,
              957, 1000),
}  # fmt: skip
"""Thousandths of the rain of 24 h that have fallen by these hours."""


@dataclass(frozen=True, eq=False, slots=True)
class Storm:
    """Rain in time.

    times : (n + 1,) seconds; rates : (n + 1,) mm/h, each holds until the next time, the last is 0
    name : what it is in words, with its source
    """

    times: F8
    rates: F8
    name: str = ""

    @property
    def depth(self) -> float:
        """All the rain, mm."""
        return math.fsum((self.rates[:-1] * np.diff(self.times)).tolist()) / 3600.0

    @property
    def peak(self) -> float:
        """The heaviest rain, mm/h."""
        return float(self.rates.max(initial=0.0))

    def stronger(self, percent: float) -> Storm:
        """The storm with so many percent more rain at every moment, a climate uplift."""
        if not math.isfinite(percent) or percent < -100:
            raise ParameterError(f"an uplift of {percent:g} % leaves no rain; give percent above −100")
        factor = 1.0 + percent / 100.0
        uplift = f"{percent:+g} %".replace("-", "−")
        words = f"{self.name}, {uplift}" if percent else self.name
        return replace(self, rates=self.rates * factor, name=words)


def storm(
    shape: str, depth: float, duration: float, step: float = 5.0, curve: Curve | None = None, peak: float = PEAK
) -> Storm:
    """A design storm.

    Parameters
    ----------
    shape : one of `SHAPES`
    depth : mm in all, whatever the curve says of the duration
    duration, step : minutes; the steps are equal, as near to ``step`` as they can be and no longer
    curve : depth by duration, from which Chicago, alternating blocks and Euler II take their shape; without it that
        of `general_curve`
    peak : share of a Chicago storm before its peak, 0 to 1
    """
    if shape not in SOURCES:
        raise ParameterError(f"there is no storm of shape {shape!r}; the shapes are {', '.join(SOURCES)}")
    for words, value, unit in (("a rain", depth, "mm"), ("a duration", duration, "min"), ("a step", step, "min")):
        if not (math.isfinite(value) and value > 0):
            raise ParameterError(f"{words} of {value:g} {unit} is no storm; give a number above 0")
    if not 0.0 <= peak <= 1.0:
        raise ParameterError(f"a peak at {peak:g} of the duration lies outside it; give 0 to 1")
    count = max(1, math.ceil(duration / step - 1e-9))
    edges = np.linspace(0.0, duration, count + 1)
    fallen = _fallen(shape, edges, general_curve if curve is None else curve, peak)
    rates = np.diff(fallen) * depth / np.diff(edges) * 60.0
    words = f"{depth:.4g} mm in {duration_words(duration)}, {dict(SHAPES)[shape].partition(':')[0]} ({SOURCES[shape]})"
    return Storm(edges * 60.0, np.append(np.maximum(rates, 0.0), 0.0), words)


def general_curve(minutes: F8) -> F8:
    """Depth by duration, up to a factor, as Reinhold (1940) has it: duration over duration and nine minutes."""
    return np.asarray(minutes / (minutes + 9.0))


def duration_words(minutes: float) -> str:
    """As a person says it: 45 min, 2 h, 1.5 h."""
    return f"{minutes:g} min" if minutes < 90 else f"{minutes / 60:g} h"


def _fallen(shape: str, edges: F8, curve: Curve, peak: float) -> F8:
    """The share of the rain that has fallen by each edge, 0 to 1."""
    duration = float(edges[-1])
    if shape == "uniform":
        return np.asarray(edges / duration)
    if shape in _FEH:
        return _feh(edges / duration, *_FEH[shape])
    if shape in _SCS:
        return _scs(shape, edges)
    sums: F8 = np.concatenate([[0.0], curve(edges[1:])])
    if not np.isfinite(sums).all() or sums[-1] <= 0 or (np.diff(sums) < -1e-9 * sums[-1]).any():
        raise ParameterError("rain of a longer duration is less than of a shorter one; check the table of rain depths")
    if shape == "chicago":
        return _chicago(edges, curve, peak)
    blocks = np.sort(np.diff(sums))[::-1]
    order = _alternating(len(blocks)) if shape == "alternating" else _euler(len(blocks))
    return np.asarray(np.concatenate([[0.0], np.cumsum(blocks[order])]) / blocks.sum())


def _chicago(edges: F8, curve: Curve, peak: float) -> F8:
    """Every time around the peak holds the depth of its own duration, shared before and after as ``peak`` has it.

    Keifer & Chu (1957) in sums: rates by the step are exact means, and no peak is cut.
    """
    duration = float(edges[-1])
    whole = float(curve(np.array([duration]))[0])

    def side(away: F8, share: float) -> F8:
        """Depth between the peak and so many minutes from it, on the side that has this share of all."""
        found = np.zeros_like(away)
        far = away > 1e-12
        if share > 0:
            found[far] = share * curve(away[far] / share)
        return np.asarray(found)

    at = peak * duration
    before, after = side(np.maximum(at - edges, 0.0), peak), side(np.maximum(edges - at, 0.0), 1.0 - peak)
    fallen = (peak * whole - before + after) / whole
    fallen[0], fallen[-1] = 0.0, 1.0
    return np.asarray(fallen)


def _alternating(count: int) -> NDArray[np.int64]:
    """Which of the blocks, the greatest first, falls when: the greatest in the middle, then right and left of it."""
    order = np.empty(count, np.int64)
    middle = (count - 1) // 2
    for rank in range(count):
        order[middle + (rank + 1) // 2 * (1 if rank % 2 else -1)] = rank
    return order


def _euler(count: int) -> NDArray[np.int64]:
    """Which of the blocks falls when: falling from the greatest, and those of the first 0.3 turned round."""
    turned = max(1, math.floor(EULER_PEAK * count + 1e-9))
    return np.concatenate([np.arange(turned)[::-1], np.arange(turned, count)])


def _feh(share: F8, a: float, b: float) -> F8:
    """Symmetric: the central part x of the duration holds (1 − a^(x^b)) / (1 − a) of the rain."""
    x = np.abs(2.0 * share - 1.0)
    central = (1.0 - a ** (x**b)) / (1.0 - a)
    return np.asarray(0.5 + 0.5 * np.sign(share - 0.5) * central)


def _scs(shape: str, edges: F8) -> F8:
    """The curve of 24 h; of a shorter storm the part around its steepest, as Haan et al. (1994) cut it."""
    duration = float(edges[-1])
    if duration > _DAY + 1e-9:
        raise ParameterError(f"the SCS curves end after 24 h, {duration / 60:g} h are asked; take another shape")
    hours, sums = np.array(_SCS_HOURS, np.float64) * 60.0, np.array(_SCS[shape], np.float64) / 1000.0
    steepest = int(np.argmax(np.diff(sums) / np.diff(hours)))
    middle = 0.5 * (hours[steepest] + hours[steepest + 1])
    start = min(max(middle - duration / 2, 0.0), _DAY - duration)
    fallen = np.interp(start + edges, hours, sums)
    return np.asarray((fallen - fallen[0]) / (fallen[-1] - fallen[0]))
