"""What stands in a protected view: the triangles of each building, and its worst place in each part of the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.vista.clip import Pieces, cut, least_room
from citymodel.analysis.vista.corridor import Corridor
from citymodel.analysis.zones import _roots
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer
from citymodel.scenario import OF_OBJECTS, Scenario, apply
from citymodel.surface.from_model import model_triangles

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]
Key = tuple[str, str]
"""Layer id and id of the topmost object."""


@dataclass(frozen=True, eq=False, slots=True)
class Masses:
    """Triangles of what stands on the ground.

    corners : (t, 3, 3) float64, x, y, z; owner : (t,) number of each triangle's object
    keys, kinds : of the objects; tree : (t,) bool
    """

    corners: F8
    owner: I8
    keys: list[Key]
    kinds: list[str]
    tree: Mask

    def of(self, chosen: set[Key]) -> Masses:
        """Only the triangles of these objects."""
        held = np.array([one in chosen for one in self.keys] or [False])
        return self._where(held[self.owner] if len(self.owner) else np.zeros(0, dtype=bool))

    def standing(self, trees: bool) -> Masses:
        """Only the trees, or only the rest."""
        return self._where(self.tree == trees)

    def _where(self, keep: Mask) -> Masses:
        return Masses(self.corners[keep], self.owner[keep], self.keys, self.kinds, self.tree[keep])


def masses_of(layers: Sequence[Layer], without: frozenset[Key] = frozenset()) -> Masses:
    """All that stands on the ground in city models; parts belong to their building."""
    corners, owners, trees = [np.zeros((0, 3, 3))], [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    keys: list[Key] = []
    kinds: list[str] = []
    for layer in layers:
        if layer.kind != "city":
            continue
        triangles = model_triangles(layer.data)
        objects = layer.data.objects
        root = _roots(objects.parent)
        keep = ~triangles.terrain & (triangles.object_row >= 0)
        owner = root[triangles.object_row[keep]]
        away = [row for row, name in enumerate(objects.ids) if (layer.id, name) in without]
        held = ~np.isin(owner, away)
        rows, number = np.unique(owner[held], return_inverse=True)
        corners.append(triangles.vertices[triangles.corners[keep][held]])
        owners.append(number.ravel().astype(np.int64) + len(keys))
        trees.append(triangles.tree[keep][held])
        keys += [(layer.id, objects.ids[int(row)]) for row in rows]
        kinds += [objects.type_of(int(row)) for row in rows]
    return Masses(np.concatenate(corners), np.concatenate(owners), keys, kinds, np.concatenate(trees))


def masses_after(
    base: Masses, layers: Sequence[Layer], scenario: Scenario, without: frozenset[Key]
) -> tuple[Masses, set[Key]]:
    """What stands as the scenario has it, and which objects it touches; all others keep the base's own triangles.

    A model patched elsewhere may cut a bent polygon along its other diagonal.
    """
    after = apply(scenario, tuple(layers))
    touched = touched_by(scenario, layers)
    changed = masses_of([one for one in after if one not in layers], without).of(touched)
    rest = base.of(set(base.keys) - touched)
    joined = Masses(
        np.concatenate([rest.corners, changed.corners]),
        np.concatenate([rest.owner, changed.owner + len(rest.keys)]),
        rest.keys + changed.keys,
        rest.kinds + changed.kinds,
        np.concatenate([rest.tree, changed.tree]),
    )
    return joined, touched


def touched_by(scenario: Scenario, layers: Sequence[Layer]) -> set[Key]:
    """The topmost objects that the scenario adds, changes or removes."""
    found = {(scenario.layer_id, id) for id in scenario.built()}
    for layer in layers:
        if layer.kind != "city":
            continue
        mine = {c.object_id for c in scenario.changes if isinstance(c, OF_OBJECTS) and c.layer_id == layer.id}
        objects = layer.data.objects
        root = _roots(objects.parent) if mine else ()
        found |= {(layer.id, objects.ids[int(root[row])]) for row, name in enumerate(objects.ids) if name in mine}
    return found


class Worst(NamedTuple):
    """An object's place with the least room in a part of the view.

    part : number in ``corridor.PARTS``; room : metres below the threshold, less than 0 above it
    along, aside, z : length, offset and height of the place, metres; allowed : the threshold's height there
    """

    part: int
    room: float
    along: float
    aside: float
    z: float
    allowed: float


def worst_of(masses: Masses, corridor: Corridor, job: Progress = silent) -> dict[tuple[Key, int], Worst]:
    """The worst place of each object in each part that it reaches into."""
    found: dict[tuple[Key, int], Worst] = {}
    regions = corridor.regions()
    local = corridor.local(masses.corners)
    for number, (part, planes) in enumerate(regions):
        job(number / len(regions), "buildings and the threshold")
        least = least_room(cut(local, planes), masses.owner, corridor)
        for group, room, place in zip(least.group.tolist(), least.room.tolist(), least.place.tolist(), strict=True):
            key = (masses.keys[group], part)
            if key not in found or room < found[key].room:
                allowed = float(corridor.allowed(place[0]))
                found[key] = Worst(part, room, place[0], place[1], place[2], allowed)
    return found


def pieces_in(masses: Masses, corridor: Corridor, parts: tuple[int, ...]) -> list[Pieces]:
    """What of the triangles lies in the parts of these numbers."""
    local = corridor.local(masses.corners)
    return [cut(local, planes) for part, planes in corridor.regions() if part in parts]
