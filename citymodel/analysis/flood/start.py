"""The start of a run: the case checked and laid onto the device, or a state taken up again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.case import Case
from citymodel.analysis.on_device import placed
from citymodel.errors import ParameterError, ResourceError
from kernels.flood import Flood

if TYPE_CHECKING:
    from citymodel.surface import Grid

_HOST, _DEVICE, _SECOND = 170, 150, 48
"""Bytes a cell: of main memory; of the device for the state, record and one source; more for the second order there."""
_SOURCE = 12
_PLACE = re.compile(r"row (\d+), column (\d+)")


def started(case: Case, device: str, state: Mapping[str, Any] | None = None) -> tuple[Flood, str]:
    """The flood of a case with its first water, or as it was in a state; and the device's name."""
    _check(case)
    _check_memory(case, "cpu")
    terrain, used = placed(np.asarray(case.terrain, np.float64), device)
    if used == "gpu":
        _check_memory(case, used)
    try:
        flood = Flood(
            terrain, case.grid.cell, manning=case.manning, blocked=case.blocked, scheme=case.scheme, edges=case.edges,
            sources=case.sources, courant=case.courant, wet=case.wet, later=_later(case),
        )  # fmt: skip
        begun = float(state["time"]) if state is not None else 0.0
        for change in case.changes:
            if change.time <= begun:
                flood.set_ground(change.terrain, change.blocked)
        if state is not None:
            flood.restore(dict(state))
        elif case.depth is not None:
            flood.set_depth(case.depth)
        elif case.level is not None:
            flood.set_level(case.level)
    except ValueError as wrong:
        raise ParameterError(_with_places(str(wrong), case.grid)) from wrong
    return flood, used


def _later(case: Case) -> tuple[float, float] | None:
    """Lowest and highest ground of all changes, metres; None without any."""
    heights = [
        one.terrain[np.isfinite(one.terrain) & (True if one.blocked is None else ~one.blocked)] for one in case.changes
    ]
    heights = [one for one in heights if one.size]
    return (min(float(one.min()) for one in heights), max(float(one.max()) for one in heights)) if heights else None


def _check(case: Case) -> None:
    """ParameterError where parts of the case do not fit each other."""
    if case.terrain.shape != case.grid.shape:
        raise ParameterError(f"terrain of {case.terrain.shape} cells on a grid of {case.grid.shape}")
    if case.depth is not None and case.level is not None:
        raise ParameterError("the first water has a depth and a level; give one of the two")
    times = [one.time for one in case.changes]
    if times != sorted(times):
        raise ParameterError("changes of the ground run backwards in time; sort them")


def _check_memory(case: Case, where: str) -> None:
    """ResourceError where the run would not fit."""
    from kernels.device import free_memory

    each = _HOST if where == "cpu" else _DEVICE + (_SECOND if case.scheme == "second-order" else 0)
    need = case.grid.shape[0] * case.grid.shape[1] * (each + _SOURCE * len(case.sources))
    free = free_memory(where)
    if free and need > free:
        rows, cols = case.grid.shape
        place = "memory" if where == "cpu" else "the GPU's memory"
        raise ResourceError(
            f"{rows:,} × {cols:,} cells need {need / 1e9:.1f} GB of {place}, {free / 1e9:.1f} GB are free; "
            f"take cells above {case.grid.cell:g} m or a smaller area"
        )


def _with_places(text: str, grid: Grid) -> str:
    """The same words with places in the CRS instead of rows and columns."""

    def words(found: re.Match[str]) -> str:
        x, y = grid.centre(int(found[1]), int(found[2]))
        return f"{x:.10g} {y:.10g}"

    return _PLACE.sub(words, text)


def cells_of(case: Case) -> NDArray[np.int64]:
    """(gauges, 2) row and column of the cell that contains each gauge; ParameterError outside."""
    grid, found = case.grid, []
    for one in case.gauges:
        cell = grid.cell_at(one.x, one.y)
        if cell is None:
            box = " ".join(f"{edge:.10g}" for edge in grid.bounds)
            raise ParameterError(
                f"gauge {one.name!r} at {one.x:.10g} {one.y:.10g}: lies outside, give a place in {box}"
            )
        found.append(cell)
    return np.array(found, np.int64).reshape(-1, 2)
