"""The classes of a protected view's maps, in words a committee reads aloud; colours safe for colour-blind people."""

from __future__ import annotations

from citymodel.results import LegendClass

_INF = float("inf")


def _classes(rows: tuple[tuple[float, float, str, str], ...]) -> tuple[LegendClass, ...]:
    return tuple(LegendClass(*row) for row in rows)


ROOM = _classes((
    (-_INF, 0.0, "#7a1f3d", "no room: the ground is above"),
    (0.0, 3.0, "#c4613f", "room for less than 3 m"),
    (3.0, 6.0, "#e39a5b", "room for 3 to 6 m"),
    (6.0, 10.0, "#f2cf8d", "room for 6 to 10 m"),
    (10.0, 15.0, "#dfe3c0", "room for 10 to 15 m"),
    (15.0, 25.0, "#a3c9bd", "room for 15 to 25 m"),
    (25.0, 40.0, "#5d9fae", "room for 25 to 40 m"),
    (40.0, _INF, "#2b6a8c", "room for 40 m and more"),
))  # fmt: skip
"""Of building height above the ground."""
CLEARANCE = _classes((
    (-_INF, -10.0, "#4d0f2b", "10 m above the threshold and more"),
    (-10.0, -3.0, "#93284a", "3 to 10 m above the threshold"),
    (-3.0, 0.0, "#d3675a", "up to 3 m above the threshold"),
    (0.0, 3.0, "#f5dba6", "less than 3 m below it"),
    (3.0, 10.0, "#cfdcc4", "3 to 10 m below it"),
    (10.0, 25.0, "#8ebcb8", "10 to 25 m below it"),
    (25.0, _INF, "#4a8aa0", "25 m below it and more"),
))  # fmt: skip
CLEARANCE_DIFFERENCE = _classes((
    (-_INF, -25.0, "#4d0f2b", "25 m higher and more"),
    (-25.0, -10.0, "#93284a", "10 to 25 m higher"),
    (-10.0, -3.0, "#d3675a", "3 to 10 m higher"),
    (-3.0, -1e-3, "#f0b9a4", "up to 3 m higher"),
    (-1e-3, 1e-3, "#f4f4f1", "no change"),
    (1e-3, 3.0, "#bcd9dc", "up to 3 m lower"),
    (3.0, 10.0, "#7fb3c2", "3 to 10 m lower"),
    (10.0, _INF, "#2b6a8c", "10 m lower and more"),
))  # fmt: skip
"""Of what stands there, not of the threshold."""
