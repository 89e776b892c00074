"""How much rain falls in a duration once in so many years: from a table, or by a rough general formula."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.storms import Curve, duration_words, general_curve
from citymodel.errors import ParameterError
from citymodel.formats.rain_table import RainTable

F8 = NDArray[np.float64]


ROUGH = (
    "The rain is a rough statistic by a general formula (Reinhold 1940), not this city's own: replace it by the table "
    "of the weather service, like KOSTRA, FEH or Atlas 14."
)


@dataclass(frozen=True, eq=False, slots=True)
class FromTable:
    """A city's own statistic, linear between its rows and columns in the logarithms."""

    table: RainTable

    @property
    def source(self) -> str:
        return f"table {self.table.name}"

    def curve(self, years: float) -> Curve:
        """Depth by duration for one return period."""
        _check(years)
        of_period = np.array([_log_log(years, self.table.years, row) for row in self.table.depths])
        if len(of_period) == 1:  # one duration has no slope of its own
            known = float(of_period[0] / general_curve(self.table.minutes)[0])
            return lambda minutes: np.asarray(known * general_curve(minutes))
        return lambda minutes: np.array([_log_log(float(one), self.table.minutes, of_period) for one in minutes])

    def doubts(self, minutes: float, years: float) -> list[str]:
        """What is carried on beyond the table."""
        found = []
        t, p = self.table.minutes, self.table.years
        if not p[0] <= years <= p[-1]:
            found.append(
                f"Rain once in {years:g} years is carried on beyond the table's {p[0]:g} to {p[-1]:g} years"
                + (": it has one return period only." if len(p) == 1 else ", along its last two columns.")
            )
        if not t[0] <= minutes <= t[-1]:
            found.append(
                f"A duration of {duration_words(minutes)} is carried on beyond the table's {duration_words(t[0])} to "
                f"{duration_words(t[-1])}, " + ("by a general formula." if len(t) == 1 else "along its last two rows.")
            )
        return found


@dataclass(frozen=True, slots=True)
class Reinhold:
    """The general formula of Reinhold (1940): r(T, n) = r15(1) · 38 / (T + 9) · (n^(−1/4) − 0.369).

    r15 : l/(s·ha), rain of 15 minutes once a year; T in minutes, n times a year
    """

    r15: float

    @property
    def source(self) -> str:
        return f"general formula of Reinhold (1940) with r15(1) = {self.r15:g} l/(s·ha)"

    def curve(self, years: float) -> Curve:
        """Depth by duration for one return period."""
        _check(years)
        strength = self.r15 * 38.0 * (years**0.25 - 0.369)
        return lambda minutes: np.asarray(strength / (minutes + 9.0) * minutes * 60.0 / 10_000.0)

    def doubts(self, minutes: float, years: float) -> list[str]:
        """A formula for all places is a rough one."""
        beyond = [duration_words(minutes)] if not 5 <= minutes <= 150 else []
        beyond += [f"{years:g} years"] if years > 20 else []
        if not beyond:
            return [ROUGH]
        return [ROUGH, f"It is meant for 5 to 150 min and up to 20 years; {' and '.join(beyond)} are beyond that."]


Statistic = FromTable | Reinhold


def depth_of(statistic: Statistic, minutes: float, years: float) -> float:
    """Depth of rain, mm."""
    if not (math.isfinite(minutes) and minutes > 0):
        raise ParameterError(f"a duration of {minutes:g} min is no rain; give minutes above 0")
    return float(statistic.curve(years)(np.array([float(minutes)]))[0])


def _check(years: float) -> None:
    if not (math.isfinite(years) and years >= 0.5):
        raise ParameterError(f"a return period of {years:g} years is too short; give half a year or more")


def _log_log(at: float, x: F8, y: F8) -> float:
    """y at a place, linear in both logarithms and carried on beyond both ends."""
    if len(x) == 1:
        return float(y[0])
    k = min(max(int(np.searchsorted(x, at)) - 1, 0), len(x) - 2)
    slope = math.log(y[k + 1] / y[k]) / math.log(x[k + 1] / x[k])
    return float(y[k] * (at / x[k]) ** slope)
