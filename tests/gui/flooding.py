"""A flood in memory, and a study of it that runs as far as a test lets it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel

from citymodel.frames import Moment
from citymodel.parameters import Asks, Places
from citymodel.results import Result
from citymodel.surface import Grid

BEGINS = datetime(2026, 7, 14, 21, 30, tzinfo=UTC)
"""Half an hour before midnight in Berlin: a flood knows no days."""
GRID = Grid(390000.0, 5820080.0, 4.0, (20, 20), "EPSG:25833")
HOUR, EVERY = 3600.0, 300.0
RAIN = {"seconds": [0.0, 900.0, 1800.0, 2700.0], "mm_per_hour": [20.0, 80.0, 20.0, 0.0]}
GAUGES = [["A", 390030.0, 5820050.0], ["B", 390050.0, 5820030.0]]


class MemoryFrames:
    """A basin that fills evenly by ``rate`` metres an hour, and flows east at 0.5 m/s."""

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = rate
        self.grid, self.begins, self.complete = GRID, BEGINS, False
        self.ground = np.full(GRID.shape, 30.0, np.float32)
        self.ground[:5, :5] = np.nan  # the block in the north-west
        self.times = np.zeros(0)
        self.revision = 0

    def grow(self, seconds: float) -> None:
        self.times = np.append(self.times, seconds)
        self.revision += 1

    def at(self, seconds: float) -> Moment:
        seconds = float(np.clip(seconds, self.times[0], self.times[-1]))
        depth = np.where(np.isnan(self.ground), np.nan, self.rate * seconds / HOUR).astype(np.float32)
        speed = np.full(GRID.shape, 0.5, np.float32)
        return Moment(seconds, depth, speed, 0 * speed)

    def readings(self) -> dict[str, Any]:
        time = np.arange(0.0, self.times[-1] + 1.0, 60.0) if len(self.times) else np.zeros(0)
        depth = np.stack([self.rate * time / HOUR, 2 * self.rate * time / HOUR], axis=1)
        return {
            "time": time, "gauges": ["A", "B"], "sections": ["A"], "depth": depth, "level": 30.0 + depth,
            "speed": np.full_like(depth, 0.5), "discharge": depth[:, :1] * 3.0,
        }  # fmt: skip


def volumes(seconds: float) -> dict[str, float]:
    """A balance that closes: rain 12,300 m³ an hour, a fifth into the sewer, a third out at the south."""
    came = 12300.0 * seconds / HOUR
    return {
        "volume_initial": 0.0, "volume_in": came, "volume_out": came * 8 / 15, "volume_stored": came * 7 / 15,
        "volume_error": 0.0, "volume_changed": 0.0, "source_rain": came, "source_sewer": -came / 5,
        "side_south": -came / 3, "steps": 100.0, "duration": HOUR,
    }  # fmt: skip


def facts(**more: Any) -> dict[str, Any]:
    """What the study says of itself beforehand."""
    return {
        "begins": BEGINS.isoformat(), "duration_s": HOUR, "every_s": EVERY, "rain": RAIN, "gauges": GAUGES,
        **more,
    }  # fmt: skip


def result(frames: dict[str, MemoryFrames], **more: Any) -> Result:
    """What the study hands back."""
    ends = {state: float(one.times[-1]) for state, one in frames.items()}
    said = {**facts(), "volumes_m3": {state: volumes(end) for state, end in ends.items()}, **more}
    return Result("flood", "Flood", {}, said, (), dict(frames))


class FloodAsks(BaseModel):
    """A model with the fields that the window knows of floods."""

    rain: Annotated[Literal["depth", "none"], Asks("choice", "Rain", group="Rain")] = "depth"
    depth: Annotated[float, Asks("number", "Rain in all", unit="mm", group="Rain", when=(("rain", ("depth",)),))] = 46.0
    gauges: Annotated[Places, Asks("places", "Gauges", group="Report")] = ()
    scenario: Annotated[str | None, Asks("scenario", "Proposal")] = None


class Waterworks:
    """A study whose frames come when ``step`` is called."""

    def __init__(self, states: tuple[str, ...] = ("base",)) -> None:
        self.states = states
        self.go = threading.Semaphore(0)
        self.control: Any = None
        self.made: dict[str, MemoryFrames] = {}
        self.ended = threading.Event()
        self.fails = False

    def step(self, count: int = 1) -> None:
        for _ in range(count):
            self.go.release()

    def run(self, document: Any, parameters: Any, job: Callable[..., None], control: Any = None) -> Result:
        try:
            return self._run(job, control)
        finally:
            self.ended.set()

    def _run(self, job: Callable[..., None], control: Any) -> Result:
        self.control = control
        for number, state in enumerate(self.states):
            frames = self.made[state] = MemoryFrames(1.0 - 0.5 * number)
            for seconds in np.arange(0.0, HOUR + 1.0, EVERY).tolist():
                while not self.go.acquire(timeout=0.02) or not control.wait(0.02):
                    job(seconds / HOUR, "waiting")
                    if control.stopped:
                        return result(self.made)
                if self.fails:
                    raise ValueError("the water became too deep after 10 min at 390030 5820050; look at the terrain")
                frames.grow(seconds)
                control.said = volumes(seconds)
                control.watch(state, frames, seconds)
            frames.complete = True
        return result(self.made)
