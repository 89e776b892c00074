"""What a diagram says of itself: place, method, limits and provenance."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from citymodel.scenario import Scenario, missing
from citymodel.sun import Place, clock, north_words

if TYPE_CHECKING:
    from citymodel.analysis.diagram.ground import Ground
    from citymodel.analysis.diagram.parameters import DiagramParameters
    from citymodel.layers import Layer

TIME_KINDS = {
    "clock": "clock time of {zone}, with daylight saving",
    "standard": "standard time of {zone}, without daylight saving",
    "solar": "true solar time: 12:00 is the sun's transit at the middle of the map",
}
_KINDS = {
    "terrain": "a terrain raster",
    "surface": "a surface raster",
    "points": "LiDAR returns",
    "city": "city models",
}


def place_words(name: str, crs: str, where: Place) -> str:
    """Name, coordinate system and geographic place on one line."""
    from citymodel.geo import definition

    north = f"{abs(where.latitude):.4f}° {'N' if where.latitude >= 0 else 'S'}"
    east = f"{abs(where.longitude):.4f}° {'E' if where.longitude >= 0 else 'W'}"
    return " · ".join(one for one in (name, f"{north} {east}", f"{crs} ({definition(crs).name})") if one)


def day_words(day: Any) -> str:
    """A date as it is read aloud: 21 March 2026."""
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    )  # fmt: skip
    return f"{day.day} {months[day.month - 1]} {day.year}"


def notes(
    parameters: DiagramParameters, layers: Sequence[Layer], scenario: Scenario | None, base: Ground,
    maps: Sequence[Any], where: Place,
) -> tuple[str, ...]:  # fmt: skip
    """Plain sentences for the sheet's foot."""
    grid = base.grid
    kinds = list(dict.fromkeys(one.kind for one in layers))
    surface = " and ".join(_KINDS[one] for one in kinds) if kinds else "the raster as it is given"
    why = "" if parameters.cell is not None or not layers else ", chosen so that a map has 1,000 a side at most"
    if base.coarser > 1:
        why = f", every {_nth(base.coarser)} of the raster's"
    hours = TIME_KINDS[parameters.time_kind].format(zone=parameters.zone)
    asked = f"Shade is asked for {parameters.receiver_height:g} m above the surface, on roofs as on the ground"
    north = f"azimuths are from true north, which {north_words(where.convergence)} grid north (up on the maps)"
    sun = "NREL SPA with refraction for the middle of the map"
    lines = [
        f"Surface: {surface}; cells of {grid.cell:g} m{why}. {asked}; direct sun only, sky taken as clear.",
        f"Hours are {hours}. Sun: {sun}; {north}; this grid convergence is applied.",
    ]
    if layers:
        lines.append("Trees stand as solid bodies, as measured or modelled, whatever the season.")
    if scenario:
        lines.append(
            "New shade is shade that the proposal adds, shade removed what it takes away; areas in m² are those on "
            "the map, roofs included. In the footprints of changed buildings a roof would be compared with the ground: "
            "they show the state with the proposal and count for neither."
        )
        beyond = [one for one in maps if one.classes is not None and _touches_frame(one.classes)]
        if beyond:
            named = ", ".join(f"{one.date.isoformat()} {clock(one.minutes)}" for one in beyond[:4])
            more = f" and {len(beyond) - 4} more" if len(beyond) > 4 else ""
            lines.append(f"New or removed shade reaches the map's edge, and may go beyond it: {named}{more}.")
        gone = missing(scenario, tuple(layers))
        if gone:
            lines.append(f"{len(gone)} changes of the scenario name objects that are not in the data: left out.")
    if "filled" in base.before.coords:
        filled = float(np.asarray(base.before["filled"])[base.part].mean())
        if filled > 0.005:
            lines.append(f"{filled:.0%} of the surface holds no measurement and was filled from its surroundings.")
    if any(one.classes is not None and (one.classes == 4).any() for one in maps):
        lines.append(
            "What stands beyond the data is not known: dotted ground is in sun as computed, but would be in shade if "
            "the data ended at a wall as high as the highest hundredth of the surface."
        )
    return tuple(lines)


def _nth(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _touches_frame(classes: Any) -> bool:
    edge = np.concatenate([classes[0], classes[-1], classes[:, 0], classes[:, -1]])
    return bool(((edge == 2) | (edge == 3)).any())


def provenance(
    parameters: DiagramParameters, layers: Sequence[Layer], scenario: Scenario | None, base: Ground, device: str,
    seconds: float, name: str,
) -> Mapping[str, Any]:  # fmt: skip
    """What the diagram was made of, so that anybody can make it again."""
    versions = {"python": platform.python_version()}
    for one in ("citymodel", "numpy", "numba", "pvlib", "pyproj"):
        try:
            versions[one] = version(one)
        except PackageNotFoundError:
            versions[one] = "not installed"
    inputs = [{"layer": one.name, "kind": one.kind, "source": one.source, "licence": one.licence} for one in layers]
    return {
        "parameters": parameters.model_dump(mode="json"),
        "inputs": inputs or [{"layer": name, "kind": "surface"}],
        "scenario": scenario.to_dict() if scenario else None,
        "versions": versions,
        "device": device,
        "seconds": round(seconds, 3),
        "cell_m": base.grid.cell,
        "size": list(base.grid.shape),
        "bounds": list(base.grid.bounds),
        "crs": base.grid.crs,
    }
