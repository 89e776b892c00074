"""Single lines over a surface: its height at a place, a sight line with its profile, the skyline, an isovist."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.device import to_device
from kernels.lines import compass
from kernels.sight import Question


@dataclass(frozen=True, slots=True, eq=False)
class SightLine:
    """A sight line and the surface below it, from the eye to the target.

    Attributes
    ----------
    distance : (n,) float64 horizontal metres from the eye; first the eye, then all crossings, last the target
    surface : (n,) float64 metres, the surface there; NaN where there is none
    line : (n,) float64 metres, the sight line there, lowered by the Earth's curvature less the refraction
    visible : whether the eye sees the target
    obstacle : the crossing that rises most above the line, -1 where none does
    """

    distance: np.ndarray
    surface: np.ndarray
    line: np.ndarray
    visible: bool
    obstacle: int


@dataclass(frozen=True, slots=True, eq=False)
class Isovist:
    """The open room around an eye in plan, at the height of the eye (Benedikt 1979).

    Attributes
    ----------
    azimuth : (n,) float64 degrees of the rays
    radial : (n,) float64 metres to what ends each ray: the surface, the reach or the raster's border
    area, perimeter : of the polygon of the rays' ends, m² and m
    compactness : area of the polygon as a share of a circle's of the same perimeter
    occlusivity : metres of the polygon's outline that no surface makes: behind corners, the room goes on
    drift : metres from the eye to the polygon's centroid
    mean_radial, least_radial, most_radial : metres
    """

    azimuth: np.ndarray
    radial: np.ndarray
    area: float
    perimeter: float
    compactness: float
    occlusivity: float
    drift: float
    mean_radial: float
    least_radial: float
    most_radial: float


def ground_at(dsm: Any, row: float, col: float) -> float:
    """Height of a surface at a place, bilinear between the centres of cells.

    Parameters
    ----------
    dsm : (rows, cols) NumPy or CuPy array, metres, NaN no data
    row, col : in cells; the centre of a cell is a whole number

    Returns
    -------
    metres; NaN beside a hole and beyond the outermost centres
    """
    rows, cols = dsm.shape
    if not (0 <= row <= rows - 1 and 0 <= col <= cols - 1):
        return math.nan
    r, c = int(row), int(col)
    part = np.asarray(to_device(dsm[r : r + 2, c : c + 2], "cpu"), np.float64)
    down, right = row - r, col - c
    total = 0.0
    for i, share in ((0, 1 - down), (1, down)):
        for j, weight in ((0, 1 - right), (1, right)):
            if share * weight > 0:
                total += share * weight * float(part[i, j])
    return total


def line_of(z: np.ndarray, q: Question, row: float, col: float) -> SightLine:
    """The sight line from the eye to the target over a place."""
    surface = ground_at(z, row, col)
    if math.isnan(surface):
        raise ValueError(f"no surface at row {row}, column {col}: give a target inside the raster, not on a hole")
    down, right = row - q.row, col - q.col
    far = (down * q.length) ** 2 + (right * q.width) ** 2
    level = surface + q.target - q.height
    t, height, excess = _met(z, q, down, right, level, far)
    t, first = np.unique(t, return_index=True)
    height, excess = height[first], excess[first]
    hidden = (excess > 0) | (np.isnan(height) & q.holes_block)
    obstacle = -1
    if hidden.any():
        rising = np.where(excess > 0, excess, -np.inf)
        obstacle = 1 + int(np.argmax(rising if (excess > 0).any() else hidden))
    share = np.concatenate([[0.0], t, [1.0]])
    ground = np.concatenate([[ground_at(z, q.row, q.col)], height, [surface]])
    line = q.height + level * share - q.bend * far * share * (1 - share)
    return SightLine(share * math.sqrt(far), ground, line, obstacle < 0, obstacle)


def horizon_of(z: np.ndarray, q: Question, azimuths: Any) -> tuple[np.ndarray, np.ndarray]:
    """Angle in degrees and distance in metres of the skyline in each direction; -inf and inf where there is none."""
    az = np.atleast_1d(np.asarray(azimuths, np.float64))
    if az.ndim != 1 or not np.isfinite(az).all():
        raise ValueError("azimuths of the skyline: give a list of finite angles in degrees")
    angle, distance = np.full(az.size, -np.inf), np.full(az.size, np.inf)
    for i, one in enumerate(az):
        away, above = _ray(z, q, float(one))
        kept = ~np.isnan(above) & (away * away >= q.least)
        if kept.any():
            slope = (above[kept] - q.bend * away[kept] ** 2) / away[kept]
            top = int(np.argmax(slope))
            angle[i], distance[i] = math.degrees(math.atan(slope[top])), away[kept][top]
    return angle, distance


def isovist_of(z: np.ndarray, q: Question, rays: int, azimuth: tuple[float, float] | None) -> Isovist:
    """The open room around the eye; with limits of azimuth the eye is a corner of its outline."""
    rows, cols = z.shape
    if rays < 8:
        raise ValueError(f"isovist of {rays} rays: give at least 8")
    if not (-0.5 <= q.row <= rows - 0.5 and -0.5 <= q.col <= cols - 0.5):
        raise ValueError(f"eye at row {q.row}, column {q.col} outside {rows} × {cols} cells: place it inside")
    start, width = (azimuth[0], (azimuth[1] - azimuth[0]) % 360.0) if q.turn and azimuth else (0.0, 360.0)
    bearing = (start + (np.arange(rays) + (0.5 if width < 360 else 0.0)) * width / rays) % 360.0
    under = ground_at(z, q.row, q.col) - q.height
    ends = [_end(z, q, float(one), under) for one in bearing]
    radial, limited = np.array([one[0] for one in ends]), np.array([one[1] for one in ends])
    towards = np.array([compass(float(one)) for one in bearing])
    outline = towards * radial[:, None]
    after = np.roll(np.arange(rays), -1)
    steps = np.ones(rays, bool)
    if width < 360:
        steps[-1] = False  # the last end and the first one meet at the eye
    occluding = steps & ~(limited & limited[after]) & (abs(radial[after] - radial) > max(q.width, q.length))
    for i in np.flatnonzero(occluding):
        x, y = (outline[i] + outline[after[i]]) / 2
        surface = ground_at(z, q.row - y / q.length, q.col + x / q.width)
        occluding[i] = not surface - q.bend * (x * x + y * y) > q.height
    corners = outline if width == 360 else np.concatenate([outline, [[0.0, 0.0]]])
    beyond = np.roll(corners, -1, axis=0)
    cross = beyond[:, 0] * corners[:, 1] - corners[:, 0] * beyond[:, 1]  # clockwise outlines count as positive
    area, perimeter = float(cross.sum()) / 2, float(np.hypot(*(beyond - corners).T).sum())
    middle = (cross[:, None] * (corners + beyond)).sum(axis=0) / (6 * area) if area > 0 else np.zeros(2)
    return Isovist(
        bearing, radial, area, perimeter, 4 * math.pi * area / perimeter**2 if perimeter > 0 else 0.0,
        float(abs(radial[after] - radial)[occluding].sum()), float(np.hypot(*middle)),
        float(radial.mean()), float(radial.min()), float(radial.max()),
    )  # fmt: skip


def _end(z: np.ndarray, q: Question, azimuth: float, under: float) -> tuple[float, bool]:
    """Metres to what ends a level ray, and whether that is the reach or the border; `under` is the ground's height."""
    east, north = compass(azimuth)
    room = math.sqrt(q.most)
    for way, place, size, cell in ((-north, q.row, z.shape[0], q.length), (east, q.col, z.shape[1], q.width)):
        if way != 0:
            room = min(room, (size - 0.5 - place if way > 0 else place + 0.5) * cell / abs(way))
    if under > 0:
        return 0.0, False
    away, above = _ray(z, q, azimuth)
    if not q.holes_block:
        away, above = away[~np.isnan(above)], above[~np.isnan(above)]
    rise = above - q.bend * away**2
    met = np.flatnonzero(~(rise <= 0))
    if not met.size:
        return room, True
    i = int(met[0])
    before, low = (away[i - 1], rise[i - 1]) if i else (0.0, under)
    if math.isnan(rise[i]) or math.isnan(low):
        return float(away[i]), False
    return float(before + (away[i] - before) * -low / (rise[i] - low)), False


def _ray(z: np.ndarray, q: Question, azimuth: float) -> tuple[np.ndarray, np.ndarray]:
    """Distances in metres of all crossings of a ray within the reach, and the surface there above the eye."""
    east, north = compass(azimuth)
    rows, cols = z.shape
    far = math.hypot(
        max(abs(q.row), abs(q.row - rows + 1)) * q.length, max(abs(q.col), abs(q.col - cols + 1)) * q.width
    )
    room = min(far, math.sqrt(q.most)) + max(q.width, q.length)
    t, height, _ = _met(z, q, -north * room / q.length, east * room / q.width, 0.0, 0.0)
    t, first = np.unique(t, return_index=True)
    away = t * room
    kept = away * away <= q.most
    return away[kept], height[first][kept] - q.height


def _met(
    z: np.ndarray, q: Question, down: float, right: float, level: float, far: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Crossings of a line from the eye: their shares of it, the surface there, and how far it rises above the line.

    Parameters
    ----------
    down, right : cells from the eye to the line's end
    level, far : metres of the end above the eye, and its distance squared
    """
    found = []
    for raster, start, span, aside, wide in ((z, q.row, down, q.col, right), (z.T, q.col, right, q.row, down)):
        n, above, length = _family(raster, start, span, aside, wide, q.height)
        bent = q.bend * far * n * (length - n) / length if length else n
        found.append((n / length, q.height + above / length, (above - (level * n - bent)) / length) if n.size else None)
    parts = [one for one in found if one is not None]
    if not parts:
        return np.empty(0), np.empty(0), np.empty(0)
    t, height, excess = (np.concatenate(one) for one in zip(*parts, strict=True))
    return t, height, np.where(np.isnan(excess), -np.inf, excess)


def _family(
    z: np.ndarray, start: float, span: float, aside: float, wide: float, datum: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Crossings with the rows of `z`: rows from the eye, the surface above the datum times all rows, all rows."""
    (base, step, off), (across, turn, shift) = _outwards(start, span), _outwards(aside, wide)
    length, width = abs(span), abs(wide)
    k = np.arange(1, math.ceil(length + off))
    row = base + step * k
    k, row = k[(row >= 0) & (row < z.shape[0])], row[(row >= 0) & (row < z.shape[0])]
    n = k - off
    place = shift * length + width * n
    cell = np.floor(place / length) if n.size else place
    part = place - cell * length
    cell, part = np.where(part < 0, cell - 1, cell), np.where(part < 0, part + length, part)
    cell, part = np.where(part >= length, cell + 1, cell), np.where(part >= length, part - length, part)
    col = across + turn * cell.astype(np.int64)
    near = (col >= 0) & (col < z.shape[1])
    beyond = (col + turn >= 0) & (col + turn < z.shape[1])
    kept = near & (beyond | (part == 0))
    n, row, col, part = n[kept], row[kept], col[kept], part[kept]
    a = z[row, col].astype(np.float64)
    b = z[row, np.where(part > 0, col + turn, col)].astype(np.float64)
    return n, (a - datum) * length + np.where(part > 0, (b - a) * part, 0.0), length


def _outwards(start: float, span: float) -> tuple[int, int, float]:
    """The centre at or behind the eye, the step from it, and how far the eye stands beyond it."""
    base = math.floor(start) if span >= 0 else math.ceil(start)
    return base, 1 if span >= 0 else -1, abs(start - base)
