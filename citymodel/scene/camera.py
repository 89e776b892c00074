"""The camera: named views, and the distance at which everything is in the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError

Bounds = tuple[float, float, float, float, float, float]

# name: (heading the camera looks towards, degrees from grid north; degrees it looks down)
VIEWS: dict[str, tuple[float, float]] = {
    "home": (28.0, 36.0),
    "oblique": (28.0, 36.0),
    "top": (0.0, 90.0),
    "north": (0.0, 30.0),
    "east": (90.0, 30.0),
    "south": (180.0, 30.0),
    "west": (270.0, 30.0),
    "street": (28.0, 12.0),
}
VIEW_ANGLE = 30.0
MARGIN = 1.07


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the eye is and what it looks at, metres in the frame's local coordinates.

    parallel_scale : half the height of the picture in metres for a plan without perspective, else None
    view_angle : degrees from the picture's lower to its upper edge
    """

    position: tuple[float, float, float]
    focus: tuple[float, float, float]
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)
    parallel_scale: float | None = None
    view_angle: float = VIEW_ANGLE


def framed(points: NDArray[np.float64], view: str = "home", aspect: float = 1.6) -> Camera:
    """The camera of a named view that holds all of the points.

    Parameters
    ----------
    points : (n, 3) local coordinates, metres
    aspect : width over height of the picture
    """
    if view not in VIEWS:
        raise ParameterError(
            f"no view is named {view!r}; choose one of {', '.join(VIEWS)}, or a bookmark of the project"
        )
    heading, down = (math.radians(angle) for angle in VIEWS[view])
    ahead = np.array([math.sin(heading) * math.cos(down), math.cos(heading) * math.cos(down), -math.sin(down)])
    right = np.array([math.cos(heading), -math.sin(heading), 0.0])
    up = np.cross(right, ahead)
    corners = np.asarray(points, dtype=np.float64)
    centre = (corners.min(axis=0) + corners.max(axis=0)) / 2
    if view == "top":
        half = np.abs((corners - centre) @ np.stack([right, up], axis=1)).max(axis=0)
        scale = max(float(max(half[1], half[0] / aspect)) * MARGIN, 1.0)
        reach = float(corners[:, 2].max() - corners[:, 2].min()) + 2.0 * scale
        return Camera(_three(centre - ahead * reach), _three(centre), _three(up), scale)
    tall = math.tan(math.radians(VIEW_ANGLE / 2)) / MARGIN
    distance = 1.0
    for _ in range(12):
        distance, shift = _fit((corners - centre) @ np.stack([right, up, ahead], axis=1), tall * aspect, tall)
        centre = centre + right * shift[0] + up * shift[1]
        if max(abs(shift)) < 1e-3 * distance:
            break
    return Camera(_three(centre - ahead * distance), _three(centre))


def corners_of(bounds: Bounds) -> NDArray[np.float64]:
    """(8, 3) corners of a box."""
    return np.array([[bounds[i], bounds[j], bounds[k]] for i in (0, 3) for j in (1, 4) for k in (2, 5)], dtype=float)


def extremes(points: NDArray[np.float64], directions: int = 256) -> NDArray[np.float64]:
    """The (m, 3) points that lie farthest in evenly spread directions: what a camera has to hold."""
    step = np.arange(directions) + 0.5
    z = 1.0 - 2.0 * step / directions
    turn = np.pi * (1.0 + 5.0**0.5) * step
    flat = np.sqrt(1.0 - z * z)
    spread = np.stack([flat * np.cos(turn), flat * np.sin(turn), z])
    middle = points.mean(axis=0)
    return np.asarray(points[np.unique(np.argmax((points - middle) @ spread, axis=0))], dtype=np.float64)


def _fit(seen: NDArray[np.float64], wide: float, tall: float) -> tuple[float, NDArray[np.float64]]:
    """Distance from which the points (right, up, ahead) fit, and the shift that centres what is seen."""
    distance = max(
        float((np.abs(seen[:, 0]) / wide - seen[:, 2]).max()),
        float((np.abs(seen[:, 1]) / tall - seen[:, 2]).max()),
        1.0 - float(seen[:, 2].min()),
    )
    depth = np.maximum(seen[:, 2] + distance, 1e-6)
    shift = np.zeros(2)
    for axis in (0, 1):
        share = seen[:, axis] / depth
        shift[axis] = (share.max() + share.min()) / 2 * distance
    return distance, shift


def heading_of(camera: Camera) -> float:
    """Degrees from grid north, clockwise, of what is up in the picture."""
    ahead = np.subtract(camera.focus, camera.position)
    if math.hypot(ahead[0], ahead[1]) < 1e-6 * abs(ahead[2]):
        ahead = np.asarray(camera.up)
    return math.degrees(math.atan2(ahead[0], ahead[1])) % 360.0


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
