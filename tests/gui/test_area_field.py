"""The area of a study, drawn in the view: dragged or clicked, seen as long as the form is, given up by Escape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def field(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.activateWindow()
    window.registry.run("study.flood")
    window.registry.run("view.top")
    hand.settle()
    found = window.inspector.study.form.fields["bounds"].widget
    window.inspector.study.form.parentWidget().parentWidget().parentWidget().ensureWidgetVisible(found.draw)
    return found


def press_draw(hand: Any, field: Any) -> None:
    hand.bot.mouseClick(field.draw, LEFT)
    hand.settle()


def place_of(window: Any, x: float, y: float) -> QPoint:
    """Where a place of the frame's CRS is seen."""
    x, y, _ = window.tools.picking.local(x, y, 0.0)
    local = (x, y, window.view.stage.lowest(x, y) or 0.0)
    return QPoint(*(round(one) for one in window.view.on_screen(local)))


def drag(hand: Any, window: Any, start: QPoint, end: QPoint) -> None:
    view = window.view.interactor
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, NONE, end)
    hand.settle()


def test_a_rectangle_that_is_dragged_is_the_area(window: Any, hand: Any, field: Any) -> None:
    pose = window.view.navigation.pose
    press_draw(hand, field)
    assert "Drag a rectangle" in window.status.hand.text()
    start, end = place_of(window, 390024.0, 5820024.0), place_of(window, 390056.0, 5820045.0)
    view = window.view.interactor
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, end)
    assert "\u00a0m, 0." in window.status.hand.text(), "its size in metres and hectares"
    assert len(window.view.stage.draft.lines) == 1
    QTest.mouseRelease(view, LEFT, NONE, end)
    hand.settle()
    assert field.value() == pytest.approx((390024.0, 5820024.0, 390056.0, 5820045.0), abs=3.0)
    assert window.inspector.study.form.parameters().bounds == field.value()
    assert field.box.currentText().startswith("Drawn: 3")
    assert not field.draw.isChecked()
    assert window.status.hand.text() == ""
    assert window.view.navigation.pose == pose, "the map stays where it is"
    (pin,) = window.view.stage.state.pins
    assert pin.words.startswith("Area: ")
    assert len(pin.line) == 5
    window.registry.run("study.point")
    hand.settle()
    assert not [one for one in window.view.stage.state.pins if one.words.startswith("Area")], "the form is not seen"


def test_two_clicks_draw_an_area_and_a_second_one_takes_its_place(window: Any, hand: Any, field: Any) -> None:
    for (x, y), (u, v) in (((390056, 5820045), (390024, 5820024)), ((390022, 5820022), (390040, 5820057))):
        press_draw(hand, field)
        hand.click(place_of(window, x, y))
        assert "corner across" in window.status.hand.text()
        hand.click(place_of(window, u, v))
        wanted = (min(x, u), min(y, v), max(x, u), max(y, v))
        assert field.value() == pytest.approx(wanted, abs=3.0)
        assert window.inspector.study.form.parameters().bounds == field.value()
    assert window.desk.selection is None


def test_escape_gives_it_up_and_another_project_has_no_area(
    window: Any, hand: Any, field: Any, city_file: Path
) -> None:
    press_draw(hand, field)
    hand.click(place_of(window, 390024.0, 5820024.0))
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Escape)
    hand.settle()
    assert field.value() is None
    assert not field.draw.isChecked()
    assert not window.view.stage.draft.markers
    press_draw(hand, field)
    drag(hand, window, place_of(window, 390024.0, 5820024.0), place_of(window, 390056.0, 5820045.0))
    assert field.value() is not None
    from citymodel.project import Project

    window.desk.project._saved = window.desk.document
    window.desk.use(Project())
    hand.settle()
    assert field.value() is None
    assert field.box.findData("given") < 0
