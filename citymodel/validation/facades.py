"""Chapter: rays on triangles, and the sky component of façades against its integral."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from citymodel.validation.page import Chapter, Check, Place, table
from citymodel.validation.vector_city import build
from kernels.rays import RayMesh

TITLE = "Rays and façades"
OPEN = 100 * (math.pi / 6 + 4 / 9) / (7 * math.pi / 9)
"""Vertical sky component of an open wall under the CIE overcast sky, per cent."""
ANGLES = (15.0, 30.0, 45.0, 60.0)

F4 = NDArray[np.float32]


def chapter(place: Place) -> Chapter:
    """Our own tree against Embree; walls under an overcast sky."""
    rows, checks = [], []
    for angle in ANGLES:
        exact, found = behind_a_wall(angle)
        rows.append([f"opposite an endless wall, {angle:g}° to its top", f"{exact:.2f} %", f"{found:.2f} %"])
        checks.append(abs(found - exact))
    open_wall = component(None)
    rows.insert(0, ["open wall", f"{OPEN:.2f} %", f"{open_wall:.2f} %"])
    asked = (
        "The vertical sky component by rays over patches of the sky, against the closed form of an open wall, "
        "(π/6 + 4/9)/(7π/9), and the integral above an endless wall:"
    )
    text = [asked, table(("wall", "integral", "rays"), rows)]
    found_checks = [
        Check("sky component of an open wall, error", abs(open_wall - OPEN), 0.3, "points", 2),
        Check("sky component opposite a wall, largest error", max(checks), 0.3, "points", 2),
    ]
    try:
        wrong, count = against_embree(20_000 if place.small else 200_000)
    except ImportError:
        text.append("Our own tree of triangles was not compared: Open3D, which brings Embree, is missing.")
        return Chapter(TITLE, text, found_checks)
    text.append(
        f"Our own tree of triangles (the GPU's, by its twin on the CPU) against Embree on a part of the truth city, "
        f"{count:,} rays from places in the streets in all directions: {wrong:,} differ in whether anything is hit."
    )
    rate = 1e6 * wrong / count
    found_checks.append(Check("rays that differ in whether anything is hit", rate, 20.0, "in a million", 1))
    return Chapter(TITLE, text, found_checks)


def component(screen: RayMesh | None) -> float:
    """Per cent of the overcast sky's light on a wall at the origin that faces north."""
    from citymodel.analysis.exposure import exposure, of_sky

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
    wide, far, top = 1e4, 10.0, 10.0 * math.tan(math.radians(angle))
    corners = np.array([[-wide, far, -wide], [wide, far, -wide], [wide, far, top], [-wide, far, top]], np.float32)
    return exact, component(RayMesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32)))


def against_embree(count: int) -> tuple[int, int]:
    """Rays whose any-hit differs between our tree and Embree, and how many were sent."""
    city = build(200.0)
    vertices = city.faces.reshape(-1, 3).astype(np.float32)
    triangles = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    rng = np.random.default_rng(12)
    origins = (rng.random((count, 3)) * [city.side, city.side, 30.0] + [0.0, 0.0, 8.0]).astype(np.float32)
    towards = rng.normal(size=(count, 3)).astype(np.float32)
    ours = RayMesh(vertices, triangles, backend="bvh").occluded(origins, towards)
    theirs = RayMesh(vertices, triangles, backend="open3d").occluded(origins, towards)
    return int((ours != theirs).sum()), count
