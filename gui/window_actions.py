"""The list of everything a person can do in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui import theme
from gui.actions import Action
from gui.words import tr

if TYPE_CHECKING:
    from gui.window import Window


def window_actions(window: Window) -> list[Action]:
    """The actions in the order of their menus."""
    return [
        *_file(window), *_edit(window), *_view(window), *_design(window), *_study(window), *_water(window),
        *_help(window),
    ]  # fmt: skip


def _file(w: Window) -> list[Action]:
    return [
        Action("file.new", tr("New project"), w.files.new, "Ctrl+N", "file"),
        Action(
            "file.open", tr("Open…"), w.files.open_files, "Ctrl+O", "file", "open", True, tr("Open a project or data")
        ),
        Action("file.sample", tr("Open the sample city"), w.files.open_sample, "", "file", "city"),
        Action("file.save", tr("Save"), w.files.save, "Ctrl+S", "file", "save", True, gap=True),
        Action("file.save-as", tr("Save as…"), w.files.save_as, "Ctrl+Shift+S", "file"),
        Action("file.screenshot", tr("Screenshot…"), w.files.screenshot, "F12", "file", "camera", gap=True),
        Action("file.quit", tr("Quit"), w.close, "Ctrl+Q", "file", gap=True),
    ]


def _edit(w: Window) -> list[Action]:
    return [
        Action("edit.undo", tr("Undo"), lambda: w.desk.project.undo(), "Ctrl+Z", "edit", "undo", True),
        Action("edit.redo", tr("Redo"), lambda: w.desk.project.redo(), "Ctrl+Shift+Z or Ctrl+Y", "edit", "redo", True),
        Action("edit.nothing", tr("Select nothing"), w.tools.drop, "Esc", "edit", gap=True),
    ]


def _view(w: Window) -> list[Action]:
    view = w.view
    return [
        Action("view.home", tr("Home"), view.home, "H", "view", "home", True, tr("Show everything")),
        Action("view.frame", tr("Frame"), w.frame_selection, "F", "view", "frame", False, tr("Frame the selection")),
        Action("view.north", tr("North up"), view.north, "N", "view", "north", True),
        Action("view.top", tr("From above"), view.top, "T", "view", "top", True),
        Action(
            "view.eye",
            tr("See from here"),
            w.tools.show_eye,
            "E",
            "view",
            "look",
            True,
            tr("Click where an eye stands: what it sees of ground and roofs lights up"),
            checked=False,
            gap=True,
        ),
        Action("view.play", tr("Play"), w.time_bar.toggle, "Space", "view", "play", gap=True),
        Action("view.layers", tr("Layers"), lambda: flip(w, "layers"), "F6", "view", "layers", gap=True),
        Action("view.inspector", tr("Inspector"), lambda: flip(w, "inspector"), "F7", "view"),
        Action("view.jobs", tr("Jobs"), lambda: flip(w, "jobs"), "F8", "view", "jobs"),
        Action("view.table", tr("Tables"), lambda: flip(w, "table"), "F9", "view", "table"),
        Action("view.dark", tr("Dark look"), w.set_dark, "", "view", "contrast", checked=theme.is_dark(), gap=True),
        Action("view.full", tr("Full screen"), lambda: _full(w), "F11", "view"),
    ]


def _design(w: Window) -> list[Action]:
    return [
        Action("design.box", tr("Add a building"), w.add_box, "D", "design", "box", True,
               tr("Add a building where the view looks")),
        Action("design.remove", tr("Remove what is selected"), w.inspector.remove, "Del", "design", "trash"),
        Action("design.wall", tr("Flood wall"), lambda _=False: w.tools.draw.begin("wall"), "Shift+W", "design",
               "wall", True, tr("Draw a flood wall or a dike along a line"), checked=False, gap=True),
        Action("design.ground", tr("Basin or lowered ground"), lambda _=False: w.tools.draw.begin("ground"), "G",
               "design", "basin", True, tr("Draw the outline of ground to lower or to raise"), checked=False),
        Action("design.culvert", tr("Culvert"), lambda _=False: w.tools.draw.begin("culvert"), "C", "design",
               "culvert", True, tr("Draw a culvert or an underpass between two places"), checked=False),
        Action("design.base", tr("Proposal"), w.proposals.flip, "P", "design", "compare", True,
               tr("Switch between the base and the proposal"), checked=False),
        Action("design.swipe", tr("Swipe"), w.swipe.set_active, "S", "design", "swipe", True,
               tr("The base and the proposal side by side: drag the line between them"), checked=False),
    ]  # fmt: skip


def _study(w: Window) -> list[Action]:
    return [
        Action("study.sun", tr("Sun study…"), lambda: w.show_study("shadow"), "U", "study", "hours", True,
               tr("Hours of sun, longest sun, new shade and the rule of enough sun")),
        Action("study.other", tr("All studies…"), w.show_study, "Shift+S", "study", "result", False,
               tr("Studies of façades, of a year's sun, of the open sky")),
        Action("study.point", tr("Sun at a point"), w.tools.place_points, "O", "study", "pin", True,
               tr("Click a place and see the sun of its day"), checked=False),
        Action("study.diagram", tr("Shadow diagram…"), w.show_diagram, "Shift+D", "study", "sheet", False,
               tr("Plan maps of the shade by day and hour, as PDF or PNG")),
        *_views(w),
        Action("study.shadows", tr("Cast shadows"), w.time_bar.shadows.toggle, "Shift+U", "study", "sun", gap=True),
    ]  # fmt: skip


def _views(w: Window) -> list[Action]:
    """The studies of what is seen, each by its own name."""
    from gui.requests import VIEW_STUDIES, study_words

    found = [(name, *words) for name in VIEW_STUDIES if (words := study_words(name)) is not None]
    return [
        Action(f"study.{name}", f"{tr(title)}…", lambda name=name: w.show_study(name), "", "study",
               "look" if at == 0 else "", tip=tr(question), gap=at == 0)
        for at, (name, title, question) in enumerate(found)
    ]  # fmt: skip


def _water(w: Window) -> list[Action]:
    from gui.requests import study_words

    live = w.studies.flood
    study = Action(
        "study.flood",
        tr("Flood…"),
        lambda: w.show_study("flood"),
        "W",
        "water",
        "water",
        True,
        tr("A cloudburst, a river or a broken pipe: where the water goes, how deep and how dangerous it is"),
    )
    return [
        *([study] if study_words("flood") is not None else []),
        Action("water.gauges", tr("Gauges"), w.floods.show_gauges, "Shift+G", "water", "gauge", False,
               tr("Water level, depth, speed and flow over time")),
        Action("water.balance", tr("Where did the water go?"), w.floods.show_balance, "Shift+B", "water", "balance",
               False, tr("Where every cubic metre came from and where it went")),
        Action("water.set", tr("Set gauges…"), w.floods.set_gauges, "", "water", "pin", False,
               tr("Click places on the map that the next flood reads")),
        Action("water.hold", tr("Pause or go on"), lambda: live.hold(not live.paused), "Ctrl+Space", "water", "pause",
               gap=True, tip=tr("Hold the flood that is computed, or let it run on")),
        Action("water.keep", tr("Stop and keep"), live.keep, "", "water", "halt",
               tip=tr("End the flood that is computed; what there is stays as the result")),
        Action("water.cancel", tr("Cancel the flood"), live.cancel, "", "water", "trash",
               tip=tr("End the flood that is computed and take away what it showed")),
    ]  # fmt: skip


def _help(w: Window) -> list[Action]:
    search = tr("Search for a command")
    return [Action("palette", f"{search}…", w.search, "Ctrl+K", "help", "search", True, search)]


def flip(window: Window, name: str) -> None:
    """Bring a panel to the front of those that share its place, or put it away where it is there already."""
    dock = window.docks[name]
    seen = dock.isVisible() and not dock.visibleRegion().isEmpty()
    dock.setVisible(not seen)
    if not seen:
        dock.raise_()


def _full(window: Window) -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()
