"""A result whose proposal changed says so, and is computed anew in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from citymodel.scenario import SetHeight


def test_a_result_that_no_longer_stands_says_so_and_is_recomputed(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-1", 50.0), "Tower"))
    window.registry.run("study.sun")
    window.inspector.study.form.put({"step": 60})
    hand.bot.mouseClick(window.inspector.study.run, Qt.MouseButton.LeftButton)
    hand.settle()
    panel, old = window.inspector.layer, window.desk.document.layers[-1]
    assert not panel.stale.isVisible()
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-1", 20.5)))
    hand.settle()
    assert panel.stale.isVisible()
    assert "Tower" in panel.stale.text()
    assert "out of date" in window.layers.rows()[old.id].text(0)
    hand.bot.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    hand.settle()
    results = [one for one in window.desk.document.layers if one.kind == "result"]
    assert len(results) == 1
    assert results[0].data is not old.data
    assert not panel.stale.isVisible()
    assert "out of date" not in window.layers.rows()[results[0].id].text(0)
