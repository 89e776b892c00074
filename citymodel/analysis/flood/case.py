"""The case of a flood: ground, water and all that acts on it, ready to be computed, wherever it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from citymodel.flood.run import F8, Gauge, Mask, NewGround, Section
from citymodel.surface import Grid
from kernels.flood import Edges
from kernels.flood_sources import Source


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """All that a run needs.

    terrain : (rows, cols) float64 metres, the ground that water runs on, NaN outside
    blocked : (rows, cols) bool, cells of buildings that water cannot enter; their rain runs to the nearest free cell
    duration, every : seconds, of the run and between frames; gauges are read every `gauge_every`, at most 60
    manning : s/m^(1/3), one number or (rows, cols)
    depth, level : initial water in metres, as depth or up to a level, one number or (rows, cols); one of them or none
    changes : ground that changes later, in order of time
    wet : metres from which a cell counts as wet
    begins : the moment of second 0, None where the case has no clock
    facts : what it was made of, for the proof; notes : plain lines that a reader has to know, doubts included
    """

    name: str
    grid: Grid
    terrain: F8
    duration: float
    every: float
    blocked: Mask | None = None
    manning: float | F8 = 0.03
    sources: tuple[Source, ...] = ()
    edges: Edges = field(default_factory=Edges)
    depth: float | F8 | None = None
    level: float | F8 | None = None
    changes: tuple[NewGround, ...] = ()
    scheme: str = "second-order"
    courant: float | None = None
    wet: float = 0.01
    gauges: tuple[Gauge, ...] = ()
    sections: tuple[Section, ...] = ()
    gauge_every: float = 60.0
    velocities: bool = False
    begins: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
