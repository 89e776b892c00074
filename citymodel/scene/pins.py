"""Numbered pins on the city, for places that somebody asked about."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from citymodel.scene import colours

LEGS, MOST, STEP = 24, 480, 4.0
"""Pieces of a line, each laid on what is uppermost at its ends: so many at least and at most, metres of one between."""
LIFT = 1.5
"""Metres by which the number stands above its place."""
SIGHT = 40.0
"""Metres of the lines that show where somebody looks."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A place in the frame's local coordinates, metres, and the words on its flag.

    place : x, y, z; None for a height that nobody gave: the pin stands on what is uppermost there
    gaze : heading and width of what somebody there looks at, degrees from grid north clockwise; None for no direction
    line : x, y of a line that the words are of, drawn at the height of the flag over what is uppermost; () for none
    """

    words: str
    place: tuple[float, float, float | None]
    gaze: tuple[float, float] | None = None
    line: tuple[tuple[float, float], ...] = ()


class Pins:
    """Keeps a plotter's pins true to the last ones shown."""

    def __init__(self, plotter: Any, density: float) -> None:
        self.plotter, self.density = plotter, density
        self._props: list[Any] = []

    def show(self, pins: tuple[Pin, ...], ground: Callable[[float, float], float]) -> None:
        """These pins and no others; they keep their size on the screen.

        ground : x, y → height of the uppermost surface there
        """
        for prop in self._props:
            self.plotter.renderer.RemoveViewProp(prop)
        self._props = [prop for pin in pins for prop in self._of(pin, ground)]
        for prop in self._props:
            self.plotter.renderer.AddViewProp(prop)

    def _of(self, pin: Pin, ground: Callable[[float, float], float]) -> tuple[Any, ...]:
        from citymodel.scene import actors  # which knows the state, which knows pins

        x, y, given = pin.place
        z = given if given is not None else ground(x, y)
        ends = [[x, y, z], [x, y, z + LIFT]]
        lines = [[0, 1]]
        if pin.gaze is not None:
            ends += [
                [x, y, z + LIFT],
                *(_out((x, y, z + LIFT), pin.gaze[0] + side * pin.gaze[1]) for side in (-0.5, 0.5)),
            ]
            lines += [[2, 3], [2, 4], [3, 4]]
        if len(pin.line) > 1:
            tape = [[*at, ground(*at)] for at in pieces(pin.line)]
            first = len(ends)
            ends += [[a, b, c + LIFT] for a, b, c in tape] + [tape[0], tape[-1]]
            last = first + len(tape)
            lines += [[k, k + 1] for k in range(first, last - 1)] + [[last, first], [last + 1, last - 1]]
        points = np.array(ends, dtype=np.float32)
        stem = actors.actor_of(actors.polydata(points, np.array(lines), "lines"), lit=False)
        foot = actors.actor_of(actors.polydata(points[:1], np.array([[0]]), "verts"), "points", lit=False)
        for actor in (stem, foot):
            actor.GetMapper().SetScalarVisibility(False)
            look = actor.GetProperty()
            look.SetColor(*colours.unit(colours.PLATE))
            look.SetLineWidth((3.0 if len(pin.line) > 2 else 2.0) * self.density)  # of an area, among houses
            look.SetPointSize(9.0 * self.density)
            look.SetRenderPointsAsSpheres(True)
            actor.SetPickable(False)
        flag = _flag(pin.words, (x, y, z + LIFT), round(13 * self.density))
        return stem, foot, flag


def pieces(line: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """Places along a line, its corners among them, in equal steps."""
    steps = [math.dist(a, b) for a, b in itertools.pairwise(line)]
    whole, found = math.fsum(steps), [line[0]]
    count = min(max(whole / STEP, LEGS), MOST)
    for (a, b), (c, d), length in zip(line[:-1], line[1:], steps, strict=True):
        parts = max(round(count * length / whole), 1) if whole > 0 else 1
        found += [(a + (c - a) * k / parts, b + (d - b) * k / parts) for k in range(1, parts + 1)]
    return found


def _out(place: tuple[float, float, float], heading: float) -> list[float]:
    """The end of a line of sight that is drawn."""
    angle = math.radians(heading)
    return [place[0] + SIGHT * math.sin(angle), place[1] + SIGHT * math.cos(angle), place[2]]


def _flag(words: str, place: tuple[float, float, float], size: int) -> Any:
    """Words on a plate that stays in sight in front of everything."""
    from vtkmodules.vtkRenderingCore import vtkTextActor

    flag = vtkTextActor()
    flag.SetInput(f" {words} ")
    where = flag.GetPositionCoordinate()
    where.SetCoordinateSystemToWorld()
    where.SetValue(*place)
    text = flag.GetTextProperty()
    text.SetFontFamilyToArial()
    text.SetFontSize(size)
    text.SetBold(True)
    text.SetColor(1.0, 1.0, 1.0)
    text.SetBackgroundColor(*colours.unit(colours.PLATE))
    text.SetBackgroundOpacity(1.0)
    text.SetJustificationToCentered()
    text.SetVerticalJustificationToBottom()
    flag.SetPickable(False)
    return flag
