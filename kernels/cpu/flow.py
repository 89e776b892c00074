"""Rows of the shallow-water scheme on the CPU: slopes, half a step, fluxes through faces, update; all of them vectors.

Depth is a whole number of UNIT, so that what leaves one cell enters the next to the last bit; a negative depth marks a
wall. Terrain is float32 in steps that make every difference of two levels exact: a lake at rest has exactly none.

Each function is a loop without branches over arrays few enough that the compiler proves them apart and makes vectors of
it: many short loops beat one long one. No sum is reordered, so the CUDA twin agrees bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: Metres of one unit of depth, 60 nm.
UNIT = np.float32(2.0**-24)
GRAVITY = np.float32(9.81)
#: Metres below which water does not move, and below which a cell is taken as flat.
DRY, THIN = np.float32(1e-6), np.float32(1e-4)
ZERO, HALF, ONE, TWO, THREE = (np.float32(one) for one in (0.0, 0.5, 1.0, 2.0, 3.0))
TWO_THIRDS, _HEAD = np.float32(2.0 / 3.0), np.float32(0.5 / 9.81)
#: Depth of slow water with a given head: 1 - (1 - r) P(r) of it, where r² = 1 - (discharge / critical discharge)²; the
#: root of the cubic, 1 / 3 + 2 / 3 cos(2 / 3 acos r), to 3e-7.
_C5, _C4, _C3, _C2, _C1, _C0 = (
    np.float32(one) for one in (-0.00133637, 0.00545479, -0.01188674, 0.02227653, -0.05154942, 0.33333302)
)
#: Rounding that a bed may lean more than its own slope.
_ROUNDED = np.float32(1.001)
QUARTER, EIGHT, TINY = np.float32(0.25), np.float32(8.0), np.float32(1e-20)
#: Metres of water that a cell can hold, and what is said of the wave in a deeper one.
DEEPEST, TOO_FAST = np.float32(120.0), np.float32(1e30)
#: A little less than a quarter: what rounds up four times is still no more than there is.
SHARE = np.float32(0.24999)
#: Metres a second that no flood's wave runs.
BLOWN = np.float32(200.0)
#: int32 bits of a float32's cube root are a third of its own bits and this (Newton's steps do the rest).
_CUBE = np.int32(709921077)
_NONE = np.int32(0)
#: The compiler may forget that NaN and the sign of zero exist, not the order of sums.
_VECTOR: dict[str, Any] = {"fastmath": {"nnan", "ninf", "nsz"}, "error_model": "numpy"}


@njit(inline="always", error_model="numpy")
def _onto(deep: Any, speed: Any, over: Any) -> Any:
    """Depth over a sill, which leaves `over` of the water beside it, `deep` and slower than its waves.

    The hydrostatic reconstruction keeps the speed, and so loses most of what flows at a sill. Steady water keeps its
    discharge and its head (as in generalised reconstructions, Castro, Pardo & Parés 2007); where the head cannot carry
    as much, what comes is critical flow. The head of the speed counts up to half of `over`, so that all ends with it.
    """
    head = over + min(speed * speed * _HEAD, HALF * over)
    critical = TWO_THIRDS * head
    flow = deep * speed
    share = min(flow * flow / max(GRAVITY * critical * critical * critical, TINY), ONE)
    root = np.sqrt(ONE - share)
    bend = ((((_C5 * root + _C4) * root + _C3) * root + _C2) * root + _C1) * root + _C0
    return head - head * (ONE - root) * bend


@njit(inline="always", error_model="numpy")
def _flux(hl: Any, ul: Any, vl: Any, hr: Any, ur: Any, vr: Any, rise: Any, step: Any, steepest: Any) -> Any:
    """HLL flux between two sides of a face, with the bed's step taken out of the deeper side.

    Where water is deep beside the step, that is the hydrostatic reconstruction (Audusse et al. 2004):
    both depths above the higher bed, whose difference is the level's. A film on a slope would stand dry above such a
    step and run off as over a weir. So the difference goes over to the lesser of the level's and the depth's own, 0
    where they disagree, when the water is less than eight or nine steps deep; what is left of the level's fall pulls
    at both sides by halves (as the bed's slope does in Xia et al. 2017), up to `steepest`: down a wall nothing runs.
    Slow water that comes to the step from below keeps head and discharge onto it, see `_onto`; what falls from a step
    taller than the water over it keeps discharge and momentum, and loses head in its lee.

    rise, step : level and bed of the right side above the left's
    Returns volume a metre, momentum across the face less the pressure of the left and of the right side's own water,
    and momentum along it, carried by the volume.
    """
    thicker = hr - hl
    least = min(abs(rise), abs(thicker))
    lesser = (least if rise > ZERO else -least) if rise * thicker > ZERO else ZERO
    slack = max(min(hl, hr) - EIGHT * abs(step), ZERO)
    more = lesser + max(min(rise - lesser, slack), -slack)
    pull = HALF * GRAVITY * max(min(rise - more, steepest), -steepest)
    up, down = step > ZERO, step < ZERO
    a = max(hr - more, ZERO) if up else hl
    b = max(hl + more, ZERO) if down else hr
    deep, toward, over = hl if up else hr, ul if up else -ur, a if up else b
    speed = abs(toward)
    slow = speed * speed < GRAVITY * deep
    onto, falls = slow & (toward > ZERO), slow & (toward < ZERO) & (abs(step) > over)
    thin = _onto(deep, speed, over) if onto else over
    more = more + ((a - thin) if up else ((thin - b) if down else ZERO))
    a, b = thin if up else a, thin if down else b
    ca, cb = np.sqrt(GRAVITY * a), np.sqrt(GRAVITY * b)
    fast = min(deep * speed / max(thin, TINY), ca if up else cb) if onto | falls else speed
    spare = thin * fast * (fast - speed) if onto else ZERO
    fast = fast if toward > ZERO else -fast
    ul, ur = fast if up else ul, -fast if down else ur
    us = HALF * (ul + ur) + (ca - cb)
    cs = max(HALF * (ca + cb) + QUARTER * (ul - ur), ZERO)
    low, high = min(ul - ca, us - cs), max(ur + cb, us + cs)
    low = ur - TWO * cb if a <= ZERO else low
    high = ur + cb if a <= ZERO else high
    high = ul + TWO * ca if b <= ZERO else high
    low = ul - ca if b <= ZERO else low
    low, high = min(low, ZERO), max(high, ZERO)
    inverse = ONE / (high - low + TINY)
    qa, qb = a * ul, b * ur
    volume = (high * qa - low * qb + low * high * more) * inverse
    pressure = HALF * GRAVITY * more * (a + b)
    moved = high * (qa * ul) - low * (qb * ur) + low * high * (qb - qa)
    along = volume * (vl if volume > ZERO else vr)
    left = (moved - low * pressure) * inverse + pull * a - (spare if up else ZERO)
    right = (moved - high * pressure) * inverse - pull * b - (spare if down else ZERO)
    return volume, left, right, along


@njit(inline="always", error_model="numpy")
def _minmod(a: Any, b: Any) -> Any:
    """Half of the lesser of two differences of one sign, else 0."""
    least = HALF * min(abs(a), abs(b))
    signed = least if a > ZERO else -least
    return signed if a * b > ZERO else ZERO


@njit(inline="always", error_model="numpy")
def cube_root(x: Any) -> Any:
    """Of a float32 above 0, to 2e-7."""
    third = np.int32(np.int32(np.float32(x).view(np.int32) // np.int32(3)) + _CUBE)
    y = np.int32(third).view(np.float32)
    y = y - (y * y * y - x) / (THREE * y * y)
    return y - (y * y * y - x) / (THREE * y * y)


@njit(**_VECTOR)
def primitive(h: Any, qx: Any, qy: Any, depth: Any, u: Any, v: Any) -> None:
    """Depth in metres and velocities of a row."""
    for i in range(h.size):
        metres = np.float32(max(h[i], _NONE)) * UNIT
        inverse = ONE / max(metres, DRY)
        depth[i] = metres
        u[i] = qx[i] * inverse
        v[i] = qy[i] * inverse


@njit(inline="always", error_model="numpy")
def _joined(h: Any, deep: Any, z: Any, h1: Any, deep1: Any, z1: Any) -> Any:
    """Whether a slope may be laid through two cells: no wall, and no step taller than the water that runs over it.

    Water on a slope falls with the bed and is no such case; over a sill its level goes on where its depth ends.
    """
    dz = z1 - z
    rise = np.float32(np.int32(h1 - h)) * UNIT + dz
    over = deep1 if dz > ZERO else deep
    return (h1 >= _NONE) & ((abs(dz) <= over) | (abs(rise) >= over))


@njit(**_VECTOR)
def sides_along(h: Any, z: Any, depth: Any, left: Any, right: Any) -> None:
    """1 where a cell with water enough for a slope goes on into its neighbour in the row, see `_joined`."""
    for i in range(1, h.size - 1):
        wet = depth[i] > THIN
        left[i] = ONE if wet & _joined(h[i], depth[i], z[i], h[i - 1], depth[i - 1], z[i - 1]) else ZERO
        right[i] = ONE if wet & _joined(h[i], depth[i], z[i], h[i + 1], depth[i + 1], z[i + 1]) else ZERO


@njit(**_VECTOR)
def side_across(h: Any, z: Any, depth: Any, h1: Any, z1: Any, depth1: Any, out: Any) -> None:
    """The same from row to row."""
    for i in range(1, h.size - 1):
        joined = _joined(h[i], depth[i], z[i], h1[i], depth1[i], z1[i])
        out[i] = ONE if (depth[i] > THIN) & joined else ZERO


@njit(**_VECTOR)
def slope_along(f: Any, left: Any, right: Any, out: Any) -> None:
    """Half the limited slope along the row."""
    for i in range(1, f.size - 1):
        out[i] = _minmod(left[i] * (f[i] - f[i - 1]), right[i] * (f[i + 1] - f[i]))


@njit(**_VECTOR)
def slope_across(before: Any, f: Any, after: Any, up: Any, down: Any, out: Any) -> None:
    """Half the limited slope from row to row."""
    for i in range(1, f.size - 1):
        out[i] = _minmod(up[i] * (f[i] - before[i]), down[i] * (after[i] - f[i]))


@njit(**_VECTOR)
def level_along(h: Any, z: Any, left: Any, right: Any, out: Any) -> None:
    """Half the limited slope of the level along the row, from exact differences."""
    for i in range(1, h.size - 1):
        a = np.float32(np.int32(h[i] - h[i - 1])) * UNIT + (z[i] - z[i - 1])
        b = np.float32(np.int32(h[i + 1] - h[i])) * UNIT + (z[i + 1] - z[i])
        out[i] = _minmod(left[i] * a, right[i] * b)


@njit(**_VECTOR)
def level_across(h0: Any, z0: Any, h: Any, z: Any, h1: Any, z1: Any, up: Any, down: Any, out: Any) -> None:
    """Half the limited slope of the level from row to row."""
    for i in range(1, h.size - 1):
        a = np.float32(np.int32(h[i] - h0[i])) * UNIT + (z[i] - z0[i])
        b = np.float32(np.int32(h1[i] - h[i])) * UNIT + (z1[i] - z[i])
        out[i] = _minmod(up[i] * a, down[i] * b)


@njit(inline="always", error_model="numpy")
def _leaning(dz0: Any, dz1: Any, thick: Any, depth: Any, level: Any) -> Any:
    """The level's half slope where the bed inside the cell leans no more than the bed's own limited slope.

    Level less depth is the bed that the scheme sees inside the cell. Without this, beside a step taller than its water,
    the edge of a sill would rise before the water that falls over it.
    """
    bed = _minmod(dz0, dz1) * _ROUNDED
    lean = level - thick
    held = max(min(lean, max(bed, ZERO)), min(bed, ZERO))
    tall = max(abs(dz0), abs(dz1)) > depth
    return thick + held if tall & (held != lean) else level


@njit(**_VECTOR)
def lean_along(z: Any, left: Any, right: Any, thick: Any, depth: Any, level: Any) -> None:
    """Mend the level's half slopes along the row, see `_leaning`; thick : those of the depth."""
    for i in range(1, z.size - 1):
        dz0, dz1 = left[i] * (z[i] - z[i - 1]), right[i] * (z[i + 1] - z[i])
        level[i] = _leaning(dz0, dz1, thick[i], depth[i], level[i])


@njit(**_VECTOR)
def lean_across(z0: Any, z: Any, z1: Any, up: Any, down: Any, thick: Any, depth: Any, level: Any) -> None:
    """The same from row to row."""
    for i in range(1, z.size - 1):
        level[i] = _leaning(up[i] * (z[i] - z0[i]), down[i] * (z1[i] - z[i]), thick[i], depth[i], level[i])


@njit(**_VECTOR)
def half_depth(
    depth: Any, u: Any, v: Any, hx: Any, ux: Any, hy: Any, vy: Any, kx: Any, ky: Any, out: Any, more: Any
) -> None:
    """Depth half a step on (Hancock), and how much more it is; slopes are halves, k is dt / cell."""
    for i in range(1, depth.size - 1):
        flow = kx * (u[i] * hx[i] + depth[i] * ux[i]) + ky * (v[i] * hy[i] + depth[i] * vy[i])
        then = max(depth[i] - flow, ZERO)
        out[i] = then
        more[i] = then - depth[i]


@njit(**_VECTOR)
def half_speed(u: Any, v: Any, u_along: Any, level: Any, u_across: Any, along: Any, across: Any, out: Any) -> None:
    """The speed of one direction half a step on; level : its half slope in that direction."""
    for i in range(1, u.size - 1):
        out[i] = u[i] - along * (u[i] * u_along[i] + GRAVITY * level[i]) - across * (v[i] * u_across[i])


@njit(**_VECTOR)
def half_friction(depth: Any, u: Any, v: Any, roughness: Any, dt: Any, out_u: Any, out_v: Any) -> None:
    """Friction over half a step, that gravity does not run ahead of it; see `friction`."""
    for i in range(1, u.size - 1):
        deep = max(depth[i], DRY)
        rate = HALF * dt * roughness[i] * np.sqrt(u[i] * u[i] + v[i] * v[i]) / (deep * cube_root(deep))
        kept = TWO / (ONE + np.sqrt(ONE + rate))
        out_u[i] = u[i] * kept
        out_v[i] = v[i] * kept


@njit(inline="always", error_model="numpy")
def face(
    ha: Any, hb: Any, za: Any, zb: Any, deep_a: Any, ua: Any, va: Any, deep_b: Any, ub: Any, vb: Any,
    lift: Any, tilt: Any, steepest: Any, k: Any, flow_a: Any, flow_b: Any,
) -> Any:  # fmt: skip
    """The fluxes of one face; a wall on one side answers with what stands before it, mirrored.

    lift, tilt : how much more than the cells' own difference the level and the bed rise from side to side
    steepest : metres of fall that a face may feel; k : units of depth a flux of 1 m²/s moves
    flow_a, flow_b : speeds across the face in the cells' middles

    No cell gives more than it holds: through a face at the most a quarter, and half of the share of itself that its
    speed carries that way in a step more, which its opposite face must do with less. No real flow needs more: 8 / 27 of
    a wave from a dam that breaks, all of what runs quicker than its waves.
    """
    left, right = ha < _NONE, hb < _NONE
    wall = left | right
    dz = zb - za
    rise = np.float32(np.int32(hb - ha)) * UNIT + dz + lift
    rise = ZERO if wall else rise
    step = ZERO if wall else dz + tilt
    hl, ul = deep_b if left else deep_a, -ub if left else ua
    hr, ur = deep_a if right else deep_b, -ua if right else ub
    volume, low, high, along = _flux(hl, ul, va, hr, ur, vb, rise, step, steepest)
    give = np.float32(ha) * (SHARE + max(min(HALF * flow_a * k * UNIT, SHARE), -SHARE))
    take = np.float32(hb) * (SHARE - max(min(HALF * flow_b * k * UNIT, SHARE), -SHARE))
    moved = np.int32(ZERO if wall else max(min(volume * k, give), -take))
    return moved, low, high, ZERO if wall else along


@njit(**_VECTOR)
def faces_along(
    h: Any, z: Any, depth: Any, u: Any, v: Any, steepest: Any, k: Any, moved: Any, low: Any, high: Any, along: Any
) -> None:
    """First order: fluxes between a row's cells i and i + 1."""
    for i in range(h.size - 1):
        moved[i], low[i], high[i], along[i] = face(
            h[i], h[i + 1], z[i], z[i + 1], depth[i], u[i], v[i], depth[i + 1], u[i + 1], v[i + 1], ZERO, ZERO,
            steepest, k, u[i], u[i + 1],
        )  # fmt: skip


@njit(**_VECTOR)
def faces_across(
    h: Any, z: Any, now: Any, h1: Any, z1: Any, then: Any, steepest: Any, k: Any,
    moved: Any, low: Any, high: Any, along: Any,
) -> None:  # fmt: skip
    """First order: fluxes from a row to the next; now, then : (3, n) their depth, u, v."""
    d0, u0, v0, d1, u1, v1 = now[0], now[1], now[2], then[0], then[1], then[2]
    for i in range(h.size):
        moved[i], low[i], high[i], along[i] = face(
            h[i], h1[i], z[i], z1[i], d0[i], v0[i], u0[i], d1[i], v1[i], u1[i], ZERO, ZERO,
            steepest, k, v0[i], v1[i],
        )  # fmt: skip


@njit(**_VECTOR)
def tilted_along(
    h: Any, z: Any, half: Any, slopes: Any, steepest: Any, k: Any, moved: Any, low: Any, high: Any, along: Any
) -> None:
    """Second order: fluxes between a row's cells i and i + 1.

    half : (4, n) depth, u, v half a step on, and the depth's change; slopes : (8, n) half slopes of level, depth, u, v
    along the row, then across
    """
    deep, u, v, more = half[0], half[1], half[2], half[3]
    level, thick, us, vs = slopes[0], slopes[1], slopes[2], slopes[3]
    for i in range(1, h.size - 2):
        j = i + 1
        lift = (more[j] - more[i]) - (level[j] + level[i])
        tilt = -(level[j] - thick[j]) - (level[i] - thick[i])
        moved[i], low[i], high[i], along[i] = face(
            h[i], h[j], z[i], z[j], max(deep[i] + thick[i], ZERO), u[i] + us[i], v[i] + vs[i],
            max(deep[j] - thick[j], ZERO), u[j] - us[j], v[j] - vs[j], lift, tilt, steepest, k, u[i], u[j],
        )  # fmt: skip


@njit(**_VECTOR)
def tilted_across(
    h: Any, z: Any, half: Any, slopes: Any, h1: Any, z1: Any, half1: Any, slopes1: Any, steepest: Any, k: Any,
    moved: Any, low: Any, high: Any, along: Any,
) -> None:  # fmt: skip
    """Second order: fluxes from a row to the next."""
    deep, u, v, more = half[0], half[1], half[2], half[3]
    level, thick, us, vs = slopes[4], slopes[5], slopes[6], slopes[7]
    deep1, u1, v1, more1 = half1[0], half1[1], half1[2], half1[3]
    level1, thick1, us1, vs1 = slopes1[4], slopes1[5], slopes1[6], slopes1[7]
    for i in range(1, h.size - 1):
        lift = (more1[i] - more[i]) - (level1[i] + level[i])
        tilt = -(level1[i] - thick1[i]) - (level[i] - thick[i])
        moved[i], low[i], high[i], along[i] = face(
            h[i], h1[i], z[i], z1[i], max(deep[i] + thick[i], ZERO), v[i] + vs[i], u[i] + us[i],
            max(deep1[i] - thick1[i], ZERO), v1[i] - vs1[i], u1[i] - us1[i], lift, tilt, steepest, k, v[i], v1[i],
        )  # fmt: skip


@njit(**_VECTOR)
def update_depth(h: Any, behind: Any, ahead: Any, above: Any, below: Any, out: Any, debt: Any) -> None:
    """What a row's cells hold after what their four faces moved.

    Cells that a step drained beyond empty end empty; what they owe is kept, so that the balance tells it.
    """
    for i in range(h.size):
        then = np.int32(h[i] - ahead[i] + behind[i] - below[i] + above[i])
        wall = h[i] < _NONE
        out[i] = h[i] if wall else max(then, _NONE)
        debt[i] = _NONE if wall else max(np.int32(-then), _NONE)


@njit(**_VECTOR)
def update_flow(
    q: Any, k: Any, ahead: Any, behind: Any, k_side: Any, before: Any, after: Any, depth: Any, level: Any, out: Any
) -> None:
    """Momentum of one direction after a step without friction.

    ahead, behind : what the faces before and behind cell i in that direction take from it
    before, after : what came along through the faces at its sides; level : half its slope in that direction
    """
    for i in range(q.size):
        inner = TWO * GRAVITY * depth[i] * level[i]
        out[i] = q[i] - k * (ahead[i] - behind[i] + inner) - k_side * (after[i] - before[i])


@njit(**_VECTOR)
def friction(h: Any, roughness: Any, dt: Any, qx: Any, qy: Any, out_x: Any, out_y: Any, fastest: Any) -> None:
    """Manning's friction, implicit (Xia & Liang 2018), and the speed of the quickest wave of each cell.

    roughness : 4 g n²
    """
    for i in range(h.size):
        metres = np.float32(max(h[i], _NONE)) * UNIT
        deep = max(metres, DRY)
        rate = dt * roughness[i] * np.sqrt(qx[i] * qx[i] + qy[i] * qy[i]) / (deep * deep * cube_root(deep))
        kept = TWO / (ONE + np.sqrt(ONE + rate))
        kept = kept if metres > DRY else ZERO
        x, y = qx[i] * kept, qy[i] * kept
        out_x[i] = x
        out_y[i] = y
        speed = max(abs(x), abs(y)) / deep + np.sqrt(GRAVITY * metres)
        fastest[i] = TOO_FAST if metres > DEEPEST else speed


@njit(**_VECTOR)
def greatest(f: Any) -> Any:
    """Of values that are not negative: their bits are ordered like they are, and whole numbers reduce as vectors."""
    bits, most = f.view(np.int32), _NONE
    for i in range(bits.size):
        most = max(most, bits[i])
    return np.int32(most).view(np.float32)


@njit(**_VECTOR)
def record_depth(h: Any, wet: Any, now: Any, ticks: Any, deepest: Any, lasted: Any, arrived: Any) -> None:
    """Deepest water in units, ticks of time with `wet` units or more, and when it came, kept up to date."""
    for i in range(h.size):
        there = h[i] >= wet
        deepest[i] = max(deepest[i], h[i])
        lasted[i] = lasted[i] + (ticks if there else _NONE)
        arrived[i] = min(arrived[i], now if there else arrived[i])


@njit(**_VECTOR)
def record_flow(h: Any, qx: Any, qy: Any, wet: Any, speed: Any, discharge: Any, danger: Any) -> None:
    """Greatest speed, discharge a metre and depth × (speed + 0.5) where water is `wet` units deep or more."""
    for i in range(h.size):
        there = h[i] >= wet
        metres = np.float32(max(h[i], _NONE)) * UNIT
        q = np.sqrt(qx[i] * qx[i] + qy[i] * qy[i])
        speed[i] = max(speed[i], q / max(metres, DRY) if there else ZERO)
        discharge[i] = max(discharge[i], q if there else ZERO)
        danger[i] = max(danger[i], q + HALF * metres if there else ZERO)
