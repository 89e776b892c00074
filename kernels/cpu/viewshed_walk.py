"""One sight line on the CPU, exactly: over the rows and columns it crosses, past blocks that lie wholly below it.

Places are measured from the eye outwards, in the direction's own sign, so that mirrors and quarter turns of a raster
give the same bits. A line of N rows meets row n at the share n / N, between two cells of which the farther one weighs
P / N. All is multiplied by N: with an eye at a centre, or at any binary fraction of a cell, no place is rounded.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numba import njit, prange

CODES, HEIGHT = 0, 1
#: Metres by which a block must lie below a line to be passed over, more than any rounding.
MARGIN = 1e-6
#: Cells by which a line's column may be off when the blocks are looked up.
_NEAR = 1e-6


@njit(cache=True, parallel=True)
def _lowest_tops(z: Any, rows: int, cols: int, holes: Any, tops: Any) -> None:
    """Maxima of blocks of 2 × 2 squares between centres: 3 × 3 cells; a cell without data counts as `holes`."""
    for r in prange(tops.shape[0]):
        for c in range(tops.shape[1]):
            top = np.float32(-np.inf)
            for i in range(2 * r, min(2 * r + 3, rows)):
                for j in range(2 * c, min(2 * c + 3, cols)):
                    h = z[i * cols + j]
                    top = max(top, h if h == h else holes)
            tops[r, c] = top


@njit(cache=True)
def _next_tops(below: Any, tops: Any) -> None:
    """Maxima of 2 × 2 blocks."""
    for r in range(tops.shape[0]):
        for c in range(tops.shape[1]):
            top = np.float32(-np.inf)
            for i in range(2 * r, min(2 * r + 2, below.shape[0])):
                for j in range(2 * c, min(2 * c + 2, below.shape[1])):
                    top = max(top, below[i, j])
            tops[r, c] = top


def pyramid(z: np.ndarray, rows: int, cols: int, holes_block: bool) -> tuple[np.ndarray, np.ndarray]:
    """Maxima of ever larger blocks of squares between centres, and where each level begins and how wide it is.

    Level l ≥ 1 holds blocks of 2^l × 2^l squares. Holes lie at -inf, or at +inf where they block.

    Returns
    -------
    tops : float32, all levels one after the other
    levels : (levels + 1, 2) int64 place and width of each; level 0 is not there
    """
    sizes = [(max(rows - 1, 1), max(cols - 1, 1))]
    while len(sizes) == 1 or max(sizes[-1]) > 1:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    levels = np.zeros((len(sizes), 2), np.int64)
    levels[1:, 1] = [size[1] for size in sizes[1:]]
    levels[2:, 0] = np.cumsum([size[0] * size[1] for size in sizes[1:-1]])
    tops = np.empty(sum(size[0] * size[1] for size in sizes[1:]), np.float32)
    parts = [tops[at : at + r * c].reshape(r, c) for (at, _), (r, c) in zip(levels[1:], sizes[1:], strict=True)]
    _lowest_tops(z, rows, cols, np.float32(np.inf if holes_block else -np.inf), parts[0])
    for below, above in itertools.pairwise(parts):
        _next_tops(below, above)
    return tops, levels


@njit(inline="always")
def within(q: Any, south: Any, east: Any, far: Any, level: Any) -> bool:
    """Whether a target lies within the limits: metres south and east of the eye, distance squared, metres above it.

    The cell in which the eye stands is always seen, unless what is near does not count.
    """
    if far < q.least:
        return False
    if -0.5 * q.length < south <= 0.5 * q.length and -0.5 * q.width < east <= 0.5 * q.width:
        return True
    if far > q.most:
        return False
    if q.turn != 0:
        after = q.from_north * east + q.from_east * south >= 0
        before = -south * q.to_east - east * q.to_north >= 0
        if not ((after and before) if q.turn == 1 else (after or before)):
            return False
    if q.pitched:
        rise, away = level - q.bend * far, math.sqrt(far)
        return q.low * away <= rise <= q.high * away
    return True


@njit(inline="always")
def outwards(eye: Any, positive: bool) -> tuple[Any, Any, Any]:
    """The centre at or behind the eye, the step away from it, and how far the eye stands beyond that centre."""
    if positive:
        base = math.floor(eye)
        return np.int64(base), np.int64(1), eye - base
    base = math.ceil(eye)
    return np.int64(base), np.int64(-1), base - eye


@njit(cache=True, error_model="numpy")
def _met(
    z: Any, holes_block: bool, k: Any, base: Any, stride: Any, off: Any, span: Any,
    across: Any, turn: Any, pitch: Any, aside: Any, wide: Any, size: Any, datum: Any,
) -> Any:  # fmt: skip
    """Height of the surface above the datum where a line crosses line k of the grid, times `span`; -inf for none.

    Parameters
    ----------
    base, stride, off, span : place of the eye's line of cells in `z`, the step to the next line, how far the eye
        stands beyond its line, and how many lines the sight line runs
    across, turn, pitch : the cell at or behind the eye, the step to the next and its distance in `z`
    aside, wide, size : how far the eye stands beyond that cell, how many cells the line runs across, cells there are
    """
    place = aside * span + wide * (k - off)
    cell = math.floor(place / span)
    part = place - cell * span
    if part < 0:
        cell, part = cell - 1.0, part + span
    elif part >= span:
        cell, part = cell + 1.0, part - span
    c = across + turn * np.int64(cell)
    if c < 0 or c >= size:
        return -math.inf
    at = base + stride * k + c * pitch
    a = np.float64(z[at])
    above = (a - datum) * span
    if part > 0:
        if c + turn < 0 or c + turn >= size:
            return -math.inf
        above += (np.float64(z[at + turn * pitch]) - a) * part
    if above != above:
        return math.inf if holes_block else -math.inf
    return above


@njit(inline="always")
def _need(above: Any, n: Any, span: Any, drop: Any, level: Any) -> Any:
    """Height above the eye that a target needs to clear a crossing, -inf if the line to `level` clears it.

    `drop` is the bend of the line times the square of its length.
    """
    rest = span - n
    if above > level * n - drop * n * rest / span:
        return above / n + drop * (rest / span)
    return -math.inf


@njit(inline="always")
def _below(
    tops: Any, levels: Any, up: Any, row: Any, col: Any, last: Any, cols: Any, transposed: bool, bound: Any
) -> bool:
    """Whether all blocks of a level lie below the bound: those of squares (row, col…last), clipped to the raster."""
    first, last = max(min(col, last), np.int64(0)) >> up, min(max(col, last), cols - 2 if cols > 1 else 0) >> up
    at, wide = levels[up, 0], levels[up, 1]
    row >>= up
    for c in range(first, last + 1):
        if not np.float64(tops[at + (c * wide + row if transposed else row * wide + c)]) < bound:
            return False
    return True


@njit(cache=True, error_model="numpy")
def greatest_need(
    z: Any, tops: Any, levels: Any, shape: Any, holes_block: bool, bend: Any, kind: int,
    eye: Any, target: Any, far: Any, datum: Any, level: Any, known: Any,
) -> Any:  # fmt: skip
    """Metres above the eye that a target needs to be seen where `level` is not enough, -inf where it is; and by what.

    Parameters
    ----------
    z, tops, levels, shape : heights in one row, their pyramid, and (rows, cols)
    kind : CODES answers inf for hidden and stops at the first obstacle
    eye, target : (row, col) of both ends
    far : square of their distance, m²
    datum : height of the eye
    level : height of the target above the eye
    known : a need that is known to be exceeded or reached; -inf for none

    Returns
    -------
    The need, and the line of the grid that makes it: twice its row, or twice its column and one; -1 for none
    """
    rows, cols = np.int64(shape[0]), np.int64(shape[1])
    turned = abs(target[1] - eye[1]) > abs(target[0] - eye[0])
    x, y = (1, 0) if turned else (0, 1)
    base, step, off = outwards(eye[x], target[x] >= eye[x])
    across, turn, aside = outwards(eye[y], target[y] >= eye[y])
    span, wide = abs(target[x] - eye[x]), abs(target[y] - eye[y])
    size, room = (cols, rows) if turned else (rows, cols)
    pitch = cols if turned else np.int64(1)
    line = np.int64(1) if turned else cols
    by = np.int64(-1)
    if span == 0:
        return -math.inf, by
    count, broad = np.int64(math.ceil(span + off)), np.int64(math.ceil(wide + aside))
    slope, drop, share = wide / span, bend * far, 1.0 / span
    k = max(np.int64(0), -base if step > 0 else base - (size - 1))
    stop = min(count, size - 1 - base if step > 0 else base)
    most, up, top = -math.inf, np.int64(3), np.int64(levels.shape[0]) - 1
    goal = max(level, known)
    if 0 < k < count:  # the raster's first line, seen from outside
        above = _met(z, holes_block, k, base * line, step * line, off, span,
                     across, turn, pitch, aside, wide, room, datum)  # fmt: skip
        most = _need(above, k - off, span, drop, level)
        by = 2 * (base + step * k) + x
    while k < stop:
        row = base + k if step > 0 else base - k - 1
        # The largest block that begins here and whose tops the line clears.
        up = min(up, top)
        while up > 0 and (row if step > 0 else row + 1) & ((1 << up) - 1):
            up -= 1
        while up > 0:
            end = min(k + (1 << up), count)
            n0, n1 = max(k - off, 0.0), min(end - off, span)
            t0, t1 = n0 * share, n1 * share
            bound = min(goal * t0 - drop * t0 * (1 - t0), goal * t1 - drop * t1 * (1 - t1))
            bound -= drop * (t1 - t0) * (t1 - t0) * 0.25 + MARGIN
            first = np.int64(math.floor(aside + slope * n0 - _NEAR))
            last = np.int64(math.floor(aside + slope * n1 + _NEAR))
            if turn < 0:
                first, last = -first - 1, -last - 1
            if _below(tops, levels, up, row, across + first, across + last, room, turned, datum + bound):
                break
            up -= 1
        if up > 0:
            k += np.int64(1) << up
            up += 1
            continue
        n = k + 1 - off
        if k + 1 < count and n > 0:
            above = _met(z, holes_block, k + 1, base * line, step * line, off, span,
                         across, turn, pitch, aside, wide, room, datum)  # fmt: skip
            need = _need(above, n, span, drop, level)
            if need > most:
                most, by = need, 2 * (base + step * (k + 1)) + x
        first = np.int64(math.floor(aside + slope * max(k - off, 0.0) - _NEAR)) + 1
        last = np.int64(math.ceil(aside + slope * min(n, span) + _NEAR)) - 1
        for m in range(max(first, np.int64(1)), min(last, broad - 1) + 1):
            if 0 <= across + turn * m < room:
                above = _met(z, holes_block, m, across * pitch, turn * pitch, aside, wide,
                             base, step, line, off, span, size, datum)  # fmt: skip
                need = _need(above, m - aside, wide, drop, level)
                if need > most:
                    most, by = need, 2 * (across + turn * m) + y
        if most > -math.inf:
            if kind == CODES:
                return math.inf, by
            goal = max(goal, most)
        k += 1
        up = np.int64(1)
    return most, by


@njit(cache=True, error_model="numpy")
def need_at(
    z: Any, shape: Any, holes_block: bool, bend: Any, eye: Any, target: Any, far: Any, datum: Any, level: Any, by: Any
) -> Any:
    """The need that one line of the grid makes, as `greatest_need` names it, if the sight line crosses it at all."""
    x, y = (1, 0) if by & 1 else (0, 1)
    base, step, off = outwards(eye[x], target[x] >= eye[x])
    across, turn, aside = outwards(eye[y], target[y] >= eye[y])
    span, wide, k = abs(target[x] - eye[x]), abs(target[y] - eye[y]), ((by >> 1) - base) * step
    n = k - off
    if by < 0 or k < 1 or not 0 < n < span:
        return -math.inf
    line, pitch = np.int64(shape[1] if x == 0 else 1), np.int64(1 if x == 0 else shape[1])
    above = _met(z, holes_block, k, base * line, step * line, off, span, across, turn, pitch, aside, wide,
                 np.int64(shape[y]), datum)  # fmt: skip
    return _need(above, n, span, bend * far, level)
