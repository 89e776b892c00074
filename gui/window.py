"""The window: panels around one 3-D view, and the actions that tie them together."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDockWidget,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.actions import Registry, menu_titles
from gui.command_palette import CommandPalette
from gui.desk import Desk
from gui.inspector import Inspector
from gui.jobs_panel import JobsPanel
from gui.layer_tree import LayerTree
from gui.live_shade import LiveShade
from gui.memory import Memory
from gui.notices import NoticeBar
from gui.proposals import Proposals
from gui.result_table import ResultTable
from gui.start_page import StartPage, Steps
from gui.status import Status
from gui.studies import Studies
from gui.swipe import SwipeTool
from gui.time_bar import TimeBar
from gui.toolbar import ToolStrip
from gui.view import CityView, view_box
from gui.window_actions import window_actions
from gui.window_files import Files
from gui.window_flood import Floods, dock_area
from gui.window_tools import Tools
from gui.words import tr


class Window(QMainWindow):
    """One project in one window."""

    def __init__(self, moment: datetime | None = None, memory: Memory | None = None) -> None:
        super().__init__()
        self.memory = memory or Memory()
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 600)
        self.resize(1440, 900)
        self.desk = Desk(moment or default_moment(self.memory.text("zone", "")), self)
        self.view = CityView(self)
        self.desk.prepare = self.view.prepare
        self.files = Files(self)
        self.start, self.steps, self.notices = StartPage(self), Steps(self), NoticeBar(self)
        self.time_bar = TimeBar(self.desk)
        self.layers, self.inspector = LayerTree(self.desk), Inspector(self.desk)
        self.jobs, self.table = JobsPanel(self.desk.bridge), ResultTable(self.desk)
        self.inspector.study.run_wanted.connect(lambda *_: self.notices.hide())  # what was wrong before is asked anew
        self.studies = Studies(self.desk, self.inspector.study, self)
        for page in (self.inspector.study, self.inspector.diagram):
            page.view_box = lambda: view_box(self.view, self.desk.document.frame)
        self.shade = LiveShade(self.desk, self)
        self.tools = Tools(self)
        self.picking, self.points, self.eye = self.tools.picking, self.tools.points, self.tools.eye
        self.swipe = SwipeTool(self.desk, self.view, self)
        self.floods = Floods(self)
        self.proposals = Proposals(self.desk, self)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.start)
        self.middle.addWidget(self.view)
        self._lay_out()
        self.registry = Registry(self)
        self.registry.add(window_actions(self))
        self.registry.fill_menus(menu_titles())
        self.recent = self.files.recent_menu()
        self.registry.menus["file"].insertMenu(self.registry.qt["file.sample"], self.recent)
        self.registry.menus["design"].insertMenu(self.registry.qt["design.swipe"], self.proposals)
        self.toolbar = ToolStrip(self.registry)
        self.addToolBar(self.toolbar)
        self.command_palette = CommandPalette(self.registry, self)
        self.status = Status(self.statusBar(), self.desk, self.desk.bridge)
        self._connect()
        self.tools.connect_all()
        self.floods.allow()
        self.eye_pane = self.tools.pane
        self._first = True
        self._said_cover = self._leaving = False
        self.show_what_there_is()
        self._restore()

    # --- building ---

    def _lay_out(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.notices, self.steps):
            column.addWidget(part)
        self.panes = QSplitter(Qt.Orientation.Vertical)
        self.panes.addWidget(self.middle)
        column.addWidget(self.panes, 1)
        for part in (self.floods.bar, self.time_bar):
            column.addWidget(part)
        self.setCentralWidget(centre)
        self.steps.hide()
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.docks = {
            "layers": self._dock("layers", tr("Layers"), self.layers, left),
            "inspector": self._dock("inspector", tr("Inspector"), self.inspector, right),
            "jobs": self._dock("jobs", tr("Jobs"), self.jobs, right),
            "table": self._dock("table", tr("Tables"), self.table, dock_area()),
            "gauges": self._dock("gauges", tr("Gauges"), self.floods.gauges, dock_area()),
        }
        for name in ("jobs", "table", "gauges"):
            self.docks[name].hide()
        self.tabifyDockWidget(self.docks["table"], self.docks["gauges"])
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self.resizeDocks([self.docks["layers"], self.docks["inspector"]], [250, 320], Qt.Orientation.Horizontal)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        widget.setMinimumWidth(310 if name == "inspector" else 240)
        if name in ("jobs", "table", "gauges"):
            widget.setMinimumHeight(190 if name == "jobs" else 250)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        desk, view = self.desk, self.view
        desk.scene_resolved.connect(self._show_scene)
        desk.noticed.connect(self.notices.say)
        desk.project_opened.connect(self._project_opened)
        desk.document_changed.connect(lambda *_: self.show_what_there_is())
        desk.selection_changed.connect(self._allow)
        desk.moment_changed.connect(lambda: self.time_bar.slider.isSliderDown() and self.steps.finish("sun"))
        desk.moment_changed.connect(view.hurry)
        self.swipe.toggled.connect(lambda on: self.registry.qt["design.swipe"].setChecked(on))
        view.picked.connect(self._picked)
        view.pointed.connect(self.status.point)
        view.camera_moved.connect(self._camera_moved)
        self.layers.zoom_wanted.connect(lambda layer_id: self.zoom_to(layer_id, ""))
        self.inspector.zoom_wanted.connect(self.zoom_to)
        self.inspector.export_wanted.connect(self.files.export)
        self.inspector.layer.table_wanted.connect(lambda: self.docks["table"].show())
        self.inspector.layer.again_wanted.connect(self.studies.again)
        self.table.export_wanted.connect(self.files.export_tables)
        self.table.zone_wanted.connect(self.show_zone)
        desk.moment_changed.connect(self._say_what_covers_the_shade)
        self.time_bar.shadows_toggled.connect(self.shade.cast)
        self.time_bar.shadows_toggled.connect(self._say_what_covers_the_shade)
        self.status.jobs.wanted.connect(lambda: self.docks["jobs"].setVisible(not self.docks["jobs"].isVisible()))
        self.start.open_wanted.connect(self.files.open_files)
        self.start.sample_wanted.connect(self.files.open_sample)
        self.start.recent_wanted.connect(lambda path: self.files.open_paths([path]))
        self.steps.closed.connect(self._close_steps)

    def _restore(self) -> None:
        geometry, state = self.memory.bytes("geometry"), self.memory.bytes("state")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state)
        self.docks["jobs"].hide()

    # --- following the desk ---

    def show_what_there_is(self) -> None:
        """Title, page and what can be done follow the document."""
        document = self.desk.document
        full = bool(document.layers)
        self.middle.setCurrentWidget(self.view if full else self.start)
        self.time_bar.setEnabled(full)
        if not full:
            self._first = True
            self.start.show_recent(self.memory.recent())
        name = document.name or tr("New project")
        self.setWindowTitle(f"{name}{'*' if self.desk.project.modified else ''} – citymodel")
        if document.scenario is not None and document.scenario.changes:
            self.steps.finish("pull")
        self._allow()

    def _allow(self) -> None:
        project, qt = self.desk.project, self.registry.qt
        full, chosen = bool(project.document.layers), self.desk.selection
        always = [key for key in qt if key.startswith("study.")]
        for key in (
            "file.save", "file.save-as", "file.screenshot", "view.home", "view.north", "view.top", "view.frame",
            "view.eye", "design.box", "design.wall", "design.ground", "design.culvert", *always,
        ):  # fmt: skip
            qt[key].setEnabled(full)
        qt["design.remove"].setEnabled(bool(chosen and chosen[1] and self.inspector.removable))
        qt["design.base"].setEnabled(bool(project.document.scenarios))
        self.proposals.setEnabled(bool(project.document.scenarios))
        qt["design.base"].setChecked(bool(project.document.scenario))
        qt["design.swipe"].setEnabled(full and any(one.changes for one in project.document.scenarios))
        qt["edit.undo"].setEnabled(bool(project.undo_label))
        qt["edit.redo"].setEnabled(bool(project.redo_label))
        qt["edit.undo"].setText(tr("Undo: {what}", what=project.undo_label) if project.undo_label else tr("Undo"))
        qt["edit.redo"].setText(tr("Redo: {what}", what=project.redo_label) if project.redo_label else tr("Redo"))
        qt["edit.undo"].setIconText(tr("Undo"))
        qt["edit.redo"].setIconText(tr("Redo"))

    def _show_scene(self, found: tuple[Any, Any]) -> None:
        document, state, sides = found
        if document is not self.desk.document:
            return
        if not self.swipe.show(state, sides):
            self.view.show_state(state)
        self.eye_pane.show_state(state)
        self.time_bar.show_light(state.light)
        self.inspector.set_state(state)
        if document.layers and self.view.bounds is not None and self._first:
            self._first = False
            self._look_first(document)
        self._show_scale()

    def _look_first(self, document: Any) -> None:
        """Where the first layer is seen from: the place that came with it, else from the south-west above."""
        if self.files.first_look is None:
            self.view.home(at_once=True)
        else:
            position, target = (document.frame.to_local([point])[0].tolist() for point in self.files.first_look)
            self.files.first_look = None
            self.view.look(position, target)

    def _camera_moved(self) -> None:
        self._show_scale()
        if not self._first and self.view.navigation.by_hand:
            self.steps.finish("look")

    def _show_scale(self) -> None:
        self.status.show_scale(self.view.metres_per_pixel(), self.logicalDpiX())

    def _picked(self, hit: Any) -> None:
        if self.picking.click(hit) or self.floods.click(hit):
            return
        if self.tools.select_drawn(hit):
            return
        if hit is None or not hit.object_id:
            self.desk.select(None)
        else:
            self.desk.select((hit.layer_id, hit.object_id))

    def _say_what_covers_the_shade(self) -> None:
        """Once: why the sun moves and no shadow does."""
        if self.shade.wanted and self.desk.shows_result and not self._said_cover:
            self._said_cover = True
            self.desk.noticed.emit(
                tr("A result lies on the city. Hide it with its eye on the left to see the shadows move."), False
            )

    def _project_opened(self) -> None:
        self._first = True

    def _close_steps(self) -> None:
        self.memory.keep("steps", False)
        self.steps.hide()

    # --- what actions do ---

    def zoom_to(self, layer_id: str, object_id: str) -> None:
        """Fill the view with a layer or an object."""
        from gui.requests import local_bounds

        if self.tools.zoom_to_drawn(layer_id, object_id):
            return
        layer = self.inspector.shown_layer(layer_id)
        frame = self.desk.document.frame
        bounds = local_bounds(layer, object_id, frame) if layer is not None and frame is not None else None
        if bounds is not None and layer.kind == "areas":  # they have no heights of their own
            level = self.view.stage.ground_height((bounds[0] + bounds[3]) / 2, (bounds[1] + bounds[4]) / 2) or 0.0
            bounds = (*bounds[:2], level, *bounds[3:5], level)
        if bounds is not None:
            self.view.frame(bounds)

    def show_zone(self, layer_id: str, object_id: str, outline: str) -> None:
        """Go to a row of a table: an object of the city where it is one, and its outline in any case."""
        from gui.requests import outline_bounds

        frame, ids = self.desk.document.frame, [one.id for one in self.desk.document.layers if one.kind == "city"]
        if object_id and layer_id in ids:
            self.desk.select((layer_id, object_id))
        box = outline_bounds(outline, frame) if frame is not None else None
        if box is not None:
            middle = ((box[0] + box[3]) / 2, (box[1] + box[4]) / 2)
            level = self.view.stage.ground_height(*middle) or 0.0
            self.view.frame((*box[:2], level, *box[3:5], level))

    def frame_selection(self) -> None:
        """Zoom to what is selected, else to everything."""
        if self.desk.selection:
            self.zoom_to(*self.desk.selection)
        else:
            self.view.home()

    def add_box(self) -> None:
        """A new building where the view looks, 20 m square and 30 m high; it is selected, to be changed."""
        from gui.requests import box_at

        frame = self.desk.document.frame
        if frame is None:
            return
        box = box_at(self.view.centre(), frame, self.desk.document.scenario)
        self.desk.edit(tr("Add a building"), lambda d: d.with_change(box, tr("Proposal")))
        scenario = self.desk.document.scenario
        if scenario is not None:
            self.desk.select((scenario.layer_id, box.id))

    def search(self) -> None:
        """Open the command palette."""
        self.command_palette.open_over()

    def raise_inspector(self) -> None:
        """Bring the inspector to the front, closed or covered as it may be."""
        self.docks["inspector"].show()
        self.docks["inspector"].raise_()

    def show_study(self, name: str = "") -> None:
        """Open the page of studies."""
        self.raise_inspector()
        self.inspector.show_study(name)

    def show_diagram(self) -> None:
        """Open the page of the shadow diagram."""
        self.raise_inspector()
        self.inspector.show_diagram()

    def set_dark(self, dark: bool) -> None:
        """Change the look, now and for the next start."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, dark)
        self.memory.keep("look", "dark" if dark else "light")
        self.registry.dress()
        self.time_bar.dress()
        self.floods.dress()
        self.start.dress()
        self.inspector.object.dress()
        self.inspector.drawn.dress()
        self.inspector.points.follow()
        self.layers.show_document(self.desk.document)

    # --- the window itself ---

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.files.open_paths(paths)

    def event(self, event: QEvent) -> bool:
        """Space and letters belong to the button, list or choice that has the focus, before they are shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            focus, letter = QApplication.focusWidget(), event.text().isalnum()
            space = event.key() == Qt.Key.Key_Space and isinstance(focus, (QAbstractButton, QAbstractItemView))
            if plain and (space or (isinstance(focus, QComboBox) and (letter or event.key() == Qt.Key.Key_Space))):
                event.accept()
                return True
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.files.has_work and not self._leaving:
            event.ignore()
            self.files.leave(self._go)
            return
        self.memory.keep("geometry", self.saveGeometry())
        self.memory.keep("state", self.saveState())
        self.time_bar.stop()
        self.swipe.leave()
        self.floods.close()
        self.desk.close()
        self.eye_pane.close_view()
        self.view.close_view()
        event.accept()

    def _go(self) -> None:
        """Close, whatever is unsaved."""
        self._leaving = True
        QTimer.singleShot(0, self, self.close)  # within its own closing a window does not close


def default_moment(zone: str) -> datetime:
    """The spring equinox of this year at two in the afternoon, in the zone chosen before or the system's."""
    from PySide6.QtCore import QTimeZone

    name = zone or bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC"
    try:
        where = ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        where = ZoneInfo("UTC")
    return datetime(datetime.now(where).year, 3, 21, 14, 0, tzinfo=where)
