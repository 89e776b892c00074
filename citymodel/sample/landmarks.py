"""What people steer by: church, town hall, domed market, hill tower, bridges, and the planned tower."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from citymodel.sample.buildings import Building, Part, Site
from citymodel.sample.plan import BRIDGE_X, FOOTBRIDGE_X, Block, Plan
from citymodel.sample.shapes import Shell, box, dome, face, pitched, polygon, prism, setback, shed, spire
from citymodel.sample.terrain import F8, Terrain, river, river_slope


class Bridge(NamedTuple):
    """A bridge: one closed body from bank to bank, its deck (4, 2) in plan."""

    id: str
    name: str
    year: int
    shell: Shell
    deck: F8


def _axes(block: Block) -> tuple[F8, F8, F8]:
    c = block.corners
    along = c[1] - c[0] + c[2] - c[3]
    along = along / np.hypot(*along)
    return block.centre, along, np.array([-along[1], along[0]])


def _block(plan: Plan, kind: str) -> Block:
    return next(b for b in plan.blocks if b.kind == kind)


def _round(ring: F8) -> F8:
    return np.round(ring, 3)


def church(site: Site, block: Block) -> None:
    """A basilica with a west tower, a steep nave, a lower choir and a chapel on either side."""
    centre, e, n = _axes(block)
    nave = _round(box(centre + e * 4, e, 30.0, 15.0))
    base = site.base(np.vstack([nave, centre + polygon(np.zeros(2), 26.0, 8)]))
    tower = _round(box(centre - e * (11 + 4.5), e, 9.0, 9.0))
    choir = _round(box(centre + e * (19 + 5.5), e, 11.0, 10.0))
    parts = [
        Part(pitched(nave, base, base + 13.0, base + 24.0, (0.0, 0.0)), nave, base, base + 13, base + 24, "gabled"),
        Part(spire(tower, base, base + 38.0, base + 64.0), tower, base, base + 38, base + 64, "pavilion"),
        Part(pitched(choir, base, base + 10.0, base + 18.0, (0.0, 0.42)), choir, base, base + 10, base + 18, "hipped"),
    ]
    for side in (-1, 1):
        aisle = _round(box(centre + e * 4 + n * side * (7.5 + 3.0), e * -side, 26.0, 6.0))
        parts.append(site_shed(aisle, base, 6.0, 9.5))
    site.add(parts, "church", 1348, 1, block.streets[0], share=0.0, name="St. Laurentius")


def site_shed(quad: F8, base: float, low: float, high: float) -> Part:
    return Part(shed(quad, base, base + low, base + high), quad, base, base + low, base + high, "monopitch")


def town_hall(site: Site, block: Block) -> None:
    """Three wings about a court that opens to the south, a clock tower in the middle."""
    centre, e, n = _axes(block)
    base = site.base(box(centre, e, 56.0, 44.0))
    main = _round(box(centre + n * 9, e, 52.0, 14.0))
    tower = _round(box(centre - n * 2, e, 8.0, 8.0))
    parts = [
        Part(pitched(main, base, base + 14.5, base + 22.0, (0.13, 0.13)), main, base, base + 14.5, base + 22, "hipped"),
        Part(spire(tower, base, base + 31.0, base + 43.0), tower, base, base + 31, base + 43, "pavilion"),
    ]
    for side in (-1, 1):
        wing = _round(box(centre + e * side * 20 - n * 9, n, 22.0, 12.0))
        shell = pitched(wing, base, base + 11.0, base + 17.0, (0.28, 0.0))
        parts.append(Part(shell, wing, base, base + 11, base + 17, "hipped"))
    site.add(parts, "town hall", 1597, 4, block.streets[0], share=0.0, name="Rathaus")


def market_dome(site: Site, block: Block) -> None:
    """The landmark of the square: a domed market hall of twelve sides with a lantern ring of porches."""
    centre, e, _ = _axes(block)
    turn = float(np.arctan2(e[1], e[0])) + np.pi / 12
    hall = _round(polygon(centre, 15.0, 12, turn))
    base = site.base(_round(polygon(centre, 24.0, 12, turn)))
    shell = dome(hall, base, base + 12.0, 13.5)
    parts = [Part(shell, hall, base, base + 12, base + 12 + 13.5 * 1.12, "dome")]
    reach = 15.0 * float(np.cos(np.pi / 12))
    edge = 15.0 * 2 * float(np.sin(np.pi / 12))
    for k in range(4):
        a = turn - np.pi / 12 + k * np.pi / 2
        out = np.array([np.cos(a), np.sin(a)])
        porch = _round(box(centre + out * (reach + 2.6), out, 5.0, edge * 0.9))
        parts.append(Part(pitched(porch, base, base + 6.0, base + 8.6, (0.0, 0.0)), porch, base, base + 6, base + 8.6,
                          "gabled"))  # fmt: skip
    site.add(parts, "market hall", 1884, 1, block.streets[0], share=0.0, name="Markthalle")


def hill_tower(site: Site) -> None:
    """A round look-out tower with a small house on the shoulder of the hill."""
    centre = np.array([948.0, 938.0])
    keep = _round(polygon(centre, 5.5, 16))
    house = _round(box(centre + np.array([-5.5 - 8.2, 0.0]), np.array([1.0, 0.0]), 15.0, 8.0))
    base = site.base(np.vstack([keep, house]))
    parts = [
        Part(spire(keep, base, base + 24.0, base + 33.0), keep, base, base + 24, base + 33, "cone"),
        Part(pitched(house, base, base + 6.5, base + 11.5, (0.0, 0.0)), house, base, base + 6.5, base + 11.5, "gabled"),
    ]
    site.add(parts, "look-out tower", 1415, 2, "", share=0.0, name="Laueblick")


def landmarks(plan: Plan, terrain: Terrain, seed: int) -> list[Building]:
    """Church, town hall, market and hill tower, with ids after their names."""
    site = Site(terrain, np.random.default_rng([seed, 4]))
    church(site, _block(plan, "church"))
    town_hall(site, _block(plan, "hall"))
    market_dome(site, _block(plan, "square"))
    hill_tower(site)
    ids = ("bldg-church", "bldg-town-hall", "bldg-market", "bldg-hill-tower")
    return [
        Building(key, b.parts, b.function, b.year, b.storeys, b.people, b.street, b.name, b.extra)
        for key, b in zip(ids, site.buildings, strict=True)
    ]


def planned_tower(plan: Plan, terrain: Terrain) -> Building:
    """A proposal for the empty site by the river: a podium and a slender tower of 27 storeys."""
    block = _block(plan, "site")
    site = Site(terrain, np.random.default_rng(0))
    centre, e, _ = _axes(block)
    podium = _round(box(centre - e * 15.0, e, 20.0, 30.0))
    base = site.base(box(centre, e, 56.0, 32.0))
    tower = _round(box(centre + e * 7.0, e, 24.0, 24.0))
    low = prism(podium, base, base + 12.0)
    tall = setback(tower, base, base + 84.0, base + 91.0, 0.28)
    parts = (
        Part(tall, tower, base, base + 84, base + 91, "flat"),
        Part(low, podium, base, base + 12, base + 12, "flat"),
    )
    return Building("bldg-planned-tower", parts, "offices and flats", 2029, 27, 310, block.streets[0], "Laueturm",
                    {"status": "planned", "proposal": "Laueturm"})  # fmt: skip


def bridges(terrain: Terrain) -> list[Bridge]:
    """The arched stone bridge of the avenue, and a thin footbridge downstream."""
    stone = _bridge(terrain, "bridge-1", "Steinbrücke", 1742, BRIDGE_X, 13.0, 3, 1.1, 46.0)
    foot = _bridge(terrain, "bridge-2", "Auensteg", 2004, FOOTBRIDGE_X, 3.6, 1, 0.5, 46.0)
    return [stone, foot]


def _bridge(
    terrain: Terrain, key: str, name: str, year: int, x: float, width: float, arches: int, crown: float, half: float
) -> Bridge:  # fmt: skip
    """A closed body: the profile along the river crossing, pushed out to the deck's width."""
    at = np.array([x])
    tangent = np.array([1.0, float(river_slope(at)[0])])
    across = np.array([-tangent[1], tangent[0]]) / np.hypot(*tangent)
    middle = np.array([x, float(river(at)[0])])
    ends = terrain.drape(np.array([middle - across * half, middle + across * half]), 0.12)[:, 2]
    s = np.linspace(-half, half, 25)
    t = (s + half) / (2 * half)
    top = ends[0] + (ends[1] - ends[0]) * t + 1.5 * np.sin(np.pi * t)
    arch = 2 * 33.0 / arches
    u = np.clip((s + 33.0) / arch, 0.0, arches - 1e-9) % 1.0
    opening = np.sqrt(np.clip(1.0 - (2 * u - 1) ** 2, 0.0, 1.0))
    spring = 176.5 if arches > 1 else 180.2
    under = np.where(np.abs(s) < 33.0, spring + (top - crown - spring) * opening, ends.min() - 1.6)
    under = np.minimum(under, top - crown)
    side = np.array([-across[1], across[0]]) * width / 2
    upper = [
        [np.array([*(middle + across * a + sign * side), z]) for a, z in zip(s, top, strict=True)] for sign in (1, -1)
    ]
    lower = [[np.array([*(middle + across * a + sign * side), z]) for a, z in zip(s, under, strict=True)]
             for sign in (1, -1)]  # fmt: skip
    (ul, ur), (ll, lr) = upper, lower
    shell: Shell = []
    for i in range(len(s) - 1):
        shell += [
            face("OuterFloor", ur[i], ur[i + 1], ul[i + 1], ul[i]), face("Ground", ll[i], ll[i + 1], lr[i + 1], lr[i]),
            face("Wall", lr[i], lr[i + 1], ur[i + 1], ur[i]), face("Wall", ll[i + 1], ll[i], ul[i], ul[i + 1]),
        ]  # fmt: skip
    shell += [face("Wall", ll[0], lr[0], ur[0], ul[0]), face("Wall", lr[-1], ll[-1], ul[-1], ur[-1])]
    deck = np.array([ur[0][:2], ur[-1][:2], ul[-1][:2], ul[0][:2]])
    return Bridge(key, name, year, shell, deck)


def clear_of(buildings: list[Building], others: list[Building]) -> list[Building]:
    """The buildings whose footprints do not touch those of ``others``."""
    taken = shapely.union_all([shapely.Polygon(p.footprint) for b in others for p in b.parts]).buffer(2.0)
    return [b for b in buildings if not any(shapely.intersects(taken, shapely.Polygon(p.footprint)) for p in b.parts)]
