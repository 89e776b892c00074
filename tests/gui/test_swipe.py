"""The swipe: base and proposal side by side, driven by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from citymodel.scenario import SetHeight
from gui.swipe import WIDE


def pixels(image: Any) -> Any:
    from PySide6.QtGui import QImage

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), dtype=np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).astype(int)


@pytest.fixture
def town(window: Any, hand: Any, city_file: Path) -> Any:
    """Four blocks, of which the proposal makes the first 90 m high."""
    hand.open(city_file)
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-0", 90.0), "Tower"))
    hand.settle()
    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.waitUntil(window.view.interactor.hasFocus)
    return window


def begun(window: Any, hand: Any) -> Any:
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_S)
    hand.settle()
    assert window.swipe.active
    return window.swipe


def drag(hand: Any, handle: Any, to: int) -> None:
    """Press on the grip, move and let go, as a hand does; ``to`` in the view's pixels."""
    left = Qt.MouseButton.LeftButton
    grip = QPoint(WIDE // 2, handle.height() // 2)
    hand.bot.mousePress(handle, left, pos=grip)
    for share in (0.3, 0.7, 1.0):
        way = round(share * (to - (handle.x() + WIDE // 2)))
        hand.bot.mouseMove(handle, QPoint(grip.x() + way, grip.y()))
        hand.bot.wait(30)
    hand.bot.mouseRelease(handle, left, pos=QPoint(to - handle.x(), grip.y()))
    hand.bot.wait(200)


def test_each_side_shows_its_own_city(town: Any, hand: Any) -> None:
    proposal = pixels(hand.picture())
    town.proposals.show_one("")
    hand.settle()
    base = pixels(hand.picture())
    swipe = begun(town, hand)
    assert swipe.handle.isVisible()
    width, height = town.view.interactor.width(), town.view.interactor.height()
    inside = slice(height // 5, height // 2)  # between the names and the legend
    for to in (width // 3, 2 * width // 3):
        drag(hand, swipe.handle, to)
        assert swipe.share == pytest.approx(to / width, abs=2 / width)
        both = pixels(hand.picture())
        left, right = slice(0, to - 30), slice(to + 30, width)
        assert np.abs(both - base)[inside, left].max(axis=2).mean() < 3
        assert np.abs(both - proposal)[inside, right].max(axis=2).mean() < 3
    assert np.abs(base - proposal)[inside].max(axis=2).mean() > 5  # else this would say nothing


def test_the_sides_are_named_at_the_line(town: Any, hand: Any) -> None:
    swipe = begun(town, hand)
    assert [one.text() for one in swipe.names] == ["As it is", "Tower"]
    line = swipe.handle.x() + WIDE // 2
    assert swipe.names[0].geometry().right() < line < swipe.names[1].x()
    drag(hand, swipe.handle, 20)
    assert not swipe.names[0].isVisible()
    assert swipe.names[1].isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_S, Qt.Key.Key_Escape])
def test_s_and_escape_leave_the_swipe_as_it_was(town: Any, hand: Any, key: Any) -> None:
    before = pixels(hand.picture())
    swipe = begun(town, hand)
    assert town.registry.qt["design.swipe"].isChecked()
    hand.bot.keyClick(town.view.interactor, key)
    hand.settle()
    assert not swipe.active
    assert not swipe.handle.isVisible()
    assert not town.registry.qt["design.swipe"].isChecked()
    assert town.view.interactor.render_window.GetRenderers().GetNumberOfItems() == 1
    assert np.abs(pixels(hand.picture()) - before).max(axis=2).mean() < 3


def test_clicks_meet_the_city_of_their_side(town: Any, hand: Any) -> None:
    swipe = begun(town, hand)
    width = town.view.interactor.width()
    place = hand.place_of("block-0")
    drag(hand, swipe.handle, width - 30)
    on_base = town.view.hit(place.x(), place.y())
    assert on_base is None or on_base.object_id != "block-0" or on_base.position[2] <= 40.0 + 30.0
    low = max(hit.position[2] for hit in hits(town, "block-0"))
    drag(hand, swipe.handle, 30)
    high = max(hit.position[2] for hit in hits(town, "block-0"))
    assert high - low == pytest.approx(80.0, abs=15.0)
    hand.click(hand.place_of("block-0"))
    assert town.desk.selection == ("blocks-city", "block-0")


def hits(window: Any, name: str) -> list[Any]:
    view = window.view.interactor
    found = [window.view.hit(x, y) for y in range(5, view.height(), 8) for x in range(5, view.width(), 8)]
    return [hit for hit in found if hit is not None and hit.object_id == name]


def test_arrow_keys_move_the_line(town: Any, hand: Any) -> None:
    swipe = begun(town, hand)
    swipe.handle.setFocus()
    hand.bot.keyClick(swipe.handle, Qt.Key.Key_Right)
    assert swipe.share == pytest.approx(0.51, abs=0.002)
    hand.bot.keyClick(swipe.handle, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert swipe.share == pytest.approx(0.41, abs=0.004)
    hand.bot.keyClick(swipe.handle, Qt.Key.Key_Home)
    assert swipe.share == pytest.approx(0.02)


def test_orbiting_turns_both_sides(town: Any, hand: Any) -> None:
    swipe = begun(town, hand)
    view = town.view.interactor
    start = QPoint(view.width() // 4, view.height() // 2)
    hand.bot.mousePress(view, Qt.MouseButton.RightButton, pos=start)
    for step in (20, 60):
        hand.bot.mouseMove(view, start + QPoint(step, 0))
        hand.bot.wait(30)
    hand.bot.mouseRelease(view, Qt.MouseButton.RightButton, pos=start + QPoint(60, 0))
    hand.settle()
    hand.picture()
    first, second = (one.camera() for one in swipe._swipe.stages())
    assert first.position == pytest.approx(second.position)
    assert first.focus == pytest.approx(second.focus)


def test_results_show_the_map_of_their_side(town: Any, hand: Any) -> None:
    from citymodel.analysis import skyview
    from citymodel.layers import Layer

    result = skyview.run(town.desk.document, skyview.SkyViewParameters(directions=8, cell=2.0))
    layer = Layer("sky", "Open sky", "result", result)
    town.desk.edit("", lambda d: d.with_layer(layer).with_style("sky", colour_by="sky_view_difference"))
    hand.settle()
    swipe = begun(town, hand)
    left, right = (one.state.drape for one in swipe._swipe.stages())
    assert left.legend.title == "Sky view factor, as it is"
    assert right.legend.title == "Sky view factor, Tower"
    assert town.desk.document.style("sky").colour_by == "sky_view_difference"
    assert not np.array_equal(left.image, right.image)


def test_without_a_proposal_there_is_nothing_to_swipe(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    assert not window.registry.qt["design.swipe"].isEnabled()
    window.swipe.set_active(True)
    assert not window.swipe.active
    assert not window.registry.qt["design.swipe"].isChecked()


def test_a_proposal_that_goes_ends_the_swipe(town: Any, hand: Any) -> None:
    swipe = begun(town, hand)
    town.desk.project.undo()
    hand.settle()
    assert not swipe.active


def test_another_project_ends_the_swipe(town: Any, hand: Any) -> None:
    from citymodel.project import Project

    swipe = begun(town, hand)
    town.desk.use(Project())
    hand.settle()
    assert not swipe.active
    assert not swipe.handle.isVisible()


def test_the_handle_keeps_its_place_when_the_window_is_resized(town: Any, hand: Any) -> None:
    swipe = begun(town, hand)
    town.resize(1000, 700)
    hand.settle()
    width = town.view.interactor.width()
    assert swipe.handle.x() + WIDE // 2 == pytest.approx(width / 2, abs=1)
    assert swipe.handle.height() == town.view.interactor.height()
