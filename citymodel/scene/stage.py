"""Stage: keeps a plotter's actors true to the last state shown, and touches only what changed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from citymodel.scenario import BUILT
from citymodel.scene import actors, colours, light, meshes, patches, picking
from citymodel.scene.camera import Camera
from citymodel.scene.cut import with_moved_land, without_land
from citymodel.scene.drape import Drape
from citymodel.scene.furniture import Furniture
from citymodel.scene.outlines import Outlines
from citymodel.scene.pins import Pins
from citymodel.scene.planes import Planes
from citymodel.scene.plans import Plan, Plans
from citymodel.scene.state import Item, SceneState
from citymodel.scene.water_actor import Waters

NEAR = 0.40  # metres a pixel below which edges are drawn


@dataclass(eq=False, slots=True)
class _Shown:
    """A layer on the stage: its item, its geometry and its actors, in the same order."""

    item: Item
    origin: tuple[float, float, float]
    shapes: list[Any]
    actors: list[Any]
    targets: list[picking.Target]
    edges: list[Any] = field(default_factory=list)
    spacing: float = 1.0
    drape: Drape | None = None  # whose texture coordinates the meshes have


@dataclass(eq=False, slots=True)
class _Made:
    """A layer's meshes in their colours, and for those that rays can meet their targets; ready for actors.

    drape : whose texture coordinates the meshes have
    """

    meshes: list[Any]
    targets: list[picking.Target]
    spacing: float = 1.0
    drape: Drape | None = None


class Stage:
    """Shows states on any PyVista plotter: a window's, an off-screen one, a test's.

    Parameters
    ----------
    plotter : pyvista.Plotter or pyvistaqt.QtInteractor
    density : pixels of the plotter a pixel of the picture (2 where the picture is drawn double)
    occlusion, samples : whether corners are shaded, and by how many looks a pixel; a window takes fewer
    """

    def __init__(self, plotter: Any, density: float = 1.0, *, occlusion: bool = True, samples: int = 96) -> None:
        from vtkmodules.vtkRenderingCore import vtkMapper

        vtkMapper.SetResolveCoincidentTopologyToPolygonOffset()
        vtkMapper.SetResolveCoincidentTopologyPolygonOffsetParameters(0.0, 0.0)
        vtkMapper.SetResolveCoincidentTopologyLineOffsetParameters(0.0, -0.4)  # −4 lets hidden edges shine through
        self.plotter, self.density, self.occlusion, self.samples = plotter, density, occlusion, samples
        self.state: SceneState | None = None
        self.furniture = Furniture(plotter, density)
        self.pins, self.outlines = Pins(plotter, density), Outlines(plotter, density)
        self.plans, self.draft = Plans(plotter, density), Plans(plotter, density)
        self.planes, self.water = Planes(plotter, density), Waters(plotter, density)
        self._shown: dict[str, _Shown] = {}
        self._shapes: dict[tuple[Any, ...], list[Any]] = {}
        self._ready: dict[str, tuple[tuple[Any, ...], _Made]] = {}  # by layer: made ahead, for what key
        self._texture: Any = None
        self._table: Any = None
        self._under: list[picking.Target] = []  # the table, which is of no layer
        self._shaded = 0.0
        plotter.renderer.AddObserver("StartEvent", lambda *_: self._before_drawing())

    def prepare(self, state: SceneState) -> None:
        """Make the geometry of a state; touches no actor, so a worker may call it before ``show``."""
        wanted = {item.layer_id for item in state.items}
        self._ready = {name: made for name, made in self._ready.items() if name in wanted}
        for item in sorted(state.items, key=lambda item: item.kind == "points"):
            shown, key = self._shown.get(item.layer_id), _making(item, state.origin)
            if self._ready.get(item.layer_id, ((),))[0] == key:
                continue
            if shown is None or shown.origin != state.origin or _geometry(shown.item) != _geometry(item):
                made = self._make(item, state.origin)
                self._ready[item.layer_id] = (key, made)
                if item.kind not in ("points", "result"):
                    made.drape = _drape(made.meshes, self._shapes_of(item, state.origin), made.drape, state)
                for target in made.targets:  # the first touch of the pointer would wait for it
                    target.prepare()
        self.water.prepare(state.water, state.origin)

    def share_shapes(self, other: Stage) -> None:
        """Take over the geometry that another stage has made, which is a second stage's most work."""
        self._shapes.update(other._shapes)
        self.water.share(other.water)

    def mirror_shapes(self, other: Stage) -> None:
        """Hold the geometry that another stage holds, and no other."""
        self._shapes = dict(other._shapes)
        self.water.share(other.water)

    def show(self, state: SceneState) -> tuple[str, ...]:
        """Bring the picture to ``state``; says what was touched, as "layer: part"."""
        old, touched = self.state, list[str]()
        wanted = {item.layer_id for item in state.items}
        for gone in [key for key in self._shown if key not in wanted]:
            self._remove(gone)
            touched.append(f"{gone}: removed")
        moved = old is None or old.origin != state.origin
        drape_old = None if old is None else old.drape
        fits = _same_place(drape_old, state.drape)
        if state.drape != drape_old:
            if fits and state.drape is not None:
                actors.repaint(self._texture, state.drape)
            else:
                self._texture = None if state.drape is None else actors.texture_of(state.drape)
            touched.append("drape")
        for item in sorted(state.items, key=lambda item: item.kind == "points"):
            touched += self._show_item(item, state, moved, not fits)
        if any(": geometry" in word or ": removed" in word for word in touched):
            self._show_table(state)
            self._shade()
        built = any(": geometry" in word or ": removed" in word for word in touched)
        if state.areas != (() if old is None else old.areas) or (state.areas and built):
            self.outlines.show(state.areas, state.origin, self.lowest)
            touched.append("areas")
        if state.plans != (() if old is None else old.plans) or (state.plans and built):
            self.plans.show(state.plans, self.lowest)
            touched.append("plans")
        if old is None or old.light != state.light:
            light.illuminate(self.plotter, state.light)
            touched.append("light")
        if state.camera is not None and (old is None or old.camera != state.camera):
            self.look(state.camera)
            touched.append("camera")
        if state.pins != (() if old is None else old.pins) or (state.pins and built):
            self.pins.show(state.pins, self._standing)
            touched.append("pins")
        if state.planes != (() if old is None else old.planes) or (state.planes and moved):
            self.planes.show(state.planes, state.origin)
            touched.append("planes")
        if state.water != (None if old is None else old.water) or (state.water and moved):
            self.water.show(state.water, state.origin)
            touched.append("water")
        if old is None or (old.caption, old.furniture) != (state.caption, state.furniture):
            self.furniture.say(state.caption if state.furniture else None)
            touched.append("furniture")
        if not fits or any(": geometry" in word or ": removed" in word for word in touched):
            self._drape_table(state)
        self.state = state
        return tuple(touched)

    def show_draft(self, plans: tuple[Plan, ...]) -> None:
        """A line in the making, which is no part of any state."""
        self.draft.show(plans, self.lowest)

    def look(self, camera: Camera) -> None:
        """Move the camera there, at once."""
        eye = self.plotter.renderer.GetActiveCamera()
        eye.SetPosition(*camera.position)
        eye.SetFocalPoint(*camera.focus)
        eye.SetViewUp(*camera.up)
        eye.SetViewAngle(camera.view_angle)
        eye.SetParallelProjection(camera.parallel_scale is not None)
        if camera.parallel_scale is not None:
            eye.SetParallelScale(camera.parallel_scale)
        self.plotter.renderer.ResetCameraClippingRange()
        self.plotter.camera_set = True

    def camera(self) -> Camera:
        """Where the camera is now."""
        eye = self.plotter.renderer.GetActiveCamera()
        scale = float(eye.GetParallelScale()) if eye.GetParallelProjection() else None
        return Camera(
            tuple(eye.GetPosition()),
            tuple(eye.GetFocalPoint()),
            tuple(eye.GetViewUp()),
            scale,
            float(eye.GetViewAngle()),
        )

    def pick(self, x: float, y: float) -> picking.Pick | None:
        """What is at a display point, pixels from the lower left."""
        start, end = picking.ray(self.plotter.renderer, x, y)
        return picking.nearest(self._targets(), start, end)

    def display(self, point: tuple[float, float, float]) -> tuple[float, float]:
        """Where a local point is in the picture, pixels from the lower left."""
        return picking.display(self.plotter.renderer, point)

    def _targets(self) -> list[picking.Target]:
        return [*(target for one in self._shown.values() for target in one.targets), *self._under]

    def ground_height(self, x: float, y: float) -> float | None:
        """Local height of the uppermost surface at a local place, None beside everything."""
        ends = (np.array([x, y, 1e4]), np.array([x, y, -1e4]))
        met = picking.nearest(self._targets(), *ends)
        return None if met is None else met.position[2]

    def _standing(self, x: float, y: float) -> float:
        """Local height of what a pin stands on; beside everything the level of the lowest."""
        found = self.ground_height(x, y)
        return found if found is not None else float(self.plotter.renderer.ComputeVisiblePropBounds()[4])

    def lowest(self, x: float, y: float) -> float | None:
        """Local height of the ground at a local place, below trees and roofs; of terrain where there is one.

        What a proposal builds does not count: its walls are founded below the ground.
        """
        kinds = ("terrain", "surface") if any(one.item.kind == "terrain" for one in self._shown.values()) else ("city",)
        grounds = [id for id, one in self._shown.items() if one.item.kind in kinds and not id.startswith(BUILT)]
        targets = [target for id in grounds for target in self._shown[id].targets]
        met = picking.nearest(targets, np.array([x, y, -1e4]), np.array([x, y, 1e4]))
        if met is None and self._table is not None:
            return float(self._table.GetBounds()[4])
        return None if met is None else met.position[2]

    def moving(self, active: bool) -> None:
        """While the camera moves: no ambient occlusion and no edges; both again when it rests."""
        if active:
            self.plotter.disable_ssao()
            self._shaded = 0.0
        else:
            self._shade()
        for one in self._shown.values():
            for line in one.edges:
                line.SetVisibility(not active)
        self.water.moving(active)

    # --- layers

    def _show_item(self, item: Item, state: SceneState, moved: bool, redraped: bool) -> list[str]:
        """Add, rebuild, recolour or only restyle one layer."""
        shown = self._shown.get(item.layer_id)
        touched = []
        if shown is None or moved or _geometry(shown.item) != _geometry(item):
            if shown is not None:
                self._remove(item.layer_id)
            shown = self._shown[item.layer_id] = self._build(item, state)
            touched.append(f"{item.layer_id}: geometry")
            redraped = True
        elif _colouring(shown.item) != _colouring(item):
            _colour(shown.shapes, [actor.GetMapper().GetInput() for actor in shown.actors], item)
            touched.append(f"{item.layer_id}: colours")
        if redraped and item.kind not in ("points", "result"):
            self._drape(shown, state)
        if touched or shown.item.style.opacity != item.style.opacity:
            for actor in shown.actors:
                actor.GetProperty().SetOpacity(item.style.opacity)
            touched = touched or [f"{item.layer_id}: opacity"]
        shown.item = item
        return touched

    def _shapes_of(self, item: Item, origin: tuple[float, float, float]) -> list[Any]:
        key = (item.layer_id, *_geometry(item), origin)
        if key not in self._shapes:
            for other in [one for one in self._shapes if one[0] == item.layer_id]:
                del self._shapes[other]
            if item.kind == "city":
                tiles = list(meshes.city_tiles(item.data, origin))
                tiles = without_land(tiles, item.data, item.cut)
                self._shapes[key] = with_moved_land(tiles, item.data, item.moved)
            elif item.kind == "points":
                cover = self._cover(item.covers, origin)
                rows = meshes.chosen_points(item.data, item.hidden_classes, item.point_budget, cover, origin)
                self._shapes[key] = [rows]
            elif item.kind == "result":
                self._shapes[key] = [patches.patches_of(item.data, item.style.colour_by, origin)]
            else:
                self._shapes[key] = list(meshes.raster_sheets(item.data, origin))
        return self._shapes[key]

    def _cover(self, revisions: tuple[int, ...], origin: tuple[float, float, float]) -> meshes.Cover | None:
        """What the city models of these revisions cover; they are prepared before the points."""
        known = [
            shapes
            for key, shapes in self._shapes.items()
            if key[1] == "city" and key[2] in revisions and key[-1] == origin
        ]
        return meshes.cover_of([tile for shapes in known for tile in shapes])

    def _make(self, item: Item, origin: tuple[float, float, float]) -> _Made:
        """A layer's meshes from its shapes, coloured, with what a ray needs to meet them."""
        shapes, made = self._shapes_of(item, origin), _Made([], [])
        for shape in shapes:
            if item.kind == "city":
                mesh = actors.polydata(shape.points, np.arange(len(shape.points)).reshape(-1, 3))
                rows = (shape.object, shape.surface, shape.polygon)
                made.targets.append(picking.Target(item.layer_id, mesh, item.data, rows))
            elif item.kind == "points":
                place = (item.data.coordinates(shape) - np.asarray(origin)).astype(np.float32)
                mesh = actors.polydata(place, np.arange(len(place))[:, None], "verts")
                made.spacing = meshes.spacing(place)
            elif item.kind == "result":
                mesh = actors.polydata(shape.points, np.arange(len(shape.points)).reshape(-1, 4))
                made.targets.append(patches.PatchTarget(item.layer_id, mesh, item.data, shape))
            else:
                mesh = _sheet_mesh(shape)
                made.targets.append(picking.Target(item.layer_id, mesh, None, ()))
            made.meshes.append(mesh)
        _colour(shapes, made.meshes, item)
        return made

    def _build(self, item: Item, state: SceneState) -> _Shown:
        key, made = self._ready.pop(item.layer_id, ((), None))
        if made is None or key != _making(item, state.origin):
            made = self._make(item, state.origin)
        dress = {
            "city": actors.actor_of,
            "points": lambda mesh: actors.actor_of(mesh, "points", lit=False),
            "result": actors.patch_actor,
        }.get(item.kind, lambda mesh: actors.actor_of(mesh, "points", flat=False))
        shapes = self._shapes_of(item, state.origin)
        shown = _Shown(item, state.origin, shapes, [dress(mesh) for mesh in made.meshes], made.targets)
        shown.spacing, shown.drape = made.spacing, made.drape
        for actor in shown.actors:
            self.plotter.renderer.AddActor(actor)
        return shown

    def _drape(self, shown: _Shown, state: SceneState) -> None:
        for actor in shown.actors:
            actor.SetTexture(self._texture)
        found = [actor.GetMapper().GetInput() for actor in shown.actors]
        shown.drape = _drape(found, shown.shapes, shown.drape, state)

    def _remove(self, layer_id: str) -> None:
        shown = self._shown.pop(layer_id)
        for actor in (*shown.actors, *shown.edges):
            self.plotter.renderer.RemoveActor(actor)

    # --- what belongs to no layer

    def _show_table(self, state: SceneState) -> None:
        """A plain sheet under a model that brings no ground of its own."""
        if self._table is not None:
            self.plotter.renderer.RemoveActor(self._table)
            self._table, self._under = None, []
        tiles = [shape for one in self._shown.values() for shape in one.shapes if isinstance(shape, meshes.Tile)]
        built = [box for box in (meshes.box_of(tile, meshes.BUILT) for tile in tiles) if box is not None]
        if any(item.kind in ("terrain", "surface") for item in state.items) or not built:
            return
        low = np.min([box[0] for box in built], axis=0)
        high = np.max([box[1] for box in built], axis=0)
        for ground in (meshes.box_of(tile, meshes.LAND) for tile in tiles):
            if ground is not None and (ground[0][:2] < high[:2]).all() and (ground[1][:2] > low[:2]).all():
                return
        sheet = meshes.table_top((low[0], low[1]), (high[0], high[1]), float(low[2]) - 0.15)
        mesh = _sheet_mesh(sheet)
        actors.set_colours(mesh, actors.sheet_colours(sheet, None, (0.0, 1.0)), "points")
        self._table = actors.actor_of(mesh, "points", flat=False)
        self._table.sheet = sheet
        self._under = [picking.Target("", mesh, None, ())]
        self.plotter.renderer.AddActor(self._table)

    def _drape_table(self, state: SceneState) -> None:
        if self._table is not None:
            self._table.SetTexture(self._texture)
            if state.drape is None:
                actors.forget_drape_coordinates(self._table.GetMapper().GetInput())
            else:
                uv = actors.drape_coordinates(self._table.sheet.points, state.drape, state.origin)
                actors.set_drape_coordinates(self._table.GetMapper().GetInput(), uv)

    def _shade(self) -> None:
        """Ambient occlusion at the size of what is shown."""
        box = self.plotter.renderer.ComputeVisiblePropBounds()
        size = math.hypot(box[1] - box[0], box[3] - box[2])
        if self.occlusion and 0 < size < 1e12 and size != self._shaded:
            light.shade_corners(self.plotter, size, self.samples)
            self._shaded = size

    def _before_drawing(self) -> None:
        """Things that follow the camera and the size of the window."""
        if self.plotter.render_window.GetDPI() != 72:
            self.plotter.render_window.SetDPI(72)  # Qt's fine screens double it; our sizes count the density already
        scale = self.metres_a_pixel()
        near = scale * self.density < NEAR
        for one in self._shown.values():
            if one.item.kind == "points":
                size = min(max(1.25 * one.spacing / scale, 1.2 * self.density), 5.0 * self.density)
                for actor in one.actors:
                    actor.GetProperty().SetPointSize(size)
            if one.item.kind != "city" or one.item.style.opacity < 0.99:
                continue
            if near and not one.edges:
                self._add_edges(one)
            for line in one.edges:
                line.SetVisibility(near)
        self.water.follow(scale)
        self.furniture.lay_out(self.camera(), scale)

    def metres_a_pixel(self) -> float:
        """Length at the camera's focus that one pixel of the plotter shows."""
        eye, height = self.plotter.renderer.GetActiveCamera(), max(self.plotter.renderer.GetSize()[1], 1)
        if eye.GetParallelProjection():
            return float(2.0 * eye.GetParallelScale() / height)
        return float(2.0 * eye.GetDistance() * math.tan(math.radians(eye.GetViewAngle() / 2)) / height)

    def _add_edges(self, shown: _Shown) -> None:
        for tile in shown.shapes:
            lines = actors.edge_lines(tile)
            if lines is not None:
                actor = actors.actor_of(lines, lit=False)
                actor.GetMapper().SetScalarVisibility(False)
                look = actor.GetProperty()
                look.SetColor(*colours.unit(colours.EDGE))
                look.SetLineWidth(0.8 * self.density)
                shown.edges.append(actor)
                self.plotter.renderer.AddActor(actor)


def _geometry(item: Item) -> tuple[Any, ...]:
    shown = item.style.colour_by if item.kind == "result" else ""  # points without a value have no patch
    return (item.kind, item.revision, item.hidden_classes, item.covers, item.point_budget, shown, item.cut, item.moved)


def _colouring(item: Item) -> tuple[Any, ...]:
    return (replace(item.style, opacity=1.0, visible=True), item.marks, item.quiet)


def _making(item: Item, origin: tuple[float, float, float]) -> tuple[Any, ...]:
    """What meshes are made for; equal ones need no others."""
    return (origin, _geometry(item), _colouring(item))


def _colour(shapes: list[Any], found: list[Any], item: Item) -> None:
    """Give the meshes of a layer's shapes their colours."""
    spans = [
        (shape.points[:, 2].min(), shape.points[:, 2].max())
        for shape in shapes
        if item.kind not in ("city", "points", "result")
    ]
    span = (float(min(low for low, _ in spans)), float(max(high for _, high in spans))) if spans else (0.0, 1.0)
    for shape, mesh in zip(shapes, found, strict=True):
        if item.kind == "city":
            actors.set_colours(mesh, actors.tile_colours(shape, item), "cells")
        elif item.kind == "points":
            colour = actors.point_colours(item.data, shape, item.style.colour_by, item.style.range)
            actors.set_colours(mesh, colour, "points")
        elif item.kind == "result":
            actors.set_colours(mesh, patches.colours_of(shape, item.data, item.style.colour_by), "cells")
        else:
            actors.set_colours(mesh, actors.sheet_colours(shape, item, span), "points")


def _drape(found: list[Any], shapes: list[Any], had: Drape | None, state: SceneState) -> Drape | None:
    """Give meshes the texture coordinates of the state's drape, or none; returns whose they have."""
    drape: Drape | None = state.drape
    if drape is not None and _same_place(had, drape):
        return drape
    for shape, mesh in zip(shapes, found, strict=True):
        if drape is None:
            actors.forget_drape_coordinates(mesh)
        else:
            make = actors.tile_coordinates if isinstance(shape, meshes.Tile) else _sheet_coordinates
            actors.set_drape_coordinates(mesh, make(shape, drape, state.origin))
    return drape


def _same_place(old: Drape | None, new: Drape | None) -> bool:
    """Whether the new picture lies where the old one lay, so that only its colours change."""
    if old is None or new is None:
        return old is new
    return (old.bounds, old.image.shape, old.replaces) == (new.bounds, new.image.shape, new.replaces)


def _sheet_coordinates(sheet: meshes.Sheet, drape: Drape, origin: tuple[float, ...]) -> Any:
    return actors.drape_coordinates(sheet.points, drape, origin)


def _sheet_mesh(sheet: meshes.Sheet) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    mesh = actors.polydata(sheet.points, sheet.triangles)
    normals = numpy_to_vtk(sheet.normals, deep=True)
    mesh.GetPointData().SetNormals(normals)
    return mesh
