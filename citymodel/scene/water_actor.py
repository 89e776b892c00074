"""The water on a stage: its surface, arrows and streaks, exchanged as the moment moves and nothing else with them."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from typing import Any

import numpy as np

from citymodel.scene import actors, colours, water_flow, water_look, water_surface
from citymodel.scene.water import NATURAL, STREAKS, Water, moment_at

KEPT = 6
"""Moments whose triangles are kept: two sides of a swipe, and a little way back."""
APART = 30.0
"""Pixels between two arrows."""
TURNS = 9.0
"""Frames in which a streak's particle goes its way once."""
DARK, LIGHT = "#0d2c45", "#ffffff"
"""Of arrows and their rims, and of streaks, on shallow water; the other way round on deep."""
SURFACE, RIM, SIGN = -1.0, -2.0, -3.0
"""Slopes a pixel by which each comes before what lies beneath it; VTK's own units of depth are metres far away."""


@dataclasses.dataclass(eq=False, slots=True)
class Made:
    """A moment's water, ready to be shown.

    full, quick : vtkPolyData at rest and while the camera moves; field : what arrows are made from
    signs : arrows or streaks by how far apart they stand
    """

    full: Any
    quick: Any
    field: water_surface.Field
    signs: dict[tuple[str, int], Any] = dataclasses.field(default_factory=dict)


class Waters:
    """Draws one `Water` on a plotter."""

    def __init__(self, plotter: Any, density: float = 1.0) -> None:
        self.plotter, self.density = plotter, density
        self.water: Water | None = None
        self._made: OrderedDict[tuple[Any, ...], Made] = OrderedDict()
        self._now: Made | None = None
        self._surface: Any = None
        self._signs: list[Any] = []
        self._shown: tuple[Any, ...] = ()
        self._dress: tuple[Any, ...] = ()
        self._moving = False

    def prepare(self, water: Water | None, origin: tuple[float, float, float]) -> Made | None:
        """Make a moment's triangles; touches no actor, so a worker may call it before ``show``."""
        if water is None:
            return None
        key = (water.layer_id, id(water.frames), water.revision, water.state, water.seconds, origin, water.lift)
        made = self._made.get(key)
        if made is None:
            frames = water.frames
            moment = moment_at(frames, frames.revision, water.seconds)
            ground = frames.ground if moment.ground is None else moment.ground
            fields = [
                water_surface.field_of(ground, moment, frames.grid, origin, most)
                for most in (water_surface.FULL, water_surface.QUICK)
            ]
            full, quick = (
                _mesh(water_surface.sheet_of(one, water.lift)) if k == 0 or one.cell != fields[0].cell else None
                for k, one in enumerate(fields)
            )
            made = Made(full, quick or full, fields[0])
        self._made.pop(key, None)  # a worker may have let it go meanwhile
        self._made[key] = made
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        if len(self._shown) > 1 and water.look not in (NATURAL, STREAKS):  # arrows as far apart as those in the picture
            self._arrows_of(made, water, self._shown[1])
        return made

    def share(self, other: Waters) -> None:
        """Hold what another has made; both go on together."""
        self._made = other._made

    def show(self, water: Water | None, origin: tuple[float, float, float]) -> None:
        """Put this water in place of what was there."""
        self.water = water
        self._now = self.prepare(water, origin)
        self._shown = ()
        if water is None or self._now is None:
            self._clear()
            return
        if self._surface is None:
            self._surface = actors.actor_of(self._now.full, "points", flat=False)
            self._surface.GetMapper().SetScalarVisibility(False)
            self._surface.GetMapper().SetRelativeCoincidentTopologyPolygonOffsetParameters(SURFACE, 0.0)
            self._surface.ForceTranslucentOn()
            self.plotter.renderer.AddActor(self._surface)
        dress = (water.classes, water.look == NATURAL)
        if dress != self._dress:
            water_look.dress(self._surface, *dress)
            self._dress = dress
        self._surface.GetProperty().SetOpacity(water.opacity)
        self._exchange()

    def moving(self, active: bool) -> None:
        """While the camera moves fewer triangles; all of them again when it rests."""
        self._moving = active
        self._exchange()

    def follow(self, metres_a_pixel: float) -> None:
        """Arrows as far apart as the scale of the picture asks for; before each picture."""
        water, made = self.water, self._now
        if water is None or made is None or water.look == NATURAL or made.field.east is None:
            wanted: tuple[Any, ...] = ("none",)
        else:
            pixels = APART if water.look != STREAKS else APART / 2.0
            each = water_flow.apart(made.field, pixels * self.density * metres_a_pixel)
            wanted = (water.look, each, id(made), water.opacity)
        if wanted == self._shown:
            return
        self._shown = wanted
        for actor in self._signs:
            self.plotter.renderer.RemoveActor(actor)
        self._signs = []
        if len(wanted) > 1 and water is not None and made is not None:
            self._signs = self._streaks(made, water, each) if water.look == STREAKS else self._arrows(made, water, each)
        for actor in self._signs:
            self.plotter.renderer.AddActor(actor)

    def _exchange(self) -> None:
        if self._surface is not None and self._now is not None:
            mesh = self._now.quick if self._moving else self._now.full
            if self._surface.GetMapper().GetInput() is not mesh:
                self._surface.GetMapper().SetInputData(mesh)
            self._surface.SetVisibility(mesh.GetNumberOfCells() > 0)

    def _clear(self) -> None:
        for actor in (*self._signs, *([self._surface] if self._surface is not None else [])):
            self.plotter.renderer.RemoveActor(actor)
        self._signs, self._surface, self._dress = [], None, ()

    def _arrows_of(self, made: Made, water: Water, each: int) -> Any:
        key = ("arrows", each)
        if key not in made.signs:
            made.signs[key] = water_flow.arrows_of(made.field, each, water.lift)
        return made.signs[key]

    def _arrows(self, made: Made, water: Water, each: int) -> list[Any]:
        arrows = self._arrows_of(made, water, each)
        if arrows is None:
            return []
        found: list[Any] = []
        for points, on_light, on_dark, first in ((arrows.rim, LIGHT, DARK, RIM), (arrows.points, DARK, LIGHT, SIGN)):
            mesh = actors.polydata(points, np.arange(len(points)).reshape(-1, 7))
            pair = np.stack([colours.rgb(on_light), colours.rgb(on_dark)]).astype(np.uint8)
            actors.set_colours(mesh, pair[arrows.deep.astype(int)], "cells")
            actor = actors.actor_of(mesh, lit=False)
            actor.GetMapper().SetRelativeCoincidentTopologyPolygonOffsetParameters(first, 0.0)
            found.append(actor)
        return found

    def _streaks(self, made: Made, water: Water, each: int) -> list[Any]:
        times = water.frames.times
        step = float(np.median(np.diff(times))) if len(times) > 1 else 60.0
        streaks = water_flow.streaks_of(made.field, each, water.lift, water.seconds / max(step, 1e-6) / TURNS)
        if streaks is None:
            return []
        count, steps = streaks.strength.shape
        start = (np.arange(count) * steps)[:, None] + np.arange(steps - 1)[None, :]
        seen = (streaks.strength[:, 1:] > 0.02) | (streaks.strength[:, :-1] > 0.02)
        begin = start[seen]
        mesh = actors.polydata(streaks.points.reshape(-1, 3), np.stack([begin, begin + 1], axis=1), "lines")
        rgba = np.empty((count * steps, 4), dtype=np.uint8)
        rgba[:, :3] = np.where(streaks.deep.reshape(-1, 1), colours.rgb(LIGHT), colours.rgb(DARK))
        rgba[:, 3] = (255 * 0.95 * streaks.strength.ravel()).astype(np.uint8)
        actors.set_colours(mesh, rgba, "points")
        actor = actors.actor_of(mesh, "points", flat=False, lit=False)
        actor.GetMapper().SetRelativeCoincidentTopologyLineOffsetParameters(SIGN, 0.0)
        actor.GetProperty().SetLineWidth(2.4 * self.density)
        actor.ForceTranslucentOn()
        return [actor]


def _mesh(sheet: water_surface.Sheet) -> Any:
    """vtkPolyData of a sheet, with normals and the array that `water_look` reads."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    mesh = actors.polydata(sheet.points, sheet.triangles)
    mesh.GetPointData().SetNormals(numpy_to_vtk(sheet.normals, deep=True))
    flow = numpy_to_vtk(np.ascontiguousarray(np.stack([sheet.film, sheet.speed], axis=1)), deep=True)
    flow.SetName("flow")
    mesh.GetPointData().AddArray(flow)
    return mesh
