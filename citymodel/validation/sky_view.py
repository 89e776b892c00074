"""Chapter: the sky view factor against its closed forms."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from citymodel.validation.page import Chapter, Check, Place, absent, table

TITLE = "The sky view factor"
DIRECTIONS = 72
_CELL, _WIDTH = 0.5, 20.0


def chapter(place: Place) -> Chapter:
    """Canyons, a basin, a wall and a tilted plane."""
    if importlib.util.find_spec("kernels.horizon") is None:
        return absent(TITLE, "this build has no sky view kernel")
    from kernels.horizon import sky_view_factor

    def kernel(z: np.ndarray) -> Any:
        return sky_view_factor(z.astype(np.float32), _CELL, DIRECTIONS)

    cases = [*_canyons(kernel, place), _basin(kernel), _wall(kernel, place), _tilted(kernel)]
    rows = [[name, f"{right:.4f}", f"{found:.4f}", f"{abs(found - right):.4f}"] for name, right, found, _ in cases]
    text = (
        f"Cells of {_CELL:g} m, {DIRECTIONS} directions, receivers on the ground; the factor weighs the sky by the "
        "cosine of its angle from the zenith. Canyon and wall are longer than high by a factor of twenty or more."
    )  # fmt: skip
    worst: dict[tuple[str, float], float] = {}
    for name, right, found, bound in cases:
        kind = name.split(",")[0], bound
        worst[kind] = max(worst.get(kind, 0.0), abs(found - right))
    checks = [Check(f"{kind}, largest error", error, bound, "", 4) for (kind, bound), error in worst.items()]
    return Chapter(TITLE, [text, table(("surface", "closed form", "kernel", "error"), rows)], checks)


Case = tuple[str, float, float, float]
Kernel = Callable[[np.ndarray], Any]


def _canyons(kernel: Kernel, place: Place) -> list[Case]:
    """½(cos β₁ + cos β₂), β the walls' angles seen from the floor (Oke 1987)."""
    across, made = round(_WIDTH / _CELL), []
    for ratio in (0.5, 1.0, 2.0):
        z = np.zeros((400 if place.small else 1600, across + 12))
        z[:, :6] = z[:, -6:] = ratio * _WIDTH
        found = kernel(z)[z.shape[0] // 2]
        for share in (0.5, 0.25):
            k = round(share * across)
            left = (k + 0.5) * _CELL if share != 0.5 else _WIDTH / 2
            right = sum(0.5 / np.hypot(1, ratio * _WIDTH / d) for d in (left, _WIDTH - left))
            cells = found[[6 + k - 1, 6 + k]].mean() if share == 0.5 else found[6 + k]
            where = "centre" if share == 0.5 else "a quarter across"
            made.append((f"canyon, H/W {ratio:g}, {where}", float(right), float(cells), 0.025))
    return made


def _basin(kernel: Kernel) -> Case:
    """cos²β at the centre of a round basin."""
    n, radius, height = 161, 30.0, 25.0
    y, x = (np.mgrid[0:n, 0:n] - n // 2) * _CELL
    found = kernel(np.where(np.hypot(x, y) > radius, height, 0.0))[n // 2, n // 2]
    return "basin, centre", float(np.cos(np.arctan(height / radius)) ** 2), float(found), 0.006


def _wall(kernel: Kernel, place: Place) -> Case:
    """½(1 + d/√(d² + H²)) at a distance d from a long wall."""
    z = np.zeros((800 if place.small else 2400, 80))
    z[:, :10] = 15.0
    k = 30
    d = (k + 0.5) * _CELL
    found = kernel(z)[z.shape[0] // 2, 10 + k]
    return f"wall, 15 m high, {d:g} m away", float(0.5 * (1 + d / np.hypot(d, 15.0))), float(found), 0.012


def _tilted(kernel: Kernel) -> Case:
    """(1 + cos s) / 2 on a plane of slope s; its upper edge has to be far."""
    slope, n = 30.0, 401
    y, _ = np.mgrid[0:n, 0:n]
    found = kernel(-y * _CELL * np.tan(np.radians(slope)))[n - 40, n // 2]
    return f"tilted plane, {slope:g}°", float((1 + np.cos(np.radians(slope))) / 2), float(found), 0.012
