"""Where a building stands in words: street and number, from what its attributes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citymodel.analysis.facade.points import FacadePoints
from citymodel.layers import Layer

STREET = ("thoroughfarename", "addr:street", "street", "strasse", "straatnaam", "nom_voie")
NUMBER = ("thoroughfarenumber", "addr:housenumber", "housenumber", "hausnummer", "huisnummer", "numero")


def address_of(attributes: Mapping[str, Any]) -> str:
    """Street and number of CityGML, CityJSON and OpenStreetMap, "" where they do not say."""
    given = attributes.get("address", attributes.get("Address"))
    if isinstance(given, str):
        return given
    if isinstance(given, Sequence) and given:
        given = given[0]
    known = {str(name).lower(): one for name, one in attributes.items()}
    if isinstance(given, Mapping):
        known |= {str(name).lower(): one for name, one in given.items()}
    street, number = (next((str(known[name]) for name in names if known.get(name)), "") for names in (STREET, NUMBER))
    return f"{street} {number}".strip() if street else ""


def by_building(points: FacadePoints, layers: Sequence[Layer]) -> dict[tuple[str, str], str]:
    """The addresses of the buildings that have points, those that are known."""
    wanted = set(zip(points.layer.tolist(), points.building.tolist(), strict=True))
    found: dict[tuple[str, str], str] = {}
    for layer in layers:
        if layer.kind == "city":
            objects = layer.data.objects
            for row, attributes in enumerate(objects.attributes):
                key = (layer.id, str(objects.ids[row]))
                if attributes and key in wanted and key not in found:
                    found[key] = address_of(attributes)
    return {key: words for key, words in found.items() if words}


def column(table: Mapping[str, Sequence[Any]], known: Mapping[tuple[str, str], str]) -> dict[str, list[str]]:
    """The column ``address`` of a table of buildings or storeys; none where no building has one."""
    if not known:
        return {}
    return {"address": [known.get(key, "") for key in zip(table["layer"], table["id"], strict=True)]}
