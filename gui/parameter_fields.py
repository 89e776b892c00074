"""One widget for each kind of parameter: what asks for a length, a share, a clock time, a layer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from typing import Any

from PySide6.QtCore import QDate
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from citymodel.parameters import Parameter
from gui.area_field import area_field
from gui.asked import Asked, News, Surroundings
from gui.choice_box import ChoiceBox
from gui.level_fields import levels_field
from gui.place_fields import objects_field, places_field
from gui.words import tr
from gui.zone_box import ZoneBox

STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 60)  # minutes that divide an hour
MOST = 1e9


def field_of(parameter: Parameter, around: Surroundings) -> Asked:
    """The widget that asks for a parameter."""
    make = {
        "number": _number,
        "percent": _percent,
        "whole": _whole,
        "step": _step,
        "clock": _clock,
        "date": _date,
        "zone": _zone,
        "choice": _choice,
        "choices": _choices,
        "months": _months,
        "file": _file,
        "flag": _flag,
        "extent": area_field,
        "layer": _layer,
        "scenario": _scenario,
        "places": places_field,
        "objects": objects_field,
        "levels": levels_field,
    }.get(parameter.kind.widget, _text)
    asked = make(parameter, around)
    if parameter.optional and parameter.kind.widget in ("number", "percent", "whole", "date"):
        asked = _optional(asked)
    name = f"{tr(parameter.label)} ({parameter.kind.unit})" if parameter.kind.unit else tr(parameter.label)
    asked.widget.setAccessibleName(name)
    asked.widget.setToolTip(tr(parameter.help) if parameter.help else "")
    asked.put(parameter.default)
    return asked


class Span(QDoubleSpinBox):
    """A number without the zeros that say nothing.

    Any number can be typed, for a box that drops the digits beyond its range makes 500 of 5000; what is out of bounds
    is said beside it. The arrows stay within them.
    """

    def __init__(self, low: float = -MOST, high: float = MOST) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.setRange(-MOST, MOST)

    def stepBy(self, steps: int) -> None:
        stepped = self.value() + steps * self.singleStep()
        self.setValue(min(max(stepped, self.low), self.high))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self.value() > self.low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        if self.value() < self.high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        return flags

    def textFromValue(self, value: float) -> str:
        text = self.locale().toString(value, "f", self.decimals())
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text


class ClockBox(QSpinBox):
    """Minutes after midnight as HH:MM, 24:00 included."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setSingleStep(15)

    def textFromValue(self, value: int) -> str:
        return f"{value // 60:02d}:{value % 60:02d}"

    def valueFromText(self, text: str) -> int:
        hours, _, minutes = text.strip().partition(":")
        return int(hours or 0) * 60 + int(minutes or 0)

    def validate(self, text: str, at: int) -> object:
        hours, _, minutes = text.strip().partition(":")
        plain = all(part.isdigit() or not part for part in (hours, minutes)) and len(text.strip()) <= 5
        if not plain or (minutes and int(minutes) > 59):
            return QValidator.State.Invalid, text, at
        whole = len(hours) > 0 and len(minutes) == 2 and self.valueFromText(text) <= self.maximum()
        return (QValidator.State.Acceptable if whole else QValidator.State.Intermediate), text, at


def _number(parameter: Parameter, around: Surroundings) -> Asked:
    low, high = parameter.low, parameter.high
    box = Span(-MOST if low is None else low, MOST if high is None else high)
    box.setDecimals(2)
    steps = {"length": 0.5, "angle": 1.0, "hours": 0.5}
    box.setSingleStep(steps.get(parameter.kind.name, 1.0))
    if parameter.kind.unit:
        box.setSuffix(f"\u00a0{parameter.kind.unit}")
    least = next((abs(one) for one in (parameter.default, low) if isinstance(one, float) and one), 1.0)
    if least < 0.1:  # roughness, rates in m/s: two decimals would show none of it
        box.setDecimals(4)
        box.setSingleStep(0.005)
    box.setStepType(QAbstractSpinBox.StepType.DefaultStepType)
    return Asked(parameter, box, box.value, lambda v: box.setValue(float(v or 0.0)), box.valueChanged)


def _percent(parameter: Parameter, around: Surroundings) -> Asked:
    low, high = parameter.low, parameter.high
    box = Span(100.0 * (0.0 if low is None else low), 100.0 * (1.0 if high is None else high))
    box.setDecimals(1)
    box.setSuffix("\u00a0%")
    box.setSingleStep(5.0)
    return Asked(
        parameter, box, lambda: round(box.value() / 100.0, 6), lambda v: box.setValue(100.0 * float(v or 0)),
        box.valueChanged,
    )  # fmt: skip


def _whole(parameter: Parameter, around: Surroundings) -> Asked:
    box = QSpinBox()
    low, high = parameter.low, parameter.high
    box.setRange(int(-MOST if low is None else low), int(MOST if high is None else high))
    return Asked(parameter, box, box.value, lambda v: box.setValue(int(v or 0)), box.valueChanged)


def _step(parameter: Parameter, around: Surroundings) -> Asked:
    box = ChoiceBox()
    low, high = parameter.low or 1, parameter.high or 1440
    for minutes in (one for one in STEPS if low <= one <= high):
        box.addItem(_minutes(minutes), minutes)

    def put(minutes: Any) -> None:
        if box.findData(int(minutes)) < 0:
            box.addItem(_minutes(int(minutes)), int(minutes))
        box.setCurrentIndex(box.findData(int(minutes)))

    return Asked(parameter, box, box.currentData, put, box.currentIndexChanged)


def _minutes(minutes: int) -> str:
    return tr("{minutes} min", minutes=minutes) if minutes < 60 or minutes % 60 else tr("{n} h", n=minutes // 60)


def _clock(parameter: Parameter, around: Surroundings) -> Asked:
    box = ClockBox(int(parameter.low or 0), int(1440 if parameter.high is None else parameter.high))
    return Asked(parameter, box, box.value, lambda v: box.setValue(int(v)), box.valueChanged)


def _date(parameter: Parameter, around: Surroundings) -> Asked:
    box = QDateEdit()
    box.setDisplayFormat("d MMMM yyyy")
    box.setCalendarPopup(True)

    def value() -> Date:
        day = box.date()
        return Date(day.year(), day.month(), day.day())

    return Asked(parameter, box, value, lambda v: box.setDate(QDate(v.year, v.month, v.day)), box.dateChanged)


def _zone(parameter: Parameter, around: Surroundings) -> Asked:
    box = ZoneBox()
    return Asked(parameter, box, lambda: box.zone() or None, lambda v: box.put(v or ""), box.currentTextChanged)


def _choice(parameter: Parameter, around: Surroundings) -> Asked:
    box = ChoiceBox()
    if parameter.optional:
        box.addItem(tr("as the data have it"), None)
    for value, words in parameter.choices:
        box.addItem(tr(words), value)
    return Asked(parameter, box, box.currentData, lambda v: box.setCurrentIndex(max(box.findData(v), 0)),
                 box.currentIndexChanged)  # fmt: skip


def _choices(parameter: Parameter, around: Surroundings) -> Asked:
    """Boxes to tick, one below the other."""
    wrapper = QWidget()
    column = QVBoxLayout(wrapper)
    column.setContentsMargins(0, 2, 0, 2)
    column.setSpacing(3)
    news = News(wrapper)
    boxes: dict[str, QCheckBox] = {}
    for value, words in parameter.choices:
        boxes[value] = QCheckBox(tr(words))
        boxes[value].toggled.connect(lambda _: news.changed.emit())
        column.addWidget(boxes[value])

    def put(values: Any) -> None:
        for value, box in boxes.items():
            box.setChecked(value in values)

    return Asked(
        parameter, wrapper, lambda: tuple(value for value, box in boxes.items() if box.isChecked()), put, news.changed
    )


def _months(parameter: Parameter, around: Surroundings) -> Asked:
    """Months as a text, all of them in short."""
    asked = _text(parameter, around)

    def put(months: Any) -> None:
        whole = not isinstance(months, str) and tuple(months) == tuple(range(1, 13))
        asked.widget.setText("1-12" if whole else parameter.text(months))  # type: ignore[attr-defined]

    return replace(asked, put=put)


def _file(parameter: Parameter, around: Surroundings) -> Asked:
    """A path, typed or chosen."""
    asked = _text(parameter, around)
    line = asked.widget
    assert isinstance(line, QLineEdit)
    line.setPlaceholderText(tr("none"))
    wrapper, choose = QWidget(), QPushButton(tr("Choose…"))
    choose.clicked.connect(lambda: _chosen(wrapper, line, tr(parameter.label)))
    row = QHBoxLayout(wrapper)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line, 1)
    row.addWidget(choose)
    line.setAccessibleName(tr(parameter.label))
    wrapper.setFocusProxy(line)
    return replace(asked, widget=wrapper)


def _chosen(parent: QWidget, line: QLineEdit, title: str) -> None:
    path, _ = QFileDialog.getOpenFileName(parent, title, line.text())
    if path:
        line.setText(path)


def _flag(parameter: Parameter, around: Surroundings) -> Asked:
    box = QCheckBox()
    return Asked(parameter, box, box.isChecked, lambda v: box.setChecked(bool(v)), box.toggled)


def _layer(parameter: Parameter, around: Surroundings) -> Asked:
    box = ChoiceBox()

    def follow() -> None:
        kinds = ("areas",) if "area" in parameter.name else ("city", "terrain", "surface", "points", "areas")
        layers = [(one.name, one.id) for one in around.document().layers if one.kind in kinds]
        _refill(box, [(tr("All there are") if layers else tr("None in the project"), None), *layers])

    follow()
    return Asked(parameter, box, box.currentData, lambda v: box.setCurrentIndex(max(box.findData(v), 0)),
                 box.currentIndexChanged, follow)  # fmt: skip


def _scenario(parameter: Parameter, around: Surroundings) -> Asked:
    box = ChoiceBox()

    def follow() -> None:
        document = around.document()
        shown = document.scenario
        first = (tr("The one on screen: {name}", name=shown.name) if shown else tr("None: the city as it is"), None)
        others = [(one.name, one.id) for one in document.scenarios]
        _refill(box, [first, *([(tr("None: the city as it is"), "")] if shown else []), *others])

    follow()
    return Asked(parameter, box, box.currentData, lambda v: box.setCurrentIndex(max(box.findData(v), 0)),
                 box.currentIndexChanged, follow)  # fmt: skip


def _refill(box: QComboBox, rows: list[tuple[str, str | None]]) -> None:
    """Other rows, the same choice where it is still there."""
    if [(box.itemText(k), box.itemData(k)) for k in range(box.count())] == rows:
        return
    chosen = box.currentData()
    blocked = box.blockSignals(True)
    box.clear()
    for words, value in rows:
        box.addItem(words, value)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.setEnabled(len(rows) > 1)
    box.blockSignals(blocked)
    if box.currentData() != chosen:
        box.currentIndexChanged.emit(box.currentIndex())


def _text(parameter: Parameter, around: Surroundings) -> Asked:
    line = QLineEdit()

    def value() -> str | None:
        text = line.text().strip()
        return None if parameter.optional and not text else text

    def put(text: Any) -> None:
        line.setText(parameter.text(text))
        line.setCursorPosition(0)

    return Asked(parameter, line, value, put, line.textChanged)


def _optional(asked: Asked) -> Asked:
    """A box to tick before the number counts."""
    wrapper, tick = QWidget(), QCheckBox()
    row = QHBoxLayout(wrapper)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(tick)
    row.addWidget(asked.widget, 1)
    news = News(wrapper)
    tick.toggled.connect(asked.widget.setEnabled)
    tick.setAccessibleName(tr("Give {name}", name=tr(asked.parameter.label)))
    tick.toggled.connect(lambda _: news.changed.emit())
    asked.changed.connect(lambda *_: tick.isChecked() and news.changed.emit())

    def put(value: Any) -> None:
        tick.setChecked(value is not None)
        asked.widget.setEnabled(value is not None)
        if value is not None:
            asked.put(value)

    return Asked(asked.parameter, wrapper, lambda: asked.value() if tick.isChecked() else None, put, news.changed)
