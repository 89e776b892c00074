"""Xlinks of a file: what pointed where, and the members, roots and templates they give in the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from citymodel.builder import CityModelBuilder

_MOST = 4  # times the file's polygons that one geometry may reach through references


class Links:
    """References met while reading; ``resolve`` fills them in, forward and backward alike."""

    def __init__(self, builder: CityModelBuilder) -> None:
        self.builder = builder
        self._members: list[tuple[int, str]] = []
        self._roots: list[tuple[int, str]] = []
        self._templates: list[tuple[int, list[float], str]] = []
        self._instances: list[tuple[int, int, list[float]]] = []

    def member(self, member: int, href: str) -> None:
        self._members.append((member, href))

    def root(self, geometry: int, href: str) -> None:
        self._roots.append((geometry, href))

    def instance(self, geometry: int, matrix: list[float], node: int, href: str) -> None:
        if node >= 0:
            self._instances.append((geometry, node, matrix))
        elif href:
            self._templates.append((geometry, matrix, href))

    def resolve(self, swapped: bool) -> None:
        """Fill in every reference; what is not in the file is counted and left out."""
        wanted = {_target(href) for _, href in (*self._members, *self._roots)}
        wanted.update(_target(href) for _, _, href in self._templates)
        polygons, nodes = find(self.builder, wanted)
        nested = False
        for member, href in self._members:
            target = _target(href)
            if target in polygons:
                self.builder.set_member(member, polygons[target], is_node=False)
            elif target in nodes:
                self.builder.set_member(member, nodes[target], is_node=True)
                nested = True
            else:
                self._unresolved(href)
        for geometry, href in self._roots:
            node = self._node(_target(href), polygons, nodes)
            if node is None:
                self._unresolved(href)
            else:
                self.builder.set_geometry(geometry, self.builder.node_kind[node], node)
        for geometry, matrix, href in self._templates:
            node = self._node(_target(href), polygons, nodes)
            if node is None:
                self._unresolved(href)
            else:
                self._instances.append((geometry, node, matrix))
        for geometry, node, matrix in self._instances:
            if swapped:
                matrix[3], matrix[7] = matrix[7], matrix[3]
            self.builder.add_instance(geometry, node, matrix)
        if nested:
            self._tame()

    def _node(self, target: str, polygons: dict[str, int], nodes: dict[str, int]) -> int | None:
        if target in nodes:
            return nodes[target]
        if target not in polygons:
            return None
        node = self.builder.add_node("Surface")
        self.builder.add_member(node, polygons[target], by_xlink=True)
        return node

    def _unresolved(self, href: str) -> None:
        self.builder.report.add("unresolved-xlink", href)

    def _tame(self) -> None:
        """Leave out references by which a node would hold itself, or polygons beyond number."""
        below: dict[int, list[tuple[int, int]]] = {}
        size: dict[int, int] = {}  # polygons below, counted as often as they are reached
        for member, node, target, is_node in self.builder.members():
            if is_node and target >= 0:
                below.setdefault(node, []).append((target, member))
            else:
                size[node] = size.get(node, 0) + 1
        state: dict[int, int] = {}  # 1 on the way, 2 done
        for start in below:
            if start in state:
                continue
            state[start] = 1
            way: list[tuple[int, Any]] = [(start, iter(below[start]))]
            while way:
                node, rest = way[-1]
                for target, member in rest:
                    if state.get(target) == 1:
                        self._leave_out(member, "circular-xlink", target)
                    elif target not in state:
                        state[target] = 1
                        way.append((target, iter(below.get(target, ()))))
                        break
                else:
                    state[node] = 2
                    way.pop()
                    self._weigh(node, below.get(node, ()), size)

    def _weigh(self, node: int, members: Iterable[tuple[int, int]], size: dict[int, int]) -> None:
        """Add up what is below a node whose members are all done."""
        total, most = size.get(node, 0), _MOST * len(self.builder.polygon_ids) + 1000
        for target, member in members:
            if total + size.get(target, 0) > most:
                self._leave_out(member, "multiplying-xlink", target)
            else:
                total += size.get(target, 0)
        size[node] = total

    def _leave_out(self, member: int, code: str, target: int) -> None:
        self.builder.set_member(member, -1, is_node=False)
        self.builder.report.add(code, self.builder.node_ids[target])


def find(builder: CityModelBuilder, wanted: set[str]) -> tuple[dict[str, int], dict[str, int]]:
    """(id to polygon, id to node) of the wanted ids; the first of equal ids counts."""
    if not wanted:
        return {}, {}
    polygons: dict[str, int] = {}
    for index, id in enumerate(builder.polygon_ids):
        if id in wanted:
            polygons.setdefault(id, index)
    nodes: dict[str, int] = {}
    for index, id in enumerate(builder.node_ids):
        if id in wanted:
            nodes.setdefault(id, index)
    return polygons, nodes


def _target(href: str) -> str:
    """The id that a reference into the same file names; other files' stay as they are."""
    return href[1:] if href.startswith("#") else href
