"""The city made ready once, so that what an eye sees follows the hand that moves the eye."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from citymodel.analysis.live_heights import CELLS, LiveHeights, heights_on, live_grid
from citymodel.errors import ParameterError
from citymodel.jobs import Progress, silent
from citymodel.legends_seen import HIDDEN, NEWLY_HIDDEN, NEWLY_SEEN, NO_DATA, OUT_OF_RANGE, SEEN
from citymodel.parameters import Asks

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.surface import Grid
    from kernels.viewshed import Eye, PreparedView

U1 = NDArray[np.uint8]
Where = Literal["ground", "roof", "inside", "trees", "hole", "outside"]

STEP_UP = 2.0
"""Metres above the terrain from which somebody stands on a roof."""
ROOF = 1.5
"""Metres, and two cells at least, from the surface within which a point is on it; else it is on a wall or a tree."""
BEFORE = 6.0
"""Metres before a wall or a tree within which free ground is looked for."""
SURFACES = (("solid", "Terrain and buildings"), ("trees", "Terrain, buildings and trees"), ("bare", "Bare terrain"))
REFRACTION = {"standard": 1 / 7, "survey": 0.13, "none": 0.0}
BENDS = (
    ("standard", "k = 1/7, as maps take it"),
    ("survey", "k = 0.13, as surveyors do"),
    ("none", "none, light runs straight"),
)


class LookParameters(BaseModel):
    """How an eye looks that is moved over the city.

    eye_height, target_height, reach : metres, reach None for as far as the data go
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    eye_height: Annotated[float, Asks("length", "Eye", "Above the ground or the roof that one stands on.")] = Field(
        default=1.7, ge=0, le=500
    )
    target_height: Annotated[
        float, Asks("length", "Target", "What is looked for stands so high above each place: 0 for the ground itself.")
    ] = Field(default=0.0, ge=0, le=500)
    reach: Annotated[float | None, Asks("length", "Range", "Without one, as far as the data go.")] = Field(
        default=None, gt=0, le=200_000
    )
    surface: Annotated[
        Literal["solid", "trees", "bare"], Asks("choice", "Hidden by", "What stands in the way.", labels=SURFACES)
    ] = "solid"
    refraction: Annotated[
        Literal["standard", "survey", "none"],
        Asks("choice", "Bending of light", "The Earth's curvature counts in any case.", labels=BENDS, detail=True),
    ] = "standard"

    @property
    def k(self) -> float:
        """The coefficient of refraction."""
        return REFRACTION[self.refraction]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands: x, y, z in the frame's CRS, metres; z of the ground or the roof below the feet."""

    x: float
    y: float
    z: float
    where: Where


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """What an eye sees, cell by cell.

    codes : (rows, columns) uint8 of ``citymodel.legends_seen``, row 0 in the north; exact : False for the quick picture
    """

    stand: Stand
    parameters: LookParameters
    codes: U1
    grid: Grid
    compared: bool
    exact: bool

    def areas(self) -> Mapping[int, float]:
        """Square metres by code, of what is within the range and known."""
        counts = np.bincount(self.codes.ravel(), minlength=256)
        asked = (SEEN, NEWLY_HIDDEN, NEWLY_SEEN, HIDDEN) if self.compared else (SEEN, HIDDEN)
        return {code: float(counts[code]) * self.grid.cell**2 for code in asked}


@dataclass(frozen=True, eq=False, slots=True)
class LiveView:
    """The states of the city ready for any eye: as it is, and as proposed where there is a proposal.

    asked : the surface chosen; views : one a state
    """

    states: tuple[LiveHeights, ...]
    surface: str
    views: tuple[PreparedView, ...]

    @property
    def grid(self) -> Grid:
        return self.states[0].grid

    def stand(
        self, x: float, y: float, z: float | None, eye_height: float, seen_from: tuple[float, float] | None = None
    ) -> Stand:
        """Where an eye at a place stands.

        z : what was clicked there, None for the ground
        seen_from : x, y from which it was clicked: one who clicks a wall or a tree stands before it
        """
        from kernels.viewshed import ground_at

        now = self.states[-1]
        row, column = self._cell(x, y)
        if row < 0:
            return Stand(x, y, z or 0.0, "outside")
        ground, top = float(now.dtm[row, column]), float(now.dsm[row, column])
        if not math.isfinite(top):
            return Stand(x, y, z or 0.0, "hole")
        between = ground_at(now.dtm, *self._in_cells(x, y))
        ground = between if math.isfinite(between) else ground if math.isfinite(ground) else top
        if z is not None and z > ground + STEP_UP:
            if abs(z - top) <= max(ROOF, 2.0 * self.grid.cell):
                return Stand(x, y, z, "roof")
            return self._before(x, y, seen_from, eye_height) or Stand(x, y, ground, "inside")
        if top > ground + max(eye_height, STEP_UP):
            before = self._before(x, y, seen_from, eye_height) if z is not None else None
            return before or Stand(x, y, ground, "inside")
        crown = now.crown
        if self.surface == "trees" and crown is not None and crown[row, column] > ground + eye_height:
            return Stand(x, y, ground, "trees")
        return Stand(x, y, ground, "ground")

    def step(self, old: Stand, x: float, y: float, eye_height: float) -> Stand | None:
        """Where a step leads; None where nobody can walk: into a wall, over the edge of a roof, off the data."""
        row, column = self._cell(x, y)
        if old.where == "roof" and row >= 0:
            top = float(self.states[-1].dsm[row, column])
            return Stand(x, y, top, "roof") if abs(top - old.z) <= max(ROOF, 2.0 * self.grid.cell) else None
        found = self.stand(x, y, None, eye_height)
        return found if found.where in ("ground", "trees") else None

    def roof(self, x: float, y: float) -> Stand:
        """On top of whatever stands there."""
        row, column = self._cell(x, y)
        return Stand(x, y, float(self.states[-1].dsm[row, column]) if row >= 0 else 0.0, "roof")

    def _before(self, x: float, y: float, seen_from: tuple[float, float] | None, eye_height: float) -> Stand | None:
        """Free ground before a wall or a tree, towards whoever clicked it."""
        if seen_from is None:
            return None
        dx, dy = seen_from[0] - x, seen_from[1] - y
        far = max(math.hypot(dx, dy), 1e-9)
        for step in range(1, int(BEFORE / self.grid.cell) + 2):
            u, v = x + dx / far * step * self.grid.cell, y + dy / far * step * self.grid.cell
            found = self.stand(u, v, None, eye_height)
            if found.where == "ground":
                return found
        return None

    def seen(self, stand: Stand, asked: LookParameters, exact: bool, progress: Progress = silent) -> Seen | None:
        """What the eye sees; None where it stands on no data."""
        from citymodel.analysis.on_device import fetched
        from kernels.viewshed import Sight

        if stand.where in ("outside", "hole"):
            return None
        sight = Sight(
            target=asked.target_height, reach=math.inf if asked.reach is None else asked.reach, refraction=asked.k
        )
        eye = self.eye(stand, asked.eye_height)
        found: list[U1] = []
        for at, view in enumerate(self.views):

            def tell(share: float, at: int = at) -> None:
                progress((at + share) / len(self.views), "what is seen")

            found.append(
                np.asarray(fetched(view.visible(eye, sight, tell) if exact else view.preview(eye, sight)), np.uint8)
            )
        codes = _PAIRS[(found[0] & 3) << 2 | (found[-1] & 3)]
        return Seen(stand, asked, codes, self.grid, len(self.views) > 1, exact)

    def eye(self, stand: Stand, eye_height: float) -> Eye:
        """The kernel's eye."""
        from kernels.viewshed import Eye

        return Eye(*self._in_cells(stand.x, stand.y), stand.z + eye_height)

    def _in_cells(self, x: float, y: float) -> tuple[float, float]:
        """Row and column of a place, whole numbers at the cells' centres."""
        return (self.grid.y0 - y) / self.grid.cell - 0.5, (x - self.grid.x0) / self.grid.cell - 0.5

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        row, column = math.floor((self.grid.y0 - y) / self.grid.cell), math.floor((x - self.grid.x0) / self.grid.cell)
        inside = 0 <= row < self.grid.shape[0] and 0 <= column < self.grid.shape[1]
        return (row, column) if inside else (-1, -1)


def _pairs() -> U1:
    """The code of two states by (base & 3) · 4 + (scenario & 3), where 2 is no data and 3 out of range."""
    table = np.full(16, NO_DATA, dtype=np.uint8)
    table[[0, 1, 4, 5]] = HIDDEN, NEWLY_SEEN, NEWLY_HIDDEN, SEEN
    table[[3, 7, 12, 13, 15]] = OUT_OF_RANGE
    return table


_PAIRS = _pairs()


def live_view(
    document: Document, surface: str = "solid", progress: Progress = silent, cells: int = CELLS
) -> LiveView | None:
    """The document as it stands on the screen, with its base where a proposal changes it; None where nothing stands.

    surface : one of ``SURFACES``
    """
    from citymodel.analysis.on_device import placed
    from kernels.viewshed import prepare_view

    grid = live_grid(document, cells, sunlit=False)
    if grid is None:
        return None
    scenario = document.scenario if document.scenario is not None and document.scenario.changes else None
    wanted = [None, *([scenario] if scenario else [])]
    states, views = [], []
    for at, one in enumerate(wanted):
        share = 1.0 / len(wanted)
        made = heights_on(
            document, grid, one, lambda f, text="", b=at * share, s=share: progress(b + 0.9 * f * s, text)
        )
        z: Any = made.dsm
        if surface == "bare":
            z = made.dtm
            if not np.isfinite(z).any():
                raise ParameterError("nothing tells the ground without buildings; add a terrain raster")
        elif surface == "trees" and made.crown is not None:
            z = np.fmax(made.dsm, made.crown)
        states.append(made)
        views.append(prepare_view(placed(z, "auto")[0], grid.cell))
    progress(1.0)
    return LiveView(tuple(states), surface, tuple(views))
