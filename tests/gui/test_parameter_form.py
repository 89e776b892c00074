"""A form of many fields: heads, fields that show only where they count, thresholds in a table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import Qt

from citymodel.document import Document
from citymodel.errors import ParameterError
from citymodel.parameters import Asks, Levels, checked, levels_of, parameters_of
from gui.asked import Surroundings

HOW = (("period", "By return period"), ("depth", "By depth"))


class Asking(BaseModel):
    how: Annotated[Literal["period", "depth"], Asks("choice", "Given as", labels=HOW, group="Storm")] = "period"
    years: Annotated[float, Asks("number", "Once in", unit="years", group="Storm", when=(("how", ("period",)),))] = 50.0
    depth: Annotated[float, Asks("number", "Depth", unit="mm", group="Storm", when=(("how", ("depth",)),))] = 46.0
    pipes: Annotated[bool, Asks("flag", "Sewers", group="Ground")] = True
    sewer: Annotated[float, Asks("number", "Sewer", unit="mm/h", group="Pipes", when=(("pipes", (True,)),))] = 20.0
    danger: Annotated[
        Levels, Asks("levels", "Hazard", unit="m²/s", group="Report", labels=(("0", "caution"), ("1", "danger")))
    ] = (0.75, 1.25)
    manning: Annotated[float, Asks("number", "Roughness", detail=True, group="Ground")] = 0.03


@pytest.fixture
def form(qtbot: Any, qapp: Any) -> Any:
    from gui.parameter_form import ParameterForm

    made = ParameterForm(Asking, Surroundings(lambda: Document(), lambda: None))
    qtbot.addWidget(made)
    made.show()
    return made


def heads(form: Any) -> list[str]:
    return [head.text() for head, _ in form._heads if head.isVisible()]


def test_a_field_shows_only_where_its_choice_gives_it_a_meaning(form: Any) -> None:
    fields = form.fields
    assert fields["years"].widget.isVisible()
    assert not fields["depth"].widget.isVisible()
    assert fields["years"].widget.suffix().strip() == "years"
    form.put({"how": "depth"})
    assert not fields["years"].widget.isVisible()
    assert fields["depth"].widget.isVisible()
    assert form.parameters() == Asking(how="depth")


def test_a_head_goes_with_its_last_field(form: Any) -> None:
    assert heads(form) == ["Storm", "Ground", "Pipes", "Report"]
    form.fields["pipes"].widget.click()
    assert heads(form) == ["Storm", "Ground", "Report"]
    form.fold.click()
    assert heads(form) == ["Storm", "Ground", "Report", "Ground"], "the engineer's part has heads of its own"


def test_thresholds_stand_in_a_table_and_always_rise(form: Any, qtbot: Any) -> None:
    levels = form.fields["danger"].widget
    assert [box.value() for box in levels.boxes] == [0.75, 1.25]
    assert [box.accessibleName() for box in levels.boxes] == ["caution from", "danger from"]
    assert not levels.usual.isVisible()
    levels.boxes[0].setValue(2.0)
    assert form.parameters().danger == (2.0, 2.001)
    assert levels.usual.isVisible()
    qtbot.mouseClick(levels.usual, Qt.MouseButton.LeftButton)
    assert form.parameters().danger == (0.75, 1.25)
    levels.boxes[1].setValue(0.5)
    assert form.parameters().danger == (0.499, 0.5)


def test_a_small_roughness_is_shown_with_its_digits(form: Any) -> None:
    box = form.fields["manning"].widget
    assert box.value() == 0.03
    box.setValue(0.0125)
    assert form.parameters().manning == 0.0125


def test_thresholds_are_written_as_a_line_and_must_rise() -> None:
    parameter = next(one for one in parameters_of(Asking) if one.name == "danger")
    assert parameter.parse("0.5, 1 2.5") == (0.5, 1.0, 2.5)
    assert parameter.text((0.5, 1.0, 2.5)) == "0.5, 1, 2.5"
    assert parameter.kind.unit == "m²/s"
    with pytest.raises(ParameterError, match="does not rise"):
        levels_of("1, 0.5")
    with pytest.raises(ParameterError, match="does not rise"):
        checked(Asking, danger=(1.0, 1.0))


class Bounded(BaseModel):
    rain: Annotated[float, Asks("number", "Rain in all", unit="mm")] = Field(default=60.0, gt=0, le=3000)


def test_a_number_beyond_its_bounds_is_kept_as_typed_and_said(qtbot: Any, qapp: Any) -> None:
    from gui.parameter_form import ParameterForm

    form = ParameterForm(Bounded, Surroundings(lambda: Document(), lambda: None))
    qtbot.addWidget(form)
    form.show()
    box = form.fields["rain"].widget
    for typed, said in (
        ("5000", "Rain in all: give 3,000 or less"),
        ("0", "Rain in all: give more than 0"),
        ("70", ""),
    ):
        box.selectAll()
        qtbot.keyClicks(box, typed)
        qtbot.keyClick(box, Qt.Key.Key_Tab)
        form.parameters()
        assert (box.value(), form.error.text()) == (float(typed), said)
    box.setValue(2999.5)
    box.stepBy(3)
    assert box.value() == 3000.0


def test_long_choices_stand_below_their_label_and_what_has_no_room_ends_in_dots(form: Any, qtbot: Any) -> None:
    from gui.choice_box import ChoiceBox

    box = ChoiceBox()
    qtbot.addWidget(box)
    box.addItem("Walls: water runs around them")
    box.resize(120, 30)
    assert box.long
    assert box.shown_words().startswith("Walls")
    assert box.shown_words().endswith("…")
    box.resize(400, 30)
    assert box.shown_words() == "Walls: water runs around them"
    assert not form.fields["how"].widget.long
    words, how = form._rows["how"][1]
    assert words.y() < how.geometry().bottom(), "a short one stands beside its label"
    assert words.x() + words.width() <= how.x()
