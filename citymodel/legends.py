"""The classes of legends, in words a committee reads aloud; colours safe for colour-blind people."""

from __future__ import annotations

from citymodel.results import LegendClass

_INF = float("inf")
HOURS = tuple(
    LegendClass(lower, upper, colour, label)
    for lower, upper, colour, label in (
        (-_INF, 1.0, "#1c2458", "less than 1 h"),
        (1.0, 2.0, "#3a4a8a", "1 to 2 h"),
        (2.0, 4.0, "#6f86ad", "2 to 4 h"),
        (4.0, 6.0, "#b3b7a0", "4 to 6 h"),
        (6.0, 8.0, "#eccf6b", "6 to 8 h"),
        (8.0, _INF, "#fff3b8", "8 h and more"),
    )
)
HOURS_DIFFERENCE = tuple(
    LegendClass(lower, upper, colour, label)
    for lower, upper, colour, label in (
        (-_INF, -4.0, "#3f1d73", "4 h less and more"),
        (-4.0, -2.0, "#7355a8", "2 to 4 h less"),
        (-2.0, -1.0, "#a894cf", "1 to 2 h less"),
        (-1.0, -1e-6, "#d9d0ea", "up to 1 h less"),
        (-1e-6, 1e-6, "#f4f4f1", "no change"),
        (1e-6, 1.0, "#fbdcb2", "up to 1 h more"),
        (1.0, 2.0, "#f0a653", "1 to 2 h more"),
        (2.0, 4.0, "#c8711c", "2 to 4 h more"),
        (4.0, _INF, "#7f3f05", "4 h more and over"),
    )
)
NO_SUN = 24.0
"""Hours of a first sun that never comes; a last one that never comes is at 0."""
_CLOCK = (
    (8.0, "#fff3b8", "before 8:00"),
    (10.0, "#eccf6b", "8:00 to 10:00"),
    (12.0, "#b3b7a0", "10:00 to 12:00"),
    (14.0, "#6f86ad", "12:00 to 14:00"),
    (16.0, "#3a4a8a", "14:00 to 16:00"),
    (NO_SUN, "#1c2458", "16:00 and later"),
)
FIRST_SUN = (
    *(
        LegendClass(lower, upper, colour, label)
        for lower, (upper, colour, label) in zip((-_INF, *(one[0] for one in _CLOCK)), _CLOCK, strict=False)
    ),
    LegendClass(NO_SUN, _INF, "#0b0d1c", "no full sun"),
)
LAST_SUN = (
    LegendClass(-_INF, 1e-6, "#0b0d1c", "no full sun"),
    *(
        LegendClass(lower, upper, colour, label)
        for lower, upper, colour, label in zip(
            (1e-6, *(one[0] for one in _CLOCK[:5])),
            (*(one[0] for one in _CLOCK[:5]), _INF),
            reversed([one[1] for one in _CLOCK]),
            [one[2] for one in _CLOCK],
            strict=True,
        )
    ),
)
