"""The inspector's page of a drawn wall, of changed ground or of an opening: its numbers, to be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from citymodel.parameters import places_of
from gui import theme
from gui.desk import Desk
from gui.drawn import corners_of, with_corners
from gui.object_panel import label
from gui.parameter_fields import Span
from gui.words import tr, with_unit

LEVELS = (-500.0, 9000.0)


class DrawnPanel(QWidget):
    """A form for each kind; every change is a step of the proposal, many turns of one number are one step.

    zoom_wanted() to fill the view with it
    """

    zoom_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.shown: Any = None
        self._top: float | None = None
        self._filling = False
        self.kind, self.facts, self.note = label("", "quiet"), label("", "quiet"), label("", "quiet")
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.name.editingFinished.connect(lambda: self._set("name", self.name.text().strip() or self.shown.name))
        self._make_fields()
        self.corners = QLineEdit()
        self.corners.setAccessibleName(tr("Corners (x y; x y; …)"))
        self.corners.setToolTip(tr("Places in the project's coordinate system, metres"))
        self.corners.editingFinished.connect(self._corners_typed)
        self.remove = QPushButton(tr("Remove"))
        self.remove.setToolTip(tr("Take this out of the proposal (Del)"))
        self.remove.clicked.connect(self.remove_drawn)
        self._lay_out()

    def _make_fields(self) -> None:
        self.crest = self._choice(tr("Crest"), [tr("Follows the ground"), tr("Level")], self._crest_chosen)
        self.height = self._box(tr("Height above the ground"), 0.05, 100.0, 2, "m", "height")
        self.crest_level = self._box(tr("Level of the crest"), *LEVELS, 2, "m", "")
        self.crest_level.valueChanged.connect(self._crest_level_set)
        self.width_box = self._box(tr("Width"), 0.05, 200.0, 2, "m", "width")
        self.way = self._choice(tr("The ground"), [tr("Falls or rises by"), tr("Comes to a level")], self._way_chosen)
        self.by = self._box(tr("By (below 0: lower)"), -100.0, 100.0, 2, "m", "by")
        self.level = self._box(tr("Level"), *LEVELS, 2, "m", "level")
        self.slope = self._box(tr("Banks, run for a metre of rise"), 0.0, 100.0, 1, "m", "slope", tr("upright"))
        self.invert = self._box(tr("Floor, at the higher end"), *LEVELS, 2, "m", "invert")
        self.clear_height = self._box(tr("Height of the opening"), 0.0, 50.0, 2, "m", "height", tr("open above"))
        self.capacity = self._box(tr("Capacity"), 0.0, 10_000.0, 2, "m³/s", "capacity", tr("not limited"))

    def _box(self, words: str, low: float, high: float, digits: int, unit: str, name: str, least: str = "") -> Any:
        """A number; at its lowest it says ``least``, where that stands for none. What cannot be built is said."""
        box = Span(low, high)
        if least:
            box.setMinimum(low)
        box.setDecimals(digits)
        box.setSingleStep(0.1)
        box.setSuffix(f"\u00a0{unit}")
        box.setSpecialValueText(least)
        box.setKeyboardTracking(False)
        box.setAccessibleName(words)
        box.lineEdit().returnPressed.connect(lambda: QTimer.singleShot(0, box, box.clearFocus))
        if name:
            none = bool(least) and name in ("height", "capacity")
            box.valueChanged.connect(lambda value: self._set(name, None if none and value <= low else value))
        return box

    def _choice(self, words: str, items: list[str], chosen: Any) -> QComboBox:
        box = QComboBox()
        box.addItems(items)
        box.setAccessibleName(words)
        box.activated.connect(chosen)
        return box

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        self.form = QFormLayout()
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.fields: dict[str, list[QWidget]] = {
            "AddWall": [self.crest, self.height, self.crest_level, self.width_box],
            "ChangeGround": [self.way, self.by, self.level, self.slope],
            "AddOpening": [self.width_box, self.invert, self.clear_height, self.capacity],
        }
        for field in dict.fromkeys(one for fields in self.fields.values() for one in fields):
            self.form.addRow(label(field.accessibleName()), field)
        self.form.addRow(label(self.corners.accessibleName()), self.corners)
        self.hint = label("", "quiet")
        zoom = QPushButton(tr("Zoom to"))
        zoom.clicked.connect(self.zoom_wanted)
        row = QHBoxLayout()
        row.addWidget(zoom)
        row.addWidget(self.remove)
        row.addStretch(1)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addLayout(self.form)
        inside.addWidget(self.hint)
        inside.addLayout(row)
        inside.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        for part in (self.name, self.kind, self.facts, card):
            layout.addWidget(part)
        layout.addStretch(1)

    # --- showing ---

    def show_drawn(self, drawn: Any, top: float | None) -> None:
        """Fill the page; ``top`` is the highest point of what stands, metres, where that is known."""
        self._top = top
        if drawn == self.shown:
            return
        self.shown = drawn
        self._filling = True
        kind = type(drawn).__name__
        for field in dict.fromkeys(one for fields in self.fields.values() for one in fields):
            self.form.setRowVisible(field, field in self.fields[kind])
        self.name.setText(drawn.name)
        self.corners.setText("; ".join(f"{x:.2f} {y:.2f}" for x, y in corners_of(drawn)))
        self.corners.setCursorPosition(0)
        self.hint.setText(
            tr("Drag an end in the view to move it.")
            if kind == "AddOpening"
            else tr("Drag a corner in the view to move it; drop it on the next one to take it away.")
        )
        {"AddWall": self._show_wall, "ChangeGround": self._show_ground, "AddOpening": self._show_opening}[kind](drawn)
        scenario = self.desk.document.scenario
        self.note.setText(tr("Part of the proposal “{name}”.", name=scenario.name) if scenario else "")
        self._filling = False

    def _show_wall(self, wall: Any) -> None:
        level = wall.base is not None
        self.kind.setText(tr("Flood wall or dike"))
        self.facts.setText(tr("{length} long", length=with_unit(wall.length, "m", 1)))
        self.crest.setCurrentIndex(int(level))
        self.form.setRowVisible(self.height, not level)
        self.form.setRowVisible(self.crest_level, level)
        self.height.setValue(wall.height)
        self.crest_level.setValue(wall.base + wall.height if level else 0.0)
        self.width_box.setValue(wall.width)

    def _show_ground(self, ground: Any) -> None:
        import shapely

        area = float(shapely.Polygon(ground.outline).area)
        level = ground.level is not None
        self.kind.setText(tr("Changed ground"))
        self.facts.setText(tr("{area} inside the outline", area=with_unit(area, "m²")))
        self.way.setCurrentIndex(int(level))
        self.form.setRowVisible(self.by, not level)
        self.form.setRowVisible(self.level, level)
        self.by.setValue(ground.by if ground.by is not None else 0.0)
        self.level.setValue(ground.level if level else 0.0)
        self.slope.setValue(ground.slope)

    def _show_opening(self, opening: Any) -> None:
        self.kind.setText(tr("Culvert or underpass"))
        self.facts.setText(tr("{length} from end to end", length=with_unit(opening.length, "m", 1)))
        self.width_box.setValue(opening.width)
        self.invert.setValue(opening.invert)
        self.clear_height.setValue(opening.height or 0.0)
        self.capacity.setValue(opening.capacity or 0.0)

    # --- changing ---

    def _set(self, name: str, value: Any) -> None:
        if not self._filling and self.shown is not None and getattr(self.shown, name) != value:
            self._put(name, **{name: value})

    def _corners_typed(self) -> None:
        """Other corners, as they were typed."""
        if self.shown is None or not self.corners.isModified():
            return
        self.corners.setModified(False)
        try:
            changed = with_corners(self.shown, places_of(self.corners.text()))
        except ValueError as wrong:
            self._refuse(wrong)
            return
        self._change("corners", changed)

    def _put(self, what: str, **values: Any) -> None:
        """One step of the proposal; what cannot be is said, and the page shows what is."""
        try:
            changed = replace(self.shown, **values)
        except ValueError as wrong:
            self._refuse(wrong)
            return
        self._change(what, changed)

    def _refuse(self, wrong: ValueError) -> None:
        self.desk.noticed.emit(str(wrong), True)
        self._again(self.shown)

    def _change(self, what: str, changed: Any) -> None:
        before = self.shown
        self.desk.edit(
            tr("Change {name}", name=before.name), lambda d: d.with_change(changed), f"drawn {before.id} {what}"
        )
        scenario = self.desk.document.scenario
        now = scenario.drawn(before.id) if scenario is not None else None
        self._again(now if now is not None else before)

    def _again(self, drawn: Any) -> None:
        self.shown = None
        self.show_drawn(drawn, self._top)

    def _crest_chosen(self, at: int) -> None:
        wall = self.shown
        if at == int(wall.base is not None):
            return
        if at == 0:
            self._put("crest", base=None)
        else:
            top = self._top if self._top is not None else wall.height
            self._put("crest", base=round(top - wall.height, 2))

    def _crest_level_set(self, level: float) -> None:
        if not self._filling and self.shown is not None and self.shown.base is not None:
            self._put("crest level", base=round(level - self.shown.height, 3))

    def _way_chosen(self, at: int) -> None:
        ground = self.shown
        if at == int(ground.level is not None):
            return
        from citymodel.scenario import ground_under

        low = ground_under(ground.outline, self.desk.document.layers)
        if at == 1:
            self._put("way", by=None, level=round(low + ground.by, 2))
        else:
            self._put("way", level=None, by=round(ground.level - low, 2) or -1.0)

    def remove_drawn(self) -> None:
        """Take it out of the proposal."""
        one, scenario = self.shown, self.desk.document.scenario
        if one is None or scenario is None:
            return
        self.desk.edit(tr("Remove {name}", name=one.name), lambda d: d.with_scenario(scenario.without(one.id)))
        self.desk.select(None)

    def begin(self) -> None:
        """The first number is ready to be typed over."""
        fields = [one for one in self.fields[type(self.shown).__name__] if isinstance(one, QDoubleSpinBox)]
        first = next((one for one in fields if self.form.isRowVisible(one)), None)
        if first is not None:
            first.setFocus()
            first.selectAll()

    def dress(self) -> None:
        """After the theme changed."""
        self.remove.setIcon(theme.icon("trash"))
