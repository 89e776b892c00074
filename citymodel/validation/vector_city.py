"""The truth city: seeded, turned houses on sloping ground as triangles, their raster, and rays through them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels import rasterize
from kernels.shadow import compass

SEED, SIDE = 2026, 1000.0
GABLE, PITCH = 0.4, 35.0
SLOPE_EAST, SLOPE_NORTH = 0.03, 0.02
STREET, SLOT = 8.0, 1.5
"""Metres between neighbours: of streets, and of a city so dense that cells of 1 m hardly part its houses."""
_FOUNDATION = 3.0
_LIFT = 0.005  # metres; a ray that starts on a roof must not meet that roof

F8 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VectorCity:
    """Houses on a plane that rises to the north-east.

    Attributes
    ----------
    faces : (t, 3, 3) float64 corners, metres; the plane's two triangles come first
    side : metres, the city is a square with a corner at (0, 0)
    houses : how many
    gabled : share of them with a gable
    """

    faces: F8
    side: float
    houses: int
    gabled: float
    _scene: list[Any] = field(default_factory=list)

    def raster(self, cell: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Heights at the cells' centres, and where the ground is open: (rows, cols)."""
        n = round(self.side / cell)
        corners = np.arange(len(self.faces) * 3, dtype=np.int32).reshape(-1, 3)
        z, index = rasterize.rasterize_triangles(self.faces.reshape(-1, 3), corners, 0.0, self.side, cell, (n, n))
        return z, index < 2

    def lit(self, dsm: NDArray[np.float32], cell: float, azimuth: float, altitude: float) -> NDArray[np.bool_]:
        """Which centres see the sun, by one ray each: the truth; (rows, cols)."""
        import open3d

        if not self._scene:
            scene = open3d.t.geometry.RaycastingScene(nthreads=0)
            faces = np.arange(len(self.faces) * 3, dtype=np.uint32).reshape(-1, 3)
            corners = open3d.core.Tensor.from_numpy(self.faces.reshape(-1, 3).astype(np.float32))
            scene.add_triangles(corners, open3d.core.Tensor.from_numpy(faces))
            self._scene.append(scene)
        rows, cols = dsm.shape
        rays = np.empty((rows, cols, 6), np.float32)
        rays[..., 0] = (np.arange(cols) + 0.5) * cell
        rays[..., 1] = (self.side - (np.arange(rows) + 0.5) * cell)[:, None]
        rays[..., 2] = dsm + np.float32(_LIFT)
        east, north = compass(azimuth)
        flat, up = np.cos(np.radians(altitude)), np.sin(np.radians(altitude))
        rays[..., 3:] = east * flat, north * flat, up
        hit: NDArray[np.bool_] = self._scene[0].test_occlusions(open3d.core.Tensor.from_numpy(rays)).numpy()
        return ~hit


def ground(x: Any, y: Any) -> Any:
    """Height of the plane, metres."""
    return 5.0 + SLOPE_EAST * x + SLOPE_NORTH * y


def build(side: float = SIDE, seed: int = SEED, apart: float = STREET) -> VectorCity:
    """Houses wherever one still fits: footprints of 8…24 × 7…14 m, eaves 4…25 m high, 35° gables on two in five."""
    import shapely

    rng = np.random.default_rng(seed)
    tried = round(side * side / 60)
    centre = rng.uniform(14.0, side - 14.0, (tried, 2))
    turn = rng.uniform(0.0, np.pi, tried)
    half = np.column_stack([rng.uniform(4.0, 12.0, tried), rng.uniform(3.5, 7.0, tried)])
    eaves, gabled = rng.uniform(4.0, 25.0, tried), rng.random(tried) < GABLE
    ahead = np.column_stack([np.cos(turn), np.sin(turn)])
    aside = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    ring = (
        centre[:, None]
        + signs[None, :, :1] * (half[:, :1] * ahead)[:, None]
        + signs[None, :, 1:] * (half[:, 1:] * aside)[:, None]
    )
    chosen = _apart(shapely.polygons(ring), apart, shapely)
    low = ground(*ring.transpose(2, 0, 1)).min(axis=1)
    faces = [_plane(side)]
    for i in chosen:
        run = half[i, 1] * np.tan(np.radians(PITCH)) if gabled[i] else 0.0
        ends = centre[i] + np.outer([-half[i, 0], half[i, 0]], ahead[i])
        faces.append(_house(ring[i], ends, low[i] - _FOUNDATION, low[i] + eaves[i], run))
    return VectorCity(np.concatenate(faces), side, len(chosen), float(gabled[chosen].mean()))


def _apart(shapes: Any, apart: float, shapely: Any) -> list[int]:
    """The footprints in order, each kept when it stands clear of all kept before it."""
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="dwithin", distance=apart)
    near: dict[int, list[int]] = {}
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if b < a:
            near.setdefault(a, []).append(b)
    kept: set[int] = set()
    for a in range(len(shapes)):
        if kept.isdisjoint(near.get(a, ())):
            kept.add(a)
    return sorted(kept)


def _plane(side: float) -> F8:
    """The ground as two triangles."""
    a, b, c, d = ([x, y, ground(x, y)] for x, y in ((0.0, 0.0), (side, 0.0), (side, side), (0.0, side)))
    return np.array([[a, b, c], [a, c, d]])


def _house(ring: F8, ends: F8, floor: float, eaves: float, run: float) -> F8:
    """Walls and roof: (t, 3, 3); `run` is the ridge's height over the eaves, 0 for a flat roof."""
    low, high = np.column_stack([ring, np.full(4, floor)]), np.column_stack([ring, np.full(4, eaves)])
    faces = []
    for i, k in ((0, 1), (1, 2), (2, 3), (3, 0)):
        faces += [[low[i], low[k], high[k]], [low[i], high[k], high[i]]]
    if run:
        a, b = np.column_stack([ends, np.full(2, eaves + run)])
        faces += [[high[0], high[1], b], [high[0], b, a], [high[2], high[3], a], [high[2], a, b]]
        faces += [[high[3], high[0], a], [high[1], high[2], b]]
    else:
        faces += [[high[0], high[1], high[2]], [high[0], high[2], high[3]]]
    return np.array(faces)
