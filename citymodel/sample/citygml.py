"""CityGML 2.0 text of the sample city, written straight from its shells."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

import numpy as np

from citymodel.sample.buildings import Building, Part
from citymodel.sample.city import City
from citymodel.sample.greenery import SPECIES, Trees, tree_faces
from citymodel.sample.ground import (
    LAND_USE,
    PLANTED,
    SQUARES,
    bank_surface,
    block_surface,
    street_surface,
    water_surface,
)
from citymodel.sample.landmarks import Bridge
from citymodel.sample.plan import Block
from citymodel.sample.shapes import Shell
from citymodel.sample.terrain import F8, ORIGIN, SIZE, Terrain

SRS_NAME = "urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::7837"
TOWN = "Auenfurt"
_SPACES = " ".join(
    f'xmlns:{prefix}="http://www.opengis.net/citygml/{path}2.0"'
    for prefix, path in (
        ("core", ""), ("bldg", "building/"), ("brid", "bridge/"), ("gen", "generics/"), ("luse", "landuse/"),
        ("tran", "transportation/"), ("veg", "vegetation/"), ("wtr", "waterbody/"),
    )
)  # fmt: skip
_SHIFT = np.array([*ORIGIN, 0.0])


def _ring(points: F8) -> str:
    world = points + _SHIFT
    closed = np.vstack([world, world[:1]]).ravel().tolist()
    return ("%.3f " * len(closed) % tuple(closed))[:-1]


def _polygon(points: F8, key: str = "") -> str:
    name = f' gml:id="{key}"' if key else ""
    return (
        f"<gml:Polygon{name}><gml:exterior><gml:LinearRing><gml:posList>{_ring(points)}"
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    )


def _multi(polygons: Iterable[F8]) -> str:
    members = "".join(f"<gml:surfaceMember>{_polygon(p)}</gml:surfaceMember>" for p in polygons)
    return f'<gml:MultiSurface srsDimension="3">{members}</gml:MultiSurface>'


def _solid(key: str, shell: Shell) -> str:
    members = "".join(f'<gml:surfaceMember xlink:href="#{key}-p{i}"/>' for i in range(len(shell)))
    return (
        f'<gml:Solid gml:id="{key}-solid" srsDimension="3"><gml:exterior><gml:CompositeSurface>{members}'
        "</gml:CompositeSurface></gml:exterior></gml:Solid>"
    )


def _bounded(prefix: str, key: str, shell: Shell) -> str:
    return "\n".join(
        f'<{prefix}:boundedBy><{prefix}:{f.kind}Surface gml:id="{key}-s{i}"><{prefix}:lod2MultiSurface>'
        f'<gml:MultiSurface srsDimension="3"><gml:surfaceMember>{_polygon(f.ring, f"{key}-p{i}")}</gml:surfaceMember>'
        f"</gml:MultiSurface></{prefix}:lod2MultiSurface></{prefix}:{f.kind}Surface></{prefix}:boundedBy>"
        for i, f in enumerate(shell)
    )


def _name(text: str) -> str:
    return f"<gml:name>{escape(text)}</gml:name>" if text else ""


def _text(name: str, value: str) -> str:
    return f'<gen:stringAttribute name="{name}"><gen:value>{escape(value)}</gen:value></gen:stringAttribute>'


def _member(text: str) -> str:
    return f"<core:cityObjectMember>\n{text}\n</core:cityObjectMember>\n"


def _part_facts(part: Part) -> str:
    return (
        f"<bldg:roofType>{part.roof}</bldg:roofType>"
        f'<bldg:measuredHeight uom="m">{part.top - part.base:.2f}</bldg:measuredHeight>'
    )


def _address(street: str, number: int) -> str:
    if not street:
        return ""
    return (
        "<bldg:address><core:Address><core:xalAddress><xal:AddressDetails><xal:Locality Type=\"Town\">"
        f"<xal:LocalityName>{TOWN}</xal:LocalityName><xal:Thoroughfare Type=\"Street\"><xal:ThoroughfareNumber>{number}"
        f"</xal:ThoroughfareNumber><xal:ThoroughfareName>{escape(street)}</xal:ThoroughfareName></xal:Thoroughfare>"
        "</xal:Locality></xal:AddressDetails></core:xalAddress></core:Address></bldg:address>"
    )  # fmt: skip


def building(b: Building, number: int) -> str:
    """One bldg:Building member; several bodies become its parts."""
    extra = "".join(_text(k, v) for k, v in b.extra.items())
    head = (
        f'<bldg:Building gml:id="{b.id}">{_name(b.name)}{extra}'
        f'<gen:intAttribute name="people"><gen:value>{b.people}</gen:value></gen:intAttribute>'
        f'<gen:intAttribute name="dwellings"><gen:value>{b.dwellings}</gen:value></gen:intAttribute>'
        f"<bldg:function>{escape(b.function)}</bldg:function>"
        f"<bldg:yearOfConstruction>{b.year:04d}</bldg:yearOfConstruction>"
    )
    storeys = f"<bldg:storeysAboveGround>{b.storeys}</bldg:storeysAboveGround>"
    if len(b.parts) == 1:
        part = b.parts[0]
        solid = f"<bldg:lod2Solid>{_solid(b.id, part.shell)}</bldg:lod2Solid>\n"
        body = _part_facts(part) + storeys + solid + _bounded("bldg", b.id, part.shell)
    else:
        body = f'<bldg:measuredHeight uom="m">{b.height:.2f}</bldg:measuredHeight>{storeys}\n'
        for i, part in enumerate(b.parts):
            key = f"{b.id}-{i + 1}"
            body += (
                f'<bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="{key}">{_part_facts(part)}'
                f"<bldg:lod2Solid>{_solid(key, part.shell)}</bldg:lod2Solid>\n{_bounded('bldg', key, part.shell)}"
                "</bldg:BuildingPart></bldg:consistsOfBuildingPart>\n"
            )
    return _member(f"{head}{body}{_address(b.street, number)}</bldg:Building>")


def bridge(b: Bridge) -> str:
    return _member(
        f'<brid:Bridge gml:id="{b.id}">{_name(b.name)}<brid:function>road bridge</brid:function>'
        f"<brid:yearOfConstruction>{b.year}</brid:yearOfConstruction><brid:isMovable>false</brid:isMovable>"
        f"<brid:lod2Solid>{_solid(b.id, b.shell)}</brid:lod2Solid>\n{_bounded('brid', b.id, b.shell)}</brid:Bridge>"
    )


def road(key: str, name: str, width: float, polygons: list[F8]) -> str:
    return _member(
        f'<tran:Road gml:id="{key}">{_name(name)}'
        f'<gen:doubleAttribute name="width"><gen:value>{width:.1f}</gen:value></gen:doubleAttribute>'
        f"<tran:function>road</tran:function><tran:lod1MultiSurface>{_multi(polygons)}</tran:lod1MultiSurface></tran:Road>"
    )


def land_use(key: str, use: str, polygons: list[F8]) -> str:
    return _member(
        f'<luse:LandUse gml:id="{key}"><luse:function>{use}</luse:function>'
        f"<luse:lod1MultiSurface>{_multi(polygons)}</luse:lod1MultiSurface></luse:LandUse>"
    )


def square(key: str, name: str, polygons: list[F8]) -> str:
    return _member(
        f'<tran:Square gml:id="{key}">{_name(name)}<tran:function>pedestrian square</tran:function>'
        f"<tran:lod1MultiSurface>{_multi(polygons)}</tran:lod1MultiSurface></tran:Square>"
    )


def plant_cover(key: str, kind: str, height: float, polygons: list[F8]) -> str:
    return _member(
        f'<veg:PlantCover gml:id="{key}"><veg:class>{kind}</veg:class><veg:averageHeight uom="m">{height:.1f}'
        f"</veg:averageHeight><veg:lod1MultiSurface>{_multi(polygons)}</veg:lod1MultiSurface></veg:PlantCover>"
    )


def water(key: str, name: str, ring: F8) -> str:
    return _member(
        f'<wtr:WaterBody gml:id="{key}">{_name(name)}<wtr:function>river</wtr:function>'
        f"<wtr:lod1MultiSurface>{_multi([ring])}</wtr:lod1MultiSurface></wtr:WaterBody>"
    )


def trees(all_trees: Trees, seed: int) -> list[str]:
    """One veg:SolitaryVegetationObject a tree."""
    turns = np.random.default_rng([seed, 6]).uniform(0, np.pi / 3, len(all_trees))
    found = []
    for i, (foot, h, r, t, s, turn) in enumerate(
        zip(all_trees.foot, all_trees.height.tolist(), all_trees.radius.tolist(), all_trees.trunk.tolist(),
            all_trees.species.tolist(), turns.tolist(), strict=True)
    ):  # fmt: skip
        shape = _multi(f.ring for f in tree_faces(foot, h, r, t, turn))
        found.append(
            _member(
                f'<veg:SolitaryVegetationObject gml:id="tree-{i + 1:04d}"><veg:species>{SPECIES[s]}</veg:species>'
                f'<veg:height uom="m">{h:.1f}</veg:height><veg:crownDiameter uom="m">{2 * r:.1f}</veg:crownDiameter>'
                f"<veg:lod2Geometry>{shape}</veg:lod2Geometry></veg:SolitaryVegetationObject>"
            )
        )
    return found


def document(members: Iterable[str], name: str, low: F8, high: F8) -> str:
    """The whole CityModel; ``low`` and ``high`` (3,) are its bounds in local metres."""
    a, b = (" ".join(f"{v:.3f}" for v in (p + _SHIFT).tolist()) for p in (low, high))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<core:CityModel {_SPACES} xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:xal="urn:oasis:names:tc:ciq:xsdschema:xAL:2.0" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f"<gml:name>{escape(name)}</gml:name>\n"
        f'<gml:boundedBy><gml:Envelope srsName="{SRS_NAME}" srsDimension="3"><gml:lowerCorner>{a}</gml:lowerCorner>'
        f"<gml:upperCorner>{b}</gml:upperCorner></gml:Envelope></gml:boundedBy>\n"
        f"{''.join(members)}</core:CityModel>\n"
    )


def proposal(tower: Building) -> str:
    """A document with the planned tower alone."""
    low, high = _bounds([tower])
    return document([building(tower, 1)], tower.name, low, high)


def city(c: City) -> str:
    """The document of the whole city."""
    members = [building(b, 1 + i % 60) for i, b in enumerate(c.buildings)]
    members += [bridge(b) for b in c.bridges]
    for i, s in enumerate(c.plan.streets):
        members.append(road(f"road-{i + 1:03d}", s.name, s.width, street_surface(s, c.terrain)))
    members += [_block(f"{i + 1:03d}", b, c.terrain) for i, b in enumerate(c.plan.blocks)]
    for key, side in (("green-bank-north", 1.0), ("green-bank-south", -1.0)):
        members.append(plant_cover(key, "meadow", 0.3, bank_surface(side, c.terrain)))
    members.append(water("river-1", "Laue", water_surface()))
    members += trees(c.trees, c.seed)
    low, high = _bounds(c.buildings)
    return document(members, TOWN, np.array([0.0, 0.0, min(low[2], 175.0)]), np.array([SIZE, SIZE, high[2]]))


def _block(number: str, block: Block, terrain: Terrain) -> str:
    ground = block_surface(block, terrain)
    if block.kind in PLANTED:
        return plant_cover(f"green-{number}", *PLANTED[block.kind], ground)
    if block.kind in SQUARES:
        return square(f"square-{number}", SQUARES[block.kind], ground)
    return land_use(f"land-{number}", LAND_USE[block.kind], ground)


def _bounds(buildings: Iterable[Building]) -> tuple[F8, F8]:
    points = np.vstack([f.ring for b in buildings for p in b.parts for f in p.shell])
    return points.min(axis=0), points.max(axis=0)
