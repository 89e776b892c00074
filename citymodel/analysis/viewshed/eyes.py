"""The eyes of a viewshed: where they are by points, a path or an area, and what they stand on in each state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.viewshed.parameters import ViewshedParameters
from citymodel.analysis.viewshed.raster import unrounded
from citymodel.analysis.viewshed.sampling import along, within
from citymodel.analysis.zones import Zones
from citymodel.errors import ParameterError
from citymodel.surface.grid import Grid

if TYPE_CHECKING:
    from kernels.viewshed import Eye

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

UNDER = 0.05
"""Metres below what stands there from which on an eye is inside of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Where the eyes are.

    xy : (n, 2) in the frame's CRS; height : (n,) of the eye in the datum, NaN for ground and eye height
    along : (n,) metres from the path's beginning, NaN without a path
    names : one each; shape : the path or the area, None for points
    """

    xy: F8
    height: F8
    along: F8
    names: tuple[str, ...]
    shape: Any = None

    def __len__(self) -> int:
        return len(self.xy)

    def take(self, rows: Sequence[int]) -> Places:
        """Some of them."""
        chosen = np.asarray(rows, dtype=np.int64)
        names = tuple(self.names[row] for row in rows)
        return Places(self.xy[chosen], self.height[chosen], self.along[chosen], names, self.shape)


class State(NamedTuple):
    """One state of the city under the eyes.

    dsm, dtm : (rows, columns) float32, metres; buildings : who stands on each cell; name : in a person's words
    """

    dsm: F4
    dtm: F4
    buildings: Zones
    name: str


def places_of(parameters: ViewshedParameters) -> Places:
    """The places that are asked for, before anybody knows what is there."""
    given = parameters.places
    least = {"points": 1, "path": 2, "area": 3}[parameters.kind]
    if len(given) < least:
        wanted = {"points": "a place", "path": "two places of a path", "area": "three corners of an area"}
        raise ParameterError(
            f"{wanted[parameters.kind]} to look from: {len(given)} given; click in the view, or write x y; x y"
        )
    xy = np.array([one[:2] for one in given], dtype=np.float64)
    if parameters.kind == "points":
        height = np.array([one[2] if len(one) == 3 else np.nan for one in given])
        return Places(xy, height, np.full(len(xy), np.nan), tuple(map(letters, range(len(xy)))))
    if any(len(one) == 3 for one in given):
        raise ParameterError("heights belong to single places; leave the third number out for a path or an area")
    return _path(xy, parameters.spacing) if parameters.kind == "path" else _area(xy, parameters.spacing)


def _path(xy: F8, spacing: float) -> Places:
    import shapely

    line = shapely.LineString(xy)
    if line.length <= 0:
        raise ParameterError("the path has no length; give two places that are apart")
    found = along(line, spacing)
    at = np.linspace(0.0, line.length, len(found))
    return Places(found, np.full(len(found), np.nan), at, tuple(f"{one:.0f} m" for one in at), line)


def _area(xy: F8, spacing: float) -> Places:
    import shapely

    area = shapely.Polygon(xy)
    if not area.is_valid or area.area <= 0:
        raise ParameterError("the area crosses itself or has no size; give its corners in their order around it")
    found = within(area, spacing)
    nothing = np.full(len(found), np.nan)
    return Places(found, nothing, nothing, tuple(str(one + 1) for one in range(len(found))), area)


def letters(number: int) -> str:
    """A, B, … Z, AA, as the pins in the view are named."""
    text = ""
    number += 1
    while number:
        number, at = divmod(number - 1, 26)
        text = chr(65 + at) + text
    return text


def inside(places: Places, whole: Bounds, kind: str) -> tuple[Places, int]:
    """The places within the data and how many are not; a single place outside is an error."""
    x, y = places.xy.T
    there = (x >= whole[0]) & (x <= whole[2]) & (y >= whole[1]) & (y <= whole[3])
    if (kind == "points" and not there.all()) or not there.any():
        lost = int(np.flatnonzero(~there)[0])
        box = " ".join(f"{edge:.10g}" for edge in whole)
        raise ParameterError(
            f"place {places.names[lost]} ({x[lost]:.10g} {y[lost]:.10g}) lies outside the data, which cover {box}; "
            "give a place inside, x before y"
        )
    return places.take(np.flatnonzero(there).tolist()), int((~there).sum())


class Standing(NamedTuple):
    """The eyes that can stand.

    places : those; eyes : by state, one each; ground : by state, (n,) metres of the ground under each
    left_out : why, and how many; on_roof, under_trees : how many stand so, in any state
    """

    places: Places
    eyes: list[list[Eye]]
    ground: list[F8]
    left_out: dict[str, int]
    on_roof: int
    under_trees: int


def standing(places: Places, states: Sequence[State], grid: Grid, parameters: ViewshedParameters) -> Standing:
    """Put the eyes on the ground of each state, or on its roofs; ParameterError where a single place has none."""
    rows: list[int] = []
    eyes: list[list[Eye]] = [[] for _ in states]
    ground: list[list[float]] = [[] for _ in states]
    left_out: dict[str, int] = {}
    on_roof = under_trees = 0
    for row in range(len(places)):
        found = []
        for state in states:
            one = _stand(places, row, state, grid, parameters)
            if isinstance(one, str):
                left_out[one] = left_out.get(one, 0) + 1
                break
            found.append(one)
        else:
            rows.append(row)
            for number, (eye, base, _, _) in enumerate(found):
                eyes[number].append(eye)
                ground[number].append(base)
            on_roof += any(roof for _, _, roof, _ in found)
            under_trees += any(tree for _, _, _, tree in found)
    if not rows:
        why = "; ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise ParameterError(f"there is nowhere to stand: {why}; choose other places, or let them stand on the roof")
    return Standing(places.take(rows), eyes, [np.array(one) for one in ground], left_out, on_roof, under_trees)


def _stand(
    places: Places, row: int, state: State, grid: Grid, parameters: ViewshedParameters
) -> tuple[Eye, float, bool, bool] | str:
    """Eye, ground, on a roof, under a tree; or why nobody can stand there."""
    from kernels.viewshed import Eye, ground_at

    x, y = map(float, places.xy[row])
    at = unrounded((grid.y0 - y) / grid.cell - 0.5), unrounded((x - grid.x0) / grid.cell - 0.5)
    near = min(max(at[0], 0.0), grid.shape[0] - 1.0), min(max(at[1], 0.0), grid.shape[1] - 1.0)
    cell = round(near[0]), round(near[1])
    base, top = float(ground_at(state.dtm, *near)), float(state.dsm[cell])
    if math.isnan(base):
        base = float(state.dtm[cell])
    single = parameters.kind == "points"
    name = f"place {places.names[row]} ({x:.10g} {y:.10g})"
    if math.isnan(base) or math.isnan(top):
        if single:
            raise ParameterError(f"{name} lies where no ground is known; move it, or add terrain there")
        return "where no ground is known"
    given = float(places.height[row])
    height = base + parameters.eye if math.isnan(given) else given
    if height < base:
        raise ParameterError(
            f"{name}: its eye at {height:.2f} m is below the ground there, {base:.2f} m; give a higher one, or leave "
            "the third number out"
        )
    if top <= height + UNDER:
        return Eye(*at, height), base, False, False
    building = int(state.buildings.number[cell])
    if building < 0:
        return Eye(*at, height), base, False, True
    if parameters.stand == "roof":
        return Eye(*at, top + parameters.eye), base, True, False
    if single and parameters.stand == "refuse":
        raise ParameterError(
            f"{name} lies inside the building {state.buildings.ids[building]}{state.name}, whose top there is at "
            f"{top:.2f} m; move it into the open, or stand on the roof (--stand roof)"
        )
    return "inside a building"
