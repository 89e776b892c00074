"""The changes that a scenario is made of, each checked where it is made: buildings, walls, ground and openings."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from citymodel.errors import ParameterError

Place = tuple[float, float]
Ring = tuple[Place, ...]

HIGHEST_WALL = 100.0
DEEPEST_DIG = 100.0
"""Metres beyond which a wall or a change of the ground is taken for a slip of the pen."""
LONGEST_WALL = 100_000.0
LONGEST_OPENING = 5_000.0


@dataclass(frozen=True, slots=True)
class AddBox:
    """A new building: a footprint in the frame's CRS (metres, unclosed) and a height above ``base``.

    base : metres; None takes the lowest ground under the footprint
    """

    id: str
    name: str
    footprint: Ring
    height: float
    base: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "footprint", _outline(self.footprint, f"the footprint of {self.name!r}"))
        _check_height(self.height)
        if self.base is not None and not math.isfinite(self.base):
            raise ParameterError(f"the base of {self.name!r} is not a number; give metres, or leave it to the ground")


@dataclass(frozen=True, slots=True)
class RemoveObject:
    """An object of a layer, with its parts and surfaces, is torn down."""

    layer_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class SetHeight:
    """An object stands ``height`` metres above its own base."""

    layer_id: str
    object_id: str
    height: float

    def __post_init__(self) -> None:
        _check_height(self.height)


@dataclass(frozen=True, slots=True)
class AddWall:
    """A flood wall or a dike along a line in the frame's CRS (metres); one that ends where it begins is a ring.

    height : metres of its top above the ground under it, or above ``base`` where that is given: a level crest
    width : metres
    """

    id: str
    name: str
    line: Ring
    height: float
    base: float | None = None
    width: float = 0.5

    def __post_init__(self) -> None:
        line = _places(self.line, f"the line of {self.name!r}")
        line = tuple(one for k, one in enumerate(line) if k == 0 or one != line[k - 1])
        object.__setattr__(self, "line", line)
        if len(line) < 2:
            raise ParameterError(f"the line of {self.name!r} needs two places that differ; draw it again")
        import shapely

        path = shapely.LineString(line)
        if not path.is_simple:
            raise ParameterError(f"the line of {self.name!r} crosses itself; draw it again, or as two walls")
        if path.length > LONGEST_WALL:
            raise ParameterError(f"{self.name!r} is {path.length:,.0f} m long; give at most {LONGEST_WALL:,.0f} m")
        _within(self.height, 0.0, HIGHEST_WALL, f"the height of {self.name!r}", "m above its base", above=True)
        _within(self.width, 0.0, 200.0, f"the width of {self.name!r}", "m", above=True)
        if self.base is not None:
            _within(self.base, -1000.0, 9000.0, f"the base of {self.name!r}", "m")

    @property
    def length(self) -> float:
        """Metres along its line."""
        return sum(math.dist(a, b) for a, b in pairwise(self.line))


@dataclass(frozen=True, slots=True)
class ChangeGround:
    """Ground inside an outline in the frame's CRS (metres, unclosed) that comes to a level, or rises or falls.

    level : metres, the height it comes to; by : metres it rises, falls where negative; one of the two
    slope : metres that its banks run for each metre they rise, inward from the outline; 0 for upright ones
    """

    id: str
    name: str
    outline: Ring
    level: float | None = None
    by: float | None = None
    slope: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "outline", _outline(self.outline, f"the outline of {self.name!r}"))
        if (self.level is None) == (self.by is None):
            raise ParameterError(f"{self.name!r} needs a level or metres to rise or fall, one of the two")
        if self.level is not None:
            _within(self.level, -1000.0, 9000.0, f"the level of {self.name!r}", "m")
        if self.by is not None:
            _within(self.by, -DEEPEST_DIG, DEEPEST_DIG, f"what {self.name!r} rises or falls", "m")
            if self.by == 0:
                raise ParameterError(f"{self.name!r} rises by 0 m; give metres, below 0 to lower the ground")
        _within(self.slope, 0.0, 100.0, f"the slope of the banks of {self.name!r}", "m of run for each metre of rise")


@dataclass(frozen=True, slots=True)
class AddOpening:
    """A culvert or an underpass: water runs through it between two places of the frame's CRS (metres), both ways.

    invert : metres, the higher of the floors at its two ends; width, height : metres of the opening, height None
    where it is open above; capacity : m³/s at the most, None for what width and height let through
    """

    id: str
    name: str
    start: Place
    end: Place
    width: float
    invert: float
    height: float | None = None
    capacity: float | None = None

    def __post_init__(self) -> None:
        start, end = _places((self.start, self.end), f"the ends of {self.name!r}")
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)
        if not 0 < math.dist(start, end) <= LONGEST_OPENING:
            raise ParameterError(
                f"the ends of {self.name!r} are {math.dist(start, end):,.0f} m apart; "
                f"give two places that differ, at most {LONGEST_OPENING:,.0f} m apart"
            )
        _within(self.width, 0.0, 100.0, f"the width of {self.name!r}", "m", above=True)
        _within(self.invert, -1000.0, 9000.0, f"the floor of {self.name!r}", "m")
        if self.height is not None:
            _within(self.height, 0.0, 50.0, f"the height of {self.name!r}", "m", above=True)
        if self.capacity is not None:
            _within(self.capacity, 0.0, 10_000.0, f"the capacity of {self.name!r}", "m³/s", above=True)

    @property
    def length(self) -> float:
        """Metres between its ends."""
        return math.dist(self.start, self.end)


ObjectChange = RemoveObject | SetHeight
OF_OBJECTS = (RemoveObject, SetHeight)
"""The changes of an object of a layer, which is named by ``layer_id`` and ``object_id``."""
Drawn = AddBox | AddWall | ChangeGround | AddOpening
"""The changes that bring a thing of their own, named by ``id``; a later one of the same id stands for it."""
Change = ObjectChange | Drawn
KINDS: Mapping[str, type[Change]] = {
    "add-box": AddBox,
    "remove-object": RemoveObject,
    "set-height": SetHeight,
    "add-wall": AddWall,
    "change-ground": ChangeGround,
    "add-opening": AddOpening,
}


def to_record(change: Change) -> dict[str, Any]:
    """Plain mappings and lists for the project file."""
    names = {kind: name for name, kind in KINDS.items()}
    return {"kind": names[type(change)], **dataclasses.asdict(change)}


def from_record(record: Mapping[str, Any]) -> Change:
    """The change that ``to_record`` wrote; lists become tuples."""
    told = dict(record)
    kind = KINDS[told.pop("kind")]
    for name in ("footprint", "line", "outline"):
        if name in told:
            told[name] = tuple((float(x), float(y)) for x, y in told[name])
    for name in ("start", "end"):
        if name in told:
            x, y = told[name]
            told[name] = (float(x), float(y))
    return kind(**told)


def _places(line: Sequence[Sequence[float]], what: str) -> Ring:
    found = tuple((float(x), float(y)) for x, y in line)
    if not all(math.isfinite(v) for place in found for v in place):
        raise ParameterError(f"{what} holds a place that is not a number; draw it again")
    return found


def _outline(line: Sequence[Sequence[float]], what: str) -> Ring:
    """The corners of an area, unclosed, in whichever turn they were drawn."""
    ring = tuple((float(x), float(y)) for x, y in line)
    ring = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    if len(ring) < 3 or not all(math.isfinite(v) for place in ring for v in place):
        raise ParameterError(f"{what} needs three or more corners; draw it again")
    import shapely

    outline = shapely.Polygon(ring)
    if not outline.is_valid or outline.area <= 0:
        raise ParameterError(f"{what} crosses itself or has no area; draw it again")
    return ring


def _check_height(height: float) -> None:
    if not (math.isfinite(height) and 0 < height <= 2000):
        raise ParameterError(f"a height of {height:g} m is not possible; give 0 to 2,000 m above the base")


def _within(value: float, low: float, high: float, what: str, unit: str, *, above: bool = False) -> None:
    """Refuse what is no number or lies outside; ``above``: the lowest itself is refused too."""
    if not (math.isfinite(value) and low <= value <= high) or (above and value == low):
        least = f"above {low:g}" if above else f"from {low:g}"
        raise ParameterError(f"{what} is {value:g} {unit}; give one {least} to {high:,.0f}")
