"""The eye tool: set, dragged and walked by hand; what it sees lies on the city, before and after a proposal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from test_window import difference

from citymodel.legends_seen import HIDDEN, NEWLY_HIDDEN, NEWLY_SEEN, SEEN
from citymodel.scenario import AddBox, SetHeight


@pytest.fixture
def eye(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.waitUntil(window.view.interactor.hasFocus)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_E)
    hand.settle()
    assert window.eye.active
    assert window.inspector.page() is window.inspector.eye
    return window.eye


def exact(hand: Any, eye: Any) -> None:
    def there() -> bool:
        seen = eye.seen
        return seen is not None and seen.exact and seen.stand == eye.stand and seen.parameters == eye.parameters

    hand.bot.waitUntil(there, timeout=60_000)
    hand.settle()


def at(window: Any, x: float, y: float, z: float = 30.0) -> QPoint:
    """Where a place of the city's CRS is in the view."""
    return QPoint(*(round(one) for one in window.view.on_screen(window.picking.local(x, y, z))))


def set_in_the_square(window: Any, hand: Any, eye: Any) -> None:
    hand.click(at(window, 390045.0, 5820045.0))
    exact(hand, eye)


def legend(window: Any) -> Any:
    return next(one for one in window.view.stage.state.caption.legends if one.title == "What the eye sees")


def test_a_click_on_the_ground_lights_up_what_is_seen_from_there(window: Any, hand: Any, eye: Any) -> None:
    before = hand.picture()
    set_in_the_square(window, hand, eye)
    assert (eye.stand.where, round(eye.stand.z, 1)) == ("ground", 30.0)
    assert abs(eye.stand.x - 390045.0) < 1.0
    assert difference(before, hand.picture()) > 0.05
    assert window.view.stage.state.drape.replaces
    assert [pin.words for pin in window.view.stage.state.pins] == ["Eye"]
    assert legend(window).notes[0] == "exact"
    assert [words for _, words in legend(window).classes][:2] == ["visible", "hidden"]
    assert "On the ground" in window.inspector.eye.place.text()
    assert window.inspector.eye.table.isVisible()
    assert window.desk.selection is None


def test_the_pin_is_dragged_and_a_quick_picture_follows_it(window: Any, hand: Any, eye: Any) -> None:
    set_in_the_square(window, hand, eye)
    view, camera = window.view.interactor, window.view.navigation.pose
    quick: list[bool] = []
    eye.changed.connect(lambda: eye.seen is not None and quick.append(not eye.seen.exact))
    start = at(window, eye.stand.x, eye.stand.y)
    hand.bot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for x, y in ((390042.0, 5820040.0), (390040.0, 5820035.0), (390035.0, 5820030.0)):
        hand.bot.mouseMove(view, at(window, x, y))
        hand.bot.wait(60)
    hand.bot.waitUntil(lambda: any(quick), timeout=20_000)
    hand.bot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(window, 390035.0, 5820030.0))
    exact(hand, eye)
    assert abs(eye.stand.x - 390035.0) < 1.0
    assert abs(eye.stand.y - 5820030.0) < 1.0
    assert window.view.navigation.pose == camera, "the map stays where it is while the hand holds the pin"


def test_keys_walk_away_from_the_viewer_and_stop_at_a_wall(window: Any, hand: Any, eye: Any) -> None:
    from gui.pose import Pose

    window.view.navigation.arrive(Pose.around((45.0, 45.0, 30.0), 0.0, 60.0, 300.0))
    eye.put(390070.0, 5820045.0, 30.0, (390070.0, 5820000.0))
    exact(hand, eye)
    view = window.view.interactor
    hand.bot.keyClick(view, Qt.Key.Key_W)
    assert eye.stand.y == pytest.approx(5820046.0)
    hand.bot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert eye.stand.x == pytest.approx(390075.0)
    for _ in range(30):
        hand.bot.keyClick(view, Qt.Key.Key_Up)
    assert 5820058.0 < eye.stand.y <= 5820060.5, "block-3 begins at 60"
    assert "in the way" in window.inspector.eye.warning.text()
    hand.bot.keyClick(view, Qt.Key.Key_D)
    assert window.desk.document.scenario is None, "D is a step to the right now, not a new building"
    exact(hand, eye)


def test_inside_a_building_it_is_said_and_the_roof_is_offered(window: Any, hand: Any, eye: Any) -> None:
    eye.put(390010.0, 5820010.0, None, (390010.0, 5820010.0))
    hand.settle()
    page = window.inspector.eye
    assert "inside a building" in page.warning.text()
    hand.bot.mouseClick(page.roof, Qt.MouseButton.LeftButton)
    exact(hand, eye)
    assert eye.stand.where == "roof"
    assert "On the roof" in page.place.text()
    assert not page.roof.isVisible()
    assert any("above the roof" in note for note in legend(window).notes)


def test_a_proposal_under_the_eye_shows_four_classes_and_follows_its_height(window: Any, hand: Any, eye: Any) -> None:
    set_in_the_square(window, hand, eye)
    yard = ((390025.0, 5820040.0), (390032.0, 5820040.0), (390032.0, 5820055.0), (390025.0, 5820055.0))
    window.desk.edit("", lambda d: d.with_change(AddBox("tower", "Tower", yard, 40.0), "Tower"))
    hand.bot.waitUntil(lambda: eye.seen is not None and eye.seen.compared, timeout=60_000)
    exact(hand, eye)
    areas = eye.seen.areas()
    assert areas[NEWLY_HIDDEN] > 20.0
    assert areas[SEEN] > areas[NEWLY_SEEN]
    assert [words for _, words in legend(window).classes][:4] == [
        "seen in both", "newly hidden", "newly seen", "hidden in both",
    ]  # fmt: skip
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-0", 60.0), "Tower"))
    hand.bot.wait(400)
    exact(hand, eye)
    window.registry.run("design.base")
    hand.bot.waitUntil(lambda: eye.seen is not None and not eye.seen.compared, timeout=60_000)
    exact(hand, eye)
    assert set(eye.seen.areas()) == {SEEN, HIDDEN}


def test_escape_lets_clicks_select_while_the_eye_stays_and_e_takes_it_away(window: Any, hand: Any, eye: Any) -> None:
    before = hand.picture()
    set_in_the_square(window, hand, eye)
    view, action = window.view.interactor, window.registry.qt["view.eye"]
    hand.bot.keyClick(view, Qt.Key.Key_Escape)
    hand.settle()  # the pane below is open now, and the view has its size
    hand.click(hand.place_of("block-3"))
    assert window.desk.selection == ("blocks-city", "block-3")
    assert action.isChecked()
    assert window.view.stage.state.drape is not None
    view.setFocus()
    hand.bot.keyClick(view, Qt.Key.Key_E)
    assert eye.active
    window.desk.select(None)
    hand.bot.keyClick(view, Qt.Key.Key_E)
    hand.settle()
    assert not action.isChecked()
    assert window.view.stage.state.drape is None
    assert window.view.stage.state.pins == ()
    assert difference(before, hand.picture()) < 0.01


def test_the_settings_of_the_page_count(window: Any, hand: Any, eye: Any) -> None:
    set_in_the_square(window, hand, eye)
    seen = eye.seen.areas()[SEEN]
    form = window.inspector.eye.form
    form.put({"reach": 20.0})
    exact(hand, eye)
    assert sum(eye.seen.areas().values()) == pytest.approx(1257.0, rel=0.03)
    form.put({"reach": None, "surface": "bare"})
    hand.bot.waitUntil(lambda: eye.live.surface == "bare", timeout=20_000)
    exact(hand, eye)
    assert eye.seen.areas()[SEEN] > seen
