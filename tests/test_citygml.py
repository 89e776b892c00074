"""CityGML comes in whole: the counts of real files, references, systems, extensions, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from citymodel.errors import FormatError
from citymodel.formats import citygml

GML_2 = """<?xml version="1.0" encoding="UTF-8"?>
<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:bldg="http://www.opengis.net/citygml/building/2.0"
 xmlns:gen="http://www.opengis.net/citygml/generics/2.0" xmlns:veg="http://www.opengis.net/citygml/vegetation/2.0"
 xmlns:app="http://www.opengis.net/citygml/appearance/2.0" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:x="http://example.org/ade">
{envelope}{body}
</core:CityModel>"""
ENVELOPE = '<gml:boundedBy><gml:Envelope srsName="{}" srsDimension="3"/></gml:boundedBy>'


def polygon(*rings: str, id: str = "", attributes: str = "") -> str:
    """A gml:Polygon of posList texts, the first its exterior."""
    parts = [
        f"<gml:{name}><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing></gml:{name}>"
        for name, ring in zip(["exterior"] + ["interior"] * (len(rings) - 1), rings, strict=True)
    ]
    named = f' gml:id="{id}"' if id else ""
    return f"<gml:Polygon{named}{attributes}>{''.join(parts)}</gml:Polygon>"


SQUARE = "0 0 0 4 0 0 4 4 0 0 4 0 0 0 0"
HOLE = "1 1 0 1 2 0 2 2 0 2 1 0 1 1 0"


def building(inner: str, id: str = "b") -> str:
    return f'<core:cityObjectMember><bldg:Building gml:id="{id}">{inner}</bldg:Building></core:cityObjectMember>'


def surface(kind: str, *polygons: str) -> str:
    members = "".join(f"<gml:surfaceMember>{p}</gml:surfaceMember>" for p in polygons)
    return (
        f"<bldg:boundedBy><bldg:{kind}><bldg:lod2MultiSurface><gml:MultiSurface>{members}"
        f"</gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}></bldg:boundedBy>"
    )


def written(folder: Path, body: str, srs: str = "EPSG:25833", name: str = "a.gml") -> Path:
    path = folder / name
    path.write_text(GML_2.format(envelope=ENVELOPE.format(srs) if srs else "", body=body), encoding="utf-8")
    return path


# --- real files -------------------------------------------------------------------------------


def test_potsdam_lod1_of_citygml_1_counts(data: Path) -> None:
    found = citygml.info(data / "citydb_samples/Potsdam/CityGML/Potsdam_LoD1/Potsdam_LoD1.gml")
    assert (found["version"], found["objects"], found["lods"]) == ("1.0", {"Building": 97}, {"1": 97})
    assert (found["polygons"], found["positions"], found["crs"]) == (1547, 9665, "EPSG:25833+5783")


def test_the_lod2_dataset_of_citygml_3_counts(data: Path) -> None:
    model = citygml.read(data / "citygml4j_samples/datasets/lod2_buildings_v3.gml")
    found = citygml.model_info(model)
    assert found["surfaces"] == {"WallSurface": 400, "RoofSurface": 200, "GroundSurface": 100}
    assert (found["version"], found["objects"]) == ("3.0", {"Building": 100})
    assert (found["polygons"], found["vertices"], found["crs"]) == (700, 1000, "EPSG:3068+5783")
    assert found["bounds"] == [0.0, 0.0, 0.0, 96.0, 98.0, 12.0]
    assert model.objects.attributes[0]["measuredHeight"] == 11.0
    assert model.geometries.kind.count("Solid") == 100
    assert int(model.nodes.by_xlink.sum()) == 700
    assert found["warnings"] == []


def test_lod3_with_textures_counts(data: Path) -> None:
    found = citygml.info(data / "citygml4j_samples/datasets/lod3_building_v2.gml")
    assert (found["polygons"], found["positions"]) == (3092, 12368)
    assert (found["surfaces"]["Window"], found["surfaces"]["Door"]) == (21, 2)
    assert (found["textures"], found["materials"], found["objects"]["Building"]) == (35, 35, 1)


def test_lod4_with_oriented_surfaces_counts(data: Path) -> None:
    found = citygml.info(data / "citygml4j_samples/datasets/lod4_building_v2.gml")
    assert (found["polygons"], found["holes"], found["positions"]) == (998 + 9, 9, 5990)
    assert found["warnings"] == []


def test_plateau_buildings_count_and_lie_east_first(data: Path) -> None:
    model = citygml.read(data / "plateau_nusamai/yokosuka-shi/udx/bldg/52397519_bldg_6697_op.gml")
    found = citygml.model_info(model)
    assert found["objects"] == {"Building": 13, "BuildingPart": 2}
    assert (found["polygons"], model.geometries.kind.count("Solid")) == (811, 17)
    assert (found["lods"]["1"], found["lods"]["2"], found["textures"]) == (14, 3, 3)
    assert 139 < found["bounds"][0] < 140
    assert 35 < found["bounds"][1] < 36
    assert int(model.nodes.by_xlink.sum()) == 582
    assert "unresolved-xlink" not in model.report.counts
    assert model.objects.attributes[0]["図形ID"] == 16943
    assert len(model.appearance.polygon) == 335 == np.count_nonzero(np.diff(model.appearance.uv_offsets))


def test_plateau_terrain_is_triangles(data: Path) -> None:
    found = citygml.info(data / "plateau_nusamai/yokosuka-shi/udx/dem/523965_dem_6697_05_op.gml")
    assert (found["objects"]["TINRelief"], found["polygons"], found["triangles"]) == (2, 1066, 1066)


@pytest.mark.parametrize(
    ("name", "type", "objects", "polygons", "holes"),
    [
        ("fld/52385721_fld_6697_l1_op.gml", "WaterBody", 3, 142, 0),
        ("tnm/523855_tnm_6697_op.gml", "WaterBody", 3, 7, 0),
        ("lsld/523857_lsld_6668_op.gml", "SedimentDisasterProneArea", 81, 81, 0),
        ("luse/523836_luse_6668_op.gml", "LandUse", 225, 227, 17),
    ],
)
def test_numazu_hazards_and_land_use_count(
    data: Path, name: str, type: str, objects: int, polygons: int, holes: int
) -> None:
    found = citygml.info(data / "plateau_nusamai/numazu-shi/udx" / name)
    assert found["objects"][type] == objects
    assert (found["polygons"], found["holes"]) == (polygons, holes)


def independent_counts(path: Path) -> Counter[str]:
    """Elements of a file by lxml alone."""
    counts: Counter[str] = Counter()
    textures = {"ParameterizedTexture": "textures", "GeoreferencedTexture": "textures", "X3DMaterial": "materials"}
    for _, element in etree.iterparse(str(path)):
        name = etree.QName(element).localname
        if name in ("Polygon", "Triangle", "Rectangle", "PolygonPatch"):
            counts["polygons"] += 1
        elif name == "interior" and etree.QName(element.getparent()).localname == "Polygon":
            counts["holes"] += 1
        elif name in ("posList", "pos") and etree.QName(element.getparent()).localname != "Envelope":
            counts["positions"] += len(element.text.split()) // int(element.get("srsDimension") or 3)
        elif name in textures:
            counts[textures[name]] += 1
        elif name in ("Building", "BuildingPart", "BuildingInstallation", "Road", "LandUse", "WaterBody", "TINRelief"):
            counts["object " + name] += 1
        elif name in ("RoofSurface", "WallSurface", "GroundSurface", "TrafficArea"):
            counts["surface " + name] += 1
    return counts


def same_counts(path: Path) -> None:
    found, expected = citygml.info(path), independent_counts(path)
    for name in ("polygons", "holes", "positions", "textures", "materials"):
        assert found[name] == expected[name], f"{path.name}: {name}"
    for name, count in expected.items():
        kind, _, type = name.partition(" ")
        if type:
            assert found[kind + "s"][type] == count, f"{path.name}: {type}"
    assert not [w for w in found["warnings"] if str(w["code"]).startswith(("unresolved", "unfit"))]


def test_ingolstadt_counts_as_an_independent_reader_does(data: Path) -> None:
    paths = sorted((data / "ingolstadt_lod3").glob("*/*.xml"))
    assert len(paths) > 30
    for path in paths:
        same_counts(path)


def test_official_examples_count_as_an_independent_reader_does(data: Path) -> None:
    paths = [p for p in sorted((data / "ogc_citygml3").rglob("*.gml")) if "several_attributes" not in p.name]
    paths += sorted((data / "plateau_nusamai").rglob("*.gml"))
    assert len(paths) > 40
    for path in paths:
        same_counts(path)


def test_a_local_engineering_system_has_no_crs(data: Path) -> None:
    assert citygml.info(data / "ogc_citygml3/Core/LocalCRS_CityGML3.gml")["crs"] is None


def test_a_german_national_name_is_a_crs(data: Path) -> None:
    name = "ogc_citygml3/Building/Building_CityGML3.0_LOD2_with_several_attributes.gml"
    model = citygml.read(data / name)
    assert model.crs == "EPSG:31468+5783"
    attributes = model.objects.attributes[0]
    assert attributes["Gemeindeschluessel"] == "09175128"
    assert attributes["externalReference"]["targetResource"] == "urn:adv:oid:DEBYvAAAAAAS3QeS"
    assert "address" in attributes


# --- made files -------------------------------------------------------------------------------


def test_xlinks_resolve_forward_and_backward_and_unknown_ones_are_counted(tmp_path: Path) -> None:
    def solid(*hrefs: str) -> str:
        members = "".join(f'<gml:surfaceMember xlink:href="#{h}"/>' for h in hrefs)
        return (
            "<bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface>"
            f"{members}</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid>"
        )

    shell = '<gml:surfaceMember><gml:OrientableSurface orientation="-"><gml:baseSurface xlink:href="#p"/>'
    body = (
        building(solid("p", "missing"), "forward")
        + building(surface("RoofSurface", polygon(SQUARE, HOLE, id="p")), "middle")
        + building(solid("p"), "backward")
        + building(
            "<bldg:lod2MultiSurface><gml:MultiSurface>"
            + shell
            + "</gml:OrientableSurface></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface>",
            "oriented",
        )
    )
    model = citygml.read(written(tmp_path, body))
    nodes = model.nodes
    assert (model.n_polygons, model.n_holes, model.n_triangles) == (1, 1, 8)
    assert model.report.counts == {"unresolved-xlink": 1}
    linked = np.flatnonzero(nodes.by_xlink)
    assert nodes.target[linked].tolist() == [0, 0, 0]
    assert nodes.reversed[linked].tolist() == [False, False, True]
    assert not nodes.is_node[linked].any()


def test_a_geometry_may_point_at_a_whole_other_one(tmp_path: Path) -> None:
    whole = f'<gml:MultiSurface gml:id="m"><gml:surfaceMember>{polygon(SQUARE)}</gml:surfaceMember></gml:MultiSurface>'
    body = building('<bldg:lod2MultiSurface xlink:href="#m"/>', "a") + building(
        f"<bldg:lod2MultiSurface>{whole}</bldg:lod2MultiSurface>", "b"
    )
    model = citygml.read(written(tmp_path, body))
    assert list(model.geometries.kind) == ["MultiSurface", "MultiSurface"]
    assert model.geometries.root[0] == model.geometries.root[1]


def test_a_reference_to_itself_is_left_out(tmp_path: Path) -> None:
    body = building(
        '<bldg:lod2MultiSurface><gml:MultiSurface gml:id="m"><gml:surfaceMember xlink:href="#m"/>'
        f"<gml:surfaceMember>{polygon(SQUARE)}</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface>"
    )
    model = citygml.read(written(tmp_path, body))
    assert model.report.counts == {"circular-xlink": 1}
    assert model.nodes.target.tolist() == [0]


def test_references_that_double_at_each_step_are_cut(tmp_path: Path) -> None:
    def step(k: int) -> str:
        inner = (
            f'<gml:surfaceMember xlink:href="#m{k + 1}"/>' * 2 if k < 40 else f"<gml:surfaceMember>{polygon(SQUARE)}"
        )
        inner += "</gml:surfaceMember>" if k == 40 else ""
        return (
            f'<bldg:lod2MultiSurface><gml:MultiSurface gml:id="m{k}">{inner}</gml:MultiSurface></bldg:lod2MultiSurface>'
        )

    model = citygml.read(written(tmp_path, building("".join(step(k) for k in range(41)))))
    assert model.report.counts["multiplying-xlink"] > 0
    reached = {40: 1}
    nodes = model.nodes
    for k in reversed(range(40)):
        reached[k] = sum(reached[int(t)] for t in nodes.target[nodes.offsets[k] : nodes.offsets[k + 1]])
    assert max(reached.values()) <= 1004


def test_attributes_keep_their_types_units_and_code_spaces(tmp_path: Path) -> None:
    inner = (
        '<bldg:function codeSpace="codes.xml">1000</bldg:function><bldg:function>1010</bldg:function>'
        '<bldg:measuredHeight uom="m">12.5</bldg:measuredHeight><bldg:storeysAboveGround>4</bldg:storeysAboveGround>'
        '<gen:stringAttribute name="key"><gen:value>007</gen:value></gen:stringAttribute>'
        '<gen:genericAttributeSet name="set"><gen:intAttribute name="n"><gen:value>3</gen:value></gen:intAttribute>'
        "</gen:genericAttributeSet><x:owner>someone</x:owner><x:record><x:Record><x:year>1999</x:year></x:Record>"
        "</x:record><bldg:class/>"
    )
    model = citygml.read(written(tmp_path, building(inner)))
    assert model.objects.attributes[0] == {
        "function": ["1000", "1010"], "measuredHeight": 12.5, "storeysAboveGround": 4, "key": "007",
        "set": {"n": 3}, "owner": "someone", "record": {"year": "1999"},
    }  # fmt: skip
    assert model.metadata["units"] == {"measuredHeight": "m"}
    assert model.metadata["codeSpaces"] == {"function": "codes.xml"}
    assert model.report.counts == {"unknown-element x:Record": 1, "empty-element": 1}


def test_surfaces_openings_and_parts_know_their_owner(tmp_path: Path) -> None:
    window = (
        '<bldg:opening><bldg:Window gml:id="w"><bldg:lod3MultiSurface><gml:MultiSurface><gml:surfaceMember>'
        f"{polygon(HOLE)}</gml:surfaceMember></gml:MultiSurface></bldg:lod3MultiSurface></bldg:Window></bldg:opening>"
    )
    wall = f'<bldg:boundedBy><bldg:WallSurface gml:id="s">{window}</bldg:WallSurface></bldg:boundedBy>'
    part = f'<bldg:BuildingPart gml:id="p">{wall}</bldg:BuildingPart>'
    part = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    model = citygml.read(written(tmp_path, building(part)))
    objects, geometries = model.objects, model.geometries
    assert list(objects.ids) == ["b", "p", "s", "w"]
    assert objects.parent.tolist() == [-1, 0, 1, 2]
    assert objects.is_surface.tolist() == [False, False, True, True]
    assert (geometries.object.tolist(), geometries.surface.tolist(), list(geometries.lod)) == ([1], [3], ["3"])


def test_templates_are_placed_by_matrix_and_reference_point(tmp_path: Path) -> None:
    def tree(geometry: str, x: int) -> str:
        return (
            f'<core:cityObjectMember><veg:SolitaryVegetationObject gml:id="t{x}"><veg:lod2ImplicitRepresentation>'
            "<core:ImplicitGeometry>"
            "<core:transformationMatrix>2 0 0 0 0 2 0 0 0 0 2 0 0 0 0 1</core:transformationMatrix>"
            f"<core:referencePoint><gml:Point><gml:pos>{x} 20 30</gml:pos></gml:Point></core:referencePoint>{geometry}"
            "</core:ImplicitGeometry></veg:lod2ImplicitRepresentation></veg:SolitaryVegetationObject>"
            "</core:cityObjectMember>"
        )

    inline = (
        '<core:relativeGMLGeometry><gml:MultiSurface gml:id="tree"><gml:surfaceMember>'
        f"{polygon(SQUARE)}</gml:surfaceMember></gml:MultiSurface></core:relativeGMLGeometry>"
    )
    body = tree(inline, 10) + tree('<core:relativeGMLGeometry xlink:href="#tree"/>', 50)
    model = citygml.read(written(tmp_path, body))
    assert model.n_polygons == 1
    assert model.template_vertices.all()
    assert model.instances.matrix[:, :3, 3].tolist() == [[10, 20, 30], [50, 20, 30]]
    assert model.instances.template[0] == model.instances.template[1]
    assert (list(model.geometries.kind), model.positions) == (["GeometryInstance"] * 2, 7)


def test_latitude_first_becomes_east_first(tmp_path: Path) -> None:
    body = building(surface("RoofSurface", polygon("52.1 13.3 5 52.1 13.4 5 52.2 13.4 5 52.1 13.3 5")))
    model = citygml.read(written(tmp_path, body, "http://www.opengis.net/def/crs/EPSG/0/4979"))
    assert model.bounds() == (13.3, 52.1, 5.0, 13.4, 52.2, 5.0)


def test_old_ways_to_write_positions_read_the_same(tmp_path: Path) -> None:
    ring = "<gml:LinearRing>{}</gml:LinearRing>"
    ways = [
        ring.format("".join(f"<gml:pos>{p}</gml:pos>" for p in ("0 0 1", "4 0 1", "4 4 1", "0 0 1"))),
        ring.format("<gml:coordinates>0,0,1 4,0,1 4,4,1 0,0,1</gml:coordinates>"),
        ring.format('<gml:posList srsDimension="3">0 0 1\n4 0 1\t4 4 1 0 0 1</gml:posList>'),
        ring.format("<gml:posList>0 0 1 4 0 1 4 4 1</gml:posList>"),
    ]
    body = building(
        surface("RoofSurface", *(f"<gml:Polygon><gml:exterior>{way}</gml:exterior></gml:Polygon>" for way in ways))
    )
    model = citygml.read(written(tmp_path, body))
    assert model.ring_vertices.tolist() == [0, 1, 2] * 4
    assert model.vertices.tolist() == [[0, 0, 1], [4, 0, 1], [4, 4, 1]]


def test_separators_and_dimension_of_old_coordinates_are_those_the_element_names(tmp_path: Path) -> None:
    flat = "0,0 4,0 4,4 2,6 0,4 0,0"  # six pairs are no four triples
    commas = "0,0 0,0 0,0;4,5 0,0 0,0;4,5 4,5 0,0;0,0 0,0 0,0"
    inner = (
        "<gml:surfaceMember><gml:Polygon><gml:outerBoundaryIs><gml:LinearRing>{}</gml:LinearRing>"
        "</gml:outerBoundaryIs></gml:Polygon></gml:surfaceMember>"
    )
    body = building(
        "<bldg:lod0FootPrint><gml:MultiSurface>"
        + inner.format(f"<gml:coordinates>{flat}</gml:coordinates>")
        + inner.format(f'<gml:coordinates decimal="," cs=" " ts=";">{commas}</gml:coordinates>')
        + "</gml:MultiSurface></bldg:lod0FootPrint>"
    )
    model = citygml.read(written(tmp_path, body))
    assert model.vertices[model.ring_vertices].tolist() == [
        [0, 0, 0], [4, 0, 0], [4, 4, 0], [2, 6, 0], [0, 4, 0], [0, 0, 0], [4.5, 0, 0], [4.5, 4.5, 0],
    ]  # fmt: skip
    assert model.report.counts["flat-coordinates"] == 1


def test_a_ring_of_curves_has_each_corner_once(tmp_path: Path) -> None:
    lines = [f"<gml:curveMember><gml:LineString><gml:posList>{line}</gml:posList></gml:LineString></gml:curveMember>"
             for line in ("0 0 0 4 0 0 4 4 0", "4 4 0 0 4 0", "0 4 0 0 0 0")]  # fmt: skip
    ring = f"<gml:Polygon><gml:exterior><gml:Ring>{''.join(lines)}</gml:Ring></gml:exterior></gml:Polygon>"
    model = citygml.read(written(tmp_path, building(surface("RoofSurface", ring))))
    assert (len(model.ring_vertices), model.n_triangles, model.positions) == (4, 2, 7)


def test_an_empty_ring_is_counted_and_takes_no_triangle_from_the_others(tmp_path: Path) -> None:
    model = citygml.read(written(tmp_path, building(surface("RoofSurface", polygon("", id="p"), polygon(SQUARE)))))
    assert (model.n_polygons, model.n_triangles) == (2, 2)
    assert model.report.counts["empty-ring"] == 1


@pytest.mark.parametrize("place", ["Polygon", "posList"])
def test_a_system_that_only_inner_elements_name_is_the_file_s(tmp_path: Path, place: str) -> None:
    body = building(surface("RoofSurface", polygon(SQUARE))).replace(
        f"<gml:{place}>", f'<gml:{place} srsName="urn:ogc:def:crs:EPSG:v9.6:25833">'
    )
    assert citygml.read(written(tmp_path, body, srs="")).crs == "EPSG:25833"


def test_the_envelope_of_a_feature_service_names_the_system(tmp_path: Path) -> None:
    path = written(tmp_path, building(surface("RoofSurface", polygon(SQUARE))))
    text = path.read_text(encoding="utf-8").replace("core:CityModel ", "wfs:FeatureCollection ")
    text = text.replace("</core:CityModel>", "</wfs:FeatureCollection>").replace("core:cityObjectMember", "wfs:member")
    text = text.replace("gml:boundedBy", "wfs:boundedBy")
    path.write_text(text.replace("xmlns:x=", 'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:x='), encoding="utf-8")
    model = citygml.read(path)
    assert (model.crs, model.n_polygons) == ("EPSG:25833", 1)


def test_the_bounds_hold_the_templates_in_their_places(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '<core:cityObjectMember><veg:SolitaryVegetationObject gml:id="t"><veg:lod2ImplicitRepresentation>'
        "<core:ImplicitGeometry><core:transformationMatrix>2 0 0 0 0 2 0 0 0 0 2 0 0 0 0 1</core:transformationMatrix>"
        f"<core:relativeGMLGeometry><gml:MultiSurface><gml:surfaceMember>{polygon(SQUARE)}</gml:surfaceMember>"
        "</gml:MultiSurface></core:relativeGMLGeometry><core:referencePoint><gml:Point><gml:pos>100 200 3</gml:pos>"
        "</gml:Point></core:referencePoint></core:ImplicitGeometry></veg:lod2ImplicitRepresentation>"
        "</veg:SolitaryVegetationObject></core:cityObjectMember>",
    )
    assert citygml.info(path)["bounds"] == [100, 200, 3, 108, 208, 3]


def test_flat_coordinates_get_height_zero_and_are_counted(tmp_path: Path) -> None:
    flat = "0 0 4 0 4 4 0 4 2 2 0 0"
    body = building(surface("RoofSurface", polygon(flat, attributes=' srsDimension="2"')))
    body = body.replace("<gml:posList>", '<gml:posList srsDimension="2">')
    model = citygml.read(written(tmp_path, body))
    assert model.vertices.shape == (5, 3)
    assert not model.vertices[:, 2].any()
    assert model.report.counts == {"flat-coordinates": 1}


def test_textures_lie_on_their_rings(tmp_path: Path) -> None:
    target = (
        '<app:target uri="#p"><app:TexCoordList><app:textureCoordinates ring="#r">0 0 1 0 1 1 0 1 0 0'
        "</app:textureCoordinates></app:TexCoordList></app:target>"
    )
    appearance = (
        "<core:appearanceMember><app:Appearance><app:theme>summer</app:theme><app:surfaceDataMember>"
        f"<app:ParameterizedTexture><app:imageURI>a.jpg</app:imageURI>{target}</app:ParameterizedTexture>"
        "</app:surfaceDataMember><app:surfaceDataMember><app:X3DMaterial><app:diffuseColor>1 0 0</app:diffuseColor>"
        "<app:target>#m</app:target></app:X3DMaterial></app:surfaceDataMember></app:Appearance></core:appearanceMember>"
    )
    roof = polygon(SQUARE, id="p").replace("<gml:LinearRing>", '<gml:LinearRing gml:id="r">')
    whole = f'<gml:MultiSurface gml:id="m"><gml:surfaceMember>{roof}</gml:surfaceMember></gml:MultiSurface>'
    body = appearance + building(f"<bldg:lod2MultiSurface>{whole}</bldg:lod2MultiSurface>")
    found = citygml.read(written(tmp_path, body)).appearance
    assert (list(found.theme), found.polygon.tolist(), found.is_texture.tolist()) == (
        ["summer", "summer"], [0, 0], [True, False],
    )  # fmt: skip
    assert found.uv.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert found.uv_offsets.tolist() == [0, 4, 4]
    assert found.materials[0]["diffuse"] == (1.0, 0.0, 0.0)


def test_filters_leave_out_what_was_not_asked_for(tmp_path: Path) -> None:
    far = "900 900 0 904 900 0 904 904 0 900 900 0"
    body = (
        building(surface("RoofSurface", polygon(SQUARE)), "near")
        + building(surface("RoofSurface", polygon(far)), "far")
        + '<core:cityObjectMember><veg:PlantCover gml:id="green"/></core:cityObjectMember>'
    )
    path = written(tmp_path, body)
    assert citygml.read(path, bbox=(-1, -1, 10, 10)).objects.ids[0] == "near"
    assert "far" not in citygml.read(path, bbox=(-1, -1, 10, 10)).objects.ids
    assert list(citygml.read(path, types={"PlantCover"}).objects.ids) == ["green"]
    assert citygml.read(path, lod=1).n_polygons == 0
    assert citygml.read(path, lod="2").n_polygons == 2


def test_an_extension_counts_its_elements_and_keeps_its_geometry(tmp_path: Path) -> None:
    inner = f"<x:lod2Surface>{polygon(SQUARE)}</x:lod2Surface>"
    odd = "<x:Nothing><x:deeper/></x:Nothing>" + "<bldg:nonsense><bldg:Nonsense/></bldg:nonsense>"
    body = f'<core:cityObjectMember><x:Kiosk gml:id="k">{inner}{odd}</x:Kiosk></core:cityObjectMember>'
    model = citygml.read(written(tmp_path, body))
    assert (list(model.objects.ids), model.objects.type_of(0), model.n_polygons) == (["k"], "Kiosk", 1)
    assert model.report.counts["unknown-element x:Kiosk"] == 1


# --- what is refused --------------------------------------------------------------------------

BOMB = "<!DOCTYPE m [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
ROOF = building(surface("RoofSurface", polygon(SQUARE)))


def hostile(folder: Path) -> dict[str, bytes]:
    """Broken and malicious files by name."""
    good = GML_2.format(envelope="", body=ROOF)
    head, _, tail = good.partition("\n")
    leak = tail.replace("<bldg:l", "&e;<bldg:l", 1)
    secret = folder / "secret.txt"
    secret.write_text("secret")
    return {
        "empty": b"",
        "blank": b"   \n",
        "truncated": good[: len(good) // 2].encode(),
        "cut in the root tag": good[:200].encode(),
        "bomb": f"{head}{BOMB}]>{tail.replace('>0 0 0 4', '>&i; 0 0 0 4')}".encode(),
        "external": f"{head}<!DOCTYPE m [<!ENTITY e SYSTEM '{secret.as_uri()}'>]>{leak}".encode(),
        "wrong root": b"<?xml version='1.0'?><html><body/></html>",
        "not xml": b"\x89PNG\r\n\x1a\n" * 100,
        "not a number": good.replace("4 4 0", "4 NaN 0").encode(),
        "infinite": good.replace("4 4 0", "4 1e999 0").encode(),
        "words": good.replace("4 4 0", "4 four 0").encode(),
        "too deep": (good.partition("<bldg:boundedBy>")[0] + "<x:a>" * 100_000).encode(),
        "one huge text": (good.replace("0 0 0 4", "0 0 0 " * 4_000_000 + "4", 1)).encode(),
        "wrong encoding": good.replace("UTF-8", "UTF-16").encode(),
    }


HOSTILE = (
    "empty", "blank", "truncated", "cut in the root tag", "bomb", "external", "wrong root", "not xml", "not a number",
    "infinite", "words", "too deep", "one huge text", "wrong encoding",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_file_gives_one_plain_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.gml"
    path.write_bytes(hostile(tmp_path)[name])
    with pytest.raises(FormatError) as caught:
        citygml.read(path)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    assert "secret" not in text.replace(str(path), "")


def test_refusing_needs_little_memory_and_time(tmp_path: Path) -> None:
    """Each hostile file in a process of 2 GB and 5 s of computing."""
    for name, content in hostile(tmp_path).items():
        (tmp_path / f"{name}.gml").write_bytes(content)
    script = (
        "import resource, sys, time\n"
        "from citymodel.errors import FormatError\n"
        "from citymodel.formats import citygml\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "for path in sys.argv[1:]:\n"
        "    start = time.process_time()\n"
        "    try:\n"
        "        citygml.read(path)\n"
        "    except FormatError:\n"
        "        assert time.process_time() - start < 5, path\n"
        "    else:\n"
        "        raise SystemExit(f'{path} was read')\n"
    )
    paths = [str(p) for p in sorted(tmp_path.glob("*.gml"))]
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_model_without_objects_says_so(tmp_path: Path) -> None:
    found: dict[str, Any] = citygml.info(written(tmp_path, ""))
    assert (found["polygons"], found["bounds"]) == (0, None)
    assert [w["code"] for w in found["warnings"]] == ["no-objects"]
