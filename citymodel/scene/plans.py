"""What a proposal draws on the ground: outlines of changed ground, walls, openings, and a line in the making."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import colours

if TYPE_CHECKING:
    from citymodel.changes import ChangeGround
    from citymodel.scenario import Scenario

Place = tuple[float, float]
Ground = Callable[[float, float], float | None]

OUT = 2.5
"""Metres outside an outline at which the ground is asked for: inside it is another already."""
WIDE, ENDS = 3.5, 12.0
"""Pixels of a line, and of the markers at an opening's ends."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A line on the ground by local places, metres.

    closed : the outline of an area; marked : with a marker at every place: openings, what is selected or being drawn
    lift : metres above the ground; level : the local height that it lies at instead, None for the ground's
    """

    id: str
    line: tuple[Place, ...]
    closed: bool = False
    marked: bool = False
    selected: bool = False
    lift: float = 0.0
    level: float | None = None


def plans_of(
    scenario: Scenario | None, origin: tuple[float, float, float], selection: frozenset[tuple[str, str]]
) -> tuple[Plan, ...]:
    """The outlines, the lines of walls and the openings of a scenario; of the base none.

    A wall is a solid too, but from above it is narrower than a pixel.
    """
    if scenario is None:
        return ()

    def local(places: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple((x - origin[0], y - origin[1]) for x, y in places)

    chosen = {object_id for layer_id, object_id in selection if layer_id in ("", scenario.layer_id)}
    areas = [
        Plan(one.id, local(one.outline), closed=True, marked=one.id in chosen, selected=one.id in chosen)
        for one in scenario.grounds()
    ]
    walls = [
        Plan(one.id, local(one.line), marked=one.id in chosen, selected=one.id in chosen, lift=one.height,
             level=None if one.base is None else one.base + one.height - origin[2])
        for one in scenario.walls()
    ]  # fmt: skip
    ways = [
        Plan(one.id, local((one.start, one.end)), marked=True, selected=one.id in chosen) for one in scenario.openings()
    ]
    return (*areas, *walls, *ways)


def local_grounds(scenario: Scenario, origin: tuple[float, float, float]) -> tuple[ChangeGround, ...]:
    """A scenario's changes of the ground in local metres."""
    return tuple(
        replace(
            one,
            outline=tuple((x - origin[0], y - origin[1]) for x, y in one.outline),
            level=None if one.level is None else one.level - origin[2],
        )
        for one in scenario.grounds()
    )


class Plans:
    """Keeps a plotter's lines true to the plans last shown.

    markers, lines : (n, 3) local places of the markers, and along the line, by the plan's id
    """

    def __init__(self, plotter: Any, density: float) -> None:
        self.plotter, self.density = plotter, density
        self.markers: dict[str, NDArray[np.float32]] = {}
        self.lines: dict[str, NDArray[np.float32]] = {}
        self._actors: list[Any] = []

    def show(self, plans: tuple[Plan, ...], ground: Ground) -> None:
        """These lines and no others; ``ground`` tells the local height at a local place."""
        for actor in self._actors:
            self.plotter.renderer.RemoveActor(actor)
        self.markers, self.lines = {}, {}
        self._actors = [actor for plan in plans for actor in self._of(plan, ground)]
        for actor in self._actors:
            self.plotter.renderer.AddActor(actor)

    def _of(self, plan: Plan, ground: Ground) -> list[Any]:
        import shapely

        from citymodel.scene import actors  # which knows the state, which knows plans
        from citymodel.scene.outlines import LIFT, MOST, SPACING, draped

        found = []
        places = np.asarray(plan.line, dtype=np.float64)
        high = _heights(plan, ground)
        closed = plan.closed and len(places) > 2 and shapely.Polygon(places).area > 0  # corners may coincide yet
        whole = np.concatenate([places, places[:1]]) if closed else places
        path = shapely.LineString(whole) if len(places) > 1 else shapely.LineString()
        if path.length > 0:
            line = shapely.get_coordinates(shapely.segmentize(path, max(SPACING, path.length / MOST)))
            points, segments = draped([_outside(line, places)] if closed else [line], high)
            points[:, :2] = line
            self.lines[plan.id] = points
            found.append(self._dressed(actors.polydata(points, segments, "lines"), plan))
        if plan.marked:
            heights = [0.0 if (z := high(float(x), float(y))) is None else z for x, y in places]
            self.markers[plan.id] = at = np.column_stack([places, np.asarray(heights) + 2 * LIFT]).astype(np.float32)
            found.append(self._dressed(actors.polydata(at, np.arange(len(at))[:, None], "verts"), plan))
        return found

    def _dressed(self, mesh: Any, plan: Plan) -> Any:
        from citymodel.scene import actors

        actor = actors.actor_of(mesh, lit=False)
        actor.GetMapper().SetScalarVisibility(False)
        look = actor.GetProperty()
        look.SetColor(*colours.unit(colours.ACCENT if plan.selected else colours.PROPOSED_LINE))
        look.SetLineWidth(WIDE * self.density)
        look.SetPointSize(ENDS * self.density)
        look.SetRenderPointsAsSpheres(True)
        actor.SetPickable(False)
        return actor


def _heights(plan: Plan, ground: Ground) -> Ground:
    """What tells the local height of a plan's line at a local place."""
    if plan.level is not None:
        return lambda x, y: plan.level
    if plan.lift == 0.0:
        return ground
    return lambda x, y: None if (z := ground(x, y)) is None else z + plan.lift


def _outside(line: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) places a little outside an outline, one for each of its own."""
    import shapely

    area = shapely.Polygon(corners)
    around = area.buffer(OUT, join_style="mitre", mitre_limit=2.0).exterior
    return shapely.get_coordinates(
        [around.interpolate(around.project(shapely.Point(place))) for place in line]
    )  # fmt: skip
