"""The façade sampler of all studies: points before windows, walls and roofs, with storey, normal and area."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade import geometry
from citymodel.analysis.facade.occluders import Origin, ground_mesh
from citymodel.analysis.facade.solids import Faces, Solids, faces_and_solids, inside_another, winding
from citymodel.analysis.facade.storeys import ESTIMATED, Storeys, storeys_of
from citymodel.analysis.zones import _roots
from citymodel.jobs import Progress, silent
from citymodel.layers import Layer

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Mask = NDArray[np.bool_]

KINDS = ("window", "wall", "roof")
WINDOW, WALL, ROOF = range(3)
OFF = 0.05
"""Metres by which a point stands off its face."""
CLEAR = 0.3
"""Metres before a face that have to be free of other buildings and of ground."""
UPRIGHT = 0.1
"""A face without a stated kind is a wall where its unit normal rises less than this."""
_STATED = {
    "Window": WINDOW, "WindowSurface": WINDOW, "WallSurface": WALL, "RoofSurface": ROOF, "OuterFloorSurface": ROOF,
}  # fmt: skip
_ANY_STOREY = 10_000


@dataclass(frozen=True, eq=False, slots=True)
class FacadePoints:
    """Points before the outer faces of buildings, as columns of one length.

    xyz : (n, 3) float64 metres in the frame's CRS, OFF from the face; normal : (n, 3) unit, outward
    kind : (n,) rows of KINDS; storey : (n,) 0 at the foot, −1 on roofs; floor : (n,) height of its floor
    layer, building, surface, source : (n,) texts: layer id, root object's id, boundary surface's id ("" none)
    and what told the storeys (an attribute's name or "estimated")
    area : (n,) m² each stands for; width, low, high : (n,) metres of its patch, along the face and up it;
    turn : (n,) grid azimuth, degrees, in which the width runs
    dropped : how many were left out, by reason
    """

    xyz: F8
    normal: F8
    kind: I8
    storey: I8
    floor: F8
    layer: NDArray[Any]
    building: NDArray[Any]
    surface: NDArray[Any]
    source: NDArray[Any]
    area: F8
    width: F8
    low: F8
    high: F8
    turn: F8
    dropped: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.xyz)

    def take(self, rows: Any) -> FacadePoints:
        """The points of these rows."""
        return replace(
            self, **{one.name: getattr(self, one.name)[rows] for one in fields(self) if one.name != "dropped"}
        )


def facade_points(
    layers: Sequence[Layer],
    origin: Origin,
    kinds: Collection[str] = KINDS,
    spacing: float = 3.0,
    storey_height: float = 3.0,
    progress: Progress = silent,
) -> FacadePoints:
    """Points before the buildings of the layers.

    Windows where a building has them modelled (and ``kinds`` asks for them), else its walls; roofs by a grid.

    Parameters
    ----------
    origin : metres in the frame's CRS near the data; the same for every state that is to be compared
    spacing : metres of façade a point, and of the roofs' grid
    storey_height : metres a storey where no attribute tells
    """
    faces, solids = faces_and_solids(layers, origin)
    progress(0.3, "faces of the buildings")
    parts = [
        _of_layer(layer, number, one, solids, kinds, spacing, storey_height)
        for number, (layer, one) in enumerate(zip(layers, faces, strict=True))
        if one is not None
    ]
    points = joined([one for one, _ in parts])
    own = np.concatenate([np.zeros(0, dtype=np.int64), *(one for _, one in parts)])
    progress(0.6, "outer faces")
    points, keep, dropped = _outer(points, own, solids, layers, origin, progress)
    points = replace(points, xyz=points.xyz + OFF * points.normal + np.asarray(origin))
    progress(1.0, "façade points")
    return replace(points.take(keep), dropped=dropped)


def _of_layer(
    layer: Layer, number: int, faces: Faces, solids: Solids, kinds: Collection[str], spacing: float, high: float
) -> tuple[FacadePoints, I8]:
    """The points of one layer on their faces, and each one's object in ``solids``."""
    objects = layer.data.objects
    which = np.array([k for k, (of, _) in enumerate(solids.key) if of == number], dtype=np.int64)
    t0, t1 = (int(solids.start[which[0]]), int(solids.start[which[-1] + 1])) if len(which) else (0, 0)
    corners, of = solids.corners[t0:t1], solids.face[t0:t1]
    place = np.full(len(objects) + 1, -1, dtype=np.int64)
    place[[solids.key[k][1] for k in which]] = which
    root = _roots(objects.parent)
    kind = _kinds(layer.data, faces)
    windowed = np.zeros(len(objects) + 1, dtype=bool)
    if "window" in kinds:
        windowed[root[faces.object[kind == WINDOW]]] = True
    kind = np.where((kind == WALL) & windowed[root[faces.object]], -1, kind)
    told, foot = _storeys(layer, faces, corners, of, root, kind, high)
    each = np.array([one.height for one in told])[faces.object] if len(faces.row) else np.zeros(0)
    limit = np.array([_ANY_STOREY if one.source == ESTIMATED else one.number for one in told])[faces.object]
    rise = np.round((foot[faces.object] - foot[root[faces.object]]) / np.maximum(each, 1.0)).astype(np.int64)
    found: list[tuple[int, geometry.Places, F8, F8]] = []
    if "wall" in kinds and (kind == WALL).any():
        chosen = kind[of] == WALL
        places = geometry.on_walls(
            corners[chosen], of[chosen], faces.object, faces.normal, foot[faces.object], each,
            np.maximum(limit - rise, 1), spacing,
        )  # fmt: skip
        found.append((WALL, places, faces.normal[places.face], places.width * np.maximum(places.high - places.low, 0)))
    if "roof" in kinds and (kind == ROOF).any():
        chosen = kind[of] == ROOF
        places, area = geometry.on_roofs(corners[chosen], of[chosen], faces.object, faces.normal, spacing)
        found.append((ROOF, places, faces.normal[places.face], area))
    if "window" in kinds and (kind == WINDOW).any():
        rows = np.flatnonzero(kind == WINDOW)
        local = np.full(len(faces.row), -1, dtype=np.int64)
        local[rows] = np.arange(len(rows))
        chosen = kind[of] == WINDOW
        places, normal, area = geometry.on_windows(
            corners[chosen], local[of[chosen]], faces.surface[rows], faces.normal[rows], faces.area[rows], spacing, high
        )
        places = places._replace(face=rows[places.face])
        level = np.floor((places.xyz[:, 2] - foot[faces.object[places.face]]) / each[places.face])
        found.append((WINDOW, places._replace(storey=np.maximum(level, 0).astype(np.int64)), normal, area))
    parts = []
    for code, places, normal, area in found:
        row = faces.object[places.face]
        storey = np.full(len(row), -1) if code == ROOF else places.storey + rise[places.face]
        floor = foot[row] + places.storey * each[places.face]
        parts.append(
            FacadePoints(
                places.xyz, normal, np.full(len(area), code), storey,
                np.where(code == ROOF, np.nan, floor),
                np.full(len(area), layer.id, dtype=object),
                np.array(list(objects.ids), dtype=object)[root[row]],
                np.array([*objects.ids, ""], dtype=object)[faces.surface[places.face]],
                np.array([one.source for one in told], dtype=object)[row],
                area, places.width, places.low, places.high, places.turn, {},
            )
        )  # fmt: skip
    rows = np.concatenate([np.zeros(0, np.int64), *(place[faces.object[one.face]] for _, one, _, _ in found)])
    return joined(parts), rows


def _kinds(model: Any, faces: Faces) -> I8:
    """(p,) rows of KINDS by the surface's stated type, else by slope; −1 for floors, doors, installations."""
    names = model.objects.type_names
    stated = np.array([_STATED.get(name, -1) for name in names] + [-1])
    up = faces.normal[:, 2]
    slope = np.where(np.abs(up) < UPRIGHT, WALL, np.where(up > 0, ROOF, -1))
    kinds = np.where(faces.surface < 0, slope, stated[model.objects.type[np.maximum(faces.surface, 0)]])
    house = np.array([name in ("Building", "BuildingPart") for name in names] or [False])
    kinds = np.where(house[model.objects.type[faces.object]] & faces.normal.any(axis=1), kinds, -1)
    return np.where((kinds == ROOF) & (up < UPRIGHT), -1, kinds).astype(np.int64)


def _storeys(
    layer: Layer, faces: Faces, corners: F8, of: I8, root: I8, kind: I8, each: float
) -> tuple[list[Storeys], F8]:
    """By object: its storeys, and the height of its foot; an object's height goes to the middle of its highest roof."""
    objects = layer.data.objects
    n = len(objects)
    low, high = np.full(len(faces.row), np.inf), np.full(len(faces.row), -np.inf)
    np.minimum.at(low, of, corners[:, :, 2].min(axis=1))
    np.maximum.at(high, of, corners[:, :, 2].max(axis=1))
    foot, top = np.full(n, np.inf), np.full(n, -np.inf)
    roofs = np.flatnonzero(np.isfinite(low) & ((kind == ROOF) if (kind == ROOF).any() else True))
    roofs = roofs[np.argsort(high[roofs], kind="stable")]
    for owner in (faces.object, root[faces.object]):
        np.minimum.at(foot, owner, low)
        top[owner[roofs]] = np.fmax(top[owner[roofs]], 0.5 * (low[roofs] + high[roofs]))
    told = [Storeys(1, each, ESTIMATED)] * n
    built = np.unique(np.concatenate([root[faces.object], faces.object]))
    for row in sorted(built.tolist(), key=lambda row: root[row] != row):
        height = float(top[row] - foot[row]) if np.isfinite(top[row]) else 0.0
        above = told[root[row]] if root[row] != row else None
        told[row] = storeys_of(objects.attributes[row], height, each, above)
    return told, np.where(np.isfinite(foot), foot, 0.0)


def _outer(
    points: FacadePoints, own: I8, solids: Solids, layers: Sequence[Layer], origin: Origin, progress: Progress
) -> tuple[FacadePoints, Mask, dict[str, int]]:
    """Normals turned outwards, which points have free space before them, and how many have not, by reason."""

    def part(start: float) -> Progress:
        return lambda share, text="": progress(start + 0.1 * share, "outer faces")

    before = np.abs(winding(solids, points.xyz + CLEAR * points.normal, own, part(0.6))) > 0.5
    behind = np.abs(winding(solids, points.xyz - CLEAR * points.normal, own, part(0.7))) > 0.5
    turned = before & ~behind & (points.kind != ROOF)
    points = replace(points, normal=np.where(turned[:, None], -points.normal, points.normal))
    ahead = points.xyz + CLEAR * points.normal
    within = before & ~turned
    other = ~within & inside_another(solids, ahead, own, part(0.8))
    progress(0.9, "points below ground")
    under = np.zeros(len(points), dtype=bool)
    rest = np.flatnonzero(~within & ~other)
    under[rest] = ground_mesh(layers, origin).occluded(ahead[rest].astype(np.float32), np.array([0, 0, 1], np.float32))
    dropped = {
        "inside their own building": int(within.sum()),
        "party walls": int(other.sum()),
        "below ground": int(under.sum()),
    }
    return points, ~(within | other | under), dropped


def joined(parts: Sequence[FacadePoints]) -> FacadePoints:
    """The points of many as one; what was dropped is the first's."""
    nothing, text = np.zeros(0), np.zeros(0, dtype=object)
    whole = np.zeros(0, dtype=np.int64)
    empty = FacadePoints(
        np.zeros((0, 3)), np.zeros((0, 3)), whole, whole, nothing, text, text, text, text,
        nothing, nothing, nothing, nothing, nothing, parts[0].dropped if parts else {},
    )  # fmt: skip
    names = [one.name for one in fields(empty) if one.name != "dropped"]
    columns: dict[str, Any] = {name: np.concatenate([getattr(one, name) for one in (empty, *parts)]) for name in names}
    return replace(empty, **columns)
