"""Floods: two-dimensional shallow water on a raster, by finite volumes, to the last drop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu, to_device
from kernels.flood_clock import Segment, longest_step
from kernels.flood_flux import across
from kernels.flood_parts import RING, UNIT, Parts, rain_shares, ready, ringed
from kernels.flood_sources import Inflow, Source, _series

GRAVITY = 9.81
DEEPEST = 120.0
"""Metres of water that a cell can hold."""
SCHEMES = ("second-order", "first-order", "preview")
SIDES = ("west", "east", "north", "south")
COURANT = {"second-order": 0.45, "first-order": 0.45, "preview": 0.5}
"""Cells that the quickest wave crosses in a step."""
_NEVER = 3e38

Progress = Callable[[float], None]
Edge = str | float | tuple[Any, Any]


class Unstable(ArithmeticError):
    """The water became deeper or quicker than any flood; the state is that of the step before.

    time : seconds; row, column : where
    """

    def __init__(self, time: float, row: int, column: int) -> None:
        self.time, self.row, self.column = time, row, column
        super().__init__(
            f"the water became too deep or too quick after {time:.3f} s at row {row}, column {column}: "
            "mend the terrain or the inflow there, or take a lower Courant number"
        )


@dataclass(frozen=True, slots=True)
class Edges:
    """What stands at each side of the raster.

    "wall"; "open", where water falls off the edge and none comes in; a level in metres; or (times in seconds, levels),
    linear between rows and level before and after.
    """

    west: Edge = "wall"
    east: Edge = "wall"
    north: Edge = "wall"
    south: Edge = "wall"


@dataclass(frozen=True, slots=True)
class Balance:
    """Cubic metres since the start, each counted where it passes, from whole units: only the last rounding is float.

    start : held at the start; changed : put in less taken out by hand; sources : the same, by name
    sides : in through each side of the raster, less out; owed : made where a step took more from a cell than it held
    stored : held now
    """

    start: float
    changed: float
    sources: dict[str, float]
    sides: dict[str, float]
    owed: float
    stored: float
    error: float
    """What is there and was counted nowhere, `owed` left out: 0."""

    @property
    def came(self) -> float:
        """The start and all that came in."""
        every = (self.start, self.changed, *self.sources.values(), *self.sides.values())
        return sum(max(one, 0.0) for one in every)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What happened in each cell so far: (rows, cols) float32, NaN on walls.

    depth : greatest, m; speed : greatest, m/s; discharge : greatest speed × depth, m²/s; danger : greatest
    depth × (speed + 0.5), m²/s; all but depth where water stood at least `wet` deep
    arrival : seconds at which it first did, NaN if never; duration : seconds for which it did
    """

    depth: Any
    speed: Any
    discharge: Any
    danger: Any
    arrival: Any
    duration: Any


class Flood:
    """Water on a raster, with its state.

    Parameters
    ----------
    terrain : (rows, cols) NumPy or CuPy array, metres, row 0 in the north; NaN cells are walls
    cell : metres, or (width, height)
    manning : s/m^(1/3), one number or (rows, cols)
    blocked : (rows, cols) bool, more cells that are walls; rain on them runs to the nearest free cell
    scheme : "second-order" (MUSCL–Hancock, minmod), "first-order", or "preview" (local inertia, no full shallow water)
    edges : the raster's sides; sources : see `kernels.flood_sources`
    courant : cells that the quickest wave may cross in a step
    wet : metres from which a cell counts as wet in the record; None keeps no record
    later : lowest and highest ground that `set_ground` will bring, metres; without it up to a metre above the relief

    Attributes
    ----------
    time : seconds since the start; steps : how many were taken
    """

    def __init__(
        self, terrain: Any, cell: float | tuple[float, float], *, manning: Any = 0.03, blocked: Any = None,
        scheme: str = "second-order", edges: Edges | None = None, sources: Sequence[Source] = (),
        courant: float | None = None, wet: float | None = 0.01, later: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        width, height = (float(one) for one in (cell if isinstance(cell, tuple) else (cell, cell)))
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise ValueError(f"cells of {width:g} by {height:g} m: give sizes above 0")
        if scheme not in SCHEMES:
            raise ValueError(f"scheme {scheme!r}: give one of {', '.join(SCHEMES)}")
        courant = COURANT[scheme] if courant is None else courant
        if not 0 < courant <= (1.0 if scheme == "preview" else 0.5):
            raise ValueError(f"a Courant number of {courant:g}: give one above 0 and up to 0.5 (1 for the preview)")
        if wet is not None and not 0 < wet < DEEPEST:
            raise ValueError(f"wet from {wet:g} m on: give a depth above 0")
        if terrain.ndim != 2 or min(terrain.shape) < 1:
            raise ValueError(f"terrain of shape {terrain.shape}: give rows and columns")
        self._xp, self._gpu = array_module(terrain), is_on_gpu(terrain)
        self.shape = (int(terrain.shape[0]), int(terrain.shape[1]))
        self._kinds, self._levels = _edges(edges or Edges())
        z, wall, roof = self._lay(terrain, blocked, None, later)
        self._wall = wall
        still = tuple(self._xp.zeros(z.shape, np.float32) for _ in range(2))
        kept = z.shape if wet else (1, 1)
        self._parts = Parts(
            self.shape, (width, height), z, (ringed(self._xp.where(wall, -1, 0), -1, np.int32), *still),
            self._roughness(manning), self._kinds, courant * min(width, height), scheme == "second-order",
            scheme == "preview", self._xp.zeros((2, *kept), np.int32), self._xp.zeros((4, *kept), np.float32),
            round(wet / UNIT) if wet else 0,
        )  # fmt: skip
        self._parts.real[0] = _NEVER
        self._sources = tuple(sources)
        host = to_device(wall), to_device(roof)
        self._parts.parts = ready(self._sources, self.shape, *host, self._xp)
        for part in self._parts.parts:
            if part.kind == "link":
                part.sizes[:, 1] -= self.datum
        self._run = self._backend()(self._parts)
        self._start, self._changed = 0, 0
        totals = self._segment(math.inf).totals(0.0)
        for part in self._parts.parts:
            part.given = totals[part.first : part.first + part.count]

    def _backend(self) -> Any:
        """The class that carries the state on this device."""
        if self._gpu:
            from kernels.cuda.flood import Run as Gpu

            return Gpu
        from kernels.cpu.flood_run import Run

        return Run

    # --- the ground ---

    def _lay(
        self, terrain: Any, blocked: Any, datum: float | None, later: tuple[float, float] | None = None
    ) -> tuple[Any, Any, Any]:
        """Ground above a datum in steps that make differences of levels exact; walls; those walls that have a roof."""
        xp = self._xp
        z = xp.asarray(terrain, np.float64)
        outside = ~xp.isfinite(z)
        roof = xp.zeros(z.shape, np.bool_)
        if blocked is not None:
            if blocked.shape != z.shape:
                raise ValueError(f"blocked cells of shape {blocked.shape} on terrain of {z.shape}")
            roof = xp.asarray(blocked, np.bool_) & ~outside
        wall = outside | roof
        if bool(wall.all()):
            raise ValueError("no free cell of the terrain holds a height: there is nothing to flood")
        low, high = float(z[~wall].min()), float(z[~wall].max())
        if datum is None:
            if later is not None:
                low, high = min(low, later[0]), max(high, later[1])
            if high - low > 8000.0:
                raise ValueError(f"terrain with {high - low:.0f} m of relief: mark missing cells as NaN")
            self.datum = float(math.floor(low))
            self._grain = 2.0 ** max(math.ceil(math.log2(high - self.datum + 1.0)) - 23, -24)
        elif max(abs(low - datum), abs(high - datum)) >= self._grain * 2**24:
            raise ValueError(f"terrain from {low:g} to {high:g} m lies too far from the first: start a new flood")
        grained = xp.round((z - self.datum) / self._grain) * self._grain
        return ringed_ground(xp.where(wall, 0.0, grained)), wall, roof

    def _roughness(self, manning: Any) -> Any:
        """4 g n² of each cell, or one row for all."""
        n = self._xp.asarray(manning, np.float64)
        if not bool(self._xp.isfinite(n).all()) or bool((n < 0).any()):
            raise ValueError("Manning's n holds values below 0 or none: give numbers like 0.03")
        if n.ndim == 0:
            width = self.shape[1] + 2 * RING
            return self._xp.full((1, width), 4 * GRAVITY * float(n) ** 2, np.float32)
        if n.shape != self.shape:
            raise ValueError(f"Manning's n of shape {n.shape} on terrain of {self.shape}")
        return ringed_ground(4 * GRAVITY * n * n)

    def set_ground(self, terrain: Any, blocked: Any = None) -> None:
        """Put other ground and walls under the water from now on: a breach, a barrier that opens, a dam that breaks.

        Water keeps its depth; what stood where a wall is now is taken away and counted as changed.
        """
        if terrain.shape != self.shape:
            raise ValueError(f"terrain of shape {terrain.shape} in place of {self.shape}")
        z, wall, roof = self._lay(terrain, blocked, self.datum)
        h, qx, qy = (one[self._parts.inner] for one in self._run.now)
        gone = self._xp.where(wall, self._xp.maximum(h, 0), 0)
        self._changed -= int(gone.sum(dtype=np.int64))
        h[...] = self._xp.where(wall, -1, self._xp.maximum(h, 0))
        for q in (qx, qy):
            q[wall] = 0
        self._wall, self._parts.z[...] = wall, z
        for part in self._parts.parts:
            if part.kind == "rain":
                rain_shares(part, to_device(wall), to_device(roof))
        self._run.wake()

    # --- the water ---

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return float(self._run.time)

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return int(self._run.steps)

    def set_depth(self, depth: Any) -> None:
        """Let water stand `depth` metres deep and still, one number or (rows, cols); walls stay dry."""
        xp, before = self._xp, self._units()
        metres = xp.broadcast_to(xp.asarray(depth, np.float64), self.shape)
        free = xp.where(self._wall, 0.0, metres)
        if not bool(xp.isfinite(free).all()) or bool((free < 0).any()):
            raise ValueError("depth holds values below 0 or none: give metres from 0 up")
        if bool((free > DEEPEST).any()):
            raise ValueError(
                f"water {float(free.max()):.0f} m deep: {DEEPEST:.0f} m is the most, is it in millimetres?"
            )
        h, qx, qy = (one[self._parts.inner] for one in self._run.now)
        h[...] = xp.where(self._wall, -1, xp.round(free / UNIT))
        qx[...], qy[...] = 0, 0
        self._settle(before)

    def set_level(self, level: Any) -> None:
        """Let water stand still up to `level` metres, one number or (rows, cols), where the ground is lower."""
        xp = self._xp
        ground = self._parts.z[self._parts.inner].astype(np.float64) + self.datum
        wanted = xp.broadcast_to(xp.asarray(level, np.float64), self.shape)
        self.set_depth(xp.where(wanted > ground, wanted - ground, xp.where(wanted == wanted, 0.0, wanted)))

    def set_velocity(self, u: Any, v: Any) -> None:
        """Let the water run `u` m/s to the east and `v` to the south (columns and rows)."""
        h, qx, qy = (one[self._parts.inner] for one in self._run.now)
        metres = self._xp.maximum(h, 0) * UNIT
        for q, speed in ((qx, u), (qy, v)):
            wanted = self._xp.broadcast_to(self._xp.asarray(speed, np.float64), self.shape) * metres
            if not bool(self._xp.isfinite(wanted).all()):
                raise ValueError("velocity holds values that are no number")
            q[...] = wanted
        self._settle(self._units())

    def _settle(self, before: int) -> None:
        """Take in a change by hand: all buffers, the quickest wave, the balance."""
        xp, now = self._xp, self._units()
        if self.steps == 0:
            self._start = now
        else:
            self._changed += now - before
        h, qx, qy = (one[self._parts.inner] for one in self._run.now)
        metres = (xp.maximum(h, 0) * UNIT).astype(np.float32)
        speed = xp.maximum(xp.abs(qx), xp.abs(qy)) / xp.maximum(metres, np.float32(1e-6))
        self._run.fastest = np.float32((speed + xp.sqrt(np.float32(GRAVITY) * metres)).max())
        self._note()
        self._run.wake()

    def _note(self) -> None:
        """Take the water as it stands into the record: a step notes what flowed, sources act after it."""
        if not self._parts.wet:
            return
        xp, inner = self._xp, self._parts.inner
        h, deepest, arrival = self._run.now[0][inner], self._parts.whole[0][inner], self._parts.real[0][inner]
        deepest[...] = xp.maximum(deepest, h)
        arrival[...] = xp.where(h >= self._parts.wet, xp.minimum(arrival, np.float32(self.time)), arrival)

    def _units(self) -> int:
        """Units of water on the raster."""
        h = self._run.now[0][self._parts.inner]
        return int(self._xp.maximum(h, 0).sum(dtype=np.int64))

    def depth(self) -> Any:
        """(rows, cols) float32 metres, NaN on walls."""
        h = self._run.now[0][self._parts.inner]
        return self._xp.where(self._wall, np.float32(np.nan), (h * UNIT).astype(np.float32))

    def level(self) -> Any:
        """(rows, cols) float32 metres, NaN on walls and where no water stands."""
        h, z = self._run.now[0][self._parts.inner], self._parts.z[self._parts.inner].astype(np.float64)
        return self._xp.where(h > 0, z + h * UNIT + self.datum, np.nan).astype(np.float32)

    def velocity(self) -> tuple[Any, Any]:
        """(rows, cols) float32 m/s to the east and to the south (columns and rows), 0 where no water stands."""
        h, qx, qy = self._run.now
        if self._parts.preview:
            qx, qy = 0.5 * (qx + self._xp.roll(qx, 1, 1)), 0.5 * (qy + self._xp.roll(qy, 1, 0))
        h, qx, qy = (one[self._parts.inner] for one in (h, qx, qy))
        inverse = 1 / self._xp.maximum(h * UNIT, 1e-6)
        return (qx * inverse).astype(np.float32), (qy * inverse).astype(np.float32)

    def probe(self, cells: Any) -> np.ndarray:
        """Depth, level and speed, m and m/s, at (k, 2) rows and columns: (k, 3) float64 on the host, NaN on walls.

        A gauge needs no raster brought over; the level of a dry cell is its ground.
        """
        at = np.atleast_2d(np.asarray(cells, np.int64))
        if (at < 0).any() or (at >= self.shape).any():
            raise ValueError(f"a gauge lies outside the {self.shape[0]} × {self.shape[1]} cells: move it inside")
        r, c = at[:, 0] + RING, at[:, 1] + RING
        h, qx, qy, z = (to_device(one[r, c]).astype(np.float64) for one in (*self._run.now, self._parts.z))
        if self._parts.preview:
            qx = 0.5 * (qx + to_device(self._run.now[1][r, c - 1]))
            qy = 0.5 * (qy + to_device(self._run.now[2][r - 1, c]))
        depth = h * UNIT
        found = np.stack([depth, self.datum + z + depth, np.hypot(qx, qy) / np.maximum(depth, 1e-6)], axis=1)
        found[h < 0] = np.nan
        return found

    def flux(self, here: Any, there: Any) -> np.ndarray:
        """(k,) float64 m²/s on the host, from cells to neighbours across an edge, both (k, 2) rows and columns."""
        return across(self._run.now, self._parts, here, there)

    def record(self) -> Record:
        """What happened in each cell so far."""
        if not self._parts.wet:
            raise ValueError("no record is kept: start the flood with a depth for wet")
        xp, inner = self._xp, self._parts.inner
        whole = [one[inner].copy() for one in self._parts.whole]
        arrival, speed, discharge, danger = (one[inner].copy() for one in self._parts.real)
        deepest = xp.maximum(whole[0], self._run.now[0][inner])
        found = [deepest * UNIT, speed, discharge, danger, arrival, whole[1] / self._parts.ticks]
        found[4] = xp.where(arrival < _NEVER, arrival, np.nan)
        return Record(*(xp.where(self._wall, np.nan, one).astype(np.float32) for one in found))

    def balance(self) -> Balance:
        """Where every cubic metre came from and went."""
        stored, parts = self._units(), self._parts.parts
        moved: dict[str, int] = {}
        for part in parts:
            name = getattr(part.source, "name", "source")
            moved[name] = moved.get(name, 0) + part.moved
        sides = {side: int(self._run.sides[k]) for k, side in enumerate(SIDES)}
        owed = int(self._run.owed)
        error = stored - self._start - self._changed - sum(moved.values()) - sum(sides.values()) - owed
        scale = UNIT * self._parts.area
        return Balance(
            self._start * scale, self._changed * scale, {k: v * scale for k, v in moved.items()},
            {k: v * scale for k, v in sides.items()}, owed * scale, stored * scale, error * scale,
        )  # fmt: skip

    # --- time ---

    def advance(self, until: float, progress: Progress | None = None) -> None:
        """Carry the water to `until` seconds since the start, exactly; `progress` takes the share done, may raise."""
        begin = self.time
        if not math.isfinite(until) or until < begin:
            raise ValueError(f"a flood at {begin:g} s cannot go to {until:g} s: time runs forwards")
        report = None if progress is None else (lambda now: progress((now - begin) / (until - begin)))
        while self.time < until:
            trouble = self._run.run(self._segment(until), report)
            if trouble:
                raise Unstable(self.time, *trouble)
        self._note()
        if progress:
            progress(1.0)

    def _segment(self, until: float) -> Segment:
        """What holds from now to the next break of a source or a level."""
        begin = self.time
        breaks = [source.next_break(begin) for source in self._sources]
        breaks += [_next(times, begin) for times, _ in self._levels if len(times)]
        stop = min([until, *breaks])
        curves, growth, area = [np.zeros((0, 3))], 0.0, self._parts.area
        for source in self._sources:
            curve = source.curve(begin, stop)
            rise = source.growth(curve, stop - begin if stop < math.inf else 0.0)
            per = area if isinstance(source, Inflow) else 1.0
            curves.append(curve / (per * UNIT))
            growth += rise / per
        levels = np.array([_line(times, values, begin) for times, values in self._levels])
        levels[:, 0] -= self.datum
        longest = longest_step(self._parts.reach, growth, GRAVITY)
        return Segment(begin, stop, np.concatenate(curves), longest, levels)

    # --- keeping and taking up again ---

    def state(self) -> dict[str, Any]:
        """All that a restart needs, arrays and numbers by name; the same case goes on from it to the bit."""
        parts, run = self._parts, self._run
        h, qx, qy = (one.copy() for one in run.now)
        out: dict[str, Any] = {
            "h": h, "qx": qx, "qy": qy, "whole": parts.whole.copy(), "real": parts.real.copy(), "z": parts.z.copy(),
            "time": run.time, "steps": run.steps, "fastest": float(run.fastest), "pending": run.pending,
            "sides": run.sides.copy(), "owed": int(run.owed), "start": self._start, "changed": self._changed,
        }  # fmt: skip
        for k, part in enumerate(parts.parts):
            out[f"given_{k}"], out[f"moved_{k}"] = part.given.copy(), part.moved
            if part.soaked is not None:
                out[f"soaked_{k}"] = part.soaked.copy()
        return out

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same case."""
        parts, run, xp = self._parts, self._run, self._xp
        if tuple(state["h"].shape) != tuple(parts.z.shape):
            raise ValueError(f"a state of {state['h'].shape} cells for a case of {parts.z.shape}: take its own")
        walls = xp.asarray(state["h"])[parts.inner] < 0
        if not bool((xp.asarray(state["z"]) == parts.z).all()) or bool((walls != self._wall).any()):
            raise ValueError("the state stands on other ground than the case: make it again")
        for here, name in zip((*run.now, parts.whole, parts.real, parts.z), _ARRAYS, strict=True):
            here[...] = xp.asarray(state[name])
        run.time, run.steps, run.pending = float(state["time"]), int(state["steps"]), float(state["pending"])
        run.fastest, run.owed = np.float32(state["fastest"]), int(state["owed"])
        run.sides[...] = state["sides"]
        self._start, self._changed = int(state["start"]), int(state["changed"])
        for k, part in enumerate(parts.parts):
            part.given, part.moved = np.asarray(state[f"given_{k}"], np.int64).copy(), int(state[f"moved_{k}"])
            if part.soaked is not None:
                part.soaked[...] = xp.asarray(state[f"soaked_{k}"])
        if self.balance().error:
            raise ValueError("the water of the state is not what its balance says: make it again")
        run.wake()


_ARRAYS = ("h", "qx", "qy", "whole", "real", "z")


def ringed_ground(raster: Any) -> Any:
    """float32 with a ring that repeats the outermost cells."""
    xp = array_module(raster)
    return xp.ascontiguousarray(xp.pad(raster, RING, mode="edge").astype(np.float32))


def _edges(edges: Edges) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Kinds of the four sides, 0 wall, 1 open, 2 level, and times and levels of each."""
    kinds, levels = np.zeros(4, np.int64), []
    for k, side in enumerate(SIDES):
        given = getattr(edges, side)
        series: tuple[Any, Any] = ([], [])
        if isinstance(given, str):
            if given not in ("wall", "open"):
                raise ValueError(f"{side} edge {given!r}: give wall, open or a level in metres")
            kinds[k] = given == "open"
        else:
            kinds[k] = 2
            series = given if isinstance(given, tuple) else ([0.0], [float(given)])
            _series(*series, f"{side} edge")
        levels.append((np.asarray(series[0], np.float64), np.asarray(series[1], np.float64)))
    return kinds, levels


def _next(times: np.ndarray, now: float) -> float:
    """The first of `times` after now."""
    later = times[times > now]
    return float(later[0]) if later.size else math.inf


def _line(times: np.ndarray, values: np.ndarray, now: float) -> tuple[float, float]:
    """Value now and its rate a second until the next of `times`."""
    if not times.size:
        return 0.0, 0.0
    k = int(np.searchsorted(times, now, side="right")) - 1
    if k < 0 or k == len(times) - 1:
        return float(values[max(k, 0)]), 0.0
    rate = (values[k + 1] - values[k]) / (times[k + 1] - times[k])
    return float(values[k] + rate * (now - times[k])), float(rate)
