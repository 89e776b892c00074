"""Chapter: rays on triangles against Embree, and walls' sky component and hours of sun against their formulas."""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

import numpy as np

from citymodel.validation import truth_day
from citymodel.validation.page import Chapter, Check, Place, table
from citymodel.validation.vector_city import build
from kernels.rays import RayMesh

TITLE = "Rays and façades"
OPEN = 100 * (math.pi / 6 + 4 / 9) / (7 * math.pi / 9)
"""Vertical sky component of an open wall under the CIE overcast sky, per cent."""
ANGLES = (15.0, 30.0, 45.0, 60.0)
#: A day on which the sun's rise across a street that runs east and west changes by the hour.
DAY, STEP, WINTER_ANGLES = date(2026, 2, 21), 5, (10.0, 15.0, 20.0, 25.0)


def chapter(place: Place) -> Chapter:
    """Our own tree against Embree; walls under an overcast sky, and opposite a wall in a day's sun."""
    sky = [("open wall", OPEN, component(None))]
    sky += [(f"opposite an endless wall, {angle:g}° to its top", *behind_a_wall(angle)) for angle in ANGLES]
    rows = [[name, f"{exact:.2f} %", f"{found:.2f} %"] for name, exact, found in sky]
    open_wall, *walls = (abs(found - exact) for _, exact, found in sky)
    sun = [(angle, *hours_behind_a_wall(angle)) for angle in WINTER_ANGLES]
    text = [
        (
            "The vertical sky component by rays over patches of the sky, against the closed form of an open wall, "
            "(π/6 + 4/9)/(7π/9), and the integral above an endless wall:"
        ),
        table(("wall", "integral", "rays"), rows),
        (
            f"Hours of sun on a south wall opposite an endless wall, 21 February at {truth_day.LATITUDE:g}° N in steps "
            f"of {STEP} min. Across the street the sun's rays rise by tan(altitude) / cos(azimuth from the wall's "
            "normal); the wall is lit while that is more than the rise to the top of the wall opposite:"
        ),
        table(
            ("to the top of the wall opposite", "by tan(altitude)", "rays"),
            [[f"{angle:g}°", f"{exact:.2f} h", f"{found:.2f} h"] for angle, exact, found in sun],
        ),
    ]
    checks = [
        Check("sky component of an open wall, error", open_wall, 0.3, "points", 2),
        Check("sky component opposite a wall, largest error", max(walls), 0.3, "points", 2),
        Check("hours opposite a wall, largest error", max(abs(f - e) for _, e, f in sun), 0.0, "h", 2),
    ]
    try:
        found = against_embree(200_000 if place.small else 1_000_000)
    except ImportError:
        text.append("Our own tree of triangles was not compared: Open3D, which brings Embree, is missing.")
        return Chapter(TITLE, text, checks)
    text.append(
        f"Our own tree of triangles (the GPU's, by its twin on the CPU) against Embree on a part of the truth city, "
        f"{found.rays:,} rays from places in and over the streets in all directions: {found.any_hit:,} differ in "
        f"whether anything is hit, {found.first_hit:,} meet their first triangle at another distance (by over a "
        f"centimetre). {found.hits:,} meet something."
    )
    rate = 1e6 / found.rays
    checks += [
        Check("rays that differ in whether anything is hit", rate * found.any_hit, 20.0, "in a million", 1),
        Check("rays that differ in what is hit first", rate * found.first_hit, 20.0, "in a million", 1),
    ]
    return Chapter(TITLE, text, checks)


def component(screen: RayMesh | None) -> float:
    """Per cent of the overcast sky's light on a wall at the origin that faces north."""
    from citymodel.analysis.facade.exposure import exposure, of_sky

    mesh = screen or RayMesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    sums = exposure(
        np.zeros((1, 3), np.float32), np.array([[0.0, 1.0, 0.0]]), [[mesh]], [np.ones(1, bool)], of_sky(), "cpu"
    )
    return float(np.asarray(sums[0][0])[0])


def behind_a_wall(angle: float) -> tuple[float, float]:
    """The integral above an endless wall whose top stands at that angle (degrees), and what the rays give."""
    phi = np.radians(np.linspace(-90.0, 90.0, 4001))
    low = np.arctan(math.tan(math.radians(angle)) * np.cos(phi))
    part = low / 2 + np.sin(2 * low) / 4 + 2 / 3 * (1 - np.cos(low) ** 3)
    exact = 100 * float(np.trapezoid((math.pi / 4 + 2 / 3 - part) / 3 * np.cos(phi), phi)) / (7 * math.pi / 9)
    return exact, component(screen(angle, 1.0))


def hours_behind_a_wall(angle: float) -> tuple[float, float]:
    """Hours in which the sun stands above the top of an endless wall in the south, by its angles and by rays."""
    from citymodel.analysis.facade.exposure import exposure, of_day

    azimuth, altitude = truth_day.suns(STEP, day=DAY)
    across = -np.cos(np.radians(azimuth))  # towards the south, where the wall looks
    rise = np.tan(np.radians(altitude)) / np.where(across > 1e-6, across, np.nan)
    exact = float((rise > math.tan(math.radians(angle))).sum())
    mesh, day = screen(angle, -1.0), of_day(azimuth, altitude, 0.0)
    place = np.zeros((1, 3), np.float32)
    sums = exposure(place, np.array([[0.0, -1.0, 0.0]]), [[mesh]], [np.ones(1, bool)], day, "cpu")
    return exact * STEP / 60.0, float(np.asarray(sums[0][0])[0]) * STEP / 60.0


def screen(angle: float, north: float) -> RayMesh:
    """An endless wall 10 m to the north (1) or south (−1) of the origin, its top at that angle."""
    wide, far, top = 1e4, 10.0 * north, 10.0 * math.tan(math.radians(angle))
    corners = np.array([[-wide, far, -wide], [wide, far, -wide], [wide, far, top], [-wide, far, top]], np.float32)
    return RayMesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32))


class Differing(NamedTuple):
    """Rays that were sent and met something, and those whose answer differs between our tree and Embree."""

    rays: int
    hits: int
    any_hit: int
    first_hit: int


def against_embree(count: int) -> Differing:
    """Send rays in all directions through a seeded town."""
    city = build(200.0)
    vertices = city.faces.reshape(-1, 3).astype(np.float32)
    triangles = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    rng = np.random.default_rng(12)
    origins = (rng.random((count, 3)) * [city.side, city.side, 30.0] + [0.0, 0.0, 8.0]).astype(np.float32)
    towards = rng.normal(size=(count, 3)).astype(np.float32)
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    ours, theirs = (RayMesh(vertices, triangles, backend=name) for name in ("bvh", "open3d"))
    hit = ours.occluded(origins, towards)
    any_hit = int((hit != theirs.occluded(origins, towards)).sum())
    (a, _), (b, _) = ours.first(origins, towards), theirs.first(origins, towards)
    apart = np.isinf(a) != np.isinf(b)
    both = np.isfinite(a) & np.isfinite(b)
    apart[both] = np.abs(a[both] - b[both]) > 0.01
    return Differing(count, int(hit.sum()), any_hit, int(apart.sum()))
