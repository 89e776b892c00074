"""Threshold planes of protected views in the scene: a translucent sheet with a crisp edge, and who rises above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.vista.corridor import PARTS, Corridor
from citymodel.scene import colours
from citymodel.scene.legend import Legend

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.layers import Layer

F8 = NDArray[np.float64]

OPACITY = {"corridor": 0.42, "setting": 0.16, "background": 0.20}
STEPS = 48
"""Pieces along a threshold that follows the curved earth."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of a visible protected view.

    name : of its landmark; eye : metres in the datum
    """

    corridor: Corridor
    name: str
    eye: float


def thresholds(layers: Iterable[Layer]) -> tuple[Threshold, ...]:
    """Of the results among these layers that are protected views."""
    found = []
    for layer in layers:
        view = view_of(layer)
        if view:
            corridor = Corridor.from_dict(view["corridor"])
            found.append(Threshold(corridor, str(view["landmark"]["name"]), float(view["eye"])))
    return tuple(found)


def view_of(layer: Layer) -> Any:
    """What a result says of its protected view, None where it is none."""
    if layer.kind != "result" or layer.data.analysis != "vista":
        return None
    return layer.data.provenance.get("view")


def rising(document: Document, layers: Iterable[Layer]) -> list[tuple[str, str]]:
    """(layer id, object id) of what rises above a visible threshold, as the city stands on the screen."""
    found = []
    for layer in layers:
        if not view_of(layer) or "by_building" not in layer.data.fields:
            continue
        table = layer.data.fields["by_building"].data
        proposed = (layer.data.provenance.get("scenario") or {}).get("id")
        active = document.scenario.id if document.scenario is not None else None
        state = "scenario" if proposed is not None and proposed == active else "base"
        words = table.get(f"verdict_view_{state}", ())
        found += [(str(table["layer"][k]), str(table["id"][k])) for k, one in enumerate(words) if one == "penetrates"]
    return found


def legend_of(planes: tuple[Threshold, ...], above: bool) -> list[Legend]:
    """The plane's tint, and the mark of what rises above it where anything does."""
    if not planes:
        return []
    names = ", ".join(dict.fromkeys(one.name for one in planes))
    rows = [(colours.SIGHT, f"threshold towards {names}")] + ([(colours.ABOVE, "rises above it")] if above else [])
    return [Legend("Protected view", "", tuple(rows))]


def sheet(corridor: Corridor, part: int, ring: F8, origin: tuple[float, ...]) -> tuple[F8, NDArray[np.int64], F8]:
    """A part of the threshold as quads, and the edge around it.

    ring : (n, 2) lengths and offsets from ``Corridor.outlines``

    Returns
    -------
    points (m, 3) local, quads (q, 4), edge (k, 3) local, closed
    """
    steps = STEPS if corridor.bend else 1
    start, end = float(ring[:, 0].min()), float(ring[:, 0].max())
    at = np.linspace(start, end, steps + 1)
    low, high = _sides(corridor, part, ring, at)
    lower, upper = (_placed(corridor, at, aside, origin) for aside in (low, high))
    points = np.stack([lower, upper], axis=1).reshape(-1, 3)
    first = 2 * np.arange(steps)
    quads = np.stack([first, first + 2, first + 3, first + 1], axis=1).astype(np.int64)
    return points, quads, np.concatenate([lower, upper[::-1], lower[:1]])


def _sides(corridor: Corridor, part: int, ring: F8, at: F8) -> tuple[F8, F8]:
    """Lowest and highest offset of a part at these lengths."""
    if PARTS[part] == "corridor":
        return -corridor.half(at), corridor.half(at)
    if PARTS[part] == "background":
        return -corridor.reach(at), corridor.reach(at)
    side = 1.0 if float(ring[:, 1].sum()) > 0 else -1.0
    inner, outer = side * corridor.half(at), side * corridor.reach(at)
    return np.minimum(inner, outer), np.maximum(inner, outer)


def _placed(corridor: Corridor, along: F8, aside: F8, origin: tuple[float, ...]) -> F8:
    x, y = corridor.world(along, aside)
    return np.asarray(np.stack([x, y, corridor.allowed(along)], axis=1) - np.asarray(origin), dtype=np.float64)


class Planes:
    """Keeps a plotter's threshold planes true to the last ones shown."""

    def __init__(self, plotter: Any, density: float) -> None:
        self.plotter, self.density = plotter, density
        self._actors: list[Any] = []

    def show(self, planes: tuple[Threshold, ...], origin: tuple[float, float, float]) -> None:
        """These thresholds and no others."""
        for actor in self._actors:
            self.plotter.renderer.RemoveActor(actor)
        self._actors = [actor for plane in planes for actor in self._of(plane, origin)]
        for actor in self._actors:
            self.plotter.renderer.AddActor(actor)

    def _of(self, plane: Threshold, origin: tuple[float, float, float]) -> list[Any]:
        found = []
        for part, ring in plane.corridor.outlines():
            points, quads, edge = sheet(plane.corridor, part, ring, origin)
            found.append(self._actor(points, quads, "polys", OPACITY[PARTS[part]]))
            along = np.stack([np.arange(len(edge) - 1), np.arange(1, len(edge))], axis=1)
            found.append(self._actor(edge, along, "lines", 1.0, 2.4 if PARTS[part] == "corridor" else 1.2))
        axis = np.linspace(0.0, plane.corridor.length, STEPS)
        line = _placed(plane.corridor, axis, np.zeros(STEPS), origin)
        along = np.stack([np.arange(STEPS - 1), np.arange(1, STEPS)], axis=1)
        found.append(self._actor(line, along, "lines", 1.0, 1.2))
        return found

    def _actor(self, points: F8, cells: NDArray[Any], kind: str, opacity: float, wide: float = 1.0) -> Any:
        from citymodel.scene import actors  # which knows the state, which knows planes

        actor = actors.actor_of(actors.polydata(points.astype(np.float32), cells, kind), lit=False)
        actor.GetMapper().SetScalarVisibility(False)
        look = actor.GetProperty()
        look.SetColor(*colours.unit(colours.SIGHT))
        look.SetOpacity(opacity)
        look.SetLineWidth(wide * self.density)
        actor.SetPickable(False)
        return actor
