"""The planner's way, by clicks: which homes lose the view of the church when this tower is built?"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from test_eye import exact, eye, set_in_the_square

from citymodel.scenario import AddBox

__all__ = ["eye"]

YARD = ((390030.0, 5820030.0), (390050.0, 5820030.0), (390050.0, 5820050.0), (390030.0, 5820050.0))


def done(window: Any, hand: Any) -> None:
    hand.bot.waitUntil(lambda: window.studies.job is None, timeout=120_000)
    hand.settle()


def page(window: Any, hand: Any, name: str) -> Any:
    window.registry.run(f"study.{name}")
    hand.settle()
    found = window.inspector.study
    assert window.inspector.page() is found
    assert found.which.currentData() == name
    return found


def test_the_studies_of_what_is_seen_stand_in_the_menu(window: Any, hand: Any, city_file: Path) -> None:
    names = ["viewshed", "landmark", "impact", "outlook", "vista"]
    listed = [one.objectName() for one in window.registry.menus["study"].actions()]
    assert [f"study.{name}" for name in names] == [one for one in listed if one.partition(".")[2] in names]
    assert not window.registry.qt["study.landmark"].isEnabled()
    hand.open(city_file)
    for name in names:
        page(window, hand, name)


def test_which_homes_lose_the_view_of_the_church(window: Any, hand: Any, city_file: Path, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    hand.open(city_file)
    window.desk.edit("", lambda d: d.with_change(AddBox("tower", "Tower", YARD, 60.0), "Tower"))
    hand.settle()
    panel = page(window, hand, "landmark")
    church = panel.form.fields["objects"].widget
    hand.bot.mouseClick(church.pick, Qt.MouseButton.LeftButton)
    hand.click(hand.place_of("block-3"))
    assert church.value() == ("block-3",)
    hand.bot.waitUntil(panel.run.isEnabled, timeout=20_000)
    hand.bot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    done(window, hand)
    layer = window.desk.document.layers[-1]
    assert layer.kind == "result"
    assert window.inspector.page() is window.inspector.layer
    assert window.picking.tool is None, "the page has gone, and its tool with it"
    hand.bot.mouseClick(window.inspector.layer.table, Qt.MouseButton.LeftButton)
    hand.settle()
    assert window.table.view.isVisible()
    by_building = window.table.which.findData("by_building")
    window.table.which.setCurrentIndex(by_building)
    assert window.table.model.rowCount() >= 3
    files = tmp_path / "views.csv"
    monkeypatch.setattr("gui.window_files.QFileDialog.getSaveFileName", lambda *_: (str(files), ""))
    hand.bot.mouseClick(window.table.export, Qt.MouseButton.LeftButton)
    hand.settle()
    written = [path for path in tmp_path.glob("views*.csv") if "building" in path.name]
    rows = list(csv.DictReader(written[0].read_text(encoding="utf-8-sig").splitlines()))
    lost = [row for row in rows if any(value == "loses it" for value in row.values())]
    assert lost, "block-0 lies behind the tower"
    picture = tmp_path / "views.png"
    monkeypatch.setattr("gui.window_files.QFileDialog.getSaveFileName", lambda *_: (str(picture), ""))
    window.registry.run("file.screenshot")
    hand.settle()
    assert QImage(str(picture)).width() > 300


def test_an_eye_becomes_a_study_with_its_place_and_settings(window: Any, hand: Any, eye: Any) -> None:
    set_in_the_square(window, hand, eye)
    window.inspector.eye.form.put({"eye_height": 2.5, "target_height": 1.0, "reach": 60.0})
    exact(hand, eye)
    hand.bot.mouseClick(window.inspector.eye.study, Qt.MouseButton.LeftButton)
    hand.settle()
    panel, stand = window.inspector.study, eye.stand
    asked = panel.form.parameters()
    assert panel.which.currentData() == "viewshed"
    assert asked.places[0] == pytest.approx((stand.x, stand.y), abs=0.01)
    assert (asked.eye, asked.target, asked.reach, asked.trees) == (2.5, 1.0, 60.0, "none")
    hand.bot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    done(window, hand)
    assert window.desk.document.style(window.desk.document.layers[-1].id).colour_by.startswith("visible")
    assert not eye.on, "the result shows, not what the eye saw"
