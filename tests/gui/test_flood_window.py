"""A flood in the window while it is computed, and the time bar, gauges and balance of a finished one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import flooding
import numpy as np
import pytest
from flooding import BEGINS, EVERY, HOUR, MemoryFrames, Waterworks
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMessageBox, QStyle, QStyleOptionSlider

from citymodel.analysis.registry import Study
from citymodel.errors import ParameterError
from citymodel.layers import Layer, Style
from gui.time_range import Day, Stretch

WORKS: list[Waterworks] = []


def run(document: Any, parameters: Any, job: Any, control: Any = None) -> Any:
    return WORKS[-1].run(document, parameters, job, control)


def estimate(document: Any, parameters: Any) -> None:
    return None


@pytest.fixture
def works(window: Any, hand: Any, city_file: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    made = Waterworks()
    WORKS.append(made)
    study = Study("flood", "Flood", "Where the water goes", "flooding:FloodAsks", f"{__name__}:run")
    monkeypatch.setattr("gui.requests.known_studies", lambda: {"flood": study})
    monkeypatch.setattr("gui.flood_requests.facts_before", lambda document, parameters: flooding.facts())
    monkeypatch.setattr("gui.flood_requests.storm_of", lambda document, parameters: None)
    hand.open(city_file)
    yield made
    made.step(1000)


def begin(window: Any, hand: Any) -> None:
    window.activateWindow()
    window.show_study("flood")
    hand.bot.mouseClick(window.inspector.study.run, Qt.MouseButton.LeftButton)
    hand.bot.waitUntil(lambda: WORKS[-1].control is not None, timeout=10_000)


def grow(window: Any, hand: Any, works: Any, count: int = 1) -> None:
    """So many frames more, and the window has seen them."""
    live = window.studies.flood
    before = sum(len(one.times) for one in works.made.values())
    told: list[float] = []
    live.grew.connect(lambda: told.append(0.0))
    works.step(count)
    hand.bot.waitUntil(lambda: len(told) >= count, timeout=10_000)
    assert sum(len(one.times) for one in works.made.values()) == before + count


def end(window: Any, hand: Any) -> None:
    hand.bot.waitUntil(lambda: window.studies.job is None, timeout=10_000)
    hand.settle()


def put(window: Any, hand: Any, *rates: float, **more: Any) -> Any:
    """A finished flood on the table."""
    frames = {}
    for state, rate in zip(("base", "scenario"), rates, strict=False):
        frames[state] = MemoryFrames(rate)
        for seconds in np.arange(0.0, HOUR + 1.0, EVERY).tolist():
            frames[state].grow(seconds)
        frames[state].complete = True
    layer = Layer("", "Flood", "result", flooding.result(frames, **more))
    window.desk.project.amend(lambda document: document.with_layer(layer, Style(colour_by="water")))
    hand.settle()
    return window.desk.document.layers[-1]


def layer_names(window: Any) -> list[str]:
    return [one.name for one in window.desk.document.layers]


def test_the_flood_grows_on_the_table_and_becomes_the_result_in_its_place(window: Any, hand: Any, works: Any) -> None:
    begin(window, hand)
    assert window.floods.bar.isVisible()
    grow(window, hand, works, 4)
    layer = window.desk.document.layers[-1]
    assert (layer.kind, list(layer.data.water)) == ("result", ["base"])
    assert layer.data.water["base"] is works.made["base"]
    assert "15\u00a0min of 1\u00a0h" in window.floods.bar.reached.text()
    assert "in 3,075\u00a0m³" in window.floods.bar.water.text()
    assert window.desk.moment == BEGINS + timedelta(minutes=15), "the hand follows the water"
    window.desk.edit("look", lambda document: document.with_style(layer.id, colour_by="water-natural"))
    works.step(100)
    end(window, hand)
    final = window.desk.document.layers[-1]
    assert final.id == layer.id
    assert final.data is not layer.data
    assert window.desk.document.style(final.id).colour_by == "water-natural", "the look that was chosen stays"
    assert not window.floods.bar.isVisible()
    assert layer_names(window) == ["blocks", "Flood"]
    assert window.desk.moment == BEGINS + timedelta(hours=1)


def test_a_flood_compared_with_a_proposal_that_is_not_on_screen_puts_it_there_and_the_menu_another(
    window: Any, hand: Any, works: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from citymodel.scenario import Scenario, SetHeight

    change = SetHeight("blocks-city", "block-0", 40.0)
    both = tuple(Scenario(id, name, (change,)) for id, name in (("a", "Dike"), ("b", "Tower")))
    window.desk.edit("", lambda document: replace(document, scenarios=both, active_scenario="b"))
    said = flooding.facts(scenario={"id": "a", "name": "Dike"})
    monkeypatch.setattr("gui.flood_requests.facts_before", lambda document, parameters: said)
    begin(window, hand)
    assert window.desk.document.active_scenario == "a"
    grow(window, hand, works, 2)
    stage = window.view.stage
    hand.bot.waitUntil(lambda: stage.state.water is not None and not window.desk._resolving, timeout=60_000)
    legend = stage.state.water.legend
    assert legend.title == "Water depth, as it is"
    assert "of the city as it is, without Dike" in legend.notes
    window.proposals.fill()
    entries = {one.text(): one for one in window.proposals.actions()}
    assert [name for name, one in entries.items() if one.isChecked()] == ["Dike"]
    entries["None: the city as it is"].trigger()
    assert not window.desk.document.active_scenario
    window.registry.qt["design.base"].trigger()
    assert window.desk.document.active_scenario == "a", "P goes to and fro between the two that were seen last"


def test_what_is_wrong_before_the_run_is_said_and_nothing_starts(
    window: Any, hand: Any, works: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(document: Any, parameters: Any) -> Any:
        raise ParameterError("river.csv: line 1: no column says its unit")

    monkeypatch.setattr("gui.flood_requests.facts_before", wrong)
    window.activateWindow()
    window.show_study("flood")
    with hand.bot.captureExceptions() as raised:
        hand.bot.mouseClick(window.inspector.study.run, Qt.MouseButton.LeftButton)
    assert not raised
    assert window.studies.job is None
    assert window.notices.isVisible()
    assert window.inspector.study.run.isVisible()


def test_pause_holds_the_water_and_go_on_lets_it_run(window: Any, hand: Any, works: Any) -> None:
    begin(window, hand)
    grow(window, hand, works, 2)
    panel = window.inspector.study
    window.show_study("flood")
    assert panel.hold.isVisible()
    hand.bot.mouseClick(panel.hold, Qt.MouseButton.LeftButton)
    assert works.control.paused
    assert panel.hold.text() == window.floods.bar.hold.text() == "Go on"
    assert "paused" in window.floods.bar.reached.text()
    hand.bot.mouseClick(window.floods.bar.hold, Qt.MouseButton.LeftButton)
    assert not works.control.paused
    grow(window, hand, works, 1)


def test_stop_and_keep_leaves_a_result_that_says_when(window: Any, hand: Any, works: Any) -> None:
    begin(window, hand)
    grow(window, hand, works, 6)
    hand.bot.mouseClick(window.floods.bar.keep, Qt.MouseButton.LeftButton)
    end(window, hand)
    assert layer_names(window) == ["blocks", "Flood, stopped at 25\u00a0min"]
    assert window.floods.span.seconds == 25 * 60.0


def test_cancel_leaves_what_was_before(window: Any, hand: Any, works: Any) -> None:
    earlier = put(window, hand, 1.0)
    before = window.desk.document.styles
    begin(window, hand)
    grow(window, hand, works, 3)
    assert len(window.desk.document.layers) == 3
    assert not window.desk.document.style(earlier.id).visible
    hand.bot.mouseClick(window.floods.bar.hold, Qt.MouseButton.LeftButton)
    hand.bot.mouseClick(window.floods.bar.cancel, Qt.MouseButton.LeftButton)  # a held run has to hear it too
    end(window, hand)
    assert [one.id for one in window.desk.document.layers][-1] == earlier.id
    assert window.desk.document.styles == before
    assert window.inspector.study.note.text() == "Cancelled; nothing was changed."


def test_a_run_that_fails_says_why_and_takes_its_water_away(window: Any, hand: Any, works: Any) -> None:
    begin(window, hand)
    grow(window, hand, works, 2)
    works.fails = True
    works.step()
    end(window, hand)
    assert layer_names(window) == ["blocks"]
    assert "too deep after 10 min" in window.notices.words.text()
    assert isinstance(window.time_bar.range, Day)


def test_taking_the_growing_layer_away_ends_the_run(window: Any, hand: Any, works: Any) -> None:
    begin(window, hand)
    grow(window, hand, works, 2)
    flood = window.desk.document.layers[-1].id
    window.desk.edit("remove", lambda document: document.without_layer(flood))
    end(window, hand)
    assert layer_names(window) == ["blocks"]


def test_another_project_or_a_closed_window_ends_the_run(window: Any, hand: Any, works: Any) -> None:
    from citymodel.project import Project

    begin(window, hand)
    grow(window, hand, works, 2)
    window.studies.flood.hold(True)
    window.desk.use(Project())
    assert works.ended.wait(10.0)
    end(window, hand)
    assert window.desk.document.layers == ()
    assert not window.floods.bar.isVisible()


def test_a_closed_window_ends_a_held_run(window: Any, hand: Any, works: Any, monkeypatch: Any) -> None:
    begin(window, hand)
    grow(window, hand, works, 2)
    window.studies.flood.hold(True)
    monkeypatch.setattr("gui.window_files.QMessageBox.question", lambda *_: QMessageBox.StandardButton.Discard)
    window.close()
    hand.bot.waitUntil(lambda: not window.isVisible(), timeout=5_000)
    assert works.ended.wait(10.0)


def test_an_earlier_moment_lets_go_of_the_growing_water(window: Any, hand: Any, works: Any) -> None:
    begin(window, hand)
    grow(window, hand, works, 4)
    latest = window.floods.bar.latest
    window.time_bar.slider.setValue(0)
    assert window.desk.moment == BEGINS
    assert not latest.isChecked()
    grow(window, hand, works, 2)
    assert window.desk.moment == BEGINS, "looking back is not disturbed"
    hand.bot.mouseClick(latest, Qt.MouseButton.LeftButton)
    assert window.desk.moment == BEGINS + timedelta(minutes=25)
    grow(window, hand, works, 1)
    assert window.desk.moment == BEGINS + timedelta(minutes=30)
    window.time_bar.slider.setValue(window.time_bar.slider.maximum())
    assert window.desk.moment == BEGINS + timedelta(minutes=30), "what is not computed yet is not shown"


def test_base_and_proposal_grow_one_after_the_other(window: Any, hand: Any, works: Any) -> None:
    works.states = ("base", "scenario")
    begin(window, hand)
    grow(window, hand, works, 13)
    grow(window, hand, works, 3)
    layer = window.desk.document.layers[-1]
    assert list(layer.data.water) == ["base", "scenario"]
    assert "10\u00a0min of 1\u00a0h" in window.floods.bar.reached.text()
    works.step(100)
    end(window, hand)
    assert set(window.desk.document.layers[-1].data.water) == {"base", "scenario"}


def test_a_growing_flood_is_not_written_into_the_project(window: Any, hand: Any, works: Any, tmp_path: Path) -> None:
    from citymodel.project import Project

    begin(window, hand)
    grow(window, hand, works, 2)
    window.files.save_to(tmp_path / "town.city")
    hand.bot.waitUntil(lambda: (tmp_path / "town.city").exists(), timeout=20_000)
    assert [one.kind for one in Project.open(tmp_path / "town.city").document.layers] == ["city"]


# --- the time bar ---


def test_the_time_bar_runs_over_the_flood_across_midnight(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0)
    bar = window.time_bar
    assert isinstance(bar.range, Stretch)
    assert window.desk.moment == BEGINS, "a moment beside the flood goes to its start"
    assert bar.clock.text() == "23:30"
    assert bar.since.text() == "+0\u00a0s after the start of the rain"
    bar.slider.setValue(round(0.75 * bar.slider.maximum()))
    assert window.desk.moment == BEGINS + timedelta(minutes=45)
    assert bar.clock.text() == "00:15"
    assert bar.date.date().day() == 15
    assert bar.since.text().startswith("+45\u00a0min")
    assert bar.rain.isVisible()
    assert "30.0 mm in all, 80 mm/h" in bar.rain.toolTip()


def test_a_hidden_flood_gives_the_day_back(window: Any, hand: Any, works: Any) -> None:
    layer = put(window, hand, 1.0)
    window.layers.toggle(layer.id)
    hand.settle()
    bar = window.time_bar
    assert isinstance(bar.range, Day)
    assert not bar.rain.isVisible()
    assert not bar.since.isVisible()
    bar.slider.setValue(12 * 60)
    assert (window.desk.moment.hour, window.desk.moment.minute) == (12, 0)
    window.layers.toggle(layer.id)
    hand.settle()
    assert isinstance(bar.range, Stretch)
    assert window.desk.moment == BEGINS, "noon is no time of this flood"


def test_space_plays_the_flood_and_begins_anew_after_its_end(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0)
    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.waitUntil(window.view.interactor.hasFocus)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Space)
    hand.bot.waitUntil(lambda: window.desk.moment > BEGINS + timedelta(seconds=30), timeout=20_000)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Space)
    assert not window.time_bar.playing
    range_ = window.time_bar.range
    assert range_.next(BEGINS + timedelta(hours=1)) == BEGINS
    hand.settle()


def test_a_click_on_the_rain_moves_the_clock(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0)
    strip = window.time_bar.rain
    hand.bot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() // 2, 8))
    assert abs((window.desk.moment - BEGINS).total_seconds() - HOUR / 2) < HOUR / 100


# --- gauges, balance, water at a place ---


def test_gauges_are_plotted_and_read_at_the_moment(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0, 0.5)
    window.registry.run("water.gauges")
    pane = window.floods.gauges
    hand.bot.waitUntil(lambda: bool(pane.plot.chart.lines), timeout=5_000)
    names = [line.name for line in pane.plot.chart.lines]
    assert names == ["A, as it is", "A, as proposed", "B, as it is", "B, as proposed"]
    assert [line.dashed for line in pane.plot.chart.lines] == [True, False, True, False]
    window.time_bar.slider.setValue(window.time_bar.slider.maximum() // 2)
    assert pane.plot.hand == pytest.approx(HOUR / 2)
    assert [value.text() for value in pane.values] == ["0.50\u00a0m", "0.25\u00a0m", "1.00\u00a0m", "0.50\u00a0m"]
    pane.what.setCurrentIndex(pane.what.findData("discharge"))
    assert pane.plot.chart.unit == "m³/s"
    hand.bot.mouseClick(pane.plot, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert window.floods.span.passed(window.desk.moment) < HOUR / 50
    picture = pane.picture()
    assert picture.width() == 2 * (pane.plot.width() + pane.scroll.width())
    assert {pin.words for pin in window.desk.pins} >= {"A", "B"}


def test_readings_leave_as_a_table(window: Any, hand: Any, works: Any, tmp_path: Path, monkeypatch: Any) -> None:
    put(window, hand, 1.0)
    path = tmp_path / "gauges.csv"
    monkeypatch.setattr("gui.window_flood.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    window.floods.gauges.export_wanted.emit()
    hand.bot.waitUntil(path.exists, timeout=10_000)
    rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[0].split(",")[:3] == ["seconds", "A level base (m)", "B level base (m)"]
    assert rows[-1].split(",")[:3] == ["3600", "31", "32"]
    assert len(rows) == 62


def test_the_balance_says_where_every_cubic_metre_went(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0)
    window.registry.run("water.balance")
    page = window.floods.balance
    assert window.inspector.page() is page
    (said,) = page.sentences
    went = ["into the drains 2,460 m³", "over the south edge 4,100 m³", "still there 5,740 m³", "error 0.00 m³"]
    assert said.replace("\u00a0", " ") == f"rain 12,300 m³ = {' + '.join(went)}"


def test_the_page_of_a_flood_says_its_volumes_and_leads_to_the_balance(window: Any, hand: Any, works: Any) -> None:
    layer = put(window, hand, 1.0, 0.5)
    window.desk.select((layer.id, ""))
    hand.settle()
    volumes = window.inspector.layer.volumes
    assert volumes.said.isVisible()
    said = volumes.said.text().replace("\u00a0", " ").splitlines()
    sums = "12,300 m³ came = 6,560 m³ left + 5,740 m³ still there + error 0.00 m³"
    assert said == [f"As it is: {sums}", f"As proposed: {sums}"]
    hand.bot.mouseClick(volumes.more, Qt.MouseButton.LeftButton)
    assert window.inspector.page() is window.floods.balance
    assert window.floods.balance.of.text() == "Flood"
    window.desk.select(("blocks-city", ""))
    hand.settle()
    assert not volumes.isVisible(), "a city has no volumes"


def test_sections_stand_in_the_scene_as_named_lines(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0, sections=[["A", [[390010.0, 5820010.0], [390050.0, 5820050.0]]]])
    (pin,) = (one for one in window.view.stage.state.pins if one.line)
    assert pin.words == "Section A"
    x, y, _ = window.desk.document.frame.origin
    assert pin.line == ((390010.0 - x, 5820010.0 - y), (390050.0 - x, 5820050.0 - y))
    assert pin.place[:2] == pytest.approx((390030.0 - x, 5820030.0 - y))


def test_a_click_into_the_water_says_how_deep_it_is(window: Any, hand: Any, works: Any) -> None:
    put(window, hand, 1.0)
    window.time_bar.slider.setValue(window.time_bar.slider.maximum() // 2)

    class Hit:
        position = (40.0, 40.0, 0.3)
        object_id = ""
        layer_id = ""

    frame = window.desk.document.frame
    Hit.position = (390040.0 - frame.origin[0], 5820040.0 - frame.origin[1], 30.0 - frame.origin[2])
    window._picked(Hit())
    page = window.floods.water
    assert window.inspector.page() is page
    found = {page.grid.itemAtPosition(k, 0).widget().text(): page.grid.itemAtPosition(k, 1).widget().text()
             for k in range(1, page.grid.rowCount()) if page.grid.itemAtPosition(k, 0)}  # fmt: skip
    assert found["Depth"] == "0.50\u00a0m"
    assert found["Water level"] == "30.50\u00a0m"
    assert found["Speed"] == "0.50\u00a0m/s"
    window.time_bar.slider.setValue(window.time_bar.slider.maximum())
    assert page.grid.itemAtPosition(1, 1).widget().text() == "1.00\u00a0m", "the page goes with the clock"
    assert "Water here" in {pin.words for pin in window.desk.pins}
    hand.bot.mouseClick(page.gauge, Qt.MouseButton.LeftButton)
    assert window.inspector.study.form.fields["gauges"].value() == ((390040.0, 5820040.0),)


# --- a flood without a clock ---


@pytest.fixture(scope="module")
def clockless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `citymodel flood` writes for a case that names no begin: a bowl in the rain, an hour of it."""
    import flood_cases

    from citymodel.analysis.flood.simulate import simulate
    from citymodel.formats.flood_nc import FloodFile

    path = tmp_path_factory.mktemp("flood") / "bowl.nc"
    with FloodFile(path) as file:
        simulate(flood_cases.rained_on(every=300.0), file, device="cpu")
    return path


def seconds_shown(window: Any) -> float:
    return float(window.inspector.state.water.seconds)


def drag(hand: Any, slider: Any, share: float) -> None:
    """Take the slider's handle with the mouse and let go of it at that share of its length."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
    start = slider.style().subControlRect(control, option, part, slider).center()
    end = QPoint(round(share * (slider.width() - 1)), start.y())
    hand.bot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    hand.bot.mouseMove(slider, (start + end) / 2)
    hand.bot.mouseMove(slider, end)
    hand.bot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
    hand.settle()


def test_a_flood_without_a_clock_runs_by_its_own_count(window: Any, hand: Any, clockless: Path) -> None:
    hand.open(clockless)
    noon = window.desk.moment
    bar = window.time_bar
    assert isinstance(bar.range, Stretch)
    assert bar.since.text() == "0\u00a0s after the start"
    assert not any(part.isVisible() for part in (bar.clock, bar.date, bar.zone, bar.sun)), "no clock, no sun"
    assert seconds_shown(window) == 0.0
    drag(hand, bar.slider, 1.0)
    assert bar.since.text() == "1\u00a0h after the start"
    assert seconds_shown(window) == HOUR
    assert "1 h after the start" in window.inspector.state.water.legend.notes
    drag(hand, bar.slider, 0.5)
    assert abs(seconds_shown(window) - HOUR / 2) < HOUR / 50
    assert bar.since.text().endswith("min after the start")
    assert window.desk.moment == noon, "the sun stays where it was"
    assert window.inspector.state.caption.subtitle == "", "a picture of it names no hour"


def test_space_plays_a_flood_without_a_clock(window: Any, hand: Any, clockless: Path) -> None:
    hand.open(clockless)
    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.waitUntil(window.view.interactor.hasFocus)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Space)
    hand.bot.waitUntil(lambda: (window.desk.elapsed or 0.0) > 60.0, timeout=20_000)
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_Space)
    assert not window.time_bar.playing
    hand.settle()
    assert seconds_shown(window) == pytest.approx(window.desk.elapsed)
    window.desk.set_elapsed(HOUR)
    hand.bot.mouseClick(window.time_bar.play, Qt.MouseButton.LeftButton)
    hand.bot.waitUntil(lambda: window.desk.elapsed < HOUR / 2, timeout=20_000)
    hand.bot.mouseClick(window.time_bar.play, Qt.MouseButton.LeftButton)


def test_gauges_and_clicks_go_with_a_flood_without_a_clock(window: Any, hand: Any, clockless: Path) -> None:
    hand.open(clockless)
    window.registry.run("water.gauges")
    pane, bar, page = window.floods.gauges, window.time_bar, window.floods.water
    hand.bot.waitUntil(lambda: bool(pane.plot.chart.lines), timeout=5_000)
    hand.bot.mouseClick(pane.plot, Qt.MouseButton.LeftButton, pos=QPoint(round(pane.plot._x(HOUR / 2)), 60))
    hand.settle()
    assert seconds_shown(window) == pytest.approx(HOUR / 2, rel=0.02)
    assert bar.since.text().startswith("30\u00a0min")
    assert pane.plot.hand == pytest.approx(window.desk.elapsed)
    hand.click(window.view.interactor.rect().center())
    assert window.inspector.page() is page
    assert page.when.text() == "+30\u00a0min after the start"
    earlier = page.grid.itemAtPosition(1, 1).widget().text()
    bar.slider.setFocus()
    hand.bot.keyClick(bar.slider, Qt.Key.Key_Home)
    assert bar.since.text() == "0\u00a0s after the start"
    assert (earlier, page.grid.itemAtPosition(1, 1).widget().text()) == (earlier, "0.00\u00a0m")
    assert earlier != "0.00\u00a0m", "the page goes with the water"


def test_a_clock_comes_back_with_a_flood_that_has_one(window: Any, hand: Any, clockless: Path) -> None:
    hand.open(clockless)
    layer, bar = window.desk.document.layers[-1], window.time_bar
    drag(hand, bar.slider, 1.0)
    put(window, hand, 1.0)
    assert window.desk.elapsed is None
    assert bar.clock.isVisible()
    assert window.desk.moment == BEGINS
    window.layers.toggle(window.desk.document.layers[-1].id)
    hand.settle()
    assert bar.since.text() == "0\u00a0s after the start"
    window.layers.toggle(layer.id)
    hand.settle()
    assert isinstance(bar.range, Day)
    assert bar.sun.isVisible()


def test_water_that_stood_there_at_the_start_is_not_said_to_have_come() -> None:
    from citymodel.analysis.flood.shown import volumes_of
    from gui.balance_panel import sums_words

    said = sums_words(volumes_of({**flooding.volumes(HOUR), "volume_initial": 500.0, "volume_stored": 6240.0}))
    stood, came = "500\u00a0m³ stood there", "12,300\u00a0m³ came"
    assert said.startswith(f"{stood} + {came} = 6,560\u00a0m³ left + 6,240\u00a0m³ still there")
