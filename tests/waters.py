"""Floods in memory for tests: frames of any ground and level, and a document that shows them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from citymodel.document import Document
from citymodel.frames import Moment
from citymodel.geo import Frame
from citymodel.layers import Layer, Style
from citymodel.results import Result
from citymodel.surface import Grid

ORIGIN = (85_000.0, 447_000.0, 0.0)
BEGIN = datetime(2026, 7, 14, 13, 0, tzinfo=UTC)


class Held:
    """Frames held in memory: depths at times, velocities where they are given."""

    def __init__(self, ground, depths, times, east=None, north=None, cell=1.0, begins=BEGIN, complete=True):
        self.ground = np.asarray(ground, np.float32)
        self.depths = [np.asarray(one, np.float32) for one in depths]
        self.times = np.asarray(times, np.float64)
        self.east, self.north = east, north
        self.grid = Grid(ORIGIN[0], ORIGIN[1] + cell * self.ground.shape[0], cell, self.ground.shape, "EPSG:28992")
        self.begins, self.complete, self.revision = begins, complete, len(self.times)

    def at(self, seconds):
        depth = np.stack(self.depths)
        flat = depth.reshape(len(depth), -1)
        k = np.interp(seconds, self.times, np.arange(len(self.times)))
        low, share = int(k), np.float32(k - int(k))
        high = min(low + 1, len(depth) - 1)
        mixed = flat[low] * (1 - share) + flat[high] * share
        still = None if self.east is None else (np.asarray(self.east, np.float32), np.asarray(self.north, np.float32))
        return Moment(seconds, mixed.reshape(depth.shape[1:]), *(still or (None, None)))

    def readings(self):
        return {}


def plane(rows=60, cols=80, slope=0.05):
    """Ground that rises to the east, 0 at the western cells' centres."""
    return np.tile(np.arange(cols) * slope, (rows, 1)).astype(np.float32)


def pool(ground, level):
    """Depth of still water up to a level."""
    return np.where(np.isnan(ground), np.nan, np.maximum(level - ground, 0.0)).astype(np.float32)


def rising(**more):
    """A plane on which still water rises from 0 to 2 m in two hours."""
    ground = plane()
    return Held(ground, [pool(ground, one) for one in (0.0, 1.0, 2.0)], [0.0, 3600.0, 7200.0], **more)


def flood_layer(water=None, **fields):
    provenance = {"scenario": {"id": "wall"}}
    return Layer("flood", "Cloudburst", "result", Result("flood", "Cloudburst", fields, provenance,
                 water=water or {"base": rising()}), licence="CC0")  # fmt: skip


def flooded(layer=None, *others, colour_by="water", **style):
    """A document of a flood and other layers."""
    layer = layer or flood_layer()
    return Document(
        frame=Frame("EPSG:28992", ORIGIN),
        layers=(*others, layer),
        styles={layer.id: Style(colour_by=colour_by, **style)},
        name="Flood",
    )
