"""Appearances: textures, materials and what they lie on, joined to polygons when all is read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

from citymodel.builder import CityModelBuilder
from citymodel.formats.citygml.links import find
from citymodel.formats.citygml.names import TAGS, XLINK_HREF, prefixed

_COLOURS = {"diffuseColor": "diffuse", "emissiveColor": "emissive", "specularColor": "specular"}
_NUMBERS = {"ambientIntensity": "ambient", "shininess": "shininess", "transparency": "transparency"}
_IGNORED = frozenset({"name", "description", "identifier", "boundedBy", "metaDataProperty"})


class AppearanceReader:
    """Collects appearances; ``resolve`` lays them on the builder's polygons."""

    def __init__(self, builder: CityModelBuilder) -> None:
        self.builder = builder
        self._targets: list[tuple[str, int, bool, bool, str, dict[str, array[float]]]] = []

    def read(self, appearance: Any) -> None:
        """One Appearance element with its surface data."""
        theme = next((a.text or "" for a in appearance if TAGS[a.tag][1] == "theme"), "").strip()
        for prop in appearance:
            if TAGS[prop.tag][1] in ("surfaceDataMember", "surfaceData"):
                for data in prop:
                    self._surface_data(theme, data)

    def _surface_data(self, theme: str, data: Any) -> None:
        local = TAGS[data.tag][1]
        if local == "X3DMaterial":
            self._material(theme, data)
        elif local in ("ParameterizedTexture", "GeoreferencedTexture"):
            self._texture(theme, data)
        elif local:
            self.builder.report.add(f"unknown-element {prefixed(data)}", f"line {data.sourceline}")

    def _material(self, theme: str, data: Any) -> None:
        material: dict[str, Any] = {}
        targets: list[str] = []
        front = True
        for prop in data:
            local, text = TAGS[prop.tag][1], (prop.text or "").strip()
            if local in _COLOURS:
                material[_COLOURS[local]] = tuple(_floats(text)[:3])
            elif local in _NUMBERS:
                material[_NUMBERS[local]] = next(iter(_floats(text)), 0.0)
            elif local == "isSmooth":
                material["smooth"] = text in ("true", "1")
            elif local == "isFront":
                front = text in ("true", "1")
            elif local == "target":
                targets.append(text or prop.get(XLINK_HREF) or prop.get("uri") or "")
        self.builder.materials.append(material)
        for target in targets:
            self._targets.append((theme, len(self.builder.materials) - 1, False, front, _bare(target), {}))

    def _texture(self, theme: str, data: Any) -> None:
        texture: dict[str, Any] = {"uri": "", "wrap": ""}
        index = len(self.builder.textures)
        front = True
        found: list[tuple[str, dict[str, array[float]]]] = []
        for prop in data:
            local, text = TAGS[prop.tag][1], (prop.text or "").strip()
            if local == "imageURI":
                texture["uri"] = text
            elif local == "wrapMode":
                texture["wrap"] = text
            elif local == "textureType":
                texture["type"] = text
            elif local == "mimeType":
                texture["mime"] = text
            elif local == "borderColor":
                texture["border"] = tuple(_floats(text))
            elif local == "isFront":
                front = text in ("true", "1")
            elif local in ("target", "textureParameterization"):
                found.append(self._parameters(prop))
            elif local in ("referencePoint", "orientation"):
                self.builder.report.add("georeferenced-texture", texture["uri"])
            elif local not in _IGNORED and local != "preferWorldFile":
                self.builder.report.add(f"unknown-element {prefixed(prop)}", f"line {prop.sourceline}")
        self.builder.textures.append(texture)
        for target, rings in found:
            self._targets.append((theme, index, True, front, target, rings))

    def _parameters(self, prop: Any) -> tuple[str, dict[str, array[float]]]:
        """(target, ring id to texture coordinates) of both styles of writing."""
        target = prop.get("uri") or (prop.text or "").strip()
        rings: dict[str, array[float]] = {}
        waiting: list[array[float]] = []
        for at in prop.iter():
            local = TAGS[at.tag][1]
            if local == "target" and at is not prop:
                target = (at.text or "").strip() or at.get(XLINK_HREF) or target
            elif local == "textureCoordinates":
                values = array("d", _floats(at.text or ""))
                ring = at.get("ring")
                if ring is None:
                    waiting.append(values)
                else:
                    rings[_bare(ring)] = values
            elif local == "ring" and waiting:
                rings[_bare((at.text or "").strip() or at.get(XLINK_HREF) or "")] = waiting.pop(0)
            elif local == "TexCoordGen":
                self.builder.report.add("texture-by-matrix", f"line {at.sourceline}")
        for number, values in enumerate(waiting):
            rings[f"#{number}"] = values
        return _bare(target), rings

    def resolve(self) -> None:
        """Add one row for every polygon that a surface data lies on."""
        polygons, nodes = find(self.builder, {row[4] for row in self._targets})
        below = self._children() if nodes else {}
        for theme, index, is_texture, front, target, rings in self._targets:
            if target in polygons:
                covered: Iterable[int] = (polygons[target],)
            elif target in nodes:
                covered = _leaves(below, nodes[target])
            else:
                self.builder.report.add("unresolved-appearance", target)
                continue
            for polygon in covered:
                uv = self._uv(polygon, rings) if rings else ()
                self.builder.add_appearance(polygon, index, is_texture=is_texture, theme=theme, front=front, uv=uv)

    def _uv(self, polygon: int, rings: dict[str, array[float]]) -> array[float]:
        """Texture coordinates over the polygon's rings; empty where they do not fit them."""
        uv = array("d")
        parts = self.builder.rings_of(polygon)
        for id, count in parts:
            values = rings.get(id) if id else None
            if values is None and len(parts) == 1 and len(rings) == 1:
                values = next(iter(rings.values()))
            if values is None or len(values) // 2 not in (count, count + 1):
                self.builder.report.add("unfit-texture-coordinates", id or self.builder.polygon_ids[polygon])
                return array("d")
            uv.extend(values[: 2 * count])
        return uv

    def _children(self) -> dict[int, list[tuple[int, bool]]]:
        below: dict[int, list[tuple[int, bool]]] = {}
        for _, node, target, is_node in self.builder.members():
            if target >= 0:
                below.setdefault(node, []).append((target, is_node))
        return below


def _leaves(below: dict[int, list[tuple[int, bool]]], node: int) -> list[int]:
    """Polygons below a node, each once."""
    found: dict[int, None] = {}
    seen = {node}
    way = [node]
    while way:
        for target, is_node in below.get(way.pop(), ()):
            if not is_node:
                found.setdefault(target)
            elif target not in seen:
                seen.add(target)
                way.append(target)
    return list(found)


def _floats(text: str) -> list[float]:
    try:
        return list(map(float, text.split()))
    except ValueError:
        return []


def _bare(reference: str) -> str:
    return reference[1:] if reference.startswith("#") else reference
