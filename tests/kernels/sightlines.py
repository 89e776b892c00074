"""Sight lines by plain words, slowly: what viewsheds are held against, in exact fractions or whole rasters."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from kernels.viewshed import Eye, Sight


def fraction_viewshed(z: np.ndarray, eye: Eye, sight: Sight, cell: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Which cells are seen, without any rounding: 1 or 0, and 254 where there is no data; limits are not asked."""
    rows, cols = z.shape
    at = [Fraction(eye.row), Fraction(eye.col)]
    heights = [[None if math.isnan(h) else Fraction(float(h)) for h in row] for row in z]
    out = np.full(z.shape, 254, np.uint8)
    for i in range(rows):
        for j in range(cols):
            if heights[i][j] is not None:
                out[i, j] = not _blocked(heights, at, Fraction(eye.height), (i, j), sight, cell)
    return out


def _blocked(heights: Any, at: Any, datum: Fraction, target: tuple[int, int], sight: Sight, cell: Any) -> bool:
    """Whether any crossing strictly between both ends lies above the line."""
    level = heights[target[0]][target[1]] + Fraction(sight.target)
    down, right = target[0] - at[0], target[1] - at[1]
    far = (down * Fraction(cell[1])) ** 2 + (right * Fraction(cell[0])) ** 2
    shares = set()
    for start, span in ((at[0], down), (at[1], right)):
        if span:
            low, high = sorted((start, start + span))
            shares |= {(k - start) / span for k in range(math.floor(low), math.ceil(high) + 1) if low < k < high}
    for t in shares:
        surface = _surface(heights, at[0] + down * t, at[1] + right * t)
        if surface == "outside":
            continue
        if surface is None:
            if sight.holes_block:
                return True
        elif surface > datum + (level - datum) * t - Fraction(sight.bend) * far * t * (1 - t):
            return True
    return False


def _surface(heights: Any, row: Fraction, col: Fraction) -> Any:
    """Height at a crossing: between two neighbours, one of them where it lies on a centre."""
    rows, cols = len(heights), len(heights[0])
    if not (0 <= row <= rows - 1 and 0 <= col <= cols - 1):
        return "outside"
    r, c = math.floor(row), math.floor(col)
    if row != r:
        a, b, share = heights[r][c], heights[r + 1][c], row - r
    elif col != c:
        a, b, share = heights[r][c], heights[r][c + 1], col - c
    else:
        return heights[r][c]
    return None if a is None or b is None else a + (b - a) * share


def plain_viewshed(z: np.ndarray, eye: Eye, sight: Sight, cell: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Which cells are seen, as `fraction_viewshed`, by all crossings of all lines in float64; the eye at a centre."""
    i, j = np.mgrid[0 : z.shape[0], 0 : z.shape[1]]
    down, right = (i - eye.row).astype(int), (j - eye.col).astype(int)
    far = (down * cell[1]) ** 2.0 + (right * cell[0]) ** 2.0
    level = z.astype(float) + sight.target - eye.height
    blocked = np.zeros(z.shape, bool)
    for span, wide, by_rows in ((down, right, True), (right, down, False)):
        for n in range(1, max(z.shape)):
            lines = np.maximum(abs(span), 1)
            whole, part = np.divmod(abs(wide) * n, lines)
            step, turn = np.sign(span) * n, np.sign(wide)
            near, next_one = turn * whole, turn * (whole + (part > 0))
            places = [(step, near), (step, next_one)] if by_rows else [(near, step), (next_one, step)]
            between = n < abs(span)
            a, b = (
                z[np.where(between, int(eye.row) + r, 0), np.where(between, int(eye.col) + c, 0)].astype(float)
                for r, c in places
            )
            above = (a - eye.height) * lines + np.where(part > 0, (b - a) * part, 0.0)
            line = level * n - sight.bend * far * n * (lines - n) / lines
            blocked |= between & ((above > line) | (np.isnan(above) & sight.holes_block))
    return np.where(np.isnan(z), 254, ~blocked).astype(np.uint8)


def greatest_need(
    z: np.ndarray, eye: Eye, sight: Sight, cell: tuple[float, float] = (1.0, 1.0), rise: bool = False
) -> np.ndarray:
    """Least height of each target (or of the eye) in metres that clears all crossings, -inf where there are none."""
    rows, cols = z.shape
    i, j = np.mgrid[0:rows, 0:cols].astype(float)
    down, right = i - eye.row, j - eye.col
    far = (down * cell[1]) ** 2 + (right * cell[0]) ** 2
    most = np.full(z.shape, -np.inf)
    for axis, start, span in ((0, eye.row, down), (1, eye.col, right)):
        for k in range(math.floor(min(start, 0)), z.shape[axis] + 1):
            with np.errstate(all="ignore"):
                t = (k - start) / span
                between = (t > 0) & (t < 1) & (abs(k - (i, j)[axis]) > 0)
                row, col = eye.row + down * t, eye.col + right * t
                surface = _bilinear(z, np.full(z.shape, k) if axis == 0 else row, np.full(z.shape, k) if axis else col)
                if rise:
                    need = (surface - (z + sight.target) * t) / (1 - t) + sight.bend * far * t
                else:
                    need = eye.height + (surface - eye.height) / t + sight.bend * far * (1 - t)
            most = np.where(between & ~np.isnan(need), np.fmax(most, need), most)
    return most


def _bilinear(z: np.ndarray, row: np.ndarray, col: np.ndarray) -> np.ndarray:
    """Heights at places on grid lines, NaN beside holes and outside; a billionth of a cell is nothing."""
    near = [np.where(abs(x - np.rint(x)) < 1e-9, np.rint(x), x) for x in (row, col)]
    inside = (near[0] >= 0) & (near[0] <= z.shape[0] - 1) & (near[1] >= 0) & (near[1] <= z.shape[1] - 1)
    r, c = (np.where(inside, x, 0.0) for x in near)
    lr, lc, hr, hc = (f(x).astype(int) for f in (np.floor, np.ceil) for x in (r, c))
    a, b = z[lr, lc].astype(float), z[hr, hc].astype(float)
    share = (r - lr) + (c - lc)
    return np.where(inside, np.where(share > 0, a + (b - a) * share, a), np.nan)
