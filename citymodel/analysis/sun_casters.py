"""Which building casts the shade on an open space or area, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from citymodel.analysis.question import part_of
from citymodel.analysis.sun_state import Light
from citymodel.analysis.zones import Zones, outlines
from citymodel.jobs import Progress, silent

MOST = 12
"""Buildings named for each space, those with most shade first."""


def caster_columns(
    light: Light, buildings: Zones, spaces: Sequence[Zones], job: Progress = silent
) -> dict[str, list[Any]]:  # fmt: skip
    """A row for each space and building that shades it: square metres times hours of shade, and their part of all.

    A shaded cell counts for the building that stands highest above its ray to the sun; shade of terrain and trees
    counts for none.
    """
    from kernels.device import to_device
    from kernels.shadow import caster_hours

    grid, suns, asked = light.state.grid, light.suns, light.parameters
    owner = to_device(np.ascontiguousarray(buildings.number), light.device)
    shapes = outlines(buildings, grid)
    names = ("space", "id", "layer", "shade_m2h", "part_of_shade")
    columns: dict[str, list[Any]] = {name: [] for name in (*names, "geometry")}
    for number, one in enumerate(spaces):
        hours = caster_hours(
            light.surface, grid.cell, suns.azimuth, suns.altitude, asked.step / 60.0, owner, len(buildings.ids),
            to_device(np.ascontiguousarray(one.number), light.device), len(one.ids), asked.receiver_height,
            part_of(job, number / len(spaces), 1.0 / len(spaces)),
        )  # fmt: skip
        shade = np.asarray(to_device(hours, "cpu")) * grid.cell**2
        for zone, space in enumerate(one.ids):
            total = shade[:, zone].sum()
            for row in np.argsort(-shade[:, zone], kind="stable")[:MOST].tolist():
                if shade[row, zone] <= 0:
                    break
                found = (
                    space, buildings.ids[row], buildings.layer_ids[row], float(shade[row, zone]),
                    float(shade[row, zone] / total), shapes[row],
                )  # fmt: skip
                for name, value in zip(columns, found, strict=True):
                    columns[name].append(value)
    return columns
