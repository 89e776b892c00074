"""GML geometry to polygons and node trees, and its xlinks, resolved when all is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from citymodel.builder import CityModelBuilder
from citymodel.errors import FormatError
from citymodel.formats.citygml.links import Links
from citymodel.formats.citygml.names import (
    AGGREGATES,
    CURVES,
    GEOMETRIES,
    GML,
    NO_MEMBERS,
    ORIENTED,
    POINTS,
    POLYGONS,
    SOLIDS,
    TAGS,
    XLINK_HREF,
    identity,
    prefixed,
)

_POSITIONS = frozenset({"posList", "pos", "coordinates"})


class GeometryReader:
    """Fills a builder with polygons and nodes; ``template`` marks what is read as a template's."""

    def __init__(self, builder: CityModelBuilder, links: Links, path: str) -> None:
        self.builder, self.links, self.path = builder, links, path
        self.dimension = 3
        self.template = False

    def root(self, element: Any) -> tuple[str, int]:
        """(kind, root node) of a geometry element; the node is −1 for curves and points."""
        given = self.dimension
        if element.get("srsDimension", "3") != "3":
            self.dimension = 0  # read below element by element
        try:
            return self._root(element)
        finally:
            self.dimension = given

    def _root(self, element: Any) -> tuple[str, int]:
        local = TAGS[element.tag][1]
        if local in CURVES or local in POINTS:
            self.skip(element)
            return ("MultiPoint" if local in POINTS else "MultiCurve"), -1
        if local in POLYGONS:
            node = self.builder.add_node("Surface")
            self.builder.add_member(node, self.polygon(element))
            return "Surface", node
        node = self.node(element)
        return (AGGREGATES.get(local, local) if local not in ORIENTED else "Surface"), node

    def node(self, element: Any) -> int:
        """The node of a solid, an aggregate or an oriented surface, with all below it."""
        local = TAGS[element.tag][1]
        if local in SOLIDS:
            return self._solid(element)
        if local in ORIENTED:
            node = self.builder.add_node("Surface", identity(element))
            self._members(node, element, reversed=element.get("orientation") == "-")
            return node
        node = self.builder.add_node(AGGREGATES[local], identity(element))
        self._members(node, element)
        return node

    def _members(self, node: int, element: Any, reversed: bool = False) -> None:
        """Attach what the member properties hold or point to."""
        add_member, polygon = self.builder.add_member, self.polygon
        for member in element:
            local = TAGS[member.tag][1]
            if len(member):
                if local not in NO_MEMBERS:
                    for child in member:
                        if TAGS[child.tag][1] in POLYGONS:
                            add_member(node, polygon(child), reversed=reversed)
                        else:
                            self._attach(node, child, reversed)
                elif local in ("controlPoint", "stopLines", "breakLines"):
                    self.skip(member)
            elif (href := member.get(XLINK_HREF)) is not None:
                place = add_member(node, -1, reversed=reversed, by_xlink=True)
                self.links.member(place, href)

    def _attach(self, node: int, element: Any, reversed: bool = False) -> None:
        local = TAGS[element.tag][1]
        if local in POLYGONS:
            self.builder.add_member(node, self.polygon(element), reversed=reversed)
        elif local in AGGREGATES or local in SOLIDS or local in ORIENTED:
            self.builder.add_member(node, self.node(element), is_node=True, reversed=reversed)
        elif local in CURVES or local in POINTS:
            self.skip(element)
        elif local:
            self.builder.report.add(f"unknown-element {prefixed(element)}", "in a geometry")
            self.skip(element)

    def _solid(self, element: Any) -> int:
        """A Solid node whose members are Shell nodes, the exterior first."""
        node = self.builder.add_node("Solid", identity(element))
        for prop in element:
            if TAGS[prop.tag][1] in NO_MEMBERS:
                continue
            if len(prop):
                shell = self.builder.add_node("Shell", identity(prop[0]))
                self.builder.add_member(node, shell, is_node=True)
                if TAGS[prop[0].tag][1] in AGGREGATES:
                    self._members(shell, prop[0])
                else:
                    self._attach(shell, prop[0])
            elif (href := prop.get(XLINK_HREF)) is not None:
                self.links.member(self.builder.add_member(node, -1, by_xlink=True), href)
        return node

    def polygon(self, element: Any) -> int:
        """A polygon with its rings, exterior first; unclosed."""
        rings: list[list[float]] = []
        ids: list[str] = []
        for prop in element:
            if not len(prop):
                continue
            ring = prop[0]
            coordinates = self._plain(ring) if len(ring) == 1 else None
            if coordinates is None:
                if TAGS[ring.tag][1] not in CURVES:
                    continue
                coordinates = self.positions(ring)
                if TAGS[ring.tag][1] == "Ring":
                    coordinates = _joined(coordinates)
            if not coordinates:
                self.builder.report.add("empty-ring", identity(element) or f"line {ring.sourceline}")
            if coordinates[:3] == coordinates[-3:] and len(coordinates) > 3:
                del coordinates[-3:]
            rings.append(coordinates)
            ids.append(identity(ring))
        if not rings:
            self.builder.report.add("empty-polygon", identity(element))
            rings.append([])
        return self.builder.add_polygon(rings, identity(element), ids, template=self.template)

    def _plain(self, ring: Any) -> list[float] | None:
        """Coordinates of a ring that is one posList of three coordinates a position, else None."""
        first = ring[0]
        if TAGS[first.tag] != _POS_LIST or self.dimension != 3:
            return None
        if first.get("srsDimension", "3") != "3":
            return None
        try:
            values = list(map(float, first.text.split()))
        except (ValueError, AttributeError):
            return None
        if len(values) % 3:
            return None
        self.builder.positions += len(values) // 3
        return values

    def positions(self, element: Any) -> list[float]:
        """All positions below an element, whatever they are written as, x, y, z flat; counted."""
        values: list[float] = []
        for at in element.iter():
            if TAGS[at.tag][1] in _POSITIONS:
                values += self._three(self.numbers(at), at)
        if not values:
            for at in element.iter():
                if TAGS[at.tag][1] == "coord":
                    values += [float(part.text or 0.0) for part in at][:3]
        self.builder.positions += len(values) // 3
        return values

    def skip(self, element: Any) -> None:
        """Count the positions of geometry that a city model has no place for."""
        self.positions(element)

    def numbers(self, element: Any) -> list[float]:
        """The numbers of one element; a FormatError says where they are none."""
        text = element.text or ""
        if TAGS[element.tag][1] == "coordinates":
            text = " ".join(word for words in _tuples(element) for word in words)
        try:
            return list(map(float, text.split()))
        except ValueError:
            wrong = next((w for w in text.split() if not _is_number(w)), "")
            raise FormatError(
                self.path,
                f"line {element.sourceline}",
                f"{wrong[:40]!r} is no coordinate; repair the file or get it again",
            ) from None

    def _three(self, values: list[float], element: Any) -> list[float]:
        """Positions of three coordinates; flat ones get height 0, counted."""
        dimension = _dimension(element, self.dimension)
        if dimension == 3 and len(values) % 3 and not len(values) % 2:
            dimension = 2
        if dimension == 2 and not len(values) % 2:
            self.builder.report.add("flat-coordinates", f"line {element.sourceline}")
            flat = [0.0] * (len(values) // 2 * 3)
            flat[0::3], flat[1::3] = values[0::2], values[1::2]
            return flat
        if len(values) % 3:
            self.builder.report.add("broken-coordinates", f"line {element.sourceline}: {len(values)} numbers")
            return values[: len(values) // 3 * 3]
        return values

    def instance(self, element: Any) -> tuple[list[float], int, str]:
        """(4 × 4 matrix row by row, template node or −1, href of the template) of an ImplicitGeometry."""
        matrix = [1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0]
        point: Sequence[float] = (0.0, 0.0, 0.0)
        node, href = -1, ""
        for prop in element:
            local = TAGS[prop.tag][1]
            if local == "transformationMatrix":
                given = self.numbers(prop)
                if len(given) == 16:
                    matrix = given
                else:
                    self.builder.report.add("broken-matrix", f"line {prop.sourceline}: {len(given)} numbers")
            elif local == "referencePoint" and len(prop):
                point = self.positions(prop)[:3] or point
            elif local in ("relativeGMLGeometry", "relativeGeometry"):
                if len(prop) and TAGS[prop[0].tag][0] == GML:
                    self.template = True
                    node = self.root(prop[0])[1]
                    self.template = False
                else:
                    href = prop.get(XLINK_HREF) or ""
            elif local == "libraryObject":
                self.builder.report.add("library-object", (prop.text or "").strip())
        for row in range(3):
            matrix[4 * row + 3] += point[row]
        return matrix, node, href


_POS_LIST = (GML, "posList")


def is_geometry(element: Any) -> bool:
    """Whether an element is a GML geometry (or CityGML 1's textured surface)."""
    kind, local = TAGS[element.tag]
    return local in GEOMETRIES and (kind == GML or local in ORIENTED)


def _tuples(element: Any) -> list[list[str]]:
    """The numbers of gml:coordinates, a list a position; the file names its own separators."""
    between, after, point = element.get("cs") or ",", element.get("ts") or " ", element.get("decimal") or "."
    text = (element.text or "").strip()
    if between.strip():
        text = re.sub(rf"\s*{re.escape(between)}\s*", between, text)
    positions = text.split(after if after.strip() else None)
    return [
        [word.replace(point, ".") for word in position.split(between if between.strip() else None)]
        for position in positions
    ]


def _joined(coordinates: list[float]) -> list[float]:
    """A ring put together of curves, without the second of each two positions that meet."""
    kept = coordinates[:3]
    for k in range(3, len(coordinates), 3):
        if coordinates[k : k + 3] != kept[-3:]:
            kept += coordinates[k : k + 3]
    return kept


def _dimension(element: Any, default: int) -> int:
    """What gml:coordinates shows, else srsDimension of an element or of the nearest geometry around it."""
    if TAGS[element.tag][1] == "coordinates":
        size = len(next(iter(_tuples(element)), ()))
        if size in (2, 3):
            return size
    at = element
    for _ in range(8):
        if at is None:
            break
        if (text := at.get("srsDimension") or at.get("dimension")) is not None:
            return int(text) if text in ("2", "3") else default or 3
        at = at.getparent()
    return default or 3


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
