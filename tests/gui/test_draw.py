"""Drawing tools: walls, basins and culverts by clicks and keys, each one step; their numbers in the inspector."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from test_window import difference

from citymodel.scenario import AddOpening, AddWall, ChangeGround
from gui.drawn import corners_of, with_corners

X, Y = 390000.0, 5820000.0


@pytest.fixture
def town(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.view.top()
    window.activateWindow()
    hand.settle()
    return window


def at(window: Any, x: float, y: float) -> QPoint:
    """Where a place of the square, metres from the city's corner, is in the view."""
    return QPoint(*(round(one) for one in window.view.on_screen(window.picking.local(X + x, Y + y, 30.0))))


def place(window: Any, x: float, y: float) -> tuple[int, int]:
    return at(window, x, y).toTuple()


def draw(window: Any, hand: Any, action: str, *places: tuple[float, float], end: Any = None) -> None:
    window.registry.qt[action].trigger()
    for place in places:
        hand.click(at(window, *place))
    if end is not None:
        hand.bot.keyClick(window.view.interactor, end)
    hand.settle()


def changes(window: Any) -> tuple[Any, ...]:
    scenario = window.desk.document.scenario
    return scenario.changes if scenario is not None else ()


def test_a_wall_is_drawn_by_clicks_and_ended_by_enter(town: Any, hand: Any) -> None:
    before = hand.picture()
    draw(town, hand, "design.wall", (25, 30), (55, 30), (55, 55), end=Qt.Key.Key_Return)
    (wall,) = changes(town)
    assert isinstance(wall, AddWall)
    assert wall.length == pytest.approx(55.0, abs=1.5)
    assert (wall.height, wall.base) == (1.0, None)
    assert not town.tools.draw.active
    assert town.desk.selection == (town.desk.document.scenario.layer_id, wall.id)
    assert town.inspector.page() is town.inspector.drawn
    assert difference(before, hand.picture()) > 0.0005
    assert ("flood-wall", "selected") in {mark for item in town.view.stage.state.items for mark in item.marks}
    town.registry.qt["edit.undo"].trigger()
    hand.settle()
    assert changes(town) == ()
    assert town.inspector.page() is town.inspector.hint


def test_a_double_click_ends_a_basin_and_its_depth_is_typed(town: Any, hand: Any) -> None:
    draw(town, hand, "design.ground", (30, 30), (50, 30), (50, 50))
    assert town.view.stage.draft._actors
    view, place = town.view.interactor, at(town, 30, 50)
    hand.bot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    hand.bot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    hand.settle()
    (basin,) = changes(town)
    assert isinstance(basin, ChangeGround)
    assert (len(basin.outline), basin.by, basin.slope) == (4, -1.0, 2.0)
    assert not town.view.stage.draft._actors
    assert town.view.stage.state.plans[0].selected
    box = town.inspector.drawn.by
    hand.bot.waitUntil(box.hasFocus)
    hand.bot.keyClicks(box, "-2.5")
    hand.bot.keyClick(box, Qt.Key.Key_Return)
    hand.settle()
    assert [one.by for one in changes(town)] == [-2.5]
    town.registry.qt["edit.undo"].trigger()
    assert [one.by for one in changes(town)] == [-1.0]


def test_a_culvert_is_two_clicks_and_del_takes_it_away(town: Any, hand: Any) -> None:
    draw(town, hand, "design.culvert", (30, 40), (50, 40))
    (culvert,) = changes(town)
    assert isinstance(culvert, AddOpening)
    assert culvert.length == pytest.approx(20.0, abs=1.0)
    assert culvert.invert == pytest.approx(30.0, abs=0.3)
    assert culvert.capacity is None
    town.inspector.drawn.capacity.setValue(2.5)
    assert changes(town)[0].capacity == 2.5
    town.inspector.drawn.capacity.setValue(0.0)
    assert changes(town)[0].capacity is None
    town.desk.select(None)
    hand.click(at(town, 40, 40))  # on the line
    assert town.inspector.page() is town.inspector.drawn
    town.registry.qt["design.remove"].trigger()
    hand.settle()
    assert changes(town) == ()


def test_escape_leaves_without_a_trace_and_backspace_goes_back(town: Any, hand: Any) -> None:
    draw(town, hand, "design.wall", (25, 30), (55, 30), (55, 55))
    assert len(town.tools.draw.places) == 3
    hand.bot.keyClick(town.view.interactor, Qt.Key.Key_Backspace)
    assert len(town.tools.draw.places) == 2
    assert town.registry.qt["design.wall"].isChecked()
    hand.bot.keyClick(town.view.interactor, Qt.Key.Key_Escape)
    hand.settle()
    assert not town.tools.draw.active
    assert not town.registry.qt["design.wall"].isChecked()
    assert changes(town) == ()
    assert not town.view.stage.draft._actors


def test_metres_that_are_typed_set_a_place_towards_the_pointer(town: Any, hand: Any) -> None:
    draw(town, hand, "design.wall", (25, 30))
    town.view.pointed.emit(town.view.hit(*place(town, 25, 30)))  # rests where it clicked
    town.view.pointed.emit(town.view.hit(*place(town, 45, 30)))
    hand.bot.keyClicks(town.view.interactor, "33.5")
    assert "33.5" in town.status.hand.text()
    assert math.dist(*[one[:2] for one in town.tools.draw._ahead()]) == pytest.approx(33.5, abs=0.02)
    hand.bot.keyClick(town.view.interactor, Qt.Key.Key_Return)
    assert town.tools.draw.active, "it sets the place, the next Enter ends the wall"
    hand.bot.keyClick(town.view.interactor, Qt.Key.Key_Return)
    (wall,) = changes(town)
    assert wall.length == pytest.approx(33.5, abs=0.02)


def drag(window: Any, hand: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    view, a, b = window.view.interactor, at(window, *start), at(window, *end)
    hand.bot.mousePress(view, Qt.MouseButton.LeftButton, pos=a)
    hand.bot.mouseMove(view, (a + b) / 2)
    hand.bot.mouseMove(view, b)
    hand.bot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=b)
    hand.settle()


def test_a_corner_is_dragged_and_dropped_on_its_neighbour_it_goes(town: Any, hand: Any) -> None:
    draw(town, hand, "design.wall", (25, 30), (55, 30), (55, 55), end=Qt.Key.Key_Return)
    before = town.view.navigation.pose
    drag(town, hand, (55, 55), (25, 55))
    (wall,) = changes(town)
    assert wall.line[2] == pytest.approx((X + 25, Y + 55), abs=0.8)
    assert wall.line[1] == pytest.approx((X + 55, Y + 30), abs=0.8)
    assert town.view.navigation.pose == before, "the map stays"
    drag(town, hand, (25, 55), (55, 30))
    assert len(changes(town)[0].line) == 2
    town.registry.qt["edit.undo"].trigger()
    assert len(changes(town)[0].line) == 3


def test_corners_are_typed_and_a_ring_stays_one(town: Any, hand: Any) -> None:
    draw(town, hand, "design.ground", (30, 30), (50, 30), (50, 50), end=Qt.Key.Key_Return)
    line = town.inspector.drawn.corners
    line.selectAll()
    hand.bot.keyClicks(line, "390030 5820030; 390050 5820030; 390050 5820045; 390030 5820045")
    hand.bot.keyClick(line, Qt.Key.Key_Return)
    assert changes(town)[0].outline[2:] == ((X + 50, Y + 45), (X + 30, Y + 45))
    ring = AddWall("r", "Ring", ((0, 0), (9, 0), (9, 9), (0, 0)), 1.0)
    moved = with_corners(ring, [(1, 1), *corners_of(ring)[1:]])
    assert moved.line == ((1, 1), (9, 0), (9, 9), (1, 1))


def test_a_line_that_crosses_itself_is_said_and_can_be_mended(town: Any, hand: Any) -> None:
    said: list[str] = []
    town.desk.noticed.connect(lambda words, _: said.append(words))
    draw(town, hand, "design.ground", (30, 30), (50, 50), (50, 30), (30, 50), end=Qt.Key.Key_Return)
    assert "crosses itself" in said[-1]
    assert town.tools.draw.active
    hand.bot.keyClick(town.view.interactor, Qt.Key.Key_Backspace)
    hand.bot.keyClick(town.view.interactor, Qt.Key.Key_Return)
    hand.settle()
    assert len(changes(town)[0].outline) == 3


def test_a_crest_made_level_stays_where_its_top_was(town: Any, hand: Any) -> None:
    draw(town, hand, "design.wall", (25, 30), (55, 30), end=Qt.Key.Key_Return)
    page = town.inspector.drawn
    page.crest.setCurrentIndex(1)
    page.crest.activated.emit(1)
    hand.settle()
    wall = changes(town)[0]
    assert wall.base + wall.height == pytest.approx(31.0, abs=0.3)
    page.crest_level.setValue(33.0)
    assert changes(town)[0].base + changes(town)[0].height == pytest.approx(33.0)
    assert len(changes(town)) == 1


def test_a_wall_of_no_height_is_said_and_the_wall_stays_as_it_is(town: Any, hand: Any) -> None:
    said: list[str] = []
    town.desk.noticed.connect(lambda words, _: said.append(words))
    draw(town, hand, "design.wall", (25, 30), (55, 30), end=Qt.Key.Key_Return)
    box = town.inspector.drawn.height
    for typed in ("0", "150"):
        box.selectAll()
        hand.bot.keyClicks(box, typed)
        hand.bot.keyClick(box, Qt.Key.Key_Return)
        assert "the height of 'Flood wall'" in said[-1]
        assert (box.value(), changes(town)[0].height) == (1.0, 1.0)


def test_a_click_on_the_line_of_a_wall_selects_it(town: Any, hand: Any) -> None:
    draw(town, hand, "design.wall", (25, 30), (55, 30), end=Qt.Key.Key_Return)
    town.desk.select(None)
    hand.settle()
    middle = town.view.stage.plans.lines["flood-wall"][8]
    x, y = town.view.on_screen(tuple(float(one) for one in middle))
    hand.click(QPoint(round(x), round(y) + 4))
    assert town.inspector.page() is town.inspector.drawn
    town.desk.select(None)
    hand.click(QPoint(round(x), round(y) + 30))
    assert town.inspector.page() is not town.inspector.drawn


def test_two_walls_are_two_objects(town: Any, hand: Any) -> None:
    draw(town, hand, "design.wall", (25, 30), (55, 30), end=Qt.Key.Key_Return)
    draw(town, hand, "design.wall", (25, 50), (55, 50), end=Qt.Key.Key_Return)
    assert [one.name for one in changes(town)] == ["Flood wall", "Flood wall 2"]
    model = next(one for one in town.view.stage.state.items if one.layer_id.startswith("scenario")).data
    assert len(set(model.objects.ids)) == len(model.objects.ids)


def test_the_base_beside_the_proposal_has_neither_wall_nor_outline(town: Any, hand: Any) -> None:
    draw(town, hand, "design.ground", (30, 30), (50, 30), (50, 50), end=Qt.Key.Key_Return)
    town.registry.qt["design.swipe"].trigger()
    hand.settle()
    left, right = town.view.swipe.stages()
    assert left.state.plans == ()
    assert len(right.state.plans) == 1
    town.registry.qt["design.swipe"].trigger()
    hand.settle()
    town.registry.qt["design.base"].trigger()
    hand.settle()
    assert town.view.stage.state.plans == ()
