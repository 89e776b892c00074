"""How many homes a building has, from what its attributes say, and how many are on a storey."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.points import FacadePoints
from citymodel.analysis.facade.storeys import _bare, _plain
from citymodel.analysis.zones import _roots
from citymodel.layers import Layer

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

NAMES = (
    "dwellings", "numberofdwellings", "dwellingcount", "dwellingunits", "housingunits", "numberofhousingunits",
    "residentialunits", "households", "numberofhouseholds", "homes", "apartments", "flats", "numberofflats",
    "aantal_verblijfsobjecten", "aantalverblijfsobjecten", "aantal_woningen", "b3_aantal_verblijfsobjecten",
    "nombre_de_logements", "nombredelogements", "nb_logements", "nb_logs", "anzahlwohnungen", "anzahlwohneinheiten",
    "anzahlderwohneinheiten", "wohneinheiten", "wohnungen", "numviviendas", "num_viviendas",
    "numberofdwelling", "総戸数", "住戸数", "戸数",
)  # fmt: skip
"""Names of attributes, without prefix and in lower case, that count homes: CityGML with the energy and the Dutch
extensions, ALKIS, BD TOPO, the Spanish cadastre, OpenStreetMap, cities of PLATEAU; the first that is there counts."""
MOST = 10_000


class Homes(NamedTuple):
    """number : homes of the building, NaN where nothing tells; source : the attribute's name, "" for none."""

    number: float
    source: str


def homes_of(attributes: Mapping[str, Any]) -> Homes:
    """The homes that a building's attributes count; 0 counts, codes for "unknown" (−1, 99999) do not."""
    known = [(NAMES.index(_bare(name)), name, value) for name, value in _plain(attributes) if _bare(name) in NAMES]
    for _, name, value in sorted(known, key=lambda one: one[:2]):
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if not isinstance(value, bool) and math.isfinite(number) and 0 <= number <= MOST:
            return Homes(number, name)
    return Homes(math.nan, "")


class ByStorey(NamedTuple):
    """Homes on the storey of each façade point, and where they are known from.

    each : (n,) homes of the building divided by its storeys, NaN where nothing counts them
    sources : names of the attributes; known, buildings : how many buildings with points have a count, and all of them
    """

    each: F8
    sources: tuple[str, ...]
    known: int
    buildings: int

    def note(self) -> str:
        """One line to print beside the result."""
        if not self.known:
            return "Homes are not counted: no attribute of the buildings tells them, like dwellings or building:flats."
        return (
            f"Homes are known of {self.known} of {self.buildings} buildings (from {', '.join(self.sources)}), each "
            "building's spread evenly over its storeys: which rooms of a storey a home has is not known, so homes are "
            "all those on the storeys counted, an upper bound."
        )


def by_storey(points: FacadePoints, layers: Sequence[Layer]) -> ByStorey:
    """The homes on each point's storey; a building's storeys are those up to its highest point on a wall or window.

    layers : of base and scenario, in which the buildings are; the first that holds a building tells
    """
    owner, pairs = owners(points)
    known: dict[tuple[str, str], Homes] = {}
    for layer in layers:
        if layer.kind == "city":
            known = {(layer.id, id): one for id, one in _counted(layer).items()} | known
    told = [known.get(pair, Homes(math.nan, "")) for pair in pairs]
    storeys = np.ones(len(pairs), dtype=np.int64)
    np.maximum.at(storeys, owner, points.storey + 1)
    number = np.array([one.number for one in told], dtype=np.float64)
    sources = tuple(dict.fromkeys(one.source for one in told if one.source))
    return ByStorey((number / storeys)[owner], sources, int(np.isfinite(number).sum()), len(pairs))


def up_to(on_storey: F8) -> float:
    """Whole homes on some storeys, at the most; NaN where nothing counts those of any of them."""
    known = on_storey[np.isfinite(on_storey)]
    return math.nan if len(on_storey) and not len(known) else float(max(math.ceil(known.sum() - 1e-6), 0))


def owners(points: FacadePoints) -> tuple[I8, list[tuple[str, str]]]:
    """(n,) the number of each point's building, and (layer, building) of each number."""
    names = [f"{layer}\n{building}" for layer, building in zip(points.layer, points.building, strict=True)]
    found, number = np.unique(np.array(names, dtype=str), return_inverse=True)
    pairs = [(one.partition("\n")[0], one.partition("\n")[2]) for one in found.tolist()]
    return np.asarray(number.ravel(), dtype=np.int64), pairs


def _counted(layer: Layer) -> dict[str, Homes]:
    """What each building of a layer says, else what its parts say together."""
    objects = layer.data.objects
    root = _roots(objects.parent)
    own: dict[int, Homes] = {}
    parts: dict[int, list[Homes]] = {}
    for row, attributes in enumerate(objects.attributes):
        if attributes and not objects.is_surface[row]:
            found = homes_of(attributes)
            if found.source and root[row] == row:
                own[row] = found
            elif found.source:
                parts.setdefault(int(root[row]), []).append(found)
    summed = {row: Homes(sum(one.number for one in many), many[0].source) for row, many in parts.items()}
    return {str(objects.ids[row]): one for row, one in (summed | own).items()}
