"""Which building casts the shade on an open space or area, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from citymodel.analysis.sun_state import Light
from citymodel.analysis.zones import Zones, outlines
from citymodel.jobs import Progress, part_of, silent

MOST = 12
"""Buildings named for each space, those with most shade first."""
ENTRIES = 8_000_000
"""Of the table of buildings by spaces that is held at once; more spaces are asked one lot after the other."""


def caster_columns(
    light: Light, buildings: Zones, spaces: Sequence[Zones], job: Progress = silent
) -> dict[str, list[Any]]:  # fmt: skip
    """A row for each space and building that shades it: square metres times hours of shade.

    A shaded cell counts for the building that stands highest above its ray to the sun; shade of terrain and trees
    counts for none. The part is that of all buildings' shade on the space.

    buildings : on the grid of the light's state; spaces : on the reported part of it
    """
    from kernels.device import to_device
    from kernels.shadow import caster_hours

    grid, suns, asked = light.state.grid, light.suns, light.parameters
    owner = to_device(np.ascontiguousarray(buildings.number), light.device)
    shapes = outlines(buildings, grid)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("space", "id", "layer", "shade_m2h", "part_of_shade", "geometry")
    }
    lots = [lot for one in spaces for lot in _lots(one, max(1, ENTRIES // len(buildings.ids)))]
    for at, one in enumerate(lots):
        hours = caster_hours(
            light.surface, grid.cell, suns.azimuth, suns.altitude, asked.step / 60.0, owner, len(buildings.ids),
            to_device(np.ascontiguousarray(light.part.spread(one.number)), light.device), len(one.ids),
            asked.receiver_height, part_of(job, at / len(lots), 1.0 / len(lots)),
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


def _lots(zones: Zones, most: int) -> list[Zones]:
    """Zones in lots of so many at the most."""
    found = []
    for start in range(0, len(zones.ids), most):
        lot = slice(start, start + most)
        inside = (zones.number >= start) & (zones.number < start + most)
        number = np.where(inside, zones.number - start, -1).astype(np.int32)
        found.append(Zones(zones.ids[lot], zones.layer_ids[lot], zones.kinds[lot], number))
    return found
