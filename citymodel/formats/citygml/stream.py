"""The safe XML stream: what kind of file it is, and one feature's tree at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from lxml import etree

from citymodel.errors import FormatError
from citymodel.formats.citygml.names import GML_NAMESPACES, MEMBERS, TAGS, WFS_NAMESPACES, version_of
from citymodel.jobs import Progress

_HEAD = 65_536
_MOST_HEAD = 4 * 1024 * 1024
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,  # keeps libxml2's limits on depth, text and entities
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,
}


class Root(NamedTuple):
    """What the first tag says: CityGML's version, its namespaces and its member elements' tags."""

    version: str
    namespaces: dict[str | None, str]


def open_root(path: Path) -> Root:
    """Read up to the root element; FormatError where it is no CityGML."""
    parser = etree.XMLPullParser(events=("start",), **_SAFE)
    with path.open("rb") as file:
        read = 0
        try:
            while chunk := file.read(_HEAD):
                read += len(chunk)
                parser.feed(chunk)
                for _, element in parser.read_events():
                    return _checked(path, element)
                if read > _MOST_HEAD:
                    raise FormatError(path, "", "has no XML element in its first 4 MiB; it is no CityGML")
            parser.close()
        except etree.XMLSyntaxError as wrong:
            raise broken(path, wrong) from None
    raise FormatError(path, "", "has no XML element; get the file again from its source")


def _checked(path: Path, root: Any) -> Root:
    subset = root.getroottree().docinfo.internalDTD
    if subset is not None and any(True for _ in subset.iterentities()):
        raise FormatError(path, "", "declares XML entities, which CityGML never needs; remove the DOCTYPE to read it")
    namespaces = {prefix: str(uri) for prefix, uri in root.nsmap.items()}
    # the root's own namespace counts first: a header may declare the modules of a version it does not use
    version = version_of([etree.QName(root).namespace or ""]) or version_of(namespaces.values())
    local = TAGS[root.tag][1]
    if local not in ("CityModel", "FeatureCollection") or not version:
        raise FormatError(
            path,
            f"line {root.sourceline}",
            f"the root element is {local[:60]!r}, not CityModel; name a CityGML file",
        )
    return Root(version, namespaces)


def members(path: Path, progress: Progress) -> Iterator[tuple[str, Any]]:
    """(name, element) of each member of the CityModel and of its head; freed when the next is asked for."""
    size = max(path.stat().st_size, 1)
    tags = [f"{{*}}{name}" for name in MEMBERS]
    tags += [f"{{{ns}}}boundedBy" for ns in (*GML_NAMESPACES, *WFS_NAMESPACES)]
    with path.open("rb") as file:
        context = etree.iterparse(file, events=("end",), tag=tags, **_SAFE)
        try:
            for _, element in context:
                parent = element.getparent()
                if parent is None or parent.getparent() is not None:
                    continue
                yield TAGS[element.tag][1], element
                _free(element, parent)
                _tell(file, size, progress)
        except etree.XMLSyntaxError as wrong:
            raise broken(path, wrong) from None


def _free(element: Any, parent: Any) -> None:
    """Drop what was read; the parser still stands on the element, so it stays, empty, until the next."""
    element.clear()
    while element.getprevious() is not None:
        del parent[0]


def _tell(file: BinaryIO, size: int, progress: Progress) -> None:
    progress(min(0.9 * file.tell() / size, 0.9), "reading CityGML")


def broken(path: Path, wrong: Any) -> FormatError:
    """A FormatError of the parser's own words."""
    line = getattr(wrong, "lineno", None)
    text = " ".join(str(wrong.msg or wrong).split()).rpartition(", line")[0] or str(wrong.msg or "broken XML")
    return FormatError(path, f"line {line}" if line else "", f"is no well-formed XML ({text}); get the file again")


def is_feature_list(name: str) -> bool:
    """Whether a member element holds features (one or many)."""
    return name in ("cityObjectMember", "featureMember", "featureMembers", "member")
