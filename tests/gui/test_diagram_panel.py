"""The shadow diagram's page: its form, its sheet, and a way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt


def page_of(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.registry.run("study.diagram")
    hand.settle()
    panel = window.inspector.diagram
    assert window.inspector.page() is panel
    return panel


def test_a_sheet_of_two_days_and_three_hours_is_written(
    window: Any, hand: Any, city_file: Path, tmp_path: Path
) -> None:
    panel = page_of(window, hand, city_file)
    days, hours = panel.form.fields["dates"].widget, panel.form.fields["minutes"].widget
    assert days.text() == "2026-03-21, 2026-06-21, 2026-09-21, 2026-12-21"
    assert hours.text() == "9-18"
    assert "40 maps" in panel.expected.text()
    days.selectAll()
    hand.bot.keyClicks(days, "2026-03-21, 2026-06-21")
    hours.selectAll()
    hand.bot.keyClicks(hours, "9:00,12:00,15:00")
    panel.form.put({"extent": "data"})
    assert "6 maps" in panel.expected.text()
    panel.write_to(tmp_path / "sheet.png")
    assert panel.cancel.isVisible()
    hand.settle()
    assert panel.written is not None
    assert panel.written.stat().st_size > 20_000
    assert panel.open.isVisible()


def test_days_that_are_none_are_said_and_nothing_can_be_written(window: Any, hand: Any, city_file: Path) -> None:
    panel = page_of(window, hand, city_file)
    days = panel.form.fields["dates"].widget
    days.setFocus()
    days.selectAll()
    hand.bot.keyClicks(days, "soon")
    assert "soon" in panel.form.error.text()
    assert not panel.write.isEnabled()


def test_a_cancelled_sheet_is_not_written(window: Any, hand: Any, city_file: Path, tmp_path: Path) -> None:
    panel = page_of(window, hand, city_file)
    panel.form.put({"extent": "data"})
    panel.write_to(tmp_path / "sheet.pdf")
    hand.bot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    hand.settle()
    assert not (tmp_path / "sheet.pdf").exists()
    assert panel.write.isEnabled()
