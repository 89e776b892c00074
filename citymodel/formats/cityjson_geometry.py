"""Geometries of a CityModel as CityJSON boundaries, semantics, materials and textures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from citymodel.formats.cityjson_names import written
from citymodel.model import CityModel

if TYPE_CHECKING:
    from citymodel.formats.cityjson_writer import Grid

_SOLIDS = {"MultiSolid": "MultiSolid", "CompositeSolid": "CompositeSolid"}
_COMPOSITES = ("CompositeSurface", "TriangulatedSurface", "Tin", "TIN")
_SURFACES = ("MultiSurface", "CompositeSurface", "Solid", "MultiSolid", "CompositeSolid")
_POINTS = {"MultiPoint": "MultiPoint", "MultiCurve": "MultiLineString"}
_DEPTH = 64


class Use(NamedTuple):
    """A polygon in a geometry, turned round or not."""

    polygon: int
    reversed: bool


class VertexPart:
    """The vertices of one document, numbered in the order of their use."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._index: dict[int, int] = {}
        self._places: dict[tuple[int, int, int], int] = {}
        self._triples: list[Any] = []

    def row(self, vertex: int) -> int:
        """The document's index of a row of the model's vertices."""
        found = self._index.get(vertex)
        if found is None:
            found = self._index[vertex] = len(self._triples)
            self._triples.append(self._grid.whole[vertex].tolist())
        return found

    def place(self, xyz: Sequence[float]) -> int:
        """The document's index of a place that is no vertex of a polygon."""
        key = self._grid.place(xyz)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = len(self._triples)
            self._triples.append(list(key))
        return found

    def nested(self, coordinates: Any) -> Any:
        """Nested coordinates as nested indices."""
        if coordinates and isinstance(coordinates[0], int | float):
            return self.place(coordinates)
        return [self.nested(part) for part in coordinates]

    def triples(self) -> list[Any]:
        return self._triples


class AppearancePart:
    """The textures, materials and texture coordinates that one document uses."""

    def __init__(self, model: CityModel, *, whole: bool = False) -> None:
        """``whole`` keeps textures and materials that nothing uses."""
        self._model = model
        self._textures = {row: row for row in range(len(model.appearance.textures) if whole else 0)}
        self._materials = {row: row for row in range(len(model.appearance.materials) if whole else 0)}
        self._uv: dict[tuple[float, float], int] = {}

    def texture(self, row: int) -> int:
        return self._textures.setdefault(row, len(self._textures))

    def material(self, row: int) -> int:
        return self._materials.setdefault(row, len(self._materials))

    def uv(self, u: float, v: float) -> int:
        return self._uv.setdefault((u, v), len(self._uv))

    def document(self) -> dict[str, Any]:
        """The appearance member; empty where nothing is used."""
        appearance: dict[str, Any] = {}
        looks = self._model.appearance
        if self._materials:
            appearance["materials"] = [_material(looks.materials[row], row) for row in self._materials]
        if self._textures:
            appearance["textures"] = [_texture(looks.textures[row]) for row in self._textures]
            appearance["vertices-texture"] = [list(pair) for pair in self._uv]
        if appearance:
            appearance.update(self._model.metadata.get("default-themes", {}))
        return appearance


def _texture(texture: Mapping[str, Any]) -> dict[str, Any]:
    uri = str(texture.get("uri", ""))
    kept = {key: value for key, value in texture.items() if key not in ("uri", "wrap")}
    kept.setdefault("type", "PNG" if uri.lower().endswith("png") else "JPG")
    return {**kept, "image": uri, **({"wrapMode": texture["wrap"]} if texture.get("wrap") else {})}


def _material(material: Mapping[str, Any], row: int) -> dict[str, Any]:
    names = {"diffuse": "diffuseColor", "specular": "specularColor", "emissive": "emissiveColor", "smooth": "isSmooth"}
    made = {names.get(k, k): list(v) if isinstance(v, tuple) else v for k, v in material.items()}
    return {"name": f"material-{row}", **made}


class GeometryWriter:
    """Writes the geometries of objects; knows for every polygon its looks."""

    def __init__(self, model: CityModel, grid: Grid) -> None:
        self.model = model
        self._idle = _idle_surfaces(model)
        self._looks: dict[int, list[int]] = {}
        looks = model.appearance
        for row in range(len(looks.polygon)):
            self._looks.setdefault(int(looks.polygon[row]), []).append(row)
        self._instances = {int(row): k for k, row in enumerate(model.instances.geometry)}
        self._template_rows: dict[int, int] = {}
        self._ring_vertices = model.ring_vertices.tolist()

    def of_object(
        self, row: int, geometries: Sequence[int], vertices: VertexPart, looks: AppearancePart
    ) -> list[dict[str, Any]]:
        """All geometries of one object; those of its boundary surfaces become semantics."""
        table = self.model.geometries
        own = [g for g in geometries if table.surface[g] < 0]
        owners: dict[str, dict[int, int]] = {}
        for g in geometries:
            if table.surface[g] >= 0:
                by_polygon = owners.setdefault(table.lod[g], {})
                for use in self._flat(int(table.root[g])):
                    by_polygon.setdefault(use.polygon, int(table.surface[g]))
        found = []
        used: dict[str, set[int]] = {}
        for g in own:
            made = self._geometry(g, owners.get(table.lod[g], {}), vertices, looks)
            if made is not None:
                found.append(made)
                used.setdefault(table.lod[g], set()).update(use.polygon for use in self._flat(int(table.root[g])))
        for lod, by_polygon in owners.items():
            left = [Use(polygon, False) for polygon in by_polygon if polygon not in used.get(lod, ())]
            if left:
                found.append(self._made("MultiSurface", lod, left, by_polygon, vertices, looks))
        if idle := self._idle.get(row):
            self._add_idle(idle, found)
        return found

    def _add_idle(self, idle: Sequence[int], found: list[dict[str, Any]]) -> None:
        """Boundary surfaces without polygons, kept in the semantics of the last surface geometry."""
        host = next((made for made in reversed(found) if made["type"] in _SURFACES), None)
        if host is None:
            host = {"type": "MultiSurface", "lod": "0", "boundaries": []}
            found.append(host)
        semantics = host.setdefault("semantics", {"surfaces": [], "values": None})
        semantics["surfaces"] += [self._surface(row) for row in idle]

    def _geometry(
        self, g: int, owner: Mapping[int, int], vertices: VertexPart, looks: AppearancePart
    ) -> dict[str, Any] | None:
        table = self.model.geometries
        kind, lod, root = table.kind[g], table.lod[g], int(table.root[g])
        if g in self._instances:
            return self._instance(self._instances[g], vertices)
        if kind in _POINTS:
            kept = self.model.metadata.get("cityjson", {}).get("coordinates", {}).get(g)
            return None if kept is None else {**kept, "boundaries": vertices.nested(kept["boundaries"])}
        if root < 0:
            return None
        kind, parts = self._parts(kind, root)
        return self._made(kind, lod, parts, owner, vertices, looks)

    def _parts(self, kind: str, root: int) -> tuple[str, list[Any]]:
        """CityJSON's type and the polygons, nested as that type demands."""
        if kind in _SOLIDS:
            solids = [self._shells(n) for n, is_node, _ in self._members(root) if is_node]
            return kind, [solid for solid in solids if solid]
        if kind == "Solid":
            return kind, self._shells(root)
        return "CompositeSurface" if kind in _COMPOSITES else "MultiSurface", self._flat(root)

    def _members(self, node: int) -> list[tuple[int, bool, bool]]:
        nodes = self.model.nodes
        rows = range(int(nodes.offsets[node]), int(nodes.offsets[node + 1]))
        return [(int(nodes.target[m]), bool(nodes.is_node[m]), bool(nodes.reversed[m])) for m in rows]

    def _shells(self, solid: int) -> list[list[Use]]:
        members = self._members(solid)
        shells = [self._flat(n) for n, is_node, _ in members if is_node and self.model.nodes.kind[n] == "Shell"]
        return [shell for shell in shells if shell] or [self._flat(solid)]

    def _flat(self, node: int, turned: bool = False, depth: int = 0) -> list[Use]:
        """All polygons below a node, in order."""
        if node < 0 or depth > _DEPTH:
            return []
        found: list[Use] = []
        for target, is_node, reversed in self._members(node):
            if is_node:
                found += self._flat(target, turned ^ reversed, depth + 1)
            elif target >= 0:
                found.append(Use(target, turned ^ reversed))
        return found

    def _made(
        self,
        kind: str,
        lod: str,
        parts: list[Any],
        owner: Mapping[int, int],
        vertices: VertexPart,
        looks: AppearancePart,
    ) -> dict[str, Any]:
        """One geometry with all that hangs on it."""
        made: dict[str, Any] = {"type": kind}
        if lod:
            made["lod"] = lod
        made["boundaries"] = _nested(parts, lambda use: self._rings(use, vertices))
        polygons = _leaves(parts)
        rows = [owner.get(use.polygon, -1) for use in polygons]
        if any(row >= 0 for row in rows):
            made["semantics"] = self._semantics(parts, owner)
        made.update(self._appearance(parts, polygons, looks))
        return made

    def _rings(self, use: Use, vertices: VertexPart) -> list[list[int]]:
        model = self.model
        rings = []
        for ring in range(int(model.polygon_rings[use.polygon]), int(model.polygon_rings[use.polygon + 1])):
            corners = self._ring_vertices[model.ring_offsets[ring] : model.ring_offsets[ring + 1]]
            rings.append([vertices.row(corner) for corner in (corners[::-1] if use.reversed else corners)])
        return rings

    def _surface(self, row: int) -> dict[str, Any]:
        objects = self.model.objects
        named = {"id": objects.ids[row]} if objects.ids[row] else {}
        return {**objects.attributes[row], **named, "type": written(objects.type_of(row), surface=True)}

    def _semantics(self, parts: list[Any], owner: Mapping[int, int]) -> dict[str, Any]:
        objects = self.model.objects
        index: dict[int, int] = {}
        for use in _leaves(parts):
            row = owner.get(use.polygon, -1)
            while row >= 0 and objects.is_surface[row] and row not in index:
                index[row] = len(index)
                row = int(objects.parent[row])
        surfaces: list[dict[str, Any]] = []
        for row in index:
            surfaces.append(self._surface(row))
        for row, k in index.items():
            parent = index.get(int(objects.parent[row]))
            if parent is not None:
                surfaces[k]["parent"] = parent
                surfaces[parent].setdefault("children", []).append(k)
        return {"surfaces": surfaces, "values": _nested(parts, lambda use: index.get(owner.get(use.polygon, -1)))}

    def _appearance(self, parts: list[Any], polygons: Sequence[Use], looks: AppearancePart) -> dict[str, Any]:
        table = self.model.appearance
        chosen: dict[tuple[bool, str], dict[int, int]] = {}
        for use in polygons:
            for row in self._looks.get(use.polygon, ()):
                key = (bool(table.is_texture[row]), table.theme[row])
                by_polygon = chosen.setdefault(key, {})
                if table.front[row] or use.polygon not in by_polygon:
                    by_polygon[use.polygon] = row
        made: dict[str, Any] = {}
        for (is_texture, theme), rows in chosen.items():

            def value(use: Use, rows: dict[int, int] = rows, is_texture: bool = is_texture) -> Any:
                row = rows.get(use.polygon)
                if is_texture:
                    return self._texture_rings(use, row, looks)
                return None if row is None else looks.material(int(table.index[row]))

            name = theme or "default"
            made.setdefault("texture" if is_texture else "material", {})[name] = {"values": _nested(parts, value)}
        return made

    def _texture_rings(self, use: Use, row: int | None, looks: AppearancePart) -> list[Any]:
        model, table = self.model, self.model.appearance
        rings = range(int(model.polygon_rings[use.polygon]), int(model.polygon_rings[use.polygon + 1]))
        uv = None if row is None else table.uv[table.uv_offsets[row] : table.uv_offsets[row + 1]]
        counts = [int(model.ring_offsets[ring + 1] - model.ring_offsets[ring]) for ring in rings]
        if row is None or uv is None or len(uv) != sum(counts):
            return [[None] for _ in counts]
        made: list[Any] = []
        start = 0
        for count in counts:
            pairs = uv[start : start + count]
            start += count
            if np.isnan(pairs).any():
                made.append([None])
                continue
            turned = pairs[::-1] if use.reversed else pairs
            made.append([looks.texture(int(table.index[row])), *(looks.uv(float(u), float(v)) for u, v in turned)])
        return made

    def _instance(self, k: int, vertices: VertexPart) -> dict[str, Any]:
        instances = self.model.instances
        matrix = np.array(instances.matrix[k])
        place = vertices.place(matrix[:3, 3].tolist())
        matrix[:3, 3] = 0.0
        template = self._template_rows.get(int(instances.template[k]), 0)
        made = {"type": "GeometryInstance", "template": template, "boundaries": [place]}
        return {**made, "transformationMatrix": matrix.ravel().tolist()}

    def templates(self, kept: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The geometry-templates member; ``kept`` says of known templates their LoD and semantics."""
        about = {int(item["node"]): item for item in kept}
        places: dict[tuple[float, ...], int] = {}
        templates: list[dict[str, Any]] = []
        for node in dict.fromkeys([*(n for n in about if n >= 0), *self.model.instances.template.tolist()]):
            self._template_rows[node] = len(templates)
            kind, parts = self._parts(self.model.nodes.kind[node], node)
            kept_item = about.get(node, {})
            made: dict[str, Any] = {"type": kind, "lod": str(kept_item.get("lod", self._lod_of_template(node)))}
            made["boundaries"] = _nested(parts, lambda use: self._template_rings(use, places))
            if "semantics" in kept_item:
                made["semantics"] = kept_item["semantics"]
            templates.append(made)
        return {"templates": templates, "vertices-templates": [list(p) for p in places]} if templates else {}

    def _lod_of_template(self, node: int) -> str:
        used = self.model.instances.geometry[self.model.instances.template == node]
        return next((self.model.geometries.lod[int(g)] for g in used), "") or "1"

    def _template_rings(self, use: Use, places: dict[tuple[float, ...], int]) -> list[list[int]]:
        model = self.model
        rings = []
        for ring in range(int(model.polygon_rings[use.polygon]), int(model.polygon_rings[use.polygon + 1])):
            rows = model.ring_vertices[model.ring_offsets[ring] : model.ring_offsets[ring + 1]]
            corners = model.vertices[rows[::-1] if use.reversed else rows]
            rings.append([places.setdefault(tuple(c), len(places)) for c in corners.tolist()])
        return rings


def _idle_surfaces(model: CityModel) -> dict[int, list[int]]:
    """Boundary surfaces that neither have a geometry nor hold one that has, by their object's row."""
    objects = model.objects
    busy = set(model.geometries.surface.tolist())
    for row in list(busy):
        while row >= 0 and objects.parent[row] >= 0 and objects.is_surface[objects.parent[row]]:
            row = int(objects.parent[row])
            busy.add(row)
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero(objects.is_surface).tolist():
        owner = row
        while owner >= 0 and objects.is_surface[owner]:
            owner = int(objects.parent[owner])
        if row not in busy and owner >= 0:
            found.setdefault(owner, []).append(row)
    return found


def _nested(parts: list[Any], value: Any) -> list[Any]:
    """The same nesting with ``value(use)`` for each polygon."""
    return [value(part) if isinstance(part, Use) else _nested(part, value) for part in parts]


def _leaves(parts: list[Any]) -> list[Use]:
    found: list[Use] = []
    for part in parts:
        found += [part] if isinstance(part, Use) else _leaves(part)
    return found
