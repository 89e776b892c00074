"""The picture seen from a window, and the same in the colours of what the rays meet; both on one sheet."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.matched import device_of
from citymodel.analysis.facade.place import place_of
from citymodel.analysis.facade.target import named
from citymodel.analysis.outlook.classes import first_classes, views_of
from citymodel.analysis.outlook.fan import pixels, turned
from citymodel.errors import ParameterError
from citymodel.legends_view import SIGHTS
from citymodel.results import Result

if TYPE_CHECKING:
    from citymodel.document import Document

ROWS = 420
"""Pixels of the picture's height."""


def outlook_picture(document: Document, result: Result, path: Path, *, rendered: bool = True) -> Path:
    """Write the sheet of an outlook's picture, of base and scenario, as PNG.

    rendered : with the city drawn beside the classes
    """
    from citymodel.scene.outlook_sheet import Sight, outlook_sheet

    taken, asked = result.provenance.get("picture"), result.provenance["parameters"]
    if not taken:
        raise ParameterError("the result does not say where its picture is taken; compute it again")
    was = result.provenance.get("scenario")
    place = place_of(document, was["id"] if was else "")
    device = device_of(asked["device"])
    landmark = [one for state in place.states for one in named(state, asked["landmark"])]
    views = views_of(place.layers, place.scenario, landmark, place.origin, device, place.crowns)
    width, tall, heading = float(taken["width"]), float(taken["tall"]), math.radians(taken["heading"])
    eye = np.asarray(taken["eye"], dtype=np.float64)
    towards, shape = pixels(width, tall, ROWS)
    ray = turned(towards, np.array([heading]))[0].astype(np.float32)
    start = np.broadcast_to((eye - np.asarray(place.origin)).astype(np.float32), ray.shape)
    table = np.array([_rgb(colour) for _, _, colour in SIGHTS], dtype=np.uint8)
    states = [("As it is", "")] + ([(place.scenario.name, place.scenario.id)] if place.scenario else [])
    sights = []
    for number, (name, id) in enumerate(states):
        code, _ = first_classes(views, number, np.ascontiguousarray(start), ray, device)
        shown = None if not rendered else _rendered(document, id, eye, heading, tall, (shape[1], shape[0]))
        sights.append(Sight(name, shown, table[code].reshape(*shape, 3), taken["shares"][number]))
    words = [f"{result.title}, looking {_compass(taken['heading'])}, {width:g}° by {tall:g}°"]
    wide, high = taken["view"]
    facts = (
        f"Eye at {eye[0]:.1f} {eye[1]:.1f}, {eye[2]:.1f} m; bars: what is seen from there, by shares of the solid "
        f"angle of a view {'all around' if wide == 360 else f'{wide:g}° wide'} and {high:g}° high. "
    )
    return outlook_sheet(
        sights, [(colour, text) for _, text, colour in SIGHTS], path, words[0], [facts + str(result.notes[0])],
        _sources(result),
    )  # fmt: skip


def _rendered(
    document: Document, scenario: str, eye: NDArray[Any], heading: float, tall: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """The city from the place, without words."""
    from citymodel.scene.camera import Camera
    from citymodel.scene.render import picture
    from citymodel.scene.state import View, origin_of, resolve

    shown = replace(document, active_scenario=scenario)
    for one in [one for one in document.layers if one.kind not in ("city", "terrain")]:
        shown = shown.with_style(one.id, visible=False)
    at = eye - np.asarray(origin_of(shown))
    ahead = at + 100.0 * np.array([math.sin(heading), math.cos(heading), 0.0])
    camera = Camera(_three(at), _three(ahead), view_angle=tall)
    return picture(resolve(shown, None, View(camera=camera, size=size, furniture=False)), size)


def _three(values: NDArray[Any]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))


def _compass(heading: float) -> str:
    names = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
    return names[round(heading / 45.0) % 8]


def _sources(result: Result) -> str:
    inputs = result.provenance.get("inputs", ())
    return "Data: " + ", ".join(f"{o['layer']}{' (' + o['licence'] + ')' if o.get('licence') else ''}" for o in inputs)
