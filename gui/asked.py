"""What a form's fields are made of: a parameter's widget with its value both ways, and what it chooses from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from citymodel.document import Document
from citymodel.parameters import Parameter
from gui.area_tool import AreaTool, Box
from gui.picking import Picking

__all__ = ["Asked", "Box", "News", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What fields choose from: the project now, what the view shows in the frame's CRS, clicks and areas in it."""

    document: Callable[[], Document]
    view: Callable[[], Box | None]
    picking: Picking | None = None
    areas: AreaTool | None = None


@dataclass(slots=True)
class Asked:
    """A parameter's widget, with its value both ways; ``follow`` fills lists anew from the project."""

    parameter: Parameter
    widget: QWidget
    value: Callable[[], Any]
    put: Callable[[Any], None]
    changed: Any  # the widget's signal
    follow: Callable[[], None] = lambda: None


class News(QObject):
    """changed() for widgets made of several."""

    changed = Signal()
