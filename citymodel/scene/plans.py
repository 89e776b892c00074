"""What a proposal draws on the ground: outlines of changed ground, openings, and a line in the making."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.scene import colours

if TYPE_CHECKING:
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

    closed : the outline of an area; marked : with a marker at every place, as openings and what is being drawn
    """

    id: str
    line: tuple[Place, ...]
    closed: bool = False
    marked: bool = False
    selected: bool = False


def plans_of(
    scenario: Scenario | None, origin: tuple[float, float, float], selection: frozenset[tuple[str, str]]
) -> tuple[Plan, ...]:
    """The outlines and openings of a scenario; of the base none."""
    if scenario is None:
        return ()

    def local(places: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple((x - origin[0], y - origin[1]) for x, y in places)

    chosen = {object_id for layer_id, object_id in selection if layer_id in ("", scenario.layer_id)}
    areas = [Plan(one.id, local(one.outline), closed=True, selected=one.id in chosen) for one in scenario.grounds()]
    ways = [
        Plan(one.id, local((one.start, one.end)), marked=True, selected=one.id in chosen) for one in scenario.openings()
    ]
    return (*areas, *ways)


class Plans:
    """Keeps a plotter's lines true to the plans last shown."""

    def __init__(self, plotter: Any, density: float) -> None:
        self.plotter, self.density = plotter, density
        self._actors: list[Any] = []

    def show(self, plans: tuple[Plan, ...], ground: Ground) -> None:
        """These lines and no others; ``ground`` tells the local height at a local place."""
        for actor in self._actors:
            self.plotter.renderer.RemoveActor(actor)
        self._actors = [actor for plan in plans for actor in self._of(plan, ground)]
        for actor in self._actors:
            self.plotter.renderer.AddActor(actor)

    def _of(self, plan: Plan, ground: Ground) -> list[Any]:
        import shapely

        from citymodel.scene import actors  # which knows the state, which knows plans
        from citymodel.scene.outlines import LIFT, MOST, SPACING, draped

        found = []
        line = [one for k, one in enumerate(plan.line) if k == 0 or one != plan.line[k - 1]]  # the pointer may rest
        places = np.asarray(line, dtype=np.float64)
        closed = plan.closed and len(places) > 2 and shapely.Polygon(places).area > 0
        if len(places) > 1:
            whole = np.concatenate([places, places[:1]]) if closed else places
            path = shapely.LineString(whole)
            along = shapely.get_coordinates(shapely.segmentize(path, max(SPACING, path.length / MOST)))
            points, segments = draped([_outside(along, places)] if closed else [along], ground)
            points[:, :2] = along
            found.append(self._dressed(actors.polydata(points, segments, "lines"), plan))
        if plan.marked:
            heights = [0.0 if (z := ground(float(x), float(y))) is None else z for x, y in places]
            at = np.column_stack([places, np.asarray(heights) + 2 * LIFT]).astype(np.float32)
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


def _outside(line: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) places a little outside an outline, one for each of its own."""
    import shapely

    area = shapely.Polygon(corners)
    around = area.buffer(OUT, join_style="mitre", mitre_limit=2.0).exterior
    return shapely.get_coordinates(
        [around.interpolate(around.project(shapely.Point(place))) for place in line]
    )  # fmt: skip
