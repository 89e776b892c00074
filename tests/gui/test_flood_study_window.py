"""The flood study itself in the window: from its form over the growing water to the result, kept by the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from citymodel.formats import raster
from citymodel.surface import Grid
from gui.time_range import Stretch

SIDE = 40
GRID = Grid(390000.0, 5820080.0, 2.0, (SIDE, SIDE), "EPSG:25833")
STORM = {
    "rain": "depth", "duration": 15, "shape": "uniform", "after": 0.25, "every": 1, "cell": 2.0,
    "scheme": "first-order", "infiltration": "none", "edges": "wall", "device": "cpu",
    "gauges": ((390040.0, 5820040.0),),
}  # fmt: skip
FALLEN = 0.04 * (2.0 * SIDE) ** 2


@pytest.fixture
def bowl(tmp_path: Path) -> Path:
    """A bowl of 80 × 80 m, one metre deep."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    path = tmp_path / "bowl.tif"
    raster.write(GRID.raster((30.0 + (x**2 + y**2) / 2).astype(np.float32), "terrain"), path)
    return path


@pytest.mark.slow
def test_a_storm_from_its_form_to_a_project_that_keeps_the_water(
    window: Any, hand: Any, bowl: Path, tmp_path: Path
) -> None:
    hand.open(bowl)
    window.activateWindow()
    window.registry.run("study.flood")
    panel, desk, bar = window.inspector.study, window.desk, window.time_bar
    panel.form.put(STORM)
    depth = panel.form.fields["depth"].widget
    depth.setFocus()
    depth.selectAll()
    hand.bot.keyClicks(depth, "40")
    hand.bot.keyClick(depth, Qt.Key.Key_Tab)
    assert panel.form.parameters().depth == 40.0
    assert not panel.form.error.isVisible()
    grown: list[int] = []

    def watch(_: Any, after: Any) -> None:
        grown.extend(len(one.data.water["base"].times) for one in after.layers
                     if one.kind == "result" and one.data.provenance.get("growing"))  # fmt: skip

    desk.document_changed.connect(watch)
    window.studies.flood.grew.connect(lambda: watch(None, desk.document))
    hand.bot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    hand.bot.waitUntil(lambda: bool(grown), timeout=300_000)
    growing = desk.document.layers[-1].id
    assert window.floods.bar.isVisible()
    hand.settle()
    assert window.studies.job is None

    layer = desk.document.layers[-1]
    assert layer.id == growing, "the result takes the place of the water that grew"
    assert "growing" not in layer.data.provenance
    assert "max_depth" in layer.data.fields
    assert max(grown) > min(grown), "it was seen to grow"
    assert not window.floods.bar.isVisible()
    assert isinstance(bar.range, Stretch)
    bar.slider.setValue(bar.slider.maximum())
    hand.settle()
    assert window.inspector.state.water.seconds == 30 * 60.0

    window.activateWindow()
    window.view.interactor.setFocus()
    hand.bot.keyClick(window.view.interactor, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    assert window.inspector.page() is window.floods.balance
    (said,) = window.floods.balance.sentences
    assert said.replace("\u00a0", " ").startswith(f"rain {FALLEN:.0f} m³ = still there {FALLEN:.0f} m³")

    before = layer.data.water["base"].at(1800.0).depth
    assert np.nansum(before) * 4.0 == pytest.approx(FALLEN, rel=1e-3)
    project = tmp_path / "bowl.city"
    window.files.save_to(project)
    hand.settle()
    hand.open(project)
    again = desk.document.layers[-1]
    assert again.data is not layer.data, "it was read from the project"
    np.testing.assert_allclose(again.data.water["base"].at(1800.0).depth, before, atol=1e-3)
    assert isinstance(bar.range, Stretch)
    assert window.inspector.state.water.seconds == 30 * 60.0, "the clock stays at the end, and so does the water"
    window.registry.run("water.balance")
    assert window.floods.balance.sentences == [said]
