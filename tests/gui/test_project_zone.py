"""The project's clock: guessed from the data's place, chosen by the person, kept with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt


def test_first_data_bring_the_zone_of_their_place_and_the_clock_keeps_its_hands(
    window: Any, hand: Any, city_file: Path
) -> None:
    hand.open(city_file)
    assert window.desk.document.zone == "Europe/Berlin"
    assert str(window.desk.moment.tzinfo) == "Europe/Berlin"
    assert window.desk.moment.hour == 12
    assert window.time_bar.zone.zone() == "Europe/Berlin"


def test_a_chosen_zone_is_kept_undone_and_followed_by_the_studies(
    window: Any, hand: Any, city_file: Path, tmp_path: Path
) -> None:
    hand.open(city_file)
    window.registry.run("study.sun")
    line = window.time_bar.zone.lineEdit()
    line.setFocus()
    line.selectAll()
    hand.bot.keyClicks(line, "europe/warsaw")
    hand.bot.keyClick(line, Qt.Key.Key_Return)
    hand.settle()
    assert window.desk.document.zone == "Europe/Warsaw"
    assert window.time_bar.zone.zone() == "Europe/Warsaw"
    assert window.inspector.study.form.parameters().zone == "Europe/Warsaw"
    window.desk.save(tmp_path / "zone.city", b"", lambda: None)
    hand.settle()
    window.registry.run("edit.undo")
    hand.settle()
    assert str(window.desk.moment.tzinfo) == "Europe/Berlin"
    hand.open(tmp_path / "zone.city")
    assert str(window.desk.moment.tzinfo) == "Europe/Warsaw"


def test_a_zone_that_does_not_exist_leaves_the_one_before(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    line = window.time_bar.zone.lineEdit()
    line.setFocus()
    line.setText("Nowhere/Land")
    hand.bot.keyClick(line, Qt.Key.Key_Return)
    hand.settle()
    assert window.time_bar.zone.zone() == "Europe/Berlin"
