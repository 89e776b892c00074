"""Every visible string can be translated."""

from __future__ import annotations

import ast
from pathlib import Path

import gui

SPOKEN = {"setText", "setToolTip", "setWindowTitle", "setAccessibleName", "setPlaceholderText", "addAction", "addRow",
          "setHeaderLabels", "setTitle", "setStatusTip", "QPushButton", "QLabel", "QCheckBox", "label"}  # fmt: skip


def bare_strings(path: Path) -> list[str]:
    """Literal words given to a widget without tr()."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SPOKEN and node.args:
            first = node.args[0]
            if (
                isinstance(first, ast.Constant)
                and isinstance(first.value, str)
                and any(c.isalpha() for c in first.value)
            ):
                found.append(f"{path.name}:{node.lineno}: {first.value!r}")
    return found


def test_every_string_given_to_a_widget_goes_through_tr() -> None:
    files = sorted(Path(gui.__file__).parent.glob("*.py"))
    assert len(files) > 10
    assert [line for path in files for line in bare_strings(path)] == []


def test_a_class_of_the_standard_is_read_as_words() -> None:
    from gui.object_panel import words_of

    named = {"RoofSurface": "Roof surface", "TINRelief": "TIN relief", "Building": "Building"}
    assert {name: words_of(name) for name in named} == named


def test_a_bare_string_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("button.setText('Hello')\nbutton.setText(tr('Hello'))\n")
    assert bare_strings(path) == ["x.py:1: 'Hello'"]
