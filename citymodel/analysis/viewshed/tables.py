"""The maps and tables of a viewshed: four named classes, eyes that see a cell, segments, buildings and open spaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.two_states import NAMES, States, columns
from citymodel.analysis.viewshed.eyes import Standing
from citymodel.analysis.viewshed.look import Seen
from citymodel.analysis.viewshed.parameters import ViewshedParameters
from citymodel.analysis.zones import Zones, identity, mean_by_zone
from citymodel.legends_seen import (
    HIDDEN,
    LEAST_HEIGHT,
    LEAST_HEIGHT_CHANGE,
    NEWLY_HIDDEN,
    NEWLY_SEEN,
    NO_DATA,
    OUT_OF_RANGE,
    SEEN,
    VIEW,
    VIEW_CHANGE,
    seen_by,
    seen_by_change,
)
from citymodel.results import Field

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]
Table = dict[str, list[Any]]


def maps_of(states: States, seen: Sequence[Seen], eyes: int, title: str) -> dict[str, Field]:
    """The maps of one state or of two; the change first."""
    fields: dict[str, Field] = {}
    if len(seen) == 2 and states.scenario:
        change = change_of(seen[0].union, seen[1].union)
        words = f"Change: {title[:1].lower()}{title[1:]}, {states.scenario.name}"
        fields["visible_difference"] = _coded(states, "visible_difference", words, change, VIEW_CHANGE)
    for name, words, one in zip(*_names(states), seen, strict=False):
        key = "visible" if len(seen) == 1 else f"visible_{name}"
        fields[key] = _coded(states, key, f"{title}{words}", one.union, VIEW)
    if eyes > 1:
        values = [_known(one.count.astype(np.float32), one.union) for one in seen]
        fields |= states.fields("seen_by", "Places that see it", "", values, (seen_by(eyes), seen_by_change(eyes)))
    least = [one.least for one in seen if one.least is not None]
    if least:
        legends = (LEAST_HEIGHT, LEAST_HEIGHT_CHANGE)
        fields |= states.fields("least_height", "Least height above ground that is seen", "m", least, legends)
    return fields


def change_of(before: U1, after: U1) -> U1:
    """Codes of the change: hidden in both, seen in both, newly hidden, newly seen, no data, out of range."""
    found = np.full(before.shape, OUT_OF_RANGE, dtype=np.uint8)
    found[(before == HIDDEN) & (after == HIDDEN)] = HIDDEN
    found[(before == SEEN) & (after == SEEN)] = SEEN
    # a limit of pitch can take a cell out of range in one state alone: there it is not seen
    found[(before == SEEN) & (after != SEEN)] = NEWLY_HIDDEN
    found[(before != SEEN) & (after == SEEN)] = NEWLY_SEEN
    found[(before == NO_DATA) | (after == NO_DATA)] = NO_DATA
    return found


def tables_of(
    states: States, seen: Sequence[Seen], stood: Standing, segments: NDArray[np.int64] | None,
    parameters: ViewshedParameters,
) -> dict[str, Field]:  # fmt: skip
    """Eyes, segments of the path, buildings, open spaces and areas."""
    area = states.grid.cell**2
    fields = {"by_eye": Field("by_eye", "Seen from each place", "m²", _eyes(seen, stood, area))}
    if segments is not None:
        rows = _segments(seen, stood, segments, parameters.segment, area)
        fields["by_segment"] = Field("by_segment", "Seen along the path", "m²", rows)
    buildings, _, spaces = states.zones()
    share = [_share(one.union) for one in seen]

    def of(zones: Zones) -> Table:
        return columns("seen_share", share, zones) | columns("seen_m2", share, zones, _area_of(area))

    fields |= states.by_place("Seen", "m²", buildings, spaces, of)
    if buildings.ids:
        rows = identity(buildings, states.grid) | of(buildings)
        fields["by_building"] = Field("by_building", "Roofs seen, by building", "m²", rows)
    return fields


def _eyes(seen: Sequence[Seen], stood: Standing, area: float) -> Table:
    places, eyes = stood.places, stood.eyes[-1]
    table: Table = {
        "id": list(places.names),
        "x": [float(x) for x in places.xy[:, 0]],
        "y": [float(y) for y in places.xy[:, 1]],
        "ground": [float(z) for z in stood.ground[-1]],
        "eye_height": [float(eye.height) for eye in eyes],
    }
    for name, one in zip(NAMES, seen, strict=False):
        table[f"seen_m2_{name}"] = [float(n) * area for n in one.cells]
        table[f"seen_share_{name}"] = [_ratio(a, b) for a, b in zip(one.cells, one.asked, strict=True)]
    if len(seen) == 2:
        table["seen_m2_difference"] = [float(b - a) * area for a, b in zip(seen[0].cells, seen[1].cells, strict=True)]
    table["geometry"] = [f"POINT ({x!r} {y!r})" for x, y in zip(table["x"], table["y"], strict=True)]
    return table


def _segments(
    seen: Sequence[Seen], stood: Standing, segments: NDArray[np.int64], length: float, area: float
) -> Table:  # fmt: skip
    """What the eyes of each segment see together."""
    from shapely.ops import substring

    path = stood.places.shape
    present = sorted(set(segments.tolist()))
    ends = [(one * length, min((one + 1) * length, path.length)) for one in present]
    table: Table = {
        "id": [f"{start:.0f} to {end:.0f} m" for start, end in ends],
        "from_m": [start for start, _ in ends],
        "to_m": [end for _, end in ends],
        "eyes": [int((segments == one).sum()) for one in present],
    }
    for name, one in zip(NAMES, seen, strict=False):
        table[f"seen_m2_{name}"] = [float(n) * area for n in one.by_segment[:, 0]]
        table[f"seen_share_{name}"] = [_ratio(a, b) for a, b in one.by_segment]
    if len(seen) == 2:
        change = seen[1].by_segment[:, 0] - seen[0].by_segment[:, 0]
        table["seen_m2_difference"] = [float(n) * area for n in change]
    table["geometry"] = [substring(path, start, end).wkt for start, end in ends]
    return table


def _share(union: U1) -> F4:
    """1 seen, 0 hidden, NaN where nothing is asked."""
    return np.where(union == SEEN, 1.0, np.where(union == HIDDEN, 0.0, np.nan)).astype(np.float32)


def _area_of(area: float) -> Any:
    """m² of each zone that are seen, as ``columns`` asks for them."""

    def of(values: F4, number: NDArray[np.int32], count: int) -> tuple[F8, NDArray[np.int64]]:
        mean, cells = mean_by_zone(values, number, count)
        return np.where(cells > 0, np.nan_to_num(mean) * cells * area, 0.0), cells

    return of


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")


def _known(values: F4, union: U1) -> F4:
    """NaN where nothing is asked."""
    return np.where(union <= SEEN, values, np.float32(np.nan)).astype(np.float32)


def _names(states: States) -> tuple[Sequence[str], Sequence[str]]:
    if states.scenario is None:
        return NAMES[:1], ("",)
    return NAMES, (", as it is", f", {states.scenario.name}")


def _coded(states: States, name: str, title: str, codes: U1, legend: Sequence[Any]) -> Field:
    raster = states.grid.raster(codes, title.lower(), "; ".join(_meaning(one) for one in reversed(legend)))
    return Field(name, title, "", raster.assign_attrs(nodata=NO_DATA), legend)


def _meaning(one: Any) -> str:
    return f"{one.lower + 0.5:.0f} {one.label}"
