"""The time of a flood: how long a step may be, and what holds between two breaks of its sources."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LOSSES_EVERY = 1.0
"""Seconds between the times at which sewers and soil take their share."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A stretch of time in which every total is one polynomial and every level at an edge one line.

    begin, stop : seconds; curves : (channels, 3) float64, units at `begin`, a second, and half of that a second
    longest : seconds of the longest step
    levels : (4, 2) float64, metres above the datum at `begin` and a second, of the west, east, north and south edge
    """

    begin: float
    stop: float
    curves: np.ndarray
    longest: float
    levels: np.ndarray

    def totals(self, time: float) -> np.ndarray:
        """Whole units of each channel by a time."""
        past = time - self.begin
        return np.floor(self.curves[:, 0] + past * (self.curves[:, 1] + past * self.curves[:, 2])).astype(np.int64)

    def levels_at(self, time: float) -> np.ndarray:
        """Levels at the four edges."""
        return self.levels[:, 0] + self.levels[:, 1] * (time - self.begin)

    def sleeps(self) -> bool:
        """True when nothing comes or goes by a channel."""
        return not self.curves[:, 1:].any()


def step_length(fastest: float, left: float, reach: float, longest: float) -> float:
    """Seconds of the next step.

    fastest : m/s of the quickest wave; left : seconds to a time that must be met exactly
    reach : metres that the quickest wave may run
    """
    step = min(reach / max(fastest, 1e-9), longest)
    return left if left <= step else min(step, 0.5 * left)


def longest_step(reach: float, growth: float, gravity: float) -> float:
    """Seconds in which water that was not there at the start of a step does not outrun it.

    Water at rest on a slope of one fifth gains a cell in 1.4 s a metre of it by the square root; water that pours in
    at `growth` m/s makes a wave of √(g · growth · t).
    """
    longest = 3.0 * math.sqrt(reach / gravity)
    return longest if growth <= 0 else min(longest, (reach * reach / (gravity * growth)) ** (1.0 / 3.0))
