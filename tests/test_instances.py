"""Templates in their places."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from citymodel.builder import CityModelBuilder
from citymodel.formats import cityjson
from citymodel.instances import place_instances
from citymodel.model import CityModel
from citymodel.triangulate import display_polygons, owner_of_polygons, triangulate


def two_trees() -> CityModel:
    builder = CityModelBuilder("test", "")
    node = builder.add_node("MultiSurface")
    for z in (0.0, 2.0):
        row = builder.add_polygon([[0.0, 0.0, z, 1.0, 0.0, z, 0.0, 1.0, z]], template=True)
        builder.add_member(node, row)
        builder.add_appearance(row, 0, is_texture=False)
    builder.materials.append({"diffuse": (0.0, 1.0, 0.0)})
    for k in range(2):
        tree = builder.add_object(f"tree-{k}", "SolitaryVegetationObject")
        geometry = builder.add_geometry(tree, "GeometryInstance", -1, lod="2")
        x, grown = 100.0 * (k + 1), k + 1.0
        builder.add_instance(geometry, node, [grown, 0, 0, x, 0, grown, 0, 5, 0, 0, grown, 1, 0, 0, 0, 1])
    return builder.build()


def test_each_instance_gets_polygons_of_its_own_in_its_place() -> None:
    model = two_trees()
    placed = place_instances(model)
    assert (model.n_polygons, placed.n_polygons) == (2, 6)
    assert model.bounds() is None
    assert placed.bounds() == (100.0, 5.0, 1.0, 202.0, 7.0, 5.0)
    assert display_polygons(placed).tolist() == [2, 3, 4, 5]
    assert owner_of_polygons(placed).object_row.tolist() == [-1, -1, 0, 0, 1, 1]
    assert len(triangulate(placed).index) == 6
    assert placed.appearance.polygon.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_model_without_instances_stays_itself() -> None:
    model = CityModelBuilder("test", "").build()
    assert place_instances(model) is model


def test_templates_of_a_real_file_come_to_stand_at_their_points(data: Path) -> None:
    model = cityjson.read(data / "cjio_tests/dummy/dummy.json")
    assert len(model.instances.geometry) > 0
    placed = place_instances(model)
    use = placed.geometries.root[model.instances.geometry]
    assert (use >= 0).all()
    assert np.isfinite(placed.vertices).all()
    assert len(display_polygons(placed)) > len(display_polygons(model))
