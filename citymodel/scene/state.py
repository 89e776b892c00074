"""SceneState: what the picture shows at a moment, frozen; ``resolve`` makes it from a document and draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.layers import Layer, Style
from citymodel.model import CityModel
from citymodel.scenario import BUILT
from citymodel.scene import legend
from citymodel.scene.camera import VIEWS, Camera, corners_of, extremes, framed
from citymodel.scene.drape import Drape, drape_of
from citymodel.scene.light import Light
from citymodel.scene.patches import table_of
from citymodel.scene.pins import Pin
from citymodel.scene.planes import Threshold, legend_of, rising, thresholds
from citymodel.scene.plans import Plan, local_grounds, plans_of
from citymodel.scene.values import object_category, revision_of
from citymodel.scene.water import NATURAL, Water, clockless, ground_layer, look_of, water_of

if TYPE_CHECKING:
    from citymodel.changes import ChangeGround
    from citymodel.document import Document

PROPOSED, SELECTED, REMOVED, ABOVE = "proposed", "selected", "removed", "above"


@dataclass(frozen=True, slots=True)
class View:
    """What the person chose to see, apart from the document.

    camera : a view's or bookmark's name, a Camera, or None to leave the camera where it is
    size : width, height in pixels
    selection : (layer id, object id) pairs
    quiet_points : leave out ground and building returns where a model already shows them
    seconds : since the start of a flood, where its water is asked for so and not by the moment
    """

    camera: str | Camera | None = "home"
    size: tuple[int, int] = (1600, 1000)
    title: str = ""
    subtitle: str = ""
    furniture: bool = True
    selection: frozenset[tuple[str, str]] = frozenset()
    drape: Drape | None = None
    pins: tuple[Pin, ...] = ()
    point_budget: int = 3_000_000
    quiet_points: bool = True
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One layer as shown. ``revision`` stands for ``data`` in comparisons.

    marks : object id → "proposed", "selected", "removed", "above" a protected view's threshold
    cut : outlines, local metres, in which a model's land gives way to the terrain that a proposal changes
    moved : changes, local metres, that a model's own land follows where there is no other terrain
    hidden_classes : point classes left out; where ``covers`` names revisions of city models, only on those
    """

    layer_id: str
    kind: str
    data: Any = field(compare=False, repr=False)
    revision: int
    style: Style
    marks: tuple[tuple[str, str], ...] = ()
    hidden_classes: tuple[int, ...] = ()
    covers: tuple[int, ...] = ()
    point_budget: int = 0
    quiet: bool = False
    cut: tuple[tuple[tuple[float, float], ...], ...] = ()
    moved: tuple[ChangeGround, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """The words on the picture.

    at_right : the legends stand at the lower right, beside the scale, where the home view shows no ground
    """

    title: str = ""
    subtitle: str = ""
    attribution: str = ""
    legends: tuple[legend.Legend, ...] = ()
    at_right: bool = False


@dataclass(frozen=True, slots=True)
class SceneState:
    """Everything a stage draws. Equal parts of two states need no work.

    origin : float64 coordinates in the frame's CRS of the local zero
    """

    origin: tuple[float, float, float]
    items: tuple[Item, ...]
    drape: Drape | None
    light: Light
    camera: Camera | None
    caption: Caption
    furniture: bool = True
    pins: tuple[Pin, ...] = ()
    areas: tuple[Item, ...] = ()
    planes: tuple[Threshold, ...] = ()
    plans: tuple[Plan, ...] = ()
    water: Water | None = None


def resolve(document: Document, moment: datetime | None = None, view: View | None = None) -> SceneState:
    """The state of the picture; the same arguments give equal states."""
    view = view or View()
    layers = _layers(document)
    styles = tuple(_style(document, one.id) for one in layers)
    water = water_of(layers, styles, document.scenario, moment, view.seconds)
    ground = ground_layer(layers, styles)
    shown = tuple(one for one, style in zip(layers, styles, strict=True) if style.visible)
    named = shown  # on the picture's lower edge; the ground beneath a flood is the flood's own
    shown = shown if ground is None else (ground, *shown)
    marks = _marks(document, view, shown)
    planes = thresholds(shown)
    drape = view.drape or _draped_result(document, shown)
    pure = (drape is not None and drape.replaces) or any(_has_patches(one) for one in shown)
    classed = water is not None and water.look != NATURAL
    hidden = _hidden_classes(shown) if view.quiet_points else ()
    covers = tuple(revision_of(one.data) for one in shown if one.kind == "city") if hidden else ()
    plans = plans_of(document.scenario, origin_of(document), view.selection)
    dug = any(one.kind == "terrain" for one in shown)
    cut = tuple(one.line for one in plans if one.closed) if dug else ()
    moved = () if dug or document.scenario is None else local_grounds(document.scenario, origin_of(document))
    items = tuple(
        Item(
            one.id,
            one.kind,
            one.data,
            revision_of(one.data),
            _style(document, one.id),
            tuple(
                sorted((object_id, mark) for (layer_id, object_id), mark in marks.items() if layer_id in (one.id, ""))
            ),
            hidden if one.kind == "points" else (),
            covers if one.kind == "points" else (),
            view.point_budget if one.kind == "points" else 0,
            pure or classed,
            cut if one.kind == "city" else (),
            moved if one.kind == "city" else (),
        )
        for one in shown
        if one.kind not in ("result", "areas") or _has_patches(one)
    )
    return SceneState(
        origin=origin_of(document),
        items=items,
        drape=drape,
        light=_light(document, moment, shown, pure or water is not None),
        camera=_camera(document, view, shown),
        caption=_caption(document, view, moment, named, items, drape, pure or classed, planes, water),
        furniture=view.furniture,
        pins=view.pins,
        areas=tuple(
            Item(one.id, one.kind, one.data, revision_of(one.data), _style(document, one.id))
            for one in shown
            if one.kind == "areas"
        ),
        planes=planes,
        plans=plans,
        water=water,
    )


def origin_of(document: Document) -> tuple[float, float, float]:
    """The frame's local zero, 0, 0, 0 where no frame is set."""
    frame = document.frame
    if frame is None:
        return (0.0, 0.0, 0.0)
    parts = [float(part) for part in frame.origin]
    return (parts[0], parts[1], parts[2] if len(parts) > 2 else 0.0)


def outline_of(layers: tuple[Layer, ...], origin: tuple[float, float, float]) -> NDArray[np.float64] | None:
    """(n, 3) local points that the camera has to hold: of buildings, else of models, else of all.

    Terrain and rivers run far beyond a city, and the noise of points flies high above it.
    """
    cities = [one for one in layers if one.kind == "city"]
    built = [one for one in cities if "building" in {object_category(name) for name in one.data.objects.type_names}]
    chosen = built or cities or [one for one in layers if one.kind not in ("result", "areas")]
    found = [one for one in (_outline(layer) for layer in chosen) if one is not None]
    return np.concatenate(found) - np.asarray(origin) if found else None


@lru_cache(maxsize=64)
def _outline(layer: Layer) -> NDArray[np.float64] | None:
    """(n, 3) outermost points of a layer in the frame's CRS, None where it is empty."""
    data = layer.data
    if layer.kind == "city":
        return _built_outline(data)
    if layer.kind == "points":
        if not len(data):
            return None
        xyz = data.coordinates(slice(None, None, max(len(data) // 100_000, 1)))
        low, high = np.percentile(xyz[:, 2], [0.1, 99.9])
        return extremes(xyz[(xyz[:, 2] >= low) & (xyz[:, 2] <= high)])
    if hasattr(data, "dims") and np.isfinite(data.values).any():
        x, y = np.asarray(data.x), np.asarray(data.y)
        low, high = float(np.nanmin(data.values)), float(np.nanmax(data.values))
        return corners_of((x.min(), y.min(), low, x.max(), y.max(), high))
    return None


def _built_outline(model: CityModel) -> NDArray[np.float64] | None:
    """The buildings' outermost points, everything's where there are none; rivers run far beyond a city."""
    from citymodel.triangulate import owner_of_polygons

    points = model.vertices[~model.template_vertices]
    built = np.array([object_category(name) == "building" for name in model.objects.type_names] or [False])
    if len(points) and built.any() and not built.all():
        owner = owner_of_polygons(model).object_row
        chosen = (owner >= 0) & built[model.objects.type[np.maximum(owner, 0)]]
        polygon = np.repeat(np.arange(model.n_polygons), np.diff(model.polygon_rings))
        corner = np.repeat(chosen[polygon], np.diff(model.ring_offsets))
        points = model.vertices[model.ring_vertices[corner]] if corner.any() else points
    return extremes(points) if len(points) else None


def _layers(document: Document) -> tuple[Layer, ...]:
    """The layers with the active scenario applied."""
    scenario = document.scenario
    return document.layers if scenario is None else _applied(scenario, document.layers)


@lru_cache(maxsize=4)
def _applied(scenario: Any, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    from citymodel.scenario import apply

    return apply(scenario, layers)


def _style(document: Document, layer_id: str) -> Style:
    return document.styles.get(layer_id, Style())


def _marks(document: Document, view: View, shown: tuple[Layer, ...]) -> Mapping[tuple[str, str], str]:
    """(layer id, object id) → mark; layer "" is any."""
    from citymodel.scenario import AddBox, AddWall, SetHeight

    marks: dict[tuple[str, str], str] = {}
    scenario = document.scenario
    for change in () if scenario is None else scenario.changes:
        if isinstance(change, AddBox | AddWall):
            marks["", change.id] = PROPOSED
        elif isinstance(change, SetHeight):
            marks[change.layer_id, change.object_id] = PROPOSED
    for layer_id, object_id in rising(document, shown):
        marks.pop(("", object_id), None)  # a proposed one
        marks[layer_id, object_id] = ABOVE
    marks.update(dict.fromkeys(view.selection, SELECTED))
    return marks


def _hidden_classes(layers: tuple[Layer, ...]) -> tuple[int, ...]:
    """Returns that another layer already shows as a surface."""
    kinds = {one.kind for one in layers}
    return (2, 6, 7, 9, 17, 18) if "city" in kinds else (2,) if "terrain" in kinds else ()


def _draped_result(document: Document, layers: tuple[Layer, ...]) -> Drape | None:
    """The uppermost visible result that is a raster."""
    for layer in reversed(layers):
        if layer.kind == "result" and not look_of(layer, _style(document, layer.id)):
            found = drape_of(layer, _style(document, layer.id))
            if found is not None:
                return found
    return None


def _has_patches(layer: Layer) -> bool:
    """Whether a layer is a result with points on façades."""
    return layer.kind == "result" and table_of(layer.data) is not None


def _light(document: Document, moment: datetime | None, layers: tuple[Layer, ...], even: bool) -> Light:
    sun = None if moment is None else sun_position(document, moment, layers)
    return Light(even=even) if sun is None else Light(round(sun[0], 3), round(sun[1], 3), True, even)


def sun_position(document: Document, moment: datetime, layers: tuple[Layer, ...] = ()) -> tuple[float, float] | None:
    """Grid azimuth and altitude of the sun at the middle of the layers, degrees; None without a CRS."""
    crs = getattr(document.frame, "crs", None)
    layers = layers or document.layers
    outline = outline_of(layers, (0.0, 0.0, 0.0))
    if crs is None or outline is None:
        return None
    from citymodel.sun import grid_positions

    azimuth, altitude = grid_positions(
        [moment], crs, *map(float, (outline[:, :2].min(axis=0) + outline[:, :2].max(axis=0)) / 2)
    )
    return float(np.ravel(azimuth)[0]), float(np.ravel(altitude)[0])


def _camera(document: Document, view: View, layers: tuple[Layer, ...]) -> Camera | None:
    if not isinstance(view.camera, str):
        return view.camera
    for mark in document.bookmarks:
        if mark.name == view.camera and view.camera not in VIEWS:
            return Camera(mark.position, mark.focus)
    outline = outline_of(layers, origin_of(document))
    if outline is None:
        outline = corners_of((-50.0, -50.0, 0.0, 50.0, 50.0, 20.0))
    return framed(outline, view.camera, view.size[0] / view.size[1])


def _caption(
    document: Document,
    view: View,
    moment: datetime | None,
    layers: tuple[Layer, ...],
    items: tuple[Item, ...],
    drape: Drape | None,
    pure: bool,
    planes: tuple[Threshold, ...],
    water: Water | None,
) -> Caption:
    timeless = view.seconds is not None and clockless(water, document.layers)
    exact = "%B %Y, %H:%M:%S" if water is not None and moment is not None and moment.second else "%B %Y, %H:%M"
    when = "" if moment is None or timeless else f"{moment.day} {moment.strftime(exact)}{_zone(moment)}"
    scenario = document.scenario
    words = [view.subtitle, when, "" if scenario is None else scenario.name]
    legends = [] if water is None or water.legend is None else [water.legend]
    legends += [] if drape is None or drape.legend is None else [drape.legend]
    legends += legend_of(planes, any(mark == ABOVE for item in items for _, mark in item.marks))
    for item in sorted(items, key=lambda item: item.kind):
        if item.kind != "city" or not (pure or item.layer_id.startswith(BUILT)):  # a flood wall alone is no city
            legends += legend.legends_of(item)
    title = view.title or document.name
    return Caption(
        title=title,
        subtitle=" · ".join(word for word in words if word),
        attribution=attribution(layers),
        legends=legend.merged([_without(one, title) for one in legends]),
        at_right=water is not None,  # its tall legend would hide the nearest corner of the ground and the pond there
    )


def _without(one: legend.Legend, title: str) -> legend.Legend:
    """The legend without what the picture's title says already."""
    return replace(one, notes=tuple(note for note in one.notes if note != title)) if title in one.notes else one


def attribution(layers: tuple[Layer, ...]) -> str:
    """Sources and licences, each once."""
    named = [(Path(one.source).name or ("" if one.kind == "result" else one.name), one.licence) for one in layers]
    words = [", ".join(part for part in parts if part) for parts in named]  # what was computed here is no source
    distinct = list(dict.fromkeys(word for word in words if word))
    if len(distinct) > 4:
        distinct = [*distinct[:2], f"and {len(distinct) - 2} more"]
    return " · ".join(distinct)


def _zone(moment: datetime) -> str:
    offset = moment.strftime("%z")
    return f" UTC{offset[:3]}:{offset[3:5]}" if offset and offset != "+0000" else (" UTC" if offset else "")
