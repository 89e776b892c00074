"""The eye's own view: a second pane that follows the eye, is turned by hand, and can be kept as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QOpenGLContext, QSurface, QWheelEvent
from PySide6.QtWidgets import QApplication
from test_eye import exact, eye, set_in_the_square
from test_window import difference, pixels

__all__ = ["eye"]


@pytest.fixture
def pane(window: Any, hand: Any, eye: Any) -> Any:
    set_in_the_square(window, hand, eye)
    hand.bot.mouseClick(window.inspector.eye.pane, Qt.MouseButton.LeftButton)
    hand.settle()
    assert window.eye_pane.isVisible()
    return window.eye_pane


def drawn(hand: Any, pane: Any) -> Any:
    hand.bot.waitUntil(lambda: not pane._soon.isActive(), timeout=20_000)
    hand.settle()
    return pane.picture()


def test_it_looks_from_eye_height_and_follows_the_eye(window: Any, hand: Any, eye: Any, pane: Any) -> None:
    camera = pane.interactor.camera
    before = drawn(hand, pane)
    assert camera.position[2] == pytest.approx(1.7 + eye.stand.z - window.desk.document.frame.origin[2], abs=1e-3)
    assert len(set(map(tuple, pixels(before).reshape(-1, 3)))) > 20
    eye.put(390040.0, 5820030.0, None, (390040.0, 5820030.0))
    exact(hand, eye)
    assert difference(before, drawn(hand, pane)) > 0.02
    assert camera.position[:2] == pytest.approx(window.picking.local(390040.0, 5820030.0, 0.0)[:2], abs=1e-3)


def test_it_is_turned_by_the_hand_and_the_wheel_zooms(window: Any, hand: Any, eye: Any, pane: Any) -> None:
    pane.look(0.0)
    view, heading, width = pane.interactor, pane.gaze.heading, pane.gaze.width
    drawn(hand, pane)
    assert "north" in pane.words.text()
    middle = view.rect().center()
    hand.bot.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    hand.bot.mouseMove(view, middle - QPoint(view.width() // 4, 0))
    hand.bot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle)
    assert pane.gaze.heading == pytest.approx((heading + width / 4) % 360.0, abs=1.0)
    hand.bot.keyClick(view, Qt.Key.Key_Right)
    assert pane.gaze.heading == pytest.approx((heading + width / 4 + 5.0) % 360.0, abs=1.0)
    place = QPointF(view.rect().center())
    none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(view, QWheelEvent(place, view.mapToGlobal(place), QPoint(), QPoint(0, 120), *none))
    assert pane.gaze.width == width - 5.0
    drawn(hand, pane)
    assert "looking" in pane.words.text()
    assert window.view.stage.state.pins[0].gaze == (pane.gaze.heading, pane.gaze.width)


def test_keys_in_the_pane_walk_where_it_looks(window: Any, hand: Any, eye: Any, pane: Any) -> None:
    pane.look(90.0)
    x, y = eye.stand.x, eye.stand.y
    pane.interactor.setFocus()
    hand.bot.keyClick(pane.interactor, Qt.Key.Key_W)
    assert (eye.stand.x, eye.stand.y) == (pytest.approx(x + 1.0), pytest.approx(y))
    hand.bot.keyClick(pane.interactor, Qt.Key.Key_A)
    assert (eye.stand.x, eye.stand.y) == (pytest.approx(x + 1.0), pytest.approx(y + 1.0))
    exact(hand, eye)


def test_base_and_proposal_switch_with_the_map(window: Any, hand: Any, eye: Any, pane: Any) -> None:
    from citymodel.scenario import SetHeight

    pane.look(45.0)  # towards block-3
    before = drawn(hand, pane)
    assert "as it is" in pane.words.text()
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-3", 6.0), "Lower"))
    hand.bot.wait(300)
    hand.settle()
    after = drawn(hand, pane)
    assert difference(before, after) > 0.05
    assert "Lower" in pane.words.text()
    hand.bot.mouseClick(pane.proposal, Qt.MouseButton.LeftButton)
    hand.bot.wait(300)
    hand.settle()
    assert difference(before, drawn(hand, pane)) < 0.02


def test_it_is_enlarged_kept_and_closed(window: Any, hand: Any, eye: Any, pane: Any, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    small = pane.height()
    hand.bot.mouseClick(pane.large, Qt.MouseButton.LeftButton)
    hand.settle()
    assert pane.height() > 1.4 * small
    path = tmp_path / "eye.png"
    monkeypatch.setattr("gui.window_files.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    hand.bot.mouseClick(pane.save, Qt.MouseButton.LeftButton)
    hand.bot.waitUntil(path.exists, timeout=20_000)
    hand.settle()
    kept = QImage(str(path))
    assert kept.width() == pane.interactor.width()
    assert kept.height() > pane.interactor.height() + 30, "words below say where it was taken"
    window.eye.take_away()
    hand.settle()
    assert not pane.isVisible()
    assert not window.inspector.eye.pane.isChecked()


def test_in_the_narrowest_window_its_buttons_are_whole(window: Any, hand: Any, pane: Any) -> None:
    window.resize(window.minimumSize())
    hand.settle()
    for button in (pane.large, pane.save, pane.proposal):
        assert button.width() >= button.sizeHint().width()
        assert pane.rect().contains(button.geometry())


def test_a_closed_window_holds_nothing_of_qt_s_own_graphics(window: Any, hand: Any, eye: Any, pane: Any) -> None:
    views = [window.view.interactor, pane.interactor]
    assert [bool(held(one)) for one in views] == [True, True]
    window.desk.project._saved = window.desk.document
    window.close()
    assert [held(one) for one in views] == [[], []]


def held(interactor: Any) -> list[Any]:
    """What a view keeps of the graphics that Qt made for it, and deletes without a word to Python."""
    return [one for one in vars(interactor).values() if isinstance(one, (QSurface, QOpenGLContext))]
