"""Scenarios: boxes, removals and heights as patches of columns; the base stays as it is."""

import json

import numpy as np
import pytest

from citymodel.builder import CityModelBuilder
from citymodel.errors import ParameterError
from citymodel.layers import Layer
from citymodel.patch import drop_objects, extent_of, set_height
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight, apply, ground_under, missing

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def box_city(*places, height=10.0):
    """A city layer "town" of 10 m boxes "a", "b", … at the given x."""
    boxes = tuple(
        AddBox(name, name, tuple((x + dx, y) for dx, y in SQUARE), height, 0.0)
        for name, x in zip("abcdef", places, strict=False)
    )
    layer = apply(Scenario("town", "town", boxes), ())[0]
    return Layer("town", "town", "city", layer.data)


def used_heights(model, id):
    return extent_of(model, list(model.objects.ids).index(id))


def test_a_scenario_without_changes_gives_back_the_same_layers():
    layers = (box_city(0),)
    assert apply(Scenario("base", "Base"), layers) is layers


def test_a_box_becomes_a_building_in_a_layer_of_its_own():
    town = box_city(0)
    changed = apply(Scenario("s", "Tower", (AddBox("t", "Tower", SQUARE[::-1], 60.0, 2.0),)), (town,))
    assert changed[0] is town
    model = changed[1].data
    assert changed[1].id == "scenario-s"
    assert model.bounds() == (0, 0, 2, 10, 10, 62)
    assert model.objects.type_of(0) == "Building"
    assert model.n_polygons == 6
    assert model.n_triangles == 12


def test_a_box_is_closed_and_faces_outwards():
    model = box_city(0).data
    volume = 0.0
    for start, end in zip(model.ring_offsets[:-1], model.ring_offsets[1:], strict=True):
        p = model.vertices[model.ring_vertices[start:end]]
        for k in range(1, len(p) - 1):
            volume += np.dot(p[0], np.cross(p[k], p[k + 1])) / 6
    assert volume == pytest.approx(1000.0)


def test_a_removed_object_leaves_with_its_surfaces_polygons_and_vertices():
    town = box_city(0, 10, 40)
    changed = apply(Scenario("s", "s", (RemoveObject("town", "b"),)), (town,))[0].data
    assert [i for i in changed.objects.ids if len(i) == 1] == ["a", "c"]
    assert changed.n_polygons == 12
    assert len(changed.vertices) == 16
    assert used_heights(changed, "c") == (0.0, 10.0)
    assert changed.objects.parent.max() == list(changed.objects.ids).index("c")
    assert town.data.n_polygons == 18


def test_a_neighbour_that_shares_vertices_keeps_its_height():
    town = box_city(0, 10)
    assert len(town.data.vertices) == 12  # the two boxes share a wall's corners
    changed = apply(Scenario("s", "s", (SetHeight("town", "a", 25.0),)), (town,))[0].data
    assert used_heights(changed, "a") == (0.0, 25.0)
    assert used_heights(changed, "b") == (0.0, 10.0)
    assert changed.objects.attributes[0]["measuredHeight"] == 25.0
    assert town.data.objects.attributes[0]["measuredHeight"] == 10.0


def test_parts_are_raised_and_removed_with_their_building():
    b = CityModelBuilder("test", "1")
    whole = b.add_object("whole", "Building")
    for name, top in (("low", 5.0), ("high", 10.0)):
        part = b.add_object(name, "BuildingPart", whole)
        node = b.add_node("MultiSurface")
        for z in (0.0, top):
            b.add_member(node, b.add_polygon([[0, 0, z, 1, 0, z, 1, 1, z]]))
        b.add_geometry(part, "MultiSurface", node, lod="2")
    model = b.build()
    raised = set_height(model, 0, 30.0)
    assert used_heights(raised, "low") == (0.0, 15.0)
    assert used_heights(raised, "high") == (0.0, 30.0)
    empty = drop_objects(model, [0])
    assert (len(empty.objects), len(empty.geometries), len(empty.nodes), len(empty.vertices)) == (0, 0, 0, 0)


def test_the_same_scenario_gives_the_same_patched_layer():
    layers = (box_city(0, 20),)
    scenario = Scenario("s", "s", (SetHeight("town", "a", 12.0), AddBox("n", "n", SQUARE, 5.0)))
    assert apply(scenario, layers)[0] is apply(scenario, layers)[0]
    assert apply(scenario, layers)[1] is apply(scenario, layers)[1]


def test_a_change_to_an_object_that_is_gone_is_listed_and_passed_over():
    layers = (box_city(0),)
    scenario = Scenario("s", "s", (RemoveObject("town", "ghost"), SetHeight("elsewhere", "a", 3.0)))
    assert len(missing(scenario, layers)) == 2
    assert apply(scenario, layers)[0].data.n_polygons == 6


def test_a_scenario_survives_the_project_file():
    scenario = Scenario(
        "s", "Ünion", (AddBox("t", "Tower", SQUARE, 60.5), RemoveObject("town", "a"), SetHeight("town", "b", 7.0))
    )
    assert Scenario.from_dict(json.loads(json.dumps(scenario.to_dict()))) == scenario


@pytest.mark.parametrize("record", [{"id": "s"}, {"id": "s", "name": "s", "changes": [{"kind": "fly"}]}])
def test_a_damaged_record_is_one_plain_error(record):
    with pytest.raises(ParameterError, match="damaged"):
        Scenario.from_dict(record)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AddBox("a", "a", SQUARE, -1.0),
        lambda: AddBox("a", "a", SQUARE[:2], 5.0),
        lambda: AddBox("a", "a", ((0, 0), (1, 1), (1, 0), (0, 1)), 5.0),
        lambda: SetHeight("l", "o", float("nan")),
    ],
)
def test_impossible_changes_are_refused(make):
    with pytest.raises(ParameterError):
        make()


def test_a_box_without_a_base_stands_on_the_ground_it_finds():
    assert ground_under(SQUARE, ()) == 0.0
    b = CityModelBuilder("test", "1")
    b.add_polygon([[0, 0, 3.5, 20, 0, 3.5, 20, 20, 3.5]])
    ground = Layer("g", "g", "city", b.build())
    assert apply(Scenario("s", "s", (AddBox("t", "t", SQUARE, 5.0),)), (ground,))[1].data.bounds()[2] == 3.5
