"""Places and objects of a study: clicked in the view, typed, taken from the selection; one tool in the hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import Qt

from citymodel.analysis.registry import Study
from citymodel.parameters import Asks, Names, Places


class Asking(BaseModel):
    eyes: Annotated[Places, Asks("places", "Eyes"), Field(max_length=2)] = ()
    church: Annotated[Places, Asks("places", "Church"), Field(max_length=1)] = ()
    blocks: Annotated[Names, Asks("objects", "Blocks")] = ()
    cuts: Annotated[Places, Asks("places", "Cuts", pairs="Cut {name}")] = ()


@pytest.fixture
def form(window: Any, hand: Any, city_file: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    study = Study("asking", "Asking", "What is asked", f"{__name__}:Asking", f"{__name__}:Asking")
    monkeypatch.setattr("gui.requests.known_studies", lambda: {"asking": study})
    hand.open(city_file)
    window.activateWindow()
    window.registry.run("study.other")
    hand.settle()
    return window.inspector.study.form


def click(hand: Any, button: Any) -> None:
    hand.bot.mouseClick(button, Qt.MouseButton.LeftButton)


def flags(window: Any) -> list[str]:
    return [pin.words for pin in window.view.stage.state.pins]


def marked(window: Any) -> dict[str, str]:
    return dict(next(item for item in window.view.stage.state.items if item.kind == "city").marks)


def test_clicks_in_the_view_add_places_until_escape(window: Any, hand: Any, form: Any) -> None:
    eyes = form.fields["eyes"].widget
    click(hand, eyes.pick)
    assert "Click places" in window.status.hand.text()
    for name in ("block-3", "block-0"):
        hand.click(hand.place_of(name))
    (x, y), (u, v) = form.fields["eyes"].value()
    assert 390060 <= x <= 390080
    assert 5820060 <= y <= 5820080
    assert 390000 <= u <= 390020
    assert 5820000 <= v <= 5820020
    assert window.desk.selection is None
    assert flags(window) == ["A", "B"]
    hand.click(hand.place_of("block-1"))
    assert len(form.fields["eyes"].value()) == 2, "the model takes no more than two"
    assert "no more than 2" in window.notices.words.text()
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Escape)
    assert not eyes.pick.isChecked()
    assert window.status.hand.text() == ""
    hand.click(hand.place_of("block-1"))
    assert window.desk.selection == ("blocks-city", "block-1")


def test_places_by_twos_are_lines_with_a_name(window: Any, hand: Any, form: Any) -> None:
    cuts = form.fields["cuts"].widget
    cuts.line.setText("390010 5820010; 390050 5820050; 390020 5820060")
    hand.settle()
    first, begun = window.view.stage.state.pins
    assert (first.words, len(first.line), begun.words, begun.line) == ("Cut A", 2, "Cut B", ())


def test_where_there_is_one_place_a_click_moves_it(window: Any, hand: Any, form: Any) -> None:
    church = form.fields["church"].widget
    click(hand, church.pick)
    hand.click(hand.place_of("block-3"))
    first = form.fields["church"].value()
    hand.click(hand.place_of("block-0"))
    assert len(first) == len(form.fields["church"].value()) == 1
    assert form.fields["church"].value() != first
    assert flags(window) == ["Church"]
    click(hand, church.empty)
    hand.settle()
    assert form.fields["church"].value() == ()
    assert flags(window) == []


def test_typed_places_stand_on_the_city_and_nonsense_is_said(window: Any, hand: Any, form: Any) -> None:
    line = form.fields["eyes"].widget.line
    hand.bot.keyClicks(line, "390070 5820070; 390040 5820010")
    hand.settle()
    assert form.parameters().eyes == ((390070.0, 5820070.0), (390040.0, 5820010.0))
    assert flags(window) == ["A", "B"]
    line.setText("390070")
    assert form.parameters() is None
    assert "is no place" in form.error.text()


def test_objects_are_clicked_and_clicked_away_and_unknown_ones_are_said(window: Any, hand: Any, form: Any) -> None:
    blocks = form.fields["blocks"].widget
    form.put({"blocks": ("gone",)})
    assert blocks.names.text() == "gone (not in the city)"
    click(hand, blocks.pick)
    hand.click(hand.place_of("block-3"))
    hand.click(hand.place_of("block-0"))
    assert form.fields["blocks"].value() == ("gone", "block-3", "block-0")
    assert marked(window)["block-3"] == marked(window)["block-0"] == "selected"
    hand.click(hand.place_of("block-3"))
    assert form.fields["blocks"].value() == ("gone", "block-0")
    assert "block-3" not in marked(window)
    click(hand, blocks.empty)
    assert form.fields["blocks"].value() == ()


def test_the_selection_is_taken_over(window: Any, hand: Any, form: Any) -> None:
    blocks = form.fields["blocks"].widget
    assert not blocks.selection.isEnabled()
    hand.click(hand.place_of("block-2"))
    window.registry.run("study.other")
    click(hand, blocks.selection)
    assert form.fields["blocks"].value() == ("block-2",)


def test_one_tool_is_in_the_hand_and_another_page_puts_it_away(window: Any, hand: Any, form: Any) -> None:
    eyes, blocks = (form.fields[name].widget for name in ("eyes", "blocks"))
    click(hand, eyes.pick)
    click(hand, blocks.pick)
    assert not eyes.pick.isChecked()
    hand.click(hand.place_of("block-2"))
    assert form.fields["eyes"].value() == ()
    window.registry.run("study.point")
    hand.settle()
    assert window.points.active
    assert not blocks.pick.isChecked()
    assert "sun" in window.status.hand.text()
    assert marked(window) == {}, "what a page holds is marked for as long as the page is seen"
    window.registry.run("study.other")
    hand.settle()
    assert marked(window) == {"block-2": "selected"}
    window.files.new()
    assert form.fields["blocks"].value() == ()
