"""Rasters larger than memory: strips of rows, each with the rows around it whose shade reaches it."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ResourceError

BYTES = 40
"""Bytes a cell that a study of sun hours holds at once: heights twice, sums twice, input, output and what they need."""
SHARE = 0.5
"""Part of the free memory that a study takes without being told."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows ``first`` to ``last`` of the result, computed on rows ``top`` to ``bottom``; ends excluded."""

    first: int
    last: int
    top: int
    bottom: int


def reach(azimuths: NDArray[np.float64], altitudes: NDArray[np.float64], relief: float, cell: float) -> tuple[int, int]:
    """Rows to the north and to the south of a cell from which shade can fall on it.

    relief : metres between the lowest and the highest height; cell : metres, along the columns
    """
    up = altitudes > 0
    if not up.any():
        return 0, 0
    far = relief / np.tan(np.radians(altitudes[up])) / cell
    rows = far * np.cos(np.radians(azimuths[up]))
    return math.ceil(max(float(rows.max()), 0.0)) + 2, math.ceil(max(float(-rows.min()), 0.0)) + 2


def strips(shape: tuple[int, int], halo: tuple[int, int], memory: int, bytes_a_cell: int = BYTES) -> list[Strip]:
    """The fewest strips of which each fits into ``memory`` bytes; one where the whole does.

    halo : rows to the north and to the south, as ``reach`` gives them
    """
    rows, columns = shape
    at_once = int(memory // (bytes_a_cell * columns))
    if at_once >= rows:
        return [Strip(0, rows, 0, rows)]
    own = at_once - min(halo[0], rows) - min(halo[1], rows)
    if own < max(1, min(halo[0] + halo[1], rows) // 50):
        need = bytes_a_cell * columns * min(rows, sum(halo) + max(1, sum(halo) // 50))
        raise ResourceError(
            f"{rows:,} × {columns:,} cells need {need / 1e9:.1f} GB at once, {memory / 1e9:.1f} GB are to be had: "
            "low suns reach far; leave them out (--min-altitude 5), or take a smaller or coarser raster"
        )
    count = -(-rows // own)
    edges = np.linspace(0, rows, count + 1).round().astype(int).tolist()
    return [
        Strip(first, last, max(0, first - halo[0]), min(rows, last + halo[1]))
        for first, last in itertools.pairwise(edges)
    ]


def free_memory() -> int:
    """Bytes that a study may take on this machine."""
    from kernels.device import free_memory as free

    return int(SHARE * free("cpu"))
