"""Attributes of features: plain, generic, addresses, data types of CityGML 3 and of extensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from citymodel.builder import CityModelBuilder
from citymodel.formats.citygml.geometry import GeometryReader, is_geometry
from citymodel.formats.citygml.names import OTHER, TAGS, XLINK_HREF, XSI, prefixed

_WHOLE = frozenset({"storeysAboveGround", "storeysBelowGround", "yearOfConstruction", "yearOfDemolition"})
_DECIMAL = frozenset(
    {"measuredHeight", "averageHeight", "trunkDiameter", "crownDiameter", "rootBallDiameter", "maxRootBallDepth"}
)
_LISTS = frozenset({"storeyHeightsAboveGround", "storeyHeightsBelowGround"})
_TRUTHS = frozenset({"isMovable", "isStructuralElement"})
_DEEPEST = 40


class AttributeReader:
    """Adds what a property says to a mapping; units and code spaces go to the model's metadata."""

    def __init__(self, builder: CityModelBuilder, geometry: GeometryReader) -> None:
        self.builder, self.geometry = builder, geometry
        self.units: dict[str, str] = {}
        self.code_spaces: dict[str, str] = {}

    def leaf(self, attributes: dict[str, Any], element: Any, local: str) -> None:
        """A property without elements below: text, or a reference."""
        text = (element.text or "").strip()
        if not text:
            href = element.get(XLINK_HREF)
            if href is None:
                if element.get(XSI + "nil") is None and element.get("nilReason") is None:
                    self.builder.report.add("empty-element", f"{prefixed(element)}, line {element.sourceline}")
                return
            text = href
        value = self._value(element, local, text)
        put(attributes, local, value)

    def _value(self, element: Any, local: str, text: str) -> Any:
        if element.attrib:
            if (unit := element.get("uom")) is not None:
                self.units.setdefault(local, unit)
                if local not in _LISTS:
                    return _number(text, float)
            if (space := element.get("codeSpace")) is not None:
                self.code_spaces.setdefault(local, space)
        if local in _WHOLE:
            return _number(text, int)
        if local in _DECIMAL:
            return _number(text, float)
        if local in _LISTS:
            return [_number(word, float) for word in text.split()]
        if local in _TRUTHS:
            return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
        return text

    def generic(self, attributes: dict[str, Any], element: Any, local: str) -> None:
        """stringAttribute, IntAttribute, genericAttributeSet … of CityGML 1 to 3."""
        name = element.get("name")
        value: Any = None
        kind = local.lower()
        if kind.startswith("genericattributeset"):
            value = {}
            for child in element:
                child_local = TAGS[child.tag][1]
                if child_local == "name":
                    name = (child.text or "").strip()
                elif child_local in ("genericAttribute", "attribute"):
                    for grandchild in child:
                        self.generic(value, grandchild, TAGS[grandchild.tag][1])
                elif child_local:
                    self.generic(value, child, child_local)
        else:
            for child in element:
                child_local = TAGS[child.tag][1]
                text = (child.text or "").strip()
                if child_local == "name":
                    name = text
                elif child_local == "value":
                    if (unit := child.get("uom")) is not None and name:
                        self.units.setdefault(name, unit)
                    if (space := child.get("codeSpace")) is not None and name:
                        self.code_spaces.setdefault(name, space)
                    value = _number(text, _generic_type(kind))
        if name is None or value is None:
            self.builder.report.add("broken-generic-attribute", f"line {element.sourceline}")
            return
        put(attributes, name, value)

    def nested(self, attributes: dict[str, Any], element: Any, local: str) -> None:
        """A data type below a property: a height, an address, an extension's record."""
        child_local = TAGS[element.tag][1]
        if child_local == "Height":
            self._height(attributes, element)
        elif child_local == "Address":
            put(attributes, "address", self._address(element))
        else:
            if TAGS[element.tag][0] == OTHER:
                self.builder.report.add(f"unknown-element {prefixed(element)}", f"line {element.sourceline}")
            put(attributes, local, self.mapping(element))

    def _height(self, attributes: dict[str, Any], element: Any) -> None:
        """CityGML 3's height: the first one is the measuredHeight of the other versions."""
        parts = {TAGS[part.tag][1]: (part.text or "").strip() for part in element}
        value = _number(parts.get("value", ""), float)
        for part in element:
            if TAGS[part.tag][1] == "value" and (unit := part.get("uom")):
                self.units.setdefault("measuredHeight", unit)
        if isinstance(value, float) and "measuredHeight" not in attributes:
            attributes["measuredHeight"] = value
        else:
            put(attributes, "height", {**parts, "value": value})

    def _address(self, element: Any) -> dict[str, Any]:
        """Leaf names of xAL to their text; parts that are said twice become lists."""
        found: dict[str, Any] = {}
        for at in element.iter():
            local = TAGS[at.tag][1]
            if is_geometry(at):
                if at.getparent() is not None and not any(is_geometry(above) for above in at.iterancestors()):
                    self.geometry.skip(at)
            elif local and not len(at) and (text := (at.text or "").strip()) and not _in_geometry(at):
                name = at.get("Type") or at.get("NameType") or ""
                put(found, f"{local}{':' + name if local == 'NameElement' and name else ''}", text)
        return found

    def mapping(self, element: Any, depth: int = 0) -> Any:
        """Names below an element to their texts, nested as the file nests them."""
        found: dict[str, Any] = {}
        if depth > _DEEPEST:
            self.builder.report.add("too-deep", prefixed(element))
            return found
        for child in element:
            local = TAGS[child.tag][1]
            if not local:
                continue
            if is_geometry(child):
                self.geometry.skip(child)
            elif not len(child):
                self.leaf(found, child, local)
            elif len(child) == 1 and TAGS[child[0].tag][1][:1].isupper():
                inner = child[0]
                if is_geometry(inner):
                    self.geometry.skip(inner)
                elif local in ("genericAttribute",):
                    self.generic(found, inner, TAGS[inner.tag][1])
                else:
                    put(found, local, self.mapping(inner, depth + 1))
            else:
                put(found, local, self.mapping(child, depth + 1))
        return found


def put(attributes: dict[str, Any], name: str, value: Any) -> None:
    """Set a name; a name that is said again becomes a list of what was said."""
    if name not in attributes:
        attributes[name] = value
    elif isinstance(attributes[name], list) and name not in _LISTS:
        attributes[name].append(value)
    else:
        attributes[name] = [attributes[name], value]


def is_generic(element: Any) -> bool:
    """Whether an element is a generic attribute, of CityGML 1 to 3 alike."""
    local = TAGS[element.tag][1]
    return local.endswith("Attribute") or local.lower() == "genericattributeset"


def _generic_type(kind: str) -> Callable[[str], Any]:
    if kind.startswith("int"):
        return int
    return float if kind.startswith(("double", "measure")) else str


def _number(text: str, kind: Callable[[str], Any]) -> Any:
    """The text as a number, or the text where it is none."""
    try:
        return kind(text)
    except ValueError:
        return text


def _in_geometry(element: Any) -> bool:
    return any(is_geometry(above) for above in element.iterancestors())
