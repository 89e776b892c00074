"""The corridor of a protected view and its threshold: plain geometry in float64."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]

PARTS = ("corridor", "setting", "background")
"""Between point and landmark; at its sides; behind the landmark, as wide as both together."""
NEXT_TO_NOTHING = 1e-8
"""Metres beside an edge that still count as within: what touches the corridor is in it."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """The wedge from an assessment point to a landmark, with the threshold above it.

    Lengths run along the axis from the point, offsets to the left of it.

    point : x, y; towards : unit vector of the axis; length : metres from point to landmark
    widths, heights : at the point and at the landmark: of the corridor, and of the threshold in the datum
    setting : metres beside the corridor at the landmark; background : metres behind the landmark
    bend : (1 − k) / (2 R) in 1/m, 0 for a plane
    """

    point: tuple[float, float]
    towards: tuple[float, float]
    length: float
    widths: tuple[float, float]
    heights: tuple[float, float]
    setting: float = 0.0
    background: float = 0.0
    bend: float = 0.0

    def local(self, xyz: F8) -> F8:
        """(…, 3) length, offset and height of (…, 3) places."""
        found = np.array(xyz, dtype=np.float64)
        dx, dy = found[..., 0] - self.point[0], found[..., 1] - self.point[1]
        found[..., 0] = dx * self.towards[0] + dy * self.towards[1]
        found[..., 1] = dy * self.towards[0] - dx * self.towards[1]
        return found

    def world(self, along: Any, aside: Any) -> tuple[F8, F8]:
        """x and y of lengths and offsets."""
        s, a = np.asarray(along, dtype=np.float64), np.asarray(aside, dtype=np.float64)
        x = self.point[0] + s * self.towards[0] - a * self.towards[1]
        y = self.point[1] + s * self.towards[1] + a * self.towards[0]
        return x, y

    def slope(self) -> float:
        """Metres by which the threshold rises a metre at the point, the earth's bend included."""
        return (self.heights[1] - self.heights[0]) / self.length - self.bend * self.length

    def allowed(self, along: Any) -> F8:
        """Height of the threshold, metres in the datum, at these lengths.

        Straight between its ends; over a curved earth a sight line lies bend · s · (length − s) lower.
        """
        s = np.asarray(along, dtype=np.float64)
        return np.asarray(self.heights[0] + self.slope() * s + self.bend * s * s)

    def half(self, along: Any) -> F8:
        """Half the corridor's width at these lengths."""
        s = np.asarray(along, dtype=np.float64)
        return np.asarray((self.widths[0] + (self.widths[1] - self.widths[0]) * s / self.length) / 2)

    def reach(self, along: Any) -> F8:
        """The same with the wider setting."""
        return np.asarray(self.half(along) + self.setting * np.asarray(along, dtype=np.float64) / self.length)

    @property
    def end(self) -> float:
        """Length at which the background ends; a corridor that narrows ends in a tip at the latest."""
        end = self.length + self.background
        gain = (self.widths[1] - self.widths[0]) / 2 + self.setting
        tip = -self.widths[0] / 2 * self.length / gain if gain < 0 else end
        return max(min(end, tip), self.length)

    def regions(self) -> list[tuple[int, F8]]:
        """The parts' convex regions: number in ``PARTS``, and (n, 3) half planes u · length + v · offset ≤ w."""
        d, half = self.length, self.widths[0] / 2
        k = (self.widths[1] - self.widths[0]) / (2 * d)
        wide = k + self.setting / d
        before, beyond = [[-1.0, 0.0, 0.0], [1.0, 0.0, d]], [[-1.0, 0.0, -d], [1.0, 0.0, self.end]]
        found = [(0, [*before, [-k, 1.0, half], [-k, -1.0, half]])]
        if self.setting:
            found += [(1, [*before, [k, -side, -half], [-wide, side, half]]) for side in (1.0, -1.0)]
        if self.end > d:
            found.append((2, [*beyond, [-wide, 1.0, half], [-wide, -1.0, half]]))
        return [(part, np.array(planes)) for part, planes in found]

    def part_at(self, along: Any, aside: Any) -> NDArray[np.int8]:
        """Number in ``PARTS`` at these lengths and offsets, −1 outside all."""
        s, a = np.asarray(along, dtype=np.float64), np.asarray(aside, dtype=np.float64)
        found = np.full(np.broadcast(s, a).shape, -1, dtype=np.int8)
        for part, planes in reversed(self.regions()):
            found[np.all([u * s + v * a <= w + NEXT_TO_NOTHING for u, v, w in planes], axis=0)] = part
        return found

    def outlines(self) -> list[tuple[int, F8]]:
        """The parts as rings: number in ``PARTS``, and (n, 2) lengths and offsets, counter-clockwise, not closed."""
        d, end = self.length, self.end

        def ring(rows: list[tuple[float, float]]) -> F8:
            return np.array(rows, dtype=np.float64)

        near, far = float(self.half(0.0)), float(self.half(d))
        found = [(0, ring([(0.0, -near), (d, -far), (d, far), (0.0, near)]))]
        if self.setting:
            wide = float(self.reach(d))
            found.append((1, ring([(0.0, near), (d, far), (d, wide)])))
            found.append((1, ring([(0.0, -near), (d, -wide), (d, -far)])))
        if end > d:
            wide, last = float(self.reach(d)), float(self.reach(end))
            found.append((2, ring([(d, -wide), (end, -last), (end, last), (d, wide)])))
        return found

    def box(self) -> tuple[float, float, float, float]:
        """xmin, ymin, xmax, ymax of all parts."""
        corners = np.concatenate([ring for _, ring in self.outlines()])
        x, y = self.world(corners[:, 0], corners[:, 1])
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for a result's provenance."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Corridor:
        """The corridor that ``to_dict`` wrote."""
        plain: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in record.items()}
        return cls(**plain)
