"""Pose: where the eye stands and looks, and how a hand moves it over a map; no Qt here."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Point = tuple[float, float, float]

STEEPEST = 89.9
FLATTEST = 3.0
NEAREST = 4.0  # metres the eye keeps from what it zooms to
CLEAR = 1.7  # metres the eye keeps above the ground
FARTHEST = 200_000.0


@dataclass(frozen=True, slots=True)
class Pose:
    """The eye in local metres; the horizon is always level.

    heading : degrees from grid north, clockwise; down : degrees below the horizon;
    distance : metres to the point looked at
    """

    position: Point
    heading: float
    down: float
    distance: float

    @property
    def ahead(self) -> Point:
        heading, down = math.radians(self.heading), math.radians(self.down)
        flat = math.cos(down)
        return flat * math.sin(heading), flat * math.cos(heading), -math.sin(down)

    @property
    def up(self) -> Point:
        heading, down = math.radians(self.heading), math.radians(self.down)
        flat = math.sin(down)
        return flat * math.sin(heading), flat * math.cos(heading), math.cos(down)

    @property
    def right(self) -> Point:
        heading = math.radians(self.heading)
        return math.cos(heading), -math.sin(heading), 0.0

    @property
    def focus(self) -> Point:
        return _add(self.position, self.ahead, self.distance)

    @classmethod
    def looking(cls, position: Point, focus: Point, up: Point = (0.0, 0.0, 1.0)) -> Pose:
        """The pose of a camera given by its two points."""
        line = _add(focus, position, -1.0)
        distance = max(math.dist(position, focus), 1e-6)
        flat = math.hypot(line[0], line[1])
        down = math.degrees(math.atan2(-line[2], flat))
        north = line if flat > 1e-6 * distance else up
        heading = math.degrees(math.atan2(north[0], north[1])) % 360.0
        return cls(position, heading, min(max(down, -80.0), STEEPEST), distance)

    @classmethod
    def around(cls, focus: Point, heading: float, down: float, distance: float) -> Pose:
        """The pose that looks at ``focus`` from ``distance`` metres."""
        pose = cls((0.0, 0.0, 0.0), heading % 360.0, down, distance)
        return replace(pose, position=_add(focus, pose.ahead, -distance))

    def ray(self, x: float, y: float, aspect: float, view_angle: float) -> Point:
        """Direction through a place in the picture; x right and y up from −1 to 1."""
        tall = math.tan(math.radians(view_angle) / 2.0)
        line = _add(_add(self.ahead, self.right, x * tall * aspect), self.up, y * tall)
        length = math.hypot(*line)
        return line[0] / length, line[1] / length, line[2] / length

    def on_plane(self, direction: Point, height: float) -> Point | None:
        """Where a ray from the eye meets the level at ``height``; None when it looks away or far beyond."""
        if direction[2] > -0.02 or self.position[2] <= height:
            return None
        return _add(self.position, direction, (height - self.position[2]) / direction[2])

    def panned(self, held: Point, now: Point) -> Pose:
        """The ground point ``held`` comes under the pointer that is at ``now``."""
        x, y, z = self.position
        return replace(self, position=(x + held[0] - now[0], y + held[1] - now[1], z))

    def orbited(self, pivot: Point, turn: float, tilt: float) -> Pose:
        """Turned about a point; it stays where it is in the picture, the horizon level."""
        down = min(max(self.down + tilt, FLATTEST), STEEPEST)
        after = replace(self, heading=(self.heading + turn) % 360.0, down=down)
        line = _add(pivot, self.position, -1.0)
        right, up, ahead = _dot(line, self.right), _dot(line, self.up), _dot(line, self.ahead)
        place = _add(_add(_add(pivot, after.right, -right), after.up, -up), after.ahead, -ahead)
        return replace(after, position=place)

    def zoomed(self, target: Point, factor: float) -> Pose:
        """Nearer (factor below 1) to or farther from a point that keeps its place in the picture."""
        gap = math.dist(self.position, target)
        factor = max(factor, min(NEAREST / max(gap, 1e-6), 1.0))
        if gap * factor > FARTHEST:
            return self
        line = _add(self.position, target, -1.0)
        return replace(self, position=_add(target, line, factor), distance=max(self.distance * factor, NEAREST))

    def above(self, ground: float) -> Pose:
        """Lifted, if need be, above the ground under the eye."""
        x, y, z = self.position
        return replace(self, position=(x, y, max(z, ground + CLEAR)))

    def towards(self, other: Pose, share: float) -> Pose:
        """The pose on the way to another, ``share`` from 0 to 1, slow at both ends."""
        ease = share * share * (3.0 - 2.0 * share)
        turn = (other.heading - self.heading + 180.0) % 360.0 - 180.0
        a, b = self.focus, other.focus
        focus = (a[0] + (b[0] - a[0]) * ease, a[1] + (b[1] - a[1]) * ease, a[2] + (b[2] - a[2]) * ease)
        distance = self.distance * (other.distance / self.distance) ** ease
        return Pose.around(focus, self.heading + turn * ease, self.down + (other.down - self.down) * ease, distance)


def framing(bounds: tuple[float, ...], heading: float, down: float, aspect: float, view_angle: float) -> Pose:
    """The pose that holds a box (xmin, ymin, zmin, xmax, ymax, zmax) in the picture."""
    low, high = bounds[:3], bounds[3:]
    centre = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2)
    tall = math.tan(math.radians(view_angle) / 2.0) * 0.94
    pose = Pose.around(centre, heading, down, 1.0)
    distance = NEAREST
    for x in (low[0], high[0]):
        for y in (low[1], high[1]):
            for z in (low[2], high[2]):
                line = (x - centre[0], y - centre[1], z - centre[2])
                near = -_dot(line, pose.ahead)
                wide = abs(_dot(line, pose.right)) / (tall * aspect)
                high_ = abs(_dot(line, pose.up)) / tall
                distance = max(distance, near + wide, near + high_)
    return Pose.around(centre, heading, down, distance)


def _add(a: Point, b: Point, times: float) -> Point:
    return a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
