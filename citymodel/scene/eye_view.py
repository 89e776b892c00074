"""The city as an eye that stands in it sees it: no maps on it, no words over it, and the camera in the eye."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from citymodel.scene.state import SceneState

NEAREST = 1.5e-4
"""Distance of the nearest thing that is drawn as a share of the farthest: a wall at arm's length beside a far hill."""
STEEPEST = 85.0


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where an eye looks.

    position : the eye in local metres; heading : degrees from grid north, clockwise; up : degrees above the horizon;
    width : of the field of view, degrees
    """

    position: tuple[float, float, float]
    heading: float
    up: float = 0.0
    width: float = 75.0

    def turned(self, right: float, up: float) -> Gaze:
        """Turned by so many degrees."""
        steep = min(max(self.up + up, -STEEPEST), STEEPEST)
        return replace(self, heading=(self.heading + right) % 360.0, up=steep)


def plain(state: SceneState) -> SceneState:
    """The state without what is only for the map: drapes, pins, outlines, words, points of results."""
    items = tuple(replace(one, quiet=False) for one in state.items if one.kind != "result")
    light = replace(state.light, even=False)
    return replace(state, items=items, light=light, drape=None, pins=(), areas=(), camera=None, furniture=False)


def aim(renderer: Any, gaze: Gaze) -> None:
    """Put the renderer's camera into the eye."""
    wide, tall = renderer.GetSize()
    across = math.tan(math.radians(gaze.width) / 2.0)
    heading, up = math.radians(gaze.heading), math.radians(gaze.up)
    flat = math.cos(up)
    ahead = (flat * math.sin(heading), flat * math.cos(heading), math.sin(up))
    camera = renderer.GetActiveCamera()
    camera.SetPosition(*gaze.position)
    camera.SetFocalPoint(*(a + 10.0 * b for a, b in zip(gaze.position, ahead, strict=True)))
    camera.SetViewUp(0.0, 0.0, 1.0)
    camera.SetViewAngle(2.0 * math.degrees(math.atan(across * max(tall, 1) / max(wide, 1))))
    renderer.SetNearClippingPlaneTolerance(NEAREST)
    renderer.ResetCameraClippingRange()
