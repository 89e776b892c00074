"""Chapter: the room below the threshold of a protected view against closed forms and against Shapely on a real city."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.vista.clip import cut, least_room
from citymodel.analysis.vista.corridor import PARTS, Corridor
from citymodel.analysis.vista.masses import Masses, masses_of, worst_of
from citymodel.validation.page import Chapter, Check, Place, table

F8 = NDArray[np.float64]

TITLE = "Protected views"
EARTH_RADIUS = 6_378_137.0
BOUND = 1e-6
AXES = (0.0, 37.0, 118.5, 203.0, 341.7)
"""Degrees from grid north of the views over the boxes."""
POINT, LENGTH = (712_345.25, 5_345_678.5), 2400.0
VIEWS = ((0.15, 0.2), (0.85, 0.3), (0.5, 0.1))
"""Assessment points over the real city, as shares of its extent; each looks at its middle."""
FLAT = 1e-4
"""m² in plan below which a triangle is told by its edges alone."""


def box(corridor: Corridor, at: float, wide: float, deep: float, height: float) -> F8:
    """(12, 3, 3) triangles of a box across the axis, its near side ``at`` metres from the point."""
    s, a = np.array([at, at + deep]), np.array([-wide / 2, wide / 2])
    x, y = corridor.world(s[[0, 1, 1, 0]], a[[0, 0, 1, 1]])
    low, high = (np.column_stack([x, y, np.full(4, z)]) for z in (0.0, height))
    quads = [high, low] + [np.stack([low[k], low[k - 3], high[k - 3], high[k]]) for k in range(4)]
    return np.array([[one[0], one[k], one[k + 1]] for one in quads for k in (1, 2)])


def by_formula(corridor: Corridor, at: float, deep: float, height: float) -> float:
    """Least room above a level roof: at an end of it, or where the curved threshold is lowest."""
    rise, bend, length = corridor.heights[1] - corridor.heights[0], corridor.bend, corridor.length

    def allowed(s: float) -> float:
        return corridor.heights[0] + rise * s / length - bend * s * (length - s)

    lowest = (length - rise / (length * bend)) / 2 if bend else at
    places = [at, at + deep] + ([lowest] if at < lowest < at + deep else [])
    return min(allowed(s) for s in places) - height


def on_boxes() -> tuple[list[list[str]], float]:
    """A row a refraction: the largest error over axes and boxes, metres."""
    rows, worst = [], 0.0
    for words, k in (("straight", None), ("curved, k = 0", 0.0), ("curved, k = 0.13", 0.13)):
        bend = 0.0 if k is None else (1 - k) / (2 * EARTH_RADIUS)
        most, lowest = 0.0, math.inf
        for azimuth in AXES:
            towards = (math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth)))
            for heights in ((14.0, 61.0), (40.0, 40.05)):
                corridor = Corridor(POINT, towards, LENGTH, (5.0, 120.0), heights, bend=bend)
                for at, deep, height in ((300.0, 12.0, 11.5), (1100.0, 300.0, 35.0), (2380.0, 20.0, 58.25)):
                    corners = corridor.local(box(corridor, at, 3.0, deep, height))
                    pieces = cut(corners, corridor.regions()[0][1])
                    found = float(least_room(pieces, np.zeros(len(corners), dtype=np.int64), corridor).room[0])
                    right = by_formula(corridor, at, deep, height)
                    most, lowest = max(most, abs(found - right)), min(lowest, right)
        rows.append([words, f"{len(AXES) * 6}", f"{lowest:.3f} m".replace("-", "−"), f"{most:.1e} m"])
        worst = max(worst, most)
    return rows, worst


def by_shapely(masses: Masses, corridor: Corridor) -> dict[tuple[int, int], float]:
    """Least room by number of object and part: triangles and their edges cut by Shapely in plan."""
    import shapely

    found: dict[tuple[int, int], float] = {}
    for part, ring in corridor.outlines():
        x, y = corridor.world(ring[:, 0], ring[:, 1])
        region = shapely.Polygon(np.column_stack([x, y]))
        flat = np.asarray(shapely.polygons(masses.corners[..., :2]))
        near = np.flatnonzero(shapely.distance(shapely.envelope(flat), region) == 0)
        for row in near:
            corners = masses.corners[row]
            places = _on_edges(corners, region)
            if flat[row].area > FLAT:
                places += _on_plane(corners, shapely.get_coordinates(flat[row].intersection(region)))
            if places:
                local = corridor.local(np.array(places))
                rise = corridor.heights[1] - corridor.heights[0]
                room = corridor.heights[0] + rise * local[:, 0] / corridor.length - local[:, 2]
                key = (int(masses.owner[row]), part)
                found[key] = min(found.get(key, math.inf), float(room.min()))
    return found


def _on_edges(corners: F8, region: Any) -> list[F8]:
    """Ends of what of a triangle's edges lies in the region, with their heights along the edge."""
    import shapely

    found = []
    for k in range(3):
        a, b = corners[k], corners[(k + 1) % 3]
        span = float(np.hypot(*(b - a)[:2]))
        if span < 1e-9:  # upright: a point in plan
            if shapely.intersects_xy(region, *a[:2]):
                found += [a, b]
            continue
        for x, y in shapely.get_coordinates(shapely.intersection(shapely.LineString([a[:2], b[:2]]), region)):
            share = float(np.hypot(x - a[0], y - a[1])) / span
            found.append(a + share * (b - a))
    return found


def _on_plane(corners: F8, xy: F8) -> list[F8]:
    """Places in plan lifted onto a triangle."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
    twice = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    found = []
    for x, y in xy:
        v = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / twice
        w = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / twice
        found.append(np.array([x, y, az + v * (bz - az) + w * (cz - az)]))
    return found


def on_a_city(path: Path, small: bool) -> tuple[list[list[str]], float]:
    """A row a view over a real city: buildings and parts, how many rise above, and the largest difference, metres."""
    from citymodel.project import open_data

    document = open_data([path])
    masses = masses_of(document.layers)
    low, high = masses.corners.reshape(-1, 3).min(axis=0), masses.corners.reshape(-1, 3).max(axis=0)
    middle = (low + high) / 2
    rows, worst = [], 0.0
    for east, north in VIEWS[: 1 if small else None]:
        point = (float(low[0] + east * (high[0] - low[0])), float(low[1] + north * (high[1] - low[1])))
        way = middle[:2] - point
        length = float(np.hypot(*way))
        towards = (float(way[0] / length), float(way[1] / length))
        heights = (float(low[2]) + 4.0, float(low[2]) + 18.0)
        corridor = Corridor(point, towards, length, (8.0, 40.0), heights, 30.0, 80.0)
        ours = worst_of(masses, corridor)
        theirs = by_shapely(masses, corridor)
        numbers = {key: number for number, key in enumerate(masses.keys)}
        mine = {(numbers[key], part): one.room for (key, part), one in ours.items()}
        away = [abs(mine[key] - room) if key in mine else math.inf for key, room in theirs.items()]
        touching = [key for key in mine if key not in theirs]
        above = sum(room < 0 for room in mine.values())
        most = max([*away, *(math.inf for key in touching if not _at_an_edge(masses, key, corridor))], default=0.0)
        rows.append([f"{length:,.0f} m", f"{len(mine):,}", f"{above:,}", f"{most:.1e} m"])
        worst = max(worst, most)
    return rows, worst


def _at_an_edge(masses: Masses, key: tuple[int, int], corridor: Corridor) -> bool:
    """Whether an object that Shapely leaves out only touches the part, within the width that counts as touching."""
    corners = corridor.local(masses.corners[masses.owner == key[0]])
    planes = next(planes for part, planes in corridor.regions() if part == key[1])
    away = np.einsum("tkc,pc->ptk", corners[..., :2], planes[:, :2]) - planes[:, 2, None, None]
    return bool((away.min(axis=(1, 2)) >= -1e-6).any())


def chapter(place: Place) -> Chapter:
    """Boxes by hand, and a real city by another library's intersections."""
    head = ("threshold", "boxes", "least room among them", "largest error")
    rows, worst = on_boxes()
    text = [
        (
            "The room below a threshold is the least of threshold − height over the triangles of a building, cut by "
            "the part of the view, in float64. A box across the axis has it at an end of its roof, or, where the "
            "threshold follows the curved earth, where it is lowest above the roof: a closed form. The axes run in "
            "five directions, 5,300 km from the origin of the coordinates."
        ),
        table(head, rows),
    ]
    checks = [Check("largest error of the room above boxes", worst, BOUND, "m", 9)]
    path = place.files("place_denhaag", "DenHaag_01.city.json")
    if path is None:
        return Chapter(TITLE, [*text, "The real city was not on this machine."], checks)
    rows, worst = on_a_city(path, place.small)
    names = ", ".join(PARTS)
    text += [
        (
            "Den Haag, all buildings of the model: the triangles and their edges cut by Shapely's intersection with "
            f"each part ({names}) as a polygon, the heights from the triangles' planes, and the least room from those "
            "places."
        ),
        table(("view over the city", "buildings × parts", "above the threshold", "largest difference"), rows),
    ]
    checks.append(Check("largest difference from Shapely, Den Haag", worst, BOUND, "m", 9))
    return Chapter(TITLE, text, checks)
