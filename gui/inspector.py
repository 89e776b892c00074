"""The one inspector: its page follows the selection, or holds the form of a study."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.diagram_panel import DiagramPanel
from gui.drawn_panel import DrawnPanel
from gui.eye_panel import EyePanel
from gui.object_panel import ObjectPanel, label
from gui.study_panel import StudyPanel
from gui.style_panel import StylePanel
from gui.sun_points import SunPoints, SunPointsPanel
from gui.words import tr


class Inspector(QWidget):
    """Pages: hint, object, what was drawn, layer, study, sun at points, shadow diagram, what an eye sees.

    zoom_wanted(layer id, object id or ""), export_wanted(layer id)
    """

    zoom_wanted = Signal(str, str)
    export_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.state: Any = None
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.hint = self._hint()
        self.object, self.layer, self.study = ObjectPanel(desk), StylePanel(desk), StudyPanel(desk)
        self.object.zoom_wanted.connect(lambda: desk.selection and self.zoom_wanted.emit(*desk.selection))
        self.layer.zoom_wanted.connect(lambda: desk.selection and self.zoom_wanted.emit(desk.selection[0], ""))
        self.layer.export_wanted.connect(self.export_wanted)
        self.drawn = DrawnPanel(desk)
        self.drawn.zoom_wanted.connect(lambda: desk.selection and self.zoom_wanted.emit(*desk.selection))
        self.points = SunPointsPanel(SunPoints(desk, self))
        self.diagram = DiagramPanel(desk)
        self.eye = EyePanel(desk)
        self.pages = QStackedWidget()
        for page in (self.hint, self.object, self.drawn, self.layer, self.study, self.points, self.diagram, self.eye):
            self.add_page(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        desk.selection_changed.connect(self.follow)

    def add_page(self, page: QWidget) -> None:
        """One more page, which scrolls where it is too tall."""
        page.setProperty("role", "panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        self.pages.addWidget(scroll)

    def show_page(self, page: QWidget) -> None:
        """Show a page that was added."""
        self._show(page)

    def bring(self, part: QWidget) -> None:
        """Scroll to a part of a page."""
        around = part.parentWidget()
        while around is not None and around is not self:
            if isinstance(around, QScrollArea):
                around.ensureWidgetVisible(part)
            around = around.parentWidget()

    def _hint(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.addWidget(label(tr("Nothing selected"), "title"))
        layout.addWidget(
            label(
                tr(
                    "Click a building to see what it is, to pull it up or to take it away. "
                    "Click a layer to change how it looks."
                ),
                "quiet",
            )
        )
        layout.addStretch(1)
        return page

    def _show(self, page: QWidget) -> None:
        for at in range(self.pages.count()):
            scroll = self.pages.widget(at)
            if isinstance(scroll, QScrollArea) and scroll.widget() is page:
                self.pages.setCurrentIndex(at)

    def page(self) -> QWidget:
        """The page that is shown."""
        scroll = self.pages.currentWidget()
        assert isinstance(scroll, QScrollArea)
        return scroll.widget()

    def show_study(self, name: str = "") -> None:
        """The page of studies, at the one named."""
        self._show(self.study)
        self.study.begin(name)

    def show_diagram(self) -> None:
        """The page of the shadow diagram."""
        self._show(self.diagram)
        self.diagram.begin()

    def show_points(self) -> None:
        """The page of pins and their sun."""
        self._show(self.points)

    def show_eye(self) -> None:
        """The page of the eye."""
        self._show(self.eye)

    def set_state(self, state: Any) -> None:
        """The picture changed: legends and heights may have."""
        self.state = state
        if self.page() in (self.hint, self.object, self.drawn, self.layer):
            self.follow()

    def follow(self) -> None:
        """Show the page of what is selected."""
        selection = self.desk.selection
        if selection is None:
            self._show(self.hint)
            return
        drawn = self.drawn_thing()
        if drawn is not None:
            self.drawn.show_drawn(drawn, self._top_of(selection))
            self._show(self.drawn)
            return
        layer = self.shown_layer(selection[0])
        if layer is None:
            self._show(self.hint)
        elif selection[1]:
            known = layer.kind == "city" and self.object.show_object(layer, selection[1])
            self._show(self.object if known else self.hint)
        else:
            self.layer.show_layer(layer, self.state)
            self._show(self.layer)

    def drawn_thing(self) -> Any:
        """The wall, changed ground or opening that is selected, None for anything else."""
        from citymodel.scenario import AddBox

        selection, scenario = self.desk.selection, self.desk.document.scenario
        if selection is None or scenario is None or selection[0] != scenario.layer_id or not selection[1]:
            return None
        found = scenario.drawn(selection[1])
        return None if isinstance(found, AddBox) else found

    def _top_of(self, selection: tuple[str, str]) -> float | None:
        """The highest point of an object of the picture, metres."""
        from citymodel.patch import bounds_of

        item = next((one for one in getattr(self.state, "items", ()) if one.layer_id == selection[0]), None)
        ids = list(item.data.objects.ids) if item is not None else []
        box = bounds_of(item.data, ids.index(selection[1])) if item is not None and selection[1] in ids else None
        return box[5] if box else None

    @property
    def removable(self) -> bool:
        """Whether what is selected can be taken away."""
        return self.drawn_thing() is not None or self.object.removable

    def remove(self) -> None:
        """Take away what is selected."""
        if self.drawn_thing() is not None:
            self.drawn.remove_drawn()
        else:
            self.object.remove_object()

    def shown_layer(self, layer_id: str) -> Any:
        """The layer as it stands in the picture: with the proposal's changes."""
        from dataclasses import replace

        from citymodel.layers import Layer

        base = next((one for one in self.desk.document.layers if one.id == layer_id), None)
        item = next((one for one in getattr(self.state, "items", ()) if one.layer_id == layer_id), None)
        if item is None:
            return base
        if base is not None:
            return replace(base, data=item.data)
        scenario = self.desk.document.scenario
        return Layer(layer_id, scenario.name if scenario else tr("Proposal"), item.kind, item.data)
