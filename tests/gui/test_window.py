"""The window, driven as a person drives it: real clicks, real keys, real pixels."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)


def difference(a: QImage, b: QImage) -> float:
    """Share of pixels that differ clearly."""
    return float((np.abs(pixels(a) - pixels(b)).max(axis=2) > 12).mean())


def test_an_empty_window_says_what_to_do_next(window: Any) -> None:
    assert window.middle.currentWidget() is window.start
    assert window.start.sample.isVisible()
    assert not window.registry.qt["file.save"].isEnabled()


def test_a_file_opens_and_is_seen(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    assert [layer.name for layer in window.desk.document.layers] == ["blocks"]
    assert window.middle.currentWidget() is window.view
    assert len(np.unique(pixels(hand.picture()).reshape(-1, 3), axis=0)) > 50
    assert "blocks" in window.windowTitle()


def test_a_file_dropped_into_the_window_opens(window: Any, hand: Any, city_file: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(city_file))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, buttons, keys))
    hand.settle()
    assert len(window.desk.document.layers) == 1
    assert window.memory.recent() == [str(city_file)]


def test_what_is_dropped_on_the_picture_goes_to_the_project_too(window: Any) -> None:
    assert not window.view.interactor.acceptDrops()
    assert window.acceptDrops()


def test_the_eye_in_the_layer_tree_hides_the_city(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    before = hand.picture()
    row = window.layers.rows()["blocks-city"]
    tree = window.layers.tree
    place = tree.visualItemRect(row)
    eye = QPoint(tree.header().sectionPosition(1) + 15, place.center().y())
    hand.bot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=eye)
    hand.settle()
    assert not window.desk.document.style("blocks-city").visible
    assert difference(before, hand.picture()) > 0.05
    window.registry.run("edit.undo")
    hand.settle()
    assert window.desk.document.style("blocks-city").visible


def test_a_click_on_a_building_shows_what_it_is(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    hand.click(hand.place_of("block-3"))
    panel = window.inspector.object
    assert window.inspector.page() is panel
    assert panel.title.text() == "block-3"
    head = panel.attributes.topLevelItem(0)
    shown = {head.child(at).text(0): head.child(at).text(1) for at in range(head.childCount())}
    assert shown["use"] == "homes"
    assert shown["floors"] == "5"
    assert panel.height_box.value() == 30.0


def test_a_building_is_pulled_up_and_undo_takes_it_back(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    hand.click(hand.place_of("block-0"))
    before = hand.picture()
    box = window.inspector.object.height_box
    box.setFocus()
    box.selectAll()
    hand.bot.keyClicks(box, "70")
    hand.bot.keyClick(box, Qt.Key.Key_Return)
    hand.settle()
    assert window.desk.document.scenario.changes[0].height == 70.0
    assert not box.hasFocus()  # letters are shortcuts again
    assert difference(before, hand.picture()) > 0.005
    window.registry.run("edit.undo")
    hand.settle()
    assert window.desk.document.scenario is None
    assert difference(before, hand.picture()) < 0.002


def test_a_building_is_removed_and_a_new_one_added(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    hand.click(hand.place_of("block-2"))
    window.registry.run("design.remove")
    hand.settle()
    ids = window.inspector.shown_layer("blocks-city").data.objects.ids
    assert "block-2" not in ids
    window.registry.run("design.box")
    hand.settle()
    assert [type(one).__name__ for one in window.desk.document.scenario.changes] == ["RemoveObject", "AddBox"]
    assert window.inspector.page() is window.inspector.object
    window.registry.run("design.base")
    hand.settle()
    assert "block-2" in window.inspector.shown_layer("blocks-city").data.objects.ids


def test_the_hand_pans_orbits_and_zooms_and_never_dives(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    view, navigation = window.view.interactor, window.view.navigation
    middle = view.rect().center()

    def drag(button: Qt.MouseButton, step: QPoint) -> None:
        hand.bot.mousePress(view, button, pos=middle)
        for share in (1, 2, 3):
            hand.bot.mouseMove(view, middle + step * share / 3)
            move = middle + step * share / 3
            _move(view, move, button)
        hand.bot.mouseRelease(view, button, pos=middle + step)

    start = navigation.pose
    drag(Qt.MouseButton.LeftButton, QPoint(120, 40))
    panned = navigation.pose
    assert panned.heading == start.heading
    assert panned.position[2] == start.position[2]
    assert panned.position[:2] != start.position[:2]
    drag(Qt.MouseButton.RightButton, QPoint(90, -400))
    turned = navigation.pose
    assert abs(turned.heading - start.heading) > 5
    assert turned.down >= 3.0
    assert turned.position[2] > window.view.bounds[2]
    far = np.linalg.norm(np.subtract(turned.position, turned.focus))
    keys, none = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    for _ in range(30):
        wheel = QWheelEvent(QPointF(middle), QPointF(middle), QPoint(), QPoint(0, 120), none, keys,
                            Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(view, wheel)
    near = navigation.pose
    assert np.linalg.norm(np.subtract(near.position, near.focus)) < far / 5
    assert near.position[2] > window.view.bounds[2]
    hand.settle()


def _move(view: Any, place: QPoint, button: Qt.MouseButton) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    at = QPointF(place)
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), button, button, keys))


def test_the_keys_h_n_and_t_move_the_camera(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    view = window.view.interactor
    window.activateWindow()
    view.setFocus()
    hand.bot.waitUntil(view.hasFocus)
    hand.bot.keyClick(view, Qt.Key.Key_N)
    assert abs(window.view.navigation.pose.heading) < 0.1
    hand.bot.keyClick(view, Qt.Key.Key_T)
    assert window.view.navigation.pose.down > 89
    hand.bot.keyClick(view, Qt.Key.Key_H)
    assert 30 < window.view.navigation.pose.down < 40
    hand.settle()


def test_the_time_slider_moves_the_sun(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    noon = hand.picture()
    said = window.time_bar.sun.text()
    window.time_bar.slider.setValue(17 * 60)
    hand.settle()
    assert window.desk.moment.hour == 17
    assert window.time_bar.sun.text() != said
    assert difference(noon, hand.picture()) > 0.01


def test_a_project_is_saved_and_opened_again(window: Any, hand: Any, city_file: Path, tmp_path: Path) -> None:
    hand.open(city_file)
    hand.click(hand.place_of("block-0"))
    window.inspector.object.height_box.setValue(44.0)
    hand.settle()
    path = tmp_path / "quarter.city"
    window.files.save_to(path)
    hand.settle()
    assert path.exists()
    window.desk.open_paths([path])
    hand.settle()
    assert window.desk.project.path == path
    assert window.desk.document.scenario.changes[0].height == 44.0
    assert window.desk.project.undo_label == ""


def test_a_broken_file_is_said_in_plain_words(window: Any, hand: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.las"
    path.write_bytes(b"LASF" + b"\0" * 40)
    hand.open(path)
    assert window.notices.isVisible()
    assert "broken.las" in window.notices.words.text()
    assert window.jobs.rows[0].details.isVisibleTo(window.jobs.rows[0])


def test_a_cancelled_load_leaves_the_way_free_for_the_next(window: Any, hand: Any, city_file: Path) -> None:
    window.desk.open_paths([city_file])
    for job in window.desk.bridge.running:
        job.cancel()
    hand.settle()
    assert not window.desk.loading
    if not window.desk.document.layers:  # it may have ended before it was cancelled
        hand.open(city_file)
    assert len(window.desk.document.layers) == 1


def test_several_files_come_in_one_step_and_a_broken_one_stops_no_other(
    window: Any, hand: Any, city_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.las"
    broken.write_bytes(b"LASF" + b"\0" * 40)
    window.desk.open_paths([broken, city_file])
    hand.settle()
    assert len(window.desk.document.layers) == 1
    assert "broken.las" in window.notices.words.text()


def test_a_file_without_a_crs_asks_and_the_answer_is_kept(window: Any, hand: Any, city_file: Path) -> None:
    import json

    from gui.crs_prompt import CrsPrompt

    data = json.loads(city_file.read_text())
    del data["metadata"]
    city_file.write_text(json.dumps(data))
    hand.open(city_file)
    prompt = window.findChild(CrsPrompt)
    assert prompt.isVisible()
    prompt.line.setText("25833")
    prompt.accept()
    hand.settle()
    assert window.desk.document.frame.crs == "EPSG:25833"
    assert next(iter(window.desk.document.sources.values())).crs == "EPSG:25833"


def test_the_palette_finds_and_runs_a_command(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    window.registry.run("palette")
    palette = window.command_palette
    hand.bot.keyClicks(palette.line, "above")
    assert palette.list.topLevelItemCount() == 1
    hand.bot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.view.navigation.pose.down > 89
    hand.settle()


def test_closing_leaves_no_thread_behind(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    window.desk.project._saved = window.desk.document
    window.close()
    hand.bot.waitUntil(
        lambda: not [one for one in threading.enumerate() if one.name.startswith("citymodel")], timeout=10_000
    )
