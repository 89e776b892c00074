"""The horizon sweep on the CPU: each line keeps the upper hull of what it has met, blocks of lines go to the cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, prange

from kernels.cpu import cores, cores_for
from kernels.cpu.sweep import fixed

if TYPE_CHECKING:
    from kernels.horizon import Sector

HOLE = np.int32(-(2**29))
DEGREES, SKY, HOURS, ENERGY = 0, 1, 2, 3
#: Lines in a block: the tops of so many hulls stay in the first cache. Their first points lie side by side, then
#: their second ones: memory is touched only as deep as the deepest hull.
_BLOCK = 128
_TILE = 64
#: Cells that a core must get of a sector to be worth the waiting for the others.
_SHARE = 500_000
F4 = np.float32


@njit(inline="always")
def _tangent(high: Any, place: Any, line: Any, count: Any, z: Any, x: Any) -> Any:
    """How many of a hull's points stay above the line from (x, z) to its tangent point, that point's rise and run.

    Points no higher than z can raise no horizon above 0 from here on: a later point is higher and nearer.
    """
    at = line + (count - 1) * _BLOCK
    while count > 0 and high[at] <= z:
        count -= 1
        at -= _BLOCK
    rise, run = np.int64(0), np.int64(1)
    if count > 0:
        rise, run = np.int64(high[at]) - z, np.int64(x) - place[at]
        while count > 1:
            at -= _BLOCK
            farther, away = np.int64(high[at]) - z, np.int64(x) - place[at]
            if rise * away > farther * run:
                break
            rise, run = farther, away
            count -= 1
    return count, rise, run


@njit(inline="always")
def _degrees(t: Any) -> Any:
    """Arc tangent of t ≥ 0 in degrees by Abramowitz & Stegun 4.4.49: the same bits on every device."""
    u = min(t, F4(1.0)) / max(t, F4(1.0))
    s = u * u
    p = F4(0.0028662257)
    p = p * s + F4(-0.0161657367)
    p = p * s + F4(0.0429096138)
    p = p * s + F4(-0.0752896400)
    p = p * s + F4(0.1065626393)
    p = p * s + F4(-0.1420889944)
    p = p * s + F4(0.1999355085)
    p = p * s + F4(-0.3333314528)
    p = p * s + F4(1.0)
    a = p * u * F4(57.29577951)
    return F4(90.0) - a if t > F4(1.0) else a


@njit(inline="always")
def _slope(before: Any, here: Any, after: Any, wall: Any) -> Any:
    """Height gained a cell, in units: the mean of both sides, the one side that is no wall, or 0."""
    a, b = np.int32(here - before), np.int32(after - here)
    with_a, with_b = abs(a) <= wall, abs(b) <= wall
    total = F4(a if with_a else np.int32(0)) + F4(b if with_b else np.int32(0))
    return total * F4(0.5) if with_a and with_b else total


@njit(cache=True)
def _meet(
    at: Any, before: Any, counts: Any, first: int, width: int, high: Any, place: Any,
    x: Any, wall: Any, lift: Any, rise: Any, run: Any,
) -> None:  # fmt: skip
    """Move the lines of one row on by a step: each cell's rise over run to its horizon; the cell joins the hull."""
    for i in range(width):
        line = first + i
        z, last, count = at[i], before[line], counts[line]
        if np.int32(last - z) > wall:  # the last point's wall stands half a step nearer: there it replaces the point
            count, _, _ = _tangent(high, place, line, count - 1, last, x - 1)
            high[line + count * _BLOCK], place[line + count * _BLOCK] = last, x - 1
            count += 1
        before[line] = z
        if z == HOLE:
            rise[i], run[i] = 0, 1
        else:
            if lift != 0:
                _, up, away = _tangent(high, place, line, count, np.int32(z + lift), x)
                count, _, _ = _tangent(high, place, line, count, z, x)
            else:
                count, up, away = _tangent(high, place, line, count, z, x)
            rise[i], run[i] = up, away
            high[line + count * _BLOCK], place[line + count * _BLOCK] = z, x
            count += 1
        counts[line] = count


@njit(inline="always")
def _place(tangent: Any, bins: Any, step: Any, part: Any, i: Any) -> None:
    """The bin of a horizon and the part of the way to the bin's upper edge."""
    at = _degrees(tangent) * F4((bins - 1) / 90.0)
    j = min(np.int32(at), np.int32(bins - 2))
    step[i] = j
    part[i] = at - F4(j)


@njit(cache=True, error_model="numpy")
def _look_up(tangent: Any, width: int, step: Any, part: Any, tables: Any, targets: Any) -> None:
    """Add a table's entry at each horizon, linear between its edges."""
    bins = tables.shape[1]
    for i in range(width):
        _place(tangent[i], bins, step, part, i)
    for m in range(tables.shape[0]):
        table, target = tables[m, :, 0], targets[m]
        for i in range(width):
            j = np.uint32(step[i])
            low = table[j]
            target[i] += low + part[i] * (table[j + np.uint32(1)] - low)


@njit(cache=True, error_model="numpy")
def _look_up_tilted(
    tangent: Any, width: int, above: Any, here: Any, below: Any, left: Any, right: Any, wall: Any, tilt: Any,
    step: Any, part: Any, rising: Any, upright: Any, tables: Any, targets: Any,
) -> None:  # fmt: skip
    """Add normal · vector at each horizon, no lower than the cell's own plane.

    tilt : slope towards the sector of a unit a cell down and across, and the slopes' own size
    """
    bins = tables.shape[1]
    for i in range(width):
        down, across = _slope(above[i], here[i], below[i], wall), _slope(left[i], here[i], right[i], wall)
        towards = down * tilt[0] + across * tilt[1]
        p, q = down * tilt[2], across * tilt[3]
        rising[i] = towards
        upright[i] = F4(1.0) / np.sqrt(F4(1.0) + p * p + q * q)
        _place(max(tangent[i], towards), bins, step, part, i)
    for m in range(tables.shape[0]):
        level, up, target = tables[m, :, 0], tables[m, :, 1], targets[m]
        for i in range(width):
            j = np.uint32(step[i])
            k = j + np.uint32(1)
            flat = level[j] + part[i] * (level[k] - level[j])
            high = up[j] + part[i] * (up[k] - up[j])
            target[i] += upright[i] * (high - rising[i] * flat)


@njit(cache=True, parallel=True, error_model="numpy")
def sweep(
    z: Any, reverse: bool, offset: Any, side: Any, fraction: Any, wall: Any, lift: Any, scale: Any,
    kind: int, tilt: Any, tables: Any, hulls: Any, out: Any,
) -> None:  # fmt: skip
    """Sweep one sector over `z` and write, or add up, what `kind` names: (m, rows, cols) float32.

    hulls : (cores, 2, block × (rows + 1)) int32, room for the hulls; blocks go round the cores, as those at the
    corners are short
    """
    _, rows, cols = out.shape
    first = -offset.max()
    lines = cols - offset.min() - first
    blocks = (lines + _BLOCK - 1) // _BLOCK
    parts = hulls.shape[0]
    for part in prange(parts):
        high, place = hulls[part, 0], hulls[part, 1]
        before, counts = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int64)
        at, rise, run = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32)
        tangent, part_of, step = np.empty(_BLOCK, np.float32), np.empty(_BLOCK, np.float32), np.empty(_BLOCK, np.int32)
        rising, upright = np.empty(_BLOCK, np.float32), np.empty(_BLOCK, np.float32)
        none = np.full(cols, HOLE, np.int32)
        for block in range(part, blocks, parts):
            m0 = first + block * _BLOCK
            before[:] = HOLE
            counts[:] = 0
            for k in range(rows):
                a = max(m0 + offset[k], 0)
                b = min(m0 + _BLOCK + offset[k], cols)
                if a >= b:
                    continue
                r = rows - 1 - k if reverse else k
                here, beside = z[r, a + 1 : b + 1], z[r, a + 1 + side[k] : b + 1 + side[k]]
                f, width = fraction[k], b - a
                for i in range(width):
                    aside = np.int32(beside[i] - here[i])
                    if abs(aside) > wall:
                        aside = np.int32(0)
                    at[i] = np.int32(here[i] + np.int32(np.int32(aside * f) >> np.int32(10)))
                line = a - m0 - offset[k]
                _meet(at, before, counts, line, width, high, place, np.int32(2 * k), wall, lift, rise, run)
                for i in range(width):
                    tangent[i] = F4(rise[i]) / F4(run[i]) * scale
                if kind == SKY:
                    target = out[0, r, a:b]
                    for i in range(width):
                        target[i] += F4(1.0) / (F4(1.0) + tangent[i] * tangent[i])
                elif kind == HOURS:
                    _look_up(tangent, width, step, part_of, tables, out[:, r, a:b])
                elif kind == ENERGY:
                    above = z[r - 1, a + 1 : b + 1] if r > 0 else none[a:b]
                    below = z[r + 1, a + 1 : b + 1] if r + 1 < rows else none[a:b]
                    left, right = z[r, a:b], z[r, a + 2 : b + 2]
                    _look_up_tilted(
                        tangent, width, above, here, below, left, right, wall, tilt, step, part_of, rising, upright,
                        tables, out[:, r, a:b],
                    )  # fmt: skip
                else:
                    target = out[0, r, a:b]
                    for i in range(width):
                        target[i] = _degrees(tangent[i])


@njit(cache=True, parallel=True)
def finish(dsm: Any, columns: Any, factor: Any, out: Any) -> None:
    """Add the columns' sum (empty for none) to the rows' sum in `out`, scale, NaN where there is no data."""
    rows, cols = dsm.shape
    with_columns = columns.size > 0
    for band in prange((rows + _TILE - 1) // _TILE):
        for c0 in range(0, cols, _TILE):
            wide = min(_TILE, cols - c0)
            for r in range(band * _TILE, min(rows, (band + 1) * _TILE)):
                here, there = dsm[r, c0 : c0 + wide], out[r, c0 : c0 + wide]
                if with_columns:
                    for c in range(wide):
                        there[c] += columns[c0 + c, r]
                for c in range(wide):
                    there[c] = there[c] * factor if here[c] == here[c] else np.float32(np.nan)


class Sweep:
    """One surface swept sector by sector; heights lie by rows or by columns, never both at once."""

    def __init__(self, dsm: np.ndarray, wall: int, lift: int) -> None:
        self._dsm = np.ascontiguousarray(dsm)
        self._wall, self._lift = np.int32(wall), np.int32(lift)
        self._cores = cores_for(dsm.size, _SHARE)
        self._hulls = np.empty((self._cores, 2, 0), np.int32)

    def _heights(self, transposed: bool) -> np.ndarray:
        """Heights with the lines' main direction as rows: (rows, cols + 2) int32, 1/65536 m."""
        rows, cols = self._dsm.shape[::-1] if transposed else self._dsm.shape
        out = np.empty((rows, cols + 2), np.int32)
        out[:, 0] = out[:, -1] = HOLE
        with cores(self._dsm.size, _SHARE):
            fits = fixed(self._dsm, transposed, out)
        if not fits:
            raise ValueError("surface holds heights beyond 8000 m: mark missing cells as NaN")
        self._hulls = np.empty((self._cores, 2, _BLOCK * (rows + 1)), np.int32)
        return out

    def _run(self, z: np.ndarray, one: Sector, kind: int, tables: np.ndarray, out: np.ndarray) -> None:
        lines = one.lines
        with cores(self._dsm.size, _SHARE):
            sweep(
                z, lines.reverse, lines.offset, lines.side, lines.fraction, self._wall, self._lift, one.scale,
                kind, one.tilt, tables, self._hulls, out,
            )  # fmt: skip

    def angles(self, sectors: list[Sector], tick: Any) -> np.ndarray:
        """(n, rows, cols) float32 degrees, NaN no data."""
        out = np.zeros((len(sectors), *self._dsm.shape), np.float32)
        none = np.empty((0, 0), np.float32)
        for transposed in (False, True):
            chosen = [i for i, one in enumerate(sectors) if one.lines.transposed == transposed]
            if not chosen:
                continue
            z = self._heights(transposed)
            columns = np.empty((1, *self._dsm.shape[::-1]), np.float32) if transposed else none
            for i in chosen:
                tick()
                self._run(z, sectors[i], DEGREES, _NO_TABLES, columns if transposed else out[i : i + 1])
                with cores(self._dsm.size, _SHARE):
                    finish(self._dsm, columns[0] if transposed else none, F4(1.0), out[i])
        return out

    def total(self, sectors: list[Sector], kind: int, tables: np.ndarray, factor: float, tick: Any) -> np.ndarray:
        """The sum over the sectors: (m, rows, cols) float32, NaN no data; tables : (n, m, bins, 1 or 2)."""
        count = tables.shape[1]
        out = np.zeros((count, *self._dsm.shape), np.float32)
        columns = np.empty((count, 0, 0), np.float32)
        for transposed in (False, True):
            chosen = [i for i, one in enumerate(sectors) if one.lines.transposed == transposed]
            if not chosen:
                continue
            z = self._heights(transposed)
            if transposed:
                columns = np.zeros((count, *self._dsm.shape[::-1]), np.float32)
            for i in chosen:
                tick()
                self._run(z, sectors[i], kind, tables[i], columns if transposed else out)
            del z
        for m in range(count):
            with cores(self._dsm.size, _SHARE):
                finish(self._dsm, columns[m], F4(factor), out[m])
        return out


_NO_TABLES = np.zeros((1, 2, 1), np.float32)
