"""The page of studies: widgets from the parameter model, errors in plain words, what a study will take."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from citymodel.analysis.estimate import Estimate


def panel_of(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.registry.run("study.sun")
    hand.settle()
    return window.inspector.study


def test_every_parameter_has_a_widget_with_a_name_and_gives_its_value(window: Any, hand: Any, city_file: Path) -> None:
    panel = panel_of(window, hand, city_file)
    model = panel.studies["shadow"].parameters()
    assert set(panel.form.fields) == set(model.model_fields)
    for asked in panel.form.fields.values():
        assert asked.widget.accessibleName()
    found = panel.form.parameters()
    expected = model.checked(date=date(2026, 3, 21), zone=str(window.desk.moment.tzinfo))
    assert found == expected


def test_what_engineers_look_for_is_folded_away_until_asked_for(window: Any, hand: Any, city_file: Path) -> None:
    form = panel_of(window, hand, city_file).form
    assert form.fields["cell"].widget.isVisible()
    assert not form.fields["height_error"].widget.isVisible()
    hand.bot.mouseClick(form.fold, Qt.MouseButton.LeftButton)
    assert form.fields["height_error"].widget.isVisible()
    assert form.fields["height_error"].widget.suffix().strip() == "m"


def test_values_that_do_not_fit_are_said_in_the_panel_and_nothing_runs(window: Any, hand: Any, city_file: Path) -> None:
    panel = panel_of(window, hand, city_file)
    end = panel.form.fields["end"].widget
    end.setFocus()
    end.selectAll()
    hand.bot.keyClicks(end, "00:00")
    hand.bot.keyClick(end, Qt.Key.Key_Tab)
    assert panel.form.error.isVisible()
    assert "00:00" in panel.form.error.text()
    assert not panel.run.isEnabled()
    panel.form.put({"end": 1440})
    assert end.text() == "24:00"
    assert not panel.form.error.isVisible()
    assert panel.run.isEnabled()


def test_what_was_wrong_before_is_gone_once_a_study_runs(window: Any, hand: Any, city_file: Path) -> None:
    panel = panel_of(window, hand, city_file)
    window.desk.noticed.emit("no landmark is given", True)
    assert window.notices.isVisible()
    hand.bot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    assert not window.notices.isVisible()
    hand.bot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)  # what it finds is another test's question
    hand.settle()


def test_the_duration_is_told_before_the_start_and_follows_the_cell(window: Any, hand: Any, city_file: Path) -> None:
    panel = panel_of(window, hand, city_file)
    hand.bot.waitUntil(lambda: "GB" in panel.expected.text(), timeout=60_000)
    first = panel.expected.text()
    panel.form.put({"cell": 0.25})
    hand.bot.waitUntil(lambda: panel.expected.text() != first, timeout=20_000)
    assert "0.25" not in panel.expected.text()
    assert "cells" in panel.expected.text()


def test_a_study_larger_than_memory_is_refused_with_the_number(
    window: Any, hand: Any, city_file: Path, monkeypatch: Any
) -> None:
    from citymodel.analysis import estimate

    huge = Estimate(10**11, 140, 1, 1e5, 15 * 10**12, 8 * 10**9)
    monkeypatch.setattr(estimate, "estimate", lambda *_: huge)
    panel = panel_of(window, hand, city_file)
    hand.bot.waitUntil(lambda: "Too large" in panel.expected.text(), timeout=20_000)
    assert "000.0 GB" in panel.expected.text()
    assert not panel.run.isEnabled()


def test_a_part_of_the_city_is_what_the_view_shows(window: Any, hand: Any, city_file: Path) -> None:
    panel = panel_of(window, hand, city_file)
    box = panel.form.fields["bounds"]
    assert box.value() is None
    window.registry.run("view.top")
    hand.settle()
    box.widget.box.setCurrentIndex(1)
    left, low, right, high = box.value()
    assert 389_000 < left < right < 391_000
    assert 5_819_000 < low < high < 5_821_000


def test_other_studies_are_there_where_a_form_can_ask_for_them(window: Any, hand: Any, city_file: Path) -> None:
    panel = panel_of(window, hand, city_file)
    for at in range(panel.which.count()):
        panel.which.setCurrentIndex(at)
        assert panel.form.isVisible()
        assert panel.form.findChildren(QWidget)
        assert panel.form.parameters() is not None, panel.form.error.text()
    hand.settle()


def test_a_number_that_may_be_left_out_tells_the_form_when_it_is_given(window: Any, hand: Any, city_file: Path) -> None:
    from citymodel.analysis.live_view import LookParameters
    from gui.asked import Surroundings
    from gui.parameter_form import ParameterForm

    form = ParameterForm(LookParameters, Surroundings(lambda: window.desk.document, lambda: None))
    hand.bot.addWidget(form)
    told: list[object] = []
    form.changed.connect(lambda: told.append(form.parameters()))
    form.put({"reach": 250.0})
    assert told[-1].reach == 250.0
    form.put({"reach": None})
    assert told[-1].reach is None
