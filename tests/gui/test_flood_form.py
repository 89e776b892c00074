"""The form of a flood: a storm that is seen as it is chosen, what a planner is asked, what an engineer finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gui.storm_preview import StormPreview


@pytest.fixture
def form(window: Any, hand: Any, city_file: Path) -> Any:
    hand.open(city_file)
    window.activateWindow()
    window.registry.run("study.flood")
    return window.inspector.study.form


def test_the_storm_is_drawn_and_said_as_it_is_chosen(form: Any, hand: Any) -> None:
    (preview,) = form.findChildren(StormPreview)
    hand.bot.waitUntil(lambda: "once in 100 years" in preview.words.text(), timeout=20_000)
    assert " mm in 60 min, " in preview.words.text()
    assert "replace it by the table" in preview.doubts.text(), "a rough statistic says that it is rough"
    assert sum(rate > 0 for rate in preview.picture.rates) == 12
    form.put({"rain": "depth", "depth": 46.0, "shape": "uniform"})
    hand.bot.waitUntil(lambda: preview.words.text() == "46.0 mm in 60 min, 46 mm/h at the heaviest.", timeout=20_000)
    form.put({"rain": "none"})
    assert not preview.isVisible()


def test_a_late_answer_never_shows_the_storm_of_a_form_without_rain(form: Any, hand: Any) -> None:
    (preview,) = form.findChildren(StormPreview)
    hand.bot.waitUntil(lambda: bool(preview.words.text()), timeout=20_000)
    late = preview.storm(form.parameters())
    form.put({"rain": "none"})
    preview._show(late)
    assert not preview.isVisible()
    assert late.words[0] in preview.words.text()


def test_a_planner_sees_no_manning_and_an_engineer_finds_it(form: Any) -> None:
    heads = [head.text() for head, _ in form._heads if head.isVisible()]
    assert heads == ["Rain", "Rivers and other water", "Ground and buildings", "What is looked at", "What to report"]
    shown = {name for name, asked in form.fields.items() if asked.widget.isVisible()}
    assert {"years", "duration", "buildings", "gauges", "hazard"} <= shown
    assert not shown & {"manning", "scheme", "infiltration", "cell", "depth", "series"}
    form.fold.click()
    form.put({"roughness": "uniform"})
    assert form.fields["manning"].widget.isVisible()
    assert form.fields["scheme"].widget.isVisible()


def test_the_flood_begins_on_the_day_on_screen(form: Any, window: Any) -> None:
    assert form.parameters().day == window.desk.moment.date()
    assert form.parameters().zone == str(window.desk.moment.tzinfo)
