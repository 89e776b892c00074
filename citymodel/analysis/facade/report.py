"""What a façade study says of itself: how it was made, and the lines to print beside it."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.occluders import Occluders
from citymodel.analysis.facade.parameters import FacadeParameters
from citymodel.analysis.facade.points import KINDS, FacadePoints
from citymodel.analysis.facade.storeys import ESTIMATED
from citymodel.analysis.question import LOW_SUN
from citymodel.layers import Layer
from citymodel.scenario import RemoveObject, Scenario
from citymodel.sun import clock

if TYPE_CHECKING:
    from pydantic import BaseModel

F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]


def provenance(
    parameters: FacadeParameters, layers: Sequence[Layer], scenario: Scenario | None, meshes: Occluders, device: str,
    points: FacadePoints, sun: tuple[F8, F8], seconds: float,
) -> Mapping[str, Any]:  # fmt: skip
    """What the study was made of, so that anybody can make it again."""
    return made_of(parameters, layers, scenario, meshes, device, points, seconds) | {
        "time_step_minutes": parameters.step,
        "suns": len(sun[0]),
        "sun": "NREL SPA with refraction, at the middle of the area, turned by the meridian convergence",
    }


def made_of(
    parameters: BaseModel, layers: Sequence[Layer], scenario: Scenario | None, meshes: Occluders, device: str,
    points: FacadePoints, seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """What any study by rays from façades was made of."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version()}
    for name in ("citymodel", "numpy", "numba", "pvlib", "pyproj", "open3d", "open3d-cpu"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "parameters": parameters.model_dump(mode="json"),
        "inputs": [
            {"layer": one.name, "kind": one.kind, "source": one.source, "licence": one.licence} for one in layers
        ],
        "scenario": scenario.to_dict() if scenario else None,
        "versions": versions,
        "device": device,
        "rays": meshes.common.backend,
        "triangles": meshes.triangles,
        "seconds": round(seconds, 3),
        "points": {kind: int((points.kind == code).sum()) for code, kind in enumerate(KINDS)},
        "points_dropped": dict(points.dropped),
    }


def notes_of(
    parameters: FacadeParameters, layers: Sequence[Layer], scenario: Scenario | None, points: FacadePoints,
    present: list[Mask], sun: tuple[F8, F8], facts: Mapping[str, Any],
) -> list[str]:  # fmt: skip
    """Plain lines to print beside the result."""
    span = f"{clock(parameters.start)} to {clock(parameters.end)} {parameters.zone}"
    settings = (
        f"{parameters.date.isoformat()}, {span}, every {parameters.step} min; sun from {parameters.min_altitude:g}° "
        f"up; a point for every {parameters.spacing:g} m of façade and storey, 1.6 m above the floor; direct sun only, "
        "sky taken as clear"
    )
    notes = [settings]
    if not facts["suns_used"]:
        notes.append("The sun does not stand high enough at any time in this span.")
    guessed = np.isin(points.source, [ESTIMATED]) & (points.storey >= 0)
    if guessed.any():
        share = guessed.sum() / max(int((points.storey >= 0).sum()), 1)
        notes.append(
            f"Storeys of {share:.0%} of the façade points are estimated from the height, {parameters.storey_height:g} "
            "m each."
        )
    if parameters.annual:
        notes.append(
            "Annual shares weigh every hour of sun alike: they know no cloud statistics. "
            f"The year has {facts['year_sun_hours']:.0f} h of sun above the horizon."
        )
    if parameters.irradiation:
        notes.append("Irradiation: beam and an even diffuse sky, both of a clear sky; no light from the ground.")
    notes.append(f"Wanted values: {parameters.source}.")
    z = [layer.data.bounds() for layer in layers if layer.kind == "city"]
    relief = max(box[5] for box in z if box) - min(box[2] for box in z if box)
    notes.append(
        f"What stands outside the data casts no shadow here: with the sun {LOW_SUN:g}° high, points within "
        f"{relief / np.tan(np.radians(LOW_SUN)):.0f} m of an edge may get less sun than shown. Modelled "
        "trees stop all light, whatever the season; those only in the points stop none."
    )
    if scenario:
        fresh, lost = int((~present[0]).sum()), int((~present[1]).sum())
        torn = any(isinstance(one, RemoveObject) for one in scenario.changes)
        notes.append(
            f"{fresh} points are new with {scenario.name}; {lost} are gone or covered (covered ones count as 0"
            + (", those of removed buildings have no value)." if torn else ").")
        )
    return notes
