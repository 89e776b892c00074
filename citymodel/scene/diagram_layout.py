"""How many maps stand on a page: the fewest pages on which they stay legible, then large maps without empty paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

PAGES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
"""Landscape, millimetres."""
MARGIN = 10.0
HEADER = 6.6
"""Height of the line that names a day, millimetres."""
GAP = 3.2
WIDEST_GAP = 24.0
LEAST_WIDTH = 31.0
"""Of a map, so that the words under it fit, millimetres."""
LEAST_SIDE = 30.0
"""Square root of a map's area, millimetres."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the maps on pages of one kind.

    columns, lines : maps side by side and below each other on a page
    width, height : of a map, millimetres
    row, pitch : from one line to the next and from one column to the next, millimetres
    pages : for each page its lines, each the day's number and the first hour's
    """

    columns: int
    lines: int
    width: float
    height: float
    row: float
    pitch: float
    pages: tuple[tuple[tuple[int, int], ...], ...]


def lay_out(days: int, hours: int, aspect: float, room: tuple[float, float], words: float) -> Layout:
    """The layout of days × hours maps.

    aspect : width by height of a map; room : width and height for maps, millimetres;
    words : height of the words under a map, millimetres
    """
    found = []
    for per_day in range(1, hours + 1):
        columns = math.ceil(hours / per_day)
        if math.ceil(hours / columns) != per_day:
            continue
        together = [(per_day * n, math.ceil(days / n), n) for n in range(1, days + 1)]
        alone = [
            (math.ceil(per_day / s), days * math.ceil(per_day / math.ceil(per_day / s)), 1)
            for s in range(2, per_day + 1)
        ]
        for lines, pages, headers in together + alone:
            column = (room[0] - (columns - 1) * GAP) / columns
            tall = (room[1] - headers * HEADER) / lines - words - GAP
            width = max(min(column, tall * aspect), 0.0)
            legible = tall > 0 and width >= LEAST_WIDTH and math.sqrt(width * width / aspect) >= LEAST_SIDE
            full = min(1.0, (lines * (width / aspect + words + GAP) + headers * HEADER) / room[1])
            across = min(1.0, columns * (width + GAP) / (room[0] + GAP))
            rank = (not legible, pages if legible else 0, -width * math.sqrt(full * across))
            found.append((*rank, max(width, 5.0), columns, lines, per_day, headers))
    _, _, _, width, columns, lines, per_day, headers = min(found)
    if lines >= per_day:
        rows = [(day, line * columns) for day in range(days) for line in range(per_day)]
        sheets = [tuple(rows[k : k + lines]) for k in range(0, len(rows), lines)]
    else:
        sheets = [
            tuple((day, line * columns) for line in range(k, min(k + lines, per_day)))
            for day in range(days)
            for k in range(0, per_day, lines)
        ]
    pitch = min((room[0] - width) / max(columns - 1, 1), width + WIDEST_GAP)
    row = (room[1] - headers * HEADER) / lines
    return Layout(columns, lines, width, width / aspect, row, pitch, tuple(sheets))
