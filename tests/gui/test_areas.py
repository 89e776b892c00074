"""Areas from a GeoPackage: in the tree, on the ground, in the study and its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from test_window import difference


@pytest.fixture
def parks(tmp_path: Path) -> Path:
    """Two parks between the blocks, in EPSG:25833."""
    import shapely

    from citymodel.formats.geopackage import write_table

    path = tmp_path / "parks.gpkg"
    x, y = 390000.0, 5820000.0
    shapes = [shapely.box(x + 25, y + 2, x + 55, y + 18), shapely.box(x + 25, y + 25, x + 55, y + 55)]
    write_table(path, "parks", shapes, {"name": ["South park", "Middle park"]}, "EPSG:25833")
    return path


def dropped(window: Any, hand: Any, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, buttons, keys))
    hand.settle()


def test_areas_that_are_dropped_lie_on_the_ground_as_outlines(
    window: Any, hand: Any, city_file: Path, parks: Path
) -> None:
    hand.open(city_file)
    window.registry.run("view.top")
    hand.settle()
    before = hand.picture()
    dropped(window, hand, parks)
    layer = window.desk.document.layers[-1]
    assert (layer.kind, layer.name) == ("areas", "parks")
    assert "2 areas" in window.layers.rows()[layer.id].toolTip(0)
    shown = hand.picture()
    assert 0.0005 < difference(before, shown) < 0.05
    window.layers.toggle(layer.id)
    hand.settle()
    assert difference(before, hand.picture()) < 0.0005


def test_a_study_reports_on_the_areas_that_are_chosen(
    window: Any, hand: Any, city_file: Path, parks: Path, tmp_path: Path
) -> None:
    hand.open(city_file, parks)
    window.registry.run("study.sun")
    panel = window.inspector.study
    box = panel.form.fields["areas"].widget
    assert [box.itemText(at) for at in range(box.count())] == ["All there are", "parks"]
    box.setCurrentIndex(1)
    panel.form.put({"step": 60})
    hand.bot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    hand.settle()
    hand.bot.mouseClick(window.inspector.layer.table, Qt.MouseButton.LeftButton)
    hand.settle()
    table = window.table
    assert table.which.currentData() == "by_area"
    assert [table.model.name(row) for row in range(2)] == ["South park", "Middle park"]
    path = tmp_path / "with-areas.city"
    window.files.save_to(path)
    hand.settle()
    window.desk.open_paths([path])
    hand.settle()
    assert [layer.kind for layer in window.desk.document.layers] == ["city", "areas", "result"]
