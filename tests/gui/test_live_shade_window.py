"""Shadows under the moving sun, in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from test_window import difference


def cast(window: Any, hand: Any) -> None:
    with hand.bot.waitSignal(window.shade.ready, timeout=300_000):
        window.time_bar.shadows.click()
    hand.settle()


def test_the_shade_is_always_of_the_time_that_is_shown(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    cast(window, hand)
    surface = window.shade.surface
    shown = window.view.stage.state
    assert shown.drape.bounds == surface.grid.bounds
    noon, texture = hand.picture(), window.view.stage._texture
    drawn: list[Any] = []
    window.desk.scene_resolved.connect(lambda found: drawn.append(found[1]))
    slider = window.time_bar.slider
    for minutes in range(12 * 60, 16 * 60, 5):
        slider.setValue(minutes)
    hand.settle()
    assert window.shade.surface is surface, "the city is prepared once"
    assert len(drawn) < 48, "suns that nobody would see are left out"
    last = window.view.stage.state
    assert last.drape.revision == hash((id(surface), window.desk.moment))
    assert (round(surface.sun(window.desk.moment)[1], 3)) == last.light.altitude
    assert window.view.stage._texture is texture
    assert difference(noon, hand.picture()) > 0.01


def test_space_plays_the_day_and_the_shade_goes_with_it(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    cast(window, hand)
    before, first = window.desk.moment, window.view.stage.state.drape.revision
    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.waitUntil(window.view.interactor.hasFocus)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Space)
    hand.bot.waitUntil(lambda: window.view.stage.state.drape.revision != first, timeout=20_000)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Space)
    hand.settle()
    assert window.desk.moment > before


def test_a_pulled_building_casts_its_new_shadow(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    cast(window, hand)
    hand.click(hand.place_of("block-0"))
    old = window.shade.surface
    with hand.bot.waitSignal(window.shade.ready, timeout=300_000):
        window.inspector.object.height_box.setValue(80.0)
    hand.settle()
    assert window.shade.surface is not old
    assert float(window.shade.surface.dsm.max()) > float(old.dsm.max()) + 40
    window.time_bar.shadows.click()
    hand.settle()
    assert window.view.stage.state.drape is None


def test_the_city_is_as_bright_as_before_once_its_shadows_are_gone(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    before = hand.picture()
    cast(window, hand)
    assert difference(before, hand.picture()) > 0.004
    window.time_bar.shadows.click()
    hand.settle()
    assert difference(before, hand.picture()) < 0.002
