"""CityJSON's names of object and surface types, and what CityGML's classes are called there."""

from __future__ import annotations

_OBJECTS = (
    "Bridge BridgePart BridgeInstallation BridgeConstructiveElement BridgeRoom BridgeFurniture "
    "Building BuildingPart BuildingInstallation BuildingConstructiveElement BuildingFurniture BuildingStorey "
    "BuildingRoom BuildingUnit CityFurniture CityObjectGroup GenericCityObject LandUse OtherConstruction PlantCover "
    "SolitaryVegetationObject TINRelief WaterBody Road Railway Waterway TransportSquare "
    "Tunnel TunnelPart TunnelInstallation TunnelConstructiveElement TunnelHollowSpace TunnelFurniture"
)
_SURFACES = (
    "RoofSurface GroundSurface WallSurface ClosureSurface OuterCeilingSurface OuterFloorSurface Window Door "
    "InteriorWallSurface CeilingSurface FloorSurface WaterSurface WaterGroundSurface WaterClosureSurface "
    "TrafficArea AuxiliaryTrafficArea TransportationMarking TransportationHole"
)
OBJECTS, SURFACES = frozenset(_OBJECTS.split()), frozenset(_SURFACES.split())
_OTHER_NAMES = {
    "Room": "BuildingRoom",
    "IntBuildingInstallation": "BuildingInstallation",
    "BridgeConstructionElement": "BridgeConstructiveElement",
    "IntBridgeInstallation": "BridgeInstallation",
    "IntTunnelInstallation": "TunnelInstallation",
    "HollowSpace": "TunnelHollowSpace",
    "Storey": "BuildingStorey",
    "Square": "TransportSquare",
    "WindowSurface": "Window",
    "DoorSurface": "Door",
}


def written(name: str, *, surface: bool) -> str:
    """The name to write; classes that CityJSON lacks get the plus sign of extensions."""
    known = SURFACES if surface else OBJECTS
    if name in known or name.startswith("+"):
        return name
    other = _OTHER_NAMES.get(name, "")
    return other if other in known else f"+{name}"
