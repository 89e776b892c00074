"""The plain lines printed beside a sun study: what it stands on, and what it cannot know."""

from __future__ import annotations

import numpy as np

from citymodel.analysis.part import LOWEST, Part
from citymodel.analysis.question import LOW_SUN
from citymodel.analysis.shadow_parameters import KINDS_OF_TIME, ShadowParameters
from citymodel.analysis.sun_rules import METHOD_SHARE, described
from citymodel.analysis.sun_state import State, transmissivity
from citymodel.analysis.suns import Suns
from citymodel.layers import Layer
from citymodel.scenario import Scenario, missing
from citymodel.sun import clock, north_words


def notes(
    parameters: ShadowParameters, layers: tuple[Layer, ...], scenario: Scenario | None, base: State, suns: Suns,
    place: Part,
) -> list[str]:  # fmt: skip
    """What is printed on every sun study."""
    found = [_settings(parameters, suns, base)]
    if not suns.above:
        found.append("The sun does not rise above the horizon in this span.")
    found += [
        _trees(parameters, base, suns),
        _edges(base),
        _margin(place),
        _error(parameters),
        f"Rule: {described(parameters)}.",
    ]
    filled = float(np.asarray(base.dsm["filled"]).mean())
    if filled > 0.005:
        found.append(f"{filled:.0%} of the surface holds no measurement and was filled from its surroundings.")
    if scenario:
        found.append("Inside a changed footprint the difference compares what lies on top: a roof with the ground.")
    gone = missing(scenario, layers) if scenario else []
    if gone:
        found.append(f"{len(gone)} changes of the scenario name objects that are not in the data; they were left out.")
    return [one for one in found if one]


def _settings(parameters: ShadowParameters, suns: Suns, base: State) -> str:
    kind = dict(KINDS_OF_TIME)[parameters.time_kind].lower()
    said = parameters.zone if parameters.time_kind == "clock" else f"{kind} of {parameters.zone}"
    if parameters.time_kind == "solar":
        said = kind
    span = f"{clock(parameters.start)} to {clock(parameters.end)} {said}"
    low = f"; suns below {parameters.min_altitude:g}° left out" if parameters.min_altitude else ""
    return (
        f"{parameters.date.isoformat()}, {span}, every {parameters.step} min{low}; cells of {base.grid.cell:g} m; "
        f"light {parameters.receiver_height:g} m above the surface; direct sun only, sky taken as clear; true north "
        f"{north_words(suns.convergence)} grid north"
    )


def _trees(parameters: ShadowParameters, base: State, suns: Suns) -> str:
    if parameters.trees == "none":
        return "Trees are left out."
    if parameters.trees == "solid":
        return "Trees shade as solid bodies, as measured or modelled."
    if base.crown is None:
        return ""
    through = transmissivity(parameters, suns.latitude)
    return (
        f"Trees let {through:.0%} of the light through their crowns; the lowest {parameters.trunk_share:.0%} of a tree "
        "counts as trunk and shades nothing. Half lit, m² h, new shade, longest, first and last sun mean the full sun."
    )


def _edges(base: State) -> str:
    relief = float(base.dsm.max() - base.dsm.min())
    reach = relief / np.tan(np.radians(LOW_SUN))
    return (
        f"What stands outside the data casts no shadow here: with the sun {LOW_SUN:g}° high, cells within {reach:.0f} "
        "m of an edge may get less sun than shown."
    )


def _margin(place: Part) -> str:
    if place.grid == place.shown:
        return ""
    return (
        "What stands around the part shades it, as far as there are data and as suns of "
        f"{LOWEST:g}° throw its shade; {place.grid.shape[1]} × {place.grid.shape[0]} cells were computed."
    )


def _error(parameters: ShadowParameters) -> str:
    return (
        f"Error of a share: heights taken {parameters.height_error:g} m higher and lower, {parameters.step} min of the "
        f"step, and {100 * METHOD_SHARE:g} points of the method (docs/validation.md). Cells with exactly the hours "
        "asked for count half."
    )
