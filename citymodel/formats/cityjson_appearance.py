"""Materials and textures of CityJSON geometries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citymodel.builder import CityModelBuilder

NO_UV = float("nan")


class Appearances:
    """The appearance of one document; adds its textures and materials to the builder."""

    def __init__(self, builder: CityModelBuilder, appearance: Mapping[str, Any]) -> None:
        self.builder = builder
        self._textures = [self._texture(item) for item in appearance.get("textures") or []]
        self._materials = [self._material(item) for item in appearance.get("materials") or []]
        self._uv = [(float(u), float(v)) for u, v, *_ in appearance.get("vertices-texture") or []]
        defaults = {key: appearance[key] for key in appearance if key.startswith("default-theme")}
        if defaults:
            builder.metadata.setdefault("default-themes", {}).update(defaults)

    def _texture(self, item: Mapping[str, Any]) -> int:
        kept = {key: value for key, value in item.items() if key not in ("image", "wrapMode")}
        texture = {"uri": str(item.get("image", "")), "wrap": str(item.get("wrapMode", "")), **kept}
        return self._known(self.builder.textures, texture)

    def _material(self, item: Mapping[str, Any]) -> int:
        kept = {key: value for key, value in item.items() if key != "diffuseColor"}
        diffuse = item.get("diffuseColor")
        material = {**kept, **({"diffuse": tuple(float(value) for value in diffuse[:3])} if diffuse else {})}
        return self._known(self.builder.materials, material)

    @staticmethod
    def _known(items: list[Mapping[str, Any]], item: Mapping[str, Any]) -> int:
        """The row of an item; features of a sequence repeat them, but rarely the last few."""
        for row in range(len(items) - 1, max(len(items) - 65, -1), -1):
            if items[row] == item:
                return row
        items.append(item)
        return len(items) - 1

    def add(self, geometry: Mapping[str, Any], polygons: Sequence[tuple[int, Any]], depth: int) -> None:
        """The materials and textures of a geometry's polygons."""
        from citymodel.formats.cityjson_reader import flat_values

        boundaries = geometry["boundaries"]
        for theme, part in (geometry.get("material") or {}).items():
            if "value" in part:
                values = [part["value"]] * len(polygons)
            else:
                values = flat_values(part.get("values"), boundaries, depth)
            for value, (polygon, _) in zip(values, polygons, strict=True):
                if value is not None:
                    row = self._materials[_index(value)]
                    self.builder.add_appearance(polygon, row, is_texture=False, theme=theme)
        for theme, part in (geometry.get("texture") or {}).items():
            values = flat_values(part.get("values"), boundaries, depth)
            for value, (polygon, surface) in zip(values, polygons, strict=True):
                self._put_texture(theme, value, polygon, surface)

    def _put_texture(self, theme: str, value: Any, polygon: int, surface: Any) -> None:
        """Texture coordinates of all rings of a polygon; NaN for a ring that has none."""
        rings = [ring for ring in value or [] if ring]
        texture = next((ring[0] for ring in rings if ring[0] is not None), None)
        if texture is None:
            return
        uv: list[float] = []
        for number, ring in enumerate(surface):
            count = len(ring) - (len(ring) > 1 and ring[0] == ring[-1])
            given = value[number] if number < len(value) else None
            if not given or given[0] is None or len(given) - 1 < count:
                if given and given[0] is not None:
                    self.builder.report.add("too-few-texture-coordinates")
                uv += [NO_UV] * (2 * count)
                continue
            for index in given[1 : count + 1]:
                uv += self._uv[_index(index)]
        self.builder.add_appearance(polygon, self._textures[_index(texture)], is_texture=True, theme=theme, uv=uv)


def _index(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no index of an appearance")
    return value
