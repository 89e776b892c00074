"""Counts by zone: how many cells of each zone are set in each bit plane of a stack of masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu


def count_by_zone(planes: Any, zone: Any, zones: int) -> Any:
    """Cells of each zone whose bit is set, plane by plane.

    Parameters
    ----------
    planes : (n, rows, cols) uint8 bit planes as ``kernels.shadow.shadow_masks(..., packed=True)`` gives them
    zone : (rows, cols) int32 zone of each cell, 0 … zones − 1, below 0 none; on the device of `planes`
    zones : how many zones there are

    Returns
    -------
    (8 n, zones) int64 on the device of `planes`; row k counts bit k % 8 of plane k // 8
    """
    if planes.ndim != 3 or planes.dtype != np.uint8:
        raise ValueError(f"bit planes are {planes.dtype} of {planes.ndim} dimensions: give (n, rows, cols) uint8")
    if zone.shape != planes.shape[1:] or zone.dtype != np.int32:
        raise ValueError(f"zones are {zone.dtype} of shape {tuple(zone.shape)}: give {tuple(planes.shape[1:])} int32")
    if zones < 1 or (zone.size and int(zone.max()) >= zones):
        raise ValueError(f"zone {int(zone.max()) if zone.size else 0} of {zones}: number them 0 to {zones - 1}")
    xp = array_module(planes)
    counts = xp.zeros((8 * planes.shape[0], zones), np.int64)
    if is_on_gpu(planes):
        from kernels.cuda import zones as twin
    else:
        from kernels.cpu import zones as twin  # type: ignore[no-redef]
    cells = xp.flatnonzero(zone.ravel() >= 0)
    twin.count(xp.ascontiguousarray(planes).reshape(planes.shape[0], -1), cells, zone.ravel()[cells], counts)
    return counts
