"""The landmark of a protected view: an object of the model or a place, what of it is protected, and its corridor."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel import patch
from citymodel.analysis.vista.corridor import Corridor
from citymodel.analysis.vista.parameters import VistaParameters
from citymodel.analysis.zones import _roots
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.surface.from_model import model_triangles

F8 = NDArray[np.float64]

WIDEST = math.radians(120.0)
"""A landmark that fills more of the view than this is no longer looked at but stood before."""
EARTH_RADIUS = 6_378_137.0


@dataclass(frozen=True, eq=False, slots=True)
class Landmark:
    """What the view is of.

    name : in the model's words, or "the place"; foot, top : metres in the datum, NaN unknown
    own : (layer id, object id) of the whole buildings it belongs to, which hide nothing of it
    corners : (t, 3, 3) float64 of its triangles, none for a place; place : x, y of a place
    """

    name: str
    foot: float
    top: float
    own: frozenset[tuple[str, str]] = frozenset()
    corners: F8 | None = None
    place: tuple[float, float] | None = None


def landmark_of(layers: Sequence[Layer], parameters: VistaParameters) -> Landmark:
    """The landmark that the parameters name, among these layers."""
    if bool(parameters.landmark) == bool(parameters.at):
        raise ParameterError("name the landmark: either an object's id (landmark) or a place x y (at), and not both")
    if parameters.at:
        if parameters.width is None:
            raise ParameterError("the landmark is a place, which has no width of its own; give the width to protect")
        foot, top = (math.nan if one is None else one for one in (parameters.foot, parameters.top))
        if top <= foot:
            raise ParameterError(f"the landmark's top, {top:g} m, is not above its foot, {foot:g} m; correct one")
        return Landmark("the place", foot, top, place=(parameters.at[0][0], parameters.at[0][1]))
    own: set[tuple[str, str]] = set()
    names, corners = [], []
    for wanted in parameters.landmark:
        layer, row = _found(layers, wanted)
        objects = layer.data.objects
        own.add((layer.id, objects.ids[int(_roots(objects.parent)[row])]))
        triangles = model_triangles(layer.data)
        mine = np.append(patch.family(layer.data, [row]), False)[triangles.object_row]
        corners.append(triangles.vertices[triangles.corners[mine]])
        names.append(str(objects.attributes[row].get("name") or wanted))
    xyz = np.concatenate(corners)
    if not len(xyz):
        raise ParameterError(f"the landmark {parameters.landmark[0]!r} has no shape in the model; choose another")
    return Landmark(", ".join(names), float(xyz[..., 2].min()), float(xyz[..., 2].max()), frozenset(own), xyz)


def _found(layers: Sequence[Layer], wanted: str) -> tuple[Layer, int]:
    every: list[str] = []
    for layer in layers:
        if layer.kind == "city":
            ids = layer.data.objects.ids
            if wanted in ids:
                return layer, ids.index(wanted)
            every += [one for one, part in zip(ids, layer.data.objects.is_surface, strict=True) if not part]
    near = difflib.get_close_matches(wanted, every, 1)
    hint = f"; there is {near[0]!r}" if near else "; click it in the view to see its id"
    raise ParameterError(f"there is no object {wanted!r} to be the landmark{hint}")


def threshold_of(landmark: Landmark, parameters: VistaParameters) -> float:
    """Height of the threshold at the landmark, metres in the datum."""
    if parameters.threshold is None:
        raise ParameterError("give the threshold at the landmark: the height above which it has to stay in sight")
    start = {"datum": 0.0, "foot": landmark.foot, "top": landmark.top}[parameters.threshold_from]
    if math.isnan(start):
        raise ParameterError(f"the threshold counts from the landmark's {parameters.threshold_from}; give its height")
    height = start - parameters.threshold if parameters.threshold_from == "top" else start + parameters.threshold
    if height >= landmark.top:
        raise ParameterError(
            f"the threshold, {height:.2f} m, is not below the landmark's top, {landmark.top:.2f} m: nothing of it "
            "would be protected; give a lower one"
        )
    return height


def corridor_of(landmark: Landmark, parameters: VistaParameters, point: tuple[float, float], eye: float) -> Corridor:
    """The corridor from the point; its axis runs to the middle of what rises above the threshold, as seen from there.

    eye : metres in the datum
    """
    threshold = threshold_of(landmark, parameters)
    if landmark.corners is None:
        assert landmark.place is not None
        assert parameters.width is not None
        dx, dy = landmark.place[0] - point[0], landmark.place[1] - point[1]
        length, width = math.hypot(dx, dy), parameters.width
        if length < 1.0:
            raise ParameterError("the assessment point is the landmark itself; place it where the view begins")
        towards = (dx / length, dy / length)
    else:
        shown = above(landmark.corners, threshold)[:, :2] - point
        towards, half = _middle(shown, landmark.name)
        along = shown @ np.array(towards)
        length = float(along.min() + along.max()) / 2
        width = 2 * length * math.tan(half) if parameters.width is None else parameters.width
    if not width > 0:
        raise ParameterError("the landmark has no width above the threshold; give the width to protect")
    start = eye if parameters.point_threshold is None else parameters.point_threshold
    bend = (1 - parameters.refraction) / (2 * EARTH_RADIUS) if parameters.curvature else 0.0
    return Corridor(
        point, towards, length, (parameters.point_width, width), (start, threshold), parameters.setting,
        parameters.background, bend,
    )  # fmt: skip


def above(corners: F8, height: float) -> F8:
    """(n, 3) corners of what is left of (t, 3, 3) triangles above a height."""
    z = corners[..., 2]
    then = np.roll(corners, -1, axis=1)
    crosses = (z < height) != (then[..., 2] < height)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (height - z) / (then[..., 2] - z)
    met = corners[crosses] + share[crosses, None] * (then[crosses] - corners[crosses])
    return np.concatenate([corners[z >= height], met])


def _middle(seen: F8, name: str) -> tuple[tuple[float, float], float]:
    """Unit vector to the middle of places as seen from 0, and half the angle they fill, radians."""
    first = seen.mean(axis=0)
    far = float(np.hypot(*first))
    turn = np.arctan2(first[0] * seen[:, 1] - first[1] * seen[:, 0], seen @ first)
    low, high = float(turn.min()), float(turn.max())
    if far < 1.0 or high - low > WIDEST:
        raise ParameterError(f"the assessment point lies at or within the landmark {name}; place it farther away")
    angle = math.atan2(first[1], first[0]) + (low + high) / 2
    return (math.cos(angle), math.sin(angle)), (high - low) / 2
