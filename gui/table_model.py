"""A result's table as Qt sees it: words, units, verdicts with a symbol, and values that sort as numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from citymodel.analysis.table_words import Column, column
from gui.words import number, tr

Index = QModelIndex | QPersistentModelIndex
SORT = Qt.ItemDataRole.UserRole + 1
NAMED = ("id", "building", "space")
SYMBOLS = {
    "met": "✓", "not met": "✗", "within error": "≈", "no area": "–",
    "clear": "✓", "penetrates": "✗", "touches": "≈", "not there": "–",
}  # fmt: skip
ORDER = {
    "not met": 0, "within error": 1, "met": 2, "no area": 3,
    "penetrates": 0, "touches": 1, "clear": 2, "not there": 3,
}  # fmt: skip


class TableModel(QAbstractTableModel):
    """Rows of a table by columns of values; columns that say nothing on the screen are left out.

    names : what people call the objects, by id; an id without one stands for itself
    """

    def __init__(self, table: Mapping[str, Sequence[Any]], names: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.table = table
        self.names = names or {}
        found = [column(name) for name in table]
        self.columns: list[Column] = sorted((one for one in found if one.shown), key=lambda one: _place(one.name))
        self._rows = max((len(values) for values in table.values()), default=0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if way != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        one = self.columns[section]
        if role == Qt.ItemDataRole.InitialSortOrderRole:  # of numbers the largest are asked for first
            numbers = self._rows > 0 and _is_number(self.table[one.name][0]) and one.name not in NAMED
            return (Qt.SortOrder.DescendingOrder if numbers else Qt.SortOrder.AscendingOrder).value
        words = tr(one.title) + (f" ({one.unit})" if one.unit else "")
        return words if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one, row = self.columns[index.column()], index.row()
        value = self.table[one.name][row]
        if one.name in NAMED and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.names.get(str(value), str(value))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return shown(value, one)
        if role == SORT and one.name in NAMED:
            return sortable(self.names.get(str(value), str(value)))
        if role == SORT:
            return sortable(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if _is_number(value) else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.because(row, one.name) or shown(value, one)
        return None

    def because(self, row: int, name: str = "") -> str:
        """The numbers behind a verdict; of the proposal, where there is one, when no column is named."""
        names = [name.replace("verdict_", "because_")] if name else ["because_scenario", "because_base"]
        return next((str(self.table[one][row]) for one in names if one in self.table and one.startswith("because")), "")

    def name(self, row: int) -> str:
        """What the row is called."""
        found = next((str(self.table[key][row]) for key in ("id", "building") if key in self.table), str(row + 1))
        return self.names.get(found, found)


class Sorted(QSortFilterProxyModel):
    """Sorts by value, what is unknown last."""

    def __init__(self, model: TableModel) -> None:
        super().__init__()
        self.setSourceModel(model)
        self.setSortRole(SORT)

    def lessThan(self, left: Index, right: Index) -> bool:
        a, b = left.data(SORT), right.data(SORT)
        if a is None or b is None:
            unknown_last = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (b is None and a is not None) == unknown_last and a is not b
        return bool(a < b) if type(a) is type(b) else str(a) < str(b)


def shown(value: Any, one: Column) -> str:
    """A value to read."""
    if one.name.startswith("verdict"):
        return f"{SYMBOLS.get(str(value), '')} {tr(str(value))}".strip()
    if one.name in ("type", "kind") and isinstance(value, str):
        from gui.object_panel import words_of

        return words_of(value)
    if not _is_number(value):
        return "" if value is None else str(value)
    value = float(value) * one.scale
    if math.isnan(value):
        return "–"
    whole = one.unit in ("m²", "m² h") or (value.is_integer() and one.unit == "")
    digits = one.digits if one.digits is not None else 0 if whole else 1
    return number(round(value, digits) + 0.0, digits).replace("-", "−")  # no minus before nought


def sortable(value: Any) -> Any:
    """A value to compare; None for unknown."""
    if isinstance(value, str):
        return ORDER[value] if value in ORDER else (value.lower() or None)
    if value is None or not _is_number(value) or math.isnan(float(value)):
        return None
    return float(value)


def _is_number(value: Any) -> bool:
    return not isinstance(value, (str, bool)) and (isinstance(value, (int, float)) or hasattr(value, "__float__"))


def _place(name: str) -> int:
    """Names first, then the verdict, then the numbers as they come."""
    return 0 if name in ("id", "building") else 1 if name.startswith("verdict") else 2
