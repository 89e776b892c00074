"""Points of a COPC file by box and spacing, through its octree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.formats.las_header import LasHeader


def copc_records(path: Path, header: LasHeader, box: Any, resolution: float | None) -> tuple[Any, Iterator[Any]]:
    """The laspy point format, and one record of the octree's nodes that the box touches.

    Parameters
    ----------
    box : (2, 3) low and high corner, or None; the caller still cuts single points off
    resolution : coarsest spacing of points wanted; None for all levels
    """
    from laspy import CopcReader
    from laspy.copc import Bounds

    bounds = None
    if box is not None:
        # within the header's bounds, because laspy turns the box into 32-bit integers
        low = np.maximum(box[0], np.asarray(header.low) - header.scale)
        high = np.minimum(box[1], np.asarray(header.high) + header.scale)
        bounds = Bounds(low, high)

    def records() -> Iterator[Any]:
        with path.open("rb") as file:
            reader = CopcReader(file, close_fd=False)
            if bounds is None or (bounds.mins <= bounds.maxs).all():
                yield reader.query(bounds=bounds, resolution=resolution)

    with path.open("rb") as file:
        point_format = CopcReader(file, close_fd=False).header.point_format
    return point_format, records()
