"""The swipe: the base on one side of an upright line and the proposal on the other, in one picture with one camera."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from citymodel.results import Result
from citymodel.scene.drape import Drape
from citymodel.scene.furniture import Furniture
from citymodel.scene.legend import Legend, merged
from citymodel.scene.patches import columns_of
from citymodel.scene.stage import Stage
from citymodel.scene.state import Caption, SceneState, View, resolve
from citymodel.scene.water import look_of

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.scenario import Scenario

STATES = ("base", "scenario", "difference")
LEAST = 0.02
"""Share of the width that each side keeps."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The pictures of both sides, their names, and the words around them."""

    left: SceneState
    right: SceneState
    names: tuple[str, str]
    caption: Caption


def proposal_of(document: Document) -> Scenario | None:
    """The proposal to show: that of the uppermost visible result, else the one on screen, else the last that is one."""
    known = {one.id: one for one in document.scenarios if one.changes}
    for layer in reversed(document.layers):
        if layer.kind == "result" and document.style(layer.id).visible:
            asked = (layer.data.provenance.get("scenario") or {}).get("id")
            if asked in known:
                return known[asked]
    if document.active_scenario in known:
        return known[document.active_scenario]
    return next(reversed(known.values()), None)


def sides_of(
    document: Document, moment: datetime | None, view: View, names: tuple[str, str] = ("As it is", "")
) -> Sides | None:
    """Base and proposal, each with its own map of every visible result; None without a proposal.

    A tool's drape is taken apart where it tells of both, else left out, as cast shadows are: they are one side's.
    """
    proposal = proposal_of(document)
    if proposal is None:
        return None
    drapes: tuple[Drape | None, Drape | None] = (None, None)
    if view.drape is not None and view.drape.sides is not None and document.active_scenario == proposal.id:
        drapes = view.drape.sides()
    left, right = (
        resolve(_as(document, state, active), moment, replace(view, drape=drape))
        for state, active, drape in (("base", "", drapes[0]), ("scenario", proposal.id, drapes[1]))
    )
    caption = replace(left.caption, legends=_shared(left.caption.legends, right.caption.legends))
    said = (names[0], names[1] or proposal.name)
    return Sides(replace(left, furniture=False), replace(right, furniture=False), said, caption)


def _as(document: Document, state: str, active: str) -> Document:
    """The document with this scenario, and each visible result with its map of this state."""
    changed = replace(document, active_scenario=active)
    for layer in document.layers:
        if layer.kind == "result" and look_of(layer, document.style(layer.id)):
            if layer.data.provenance.get("scenario") and state not in layer.data.water:
                changed = changed.with_style(layer.id, visible=False)
        elif layer.kind == "result":
            shown = field_of(layer.data, document.style(layer.id).colour_by, state)
            if shown is None:
                changed = changed.with_style(layer.id, visible=False)
            elif shown:
                changed = changed.with_style(layer.id, colour_by=shown)
    return changed


def field_of(result: Result, colour_by: str, state: str) -> str | None:
    """The name of a state's map or column of façade points, beside the one that is shown.

    Where that has none, as a change in words, it is the first that has; "" where nothing tells the states apart, None
    where only the other state has anything: of the proposal itself nothing is seen before it stands.
    """
    maps = [name for name, one in result.fields.items() if hasattr(one.data, "dims") and "x" in one.data.dims]
    names = columns_of(result) or maps
    shown = colour_by if colour_by in names else next(iter(names), "")
    stem = next((shown.removesuffix(f"_{one}") for one in STATES if shown.endswith(f"_{one}")), shown)
    if f"{stem}_{state}" in names:
        return f"{stem}_{state}"
    if any(f"{stem}_{one}" in names for one in STATES[:2]):
        return None
    pairs = (one.removesuffix("_base") for one in names if one.endswith("_base"))
    stem = next((one for one in pairs if f"{one}_scenario" in names), "")
    return f"{stem}_{state}" if stem else ""


def _shared(left: tuple[Legend, ...], right: tuple[Legend, ...]) -> tuple[Legend, ...]:
    """The legends of both sides: those with the same classes once, by what their titles have in common."""
    found: list[Legend] = []
    rest = list(right)
    for one in left:
        alike = [two for two in rest if (two.unit, two.classes) == (one.unit, one.classes)]
        twin = next((two for two in alike if two.title == one.title), alike[0] if alike else None)
        if twin is not None:
            rest.remove(twin)
            title = _common(one.title, twin.title) or one.title
            one = replace(one, title=title)
        found.append(one)
    return merged(found + rest)


def _common(one: str, two: str) -> str:
    count = next((k for k, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return one if one == two else one[:count].rstrip(" ,:·")


class _Half:
    """What a stage needs of a plotter, for a renderer of its own in another plotter's window."""

    def __init__(self, plotter: Any) -> None:
        from pyvista.plotting.renderer import Renderer

        self.renderer = Renderer(plotter, border=False)
        self.render_window = plotter.render_window
        self.camera_set = True

    def enable_ssao(self, **how: Any) -> None:
        self.renderer.enable_ssao(**how)

    def disable_ssao(self) -> None:
        self.renderer.disable_ssao()


class Swipe:
    """Two stages side by side in one window of VTK, each in its part of it, as if through one camera.

    Each renderer has its own viewport and draws only the pixels in it; the cameras' window centres are shifted, so that
    both show the same whole. Corners stay unshaded: VTK's occlusion pass knows no shifted window.
    """

    def __init__(self, plotter: Any, stage: Stage, share: float = 0.5) -> None:
        self.plotter, self.first = plotter, stage
        self._half, self._over = _Half(plotter), _Half(plotter)
        self._over.renderer.SetLayer(1)
        self._half.renderer.SetUseFXAA(plotter.renderer.GetUseFXAA())
        self._layers, self._shaded = plotter.render_window.GetNumberOfLayers(), stage.occlusion
        self.second = Stage(self._half, stage.density, occlusion=False)
        self.second.share_shapes(stage)
        self._furniture = Furniture(self._over, stage.density)
        self._watch: list[tuple[Any, int]] = []
        self.share = share

    @property
    def shown(self) -> bool:
        """Whether both sides are in the picture, since the first ``show``."""
        return bool(self._watch)

    def prepare(self, sides: Sides) -> None:
        """Make the geometry of both sides; touches no actor, so a worker may call it before ``show``."""
        self.first.prepare(sides.left)
        self.second.prepare(sides.right)

    def show(self, sides: Sides) -> tuple[str, ...]:
        """Bring both sides to their states; says what was touched."""
        if not self.shown:
            self._begin()
        touched = self.first.show(sides.left) + self.second.show(replace(sides.right, camera=None))
        self._furniture.say(sides.caption)
        return touched

    def _begin(self) -> None:
        window = self.plotter.render_window
        window.SetNumberOfLayers(max(self._layers, 2))
        for one in (self._half, self._over):
            one.renderer.SetInteractive(False)
            one.renderer.AutomaticLightCreationOff()
            window.AddRenderer(one.renderer)
        self.first.occlusion = False
        self.plotter.disable_ssao()
        for renderer, act in ((self.plotter.renderer, self._follow), (self._over.renderer, self._lay_out)):
            self._watch.append((renderer, renderer.AddObserver("StartEvent", lambda *_, act=act: act())))
        self.at(self.share)

    def at(self, share: float) -> None:
        """Put the line at this share of the width, on a whole pixel."""
        width = max(self.plotter.render_window.GetSize()[0], 2)
        self.share = min(max(share, LEAST), 1.0 - LEAST)
        if not self.shown:
            return
        cut = round(self.share * width) / width
        self.plotter.renderer.SetViewport(0.0, 0.0, cut, 1.0)
        self._half.renderer.SetViewport(cut, 0.0, 1.0, 1.0)
        self._follow()

    def stage_at(self, x: float) -> Stage:
        """The stage that shows a column of pixels."""
        return self.first if x < self.share * self.plotter.render_window.GetSize()[0] else self.second

    def stages(self) -> tuple[Stage, Stage]:
        """Left and right."""
        return self.first, self.second

    def end(self) -> None:
        """One picture again; the first stage keeps what it shows."""
        if not self.shown:
            return
        for renderer, number in self._watch:
            renderer.RemoveObserver(number)
        self._watch = []
        window = self.plotter.render_window
        for one in (self._half, self._over):
            one.renderer.RemoveAllViewProps()
            window.RemoveRenderer(one.renderer)
        window.SetNumberOfLayers(self._layers)
        self.plotter.renderer.SetViewport(0.0, 0.0, 1.0, 1.0)
        self.plotter.renderer.GetActiveCamera().SetWindowCenter(0.0, 0.0)
        self.first.occlusion = self._shaded

    def _follow(self) -> None:
        """The second camera goes where the first is; each window is shifted so that both show one whole."""
        eye, other = self.plotter.renderer.GetActiveCamera(), self._half.renderer.GetActiveCamera()
        cut = self.plotter.renderer.GetViewport()[2]
        eye.SetWindowCenter(1.0 - 1.0 / cut, 0.0)
        other.SetPosition(*eye.GetPosition())
        other.SetFocalPoint(*eye.GetFocalPoint())
        other.SetViewUp(*eye.GetViewUp())
        other.SetViewAngle(eye.GetViewAngle())
        other.SetParallelProjection(eye.GetParallelProjection())
        other.SetParallelScale(eye.GetParallelScale())
        other.SetWindowCenter(1.0 / (1.0 - cut) - 1.0, 0.0)
        self._half.renderer.ResetCameraClippingRange()

    def _lay_out(self) -> None:
        self._furniture.lay_out(self.first.camera(), self.first.metres_a_pixel())
