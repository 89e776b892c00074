"""The toolbar holds all its tools at any width, and no two actions listen to one key."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest


@pytest.mark.parametrize("width", [1100, 1440])
def test_no_tool_falls_off_the_end(window: Any, hand: Any, width: int) -> None:
    window.resize(width, 800)
    hand.bot.waitUntil(lambda: window.width() == width)
    hand.bot.wait(100)
    bar = window.toolbar
    for action in bar.actions():
        button = bar.widgetForAction(action)
        assert button.isVisible(), action.text()
        assert button.geometry().right() <= bar.width(), action.text()


def test_a_wide_toolbar_has_its_words(window: Any, hand: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QResizeEvent

    bar = window.toolbar
    bar.resizeEvent(QResizeEvent(bar.size() * 4, bar.size()))
    button = bar.widgetForAction(window.registry.qt["design.box"])
    assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon


def test_no_two_actions_listen_to_one_key(window: Any) -> None:
    keys = [key.toString() for action in window.registry.qt.values() for key in action.shortcuts()]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
