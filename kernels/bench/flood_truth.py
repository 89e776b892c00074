"""Exact solutions of the shallow-water equations (Delestre et al. 2013, SWASHES), for tests and validation."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

G = 9.81


def dam_break(x: np.ndarray, time: float, right: float = 0.0, left: float = 0.005, dam: float = 5.0) -> np.ndarray:
    """Depth after a dam broke on a wet (Stoker) or a dry bed (Ritter)."""
    cl, xi = math.sqrt(G * left), (x - dam) / time
    fan = 4 / (9 * G) * (cl - xi / 2) ** 2
    if right == 0:
        return np.where(xi < -cl, left, np.where(xi < 2 * cl, fan, 0))
    cr = math.sqrt(G * right)

    def jump(cm: float) -> float:
        return -8 * cr**2 * cm**2 * (cl - cm) ** 2 + (cm**2 - cr**2) ** 2 * (cm**2 + cr**2)

    cm = brentq(jump, cr * 1.0001, cl * 0.9999)
    shock = 2 * cm**2 * (cl - cm) / (cm**2 - cr**2)
    plateau = np.where(xi < shock, cm**2 / G, right)
    return np.where(xi < -cl, left, np.where(xi < 2 * (cl - cm) - cm, fan, plateau))


class Bowl:
    """Thacker's oscillations in a paraboloid of 4 m: `radial` swells, else a plane runs round."""

    size, rim, deep = 4.0, 1.0, 0.1

    def __init__(self, cells: int, radial: bool) -> None:
        at = (np.arange(cells) + 0.5) * self.size / cells - self.size / 2
        self.x, self.y = np.meshgrid(at, at)
        self.squared = self.x**2 + self.y**2
        self.ground = -self.deep * (1 - self.squared / self.rim**2)
        self.radial = radial
        self.omega = math.sqrt((8 if radial else 2) * G * self.deep) / self.rim
        self.period = 2 * math.pi / self.omega
        self.cell = self.size / cells

    def depth(self, time: float) -> np.ndarray:
        """Metres of water at a time."""
        if self.radial:
            a = (self.rim**2 - 0.8**2) / (self.rim**2 + 0.8**2)
            k = 1 - a * math.cos(self.omega * time)
            level = math.sqrt(1 - a * a) / k - 1 - self.squared / self.rim**2 * ((1 - a * a) / k**2 - 1)
            level = self.deep * level
        else:
            turn = self.x * math.cos(self.omega * time) + self.y * math.sin(self.omega * time)
            level = 0.5 * self.deep / self.rim**2 * (2 * turn - 0.5)
        return np.maximum(level - self.ground, 0)


def bump(x: np.ndarray) -> np.ndarray:
    """The bed of the three flows over a bump, metres."""
    return np.where((x > 8) & (x < 12), 0.2 - 0.05 * (x - 10) ** 2, 0.0)


def _bernoulli(head: float, q: float, z: np.ndarray, fast: np.ndarray) -> np.ndarray:
    """Depth of a flow of q m²/s with a head, the quick or the slow one of the two roots."""
    out = np.empty_like(z)
    for i, (ground, quick) in enumerate(zip(z, fast, strict=True)):
        roots = np.roots([1, ground - head, 0, q * q / (2 * G)])
        real = np.sort(roots.real[(abs(roots.imag) < 1e-5) & (roots.real > 0)])
        out[i] = real[0] if quick else real[-1]
    return out


def over_the_bump(x: np.ndarray, q: float, below: float | None) -> np.ndarray:
    """Steady depth over the bump: slow all along where the head of the depth `below` carries it, else critical on top.

    A depth below that the quick flow cannot keep makes a jump behind the top; None for a free fall.
    """
    z, top = bump(x), 0.2
    critical = (q * q / G) ** (1 / 3)
    head = top + 1.5 * critical
    if below is not None and below + q * q / (2 * G * below**2) > head:
        return _bernoulli(below + q * q / (2 * G * below**2), q, z, np.zeros(len(x), bool))
    quick = _bernoulli(head, q, z, x > 10)
    if below is None:
        return quick
    slow = _bernoulli_or_none(below + q * q / (2 * G * below**2), q, z)
    force = q * q / quick + G * quick**2 / 2
    met = np.where(slow > 0.01, q * q / slow + G * slow**2 / 2, 0)
    jump = np.argmax((x > 10) & (met >= force))
    return np.where(np.arange(len(x)) < jump, quick, slow)


def _bernoulli_or_none(head: float, q: float, z: np.ndarray) -> np.ndarray:
    """The slow depth, a trifle where the head does not reach so high."""
    out = np.full_like(z, 1e-3)
    for i, ground in enumerate(z):
        if head - ground >= 1.5 * (q * q / G) ** (1 / 3):
            out[i] = _bernoulli(head, q, np.array([ground]), np.array([False]))[0]
    return out


def macdonald(x: np.ndarray, length: float = 1000.0, n: float = 0.033, q: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Bed and depth of MacDonald's slow flow with Manning's friction; the bed ends at 0."""
    fine = np.linspace(0, length, 20001)

    def depth(at: np.ndarray) -> np.ndarray:
        return np.asarray((4 / G) ** (1 / 3) * (1 + 0.5 * np.exp(-16 * (at / length - 0.5) ** 2)))

    h = depth(fine)
    rise = (4 / G) ** (1 / 3) * 0.5 * np.exp(-16 * (fine / length - 0.5) ** 2) * (-32 / length) * (fine / length - 0.5)
    slope = (q**2 / (G * h**3) - 1) * rise - n**2 * q**2 / h ** (10 / 3)
    bed = np.concatenate([[0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(fine))])
    return np.interp(x, fine, bed - bed[-1]), depth(x)


def rain_on_a_plane(slope: float, n: float, rain: float, length: float, times: np.ndarray) -> np.ndarray:
    """Outflow in m²/s of a plane under steady rain in m/s, by the kinematic wave: it grows until all of it pours."""
    alpha = math.sqrt(slope) / n
    return np.minimum(alpha * (rain * times) ** (5 / 3), rain * length)


def macdonald_with_a_jump(
    x: np.ndarray, length: float = 500.0, n: float = 0.033, q: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Bed and depth of a flow that becomes quick at 0.3 and jumps back at 0.6 of the length, with Manning's friction.

    MacDonald's (1996) construction with a depth of our own: slow to quick through the critical depth, the conjugate
    depth behind the jump, slow to the end; the bed is what such a flow needs, and ends at 0.
    """
    critical, leap = (q * q / G) ** (1 / 3), 0.6 * length
    quick_end = critical * (1 - 0.3 * math.tanh(1.5))
    froude = q / math.sqrt(G * quick_end**3)
    behind = quick_end / 2 * (math.sqrt(1 + 8 * froude**2) - 1)

    def depth(at: np.ndarray) -> np.ndarray:
        ahead = critical * (1 - 0.3 * np.tanh((at - 0.3 * length) / (0.2 * length)))
        after = behind * (1 + 0.2 * np.tanh((at - leap) / (0.25 * length)))
        return np.asarray(np.where(at < leap, ahead, after))

    def rise(at: np.ndarray) -> np.ndarray:
        ahead = -0.3 * critical / np.cosh((at - 0.3 * length) / (0.2 * length)) ** 2 / (0.2 * length)
        after = 0.2 * behind / np.cosh((at - leap) / (0.25 * length)) ** 2 / (0.25 * length)
        return np.asarray(np.where(at < leap, ahead, after))

    fine = np.linspace(0, length, 40001)
    middle = 0.5 * (fine[1:] + fine[:-1])
    h = depth(middle)
    slope = (q**2 / (G * h**3) - 1) * rise(middle) - n**2 * q**2 / h ** (10 / 3)
    bed = np.concatenate([[0], np.cumsum(slope * np.diff(fine))])
    return np.interp(x, fine, bed - bed[-1]), depth(x)
