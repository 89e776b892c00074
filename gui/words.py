"""Every visible word goes through ``tr`` here, and every number through the locale."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale


def tr(text: str, **values: object) -> str:
    """The text in the reader's language, with ``{names}`` filled in after the translation."""
    said = QCoreApplication.translate("citymodel", text)
    return said.format(**values) if values else said


def number(value: float, digits: int = 0) -> str:
    """A number grouped as the locale does."""
    return QLocale().toString(float(value), "f", digits)


def with_unit(value: float, unit: str, digits: int = 0) -> str:
    """A number and its unit, kept on one line."""
    return f"{number(value, digits)}\u00a0{unit}"
