"""What a planner does all day: play, save before leaving, open again, work by the keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from citymodel.scenario import AddBox


def answer(monkeypatch: Any, button: QMessageBox.StandardButton) -> list[str]:
    asked: list[str] = []

    def question(_parent: Any, title: str, *_: Any) -> QMessageBox.StandardButton:
        asked.append(title)
        return button

    monkeypatch.setattr(QMessageBox, "question", question)
    return asked


def propose(window: Any) -> None:
    window.registry.run("design.box")


def test_space_presses_the_button_that_has_the_focus(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    hand.click(hand.place_of("block-3"))
    button = window.inspector.object.remove
    window.activateWindow()
    button.setFocus()
    hand.bot.waitUntil(button.hasFocus)
    hand.bot.keyClick(button, Qt.Key.Key_Space)
    hand.settle()
    assert not window.time_bar._timer.isActive()
    assert [type(one).__name__ for one in window.desk.document.scenario.changes] == ["RemoveObject"]


def test_space_in_the_layer_tree_hides_the_layer(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    window.desk.select(("blocks-city", ""))
    window.activateWindow()
    window.layers.tree.setFocus()
    hand.bot.waitUntil(window.layers.tree.hasFocus)
    hand.bot.keyClick(window.layers.tree, Qt.Key.Key_Space)
    hand.settle()
    assert not window.desk.document.style("blocks-city").visible
    assert not window.time_bar._timer.isActive()


def test_the_shade_follows_while_the_day_plays(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    window.time_bar.shadows.click()
    hand.settle()
    drapes: list[Any] = []
    window.desk.scene_resolved.connect(lambda found: drapes.append(found[1].drape))
    window.time_bar.toggle()
    hand.bot.waitUntil(lambda: len({id(one) for one in drapes if one is not None}) > 2, timeout=30_000)
    window.time_bar.stop()
    hand.settle()
    assert [row.job.name for row in window.jobs.rows].count("Prepare the shadows") == 1


def test_layers_move_past_each_other_within_their_group(window: Any, hand: Any, city_file: Path) -> None:
    other = city_file.with_name("more.city.json")
    other.write_bytes(city_file.read_bytes())
    hand.open(city_file, other)
    tree = window.layers
    tree._choose("blocks-city")
    before, undo = [layer.id for layer in window.desk.document.layers], window.desk.project.undo_label
    tree._move(-1)  # it is the lowest already
    assert window.desk.project.undo_label == undo
    tree._move(1)
    assert [layer.id for layer in window.desk.document.layers] == before[::-1]


def test_saving_before_leaving_goes_on_to_leave(
    window: Any, hand: Any, city_file: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    hand.open(city_file)
    window.desk.project.path = tmp_path / "mine.city"
    propose(window)
    hand.settle()
    asked = answer(monkeypatch, QMessageBox.StandardButton.Save)
    window.files.new()
    hand.settle()
    assert len(asked) == 1
    assert (tmp_path / "mine.city").exists()
    assert window.desk.document.layers == ()


def test_opening_a_project_asks_before_unsaved_work_goes(
    window: Any, hand: Any, city_file: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    hand.open(city_file)
    window.files.save_to(tmp_path / "old.city")
    hand.settle()
    propose(window)
    asked = answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    window.files.open_paths([str(tmp_path / "old.city")])
    hand.settle()
    assert len(asked) == 1
    assert isinstance(window.desk.document.scenario.changes[0], AddBox)


def test_what_a_study_found_is_work_to_be_saved(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    assert not window.files.has_work
    window.registry.run("study.sun")
    window.inspector.study.form.put({"step": 60})
    window.inspector.study.run.click()
    hand.settle()
    assert window.files.has_work
    window.registry.run("edit.undo")
    hand.settle()
    assert window.desk.document.layers == ()


def test_a_load_that_ends_after_another_project_was_opened_adds_nothing(
    window: Any, hand: Any, city_file: Path
) -> None:
    window.desk.open_paths([city_file])
    window.files.new()
    hand.settle()
    assert window.desk.document.layers == ()
    assert not window.desk.loading


def test_files_opened_before_are_in_the_menu(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    window.recent.aboutToShow.emit()
    assert window.recent.actions()[0].text() == str(city_file)
    window.files.new()
    window.recent.actions()[0].trigger()
    hand.settle()
    assert len(window.desk.document.layers) == 1


def test_several_files_without_a_crs_ask_once(window: Any, hand: Any, city_file: Path) -> None:
    from gui.crs_prompt import CrsPrompt

    data = json.loads(city_file.read_text(encoding="utf-8"))
    del data["metadata"]
    paths = [city_file.with_name(f"tile{number}.city.json") for number in range(3)]
    for path in paths:
        path.write_text(json.dumps(data))
    hand.open(*paths, city_file)
    prompts = window.findChildren(CrsPrompt)
    assert len(prompts) == 1
    assert prompts[0].list.item(0).text().startswith("EPSG:25833")
    assert "2" in prompts[0].title.text()
    prompts[0].line.setText("25833")
    prompts[0].accept()
    hand.settle()
    assert len(window.desk.document.layers) == 4


def test_the_ground_is_named_but_not_taken_away(window: Any, hand: Any, city_file: Path) -> None:
    data = json.loads(city_file.read_text(encoding="utf-8"))
    data["CityObjects"]["block-3"]["type"] = "TINRelief"
    city_file.write_text(json.dumps(data), encoding="utf-8")
    hand.open(city_file)
    hand.click(hand.place_of("block-3"))
    assert window.inspector.object.kind.text().startswith("TIN relief")
    assert not window.inspector.object.remove.isEnabled()
    assert not window.registry.qt["design.remove"].isEnabled()
    hand.click(hand.place_of("block-0"))
    assert window.registry.qt["design.remove"].isEnabled()
