"""What a study was made of, so that anybody can make it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from citymodel.layers import Layer
from citymodel.scenario import Scenario
from citymodel.versions import versions

if TYPE_CHECKING:
    from pydantic import BaseModel

    from citymodel.surface import Grid


def provenance(
    parameters: BaseModel, layers: Sequence[Layer], scenario: Scenario | None, grid: Grid, device: str, seconds: float
) -> dict[str, Any]:
    """Parameters, inputs, scenario, versions, device and grid of a study on a raster."""
    return {
        "parameters": parameters.model_dump(mode="json"),
        "inputs": [
            {"layer": one.name, "kind": one.kind, "source": one.source, "licence": one.licence} for one in layers
        ],
        "scenario": scenario.to_dict() if scenario else None,
        "versions": versions(),
        "device": device,
        "seconds": round(seconds, 3),
        "cell_m": grid.cell,
        "size": list(grid.shape),
        "crs": grid.crs,
    }
