"""Where the ground of a flood ends: the raster's sides, and cells without ground that reach them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

SIDES: dict[str, Any] = {"west": np.s_[:, 0], "east": np.s_[:, -1], "north": np.s_[0], "south": np.s_[-1]}
"""The cells along each side of a raster with north up."""


def outside(missing: Mask) -> Mask:
    """The missing cells that reach the raster's edge, over corners too; what is closed in is a hole."""
    from scipy.ndimage import label

    if not missing.any():
        return missing
    parts, _ = label(missing, np.ones((3, 3), np.int8))
    edge = np.unique(np.concatenate([parts[one] for one in SIDES.values()]))
    return np.asarray(np.isin(parts, edge[edge > 0]))


def beside(cells: Mask) -> Mask:
    """The other cells with one of these at a side."""
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(cells) & ~cells) if cells.any() else cells
