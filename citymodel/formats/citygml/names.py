"""Names of CityGML and GML: namespaces, what each element is, and cheap look-ups by tag."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

GML, CITY, APPEARANCE, GENERIC, OTHER = range(5)
GML_NAMESPACES: Final = (
    "http://www.opengis.net/gml",
    "http://www.opengis.net/gml/3.2",
    "http://www.opengis.net/gml/3.3",
)
WFS_NAMESPACES: Final = ("http://www.opengis.net/wfs", "http://www.opengis.net/wfs/2.0")
XLINK_HREF: Final = "{http://www.w3.org/1999/xlink}href"
XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_GML31_ID: Final = "{http://www.opengis.net/gml}id"
_GML32_ID: Final = "{http://www.opengis.net/gml/3.2}id"
_CITYGML: Final = (
    "http://www.opengis.net/citygml/", "https://www.opengis.net/citygml/", "http://www.citygml.org/citygml/",
)  # fmt: skip
_VERSION: Final = re.compile(r"citygml/(?:[a-z]+/)?(\d)[./](\d)")
_LOD: Final = re.compile(r"lod(\d(?:\.\d)?)")

POLYGONS: Final = frozenset({"Polygon", "Triangle", "Rectangle", "PolygonPatch"})
SOLIDS: Final = frozenset({"Solid"})
ORIENTED: Final = frozenset({"OrientableSurface", "TexturedSurface", "_TexturedSurface"})
AGGREGATES: Final = {
    "MultiSurface": "MultiSurface",
    "CompositeSurface": "CompositeSurface",
    "MultiSolid": "MultiSolid",
    "CompositeSolid": "CompositeSolid",
    "Surface": "Surface",
    "PolyhedralSurface": "Surface",
    "Shell": "Shell",
    "TriangulatedSurface": "TriangulatedSurface",
    "Tin": "TriangulatedSurface",
    "TIN": "TriangulatedSurface",
    "MultiGeometry": "MultiSurface",
    "GeometricComplex": "MultiSurface",
}
CURVES: Final = frozenset(
    {"MultiCurve", "CompositeCurve", "LineString", "Curve", "OrientableCurve", "MultiLineString", "Ring", "LinearRing"}
)
POINTS: Final = frozenset({"MultiPoint", "Point"})
GEOMETRIES: Final = POLYGONS | SOLIDS | ORIENTED | frozenset(AGGREGATES) | CURVES | POINTS
NO_MEMBERS: Final = frozenset(
    {"metaDataProperty", "description", "descriptionReference", "name", "identifier", "boundedBy",
     "stopLines", "breakLines", "maxLength", "controlPoint", "appearance"}
)  # fmt: skip

SURFACES: Final = frozenset({"TrafficArea", "AuxiliaryTrafficArea", "Marking"})
OPENINGS: Final = frozenset({"Window", "Door"})
FEATURES: Final = frozenset(
    {"Building", "BuildingPart", "BuildingInstallation", "IntBuildingInstallation", "BuildingFurniture", "Room",
     "BuildingRoom", "BuildingConstructiveElement", "BuildingUnit", "Storey", "Bridge", "BridgePart",
     "BridgeInstallation", "IntBridgeInstallation", "BridgeConstructionElement", "BridgeConstructiveElement",
     "BridgeFurniture", "BridgeRoom", "Tunnel", "TunnelPart", "TunnelInstallation", "IntTunnelInstallation",
     "TunnelConstructiveElement", "TunnelFurniture", "HollowSpace", "Road", "Railway", "Track", "Square",
     "Waterway", "TransportationComplex", "Section", "Intersection", "TrafficSpace", "AuxiliaryTrafficSpace",
     "ClearanceSpace", "Hole", "WaterBody", "PlantCover", "SolitaryVegetationObject", "LandUse", "CityFurniture",
     "GenericCityObject", "GenericOccupiedSpace", "GenericUnoccupiedSpace", "GenericLogicalSpace",
     "CityObjectGroup", "ReliefFeature", "TINRelief", "MassPointRelief", "BreaklineRelief", "RasterRelief",
     "OtherConstruction", "Window", "Door"}
)  # fmt: skip
DATA_TYPES: Final = frozenset(
    {"Address", "ExternalReference", "Dynamizer", "Version", "VersionTransition", "Height", "Elevation",
     "ConstructionEvent", "Occupancy", "QualifiedArea", "QualifiedVolume", "RoomHeight", "CityObjectRelation",
     "Role", "AddressDetails", "SensorConnection"}
)  # fmt: skip
MEMBERS: Final = frozenset(
    {"cityObjectMember", "featureMember", "featureMembers", "appearanceMember", "versionMember",
     "versionTransitionMember", "member", "appearance", "engineeringCRS"}
)  # fmt: skip


class _Tags(dict[Any, tuple[int, str]]):
    """Full tag to (family, local name), filled as tags are met; comments are ("", OTHER)."""

    def __missing__(self, tag: Any) -> tuple[int, str]:
        if not isinstance(tag, str):
            return OTHER, ""
        namespace, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        self[tag] = found = family(namespace), local
        return found


TAGS: Final = _Tags()


def family(namespace: str) -> int:
    """GML, CITY, APPEARANCE, GENERIC or OTHER of a namespace."""
    if namespace in GML_NAMESPACES:
        return GML
    if not namespace.startswith(_CITYGML):
        return OTHER
    if "/appearance/" in namespace:
        return APPEARANCE
    return GENERIC if "/generics/" in namespace else CITY


def version_of(namespaces: Iterable[str]) -> str:
    """CityGML's version by the namespaces of the root, "" for none."""
    official = [ns for ns in namespaces if ns.startswith(_CITYGML)]
    return max((f"{m.group(1)}.{m.group(2)}" for ns in official if (m := _VERSION.search(ns))), default="")


def identity(element: Any) -> str:
    """The gml:id, "" for none."""
    get = element.get
    id: str = get(_GML31_ID) or get(_GML32_ID) or ""
    return id


@lru_cache(maxsize=4096)
def lod_of(name: str) -> str:
    """The digit of a property like lod2Solid, "" for none."""
    found = _LOD.match(name)
    return found.group(1) if found else ""


def prefixed(element: Any) -> str:
    """The element's name as a person reads it in the file."""
    local = TAGS[element.tag][1]
    return f"{element.prefix}:{local}" if element.prefix else local
