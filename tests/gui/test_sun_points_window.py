"""Sun at a point: pins by clicks, bars of the day, and the tool put away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from gui.sun_bar import SunBar


def tool(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.waitUntil(window.view.interactor.hasFocus)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_O)
    assert window.points.active
    assert window.inspector.page() is window.inspector.points
    return window.points


def answered(window: Any, hand: Any) -> None:
    points = window.points
    hand.bot.waitUntil(lambda: len(points.answers) == len(points.pins) and not points.busy, timeout=60_000)
    hand.settle()


def test_a_click_sets_a_pin_and_the_inspector_shows_its_day(window: Any, hand: Any, city_file: Path) -> None:
    points = tool(window, hand, city_file)
    hand.click(hand.place_of("block-3"))
    hand.click(hand.place_of("block-0"))
    answered(window, hand)
    assert [pin.number for pin in points.pins] == [1, 2]
    assert window.desk.selection is None
    assert [one.words for one in window.view.stage.state.pins] == ["1", "2"]
    card = window.inspector.points.cards[1]
    bar = card.findChild(SunBar)
    assert bar.isVisible()
    assert "Sun" in bar.toolTip()
    assert 0 < points.answers[1].base.hours <= 12.5


def test_a_pin_goes_and_the_others_keep_their_numbers(window: Any, hand: Any, city_file: Path) -> None:
    points = tool(window, hand, city_file)
    for name in ("block-3", "block-0"):
        hand.click(hand.place_of(name))
    answered(window, hand)
    points.remove(1)
    hand.settle()
    assert list(window.inspector.points.cards) == [2]
    assert [one.words for one in window.view.stage.state.pins] == ["2"]
    hand.click(hand.place_of("block-1"))
    answered(window, hand)
    assert sorted(pin.number for pin in points.pins) == [1, 2]


def test_the_bars_follow_the_date_and_show_the_proposal_below_the_base(window: Any, hand: Any, city_file: Path) -> None:
    from PySide6.QtCore import QDate

    from citymodel.scenario import SetHeight

    points = tool(window, hand, city_file)
    hand.click(hand.place_of("block-2"))
    answered(window, hand)
    spring = points.answers[1].base.hours
    window.time_bar.date.setDate(QDate(2026, 12, 21))
    hand.bot.wait(300)
    answered(window, hand)
    assert points.answers[1].sunset - points.answers[1].sunrise == pytest.approx(7.8, abs=0.5)
    assert points.answers[1].base.hours < spring
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-0", 90.0), "Tower"))
    hand.bot.wait(300)
    answered(window, hand)
    assert points.answers[1].scenario.hours < points.answers[1].base.hours
    assert len(window.inspector.points.cards[1].findChildren(SunBar)) == 2


def test_escape_puts_the_tool_away_and_clicks_select_again(window: Any, hand: Any, city_file: Path) -> None:
    points = tool(window, hand, city_file)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Escape)
    assert not points.active
    assert not window.registry.qt["study.point"].isChecked()
    hand.click(hand.place_of("block-3"))
    assert window.desk.selection == ("blocks-city", "block-3")
    assert points.pins == []
