"""Document: everything a project knows at one moment, frozen; edits make a new one that shares the data."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from citymodel.errors import ParameterError
from citymodel.layers import Layer, Style

if TYPE_CHECKING:
    from citymodel.geo import Frame
    from citymodel.scenario import Change, Scenario


@dataclass(frozen=True, slots=True)
class Source:
    """The file a layer was read from, as it was then; ``crs`` is what the person gave, else None."""

    path: str
    size: int = 0
    sha256: str = ""
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named camera: where it stands and what it looks at, metres in the frame's local coordinates."""

    name: str
    position: tuple[float, float, float]
    focus: tuple[float, float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Document:
    """Layers in drawing order, how each is shown, the scenarios, and the frame they stand in.

    frame : None until the first layer arrives
    styles, sources : by layer id
    active_scenario : id of the scenario on screen, "" for the base
    zone : name of the time zone of the project's clock, "" while neither the data nor a person said one
    """

    frame: Frame | None = None
    layers: tuple[Layer, ...] = ()
    styles: Mapping[str, Style] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()
    active_scenario: str = ""
    bookmarks: tuple[Bookmark, ...] = ()
    name: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict)
    zone: str = ""

    def layer(self, layer_id: str) -> Layer:
        """The layer of that id."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise ParameterError(f"there is no layer {layer_id!r}; the layers are {[one.id for one in self.layers]}")

    def style(self, layer_id: str) -> Style:
        """How the layer is shown."""
        return self.styles.get(layer_id, Style())

    @property
    def scenario(self) -> Scenario | None:
        """The scenario on screen, None for the base."""
        return next((one for one in self.scenarios if one.id == self.active_scenario), None)

    def with_layer(self, layer: Layer, style: Style | None = None, source: Source | None = None) -> Document:
        """The document with one more layer on top; its id is made unique."""
        layer = replace(layer, id=unique_id(layer.id or layer.name, [one.id for one in self.layers]))
        return replace(
            self,
            layers=(*self.layers, layer),
            styles={**self.styles, layer.id: style or default_style(layer)},
            sources={**self.sources, layer.id: source} if source else self.sources,
        )

    def without_layer(self, layer_id: str) -> Document:
        """The document without that layer; unknown ids change nothing."""
        return replace(
            self,
            layers=tuple(one for one in self.layers if one.id != layer_id),
            styles={key: value for key, value in self.styles.items() if key != layer_id},
            sources={key: value for key, value in self.sources.items() if key != layer_id},
        )

    def with_style(self, layer_id: str, **changes: object) -> Document:
        """The document with fields of that layer's style changed."""
        style = replace(self.style(layer_id), **changes)  # type: ignore[arg-type]
        return replace(self, styles={**self.styles, layer_id: style})

    def with_layer_moved(self, layer_id: str, steps: int) -> Document:
        """The document with that layer ``steps`` places later in the drawing order (negative: earlier)."""
        layers = list(self.layers)
        at = layers.index(self.layer(layer_id))
        layer = layers.pop(at)
        layers.insert(min(max(at + steps, 0), len(layers)), layer)
        return replace(self, layers=tuple(layers))

    def with_change(self, change: Change, proposal: str = "Proposal") -> Document:
        """The document with one more change in the scenario on screen; from the base a proposal is begun.

        What is drawn anew under an id that is there takes its place.
        """
        from citymodel.scenario import Scenario

        current = self.scenario
        if current is None:
            current = Scenario(unique_id(proposal, [one.id for one in self.scenarios]), proposal, ())
        return self.with_scenario(current.having(change))

    def with_scenario(self, scenario: Scenario) -> Document:
        """The document with that scenario added or replaced, and on screen."""
        known = [one.id for one in self.scenarios]
        scenarios = tuple(scenario if one.id == scenario.id else one for one in self.scenarios)
        if scenario.id not in known:
            scenarios = (*scenarios, scenario)
        return replace(self, scenarios=scenarios, active_scenario=scenario.id)


def default_style(layer: Layer) -> Style:
    """How a layer of that kind is shown until somebody chooses."""
    colours = {"city": "surface-type", "points": "classification"}
    return Style(colour_by=colours.get(layer.kind, "value"))


def unique_id(name: str, taken: Collection[str]) -> str:
    """A short id made of the name: lower case, ASCII, not among those taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "layer"
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem}-{number}", number + 1
    return candidate
