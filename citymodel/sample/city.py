"""The sample city as one value: plan, ground, buildings, bridges, trees and the proposal."""

from __future__ import annotations

from dataclasses import dataclass

from citymodel.sample.buildings import Building, fill
from citymodel.sample.greenery import Trees, plant
from citymodel.sample.landmarks import Bridge, bridges, clear_of, landmarks, planned_tower
from citymodel.sample.plan import Plan, make_plan
from citymodel.sample.terrain import Terrain


@dataclass(frozen=True, slots=True)
class City:
    """Everything the files are written from; the same seed gives the same city."""

    seed: int
    terrain: Terrain
    plan: Plan
    buildings: tuple[Building, ...]
    bridges: tuple[Bridge, ...]
    trees: Trees
    tower: Building


def build(seed: int) -> City:
    """The city for a seed; trees keep clear of the planned tower too, so that it can be added."""
    terrain = Terrain(seed)
    plan = make_plan(seed, terrain)
    special = landmarks(plan, terrain, seed)
    buildings = clear_of(fill(plan, terrain, seed), special) + special
    spans = bridges(terrain)
    tower = planned_tower(plan, terrain)
    trees = plant(plan, terrain, [*buildings, tower], spans, seed)
    return City(seed, terrain, plan, tuple(buildings), tuple(spans), trees, tower)
