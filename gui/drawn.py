"""What the drawing tools make of places on the map, where drawn things have corners, and which lies at a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from citymodel.document import unique_id
from citymodel.errors import ParameterError
from gui.words import tr

if TYPE_CHECKING:
    from citymodel.scenario import AddOpening, AddWall, ChangeGround, Drawn, Scenario

World = tuple[float, float, float]
WALL, DIG, BANK = 1.0, -1.0, 2.0  # metres of a new wall, of a new basin, and the run of its banks a metre
PIPE = 1.0  # metres of a new culvert's width and height


def drawing(kind: str, places: list[World], scenario: Scenario | None) -> Drawn:
    """The change that a finished line is: a wall, changed ground or an opening."""
    return {"wall": new_wall, "ground": new_ground, "culvert": new_culvert}[kind](places, scenario)


def new_wall(places: list[World], scenario: Scenario | None) -> AddWall:
    """A wall along the places, a metre high above the ground."""
    from citymodel.scenario import AddWall

    id, name = _named(tr("Flood wall"), "flood-wall", scenario)
    return AddWall(id, name, _flat(places), WALL)


def new_ground(places: list[World], scenario: Scenario | None) -> ChangeGround:
    """Ground lowered by a metre inside the places, with banks."""
    from citymodel.scenario import ChangeGround

    id, name = _named(tr("Basin"), "basin", scenario)
    return ChangeGround(id, name, _flat(places), by=DIG, slope=BANK)


def new_culvert(places: list[World], scenario: Scenario | None) -> AddOpening:
    """A culvert between two places, its floor at the higher of the grounds there."""
    from citymodel.scenario import AddOpening

    id, name = _named(tr("Culvert"), "culvert", scenario)
    start, end = _flat(places)[:2]
    return AddOpening(id, name, start, end, PIPE, round(max(places[0][2], places[1][2]), 2), PIPE)


def drawn_at(scenario: Scenario | None, x: float, y: float, reach: float) -> str | None:
    """The id of the opening within so many metres of a place, else of the changed ground around it."""
    if scenario is None:
        return None
    import shapely

    place = shapely.Point(x, y)
    for way in scenario.openings():
        if shapely.LineString((way.start, way.end)).distance(place) <= reach:
            return way.id
    for area in reversed(scenario.grounds()):
        if shapely.Polygon(area.outline).distance(place) <= reach:
            return area.id
    return None


def corners_of(one: Drawn) -> tuple[tuple[float, float], ...]:
    """Where a drawn thing turns and ends, metres in the frame's CRS; a ring's first corner once."""
    from citymodel.scenario import AddBox, AddOpening, AddWall

    if isinstance(one, AddOpening):
        return one.start, one.end
    if isinstance(one, AddWall):
        return one.line[:-1] if _ring(one.line) else one.line
    return one.footprint if isinstance(one, AddBox) else one.outline


def with_corners(one: Drawn, places: Sequence[tuple[float, float]]) -> Drawn:
    """The same thing along other corners, its ground and its numbers as they were; a ring stays one."""
    from citymodel.scenario import AddBox, AddOpening, AddWall

    places = tuple((float(place[0]), float(place[1])) for place in places)
    if isinstance(one, AddOpening):
        if len(places) != 2:
            raise ParameterError(tr("A culvert has two ends; give two places."))
        return replace(one, start=places[0], end=places[1])
    if isinstance(one, AddWall):
        return replace(one, line=(*places, places[0]) if _ring(one.line) and len(places) > 2 else places)
    return replace(one, footprint=places) if isinstance(one, AddBox) else replace(one, outline=places)


def least_corners(one: Drawn) -> int:
    """How many corners it needs."""
    from citymodel.scenario import AddOpening, AddWall

    if isinstance(one, AddWall):
        return 3 if _ring(one.line) else 2
    return 2 if isinstance(one, AddOpening) else 3


def _ring(line: Sequence[tuple[float, float]]) -> bool:
    return len(line) > 3 and line[0] == line[-1]


def drawn_bounds(one: Drawn) -> tuple[float, float, float, float]:
    """xmin, ymin, xmax, ymax of a drawn thing with room around it, metres in the frame's CRS."""
    places = corners_of(one)
    x, y = [place[0] for place in places], [place[1] for place in places]
    room = max(0.6 * max(max(x) - min(x), max(y) - min(y)), 15.0)
    return min(x) - room, min(y) - room, max(x) + room, max(y) + room


def _flat(places: list[World]) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y, _ in places)


def _named(name: str, stem: str, scenario: Scenario | None) -> tuple[str, str]:
    """An id that the scenario does not hold yet, and a name with its number."""
    changes = scenario.changes if scenario is not None else ()
    id = unique_id(stem, [one.id for one in changes if hasattr(one, "id")])
    number = id.removeprefix(stem).lstrip("-")
    return id, f"{name} {number}" if number else name
