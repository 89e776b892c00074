"""How many storeys a building has and how high they are: from what its attributes say, else from its height."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

ESTIMATED = "estimated"
NAMES = (
    "storeysaboveground", "numberofstoreysaboveground", "floorsaboveground", "anzahlderoberirdischengeschosse",
    "storeys", "numberofstoreys", "numberoffloors", "floors", "levels", "b3_bouwlagen", "anzahlgeschosse",
    "nb_etages", "総建物階数",
)  # fmt: skip
"""Names of attributes, without prefix and in lower case, that count the storeys above ground: CityGML and
CityJSON, 3DBAG, ALKIS, BD TOPO, OpenStreetMap, cities of PLATEAU; the first that is there counts."""
HEIGHTS = frozenset({"storeyheightsaboveground"})
LOWEST, HIGHEST = 2.0, 8.0
"""Metres between which a storey's height is believed."""
MOST = 200


class Storeys(NamedTuple):
    """number : storeys above ground; height : metres a storey; source : the attribute's name, or "estimated"."""

    number: int
    height: float
    source: str


def storeys_of(
    attributes: Mapping[str, Any], height: float, storey_height: float = 3.0, below: Storeys | None = None
) -> Storeys:
    """The storeys of a building whose roof stands ``height`` metres above its foot.

    An attribute counts when the storeys it gives are 2 to 8 m high; one storey may be any height, as halls are.
    Codes for "unknown" (9999, −1, 0) are passed over.

    Parameters
    ----------
    storey_height : metres a storey where the number is not known
    below : what is known already, of the building that this one is part of
    """
    number, source = _number(attributes)
    given = _height(attributes)
    if number:
        each = given or height / number
        if LOWEST <= each <= HIGHEST:
            return Storeys(number, each, source)
        if number == 1:
            return Storeys(1, max(height, LOWEST), source)
    if below is not None and below.source != ESTIMATED:
        return below
    return Storeys(max(1, round(height / storey_height)), storey_height, ESTIMATED)


def _number(attributes: Mapping[str, Any]) -> tuple[int, str]:
    """Storeys above ground and the attribute that says so; 0 where none does."""
    known = [(NAMES.index(_bare(name)), name, value) for name, value in _plain(attributes) if _bare(name) in NAMES]
    for _, name, value in sorted(known, key=lambda one: one[:2]):
        try:
            number = round(float(value))
        except (TypeError, ValueError, OverflowError):
            continue
        if 1 <= number <= MOST:
            return number, name
    return 0, ""


def _height(attributes: Mapping[str, Any]) -> float:
    """Mean of the stated heights of the storeys, metres; 0 where there are none."""
    for name, value in _plain(attributes):
        if _bare(name) in HEIGHTS:
            words = value if isinstance(value, (list, tuple)) else str(value).split()
            try:
                heights = [float(word) for word in words]
            except (TypeError, ValueError):
                continue
            believed = [one for one in heights if LOWEST <= one <= HIGHEST]
            if believed:
                return sum(believed) / len(believed)
    return 0.0


def _plain(attributes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The attributes, and those one level down (as extensions nest them)."""
    found = []
    for name, value in attributes.items():
        if isinstance(value, Mapping):
            found += [(str(inner), one) for inner, one in value.items()]
        else:
            found.append((str(name), value))
    return found


def _bare(name: str) -> str:
    return name.rpartition(":")[2].lower()
