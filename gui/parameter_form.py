"""A form made from a parameter model: fields under heads, details folded away, errors in plain words beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from citymodel.errors import ParameterError
from citymodel.parameters import checked, parameters_of
from gui.asked import Asked, Surroundings
from gui.choice_box import ChoiceBox
from gui.object_panel import label
from gui.parameter_fields import field_of
from gui.words import tr

if TYPE_CHECKING:
    from pydantic import BaseModel

    from citymodel.parameters import Parameter

WIDE = ("places", "objects", "levels", "scenario", "extent")  # widgets that take the whole width, below their label


class ParameterForm(QWidget):
    """changed() when a value changed.

    Fields that mean nothing beside the others' values are not shown, and a head without a field neither.
    """

    changed = Signal()

    def __init__(self, model: type[BaseModel], around: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.fields: dict[str, Asked] = {}
        self._rows: dict[str, tuple[QFormLayout, list[QWidget]]] = {}  # where a field stands, its words and widget
        self._heads: list[tuple[QLabel, list[str]]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        plain, self.details = _rows(), QWidget()
        self.plain, self.inner = plain, _rows()
        self.inner.setContentsMargins(0, 2, 0, 0)
        self.details.setLayout(self.inner)
        self._fill(around)
        self.fold = QToolButton()
        self.fold.setText(tr("For engineers"))
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setArrowType(Qt.ArrowType.RightArrow)
        self.fold.toggled.connect(self._unfold)
        self.error = label("", "warning")
        self.error.setVisible(False)
        layout.addLayout(plain)
        layout.addWidget(self.fold)
        layout.addWidget(self.details)
        layout.addWidget(self.error)
        self.details.setVisible(False)
        self.fold.setVisible(self.inner.rowCount() > 0)
        self._show_what_counts()

    def _fill(self, around: Surroundings) -> None:
        """A row a field; a head before the first of each group."""
        last = {id(self.plain): "", id(self.inner): ""}
        for parameter in parameters_of(self.model):
            asked = self.fields[parameter.name] = field_of(parameter, around)
            asked.changed.connect(lambda *_: self._changed())
            form = self.inner if parameter.detail else self.plain
            if parameter.group and parameter.group != last[id(form)]:
                head = label(tr(parameter.group), "head")
                form.addRow(head)
                self._heads.append((head, []))
            if parameter.group:
                self._heads[-1][1].append(parameter.name)
            last[id(form)] = parameter.group
            self._add(form, parameter, asked)

    def _add(self, form: QFormLayout, parameter: Parameter, asked: Asked) -> None:
        words = label(tr(parameter.label), wrap=True)
        words.setBuddy(asked.widget)
        words.setToolTip(asked.widget.toolTip())
        if parameter.kind.widget in WIDE or (isinstance(asked.widget, ChoiceBox) and asked.widget.long):
            form.addRow(words)
            form.addRow(asked.widget)
        else:
            form.addRow(words, asked.widget)
        self._rows[parameter.name] = (form, [words, asked.widget])

    def put_after(self, name: str, widget: QWidget) -> None:
        """Show a widget of the study's own below a field, shown as long as the field is."""
        form, parts = self._rows[name]
        at, _ = form.getWidgetPosition(parts[1])  # type: ignore[misc]
        form.insertRow(at + 1, widget)
        parts.append(widget)
        self._show_what_counts()

    def _show_what_counts(self) -> None:
        """Only the fields that mean something beside the others' values."""
        values = self.values()
        shown = {name: asked.parameter.counts(values) for name, asked in self.fields.items()}
        for name, (form, parts) in self._rows.items():
            for part in parts:
                form.setRowVisible(part, shown[name])
        for head, names in self._heads:
            form = self._rows[names[0]][0]
            form.setRowVisible(head, any(shown[name] for name in names))

    def _unfold(self, open_: bool) -> None:
        self.details.setVisible(open_)
        self.fold.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)

    def follow(self) -> None:
        """The project changed: what can be chosen may have."""
        for asked in self.fields.values():
            asked.follow()

    def put(self, values: Mapping[str, Any]) -> None:
        """Show these values; names that the model does not have are left out."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].put(value)

    def values(self) -> dict[str, Any]:
        """What stands in the form, unchecked."""
        return {name: asked.value() for name, asked in self.fields.items()}

    def parameters(self) -> Any:
        """The model of the form's values, None where they do not fit together; why not stands in the form."""
        try:
            found = checked(self.model, **self.values())
        except ParameterError as wrong:
            self.say(self._in_words(str(wrong)))
            return None
        self.say("")
        return found

    def say(self, error: str) -> None:
        """Show what is wrong, "" for nothing."""
        self.error.setText(error)
        self.error.setVisible(bool(error))

    def _in_words(self, error: str) -> str:
        """The error with the field's label in place of its name."""
        name, colon, rest = error.partition(": ")
        if colon and name in self.fields:
            asked = self.fields[name]
            if asked.parameter.detail:
                self.fold.setChecked(True)
            return f"{tr(asked.parameter.label)}: {rest}"
        return error[:1].upper() + error[1:]

    def _changed(self) -> None:
        self._show_what_counts()
        self.parameters()
        self.changed.emit()


def _rows() -> QFormLayout:
    form = QFormLayout()
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    return form
