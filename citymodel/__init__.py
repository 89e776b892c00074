"""The city and what can be asked of it; importing this package loads the standard library only."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from citymodel.formats import info, read, write
    from citymodel.geo import Frame
    from citymodel.model import CityModel
    from citymodel.points import PointCloud
    from citymodel.project import Project

__version__ = "0.1.0"

_HOME = {
    "read": "citymodel.formats",
    "write": "citymodel.formats",
    "info": "citymodel.formats",
    "Frame": "citymodel.geo",
    "CityModel": "citymodel.model",
    "PointCloud": "citymodel.points",
    "Project": "citymodel.project",
}
__all__ = ["CityModel", "Frame", "PointCloud", "Project", "__version__", "info", "read", "write"]


def __getattr__(name: str) -> Any:
    """Load a public name from its home on first use (PEP 562)."""
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'citymodel' has no attribute {name!r}")
