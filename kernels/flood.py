"""Floods: two-dimensional shallow water on a raster, by finite volumes, to the last drop."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu, to_device

UNIT = 2.0**-24
"""Metres of a unit of depth: what leaves one cell enters the next in whole units."""
DEEPEST = 127.0
"""Metres of water that a cell can hold."""
GRAVITY = 9.81
FASTEST = 0.45
"""Courant number: cells that the fastest wave crosses in a step."""
SCHEMES = ("second-order", "first-order")
SIDES = ("west", "east", "north", "south")
RING = 2

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Edges:
    """What stands at each side of the raster: "wall", "open" (water leaves, none comes), or a level in metres."""

    west: str | float = "wall"
    east: str | float = "wall"
    north: str | float = "wall"
    south: str | float = "wall"


@dataclass(slots=True)
class Balance:
    """Cubic metres since the start, each counted where it passes.

    start : held at the start; sources : put in less taken out by hand; sides : in through each side of the raster, less
    out; owed : made by the scheme, where a step took more from a cell than it held
    """

    start: float = 0.0
    sources: dict[str, float] = field(default_factory=dict)
    sides: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SIDES, 0.0))
    owed: float = 0.0

    def expected(self) -> float:
        """What the raster should hold now."""
        return self.start + sum(self.sources.values()) + sum(self.sides.values())


class Flood:
    """Water on a raster, with its state.

    Parameters
    ----------
    terrain : (rows, cols) NumPy or CuPy array, metres, row 0 in the north; NaN cells are walls
    cell : metres, or (width, height)
    manning : s/m^(1/3), one number or (rows, cols)
    blocked : (rows, cols) bool, more cells that are walls
    scheme : "second-order" (MUSCL–Hancock, minmod) or "first-order"
    courant : cells that the fastest wave may cross in a step, up to 0.5

    Attributes
    ----------
    time : seconds since the start; steps : how many were taken; balance : where every cubic metre came from and went
    """

    def __init__(
        self, terrain: Any, cell: float | tuple[float, float], *, manning: Any = 0.03, blocked: Any = None,
        scheme: str = "second-order", edges: Edges | None = None, courant: float = FASTEST,
    ) -> None:  # fmt: skip
        self.width, self.height = (float(one) for one in (cell if isinstance(cell, tuple) else (cell, cell)))
        if not (0 < self.width < math.inf and 0 < self.height < math.inf):
            raise ValueError(f"cells of {self.width} by {self.height} m: give sizes above 0")
        if scheme not in SCHEMES:
            raise ValueError(f"scheme {scheme!r}: give one of {', '.join(SCHEMES)}")
        if not 0 < courant <= 0.5:
            raise ValueError(f"a Courant number of {courant}: give one above 0 and up to 0.5")
        self._xp = array_module(terrain)
        self._gpu = is_on_gpu(terrain)
        if terrain.ndim != 2 or min(terrain.shape) < 1:
            raise ValueError(f"terrain of shape {terrain.shape}: give rows and columns")
        self.shape = tuple(int(one) for one in terrain.shape)
        self.second, self.courant = scheme == "second-order", courant
        self.edges = edges or Edges()
        self.time, self.steps, self.balance = 0.0, 0, Balance()
        self._lay(terrain, blocked)
        self._rough = self._roughness(manning)
        self._tiles = tiles_of(self.shape)
        self._grid = (-(-self.shape[0] // TILE[0]), -(-self.shape[1] // TILE[1]))
        self._wet = np.ones(self._grid, np.bool_)
        self._active = np.zeros(self._grid, np.bool_)
        self._speed = math.nan

    # --- making ready ---

    def _lay(self, terrain: Any, blocked: Any) -> None:
        """Terrain above a datum, in steps such that differences of levels are exact in float32."""
        xp = self._xp
        z = xp.asarray(terrain, np.float64)
        wall = ~xp.isfinite(z)
        if blocked is not None:
            wall = wall | xp.asarray(blocked, np.bool_)
        ground = z[~wall]
        if not ground.size:
            raise ValueError("no cell of the terrain holds a height: there is nothing to flood")
        self.datum = math.floor(float(ground.min()))
        relief = float(ground.max()) - self.datum
        if relief > 8000.0:
            raise ValueError(f"terrain with {relief:.0f} m of relief: mark missing cells as NaN")
        grain = 2.0 ** max(math.ceil(math.log2(relief + 1.0)) - 24, -24)
        shape = tuple(one + 2 * RING for one in self.shape)
        self._z = xp.zeros(shape, np.float32)
        self._z[_inner] = xp.where(wall, 0.0, xp.round((z - self.datum) / grain) * grain)
        self._wall = wall
        self._now = [xp.full(shape, -1, np.int32), xp.zeros(shape, np.float32), xp.zeros(shape, np.float32)]
        self._now[0][_inner] = xp.where(wall, -1, 0)
        self._then = [one.copy() for one in self._now]

    def _roughness(self, manning: Any) -> Any:
        """4 g n² of each cell, or one row for all."""
        n = self._xp.asarray(manning, np.float64)
        if not bool(self._xp.isfinite(n).all()) or bool((n < 0).any()):
            raise ValueError("Manning's n holds values below 0 or none: give numbers like 0.03")
        full = (1, self._z.shape[1]) if n.ndim == 0 else self._z.shape
        rough = self._xp.zeros(full, np.float32)
        if n.ndim == 0:
            rough[...] = 4 * GRAVITY * float(n) ** 2
        elif n.shape != self.shape:
            raise ValueError(f"Manning's n of shape {n.shape} on terrain of {self.shape}")
        else:
            rough[_inner] = 4 * GRAVITY * n * n
        return rough
