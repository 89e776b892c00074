"""How dangerous water is to people: the hazard rating of the UK and the classes of Australia, thresholds as data."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]

DRY = 0
"""The class of a cell where no water stood."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The highest depth (m), speed (m/s) and depth × speed (m²/s) of a class."""

    depth: float
    speed: float
    product: float


UK: tuple[float, ...] = (0.75, 1.25, 2.0)
"""Hazard ratings between the classes: low, moderate, significant, extreme (Defra & Environment Agency 2006, FD2321)."""
UK_CLASSES = (
    "low: caution",
    "moderate: danger for some, children, the old and the frail",
    "significant: danger for most people",
    "extreme: danger for all, rescuers too",
)
AUSTRALIA: tuple[Limit, ...] = (
    Limit(0.3, 2.0, 0.3),
    Limit(0.5, 2.0, 0.6),
    Limit(1.2, 2.0, 0.6),
    Limit(2.0, 2.0, 1.0),
    Limit(4.0, 4.0, 4.0),
)
"""The limits of H1 to H5; what is beyond the last is H6 (Smith, Davey & Cox 2014; AIDR 2017, Guideline 7-3)."""
AUSTRALIA_CLASSES = (
    "H1: safe for people, vehicles and buildings",
    "H2: unsafe for small vehicles",
    "H3: unsafe for vehicles, children and the elderly",
    "H4: unsafe for people and vehicles",
    "H5: unsafe for all, buildings can be damaged",
    "H6: unsafe for all, buildings can fail",
)
DEBRIS = (
    ("careful", "0.5, and 1 above 0.25 m, on the safe side"),
    ("urban", "Built-up ground: 0, and 1 above 0.25 m"),
    ("woodland", "Woodland: 0, 0.5 and 1"),
    ("pasture", "Pasture and arable land: 0, 0 and 0.5"),
    ("none", "None"),
)
_FACTORS: Mapping[str, tuple[float, float, float]] = {
    "careful": (0.5, 1.0, 1.0),
    "urban": (0.0, 1.0, 1.0),
    "woodland": (0.0, 0.5, 1.0),
    "pasture": (0.0, 0.0, 0.5),
    "none": (0.0, 0.0, 0.0),
}
"""Debris factors up to 0.25 m, up to 0.75 m, and above that or quicker than 2 m/s (FD2321; "careful" is that of its
supplementary note of 2008, which knows no speed)."""
_QUICK = 2.0  # m/s
UPPER_BOUND = (
    "The hazard joins the greatest depth, speed and danger of a place. They need not come in one moment: "
    "it is an upper bound."
)


def debris_factor(depth: F4, speed: F4, debris: str = "careful") -> F4:
    """What floating debris adds to the rating, m²/s, by depth (m) and speed (m/s)."""
    if debris not in _FACTORS:
        raise ParameterError(f"there is no debris factor {debris!r}; choose one of {', '.join(_FACTORS)}")
    shallow, middle, deep = _FACTORS[debris]
    lifted = (depth > 0.75) | ((speed > _QUICK) & (debris != "careful"))
    found = np.where(lifted, deep, np.where(depth > 0.25, middle, shallow))
    return found.astype(np.float32)


def rating(max_depth: F4, max_speed: F4, max_danger: F4, debris: str = "careful", wet: float = 0.01) -> F4:
    """The hazard rating HR = d (v + 0.5) + DF (Defra & Environment Agency 2006), 0 where no water stood.

    Of maxima, so no moment was worse: the debris factor is that of the greatest depth and the greatest speed.

    max_depth : m, NaN on walls; max_speed : m/s; max_danger : the greatest depth × (speed + 0.5), m²/s
    wet : metres from which a cell counts
    """
    depth: F4 = np.asarray(max_depth, np.float32)
    danger: F4 = np.nan_to_num(np.asarray(max_danger, np.float32))
    more = debris_factor(depth, np.nan_to_num(np.asarray(max_speed, np.float32)), debris)
    found = np.where(depth >= wet, danger + more, np.float32(0.0))
    return np.where(np.isnan(depth), np.float32(np.nan), found).astype(np.float32)


def classes_uk(hazard: F4, thresholds: Sequence[float] = UK) -> U1:
    """1 low to 4 extreme by the rating; 0 where no water stood and on walls."""
    found = np.searchsorted(np.asarray(thresholds, np.float32), np.nan_to_num(hazard), side="right") + 1
    return np.where(np.nan_to_num(hazard) > 0, found, DRY).astype(np.uint8)


def classes_au(
    max_depth: F4, max_speed: F4, max_unit_discharge: F4, limits: Sequence[Limit] = AUSTRALIA, wet: float = 0.01
) -> U1:
    """1 for H1 to 6 for H6: the first class none of whose limits is exceeded; 0 where no water stood and on walls."""
    depth, speed, product = (np.nan_to_num(one) for one in (max_depth, max_speed, max_unit_discharge))
    found = np.full(depth.shape, len(limits) + 1, np.uint8)
    for number in range(len(limits), 0, -1):
        one = limits[number - 1]
        found[(depth <= one.depth) & (speed <= one.speed) & (product <= one.product)] = number
    found[~(depth >= wet)] = DRY
    return found


def limits_of(text: str) -> tuple[Limit, ...]:
    """The limits of H1 to H5 of "0.3 2 0.3; 0.5 2 0.6; …": depth, speed and their product of each class."""
    found = []
    for part in text.split(";"):
        try:
            depth, speed, product = (float(word) for word in part.replace(",", " ").split())
        except ValueError:
            raise ParameterError(
                f"{part.strip()!r} are no limits; write depth, speed and their product, like 0.3 2 0.3"
            ) from None
        found.append(Limit(depth, speed, product))
    numbers = [(one.depth, one.speed, one.product) for one in found]
    if len(found) != len(AUSTRALIA) or not all(math.isfinite(v) and v > 0 for one in numbers for v in one):
        raise ParameterError(f"{len(found)} classes with limits; {len(AUSTRALIA)} are needed, H1 to H5, above 0")
    if any(b < a for low, high in itertools.pairwise(numbers) for a, b in zip(low, high, strict=True)):
        raise ParameterError("the limits of a class are below those of the class before; let them rise")
    return tuple(found)


def limits_text(limits: Sequence[Limit]) -> str:
    """Limits as a person writes them."""
    return "; ".join(f"{one.depth:g} {one.speed:g} {one.product:g}" for one in limits)
