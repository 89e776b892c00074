"""The table behind the map: words, order, verdicts with a symbol, and the way from a row to its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt

from gui.table_model import SORT, Sorted, TableModel


@pytest.fixture
def studied(window: Any, hand: Any, city_file: Path) -> Any:
    """A window with a sun study of a changed city, its tables open."""
    from citymodel.scenario import SetHeight

    hand.open(city_file)
    window.desk.edit("", lambda d: d.with_change(SetHeight("blocks-city", "block-1", 50.0), "Tower"))
    hand.settle()
    window.registry.run("study.sun")
    window.inspector.study.form.put({"step": 60})
    hand.bot.mouseClick(window.inspector.study.run, Qt.MouseButton.LeftButton)
    hand.settle()
    hand.bot.mouseClick(window.inspector.layer.table, Qt.MouseButton.LeftButton)
    hand.settle()
    return window


def test_the_tables_of_a_study_open_behind_its_map(studied: Any, hand: Any) -> None:
    table = studied.table
    assert table.isVisible()
    names = [table.which.itemData(at) for at in range(table.which.count())]
    assert names[:2] == ["by_open_space", "by_building"]
    heads = [table.model.headerData(at, Qt.Orientation.Horizontal) for at in range(table.model.columnCount())]
    assert heads[0] == "Name"
    assert "Rule, as proposed" in heads
    assert "Mean sun, change (h)" in heads
    assert not any("geometry" in head.lower() for head in heads)


def test_a_click_on_a_head_sorts_and_a_click_on_a_row_goes_there(studied: Any, hand: Any) -> None:
    table = studied.table
    table.which.setCurrentIndex(1)
    at = [one.name for one in table.model.columns].index("roof_hours_scenario")
    head = table.view.horizontalHeader()
    place = QPoint(head.sectionViewportPosition(at) + 15, head.height() // 2)
    table.view.scrollTo(table.view.model().index(0, at))
    place = QPoint(head.sectionViewportPosition(at) + 15, head.height() // 2)
    hand.bot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    model = table.view.model()
    hours = [model.index(row, at).data(SORT) for row in range(model.rowCount())]
    assert hours == sorted(hours) or hours == sorted(hours, reverse=True)
    table.view.scrollTo(model.index(0, 0))
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == "block-2")
    hand.bot.mouseClick(
        table.view.viewport(), Qt.MouseButton.LeftButton, pos=table.view.visualRect(model.index(row, 0)).center()
    )
    hand.settle()
    assert studied.desk.selection == ("blocks-city", "block-2")
    focus = studied.view.navigation.pose.focus
    origin = studied.desk.document.frame.origin
    assert focus[0] + origin[0] == pytest.approx(390010, abs=15)
    assert focus[1] + origin[1] == pytest.approx(5820070, abs=15)


def test_the_words_of_a_head_are_read_whole(studied: Any, hand: Any) -> None:
    view = studied.table.view
    for at in range(studied.table.model.columnCount()):
        assert view.columnWidth(at) >= view.horizontalHeader().sectionSizeHint(at)


def test_tables_leave_as_csv(studied: Any, hand: Any, tmp_path: Path) -> None:
    from gui.requests import export_layer

    written = export_layer(studied.table.layer, "sun_hours_base", tmp_path / "sun.csv")
    spaces = next(path for path in written if "by_open_space" in path.name)
    assert "verdict_scenario" in spaces.read_text(encoding="utf-8").splitlines()[0]


def test_a_verdict_has_a_word_and_a_sign_and_its_reason() -> None:
    model = TableModel({"id": ["park"], "verdict_base": ["within error"], "because_base": ["48 % have 2 h"]})
    assert model.index(0, 1).data() == "≈ within error"
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == "48 % have 2 h"
    assert model.columnCount() == 2


def test_a_first_click_on_a_head_of_numbers_brings_the_largest_up() -> None:
    model = Sorted(TableModel({"id": ["a", "b"], "mean_hours_base": [1.0, 2.0]}))
    first = [
        Qt.SortOrder(model.headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.InitialSortOrderRole))
        for at in range(2)
    ]
    assert first == [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder]


def test_a_result_without_a_map_is_not_offered_as_one() -> None:
    from citymodel.layers import Layer
    from citymodel.results import Field, Result
    from gui.requests import export_kinds

    table = Field("summary", "In short", "", {"outcome": ["loses it"]})
    layer = Layer("view", "View", "result", Result("landmark", "View", {"summary": table}, {}))
    assert export_kinds(layer) == ("GeoPackage (*.gpkg)", "CSV (*.csv)")


def test_what_was_written_is_named() -> None:
    from gui.window_files import written_words

    assert written_words([Path("sun_by_area.csv"), Path("sun.about.json")]) == "Wrote sun_by_area.csv, sun.about.json"
    many = [Path(f"view_{one}.csv") for one in "abcde"]
    assert written_words(many) == "Wrote view_a.csv and 4 more"


def test_numbers_sort_as_numbers_and_unknown_ones_stand_last() -> None:
    nan = float("nan")
    model = Sorted(TableModel({"id": ["a", "b", "c", "d"], "mean_hours_base": [10.0, nan, 2.0, -0.001]}))
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert [model.index(row, 0).data() for row in range(4)] == ["d", "c", "a", "b"]
    assert model.index(0, 1).data() == "0.0"
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert [model.index(row, 0).data() for row in range(4)] == ["a", "c", "d", "b"]


def test_the_page_of_a_result_is_no_wider_than_its_panel(studied: Any, hand: Any) -> None:
    page, panel = studied.inspector.layer, studied.docks["inspector"].widget()
    assert page.minimumSizeHint().width() <= panel.minimumWidth()


def test_a_long_id_in_a_title_breaks_instead_of_widening_the_page(qapp: Any) -> None:
    from gui.object_panel import breakable, label

    long = "View of GUID_16E64847-3529-4640-9C4A-8FF9EEBA3F0F"
    assert breakable(long).replace("\u200b", "") == long
    assert (
        label(breakable(long), "title").minimumSizeHint().width() < label(long, "title").minimumSizeHint().width() / 2
    )
    assert breakable("View of St. Laurentius") == "View of St. Laurentius"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("depth_wall_base", 0.146, "0.15"), ("manning", 0.013, "0.013"), ("volume_m3_base", 345.6, "346"),
     ("mean_hours_base", 2.34, "2.3")],
)  # fmt: skip
def test_a_number_has_the_decimals_that_it_needs(name: str, value: float, words: str) -> None:
    from citymodel.analysis.table_words import column
    from gui.table_model import shown

    assert shown(value, column(name)) == words


def test_the_water_of_a_flood_is_offered_as_netcdf() -> None:
    from flooding import MemoryFrames, result

    from citymodel.layers import Layer
    from gui.requests import export_kinds

    frames = MemoryFrames()
    frames.grow(0.0)
    assert any("*.nc" in kind for kind in export_kinds(Layer("", "Flood", "result", result({"base": frames}))))
