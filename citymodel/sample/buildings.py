"""The buildings of the sample city: each block filled by its kind, each building a closed shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely

from citymodel.sample.plan import Block, Plan
from citymodel.sample.shapes import Shell, box, mansard, pitched, prism, setback, shed, spire
from citymodel.sample.terrain import F8, SIZE, Terrain, river_distance

STOREY = 3.2


@dataclass(frozen=True, slots=True)
class Part:
    """One closed body: its shell, its footprint (n, 2), where it stands and where it ends, metres."""

    shell: Shell
    footprint: F8
    base: float
    eave: float
    top: float
    roof: str


@dataclass(frozen=True, slots=True)
class Building:
    """A building of one or more parts, and what a register would know of it."""

    id: str
    parts: tuple[Part, ...]
    function: str
    year: int
    storeys: int
    people: int
    street: str
    name: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def dwellings(self) -> int:
        """Homes, of two people each; none where nobody lives."""
        return -(-self.people // 2)

    @property
    def height(self) -> float:
        return max(p.top for p in self.parts) - min(p.base for p in self.parts)


@dataclass(slots=True)
class Site:
    """What filling needs: the terrain, the chance, and the buildings found so far."""

    terrain: Terrain
    rng: np.random.Generator
    buildings: list[Building] = field(default_factory=list)

    def base(self, ring: F8) -> float:
        """The lowest ground under a ring, rounded to the millimetre: a building stands on it everywhere."""
        at = np.vstack([ring, (ring + np.roll(ring, -1, axis=0)) / 2])
        return round(float(self.terrain.height(at[:, 0], at[:, 1]).min()), 3)

    def add(
        self, parts: list[Part], function: str, year: int, storeys: int, street: str, *, share: float = 1.0,
        name: str = "", extra: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Keep a building; its people follow from its floor area and the ``share`` that is lived in."""
        floor = sum(_area(p.footprint) for p in parts) * storeys
        people = round(floor * 0.75 / 42.0 * share)
        number = len(self.buildings) + 1
        self.buildings.append(
            Building(f"bldg-{number:04d}", tuple(parts), function, year, storeys, people, street, name, extra or {})
        )

    def body(self, quad: F8, storeys: float, roof: str, *, pitch: float = 42.0, hips: tuple[float, float] = (0.0, 0.0),
             plinth: float = 0.8) -> Part:  # fmt: skip
        """A body over a four-sided footprint with one of the roof forms."""
        quad = np.round(quad, 3)
        base = self.base(quad)
        eave = round(base + plinth + storeys * STOREY, 3)
        depth = float(np.hypot(*((quad[2] + quad[3]) / 2 - (quad[0] + quad[1]) / 2)))
        rise = depth / 2 * float(np.tan(np.radians(pitch)))
        if roof == "flat":
            return Part(prism(quad, base, eave), quad, base, eave, eave, roof)
        if roof == "setback":
            top = eave + 3.0
            return Part(setback(quad, base, eave, top, 0.24), quad, base, eave, top, "flat")
        if roof == "monopitch":
            top = eave + depth * 0.16
            return Part(shed(quad, base, eave, top), quad, base, eave, top, roof)
        if roof == "mansard":
            knee, top = eave + 3.1, eave + 3.1 + depth * 0.12
            return Part(mansard(quad, base, eave, knee, top, 0.12), quad, base, eave, top, roof)
        if roof == "pavilion":
            return Part(spire(quad, base, eave, eave + rise), quad, base, eave, eave + rise, roof)
        shell = pitched(quad, base, eave, eave + rise, hips)
        return Part(shell, quad, base, eave, eave + rise, roof)


def _area(ring: F8) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _meet(p: F8, d: F8, q: F8, e: F8) -> F8:
    """Where the lines p + t·d and q + s·e cross."""
    t = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / (d[0] * e[1] - d[1] * e[0])
    crossing: F8 = p + t * d
    return crossing


def _inward(a: F8, b: F8, distance: float) -> F8:
    d = (b - a) / np.hypot(*(b - a))
    moved: F8 = a + distance * np.array([-d[1], d[0]])
    return moved


def perimeter(c: F8, depths: tuple[float, float, float, float]) -> list[F8]:
    """Four rows of building along a block's edges: quads with the street side first, corners in the south and north."""
    d = [np.roll(c, -1, axis=0)[i] - c[i] for i in range(4)]
    line = [_inward(c[i], c[(i + 1) % 4], depths[i]) for i in range(4)]
    south = np.array([c[0], c[1], _meet(line[0], d[0], c[1], d[1]), _meet(line[0], d[0], c[0], d[3])])
    north = np.array([c[2], c[3], _meet(line[2], d[2], c[3], d[3]), _meet(line[2], d[2], c[2], d[1])])
    east = np.array([south[2], north[3], _meet(line[1], d[1], line[2], d[2]), _meet(line[1], d[1], line[0], d[0])])
    west = np.array([north[2], south[3], _meet(line[3], d[3], line[0], d[0]), _meet(line[3], d[3], line[2], d[2])])
    return [south, east, north, west]


def lots(row: F8, width: float, rng: np.random.Generator) -> list[F8]:
    """Cut a row quad across into houses of about ``width`` metres."""
    length = float(np.hypot(*(row[1] - row[0])))
    parts = max(1, round(length / width))
    shares = rng.uniform(0.75, 1.3, parts)
    cuts = np.concatenate([[0.0], np.cumsum(shares / shares.sum())])
    front = row[0] + (row[1] - row[0]) * cuts[:, None]
    back = row[3] + (row[2] - row[3]) * cuts[:, None]
    return [np.array([front[i], front[i + 1], back[i + 1], back[i]]) for i in range(parts)]


def _perimeter(site: Site, block: Block) -> None:
    rng, old = site.rng, block.strip in (1, 2, 3)
    depths = [float(v) for v in rng.uniform(10.5, 12.5, 4) + (0.0 if old else 1.2)]
    typical = rng.integers(3, 5) if old else rng.integers(4, 6)
    for side, row in enumerate(perimeter(block.corners, (depths[0], depths[1], depths[2], depths[3]))):
        houses = lots(row, float(rng.uniform(10, 13) if old else rng.uniform(14, 19)), rng)
        corners = side in (0, 2)
        for i, quad in enumerate(houses):
            end = corners and i in (0, len(houses) - 1)
            if not end and rng.random() < 0.05:
                continue
            storeys = int(typical + rng.choice([-1, 0, 0, 0, 1]))
            storeys = max(2, storeys + (1 if end and not old else 0))
            _house(site, quad, storeys, old, (corners and i == 0, corners and i == len(houses) - 1),
                   block.streets[side])  # fmt: skip
    _courtyard(site, block.corners, max(depths))


def _house(site: Site, quad: F8, storeys: int, old: bool, ends: tuple[bool, bool], street: str) -> None:
    rng = site.rng
    if not any(ends):
        quad = quad.copy()
        quad[2:] += (quad[:2][::-1] - quad[2:]) * rng.uniform(0.0, 0.14)
    length = float(np.hypot(*(quad[1] - quad[0])))
    depth = float(np.hypot(*(quad[3] - quad[0])))
    hip = min(0.45, 0.5 * depth / length)
    roofs = ["gabled", "mansard", "flat", "setback", "monopitch"]
    odds = [0.82, 0.12, 0.03, 0.0, 0.03] if old else [0.52, 0.26, 0.08, 0.09, 0.05]
    roof = str(rng.choice(roofs, p=odds))
    hips = (hip if ends[0] else 0.0, hip if ends[1] else 0.0)
    if any(ends) and roof in ("gabled", "mansard", "monopitch"):
        roof = "hipped"
    pitch = float(rng.uniform(40, 50) if old else rng.uniform(30, 42))
    modern = roof in ("flat", "setback", "monopitch")
    year = int(rng.integers(1955, 2019) if modern else rng.integers(1640, 1890) if old else rng.integers(1872, 1935))
    use = str(rng.choice(["residential", "shop and flats", "offices", "guest house"], p=[0.5, 0.36, 0.1, 0.04]))
    part = site.body(quad, storeys, roof, pitch=pitch, hips=hips)
    share = {"residential": 1.0, "shop and flats": 0.7}.get(use, 0.0)
    site.add([part], use, year, storeys, street, share=share)


def _courtyard(site: Site, corners: F8, depth: float) -> None:
    """One or two low workshops in the yard, clear of the houses."""
    rng = site.rng
    inner = perimeter(corners, (depth + 5,) * 4)
    yard = np.array([inner[0][3], inner[0][2], inner[2][3], inner[2][2]])
    along = (yard[1] - yard[0]) / np.hypot(*(yard[1] - yard[0]))
    room = float(np.hypot(*(yard[3] - yard[0])))
    if np.hypot(*(yard[1] - yard[0])) < 20 or room < 14:
        return
    for u in rng.permutation([0.22, 0.75])[: rng.integers(0, 3)]:
        at = yard[0] + (yard[1] - yard[0]) * u + (yard[3] - yard[0]) * 0.5
        quad = box(at, along, float(rng.uniform(6, 9)), float(rng.uniform(5, min(10.0, room - 6))))
        part = site.body(quad, 1, str(rng.choice(["flat", "monopitch"])), plinth=0.2)
        site.add([part], "workshop", int(rng.integers(1900, 1990)), 1, "", share=0.0)


def _inner(block: Block, margin: float) -> F8:
    rows = perimeter(block.corners, (margin,) * 4)
    return np.array([rows[0][3], rows[0][2], rows[2][3], rows[2][2]])


def _villas(site: Site, block: Block) -> None:
    rng = site.rng
    c = _inner(block, 4.5)
    wide, deep = float(np.hypot(*(c[1] - c[0]))), float(np.hypot(*(c[3] - c[0])))
    nx, ny = max(1, int(wide / 21)), max(1, int(deep / 25))
    for i in range(nx):
        for j in range(ny):
            u, v = (i + 0.5 + rng.uniform(-0.08, 0.08)) / nx, (j + 0.5 + rng.uniform(-0.08, 0.08)) / ny
            at = (1 - v) * ((1 - u) * c[0] + u * c[1]) + v * ((1 - u) * c[3] + u * c[2])
            if rng.random() < 0.08:
                continue
            along = (c[1] - c[0]) / wide if rng.random() < 0.7 else (c[3] - c[0]) / deep
            length, width = float(rng.uniform(11, 15)), float(rng.uniform(8.5, 10.5))
            quad = box(at, along, min(length, 0.75 * wide / nx), min(width, 0.6 * deep / ny))
            roof = str(rng.choice(["gabled", "hipped", "pavilion", "flat"], p=[0.42, 0.38, 0.1, 0.1]))
            hips = (0.34, 0.34) if roof == "hipped" else (0.0, 0.0)
            storeys = int(rng.integers(1, 4) if roof != "flat" else 2)
            part = site.body(quad, storeys, roof, pitch=float(rng.uniform(30, 45)), hips=hips)
            street = block.streets[0 if v < 0.5 else 2]
            site.add([part], "residential", int(rng.integers(1905, 2015)), storeys, street, share=0.6)


def _rows(site: Site, block: Block) -> None:
    """Terraces of two-storey houses along the long streets, gardens between."""
    rng = site.rng
    c = _inner(block, 4.0)
    for side, row in ((0, perimeter(c, (9.5,) * 4)[0]), (2, perimeter(c, (9.5,) * 4)[2])):
        part_of = lots(row, 30.0, rng)
        for terrace in part_of:
            terrace = terrace.copy()
            gap = 2.2 / float(np.hypot(*(terrace[1] - terrace[0])))
            f, b = terrace[1] - terrace[0], terrace[2] - terrace[3]
            terrace = np.array([terrace[0] + f * gap, terrace[1] - f * gap, terrace[2] - b * gap, terrace[3] + b * gap])
            storeys, pitch = int(rng.integers(2, 4)), float(rng.uniform(34, 45))
            year = int(rng.integers(1920, 2012))
            for quad in lots(terrace, 7.2, rng):
                part = site.body(quad, storeys, "gabled", pitch=pitch)
                site.add([part], "residential", year, storeys, block.streets[side], share=1.0)


def _slabs(site: Site, block: Block) -> None:
    rng = site.rng
    c = _inner(block, 7.0)
    wide, deep = float(np.hypot(*(c[1] - c[0]))), float(np.hypot(*(c[3] - c[0])))
    along = (c[3] - c[0]) / deep
    count = max(1, int(wide / 34))
    for i in range(count):
        at = c[0] + (c[1] - c[0]) * ((i + 0.5) / count) + (c[3] - c[0]) * 0.5
        storeys = int(rng.choice([5, 6, 8]))
        part = site.body(box(at, along, min(deep * 0.86, 62.0), 12.0), storeys, "flat")
        site.add([part], "residential", int(rng.integers(1962, 1979)), storeys, block.streets[0])


def _offices(site: Site, block: Block) -> None:
    rng = site.rng
    depths = (15.0, 14.0, 15.0, 14.0)
    for side, row in enumerate(perimeter(_inner(block, 2.0), depths)):
        for quad in lots(row, 36.0, rng):
            if rng.random() < 0.12:
                continue
            storeys = int(rng.integers(5, 8))
            part = site.body(quad, storeys, str(rng.choice(["flat", "setback"], p=[0.4, 0.6])), plinth=1.2)
            use, share = ("residential", 1.0) if rng.random() < 0.35 else ("offices", 0.0)
            site.add([part], use, int(rng.integers(1998, 2024)), storeys, block.streets[side], share=share)


def _works(site: Site, block: Block) -> None:
    rng = site.rng
    c = _inner(block, 5.0)
    for i, quad in enumerate(lots(c, 34.0, rng)):
        along = quad[1] - quad[0]
        wide, deep = (float(np.hypot(*v)) for v in (along, quad[3] - quad[0]))
        hall = box(quad.mean(axis=0), along / wide, wide * 0.82, deep * 0.74)
        roof = "gabled" if i % 2 == 0 else "monopitch"
        part = site.body(hall, 2, roof, pitch=12.0)
        site.add([part], "workshop", int(rng.integers(1950, 2005)), 1, block.streets[0], share=0.0)


def _school(site: Site, block: Block) -> None:
    c = _inner(block, 9.0)
    wide, deep = float(np.hypot(*(c[1] - c[0]))), float(np.hypot(*(c[3] - c[0])))
    along = (c[1] - c[0]) / wide
    across = np.array([-along[1], along[0]])
    main = box(c[0] + along * wide * 0.45 + across * 9.0, along, wide * 0.7, 14.0)
    reach = deep * 0.4
    wing = box(main[2] - along * 6.0 + across * reach / 2, across, reach, 12.0)
    gym = box(c[3] + along * 14.0 - across * 10.0, along, 24.0, 15.0)
    hips = (0.12, 0.12)
    parts = [site.body(main, 3, "hipped", pitch=36.0, hips=hips), site.body(wing, 2, "gabled", pitch=34.0)]
    site.add(parts, "school", 1908, 3, block.streets[0], share=0.0, name="Flussschule")
    site.add([site.body(gym, 2, "flat")], "sports hall", 1986, 1, block.streets[3], share=0.0)


_FILL: dict[str, Callable[[Site, Block], None]] = {
    "perimeter": _perimeter, "villas": _villas, "rows": _rows, "slabs": _slabs, "offices": _offices, "works": _works,
    "school": _school,
}  # fmt: skip


def _fits(building: Building) -> bool:
    """Inside the map and clear of the river's banks."""
    ring = np.vstack([p.footprint for p in building.parts])
    inside = bool(((ring > 2.0) & (ring < SIZE - 2.0)).all())
    return inside and bool((river_distance(ring[:, 0], ring[:, 1]) > 42.0).all())


def _apart(buildings: list[Building]) -> list[Building]:
    """The buildings without those that would stand in one named before them."""
    shapes = [shapely.union_all([shapely.Polygon(p.footprint) for p in b.parts]).buffer(-0.02) for b in buildings]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    gone: set[int] = set()
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a < b and a not in gone:
            gone.add(b)
    return [b for i, b in enumerate(buildings) if i not in gone]


def fill(plan: Plan, terrain: Terrain, seed: int) -> list[Building]:
    """All ordinary buildings of the plan, numbered from the south-west."""
    site = Site(terrain, np.random.default_rng([seed, 3]))
    for block in plan.blocks:
        if block.kind in _FILL:
            _FILL[block.kind](site, block)
    return _apart([b for b in site.buildings if _fits(b)])
