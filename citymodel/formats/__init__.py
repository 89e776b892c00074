"""The doors to files: ``read``, ``write`` and ``info``, by suffix and sniffed content.

A format is one module with ``NAME``, ``SUFFIXES``, ``sniff(head, path) -> bool``,
``read(path, **filters) -> data``, ``info(path) -> dict`` and, where it can, ``write(data, path)``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from citymodel.errors import FormatError

MODULES = (
    "citymodel.formats.las",
    "citymodel.formats.ept",  # before CityJSON, which takes any JSON
    "citymodel.formats.citygml",
    "citymodel.formats.cityjson",
    "citymodel.formats.raster",
    "citymodel.formats.flood_nc",
    "citymodel.formats.geopackage",
    "citymodel.formats.mesh",
)
_HEAD = 4096


def modules() -> list[ModuleType]:
    """The registered format modules, ours first, then those of installed packages."""
    return list(_modules())


def _modules() -> Iterator[ModuleType]:
    """One after the other, so that who finds his format early loads no other."""
    yield from (importlib.import_module(name) for name in MODULES)
    yield from (point.load() for point in entry_points(group="citymodel.formats"))


def _module_for(path: Path) -> ModuleType:
    if not path.exists():
        raise FormatError(path, "", "there is no such file; check the name and the folder")
    if path.is_dir():
        raise FormatError(path, "", "is a folder; name a file in it")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise FormatError(path, "", "is empty (0 bytes); get the file again from its source")
    for module in _modules():
        if module.sniff(head, path):
            return module
    if path.suffix.lower() == ".city":
        raise FormatError(path, "", "is a project, not a file of data; use it with citymodel open, render or export")
    known = ", ".join(sorted({s for m in modules() if hasattr(m, "read") for s in m.SUFFIXES}))
    raise FormatError(path, "", f"is of no known format; citymodel reads {known}")


def read(path: str | Path, **filters: Any) -> Any:
    """Read a file into a CityModel, a PointCloud or an xarray.DataArray."""
    path = Path(path)
    return _module_for(path).read(path, **filters)


def info(path: str | Path) -> Mapping[str, Any]:
    """What a file holds, in the shape of the command line's contract."""
    path = Path(path)
    result: Mapping[str, Any] = _module_for(path).info(path)
    return result


def write(data: Any, path: str | Path, **options: Any) -> None:
    """Write data by the path's suffix; the file appears whole or not at all."""
    path = Path(path)
    for module in modules():
        if hasattr(module, "write") and any(path.name.lower().endswith(s) for s in module.SUFFIXES):
            module.write(data, path, **options)
            return
    known = ", ".join(sorted({s for m in modules() if hasattr(m, "write") for s in m.SUFFIXES}))
    raise FormatError(path, "", f"has no suffix citymodel can write; it writes {known}")
