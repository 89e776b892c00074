"""Trees that let some of the sun through: crowns as heights of their top and underside, and what they must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.device import is_on_gpu


@dataclass(frozen=True, eq=False)
class Canopy:
    """The crowns of trees over a surface; the surface itself must not hold the trees.

    A crown fills its cell from its underside to its top. Along a line of sight, heights between the centres of
    neighbouring cells are linear where the two crowns' heights overlap; anywhere else a crown ends upright, half a cell
    beyond its last centre. A ray that passes through any crown is weakened once, however many there are, as in UMEP
    (Lindberg and Grimmond 2011); a ray under a crown, past the trunk, is free. A receiver under a crown is in its
    shade where the ray leaves through the crown.

    Attributes
    ----------
    top, base : (rows, cols) float32 absolute heights of the crown's top and underside, metres; NaN in either, or a
        top below the underside: no crown
    transmissivity : share of the sun that passes, 0…1, for the leaves of the season
    """

    top: Any
    base: Any
    transmissivity: float


def check_canopy(canopy: Canopy, dsm: Any) -> None:
    """Refuse a canopy that does not fit the surface, in one plain line."""
    for name, raster in (("top", canopy.top), ("base", canopy.base)):
        if raster.shape != dsm.shape or raster.dtype != np.float32:
            raise ValueError(
                f"canopy {name} is {raster.dtype} of shape {tuple(raster.shape)}: "
                f"give float32 heights of shape {tuple(dsm.shape)}"
            )
        if is_on_gpu(raster) != is_on_gpu(dsm):
            raise ValueError(f"canopy {name} and surface lie on different devices: move one of them")
    if not 0 <= canopy.transmissivity <= 1:
        raise ValueError(f"transmissivity {canopy.transmissivity}: give a share between 0 and 1")
