"""Who loses the view: a landmark chosen, a tower drawn, the answer in a table and in a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt


def computed(window: Any, hand: Any, study: str, **asked: Any) -> Any:
    """The result of a study that was asked for in its form."""
    window.show_study(study)
    hand.settle()
    window.inspector.study.form.put(asked)
    hand.settle()
    hand.bot.mouseClick(window.inspector.study.run, Qt.MouseButton.LeftButton)
    hand.settle()
    layer = window.desk.document.layers[-1]
    assert layer.kind == "result"
    return layer


def test_who_loses_the_view_of_a_landmark_is_answered_with_table_and_picture(
    window: Any, hand: Any, city_file: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    from citymodel.scenario import SetHeight
    from gui import window_files

    hand.open(city_file)
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-1", 50.0), "Tower"))
    hand.settle()
    layer = computed(window, hand, "landmark", objects=("block-0",), part="whole")
    hand.bot.mouseClick(window.inspector.layer.table, Qt.MouseButton.LeftButton)
    hand.settle()
    names = [window.table.which.itemData(at) for at in range(window.table.which.count())]
    assert names[:3] == ["summary", "by_building", "by_storey"]
    heads = [window.table.model.headerData(at, Qt.Orientation.Horizontal) for at in range(4)]
    assert heads[:3] == ["What becomes of the view", "Homes, up to", "Storeys"]
    for name in ("lost.png", "lost.csv"):
        monkeypatch.setattr(
            window_files.QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), "")
        )
        window.files.export(layer.id)
        hand.settle()
    assert (tmp_path / "lost.png").stat().st_size > 5000
    assert "loses it" in (tmp_path / "lost_summary.csv").read_text(encoding="utf-8")


def test_the_view_from_a_building_is_exported_as_a_sheet(
    window: Any, hand: Any, city_file: Path, tmp_path: Path
) -> None:
    from gui.requests import export_layer

    hand.open(city_file)
    layer = computed(window, hand, "outlook", objects=("block-1",), rays=200)
    written = export_layer(layer, "value", tmp_path / "view.png", window.desk.document)
    assert written[0].stat().st_size > 5000
