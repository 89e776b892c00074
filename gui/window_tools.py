"""The window's tools in the 3-D view: one in the hand, what it says, the pages and the pane that go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from gui.area_tool import AreaTool
from gui.corners import Corners
from gui.draw import DrawTool
from gui.drawn import drawn_at, drawn_bounds
from gui.eye import EyeTool
from gui.eye_pane import EyePane
from gui.picking import Picking, Tool
from gui.words import tr

if TYPE_CHECKING:
    from gui.window import Window

NEAR = 6.0
"""Pixels from what is drawn within which a click is meant for it."""
SMALL, LARGE = 0.4, 0.68
"""Share of the height that the eye's own view takes."""


class Tools(QObject):
    """Sun at points, the eye with its own view, and whatever a form asks to be picked: never two at a time."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.picking = Picking(window.desk, self)
        self.points = window.inspector.points.points
        self.eye = EyeTool(window.desk, self.picking, window.view, self)
        self.draw = DrawTool(window.desk, self.picking, window.view, self)
        self.corners = Corners(window.desk, self.picking, window.view, self)
        self.sun_tool = Tool(
            tr("Click a place on the ground, on a roof or on a wall to see its sun; Esc ends."),
            lambda hit: self.points.add(hit.position, window.view.navigation.pose.position),
            lambda: self.points.activate(False),
        )
        areas = AreaTool(self.picking, window.view, self)
        for page in (window.inspector.study, window.inspector.diagram):
            page.picking, page.areas = self.picking, areas
        window.inspector.eye.follow_tool(self.eye)

    def connect_all(self) -> None:
        """Once the window has its actions and its status line."""
        window, page = self.window, self.window.inspector.eye
        self.pane = EyePane(self.eye, window.view, window.registry.qt["design.base"], window)
        window.panes.addWidget(self.pane)
        window.panes.setCollapsible(0, False)
        window.registry.qt["design.ground"].setIconText(tr("Basin"))
        self.draw.toggled.connect(lambda kind, on: window.registry.qt[f"design.{kind}"].setChecked(on))
        self.draw.drawn.connect(self._drawn)
        self.points.toggled.connect(self._pointing)
        self.picking.changed.connect(self._hand_changed)
        self.eye.toggled.connect(lambda on: window.registry.qt["view.eye"].setChecked(on))
        window.studies.finished.connect(lambda _: self.eye.take_away())  # or its colours would cover the result
        page.study_wanted.connect(self._study_of_eye)
        page.pane_wanted.connect(self.show_pane)
        self.pane.closed.connect(lambda: self.show_pane(False))
        self.pane.turned.connect(self._show_gaze)
        self.pane.enlarged.connect(self._size_panes)
        self.pane.save_wanted.connect(lambda: window.files.ask_for_picture(self.pane.kept(), tr("view from the eye")))

    def place_points(self, wanted: bool) -> None:
        """Set pins by clicks, or no longer."""
        self.points.activate(wanted)
        if wanted:
            self.window.raise_inspector()
            self.window.inspector.show_points()

    def _pointing(self, active: bool) -> None:
        self.window.registry.qt["study.point"].setChecked(active)
        if active:
            self.picking.take(self.sun_tool)
        else:
            self.picking.drop(self.sun_tool)

    def _drawn(self, _: str) -> None:
        """What was drawn shows its numbers, the first ready to be typed."""
        self.window.raise_inspector()
        self.window.inspector.follow()
        self.window.inspector.drawn.begin()

    def select_drawn(self, hit: Any) -> bool:
        """Select the opening or the changed ground that was clicked; False where there is none, or a building is."""
        from citymodel.scene.values import object_category
        from gui.object_panel import GROUND

        scenario, place = self.window.desk.document.scenario, self.picking.world(hit) if hit is not None else None
        if scenario is None or place is None:
            return False
        if hit.object_id:
            layer = self.window.inspector.shown_layer(hit.layer_id)
            if layer is None or layer.kind != "city" or hit.object < 0:
                return False
            if object_category(layer.data.objects.type_of(hit.object)) not in GROUND:
                return False
        found = self._wall_at(scenario, hit) or drawn_at(
            scenario, place[0], place[1], 6.0 * self.window.view.metres_per_pixel()
        )
        if found is not None:
            self.window.desk.select((scenario.layer_id, found))
        return found is not None

    def _wall_at(self, scenario: Any, hit: Any) -> str | None:
        """The wall whose line is seen where the click is: from afar the wall itself is thinner than a pixel."""
        import shapely

        view = self.window.view
        if view.swipe is not None:
            return None
        click = shapely.Point(view.on_screen(tuple(float(one) for one in hit.position)))
        for wall in reversed(scenario.walls()):
            line = view.stage.plans.lines.get(wall.id)
            if line is None:
                continue
            seen = [view.on_screen((float(x), float(y), float(z))) for x, y, z in line]
            if shapely.LineString(seen).distance(click) <= NEAR:
                return str(wall.id)
        return None

    def zoom_to_drawn(self, layer_id: str, object_id: str) -> bool:
        """Fill the view with what was drawn; False where that is something else."""
        scenario = self.window.desk.document.scenario
        one = scenario.drawn(object_id) if scenario is not None and scenario.layer_id == layer_id else None
        if one is None:
            return False
        left, low, right, high = drawn_bounds(one)
        west, south, _ = self.picking.local(left, low, 0.0)
        east, north, _ = self.picking.local(right, high, 0.0)
        z = self.window.view.stage.ground_height((west + east) / 2, (south + north) / 2) or 0.0
        self.window.view.frame((west, south, z, east, north, z))
        return True

    def show_eye(self, _: bool = False) -> None:
        """Take the eye in the hand; where it is there already, take it away."""
        if self.eye.active:
            self.eye.take_away()
            return
        self.window.raise_inspector()
        self.window.inspector.show_eye()
        self.eye.begin()

    def show_pane(self, wanted: bool) -> None:
        """The eye's own view below the map, or no longer."""
        self.pane.setVisible(wanted)
        self.window.inspector.eye.pane.setChecked(wanted)
        if wanted:
            self._size_panes(self.pane.large.isChecked())
        self._show_gaze()

    def _show_gaze(self) -> None:
        """The map shows where the pane looks, as long as there is one."""
        gaze = self.pane.gaze
        self.eye.show_gaze((gaze.heading, gaze.width) if gaze is not None and self.pane.isVisible() else None)

    def _size_panes(self, large: bool) -> None:
        panes = self.window.panes
        whole = sum(panes.sizes()) or panes.height()
        share = LARGE if large else SMALL
        panes.setSizes([round(whole * (1.0 - share)), round(whole * share)])

    def _study_of_eye(self, tool: EyeTool) -> None:
        from gui.requests import study_of_eye

        study = self.window.inspector.study
        if "viewshed" in study.known():
            self.window.show_study("viewshed")
            study.put("viewshed", study_of_eye(tool.stand, tool.parameters))
        else:
            self.window.desk.noticed.emit(tr("The study of what is seen is not installed."), True)

    def _hand_changed(self) -> None:
        """The pointer and the status line say that a click does something else now."""
        tool: Any = self.picking.tool
        self.window.status.hand.setText(tool.says if tool is not None else "")
        cursor = Qt.CursorShape.CrossCursor if tool is not None else Qt.CursorShape.ArrowCursor
        self.window.view.interactor.setCursor(cursor)

    def drop(self) -> None:
        """Leave the tool in the hand, else the swipe, else select nothing."""
        if self.picking.tool is not None:
            self.picking.drop()
        elif self.window.swipe.active:
            self.window.swipe.leave()
        else:
            self.window.desk.select(None)
