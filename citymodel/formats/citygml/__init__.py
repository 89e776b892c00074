"""CityGML 1.0, 2.0 and 3.0 to a CityModel: the format's door."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.builder import CityModelBuilder
from citymodel.errors import FormatError
from citymodel.formats.citygml.names import TAGS
from citymodel.formats.citygml.stream import is_feature_list, members, open_root
from citymodel.formats.citygml.walk import Walker
from citymodel.formats.model_info import model_info
from citymodel.jobs import Progress, silent
from citymodel.model import CityModel

NAME = "CityGML"
SUFFIXES = (".gml", ".citygml", ".xml")


def sniff(head: bytes, path: Path) -> bool:
    """CityGML by its root's namespace, or any file that calls itself GML."""
    text = head.replace(b"\0", b"")
    return b"opengis.net/citygml" in text or b"CityModel" in text or path.suffix.lower() in (".gml", ".citygml")


def read(
    path: str | Path,
    *,
    bbox: Sequence[float] | None = None,
    lod: str | int | float | None = None,
    types: Iterable[str] | str | None = None,
    progress: Progress = silent,
) -> CityModel:
    """Read a CityGML file.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) in the file's CRS, x east; keeps top-level objects that reach into it
    lod : keeps geometry of this level only
    types : keeps top-level objects of these class names only ("Building")
    """
    path = Path(path)
    if path.stat().st_size == 0:
        raise FormatError(path, "", "is empty (0 bytes); get the file again from its source")
    root = open_root(path)
    builder = CityModelBuilder(NAME, root.version)
    walker = Walker(builder, str(path), lod=None if lod is None else f"{lod:g}" if isinstance(lod, float) else str(lod))
    wanted = None if types is None else {types} if isinstance(types, str) else set(types)
    with _without_collector():
        for name, element in members(path, progress):
            _member(walker, name, element, wanted, bbox)
        progress(0.92, "joining references")
        return _finish(walker, path, bbox)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python's cycle collector rests: a read makes millions of small objects and no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def info(path: str | Path) -> dict[str, Any]:
    """The contract's mapping of a CityGML file."""
    return model_info(read(path))


def _member(walker: Walker, name: str, element: Any, types: set[str] | None, bbox: Sequence[float] | None) -> None:
    """One member of the CityModel."""
    if name == "boundedBy":
        walker.systems.envelope(element)
        walker.geometry.dimension = walker.systems.dimension
        return
    for child in element:
        local = TAGS[child.tag][1]
        if not local:
            continue
        if is_feature_list(name):
            if (types is None or local in types) and (bbox is None or _reaches(walker, child, bbox)):
                walker.feature(child)
        elif name in ("appearanceMember", "appearance"):
            walker.appearance.read(child)
        elif name != "engineeringCRS":
            walker.builder.report.add(f"unread-member {local}", f"line {child.sourceline}")


def _reaches(walker: Walker, feature: Any, bbox: Sequence[float]) -> bool:
    """Whether a feature's extent meets a box; features without coordinates do not."""
    walker.systems.seek(feature)
    counted = walker.builder.positions
    report = walker.builder.report
    walker.builder.report = type(report)()
    flat = np.asarray(walker.geometry.positions(feature), dtype=np.float64).reshape(-1, 3)
    walker.builder.positions, walker.builder.report = counted, report
    if not len(flat):
        return False
    x, y = (flat[:, 1], flat[:, 0]) if walker.systems.swapped else (flat[:, 0], flat[:, 1])
    return bool(x.max() >= bbox[0] and x.min() <= bbox[2] and y.max() >= bbox[1] and y.min() <= bbox[3])


def _finish(walker: Walker, path: Path, bbox: Sequence[float] | None) -> CityModel:
    """References, appearances and coordinates, when all is read."""
    builder = walker.builder
    _check_finite(builder, path)
    if walker.attributes.units:
        builder.metadata["units"] = walker.attributes.units
    if walker.attributes.code_spaces:
        builder.metadata["codeSpaces"] = walker.attributes.code_spaces
    swapped = walker.systems.apply()
    walker.links.resolve(swapped)
    walker.appearance.resolve()
    if not builder.object_ids and bbox is None:
        builder.report.add("no-objects", str(path.name))
    return builder.build()


def _check_finite(builder: CityModelBuilder, path: Path) -> None:
    """A FormatError names the first polygon with a coordinate that is no number."""
    xyz = builder.xyz()
    bad = np.flatnonzero(~np.isfinite(xyz).all(axis=1))
    if not len(bad):
        return
    polygon = builder.polygon_at(int(bad[0]))
    name = builder.polygon_ids[polygon] or f"number {polygon + 1}"
    raise FormatError(
        path, f"polygon {name}", f"has a coordinate that is no finite number ({len(bad)} in all); repair the file"
    )


__all__ = ["NAME", "SUFFIXES", "info", "read", "sniff"]
