"""Widgets for places and for objects of the city: typed, taken from the selection, or clicked in the view."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from citymodel.errors import ParameterError
from citymodel.parameters import Parameter, places_of
from gui import theme
from gui.asked import Asked, Surroundings
from gui.object_panel import breakable, family_line, label, name_of
from gui.picking import Tool
from gui.words import tr

Places = tuple[tuple[float, ...], ...]


class _Field(QWidget):
    """A value above the buttons that fill it; changed() when it is another.

    What it holds is seen in the view for as long as the field is seen.
    """

    changed = Signal()

    def __init__(self, parameter: Parameter, around: Surroundings, says: str) -> None:
        super().__init__()
        self.parameter, self.around = parameter, around
        self.most = None if parameter.high is None else int(parameter.high)
        self.owner = f"{parameter.name} {id(self)}"
        self.column, self.buttons = QVBoxLayout(self), QHBoxLayout()
        self.column.setContentsMargins(0, 0, 0, 4)
        self.column.setSpacing(4)
        self.pick = QPushButton(tr("Pick in the view"))
        self.pick.setCheckable(True)
        self.pick.setToolTip(says)
        self.pick.setVisible(around.picking is not None)
        self.pick.clicked.connect(self._pick)
        self.empty = QPushButton()
        self.empty.setIcon(theme.icon("trash"))
        self.empty.setProperty("quiet", True)
        self.empty.setToolTip(tr("Clear"))
        self.empty.setAccessibleName(tr("Clear {name}", name=tr(parameter.label)))
        self.empty.clicked.connect(self.clear)
        self.buttons.addWidget(self.pick)
        self.tool = Tool(says, self.take, lambda: self.pick.setChecked(False))
        if around.picking is not None:
            around.picking.desk.project_opened.connect(self.clear)  # places of another city, in another CRS
        self.changed.connect(self.show_in_view)

    def clear(self) -> None:
        """Hold nothing."""
        raise NotImplementedError

    def take(self, hit: Any) -> None:
        """Add what was clicked in the view."""
        raise NotImplementedError

    def show_in_view(self) -> None:
        """Mark in the view what is held, as long as the field is seen."""
        raise NotImplementedError

    def _pick(self, wanted: bool) -> None:
        picking = self.around.picking
        assert picking is not None
        if wanted:
            picking.take(self.tool)
        else:
            picking.drop(self.tool)

    def full(self, count: int) -> bool:
        """Whether one more would be too many; says so."""
        picking = self.around.picking
        if self.most is None or count < self.most or picking is None:
            return False
        picking.desk.noticed.emit(tr("{name}: no more than {n}. Take one away first.",
                                     name=tr(self.parameter.label), n=self.most), False)  # fmt: skip
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_in_view()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # a minimised window loses nothing
            if self.around.picking is not None:
                self.around.picking.drop(self.tool)
            self.show_in_view()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.empty.setIcon(theme.icon("trash"))


class PlacesField(_Field):
    """Coordinates as a text, and pins in the view."""

    def __init__(self, parameter: Parameter, around: Surroundings) -> None:
        one = parameter.high == 1
        says = (tr("Click the place in the view; a click elsewhere moves it; Esc ends.") if one
                else tr("Click places in the view; each click adds one; Esc ends."))  # fmt: skip
        super().__init__(parameter, around, says)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("x y") if one else tr("x y; x y; …"))
        self.line.setAccessibleName(tr(parameter.label))
        self.line.textChanged.connect(lambda _: self.changed.emit())
        self.column.addWidget(self.line)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.empty)
        self.column.addLayout(self.buttons)
        self.setFocusProxy(self.line)

    def value(self) -> Any:
        """Places, or the text where it is none; None for nothing where that is allowed."""
        text = self.line.text().strip()
        if not text:
            return None if self.parameter.optional else ()
        return self.places() or text

    def places(self) -> Places:
        """What can be read of the text."""
        try:
            found: Places = places_of(self.line.text())
        except ParameterError:
            return ()
        return found

    def put(self, places: Any) -> None:
        """Show these places."""
        self.line.setText(self.parameter.text(places or ()))
        self.line.setCursorPosition(0)

    def clear(self) -> None:
        """Hold no place."""
        self.line.clear()

    def take(self, hit: Any) -> None:
        """A click in the view: one more place, or the one there may be."""
        picking = self.around.picking
        found = picking.world(hit) if picking is not None else None
        if found is None:
            return
        before = () if self.most == 1 else self.places()
        if not self.full(len(before)):
            self.put((*before, found[:2]))
            self.line.end(False)

    def show_in_view(self) -> None:
        """A pin a place: the field's name where there can be but one, else letters; pairs of places are lines."""
        picking = self.around.picking
        if picking is None:
            return
        from gui.requests import line_pin, pins_at

        places = self.places() if self.isVisible() else ()
        if pairs := self.parameter.pairs:
            document, ends = picking.desk.document, list(zip(places[::2], places[1::2], strict=False))
            names = [tr(pairs, name=letters(at)) for at in range(len(ends) + 1)]
            lines = tuple(line_pin(document, *one) for one in zip(names, ends, strict=False) if one[1][0] != one[1][1])
            begun = pins_at(document, places[2 * len(ends) :], names[-1:])
            picking.desk.set_pins(self.owner, (*lines, *begun))
            return
        words = [tr(self.parameter.label)] if self.most == 1 else [letters(at) for at in range(len(places))]
        picking.desk.set_pins(self.owner, pins_at(picking.desk.document, places, words))


class ObjectsField(_Field):
    """Names of objects of the city; they are marked in the view."""

    def __init__(self, parameter: Parameter, around: Surroundings) -> None:
        says = tr("Click objects in the view; a second click takes one away; Esc ends.")
        super().__init__(parameter, around, says)
        self.ids: tuple[str, ...] = ()
        self.names = label("", "quiet")
        self.selection = QPushButton(tr("Take selected"))
        self.selection.setToolTip(tr("Add what is selected in the view"))
        self.selection.clicked.connect(self._take_selection)
        self.selection.setVisible(around.picking is not None)
        self.buttons.addWidget(self.selection)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.empty)
        self.column.addWidget(self.names)
        self.column.addLayout(self.buttons)
        self.setFocusProxy(self.pick)
        if around.picking is not None:
            around.picking.desk.selection_changed.connect(self.follow)
        self.follow()

    def value(self) -> Any:
        """The ids; None for none where that is allowed."""
        return None if self.parameter.optional and not self.ids else self.ids

    def put(self, ids: Any) -> None:
        """Hold these objects, known ones or not."""
        wanted = tuple(ids or ())
        if wanted != self.ids:
            self.ids = wanted
            self.follow()
            self.changed.emit()

    def clear(self) -> None:
        """Hold no object."""
        self.put(())

    def take(self, hit: Any) -> None:
        """A click in the view: one more object, or one less."""
        if not hit.object_id:
            picking = self.around.picking
            if picking is not None:
                picking.desk.noticed.emit(tr("That is no object of a city model; click a building."), False)
            return
        self._flip(whole(self.around, hit.object_id), swap=True)

    def _take_selection(self) -> None:
        picking = self.around.picking
        chosen = picking.desk.selection if picking is not None else None
        if chosen and chosen[1]:
            self._flip(whole(self.around, chosen[1]), swap=False)

    def _flip(self, object_id: str, swap: bool) -> None:
        if object_id in self.ids:
            if swap:
                self.put(tuple(one for one in self.ids if one != object_id))
        elif self.most == 1:
            self.put((object_id,))
        elif not self.full(len(self.ids)):
            self.put((*self.ids, object_id))

    def follow(self) -> None:
        """The project or the selection changed: other names, other buttons that do something."""
        picking = self.around.picking
        known = names_in(self.around, self.ids)
        names = [known.get(one, tr("{id} (not in the city)", id=one)) for one in self.ids]
        self.names.setText(breakable("; ".join(names)) if names else tr("None chosen"))
        self.names.setToolTip("; ".join(self.ids))
        chosen = picking.desk.selection if picking is not None else None
        self.selection.setEnabled(bool(chosen and chosen[1]))
        self.empty.setEnabled(bool(self.ids))

    def show_in_view(self) -> None:
        """Mark the objects as selected ones are."""
        if self.around.picking is not None:
            self.around.picking.desk.set_marks(self.owner, frozenset(self.ids if self.isVisible() else ()))


def places_field(parameter: Parameter, around: Surroundings) -> Asked:
    """The widget that asks for places."""
    field = PlacesField(parameter, around)
    return Asked(parameter, field, field.value, field.put, field.changed)


def objects_field(parameter: Parameter, around: Surroundings) -> Asked:
    """The widget that asks for objects."""
    field = ObjectsField(parameter, around)
    return Asked(parameter, field, field.value, field.put, field.changed, field.follow)


def letters(at: int) -> str:
    """A, B, … Z, AA, AB, …: pins of places are told from the numbers of sun points."""
    head, last = divmod(at, 26)
    return (letters(head - 1) if head else "") + chr(ord("A") + last)


def names_in(around: Surroundings, ids: tuple[str, ...]) -> dict[str, str]:
    """What those of the objects are called, by id or by name, that are in the city or in its proposal."""
    document, wanted = around.document(), set(ids)
    found = {one.id: one.name for plan in document.scenarios for one in plan.boxes() if one.id in wanted}
    for layer in document.layers if wanted else ():
        if layer.kind == "city":
            rows = [(at, str(one)) for at, one in enumerate(layer.data.objects.ids) if one in wanted]
            found |= {one: name_of(layer.data, at) for at, one in rows}
    if left := wanted - set(found):  # a study takes names too, as they are typed on a command line
        cities = [layer.data for layer in document.layers if layer.kind == "city"]
        names = {name_of(model, at) for model in cities for at in range(len(model.objects.ids))}
        found |= {one: one for one in left & names}
    return found


def whole(around: Surroundings, object_id: str) -> str:
    """The building that a part or a surface belongs to."""
    for layer in around.document().layers:
        if layer.kind == "city":
            for at, one in enumerate(layer.data.objects.ids):
                if one == object_id:
                    return str(layer.data.objects.ids[family_line(layer.data, at)[0]])
    return object_id
